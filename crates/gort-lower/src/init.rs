//! What a program starts from: package variables, init tasks, the runtime's entry points.

use crate::data::Scope;
use crate::env::Env;
use crate::func::FuncLower;
use crate::kept::Event;
use crate::program::{Cx, Work};
use gort_ir::{Data, Reloc, RelocKind, Section};
use gort_syntax::{Pos, Symbol};
use gort_types::ObjId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Functions of the overlay's runtime that native code or every program needs.
const ROOTS: &[&str] = &[
    "main",
    "gopanic",
    "sigpanic",
    "buildinfo",
    "gchelper",
    "goexit",
    "nativepanic",
    "unreachableMethod",
];

/// Queue the entry points: runtime, initialisers, `main.main`.
pub fn roots(cx: &mut Cx<'_>) {
    for name in ROOTS {
        let obj = cx.runtime_func(name);
        cx.need_func(obj, &[]);
    }
    for &kind in gort_ir::BoundsKind::ALL {
        for unsigned in [false, true] {
            runtime_symbol(cx, kind.panic_function(unsigned));
        }
    }
    for name in ["runtime.panicdivide", "runtime.deferproc"] {
        runtime_symbol(cx, name);
    }
    for unit in 0..cx.units.len() {
        initialisers(cx, unit);
    }
    let last = cx.units.len() - 1;
    let main = &cx.units[last];
    if main.path != "main" {
        return whole_package(cx, last);
    }
    if let Some(obj) = cx.store.package(main.pkg).lookup(Symbol::intern("main")) {
        cx.need_func(obj, &[]);
    }
}

/// Queue all functions of a package that is compiled for its own sake; generic ones have no code by themselves.
fn whole_package(cx: &mut Cx<'_>, unit: usize) {
    let info = cx.units[unit].info;
    for f in &info.funcs {
        let store = cx.store;
        let object = store.obj(f.obj);
        let generic_recv = object.func().and_then(|d| d.recv()).is_some_and(|r| {
            let base = store.deref(r).unwrap_or(r);
            store.named(base).is_some_and(|n| !n.targs.is_empty())
        });
        let generic = store
            .sig(object.ty())
            .is_some_and(|s| !s.tparams.is_empty());
        let special = object.name.is_blank() || object.name.as_str() == "init";
        if f.decl.has_body() && !generic && !generic_recv && !special {
            cx.need_func(f.obj, &[]);
        }
    }
}

fn runtime_symbol(cx: &mut Cx<'_>, symbol: &str) {
    let name = symbol
        .strip_prefix("runtime.")
        .expect("a function of runtime");
    let obj = cx.runtime_func(name);
    cx.need_func(obj, &[]);
}

/// Repeat until reachable methods, variables and data ask for nothing new; then list the init tasks.
pub fn finish(cx: &mut Cx<'_>) {
    loop {
        cx.drain();
        let methods = cx.activate_methods();
        let data = cx.scan_data();
        if cx.failed() {
            return;
        }
        if !methods && !data && cx.idle() {
            return init_tasks(cx);
        }
    }
}

/// How package variables get their values.
#[derive(Default)]
pub struct Inits {
    /// Variables whose initial value is known.
    fixed: FxHashSet<ObjId>,
    /// Of these, the ones of the package whose initialisers are being looked at, as long as nothing could have
    /// changed them before the initialiser runs.
    untouched: FxHashSet<ObjId>,
    /// Variables that are initialised only if something refers to them: unit and number of the initialiser.
    quiet: FxHashMap<ObjId, (usize, usize)>,
    /// Of these, by unit, the func values of the functions that initialise what is referred to, by the initialiser's number.
    early: FxHashMap<usize, BTreeMap<usize, String>>,
    /// Func values of each unit's other init functions, in the order in which they run.
    late: FxHashMap<usize, Vec<String>>,
}

impl Inits {
    /// Whether a variable still has its initial value, which is known, when the initialiser being looked at runs.
    pub fn is_untouched(&self, obj: ObjId) -> bool {
        self.untouched.contains(&obj)
    }
}

