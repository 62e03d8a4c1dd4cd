//! Hash functions of map keys: (closure pointer, address, seed) -> hash.

use crate::func::FuncLower;
use crate::place::Place;
use crate::program::Cx;
use gort_ir::{IntCc, Type, Value};
use gort_types::{BasicKind, Ty, TyKind};

impl<'a> Cx<'a> {
    /// The symbol of the closure object of a type's hash function.
    pub fn hash_closure(&mut self, ty: Ty) -> String {
        let symbol = format!("type:.hash.{}", self.type_name(ty));
        let unit = self.type_unit(ty);
        self.need_made(unit, &symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(cx, unit, symbol, vec![Type::I64], gort_syntax::Pos::NONE);
            f.mark_wrapper();
            f.b.param(Type::Ptr);
            let p = f.b.param(Type::Ptr);
            let seed = f.b.param(Type::I64);
            let h = f.hash(ty, p, seed);
            f.b.ret(&[h]);
            f.finish();
        });
        self.code_word(unit, &symbol)
    }
}

impl FuncLower<'_, '_> {
    /// The hash of the value at `p`.
    fn hash(&mut self, ty: Ty, p: Value, seed: Value) -> Value {
        let size = self.repr(ty).size;
        if size == 0 {
            return seed;
        }
        if self.cx.is_plain_memory(ty) {
            let n = self.b.iconst(Type::I64, size as i64);
            return self.map_rt("runtime.memhash", &[p, seed, n])[0];
        }
        match self.under(ty) {
            TyKind::Basic(k) => {
                let f = match k {
                    BasicKind::Float32 => "runtime.f32hash",
                    BasicKind::Float64 => "runtime.f64hash",
                    BasicKind::Complex64 => "runtime.c64hash",
                    BasicKind::Complex128 => "runtime.c128hash",
                    _ => "runtime.strhash",
                };
                self.map_rt(f, &[p, seed])[0]
            }
            TyKind::Interface(_) => {
                let f = if self.is_eface(ty) {
                    "runtime.nilinterhash"
                } else {
                    "runtime.interhash"
                };
                self.map_rt(f, &[p, seed])[0]
            }
            TyKind::Struct(s) => {
                let mut h = seed;
                for (i, field) in s.fields.iter().enumerate() {
                    if field.name.is_blank() {
                        continue;
                    }
                    let (place, ty) = self.field(
                        Place::Mem {
                            addr: p,
                            off: 0,
                            heap: true,
                        },
                        ty,
                        i,
                    );
                    let addr = self.address(&place, ty);
                    h = self.hash(ty, addr, h);
                }
                h
            }
            TyKind::Array { elem, len } => self.hash_array(*elem, *len, p, seed),
            _ => seed,
        }
    }

    fn hash_array(&mut self, elem: Ty, len: i64, p: Value, seed: Value) -> Value {
        // The loop looks at one element before it counts.
        if len == 0 {
            return seed;
        }
        let size = self.repr(elem).size as i64;
        let (head, done) = (self.b.block(), self.b.block());
        let zero = self.b.iconst(Type::I64, 0);
        let (i, h) = (self.ssa(zero), self.ssa(seed));
        self.b.jump(head, &[]);
        self.b.switch_to(head);
        let now = self.b.use_var(i);
        let addr = self.element_addr(p, size, now);
        let so_far = self.b.use_var(h);
        let next_hash = self.hash(elem, addr, so_far);
        self.b.def(h, next_hash);
        let now = self.b.use_var(i);
        let next = self.b.add_imm(now, 1);
        self.b.def(i, next);
        let more = self.b.icmp_imm(IntCc::Slt, next, len);
        self.b.branch(more, head, done);
        self.b.seal(head);
        self.enter(done);
        self.b.use_var(h)
    }
}
