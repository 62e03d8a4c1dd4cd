//! Walking type sets: what all types of a type parameter have in common.

use crate::check::Checker;
use crate::types::*;

impl<'a> Checker<'a> {
    /// The specific types that `ty` stands for, each with the underlying type to look at: itself, or the terms
    /// of a type parameter. `None` for a type parameter without specific types.
    pub(crate) fn specific_terms(&self, ty: Ty) -> Option<Vec<(Ty, Ty)>> {
        let s = self.store;
        if !s.is_type_param(ty) {
            return Some(vec![(ty, s.under(ty))]);
        }
        let terms = s.type_set(ty).terms.as_ref()?;
        if terms.is_empty() {
            return None;
        }
        Some(
            terms
                .iter()
                .map(|t| {
                    (
                        t.ty,
                        if t.tilde {
                            s.unalias(t.ty)
                        } else {
                            s.under(t.ty)
                        },
                    )
                })
                .collect(),
        )
    }

    /// Whether `f` holds for the underlying types of all specific types; called once with `None` if there are none.
    pub(crate) fn under_is(
        &mut self,
        ty: Ty,
        mut f: impl FnMut(&mut Self, Option<Ty>) -> bool,
    ) -> bool {
        if !self.store.is_type_param(ty) {
            let under = self.store.under(ty);
            return f(self, Some(under));
        }
        match self.specific_terms(ty) {
            None => f(self, None),
            Some(list) => list.into_iter().all(|(_, u)| f(self, Some(u))),
        }
    }

    /// The common underlying type of all specific types, or why there is none. `cond` may refuse a type.
    pub(crate) fn common_under_if(
        &self,
        ty: Ty,
        cond: impl Fn(&Self, Ty, Option<Ty>) -> Result<(), String>,
    ) -> Result<Ty, String> {
        let s = self.store;
        if !s.is_type_param(ty) {
            let under = s.under(ty);
            cond(self, ty, Some(under))?;
            return Ok(under);
        }
        let Some(list) = self.specific_terms(ty) else {
            cond(self, ty, None)?;
            return Err("no specific type".into());
        };
        let mut common: Option<(Ty, Ty)> = None;
        for (t, u) in list {
            cond(self, t, Some(u))?;
            let Some((ct, cu)) = common else {
                common = Some((t, u));
                continue;
            };
            if let (TyKind::Chan { dir: cd, elem: ce }, TyKind::Chan { dir, elem }) =
                (s.raw_kind(cu), s.raw_kind(u))
            {
                if !s.identical(*ce, *elem) {
                    return Err(format!(
                        "channels {} and {} have different element types",
                        self.ts(ct),
                        self.ts(t)
                    ));
                }
                if cd == dir {
                } else if *cd == ChanDir::Both {
                    common = Some((t, u));
                } else if *dir != ChanDir::Both {
                    return Err(format!(
                        "channels {} and {} have conflicting directions",
                        self.ts(ct),
                        self.ts(t)
                    ));
                }
                continue;
            }
            if !s.identical(cu, u) {
                return Err(format!(
                    "{} and {} have different underlying types",
                    self.ts(ct),
                    self.ts(t)
                ));
            }
        }
        common.map(|c| c.1).ok_or_else(|| "no specific type".into())
    }

    /// The common underlying type of all specific types.
    pub(crate) fn common_under(&self, ty: Ty) -> Option<Ty> {
        if !self.store.is_type_param(ty) {
            return Some(self.store.under(ty));
        }
        self.common_under_if(ty, |_, _, _| Ok(())).ok()
    }
}
