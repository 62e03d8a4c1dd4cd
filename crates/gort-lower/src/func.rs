//! The state of one function's lowering: its builder, where its variables are, how it returns.

use crate::analysis::Analysis;
use crate::conv::{Conv, ResultConv};
use crate::env::Env;
use crate::opendefer::OpenDefers;
use crate::program::Cx;
use crate::repr::Repr;
use crate::value::Val;
use gort_ir::func::LocData;
use gort_ir::{Builder, Callee, Func, FuncFlags, Results, Slot, Sym, Type, Value, Var};
use gort_syntax::ast::*;
use gort_syntax::pos::SourceFile;
use gort_syntax::{Pos, Symbol};
use gort_types::info::{FuncInfo, FuncObjs};
use gort_types::{Info, ObjId, Ty, TyKind};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;
use std::sync::Arc;

/// Where a variable is.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In variables of the builder, one a scalar.
    Ssa(SmallVec<[Var; 4]>),
    /// In the frame.
    Slot(Slot),
    /// In memory of its own that this variable points to; `true` if that may be in the heap.
    Boxed(Var, bool),
    /// Likewise, with the pointer kept in the frame where the recovery block finds it.
    BoxInSlot(Slot),
}

/// A result variable.
pub struct ResultVar {
    /// Its object.
    pub obj: Option<ObjId>,
    /// Its type.
    pub ty: Ty,
    /// Where it is; `None` for an unnamed result of a function without defers.
    pub storage: Option<Storage>,
}

/// A statement that `break` or `continue` can leave.
pub struct Target {
    /// Its label.
    pub label: Option<Symbol>,
    /// Where `break` goes.
    pub brk: Dest,
    /// Where `continue` goes, for loops.
    pub cont: Option<Dest>,
}

/// Where a branch statement goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dest {
    /// To a block of this function.
    Block(gort_ir::Block),
    /// Out of the body of a range over a function, which returns this to the iterator.
    Leave(bool),
    /// Further out: the body leaves this number behind and returns false.
    Code(i64),
}

/// Lowers one function.
pub struct FuncLower<'c, 'a> {
    /// The program.
    pub cx: &'c mut Cx<'a>,
    /// Unit whose module the function goes to and whose trees it is made of.
    pub unit: usize,
    /// The function.
    pub b: Builder,
    /// Type arguments.
    pub env: Rc<Env>,
    /// Facts about variables.
    pub analysis: Rc<Analysis>,
    /// What has been evaluated of the expression at hand.
    pub steps: crate::order::Steps,
    /// Where variables are.
    pub vars: FxHashMap<ObjId, Storage>,
    /// The Go name, from which names of closures are made.
    pub name: String,
    /// Its symbol, with which the symbols of all that it alone consists of begin.
    pub stem: String,
    /// Closures and wrappers numbered so far: `func`, `wrap`, `range`.
    pub counts: FxHashMap<&'static str, u32>,
    /// The literal being lowered; `None` in a declared function.
    pub lit: Option<ExprId>,
    /// Whether it defers.
    pub defers: bool,
    /// Its deferred calls whose records are in the frame.
    pub open_defers: OpenDefers,
    /// Results.
    pub results: Vec<ResultVar>,
    /// How they travel.
    pub result_conv: ResultConv,
    /// The result area's address.
    pub result_area: Option<Storage>,
    /// Statements around the current one.
    pub targets: Vec<Target>,
    /// Blocks of labels.
    pub labels: FxHashMap<Symbol, gort_ir::Block>,
    /// The label that stands before the statement about to be lowered.
    pub pending_label: Option<Symbol>,
    /// Where `fallthrough` goes.
    pub fallthrough: Option<gort_ir::Block>,
    /// Set in the body of a range over a function.
    pub range_body: Option<crate::stmt::rangefunc::RangeBody>,
    /// Where it is declared.
    pub pos: Pos,
    file: Option<Arc<SourceFile>>,
    file_index: u32,
}

