//! Calls of predeclared functions; those of package unsafe are in `unsafe_builtins.rs`.

use crate::check::Checker;
use crate::constant::Value;
use crate::exprstring::{expr_string, start_pos};
use crate::info::Mode;
use crate::object::Builtin;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::ast::*;

/// A call of a built-in function with its checked arguments.
pub(crate) struct BuiltinCall<'a> {
    pub call: ExprRef<'a>,
    pub fun: ExprRef<'a>,
    pub list: &'a [ExprRef<'a>],
    pub args: Vec<Operand<'a>>,
    pub has_dots: bool,
    pub id: Builtin,
}

impl<'a> Checker<'a> {
    /// Check a call of a built-in function; false after an error.
    pub(crate) fn builtin_call(
        &mut self,
        x: &mut Operand<'a>,
        call: ExprRef<'a>,
        id: Builtin,
    ) -> bool {
        let ExprKind::Call {
            fun,
            args: list,
            has_dots,
            ..
        } = call.kind
        else {
            return false;
        };
        if has_dots && id != Builtin::Append {
            let msg = format!(
                "invalid operation: invalid use of ... with built-in {}",
                id.full_name()
            );
            self.error(start_pos(call), "InvalidDotDotDot", msg);
            self.use_exprs(list);
            return false;
        }
        // Whether len and cap are constant depends on calls in their argument alone.
        let saved = self.env.has_call_or_recv;
        let is_len = matches!(id, Builtin::Len | Builtin::Cap);
        if is_len {
            self.env.has_call_or_recv = false;
        }
        let ok = self.builtin_args(x, call, fun, list, has_dots, id);
        if is_len {
            self.env.has_call_or_recv = saved;
        }
        ok
    }

