//! Dead Gs for reuse: each P keeps some on a list of its own; the others lie in the slab.

use super::preempt::give_save;
use crate::gmp::{G, P, slab};
use core::ptr::null;

const BATCH: u32 = 32;
/// A P with this many gives half of them back.
const MOST: u32 = 64;

/// A dead G, from the P's list or the slab.
#[inline]
pub fn gfget(p: &P) -> &'static G {
    match p.gfree.pop() {
        Some(g) => g,
        None => refill(p),
    }
}

#[cold]
#[inline(never)]
fn refill(p: &P) -> &'static G {
    let mut batch = [null(); BATCH as usize];
    let mut n = 0;
    slab::take(BATCH, |g| {
        batch[n] = core::ptr::from_ref(g);
        n += 1;
    });
    // So that the list starts with the lowest address.
    for &g in batch[..n].iter().rev() {
        // SAFETY: Gs that the slab has just handed out.
        p.gfree.push(unsafe { &*g });
    }
    gfget(p)
}

/// Puts a dead G on the P's list.
#[inline]
pub fn gfput(p: &P, g: &G) {
    p.gfree.push(g);
    if p.gfree.len() >= MOST {
        spill(p, MOST - BATCH);
    }
}

/// Gives all but `keep` of the P's free Gs back to the slab.
#[cold]
#[inline(never)]
pub fn spill(p: &P, keep: u32) {
    slab::give(|| {
        (p.gfree.len() > keep)
            .then(|| p.gfree.pop())?
            .inspect(|g| give_save(g))
    });
}
