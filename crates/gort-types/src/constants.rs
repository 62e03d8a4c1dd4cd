//! Which constants fit which types.

use crate::check::Checker;
use crate::constant::{Kind, Value};
use crate::exprstring::start_pos;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;

/// The value as a constant of basic kind `kind`, rounded; `None` if it does not fit.
pub(crate) fn representable(v: &Value, kind: BasicKind) -> Option<Value> {
    if v.is_unknown() {
        return Some(Value::Unknown);
    }
    if kind.is_integer() {
        let v = v.to_int();
        if v.kind() != Kind::Int {
            return None;
        }
        let (bits, signed) = match kind {
            BasicKind::UntypedInt | BasicKind::UntypedRune => return Some(v),
            BasicKind::Int8 => (8, true),
            BasicKind::Int16 => (16, true),
            BasicKind::Int32 => (32, true),
            BasicKind::Int | BasicKind::Int64 => (64, true),
            BasicKind::Uint8 => (8, false),
            BasicKind::Uint16 => (16, false),
            BasicKind::Uint32 => (32, false),
            _ => (64, false),
        };
        let fits = match &v {
            Value::Int(i) if signed => {
                bits == 64 || (-(1i64 << (bits - 1)) <= *i && *i < 1i64 << (bits - 1))
            }
            Value::Int(i) => *i >= 0 && (bits == 64 || *i < 1i64 << bits),
            _ => !signed && v.sign() >= 0 && v.bit_len() <= bits,
        };
        return fits.then_some(v);
    }
    if kind.is_float() {
        let v = v.to_float();
        if v.kind() != Kind::Float {
            return None;
        }
        return match kind {
            BasicKind::Float32 => round32(&v),
            BasicKind::Float64 => round64(&v),
            _ => Some(v),
        };
    }
    if kind.is_complex() {
        let v = v.to_complex();
        if v.kind() != Kind::Complex {
            return None;
        }
        return match kind {
            BasicKind::Complex64 => Some(Value::complex(round32(&v.real())?, round32(&v.imag())?)),
            BasicKind::Complex128 => Some(Value::complex(round64(&v.real())?, round64(&v.imag())?)),
            _ => Some(v),
        };
    }
    let fits =
        kind.is_string() && v.kind() == Kind::String || kind.is_boolean() && v.kind() == Kind::Bool;
    fits.then(|| v.clone())
}

fn round32(v: &Value) -> Option<Value> {
    let f = v.to_f32();
    f.is_finite().then(|| Value::from_f64(f64::from(f)))
}

fn round64(v: &Value) -> Option<Value> {
    let f = v.to_f64();
    f.is_finite().then(|| Value::from_f64(f))
}

impl<'a> Checker<'a> {
    /// Complain about a constant result that its type cannot hold, or that is absurdly large.
    pub(crate) fn overflow(&mut self, x: &mut Operand<'a>, pos: Pos) {
        if x.val.is_unknown() {
            self.error(
                pos,
                "InvalidConstVal",
                "constant result is not representable",
            );
            return;
        }
        if !self.store.is_untyped(x.ty) {
            if let Some(kind) = self.store.basic(x.ty) {
                self.check_representable(x, x.ty, kind);
            }
            return;
        }
        if x.val.kind() == Kind::Int && x.val.bit_len() > 512 {
            let op = x.expr().map_or("", op_name);
            let sep = if op.is_empty() { "" } else { " " };
            self.error(
                pos,
                "InvalidConstVal",
                format!("constant {op}{sep}overflow"),
            );
            x.val = Value::Unknown;
        }
        if let Some(n) = x.val.str_len()
            && n > 2_000_000_000
        {
            let msg = format!("constant string too long ({n} bytes > 2000000000 bytes)");
            self.error(pos, "InvalidConstVal", msg);
            x.val = Value::Unknown;
        }
    }

