//! Sending and receiving.

use crate::func::FuncLower;
use crate::value::Val;
use gort_ir::Value;
use gort_syntax::Pos;
use gort_syntax::ast::*;
use gort_types::{Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// The element type of a channel expression.
    pub fn chan_elem(&self, ch: ExprRef<'a>) -> Ty {
        match self.under(self.ty(ch)) {
            TyKind::Chan { elem, .. } => *elem,
            _ => Ty::INVALID,
        }
    }

    /// `ch <- value`
    pub fn send(&mut self, ch: ExprRef<'a>, value: ExprRef<'a>, arrow: Pos) {
        self.in_order(&[ch, value], |f| f.send_now(ch, value, arrow));
    }

    fn send_now(&mut self, ch: ExprRef<'a>, value: ExprRef<'a>, arrow: Pos) {
        let elem = self.chan_elem(ch);
        let c = self.expr(ch).scalar();
        let v = self.expr_as(value, elem);
        let addr = self.spill(elem, &v);
        self.at(arrow);
        self.rt("chansend1", &[c, addr]);
    }

    /// `<-ch`: the value and, if `comma_ok`, whether it was sent.
    pub fn receive(
        &mut self,
        e: ExprRef<'a>,
        ch: ExprRef<'a>,
        comma_ok: bool,
    ) -> (Val, Option<Value>) {
        let elem = self.chan_elem(ch);
        let c = self.expr(ch).scalar();
        let tmp = self.temp(elem);
        self.at(e.op_pos);
        let ok = if comma_ok {
            Some(self.rt("chanrecv2", &[c, tmp])[0])
        } else {
            self.rt("chanrecv1", &[c, tmp]);
            None
        };
        let v = self.load(elem, tmp, 0);
        if matches!(v, Val::S(_)) {
            self.forget(elem, tmp);
        }
        (v, ok)
    }

    /// What has been received into the variable at `addr` lies elsewhere now: the variable, whose address may stay in use, must not
    /// keep it. A large one is left as it is.
    pub fn forget(&mut self, elem: Ty, addr: Value) {
        const MOST: u64 = 64;
        if self.repr(elem).size <= MOST && crate::repr::has_pointers(self.cx.store, elem) {
            self.clear(elem, addr, false);
        }
    }
}