impl<'c, 'a> FuncLower<'c, 'a> {
    /// Start a function in a unit.
    pub fn new(
        cx: &'c mut Cx<'a>,
        unit: usize,
        symbol: &str,
        result_types: Vec<Type>,
        pos: Pos,
    ) -> Self {
        let name = cx.sym(unit, symbol);
        let builder = Builder::new(Func::new(name, result_types, LocData::default()));
        let mut f = FuncLower {
            cx,
            unit,
            b: builder,
            env: Rc::default(),
            analysis: Rc::default(),
            steps: Default::default(),
            vars: FxHashMap::default(),
            name: symbol.to_string(),
            stem: symbol.to_string(),
            counts: FxHashMap::default(),
            lit: None,
            defers: false,
            open_defers: OpenDefers::default(),
            results: Vec::new(),
            result_conv: ResultConv::Registers(Vec::new()),
            result_area: None,
            targets: Vec::new(),
            labels: FxHashMap::default(),
            pending_label: None,
            fallthrough: None,
            range_body: None,
            pos,
            file: None,
            file_index: 0,
        };
        f.at(pos);
        let loc = f.b.loc();
        f.b.func.loc = loc;
        f.b.func.locs[0] = loc;
        f
    }

    /// Lower a declared function or method.
    pub fn declared(
        cx: &'c mut Cx<'a>,
        info: FuncInfo<'a>,
        unit: usize,
        env: Rc<Env>,
        symbol: &str,
    ) {
        let decl = info.decl;
        let body = decl.body().expect("only functions with a body are queued");
        let unit_info = cx.units[unit].info;
        let objs = unit_info.params(decl.sig.pos).cloned().unwrap_or_default();
        let all: Vec<ObjId> = objs
            .recv
            .iter()
            .chain(&*objs.params)
            .chain(&*objs.results)
            .copied()
            .collect();
        let analysis = crate::analysis::analyse(cx.store, unit_info, &all, &objs.results, body);
        let sig = cx.store.obj(info.obj).ty();
        let sig = env.subst(cx.store, sig);
        let conv = cx.conv(sig);
        let mut f = FuncLower::new(cx, unit, symbol, conv.register_results(), decl.name.pos);
        f.env = env;
        f.analysis = Rc::new(analysis);
        for (_, text) in decl.pragmas {
            match text.split_whitespace().next() {
                Some("go:noinline") => f.b.func.flags.noinline = true,
                Some("go:nosplit") => {
                    f.b.func.flags.nosplit = crate::assembly::unsplit(symbol);
                }
                _ => {}
            }
        }
        // Traces end with it as a frame of its own.
        f.b.func.flags.noinline |= symbol == "main.main";
        if crate::assembly::passes_on(symbol) {
            f.mark_wrapper();
        }
        f.pos = decl.pos;
        f.note_defers();
        f.body(&objs, conv, body);
        f.finish();
    }

    /// Set up parameters and results, lower the body, return.
    pub fn body(&mut self, objs: &FuncObjs, conv: Conv, body: &'a Block<'a>) {
        self.check_arguments(objs, &conv);
        self.result_conv = conv.result_conv.clone();
        if let ResultConv::Memory { .. } = self.result_conv {
            let area = self.b.param(Type::Ptr);
            self.result_area = Some(self.keep_pointer(area));
        }
        let mut incoming = Vec::new();
        for obj in objs.recv.iter().chain(&*objs.params).copied() {
            let ty = self.obj_ty(obj);
            let val = self.incoming(ty);
            incoming.push((obj, ty, val));
        }
        self.at(body.lbrace);
        for (obj, ty, val) in incoming {
            self.bind_param(obj, ty, val);
        }
        for (i, &obj) in objs.results.iter().enumerate() {
            let ty = conv.results[i];
            self.bind_result(obj, ty);
        }
        if self.defers {
            let recover = self.b.block();
            self.b.func.recover_block = Some(recover);
        }
        self.stmts(body.stmts);
        self.at(body.rbrace);
        if self.b.reachable() {
            self.return_bare();
        }
        if let Some(recover) = self.b.func.recover_block {
            self.b.seal(recover);
            self.b.switch_to(recover);
            self.run_defers();
            self.return_stored();
        }
    }