    fn check_representable(&mut self, x: &mut Operand<'a>, ty: Ty, kind: BasicKind) {
        match self.representation(x, kind) {
            Ok(v) => x.val = v,
            Err(code) => {
                self.invalid_conversion(code, x, self.store.under(ty));
                x.invalidate();
            }
        }
    }

    /// Make a constant operand fit a basic type, with an error if it does not.
    pub(crate) fn representable(&mut self, x: &mut Operand<'a>, ty: Ty) {
        if let Some(kind) = self.store.basic(ty) {
            self.check_representable(x, ty, kind);
        }
    }

    /// The value of a constant operand as one of kind `kind`, or the code of the error.
    pub(crate) fn representation(
        &self,
        x: &Operand<'a>,
        kind: BasicKind,
    ) -> Result<Value, &'static str> {
        if let Some(v) = representable(&x.val, kind) {
            return Ok(v);
        }
        let s = self.store;
        if s.is_basic(x.ty, BasicKind::is_numeric) && kind.is_numeric() {
            if !s.is_basic(x.ty, BasicKind::is_integer) && kind.is_integer() {
                return Err("TruncatedFloat");
            }
            return Err("NumericOverflow");
        }
        Err("InvalidConstVal")
    }

    pub(crate) fn invalid_conversion(&mut self, code: &'static str, x: &Operand<'a>, to: Ty) {
        let (x_str, to) = (self.op_string(x), self.ts(to));
        let msg = match code {
            "TruncatedFloat" => format!("{x_str} truncated to {to}"),
            "NumericOverflow" => format!("{x_str} overflows {to}"),
            _ => format!("cannot convert {x_str} to type {to}"),
        };
        self.error(x.pos(), code, msg);
    }

    /// Complain about an index operand that is no integer or does not fit.
    pub(crate) fn is_valid_index(
        &mut self,
        x: &mut Operand<'a>,
        code: &'static str,
        what: &str,
        allow_negative: bool,
    ) -> bool {
        if !x.is_valid() {
            return false;
        }
        self.convert_untyped(x, Ty::INT);
        if !x.is_valid() {
            return false;
        }
        let bad = if !self.store.all_basic(x.ty, BasicKind::is_integer) {
            "must be integer"
        } else if x.mode == Mode::Const
            && !allow_negative
            && x.val.sign() < 0
            && !x.val.is_unknown()
        {
            "must not be negative"
        } else if x.mode == Mode::Const {
            match representable(&x.val, BasicKind::Int) {
                Some(v) => {
                    x.val = v;
                    return true;
                }
                None => "overflows int",
            }
        } else {
            return true;
        };
        let msg = format!("invalid argument: {what} {} {bad}", self.op_string(x));
        self.error(x.pos(), code, msg);
        false
    }

    /// Check an index expression: its type, and its value if constant. `max` is an upper bound, or negative.
    pub(crate) fn index(&mut self, e: ExprRef<'a>, max: i64) -> (Ty, i64) {
        let mut x = Operand::invalid();
        self.expr(None, &mut x, e);
        if !self.is_valid_index(&mut x, "InvalidIndex", "index", false) {
            return (Ty::INVALID, -1);
        }
        if x.mode != Mode::Const {
            return (x.ty, -1);
        }
        let Some(v) = x.val.to_i64() else {
            return (Ty::INVALID, -1);
        };
        if max >= 0 && v >= max {
            let msg = format!("invalid argument: index {} out of bounds [0:{max}]", x.val);
            self.error(start_pos(e), "InvalidIndex", msg);
            return (Ty::INVALID, -1);
        }
        (x.ty, v)
    }
}

/// The name of an operation that may overflow.
fn op_name(e: ExprRef<'_>) -> &'static str {
    match e.kind {
        ExprKind::Unary { op: Op::Xor, .. } => "bitwise complement",
        ExprKind::Binary { op, .. } => match op {
            Op::Add => "addition",
            Op::Sub => "subtraction",
            Op::Xor => "bitwise XOR",
            Op::Mul => "multiplication",
            Op::Shl => "shift",
            _ => "",
        },
        _ => "",
    }
}
