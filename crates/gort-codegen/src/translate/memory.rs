//! Loads, stores, copies and atomics.
//!
//! A heap access may fault, and the fault is a Go panic: such accesses carry a trap code, which keeps Cranelift
//! from dropping or moving them. Accesses to slots and symbols cannot fault.

use super::barrier::INLINE_COPY;
use super::{Translator, clif};
use cranelift_codegen::ir::{self, AtomicRmwOp, InstBuilder, MemFlagsData, types};
use gort_abi::G_BOUNDS;
use gort_ir::func::ValueDef;
use gort_ir::inst::RmwOp;
use gort_ir::{ConvertOp, Func, Inst, InstData, Value};

/// Of each instruction, whether it is a load whose result goes only into one extension: that one. Both are one instruction
/// of the machine, which Cranelift does not find where they are not neighbours.
pub fn extended(func: &Func, uses: &[u32]) -> Vec<Option<Inst>> {
    let mut extended = vec![None; func.insts.len()];
    for &inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if let InstData::Convert { op, ty, a } = func.insts[inst.index()]
            && matches!(op, ConvertOp::Zext | ConvertOp::Sext)
            && uses[a.index()] == 1
            && func.ty(a).size() < ty.size()
            && ty.size() >= 4
            && let ValueDef::Result(load, _) = func.values[a.index()].def
            && matches!(func.insts[load.index()], InstData::Load { .. })
        {
            extended[load.index()] = Some(inst);
        }
    }
    extended
}

impl Translator<'_, '_> {
    /// A load together with the instruction that extends what it gives.
    pub(super) fn extending_load(&mut self, load: Inst) -> Result<(), String> {
        let (Some(convert), InstData::Load { ty, addr, off }) =
            (self.extended[load.index()], &self.f.insts[load.index()])
        else {
            return Err(format!("{load} extends nothing"));
        };
        let InstData::Convert { op, ty: to, .. } = self.f.insts[convert.index()] else {
            return Err(format!("{convert} extends nothing"));
        };
        let (flags, to) = (self.flags(*addr), clif(to));
        let (addr, off) = (self.value(*addr)?, *off);
        let ins = self.b.ins();
        let value = match (op, ty.size()) {
            (ConvertOp::Zext, 1) => ins.uload8(to, flags, addr, off),
            (ConvertOp::Zext, 2) => ins.uload16(to, flags, addr, off),
            (ConvertOp::Zext, 4) => ins.uload32(flags, addr, off),
            (ConvertOp::Sext, 1) => ins.sload8(to, flags, addr, off),
            (ConvertOp::Sext, 2) => ins.sload16(to, flags, addr, off),
            (ConvertOp::Sext, 4) => ins.sload32(flags, addr, off),
            (op, size) => return Err(format!("{op} of a load of {size} bytes")),
        };
        let result = self.f.results[convert.index()][0];
        self.values[result.index()] = Some(value);
        Ok(())
    }

    /// The call is out of the way, and nothing has to be saved for it.
    pub(super) fn decode_rune(&mut self, args: [Value; 3]) -> Result<ir::Value, String> {
        let stub = self.stub("runtime.decodemultibyte", args.len());
        let args = self.values(&args)?;
        self.b.ins().call(stub, &args);
        let g = self.b.ins().get_pinned_reg(types::I64);
        let own = MemFlagsData::new().with_notrap();
        Ok(self.b.ins().load(types::I64, own, g, G_BOUNDS as i32))
    }

