//! One function: from IR to code with its stack check, and what the tables must know about it.

use crate::frame::Check;
use crate::frameless::{self, Stripped};
use crate::lines;
use crate::live;
use crate::translate::{self, Signature};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{DebugTag, ExternalName, StackSlot, UserExternalNameRef};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{
    Context, Final, FinalizedMachExceptionHandler, FinalizedRelocTarget, MachBufferFinalized,
    MachBufferFrameLayout,
};
use cranelift_frontend::FunctionBuilderContext;
use gort_abi::pctab::Row;
use gort_abi::{INLINE_BYTES, LEAF_FRAME_MAX};
use gort_ir::func::LocData;
use gort_ir::{Func, Sym};

/// What a relocation of code refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// A symbol of the module.
    Symbol(Sym),
    /// A function of package runtime that codegen itself calls.
    Runtime(&'static str),
}

/// A 4-byte pc-relative or 8-byte absolute address in the code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CodeReloc {
    /// Offset from the start of [`Compiled::bytes`].
    pub offset: u32,
    /// Whether it is the operand of a call or jump.
    pub kind: RelocForm,
    /// Of what.
    pub target: Target,
    /// Added to the address.
    pub addend: i64,
}

/// Forms of code relocations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelocForm {
    /// `R_X86_64_PLT32`
    Call,
    /// `R_X86_64_PC32`
    Pc,
    /// `R_X86_64_64`
    Abs,
}

/// The code of a function, as far as its [form](gort_ir::form) decides it.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// Stub, check and body.
    pub bytes: Vec<u8>,
    /// Offset of the entry in `bytes`.
    pub entry: u32,
    /// Offset of Cranelift's code in `bytes`, which is put at a multiple of 32.
    pub body: u32,
    /// Addresses in it.
    pub relocs: Vec<CodeReloc>,
    /// `rbp - rsp` in the body.
    pub frame_size: u32,
    /// It has no frame, see [`crate::frameless`].
    pub frameless: bool,
    /// Offset of the recovery block from the entry.
    pub recover: Option<u32>,
    /// What the instructions are of, in order: from, to, both from the entry, and an index of the function's locations.
    pub ranges: Vec<(u32, u32, u32)>,
    /// Where the goroutine is not stopped, offsets from the entry, in order.
    pub unsafe_ranges: Vec<[u32; 2]>,
    /// The encoded stack map, empty if there is none.
    pub stack_map: Vec<u8>,
    /// Words of arguments.
    pub arg_words: u32,
}

/// A compiled function, with what tables say of it.
pub struct Compiled {
    /// Its code, behind which each inlined call has its bytes, in order.
    pub code: Code,
    /// Source lines, offsets from the entry.
    pub rows: Vec<Row>,
    /// Inlined calls that rows speak of.
    pub inlined: Vec<lines::Inlined>,
}

/// Reusable memory of one thread.
pub struct Compiler {
    context: Context,
    builder: FunctionBuilderContext,
}

impl Default for Compiler {
    fn default() -> Compiler {
        Compiler {
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
        }
    }
}

/// What stands where nothing is run.
const INT3: u8 = 0xcc;
/// Frames beyond this are refused: the largest stack is a gigabyte. Lowering does so by official Go's words; this is
/// for what the passes add.
const MAX_FRAME: u64 = 1 << 30;

