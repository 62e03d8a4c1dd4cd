//! The slow path of morestack: another segment, or the preemption that a poisoned guard asks for.

use crate::gmp::{G, stack};
use crate::sync::Ordering;
use gort_abi::STACK_PREEMPT;

/// The rest of morestack, on g0: 0 = the frame fits where we are (the guard was poisoned), 1 = take
/// `seg.next`. May yield to the scheduler when preemption was asked for.
#[unsafe(no_mangle)]
unsafe extern "C" fn newstack(g: &G, words: *const u32) -> usize {
    // SAFETY: morestack passes the running G and the two words in front of the function's stub.
    unsafe {
        let seg = g.stack.seg.get();
        let preempt = g.stackguard.load(Ordering::Relaxed) == STACK_PREEMPT;
        // The words stand in front of a function's code, wherever that begins: at any address.
        let (frame, args) = (
            words.read_unaligned() as usize,
            words.add(1).read_unaligned() as usize,
        );
        // The stack pointer at the entry of the function: above the saved rbp.
        let sp = g.sched.bp.get() + 8;
        let fits = sp > (*seg).guard + frame;
        if !fits {
            stack::provide(g, seg, frame + args);
        }
        let ret = usize::from(!fits);
        if preempt {
            g.stackguard.store((*seg).guard, Ordering::Relaxed);
            g.sched.ret.set(ret);
            super::preempt::at_safepoint(g);
        }
        ret
    }
}
