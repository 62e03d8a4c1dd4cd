//! Types as text, in the three forms that are needed.

use crate::constant::quote;
use crate::object::{ObjId, PkgId};
use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::FileSet;
use std::fmt::Write;

/// The form of a type's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// For messages of a package: its own types bare, others with the package name.
    Message(PkgId),
    /// For messages where package names alone would mislead: full paths everywhere.
    Paths,
    /// What `reflect.Type.String` gives: package names everywhere, arguments of instances as in symbols.
    Reflect,
    /// For symbols: full import paths everywhere, local types numbered. Unique for canonical types.
    Link,
}

/// Writes types.
pub(crate) struct TypeWriter<'s> {
    store: &'s TypeStore,
    pub(crate) out: String,
    form: Form,
    /// Depth inside type arguments, where the reflect form has full paths.
    nested: u32,
    param_names: bool,
    /// Write packages of unexported struct fields.
    pkg_info: bool,
    /// Package names that are not unique: written as quoted paths.
    ambiguous: Option<&'s dyn Fn(PkgId) -> bool>,
    /// For type parameters that are named like predeclared things.
    fset: Option<&'s FileSet>,
}

impl TypeStore {
    /// The text of a type.
    pub fn type_string(&self, ty: Ty, form: Form) -> String {
        let mut w = TypeWriter::new(self, form);
        w.ty(ty);
        w.out
    }

    /// The full name of a function or method, as in `main.f`, `(*main.T).m`, `main.T.m`.
    pub fn full_name(&self, func: ObjId) -> String {
        let o = self.obj(func);
        let mut w = TypeWriter::new(self, Form::Link);
        match o.func().and_then(|f| f.recv()) {
            Some(recv) => {
                let ptr = self.deref(recv).is_some();
                if ptr {
                    w.out.push('(');
                }
                w.ty(recv);
                w.out.push_str(if ptr { ")." } else { "." });
            }
            None => {
                if let Some(p) = o.pkg {
                    let _ = write!(w.out, "{}.", self.package(p).path);
                }
            }
        }
        w.out.push_str(o.name.as_str());
        w.out
    }
}

