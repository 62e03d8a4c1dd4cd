//! What a program starts from: package variables, init tasks, the runtime's entry points.

use crate::func::{Env, FuncLower};
use crate::program::{Cx, Work};
use gort_ir::{Data, Reloc, RelocKind, Section, Type};
use gort_syntax::ast::ExprRef;
use gort_syntax::{Pos, Symbol};
use gort_types::{BasicKind, ObjId, Ty, TyKind, Value as Const};
use std::rc::Rc;

/// Functions of the overlay's runtime that native code or every program needs.
const ROOTS: &[&str] = &["main", "gopanic", "sigpanic", "nativepanic"];

/// Queue the entry points: runtime, initialisers, `main.main`.
pub fn roots(cx: &mut Cx<'_>) {
    for name in ROOTS {
        let obj = cx.runtime_func(name);
        cx.need_func(obj, &[]);
    }
    for kind in gort_ir::BoundsKind::ALL {
        for unsigned in [false, true] {
            runtime_symbol(cx, kind.panic_function(unsigned));
        }
    }
    for name in ["runtime.panicdivide", "runtime.deferproc"] {
        runtime_symbol(cx, name);
    }
    let mut tasks = Vec::new();
    for unit in 0..cx.units.len() {
        tasks.extend(init_task(cx, unit));
    }
    let runtime = cx.runtime_unit();
    let mut list = Data {
        name: cx.sym(runtime, "go:main.inittasks"),
        section: Section::Data,
        align: 8,
        bytes: (tasks.len() as u64).to_le_bytes().to_vec(),
        size: 0,
        relocs: Vec::new(),
    };
    for task in &tasks {
        let sym = cx.sym(runtime, task);
        list.relocs.push(Reloc {
            offset: list.bytes.len() as u32,
            kind: RelocKind::Abs64,
            sym,
            addend: 0,
        });
        list.bytes.extend([0; 8]);
    }
    list.size = list.bytes.len() as u64;
    cx.modules[runtime].data.push(list);
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
        if f.decl.body.is_some() && !generic && !generic_recv && !special {
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

/// Repeat until reachable methods and data ask for nothing new.
pub fn finish(cx: &mut Cx<'_>) {
    loop {
        cx.drain();
        let methods = cx.activate_methods();
        let data = cx.scan_data();
        if cx.failed() || !methods && !data && cx.idle() {
            return;
        }
    }
}

/// The init task of a package, if it has work: initialisers of variables, then its init functions.
fn init_task(cx: &mut Cx<'_>, unit: usize) -> Option<String> {
    let path = cx.units[unit].path.clone();
    let info = cx.units[unit].info;
    let mut fns = Vec::new();
    let dynamic: Vec<usize> = (0..info.init_order.len())
        .filter(|&i| !is_static(cx, unit, &info.init_order[i]))
        .collect();
    if !dynamic.is_empty() {
        let symbol = format!("{path}.init");
        cx.need_made(unit, &symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(cx, unit, symbol, Vec::new(), Pos::NONE);
            f.name = format!("{}.init", f.cx.units[unit].path);
            for i in dynamic {
                f.initialise(i);
            }
            f.b.ret(&[]);
            f.finish();
        });
        fns.push(symbol);
    }
    let inits = info.funcs.iter().filter(|f| {
        f.decl.name.name.as_str() == "init" && f.decl.recv.is_none() && f.decl.body.is_some()
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
        fns.push(symbol);
    }
    if fns.is_empty() {
        return None;
    }
    let task = format!("{path}..inittask");
    let mut data = Data {
        name: cx.sym(unit, &task),
        section: Section::Data,
        align: 8,
        bytes: vec![0; 8],
        size: 0,
        relocs: Vec::new(),
    };
    data.bytes[4..].copy_from_slice(&(fns.len() as u32).to_le_bytes());
    for f in fns {
        let thunk = init_closure(cx, unit, &f);
        let sym = cx.sym(unit, &thunk);
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
    Some(task)
}

/// The func value of an init function.
fn init_closure(cx: &mut Cx<'_>, unit: usize, symbol: &str) -> String {
    let sig = cx.store.signature(Vec::new(), Vec::new(), false);
    let conv = cx.conv(sig);
    cx.static_closure(unit, symbol, false, conv)
}

/// Whether an initialiser is a constant that the variable's data can hold.
fn is_static<'a>(cx: &Cx<'a>, unit: usize, init: &gort_types::info::Initializer<'a>) -> bool {
    let [obj] = init.lhs[..] else { return false };
    // What `-X` gives stands for a constant only.
    static_value(cx, unit, obj, init.rhs).is_some()
}

fn static_value<'a>(cx: &Cx<'a>, unit: usize, obj: ObjId, rhs: ExprRef<'a>) -> Option<&'a Const> {
    let value = cx.units[unit].info.value(crate::place::unparen(rhs).id)?;
    let ty = cx.store.obj(obj).ty();
    match cx.store.kind(cx.store.under(ty)) {
        TyKind::Basic(_) => Some(value),
        _ => None,
    }
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
        if let Some(&o) = self.pushed_vars.get(symbol) {
            return o;
        }
        if self.linkname(obj).is_none() {
            return obj;
        }
        let own = symbol.rsplit_once('.').and_then(|(path, name)| {
            let unit = self.units.iter().find(|u| u.path == path)?;
            self.store.package(unit.pkg).lookup(Symbol::intern(name))
        });
        own.filter(|&o| crate::symbol::has_initial_value(self, o))
            .unwrap_or(obj)
    }

    /// The symbol of a package variable; its data object is made on first use.
    pub fn global(&mut self, obj: ObjId) -> String {
        let o = self.store.obj(obj);
        let symbol = match self.linkname(obj) {
            Some(name) => name.to_string(),
            None => format!("{}.{}", crate::symbol::path_of(self, obj), o.name),
        };
        if !self.request(&symbol) {
            return symbol;
        }
        // A variable linked to its own name is made elsewhere (`runtime.staticuint64s`).
        if self
            .linkname(obj)
            .is_some_and(|name| name == format!("{}.{}", crate::symbol::path_of(self, obj), o.name))
        {
            return symbol;
        }
        let obj = self.definer(obj, &symbol);
        let o = self.store.obj(obj);
        let unit = self.unit_of(o.pkg);
        let info = self.units[unit].info;
        let init = info.init_order.iter().find(|i| i.lhs[..] == [obj]);
        let value = init.and_then(|i| static_value(self, unit, obj, i.rhs));
        let dynamic = init.is_some() && value.is_none();
        if !dynamic && self.initial_data(unit, &symbol, obj) {
            return symbol;
        }
        match value {
            Some(value) => self.static_global(unit, &symbol, o.ty(), value),
            None => {
                let repr = self.repr(o.ty());
                let name = self.sym(unit, &symbol);
                self.modules[unit].data.push(Data {
                    name,
                    section: Section::Bss,
                    align: repr.align.max(8),
                    bytes: Vec::new(),
                    size: repr.size.max(1),
                    relocs: Vec::new(),
                });
            }
        }
        symbol
    }

    fn static_global(&mut self, unit: usize, symbol: &str, ty: Ty, value: &Const) {
        let repr = self.repr(ty);
        let mut bytes = vec![0; repr.size as usize];
        let mut relocs = Vec::new();
        let kind = match self.store.kind(self.store.under(ty)) {
            TyKind::Basic(k) => *k,
            _ => BasicKind::Invalid,
        };
        if let Some(text) = value.as_bytes() {
            if !text.is_empty() {
                let data = self.string_data(unit, text);
                let sym = self.sym(unit, &data);
                relocs.push(Reloc {
                    offset: 0,
                    kind: RelocKind::Abs64,
                    sym,
                    addend: 0,
                });
            }
            bytes[8..].copy_from_slice(&(text.len() as u64).to_le_bytes());
        } else {
            for (i, s) in repr.scalars.iter().flatten().enumerate() {
                let bits = constant_bits(value, kind, s.ty, i);
                let n = s.ty.size() as usize;
                bytes[s.off as usize..s.off as usize + n].copy_from_slice(&bits.to_le_bytes()[..n]);
            }
        }
        let name = self.sym(unit, symbol);
        let size = bytes.len() as u64;
        self.modules[unit].data.push(Data {
            name,
            section: Section::Data,
            align: 8,
            bytes,
            size,
            relocs,
        });
    }
}

/// The bits of scalar number `i` of a constant.
fn constant_bits(value: &Const, kind: BasicKind, ty: Type, i: usize) -> u64 {
    if let Some(b) = value.as_bool() {
        return b as u64;
    }
    let float = |v: &Const| {
        if ty == Type::F32 {
            v.to_f32().to_bits() as u64
        } else {
            v.to_f64().to_bits()
        }
    };
    if kind.is_complex() {
        return float(&if i == 0 { value.real() } else { value.imag() });
    }
    if kind.is_float() {
        return float(value);
    }
    let int = value.to_int();
    int.to_i64()
        .map(|v| v as u64)
        .or_else(|| int.to_u64())
        .unwrap_or(0)
}
