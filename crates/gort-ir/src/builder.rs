//! Builds a function: appends instructions at a cursor and keeps mutable variables in SSA form.
//!
//! SSA construction follows Braun et al., "Simple and Efficient Construction of Static Single Assignment
//! Form" (2013), with block parameters for phis: a use in a block whose predecessors are not all known
//! makes a parameter that [`Builder::seal`] completes; parameters that turn out to have one source are
//! replaced by it. [`Builder::finish`] drops unreachable blocks and aliases.

use crate::entity::{Block, Inst, Loc, Slot, Sym, Value, Var};
use crate::func::{Func, LocData, Results, ValueDef};
use crate::inst::{BinaryOp, BlockCall, Callee, ConvertOp, FloatCc, InstData, IntCc, UnaryOp};
use crate::types::Type;
use rustc_hash::FxHashMap;

#[derive(Default, Clone)]
struct BlockState {
    preds: Vec<(Block, Inst)>,
    sealed: bool,
    /// Parameters made for uses before the block was sealed.
    pending: Vec<(Var, Value)>,
}

/// A function under construction.
pub struct Builder {
    /// The function.
    pub func: Func,
    current: Option<Block>,
    loc: Loc,
    states: Vec<BlockState>,
    var_types: Vec<Type>,
    defs: FxHashMap<(Var, Block), Value>,
    /// Uses of block parameters as variables, to re-check for triviality.
    param_vars: FxHashMap<Value, Var>,
    const_i64: FxHashMap<(Block, Type, i64), Value>,
}

impl Builder {
    /// Start a function; the cursor is in its sealed entry block.
    pub fn new(func: Func) -> Builder {
        let mut b = Builder {
            func,
            current: None,
            loc: Loc(0),
            states: Vec::new(),
            var_types: Vec::new(),
            defs: FxHashMap::default(),
            param_vars: FxHashMap::default(),
            const_i64: FxHashMap::default(),
        };
        let loc = b.func.loc;
        b.func.locs.push(loc);
        let entry = b.block();
        b.seal(entry);
        b.switch_to(entry);
        b
    }

    /// Add a function parameter.
    pub fn param(&mut self, ty: Type) -> Value {
        self.func.add_param(Block(0), ty)
    }

    /// A new block.
    pub fn block(&mut self) -> Block {
        self.states.push(BlockState::default());
        self.func.add_block()
    }

    /// A new block that is rarely reached.
    pub fn cold_block(&mut self) -> Block {
        let b = self.block();
        self.func.blocks[b.index()].cold = true;
        b
    }

    /// Move the cursor to the end of a block.
    pub fn switch_to(&mut self, block: Block) {
        self.current = Some(block);
    }

    /// The block of the cursor; `None` after a terminator: code there is unreachable and is dropped.
    pub fn current(&self) -> Option<Block> {
        self.current
    }

    /// Whether the cursor is in reachable code.
    pub fn reachable(&self) -> bool {
        self.current.is_some()
    }

    /// Set the source location of what follows.
    pub fn set_loc(&mut self, loc: LocData) {
        if self.func.locs[self.loc.index()] != loc {
            self.func.locs.push(loc);
            self.loc = Loc(self.func.locs.len() as u32 - 1);
        }
    }

    /// The location in force.
    pub fn loc(&self) -> LocData {
        self.func.locs[self.loc.index()]
    }

    /// Append an instruction. In unreachable code a block without predecessors takes it.
    pub fn emit(&mut self, data: InstData, results: &[Type]) -> Inst {
        let block = match self.current {
            Some(b) => b,
            None => {
                let b = self.block();
                self.seal(b);
                self.current = Some(b);
                b
            }
        };
        let terminator = data.is_terminator();
        let succs = if terminator {
            data.successors()
        } else {
            Default::default()
        };
        let inst = self.func.append(block, data, results, self.loc);
        for s in succs {
            debug_assert!(!self.states[s.index()].sealed, "jump to sealed {s}");
            self.states[s.index()].preds.push((block, inst));
        }
        if terminator {
            self.current = None;
        }
        inst
    }

    fn one(&mut self, data: InstData, ty: Type) -> Value {
        let inst = self.emit(data, &[ty]);
        self.func.results[inst.index()][0]
    }

    // --- variables -------------------------------------------------------------------------

    /// A new variable.
    pub fn var(&mut self, ty: Type) -> Var {
        self.var_types.push(ty);
        Var(self.var_types.len() as u32 - 1)
    }

    /// Assign a variable.
    pub fn def(&mut self, var: Var, val: Value) {
        debug_assert_eq!(
            self.var_types[var.index()],
            self.func.ty(val),
            "{var} in {val}"
        );
        if let Some(b) = self.current {
            self.defs.insert((var, b), val);
        }
    }

