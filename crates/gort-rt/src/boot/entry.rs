//! rt0_go: the first Rust code of the process. The steps and their order are gc's:
//! m0 and TLS, check, args, osinit, schedinit, newproc(runtime.main), mstart.

use super::schedinit;
use crate::arch::on_g0;
use crate::gmp::M;
use crate::gmp::SCHED;
use crate::gmp::stack;
use crate::os;
use crate::os::args;
use crate::sched::newproc::newproc1;
use crate::sched::runq::runqput;
use crate::sched::schedule::schedule;
use crate::sched::threads::minit;
use crate::sync::Ordering;
use core::cell::UnsafeCell;

static M0: M = M::new();

#[repr(C, align(16))]
struct SigStack(UnsafeCell<[u8; 32 << 10]>);
// SAFETY: only the kernel writes it, for m0's signal handlers.
unsafe impl Sync for SigStack {}
static M0_SIGSTACK: SigStack = SigStack(UnsafeCell::new([0; 32 << 10]));

/// Where goroutine 1 begins. Most programs do their work there, and a loop that calls across the end of a segment
/// pays for it with each call. What is not used costs no memory.
const MAIN_STACK_SIZE: usize = 64 << 10;

#[repr(C, align(4096))]
struct MainStack(UnsafeCell<[u8; MAIN_STACK_SIZE]>);
// SAFETY: goroutine 1 uses it, and when that has ended, who takes it from the pool of segments.
unsafe impl Sync for MainStack {}
static MAIN_STACK: MainStack = MainStack(UnsafeCell::new([0; MAIN_STACK_SIZE]));

unsafe extern "C" {
    #[link_name = "runtime.main"]
    fn runtime_main();
}

/// A closure object without variables: word 0 is the code.
struct Closure {
    _code: unsafe extern "C" fn(),
}
// SAFETY: a code address.
unsafe impl Sync for Closure {}
static MAIN: Closure = Closure {
    _code: runtime_main,
};

/// Entered with the kernel's stack: argc, argv, environment, auxiliary vector.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt0_go(sp: *const usize) -> ! {
    minit(&M0, 0);
    SCHED.mcount.set(1);
    crate::gmp::sched::ALLM.store((&raw const M0).cast_mut(), Ordering::Relaxed);
    // g0 is the process's stack below what the kernel has put there.
    M0.g0_sp.set((sp as usize & !63) - 64);
    os::settls(&raw const M0 as usize);
    check();
    args::args(sp);
    osinit();
    schedinit::schedinit();
    os::open_missing_std();
    let p = M0.pp();
    let g = newproc1(p, &raw const MAIN as usize, 0, 0);
    // SAFETY: it has not run, and nobody else has the memory.
    unsafe { stack::begin_in(g, MAIN_STACK.0.get() as usize, MAIN_STACK_SIZE) };
    runqput(p, g, true);
    SCHED.main_started.store(true, Ordering::Release);
    // SAFETY: nothing on this stack is needed any more.
    unsafe { on_g0(mstart0) }
}

/// Sizes and offsets are asserted at compile time; here what only the machine can tell.
fn check() {
    let one = 1.0f64;
    let zero = core::hint::black_box(0.0f64);
    let inf = one / zero;
    if inf <= f64::MAX || !(inf * zero).is_nan() {
        crate::lang::throw::throw("float arithmetic is broken");
    }
}

fn osinit() {
    let n = os::cpu::affinity_count();
    args::NCPU.store(n, Ordering::Relaxed);
}

unsafe extern "C" fn mstart0() -> ! {
    M0.tid.store(os::gettid(), Ordering::Relaxed);
    os::signal::minit(M0_SIGSTACK.0.get() as usize, 32 << 10);
    crate::sched::signal::initsig();
    schedule()
}
