//! The interpreter's memory: one array of bytes. First the data objects, then the stack, then the heap.

use super::Fault;
use crate::entity::Sym;
use crate::module::{Module, RelocKind};
use rustc_hash::FxHashMap;

/// Address of the first byte; what lies below faults as nil does.
const BASE: u64 = 0x1_0000;
/// Bytes for frame slots.
const STACK: u64 = 1 << 20;
/// Bytes in all.
const MAX: u64 = 1 << 28;

/// Bytes at addresses.
pub struct Memory {
    bytes: Vec<u8>,
    symbols: FxHashMap<Sym, u64>,
    stack: u64,
    stack_end: u64,
}

impl Memory {
    /// A memory that holds the module's data; `code` gives the addresses of functions.
    pub(super) fn new(m: &Module, code: &dyn Fn(&Sym) -> Option<u64>) -> Result<Memory, Fault> {
        let mut memory = Memory {
            bytes: Vec::new(),
            symbols: FxHashMap::default(),
            stack: 0,
            stack_end: 0,
        };
        for d in &m.data {
            let at = memory.alloc(d.size, d.align.into())?;
            memory.symbols.insert(d.name, at);
            if !d.bytes.is_empty() {
                memory
                    .bytes(at, d.bytes.len() as u64)?
                    .copy_from_slice(&d.bytes);
            }
        }
        for d in &m.data {
            let at = memory.symbols[&d.name];
            for r in &d.relocs {
                let target = memory.symbols.get(&r.sym).copied().or_else(|| code(&r.sym));
                let value = target.unwrap_or(0).wrapping_add(r.addend as u64);
                let size = if r.kind == RelocKind::Abs64 { 8 } else { 4 };
                memory.store(at + u64::from(r.offset), value, size)?;
            }
        }
        memory.stack = memory.alloc(STACK, 16)?;
        memory.stack_end = memory.stack + STACK;
        Ok(memory)
    }

    /// The address of a data object.
    pub fn symbol(&self, sym: Sym) -> Option<u64> {
        self.symbols.get(&sym).copied()
    }

    /// Fresh zeros on the heap.
    ///
    /// # Errors
    /// If there is no room.
    pub fn alloc(&mut self, size: u64, align: u64) -> Result<u64, Fault> {
        let end = BASE + self.bytes.len() as u64;
        let at = end.next_multiple_of(align.max(8));
        // A byte at least, so that objects differ in their addresses.
        let new_end = at
            .checked_add(size.max(1))
            .filter(|e| *e <= BASE + MAX)
            .ok_or(Fault::Limit)?;
        self.bytes.resize((new_end - BASE) as usize, 0);
        Ok(at)
    }

    pub(super) fn stack_mark(&self) -> u64 {
        self.stack
    }

    pub(super) fn stack_reset(&mut self, mark: u64) {
        self.stack = mark;
    }

    /// Room for a frame slot.
    pub(super) fn push(&mut self, size: u64, align: u64) -> Result<u64, Fault> {
        let at = self.stack.next_multiple_of(align.max(8));
        self.stack = at
            .checked_add(size)
            .filter(|e| *e <= self.stack_end)
            .ok_or(Fault::Limit)?;
        Ok(at)
    }

    /// The bytes from `address` on.
    ///
    /// # Errors
    /// If they are not all there.
    pub fn bytes(&mut self, address: u64, size: u64) -> Result<&mut [u8], Fault> {
        let range = address.checked_sub(BASE).and_then(|start| {
            let end = start.checked_add(size)?;
            Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
        });
        range
            .and_then(|r| self.bytes.get_mut(r))
            .ok_or(Fault::Memory(address))
    }

    /// A number of up to eight bytes.
    ///
    /// # Errors
    /// If it is not there.
    pub fn load(&mut self, address: u64, size: u32) -> Result<u64, Fault> {
        let mut value = [0; 8];
        value[..size as usize].copy_from_slice(self.bytes(address, size.into())?);
        Ok(u64::from_le_bytes(value))
    }

    /// What [`crate::InstData::DecodeRune`] gives.
    ///
    /// # Errors
    /// If the bytes are not there.
    pub fn rune(&mut self, address: u64, left: u64) -> Result<u64, Fault> {
        let bytes = self.bytes(address, left.min(4))?;
        let valid = bytes
            .utf8_chunks()
            .next()
            .and_then(|c| c.valid().chars().next());
        let (rune, size) = valid.map_or((0xfffd, 1), |c| (u32::from(c), c.len_utf8()));
        Ok(u64::from(rune) | (size as u64) << 32)
    }

    /// Store the low bytes of a number.
    ///
    /// # Errors
    /// If there is no such place.
    pub fn store(&mut self, address: u64, value: u64, size: u32) -> Result<(), Fault> {
        let bytes = value.to_le_bytes();
        self.bytes(address, size.into())?
            .copy_from_slice(&bytes[..size as usize]);
        Ok(())
    }

    /// Copy bytes, which may overlap.
    ///
    /// # Errors
    /// If either area is not there.
    pub fn copy(&mut self, dst: u64, src: u64, size: u64) -> Result<(), Fault> {
        let bytes = self.bytes(src, size)?.to_vec();
        self.bytes(dst, size)?.copy_from_slice(&bytes);
        Ok(())
    }
}