    /// The value of a variable. One that was never assigned is zero.
    pub fn use_var(&mut self, var: Var) -> Value {
        match self.current {
            Some(b) => self.read(var, b),
            None => self.zero(self.var_types[var.index()]),
        }
    }

    fn read(&mut self, var: Var, block: Block) -> Value {
        // Follow single predecessors without recursion, so that long chains do not use stack.
        let mut chain = Vec::new();
        let mut b = block;
        let val = loop {
            if let Some(&v) = self.defs.get(&(var, b)) {
                break self.func.resolve(v);
            }
            let st = &self.states[b.index()];
            if st.sealed && st.preds.len() == 1 {
                chain.push(b);
                b = st.preds[0].0;
                continue;
            }
            let ty = self.var_types[var.index()];
            if st.sealed && st.preds.is_empty() {
                let v = self.zero_at_start(b, ty);
                self.defs.insert((var, b), v);
                break v;
            }
            let p = self.func.add_param(b, ty);
            self.param_vars.insert(p, var);
            self.defs.insert((var, b), p);
            if self.states[b.index()].sealed {
                break self.fill(var, b, p);
            }
            self.states[b.index()].pending.push((var, p));
            break p;
        };
        for b in chain {
            self.defs.insert((var, b), val);
        }
        val
    }

    fn zero_at_start(&mut self, block: Block, ty: Type) -> Value {
        let data = match ty {
            Type::F32 | Type::F64 => InstData::Fconst { ty, bits: 0 },
            _ => InstData::Iconst { ty, imm: 0 },
        };
        let inst = self.func.append(block, data, &[ty], Loc(0));
        let insts = &mut self.func.blocks[block.index()].insts;
        insts.pop();
        insts.insert(0, inst);
        self.func.results[inst.index()][0]
    }

    /// Add the arguments for parameter `p` (for `var`) to all jumps to `block`.
    fn fill(&mut self, var: Var, block: Block, p: Value) -> Value {
        let preds = self.states[block.index()].preds.clone();
        let mut jumps_done: Vec<Inst> = Vec::new();
        for (pred, jump) in preds {
            if jumps_done.contains(&jump) {
                continue;
            }
            jumps_done.push(jump);
            let v = self.read(var, pred);
            for call in self.func.insts[jump.index()].block_calls_mut() {
                if call.block == block {
                    call.args.push(v);
                }
            }
        }
        self.try_remove(block, p)
    }

    /// Replace a parameter that has a single source by that source.
    fn try_remove(&mut self, block: Block, p: Value) -> Value {
        let ValueDef::Param(_, n) = self.func.values[p.index()].def else {
            return self.func.resolve(p);
        };
        let n = n as usize;
        let mut same = None;
        for (_, jump) in self.states[block.index()].preds.clone() {
            let mut jump_data =
                std::mem::replace(&mut self.func.insts[jump.index()], InstData::Unreachable);
            let mut other = false;
            for call in jump_data.block_calls_mut() {
                if call.block != block {
                    continue;
                }
                let Some(&a) = call.args.get(n) else {
                    other = true; // another parameter's arguments are still being filled in
                    continue;
                };
                let a = self.func.resolve(a);
                if a == p || Some(a) == same {
                    continue;
                }
                if same.is_some() {
                    other = true;
                } else {
                    same = Some(a);
                }
            }
            self.func.insts[jump.index()] = jump_data;
            if other {
                return p;
            }
        }
        let Some(same) = same else { return p };
        // Only the last parameter can be dropped at once; others stay and are removed by `finish`.
        self.func.values[p.index()].def = ValueDef::Alias(same);
        same
    }

    /// Declare that all jumps to the block have been emitted.
    pub fn seal(&mut self, block: Block) {
        let st = &mut self.states[block.index()];
        if st.sealed {
            return;
        }
        st.sealed = true;
        for (var, p) in std::mem::take(&mut st.pending) {
            self.fill(var, block, p);
        }
    }

    /// Number of jumps to the block so far.
    pub fn pred_count(&self, block: Block) -> usize {
        self.states[block.index()].preds.len()
    }

    /// Complete the function: seals what is left, drops unreachable blocks and replaced parameters.
    pub fn finish(mut self) -> Func {
        for i in 0..self.states.len() {
            self.seal(Block(i as u32));
        }
        self.remove_trivial_params();
        crate::func::cleanup::cleanup(&mut self.func);
        self.func
    }

