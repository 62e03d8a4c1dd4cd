//! `debug.WriteHeapDump`: everything in the heap and what refers to it, in the format that official Go has written since 1.7
//! and its viewers read: after a line of text, records of a number and fields. Numbers are varints; text and memory are
//! a length and bytes. Records of objects and memory end in a list of the places of pointers.
//!
//! What is known conservatively only, frames and variables, has each word as a pointer. The world is stopped; nothing is
//! allocated.

use super::speciallist::{Kind, List, Special};
use super::{finalizer, finq};
use crate::arch::getm;
use crate::gmp::sched::ALLM;
use crate::gmp::{G, M, Status, slab};
use crate::mem::heap::{self, Object};
use crate::os;
use crate::os::args;
use crate::symtab::functab;
use crate::symtab::unwind::Frames;
use crate::sync::Ordering;
use core::ptr::from_ref;
use gort_abi::types::{Itab, TFLAG_EXTRA_STAR, TFLAG_UNCOMMON, Type, UncommonType, kind_size};

mod tag {
    pub const EOF: u64 = 0;
    pub const OBJECT: u64 = 1;
    pub const TYPE: u64 = 3;
    pub const GOROUTINE: u64 = 4;
    pub const FRAME: u64 = 5;
    pub const PARAMS: u64 = 6;
    pub const FINALIZER: u64 = 7;
    pub const ITAB: u64 = 8;
    pub const THREAD: u64 = 9;
    pub const MEM_STATS: u64 = 10;
    pub const QUEUED_FINALIZER: u64 = 11;
    pub const DATA: u64 = 12;
    pub const BSS: u64 = 13;
    pub const SAMPLE: u64 = 17;
}

/// A pointer among the fields, and the end of them.
const POINTER: u64 = 1;
const END: u64 = 0;

