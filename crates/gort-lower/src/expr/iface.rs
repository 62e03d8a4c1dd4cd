//! Interfaces: making them, converting between them, assertions.
//!
//! An interface is two words: type descriptor (or itab) and data. Types of one pointer lie in the data word
//! directly; others are copied to the heap, or lie in read-only data if they are known; single bytes are in a table.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{BinaryOp, IntCc, Type, Value};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// Whether an interface type has no methods, so that its first word is a type descriptor.
    pub fn is_eface(&self, ty: Ty) -> bool {
        self.cx.store.type_set(ty).methods.is_empty()
    }

    /// Whether values of a type are the data word itself.
    pub fn is_direct(&mut self, ty: Ty) -> bool {
        self.cx.is_direct(ty)
    }

    /// Convert a concrete value to an interface type.
    pub fn make_interface(&mut self, val: Val, from: Ty, to: Ty) -> Val {
        let from = if self.is_basic(from, |k| k.is_untyped()) {
            self.cx.store.default_type(from)
        } else {
            from
        };
        let word = if self.is_eface(to) {
            self.cx.reach_type(from);
            self.type_addr(from)
        } else {
            let symbol = self.cx.itab(from, to);
            self.global_addr(&symbol)
        };
        let data = self.data_word(val, from);
        Val::two(word, data)
    }

    fn data_word(&mut self, val: Val, ty: Ty) -> Value {
        let repr = self.repr(ty);
        if self.is_direct(ty) {
            return match &val {
                Val::S(s) => s[0],
                Val::M(addr) => self.b.load(Type::Ptr, *addr, 0),
            };
        }
        if repr.size == 0 {
            return self.global_addr("runtime.zerobase");
        }
        if let (Val::S(s), 1) = (&val, repr.size) {
            let table = self.global_addr("runtime.staticuint64s");
            let index = self.b.convert(gort_ir::ConvertOp::Zext, Type::I64, s[0]);
            let eight = self.b.iconst(Type::I64, 8);
            let off = self.b.binary(BinaryOp::Imul, index, eight);
            return self.b.binary(BinaryOp::Iadd, table, off);
        }
        if let Some(object) = self.known_object(&val, ty) {
            return object;
        }
        let kind = self.basic(ty);
        let conv = match (repr.size, kind.is_integer()) {
            (2, true) => Some("convT16"),
            (4, true) => Some("convT32"),
            (8, true) => Some("convT64"),
            _ if kind.is_string() => Some("convTstring"),
            _ => None,
        };
        if let Some(name) = conv {
            return self.rt(name, val.scalars())[0];
        }
        let ptr = self.alloc(ty);
        self.store(ty, &val, ptr, 0, true);
        ptr
    }

    /// The type descriptor word of an interface value, nil for nil.
    pub fn dynamic_type(&mut self, val: &Val, ty: Ty) -> Value {
        let word = val.at(0);
        if self.is_eface(ty) {
            return word;
        }
        let result = self.b.var(Type::Ptr);
        self.b.def(result, word);
        let (load, join) = (self.b.block(), self.b.block());
        let nil = self.b.icmp_imm(IntCc::Eq, word, 0);
        self.b.branch(nil, join, load);
        self.b.seal(load);
        self.b.switch_to(load);
        let t = self.b.load(Type::Ptr, word, 8);
        self.b.def(result, t);
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        self.b.use_var(result)
    }

    /// Convert an interface value to another interface type that it satisfies statically.
    pub fn convert_interface(&mut self, val: Val, from: Ty, to: Ty) -> Val {
        let store = self.cx.store;
        if self.is_eface(to) {
            let t = self.dynamic_type(&val, from);
            return Val::two(t, val.at(1));
        }
        // An itab is for an underlying interface type: types that differ in name only share it.
        if store.canon(store.under(from)) == store.canon(store.under(to)) {
            return val;
        }
        // nil stays nil; anything else has the methods, so the lookup succeeds.
        let t = self.dynamic_type(&val, from);
        let tab = self.find_itab(to, t);
        Val::two(tab, val.at(1))
    }

    /// `x.(T)`: the value and, if `comma_ok`, whether the assertion holds. Without it a failure panics.
    pub fn type_assert(
        &mut self,
        e: ExprRef<'a>,
        x: ExprRef<'a>,
        comma_ok: bool,
    ) -> (Val, Option<Value>) {
        let ExprKind::TypeAssert { typ: Some(typ), .. } = unparen(e).kind else {
            self.unsupported(e.pos, "this type assertion");
            return (Val::one(self.b.iconst(Type::I64, 0)), None);
        };
        let to = self.ty(typ);
        let from = self.ty(x);
        let val = self.expr(x);
        self.at(e.op_pos);
        if self.cx.store.is_interface(to) {
            return self.assert_interface(&val, from, to, comma_ok);
        }
        let holds = self.has_type(&val, from, to);
        let (good, bad, join) = (self.b.block(), self.b.cold_block(), self.b.block());
        let place = if comma_ok {
            self.result_place(to)
        } else {
            crate::place::Place::Blank
        };
        self.b.branch(holds, good, bad);
        self.b.seal(good);
        self.b.seal(bad);
        if !comma_ok {
            self.b.switch_to(bad);
            let want = self.type_addr(to);
            let iface = self.type_addr(from);
            let f = if self.is_eface(from) {
                "panicdottypeE"
            } else {
                "panicdottypeI"
            };
            self.rt_noreturn(f, &[val.at(0), want, iface]);
            self.b.switch_to(good);
            self.b.jump(join, &[]);
            self.b.seal(join);
            self.b.switch_to(join);
            return (self.unpack(&val, to), None);
        }
        self.b.switch_to(good);
        let v = self.unpack(&val, to);
        self.assign(&place, to, &v);
        self.b.jump(join, &[]);
        self.b.switch_to(bad);
        let z = self.zero(to);
        self.assign(&place, to, &z);
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        (self.read(&place, to), Some(holds))
    }

    /// A place for a value that different branches provide.
    pub fn result_place(&mut self, ty: Ty) -> crate::place::Place {
        let repr = self.repr(ty);
        match &repr.scalars {
            Some(list) => {
                crate::place::Place::Vars(list.iter().map(|s| self.b.var(s.ty)).collect())
            }
            None => crate::place::Place::Mem {
                addr: self.temp(ty),
                off: 0,
                heap: false,
            },
        }
    }

    fn assert_interface(
        &mut self,
        val: &Val,
        from: Ty,
        to: Ty,
        comma_ok: bool,
    ) -> (Val, Option<Value>) {
        let t = self.dynamic_type(val, from);
        if self.is_eface(to) {
            let ok = self.b.icmp_imm(IntCc::Ne, t, 0);
            if !comma_ok {
                let (bad, good) = (self.b.cold_block(), self.b.block());
                self.b.branch(ok, good, bad);
                self.b.seal(bad);
                self.b.switch_to(bad);
                let want = self.type_addr(to);
                self.rt_noreturn("panicnildottype", &[want]);
                self.b.seal(good);
                self.b.switch_to(good);
            }
            return (Val::two(t, val.at(1)), Some(ok));
        }
        let tab = self.find_itab(to, t);
        let ok = self.b.icmp_imm(IntCc::Ne, tab, 0);
        if !comma_ok {
            let (bad, good) = (self.b.cold_block(), self.b.block());
            self.b.branch(ok, good, bad);
            self.b.seal(bad);
            self.b.switch_to(bad);
            let inter = self.type_addr(to);
            self.rt_noreturn("assertE2I", &[inter, t]);
            self.b.seal(good);
            self.b.switch_to(good);
            return (Val::two(tab, val.at(1)), None);
        }
        let nil = self.b.iconst(Type::Ptr, 0);
        let data = self.b.select(ok, val.at(1), nil);
        (Val::two(tab, data), Some(ok))
    }

    /// The itab of dynamic type `t` for an interface type, nil if it lacks methods.
    pub fn find_itab(&mut self, to: Ty, t: Value) -> Value {
        let under = self.cx.store.under(to);
        let inter = self.type_addr(under);
        self.rt("assertE2I2", &[inter, t])[0]
    }

    /// Whether an interface value holds exactly the concrete type.
    pub fn has_type(&mut self, val: &Val, from: Ty, to: Ty) -> Value {
        let want = if self.is_eface(from) {
            self.type_addr(to)
        } else if !self.cx.implements(to, from) {
            // Possible in instances of generic functions only.
            return self.b.iconst(Type::I8, 0);
        } else {
            let symbol = self.cx.itab_symbol(to, from);
            self.global_addr(&symbol)
        };
        self.b.icmp(IntCc::Eq, val.at(0), want)
    }

    /// The concrete value in an interface that is known to hold type `to`.
    pub fn unpack(&mut self, val: &Val, to: Ty) -> Val {
        let data = val.at(1);
        if self.is_direct(to) {
            let repr = self.repr(to);
            if repr.in_memory() {
                let tmp = self.temp(to);
                self.b.store(data, tmp, 0, false);
                return Val::M(tmp);
            }
            return Val::one(data);
        }
        self.load(to, data, 0)
    }

    /// Whether the type is an untyped or typed integer kind; helper for switches.
    pub fn is_integer(&self, ty: Ty) -> bool {
        matches!(self.under(ty), TyKind::Basic(k) if BasicKind::is_integer(*k))
    }
}