impl Compiler {
    /// Compile one function. Nothing but its form may decide what comes of it.
    pub fn code(&mut self, isa: &dyn TargetIsa, func: &Func) -> Result<Code, String> {
        let slots: u64 = func.slots.iter().map(|s| u64::from(s.size)).sum();
        if slots > MAX_FRAME {
            return Err(format!("frame of {slots} bytes is too large"));
        }
        let context = &mut self.context;
        context.clear();
        let facts = translate::function(isa, func, &mut context.func, &mut self.builder)?;
        if let Err(e) = context.compile(isa, &mut ControlPlane::default()) {
            return Err(cranelift_codegen::print_errors::pretty_error(
                e.func, e.inner,
            ));
        }
        let code = context.compiled_code().ok_or("no code")?;
        let buffer = &code.buffer;
        let layout = buffer
            .frame_layout()
            .ok_or("Cranelift gave no frame layout")?;
        let frame_size = layout.frame_to_fp_offset;
        let signature = Signature::of_func(func);
        let args = signature.stack_bytes();
        // The saved frame pointer, the frame, and what a tail call may add to our argument area.
        let needed = 8 + frame_size + facts.tail_args.saturating_sub(args);
        if func.flags.nosplit && needed as usize > LEAF_FRAME_MAX {
            return Err(format!(
                "frame of {needed} bytes in a function without stack check"
            ));
        }
        let check = Check::new(needed, args, facts.leaf, func.flags.nosplit);
        let body = check.bytes.len() as u32;
        let entry = check.entry as u32;
        let mut relocs = Vec::with_capacity(buffer.relocs().len() + 1);
        if let Some(offset) = check.morestack {
            let target = Target::Runtime("runtime.morestack");
            relocs.push(CodeReloc {
                offset: offset as u32,
                kind: RelocForm::Call,
                target,
                addend: -4,
            });
        }
        for reloc in buffer.relocs() {
            let kind = match reloc.kind {
                Reloc::Abs8 => RelocForm::Abs,
                Reloc::X86PCRel4 => RelocForm::Pc,
                Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => RelocForm::Call,
                other => return Err(format!("relocation {other:?} is not supported")),
            };
            let target = match &reloc.target {
                FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
                    facts.target(&context.func, *name)
                }
                other => {
                    return Err(format!(
                        "code refers to {other:?}, which the runtime does not have"
                    ));
                }
            };
            relocs.push(CodeReloc {
                offset: reloc.offset + body,
                kind,
                target,
                addend: reloc.addend,
            });
        }
        // The only handler is that of the way to the recovery block.
        let mut recover = None;
        for site in buffer.call_sites() {
            for handler in site.exception_handlers {
                if let FinalizedMachExceptionHandler::Default(offset) = handler {
                    recover = Some(offset + body - entry);
                }
            }
        }
        let ranges: Vec<(u32, u32, u32)> = buffer
            .get_srclocs_sorted()
            .iter()
            .filter(|s| !s.loc.is_default() && (s.loc.bits() as usize) < func.locs.len())
            .map(|s| (s.start + body - entry, s.end + body - entry, s.loc.bits()))
            .collect();
        let unsafe_ranges = unsafe_ranges(buffer, facts.ranges, body - entry)?;
        let mut addresses: Vec<u32> = buffer.relocs().iter().map(|r| r.offset).collect();
        addresses.sort_unstable();
        let machine = live::Frame {
            code: buffer.data(),
            size: frame_size,
            kept: facts.call_args,
            slots: &facts.slots(layout),
            starts: &code.bb_starts,
            recover: recover.map(|r| r + entry - body),
            relocs: &addresses,
        };
        let mut bytes = check.bytes;
        bytes.extend_from_slice(buffer.data());
        let mut code = Code {
            bytes,
            entry,
            body,
            relocs,
            frame_size,
            frameless: false,
            recover,
            ranges,
            unsafe_ranges,
            stack_map: Vec::new(),
            arg_words: Signature::of_func(func).params.len() as u32 - u32::from(func.flags.closure),
        };
        if body == 0
            && facts.leaf
            && frameless::may_be(func)
            && let Some(stripped) = frameless::strip(&machine)
        {
            code.without_frame(stripped);
            return Ok(code);
        }
        // Where the frame is moved for the arguments of a tail call, rsp does not say what lies where.
        if facts.tail_args <= args
            && let Some(map) = live::stack_map(&machine)
        {
            code.stack_map = map.encode(body - entry);
        }
        Ok(code)
    }
}

impl Code {
    /// Take another form of the code, whose ways out have moved.
    fn without_frame(&mut self, stripped: Stripped) {
        for reloc in &mut self.relocs {
            reloc.offset = stripped.place(reloc.offset);
        }
        let from_entry = |offset: u32| offset.saturating_sub(frameless::ENTRY);
        for (from, to, _) in &mut self.ranges {
            (*from, *to) = (from_entry(*from), from_entry(*to));
        }
        self.ranges.retain(|(from, to, _)| from < to);
        self.bytes = stripped.bytes;
        self.entry = frameless::ENTRY;
        self.frameless = true;
    }
}

