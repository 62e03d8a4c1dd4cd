//! Runs IR: what a function means, independent of any back end. An oracle for tests, not made for speed.
//!
//! Memory is one array of bytes with data objects, frame slots and the heap at made-up addresses; what lies
//! outside faults. Functions have addresses, so that closures work. Of the runtime there is only what
//! instructions themselves need (allocation); other natives come from the caller.

pub mod eval;
mod memory;

use crate::entity::{Inst, Sym, Value};
use crate::func::Func;
use crate::inst::{BlockCall, BoundsKind, Callee, InstData, RmwOp};
use crate::module::Module;
use crate::types::Type;
use eval::truncate;
pub use memory::Memory;
use rustc_hash::FxHashMap;
use std::fmt;

/// Why a run ended without results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An access to an address that is not there.
    Memory(u64),
    /// A failed bounds check.
    Bounds(BoundsKind, u64, u64),
    /// A division by zero.
    DivideByZero,
    /// Code that says it is not reached was.
    Unreachable,
    /// Too many instructions or calls within calls.
    Limit,
    /// Something that the interpreter does not do.
    Unsupported(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Memory(address) => write!(f, "fault at {address:#x}"),
            Fault::Bounds(kind, a, b) => write!(f, "bounds {kind:?} {} {}", *a as i64, *b as i64),
            Fault::DivideByZero => f.write_str("divide"),
            Fault::Unreachable => f.write_str("unreachable"),
            Fault::Limit => f.write_str("limit"),
            Fault::Unsupported(what) => write!(f, "unsupported: {what}"),
        }
    }
}

/// A native function: name and arguments to results, `None` if there is no such function.
pub type Native<'a> = &'a dyn Fn(&str, &[u64], &mut Memory) -> Option<Vec<u64>>;

/// Instructions of a run.
const FUEL: u64 = 50_000_000;
/// Calls within calls.
const MAX_DEPTH: u32 = 500;
/// Addresses of functions: this plus the function's number.
const CODE: u64 = 0x7000_0000;

/// A module that can be run.
pub struct Interp<'a> {
    m: &'a Module,
    /// Functions by symbol.
    funcs: FxHashMap<Sym, usize>,
    memory: Memory,
    native: Native<'a>,
    fuel: u64,
    depth: u32,
}

/// A call in progress.
struct Frame<'a> {
    f: &'a Func,
    values: Vec<u64>,
    slots: Vec<u64>,
}

/// What an instruction leads to.
enum Next {
    Inst,
    Jump(BlockCall),
    Return(Vec<u64>),
    /// Go on in another function.
    Tail(Callee, Vec<u64>),
}

/// How a body ends.
enum End {
    Results(Vec<u64>),
    Tail(usize, Vec<u64>),
}

