//! Collecting the package-level names of all files, imports included.

use crate::check::{Checker, Env, Importer};
use crate::errors::Report;
use crate::exprstring::{expr_string, start_pos};
use crate::info::FuncInfo;
use crate::object::*;
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A package-level declaration.
pub(crate) struct DeclInfo<'a> {
    pub file: u32,
    pub kind: DeclKind<'a>,
    /// Package-level objects that it refers to.
    pub deps: FxHashSet<ObjId>,
}

/// What is declared.
#[derive(Clone)]
pub(crate) enum DeclKind<'a> {
    Const {
        typ: Option<ExprRef<'a>>,
        init: Option<ExprRef<'a>>,
        inherited: bool,
        iota: u32,
    },
    Var {
        lhs: Arc<[ObjId]>,
        typ: Option<ExprRef<'a>>,
        init: Option<ExprRef<'a>>,
    },
    Type(&'a TypeDecl<'a>),
    Func(&'a FuncDecl<'a>),
}

/// The parts of a receiver's type expression.
pub(crate) struct RecvParts<'a> {
    pub ptr: bool,
    pub base: ExprRef<'a>,
    pub tparams: Vec<Ident>,
    pub has_tparams: bool,
}

impl<'a> Checker<'a> {
    /// Complain if numbers of names and values differ.
    pub(crate) fn arity(
        &mut self,
        pos: Pos,
        names: &[Ident],
        inits: &[ExprRef<'a>],
        is_const: bool,
        inherited: bool,
    ) {
        let (l, r) = (names.len(), inits.len());
        if l < r {
            let n = inits[l];
            if inherited {
                let msg = format!("extra init expr at {}", self.pos_string(n.pos));
                self.error(pos, "WrongAssignCount", msg);
            } else {
                let msg = format!("extra init expr {}", expr_string(n));
                self.error(start_pos(n), "WrongAssignCount", msg);
            }
        } else if l > r && (is_const || r != 1) {
            let n = names[r];
            self.error(
                n.pos,
                "WrongAssignCount",
                format!("missing init expr for {}", n.name),
            );
        }
    }

    fn add_decl(&mut self, file: u32, kind: DeclKind<'a>) -> usize {
        self.decls.push(DeclInfo {
            file,
            kind,
            deps: FxHashSet::default(),
        });
        self.decls.len() - 1
    }

    fn add_obj(&mut self, obj: ObjId, decl: usize) {
        self.decl_of.insert(obj, decl);
        self.obj_list.push(obj);
        self.store
            .obj(obj)
            .order
            .store(self.obj_list.len() as u32, Ordering::Relaxed);
    }

    fn declare_in_package(&mut self, id: &Ident, obj: ObjId) {
        if !id.name.is_blank() {
            if let Some(&alt) = self.pkg_scope.get(&id.name) {
                let r = Report::new(
                    id.pos,
                    "DuplicateDecl",
                    format!("{} redeclared in this block", id.name),
                );
                let r = self.alt_decl(r, alt);
                self.report(r);
                return;
            }
            self.pkg_scope.insert(id.name, obj);
        }
        self.info.record_obj(id.id, obj, true);
    }

    fn declare_pkg_obj(&mut self, id: &Ident, obj: ObjId, decl: usize) {
        let name = id.name.as_str();
        if name == "init" {
            self.error(
                id.pos,
                "InvalidInitDecl",
                "cannot declare init - must be func",
            );
            return;
        }
        if name == "main" && self.store.package(self.pkg).name().as_str() == "main" {
            self.error(
                id.pos,
                "InvalidMainDecl",
                "cannot declare main - must be func",
            );
            return;
        }
        self.declare_in_package(id, obj);
        self.add_obj(obj, decl);
    }

    fn new_pkg_obj(&self, id: &Ident, data: ObjData) -> ObjId {
        self.store
            .new_obj(Object::blank(id.name, id.pos, Some(self.pkg), data))
    }

    fn import_package(&mut self, importer: &dyn Importer, pos: Pos, path: &str) -> PkgId {
        if path == "unsafe" {
            return PkgId::UNSAFE;
        }
        match importer.import(path) {
            Ok(pkg) => pkg,
            Err(why) => {
                let msg = format!("could not import {path} ({why})");
                self.error(pos, "BrokenImport", msg);
                let pkg = self.store.new_package(path);
                let name = path
                    .trim_end_matches('/')
                    .rsplit('/')
                    .next()
                    .unwrap_or(path);
                let data = self.store.package(pkg);
                let _ = data.name.set(Symbol::intern(name));
                let _ = data.scope.set(FxHashMap::default());
                data.fake.store(true, Ordering::Relaxed);
                pkg
            }
        }
    }

    fn import_decl(&mut self, importer: &dyn Importer, file: usize, d: &ImportDecl<'a>) {
        let bytes = crate::constant::unquote(d.path).unwrap_or_default();
        let path = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(why) = valid_import_path(&path) {
            let msg = format!("invalid import path ({why})");
            self.error(d.path_pos, "BadImportPath", msg);
            return;
        }
        let clean = clean_path(&path);
        if clean != path {
            let msg = format!(
                "could not import {path} (non-canonical import path {path:?} (should be {clean:?}))"
            );
            self.error(d.path_pos, "BrokenImport", msg);
            return;
        }
        let imp = self.import_package(importer, d.path_pos, &path);
        let name = d
            .name
            .map_or_else(|| self.store.package(imp).name(), |n| n.name);
        if name.as_str() == "init" {
            let msg = "cannot import package as init - init must be a func";
            self.error(d.pos, "InvalidInitDecl", msg);
            return;
        }
        if !self.imported.contains(&imp) {
            self.imported.push(imp);
        }
        let pos = d.name.map_or(d.path_pos, |n| n.pos);
        let data = ObjData::PkgName { imported: imp };
        let obj = self
            .store
            .new_obj(Object::blank(name, pos, Some(self.pkg), data));
        match d.name {
            Some(n) => self.info.record_obj(n.id, obj, true),
            None => {
                self.info.import_objs.insert(d.pos, obj);
            }
        }
        if self.store.package(imp).fake.load(Ordering::Relaxed) {
            self.store.obj(obj).set_used();
        }
        self.import_names.push(obj);
        if name == Symbol::DOT {
            let mut members: Vec<(Symbol, ObjId)> = self.store.package(imp).scope().collect();
            members.sort_by_key(|m| m.0.as_str());
            for (name, member) in members {
                if !name.is_exported() {
                    continue;
                }
                if let Some(&(alt, _)) = self.file_scopes[file].get(&name) {
                    let r = Report::new(
                        pos,
                        "DuplicateDecl",
                        format!("{name} redeclared in this block"),
                    );
                    let r = self.alt_decl(r, alt);
                    self.report(r);
                } else {
                    self.file_scopes[file].insert(name, (member, Some(obj)));
                }
            }
        } else if !name.is_blank() {
            if let Some(&(alt, _)) = self.file_scopes[file].get(&name) {
                let r = Report::new(
                    pos,
                    "DuplicateDecl",
                    format!("{name} redeclared in this block"),
                );
                let r = self.alt_decl(r, alt);
                self.report(r);
            } else {
                self.file_scopes[file].insert(name, (obj, None));
            }
        }
    }

    pub(crate) fn collect_objects(&mut self, importer: &dyn Importer) {
        let mut methods: Vec<(ObjId, bool, Symbol)> = vec![];
        let files: &'a [File<'a>] = self.files;
        self.file_scopes = files.iter().map(|_| FxHashMap::default()).collect();
        for (i, file) in files.iter().enumerate() {
            self.env = Env::new(i as u32, self.info.file_versions[i]);
            for d in &file.decls {
                match d {
                    Decl::Import(d) => self.import_decl(importer, i, d),
                    Decl::Const(d) => self.collect_const(i as u32, d),
                    Decl::Var(d) => self.collect_var(i as u32, d),
                    Decl::Type(d) => {
                        let obj = self.new_pkg_obj(&d.name, ObjData::TypeName { alias: d.alias });
                        let decl = self.add_decl(i as u32, DeclKind::Type(d));
                        self.declare_pkg_obj(&d.name, obj, decl);
                    }
                    Decl::Func(d) => self.collect_func(i as u32, d, &mut methods),
                }
            }
        }
        self.check_file_conflicts();
        for (m, ptr, recv) in methods {
            if let Some((ptr, base)) = self.resolve_base_type_name(ptr, recv) {
                if let Some(f) = self.store.obj(m).func() {
                    f.ptr_recv.store(ptr, Ordering::Relaxed);
                }
                self.methods.entry(base).or_default().push(m);
            }
        }
        let data = self.store.package(self.pkg);
        let _ = data.scope.set(self.pkg_scope.clone());
        let mut imports = self.imported.clone();
        imports.sort_by(|a, b| {
            self.store
                .package(*a)
                .path
                .cmp(&self.store.package(*b).path)
        });
        let _ = data.imports.set(imports.into());
    }

