//! The entry point, and the state of checking one package.
//!
//! Checking goes in phases: collect all package-level names; resolve their declarations, each on
//! first use; then everything that was put off meanwhile (conditions that need complete types, and bodies);
//! then the initialisation order and what was never used.

use crate::constant::Value;
use crate::info::{FuncObjs, Info, Mode};
use crate::object::{ObjId, PkgId};
use crate::resolver::DeclInfo;
use crate::scope::{ScopeId, Scopes};
use crate::signature::FuncParts;
use crate::store::TypeStore;
use crate::tables::Table;
use crate::types::Ty;
use crate::vartables::PendingTable;
use gort_syntax::ast::{ExprId, File, FuncDecl};
use gort_syntax::{Diagnostic, FileSet, Pos, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Finds imported packages. They must have been checked with the same store before.
pub trait Importer {
    /// The package of an import path, or why there is none.
    fn import(&self, path: &str) -> Result<PkgId, String>;
}

/// What is checked, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Language version of the module, as (1, minor).
    pub go_version: (u32, u32),
    /// Whether bodies of functions are checked.
    pub bodies: bool,
    /// Whether `assert` and `trace` are predeclared.
    pub test_builtins: bool,
    /// Whether functions without a body are accepted silently (they are defined elsewhere).
    pub allow_bodyless: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            go_version: (1, 27),
            bodies: true,
            test_builtins: false,
            allow_bodyless: true,
        }
    }
}

/// The trees of one package.
#[derive(Clone, Copy)]
pub struct PackageInput<'a, 'i> {
    /// Import path.
    pub path: &'a str,
    /// Its files, in the order of the go command (sorted by name).
    pub files: &'a [File<'a>],
    /// Where imported packages come from.
    pub importer: &'i dyn Importer,
    /// How to check.
    pub config: &'a Config,
}

/// Check a package. The result is always usable; it is complete if there are no diagnostics (but soft ones).
///
/// Checking recurses with the source: run it on a thread with at least 32 MB of stack.
pub fn check_package<'a>(
    store: &'a TypeStore,
    fset: &'a FileSet,
    input: PackageInput<'a, '_>,
) -> (PkgId, Info<'a>, Vec<Diagnostic>) {
    let mut c = Checker::new(store, fset, &input, false);
    c.run(input.importer);
    (c.pkg, c.info, c.diags)
}

/// A package whose function bodies are checked on demand: what a compiler wants of the packages that
/// the user's program imports. Bodies of functions that variable initialisers reach are checked at once, since the
/// initialisation order depends on them.
///
/// What is found out can be read ([`PackageCheck::info`]) while more is found out.
pub struct PackageCheck<'a> {
    checker: Checker<'a>,
    info: Arc<Info<'a>>,
}

impl<'a> PackageCheck<'a> {
    /// Check everything but bodies.
    pub fn new(store: &'a TypeStore, fset: &'a FileSet, input: PackageInput<'a, '_>) -> Self {
        let mut checker = Checker::new(store, fset, &input, true);
        checker.run(input.importer);
        let versions = checker.info.file_versions.clone();
        let info = Arc::new(std::mem::take(&mut checker.info));
        checker.info.file_versions = versions;
        PackageCheck { checker, info }
    }

    /// The package.
    pub fn package(&self) -> PkgId {
        self.checker.pkg
    }

    /// Check the body of a function or method, or the table that a variable is initialised with, once.
    pub fn check_body(&mut self, obj: ObjId) {
        if let Some((decl, table)) = self.checker.check_pending(obj) {
            self.info.set_body(decl, table);
        } else if let Some((of, table)) = self.checker.check_pending_table(obj) {
            self.info.set_table(&of, table);
        }
    }

    /// What is known so far: it has the bodies that have been checked.
    pub fn info(&self) -> Arc<Info<'a>> {
        self.info.clone()
    }

    /// Errors so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.checker.diags
    }
}

/// A function whose body has not been checked yet.
pub(crate) struct PendingBody<'a> {
    pub decl: usize,
    pub parts: FuncParts,
    pub func: &'a FuncDecl<'a>,
}

/// Something put off until more is known.
pub(crate) type Action<'a> = Box<dyn FnOnce(&mut Checker<'a>) + Send + 'a>;

/// Where checking is: what the surrounding declaration, function and statement provide.
pub(crate) struct Env {
    /// The declaration whose dependencies are being collected.
    pub decl: Option<usize>,
    pub scope: Option<ScopeId>,
    pub file: u32,
    pub version: (u32, u32),
    pub iota: Option<Value>,
    /// Overrides error positions (for inherited constant initialisers).
    pub errpos: Pos,
    pub in_tparam_list: bool,
    /// The function whose body is checked.
    pub sig: Option<Arc<FuncEnv>>,
    /// Calls of panic.
    pub panics: FxHashSet<ExprId>,
    pub has_call_or_recv: bool,
    /// Local variables declared so far, for the check of use.
    pub locals: Vec<ObjId>,
    /// Type parameters of the functions around.
    pub outer_tparams: Arc<[Ty]>,
}

