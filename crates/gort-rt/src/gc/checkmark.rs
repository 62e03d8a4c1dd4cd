//! `GODEBUG=gccheckmark=1`: at the end of marking, with the world stopped, the plain [`tracer`](super::tracer) goes through the heap
//! once more. An object that it reaches and that has no mark would be freed while it is in use: a barrier is missing, a stack
//! was looked through too early, or work got lost. The program ends with a description of the object and of what refers
//! to it, in official Go's form.
//!
//! What a word leads to that may be left over (in a frame without a map, in an interrupted one, in what a native has pushed) may well have
//! no mark, since the word may have meant nothing when marking passed it; so it is followed only if there is one. Nothing is lost
//! by that: a word that still is in use lies elsewhere, too, or has a map when the goroutine goes on to use it in the next cycle.
//!
//! A register that a map names is believed, unless it may hold a bool: `setcc` writes one byte, and what it leaves above may be the
//! address of what has been dead for long. Asking the map for the width of what it names was thought of; it is read off machine
//! code, where a bool is moved like any word.

use super::dump::name_at;
use super::stack::Own;
use super::tracer::{Found, Place, Target, Tracer, Word};
use crate::lang::throw::throw;
use crate::mem::central;
use crate::mem::heap;
use crate::text::{Text, err};
use gort_abi::types::Type;

/// Looks whether marking, which is done, has missed anything; `own` says how the goroutine of this thread stands.
pub fn check(own: Own) {
    let t = Tracer::new(judge);
    t.roots();
    t.goroutines(own);
    t.drain();
}

/// Whether the word leads to an object with a mark. It ends the program if it should and does not.
fn judge(f: &Found, to: Target) -> bool {
    let is_pointer = f.kind == Word::Pointer;
    match to {
        Target::Object(s, i) if s.is_marked(i) => return true,
        Target::Object(..) if is_pointer || f.kind == Word::Needed && !may_be_bool(f.word) => {
            unmarked(f, to)
        }
        Target::Free(_) if is_pointer => free(f, to),
        Target::Nowhere | Target::Rest(_) if is_pointer => bad(f, to),
        _ => {}
    }
    false
}

/// Whether the word's lowest byte is a bool, under what the register held before.
fn may_be_bool(word: usize) -> bool {
    word & 0xff <= 1
}

#[cold]
fn unmarked(f: &Found, to: Target) -> ! {
    let mut t = err();
    t.s("runtime: checkmarks found unexpected unmarked object obj=")
        .hex(first(f, to))
        .s("\nruntime: found obj at ");
    describe(&mut t, f, to);
    throw("checkmark found unmarked object")
}

#[cold]
fn free(f: &Found, to: Target) -> ! {
    let mut t = err();
    t.s("runtime: marking free object ")
        .hex(first(f, to))
        .s(" found at ");
    describe(&mut t, f, to);
    throw("marking free object")
}

#[cold]
fn bad(f: &Found, to: Target) -> ! {
    let mut t = err();
    t.s("runtime: pointer ").hex(f.word);
    match to {
        Target::Rest(s) => t
            .s(" to unused region of span span.base()=")
            .hex(s.base.get()),
        _ => t.s(" to unallocated span"),
    };
    t.s("\nruntime: found in object at ");
    describe(&mut t, f, to);
    throw("found bad pointer in Go heap (incorrect use of unsafe or cgo?)")
}

/// The first byte of what the word leads to.
fn first(f: &Found, to: Target) -> usize {
    match to {
        Target::Object(s, i) => s.object(i),
        Target::Free(s) => s.object(s.index_of(f.word)),
        _ => f.word,
    }
}

/// Where the word lies, what is there, and what it leads to.
fn describe(t: &mut Text, f: &Found, to: Target) {
    let base = match f.place {
        Place::Object(base) => base,
        _ => f.at,
    };
    let off = f.at.wrapping_sub(base);
    t.s("*(").hex(base).s("+").hex(off).s(")");
    match f.place {
        Place::Object(_) => t.s("\n"),
        Place::Variable => t.s(", a package variable\n"),
        Place::Runtime => t.s(", a record of the runtime\n"),
        Place::Goroutine(id) => t.s(", of goroutine ").u(id).s("\n"),
    };
    dump(t, "base", base, off);
    dump(t, "obj", first(f, to), usize::MAX);
    t.flush();
}

/// The words of the object at `obj`, the one at `off` with a sign; of a large one the first and those around.
fn dump(t: &mut Text, label: &str, obj: usize, off: usize) {
    /// Words from the beginning, and to both sides of the one that is meant.
    const HEAD: usize = 128 * 8;
    const AROUND: usize = 16 * 8;
    t.s(label).s("=").hex(obj);
    let Some(s) = heap::span_of(obj) else {
        t.s(" s=nil\n");
        return;
    };
    let size = s.elem.get();
    t.s(" s.base()=").hex(s.base.get());
    t.s(" s.limit=").hex(s.object(s.nelems.get()));
    t.s(" s.spanclass=").u(central::spc(s) as u64);
    t.s(" s.elemsize=").u(size as u64).s(" s.state=mSpanInUse");
    if let Some(o) = heap::object_of(obj) {
        // SAFETY: the type of an object is 0 or a descriptor's address.
        match unsafe { (o.typ as *const Type).as_ref() } {
            // SAFETY: descriptors have names.
            Some(typ) => t.s(" type=").b(unsafe { name_at(typ.str_off) }),
            None => t.s(" pointers=").hex(o.bits),
        };
    }
    t.s("\n");
    let mut skipped = false;
    for i in (0..size)
        .step_by(8)
        .take_while(|i| obj + i < s.object(s.nelems.get()))
    {
        if i >= HEAD && i.abs_diff(off) >= AROUND {
            skipped = true;
            continue;
        }
        if core::mem::take(&mut skipped) {
            t.s(" ...\n");
        }
        // SAFETY: a word of a span in use, while nothing runs.
        let word = unsafe { *((obj + i) as *const usize) };
        t.s(" *(").s(label).s("+").u(i as u64).s(") = ").hex(word);
        t.s(if i == off { " <==\n" } else { "\n" });
    }
    if skipped {
        t.s(" ...\n");
    }
}
