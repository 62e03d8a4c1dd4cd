//! What is lowered, the state that all functions share, and the work list.

use crate::abi0::Assembly;
use crate::data::{DataState, Initial};
use crate::env::Env;
use crate::func::FuncLower;
use crate::kept::{Keeper, Kept, New};
use crate::linkname::{self, Linknames};
use crate::repr::{Repr, Reprs};
use crate::{init, symbol};
use gort_ir::passes::again::Lowered as Known;
use gort_ir::{Module, Sym};
use gort_syntax::ast::File;
use gort_syntax::{Diagnostic, FileSet, Pos, Symbol};
use gort_types::info::FuncInfo;
use gort_types::{Info, ObjId, PkgId, Ty, TypeStore};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::rc::Rc;

/// A checked package.
pub struct Unit<'a> {
    /// The package.
    pub pkg: PkgId,
    /// The path its symbols start with: the import path, or `main`.
    pub path: String,
    /// Its trees.
    pub files: &'a [File<'a>],
    /// What the checker found out.
    pub info: &'a Info<'a>,
    /// Whether it is of the standard library.
    pub standard: bool,
    /// Whether something may be kept of it, or was: what is the same in every program that has this version of it.
    pub keep: bool,
}

/// The bodies of functions, which need not be checked before they are lowered.
pub trait Bodies {
    /// Check bodies, each named by unit and function, and tables, named by unit and variable, unless that was done before. Whether they have
    /// no errors.
    fn check(&self, bodies: &[(usize, ObjId)]) -> bool;
}

/// A checked program.
pub struct Program<'a> {
    /// Types and objects.
    pub store: &'a TypeStore,
    /// Positions.
    pub files: &'a FileSet,
    /// Packages, imports first; the last one is main.
    pub units: &'a [Unit<'a>],
    /// Checks the bodies that are reached.
    pub bodies: &'a dyn Bodies,
    /// Folder that file names starting with `./` are relative to, for tracebacks.
    pub cwd: &'a str,
    /// The functions that the runtime has in native code.
    pub natives: &'a FxHashSet<String>,
    /// What file names show instead of a folder, under `-trimpath`: (folder, replacement).
    pub shown_folders: &'a [(String, String)],
    /// Contents that the build gives to package variables, by symbol.
    pub initial: &'a FxHashMap<String, Initial>,
    /// Whether official Go's linker lets a package take a symbol of the standard library by `//go:linkname`.
    pub open: &'a dyn Fn(&str, &str) -> bool,
    /// What packages define in assembly.
    pub assembly: &'a Assembly,
    /// What was kept of earlier builds, if anything is kept.
    pub kept: Option<&'a dyn Kept>,
}

/// A lowered program.
pub struct Lowered<'a> {
    /// One module a package, in the order of the units.
    pub modules: Vec<Module>,
    /// The Go functions that assembly calls, and the code that a call enters: it takes the address of the arguments.
    pub entries: FxHashMap<String, String>,
    /// What is known of functions: those that were kept have another one in the module that stands for them.
    pub known: FxHashMap<String, Known<'a>>,
    /// What is to be kept.
    pub new: Vec<New>,
}

/// Lower what `main` reaches.
///
/// # Errors
/// Constructs that gort does not support yet, each with its position; nothing where [`Bodies`] found errors.
pub fn lower<'a>(program: &Program<'a>) -> Result<Lowered<'a>, Vec<Diagnostic>> {
    if program.kept.is_some()
        && let Some(lowered) = attempt(program, program.kept)?
    {
        return Ok(lowered);
    }
    let lowered = attempt(program, None)?;
    Ok(lowered.expect("nothing is missing of what was not kept"))
}

/// Lower what `main` reaches, with what was kept. Nothing if that refers to what cannot be found.
fn attempt<'a>(
    program: &Program<'a>,
    kept: Option<&'a dyn Kept>,
) -> Result<Option<Lowered<'a>>, Vec<Diagnostic>> {
    let mut cx = Cx::new(program, kept);
    cx.check_declared_arguments();
    if cx.is_linked()
        && let Some(problem) = linkname::forbidden(&cx, program)
    {
        return Err(vec![problem]);
    }
    init::roots(&mut cx);
    init::finish(&mut cx);
    if cx.failed {
        return Err(Vec::new());
    }
    if cx.keeper.is_lost() {
        return Ok(None);
    }
    // What is made below is made in each program.
    let new = cx.keep();
    crate::data::finish(&mut cx);
    if !cx.diags.is_empty() {
        return Err(cx.diags);
    }
    cx.modules.iter_mut().for_each(sort);
    Ok(Some(Lowered {
        modules: cx.modules,
        entries: cx.entries,
        known: cx.keeper.into_known(),
        new,
    }))
}

