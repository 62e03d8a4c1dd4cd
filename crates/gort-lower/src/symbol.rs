//! Names of symbols, spelled as gc spells them.

use crate::program::Cx;
use gort_syntax::Symbol;
use gort_types::lookup::MethodEntry;
use gort_types::{Form, ObjId, Ty, TyKind};

/// The symbol of a function or method with type arguments.
///
/// Type arguments and receivers have the unique names of their types: local types of different functions may
/// share one name.
pub fn func(cx: &mut Cx<'_>, obj: ObjId, targs: &[Ty]) -> String {
    if let Some(name) = cx.linkname(obj) {
        return name.to_string();
    }
    let o = cx.store.obj(obj);
    let path = path_of(cx, obj);
    let mut name = match o.func().and_then(|f| f.recv()) {
        Some(recv) => method_name(cx, recv, o.name),
        None => format!("{path}.{}", o.name),
    };
    if !targs.is_empty() {
        let args: Vec<String> = targs.iter().map(|&t| cx.type_name(t)).collect();
        name.push_str(&format!("[{}]", args.join(",")));
    }
    name
}

/// The path that symbols of an object's package start with.
pub fn path_of(cx: &Cx<'_>, obj: ObjId) -> String {
    match cx.store.obj(obj).pkg {
        Some(p) => {
            let unit = &cx.units[cx.unit_of(Some(p))];
            if unit.pkg == p {
                unit.path.clone()
            } else {
                cx.store.package(p).path.to_string()
            }
        }
        None => "runtime".to_string(),
    }
}

/// `pkg.T.M` or `pkg.(*T).M`
fn method_name(cx: &mut Cx<'_>, recv: Ty, method: Symbol) -> String {
    match cx.store.kind(recv) {
        TyKind::Pointer(elem) => {
            let t = cx.type_name(*elem);
            match t.rfind('.') {
                Some(_) => {
                    let (pkg, name) = split_name(&t);
                    format!("{pkg}.(*{name}).{method}")
                }
                None => format!("(*{t}).{method}"),
            }
        }
        _ => format!("{}.{method}", cx.type_name(recv)),
    }
}

/// Split `a/b.T[c.D]` before the type's own name.
fn split_name(t: &str) -> (&str, &str) {
    let end = t.find('[').unwrap_or(t.len());
    match t[..end].rfind('.') {
        Some(i) => (&t[..i], &t[i + 1..]),
        None => ("", t),
    }
}

impl Cx<'_> {
    /// The link string of a type, with the path `main` for the main package.
    fn type_name_plain(&self, ty: Ty) -> String {
        let s = self.store.type_string(ty, Form::Link);
        match self.units.last() {
            Some(u) => {
                let path = &self.store.package(u.pkg).path;
                if **path == *u.path {
                    s
                } else {
                    s.replace(&format!("{path}."), &format!("{}.", u.path))
                }
            }
            None => s,
        }
    }

    /// The unique name of a type: its link string, numbered where different local types share one.
    pub fn type_name(&mut self, ty: Ty) -> String {
        let ty = self.store.canon(ty);
        if let Some(name) = self.data.type_names.get(&ty) {
            return name.clone();
        }
        let base = self.type_name_plain(ty);
        let mut name = base.clone();
        let mut n = 0;
        while self.type_names.contains_key(&name) {
            n += 1;
            name = format!("{base}·{n}");
        }
        self.type_names.insert(name.clone(), ty);
        self.data.type_names.insert(ty, name.clone());
        name
    }

    /// The symbol of a wrapper method of a type. Unexported methods of several packages may have one name.
    pub fn method_symbol(&mut self, recv: Ty, m: &MethodEntry) -> String {
        let base = self.store.deref(recv).unwrap_or(recv);
        let own = self
            .store
            .named(base)
            .and_then(|n| self.store.obj(n.obj).pkg);
        let method = match m.pkg {
            Some(p) if !m.name.is_exported() && own != Some(p) => {
                format!("{}.{}", self.store.package(p).path, m.name)
            }
            _ => m.name.to_string(),
        };
        let elem = match self.store.kind(recv) {
            TyKind::Pointer(e) => Some(*e),
            _ => None,
        };
        match elem {
            Some(e) => {
                let t = self.type_name(e);
                let (pkg, name) = split_name(&t);
                if pkg.is_empty() {
                    format!("(*{name}).{method}")
                } else {
                    format!("{pkg}.(*{name}).{method}")
                }
            }
            None => format!("{}.{method}", self.type_name(recv)),
        }
    }

    /// The unit that a type's descriptor and wrappers go to.
    pub fn type_unit(&self, ty: Ty) -> usize {
        let base = match self.store.kind(ty) {
            TyKind::Pointer(e) => *e,
            _ => ty,
        };
        match self.store.named(base) {
            Some(n) => self.unit_of(self.store.obj(n.obj).pkg),
            None => self.runtime_unit(),
        }
    }
}