/// The function whose body is checked.
pub(crate) struct FuncEnv {
    pub objs: FuncObjs,
}

impl Env {
    pub(crate) fn new(file: u32, version: (u32, u32)) -> Self {
        Env {
            decl: None,
            scope: None,
            file,
            version,
            iota: None,
            errpos: Pos::NONE,
            in_tparam_list: false,
            sig: None,
            panics: FxHashSet::default(),
            has_call_or_recv: false,
            locals: Vec::new(),
            outer_tparams: Arc::new([]),
        }
    }
}

/// An untyped expression whose final type is not known yet.
#[derive(Clone)]
pub(crate) struct Untyped {
    /// Whether it is the left operand of a shift by a non-constant.
    pub is_lhs: bool,
    pub mode: Mode,
    pub ty: Ty,
    pub val: Option<Value>,
}

/// The state of checking one package.
pub(crate) struct Checker<'a> {
    pub store: &'a TypeStore,
    pub fset: &'a FileSet,
    pub config: &'a Config,
    /// Import path.
    pub import_path: &'a str,
    pub files: &'a [File<'a>],
    pub pkg: PkgId,
    pub info: Info<'a>,
    pub diags: Vec<Diagnostic>,
    pub diag_memory: gort_syntax::diag::Memory,
    pub env: Env,
    pub scopes: Scopes,

    // Package-level names and declarations.
    pub pkg_scope: FxHashMap<Symbol, ObjId>,
    /// Names of imports; for names of dot imports with the import's object.
    pub file_scopes: Vec<FxHashMap<Symbol, (ObjId, Option<ObjId>)>>,
    pub imported: Vec<PkgId>,
    pub import_names: Vec<ObjId>,
    pub decls: Vec<DeclInfo<'a>>,
    pub decl_of: FxHashMap<ObjId, usize>,
    pub obj_list: Vec<ObjId>,
    /// Methods by the type name they belong to, until that is resolved.
    pub methods: FxHashMap<ObjId, Vec<ObjId>>,

    // Work in progress.
    pub path: Vec<ObjId>,
    pub path_index: FxHashMap<ObjId, usize>,
    pub delayed: Vec<(u32, (u32, u32), Option<Action<'a>>)>,
    /// Types whose size is being determined.
    pub size_path: Vec<Ty>,
    /// Whether bodies are checked on demand, and those that are still to do.
    pub lazy: bool,
    pub pending: FxHashMap<ObjId, PendingBody<'a>>,
    pub pending_tables: FxHashMap<ObjId, PendingTable<'a>>,
    /// Whether the size of a defined type depends on type parameters.
    pub var_sizes: FxHashMap<Ty, bool>,
    pub untyped: FxHashMap<ExprId, Untyped>,
    pub valid_types: FxHashSet<Ty>,
    /// Where an instance of a generic type was first written.
    pub instance_pos: FxHashMap<Ty, Pos>,
    pub mono: crate::mono::MonoGraph,
    /// Nesting of expressions, types and statements; and whether too much of it has been reported.
    pub depth: u32,
    pub reported_depth: bool,
}

