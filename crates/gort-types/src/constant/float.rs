//! Floats with 512 bits of mantissa and a wide exponent, and exact rounding to Go's float types.

use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// `mant × 2^exp`, the mantissa odd or zero and below 2^512 in size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BigFloat {
    mant: BigInt,
    exp: i64,
}

const PREC: u64 = 512;
const EXP_LIMIT: i64 = 1 << 31;

/// Divide by 2^n, rounding to nearest, ties to even.
fn shr_round(x: &BigUint, n: u64) -> BigUint {
    if n == 0 {
        return x.clone();
    }
    let mut q = x >> n;
    let half = x.bit(n - 1);
    let sticky = x.trailing_zeros().is_some_and(|t| t < n - 1);
    if half && (sticky || q.bit(0)) {
        q += 1u32;
    }
    q
}

impl BigFloat {
    /// Round `mant × 2^exp` to `prec` bits.
    fn rounded(mant: BigInt, exp: i64, prec: u64) -> BigFloat {
        let (sign, mut m) = mant.into_parts();
        let mut exp = exp;
        let bits = m.bits();
        if bits > prec {
            m = shr_round(&m, bits - prec);
            exp += (bits - prec) as i64;
        }
        match m.trailing_zeros() {
            None => exp = 0,
            Some(0) => {}
            Some(z) => {
                m >>= z;
                exp += z as i64;
            }
        }
        BigFloat {
            mant: BigInt::from_biguint(sign, m),
            exp,
        }
    }

    fn new(mant: BigInt, exp: i64) -> BigFloat {
        BigFloat::rounded(mant, exp, PREC)
    }
    /// From an integer.
    pub fn from_int(x: &BigInt) -> BigFloat {
        BigFloat::new(x.clone(), 0)
    }
    /// From a fraction.
    pub fn from_rat(x: &BigRational) -> BigFloat {
        BigFloat::from_int(x.numer()).div(&BigFloat::from_int(x.denom()))
    }
    /// mantissa × base^exp for base 10 or 2.
    pub(crate) fn from_parts(mant: &BigInt, base: u32, exp: i64) -> BigFloat {
        if base == 2 {
            return BigFloat::new(mant.clone(), exp);
        }
        const WIDE: u64 = PREC + 128;
        let mut pow = BigFloat {
            mant: BigInt::one(),
            exp: 0,
        };
        let mut sq = BigFloat::rounded(10.into(), 0, WIDE);
        let mut n = exp.unsigned_abs();
        while n > 0 {
            if n & 1 == 1 {
                pow = BigFloat::rounded(&pow.mant * &sq.mant, pow.exp + sq.exp, WIDE);
            }
            sq = BigFloat::rounded(&sq.mant * &sq.mant, sq.exp.saturating_mul(2), WIDE);
            n >>= 1;
            if sq.exp.abs() > EXP_LIMIT * 4 {
                break;
            }
        }
        let m = BigFloat::rounded(mant.clone(), 0, WIDE);
        if exp >= 0 {
            BigFloat::new(m.mant * pow.mant, m.exp + pow.exp)
        } else {
            m.div(&pow)
        }
    }