/// Functions and data in an order that does not depend on who asked for them first.
fn sort(module: &mut Module) {
    let Module {
        symbols,
        funcs,
        data,
        ..
    } = module;
    funcs.sort_by(|a, b| symbols[a.name.index()].cmp(&symbols[b.name.index()]));
    data.sort_by(|a, b| symbols[a.name.index()].cmp(&symbols[b.name.index()]));
}

/// Lowers a function that the compiler makes, given its unit and symbol.
type Make<'a> = Box<dyn FnOnce(&mut Cx<'a>, usize, &str) + 'a>;

/// A function still to be lowered.
pub enum Work<'a> {
    /// A declared function or method, with its type arguments.
    Func {
        info: FuncInfo<'a>,
        unit: usize,
        env: Rc<Env>,
        symbol: String,
    },
    /// A function that the compiler makes.
    Made {
        unit: usize,
        symbol: String,
        make: Make<'a>,
    },
}

impl Work<'_> {
    /// The declared function whose body is lowered.
    fn body(&self) -> Option<(usize, ObjId)> {
        match self {
            Work::Func { info, unit, .. } => Some((*unit, info.obj)),
            Work::Made { .. } => None,
        }
    }
}

/// The state that all functions share.
pub struct Cx<'a> {
    /// Types and objects.
    pub store: &'a TypeStore,
    /// Positions.
    pub files: &'a FileSet,
    /// Packages.
    pub units: &'a [Unit<'a>],
    bodies: &'a dyn Bodies,
    /// A body has errors: what comes of this is not used.
    failed: bool,
    /// Folder for relative file names.
    pub cwd: &'a str,
    /// The functions that the runtime has in native code.
    pub natives: &'a FxHashSet<String>,
    /// What file names show instead of a folder.
    pub shown_folders: &'a [(String, String)],
    /// Contents of package variables that the build gives.
    pub initial: &'a FxHashMap<String, Initial>,
    /// Whether a package may take a symbol of the library.
    pub open: &'a dyn Fn(&str, &str) -> bool,
    /// What packages define in assembly.
    pub assembly: &'a Assembly,
    /// What calls of Go functions by assembly enter.
    pub entries: FxHashMap<String, String>,
    /// One module a unit.
    pub modules: Vec<Module>,
    /// Errors.
    pub diags: Vec<Diagnostic>,
    /// Data objects made so far.
    pub data: DataState,
    /// Which methods are reached through interfaces.
    pub reach: crate::reach::Reach,
    /// How package variables are initialised.
    pub inits: init::Inits,
    reprs: Reprs,
    unit_of: FxHashMap<PkgId, usize>,
    /// What linknames join.
    pub linknames: Linknames,
    queue: VecDeque<Work<'a>>,
    /// What was asked for, numbered in that order.
    pub requested: FxHashMap<String, u32>,
    /// What was kept of earlier builds, and what is noted to be kept of this one.
    pub keeper: Keeper<'a>,
    /// The last number that a name was given to be one of its own, see `unique_symbol`.
    pub last_numbers: FxHashMap<String, u32>,
    runtime: usize,
    /// Names given to types, so that different local types of one name get different symbols.
    pub type_names: FxHashMap<String, Ty>,
}

