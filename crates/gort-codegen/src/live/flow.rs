//! The control flow of a function's machine code: pieces without a way in or out in between.
//!
//! Only what control can reach is decoded: constants and the tables of jumps lie between the code.

use super::Frame;
use super::decode::{self, Flow, Inst};

/// The reachable code of a function.
pub struct Code {
    /// All instructions with their offsets, ascending.
    pub insts: Insts,
    /// The pieces, in the same order.
    pub parts: Vec<Part>,
    /// Ways on, those of each part side by side.
    nexts: Vec<u32>,
}

/// A piece of code.
pub struct Part {
    /// Its instructions.
    pub insts: core::ops::Range<usize>,
    nexts: core::ops::Range<usize>,
}

impl Code {
    /// Decodes a function. None if something is not understood.
    pub fn read(frame: &Frame) -> Option<Code> {
        let (insts, heads) = decode_all(frame)?;
        let mut code = Code {
            insts,
            parts: Vec::with_capacity(heads.len()),
            nexts: Vec::with_capacity(2 * heads.len()),
        };
        let mut ways = Vec::new();
        let mut i = 0;
        while i < code.insts.len() {
            let first = i;
            loop {
                let (at, inst) = code.insts[i];
                i += 1;
                let straight = matches!(inst.flow, Flow::Next | Flow::Call);
                let next = at + inst.len as u32;
                let more = code.insts.get(i).is_some_and(|n| n.0 == next);
                if straight && more && heads.binary_search(&next).is_err() {
                    continue;
                }
                ways.clear();
                after(frame, at, &inst, &mut ways)?;
                break;
            }
            let from = code.nexts.len();
            code.nexts.extend_from_slice(&ways);
            code.parts.push(Part {
                insts: first..i,
                nexts: from..code.nexts.len(),
            });
        }
        // From offsets to numbers of parts.
        for next in &mut code.nexts {
            let found = code
                .parts
                .binary_search_by_key(next, |p| code.insts[p.insts.start].0);
            *next = found.ok()? as u32;
        }
        Some(code)
    }

    /// Parts to which control goes from a part.
    pub fn next(&self, part: &Part) -> &[u32] {
        &self.nexts[part.nexts.clone()]
    }

    /// The part that begins at an offset.
    pub fn part_at(&self, offset: u32) -> Option<usize> {
        let key = |p: &Part| self.insts[p.insts.start].0;
        self.parts.binary_search_by_key(&offset, key).ok()
    }
}

type Insts = Vec<(u32, Inst)>;

/// All that can be reached, and where it is entered from elsewhere than above, both ascending.
fn decode_all(frame: &Frame) -> Option<(Insts, Vec<u32>)> {
    let mut known = vec![false; frame.code.len()];
    let mut insts = Vec::with_capacity(frame.code.len() / 4);
    let mut heads = vec![0];
    heads.extend(frame.recover);
    let mut work = heads.clone();
    let mut ways = Vec::new();
    while let Some(mut at) = work.pop() {
        while !std::mem::replace(known.get_mut(at as usize)?, true) {
            let inst = decode::inst(frame.code, at as usize)?;
            insts.push((at, inst));
            ways.clear();
            after(frame, at, &inst, &mut ways)?;
            if matches!(inst.flow, Flow::Next | Flow::Call) {
                let Some(&next) = ways.first() else { break };
                at = next;
            } else {
                heads.extend_from_slice(&ways);
                work.extend_from_slice(&ways);
                break;
            }
        }
    }
    insts.sort_unstable_by_key(|i| i.0);
    heads.sort_unstable();
    heads.dedup();
    // The same bytes read in two ways, or a block without way in, but for one that only jumps on, past which Cranelift has led
    // those who go there: something has been misunderstood.
    let overlap = |w: &[(u32, Inst)]| w[0].0 + w[0].1.len as u32 > w[1].0;
    let jumps = |s: usize| matches!(frame.code[s], 0xe9 | 0xeb);
    let missed = |&s: &u32| known.get(s as usize) == Some(&false) && !jumps(s as usize);
    let understood = !insts.windows(2).any(overlap) && !frame.starts.iter().any(missed);
    understood.then_some((insts, heads))
}

/// Where control goes behind an instruction.
fn after(frame: &Frame, at: u32, inst: &Inst, ways: &mut Vec<u32>) -> Option<()> {
    let next = at + inst.len as u32;
    match inst.flow {
        Flow::End => {}
        // Behind a call that does not return there may be no code.
        Flow::Call if next as usize >= frame.code.len() => {}
        Flow::Next | Flow::Call => ways.push(next),
        // The linker fills it in: a tail call.
        Flow::Jump(_) if frame.relocs.binary_search(&(next - 4)).is_ok() => {}
        Flow::Jump(to) => ways.push(u32::try_from(to).ok()?),
        Flow::Branch(to) => ways.extend([u32::try_from(to).ok()?, next]),
        Flow::Table => table(frame, at as usize, next as usize, ways)?,
    }
    Some(())
}

/// Where a jump through a register goes that ends at `end`. Cranelift loads the address of a table that follows, adds the entry
/// to it, and jumps; otherwise it is a tail call. The entries are distances from the table. How many they are
/// is not written anywhere: code follows, which is the start of a block, and of the first one that the table leads to at the latest.
///
/// The edges that Cranelift can list were not enough: blocks that it has taken out have none.
fn table(frame: &Frame, at: usize, end: usize, ways: &mut Vec<u32>) -> Option<()> {
    // lea table, [rip + n]; movsxd entry, [table + 4 * index] (a byte more for some registers); add table, entry
    let loads_table = |lea: usize| {
        let code = frame.code.get(lea..lea + 7)?;
        let [0x48 | 0x4c, 0x8d, modrm, n @ ..] = code else {
            return None;
        };
        let n = i32::from_le_bytes(n.try_into().ok()?);
        (modrm & 0xc7 == 5 && lea + 7 + n as usize == end).then_some(())
    };
    let lea = |len: usize| loads_table(at.checked_sub(3 + len + 7)?);
    if lea(4).or_else(|| lea(5)).is_none() {
        return Some(());
    }
    let next = frame.starts.iter().filter(|&&s| s as usize > at).min();
    let mut stop = next.map_or(frame.code.len(), |&s| s as usize);
    let mut entry = end;
    while entry < stop {
        let bytes = frame.code.get(entry..entry + 4)?.try_into().ok()?;
        let to = end.checked_add_signed(i32::from_le_bytes(bytes) as isize)?;
        if to > entry {
            stop = stop.min(to);
        }
        ways.push(u32::try_from(to).ok()?);
        entry += 4;
    }
    (entry == stop).then_some(())
}