/// Sort the initialisers of a package, and queue its init functions.
fn initialisers(cx: &mut Cx<'_>, unit: usize) {
    let path = cx.units[unit].path.clone();
    let info = cx.units[unit].info;
    let mut dynamic = Vec::new();
    cx.inits.untouched.clear();
    for (i, init) in info.init_order.iter().enumerate() {
        if !dynamic.is_empty() {
            cx.inits.untouched.clear();
        }
        let [obj] = init.lhs[..] else {
            dynamic.push(i);
            continue;
        };
        let o = cx.store.obj(obj);
        if info.is_put_off(init.rhs.id) || cx.is_fixed(&Scope::package(unit), init.rhs, o.ty()) {
            cx.inits.fixed.insert(obj);
            if dynamic.is_empty() {
                cx.inits.untouched.insert(obj);
            }
            continue;
        }
        if !cx.is_quiet(unit, init.rhs, o.ty()) {
            dynamic.push(i);
        } else if !o.name.is_blank() {
            cx.inits.quiet.insert(obj, (unit, i));
        }
    }
    let mut fns = Vec::new();
    if !dynamic.is_empty() {
        fns.push(initialiser(cx, unit, format!("{path}.init"), dynamic));
    }
    let inits = info.funcs.iter().filter(|f| {
        f.decl.name.name.as_str() == "init" && f.decl.recv.is_none() && f.decl.has_body()
    });
    for (i, f) in inits.enumerate() {
        let symbol = format!("{path}.init.{i}");
        if cx.request(&symbol) {
            let env = Rc::new(Env::default());
            cx.push(Work::Func {
                info: *f,
                unit,
                env,
                symbol: symbol.clone(),
            });
        }
        fns.push(init_closure(cx, unit, &symbol));
    }
    cx.inits.late.insert(unit, fns);
}

/// The func value of a function that runs initialisers.
fn initialiser(cx: &mut Cx<'_>, unit: usize, symbol: String, list: Vec<usize>) -> String {
    cx.need_made(unit, &symbol, move |cx, unit, symbol| {
        let mut f = FuncLower::new(cx, unit, symbol, Vec::new(), Pos::NONE);
        f.name = format!("{}.init", f.cx.units[unit].path);
        for i in list {
            f.initialise(i);
        }
        f.b.ret(&[]);
        f.finish();
    });
    init_closure(cx, unit, &symbol)
}

/// Initialise a variable that is referred to. Each has a function of its own, so that what is made of it does not depend on
/// which others are.
pub fn want(cx: &mut Cx<'_>, unit: usize, i: usize) {
    cx.keeper.note(Event::Quiet(unit, i));
    if cx
        .inits
        .early
        .get(&unit)
        .is_some_and(|e| e.contains_key(&i))
    {
        return;
    }
    // As Go's compiler calls them.
    let symbol = format!("{}.map.init.{i}", cx.units[unit].path);
    let object = initialiser(cx, unit, symbol, vec![i]);
    cx.inits.early.entry(unit).or_default().insert(i, object);
}

/// The list that runtime.main works off: a task for each package that has init functions.
fn init_tasks(cx: &mut Cx<'_>) {
    let mut tasks = Vec::new();
    for unit in 0..cx.units.len() {
        // What is wanted depends on nothing that other initialisers do.
        let early = cx.inits.early.remove(&unit).unwrap_or_default();
        let late = cx.inits.late.remove(&unit).unwrap_or_default();
        let fns: Vec<String> = early.into_values().chain(late).collect();
        if fns.is_empty() {
            continue;
        }
        let task = format!("{}..inittask", cx.units[unit].path);
        // The state comes first, then the number of functions.
        pointer_list(cx, unit, &task, (fns.len() as u64) << 32, fns);
        tasks.push(task);
    }
    let runtime = cx.runtime_unit();
    pointer_list(cx, runtime, "go:main.inittasks", tasks.len() as u64, tasks);
}

/// A data object of one word and a list of addresses.
fn pointer_list(cx: &mut Cx<'_>, unit: usize, symbol: &str, head: u64, list: Vec<String>) {
    let mut data = Data {
        name: cx.sym(unit, symbol),
        section: Section::Data,
        align: 8,
        bytes: head.to_le_bytes().to_vec(),
        size: 0,
        relocs: Vec::new(),
        pointers: Vec::new(),
    };
    for entry in list {
        let sym = cx.sym(unit, &entry);
        data.relocs.push(Reloc {
            offset: data.bytes.len() as u32,
            kind: RelocKind::Abs64,
            sym,
            addend: 0,
        });
        data.bytes.extend([0; 8]);
    }
    data.size = data.bytes.len() as u64;
    cx.modules[unit].data.push(data);
}

/// The func value of an init function.
fn init_closure(cx: &mut Cx<'_>, unit: usize, symbol: &str) -> String {
    let sig = cx.store.signature(Vec::new(), Vec::new(), false);
    let conv = cx.conv(sig);
    cx.static_closure(unit, symbol, false, conv)
}

