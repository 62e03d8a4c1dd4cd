//! Pointers that a call gets as numbers: `f(uintptr(unsafe.Pointer(p)))` keeps what `p` points to until the call has returned.
//!
//! Package unsafe promises it for system calls, and `//go:uintptrescapes` and `//go:uintptrkeepalive` ask for it; official Go's
//! compiler does it for these. Here every call does: it costs one store, behind calls that are rare. Behind the call the number is
//! written to the G, where nobody reads it; so the stack map of the call has it.

use crate::call::Target;
use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{ConvertOp, Type, Value};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Mode};

impl<'a> FuncLower<'_, 'a> {
    /// Behind a call: keep its arguments that were pointers.
    pub fn keep_pointers(
        &mut self,
        target: &Target,
        args: &[ExprRef<'a>],
        has_dots: bool,
        vals: &[Val],
    ) {
        let spread = target.variadic && !has_dots;
        let fixed = vals.len() - usize::from(spread);
        for (i, &arg) in args.iter().enumerate() {
            if !self.is_number_of_pointer(arg) {
                continue;
            }
            match vals.get(i) {
                Some(v) if i < fixed => self.keep(v.scalar()),
                // The slice that it is in.
                _ => {
                    let slice = vals[fixed].at(0);
                    let number = self.b.convert(ConvertOp::Bitcast, Type::I64, slice);
                    return self.keep(number);
                }
            }
        }
    }

    fn keep(&mut self, number: Value) {
        let g = self.current_g();
        self.b.store(number, g, gort_abi::G_BOUNDS as i32, false);
    }

    /// `uintptr(p)` of an unsafe.Pointer.
    fn is_number_of_pointer(&self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        let ExprKind::Call { fun, args, .. } = e.kind else {
            return false;
        };
        self.mode(unparen(fun)) == Mode::Type
            && self.basic(self.ty(e)) == BasicKind::Uintptr
            && args
                .first()
                .is_some_and(|x| self.basic(self.ty(x)) == BasicKind::UnsafePointer)
    }
}
