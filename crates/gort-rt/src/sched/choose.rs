//! Every free choice of the scheduler: which victim, which ready select case, where to start.
//!
//! In production the choices are random, from a generator in the M. All go through [`choose`], so that
//! one place can seed, record or replay them; the kind says what is being chosen.
//!
//! With GORT_SEED=n in the environment there is one generator for the process, which starts from n. With
//! GOMAXPROCS=1 a program that does not look at clocks and whose goroutines never run for 10 ms without
//! yielding (sysmon would preempt them, which depends on time) then runs the same way every time. With
//! more Ps the sequence of numbers is the same, but which thread draws one is up to the system.

#[cfg(not(any(test, loom)))]
use crate::see::event::{Event, event};
#[cfg(not(any(test, loom)))]
use crate::sync::{AtomicU64, Ordering};

/// What is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// P to start stealing from.
    Victim,
    /// Step over the Ps, an index into the coprimes of their number.
    VictimStep,
    /// Order of polling the cases of a select.
    SelectOrder,
    /// Rank of a timer of a bubble among those of the same time.
    TimerOrder,
    /// Height of a semaphore's address in the tree of sleepers.
    SemaTicket,
}

/// One step of a xorshift* generator.
pub fn step(state: u64) -> (u64, u32) {
    let mut x = state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    (x, (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32)
}

/// State of the process's generator, 0 = each M has its own.
#[cfg(not(any(test, loom)))]
static SEEDED: AtomicU64 = AtomicU64::new(0);

/// Makes all choices follow from `seed`.
#[cfg(not(any(test, loom)))]
pub fn set_seed(seed: u64) {
    SEEDED.store(
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        Ordering::Relaxed,
    );
}

/// Chooses a number below `n`.
#[cfg(not(any(test, loom)))]
#[inline]
pub fn choose(what: Choice, n: u32) -> u32 {
    if SEEDED.load(Ordering::Relaxed) != 0 {
        return seeded(what, n);
    }
    let m = crate::arch::getm();
    let (state, r) = step(m.rand.get());
    m.rand.set(state);
    ((u64::from(r) * u64::from(n)) >> 32) as u32
}

#[cfg(not(any(test, loom)))]
#[cold]
fn seeded(what: Choice, n: u32) -> u32 {
    let mut old = SEEDED.load(Ordering::Relaxed);
    loop {
        let (new, r) = step(old);
        match SEEDED.compare_exchange_weak(old, new, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                let chosen = ((u64::from(r) * u64::from(n)) >> 32) as u32;
                event(Event::Choice, what as u64, u64::from(chosen));
                return chosen;
            }
            Err(now) => old = now,
        }
    }
}

/// Greatest common divisor.
pub fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(all(test, not(loom)))]
mod tests {
    #[test]
    fn spreads() {
        let (mut s, mut seen) = (1u64, [0u32; 8]);
        for _ in 0..8000 {
            let (n, r) = super::step(s);
            s = n;
            seen[((u64::from(r) * 8) >> 32) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| n > 800 && n < 1200), "{seen:?}");
        assert_eq!(super::gcd(12, 18), 6);
    }
}

/// Random bits for Go code: hash seeds, map iteration, `math/rand`.
#[cfg(not(any(test, loom)))]
#[unsafe(no_mangle)]
extern "C" fn rt_fastrand() -> u64 {
    random()
}

/// 64 random bits.
#[cfg(not(any(test, loom)))]
pub fn random() -> u64 {
    let m = crate::arch::getm();
    let (state, high) = step(m.rand.get());
    let (state, low) = step(state);
    m.rand.set(state);
    u64::from(high) << 32 | u64::from(low)
}