impl<'s> TypeWriter<'s> {
    pub(crate) fn new(store: &'s TypeStore, form: Form) -> TypeWriter<'s> {
        TypeWriter {
            store,
            out: String::new(),
            form,
            nested: 0,
            param_names: matches!(form, Form::Message(_) | Form::Paths),
            pkg_info: false,
            ambiguous: None,
            fset: None,
        }
    }

    pub(crate) fn with_ambiguous(mut self, f: &'s dyn Fn(PkgId) -> bool) -> TypeWriter<'s> {
        self.ambiguous = Some(f);
        self
    }

    pub(crate) fn with_universe_names(mut self, fset: &'s FileSet) -> TypeWriter<'s> {
        self.fset = Some(fset);
        self
    }

    pub(crate) fn without_param_names(mut self, pkg_info: bool) -> TypeWriter<'s> {
        self.param_names = false;
        self.pkg_info = pkg_info;
        self
    }

    /// Whether the text stands in a symbol: names and packages are unique there, as in the arguments of instances
    /// that reflect shows.
    fn link(&self) -> bool {
        self.form == Form::Link || self.form == Form::Reflect && self.nested > 0
    }

    /// Official Go numbers local types in symbols, behind their type arguments.
    fn local_number(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        let package = o.pkg.map(|p| self.store.package(p));
        let number = package.and_then(|p| p.local_types.get()?.get(&o.pos));
        if let (true, Some(n)) = (self.link(), number) {
            let _ = write!(self.out, "·{n}");
        }
    }

    fn message(&self) -> bool {
        matches!(self.form, Form::Message(_) | Form::Paths)
    }

    fn qualify(&mut self, pkg: Option<PkgId>) {
        let Some(p) = pkg else { return };
        let data = self.store.package(p);
        match self.form {
            Form::Message(own) if own == p => {}
            Form::Message(_) => {
                if self.ambiguous.is_some_and(|f| f(p)) {
                    self.out.push_str(&quote(data.path.as_bytes()));
                } else {
                    self.out.push_str(data.name().as_str());
                }
                self.out.push('.');
            }
            Form::Reflect if self.nested == 0 => {
                self.out.push_str(data.name().as_str());
                self.out.push('.');
            }
            _ => {
                self.out.push_str(&data.path);
                self.out.push('.');
            }
        }
    }

    fn sep(&mut self, first: bool, sep: &str) {
        if !first {
            self.out.push_str(sep);
        }
    }

    fn type_name(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        self.qualify(o.pkg);
        self.out.push_str(o.name.as_str());
    }

    fn list(&mut self, list: &[Ty]) {
        self.out.push('[');
        self.nested += 1;
        let sep = if self.message() { ", " } else { "," };
        for (i, &t) in list.iter().enumerate() {
            self.sep(i == 0, sep);
            self.ty(t);
        }
        self.nested -= 1;
        self.out.push(']');
    }

    fn tparams(&mut self, list: &[Ty]) {
        self.out.push('[');
        let mut prev = None;
        for (i, &p) in list.iter().enumerate() {
            let bound = self.store.bound(p);
            if i > 0 {
                if let Some(b) = prev
                    && b != bound
                {
                    self.out.push(' ');
                    self.ty(b);
                }
                self.out.push_str(", ");
            }
            prev = Some(bound);
            self.ty(p);
        }
        if let Some(b) = prev {
            self.out.push(' ');
            self.ty(b);
        }
        self.out.push(']');
    }

    /// A type.
    pub(crate) fn ty(&mut self, ty: Ty) {
        if self.out.len() > 1 << 16 {
            return;
        }
        let store = self.store;
        match ty {
            Ty::BYTE if self.message() => return self.out.push_str("byte"),
            Ty::RUNE if self.message() => return self.out.push_str("rune"),
            _ => {}
        }
        match store.raw_kind(ty) {
            TyKind::Basic(k) => {
                let name = BASICS.iter().find(|b| b.1 == *k).map_or("?", |b| b.2);
                self.out.push_str(name);
            }
            TyKind::Pointer(t) => {
                self.out.push('*');
                self.ty(*t);
            }
            TyKind::Slice(t) => {
                self.out.push_str("[]");
                self.ty(*t);
            }
            TyKind::Array { elem, len } => {
                let _ = write!(self.out, "[{len}]");
                self.ty(*elem);
            }
            TyKind::Map { key, elem } => {
                self.out.push_str("map[");
                self.ty(*key);
                self.out.push(']');
                self.ty(*elem);
            }
            TyKind::Chan { dir, elem } => {
                let (text, parens) = match dir {
                    ChanDir::Send => ("chan<- ", false),
                    ChanDir::Recv => ("<-chan ", false),
                    ChanDir::Both => {
                        let recv = matches!(
                            store.raw_kind(*elem),
                            TyKind::Chan {
                                dir: ChanDir::Recv,
                                ..
                            }
                        );
                        ("chan ", recv)
                    }
                };
                self.out.push_str(text);
                if parens {
                    self.out.push('(');
                }
                self.ty(*elem);
                if parens {
                    self.out.push(')');
                }
            }
            TyKind::Struct(s) => self.structure(s),
            TyKind::Signature(s) => {
                self.out.push_str("func");
                self.signature(s);
            }
            TyKind::Interface(i) => self.interface(ty, i),
            TyKind::Tuple(list) => {
                self.out.push('(');
                for (i, &t) in list.iter().enumerate() {
                    self.sep(i == 0, ", ");
                    self.ty(t);
                }
                self.out.push(')');
            }
            TyKind::Named(n) => {
                self.type_name(n.obj);
                if n.origin.is_some() {
                    self.list(&n.targs);
                } else if self.message() && !store.type_params(ty).is_empty() {
                    self.tparams(store.type_params(ty));
                }
                self.local_number(n.obj);
            }
            TyKind::Alias(a) => {
                if !self.message() {
                    return self.ty(store.unalias(ty));
                }
                self.type_name(a.obj);
                if a.origin.is_some() {
                    self.list(&a.targs);
                } else if !store.type_params(ty).is_empty() {
                    self.tparams(store.type_params(ty));
                }
            }
            TyKind::TypeParam(p) => {
                let o = store.obj(p.obj);
                self.out.push_str(o.name.as_str());
                if let Some(fset) = self.fset
                    && store.universe(o.name).is_some()
                    && let Some(pos) = fset.position(o.pos)
                {
                    let _ = write!(
                        self.out,
                        " /* with {} declared at {}:{}:{} */",
                        o.name, pos.file, pos.line, pos.col
                    );
                }
            }
            TyKind::Union(terms) => {
                for (i, t) in terms.iter().enumerate() {
                    self.sep(i == 0, " | ");
                    if t.tilde {
                        self.out.push('~');
                    }
                    self.ty(t.ty);
                }
            }
        }
    }

    fn structure(&mut self, s: &StructType) {
        let wide = !self.message();
        self.out.push_str(if wide { "struct {" } else { "struct{" });
        for (i, f) in s.fields.iter().enumerate() {
            self.sep(i == 0, if wide { ";" } else { "; " });
            if wide {
                self.out.push(' ');
            }
            let annotate = self.pkg_info && f.pkg.is_some();
            if annotate {
                self.pkg_info = false;
            }
            if !f.embedded {
                if self.link()
                    && let Some(p) = f.pkg
                {
                    let _ = write!(self.out, "{}.", self.store.package(p).path);
                }
                self.out.push_str(f.name.as_str());
                self.out.push(' ');
            }
            self.ty(f.ty);
            if annotate && let Some(p) = f.pkg {
                let _ = write!(self.out, " /* package {} */ ", self.store.package(p).path);
            }
            if f.tag != gort_syntax::Symbol::EMPTY {
                self.out.push(' ');
                self.out.push_str(&quote(f.tag.as_str().as_bytes()));
            }
        }
        if wide && !s.fields.is_empty() {
            self.out.push(' ');
        }
        self.out.push('}');
    }

    fn interface(&mut self, ty: Ty, i: &InterfaceType) {
        let wide = !self.message();
        if !wide {
            if ty == self.store.under(Ty::COMPARABLE) {
                return self.out.push_str("interface{comparable}");
            }
            if i.implicit {
                if i.methods.is_empty() && i.embeds.len() == 1 {
                    return self.ty(i.embeds[0]);
                }
                self.out.push_str("/* implicit */ ");
            }
        }
        self.out
            .push_str(if wide { "interface {" } else { "interface{" });
        let mut first = true;
        let set;
        let (methods, embeds): (&[IfaceMethod], &[Ty]) = if wide {
            set = self.store.type_set(ty);
            (
                &set.methods,
                if set.terms.is_some() || set.comparable {
                    &i.embeds
                } else {
                    &[]
                },
            )
        } else {
            (&i.methods, &i.embeds)
        };
        for m in methods {
            self.sep(first, if wide { ";" } else { "; " });
            if wide {
                self.out.push(' ');
                if let Some(p) = m.pkg {
                    let data = self.store.package(p);
                    let _ = match self.link() {
                        true => write!(self.out, "{}.", data.path),
                        false => write!(self.out, "{}.", data.name()),
                    };
                }
            }
            first = false;
            self.out.push_str(m.name.as_str());
            if let Some(s) = self.store.sig(m.sig) {
                self.signature(s);
            }
        }
        for &t in embeds {
            self.sep(first, if wide { ";" } else { "; " });
            if wide {
                self.out.push(' ');
            }
            first = false;
            self.ty(t);
        }
        if wide && !first {
            self.out.push(' ');
        }
        self.out.push('}');
    }

    fn params(&mut self, list: &[Param], variadic: bool) {
        self.out.push('(');
        for (i, p) in list.iter().enumerate() {
            self.sep(i == 0, ", ");
            if self.param_names && p.name != gort_syntax::Symbol::EMPTY {
                self.out.push_str(p.name.as_str());
                self.out.push(' ');
            }
            if variadic && i + 1 == list.len() {
                match self.store.raw_kind(p.ty) {
                    TyKind::Slice(elem) => {
                        self.out.push_str("...");
                        self.ty(*elem);
                    }
                    _ => {
                        self.ty(p.ty);
                        self.out.push_str("...");
                    }
                }
            } else {
                self.ty(p.ty);
            }
        }
        self.out.push(')');
    }

    /// A signature without `func`.
    pub(crate) fn signature(&mut self, s: &Signature) {
        if !s.tparams.is_empty() {
            self.tparams(&s.tparams);
        }
        self.params(&s.params, s.variadic);
        match &s.results[..] {
            [] => {}
            [p] if !self.param_names || p.name == gort_syntax::Symbol::EMPTY => {
                self.out.push(' ');
                self.ty(p.ty);
            }
            list => {
                self.out.push(' ');
                self.params(list, false);
            }
        }
    }
}
