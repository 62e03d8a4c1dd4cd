//! What the runtime does about signals: faults become Go panics, SIGURG preempts, some end the process
//! with a dump of all goroutines. The handler runs on the signal stack of the thread.

use super::{allthreads, preempt};
use crate::arch::{getm, in_direct_native, in_syscall6, sigreturn_trampoline, sigtramp};
use crate::gmp::{G, M, Status, stack};
use crate::lang::throw;
use crate::os;
use crate::os::signal::{self, Action, Context, action, name, set_handler};
use crate::symtab::{functab, traceback, unwind::Interrupted};
use crate::text::err;
use gort_abi::{FUNC_ASSEMBLY, FUNC_FRAMELESS};

unsafe extern "C" {
    #[link_name = "runtime.sigpanic"]
    fn go_sigpanic();
}

/// Installs the handlers. Signals whose action is the kernel's keep it.
pub fn initsig() {
    let handler = sigtramp as *const () as usize;
    let restorer = sigreturn_trampoline as *const () as usize;
    super::sigqueue::init();
    for sig in 1..=64 {
        if action(sig) != Action::Default {
            set_handler(sig, handler, restorer);
        }
    }
}

/// All signals, on the signal stack of the thread.
#[unsafe(no_mangle)]
unsafe extern "C" fn sighandler(sig: usize, info: *const i32, ctx: &mut Context) {
    if sig == allthreads::SIGNAL && allthreads::on_signal(getm()) {
        return;
    }
    // SAFETY: siginfo: signo, errno, code, then the address.
    let (code, addr) = unsafe { (*info.add(2), *(info.add(4) as *const usize)) };
    // A fault of the program itself is a panic whoever listens; anything sent goes to the listener first.
    let fault = action(sig) == Action::Panic && code > 0;
    if !fault && super::sigqueue::deliver(sig) && action(sig) != Action::Preempt {
        return;
    }
    match action(sig) {
        // SAFETY: the interrupted context.
        Action::Preempt => unsafe { preempt::signal(ctx) },
        Action::Panic => {
            let m = getm();
            // SAFETY: curg is alive, and runs here.
            let g = unsafe { m.curg.get().as_ref() };
            if let Some(g) = g {
                // SAFETY: as above.
                unsafe { preempt::take_back_yield(g, ctx) };
            }
            match g {
                Some(g) if code > 0 && raise_in(g, ctx) => {
                    g.fault.sig.set(sig);
                    g.fault.code.set(code as usize);
                    g.fault.addr.set(addr);
                }
                _ => fatal_signal(m, sig, code, addr, ctx),
            }
        }
        Action::Throw => fatal_signal(getm(), sig, code, addr, ctx),
        // It came while somebody still listened, and nobody does any more: now it does what it would have done a moment later.
        Action::Default if signal::ends(sig) && !super::sigqueue::is_ignored(sig) => {
            signal::raise_default(sig);
        }
        Action::Default | Action::Ignore => {}
    }
}

/// Makes the interrupted Go code continue in `sigpanic`, as if the faulting instruction had called it.
fn raise_in(g: &G, ctx: &mut Context) -> bool {
    if !is_go(g, ctx) {
        return false;
    }
    ctx.set_r15(core::ptr::from_ref(g) as usize);
    let pc = ctx.rip();
    g.fault.pc.set(pc);
    if let Some(f) = functab::find(pc) {
        if f.flags & FUNC_FRAMELESS != 0 {
            push(ctx, ctx.rbp());
            ctx.set_rbp(ctx.rsp());
        }
        push(ctx, pc);
    } else if !in_direct_native(pc) {
        // Direct natives have no frame: the return address of their Go caller is on top already.
        return false;
    }
    ctx.set_rip(go_sigpanic as *const () as usize);
    true
}

/// Put a word on the interrupted goroutine's stack.
fn push(ctx: &mut Context, word: usize) {
    let sp = ctx.rsp() - 8;
    // SAFETY: below the goroutine's stack pointer there is always room (STACK_RED).
    unsafe { *(sp as *mut usize) = word };
    ctx.set_rsp(sp);
}

/// Whether the signal has interrupted `g` in code that runs on its own stack: compiled code and its natives, which have `g`
/// in r15, or assembly, which may have something else there.
fn is_go(g: &G, ctx: &Context) -> bool {
    let assembly = || functab::find(ctx.rip()).is_some_and(|f| f.flags & FUNC_ASSEMBLY != 0);
    (ctx.r15() == core::ptr::from_ref(g) as usize || assembly())
        && !stack::segment_of(g, ctx.rsp()).is_null()
}

/// A signal that ends the process: SIGQUIT and its like, a fault in the runtime itself, or a fault
/// signal sent from outside.
fn fatal_signal(m: &M, sig: usize, code: i32, addr: usize, ctx: &Context) -> ! {
    m.faults.set(m.faults.get() + 1);
    if m.faults.get() > 2 {
        os::exit(5);
    }
    crate::gmp::SCHED
        .panicking
        .fetch_add(1, crate::sync::Ordering::SeqCst);
    let mut b = err();
    b.s(name(sig)).s("\nPC=").hex(ctx.rip());
    b.s(" m=").u(u64::from(m.id.get())).s(" sigcode=");
    b.i(i64::from(code));
    if action(sig) == Action::Panic && code > 0 {
        b.s(" addr=").hex(addr);
    }
    b.s("\n").flush();
    if crate::debug::trace_level() > 0 {
        super::world::freeze();
        // SAFETY: curg is alive.
        let g = unsafe { m.curg.get().as_ref() }
            .filter(|g| matches!(g.status(), Status::Running | Status::Syscall));
        match g {
            Some(g) => {
                // SAFETY: it runs on this thread.
                unsafe { preempt::take_back_yield(g, ctx) };
                let at = interrupted(g, ctx);
                if at.is_some() {
                    // What a native would have saved: the trace starts at the interrupted instruction.
                    g.sched.bp.set(ctx.rbp());
                }
                traceback::print_interrupted(g, at);
            }
            None => traceback::print_idle(m),
        }
        traceback::print_others(g, 2);
        b.s("\n");
        for (name, v) in ctx.registers() {
            b.s(name).hex(v).s("\n");
        }
        b.flush();
    }
    throw::die()
}

/// Where the signal has interrupted `g`, if that is on the goroutine's own stack with a frame pointer of Go code.
fn interrupted(g: &G, ctx: &Context) -> Option<Interrupted> {
    let pc = ctx.rip();
    if !is_go(g, ctx) {
        return None;
    }
    let frameless = match functab::find(pc) {
        Some(f) => f.flags & FUNC_FRAMELESS != 0,
        None => in_direct_native(pc) || in_syscall6(pc),
    };
    if !frameless && functab::find(pc).is_some() {
        return Some(Interrupted { pc, caller: 0 });
    }
    frameless.then(|| Interrupted {
        pc,
        // SAFETY: the top of the goroutine's stack, which these functions leave as the call has made it.
        caller: unsafe { *(ctx.rsp() as *const usize) },
    })
}
