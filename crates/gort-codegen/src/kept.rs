//! Machine code that is kept from one build to the next, in bytes: what Cranelift and the stack check have made of a
//! [`Form`](gort_ir::form), with numbers in place of symbols and locations.

use crate::function::{Code, CodeReloc, RelocForm, Target};
use gort_ir::Func;
use gort_ir::form::read::Reader;
use gort_ir::form::{Digest, Form};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Code that was kept, by form.
pub trait Kept: Sync {
    /// The bytes that [`encode`] has made for a form.
    fn get(&self, form: &Digest) -> Option<&[u8]>;
}

/// The code of a function, to be kept: its form, and its bytes unless they were kept already.
pub type Kind = (Digest, Option<Vec<u8>>);

/// Write down the code of a function; nothing if it refers to what its form does not have.
pub(crate) fn encode(code: &Code, form: &Form, func: &Func) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(code.bytes.len() + 64);
    let number = |out: &mut Vec<u8>, n: u32| gort_ir::form::number(out, u64::from(n));
    let numbers = [
        code.entry,
        code.body,
        code.frame_size,
        u32::from(code.frameless),
        code.recover.map_or(0, |r| r + 1),
        code.bytes.len() as u32,
        code.relocs.len() as u32,
        code.ranges.len() as u32,
        code.unsafe_ranges.len() as u32,
        code.stack_map.len() as u32,
        code.arg_words,
    ];
    numbers.into_iter().for_each(|n| number(&mut out, n));
    out.extend(&code.bytes);
    for r in &code.relocs {
        number(&mut out, r.offset);
        out.extend(r.addend.to_le_bytes());
        out.push(r.kind as u8);
        match r.target {
            Target::Symbol(sym) => {
                out.push(0);
                number(&mut out, form.symbols.number(sym)?);
            }
            Target::Runtime(name) => {
                out.push(1);
                number(&mut out, name.len() as u32);
                out.extend(name.as_bytes());
            }
        }
    }
    for &(from, to, place) in &code.ranges {
        number(&mut out, from);
        number(&mut out, to);
        number(&mut out, form.location(func, place)?);
    }
    for n in code.unsafe_ranges.as_flattened() {
        number(&mut out, *n);
    }
    out.extend(&code.stack_map);
    Some(out)
}

/// Read it again, for a function of that form; nothing if it is no such thing.
pub(crate) fn decode(bytes: &[u8], form: &Form) -> Option<Code> {
    let mut r = Reader(bytes);
    let [
        entry,
        body,
        frame_size,
        frameless,
        recover,
        size,
        relocs,
        ranges,
        unsafe_ranges,
        stack_map,
        arg_words,
    ] = {
        let mut numbers = [0; 11];
        for n in &mut numbers {
            *n = r.number()?;
        }
        numbers
    };
    let code = r.take(size as usize)?.to_vec();
    let mut out = Code {
        bytes: code,
        entry,
        body,
        relocs: Vec::with_capacity(relocs.min(size) as usize),
        frame_size,
        frameless: frameless != 0,
        arg_words,
        recover: recover.checked_sub(1),
        ranges: Vec::with_capacity(ranges.min(size) as usize),
        unsafe_ranges: Vec::new(),
        stack_map: Vec::new(),
    };
    for _ in 0..relocs {
        let offset = r.number()?;
        let addend = i64::from_le_bytes(r.take(8)?.try_into().ok()?);
        let kind = match r.take(1)? {
            [0] => RelocForm::Call,
            [1] => RelocForm::Pc,
            [2] => RelocForm::Abs,
            _ => return None,
        };
        let target = match r.take(1)? {
            [0] => Target::Symbol(form.symbols.get(r.number()?)?),
            [1] => {
                let len = r.number()? as usize;
                Target::Runtime(name(std::str::from_utf8(r.take(len)?).ok()?))
            }
            _ => return None,
        };
        out.relocs.push(CodeReloc {
            offset,
            kind,
            target,
            addend,
        });
    }
    for _ in 0..ranges {
        out.ranges
            .push((r.number()?, r.number()?, form.place(r.number()?)?));
    }
    for _ in 0..unsafe_ranges {
        out.unsafe_ranges.push([r.number()?, r.number()?]);
    }
    out.stack_map = r.take(stack_map as usize)?.to_vec();
    r.0.is_empty().then_some(out)
}

/// The name of a function of package runtime; there are some dozens.
fn name(text: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(known) = names.get(text) {
        return known;
    }
    let name: &'static str = Box::leak(text.into());
    names.insert(name);
    name
}
