//! The entry point, and the state of checking one package.
//!
//! Checking goes in phases: collect all package-level names; resolve their declarations, each on
//! first use; then everything that was put off meanwhile (conditions that need complete types, and bodies);
//! then the initialisation order and what was never used.

use crate::info::{FuncObjs, Info, Mode};
use crate::constant::Value;
use crate::object::{ObjId, PkgId};
use crate::resolver::DeclInfo;
use crate::scope::{ScopeId, Scopes};
use crate::store::TypeStore;
use crate::types::Ty;
use gort_syntax::ast::{ExprId, ExprRef, File};
use gort_syntax::{Diagnostic, FileSet, Pos, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

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
        Config { go_version: (1, 27), bodies: true, test_builtins: false, allow_bodyless: true }
    }
}

/// The trees of one package.
#[derive(Clone, Copy)]
pub struct PackageInput<'a> {
    /// Import path.
    pub path: &'a str,
    /// Its files, in the order of the go command (sorted by name).
    pub files: &'a [File<'a>],
    /// Where imported packages come from.
    pub importer: &'a dyn Importer,
    /// How to check.
    pub config: &'a Config,
}

/// Check a package. The result is always usable; it is complete if there are no diagnostics (but soft ones).
pub fn check_package<'a>(
    store: &'a TypeStore,
    fset: &'a FileSet,
    input: PackageInput<'a>,
) -> (PkgId, Info<'a>, Vec<Diagnostic>) {
    let mut c = Checker::new(store, fset, input);
    c.run();
    (c.pkg, c.info, c.diags)
}

/// Something put off until more is known.
pub(crate) type Action<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

/// Where checking is: what the surrounding declaration, function and statement provide.
pub(crate) struct Env<'a> {
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
    pub sig: Option<Rc<FuncEnv>>,
    /// Calls of panic.
    pub panics: FxHashSet<ExprId>,
    pub has_call_or_recv: bool,
    /// Local variables declared so far, for the check of use.
    pub locals: Vec<ObjId>,
    /// Type parameters of the functions around.
    pub outer_tparams: Rc<[Ty]>,
    pub _marker: std::marker::PhantomData<&'a ()>,
}

/// The function whose body is checked.
pub(crate) struct FuncEnv {
    pub objs: FuncObjs,
}

impl Env<'_> {
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
            outer_tparams: Rc::new([]),
            _marker: std::marker::PhantomData,
        }
    }
}

/// An untyped expression whose final type is not known yet.
#[derive(Clone)]
pub(crate) struct Untyped<'a> {
    pub expr: ExprRef<'a>,
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
    pub input: PackageInput<'a>,
    pub pkg: PkgId,
    pub info: Info<'a>,
    pub diags: Vec<Diagnostic>,
    pub env: Env<'a>,
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
    pub untyped: FxHashMap<ExprId, Untyped<'a>>,
    pub valid_types: FxHashSet<Ty>,
    pub mono: crate::mono::MonoGraph,
    pub depth: u32,
}

impl<'a> Checker<'a> {
    fn new(store: &'a TypeStore, fset: &'a FileSet, input: PackageInput<'a>) -> Checker<'a> {
        let mut pkg = store.package_by_path(input.path);
        if store.package(pkg).name.get().is_some() {
            pkg = store.new_package(input.path);
        }
        Checker {
            store,
            fset,
            config: input.config,
            input,
            pkg,
            info: Info::new(input.files),
            diags: Vec::new(),
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
            untyped: FxHashMap::default(),
            valid_types: FxHashSet::default(),
            mono: Default::default(),
            depth: 0,
        }
    }

    fn run(&mut self) {
        self.init_files();
        self.collect_objects();
        self.direct_cycles();
        self.package_objects();
        self.process_delayed(0);
        self.init_order();
        self.unused_imports();
        self.record_untyped();
        if self.diags.is_empty() {
            self.monomorph();
        }
        self.info.imports = self.imported.clone();
    }

    fn init_files(&mut self) {
        let store = self.store;
        for f in self.input.files {
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
            && let Some(f) = self.input.files.first()
        {
            let msg = format!(
                "package requires newer Go version go{}.{} (application built with go1.27)",
                v.0, v.1
            );
            self.error(f.package.pos, "TooNew", msg);
        }
    }

    /// Put something off.
    pub(crate) fn later(&mut self, f: impl FnOnce(&mut Checker<'a>) + 'a) {
        self.delayed.push((self.env.file, self.env.version, Some(Box::new(f))));
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
