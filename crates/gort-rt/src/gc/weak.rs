//! Weak pointers. A weak pointer is a pointer to a handle, a word without pointers which holds the object's address and
//! becomes 0 when the object dies, before its finalizer runs. All weak pointers that are made from one pointer share a
//! handle, so that they compare equal; an object that a finalizer has brought back gets a new one.
//!
//! A handle lies in the heap: it lives as long as the object, whose record refers to it, or a weak pointer. The handle
//! of a package variable is never cleared and lies outside.
//!
//! Making a pointer strong again races with the collector in two ways. Marking may be under way, and our pointer may
//! become the only one: the object is shaded, as the write barrier shades what it overwrites. Marking may be over, the
//! object dead, and its span not swept yet: then the answer is nil, as if it were. The end of marking is a stop of the
//! world, and this native does not stop in between.

use super::speciallist::Kind;
use super::{barrier, finalizer, special, sweep};
use crate::gmp::offheap;
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::mem::{heap, malloc};
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;

/// A handle: also its bytes, so that it shares no block of tiny objects, which would keep it alive.
const HANDLE: usize = 16;

fn handle_at(addr: usize) -> &'static AtomicUsize {
    // SAFETY: records and weak pointers keep handles alive; they are written through this type alone.
    unsafe { &*(addr as *const AtomicUsize) }
}

/// The object of a handle is dead.
pub fn clear(handle: usize) {
    handle_at(handle).store(0, Ordering::Release);
}

/// The handle for pointers to `addr`; 0 if that is neither in the heap nor a package variable.
///
/// # Safety
/// The caller runs on g0 with a P.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_weakhandle(addr: usize) -> usize {
    let Some(span) = heap::span_of(addr) else {
        return if finalizer::is_variable(addr) {
            IMMORTAL.handle(addr)
        } else {
            0
        };
    };
    let offset = addr - span.base.get();
    let find = || {
        special::with(span, |l| {
            l.find(offset, Kind::Weak).map(|s| s.words[0].get())
        })
    };
    if let Some(handle) = find() {
        return handle;
    }
    // SAFETY: the caller's; without type it has no pointers.
    let handle = unsafe { malloc::mallocgc(HANDLE, core::ptr::null(), true) } as usize;
    handle_at(handle).store(addr, Ordering::Relaxed);
    let s = special::new(span, addr, Kind::Weak, [handle, 0, 0]);
    if special::with(span, |l| l.add(s, false)) {
        return handle;
    }
    // Somebody else was faster.
    special::free(s);
    find().unwrap_or_else(|| throw::throw("failed to get or create weak handle"))
}

/// The pointer of a handle, which is a strong one from now on; 0 if its object is dead.
#[unsafe(no_mangle)]
extern "C" fn rt_weakstrong(handle: usize) -> usize {
    let handle = handle_at(handle);
    let addr = handle.load(Ordering::Acquire);
    if addr == 0 || sweep::is_dead(addr) {
        return 0;
    }
    // If its span was swept while we asked, and the slot used again, this says so.
    let addr = handle.load(Ordering::Acquire);
    if addr != 0 {
        barrier::shade(addr);
    }
    addr
}

/// The handles of what is never freed, by address. Chains may be long where a program points weakly to very many
/// variables, which programs do not.
struct Immortal {
    lock: SpinLock<{ rank::SPECIAL }>,
    chains: [Cell<usize>; CHAINS],
}
// SAFETY: cells are only touched with the lock held.
unsafe impl Sync for Immortal {}

const CHAINS: usize = 256;
static IMMORTAL: Immortal = Immortal {
    lock: SpinLock::new(),
    chains: [const { Cell::new(0) }; CHAINS],
};

/// A link of a chain; the handle is its first word.
#[repr(C)]
struct Node {
    addr: Cell<usize>,
    next: Cell<usize>,
}

impl Immortal {
    fn handle(&self, addr: usize) -> usize {
        let chain = &self.chains[(addr >> 3) % CHAINS];
        self.lock.with(|| {
            let mut at = chain.get();
            // SAFETY: nodes are never unmapped.
            while let Some(n) = unsafe { (at as *const Node).as_ref() } {
                if n.addr.get() == addr {
                    return at;
                }
                at = n.next.get();
            }
            let new = offheap::persistent(size_of::<Node>()) as usize;
            // SAFETY: zeroed memory is a valid node.
            let n = unsafe { &*(new as *const Node) };
            n.addr.set(addr);
            n.next.set(chain.get());
            chain.set(new);
            new
        })
    }
}
