//! Maps: every operation is a call of upstream's internal/runtime/maps, or of the overlay's glue to it.
//!
//! The variants for keys of 4 and 8 plain bytes and for strings take the key in registers.

use crate::func::FuncLower;
use crate::place::MapElem;
use crate::value::Val;
use gort_ir::{Callee, IntCc, Results, Type, Value};
use gort_syntax::ast::*;
use gort_types::{Ty, TyKind};

/// Elements above this size have no fast variants.
const MAX_FAST_ELEM: u64 = 128;
/// The shared zero value that lookups of missing keys give.
const ZERO_VAL: u64 = 1024;

/// How a key is passed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fast {
    No,
    B32,
    B64,
    Ptr64,
    Str,
}

impl Fast {
    /// The ending of the functions' names.
    fn suffix(self, assign: bool) -> &'static str {
        match self {
            Fast::No => "",
            Fast::B32 => "_fast32",
            Fast::Ptr64 if assign => "_fast64ptr",
            Fast::B64 | Fast::Ptr64 => "_fast64",
            Fast::Str => "_faststr",
        }
    }
}

impl<'a> FuncLower<'_, 'a> {
    pub fn key_elem(&self, map: Ty) -> (Ty, Ty) {
        match self.under(map) {
            TyKind::Map { key, elem } => (*key, *elem),
            _ => unreachable!("a map type"),
        }
    }

    fn fast(&mut self, map: Ty) -> Fast {
        let (key, elem) = self.key_elem(map);
        if self.repr(elem).size > MAX_FAST_ELEM {
            return Fast::No;
        }
        let repr = self.repr(key);
        match self.under(key) {
            TyKind::Basic(k) if k.is_string() => Fast::Str,
            _ if repr.in_memory() || repr.types().len() != 1 || !self.cx.is_plain_memory(key) => {
                Fast::No
            }
            _ => match (repr.size, repr.pointers) {
                (4, _) => Fast::B32,
                (8, false) => Fast::B64,
                (8, true) => Fast::Ptr64,
                _ => Fast::No,
            },
        }
    }

    /// The descriptor of the map type itself (not of a type defined as it).
    pub fn map_type(&mut self, map: Ty) -> Value {
        let under = self.cx.store.under(map);
        self.type_addr(under)
    }

    /// Call one of the map functions, which packages give runtime's names by linkname.
    pub fn map_rt(&mut self, symbol: &str, args: &[Value]) -> Results {
        let Some(obj) = self.cx.pushed(symbol) else {
            self.unsupported(gort_syntax::Pos::NONE, &format!("maps without {symbol}"));
            return Results::from([self.b.iconst(Type::Ptr, 0); 2]);
        };
        let (symbol, _) = self.cx.need_func(obj, &[]);
        let conv = self.cx.conv(self.cx.store.obj(obj).ty());
        let sym = self.sym(&symbol);
        self.b
            .call(Callee::Direct(sym), args, &conv.register_results())
    }

    /// The arguments for a key: itself, or its address.
    fn key_args(&mut self, map: Ty, fast: Fast, key: &Val) -> Vec<Value> {
        let (key_ty, _) = self.key_elem(map);
        match fast {
            Fast::No => vec![self.spill(key_ty, key)],
            Fast::Ptr64 => key.scalars().to_vec(),
            Fast::B64 => {
                let v = key.scalar();
                vec![if self.b.func.ty(v) == Type::Ptr {
                    self.b.convert(gort_ir::ConvertOp::Bitcast, Type::I64, v)
                } else {
                    v
                }]
            }
            Fast::B32 | Fast::Str => key.scalars().to_vec(),
        }
    }

    /// For lookups a pointer key is passed as an integer.
    fn lookup_args(&mut self, map: Ty, fast: Fast, key: &Val) -> Vec<Value> {
        let args = self.key_args(map, fast, key);
        match fast {
            Fast::Ptr64 => vec![
                self.b
                    .convert(gort_ir::ConvertOp::Bitcast, Type::I64, args[0]),
            ],
            _ => args,
        }
    }

    /// `m[key]`: the zero value if it is missing.
    pub fn map_read(&mut self, m: &MapElem) -> Val {
        let (_, elem) = self.key_elem(m.ty);
        let fast = self.fast(m.ty);
        let t = self.map_type(m.ty);
        let mut args = vec![t, m.map];
        args.extend(self.lookup_args(m.ty, fast, &m.key));
        let ptr = if self.repr(elem).size > ZERO_VAL {
            let zero = self.zero(elem);
            args.push(self.spill(elem, &zero));
            self.map_rt("runtime.mapaccess1_fat", &args)[0]
        } else {
            self.map_rt(&format!("runtime.mapaccess1{}", fast.suffix(false)), &args)[0]
        };
        let v = self.load(elem, ptr, 0);
        self.snapshot(elem, v)
    }

    /// `v, ok := m[key]`
    pub fn map_lookup(
        &mut self,
        e: ExprRef<'a>,
        x: ExprRef<'a>,
        index: ExprRef<'a>,
    ) -> (Val, Value, Ty) {
        let ty = self.ty(x);
        let (key_ty, elem) = self.key_elem(ty);
        let map = self.expr(x).scalar();
        let key = self.lookup_key(index, key_ty);
        self.at(e.op_pos);
        let fast = self.fast(ty);
        let t = self.map_type(ty);
        let mut args = vec![t, map];
        args.extend(self.lookup_args(ty, fast, &key));
        let r = if self.repr(elem).size > ZERO_VAL {
            let zero = self.zero(elem);
            args.push(self.spill(elem, &zero));
            self.map_rt("runtime.mapaccess2_fat", &args)
        } else {
            self.map_rt(&format!("runtime.mapaccess2{}", fast.suffix(false)), &args)
        };
        let v = self.load(elem, r[0], 0);
        let v = self.snapshot(elem, v);
        (v, r[1], elem)
    }

    /// `m[key] = val`
    pub fn map_write(&mut self, m: &MapElem, elem: Ty, val: &Val) {
        let ptr = self.map_slot(m);
        self.store(elem, val, ptr, 0, true);
    }

    /// Where the element of a key is, made if it was not there. It stays until the map is used again.
    pub fn map_slot(&mut self, m: &MapElem) -> Value {
        let fast = self.fast(m.ty);
        let t = self.map_type(m.ty);
        let mut args = vec![t, m.map];
        args.extend(self.key_args(m.ty, fast, &m.key));
        self.map_rt(&format!("runtime.mapassign{}", fast.suffix(true)), &args)[0]
    }

    /// `delete(m, key)`
    pub fn map_delete(&mut self, ty: Ty, map: Value, key: &Val) {
        let fast = self.fast(ty);
        let t = self.map_type(ty);
        let mut args = vec![t, map];
        args.extend(self.lookup_args(ty, fast, key));
        self.map_rt(&format!("runtime.mapdelete{}", fast.suffix(false)), &args);
    }

    /// `len(m)`: the first word of a map that is not nil.
    pub fn map_len(&mut self, map: Value) -> Value {
        let zero = self.b.iconst(Type::I64, 0);
        let result = self.ssa(zero);
        let (load, join) = (self.b.block(), self.b.block());
        let nil = self.b.icmp_imm(IntCc::Eq, map, 0);
        self.b.branch(nil, join, load);
        self.enter(load);
        let n = self.b.load(Type::I64, map, 0);
        self.b.def(result, n);
        self.b.jump(join, &[]);
        self.enter(join);
        self.b.use_var(result)
    }

    /// `make(map[K]V, hint)`
    pub fn make_map(&mut self, ty: Ty, hint: Option<Value>) -> Value {
        let t = self.map_type(ty);
        // Up to a group of slots: its size is in the type's description, for maps that stay in a frame.
        let small = |n| matches!(self.b.func.constant(n), Some(0..=8));
        match hint.filter(|&n| !small(n)) {
            None => self.map_rt("runtime.makemap_small", &[t])[0],
            Some(n) => {
                let nil = self.b.iconst(Type::Ptr, 0);
                self.map_rt("runtime.makemap", &[t, n, nil])[0]
            }
        }
    }

    /// A started iterator; its first two words are the addresses of key and element, nil at the end.
    pub fn map_iter(&mut self, ty: Ty, map: Value) -> Value {
        const ITER_SIZE: u32 = 96;
        let slot = self.b.func.add_slot(ITER_SIZE, 8);
        let iter = self.b.slot_addr(slot, 0);
        self.b.emit(
            gort_ir::InstData::Clear {
                dst: iter,
                size: ITER_SIZE,
                typ: None,
            },
            &[],
        );
        let t = self.map_type(ty);
        self.map_rt("runtime.mapIterStart", &[t, map, iter]);
        iter
    }
}
