//! Functions.

pub mod cleanup;

use crate::entity::{Block, Inst, Loc, Slot, Sym, Value};
use crate::inst::InstData;
use crate::passes::again::record::Unread;
use crate::types::Type;
use smallvec::SmallVec;

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueDef {
    /// Result number `n` of an instruction.
    Result(Inst, u32),
    /// Parameter number `n` of a block; those of the entry block are the function's.
    Param(Block, u32),
    /// Replaced by another value; only while a function is being built.
    Alias(Value),
}

/// Type and definition of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ValueData {
    /// Its type.
    pub ty: Type,
    /// Its definition.
    pub def: ValueDef,
}

/// The results of an instruction. Most have one or none, which takes no memory of its own.
pub type Results = SmallVec<[Value; 2]>;

/// Parameters and instructions of a block; the last instruction is the terminator.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BlockData {
    /// Parameters.
    pub params: Vec<Value>,
    /// Instructions.
    pub insts: Vec<Inst>,
    /// Whether it is rarely reached, so that its code goes out of the way.
    pub cold: bool,
}

/// A piece of the frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotData {
    /// Bytes.
    pub size: u32,
    /// Alignment in bytes, a power of two.
    pub align: u32,
}

/// A source location.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LocData {
    /// Index into [`crate::Module::files`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Inlined call this code belongs to, from 1 (see [`Func::inlines`]), or 0 for the function itself.
    pub inline: u32,
}

/// A call whose callee was put in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InlineData {
    /// The callee's name as tracebacks show it.
    pub name: Sym,
    /// Line of the callee's `func` keyword.
    pub start_line: u32,
    /// Whether the callee is a wrapper, see [`FuncFlags::wrapper`].
    pub wrapper: bool,
    /// Where the call was; its `inline` says in which inlined call, if any.
    pub call: LocData,
}

/// Properties of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FuncFlags {
    /// Made by the compiler around another function: hidden in tracebacks and transparent for recover.
    pub wrapper: bool,
    /// No stack check: the frame must be as small as that of a leaf that has none.
    pub nosplit: bool,
    /// Never inlined.
    pub noinline: bool,
    /// The first parameter is the closure pointer, which the source does not show.
    pub closure: bool,
}

/// A function.
#[derive(Clone, PartialEq, Debug)]
pub struct Func {
    /// Its symbol.
    pub name: Sym,
    /// The name tracebacks show, where it differs from the symbol (a thunk is shown as what it calls).
    pub shown_name: Option<Sym>,
    /// Result types. Parameter types are those of the entry block's parameters.
    pub result_types: Vec<Type>,
    /// Properties.
    pub flags: FuncFlags,
    /// Where it is declared.
    pub loc: LocData,
    /// Blocks; number 0 is the entry.
    pub blocks: Vec<BlockData>,
    /// Values.
    pub values: Vec<ValueData>,
    /// Instructions.
    pub insts: Vec<InstData>,
    /// Results of each instruction.
    pub results: Vec<Results>,
    /// Location of each instruction.
    pub inst_locs: Vec<Loc>,
    /// The locations.
    pub locs: Vec<LocData>,
    /// Inlined calls; number 1 is the first. One lies behind the one that contains it.
    pub inlines: Vec<InlineData>,
    /// Frame slots.
    pub slots: Vec<SlotData>,
    /// Where the runtime resumes after a recovered panic: no parameters, reads slots only.
    /// Set if and only if the function defers calls.
    pub recover_block: Option<Block>,
    /// Set if this only stands for a function whose machine code is likely to be known: it refers to all that the function
    /// refers to and has its locations and flags, but not its code ([`again`](crate::passes::again)).
    pub unread: Option<Box<Unread>>,
}

