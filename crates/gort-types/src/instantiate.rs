//! Whether types satisfy constraints and implement interfaces.

use crate::check::Checker;
use crate::lookup::Lookup;
use crate::object::ObjId;
use crate::types::*;
use crate::typestring::{Form, TypeWriter};

/// How two method signatures are compared.
pub(crate) type Equivalent<'c, 'a> = &'c mut dyn FnMut(&mut Checker<'a>, Ty, Ty) -> bool;

/// What is wrong with a method.
#[derive(PartialEq)]
enum Problem {
    NotFound,
    WrongName,
    Unexported,
    WrongSig,
    Ambiguous,
    PtrRecv,
    Field,
}

/// A method that is missing or wrong, and the one that there is, with its type.
type Missing = (IfaceMethod, Problem, Option<(ObjId, Ty)>);

impl<'a> Checker<'a> {
    /// Whether type arguments satisfy their constraints; else the index of one that does not, and why.
    pub(crate) fn verify_instance(
        &mut self,
        tparams: &[Ty],
        targs: &[Ty],
    ) -> Result<(), (usize, String)> {
        for (i, (&p, &t)) in tparams.iter().zip(targs).enumerate() {
            self.wrap_bound(p);
            let bound = crate::subst::subst(self.store, self.store.bound(p), tparams, targs);
            let mut cause = String::new();
            if !self.implements(t, bound, true, &mut cause) {
                return Err((i, cause));
            }
        }
        Ok(())
    }

    /// Whether `v` implements the interface `t`, or satisfies it as a constraint.
    pub(crate) fn implements(
        &mut self,
        v: Ty,
        t: Ty,
        constraint: bool,
        cause: &mut String,
    ) -> bool {
        let s = self.store;
        let (vu, tu) = (s.under(v), s.under(t));
        if !vu.is_valid() || !tu.is_valid() {
            return true;
        }
        if let TyKind::Pointer(b) = s.raw_kind(vu)
            && !s.under(*b).is_valid()
        {
            return true;
        }
        let verb = if constraint { "satisfy" } else { "implement" };
        if !matches!(s.raw_kind(tu), TyKind::Interface(_)) {
            let detail = if self.is_interface_ptr(tu) {
                self.interface_ptr_error(t)
            } else {
                format!("{} is not an interface", self.ts(t))
            };
            *cause = format!("{} does not {verb} {} ({detail})", self.ts(v), self.ts(t));
            return false;
        }
        let tset = s.type_set(tu);
        if tset.methods.is_empty() && tset.terms.is_none() && !tset.comparable {
            return true;
        }
        let vset = matches!(s.raw_kind(vu), TyKind::Interface(_)).then(|| s.type_set(vu));
        if vset.is_some_and(|v| v.terms.as_ref().is_some_and(|t| t.is_empty())) {
            return true;
        }
        if tset.terms.as_ref().is_some_and(|t| t.is_empty()) {
            *cause = format!("cannot {verb} {} (empty type set)", self.ts(t));
            return false;
        }
        if !self.has_all_methods(v, t, true, cause) {
            *cause = format!("{} does not {verb} {} {cause}", self.ts(v), self.ts(t));
            return false;
        }
        let Some(terms) = &tset.terms else {
            return self.check_comparability(v, tset, constraint, verb, cause);
        };
        if let Some(vset) = vset {
            if !s.terms_subset(vset.terms.as_deref(), Some(terms)) {
                *cause = format!("{} does not {verb} {}", self.ts(v), self.ts(t));
                return false;
            }
            return self.check_comparability(v, tset, constraint, verb, cause);
        }
        if !s.terms_include(Some(terms), v) {
            let alt = terms.iter().find(|m| {
                !m.tilde
                    && s.identical(m.ty, s.under(m.ty))
                    && s.terms_include(
                        Some(&[Term {
                            tilde: true,
                            ty: m.ty,
                        }]),
                        v,
                    )
            });
            let (vs, ts) = (self.ts(v), self.ts(t));
            let detail = if let Some(alt) = alt {
                format!("possibly missing ~ for {} in {ts}", self.ts(alt.ty))
            } else if self.mentions(tu, v) {
                format!("{ts} mentions {vs}, but {vs} is not in the type set of {ts}")
            } else {
                let list: Vec<String> = terms.iter().map(|&m| self.path_term(m)).collect();
                format!("{vs} missing in {}", list.join(" | "))
            };
            *cause = format!("{vs} does not {verb} {ts} ({detail})");
            return false;
        }
        self.check_comparability(v, tset, constraint, verb, cause)
    }

