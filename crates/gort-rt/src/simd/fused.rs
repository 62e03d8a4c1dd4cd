//! The series of `math.Exp` with fused multiply-add, for processors that have it: official Go's bits need official Go's
//! operations. The rest of Exp is Go, in `goroot/math/gort.go`, which also has the series without fused operations.

use core::arch::x86_64::{_mm_cvtsd_f64, _mm_fmadd_sd, _mm_fnmadd_sd, _mm_set_sd};

/// e^(x - k ln 2), for k the integer nearest to x / ln 2.
///
/// # Safety
/// The processor has FMA: Go code asks `cpufeatures` first.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn rt_expfused(x: f64, k: f64) -> f64 {
    // SAFETY: by contract.
    unsafe { series(x, k) }
}

/// ln 2 in two parts, the first with 32 bits.
const LN2: [f64; 2] = [0.693_147_180_559_663, 2.823_529_056_303_157_7e-13];

/// 1/8! to 1/1!.
const TERMS: [f64; 8] = [
    1.0 / 40320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
    1.0,
];

#[target_feature(enable = "fma")]
fn series(x: f64, k: f64) -> f64 {
    let fma = |a: f64, b: f64, c: f64| {
        _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c)))
    };
    let minus = |c: f64, a: f64, b: f64| {
        _mm_cvtsd_f64(_mm_fnmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c)))
    };
    let r = minus(minus(x, k, LN2[0]), k, LN2[1]) * 0.0625;
    let mut y = TERMS[1..].iter().fold(TERMS[0], |s, &t| fma(s, r, t)) * r;
    for _ in 0..3 {
        y *= y + 2.0;
    }
    fma(y, y + 2.0, 1.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_value() {
        if std::arch::is_x86_feature_detected!("fma") {
            // SAFETY: asked.
            let e = unsafe { super::rt_expfused(1.0, 1.0) } * 2.0;
            assert!((e - std::f64::consts::E).abs() < 1e-15);
        }
    }
}