impl Compiled {
    /// A function with its code.
    pub fn new(func: &Func, mut code: Code) -> Compiled {
        let located = |&(from, to, place): &(u32, u32, u32)| (from, to, func.locs[place as usize]);
        let ranges: Vec<(u32, u32, LocData)> = code.ranges.iter().map(located).collect();
        let size = code.bytes.len() as u32 - code.entry;
        let mut rows = lines::rows(func.loc, size, &ranges);
        let inlined = lines::inline_tree(&func.inlines, size, &mut rows);
        let places = inlined.len() * INLINE_BYTES as usize;
        code.bytes.extend(std::iter::repeat_n(INT3, places));
        Compiled {
            code,
            rows,
            inlined,
        }
    }
}

/// The ranges between the tagged sequence points of `buffer`, `shift` added. One whose code was found to be unreachable
/// has none.
fn unsafe_ranges(
    buffer: &MachBufferFinalized<Final>,
    count: u32,
    shift: u32,
) -> Result<Vec<[u32; 2]>, String> {
    const NONE: u32 = u32::MAX;
    let mut ranges = vec![[NONE; 2]; count as usize];
    for list in buffer.debug_tags() {
        for tag in list.tags {
            if let DebugTag::User(tag) = *tag {
                ranges[tag as usize >> 1][tag as usize & 1] = list.offset + shift;
            }
        }
    }
    ranges.retain(|r| *r != [NONE; 2]);
    if let Some([from, to]) = ranges.iter().find(|r| r[1] == NONE || r[0] >= r[1]) {
        return Err(format!(
            "the range {from}..{to} of a write barrier is no range"
        ));
    }
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let meet = next[0] < last[1];
        if meet {
            last[1] = last[1].max(next[1]);
        }
        meet
    });
    Ok(ranges)
}

impl translate::Facts {
    /// Slots of the IR: offset from the bottom of the frame and size.
    fn slots(&self, layout: &MachBufferFrameLayout) -> Vec<(u32, u32)> {
        let place = |&(slot, size): &(StackSlot, u32)| (layout.stackslots[slot].offset, size);
        self.slots.iter().map(place).collect()
    }

    fn target(&self, func: &cranelift_codegen::ir::Function, name: UserExternalNameRef) -> Target {
        let name = &func.params.user_named_funcs()[name];
        match name.namespace {
            translate::MODULE_SYMBOLS => Target::Symbol(Sym(name.index)),
            _ => Target::Runtime(self.runtime[name.index as usize]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to the write are ranges that begin before the test, or before the old value is loaded, and end behind
    /// the write.
    #[test]
    fn a_goroutine_is_not_stopped_between_flag_and_write() {
        let module = gort_ir::reader::module(
            r#"
module "main"
file 0 "range.go"

func @main.set !0:1 {
block0(v0: ptr, v1: ptr):
    store.barrier v1, v0, 0  !0:1
    return  !0:1
}
"#,
        )
        .unwrap();
        let isa = crate::isa::host_independent(&crate::Options::default()).unwrap();
        let compiled = Compiler::default().code(isa.as_ref(), &module.funcs[0]);
        let compiled = compiled.unwrap();
        assert_eq!((compiled.entry, compiled.unsafe_ranges.len()), (0, 2));
        let code = |from: u32, to: u32| &compiled.bytes[from as usize..to as usize];
        const WRITE: [u8; 3] = [0x48, 0x89, 0x37]; // mov [rdi], rsi
        const CALL: u8 = 0xe8;
        let [test, shade] = compiled.unsafe_ranges[..] else {
            unreachable!()
        };
        for range in [test, shade] {
            assert!(code(range[0], range[1]).ends_with(&WRITE), "{range:?}");
        }
        assert!(!code(test[0], test[1]).contains(&CALL));
        assert!(code(shade[0], shade[1]).contains(&CALL));
        // Nothing but the frame and the address of the flag comes before the test.
        assert!(test[0] <= 4 + 7, "{test:?}");
        assert!(test[1] < shade[0]);
    }
}