    /// Receive a parameter from the function's arguments.
    pub fn incoming(&mut self, ty: Ty) -> Val {
        let repr = self.repr(ty);
        match &repr.scalars {
            Some(list) => Val::S(list.iter().map(|s| self.b.param(s.ty)).collect()),
            None => Val::M(self.b.param(Type::Ptr)),
        }
    }

    /// Give a parameter its place. A parameter in memory is a copy that is ours.
    fn bind_param(&mut self, obj: ObjId, ty: Ty, val: Val) {
        if self.cx.store.obj(obj).name.is_blank() {
            return;
        }
        let storage = match &val {
            // In the frame of the caller, unless that is reflect: its frames are in the heap.
            Val::M(addr) if !self.is_boxed(obj) => Storage::Boxed(self.ssa(*addr), true),
            _ => {
                let storage = self.new_storage(obj, ty);
                self.init_storage(&storage, ty, &val);
                storage
            }
        };
        self.vars.insert(obj, storage);
    }

    fn bind_result(&mut self, obj: ObjId, ty: Ty) {
        let name = self.cx.store.obj(obj).name;
        let named = name != Symbol::EMPTY;
        if !named && !self.defers && !self.is_boxed(obj) {
            self.results.push(ResultVar {
                obj: Some(obj),
                ty,
                storage: None,
            });
            return;
        }
        let mut storage = if self.defers && !self.is_boxed(obj) {
            let repr = self.repr(ty);
            Storage::Slot(
                self.b
                    .func
                    .add_slot(repr.size.max(1) as u32, repr.align.max(8)),
            )
        } else {
            self.new_storage(obj, ty)
        };
        if let (true, Storage::Boxed(var, _)) = (self.defers, &storage) {
            let ptr = self.b.use_var(*var);
            storage = self.keep_pointer(ptr);
        }
        let zero = self.zero(ty);
        self.init_storage(&storage, ty, &zero);
        self.vars.insert(obj, storage.clone());
        self.results.push(ResultVar {
            obj: Some(obj),
            ty,
            storage: Some(storage),
        });
    }

    /// Keep a pointer for the whole function, where a recovery block can find it if there is one.
    fn keep_pointer(&mut self, ptr: Value) -> Storage {
        if self.defers {
            let slot = self.b.func.add_slot(8, 8);
            let addr = self.b.slot_addr(slot, 0);
            self.b.store(ptr, addr, 0, false);
            Storage::BoxInSlot(slot)
        } else {
            Storage::Boxed(self.ssa(ptr), true)
        }
    }

    /// A builder variable that holds `v`.
    pub fn ssa(&mut self, v: Value) -> Var {
        let var = self.b.var(self.b.func.ty(v));
        self.b.def(var, v);
        var
    }

    /// Whether a variable must have a box.
    pub fn is_boxed(&self, obj: ObjId) -> bool {
        let Some(f) = self.analysis.vars.get(&obj) else {
            return false;
        };
        let big = || {
            let ty = self.env.subst(self.cx.store, self.cx.store.obj(obj).ty());
            self.cx.store.size_of(ty) > 128
        };
        let result = self.cx.store.obj(obj).var_kind() == Some(gort_types::VarKind::Result);
        f.addr_taken || (f.captured && (f.reassigned || result || big()))
    }

    /// Fresh storage for a variable, not yet initialised.
    pub fn new_storage(&mut self, obj: ObjId, ty: Ty) -> Storage {
        if self.is_boxed(obj) {
            let ptr = self.alloc(ty);
            return Storage::Boxed(self.ssa(ptr), true);
        }
        let repr = self.repr(ty);
        match &repr.scalars {
            Some(list) => Storage::Ssa(list.iter().map(|s| self.b.var(s.ty)).collect()),
            None => {
                let addr = self.temp(ty);
                Storage::Boxed(self.ssa(addr), repr.size > 64 << 10)
            }
        }
    }

    /// Give new storage its first value.
    pub fn init_storage(&mut self, storage: &Storage, ty: Ty, val: &Val) {
        let place = self.storage_place(storage);
        self.assign(&place, ty, val);
    }

