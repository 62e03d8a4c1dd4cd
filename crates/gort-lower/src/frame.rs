//! Functions whose arguments or frames no stack can hold are refused, in the words of official Go.
//!
//! Arguments are counted as official Go passes them: what has an array of several elements in it goes through the
//! stack. What else the frame needs is ours: official Go's differs in what it keeps for how long.

use crate::conv::Conv;
use crate::func::FuncLower;
use crate::program::Cx;
use gort_syntax::{Diagnostic, Pos};
use gort_types::info::FuncObjs;
use gort_types::{Ty, TyKind};

/// The limit of official Go, for arguments and for the frame.
const MAX: u64 = 1 << 30;

impl FuncLower<'_, '_> {
    /// Refuse the function if its arguments are too large.
    pub fn check_arguments(&mut self, objs: &FuncObjs, conv: &Conv) {
        let recv = objs.recv.map(|r| self.obj_ty(r));
        let (cx, pos) = (&mut *self.cx, self.pos);
        let types = recv.into_iter().chain(conv.params.iter().copied());
        cx.check_argument_types(pos, types.chain(conv.results.iter().copied()));
    }

    /// Refuse the function if its frame is too large.
    pub fn check_frame(&mut self) {
        let locals = self.b.func.slots.iter().map(|s| u64::from(s.size)).sum();
        if locals >= MAX {
            self.cx.too_large(self.pos, locals, 0);
        }
    }
}

impl Cx<'_> {
    /// Refuse functions of the root package with arguments that are too large, called or not.
    pub fn check_declared_arguments(&mut self) {
        let Some(root) = self.units.last() else {
            return;
        };
        for (&obj, info) in &root.info.func_decls {
            let store = self.store;
            let object = store.obj(obj);
            let Some(sig) = store.sig(object.ty()) else {
                continue;
            };
            let recv = object.func().and_then(|f| f.recv());
            let generic = |ty: &Ty| {
                let base = store.deref(*ty).unwrap_or(*ty);
                store.named(base).is_some_and(|n| !n.targs.is_empty())
            };
            if !sig.tparams.is_empty() || recv.as_ref().is_some_and(generic) {
                continue;
            }
            let written = sig.params.iter().chain(sig.results.iter()).map(|p| p.ty);
            self.check_argument_types(info.decl.pos, recv.into_iter().chain(written));
        }
    }

    fn check_argument_types(&mut self, pos: Pos, types: impl Iterator<Item = Ty>) {
        let through_stack = types.filter(|&t| self.has_array(t));
        let size = |t| self.store.size_of(t) as u64;
        let args = through_stack.map(size).fold(0, u64::saturating_add);
        if args >= MAX {
            self.too_large(pos, 0, args);
        }
    }

    fn has_array(&self, ty: Ty) -> bool {
        match self.store.kind(self.store.under(ty)) {
            TyKind::Array { .. } => true,
            TyKind::Struct(s) => s.fields.iter().any(|f| self.has_array(f.ty)),
            _ => false,
        }
    }

    fn too_large(&mut self, pos: Pos, locals: u64, args: u64) {
        let msg = format!(
            "stack frame too large (>1GB): {} MB locals + {} MB args",
            locals >> 20,
            args >> 20
        );
        if !self.diags.iter().any(|d| d.pos == pos) {
            self.diags.push(Diagnostic::new(pos, "StackFrame", msg));
        }
    }
}
