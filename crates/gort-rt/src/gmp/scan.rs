//! Whether a goroutine has been looked through in a cycle, and who does it: whoever claims it, and everybody else who needs
//! to know waits until that is done.

use crate::sync::{AtomicU32, Ordering, spin_hint};

/// The number of the last cycle in which the goroutine was claimed, shifted, and a bit while somebody is at it. Zeroed memory is
/// one of a goroutine that has never been looked through.
#[repr(transparent)]
pub struct Scan(AtomicU32);

impl Scan {
    /// The number of a cycle, as far as there is room for it.
    fn short(cycle: u32) -> u32 {
        cycle << 1
    }

    /// Claims the goroutine for a look in this cycle, unless somebody has.
    pub fn claim(&self, cycle: u32) -> bool {
        let now = self.0.load(Ordering::Acquire);
        now & !1 != Scan::short(cycle)
            && self
                .0
                .compare_exchange(
                    now,
                    Scan::short(cycle) | 1,
                    Ordering::Acquire,
                    Ordering::Relaxed,
                )
                .is_ok()
    }

    /// It has been looked through by the one who has claimed it.
    pub fn done(&self, cycle: u32) {
        self.0.store(Scan::short(cycle), Ordering::Release);
    }

    /// Whether it has been looked through.
    pub fn is_done(&self, cycle: u32) -> bool {
        self.0.load(Ordering::Acquire) == Scan::short(cycle)
    }

    /// Waits until it has been looked through. Somebody has claimed it.
    pub fn wait(&self, cycle: u32) {
        while !self.is_done(cycle) {
            spin_hint();
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::Scan;
    use crate::gc::wbbuf::Buffer;
    use crate::sync::{AtomicU32, AtomicUsize, Cell, Ordering};
    use loom::sync::Arc;

    const CYCLE: u32 = 5;
    /// What the goroutine holds when the cycle begins, and what a word of the heap leads to.
    const HELD: usize = 1;
    const IN_HEAP: usize = 2;

    struct World {
        scan: Scan,
        /// The goroutine's stack, of one word.
        stack: Cell<usize>,
        /// A word of the heap.
        heap: AtomicUsize,
        /// Of the P that runs the goroutine.
        buffer: Buffer,
        marks: [AtomicU32; 3],
    }
    // SAFETY: that the cells are not shared at the wrong time is what the model looks at.
    unsafe impl Sync for World {}
    // SAFETY: as above.
    unsafe impl Send for World {}

    fn mark(w: &World, object: usize) {
        w.marks[object].store(1, Ordering::Relaxed);
    }

    fn look_through(w: &World) -> bool {
        let mine = w.scan.claim(CYCLE);
        if mine {
            mark(w, w.stack.get());
            w.scan.done(CYCLE);
        }
        mine
    }

    /// The goroutine runs as soon as it has been looked through (`stack::before_run`). It takes a pointer out of the heap, which only
    /// its stack has from then on, and gives up what it had.
    fn run(w: &World) {
        if !w.scan.is_done(CYCLE) && !look_through(w) {
            w.scan.wait(CYCLE);
        }
        let taken = w.heap.load(Ordering::Relaxed);
        w.stack.set(taken);
        // The stub of compiled code (`arch/x86_64/barrier.rs`).
        w.buffer.push(w.heap.load(Ordering::Relaxed));
        w.heap.store(0, Ordering::Relaxed);
    }

    /// A worker looks through goroutines, and into the heap.
    fn worker(w: &World) {
        look_through(w);
        mark(w, w.heap.load(Ordering::Relaxed));
    }

    #[test]
    fn loom_barrier_and_stack() {
        loom::model(|| {
            let w = Arc::new(World {
                scan: Scan(AtomicU32::new(Scan::short(CYCLE - 1))),
                stack: Cell::new(HELD),
                heap: AtomicUsize::new(IN_HEAP),
                buffer: Buffer::new(),
                marks: core::array::from_fn(|_| AtomicU32::new(0)),
            });
            let w2 = w.clone();
            let other = loom::thread::spawn(move || worker(&w2));
            run(&w);
            other.join().unwrap();
            // The world is stopped: what is in the buffers goes to the marker (`cycle::collect_found`).
            w.buffer.drain(|object| mark(&w, object));
            for object in [HELD, IN_HEAP] {
                assert_eq!(w.marks[object].load(Ordering::Relaxed), 1, "lost");
            }
        });
    }
}
