//! The stack of a goroutine, frame by frame: what the stack maps say is needed, and word for word what has none.
//!
//! A callee-saved register that a frame's map names lies where a callee further in, or the native that parked, has saved it;
//! the walk carries those places along from the inside out. A frame without a map may need each of them.
//!
//! Slots whose address is computed are looked into if something leads to them: [`frameobjects`](super::frameobjects).
//!
//! Of a frame that has faulted only what its recovery block needs is, since it never goes on.
//!
//! Read word for word: frames of assembly, the frame in which a goroutine was interrupted, the one that is in a system call, what morestack copies, and all that is left once the chain of frame pointers makes no sense.

use super::frameobjects::Objects;
use super::sink::Sink;
use crate::arch::stack::{lessstack, resume_morestack};
use crate::arch::{gostart_ret, resume_async, resume_park};
use crate::gmp::{G, Seg, Status};
use crate::symtab::functab;
use gort_abi::FuncInfo;
use gort_abi::stackmap::{Live, REGISTERS, Table};

unsafe extern "C" {
    #[link_name = "runtime.sigpanic"]
    fn go_sigpanic();
}

/// What a native that parks pushes behind rbp: rbx r12 r13 r14.
const PUSHED: usize = 8 * REGISTERS;
/// What morestack pushes behind those: r11, the argument registers, xmm0-7.
const MORESTACK_PUSHED: usize = 7 * 8 + 128;

/// Where a frame stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// At the call that returns to where the record above says.
    AtCall,
    /// At an instruction that has faulted.
    Faulted,
    /// Somewhere.
    Unknown,
}

/// A walk through the stack of one goroutine.
pub struct Walk<'a, S: Sink> {
    g: &'a G,
    seg: *mut Seg,
    /// Where the values of the callee-saved registers lie; 0 for what has been read.
    registers: [usize; REGISTERS],
    objects: Objects<'a, S>,
}