impl Func {
    /// A function without blocks.
    pub fn new(name: Sym, result_types: Vec<Type>, loc: LocData) -> Func {
        Func {
            name,
            shown_name: None,
            result_types,
            flags: FuncFlags::default(),
            loc,
            blocks: Vec::new(),
            values: Vec::new(),
            insts: Vec::new(),
            results: Vec::new(),
            inst_locs: Vec::new(),
            locs: Vec::new(),
            inlines: Vec::new(),
            slots: Vec::new(),
            recover_block: None,
            unread: None,
        }
    }

    /// Add an empty block.
    pub fn add_block(&mut self) -> Block {
        self.blocks.push(BlockData::default());
        Block(self.blocks.len() as u32 - 1)
    }

    /// Add a parameter to a block.
    pub fn add_param(&mut self, block: Block, ty: Type) -> Value {
        let n = self.blocks[block.index()].params.len() as u32;
        let v = self.add_value(ty, ValueDef::Param(block, n));
        self.blocks[block.index()].params.push(v);
        v
    }

    /// Add a value.
    pub fn add_value(&mut self, ty: Type, def: ValueDef) -> Value {
        self.values.push(ValueData { ty, def });
        Value(self.values.len() as u32 - 1)
    }

    /// Append an instruction with results of the given types to a block.
    pub fn append(&mut self, block: Block, data: InstData, results: &[Type], loc: Loc) -> Inst {
        let inst = Inst(self.insts.len() as u32);
        self.insts.push(data);
        self.inst_locs.push(loc);
        let results = results
            .iter()
            .enumerate()
            .map(|(n, &ty)| self.add_value(ty, ValueDef::Result(inst, n as u32)))
            .collect();
        self.results.push(results);
        self.blocks[block.index()].insts.push(inst);
        inst
    }

    /// Add a frame slot.
    pub fn add_slot(&mut self, size: u32, align: u32) -> Slot {
        self.slots.push(SlotData { size, align });
        Slot(self.slots.len() as u32 - 1)
    }

    /// The type of a value.
    pub fn ty(&self, v: Value) -> Type {
        self.values[v.index()].ty
    }

    /// Types of the function's parameters.
    pub fn param_types(&self) -> Vec<Type> {
        self.blocks[0].params.iter().map(|&v| self.ty(v)).collect()
    }

    /// The terminator of a block, if it has one.
    pub fn terminator(&self, block: Block) -> Option<&InstData> {
        let last = *self.blocks[block.index()].insts.last()?;
        Some(&self.insts[last.index()]).filter(|i| i.is_terminator())
    }

    /// The instruction that defines a value, unless it is a block parameter.
    pub fn definition(&self, v: Value) -> Option<&InstData> {
        match self.values[v.index()].def {
            ValueDef::Result(inst, _) => Some(&self.insts[inst.index()]),
            _ => None,
        }
    }

    /// A constant at a place of a block, with the location of an instruction.
    pub fn insert_constant(
        &mut self,
        block: Block,
        at: usize,
        (data, ty): (InstData, Type),
        like: Option<Inst>,
    ) -> Value {
        let loc = like.map_or(Loc(0), |i| self.inst_locs[i.index()]);
        let inst = self.append(block, data, &[ty], loc);
        self.blocks[block.index()].insts[at..].rotate_right(1);
        self.results[inst.index()][0]
    }

    /// The integer constant that a value is.
    pub fn constant(&self, v: Value) -> Option<i64> {
        match self.definition(v)? {
            InstData::Iconst { imm, .. } => Some(*imm),
            _ => None,
        }
    }

    /// Whether a value is the address of a slot or a symbol, at which nothing faults.
    pub fn never_nil(&self, v: Value) -> bool {
        matches!(
            self.definition(v),
            Some(InstData::SlotAddr { .. } | InstData::SymAddr { .. })
        )
    }

    /// Follow aliases to the value in force.
    pub fn resolve(&self, mut v: Value) -> Value {
        while let ValueDef::Alias(w) = self.values[v.index()].def {
            v = w;
        }
        v
    }
}
