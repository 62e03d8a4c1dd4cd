//! Which callee-saved registers and which words of the frame are still needed behind each call: the function's stack map.
//!
//! It is read off the machine code, backwards over its control flow. Nothing that Cranelift does to a value can be missed
//! there, and the code is the same with and without maps. Cranelift's own stack maps were not taken: its front end
//! keeps every declared value in memory across each call, those of write barriers and other cold blocks
//! too, and loads it again at each use.
//!
//! A slot of the IR whose address is nowhere computed is looked at word by word like what Cranelift has spilled. Where it
//! is, the slot is one of the frame's objects ([`slots`]). What cannot be understood gets no map, and the collector
//! reads that frame word for word.

mod decode;
mod flow;
mod slots;

use decode::{Flow, Inst, TRACKED};
use flow::Code;
use gort_abi::stackmap::put;
use slots::Objects;

/// What is known of a function's frame and code.
pub struct Frame<'a> {
    /// Cranelift's code.
    pub code: &'a [u8],
    /// `rbp - rsp`.
    pub size: u32,
    /// Bytes at the bottom of the frame for arguments of calls, which are always read.
    pub kept: u32,
    /// Slots of the IR: offset from the bottom and size.
    pub slots: &'a [(u32, u32)],
    /// Starts of blocks.
    pub starts: &'a [u32],
    /// Offset of the recovery block.
    pub recover: Option<u32>,
    /// Offsets of addresses that the linker fills in, ascending: a jump with one is a tail call.
    pub relocs: &'a [u32],
}

/// The map of a function: of each call's return address what lives there.
pub struct StackMap {
    /// Callee-saved registers that the function has saved, in the order of [`TRACKED`].
    saved: u8,
    /// First word and number of words of the frame's objects, ascending.
    objects: Vec<(usize, usize)>,
    /// Bytes of a set.
    bytes: usize,
    /// Return address, and place of its set in `sets`.
    calls: Vec<(u32, usize)>,
    /// What the recovery block needs, as a place in `sets`.
    recovery: usize,
    /// Sets of bits: of registers, then of words from the bottom.
    sets: Vec<u64>,
}

/// Frames larger than this get no map.
const MAX_FRAME: u32 = 64 << 10;

/// An instruction, for those who change the code.
pub struct Instruction {
    /// Its offset.
    pub at: u32,
    /// Bytes.
    pub len: usize,
    /// It calls, or touches the frame.
    pub uses_stack: bool,
    /// Control does not go on to the next one, or elsewhere in the function.
    pub leaves: bool,
    /// Control may come here from elsewhere than the instruction before.
    pub head: bool,
}

/// All instructions that control can reach, in order, if they are understood.
pub fn instructions(frame: &Frame) -> Option<Vec<Instruction>> {
    let code = Code::read(frame)?;
    let mut out = Vec::with_capacity(code.insts.len());
    for part in &code.parts {
        for n in part.insts.clone() {
            let (at, inst) = code.insts[n];
            let last = n + 1 == part.insts.end;
            out.push(Instruction {
                at,
                len: inst.len,
                uses_stack: inst.flow == Flow::Call
                    || inst.access.is_some()
                    || inst.taken.is_some(),
                leaves: last && code.next(part).is_empty(),
                head: n == part.insts.start,
            });
        }
    }
    Some(out)
}

/// The map, if all of the function is understood.
pub fn stack_map(frame: &Frame) -> Option<StackMap> {
    if frame.size > MAX_FRAME || !frame.size.is_multiple_of(8) {
        return None;
    }
    let code = Code::read(frame)?;
    let (saved, top) = saves(&code, frame)?;
    let used = |i: &(u32, Inst)| (i.1.reads | i.1.fills) & !saved != 0;
    if code.insts.iter().any(used) {
        return None;
    }
    let words = frame.size as usize / 8;
    let objects = Objects::find(&code, frame);
    let scope = Scope {
        frame,
        objects: &objects,
        tracked: frame.kept.div_ceil(8) as usize..top as usize / 8,
        saved,
        bits: TRACKED.len() + words,
        n: (TRACKED.len() + words).div_ceil(64),
    };
    let live = scope.solve(&code)?;
    let recover = frame.recover.and_then(|r| code.part_at(r));
    let mut map = scope.at_calls(&code, &live, recover)?;
    if !objects.is_empty() {
        scope.objects_at_calls(&code, recover, &mut map);
    }
    Some(map)
}