    fn collect_const(&mut self, file: u32, d: &'a ConstDecl<'a>) {
        let (typ, values) = d.inherited;
        let inherited =
            d.typ.is_none() && d.values.is_empty() && (typ.is_some() || !values.is_empty());
        for (i, name) in d.names.iter().enumerate() {
            let obj = self.new_pkg_obj(
                name,
                ObjData::Const {
                    value: Default::default(),
                },
            );
            let init = values.get(i).copied();
            let decl = self.add_decl(
                file,
                DeclKind::Const {
                    typ,
                    init,
                    inherited,
                    iota: d.iota,
                },
            );
            self.declare_pkg_obj(name, obj, decl);
        }
        self.arity(d.pos, d.names, values, true, inherited);
    }

    fn collect_var(&mut self, file: u32, d: &'a VarDecl<'a>) {
        self.check_embed(d, false);
        let data = || ObjData::Var {
            kind: VarKind::Package,
            embedded: false,
        };
        let lhs: Arc<[ObjId]> = d
            .names
            .iter()
            .map(|n| self.new_pkg_obj(n, data()))
            .collect();
        let shared = (d.values.len() == 1).then(|| {
            let init = Some(d.values[0]);
            self.add_decl(
                file,
                DeclKind::Var {
                    lhs: lhs.clone(),
                    typ: d.typ,
                    init,
                },
            )
        });
        for (i, name) in d.names.iter().enumerate() {
            let decl = shared.unwrap_or_else(|| {
                let init = d.values.get(i).copied();
                let lhs = Arc::new([lhs[i]]);
                self.add_decl(
                    file,
                    DeclKind::Var {
                        lhs,
                        typ: d.typ,
                        init,
                    },
                )
            });
            self.declare_pkg_obj(name, lhs[i], decl);
        }
        if d.typ.is_none() || !d.values.is_empty() {
            self.arity(d.pos, d.names, d.values, false, false);
        }
    }