impl<'a> FuncLower<'_, 'a> {
    /// Initialiser number `i` of the package.
    fn initialise(&mut self, i: usize) {
        let info = self.info();
        let init = &info.init_order[i];
        self.analysis = Rc::new(crate::analysis::analyse_expr(self.cx.store, info, init.rhs));
        self.at(init.rhs.pos);
        match init.lhs[..] {
            [] => {
                self.expr(init.rhs);
            }
            [obj] => {
                let ty = self.obj_ty(obj);
                let val = self.expr_as(init.rhs, ty);
                let place = self.var_place(obj);
                self.assign(&place, ty, &val);
            }
            _ => {
                let vals = self.multi(init.rhs);
                for (&obj, (val, from)) in init.lhs.iter().zip(vals) {
                    let ty = self.obj_ty(obj);
                    let val = self.convert_assign(val, from, ty);
                    let place = self.var_place(obj);
                    self.assign(&place, ty, &val);
                }
            }
        }
    }
}

impl<'a> Cx<'a> {
    /// Of the variables that linknames join under `symbol`, the one that the symbol's value comes from: that with an
    /// initial value. `obj` is one of them.
    fn definer(&self, obj: ObjId, symbol: &str) -> ObjId {
        if let Some(o) = self.linknames.var(symbol) {
            return o;
        }
        if self.linkname(obj).is_none() {
            return obj;
        }
        let own = symbol.rsplit_once('.').and_then(|(path, name)| {
            let unit = self.units.iter().find(|u| u.path == path)?;
            self.store.package(unit.pkg).lookup(Symbol::intern(name))
        });
        own.filter(|&o| crate::linkname::has_initial_value(self, o))
            .unwrap_or(obj)
    }

    /// The symbol of a package variable.
    pub fn global_symbol(&self, obj: ObjId) -> String {
        match self.linkname(obj) {
            Some(name) => name.to_string(),
            None => {
                let name = self.store.obj(obj).name;
                format!("{}.{name}", crate::symbol::path_of(self, obj))
            }
        }
    }

    /// The symbol of a package variable; its data object is made on first use.
    pub fn global(&mut self, obj: ObjId) -> String {
        if self.linknames.is_refused(obj) {
            self.unsupported_runtime(obj);
        }
        let symbol = self.global_symbol(obj);
        if self.request(&symbol) {
            self.keeper.begin();
            self.make_global(obj, &symbol);
            self.keeper.end(self.requested[&symbol]);
        }
        symbol
    }

    fn make_global(&mut self, obj: ObjId, symbol: &str) {
        // A variable linked to its own name is made elsewhere (`runtime.staticuint64s`).
        if let Some(name) = self.linkname(obj) {
            let own = self.store.obj(obj).name;
            if name == format!("{}.{own}", crate::symbol::path_of(self, obj)) {
                return;
            }
        }
        let obj = self.definer(obj, symbol);
        let unit = self.unit_of(self.store.obj(obj).pkg);
        self.keeper.note_unit(unit);
        let o = self.store.obj(obj);
        if self.assembly.symbols.contains_key(symbol) {
            if self.repr(o.ty()).pointers {
                let what = format!("{symbol}, a variable with pointers that assembly defines,");
                self.unsupported(o.pos, &what);
            }
            return;
        }
        let unit = self.unit_of(o.pkg);
        let info = self.units[unit].info;
        let init = info.init_order.iter().find(|i| i.lhs[..] == [obj]);
        // What `-X` gives stands for a constant only.
        let constant = init.is_none_or(|i| info.value(crate::place::unparen(i.rhs).id).is_some());
        if constant && self.initial_data(unit, symbol, obj) {
            return;
        }
        if let Some(init) = init
            && self.inits.fixed.contains(&obj)
        {
            if info.is_put_off(init.rhs.id) {
                self.check_bodies(&[(unit, obj)]);
            }
            self.fixed_object(symbol, unit, init.rhs, o.ty());
            return;
        }
        if let Some(&(unit, i)) = self.inits.quiet.get(&obj) {
            want(self, unit, i);
        }
        let repr = self.repr(o.ty());
        let name = self.sym(unit, symbol);
        let pointers = self.pointers(unit, o.ty());
        self.modules[unit].data.push(Data {
            name,
            section: Section::Bss,
            align: repr.align.max(8),
            bytes: Vec::new(),
            size: repr.size.max(1),
            relocs: Vec::new(),
            pointers,
        });
    }
}