    /// A term with full package paths.
    pub(crate) fn path_term(&self, t: Term) -> String {
        let text = self.store.type_string(t.ty, Form::Paths);
        format!("{}{text}", if t.tilde { "~" } else { "" })
    }

    fn check_comparability(
        &mut self,
        v: Ty,
        tset: &TypeSet,
        constraint: bool,
        verb: &str,
        cause: &mut String,
    ) -> bool {
        let s = self.store;
        let wanted = match &tset.terms {
            None => tset.comparable,
            Some(terms) => terms.iter().all(|t| s.strictly_comparable(t.ty)),
        };
        if !wanted || s.strictly_comparable(v) {
            return true;
        }
        if constraint && s.comparable(v) {
            if self.allow_version(20) {
                return true;
            }
            *cause = format!(
                "{} to {verb} comparable requires go1.20 or later",
                self.ts(v)
            );
            return false;
        }
        *cause = format!("{} does not {verb} comparable", self.ts(v));
        false
    }

    fn mentions(&self, t: Ty, ty: Ty) -> bool {
        match self.store.raw_kind(t) {
            TyKind::Interface(i) => i.embeds.iter().any(|&e| self.mentions(e, ty)),
            TyKind::Union(l) => l.iter().any(|e| self.mentions(e.ty, ty)),
            _ => self.store.identical(t, ty),
        }
    }

    /// Whether `v` has all methods of the interface `t`. Without `static_`, an interface `v` may lack some.
    pub(crate) fn has_all_methods(
        &mut self,
        v: Ty,
        t: Ty,
        static_: bool,
        cause: &mut String,
    ) -> bool {
        self.has_all_methods_by(v, t, static_, &mut |c, a, b| c.store.identical(a, b), cause)
    }

    pub(crate) fn has_all_methods_by(
        &mut self,
        v: Ty,
        t: Ty,
        static_: bool,
        eq: Equivalent<'_, 'a>,
        cause: &mut String,
    ) -> bool {
        if !self.store.unalias(v).is_valid() {
            return true;
        }
        let methods = &self.store.type_set(t).methods;
        let Some((m, problem, f)) = self.missing_method(v, methods, static_, eq) else {
            return true;
        };
        if self.has_invalid_embedded(v, &mut vec![]) {
            return true;
        }
        *cause = self.missing_cause(v, t, &m, problem, f);
        false
    }