    fn collect_func(
        &mut self,
        file: u32,
        d: &'a FuncDecl<'a>,
        methods: &mut Vec<(ObjId, bool, Symbol)>,
    ) {
        let name = d.name.name;
        self.check_func_pragmas(d);
        let obj = self.new_pkg_obj(&d.name, ObjData::Func(FuncData::default()));
        let tparam0 = d.sig.tparams.first().map(|f| f.pos);
        match d.recv {
            None => {
                let text = name.as_str();
                let is_init = text == "init";
                let is_main =
                    text == "main" && self.store.package(self.pkg).name().as_str() == "main";
                if is_init || is_main {
                    let code = if is_init {
                        "InvalidInitDecl"
                    } else {
                        "InvalidMainDecl"
                    };
                    if let Some(pos) = tparam0 {
                        let msg = format!("func {name} must have no type parameters");
                        self.soft_error(pos, code, msg);
                    }
                    if !d.sig.params.is_empty() || !d.sig.results.is_empty() {
                        let msg =
                            format!("func {name} must have no arguments and no return values");
                        self.soft_error(d.name.pos, code, msg);
                    }
                } else if let Some(pos) = tparam0 {
                    self.verify_version(pos, 18, |_| "type parameter".into());
                }
                if is_init {
                    self.info.record_obj(d.name.id, obj, true);
                    if !d.has_body() {
                        self.soft_error(
                            d.name.pos,
                            "MissingInitBody",
                            "func init must have a body",
                        );
                    }
                } else {
                    self.declare_in_package(&d.name, obj);
                }
            }
            Some(recv) => {
                let parts = self.unpack_recv(recv.typ, false);
                if let ExprKind::Name(base) = parts.base.kind
                    && !name.is_blank()
                {
                    methods.push((obj, parts.ptr, base));
                }
                if let Some(pos) = tparam0 {
                    self.verify_version(pos, 27, |_| "generic method".into());
                }
                self.info.record_obj(d.name.id, obj, true);
            }
        }
        let decl = self.add_decl(file, DeclKind::Func(d));
        self.add_obj(obj, decl);
        let info = FuncInfo { obj, decl: d, file };
        self.info.funcs.push(info);
        self.info.func_decls.insert(obj, info);
    }

    fn check_file_conflicts(&mut self) {
        let mut found = vec![];
        for scope in &self.file_scopes {
            for (name, &(obj, _)) in scope {
                if let Some(&alt) = self.pkg_scope.get(name) {
                    found.push((alt, obj));
                }
            }
        }
        found.sort_by_key(|f| self.store.obj(f.0).pos);
        for (alt, obj) in found {
            let store = self.store;
            let (a, o) = (store.obj(alt), store.obj(obj));
            let msg = match o.data {
                ObjData::PkgName { imported } => {
                    let p = store.package(imported);
                    let pkg = format!("package {} ({:?})", p.name(), p.path);
                    format!("{} already declared through import of {pkg}", a.name)
                }
                _ => {
                    let p = o.pkg.map(|p| store.package(p));
                    let pkg = p.map_or(String::new(), |p| {
                        format!("package {} ({:?})", p.name(), p.path)
                    });
                    format!("{} already declared through dot-import of {pkg}", a.name)
                }
            };
            let r = self.alt_decl(Report::new(a.pos, "DuplicateDecl", msg), obj);
            self.report(r);
        }
    }