impl<'a> Checker<'a> {
    fn new(
        store: &'a TypeStore,
        fset: &'a FileSet,
        input: &PackageInput<'a, '_>,
        lazy: bool,
    ) -> Checker<'a> {
        Checker {
            store,
            fset,
            config: input.config,
            import_path: input.path,
            files: input.files,
            pkg: store.new_package(input.path),
            info: Info::new(input.files, lazy),
            diags: Vec::new(),
            diag_memory: Default::default(),
            env: Env::new(0, input.config.go_version),
            scopes: Scopes::default(),
            pkg_scope: FxHashMap::default(),
            file_scopes: Vec::new(),
            imported: Vec::new(),
            import_names: Vec::new(),
            decls: Vec::new(),
            decl_of: FxHashMap::default(),
            obj_list: Vec::new(),
            methods: FxHashMap::default(),
            path: Vec::new(),
            path_index: FxHashMap::default(),
            delayed: Vec::new(),
            size_path: Vec::new(),
            lazy,
            pending: FxHashMap::default(),
            pending_tables: FxHashMap::default(),
            var_sizes: FxHashMap::default(),
            untyped: FxHashMap::default(),
            valid_types: FxHashSet::default(),
            instance_pos: FxHashMap::default(),
            mono: Default::default(),
            depth: 0,
            reported_depth: false,
        }
    }

    fn run(&mut self, importer: &dyn Importer) {
        self.init_files();
        self.collect_objects(importer);
        self.direct_cycles();
        self.package_objects();
        self.process_delayed(0);
        if self.lazy {
            self.check_initializer_bodies();
        }
        self.init_order();
        if !self.lazy {
            self.unused_imports();
        }
        self.check_linknames();
        self.record_untyped();
        if self.diags.is_empty() && !self.lazy {
            self.monomorph();
        }
        self.info.imports = self.imported.clone();
    }

    fn init_files(&mut self) {
        let store = self.store;
        let local_types = self.files.iter().flat_map(|f| &f.local_types);
        let numbers = local_types.copied().zip(1..).collect();
        let _ = store.package(self.pkg).local_types.set(numbers);
        for f in self.files {
            let name = f.package.name;
            match store.package(self.pkg).name.get() {
                None => {
                    if name.is_blank() {
                        self.error(f.package.pos, "BlankPkgName", "invalid package name _");
                    }
                    let _ = store.package(self.pkg).name.set(name);
                }
                Some(&own) if own != name => self.error(
                    f.package.pos,
                    "MismatchedPkgName",
                    format!("package {name}; expected package {own}"),
                ),
                _ => {}
            }
            let mut version = self.config.go_version;
            if let Some(v) = f.go_version {
                version = v.max((1, 21));
                if v > (1, 27) {
                    let msg = format!("file requires newer Go version go{}.{}", v.0, v.1);
                    self.error(f.package.pos, "TooNew", msg);
                }
            }
            self.info.file_versions.push(version);
        }
        let v = self.config.go_version;
        if v > (1, 27)
            && let Some(f) = self.files.first()
        {
            let msg = format!(
                "package requires newer Go version go{}.{} (application built with go1.27)",
                v.0, v.1
            );
            self.error(f.package.pos, "TooNew", msg);
        }
    }

    /// Check the body of a function if that has not happened yet; what was found out.
    fn check_pending(&mut self, func: ObjId) -> Option<(&'a FuncDecl<'a>, Table)> {
        let p = self.pending.remove(&func)?;
        let body = p.func.body()?;
        let file = self.decls[p.decl].file;
        self.env = Env::new(file, self.info.file_versions[file as usize]);
        self.record_untyped();
        self.info.tables().begin(p.func);
        self.func_body(Some(p.decl), p.parts, body, None);
        self.process_delayed(0);
        self.record_untyped();
        Some((p.func, self.info.tables().end()?))
    }

    /// Check the bodies that variable initialisers depend on.
    fn check_initializer_bodies(&mut self) {
        let is_var = |c: &Self, o: ObjId| c.store.obj(o).var_kind().is_some();
        let mut todo: Vec<ObjId> = self
            .obj_list
            .iter()
            .copied()
            .filter(|&o| is_var(self, o))
            .collect();
        let mut seen: FxHashSet<ObjId> = todo.iter().copied().collect();
        while let Some(obj) = todo.pop() {
            if let Some((decl, table)) = self.check_pending(obj) {
                self.info.set_body(decl, table);
            }
            let deps = &self.decls[self.decl_of[&obj]].deps;
            todo.extend(deps.iter().copied().filter(|&d| seen.insert(d)));
        }
    }

    /// Put something off.
    pub(crate) fn later(&mut self, f: impl FnOnce(&mut Checker<'a>) + Send + 'a) {
        self.delayed
            .push((self.env.file, self.env.version, Some(Box::new(f))));
    }

    /// Do what has been put off since there were `top` such things.
    pub(crate) fn process_delayed(&mut self, top: usize) {
        let saved = (self.env.file, self.env.version);
        let mut i = top;
        while i < self.delayed.len() {
            let (file, version, action) = &mut self.delayed[i];
            (self.env.file, self.env.version) = (*file, *version);
            if let Some(action) = action.take() {
                action(self);
            }
            i += 1;
        }
        self.delayed.truncate(top);
        (self.env.file, self.env.version) = saved;
    }

    pub(crate) fn push(&mut self, obj: ObjId) {
        self.path_index.insert(obj, self.path.len());
        self.path.push(obj);
    }

    pub(crate) fn pop(&mut self) {
        if let Some(obj) = self.path.pop() {
            self.path_index.remove(&obj);
        }
    }

    /// Note that the current declaration refers to `to`.
    pub(crate) fn add_dep(&mut self, to: ObjId) {
        if let Some(from) = self.env.decl
            && self.decl_of.contains_key(&to)
        {
            self.decls[from].deps.insert(to);
        }
    }
}
