//! Which objects each value of a function may point to, and what may leak.
//!
//! A fixed point over sets: instructions are taken again until nothing changes. The contents of an object
//! are two sets, that of its first word and that of the rest: closures hold their code in the first.

use super::program::{Site, View};
use super::sets::{DEEPEST, Object, Pointer, Set};
use super::summary::{Source, Summary, Target};
use crate::entity::{Inst, Value};
use crate::func::Func;
use crate::inst::{BinaryOp, BlockCall, ConvertOp, InstData};
use crate::types::Type;
use rustc_hash::FxHashMap;

/// The summary of a function by number, if it is known.
pub type Summaries<'s> = &'s (dyn Fn(usize) -> Option<&'s Summary> + 's);

/// The analysis of one function.
pub struct Points<'p, 's> {
    pub(super) program: &'p View<'p>,
    pub(super) id: usize,
    pub(super) module: usize,
    pub(super) func: &'p Func,
    pub(super) summaries: Summaries<'s>,
    pub(super) objects: Vec<Object>,
    numbers: FxHashMap<Object, u32>,
    /// First word and rest of each object.
    pub(super) cells: Vec<[Set; 2]>,
    leaked: Vec<bool>,
    /// Parameters' objects in which the function stores what objects of the same parameter held at the start: for the
    /// caller these are several objects.
    rearranged: Vec<bool>,
    pub(super) values: Vec<Set>,
    pub(super) results: Vec<Set>,
    /// Parameters, with their level, that are called as closures.
    pub(super) called: Vec<(u32, u8)>,
    pub(super) sites: FxHashMap<Inst, Option<Site>>,
    pub(super) changed: bool,
    /// Pointers of which nothing is known by now are unknown ones.
    pub(super) last: bool,
}

impl<'p, 's> Points<'p, 's> {
    /// Prepare the analysis of function `id`.
    pub fn new(program: &'p View<'p>, id: usize, summaries: Summaries<'s>) -> Points<'p, 's> {
        let func = program.func(id);
        let mut p = Points {
            program,
            id,
            module: program.module_of(id),
            func,
            summaries,
            objects: vec![Object::Heap],
            numbers: FxHashMap::default(),
            cells: vec![[Set::one(Pointer::HEAP), Set::one(Pointer::HEAP)]],
            leaked: vec![true],
            rearranged: vec![false],
            values: vec![Set::default(); func.values.len()],
            results: vec![Set::default(); func.result_types.len()],
            called: Vec::new(),
            sites: FxHashMap::default(),
            changed: false,
            last: false,
        };
        p.numbers.insert(Object::Heap, 0);
        for (i, &v) in func.blocks[0].params.iter().enumerate() {
            if func.ty(v) == Type::Ptr {
                let object = p.object(Object::Param(i as u32, 0));
                p.values[v.index()] = Set::one(Pointer::start(object));
            }
        }
        p
    }

    /// Find the fixed point.
    pub fn solve(&mut self) {
        self.rounds();
        self.last = true;
        self.rounds();
    }

    fn rounds(&mut self) {
        loop {
            self.changed = false;
            for block in &self.func.blocks {
                for &inst in &block.insts {
                    self.inst(inst);
                }
            }
            if !self.changed {
                return;
            }
        }
    }

    /// The number of an object.
    pub(super) fn object(&mut self, object: Object) -> u32 {
        if let Some(&n) = self.numbers.get(&object) {
            return n;
        }
        let n = self.objects.len() as u32;
        self.objects.push(object);
        self.numbers.insert(object, n);
        self.cells.push(Default::default());
        self.leaked.push(false);
        self.rearranged.push(false);
        if let Object::Param(i, level) = object {
            let below = match level {
                DEEPEST => n,
                _ => self.object(Object::Param(i, level + 1)),
            };
            let below = Set::one(Pointer::anywhere(below));
            self.cells[n as usize] = [below.clone(), below];
        }
        n
    }

    // --- what the analysis has found out ---------------------------------------------------