    pub(super) fn memory(&mut self, data: &InstData) -> Result<Option<ir::Value>, String> {
        Ok(match *data {
            InstData::Load { ty, addr, off } => {
                let flags = self.flags(addr);
                let addr = self.value(addr)?;
                Some(self.b.ins().load(clif(ty), flags, addr, off))
            }
            InstData::Store { val, addr, off, .. } => {
                let flags = self.flags(addr);
                let (val, addr) = (self.value(val)?, self.value(addr)?);
                self.b.ins().store(flags, val, addr, off);
                None
            }
            InstData::SlotAddr { slot, off } => {
                let slot = self.slots[slot.index()];
                Some(self.b.ins().stack_addr(types::I64, slot, off))
            }
            InstData::SymAddr { sym, off } => Some(self.symbol(sym, off)),
            InstData::Copy {
                dst,
                src,
                size,
                typ,
            } => {
                self.copy(dst, src, size, typ.is_some())?;
                None
            }
            InstData::Clear { dst, size, typ } => {
                self.zero(dst, size, typ.is_some())?;
                None
            }
            InstData::NilCheck { ptr } => {
                let ptr = self.value(ptr)?;
                self.b.ins().load(types::I8, MemFlagsData::new(), ptr, 0);
                None
            }
            InstData::AtomicLoad { ty, addr } => {
                let addr = self.value(addr)?;
                Some(
                    self.b
                        .ins()
                        .atomic_load(clif(ty), MemFlagsData::new(), addr),
                )
            }
            InstData::AtomicStore { val, addr, .. } => {
                // An exchange is faster than a store and a fence.
                let ty = clif(self.f.ty(val));
                let (val, addr) = (self.value(val)?, self.value(addr)?);
                self.b
                    .ins()
                    .atomic_rmw(ty, MemFlagsData::new(), AtomicRmwOp::Xchg, addr, val);
                None
            }
            InstData::AtomicRmw { op, addr, val, .. } => {
                let op = match op {
                    RmwOp::Add => AtomicRmwOp::Add,
                    RmwOp::And => AtomicRmwOp::And,
                    RmwOp::Or => AtomicRmwOp::Or,
                    RmwOp::Xchg => AtomicRmwOp::Xchg,
                };
                let ty = clif(self.f.ty(val));
                let (val, addr) = (self.value(val)?, self.value(addr)?);
                Some(
                    self.b
                        .ins()
                        .atomic_rmw(ty, MemFlagsData::new(), op, addr, val),
                )
            }
            InstData::AtomicCas { addr, old, new, .. } => {
                let (addr, old, new) = (self.value(addr)?, self.value(old)?, self.value(new)?);
                Some(self.b.ins().atomic_cas(MemFlagsData::new(), addr, old, new))
            }
            _ => return Err(format!("{data:?} is no memory instruction")),
        })
    }

    pub(super) fn flags(&self, addr: Value) -> MemFlagsData {
        let flags = MemFlagsData::new();
        let ValueDef::Result(inst, _) = self.f.values[addr.index()].def else {
            return flags;
        };
        match self.f.insts[inst.index()] {
            InstData::SlotAddr { .. } | InstData::SymAddr { .. } => flags.with_notrap(),
            _ => flags,
        }
    }

    fn copy(&mut self, dst: Value, src: Value, size: u32, barred: bool) -> Result<(), String> {
        let (to, from) = (self.flags(dst), self.flags(src));
        let (dst, src) = (self.value(dst)?, self.value(src)?);
        if size > INLINE_COPY {
            let size = self.b.ins().iconst(types::I64, i64::from(size));
            let native = match barred {
                true => "runtime.memmoveHasPointers",
                false => "runtime.memmove",
            };
            self.call_runtime(native, true, &[dst, src, size], &[]);
            return Ok(());
        }
        // All loads first: areas that are converted from slices may overlap in spite of the rule.
        let loaded: Vec<_> = pieces(size)
            .into_iter()
            .map(|(ty, off)| (self.b.ins().load(ty, from, src, off), off))
            .collect();
        for (v, off) in loaded {
            self.b.ins().store(to, v, dst, off);
        }
        Ok(())
    }

    fn zero(&mut self, dst: Value, size: u32, barred: bool) -> Result<(), String> {
        let flags = self.flags(dst);
        let dst = self.value(dst)?;
        if size > INLINE_COPY {
            let size = self.b.ins().iconst(types::I64, i64::from(size));
            let native = match barred {
                true => "runtime.memclrHasPointers",
                false => "runtime.memclrNoHeapPointers",
            };
            self.call_runtime(native, true, &[dst, size], &[]);
            return Ok(());
        }
        let wide = (size >= 16).then(|| {
            let zeros = self
                .b
                .func
                .dfg
                .constants
                .insert([0u8; 16].as_slice().into());
            self.b.ins().vconst(types::I8X16, zeros)
        });
        for (ty, off) in pieces(size) {
            let zero = match wide {
                Some(wide) if ty == types::I8X16 => wide,
                _ => self.b.ins().iconst(ty, 0),
            };
            self.b.ins().store(flags, zero, dst, off);
        }
        Ok(())
    }
}

/// The moves that cover `size` bytes; the last may overlap the one before.
fn pieces(size: u32) -> Vec<(ir::Type, i32)> {
    let mut pieces = Vec::new();
    let mut off = 0;
    while off < size {
        let left = size - off;
        let (ty, bytes) = match left {
            16.. => (types::I8X16, 16),
            9..16 if size >= 16 => (types::I8X16, 16),
            8..16 => (types::I64, 8),
            5..8 if size >= 8 => (types::I64, 8),
            4..8 => (types::I32, 4),
            3 if size >= 4 => (types::I32, 4),
            2..4 => (types::I16, 2),
            _ => (types::I8, 1),
        };
        let at = off.min(size - bytes);
        pieces.push((ty, at as i32));
        off = at + bytes;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_everything() {
        for size in 0..=INLINE_COPY {
            let mut seen = vec![false; size as usize];
            for (ty, off) in pieces(size) {
                for i in 0..ty.bytes() {
                    seen[off as usize + i as usize] = true;
                }
            }
            assert!(seen.iter().all(|&s| s), "{size}");
        }
    }
}
