//! Dead Gs for reuse: each P keeps some on a list of its own, linked through `schedlink`; the others lie in the slab.

use crate::gmp::{G, P, slab};

const BATCH: u32 = 32;
/// A P with this many gives half of them back.
const MOST: u32 = 64;

/// A dead G, from the P's list or the slab.
#[inline]
pub fn gfget(p: &P) -> &'static G {
    // SAFETY: Gs on the free list are dead and ours.
    let Some(g) = (unsafe { p.gfree.get().as_ref() }) else {
        return refill(p);
    };
    p.gfree.set(g.schedlink.get());
    p.gfree_n.set(p.gfree_n.get() - 1);
    g
}

#[cold]
#[inline(never)]
fn refill(p: &P) -> &'static G {
    // In order of address, so that the list starts with the lowest.
    let mut last: Option<&G> = None;
    slab::take(BATCH, |g| {
        g.schedlink.set(core::ptr::null());
        match last.replace(g) {
            Some(before) => before.schedlink.set(g),
            None => p.gfree.set(g),
        }
        p.gfree_n.set(p.gfree_n.get() + 1);
    });
    gfget(p)
}

/// Puts a dead G on the P's list.
#[inline]
pub fn gfput(p: &P, g: &G) {
    g.schedlink.set(p.gfree.get());
    p.gfree.set(g);
    p.gfree_n.set(p.gfree_n.get() + 1);
    if p.gfree_n.get() >= MOST {
        spill(p, MOST - BATCH);
    }
}

/// Gives all but `keep` of the P's free Gs back to the slab.
#[cold]
#[inline(never)]
pub fn spill(p: &P, keep: u32) {
    slab::give(|| {
        if p.gfree_n.get() <= keep {
            return None;
        }
        // SAFETY: the P's free list is ours, and as long as its count.
        let g = unsafe { &*p.gfree.get() };
        p.gfree.set(g.schedlink.get());
        p.gfree_n.set(p.gfree_n.get() - 1);
        Some(g)
    });
}
