//! Functions without a frame: those that call nothing, keep nothing on the stack and come to their end at once.
//!
//! Every other function keeps rbp in a chain that tracebacks, the collector and panics follow. Setting it up and taking
//! it down are four of the eight instructions of a getter behind an interface, and of what stands for a function in a closure four
//! of five. Without a frame the return address is on top of the stack from the first instruction to the last: a goroutine is
//! not stopped there, and where such a function faults the signal handler sets up the frame that it would have had
//! ([`gort_abi::FUNC_FRAMELESS`]). Loops could keep a goroutine from being stopped for long, and what fails a bounds check
//! calls the runtime: both keep their frames.
//!
//! Cranelift makes a frame in any case on x86-64, so it is taken out of the machine code. No instruction moves but the
//! last one of each way out: no jump and no constant changes its place.

use crate::live::{Frame, instructions};
use crate::translate::Signature;
use gort_ir::dominance::Dominators;
use gort_ir::{Func, InstData};

/// More blocks than this are not looked at.
const MAX_BLOCKS: usize = 64;

/// Whether a function may go without a frame, as far as its IR says.
pub fn may_be(func: &Func) -> bool {
    func.slots.is_empty()
        && func.recover_block.is_none()
        && func.blocks.len() <= MAX_BLOCKS
        && Signature::of_func(func).stack_bytes() == 0
        && func
            .blocks
            .iter()
            .flat_map(|b| &b.insts)
            .all(|i| is_plain(&func.insts[i.index()]))
        && !loops(func)
}

/// Whether an instruction calls nothing and asks for no place on the stack.
fn is_plain(data: &InstData) -> bool {
    let effects = data.effects();
    let checks = matches!(
        data,
        InstData::BoundsCheck { .. } | InstData::ZeroCheck { .. }
    );
    let block = matches!(data, InstData::Copy { .. } | InstData::Clear { .. });
    let calls = !effects.ends && (effects.calls || effects.allocates);
    !(calls || checks || block || effects.frame || data.barred().is_some())
}

/// Whether a block can come twice: then a way leads back to one that is no later in reverse postorder.
fn loops(func: &Func) -> bool {
    let dominators = Dominators::of(func);
    let mut seen = vec![false; func.blocks.len()];
    dominators.order().iter().any(|b| {
        seen[b.index()] = true;
        let ways = func.terminator(*b).map(InstData::successors);
        ways.unwrap_or_default().iter().any(|s| seen[s.index()])
    })
}

/// `push rbp; mov rbp, rsp`
const SET_UP: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
/// `mov rsp, rbp`
const TAKE_DOWN: [u8; 3] = [0x48, 0x89, 0xec];
/// `pop rbp`
const POP: u8 = 0x5d;
/// What stands where nothing is run.
const INT3: u8 = 0xcc;

/// Code without its frame.
pub struct Stripped {
    /// As long as it was; the function is entered at [`ENTRY`].
    pub bytes: Vec<u8>,
    /// Where instructions were that now stand [`ENTRY`] bytes earlier, and their lengths.
    pub moved: Vec<(u32, u32)>,
}

/// Bytes of the set-up, and of each taking-down.
pub const ENTRY: u32 = SET_UP.len() as u32;

/// Take the frame out of a function's code; nothing if the code uses the stack after all.
pub fn strip(frame: &Frame) -> Option<Stripped> {
    let code = frame.code;
    if frame.size != 0 || !code.starts_with(&SET_UP) {
        return None;
    }
    let insts = instructions(frame)?;
    let mut out = Stripped {
        bytes: code.to_vec(),
        moved: Vec::new(),
    };
    out.bytes[..SET_UP.len()].fill(INT3);
    let mut rest = insts.as_slice();
    while let [inst, more @ ..] = rest {
        rest = more;
        let (at, bytes) = (inst.at as usize, &code[inst.at as usize..][..inst.len]);
        if at < SET_UP.len() {
            continue;
        }
        if bytes != TAKE_DOWN {
            if inst.uses_stack || matches!(bytes, [0x50..=0x5f, ..] | [0x41, 0x50..=0x5f]) {
                return None;
            }
            continue;
        }
        // Nobody jumps in between, for what is taken down twice, or not at all, would return elsewhere.
        let [pop, last, after @ ..] = more else {
            return None;
        };
        let whole = at + TAKE_DOWN.len() == pop.at as usize && pop.at + 1 == last.at;
        if !whole || code[pop.at as usize] != POP || pop.head || last.head || !last.leaves {
            return None;
        }
        let (from, len) = (last.at as usize, last.len);
        out.bytes.copy_within(from..from + len, at);
        out.bytes[at + len..from + len].fill(INT3);
        out.moved.push((last.at, len as u32));
        rest = after;
    }
    Some(out)
}

impl Stripped {
    /// Where what was at an offset is now.
    pub fn place(&self, offset: u32) -> u32 {
        let moved = self
            .moved
            .iter()
            .any(|&(at, len)| (at..at + len).contains(&offset));
        if moved { offset - ENTRY } else { offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(code: &[u8], relocs: &[u32]) -> Option<Stripped> {
        strip(&Frame {
            code,
            size: 0,
            kept: 0,
            slots: &[],
            starts: &[0],
            recover: None,
            relocs,
        })
    }

    #[test]
    fn ways_out_move_and_nothing_else_does() {
        // test rdi, rdi; je to the second way out; mov rax, [rdi]
        let mut code = SET_UP.to_vec();
        code.extend([0x48, 0x85, 0xff, 0x74, 8, 0x48, 0x8b, 0x07]);
        code.extend([0x48, 0x89, 0xec, 0x5d, 0xc3]);
        code.extend([0x48, 0x89, 0xec, 0x5d, 0xe9, 0, 0, 0, 0]);
        let jump = code.len() as u32 - 4;
        let out = stripped(&code, &[jump]).unwrap();
        let mut want = vec![INT3; 4];
        want.extend([0x48, 0x85, 0xff, 0x74, 8, 0x48, 0x8b, 0x07]);
        want.extend([0xc3, INT3, INT3, INT3, INT3]);
        want.extend([0xe9, 0, 0, 0, 0, INT3, INT3, INT3, INT3]);
        assert_eq!(out.bytes, want);
        assert_eq!((out.place(jump), out.place(9)), (jump - 4, 9));
    }

    #[test]
    fn what_uses_the_stack_keeps_its_frame() {
        for inst in [
            [0x48, 0x8b, 0x45, 0x10], // mov rax, [rbp + 16]
            [0x48, 0x8d, 0x04, 0x24], // lea rax, [rsp]
            [0x50, 0x58, 0x90, 0x90], // push rax; pop rax
        ] {
            let mut code = SET_UP.to_vec();
            code.extend(inst);
            code.extend([0x48, 0x89, 0xec, 0x5d, 0xc3]);
            assert!(stripped(&code, &[]).is_none(), "{inst:x?}");
        }
        let mut code = SET_UP.to_vec();
        code.extend([0xe8, 0, 0, 0, 0]); // a call
        code.extend([0x48, 0x89, 0xec, 0x5d, 0xc3]);
        assert!(stripped(&code, &[]).is_none());
    }
}
