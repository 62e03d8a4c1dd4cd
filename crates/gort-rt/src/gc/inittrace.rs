//! `GODEBUG=inittrace=1`: a line for each package when it has been initialised, in official Go's form: when that began, how long it took, and
//! what was allocated meanwhile.
//!
//! `init net/http @1.9 ms, 0.041 ms clock, 6312 bytes, 58 allocs`
//!
//! Only packages with something left to do have a line: variables whose values are known at build time lie in data, more of them
//! than official Go's linker knows. What goroutines allocate that earlier packages have started counts with the rest.

use super::stats;
use super::trace::Line;
use crate::debug::INITTRACE;
use crate::mem::malloc::{LARGE_BYTES, LARGE_N};
use crate::mem::sizeclass::CLASS_SIZE;
use crate::mem::stats::{allocated_of, tiny};
use crate::os;
use crate::symtab::functab;
use crate::sync::{AtomicU64, Ordering};

/// Time, objects and bytes when the package under way began. Packages are initialised one after the other.
static BEGAN: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

fn now() -> [u64; 3] {
    let small = || (1..CLASS_SIZE.len()).map(|c| (allocated_of(c), u64::from(CLASS_SIZE[c])));
    let objects = small().map(|(n, _)| n).sum::<u64>() + LARGE_N.load(Ordering::Relaxed) + tiny();
    let bytes =
        small().map(|(n, size)| n * size).sum::<u64>() + LARGE_BYTES.load(Ordering::Relaxed);
    [os::nanotime() as u64, objects, bytes]
}

/// A package's init functions are about to run; whether [`rt_initended`] is to be told when they have.
#[unsafe(no_mangle)]
extern "C" fn rt_initbegins() -> bool {
    let on = INITTRACE.load(Ordering::Relaxed) > 0;
    if on {
        BEGAN
            .iter()
            .zip(now())
            .for_each(|(to, n)| to.store(n, Ordering::Relaxed));
    }
    on
}

/// They have run; `pc` is the address of the first.
#[unsafe(no_mangle)]
extern "C" fn rt_initended(pc: usize) {
    let now = now();
    let began = [0, 1, 2].map(|i: usize| BEGAN[i].load(Ordering::Relaxed));
    let [took, objects, bytes] = [0, 1, 2].map(|i: usize| now[i].saturating_sub(began[i]));
    let name = functab::find(pc).map_or(&b"?"[..], functab::name);
    let mut l = Line::new();
    l.s("init ")
        .s(core::str::from_utf8(package(name)).unwrap_or("?"));
    l.s(" @")
        .ms(began[0].saturating_sub(stats::start_time() as u64));
    l.s(" ms, ").ms(took).s(" ms clock, ");
    l.decimal(bytes, 0).s(" bytes, ");
    l.decimal(objects, 0).s(" allocs\n");
    crate::text::to_stderr(l.bytes());
}

/// The path of the package that a function is of: up to the first dot behind the last slash.
fn package(name: &[u8]) -> &[u8] {
    let last = name.iter().rposition(|&c| c == b'/').map_or(0, |i| i + 1);
    let dot = name[last..].iter().position(|&c| c == b'.');
    &name[..dot.map_or(name.len(), |i| last + i)]
}
