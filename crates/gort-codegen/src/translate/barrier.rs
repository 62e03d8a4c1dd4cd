//! The collector's write barrier: before a pointer in the heap or in a variable is overwritten, what it was is handed to
//! the marker if there is one.
//!
//! ```text
//!         cmp dword ptr [runtime.writeBarrier], 0
//!         jne cold
//!         write
//! next:
//!
//! cold:   the old value, or address and size of what is overwritten, to two words of the G
//!         call runtime.gcWriteBarrier        ; or gcBulkBarrier; they leave all registers as they are
//!         write
//!         jmp next
//! ```
//!
//! A goroutine that is stopped between test and write, or between shading and write, would go on with what it knew of a
//! phase that is over: both ways are ranges in which it is not stopped (`unsafe_ranges` of the func table). Sequence
//! points with tags tell where they went; the way through the cold block has a write of its own, since that makes each way
//! one piece of code without a jump in it.
//!
//! The old value goes through memory: an argument register would tie the values of the loop around to what a call that
//! almost never happens wants. Neighbouring stores have one test for all.

use super::{RUNTIME_SYMBOLS, Translator};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, DebugTag, InstBuilder, MemFlagsData, SourceLoc, UserExternalName,
    types,
};
use cranelift_codegen::isa::CallConv;
use gort_abi::{G_BOUNDS, WRITE_BARRIER};
use gort_ir::{Inst, InstData, Value};

/// Takes the old value of a word.
const ONE: &str = "runtime.gcWriteBarrier";
/// Takes address and size of memory.
const BULK: &str = "runtime.gcBulkBarrier";

/// At most so many writes share a test: the range is not to become long.
const MAX_GROUP: usize = 12;

/// Copies and clearings up to this many bytes are done in place.
pub const INLINE_COPY: u32 = 128;

impl Translator<'_, '_> {
    /// How many instructions of a block, from the first of `insts` on, are written as one group; 0 if the first needs no
    /// barrier here. A group is stores, with instructions between them that nothing can see, and ends in a store.
    pub(super) fn group(&self, insts: &[Inst]) -> usize {
        let data = |i: &Inst| &self.f.insts[i.index()];
        let Some(first) = insts.first() else { return 0 };
        if !self.barred(data(first)) {
            return 0;
        }
        if !matches!(data(first), InstData::Store { .. }) {
            return 1;
        }
        let (mut end, mut writes) = (1, 1);
        for (n, inst) in insts.iter().enumerate().skip(1) {
            match data(inst) {
                InstData::Store { .. } if writes == MAX_GROUP => break,
                InstData::Store { .. } => {
                    writes += 1;
                    end = n + 1;
                }
                other if other.effects() == gort_ir::effects::NONE => {}
                _ => break,
            }
        }
        end
    }

    /// Whether an instruction is translated with a barrier around it; the larger copies go to natives that have theirs.
    fn barred(&self, data: &InstData) -> bool {
        match data {
            InstData::Copy { size, .. } | InstData::Clear { size, .. } => {
                *size <= INLINE_COPY && data.barred().is_some()
            }
            _ => data.barred().is_some(),
        }
    }

    /// Translate a group.
    pub(super) fn write_barrier(&mut self, group: &[Inst]) -> Result<(), String> {
        let mut writes = Vec::with_capacity(group.len());
        for &inst in group {
            if self.f.insts[inst.index()].effects().writes {
                writes.push(inst);
            } else {
                self.at(inst);
                self.inst(inst)?;
            }
        }
        self.at(group[0]);
        let here = self.b.current_block();
        let out_of_the_way = here.is_some_and(|b| self.b.func.layout.is_cold(b));
        let [cold, hot, next] = [(); 3].map(|()| self.b.create_block());
        self.b.set_cold_block(cold);
        if out_of_the_way {
            // Or they would lie before the test.
            self.b.set_cold_block(hot);
            self.b.set_cold_block(next);
        }
        let range = self.facts.ranges;
        self.facts.ranges += 2;
        self.mark(range, false);
        let flag = self.flag_address();
        let flags = MemFlagsData::new().with_notrap();
        let on = self.b.ins().load(types::I32, flags, flag, 0);
        let on = self.b.ins().icmp_imm_s(IntCC::NotEqual, on, 0);
        self.b.ins().brif(on, cold, &[], hot, &[]);
        for (block, shades) in [(cold, true), (hot, false)] {
            self.b.switch_to_block(block);
            if shades {
                self.mark(range + 1, false);
            }
            let mut result = None;
            for &inst in &writes {
                self.at(inst);
                let data = &self.f.insts[inst.index()];
                if shades && data.barred().is_some() {
                    self.shade(data)?;
                }
                result = self.memory(data)?;
            }
            self.mark(range + u32::from(shades), true);
            let args: Vec<BlockArg> = result.into_iter().map(BlockArg::Value).collect();
            self.b.ins().jump(next, &args);
            if shades && let Some(result) = result {
                let ty = self.b.func.dfg.value_type(result);
                let param = self.b.append_block_param(next, ty);
                let inst = writes[writes.len() - 1];
                let v = self.f.results[inst.index()].first();
                let v = *v.ok_or_else(|| format!("{inst} has the wrong number of results"))?;
                self.values[v.index()] = Some(param);
            }
        }
        self.b.switch_to_block(next);
        Ok(())
    }