/// The registers that the prologue saves and where the first lies. They are stored side by side, in order, above all else.
fn saves(code: &Code, frame: &Frame) -> Option<(u8, u32)> {
    let (mut saved, mut first, mut count) = (0u8, frame.size, 0u32);
    for (at, inst) in &code.insts[code.parts.first()?.insts.clone()] {
        let bytes = &frame.code[*at as usize..*at as usize + inst.len];
        // push rbp; mov rbp, rsp; sub rsp, size
        let set_up = matches!(
            bytes,
            [0x55] | [0x48, 0x89, 0xe5] | [0x48, 0x81 | 0x83, 0xec, ..]
        );
        if set_up {
            continue;
        }
        let Some(access) = inst.access else { break };
        let store = access.fills == 8 && !access.from_fp && inst.reads.count_ones() == 1;
        if !store || inst.reads <= saved {
            break;
        }
        if count > 0 && access.off as u32 != first + 8 * count {
            break;
        }
        if count == 0 {
            first = access.off as u32;
        }
        saved |= inst.reads;
        count += 1;
    }
    (first + (8 * count).next_multiple_of(16) == frame.size || count == 0).then_some((saved, first))
}

struct Scope<'a> {
    frame: &'a Frame<'a>,
    objects: &'a Objects,
    /// Words whose life is to be found: not those of arguments for calls, and of saved registers.
    tracked: core::ops::Range<usize>,
    /// Registers that the prologue saves.
    saved: u8,
    /// Bits of a set: of registers, then of words.
    bits: usize,
    /// Words of 64 bits in a set.
    n: usize,
}

