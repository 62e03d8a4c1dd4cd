//! Which bubble an object belongs to (`sync.WaitGroup`): a record on the object's span, which goes when the object dies.
//!
//! Tried: a hash table by address beside the heap. It grew with every WaitGroup that ever was in a bubble, and what
//! came to lie at the address of a dead one would have belonged to its bubble.

use crate::gc::special;
use crate::gc::speciallist::Kind;
use crate::mem::heap;

/// How an object stands to a bubble; the numbers are those of package internal/synctest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Association {
    /// It belongs to none.
    None = 0,
    /// It belongs to this one.
    Same = 1,
    /// It belongs to another one.
    Other = 2,
}

/// How the object at `addr` stands to `bubble`. With `add` one that belongs to none joins it, unless it is a package
/// variable: those belong to no bubble ever.
pub fn of(addr: usize, bubble: u32, add: bool) -> Association {
    let bubble = bubble as usize;
    let Some(span) = heap::span_of(addr) else {
        return Association::None;
    };
    let found = special::with(span, |l| {
        l.find(addr - span.base.get(), Kind::Bubble)
            .map(|s| s.words[0].get())
    });
    match found {
        Some(b) if b == bubble => Association::Same,
        Some(_) => Association::Other,
        None if !add => Association::None,
        None => {
            let s = special::new(span, addr, Kind::Bubble, [bubble, 0, 0]);
            if special::with(span, |l| l.add(s, false)) {
                return Association::Same;
            }
            // Somebody else was faster.
            special::free(s);
            of(addr, bubble as u32, false)
        }
    }
}

/// The object at `addr` belongs to no bubble any more.
pub fn forget(addr: usize) {
    special::remove(addr, Kind::Bubble, |_| true);
}
