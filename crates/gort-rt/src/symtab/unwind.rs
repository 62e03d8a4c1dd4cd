//! Walking a goroutine's frames: the chain of frame pointers, across stack segments.
//!
//! A return address equal to `lessstack` stands for the one saved in the segment's header; passing it
//! means going down to the previous segment. The walk ends below the goroutine's first function, with the frame that
//! official Go names there: `runtime.goexit`. Nobody called it; it is an address in the overlay's function of that name.
//!
//! Only a stack that stands still can be walked: the own one, or that of a goroutine that does not run while the
//! world is stopped. A fatal error stops the world as well as it can (`sched/world.rs`, `freeze`); for its sake the walk
//! ends as soon as a frame pointer leaves its segment or does not move up.

use super::functab;
use crate::arch::{getm, gostart_ret, resume_async, stack::lessstack};
use crate::gmp::{G, Seg};

unsafe extern "C" {
    #[link_name = "runtime.goexit"]
    fn go_goexit();
}

/// One frame.
#[derive(Clone, Copy)]
pub struct Frame {
    /// Return address into the function, or the pc itself if `exact`.
    pub pc: usize,
    /// Its frame pointer.
    pub fp: usize,
    /// The segment it lies in.
    pub seg: *mut Seg,
    /// `pc` is the instruction itself: the goroutine was interrupted, or faulted there.
    pub exact: bool,
}

impl Frame {
    /// An address inside the current instruction.
    pub fn lookup_pc(&self) -> usize {
        if self.exact { self.pc } else { self.pc - 1 }
    }
}

/// Where a signal has interrupted a goroutine.
#[derive(Clone, Copy)]
pub struct Interrupted {
    /// The instruction.
    pub pc: usize,
    /// Return address into Go code, if `pc` is in a native without a frame of its own; else 0.
    pub caller: usize,
}

/// The frames of a goroutine, innermost first.
pub struct Frames {
    bp: usize,
    seg: *mut Seg,
    first: Option<Frame>,
    second: Option<Frame>,
    after_sigpanic: bool,
}

impl Frames {
    /// The frames below the native that the running or parked goroutine is in, or those from `at` on,
    /// where a signal has interrupted it (then `g.sched.bp` is its rbp).
    pub fn from_native(g: &G, at: Option<Interrupted>) -> Frames {
        let seg = g.stack.seg.get();
        let bp = g.sched.bp.get();
        let frame = |pc, exact| Frame {
            pc,
            fp: bp,
            seg,
            exact,
        };
        let mut first = at.map(|at| frame(at.pc, true));
        let second = at.filter(|at| at.caller != 0);
        let second = second.map(|at| frame(at.caller, false));
        if first.is_none()
            && g.sched.pc.get() == resume_async as *const () as usize
            && !g.async_save.get().is_null()
        {
            // SAFETY: it goes on in `resume_async`.
            first = Some(frame(unsafe { g.interrupted_pc() }, true));
        }
        Frames {
            bp,
            seg,
            first,
            second,
            after_sigpanic: false,
        }
    }
}

impl Iterator for Frames {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        if let Some(f) = self.first.take().or_else(|| self.second.take()) {
            return Some(f);
        }
        // Assembly that calls Go code (reflect's) has frames, but no name.
        loop {
            let f = self.step()?;
            if functab::find(f.lookup_pc()).is_some() {
                return Some(f);
            }
        }
    }
}

impl Frames {
    /// The frame with frame pointer `fp`, without a look at what lies above it.
    pub fn with_fp(mut self, fp: usize) -> Option<Frame> {
        loop {
            let f = self.up()?;
            if f.fp == fp {
                return Some(f);
            }
        }
    }

    fn step(&mut self) -> Option<Frame> {
        let mut f = self.up()?;
        f.exact = self.after_sigpanic;
        self.after_sigpanic = self.bp != 0
            && functab::find(f.lookup_pc())
                .is_some_and(|i| functab::name(i) == b"runtime.sigpanic");
        Some(f)
    }

    /// The caller's frame, as if it had not faulted.
    fn up(&mut self) -> Option<Frame> {
        // SAFETY: segments of a G are valid while it does not run.
        let inside = |seg: *mut Seg, bp: usize| unsafe {
            bp.is_multiple_of(8) && (*seg).contains(bp) && (*seg).contains(bp + 8)
        };
        if self.bp == 0 || self.seg.is_null() || !inside(self.seg, self.bp) {
            return None;
        }
        // SAFETY: bp is a frame pointer of the goroutine: [bp] = caller's, [bp + 8] = return address.
        unsafe {
            let mut pc = *((self.bp + 8) as *const usize);
            if pc == lessstack as *const () as usize {
                pc = (*self.seg).ret;
                self.seg = (*self.seg).prev;
            }
            if pc == gostart_ret as *const () as usize {
                return Some(Frame {
                    pc: go_goexit as *const () as usize + 1,
                    fp: core::mem::take(&mut self.bp),
                    seg: self.seg,
                    exact: false,
                });
            }
            if pc == 0 {
                self.bp = 0;
                return None;
            }
            let f = Frame {
                pc,
                fp: *(self.bp as *const usize),
                seg: self.seg,
                exact: false,
            };
            let up = f.fp > self.bp || !(*self.seg).contains(self.bp);
            self.bp = if up { f.fp } else { 0 };
            Some(f)
        }
    }
}

/// runtime.Callers: frame 0 is the Go function that called this native. Inlined frames have pcs of their own.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_callers(skip: isize, pcs: *mut usize, n: usize) -> usize {
    let mut k = 0;
    let skip = skip.max(0) as usize;
    let mut seen = 0;
    let mut callee: &[u8] = b"";
    for f in Frames::from_native(getm().g(), None) {
        let pc = f.lookup_pc();
        for loc in functab::locations(pc) {
            // The message of panicwrap is about the wrapper.
            let hidden = loc.wrapper && callee != b"runtime.panicwrap";
            callee = loc.name;
            if hidden {
                continue;
            }
            seen += 1;
            if seen <= skip {
                continue;
            }
            if k == n {
                return k;
            }
            // SAFETY: the caller's buffer has n words.
            unsafe { *pcs.add(k) = loc.pc + 1 };
            k += 1;
        }
    }
    k
}