    /// Complete the function and add it to its module.
    pub fn finish(mut self) {
        self.check_frame();
        let mut func = self.b.finish();
        if func.recover_block.is_some() {
            let deferproc = self.cx.sym(self.unit, "runtime.deferproc");
            drop_unused_recovery(&mut func, deferproc);
        }
        self.cx.modules[self.unit].funcs.push(func);
    }

    // --- returning -------------------------------------------------------------------------

    /// `return` with values, one a result.
    pub fn return_values(&mut self, vals: &[Val]) {
        if self.results.iter().any(|r| r.storage.is_some()) {
            for (i, val) in vals.iter().enumerate() {
                let (ty, storage) = (self.results[i].ty, self.results[i].storage.clone());
                self.init_storage(&storage.expect("all results are stored or none"), ty, val);
            }
            self.return_bare();
            return;
        }
        self.return_now(vals);
    }

    /// `return` of the result variables.
    pub fn return_bare(&mut self) {
        if self.defers {
            self.run_defers();
        }
        self.return_stored();
    }

    fn return_stored(&mut self) {
        let vals: Vec<Val> = (0..self.results.len())
            .map(|i| {
                let ty = self.results[i].ty;
                match self.results[i].storage.clone() {
                    Some(s) => {
                        let place = self.storage_place(&s);
                        self.read(&place, ty)
                    }
                    None => self.zero(ty),
                }
            })
            .collect();
        self.return_now(&vals);
    }

    fn return_now(&mut self, vals: &[Val]) {
        match self.result_conv.clone() {
            ResultConv::Registers(_) => {
                let flat: Vec<Value> = vals.iter().flat_map(|v| v.scalars().to_vec()).collect();
                self.b.ret(&flat);
            }
            ResultConv::Memory { offsets, .. } => {
                let area = self.result_area.clone().expect("result area");
                let area = self.box_pointer(&area);
                for ((val, off), i) in vals.iter().zip(&offsets).zip(0..) {
                    let ty = self.results[i].ty;
                    // The area is the caller's, which may be reflect with a frame in the heap.
                    self.store(ty, val, area, *off as i32, true);
                }
                self.b.ret(&[]);
            }
        }
    }

    /// Take from the analysis whether and how the function defers.
    pub fn note_defers(&mut self) {
        self.defers = self.analysis.defers(self.lit);
        self.open_defers.allowed = self.analysis.defers_once(self.lit);
    }

    /// This function's frame pointer.
    pub fn frame_pointer(&mut self) -> Value {
        let inst = self.b.emit(gort_ir::InstData::FramePointer, &[Type::I64]);
        self.b.func.results[inst.index()][0]
    }

    // --- small things ----------------------------------------------------------------------

    /// The checker's tables of this unit.
    pub fn info(&self) -> &'a Info<'a> {
        self.cx.units[self.unit].info
    }

    /// The type of an expression in this instance.
    pub fn ty(&self, e: ExprRef<'a>) -> Ty {
        self.env.subst(self.cx.store, self.info().ty(e.id))
    }

    /// The type of an object in this instance.
    pub fn obj_ty(&self, obj: ObjId) -> Ty {
        self.env.subst(self.cx.store, self.cx.store.obj(obj).ty())
    }

