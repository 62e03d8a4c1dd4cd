//! gort's intermediate form: a typed control-flow graph in SSA form with block parameters.
//!
//! It knows machine scalars only. Lowering has already taken strings, slices, interfaces and small
//! structs apart; larger aggregates live in frame [slots](func::SlotData) or in memory. What makes it Go's is
//! a handful of instructions that the passes must be able to see: [`InstData::Alloc`] (escape analysis),
//! [`InstData::BoundsCheck`], [`InstData::NilCheck`], [`InstData::ZeroCheck`], the pointer-store mark (the
//! collector's write barrier) and the recovery block of a function that defers.
//!
//! Invariants: every block ends in exactly one terminator; a value's definition dominates its uses;
//! a recovery block has no parameters and uses no value from outside itself, only slots.
//!
//! - [`types`], [`entity`]: scalar types and indices
//! - [`inst`](mod@inst), [`ops`], [`effects`]: the instructions, their operations, what they do besides
//! - [`func`], [`module`]: functions, data objects, symbols
//! - [`builder`](mod@builder): construction, with SSA for mutable variables
//! - [`form`](mod@form): a function in bytes, and back
//! - [`print`](mod@print): the text form
//! - [`dominance`](mod@dominance): dominators
//! - [`reader`](mod@reader): text back to data
//! - [`verify`](mod@verify): the rules, checked
//! - [`interp`](mod@interp): what a function means, for tests
//! - [`filetest`](mod@filetest): what test files say
//! - [`whole`](mod@whole): a program's functions under one numbering
//! - [`passes`](mod@passes): transformations

pub mod builder;
pub mod dominance;
pub mod effects;
pub mod entity;
pub mod filetest;
pub mod form;
pub mod func;
pub mod inst;
pub mod interp;
pub mod module;
pub mod ops;
pub mod passes;
pub mod print;
pub mod reader;
pub mod types;
pub mod verify;
pub mod whole;

pub use builder::Builder;
pub use effects::Effects;
pub use entity::{Block, Inst, Loc, Slot, Sym, Value, Var};
pub use func::{Func, FuncFlags, Results};
pub use inst::{
    BinaryOp, BlockCall, BoundsKind, Callee, ConvertOp, FloatCc, InstData, IntCc, UnaryOp,
};
pub use module::{Data, Module, Pointers, Reloc, RelocKind, Section};
pub use types::Type;