    /// Removing one parameter can make others trivial: repeat until nothing changes.
    fn remove_trivial_params(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..self.func.blocks.len() {
                let block = Block(i as u32);
                if self.states[i].preds.is_empty() {
                    continue;
                }
                for p in self.func.blocks[i].params.clone() {
                    let live = matches!(self.func.values[p.index()].def, ValueDef::Param(..));
                    if live && self.param_vars.contains_key(&p) && self.try_remove(block, p) != p {
                        changed = true;
                    }
                }
            }
        }
    }

    // --- instructions ----------------------------------------------------------------------

    /// An integer constant.
    pub fn iconst(&mut self, ty: Type, imm: i64) -> Value {
        if let Some(b) = self.current
            && let Some(&v) = self.const_i64.get(&(b, ty, imm))
        {
            return v;
        }
        let v = self.one(InstData::Iconst { ty, imm }, ty);
        if let Some(b) = self.current {
            self.const_i64.insert((b, ty, imm), v);
        }
        v
    }

    /// A float constant.
    pub fn fconst(&mut self, ty: Type, val: f64) -> Value {
        let bits = if ty == Type::F32 {
            (val as f32).to_bits() as u64
        } else {
            val.to_bits()
        };
        self.one(InstData::Fconst { ty, bits }, ty)
    }

    /// The zero of a type.
    pub fn zero(&mut self, ty: Type) -> Value {
        if ty.is_float() {
            self.fconst(ty, 0.0)
        } else {
            self.iconst(ty, 0)
        }
    }

    /// Two-operand arithmetic; the result has the type of `a`.
    pub fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        let ty = self.func.ty(a);
        self.one(InstData::Binary { op, a, b }, ty)
    }

    /// One-operand arithmetic.
    pub fn unary(&mut self, op: UnaryOp, a: Value) -> Value {
        let ty = self.func.ty(a);
        self.one(InstData::Unary { op, a }, ty)
    }

    /// Conversion.
    pub fn convert(&mut self, op: ConvertOp, ty: Type, a: Value) -> Value {
        self.one(InstData::Convert { op, ty, a }, ty)
    }

    /// Integer comparison.
    pub fn icmp(&mut self, cc: IntCc, a: Value, b: Value) -> Value {
        debug_assert_eq!(self.func.ty(a), self.func.ty(b));
        self.one(InstData::Icmp { cc, a, b }, Type::I8)
    }

    /// Integer comparison with a constant.
    pub fn icmp_imm(&mut self, cc: IntCc, a: Value, imm: i64) -> Value {
        let b = self.iconst(self.func.ty(a), imm);
        self.icmp(cc, a, b)
    }

    /// Float comparison.
    pub fn fcmp(&mut self, cc: FloatCc, a: Value, b: Value) -> Value {
        self.one(InstData::Fcmp { cc, a, b }, Type::I8)
    }

    /// `cond ? a : b`
    pub fn select(&mut self, cond: Value, a: Value, b: Value) -> Value {
        let ty = self.func.ty(a);
        self.one(InstData::Select { cond, a, b }, ty)
    }

    /// Sum with a constant.
    pub fn add_imm(&mut self, a: Value, imm: i64) -> Value {
        if imm == 0 {
            return a;
        }
        let ty = if self.func.ty(a) == Type::Ptr {
            Type::I64
        } else {
            self.func.ty(a)
        };
        let b = self.iconst(ty, imm);
        self.binary(BinaryOp::Iadd, a, b)
    }

    /// Load.
    pub fn load(&mut self, ty: Type, addr: Value, off: i32) -> Value {
        self.one(InstData::Load { ty, addr, off }, ty)
    }

    /// Store; see [`InstData::Store`] for `barrier`.
    pub fn store(&mut self, val: Value, addr: Value, off: i32, barrier: bool) {
        self.emit(
            InstData::Store {
                val,
                addr,
                off,
                barrier,
            },
            &[],
        );
    }

    /// Address of a slot.
    pub fn slot_addr(&mut self, slot: Slot, off: i32) -> Value {
        self.one(InstData::SlotAddr { slot, off }, Type::Ptr)
    }

    /// Address of a symbol.
    pub fn sym_addr(&mut self, sym: Sym, off: i64) -> Value {
        self.one(InstData::SymAddr { sym, off }, Type::Ptr)
    }

    /// Call with results of the given types.
    pub fn call(&mut self, callee: Callee, args: &[Value], results: &[Type]) -> Results {
        let inst = self.emit(
            InstData::Call {
                callee,
                args: args.into(),
            },
            results,
        );
        self.func.results[inst.index()].clone()
    }

    /// Jump.
    pub fn jump(&mut self, block: Block, args: &[Value]) {
        if self.reachable() {
            self.emit(
                InstData::Jump(BlockCall {
                    block,
                    args: args.into(),
                }),
                &[],
            );
        }
    }

    /// Two-way branch without arguments.
    pub fn branch(&mut self, cond: Value, then: Block, els: Block) {
        if self.reachable() {
            let call = |block| BlockCall::to(block);
            self.emit(
                InstData::Branch {
                    cond,
                    then: call(then),
                    els: call(els),
                },
                &[],
            );
        }
    }

    /// Return.
    pub fn ret(&mut self, vals: &[Value]) {
        if self.reachable() {
            self.emit(InstData::Return(vals.into()), &[]);
        }
    }
}
