//! Builds a function: appends instructions at a cursor and keeps mutable variables in SSA form.
//!
//! A variable that a block reads before it assigns it is a value of its own there until [`Builder::finish`], which
//! knows all jumps ([`ssa`]), drops unreachable blocks and aliases. Sealing says that no more jumps will lead to a block: then the
//! only block before it is searched at once.

mod ssa;

use crate::entity::{Block, Inst, Loc, Slot, Sym, Value, Var};
use crate::func::{Func, LocData, Results, ValueDef};
use crate::inst::{BinaryOp, BlockCall, Callee, ConvertOp, FloatCc, InstData, IntCc, UnaryOp};
use crate::types::Type;
use rustc_hash::FxHashMap;

/// Blocks that are searched for a variable at once.
const NEAR: usize = 32;

#[derive(Default, Clone)]
struct BlockState {
    preds: Vec<(Block, Inst)>,
    sealed: bool,
}

/// A function under construction.
pub struct Builder {
    /// The function.
    pub func: Func,
    current: Option<Block>,
    loc: Loc,
    states: Vec<BlockState>,
    variables: ssa::Variables,
    /// What was found at the start of blocks.
    found: FxHashMap<(Var, Block), Value>,
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
            variables: ssa::Variables::default(),
            found: FxHashMap::default(),
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
        self.variables.types.push(ty);
        Var(self.variables.types.len() as u32 - 1)
    }

    /// Assign a variable.
    pub fn def(&mut self, var: Var, val: Value) {
        debug_assert_eq!(
            self.variables.types[var.index()],
            self.func.ty(val),
            "{var} in {val}"
        );
        if let Some(b) = self.current {
            self.variables.defs.insert((var, b), val);
        }
    }

    /// The value of a variable. One that was never assigned is zero.
    pub fn use_var(&mut self, var: Var) -> Value {
        match self.current {
            Some(b) => self.read(var, b),
            None => self.zero(self.variables.types[var.index()]),
        }
    }

    fn read(&mut self, var: Var, block: Block) -> Value {
        let mut b = block;
        let mut steps = 0;
        let known = loop {
            let def = self.variables.defs.get(&(var, b));
            let known = def.or_else(|| self.found.get(&(var, b))).copied();
            let state = &self.states[b.index()];
            match state.preds[..] {
                [(pred, _)] if known.is_none() && state.sealed && steps < NEAR => b = pred,
                _ => break known,
            }
            steps += 1;
        };
        let val = match known {
            Some(v) => self.func.resolve(v),
            None => {
                let ty = self.variables.types[var.index()];
                let v = self.func.add_value(ty, ValueDef::Param(b, u32::MAX));
                self.variables.reads.push((var, b, v));
                self.found.insert((var, b), v);
                v
            }
        };
        if b != block {
            self.found.insert((var, block), val);
        }
        val
    }

    /// Declare that all jumps to the block have been emitted.
    pub fn seal(&mut self, block: Block) {
        self.states[block.index()].sealed = true;
    }

    /// Complete the function: finds what variables hold, drops unreachable blocks.
    pub fn finish(mut self) -> Func {
        ssa::construct(&mut self.func, self.variables);
        crate::func::cleanup::cleanup(&mut self.func);
        self.func
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

    /// Decode a rune of several bytes.
    pub fn decode_rune(&mut self, text: Value, len: Value, at: Value) -> Value {
        self.one(InstData::DecodeRune { text, len, at }, Type::I64)
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
