//! What type parameters stand for.

use gort_types::{ObjId, Ty, TypeStore};

/// What type parameters stand for in the instance being lowered.
#[derive(Clone, Default, Debug)]
pub struct Env {
    /// Type parameters.
    pub from: Vec<Ty>,
    /// What they stand for.
    pub to: Vec<Ty>,
}

impl Env {
    /// The environment of a function instance: type arguments of the receiver's type, then its own.
    pub fn of_func(store: &TypeStore, decl: ObjId, obj: ObjId, targs: &[Ty]) -> Env {
        let recv_args = |o: ObjId| {
            let recv = store.obj(o).func().and_then(|f| f.recv())?;
            let base = store.deref(recv).unwrap_or(recv);
            Some(store.named(base)?.targs.to_vec())
        };
        let mut from = recv_args(decl).unwrap_or_default();
        let mut to = if from.is_empty() {
            Vec::new()
        } else {
            recv_args(obj).unwrap_or_default()
        };
        from.extend(
            store
                .sig(store.obj(decl).ty())
                .map_or(Vec::new(), |s| s.tparams.to_vec()),
        );
        to.extend(targs);
        if from == to {
            Env::default()
        } else {
            Env { from, to }
        }
    }

    /// Whether there are parameters at all.
    pub fn is_generic(&self) -> bool {
        !self.from.is_empty()
    }

    /// Replace type parameters in a type.
    pub fn subst(&self, store: &TypeStore, ty: Ty) -> Ty {
        if self.from.is_empty() {
            ty
        } else {
            gort_types::subst::subst_local(store, ty, &self.from, &self.to)
        }
    }
}
