//! `map[K]V{…}`. Entries are assigned one by one; many of them that are known at build time lie in two tables of the
//! executable, one of keys and one of values, and a loop goes over them, as with official Go's compiler (which does so from as many
//! on). Assigned one by one, html's table of entities was 72 kB of code.

use crate::func::FuncLower;
use crate::place::{MapElem, Place};
use crate::value::Val;
use gort_ir::{IntCc, Type, Value};
use gort_syntax::ast::*;
use gort_types::Ty;

/// So many entries are worth a loop.
const MANY: usize = 26;

/// Key and value.
type Entry<'a> = (ExprRef<'a>, ExprRef<'a>);

impl<'a> FuncLower<'_, 'a> {
    /// `map[K]V{…}`
    pub fn map_literal(&mut self, ty: Ty, elems: &'a [ExprRef<'a>]) -> Val {
        let (key, elem) = self.key_elem(ty);
        let hint = (elems.len() > 8).then(|| self.b.iconst(Type::I64, elems.len() as i64));
        let map = self.make_map(ty, hint);
        let entries = elems.iter().filter_map(|e| match e.kind {
            ExprKind::KeyValue { key, value } => Some((key, value)),
            _ => None,
        });
        let mut entries: Vec<Entry<'a>> = entries.collect();
        // In generic code types are those of the instance.
        if entries.len() >= MANY && !self.env.is_generic() {
            let (cx, unit) = (&self.cx, self.unit);
            let known =
                |&&(k, v): &&Entry<'a>| cx.is_plain(unit, k, key) && cx.is_plain(unit, v, elem);
            let (known, rest): (Vec<_>, Vec<_>) = entries.iter().partition(known);
            if known.len() >= MANY {
                entries = rest;
                self.assign_known(ty, map, &known);
            }
        }
        for (k, v) in entries {
            let k = self.expr_as(k, key);
            let k = self.snapshot(key, k);
            let v = self.expr_as(v, elem);
            let place = Place::Map(Box::new(MapElem { ty, map, key: k }));
            self.assign(&place, elem, &v);
        }
        Val::one(map)
    }

    fn assign_known(&mut self, ty: Ty, map: Value, entries: &[Entry<'a>]) {
        let (key, elem) = self.key_elem(ty);
        let (keys, values): (Vec<_>, Vec<_>) = entries.iter().copied().unzip();
        let name = format!("{}..stmp", self.stem);
        let keys = self.cx.table(self.unit, &name, &keys, key);
        let values = self.cx.table(self.unit, &name, &values, elem);
        let (keys, values) = (self.global_addr(&keys), self.global_addr(&values));
        let n = self.b.iconst(Type::I64, entries.len() as i64);
        let zero = self.b.iconst(Type::I64, 0);
        let i = self.ssa(zero);
        let (head, end) = (self.b.block(), self.b.block());
        self.b.jump(head, &[]);
        self.b.switch_to(head);
        let now = self.b.use_var(i);
        let at = |f: &mut Self, base, ty: Ty| {
            let size = f.repr(ty).size as i64;
            let size = f.b.iconst(Type::I64, size);
            let off = f.b.binary(gort_ir::BinaryOp::Imul, now, size);
            f.b.binary(gort_ir::BinaryOp::Iadd, base, off)
        };
        let k = at(self, keys, key);
        let k = self.load(key, k, 0);
        let v = at(self, values, elem);
        let v = self.load(elem, v, 0);
        let place = Place::Map(Box::new(MapElem { ty, map, key: k }));
        self.assign(&place, elem, &v);
        let next = self.b.add_imm(now, 1);
        self.b.def(i, next);
        let more = self.b.icmp(IntCc::Ult, next, n);
        self.b.branch(more, head, end);
        self.b.seal(head);
        self.enter(end);
    }
}