    fn missing_method(
        &mut self,
        v: Ty,
        methods: &[IfaceMethod],
        static_: bool,
        eq: Equivalent<'_, 'a>,
    ) -> Option<Missing> {
        let s = self.store;
        if let TyKind::Interface(_) = s.under_kind(v) {
            let vset = s.type_set(v);
            for m in methods {
                let found = vset
                    .methods
                    .iter()
                    .find(|f| s.same_id((f.name, f.pkg), m.name, m.pkg, false));
                let Some(f) = found else {
                    if static_ {
                        return Some((*m, Problem::NotFound, None));
                    }
                    continue;
                };
                if !eq(self, f.sig, m.sig) {
                    return Some((*m, Problem::WrongSig, Some((f.obj, f.sig))));
                }
            }
            return None;
        }
        for m in methods {
            let pkg = m.pkg.or(Some(self.pkg));
            let mut found = s.lookup_impl(v, false, pkg, m.name, false);
            if let Lookup::Method(f) = &found
                && s.obj(f.obj).ty.get().is_none()
            {
                self.declare_method(f.obj);
                found = s.lookup_impl(v, false, pkg, m.name, false);
            }
            match found {
                Lookup::Method(f) => {
                    if !eq(self, f.ty, m.sig) {
                        return Some((*m, Problem::WrongSig, Some((f.obj, f.ty))));
                    }
                }
                Lookup::Field(_) => return Some((*m, Problem::Field, None)),
                Lookup::Ambiguous(_) => return Some((*m, Problem::Ambiguous, None)),
                Lookup::PtrRecv => return Some((*m, Problem::PtrRecv, None)),
                Lookup::NotFound => {
                    let alt = s.lookup_impl(v, false, pkg, m.name, true);
                    if let Lookup::Method(f) = alt {
                        self.declare_method(f.obj);
                        let problem = if s.obj(f.obj).name == m.name {
                            Problem::Unexported
                        } else {
                            Problem::WrongName
                        };
                        let ty = s.obj(f.obj).ty();
                        return Some((*m, problem, Some((f.obj, ty))));
                    }
                    return Some((*m, Problem::NotFound, None));
                }
            }
        }
        None
    }

    fn missing_cause(
        &self,
        v: Ty,
        t: Ty,
        m: &IfaceMethod,
        problem: Problem,
        f: Option<(ObjId, Ty)>,
    ) -> String {
        let name = m.name;
        let have_want = |info: bool| {
            let have = f.map_or(String::new(), |(o, sig)| {
                self.func_string(self.store.obj(o).name, sig, info)
            });
            (have, self.func_string(name, m.sig, info))
        };
        match problem {
            Problem::NotFound if self.is_interface_ptr(v) => {
                format!("({})", self.interface_ptr_error(v))
            }
            Problem::NotFound if self.is_interface_ptr(t) => {
                format!("({})", self.interface_ptr_error(t))
            }
            Problem::NotFound => format!("(missing method {name})"),
            Problem::WrongName => {
                let (have, want) = have_want(false);
                format!("(missing method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Problem::Unexported => format!("(unexported method {name})"),
            Problem::WrongSig => {
                let (mut have, mut want) = have_want(false);
                if have == want {
                    (have, want) = have_want(true);
                }
                if have == want {
                    return format!("(wrong type for method {name})");
                }
                format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            Problem::Ambiguous => format!("(ambiguous selector {}.{name})", self.ts(v)),
            Problem::PtrRecv => format!("(method {name} has pointer receiver)"),
            Problem::Field => format!("({}.{name} is a field, not a method)", self.ts(v)),
        }
    }

    fn func_string(&self, name: gort_syntax::Symbol, sig: Ty, pkg_info: bool) -> String {
        let form = if pkg_info {
            Form::Paths
        } else {
            Form::Message(self.pkg)
        };
        let mut w = TypeWriter::new(self.store, form).without_param_names(pkg_info);
        w.out.push_str(name.as_str());
        if let Some(s) = self.store.sig(sig) {
            w.signature(s);
        }
        w.out
    }

    fn has_invalid_embedded(&self, ty: Ty, seen: &mut Vec<Ty>) -> bool {
        let s = self.store;
        let base = match s.under_kind(ty) {
            TyKind::Pointer(b) if matches!(s.under_kind(*b), TyKind::Struct(_)) => *b,
            _ => ty,
        };
        let TyKind::Struct(st) = s.under_kind(base) else {
            return false;
        };
        let under = s.under(base);
        if seen.contains(&under) {
            return false;
        }
        seen.push(under);
        st.fields.iter().any(|f| {
            f.embedded && (!s.unalias(f.ty).is_valid() || self.has_invalid_embedded(f.ty, seen))
        })
    }
}