impl Scope<'_> {
    /// What lives before an instruction and not behind it, and the other way round: bits that `turn` is to switch on or off,
    /// those to switch off first.
    fn effect(&self, inst: &Inst, mut turn: impl FnMut(usize, bool)) -> Option<()> {
        for (bits, on) in [(inst.fills, false), (inst.reads, true)] {
            let mut bits = bits;
            while bits != 0 {
                turn(bits.trailing_zeros() as usize, on);
                bits &= bits - 1;
            }
        }
        if let Some((from_fp, off)) = inst.taken {
            let one = self.objects.slot_at(from_fp, off);
            let all = self.objects.words().enumerate();
            for (_, (first, words)) in all.filter(|o| one.is_none_or(|one| o.0 == one)) {
                (first..first + words).for_each(|w| turn(TRACKED.len() + w, true));
            }
        }
        let Some(access) = inst.access else {
            return Some(());
        };
        let from = if access.from_fp {
            self.frame.size as i32
        } else {
            0
        };
        let off = access.off.checked_add(from)?;
        let (filled, bytes) = match access.fills {
            0 => (false, i32::from(access.reads)),
            n => (true, i32::from(n)),
        };
        let (first, last) = (off.div_euclid(8), (off + bytes - 1).div_euclid(8));
        for w in first..=last {
            // Nothing lies below; arguments from the caller lie above.
            let word = usize::try_from(w).ok()?;
            let whole = w * 8 >= off && w * 8 + 8 <= off + bytes;
            if self.tracked.contains(&word) && (!filled || whole) {
                turn(TRACKED.len() + word, !filled);
            }
        }
        Some(())
    }

    /// What lives at the head of each part, side by side.
    fn solve(&self, code: &Code) -> Option<Vec<u64>> {
        let (n, parts) = (self.n, code.parts.len());
        // What each part makes needed, and what it overwrites.
        let mut live = vec![0; n * parts];
        let mut kill = vec![0; n * parts];
        for (i, part) in code.parts.iter().enumerate() {
            let (live, kill) = (&mut live[n * i..][..n], &mut kill[n * i..][..n]);
            for (_, inst) in code.insts[part.insts.clone()].iter().rev() {
                self.effect(inst, |bit, on| {
                    set(live, bit, on);
                    if !on {
                        set(kill, bit, true);
                    }
                })?;
            }
        }
        let mut again = true;
        while again {
            again = false;
            for (i, part) in code.parts.iter().enumerate().rev() {
                for &next in code.next(part) {
                    for k in 0..n {
                        let more = live[n * next as usize + k] & !kill[n * i + k];
                        let here = &mut live[n * i + k];
                        again |= more & !*here != 0;
                        *here |= more;
                    }
                }
            }
        }
        Some(live)
    }

    /// What lives behind each call.
    fn at_calls(&self, code: &Code, live: &[u64], recover: Option<usize>) -> Option<StackMap> {
        let n = self.n;
        let (mut calls, mut sets): (Vec<(u32, usize)>, Vec<u64>) = (Vec::new(), Vec::new());
        let mut bits = vec![0; n];
        for part in &code.parts {
            bits.fill(0);
            for &next in code.next(part) {
                join(&mut bits, &live[n * next as usize..][..n]);
            }
            for (at, inst) in code.insts[part.insts.clone()].iter().rev() {
                if inst.flow == Flow::Call {
                    let here = sets.len();
                    sets.extend_from_slice(&bits);
                    if let Some(r) = recover {
                        join(&mut sets[here..], &live[n * r..][..n]);
                    }
                    for w in 0..self.tracked.start.min(self.frame.size as usize / 8) {
                        set(&mut sets[here..], TRACKED.len() + w, true);
                    }
                    calls.push((at + inst.len as u32, here));
                }
                self.effect(inst, |bit, on| set(&mut bits, bit, on))?;
            }
        }
        calls.sort_unstable();
        let recovery = sets.len();
        match recover {
            Some(r) => sets.extend_from_slice(&live[n * r..][..n]),
            None => sets.resize(recovery + n, 0),
        }
        Some(StackMap {
            saved: self.saved,
            objects: self.objects.words().collect(),
            bytes: self.bits.div_ceil(8),
            calls,
            recovery,
            sets,
        })
    }

    /// Takes out of the sets what nobody has touched yet. Where it is not known what an address leads to, puts all in that
    /// has been touched.
    fn objects_at_calls(&self, code: &Code, recover: Option<usize>, map: &mut StackMap) {
        let n = self.n;
        self.objects.at_calls(code, recover, |i, touched| {
            let (at, inst) = &code.insts[i];
            let ret = at + inst.len as u32;
            let Ok(call) = map.calls.binary_search_by_key(&ret, |c| c.0) else {
                return;
            };
            let bits = &mut map.sets[map.calls[call].1..][..n];
            for ((first, words), &touched) in self.objects.words().zip(touched) {
                if !touched || self.objects.vague {
                    (first..first + words).for_each(|w| set(bits, TRACKED.len() + w, touched));
                }
            }
        });
    }
}

fn join(to: &mut [u64], from: &[u64]) {
    to.iter_mut().zip(from).for_each(|(a, b)| *a |= b);
}

fn set(bits: &mut [u64], i: usize, on: bool) {
    let bit = 1 << (i % 64);
    if on {
        bits[i / 64] |= bit;
    } else {
        bits[i / 64] &= !bit;
    }
}