    /// Whether it is 0 (or too small to tell).
    pub fn is_zero(&self) -> bool {
        self.mant.is_zero() || self.top() < -EXP_LIMIT
    }
    /// Whether the exponent is out of range.
    pub fn is_inf(&self) -> bool {
        self.top() > EXP_LIMIT
    }
    /// Exponent of the value as a number in [0.5, 1).
    pub(crate) fn top(&self) -> i64 {
        self.exp + self.mant.bits() as i64
    }
    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        match self.mant.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }
    pub(crate) fn neg(&self) -> BigFloat {
        BigFloat {
            mant: -&self.mant,
            exp: self.exp,
        }
    }
    pub(crate) fn add(&self, o: &BigFloat) -> BigFloat {
        if self.mant.is_zero() {
            return o.clone();
        }
        if o.mant.is_zero() {
            return self.clone();
        }
        let (hi, lo) = if self.exp >= o.exp {
            (self, o)
        } else {
            (o, self)
        };
        // Far apart: the small one only matters for rounding, which cannot change an exact tie here.
        if hi.top() - lo.top() > 2 * PREC as i64 + 8 {
            return hi.clone();
        }
        if lo.top() - hi.top() > 2 * PREC as i64 + 8 {
            return lo.clone();
        }
        let shift = (hi.exp - lo.exp) as u64;
        BigFloat::new((&hi.mant << shift) + &lo.mant, lo.exp)
    }
    pub(crate) fn sub(&self, o: &BigFloat) -> BigFloat {
        self.add(&o.neg())
    }
    pub(crate) fn mul(&self, o: &BigFloat) -> BigFloat {
        BigFloat::new(&self.mant * &o.mant, self.exp + o.exp)
    }
    pub(crate) fn div(&self, o: &BigFloat) -> BigFloat {
        if o.mant.is_zero() {
            return BigFloat {
                mant: BigInt::one(),
                exp: EXP_LIMIT * 2,
            };
        }
        let shift = (PREC + 2 + o.mant.bits()).saturating_sub(self.mant.bits());
        let num = &self.mant << shift;
        let mut q = &num / &o.mant;
        let exact = (&q * &o.mant) == num;
        // One sticky bit below the quotient keeps rounding exact.
        q <<= 1;
        if !exact {
            q += if q.is_negative() { -1 } else { 1 };
            if q.is_zero() {
                q = BigInt::one();
            }
        }
        BigFloat::new(q, self.exp - o.exp - shift as i64 - 1)
    }
    pub(crate) fn cmp(&self, o: &BigFloat) -> std::cmp::Ordering {
        self.sub(o).sign().cmp(&0)
    }
    /// The value if it is an integer of sane size.
    pub(crate) fn to_integer(&self) -> Option<BigInt> {
        if self.exp >= 0 {
            return (self.exp < 1 << 16).then(|| &self.mant << self.exp as u64);
        }
        // The mantissa is odd. Values within a few units of rounding error count as integers.
        let slack = BigFloat::rounded(self.mant.clone(), self.exp, PREC - 4);
        (slack.exp >= 0 && slack.exp < 1 << 16).then(|| &slack.mant << slack.exp as u64)
    }
    /// The nearest float64.
    pub fn to_f64(&self) -> f64 {
        let s = f64::from(self.sign());
        match self.top() {
            t if t > 1100 => s * f64::INFINITY,
            t if t < -1200 => 0.0,
            _ => {
                let (n, d) = self.ratio();
                rat_to_f64(&n, &d)
            }
        }
    }
    /// The nearest float32.
    pub fn to_f32(&self) -> f32 {
        let s = self.sign() as f32;
        match self.top() {
            t if t > 200 => s * f32::INFINITY,
            t if t < -200 => 0.0,
            _ => {
                let (n, d) = self.ratio();
                rat_to_f32(&n, &d)
            }
        }
    }
    fn ratio(&self) -> (BigInt, BigInt) {
        if self.exp >= 0 {
            (&self.mant << self.exp as u64, BigInt::one())
        } else {
            (self.mant.clone(), BigInt::one() << self.exp.unsigned_abs())
        }
    }
    /// Decimal mantissa in [1, 10) and exponent, for messages.
    pub(crate) fn decimal(&self) -> (f64, i64) {
        let log = (self.top() - 53) as f64 * std::f64::consts::LOG10_2;
        let m = shr_round(self.mant.magnitude(), self.mant.bits().saturating_sub(53));
        let shift = 53u64.saturating_sub(self.mant.bits());
        let m = (m << shift).to_f64().unwrap_or(0.0);
        let total = m.log10() + log;
        let e = total.floor();
        (f64::from(self.sign()) * 10f64.powf(total - e), e as i64)
    }
}

/// The float with `bits` of mantissa nearest to num/den, as (mantissa, exponent); `min_exp` is the
/// exponent of the smallest denormal.
fn round_rat(num: &BigUint, den: &BigUint, bits: i64, min_exp: i64) -> (u64, i64) {
    // Scale so that the quotient has at least bits+2 bits.
    let mut shift = bits + 2 - (num.bits() as i64 - den.bits() as i64);
    // Do not produce bits below the smallest denormal, other than for rounding.
    shift = shift.min(-min_exp + 2);
    let (n, d) = if shift >= 0 {
        (num << shift as u64, den.clone())
    } else {
        (num.clone(), den << shift.unsigned_abs())
    };
    let q = &n / &d;
    let sticky = &q * &d != n;
    let q = (q << 1u32) + u32::from(sticky);
    let mut exp = -shift - 1;
    let drop = (q.bits() as i64 - bits).max(min_exp - exp).max(0);
    let m = shr_round(&q, drop as u64);
    exp += drop;
    (m.to_u64().unwrap_or(0), exp)
}

pub(super) fn rat_to_f64(num: &BigInt, den: &BigInt) -> f64 {
    let (m, exp) = round_rat(num.magnitude(), den.magnitude(), 53, -1074);
    let sign = if num.is_negative() { -1.0 } else { 1.0 };
    if m == 0 {
        return 0.0;
    }
    if 64 - i64::from(m.leading_zeros()) + exp > 1024 {
        return sign * f64::INFINITY;
    }
    // Exact: m has at most 53 bits and exp is at least -1074; two steps keep the factors in range.
    let e1 = exp / 2;
    sign * m as f64 * 2f64.powi(e1 as i32) * 2f64.powi((exp - e1) as i32)
}

pub(super) fn rat_to_f32(num: &BigInt, den: &BigInt) -> f32 {
    let (m, exp) = round_rat(num.magnitude(), den.magnitude(), 24, -149);
    let sign = if num.is_negative() { -1.0 } else { 1.0 };
    if m == 0 {
        return 0.0;
    }
    if 64 - i64::from(m.leading_zeros()) + exp > 128 {
        return sign * f32::INFINITY;
    }
    (f64::from(sign) * m as f64 * 2f64.powi(exp as i32)) as f32
}