impl<'a> Cx<'a> {
    fn new(p: &Program<'a>, kept: Option<&'a dyn Kept>) -> Cx<'a> {
        let unit_of: FxHashMap<PkgId, usize> = p
            .units
            .iter()
            .enumerate()
            .map(|(i, u)| (u.pkg, i))
            .collect();
        let mut cx = Cx {
            store: p.store,
            files: p.files,
            units: p.units,
            bodies: p.bodies,
            failed: false,
            cwd: p.cwd,
            natives: p.natives,
            shown_folders: p.shown_folders,
            initial: p.initial,
            open: p.open,
            assembly: p.assembly,
            entries: FxHashMap::default(),
            modules: p.units.iter().map(|u| Module::new(&u.path)).collect(),
            diags: Vec::new(),
            data: DataState::default(),
            reach: Default::default(),
            inits: Default::default(),
            reprs: Reprs::default(),
            unit_of,
            linknames: Linknames::default(),
            queue: VecDeque::new(),
            requested: FxHashMap::default(),
            keeper: Keeper::new(p, kept),
            last_numbers: FxHashMap::default(),
            runtime: p
                .units
                .iter()
                .position(|u| u.path == "runtime")
                .expect("package runtime is always loaded"),
            type_names: FxHashMap::default(),
        };
        cx.linknames = linkname::read(&cx);
        cx
    }

    /// Check bodies; whether they have no errors.
    pub fn check_bodies(&self, bodies: &[(usize, ObjId)]) -> bool {
        self.bodies.check(bodies)
    }

    /// Whether a body has errors.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Whether an executable is made: functions of other packages may be without a body anywhere.
    fn is_linked(&self) -> bool {
        self.units.last().is_some_and(|u| u.path == "main")
    }

    /// Whether no function is waiting.
    pub fn idle(&self) -> bool {
        self.queue.is_empty() && self.keeper.is_idle()
    }

    /// Add a function to the work list.
    pub fn push(&mut self, work: Work<'a>) {
        self.queue.push_back(work);
    }

    /// Lower all functions that are waiting, and those they ask for.
    pub fn drain(&mut self) {
        while !self.idle() && !self.failed {
            self.follow_kept();
            let wave = std::mem::take(&mut self.queue);
            let bodies: Vec<(usize, ObjId)> = wave.iter().filter_map(Work::body).collect();
            if !self.bodies.check(&bodies) {
                self.failed = true;
                return;
            }
            for work in wave {
                self.lower(work);
            }
        }
    }

    fn lower(&mut self, work: Work<'a>) {
        self.keeper.begin();
        let symbol = match work {
            Work::Func {
                info,
                unit,
                env,
                symbol,
            } => {
                FuncLower::declared(self, info, unit, env, &symbol);
                symbol
            }
            Work::Made { unit, symbol, make } => {
                make(self, unit, &symbol);
                symbol
            }
        };
        self.keeper.end(self.requested[&symbol]);
    }

    /// The unit of a package. Objects without package (`error.Error`) belong to runtime.
    pub fn unit_of(&self, pkg: Option<PkgId>) -> usize {
        pkg.and_then(|p| self.unit_of.get(&p).copied())
            .unwrap_or(self.runtime)
    }

    /// The unit of package runtime.
    pub fn runtime_unit(&self) -> usize {
        self.runtime
    }

    /// How values of a type are held.
    pub fn repr(&mut self, ty: Ty) -> Rc<Repr> {
        self.reprs.get(self.store, ty)
    }

    /// A symbol in the module of a unit.
    pub fn sym(&mut self, unit: usize, name: &str) -> Sym {
        self.modules[unit].sym(name)
    }

    /// The symbol name that a `//go:linkname` directive gives a function or variable.
    pub fn linkname(&self, obj: ObjId) -> Option<&str> {
        self.linknames.symbol(obj)
    }

    /// Whether somebody must make what a symbol stands for: not if it was asked for before, or if an earlier build has made it.
    pub fn request(&mut self, symbol: &str) -> bool {
        self.claim(symbol) && !self.take_kept(symbol)
    }

    /// Whether a symbol was not asked for before; it now is.
    pub fn claim(&mut self, symbol: &str) -> bool {
        let next = self.requested.len() as u32;
        let n = match self.requested.get(symbol) {
            Some(&n) => n,
            None => {
                self.requested.insert(symbol.to_string(), next);
                next
            }
        };
        self.keeper.note_symbol(n);
        n == next
    }

    /// Queue a function for lowering unless it was already.
    pub fn need_made(
        &mut self,
        unit: usize,
        symbol: &str,
        make: impl FnOnce(&mut Cx<'a>, usize, &str) + 'a,
    ) {
        if self.request(symbol) {
            self.queue.push_back(Work::Made {
                unit,
                symbol: symbol.to_string(),
                make: Box::new(make),
            });
        }
    }

    /// Queue a declared function and give its symbol and whether it is native (has no body).
    pub fn need_func(&mut self, obj: ObjId, targs: &[Ty]) -> (String, bool) {
        let object = self.store.obj(obj);
        let decl_obj = object.func().and_then(|f| f.origin).unwrap_or(obj);
        let unit = self.unit_of(object.pkg);
        let Some(&info) = self.units[unit].info.func_decls.get(&decl_obj) else {
            return (symbol::func(self, obj, targs), true);
        };
        let symbol = symbol::func(self, obj, targs);
        if !info.decl.has_body() {
            return self.bodyless(decl_obj, symbol);
        }
        if symbol == "reflect.Value.Method" {
            self.reach_by_reflection();
        }
        if self.request(&symbol) {
            let env = Env::of_func(self.store, decl_obj, obj, targs);
            self.queue.push_back(Work::Func {
                info,
                unit,
                env: Rc::new(env),
                symbol: symbol.clone(),
            });
        }
        (symbol, false)
    }

    /// The function that some package defines under a symbol: pushed there by a linkname, or its own.
    pub fn pushed(&self, symbol: &str) -> Option<ObjId> {
        if let Some(obj) = self.linknames.func(symbol) {
            return Some(obj);
        }
        let (path, name) = symbol.rsplit_once('.')?;
        let unit = match self.units.iter().find(|u| u.path == path) {
            Some(unit) => unit,
            None => return self.method(symbol),
        };
        let obj = self.store.package(unit.pkg).lookup(Symbol::intern(name))?;
        let decl = unit.info.func_decls.get(&obj)?;
        decl.decl.has_body().then_some(obj)
    }

    /// The method of a symbol: `pkg.T.M` or `pkg.(*T).M`.
    fn method(&self, symbol: &str) -> Option<ObjId> {
        let (path, rest) = linkname::split(symbol)?;
        let (typ, name) = rest.rsplit_once('.')?;
        let unit = self.units.iter().find(|u| u.path == path)?;
        let name = Symbol::intern(name);
        let typ = typ.trim_start_matches("(*").trim_end_matches(')');
        let typ = self.store.package(unit.pkg).lookup(Symbol::intern(typ))?;
        let methods = self.store.declared_methods(self.store.obj(typ).ty());
        let found = methods.iter().find(|&&m| self.store.obj(m).name == name);
        found.copied()
    }

    /// A function without body: defined in Go under the same symbol elsewhere, or native.
    fn bodyless(&mut self, obj: ObjId, symbol: String) -> (String, bool) {
        if crate::expr::intrinsic::is_intrinsic(&symbol) {
            let conv = self.conv(self.store.obj(obj).ty());
            let unit = self.unit_of(self.store.obj(obj).pkg);
            self.intrinsic_function(&symbol, conv, unit);
            return (symbol, false);
        }
        if let Some(assembly) = crate::assembly::find(&symbol) {
            if let Some(name) = assembly.enters {
                let unit = self.unit_of(self.store.obj(obj).pkg);
                let package = self.store.package(self.units[unit].pkg);
                let entered = package.lookup(Symbol::intern(name));
                self.need_func(entered.unwrap_or_else(|| panic!("no {name}")), &[]);
            }
            return (symbol, false);
        }
        if self.assembly.has_function(&symbol) {
            self.assembly_wrapper(obj, &symbol);
            return (symbol, false);
        }
        match self.pushed(&symbol) {
            Some(target) if target != obj && !self.linknames.is_refused(obj) => {
                let unit = self.unit_of(self.store.obj(target).pkg);
                self.keeper.note_unit(unit);
                self.need_func(target, &[])
            }
            _ => {
                // A package that is not main has no main.main, and is not linked.
                let known = self.natives.contains(&symbol) || symbol == "main.main";
                if !known || self.linknames.is_refused(obj) {
                    self.undefined(obj, &symbol);
                }
                (symbol, true)
            }
        }
    }

    /// Report a function that has no body anywhere.
    fn undefined(&mut self, obj: ObjId, symbol: &str) {
        let o = self.store.obj(obj);
        let unit = &self.units[self.unit_of(o.pkg)];
        if unit.standard {
            let what = format!("{symbol}, which its package expects of the runtime,");
            return self.unsupported(o.pos, &what);
        }
        if !self.is_linked() {
            return;
        }
        if self.linknames.is_refused(obj) {
            return self.unsupported_runtime(obj);
        }
        let msg = format!("relocation target {symbol} not defined");
        self.diags.push(Diagnostic::new(o.pos, "Unsupported", msg));
    }

    /// Report what stands for a part of the runtime that gort's does not have.
    pub fn unsupported_runtime(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        let path = &self.units[self.unit_of(o.pkg)].path;
        let symbol = self.linkname(obj).unwrap_or_default();
        let what =
            format!("{symbol}, which {path} takes from official Go's runtime by //go:linkname,");
        self.unsupported(o.pos, &what);
    }

    /// A function of package runtime by name.
    pub fn runtime_func(&mut self, name: &str) -> ObjId {
        let pkg = self.units[self.runtime].pkg;
        self.store
            .package(pkg)
            .lookup(Symbol::intern(name))
            .unwrap_or_else(|| panic!("package runtime of the overlay lacks {name}"))
    }

    /// Report a construct that gort cannot compile yet.
    pub fn unsupported(&mut self, pos: Pos, what: &str) {
        let msg = format!("gort does not support {what} yet");
        if !self.diags.iter().any(|d| d.pos == pos && d.msg == msg) {
            self.diags.push(Diagnostic::new(pos, "Unsupported", msg));
        }
    }
}