    /// The underlying type's data.
    pub fn under(&self, ty: Ty) -> &'a TyKind {
        self.cx.store.kind(self.cx.store.under(ty))
    }

    /// How a type is held.
    pub fn repr(&mut self, ty: Ty) -> Rc<Repr> {
        self.cx.repr(ty)
    }

    /// A symbol of this module.
    pub fn sym(&mut self, name: &str) -> Sym {
        self.cx.sym(self.unit, name)
    }

    /// The address of a symbol.
    pub fn global_addr(&mut self, name: &str) -> Value {
        let sym = self.sym(name);
        self.b.sym_addr(sym, 0)
    }

    /// The symbol of a type's descriptor.
    pub fn type_sym(&mut self, ty: Ty) -> Sym {
        let name = self.cx.type_descriptor(ty);
        self.sym(&name)
    }

    /// The address of a type's descriptor.
    pub fn type_addr(&mut self, ty: Ty) -> Value {
        let sym = self.type_sym(ty);
        self.b.sym_addr(sym, 0)
    }

    /// Call a function of package runtime with scalars.
    pub fn rt(&mut self, name: &str, args: &[Value]) -> Results {
        let obj = self.cx.runtime_func(name);
        let (symbol, native) = self.cx.need_func(obj, &[]);
        let conv = self.cx.conv(self.cx.store.obj(obj).ty());
        let results = conv.register_results();
        let sym = self.sym(&symbol);
        let callee = if native {
            Callee::Native(sym)
        } else {
            Callee::Direct(sym)
        };
        self.b.call(callee, args, &results)
    }

    /// Call a function of package runtime that does not return.
    pub fn rt_noreturn(&mut self, name: &str, args: &[Value]) {
        self.rt(name, args);
        self.b.emit(gort_ir::InstData::Unreachable, &[]);
    }

    /// Set the source position of what follows.
    pub fn at(&mut self, pos: Pos) {
        if !pos.is_known() {
            return;
        }
        let inside = |f: &SourceFile| f.base <= pos.0 && pos.0 <= f.base + f.size;
        if !self.file.as_ref().is_some_and(|f| inside(f)) {
            self.file = self.cx.files.file(pos);
            self.file_index = u32::MAX;
        }
        let Some(file) = self.file.clone() else {
            return;
        };
        let p = file.position(pos);
        if self.file_index == u32::MAX || !file.directives.is_empty() {
            self.file_index = self.cx.file_index(self.unit, &p.file);
        }
        self.b.set_loc(LocData {
            file: self.file_index,
            line: p.line,
            inline: 0,
        });
    }

    /// Report a construct that is not supported yet.
    pub fn unsupported(&mut self, pos: Pos, what: &str) {
        self.cx.unsupported(pos, what);
    }

    /// Mark the function as made by the compiler around another one.
    pub fn mark_wrapper(&mut self) {
        self.b.func.flags = FuncFlags {
            wrapper: true,
            ..self.b.func.flags
        };
    }

    /// The next name of a closure or wrapper: `func1`, `gowrap2`.
    pub fn next_name(&mut self, what: &'static str) -> String {
        // `go` and `defer` count together.
        let kind = if what == "func" { what } else { "wrap" };
        let n = self.counts.entry(kind).or_insert(0);
        *n += 1;
        let n = *n;
        // Inside a closure gc numbers further closures without the word.
        let inner = what == "func" && self.lit.is_some();
        if inner {
            format!("{}.{n}", self.name)
        } else {
            format!("{}.{what}{n}", self.name)
        }
    }

    /// A symbol for a part of this function of that name. Functions of one name, such as those that run initialisers, have parts
    /// of the same names, and which comes first depends on the program: so the symbol begins with their own.
    pub fn own_symbol(&mut self, name: &str) -> String {
        match name.starts_with(&self.stem) {
            true => self.cx.unique_symbol(name),
            false => self.cx.unique_symbol(&format!("{}·{name}", self.stem)),
        }
    }

    /// The Go name is another than the symbol.
    pub fn show_as(&mut self, name: String) {
        if !self.stem.starts_with(&name) {
            self.b.func.shown_name = Some(self.sym(&name));
        }
        self.name = name;
    }
}

/// All defer statements may stand in code that is never reached: then there is nothing to recover.
fn drop_unused_recovery(func: &mut Func, deferproc: Sym) {
    let recover = func.recover_block.take();
    let mut without = func.clone();
    gort_ir::func::cleanup::cleanup(&mut without);
    let defers = |i: &gort_ir::InstData| match i {
        gort_ir::InstData::Call {
            callee: Callee::Direct(s),
            ..
        } => *s == deferproc,
        gort_ir::InstData::CurrentG => true,
        _ => false,
    };
    if without.insts.iter().any(defers) {
        func.recover_block = recover;
    } else {
        *func = without;
    }
}
