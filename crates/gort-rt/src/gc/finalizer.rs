//! The natives of SetFinalizer and AddCleanup. Their checks of types, and their texts, are in the overlay
//! (`goroot/runtime/finalizer.go`, `cleanup.go`); here are those that need the heap.

use super::special;
use super::speciallist::Kind;
use crate::mem::heap::{self, Object};
use crate::sync::{AtomicBool, AtomicU64, Ordering};
use core::ops::Range;

unsafe extern "C" {
    static __start_data: [u8; 0];
    static __stop_data: [u8; 0];
    static __start_bss: [u8; 0];
    static __stop_bss: [u8; 0];
}

/// Where package variables lie, and what they were initialised with when the program was linked: those that are not
/// zero at first, and the others.
pub fn variables() -> [Range<usize>; 2] {
    [
        &raw const __start_data as usize..&raw const __stop_data as usize,
        &raw const __start_bss as usize..&raw const __stop_bss as usize,
    ]
}

/// Whether `addr` lies in such memory. It is never freed.
pub fn is_variable(addr: usize) -> bool {
    variables().iter().any(|r| r.contains(&addr))
}

#[unsafe(no_mangle)]
extern "C" fn rt_isvariable(addr: usize) -> bool {
    is_variable(addr)
}

/// True the first time: then the caller starts the goroutine of finalizers.
#[unsafe(no_mangle)]
extern "C" fn rt_finstart() -> bool {
    static STARTED: AtomicBool = AtomicBool::new(false);
    !STARTED.swap(true, Ordering::AcqRel)
}

/// Gives the object at `addr` a finalizer: a func value, its type, the type of the pointer. False if it has one.
#[unsafe(no_mangle)]
extern "C" fn rt_setfinalizer(addr: usize, f: usize, ft: usize, pointer: usize) -> bool {
    let Some(span) = heap::span_of(addr) else {
        return false;
    };
    let s = special::new(span, addr, Kind::Finalizer, [f, ft, pointer]);
    let added = special::with(span, |l| l.add(s, false));
    if !added {
        special::free(s);
    }
    added
}

#[unsafe(no_mangle)]
extern "C" fn rt_removefinalizer(addr: usize) {
    special::remove(addr, Kind::Finalizer, |_| true);
}

/// What [`rt_addcleanup`] says instead of a number; the overlay's constants.
const NOT_ALLOCATED: isize = -1;
const ARGUMENT_INSIDE: isize = -2;
const CLOSED_OVER: isize = -3;

/// Gives the object at `addr` a cleanup: `call`, a `func()`. The number of the cleanup; 0 if the object is never freed;
/// below 0 if it would never be, for it is reachable from the program's function `f`, or from its argument, a pointer
/// (0 if it is none).
///
/// # Safety
/// `f` is a func value.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_addcleanup(addr: usize, call: usize, f: usize, argument: usize) -> isize {
    let (Some(span), Some(object)) = (heap::span_of(addr), heap::object_of(addr)) else {
        return if is_variable(addr) { 0 } else { NOT_ALLOCATED };
    };
    let inside = |p: usize| p >= object.base && p - object.base < object.size;
    // Two objects may share a tiny block.
    if argument != 0 && inside(argument) && !heap::is_tiny(span) {
        return ARGUMENT_INSIDE;
    }
    // SAFETY: the object of the caller's func value.
    if heap::object_of(f).is_some_and(|closure| unsafe { any_pointer(&closure, inside) }) {
        return CLOSED_OVER;
    }
    // 0 is for no cleanup.
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed) as usize;
    let s = special::new(span, addr, Kind::Cleanup, [call, number, 0]);
    let added = special::with(span, |l| l.add(s, true));
    debug_assert!(added);
    number as isize
}

/// Whether a pointer in an object satisfies `want`.
///
/// # Safety
/// The object is in use.
unsafe fn any_pointer(o: &Object, want: impl Fn(usize) -> bool) -> bool {
    let mut any = false;
    // SAFETY: the object is in use.
    unsafe { o.pointers(|at| any |= want(*(at as *const usize))) };
    any
}

/// Takes the cleanup of that number from the object that was at `addr`, if it is still there.
#[unsafe(no_mangle)]
extern "C" fn rt_stopcleanup(addr: usize, number: usize) {
    special::remove(addr, Kind::Cleanup, |s| s.words[1].get() == number);
}
