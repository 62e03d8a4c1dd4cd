//! Methods as itabs and method tables want them: receiver in one word, embedded fields followed.

use crate::closure::closure_code;
use crate::conv::ResultConv;
use crate::func::FuncLower;
use crate::program::Cx;
use crate::value::Val;
use gort_ir::{IntCc, Type};
use gort_types::lookup::MethodEntry;
use gort_types::{Ty, TyKind};

impl<'a> Cx<'a> {
    /// The code of a method of `recv` that takes the receiver as declared by `recv`: the method
    /// itself, or a wrapper around it.
    pub fn method_code(&mut self, recv: Ty, m: &MethodEntry) -> String {
        let store = self.store;
        let declared = store.obj(m.obj).func().and_then(|f| f.recv());
        if m.index.len() == 1 && declared.is_some_and(|d| store.identical(d, recv)) {
            return self.need_func(m.obj, &[]).0;
        }
        self.method_wrapper(recv, m)
    }

    /// The code of a method of `ty` that takes the receiver as an interface's data word.
    pub fn method_word_code(&mut self, ty: Ty, m: &MethodEntry) -> String {
        let store = self.store;
        let scalar = !self.repr(ty).in_memory();
        if self.is_direct(ty) && scalar {
            return self.method_code(ty, m);
        }
        let ptr = store.pointer(ty);
        let declared = store.obj(m.obj).func().and_then(|f| f.recv());
        if m.index.len() == 1 && declared.is_some_and(|d| store.identical(d, ptr)) {
            return self.need_func(m.obj, &[]).0;
        }
        if self.is_direct(ty) {
            return self.direct_array_wrapper(ty, m);
        }
        self.method_wrapper(ptr, m)
    }

    /// The code of a func value whose first parameter is the receiver as declared by `ty`.
    pub fn method_func_code(&mut self, ty: Ty, m: &MethodEntry) -> String {
        self.method_func_value(ty, m);
        closure_code(&self.method_code(ty, m))
    }

    /// The static object of that func value.
    pub fn method_func_value(&mut self, ty: Ty, m: &MethodEntry) -> String {
        let symbol = self.method_code(ty, m);
        let mut conv = self.conv(m.sig);
        conv.params.insert(0, ty);
        let unit = self.type_unit(ty);
        self.static_closure(unit, &symbol, false, conv)
    }

    /// A function with receiver `recv` that calls the method at the end of a path of embedded fields.
    fn method_wrapper(&mut self, recv: Ty, m: &MethodEntry) -> String {
        let symbol = self.method_symbol(recv, m);
        let unit = self.type_unit(recv);
        let m = m.clone();
        self.need_made(unit, &symbol, move |cx, unit, symbol| {
            let conv = cx.conv(m.sig);
            let pos = cx.store.obj(m.obj).pos;
            let mut f = FuncLower::new(cx, unit, symbol, conv.register_results(), pos);
            f.mark_wrapper();
            let memory = matches!(conv.result_conv, ResultConv::Memory { .. });
            let area = memory.then(|| f.b.param(Type::Ptr));
            let this = f.incoming(recv);
            f.forward_from(&conv, area, |f| {
                let value_method = f.cx.store.obj(m.obj).func().and_then(|x| x.recv());
                let by_value = value_method.is_some_and(|r| {
                    !matches!(f.cx.store.kind(r), TyKind::Pointer(_)) && !f.cx.store.is_interface(r)
                });
                let is_pointer = matches!(f.cx.store.kind(recv), TyKind::Pointer(_));
                if m.index.len() == 1 && by_value && is_pointer {
                    f.panicwrap_if_nil(&this);
                }
                f.method_through(this, recv, &m.index, m.obj)
            });
            f.finish();
        });
        symbol
    }

    /// The receiver word is the value of a one-element array: put it in memory first.
    fn direct_array_wrapper(&mut self, ty: Ty, m: &MethodEntry) -> String {
        let symbol = format!("{}·word", self.method_symbol(ty, m));
        let unit = self.type_unit(ty);
        let m = m.clone();
        self.need_made(unit, &symbol, move |cx, unit, symbol| {
            let conv = cx.conv(m.sig);
            let pos = cx.store.obj(m.obj).pos;
            let mut f = FuncLower::new(cx, unit, symbol, conv.register_results(), pos);
            f.mark_wrapper();
            let memory = matches!(conv.result_conv, ResultConv::Memory { .. });
            let area = memory.then(|| f.b.param(Type::Ptr));
            let word = f.b.param(Type::Ptr);
            f.forward_from(&conv, area, |f| {
                let tmp = f.temp(ty);
                f.b.store(word, tmp, 0, false);
                f.method_through(Val::M(tmp), ty, &m.index, m.obj)
            });
            f.finish();
        });
        symbol
    }
}

impl FuncLower<'_, '_> {
    /// A value method called through a nil pointer panics with a text of its own.
    fn panicwrap_if_nil(&mut self, this: &Val) {
        let (bad, good) = (self.b.cold_block(), self.b.block());
        let nil = self.b.icmp_imm(IntCc::Eq, this.scalar(), 0);
        self.b.branch(nil, bad, good);
        self.b.seal(bad);
        self.b.switch_to(bad);
        self.rt_noreturn("panicwrap", &[]);
        self.b.seal(good);
        self.b.switch_to(good);
    }
}
