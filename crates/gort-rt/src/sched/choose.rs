//! Every free choice of the scheduler: which victim, which ready select case, where to start.
//!
//! In production the choices are random, from a generator in the M. All go through [`choose`], so that
//! one place can seed, record or replay them; the kind says what is being chosen.

/// What is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// P to start stealing from.
    Victim,
    /// Step over the Ps, an index into the coprimes of their number.
    VictimStep,
    /// Order of polling the cases of a select.
    SelectOrder,
}

/// One step of a xorshift* generator.
pub fn step(state: u64) -> (u64, u32) {
    let mut x = state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    (x, (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32)
}

/// Chooses a number below `n`.
#[cfg(not(any(test, loom)))]
#[inline]
pub fn choose(_what: Choice, n: u32) -> u32 {
    let m = crate::arch::getm();
    let (state, r) = step(m.rand.get());
    m.rand.set(state);
    ((u64::from(r) * u64::from(n)) >> 32) as u32
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
    let m = crate::arch::getm();
    let (state, high) = step(m.rand.get());
    let (state, low) = step(state);
    m.rand.set(state);
    u64::from(high) << 32 | u64::from(low)
}
