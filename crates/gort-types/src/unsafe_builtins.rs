//! The functions of package unsafe.

use crate::builtins::BuiltinCall;
use crate::check::Checker;
use crate::constant::Value;
use crate::exprstring::{expr_string, start_pos, unparen};
use crate::info::{Mode, Selection, SelectionKind};
use crate::lookup::{Found, Lookup};
use crate::object::Builtin;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    pub(crate) fn unsafe_builtin(&mut self, x: &mut Operand<'a>, b: BuiltinCall<'a>) -> bool {
        match b.id {
            Builtin::Add => self.u_add(x, b),
            Builtin::Alignof | Builtin::Sizeof => self.u_sizeof(x, &b),
            Builtin::Offsetof => self.u_offsetof(x, &b),
            Builtin::Slice | Builtin::String => self.u_slice(x, b),
            Builtin::SliceData | Builtin::StringData => self.u_data(x, &b),
            _ => false,
        }
    }

    fn u_version(&mut self, b: &BuiltinCall<'a>, minor: u32) {
        let name = b.id.full_name();
        self.verify_version(start_pos(b.fun), minor, |_| name);
    }

    fn u_add(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        self.u_version(&b, 17);
        self.assignment(x, Some(Ty::UNSAFE_POINTER), "argument to unsafe.Add");
        if !x.is_valid() {
            return false;
        }
        let y = &mut b.args[1];
        if !self.is_valid_index(y, "InvalidUnsafeAdd", "length", true) {
            return false;
        }
        let yt = y.ty;
        x.mode = Mode::Value;
        x.ty = Ty::UNSAFE_POINTER;
        self.record_builtin(&b, Some(x.ty), &[x.ty, yt]);
        true
    }

    fn u_sizeof(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let context = format!("argument to {}", b.id.full_name());
        self.assignment(x, None, &context);
        if !x.is_valid() {
            return false;
        }
        if self.has_var_size(x.ty) {
            x.mode = Mode::Value;
            self.record_builtin(b, Some(Ty::UINTPTR), &[x.ty]);
        } else {
            let layout = self.store.layout(x.ty);
            let n = if b.id == Builtin::Sizeof {
                layout.size
            } else {
                layout.align
            };
            if n < 0 {
                let msg = format!("{} is too large", self.op_string(x));
                self.error(x.pos(), "TypeTooLarge", msg);
                return false;
            }
            x.mode = Mode::Const;
            x.val = Value::Int(n);
        }
        x.ty = Ty::UINTPTR;
        true
    }

    fn u_offsetof(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let s = self.store;
        let arg0 = b.list[0];
        let selx = unparen(arg0);
        let ExprKind::Selector { x: base, sel } = selx.kind else {
            let msg = format!(
                "invalid argument: {} is not a selector expression",
                expr_string(arg0)
            );
            self.error(start_pos(arg0), "BadOffsetofSyntax", msg);
            self.use_exprs(&[arg0]);
            return false;
        };
        self.expr(None, x, base);
        if !x.is_valid() {
            return false;
        }
        let ty = match s.under_kind(x.ty) {
            TyKind::Pointer(p) if matches!(s.under_kind(*p), TyKind::Struct(_)) => *p,
            _ => x.ty,
        };
        let f = match s.lookup(ty, false, Some(self.pkg), sel.name, false) {
            Lookup::Field(f) => f,
            Lookup::Method(_) => {
                let msg = format!("invalid argument: {} is a method value", expr_string(arg0));
                self.error(start_pos(arg0), "InvalidOffsetof", msg);
                return false;
            }
            _ => {
                let msg = format!(
                    "invalid argument: {} has no single field {}",
                    self.ts(ty),
                    sel.name
                );
                self.error(x.pos(), "MissingFieldOrMethod", msg);
                return false;
            }
        };
        if f.indirect {
            let msg = format!(
                "invalid argument: field {} is embedded via a pointer in {}",
                sel.name,
                self.ts(ty)
            );
            self.error(x.pos(), "InvalidOffsetof", msg);
            return false;
        }
        self.record_offsetof(selx, sel, x, ty, &f);
        if self.has_var_size(ty) {
            x.mode = Mode::Value;
            self.record_builtin(b, Some(Ty::UINTPTR), &[f.ty]);
        } else {
            let Some(offset) = self.offset_of(ty, &f.index) else {
                let msg = format!("{} is too large", self.op_string(x));
                self.error(x.pos(), "TypeTooLarge", msg);
                return false;
            };
            x.mode = Mode::Const;
            x.val = Value::Int(offset);
        }
        x.ty = Ty::UINTPTR;
        true
    }

    fn record_offsetof(
        &mut self,
        selx: ExprRef<'a>,
        sel: Ident,
        x: &Operand<'a>,
        recv: Ty,
        f: &Found,
    ) {
        self.info.record_obj(sel.id, f.obj, false);
        let index = f.index.as_slice().into();
        let kind = SelectionKind::FieldVal;
        let s = Selection {
            kind,
            recv,
            obj: f.obj,
            index,
            indirect: false,
            ty: f.ty,
        };
        self.info.record_selection(selx.id, s);
        let mode = if x.mode == Mode::Variable {
            Mode::Variable
        } else {
            Mode::Value
        };
        self.info.record(selx.id, mode, f.ty, None);
    }

    /// The offset of a field along a path.
    fn offset_of(&self, ty: Ty, index: &[u32]) -> Option<i64> {
        let s = self.store;
        let mut ty = ty;
        let mut offset = 0i64;
        for &i in index {
            let TyKind::Struct(st) = s.under_kind(ty) else {
                return None;
            };
            let o = *s.offsets_of(st).get(i as usize)?;
            if o < 0 {
                return None;
            }
            offset = offset.checked_add(o)?;
            ty = st.fields[i as usize].ty;
        }
        Some(offset)
    }

    fn u_slice(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        let s = self.store;
        let is_string = b.id == Builtin::String;
        self.u_version(&b, if is_string { 20 } else { 17 });
        let ptr;
        if is_string {
            ptr = s.pointer(Ty::BYTE);
            self.assignment(x, Some(ptr), "argument to unsafe.String");
            if !x.is_valid() {
                return false;
            }
        } else {
            let under = self.common_under(x.ty);
            match under.map(|u| s.raw_kind(u)) {
                Some(TyKind::Pointer(_)) => ptr = under.unwrap_or(x.ty),
                _ => {
                    let msg = format!("invalid argument: {} is not a pointer", self.op_string(x));
                    self.error(x.pos(), "InvalidUnsafeSlice", msg);
                    return false;
                }
            }
        }
        let code = if is_string {
            "InvalidUnsafeString"
        } else {
            "InvalidUnsafeSlice"
        };
        let y = &mut b.args[1];
        if !self.is_valid_index(y, code, "length", false) {
            return false;
        }
        let yt = y.ty;
        x.mode = Mode::Value;
        x.ty = match s.raw_kind(ptr) {
            TyKind::Pointer(elem) if !is_string => s.slice(*elem),
            _ => Ty::STRING,
        };
        self.record_builtin(&b, Some(x.ty), &[ptr, yt]);
        true
    }

    fn u_data(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let s = self.store;
        self.u_version(b, 20);
        let (arg, elem) = if b.id == Builtin::StringData {
            self.assignment(x, Some(Ty::STRING), "argument to unsafe.StringData");
            if !x.is_valid() {
                return false;
            }
            (Ty::STRING, Ty::BYTE)
        } else {
            let under = self.common_under(x.ty);
            match under.map(|u| s.raw_kind(u)) {
                Some(TyKind::Slice(elem)) => (under.unwrap_or(x.ty), *elem),
                _ => {
                    let msg = format!("invalid argument: {} is not a slice", self.op_string(x));
                    self.error(x.pos(), "InvalidUnsafeSliceData", msg);
                    return false;
                }
            }
        };
        x.mode = Mode::Value;
        x.ty = s.pointer(elem);
        self.record_builtin(b, Some(x.ty), &[arg]);
        true
    }

    /// Whether the size of a type depends on type parameters.
    fn has_var_size(&mut self, ty: Ty) -> bool {
        let s = self.store;
        let ty = s.unalias(ty);
        match s.raw_kind(ty) {
            TyKind::TypeParam(_) => true,
            TyKind::Array { elem, .. } => self.has_var_size(*elem),
            TyKind::Struct(st) => st.fields.iter().any(|f| self.has_var_size(f.ty)),
            TyKind::Named(n) => {
                if n.origin.is_none() && self.path_index.contains_key(&n.obj) {
                    return !self.is_complete(ty);
                }
                if let Some(&var) = self.var_sizes.get(&ty) {
                    return var;
                }
                if let Some(i) = self.size_path.iter().position(|&t| t == ty) {
                    let cycle = self.size_path[i..].to_vec();
                    self.type_cycle_error(&cycle);
                    self.var_sizes.insert(ty, true);
                    return true;
                }
                self.size_path.push(ty);
                let under = s.under(ty);
                let var = under.is_valid() && self.has_var_size(under);
                self.size_path.pop();
                if under.is_valid() {
                    return *self.var_sizes.entry(ty).or_insert(var);
                }
                var
            }
            _ => false,
        }
    }
}