impl StackMap {
    /// As the runtime reads it (`gort_abi::stackmap`); `shift` is added to offsets.
    pub fn encode(&self, shift: u32) -> Vec<u8> {
        let n = self.bytes.div_ceil(8);
        let mut sets: Vec<&[u64]> = Vec::new();
        let mut ranges: Vec<u8> = Vec::new();
        let (mut at, mut last, mut count) = (0, None, 0);
        let mut number = |at: usize| {
            let bits = &self.sets[at..][..n];
            let known = sets.iter().position(|s| *s == bits);
            known.unwrap_or_else(|| {
                sets.push(bits);
                sets.len() - 1
            })
        };
        let recovery = number(self.recovery);
        for &(ret, bits) in &self.calls {
            let set = number(bits);
            if last == Some(set) {
                continue;
            }
            put(ret + shift - at, |b| ranges.push(b));
            put(set as u32, |b| ranges.push(b));
            (at, last) = (ret + shift, Some(set));
            count += 1;
        }
        let mut out = vec![self.saved];
        for v in [self.objects.len(), sets.len(), count, recovery] {
            put(v as u32, |b| out.push(b));
        }
        let mut end = 0;
        for &(first, words) in &self.objects {
            put((first - end) as u32, |b| out.push(b));
            put(words as u32, |b| out.push(b));
            end = first + words;
        }
        for s in &sets {
            let bytes = s.iter().flat_map(|w| w.to_le_bytes());
            out.extend(bytes.take(self.bytes));
        }
        out.extend(ranges);
        out
    }
}

#[cfg(test)]
mod tests {
    use crate::function::Compiler;
    use gort_abi::stackmap::{REGISTERS, Table};

    /// The bits behind each call of the first function, in order.
    fn maps(text: &str) -> Vec<usize> {
        let module = gort_ir::reader::module(text).unwrap();
        let isa = crate::isa::host_independent(&crate::Options::default()).unwrap();
        let compiled = Compiler::default().code(isa.as_ref(), &module.funcs[0]);
        let compiled = compiled.unwrap();
        assert!(!compiled.stack_map.is_empty());
        let words = compiled.frame_size as usize / 8;
        let mut calls: Vec<u32> = compiled.relocs.iter().map(|r| r.offset + 4).collect();
        calls.retain(|&c| c > compiled.body);
        calls.sort_unstable();
        let count = |ret: u32| {
            // SAFETY: the table that the compiler has made.
            let table = unsafe { Table::new(compiled.stack_map.as_ptr()) };
            let live = table.find((ret - compiled.entry) as usize, words).unwrap();
            (0..REGISTERS + words).filter(|&i| live.has(i)).count()
        };
        calls.into_iter().map(count).collect()
    }

    #[test]
    fn values_end_with_their_last_use() {
        let calls = maps(
            r#"
module "main"
file 0 "live.go"

func @main.f !0:1 {
block0(v0: ptr, v1: ptr):
    call @main.g()  !0:1
    call @main.h(v0)  !0:1
    call @main.h(v1)  !0:1
    return  !0:1
}
"#,
        );
        assert_eq!(calls, [2, 1, 0]);
    }
    /// Only the last block of a jump table needs the argument; before the switch it is needed, too.
    #[test]
    fn what_a_table_leads_to_is_reached() {
        let calls = maps(
            r#"
module "main"
file 0 "live.go"

func @main.f !0:1 {
block0(v0: i64, v1: ptr):
    call @main.g()  !0:1
    switch v0 [0: block1, 1: block2, 2: block3, 3: block4, 4: block5, 5: block6], block1  !0:1
block1:
    call @main.h1()  !0:1
    return  !0:1
block2:
    call @main.h2()  !0:1
    return  !0:1
block3:
    call @main.h3()  !0:1
    return  !0:1
block4:
    call @main.h4()  !0:1
    return  !0:1
block5:
    call @main.h5()  !0:1
    return  !0:1
block6:
    call @main.h6()  !0:1
    call @main.h(v1)  !0:1
    return  !0:1
}
"#,
        );
        // The number for the switch and the pointer; in one block the pointer.
        assert_eq!(calls[0], 2);
        let mut rest = calls[1..].to_vec();
        rest.sort_unstable();
        assert_eq!(rest, [0, 0, 0, 0, 0, 0, 1]);
    }
}