    fn at(&mut self, inst: Inst) {
        let loc = self.f.inst_locs[inst.index()].0;
        self.b.set_srcloc(SourceLoc::new(loc));
    }

    /// A place that begins or ends a range in which the goroutine is not stopped.
    fn mark(&mut self, range: u32, end: bool) {
        let point = self.b.ins().sequence_point();
        let tag = DebugTag::User(range << 1 | u32::from(end));
        self.b.func.debug_tags.set(point, [tag]);
    }

    /// Hand over what an instruction is about to overwrite. It faults where the instruction would.
    fn shade(&mut self, data: &InstData) -> Result<(), String> {
        let place = |off: i32| G_BOUNDS as i32 + off;
        let g = self.b.ins().get_pinned_reg(types::I64);
        let own = MemFlagsData::new().with_notrap();
        let stub = match *data {
            InstData::Store { addr, off, .. } => {
                self.old_word(addr, off, g)?;
                ONE
            }
            InstData::AtomicStore { addr, .. }
            | InstData::AtomicRmw { addr, .. }
            | InstData::AtomicCas { addr, .. } => {
                self.old_word(addr, 0, g)?;
                ONE
            }
            InstData::Copy { dst, size, .. } | InstData::Clear { dst, size, .. } => {
                let flags = self.flags(dst);
                let dst = self.value(dst)?;
                self.b.ins().load(types::I8, flags, dst, 0);
                let size = self.b.ins().iconst(types::I64, i64::from(size));
                self.b.ins().store(own, dst, g, place(0));
                self.b.ins().store(own, size, g, place(8));
                BULK
            }
            _ => return Err(format!("{data:?} has no barrier")),
        };
        let stub = self.stub(stub, 0);
        self.b.ins().call(stub, &[]);
        Ok(())
    }

    fn old_word(&mut self, addr: Value, off: i32, g: ir::Value) -> Result<(), String> {
        let flags = self.flags(addr);
        let addr = self.value(addr)?;
        let old = self.b.ins().load(types::I64, flags, addr, off);
        let own = MemFlagsData::new().with_notrap();
        self.b.ins().store(own, old, g, G_BOUNDS as i32);
        Ok(())
    }

    /// A function without results that leaves all registers as they are. It uses so little of the stack that a leaf that
    /// calls it stays one.
    pub(super) fn stub(&mut self, name: &'static str, params: usize) -> ir::FuncRef {
        let index = self.runtime_function(name);
        if let Some(&f) = self.callees.get(&(RUNTIME_SYMBOLS, index, true)) {
            return f;
        }
        let signature = ir::Signature {
            params: vec![AbiParam::new(types::I64); params],
            returns: Vec::new(),
            call_conv: CallConv::PreserveAll,
        };
        let signature = self.b.import_signature(signature);
        let name = UserExternalName::new(RUNTIME_SYMBOLS, index);
        let name = self.b.func.declare_imported_user_function(name);
        let f = self.b.import_function(ir::ExtFuncData {
            name: ir::ExternalName::User(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.callees.insert((RUNTIME_SYMBOLS, index, true), f);
        f
    }

    /// The address of the flag that says whether there is a marker.
    fn flag_address(&mut self) -> ir::Value {
        let global = match self.flag {
            Some(global) => global,
            None => {
                let index = self.runtime_function(WRITE_BARRIER);
                let name = UserExternalName::new(RUNTIME_SYMBOLS, index);
                let name = self.b.func.declare_imported_user_function(name);
                let global = self.b.create_global_value(ir::GlobalValueData::Symbol {
                    name: ir::ExternalName::User(name),
                    offset: 0.into(),
                    colocated: true,
                    tls: false,
                });
                self.flag = Some(global);
                global
            }
        };
        self.b.ins().symbol_value(types::I64, global)
    }
}