impl<'a, S: Sink> Walk<'a, S> {
    /// A walk that has seen nothing yet.
    pub fn new(sink: &'a S, g: &'a G) -> Walk<'a, S> {
        Walk {
            g,
            seg: g.stack.seg.get(),
            registers: [0; REGISTERS],
            objects: Objects::new(sink, g),
        }
    }

    /// A word outside of the frames that is needed, and may lead into the heap, or into the stack itself.
    #[inline(always)]
    pub fn word(&mut self, word: usize) {
        self.objects.word(word, 0);
    }

    /// The same for a word that may be left over from earlier.
    #[inline(always)]
    pub fn anything(&mut self, word: usize) {
        self.objects.anything(word, 0);
    }

    /// Word for word.
    ///
    /// # Safety
    /// The memory can be read.
    pub unsafe fn read(&mut self, from: usize, to: usize) {
        // SAFETY: by contract.
        unsafe { self.objects.read(from, to) };
    }

    /// Looks through the frames of a goroutine that does not run, or is in a system call, and then into what of them is
    /// needed.
    ///
    /// # Safety
    /// It stays so.
    pub unsafe fn stopped(mut self) {
        let gobuf = &self.g.sched;
        let (sp, bp, pc) = (gobuf.sp.get(), gobuf.bp.get(), gobuf.pc.get());
        let is = |f: unsafe extern "C" fn()| pc == f as *const () as usize;
        let in_syscall = self.g.status() == Status::Syscall;
        // SAFETY: by contract the segments stand still from the stack pointer up.
        unsafe {
            if !self.inside(sp) || bp < sp || !self.inside(bp + 8) {
                self.rest(sp);
                return self.finish(sp);
            }
            let parked = !in_syscall
                && (is(resume_park) && sp + PUSHED == bp
                    || is(resume_morestack) && sp + PUSHED + MORESTACK_PUSHED == bp);
            if parked {
                self.registers = core::array::from_fn(|i| bp - 8 * (i + 1));
                self.read(sp, bp - PUSHED);
            } else {
                self.read(sp, bp);
            }
            // In code that moves its own frame the chain cannot be trusted; it has no map.
            let trusted = pc != resume_async as *const () as usize
                || functab::find(self.g.interrupted_pc()).is_some_and(|f| f.stackmap != 0);
            if trusted {
                let inner = if in_syscall {
                    Stands::Unknown
                } else {
                    Stands::AtCall
                };
                self.frames(bp, inner);
            } else {
                self.rest(bp);
            }
            self.finish(sp);
        }
    }

    /// The same for the goroutine that has called the native which runs. What the native holds, and the registers that
    /// it keeps, have been given to the walk.
    ///
    /// # Safety
    /// `g.sched.bp` is the frame pointer of the native's stub.
    pub unsafe fn caller(mut self) {
        let bp = self.g.sched.bp.get();
        // SAFETY: the stub's frame in the top segment, which does not change meanwhile. Stubs push at most the
        // registers that the callee keeps.
        unsafe {
            let sp = (bp - PUSHED).max((*self.seg).lo);
            self.read(sp, bp);
            self.frames(bp, Stands::AtCall);
            self.finish(sp);
        }
    }

    /// What leads into the frames.
    ///
    /// # Safety
    /// As for the walk; `sp` is where it began.
    unsafe fn finish(&mut self, sp: usize) {
        // SAFETY: by contract.
        unsafe {
            if !self.objects.trace() {
                self.seg = self.g.stack.seg.get();
                self.rest(sp);
            }
        }
    }

    /// Whether a word of the segment is there.
    ///
    /// # Safety
    /// As for the walk; so for the others.
    unsafe fn inside(&self, at: usize) -> bool {
        // SAFETY: the segments of a G are valid while it does not run.
        let seg = unsafe { self.seg.as_ref() };
        seg.is_some_and(|s| at.is_multiple_of(8) && at >= s.lo && at < s.top)
    }

    /// The rest of the stack word for word, from `sp` on.
    unsafe fn rest(&mut self, mut sp: usize) {
        // SAFETY: in each segment, what lies between the stack pointer and the top is in use.
        unsafe {
            self.read_all_registers();
            while let Some(s) = self.seg.as_ref() {
                // A goroutine that began on its second segment has none in the first.
                if sp >= s.lo && sp < s.top {
                    self.read(sp, s.top);
                }
                (sp, self.seg) = (s.caller_sp, s.prev);
            }
        }
    }

    /// The registers that a map names.
    unsafe fn read_registers(&mut self, live: &Live) {
        for i in 0..REGISTERS {
            let at = self.registers[i];
            if at != 0 && live.has(i) {
                self.registers[i] = 0;
                // SAFETY: a word of a frame further in, or of what a native has pushed.
                self.objects.word(unsafe { *(at as *const usize) }, at);
            }
        }
    }

    /// All that have not been read, for a frame that may need any.
    unsafe fn read_all_registers(&mut self) {
        for at in core::mem::take(&mut self.registers) {
            if at != 0 {
                // SAFETY: as above.
                self.objects.anything(unsafe { *(at as *const usize) }, at);
            }
        }
    }

    /// From the record at `bp`, caller's frame pointer and return address, up. `stands` is said of the caller.
    unsafe fn frames(&mut self, mut bp: usize, mut stands: Stands) {
        // SAFETY: each address is checked to lie in the segment before it is read.
        unsafe {
            loop {
                if !self.inside(bp) || !self.inside(bp + 8) {
                    return self.rest(bp);
                }
                let fp = *(bp as *const usize);
                let mut pc = *((bp + 8) as *const usize);
                let mut from = bp + 16;
                if pc == lessstack as *const () as usize {
                    let seg = &*self.seg;
                    self.read(from, seg.top);
                    (pc, from, self.seg) = (seg.ret, seg.caller_sp, seg.prev);
                }
                let ends = pc == gostart_ret as *const () as usize;
                if ends || fp < from || !self.inside(fp) {
                    return self.rest(from);
                }
                let f = functab::find(pc.wrapping_sub(1));
                match f.and_then(|f| map(f, pc, stands)) {
                    Some((f, table, live)) => self.by_map(f, table, live, from, fp),
                    None => {
                        self.read(from, fp);
                        self.read_all_registers();
                    }
                }
                let sigpanic = go_sigpanic as *const () as usize;
                stands = match f {
                    Some(f) if f.entry as usize == sigpanic => Stands::Faulted,
                    _ => Stands::AtCall,
                };
                bp = fp;
            }
        }
    }

    /// The frame of `f` below `fp`, as far as it lies above `from`.
    unsafe fn by_map(&mut self, f: &FuncInfo, table: Table, live: Live, from: usize, fp: usize) {
        let bottom = fp - f.frame_size as usize;
        // SAFETY: between `from` and `fp` lies the stack.
        unsafe {
            self.read_registers(&live);
            // Nothing lies there, unless the callee has been called otherwise than by compiled code.
            self.read(from, bottom);
            let mut at = bottom.max(from);
            while at < fp {
                if live.has(REGISTERS + (at - bottom) / 8) {
                    // Needed on some way from here, where it has been written before; on others it may be left over.
                    self.objects.anything(*(at as *const usize), at);
                }
                at += 8;
            }
        }
        self.objects.looked_through(fp - from);
        table.objects(|first, words| self.objects.add(bottom + first * 8, words));
        let saved = table.saved();
        let mut at = fp - (8 * saved.count_ones() as usize).next_multiple_of(16);
        for (i, place) in self.registers.iter_mut().enumerate() {
            if saved >> i & 1 != 0 {
                *place = at;
                at += 8;
            }
        }
    }
}

/// What of the frame of `f` is needed, which stands at `pc`.
fn map(
    f: &'static FuncInfo,
    pc: usize,
    stands: Stands,
) -> Option<(&'static FuncInfo, Table, Live)> {
    if f.stackmap == 0 || stands == Stands::Unknown {
        return None;
    }
    // SAFETY: made by the compiler.
    let table = unsafe { Table::new(f.stackmap as usize as *const u8) };
    let words = f.frame_size as usize / 8;
    let live = match stands {
        Stands::Faulted => table.recovery(words),
        _ => table.find(pc - f.entry as usize, words)?,
    };
    Some((f, table, live))
}