    /// Take a receiver's type apart.
    pub(crate) fn unpack_recv(&mut self, typ: ExprRef<'a>, tparams: bool) -> RecvParts<'a> {
        use crate::exprstring::unparen;
        let mut parts = RecvParts {
            ptr: false,
            base: unparen(typ),
            tparams: vec![],
            has_tparams: false,
        };
        if let ExprKind::Star(x) = parts.base.kind {
            parts.ptr = true;
            parts.base = unparen(x);
        }
        if let ExprKind::Index { x, indices } = parts.base.kind {
            parts.base = x;
            parts.has_tparams = true;
            if tparams {
                for arg in indices {
                    let ident = match arg.kind {
                        ExprKind::Name(name) => Ident {
                            name,
                            pos: arg.pos,
                            id: arg.id,
                        },
                        _ => {
                            if !matches!(arg.kind, ExprKind::Bad) {
                                let msg = format!(
                                    "receiver type parameter {} must be an identifier",
                                    expr_string(arg)
                                );
                                self.error(start_pos(arg), "BadDecl", msg);
                            }
                            Ident {
                                name: Symbol::BLANK,
                                pos: arg.pos,
                                id: arg.id,
                            }
                        }
                    };
                    parts.tparams.push(ident);
                }
            }
        }
        parts
    }

    /// The type that a receiver's name leads to through aliases.
    fn resolve_base_type_name(&self, mut ptr: bool, name: Symbol) -> Option<(bool, ObjId)> {
        use crate::exprstring::unparen;
        let mut seen = vec![];
        let mut name = name;
        loop {
            let &obj = self.pkg_scope.get(&name)?;
            if !self.store.obj(obj).is_type_name() || seen.contains(&obj) {
                return None;
            }
            let DeclKind::Type(d) = &self.decls[*self.decl_of.get(&obj)?].kind else {
                return None;
            };
            if !d.alias {
                return Some((ptr, obj));
            }
            if !d.tparams.is_empty() {
                return None;
            }
            seen.push(obj);
            let mut typ = unparen(d.typ);
            if let ExprKind::Star(x) = typ.kind {
                if ptr {
                    return None;
                }
                ptr = true;
                typ = unparen(x);
            }
            let ExprKind::Name(n) = typ.kind else {
                return None;
            };
            name = n;
        }
    }

    /// Resolve all package-level declarations: types first, aliases after the types.
    pub(crate) fn package_objects(&mut self) {
        let list = self.obj_list.clone();
        for &obj in &list {
            let o = self.store.obj(obj);
            if o.is_type_name() && o.ty.get().is_some() {
                self.collect_methods(obj);
            }
        }
        let is_alias = |c: &Self, o: ObjId| match c.store.obj(o).data {
            ObjData::TypeName { alias } => Some(alias),
            _ => None,
        };
        for want in [Some(false), Some(true), None] {
            for &obj in &list {
                if is_alias(self, obj) == want {
                    self.obj_decl(obj);
                }
            }
        }
        self.methods.clear();
    }

    pub(crate) fn unused_imports(&mut self) {
        if !self.config.bodies {
            return;
        }
        for obj in self.import_names.clone() {
            let o = self.store.obj(obj);
            let ObjData::PkgName { imported } = o.data else {
                continue;
            };
            if o.name.is_blank() || o.is_used() {
                continue;
            }
            let path = &self.store.package(imported).path;
            let elem = path.rsplit('/').next().unwrap_or(path);
            let msg = if o.name == Symbol::EMPTY || o.name == Symbol::DOT || o.name.as_str() == elem
            {
                format!("{path:?} imported and not used")
            } else {
                format!("{path:?} imported as {} and not used", o.name)
            };
            self.soft_error(o.pos, "UnusedImport", msg);
        }
    }
}

fn valid_import_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("empty string".into());
    }
    for c in path.chars() {
        if c.is_control() || c.is_whitespace() || "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{FFFD}".contains(c)
        {
            return Err(format!("invalid character U+{:04X} '{c}'", c as u32));
        }
    }
    Ok(())
}

/// The path without empty and `.` elements; relative paths keep their start.
fn clean_path(path: &str) -> String {
    let start = ["./", "../", "/"]
        .into_iter()
        .find(|s| path.starts_with(s))
        .unwrap_or("");
    if start == "../" || path == "." || path == ".." {
        return path.into();
    }
    let rest: Vec<&str> = path[start.len()..]
        .split('/')
        .filter(|e| !e.is_empty() && *e != ".")
        .collect();
    format!("{start}{}", rest.join("/"))
}