    fn builtin_args(
        &mut self,
        x: &mut Operand<'a>,
        call: ExprRef<'a>,
        fun: ExprRef<'a>,
        list: &'a [ExprRef<'a>],
        has_dots: bool,
        id: Builtin,
    ) -> bool {
        let mut args = vec![];
        let mut n = list.len();
        if !matches!(
            id,
            Builtin::Make | Builtin::New | Builtin::Offsetof | Builtin::Trace
        ) {
            args = self.expr_list(list);
            n = args.len();
            if args.iter().any(|a| !a.is_valid()) {
                return false;
            }
            if let Some(first) = args.first() {
                *x = first.clone();
            }
        }
        let problem = if n < id.nargs() {
            "not enough"
        } else if !id.variadic() && n > id.nargs() {
            "too many"
        } else {
            ""
        };
        if !problem.is_empty() {
            let msg = format!(
                "invalid operation: {problem} arguments for {} (expected {}, found {n})",
                expr_string(call),
                id.nargs()
            );
            self.error(start_pos(call), "WrongArgCount", msg);
            return false;
        }
        let b = BuiltinCall {
            call,
            fun,
            list,
            args,
            has_dots,
            id,
        };
        match id {
            Builtin::Append => self.b_append(x, b),
            Builtin::Cap | Builtin::Len => self.b_len(x, &b),
            Builtin::Clear => self.b_clear(x, &b),
            Builtin::Close => self.b_close(x, &b),
            Builtin::Complex => self.b_complex(x, b),
            Builtin::Copy => self.b_copy(x, &b),
            Builtin::Delete => self.b_delete(x, &b),
            Builtin::Imag | Builtin::Real => self.b_real(x, &b),
            Builtin::Make => self.b_make(x, &b),
            Builtin::Max | Builtin::Min => self.b_max(x, b),
            Builtin::New => self.b_new(x, &b),
            Builtin::Panic => {
                self.env.panics.insert(call.id);
                self.assignment(x, Some(Ty::EMPTY_INTERFACE), "argument to panic");
                if !x.is_valid() {
                    return false;
                }
                self.no_value(x, &b, &[Ty::EMPTY_INTERFACE]);
                true
            }
            Builtin::Print | Builtin::Println => self.b_print(x, b),
            Builtin::Recover => {
                x.mode = Mode::Value;
                x.ty = Ty::EMPTY_INTERFACE;
                self.record_builtin(&b, Some(x.ty), &[]);
                true
            }
            Builtin::Assert => {
                if x.mode != Mode::Const || !self.store.is_basic(x.ty, BasicKind::is_boolean) {
                    let msg = format!(
                        "invalid argument: {} is not a boolean constant",
                        self.op_string(x)
                    );
                    self.error(x.pos(), "Test", msg);
                    return false;
                }
                if x.val.as_bool() == Some(false) {
                    let msg = format!("{} failed", expr_string(call));
                    self.error(start_pos(call), "Test", msg);
                }
                true
            }
            Builtin::Trace => {
                let mut rest = Operand::invalid();
                for (i, &e) in list.iter().enumerate() {
                    let target = if i == 0 { &mut *x } else { &mut rest };
                    self.raw_expr(None, target, e, None, false);
                }
                if list.is_empty() {
                    x.mode = Mode::NoValue;
                }
                x.is_valid()
            }
            _ => self.unsafe_builtin(x, b),
        }
    }

    /// Record the type that the callee has in this call.
    pub(crate) fn record_builtin(&mut self, b: &BuiltinCall<'a>, res: Option<Ty>, args: &[Ty]) {
        self.record_builtin_sig(b, res, args, false);
    }

    fn record_builtin_sig(
        &mut self,
        b: &BuiltinCall<'a>,
        res: Option<Ty>,
        args: &[Ty],
        variadic: bool,
    ) {
        let store = self.store;
        let param = |t: Ty| Param {
            name: gort_syntax::Symbol::EMPTY,
            ty: store.default_type(t),
        };
        let params = args.iter().map(|&t| param(t)).collect();
        let sig = store.signature(params, res.map(param).into_iter().collect(), variadic);
        let mut f = b.fun;
        loop {
            self.info.record(f.id, Mode::Builtin, sig, None);
            match f.kind {
                ExprKind::Paren(inner) => f = inner,
                _ => return,
            }
        }
    }

    fn no_value(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>, args: &[Ty]) {
        x.mode = Mode::NoValue;
        x.ty = Ty::EMPTY_TUPLE;
        self.record_builtin(b, None, args);
    }

    /// The element type that all slice types of `x` share.
    fn slice_elem(&mut self, x: &Operand<'a>) -> Result<Ty, String> {
        let s = self.store;
        let not_slice = |c: &Self| {
            if x.is_nil() {
                "argument must be a slice; have untyped nil".to_string()
            } else {
                format!("argument must be a slice; have {}", c.op_string(x))
            }
        };
        let mut elem: Option<Ty> = None;
        for (_, u) in self.specific_terms(x.ty).ok_or_else(|| not_slice(self))? {
            let TyKind::Slice(e) = s.raw_kind(u) else {
                return Err(not_slice(self));
            };
            match elem {
                None => elem = Some(*e),
                Some(first) if !s.identical(first, *e) => {
                    return Err(format!(
                        "mismatched slice element types {} and {} in {}",
                        self.ts(first),
                        self.ts(*e),
                        self.op_string(x)
                    ));
                }
                _ => {}
            }
        }
        elem.ok_or_else(|| not_slice(self))
    }

    /// Whether all types of `ty` are byte slices or strings; and whether there is a string.
    fn bytes_or_strings(&self, ty: Ty) -> Option<bool> {
        let s = self.store;
        let mut has_string = false;
        for (_, u) in self.specific_terms(ty)? {
            match s.under_kind(u) {
                TyKind::Slice(e) if s.identical(*e, Ty::UINT8) => {}
                TyKind::Basic(k) if k.is_string() => has_string = true,
                _ => return None,
            }
        }
        Some(has_string)
    }

    fn b_append(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        let elem = match self.slice_elem(x) {
            Ok(e) => e,
            Err(cause) => {
                self.error(x.pos(), "InvalidAppend", format!("invalid append: {cause}"));
                return false;
            }
        };
        let s = self.store;
        if b.args.len() == 2
            && b.has_dots
            && self.assignable(x, Ty::BYTES, &mut String::new()).is_ok()
            && self.bytes_or_strings(b.args[1].ty) == Some(true)
        {
            let y = b.args[1].clone();
            if s.is_untyped(y.ty) {
                self.update_operand_type(&y, Ty::STRING, true);
            }
            self.record_builtin_sig(&b, Some(x.ty), &[x.ty, y.ty], true);
            x.mode = Mode::Value;
            return true;
        }
        let slice = s.slice(elem);
        let param = |ty| Param {
            name: gort_syntax::Symbol::EMPTY,
            ty,
        };
        let sig = s.signature(vec![param(x.ty), param(slice)], vec![param(x.ty)], true);
        let args = std::mem::take(&mut b.args);
        self.arguments(b.call, b.fun, b.has_dots, sig, vec![], &[], args, vec![]);
        self.record_builtin_sig(&b, Some(x.ty), &[x.ty, slice], true);
        x.mode = Mode::Value;
        true
    }

    fn b_len(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let s = self.store;
        let is_len = b.id == Builtin::Len;
        let mut mode = Mode::None;
        let mut val = Value::Unknown;
        let under = self.array_ptr_deref(s.under(x.ty));
        match s.raw_kind(under) {
            TyKind::Basic(k) if k.is_string() && is_len => {
                mode = Mode::Value;
                if x.mode == Mode::Const {
                    mode = Mode::Const;
                    val = x.val.str_len().map_or(Value::Unknown, Value::from_u64);
                }
            }
            TyKind::Array { len, .. } => {
                mode = Mode::Value;
                if !self.env.has_call_or_recv {
                    mode = Mode::Const;
                    val = if *len >= 0 {
                        Value::Int(*len)
                    } else {
                        Value::Unknown
                    };
                }
            }
            TyKind::Slice(_) | TyKind::Chan { .. } => mode = Mode::Value,
            TyKind::Map { .. } if is_len => mode = Mode::Value,
            TyKind::Interface(_) if s.is_type_param(x.ty) => {
                let ok = self.under_is(x.ty, |c, u| {
                    let Some(u) = u else { return false };
                    let under = c.array_ptr_deref(u);
                    match c.store.under_kind(under) {
                        TyKind::Basic(k) => k.is_string() && is_len,
                        TyKind::Array { .. } | TyKind::Slice(_) | TyKind::Chan { .. } => true,
                        TyKind::Map { .. } => is_len,
                        _ => false,
                    }
                });
                if ok {
                    mode = Mode::Value;
                }
            }
            _ => {}
        }
        if mode == Mode::None {
            if under.is_valid() {
                let code = if is_len { "InvalidLen" } else { "InvalidCap" };
                let msg = format!(
                    "invalid argument: {} for built-in {}",
                    self.op_string(x),
                    b.id.name()
                );
                self.error(x.pos(), code, msg);
            }
            return false;
        }
        if mode != Mode::Const {
            self.record_builtin(b, Some(Ty::INT), &[x.ty]);
        }
        x.mode = mode;
        x.ty = Ty::INT;
        x.val = val;
        true
    }

    fn b_clear(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        self.verify_version(start_pos(b.fun), 21, |_| "clear".into());
        let y = x.clone();
        let ok = self.under_is(x.ty, |c, u| {
            match u.map(|u| c.store.raw_kind(u)) {
                Some(TyKind::Map { .. } | TyKind::Slice(_)) => true,
                _ => {
                    let msg = format!(
                        "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                        c.op_string(&y)
                    );
                    c.error(y.pos(), "InvalidClear", msg);
                    false
                }
            }
        });
        if ok {
            self.no_value(x, b, &[y.ty]);
        }
        ok
    }

    fn b_close(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let y = x.clone();
        let ok = self.under_is(x.ty, |c, u| {
            let what = match u.map(|u| c.store.raw_kind(u)) {
                Some(TyKind::Chan {
                    dir: ChanDir::Recv, ..
                }) => "receive-only channel",
                Some(TyKind::Chan { .. }) => return true,
                _ => "non-channel",
            };
            let msg = format!("invalid operation: cannot close {what} {}", c.op_string(&y));
            c.error(y.pos(), "InvalidClose", msg);
            false
        });
        if ok {
            self.no_value(x, b, &[y.ty]);
        }
        ok
    }

    fn b_copy(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let s = self.store;
        let dst = match self.slice_elem(x) {
            Ok(e) => e,
            Err(cause) => {
                self.error(x.pos(), "InvalidCopy", format!("invalid copy: {cause}"));
                return false;
            }
        };
        let y = b.args[1].clone();
        let special = self.assignable(x, Ty::BYTES, &mut String::new()).is_ok()
            && self.bytes_or_strings(y.ty).is_some();
        if !special {
            let src = match self.slice_elem(&y) {
                Ok(e) => e,
                Err(cause) => {
                    if !s.all_basic(y.ty, BasicKind::is_string) {
                        self.error(y.pos(), "InvalidCopy", format!("invalid copy: {cause}"));
                        return false;
                    }
                    Ty::BYTE
                }
            };
            if !s.identical(dst, src) {
                let msg = format!(
                    "invalid copy: arguments {} and {} have different element types {} and {}",
                    self.op_string(x),
                    self.op_string(&y),
                    self.ts(dst),
                    self.ts(src)
                );
                self.error(x.pos(), "InvalidCopy", msg);
                return false;
            }
        }
        if s.is_untyped(y.ty) {
            self.update_operand_type(&y, Ty::STRING, true);
        }
        self.record_builtin(b, Some(Ty::INT), &[x.ty, y.ty]);
        x.mode = Mode::Value;
        x.ty = Ty::INT;
        true
    }

    fn b_delete(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let y = x.clone();
        let mut key: Option<Ty> = None;
        let ok = self.under_is(x.ty, |c, u| {
            let msg = match u.map(|u| c.store.raw_kind(u)) {
                Some(TyKind::Map { key: k, .. }) => match key {
                    Some(first) if !c.store.identical(first, *k) => {
                        format!("maps of {} must have identical key types", c.op_string(&y))
                    }
                    _ => {
                        key = Some(*k);
                        return true;
                    }
                },
                _ => format!("{} is not a map", c.op_string(&y)),
            };
            c.error(y.pos(), "InvalidDelete", format!("invalid argument: {msg}"));
            false
        });
        let (true, Some(key)) = (ok, key) else {
            return false;
        };
        *x = b.args[1].clone();
        self.assignment(x, Some(key), "argument to delete");
        if !x.is_valid() {
            return false;
        }
        self.no_value(x, b, &[y.ty, key]);
        true
    }

    fn b_make(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let arg0 = b.list[0];
        let ty = self.var_type(arg0);
        let s = self.store;
        if !s.unalias(ty).is_valid() {
            for e in &b.list[1..] {
                self.use_exprs(&[e]);
            }
            return false;
        }
        let under = self.common_under_if(ty, |c, _, u| match u.map(|u| c.store.raw_kind(u)) {
            Some(TyKind::Slice(_) | TyKind::Map { .. } | TyKind::Chan { .. }) => Ok(()),
            None => Err("no specific type".into()),
            _ => Err("type must be slice, map, or channel".into()),
        });
        let under = match under {
            Ok(u) => u,
            Err(cause) => {
                if s.under(ty).is_valid() {
                    let msg = format!(
                        "invalid argument: cannot make {}: {cause}",
                        expr_string(arg0)
                    );
                    self.error(start_pos(arg0), "InvalidMake", msg);
                }
                return false;
            }
        };
        let min = if matches!(s.raw_kind(under), TyKind::Slice(_)) {
            2
        } else {
            1
        };
        let n = b.list.len();
        if n < min || n > min + 1 {
            let msg = format!(
                "invalid operation: {} expects {min} or {} arguments; found {n}",
                expr_string(b.call),
                min + 1
            );
            self.error(start_pos(b.call), "WrongArgCount", msg);
            return false;
        }
        let mut types = vec![ty];
        let mut sizes = vec![];
        for arg in &b.list[1..] {
            let (t, size) = self.index(arg, -1);
            types.push(t);
            if size >= 0 {
                sizes.push(size);
            }
        }
        if let [len, cap] = sizes[..]
            && len > cap
        {
            let msg = "invalid argument: length and capacity swapped";
            self.error(start_pos(b.list[1]), "SwappedMakeArgs", msg);
        }
        x.mode = Mode::Value;
        x.ty = ty;
        self.record_builtin(b, Some(ty), &types);
        true
    }

    fn b_new(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let arg = b.list[0];
        self.expr_or_type(x, arg, false);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin]);
        match x.mode {
            Mode::None => return false,
            Mode::Type => self.valid_var_type(arg, x.ty),
            _ => {
                if self.store.is_untyped(x.ty) {
                    self.assignment(x, None, "argument to new");
                    if !x.is_valid() {
                        return false;
                    }
                }
                self.verify_version(start_pos(b.fun), 26, |_| {
                    format!("new({})", expr_string(arg))
                });
            }
        }
        let ty = x.ty;
        x.mode = Mode::Value;
        x.ty = self.store.pointer(ty);
        self.record_builtin(b, Some(x.ty), &[ty]);
        true
    }

    fn b_print(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        let context = format!("argument to built-in {}", b.id.name());
        let mut types = vec![];
        let mut args = std::mem::take(&mut b.args);
        for a in &mut args {
            self.assignment(a, None, &context);
            if !a.is_valid() {
                return false;
            }
            types.push(a.ty);
        }
        self.no_value(x, &b, &types);
        true
    }
}
