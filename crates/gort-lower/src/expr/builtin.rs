//! Calls of predeclared functions and of package unsafe.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{BinaryOp, IntCc, Type, Value};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Builtin, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// A call of a built-in function.
    pub fn builtin_call(
        &mut self,
        e: ExprRef<'a>,
        f: Builtin,
        args: &'a [ExprRef<'a>],
        has_dots: bool,
    ) -> Val {
        let ty = self.ty(e);
        if let [single] = args
            && let Some(vals) = self.spread(single)
        {
            self.at(e.op_pos);
            return self.builtin_values(ty, f, vals);
        }
        match f {
            Builtin::Len | Builtin::Cap => self.len_cap(f, args[0]),
            Builtin::Append => self.append(e, args, has_dots),
            Builtin::Copy => self.copy_call(e, args),
            Builtin::Make => self.make_call(e, args),
            Builtin::New => self.new_call(e, args[0]),
            Builtin::Panic => {
                let v = self.expr_as(args[0], Ty::EMPTY_INTERFACE);
                self.at(e.op_pos);
                self.rt_noreturn("gopanic", v.scalars());
                self.no_value()
            }
            Builtin::Recover => {
                let fp = self.function_frame();
                let r = self.rt("gorecover", &[fp]);
                Val::two(r[0], r[1])
            }
            Builtin::Print | Builtin::Println => self.print_call(e, args, f == Builtin::Println),
            Builtin::Close => {
                let c = self.expr(args[0]).scalar();
                self.at(e.op_pos);
                self.rt("closechan", &[c]);
                self.no_value()
            }
            Builtin::Complex => {
                let part = if self.basic(ty) == BasicKind::Complex64 {
                    Ty::FLOAT32
                } else {
                    Ty::FLOAT64
                };
                let re = self.expr_as(args[0], part).scalar();
                let im = self.expr_as(args[1], part).scalar();
                Val::two(re, im)
            }
            Builtin::Real | Builtin::Imag => {
                let v = self.expr(args[0]);
                Val::one(v.at((f == Builtin::Imag) as usize))
            }
            Builtin::Min | Builtin::Max => self.min_max(ty, f == Builtin::Min, args),
            Builtin::Clear => self.clear_call(e, args[0]),
            Builtin::Delete => {
                let map_ty = self.ty(args[0]);
                let map = self.expr(args[0]).scalar();
                let TyKind::Map { key, .. } = self.under(map_ty) else {
                    unreachable!("checked")
                };
                let k = self.expr_as(args[1], *key);
                self.at(e.op_pos);
                self.map_delete(map_ty, map, &k);
                self.no_value()
            }
            _ => self.unsafe_call(e, f, args),
        }
    }

    /// A built-in function on the several results of one call, or on arguments that a deferred call has kept.
    pub fn builtin_values(&mut self, ty: Ty, f: Builtin, vals: Vec<(Val, Ty)>) -> Val {
        let (first, first_ty) = vals[0].clone();
        match f {
            Builtin::Append => {
                let TyKind::Slice(elem) = self.under(ty) else {
                    unreachable!("append gives a slice")
                };
                let rest: Vec<Val> = vals[1..]
                    .iter()
                    .map(|(v, from)| self.convert_assign(v.clone(), *from, *elem))
                    .collect();
                self.append_values(&first, *elem, &rest)
            }
            Builtin::Copy => Val::one(self.copy_values(first_ty, &first, &vals[1].0)),
            Builtin::Delete => {
                let TyKind::Map { key, .. } = self.under(first_ty) else {
                    unreachable!("checked")
                };
                let k = self.convert_assign(vals[1].0.clone(), vals[1].1, *key);
                self.map_delete(first_ty, first.scalar(), &k);
                self.no_value()
            }
            Builtin::Complex => Val::two(first.scalar(), vals[1].0.scalar()),
            Builtin::Min | Builtin::Max => {
                let vals = vals.into_iter().map(|v| v.0).collect();
                self.least(ty, f == Builtin::Min, vals)
            }
            Builtin::Print | Builtin::Println => {
                self.print_values(vals, f == Builtin::Println);
                self.no_value()
            }
            Builtin::Panic => {
                self.rt_noreturn("gopanic", first.scalars());
                self.no_value()
            }
            Builtin::Close => {
                self.rt("closechan", first.scalars());
                self.no_value()
            }
            Builtin::Clear => {
                self.clear_value(first_ty, &first);
                self.no_value()
            }
            Builtin::Add | Builtin::Slice | Builtin::String => {
                let (n, unsigned) = (vals[1].0.scalar(), self.is_unsigned(vals[1].1));
                let n = self.widen(n, unsigned);
                self.unsafe_values(ty, f, first.scalar(), n)
            }
            _ => unreachable!("{} takes one argument", f.name()),
        }
    }

    /// The value of an expression without one.
    pub fn no_value(&self) -> Val {
        Val::S(Default::default())
    }

    fn len_cap(&mut self, f: Builtin, x: ExprRef<'a>) -> Val {
        let ty = self.ty(x);
        if f == Builtin::Len
            && let Some(n) = self.length_of_copy(x)
        {
            return n;
        }
        match self.under(ty) {
            TyKind::Basic(_) => Val::one(self.expr(x).at(1)),
            TyKind::Slice(_) => Val::one(self.expr(x).at(if f == Builtin::Len { 1 } else { 2 })),
            TyKind::Chan { .. } => {
                let c = self.expr(x).scalar();
                self.at(x.op_pos);
                Val::one(
                    self.rt(
                        if f == Builtin::Len {
                            "chanlen"
                        } else {
                            "chancap"
                        },
                        &[c],
                    )[0],
                )
            }
            TyKind::Array { len, .. } => {
                self.expr(x);
                Val::one(self.b.iconst(Type::I64, *len))
            }
            TyKind::Pointer(p) => {
                let TyKind::Array { len, .. } = self.under(*p) else {
                    unreachable!("checked")
                };
                self.expr(x);
                Val::one(self.b.iconst(Type::I64, *len))
            }
            _ => {
                let m = self.expr(x).scalar();
                Val::one(self.map_len(m))
            }
        }
    }

    fn copy_call(&mut self, e: ExprRef<'a>, args: &[ExprRef<'a>]) -> Val {
        let dst_ty = self.ty(args[0]);
        let dst = self.expr(args[0]);
        let src = self.expr(args[1]);
        self.at(e.op_pos);
        Val::one(self.copy_values(dst_ty, &dst, &src))
    }

    /// Copy the elements of a slice or string to a slice; how many.
    pub fn copy_values(&mut self, dst_ty: Ty, dst: &Val, src: &Val) -> Value {
        let TyKind::Slice(elem) = self.under(dst_ty) else {
            unreachable!("checked")
        };
        let less = self.b.icmp(IntCc::Slt, src.at(1), dst.at(1));
        let n = self.b.select(less, src.at(1), dst.at(1));
        let size = self.repr(*elem).size as i64;
        let size = self.b.iconst(Type::I64, size);
        let bytes = self.b.binary(BinaryOp::Imul, n, size);
        self.move_elements(*elem, dst.at(0), src.at(0), bytes);
        n
    }

    /// Copy elements to an array that may be in the heap; the areas may overlap.
    pub fn move_elements(&mut self, elem: Ty, dst: Value, src: Value, bytes: Value) {
        let native = match self.repr(elem).pointers {
            true => "memmoveHasPointers",
            false => "memmove",
        };
        self.rt(native, &[dst, src, bytes]);
    }

    /// Clear elements of an array that may be in the heap.
    pub fn clear_elements(&mut self, elem: Ty, addr: Value, bytes: Value) {
        let native = match self.repr(elem).pointers {
            true => "memclrHasPointers",
            false => "memclrNoHeapPointers",
        };
        self.rt(native, &[addr, bytes]);
    }

    fn make_call(&mut self, e: ExprRef<'a>, args: &[ExprRef<'a>]) -> Val {
        let ty = self.ty(e);
        let size = |f: &mut Self, i: usize| args.get(i).map(|&a| f.make_size(a));
        match self.under(ty) {
            TyKind::Slice(elem) => {
                let len = size(self, 1).expect("make of a slice has a length");
                let cap = size(self, 2).unwrap_or(len);
                self.at(e.op_pos);
                let et = self.type_addr(*elem);
                let ptr = self.rt("makeslice", &[et, len, cap])[0];
                let (n, whole) = (self.length(len), len == cap);
                let cap = if whole { n } else { self.length(cap) };
                Val::three(ptr, n, cap)
            }
            TyKind::Chan { .. } => {
                let n = size(self, 1).unwrap_or_else(|| self.b.iconst(Type::I64, 0));
                self.at(e.op_pos);
                let under = self.cx.store.under(ty);
                let t = self.type_addr(under);
                Val::one(self.rt("makechan", &[t, n])[0])
            }
            _ => {
                let hint = size(self, 1);
                self.at(e.op_pos);
                Val::one(self.make_map(ty, hint))
            }
        }
    }

    /// A size argument of make as I64; a huge unsigned one becomes negative, which make refuses.
    pub fn make_size(&mut self, e: ExprRef<'a>) -> Value {
        if let Some(n) = self
            .info()
            .value(unparen(e).id)
            .and_then(|v| v.to_int().to_i64())
        {
            return self.b.iconst(Type::I64, n);
        }
        self.index_value(e).0
    }

    fn new_call(&mut self, e: ExprRef<'a>, arg: ExprRef<'a>) -> Val {
        let ty = self.ty(e);
        let TyKind::Pointer(elem) = self.under(ty) else {
            unreachable!("new gives a pointer")
        };
        let elem = *elem;
        if self.mode(unparen(arg)) == gort_types::Mode::Type {
            self.at(e.op_pos);
            return Val::one(self.alloc(elem));
        }
        let v = self.expr_as(arg, elem);
        let ptr = self.alloc(elem);
        self.store(elem, &v, ptr, 0, true);
        Val::one(ptr)
    }

    fn clear_call(&mut self, e: ExprRef<'a>, x: ExprRef<'a>) -> Val {
        let ty = self.ty(x);
        let v = self.expr(x);
        self.at(e.op_pos);
        self.clear_value(ty, &v);
        self.no_value()
    }

    /// Clear a slice's elements or a map.
    pub fn clear_value(&mut self, ty: Ty, v: &Val) {
        if let TyKind::Slice(elem) = self.under(ty) {
            let size = self.repr(*elem).size as i64;
            let size = self.b.iconst(Type::I64, size);
            let n = self.b.binary(BinaryOp::Imul, v.at(1), size);
            self.clear_elements(*elem, v.at(0), n);
        } else {
            let t = self.map_type(ty);
            self.map_rt("runtime.mapclear", &[t, v.scalar()]);
        }
    }

    fn min_max(&mut self, ty: Ty, min: bool, args: &[ExprRef<'a>]) -> Val {
        let mut best = self.expr_as(args[0], ty);
        for &arg in &args[1..] {
            let v = self.expr_as(arg, ty);
            best = self.lesser(ty, min, best, v);
        }
        best
    }

    fn least(&mut self, ty: Ty, min: bool, vals: Vec<Val>) -> Val {
        let both = |f: &mut Self, a, b| f.lesser(ty, min, a, b);
        let least = vals.into_iter().reduce(|a, b| both(self, a, b));
        least.expect("at least one argument")
    }

    /// The lesser of two values, or the greater; `best` comes first where neither is.
    fn lesser(&mut self, ty: Ty, min: bool, best: Val, v: Val) -> Val {
        let kind = self.basic(ty);
        if kind.is_float() {
            let op = if min { BinaryOp::Fmin } else { BinaryOp::Fmax };
            Val::one(self.b.binary(op, best.scalar(), v.scalar()))
        } else if kind.is_string() {
            let c = self.rt("cmpstring", &[v.at(0), v.at(1), best.at(0), best.at(1)])[0];
            let take = self
                .b
                .icmp_imm(if min { IntCc::Slt } else { IntCc::Sgt }, c, 0);
            Val::two(
                self.b.select(take, v.at(0), best.at(0)),
                self.b.select(take, v.at(1), best.at(1)),
            )
        } else {
            let cc = match (min, kind.is_unsigned()) {
                (true, false) => IntCc::Slt,
                (true, true) => IntCc::Ult,
                (false, false) => IntCc::Sgt,
                (false, true) => IntCc::Ugt,
            };
            let take = self.b.icmp(cc, v.scalar(), best.scalar());
            Val::one(self.b.select(take, v.scalar(), best.scalar()))
        }
    }

    fn print_call(&mut self, e: ExprRef<'a>, args: &[ExprRef<'a>], newline: bool) -> Val {
        let vals = args.iter().map(|&a| self.print_arg(a)).collect();
        self.at(e.op_pos);
        self.print_values(vals, newline);
        self.no_value()
    }

    /// An argument of print with the type it is printed as.
    pub fn print_arg(&mut self, a: ExprRef<'a>) -> (Val, Ty) {
        let mut ty = self.ty(a);
        if self.is_basic(ty, |k| k == BasicKind::UntypedNil) {
            ty = Ty::UNSAFE_POINTER;
        } else if self.is_basic(ty, |k| k.is_untyped()) {
            ty = self.cx.store.default_type(ty);
        }
        let v = self.expr_as(a, ty);
        (self.snapshot(ty, v), ty)
    }

    /// Print values as `print` or `println` does.
    pub fn print_values(&mut self, vals: Vec<(Val, Ty)>, newline: bool) {
        self.rt("printlock", &[]);
        for (i, (v, ty)) in vals.into_iter().enumerate() {
            if newline && i > 0 {
                self.rt("printsp", &[]);
            }
            self.print_one(v, ty);
        }
        if newline {
            self.rt("printnl", &[]);
        }
        self.rt("printunlock", &[]);
    }

    fn print_one(&mut self, v: Val, ty: Ty) {
        let name = match self.under(ty) {
            TyKind::Basic(k) => match k {
                BasicKind::Bool => "printbool",
                BasicKind::Float32 => "printfloat32",
                BasicKind::Float64 => "printfloat",
                BasicKind::Complex64 => "printcomplex64",
                BasicKind::Complex128 => "printcomplex",
                BasicKind::String => "printstring",
                BasicKind::UnsafePointer => "printpointer",
                BasicKind::Uintptr => "printuintptr",
                k if k.is_unsigned() => {
                    let w = self.widen(v.scalar(), true);
                    self.rt("printuint", &[w]);
                    return;
                }
                _ => {
                    let w = self.widen(v.scalar(), false);
                    self.rt("printint", &[w]);
                    return;
                }
            },
            TyKind::Slice(_) => "printslice",
            TyKind::Interface(_) if self.is_eface(ty) => "printeface",
            TyKind::Interface(_) => "printiface",
            _ => "printpointer",
        };
        self.rt(name, v.scalars());
    }

    fn unsafe_call(&mut self, e: ExprRef<'a>, f: Builtin, args: &[ExprRef<'a>]) -> Val {
        match f {
            Builtin::Add | Builtin::Slice | Builtin::String => {
                let p = self.expr(args[0]).scalar();
                let (n, _) = self.index_value(args[1]);
                self.at(e.op_pos);
                let ty = self.ty(e);
                self.unsafe_values(ty, f, p, n)
            }
            Builtin::SliceData | Builtin::StringData => Val::one(self.expr(args[0]).at(0)),
            _ => Val::one(self.unsafe_constant(e, f, args[0])),
        }
    }

    /// `unsafe.Add`, `unsafe.Slice` and `unsafe.String`
    fn unsafe_values(&mut self, ty: Ty, f: Builtin, p: Value, n: Value) -> Val {
        match f {
            Builtin::Add => Val::one(self.b.binary(BinaryOp::Iadd, p, n)),
            Builtin::String => {
                self.rt("unsafestringcheck", &[p, n]);
                let n = self.length(n);
                Val::two(p, n)
            }
            _ => {
                let TyKind::Slice(elem) = self.under(ty) else {
                    unreachable!("checked")
                };
                let size = self.repr(*elem).size as i64;
                let size = self.b.iconst(Type::I64, size);
                self.rt("unsafeslicecheck", &[size, p, n]);
                let n = self.length(n);
                Val::three(p, n, n)
            }
        }
    }

    /// Sizeof, Alignof and Offsetof where a type parameter keeps them from being constants.
    fn unsafe_constant(&mut self, e: ExprRef<'a>, f: Builtin, x: ExprRef<'a>) -> Value {
        let store = self.cx.store;
        let ty = self.ty(x);
        let n = match (f, unparen(x).kind) {
            (Builtin::Sizeof, _) => store.size_of(ty),
            (Builtin::Alignof, _) => store.align_of(ty),
            (Builtin::Offsetof, ExprKind::Selector { x: base, .. }) => {
                let path = self
                    .info()
                    .selection(unparen(x).id)
                    .map(|s| s.index.to_vec())
                    .unwrap_or_default();
                let mut ty = self.ty(base);
                ty = store.deref(ty).unwrap_or(ty);
                let mut off = 0;
                for i in path {
                    let TyKind::Struct(s) = self.under(ty) else {
                        break;
                    };
                    off += store.offsets_of(s)[i as usize];
                    ty = s.fields[i as usize].ty;
                }
                off
            }
            _ => {
                self.unsupported(e.pos, f.name());
                0
            }
        };
        self.b.iconst(Type::I64, n)
    }
}