impl<'a> Interp<'a> {
    /// Lay out the module's data.
    ///
    /// # Errors
    /// If it is too large.
    pub fn new(m: &'a Module, native: Native<'a>) -> Result<Interp<'a>, Fault> {
        let funcs: FxHashMap<Sym, usize> = m
            .funcs
            .iter()
            .enumerate()
            .map(|(i, f)| (f.name, i))
            .collect();
        let code = |sym: &Sym| funcs.get(sym).map(|i| CODE + *i as u64);
        let memory = Memory::new(m, &code)?;
        Ok(Interp {
            m,
            funcs,
            memory,
            native,
            fuel: FUEL,
            depth: 0,
        })
    }

    /// Call a function by name.
    ///
    /// # Errors
    /// What it runs into.
    pub fn call(&mut self, name: &str, args: &[u64]) -> Result<Vec<u64>, Fault> {
        let sym = self.m.symbols.iter().position(|s| s == name);
        let func = sym.and_then(|i| self.funcs.get(&Sym(i as u32)).copied());
        match func {
            Some(func) => self.run(func, args.to_vec()),
            None => Err(Fault::Unsupported(format!("call of {name}"))),
        }
    }

    fn run(&mut self, func: usize, args: Vec<u64>) -> Result<Vec<u64>, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::Limit);
        }
        self.depth += 1;
        let mark = self.memory.stack_mark();
        let (mut func, mut args) = (func, args);
        let result = loop {
            let end = self.body(func, args);
            self.memory.stack_reset(mark);
            match end {
                Ok(End::Results(results)) => break Ok(results),
                Ok(End::Tail(next, next_args)) => (func, args) = (next, next_args),
                Err(fault) => break Err(fault),
            }
        };
        self.depth -= 1;
        result
    }

    fn body(&mut self, func: usize, args: Vec<u64>) -> Result<End, Fault> {
        let f = &self.m.funcs[func];
        let mut frame = Frame {
            f,
            values: vec![0; f.values.len()],
            slots: Vec::new(),
        };
        for slot in &f.slots {
            frame
                .slots
                .push(self.memory.push(slot.size.into(), slot.align.into())?);
        }
        let mut block = 0;
        let mut args = args;
        loop {
            let params = &f.blocks[block].params;
            if params.len() != args.len() {
                return Err(Fault::Unsupported(format!(
                    "wrong number of arguments for {}",
                    self.m.name(f.name)
                )));
            }
            for (&p, &a) in params.iter().zip(&args) {
                frame.values[p.index()] = truncate(f.ty(p), a);
            }
            let mut next = Next::Inst;
            for &inst in &f.blocks[block].insts {
                self.fuel = self.fuel.checked_sub(1).ok_or(Fault::Limit)?;
                next = self.inst(&mut frame, inst)?;
                if !matches!(next, Next::Inst) {
                    break;
                }
            }
            match next {
                Next::Inst => return Err(Fault::Unreachable),
                Next::Return(vals) => return Ok(End::Results(vals)),
                Next::Tail(callee, args) => {
                    return Ok(match self.target(callee, &frame)? {
                        Ok(func) => End::Tail(func, args),
                        Err(native) => End::Results(self.native(native, &args)?),
                    });
                }
                Next::Jump(call) => {
                    args = frame.all(&call.args);
                    block = call.block.index();
                }
            }
        }
    }

    fn inst(&mut self, frame: &mut Frame<'a>, inst: Inst) -> Result<Next, Fault> {
        let f = frame.f;
        let data = &f.insts[inst.index()];
        let get = |v: &Value| frame.values[v.index()];
        let result = match data {
            InstData::Iconst { ty, imm } => truncate(*ty, *imm as u64),
            InstData::Fconst { ty, bits } => truncate(*ty, *bits),
            InstData::Binary { op, a, b } => {
                eval::binary(*op, f.ty(*a), get(a), get(b)).ok_or(Fault::DivideByZero)?
            }
            InstData::Unary { op, a } => eval::unary(*op, f.ty(*a), get(a)),
            InstData::Convert { op, ty, a } => eval::convert(*op, f.ty(*a), *ty, get(a)),
            InstData::Icmp { cc, a, b } => eval::icmp(*cc, f.ty(*a), get(a), get(b)).into(),
            InstData::Fcmp { cc, a, b } => eval::fcmp(*cc, f.ty(*a), get(a), get(b)).into(),
            InstData::Select { cond, a, b } => {
                if get(cond) != 0 {
                    get(a)
                } else {
                    get(b)
                }
            }
            InstData::Load { ty, addr, off } => self
                .memory
                .load(get(addr).wrapping_add(*off as i64 as u64), ty.size())?,
            InstData::Store { val, addr, off, .. } => {
                let at = get(addr).wrapping_add(*off as i64 as u64);
                self.memory.store(at, get(val), f.ty(*val).size())?;
                0
            }
            InstData::SlotAddr { slot, off } => {
                frame.slots[slot.index()].wrapping_add(*off as i64 as u64)
            }
            InstData::SymAddr { sym, off } => self.address(*sym)?.wrapping_add(*off as u64),
            InstData::Copy { dst, src, size, .. } => {
                self.memory.copy(get(dst), get(src), (*size).into())?;
                0
            }
            InstData::Clear { dst, size, .. } => {
                self.memory.bytes(get(dst), (*size).into())?.fill(0);
                0
            }
            InstData::Alloc { size, align, .. } => {
                self.memory.alloc((*size).into(), (*align).into())?
            }
            InstData::BoundsCheck { kind, a, b, .. } => {
                let (a, b) = (get(a), get(b));
                if !(a < b || a == b && *kind != BoundsKind::Index) {
                    return Err(Fault::Bounds(*kind, a, b));
                }
                0
            }
            InstData::NilCheck { ptr } => self.memory.load(get(ptr), 1)?,
            InstData::DecodeRune { text, len, at } => {
                let (text, len, at) = (get(text), get(len), get(at));
                self.memory
                    .rune(text.wrapping_add(at), len.wrapping_sub(at))?
            }
            InstData::ZeroCheck { a } => {
                if get(a) == 0 {
                    return Err(Fault::DivideByZero);
                } else {
                    0
                }
            }
            InstData::FramePointer => u64::from(self.depth),
            InstData::CurrentG => 0, // there is none: what reads it faults
            InstData::AtomicLoad { ty, addr } => self.memory.load(get(addr), ty.size())?,
            InstData::AtomicStore { val, addr, .. } => {
                self.memory.store(get(addr), get(val), f.ty(*val).size())?;
                0
            }
            InstData::AtomicRmw { op, addr, val, .. } => {
                let ty = f.ty(*val);
                let old = self.memory.load(get(addr), ty.size())?;
                let v = get(val);
                let new = match op {
                    RmwOp::Add => old.wrapping_add(v),
                    RmwOp::And => old & v,
                    RmwOp::Or => old | v,
                    RmwOp::Xchg => v,
                };
                self.memory.store(get(addr), truncate(ty, new), ty.size())?;
                old
            }
            InstData::AtomicCas { addr, old, new, .. } => {
                let size = f.ty(*new).size();
                let found = self.memory.load(get(addr), size)?;
                if found == get(old) {
                    self.memory.store(get(addr), get(new), size)?;
                }
                found
            }
            InstData::Call { callee, args } => {
                let args = frame.all(args);
                let results = self.callee(*callee, frame, args)?;
                let wanted = &f.results[inst.index()];
                if results.len() != wanted.len() {
                    return Err(Fault::Unsupported(
                        "call with the wrong number of results".into(),
                    ));
                }
                for (&v, r) in wanted.iter().zip(results) {
                    frame.values[v.index()] = truncate(f.ty(v), r);
                }
                return Ok(Next::Inst);
            }
            InstData::TailCall { callee, args } => {
                let args = frame.all(args);
                return Ok(Next::Tail(*callee, args));
            }
            InstData::Jump(call) => return Ok(Next::Jump(call.clone())),
            InstData::Branch { cond, then, els } => {
                return Ok(Next::Jump(if get(cond) != 0 {
                    then.clone()
                } else {
                    els.clone()
                }));
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                let (ty, v) = (f.ty(*val), get(val));
                let case = cases.iter().find(|(k, _)| truncate(ty, *k as u64) == v);
                return Ok(Next::Jump(case.map_or(default, |c| &c.1).clone()));
            }
            InstData::Return(vals) => return Ok(Next::Return(frame.all(vals))),
            InstData::Unreachable => return Err(Fault::Unreachable),
        };
        if let Some(&v) = f.results[inst.index()].first() {
            frame.values[v.index()] = result;
        }
        Ok(Next::Inst)
    }

    fn address(&self, sym: Sym) -> Result<u64, Fault> {
        let data = self.memory.symbol(sym);
        let code = self.funcs.get(&sym).map(|i| CODE + *i as u64);
        data.or(code)
            .ok_or_else(|| Fault::Unsupported(format!("address of {}", self.m.name(sym))))
    }

    fn callee(
        &mut self,
        callee: Callee,
        frame: &Frame<'_>,
        args: Vec<u64>,
    ) -> Result<Vec<u64>, Fault> {
        match self.target(callee, frame)? {
            Ok(func) => self.run(func, args),
            Err(native) => self.native(native, &args),
        }
    }

    /// The function that is called, or the symbol of a native one.
    fn target(&self, callee: Callee, frame: &Frame<'_>) -> Result<Result<usize, Sym>, Fault> {
        match callee {
            Callee::Direct(sym) | Callee::Native(sym) => {
                Ok(self.funcs.get(&sym).copied().ok_or(sym))
            }
            Callee::Indirect(code) => {
                let address = frame.values[code.index()];
                let index = address.checked_sub(CODE).map(|i| i as usize);
                match index.filter(|i| *i < self.m.funcs.len()) {
                    Some(index) => Ok(Ok(index)),
                    None => Err(Fault::Memory(address)),
                }
            }
        }
    }

    fn native(&mut self, sym: Sym, args: &[u64]) -> Result<Vec<u64>, Fault> {
        let name = self.m.name(sym);
        let unsupported = || Fault::Unsupported(format!("call of {name}"));
        (self.native)(name, args, &mut self.memory).ok_or_else(unsupported)
    }
}

impl Frame<'_> {
    fn all(&self, vs: &[Value]) -> Vec<u64> {
        vs.iter().map(|v| self.values[v.index()]).collect()
    }
}

/// The value of a result as a test writes it: signed.
pub fn shown(ty: Type, bits: u64) -> i64 {
    eval::signed(ty, bits)
}