#[allow(improper_ctypes)]
unsafe extern "C" {
    static __start_types: [&'static Type; 0];
    static __stop_types: [&'static Type; 0];
    static __start_itabs: [&'static Itab; 0];
    static __stop_itabs: [&'static Itab; 0];
}

/// A buffer in front of the descriptor.
struct Out {
    fd: usize,
    buf: [u8; 4096],
    len: usize,
}

impl Out {
    fn bytes(&mut self, mut b: &[u8]) {
        while !b.is_empty() {
            if self.len == self.buf.len() {
                self.flush();
            }
            let n = b.len().min(self.buf.len() - self.len);
            self.buf[self.len..self.len + n].copy_from_slice(&b[..n]);
            self.len += n;
            b = &b[n..];
        }
    }

    fn flush(&mut self) {
        os::write_all(self.fd, &self.buf[..self.len]);
        self.len = 0;
    }

    fn n(&mut self, mut v: u64) -> &mut Out {
        let mut b = [0; 10];
        let mut n = 0;
        while v >= 0x80 {
            b[n] = v as u8 | 0x80;
            v >>= 7;
            n += 1;
        }
        b[n] = v as u8;
        self.bytes(&b[..=n]);
        self
    }

    fn addr(&mut self, a: usize) -> &mut Out {
        self.n(a as u64)
    }

    fn text(&mut self, b: &[u8]) -> &mut Out {
        self.n(b.len() as u64).bytes(b);
        self
    }

    /// Memory that is mapped and stands still.
    ///
    /// # Safety
    /// As it says.
    unsafe fn memory(&mut self, from: usize, to: usize) -> &mut Out {
        // SAFETY: the caller's.
        self.text(unsafe { core::slice::from_raw_parts(from as *const u8, to - from) })
    }

    /// Each word of so many bytes may be a pointer.
    fn all_words(&mut self, bytes: usize) {
        for at in (0..bytes).step_by(8) {
            self.n(POINTER).addr(at);
        }
        self.n(END);
    }
}

/// Writes the dump to `fd`. `stats` is a MemStats as far as its pauses; the number of cycles; the version.
///
/// # Safety
/// The world is stopped; the version is a string.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_writeheapdump(
    fd: usize,
    stats: &[u64; 24 + 256],
    cycles: u64,
    version: *const u8,
    len: usize,
) {
    let mut out = Out {
        fd,
        buf: [0; 4096],
        len: 0,
    };
    let out = &mut out;
    out.bytes(b"go1.7 heap dump\n");
    // SAFETY: the caller's string.
    params(out, unsafe { core::slice::from_raw_parts(version, len) });
    // SAFETY: the linker's tables; the world is stopped, as all of these want.
    unsafe {
        types(out);
        heap::each_object(|o| object(out, o));
        slab::each(|g| {
            goroutine(out, g);
            true
        });
        threads(out);
        variables(out);
    }
    specials(out);
    out.n(tag::MEM_STATS);
    for &v in stats {
        out.n(v);
    }
    out.n(cycles);
    out.n(tag::EOF);
    out.flush();
}

fn params(out: &mut Out, version: &[u8]) {
    let (from, to) = heap::bounds();
    out.n(tag::PARAMS).n(0).n(8).addr(from).addr(to);
    out.text(b"amd64").text(version);
    out.n(u64::from(args::NCPU.load(Ordering::Relaxed)));
}

/// # Safety
/// The linker's tables are.
unsafe fn types(out: &mut Out) {
    // SAFETY: tables of pointers to descriptors and itabs.
    unsafe {
        let (mut at, end) = (
            (&raw const __start_types).cast::<&Type>(),
            (&raw const __stop_types).cast::<&Type>(),
        );
        while at < end {
            let t = *at;
            out.n(tag::TYPE).addr(from_ref(t) as usize).addr(t.size);
            let (package, name) = names(t);
            if package.is_empty() {
                out.text(name);
            } else {
                out.n((package.len() + 1 + name.len()) as u64);
                out.bytes(package);
                out.bytes(b".");
                out.bytes(name);
            }
            const DIRECT: u8 = 1 << 5;
            out.n(u64::from(t.tflag & DIRECT == 0 || t.ptr_bytes != 0));
            at = at.add(1);
        }
        let (mut at, end) = (
            (&raw const __start_itabs).cast::<&Itab>(),
            (&raw const __stop_itabs).cast::<&Itab>(),
        );
        while at < end {
            let tab = *at;
            out.n(tag::ITAB)
                .addr(from_ref(tab) as usize)
                .addr(tab.typ as usize);
            at = at.add(1);
        }
    }
}

/// The path of a named type's package and the name; of others, nothing and the string.
///
/// # Safety
/// A descriptor of the program.
unsafe fn names(t: &Type) -> (&'static [u8], &'static [u8]) {
    // SAFETY: names of descriptors are encoded ones; an uncommon part follows if the flag says so.
    unsafe {
        let mut string = name_at(t.str_off);
        if t.tflag & TFLAG_EXTRA_STAR != 0 {
            string = &string[1..];
        }
        let uncommon = (from_ref(t) as usize + kind_size(t.kind)) as *const UncommonType;
        let package = match t.tflag & TFLAG_UNCOMMON {
            0 => &[][..],
            _ => name_at((*uncommon).pkg_path),
        };
        if package.is_empty() {
            return (package, string);
        }
        // What follows the last dot outside of type arguments.
        let mut depth = 0;
        let dot = string.iter().rposition(|&c| {
            depth += i32::from(c == b']') - i32::from(c == b'[');
            c == b'.' && depth == 0
        });
        (package, &string[dot.map_or(0, |i| i + 1)..])
    }
}

/// An encoded name: a byte of flags, the length as a varint, the bytes.
///
/// # Safety
/// The address of one, or 0.
pub unsafe fn name_at(addr: u32) -> &'static [u8] {
    if addr == 0 {
        return &[];
    }
    // SAFETY: the caller's.
    unsafe {
        let mut p = (addr as usize + 1) as *const u8;
        let (mut len, mut shift) = (0, 0);
        loop {
            len |= usize::from(*p & 0x7f) << shift;
            shift += 7;
            p = p.add(1);
            if *p.sub(1) & 0x80 == 0 {
                return core::slice::from_raw_parts(p, len);
            }
        }
    }
}

/// # Safety
/// An object of the heap.
unsafe fn object(out: &mut Out, o: &Object) {
    // SAFETY: the object's memory, and its type, which repeats if the object is larger.
    unsafe {
        out.n(tag::OBJECT).addr(o.base);
        out.memory(o.base, o.base + o.size);
        o.pointers(|at| {
            out.n(POINTER).addr(at - o.base);
        });
        out.n(END);
    }
}

/// # Safety
/// It does not run.
unsafe fn goroutine(out: &mut Out, g: &G) {
    let status = match g.status() {
        Status::Idle | Status::Dead => return,
        // Official Go's numbers.
        Status::Runnable => 1,
        Status::Running => 2,
        Status::Syscall => 3,
        Status::Waiting => 4,
    };
    out.n(tag::GOROUTINE).addr(from_ref(g) as usize);
    out.addr(g.sched.bp.get()).n(g.goid.get());
    out.addr(g.origin.site.get()).n(status);
    out.n(u64::from(!g.is_user())).n(0);
    out.n(g.park.since.get() as u64);
    out.text(g.park.on.get().text().as_bytes());
    out.n(0).addr(g.m.get() as usize);
    out.addr(g.defer.get()).addr(g.panic.get());
    if g.sched.bp.get() == 0 && !core::ptr::eq(getm().g(), g) {
        return; // it has not run yet
    }
    let mut child = 0;
    for (depth, f) in Frames::from_native(g, None).enumerate() {
        let Some(info) = functab::find(f.lookup_pc()) else {
            continue;
        };
        let low = f.fp - info.frame_size as usize;
        out.n(tag::FRAME).addr(low).addr(depth).addr(child);
        // SAFETY: a frame of a stack that stands still.
        unsafe { out.memory(low, f.fp) };
        out.addr(info.entry as usize).addr(f.pc).addr(f.pc);
        out.text(functab::name(info));
        out.all_words(f.fp - low);
        child = low;
    }
}

/// # Safety
/// Ms are never freed.
unsafe fn threads(out: &mut Out) {
    let mut at: *const M = ALLM.load(Ordering::Acquire);
    // SAFETY: the caller's.
    while let Some(m) = unsafe { at.as_ref() } {
        out.n(tag::THREAD).addr(at as usize);
        out.n(m.id.get().into());
        out.n(m.tid.load(Ordering::Relaxed).into());
        at = m.alllink.get();
    }
}

/// # Safety
/// Sections of the program are.
unsafe fn variables(out: &mut Out) {
    for (tag, range) in [tag::DATA, tag::BSS]
        .into_iter()
        .zip(finalizer::variables())
    {
        out.n(tag).addr(range.start);
        // SAFETY: the caller's.
        unsafe { out.memory(range.start, range.end) };
        out.all_words(range.len());
    }
}

/// Finalizers, those that are due, and the samples of the heap profile.
fn specials(out: &mut Out) {
    let finalizer = |out: &mut Out, tag: u64, addr: usize, s: &Special| {
        let [f, ft, pointer] = [0, 1, 2].map(|i| s.words[i].get());
        // SAFETY: a func value, or none.
        let code = unsafe { (f as *const usize).as_ref() }.map_or(0, |code| *code);
        out.n(tag).addr(addr).addr(f).addr(code);
        out.addr(ft).addr(pointer);
    };
    heap::each_span(|span| {
        for s in List(&span.specials).iter() {
            let addr = span.base.get() + s.offset.get();
            match s.kind.get() {
                Kind::Finalizer => finalizer(out, tag::FINALIZER, addr, s),
                Kind::Profile => {
                    out.n(tag::SAMPLE).addr(addr).addr(s.words[0].get());
                }
                _ => {}
            }
        }
    });
    finq::each(|s| finalizer(out, tag::QUEUED_FINALIZER, s.offset.get(), s));
}
