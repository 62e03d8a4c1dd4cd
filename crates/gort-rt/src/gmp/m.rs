//! M: an operating system thread. FS base points at it; word 0 is its own address.

use super::list::Linked;
use super::{G, P};
use crate::lock::{Held, Note};
use crate::sync::{AtomicBool, AtomicU32};
use core::cell::Cell;

/// A thread.
#[repr(C)]
pub struct M {
    /// Own address: `mov rax, fs:[0]`.
    pub self_ptr: Cell<*const M>,
    /// What assembly's checks of the stack take for `g`.
    pub abi0_g: Cell<*const usize>,
    /// Stack pointer of the empty g0 stack.
    pub g0_sp: Cell<usize>,
    /// The goroutine it runs, or null.
    pub curg: Cell<*const G>,
    /// Its P, or null.
    pub p: Cell<*const P>,
    /// P to take when it wakes up.
    pub nextp: Cell<*const P>,
    /// The P it had when it entered a system call.
    pub oldp: Cell<*const P>,
    /// Number, as printed in traces.
    pub id: Cell<u32>,
    /// Looks for work.
    pub spinning: Cell<bool>,
    /// No preemption while above 0.
    pub locks: Cell<u32>,
    /// Sleeps here when idle.
    pub note: Note,
    /// Link of the list of idle Ms and of the list of free Ms.
    pub schedlink: Cell<*const M>,
    /// Link of the list of all Ms.
    pub alllink: Cell<*const M>,
    /// The goroutine that is locked to this thread, or null.
    pub lockedg: Cell<*const G>,
    /// Kernel thread id; the kernel clears it when the thread has ended.
    pub tid: AtomicU32,
    /// Parked in the list of idle Ms.
    pub idle: AtomicBool,
    /// A thread of the runtime: owns no P, never schedules, runs [`M::sysfn`].
    pub is_sysmon: Cell<bool>,
    /// What a thread of the runtime runs.
    pub sysfn: Cell<Option<fn() -> !>>,
    /// Mapping of g0 stack and signal stack.
    pub stack_lo: Cell<usize>,
    /// Bytes of that mapping.
    pub stack_size: Cell<usize>,
    /// Depth of faults in the runtime itself.
    pub faults: Cell<u32>,
    /// State of the random generator.
    pub rand: Cell<u64>,
    /// Depth of printlock.
    pub print_depth: Cell<u32>,
    /// Signal mask from before a fork.
    pub fork_mask: Cell<u64>,
    /// Number of the last call for all threads that this one has made (`sched/allthreads.rs`).
    pub all_threads: AtomicU32,
    /// The locks that it holds; kept in builds with assertions.
    pub held: Held,
}

/// A `g` whose stack has no end below: word 2 is the guard.
pub static ABI0_G: [usize; 4] = [0; 4];

const _: () = assert!(core::mem::offset_of!(M, abi0_g) == gort_abi::M_ABI0_G);

// SAFETY: fields are written by the thread itself, or with the scheduler lock held while it sleeps.
unsafe impl Sync for M {}

// SAFETY: `schedlink` belongs to the list; Ms are never freed.
unsafe impl Linked for M {
    fn link(&self) -> &Cell<*const M> {
        &self.schedlink
    }
}

impl M {
    /// The P of this M; it must have one.
    #[inline(always)]
    pub fn pp(&self) -> &'static P {
        // SAFETY: Ps are never freed; Go code and its natives run with a P.
        unsafe { &*self.p.get() }
    }

    /// The running goroutine; there must be one.
    #[inline(always)]
    pub fn g(&self) -> &'static G {
        // SAFETY: called from natives only, which run on behalf of a goroutine.
        unsafe { &*self.curg.get() }
    }

    /// The running goroutine leaves this thread: it parks, yields or ends.
    #[inline(always)]
    pub fn drop_g(&self) -> &'static G {
        let g = self.g();
        g.m.set(core::ptr::null());
        self.curg.set(core::ptr::null());
        g
    }

    /// A new M whose memory is zeroed except for what constants need.
    pub const fn new() -> M {
        M {
            self_ptr: Cell::new(core::ptr::null()),
            abi0_g: Cell::new(core::ptr::null()),
            g0_sp: Cell::new(0),
            curg: Cell::new(core::ptr::null()),
            p: Cell::new(core::ptr::null()),
            nextp: Cell::new(core::ptr::null()),
            oldp: Cell::new(core::ptr::null()),
            id: Cell::new(0),
            spinning: Cell::new(false),
            locks: Cell::new(0),
            note: Note::new(),
            schedlink: Cell::new(core::ptr::null()),
            alllink: Cell::new(core::ptr::null()),
            lockedg: Cell::new(core::ptr::null()),
            tid: AtomicU32::new(0),
            idle: AtomicBool::new(false),
            is_sysmon: Cell::new(false),
            sysfn: Cell::new(None),
            stack_lo: Cell::new(0),
            stack_size: Cell::new(0),
            faults: Cell::new(0),
            rand: Cell::new(0),
            print_depth: Cell::new(0),
            fork_mask: Cell::new(0),
            all_threads: AtomicU32::new(0),
            held: Held::new(),
        }
    }
}