    /// What a value may point to.
    pub fn of_value(&self, v: Value) -> impl Iterator<Item = Object> + '_ {
        self.values[v.index()]
            .iter()
            .map(|p| self.objects[p.object() as usize])
    }

    /// Whether memory that the function does not know may point to an object.
    pub fn is_leaked(&self, object: Object) -> bool {
        match self.numbers.get(&object) {
            Some(&n) => self.leaked[n as usize],
            None => false,
        }
    }

    /// Whether a value may point to an object.
    pub fn may_point(&self, v: Value, object: Object) -> bool {
        let number = self.numbers.get(&object);
        number.is_some_and(|&n| self.values[v.index()].has_object(n))
    }

    /// The objects that may hold a pointer to an object.
    pub fn holders(&self, object: Object) -> Vec<Object> {
        let Some(&n) = self.numbers.get(&object) else {
            return Vec::new();
        };
        (0..self.objects.len())
            .filter(|&o| self.cells[o].iter().any(|c| c.has_object(n)))
            .map(|o| self.objects[o])
            .collect()
    }

    /// What callers must know.
    pub fn summary(&self) -> Summary {
        let mut flows = Vec::new();
        for (j, set) in self.results.iter().enumerate() {
            self.flows_to(set, Target::Result(j as u32), &mut flows);
        }
        for (n, &object) in self.objects.iter().enumerate() {
            let Object::Param(k, level) = object else {
                continue;
            };
            if self.leaked[n] {
                flows.push((Source::Param(k, level), Target::Heap));
            }
            for cell in &self.cells[n] {
                for p in cell.iter() {
                    let held = self.objects[p.object() as usize];
                    let below = Object::Param(k, (level + 1).min(DEEPEST));
                    if held == below && !self.rearranged[n] {
                        continue; // so it was at the start
                    }
                    let set = Set::one(p);
                    self.flows_to(&set, Target::Param(k, level), &mut flows);
                }
            }
        }
        Summary::new(flows).calling(self.called.clone())
    }

    fn flows_to(&self, set: &Set, target: Target, flows: &mut Vec<(Source, Target)>) {
        for p in set.iter() {
            let source = match self.objects[p.object() as usize] {
                Object::Param(i, level) => Source::Param(i, level),
                _ => Source::Unknown,
            };
            flows.push((source, target));
        }
    }

    // --- sets ------------------------------------------------------------------------------

    pub(super) fn give(&mut self, v: Value, set: &Set) {
        self.changed |= self.values[v.index()].union(set);
    }

    pub(super) fn result(&self, inst: Inst, n: usize) -> Value {
        self.func.results[inst.index()][n]
    }

    /// The set of an address; an unknown one once everything else is settled.
    fn address(&self, v: Value) -> Set {
        let set = &self.values[v.index()];
        if set.is_empty() && self.last {
            Set::one(Pointer::HEAP)
        } else {
            set.clone()
        }
    }

    pub(super) fn leak(&mut self, set: &Set) {
        for p in set.iter() {
            let n = p.object() as usize;
            let keeps = matches!(self.objects[n], Object::Code(_) | Object::Data(..));
            if !keeps && !std::mem::replace(&mut self.leaked[n], true) {
                self.changed = true;
                for i in 0..2 {
                    let held = self.cells[n][i].clone();
                    self.leak(&held);
                    self.cells[n][i].insert(Pointer::HEAP);
                }
            }
        }
    }

    /// A pointer to an object with what `set` holds in it; `off` from its address.
    pub(super) fn store(&mut self, addr: &Set, off: i32, set: &Set) {
        if set.is_empty() {
            return;
        }
        for p in addr.iter() {
            let (first, rest) = match (p.is_start(), off) {
                (true, 0) => (true, false),
                (true, _) => (false, true),
                (false, _) => (true, true),
            };
            self.put(p.object(), first, rest, set);
        }
    }

    pub(super) fn put(&mut self, object: u32, first: bool, rest: bool, set: &Set) {
        let n = object as usize;
        match self.objects[n] {
            Object::Heap | Object::Code(_) | Object::Data(..) => return self.leak(set),
            Object::Param(_, DEEPEST) => self.leak(set),
            Object::Param(k, level) => {
                let below = self.numbers.get(&Object::Param(k, level + 1));
                if below.is_some_and(|&below| set.has_object(below)) {
                    self.changed |= !std::mem::replace(&mut self.rearranged[n], true);
                }
                // What is ours and goes to the caller's memory must be in the heap.
                for p in set.iter() {
                    let held = self.objects[p.object() as usize];
                    if matches!(held, Object::Alloc(_) | Object::Slot(_)) {
                        self.leak(&Set::one(p));
                    }
                }
            }
            _ => {}
        }
        if self.leaked[n] {
            self.leak(set);
        }
        for (i, wanted) in [first, rest].into_iter().enumerate() {
            if wanted {
                self.changed |= self.cells[n][i].union(set);
            }
        }
    }

    pub(super) fn load(&mut self, addr: &Set, off: i32) -> Set {
        let mut out = Set::default();
        for p in addr.iter() {
            let n = p.object() as usize;
            match self.objects[n] {
                Object::Code(_) => {
                    out.insert(Pointer::HEAP);
                }
                Object::Data(m, d) => {
                    let word = p
                        .is_start()
                        .then(|| self.program.constant_word((m, d), off));
                    let target = match word.flatten() {
                        Some((module, sym)) => self.symbol(module, sym, 0),
                        None => Pointer::HEAP,
                    };
                    out.insert(target);
                }
                _ => {
                    let [first, rest] = &self.cells[n];
                    if off == 0 || !p.is_start() {
                        out.union(first);
                    }
                    if off != 0 || !p.is_start() {
                        out.union(rest);
                    }
                }
            }
        }
        out
    }

    /// What a symbol's address points to.
    fn symbol(&mut self, module: usize, sym: crate::entity::Sym, off: i64) -> Pointer {
        if off != 0 {
            return Pointer::HEAP;
        }
        if let Some(f) = self.program.symbol(module, sym).func {
            return Pointer::start(self.object(Object::Code(f)));
        }
        match self.program.constant(module, sym) {
            Some((m, d)) => Pointer::start(self.object(Object::Data(m, d))),
            None => Pointer::HEAP,
        }
    }

    /// Everything that is held by the objects of a set.
    pub(super) fn held(&self, set: &Set) -> Set {
        let mut out = Set::default();
        for p in set.iter() {
            let n = p.object() as usize;
            match self.objects[n] {
                Object::Code(_) => {}
                Object::Data(..) => {
                    out.insert(Pointer::HEAP);
                }
                _ => self.cells[n].iter().for_each(|c| {
                    out.union(c);
                }),
            }
        }
        out
    }

    /// Everything that can be reached from the objects of a set, themselves included.
    pub(super) fn reachable(&self, set: &Set) -> Set {
        let mut out = set.clone();
        loop {
            let more = self.held(&out);
            if !out.union(&more) {
                return out;
            }
        }
    }

    // --- instructions ----------------------------------------------------------------------

    fn inst(&mut self, inst: Inst) {
        let func = self.func;
        match &func.insts[inst.index()] {
            InstData::SymAddr { sym, off } => {
                let p = self.symbol(self.module, *sym, *off);
                self.give(self.result(inst, 0), &Set::one(p));
            }
            InstData::SlotAddr { slot, off } => {
                let n = self.object(Object::Slot(*slot));
                let p = match off {
                    0 => Pointer::start(n),
                    _ => Pointer::anywhere(n),
                };
                self.give(self.result(inst, 0), &Set::one(p));
            }
            InstData::Alloc { .. } => self.made(inst),
            InstData::CurrentG => self.give(self.result(inst, 0), &Set::one(Pointer::HEAP)),
            InstData::Binary { op, a, b } => {
                use BinaryOp::{And, Iadd, Isub, Or};
                if matches!(op, Iadd | Isub | And | Or) {
                    let zero = func.constant(*b) == Some(0);
                    for v in [*a, *b] {
                        let set = &self.values[v.index()];
                        if !set.is_empty() {
                            let set = if zero { set.clone() } else { set.blurred() };
                            self.give(self.result(inst, 0), &set);
                        }
                    }
                }
            }
            InstData::Convert {
                op: ConvertOp::Bitcast,
                ty,
                a,
            } => {
                let mut set = self.values[a.index()].clone();
                if *ty == Type::Ptr && set.is_empty() && func.ty(*a) != Type::Ptr {
                    set.insert(Pointer::HEAP);
                }
                self.give(self.result(inst, 0), &set);
            }
            InstData::Select { a, b, .. } if func.ty(*a) == Type::Ptr => {
                for v in [*a, *b] {
                    let set = self.values[v.index()].clone();
                    self.give(self.result(inst, 0), &set);
                }
            }
            InstData::Load {
                ty: Type::Ptr,
                addr,
                off,
            } => {
                let addr = self.address(*addr);
                let set = self.load(&addr, *off);
                self.give(self.result(inst, 0), &set);
            }
            InstData::AtomicLoad {
                ty: Type::Ptr,
                addr,
            } => {
                let addr = self.address(*addr);
                let set = self.load(&addr, 0);
                self.give(self.result(inst, 0), &set);
            }
            InstData::Store { val, addr, off, .. } if func.ty(*val) == Type::Ptr => {
                let (addr, set) = (self.address(*addr), self.values[val.index()].clone());
                self.store(&addr, *off, &set);
            }
            InstData::AtomicStore { val, addr, .. } => self.atomic(None, *addr, *val),
            InstData::AtomicRmw { addr, val, .. } => self.atomic(Some(inst), *addr, *val),
            InstData::AtomicCas { addr, new, .. } => self.atomic(Some(inst), *addr, *new),
            InstData::Copy { dst, src, .. } => {
                let (dst, src) = (self.address(*dst), self.address(*src));
                self.copy(&dst, &src);
            }
            InstData::Call { callee, args } => self.call(Some(inst), *callee, args),
            InstData::TailCall { callee, args } => {
                // Nothing of this frame may be given on: it is gone.
                for &a in args {
                    let set = self.own(a);
                    self.leak(&set);
                }
                self.call(None, *callee, args);
            }
            InstData::Jump(call) => self.jump(call),
            InstData::Branch { then, els, .. } => {
                self.jump(then);
                self.jump(els);
            }
            InstData::Switch { cases, default, .. } => {
                cases.iter().for_each(|(_, call)| self.jump(call));
                self.jump(default);
            }
            InstData::Return(vals) => {
                for (j, &v) in vals.iter().enumerate() {
                    if func.ty(v) == Type::Ptr {
                        let set = self.own(v);
                        self.leak(&set);
                        let set = self.values[v.index()].clone();
                        self.changed |= self.results[j].union(&set);
                    }
                }
            }
            // Integers keep nothing, and the rest makes or moves no pointer.
            InstData::Select { .. }
            | InstData::Load { .. }
            | InstData::Store { .. }
            | InstData::AtomicLoad { .. }
            | InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::Unary { .. }
            | InstData::Convert { .. }
            | InstData::Icmp { .. }
            | InstData::Fcmp { .. }
            | InstData::FramePointer
            | InstData::Clear { .. }
            | InstData::BoundsCheck { .. }
            | InstData::NilCheck { .. }
            | InstData::DecodeRune { .. }
            | InstData::ZeroCheck { .. }
            | InstData::Unreachable => {}
        }
    }

    /// The objects of this function's own that a value may point to.
    fn own(&self, v: Value) -> Set {
        let mut out = Set::default();
        for p in self.values[v.index()].iter() {
            let object = self.objects[p.object() as usize];
            if matches!(object, Object::Alloc(_) | Object::Slot(_)) {
                out.insert(p);
            }
        }
        out
    }

    fn jump(&mut self, call: &BlockCall) {
        for (&arg, &param) in call
            .args
            .iter()
            .zip(&self.func.blocks[call.block.index()].params)
        {
            if self.func.ty(param) == Type::Ptr && !self.values[arg.index()].is_empty() {
                let set = self.values[arg.index()].clone();
                self.give(param, &set);
            }
        }
    }

    fn atomic(&mut self, loads: Option<Inst>, addr: Value, val: Value) {
        let (addr, set) = (self.address(addr), self.values[val.index()].clone());
        self.store(&addr, 0, &set);
        if let Some(inst) = loads
            && self.func.ty(val) == Type::Ptr
        {
            let old = self.load(&addr, 0);
            self.give(self.result(inst, 0), &old);
        }
    }

    /// Contents go from object to object, whole or in part.
    fn copy(&mut self, dst: &Set, src: &Set) {
        let mut whole = true;
        for p in dst.iter().chain(src.iter()) {
            whole &= p.is_start();
        }
        let first = self.load(src, 0);
        let rest = self.load(src, 8);
        if whole {
            self.store(dst, 0, &first);
            self.store(dst, 8, &rest);
        } else {
            self.store(&dst.blurred(), 0, &first);
            self.store(&dst.blurred(), 0, &rest);
        }
    }

    /// The object that an instruction makes.
    pub(super) fn made(&mut self, inst: Inst) {
        let n = self.object(Object::Alloc(inst));
        self.give(self.result(inst, 0), &Set::one(Pointer::start(n)));
    }
}
