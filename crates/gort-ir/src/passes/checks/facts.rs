//! What is known at a place: ranges of values, and which values are below which others.
//!
//! A relation is `a + k <= b`, of the numbers as they are, not as they would wrap. Equal expressions are one value here
//! ([`Facts::canon`]), wherever they are computed: they are equal where both are.

use super::range::{Range, binary};
use super::{Edge, When};
use crate::entity::{Block, Value};
use crate::func::{Func, ValueDef};
use crate::inst::{BinaryOp, BoundsKind, ConvertOp, InstData, IntCc, UnaryOp};
use crate::types::Type;
use rustc_hash::FxHashMap;

/// How far definitions and relations are followed.
pub const DEPTH: u32 = 5;

/// `a + k <= b`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Below {
    pub a: Value,
    pub b: Value,
    pub k: i64,
}

/// What is known.
pub struct Facts<'f> {
    func: &'f Func,
    /// The value that stands for each.
    canon: Vec<Value>,
    /// Values that are lengths.
    length: Vec<bool>,
    /// Range of each, beside what its definition says.
    known: Vec<Range>,
    /// For each value what is at least that much above it.
    pub relations: FxHashMap<Value, Vec<(Value, i64)>>,
    /// What to take back, newest last.
    log: Vec<Undo>,
}

enum Undo {
    Range(Value, Range),
    Relation(Value),
}

impl<'f> Facts<'f> {
    /// Nothing but which values are the same, and which are lengths.
    pub fn of(func: &'f Func, order: &[Block], edges: &[Vec<Edge<'_>>]) -> Facts<'f> {
        let mut facts = Facts {
            func,
            canon: (0..func.values.len() as u32).map(Value).collect(),
            length: vec![false; func.values.len()],
            known: func.values.iter().map(|v| Range::of(v.ty)).collect(),
            relations: FxHashMap::default(),
            log: Vec::new(),
        };
        facts.number(order, edges);
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            if let InstData::BoundsCheck { kind, b, .. } = func.insts[inst.index()]
                && against_a_length(kind)
            {
                let b = facts.canon(b);
                if !is_of_nothing(func, b) {
                    facts.length[b.index()] = true;
                    facts.known[b.index()] = Range::LENGTH.and(facts.known[b.index()]);
                }
            }
        }
        facts
    }

    /// Find which values are the same.
    fn number(&mut self, order: &[Block], edges: &[Vec<Edge<'_>>]) {
        let func = self.func;
        let mut first: FxHashMap<(u32, i64, i64), Value> = FxHashMap::default();
        for &b in order {
            let block = &func.blocks[b.index()];
            if let [edge] = edges[b.index()][..]
                && b.0 != 0
                && func.recover_block != Some(b)
            {
                for (&param, &arg) in block.params.iter().zip(&edge.call.args) {
                    self.canon[param.index()] = self.canon(arg);
                }
            }
            for &inst in &block.insts {
                if let (Some(key), [result]) = (
                    self.key(&func.insts[inst.index()]),
                    &func.results[inst.index()][..],
                ) {
                    self.canon[result.index()] = *first.entry(key).or_insert(*result);
                }
            }
        }
    }

    /// What an instruction computes, if nothing but its operands decides that.
    fn key(&self, data: &InstData) -> Option<(u32, i64, i64)> {
        let v = |v: Value| i64::from(self.canon(v).0);
        let tag = |kind: u32, op: u32, ty: Type| kind << 16 | op << 8 | ty as u32;
        if let InstData::Iconst { ty, imm } = *data {
            return Some((tag(0, 0, ty), imm, 0));
        }
        if let InstData::Binary { op, a, b } = *data {
            return Some((tag(1, op as u32, self.func.ty(a)), v(a), v(b)));
        }
        if let InstData::Unary { op, a } = *data {
            return Some((tag(2, op as u32, self.func.ty(a)), v(a), 0));
        }
        if let InstData::Convert { op, ty, a } = *data {
            return Some((tag(3, op as u32, ty), v(a), self.func.ty(a) as i64));
        }
        if let InstData::Icmp { cc, a, b } = *data {
            return Some((tag(4, cc as u32, self.func.ty(a)), v(a), v(b)));
        }
        // Rare as parts of indices, or not decided by operands.
        None
    }

    /// The value that stands for a value.
    pub fn canon(&self, v: Value) -> Value {
        self.canon[self.func.resolve(v).index()]
    }

    pub fn definition(&self, v: Value) -> Option<&'f InstData> {
        match self.func.values[v.index()].def {
            ValueDef::Result(inst, 0) => Some(&self.func.insts[inst.index()]),
            _ => None,
        }
    }

    /// A place to which [`Facts::forget`] goes back.
    pub fn mark(&self) -> usize {
        self.log.len()
    }

    /// Forget what was learnt since.
    pub fn forget(&mut self, mark: usize) {
        for undo in self.log.drain(mark..).rev() {
            match undo {
                Undo::Range(v, range) => self.known[v.index()] = range,
                Undo::Relation(v) => {
                    self.relations.get_mut(&v).and_then(Vec::pop);
                }
            }
        }
    }

    /// The range of a value.
    pub fn range(&self, v: Value) -> Range {
        self.range_within(self.canon(v), DEPTH)
    }

    /// The same, following definitions so far.
    pub fn range_within(&self, v: Value, depth: u32) -> Range {
        let known = self.known[v.index()];
        let Some(data) = self.definition(v).filter(|_| depth > 0) else {
            return known;
        };
        let of = |v: Value| self.range_within(self.canon(v), depth - 1);
        let ty = self.func.ty(v);
        let computed = if let InstData::Iconst { imm, .. } = *data {
            Range::one(imm)
        } else if let InstData::Binary { op, a, b } = *data {
            match op {
                // A copy is a number that became a length.
                BinaryOp::And | BinaryOp::Or if self.canon(a) == self.canon(b) => of(a),
                BinaryOp::Isub if depth + 1 >= DEPTH => match self.difference(a, b) {
                    Some(n) => Range::one(n),
                    None => binary(op, ty, of(a), of(b)),
                },
                _ => binary(op, ty, of(a), of(b)),
            }
        } else if let InstData::Convert { op, a, .. } = *data {
            converted(op, ty, self.func.ty(a), of(a))
        } else if let InstData::Select { a, b, .. } = *data {
            of(a).or(of(b))
        } else if let InstData::Icmp { .. } | InstData::Fcmp { .. } = *data {
            Range::new(0, 1)
        } else if let InstData::Unary {
            op: UnaryOp::Clz | UnaryOp::Ctz | UnaryOp::Popcnt,
            ..
        } = *data
        {
            Range::new(0, 64)
        } else {
            Range::of(ty)
        };
        known.and(computed)
    }

    /// The value and the constant of which a value is the sum, if that does not wrap.
    pub fn split(&self, v: Value) -> Option<(Value, i64)> {
        let &InstData::Binary { op, a, b } = self.definition(v)? else {
            return None;
        };
        let (a, b) = (self.canon(a), self.canon(b));
        let c = |v: Value| match self.definition(v) {
            Some(&InstData::Iconst { imm, .. }) => Some(imm),
            Some(_) | None => None,
        };
        let (x, c) = match (op, c(a), c(b)) {
            (BinaryOp::Iadd, None, Some(c)) => (a, c),
            (BinaryOp::Iadd, Some(c), None) => (b, c),
            (BinaryOp::Isub, None, Some(c)) => (a, c.checked_neg()?),
            _ => return None,
        };
        // It does not wrap if no sum is outside of the type, or what those outside come to is not in the range of the result.
        let (r, known) = (self.range_within(x, DEPTH - 2), self.known[v.index()]);
        let ty = self.func.ty(v);
        let (all, numbers) = (Range::of(ty), 1i128 << ty.bits());
        let (lo, hi) = (
            i128::from(r.lo) + i128::from(c),
            i128::from(r.hi) + i128::from(c),
        );
        let above = hi <= all.hi.into() || hi - numbers < known.lo.into();
        let below = lo >= all.lo.into() || lo + numbers > known.hi.into();
        (above && below).then_some((x, c))
    }

    /// A value as a value and a constant of which it is the sum, as numbers.
    fn sum(&self, v: Value) -> (Value, i64) {
        let (mut v, mut sum) = (v, 0i64);
        for _ in 0..DEPTH {
            if let Some(&InstData::Convert {
                op: ConvertOp::Sext,
                a,
                ..
            }) = self.definition(v)
            {
                v = self.canon(a);
            } else if let Some((x, c)) = self.split(v)
                && let Some(more) = sum.checked_add(c)
            {
                (v, sum) = (x, more);
            } else {
                break;
            }
        }
        (v, sum)
    }

    /// The difference of two values, if it is always the same.
    fn difference(&self, a: Value, b: Value) -> Option<i64> {
        let ((x, c), (y, d)) = (self.sum(self.canon(a)), self.sum(self.canon(b)));
        (x == y).then(|| c.checked_sub(d))?
    }

    /// What a value is a copy of.
    pub fn copied(&self, v: Value) -> Option<Value> {
        match self.definition(v) {
            Some(&InstData::Binary {
                op: BinaryOp::And | BinaryOp::Or,
                a,
                b,
            }) if self.canon(a) == self.canon(b) => Some(self.canon(a)),
            Some(_) | None => None,
        }
    }

    /// From here on a value is in a range.
    pub fn assume_range(&mut self, v: Value, range: Range) {
        let v = self.canon(v);
        let old = self.known[v.index()];
        let new = old.and(range);
        if new != old {
            self.log.push(Undo::Range(v, old));
            self.known[v.index()] = new;
            // The same number, as another value.
            let same = match self.definition(v) {
                Some(&InstData::Convert {
                    op: ConvertOp::Sext,
                    a,
                    ..
                }) => Some(a),
                Some(_) | None => self.copied(v),
            };
            if let Some(a) = same {
                self.assume_range(a, new);
            }
        }
    }

    /// From here on `a + k <= b`.
    pub fn assume_below(&mut self, below: Below) {
        let (a, b, k) = (self.canon(below.a), self.canon(below.b), below.k);
        let (ra, rb) = (self.range(a), self.range(b));
        if let Some(hi) = rb.hi.checked_sub(k) {
            self.assume_range(a, Range::new(i64::MIN, hi));
        }
        if let Some(lo) = ra.lo.checked_add(k) {
            self.assume_range(b, Range::new(lo, i64::MAX));
        }
        if ra.lo == ra.hi || rb.lo == rb.hi {
            // Sums of a constant learn from its range.
            return self.pass_down(a, b);
        }
        self.relate(a, b, Some(k));
        if let Some((x, c)) = self.split(a) {
            self.relate(x, b, k.checked_add(c));
        }
        if let Some((y, c)) = self.split(b) {
            self.relate(a, y, k.checked_sub(c));
        }
    }

    /// What was learnt of the range of a sum holds for what it is the sum of.
    fn pass_down(&mut self, a: Value, b: Value) {
        for v in [a, b] {
            if let Some((x, c)) = self.split(v) {
                let r = self.known[v.index()];
                let lo = r.lo.checked_sub(c).unwrap_or(i64::MIN);
                let hi = r.hi.checked_sub(c).unwrap_or(i64::MAX);
                self.assume_range(x, Range::new(lo, hi));
            }
        }
    }

    fn relate(&mut self, a: Value, b: Value, k: Option<i64>) {
        if let Some(k) = k.filter(|_| a != b) {
            self.relations.entry(a).or_default().push((b, k));
            self.log.push(Undo::Relation(a));
        }
    }

    /// A jump has been taken.
    pub fn assume_edge(&mut self, edge: &Edge<'_>) {
        match edge.when {
            When::Any => {}
            When::Is(v, n) => self.assume_range(v, Range::one(n)),
            When::Cond(cond, holds) => self.assume(cond, holds),
        }
    }

    /// A comparison has come out so.
    fn assume(&mut self, cond: Value, holds: bool) {
        let Some(&InstData::Icmp { cc, a, b }) = self.definition(self.canon(cond)) else {
            return;
        };
        if self.func.ty(a) == Type::Ptr {
            return;
        }
        for below in self.compared(cc, holds, a, b) {
            if unsigned(cc) {
                self.assume_range(below.a, Range::new(0, i64::MAX));
            }
            self.assume_below(below);
        }
        let equal = match cc {
            IntCc::Eq => holds,
            IntCc::Ne => !holds,
            _ => return,
        };
        if !equal {
            self.assume_apart(a, b);
        }
    }

    /// What a comparison says.
    fn compared(&self, cc: IntCc, holds: bool, a: Value, b: Value) -> Vec<Below> {
        let below = |a, b, k| vec![Below { a, b, k }];
        // What is unsigned below a number that is not negative is not negative either.
        let counts = |v: Value| self.range(v).lo >= 0;
        match (cc, holds) {
            (IntCc::Slt, true) | (IntCc::Sge, false) => below(a, b, 1),
            (IntCc::Sle, true) | (IntCc::Sgt, false) => below(a, b, 0),
            (IntCc::Sgt, true) | (IntCc::Sle, false) => below(b, a, 1),
            (IntCc::Sge, true) | (IntCc::Slt, false) => below(b, a, 0),
            (IntCc::Eq, true) | (IntCc::Ne, false) => {
                vec![Below { a, b, k: 0 }, Below { a: b, b: a, k: 0 }]
            }
            (IntCc::Ult, true) | (IntCc::Uge, false) if counts(b) => below(a, b, 1),
            (IntCc::Ule, true) | (IntCc::Ugt, false) if counts(b) => below(a, b, 0),
            (IntCc::Ugt, true) | (IntCc::Ule, false) if counts(a) => below(b, a, 1),
            (IntCc::Uge, true) | (IntCc::Ult, false) if counts(a) => below(b, a, 0),
            _ => Vec::new(),
        }
    }

    /// Two numbers are not equal: where one is a constant at the end of the other's range, that ends before it.
    fn assume_apart(&mut self, a: Value, b: Value) {
        for (v, c) in [(a, b), (b, a)] {
            let (r, c) = (self.range(v), self.range(c));
            if c.lo != c.hi || r.lo == r.hi {
                continue;
            }
            if r.lo == c.lo {
                self.assume_range(v, Range::new(r.lo + 1, i64::MAX));
            } else if r.hi == c.hi {
                self.assume_range(v, Range::new(i64::MIN, r.hi - 1));
            }
        }
    }

    /// What is known where a check has passed.
    pub fn assume_passed(&mut self, data: &InstData) {
        if let InstData::BoundsCheck { kind, a, b, .. } = *data
            && self.range(b).lo >= 0
        {
            self.assume_range(a, Range::new(0, i64::MAX));
            let k = i64::from(kind == BoundsKind::Index);
            self.assume_below(Below { a, b, k });
        } else if let InstData::ZeroCheck { a } = *data
            && self.range(a).lo == 0
        {
            self.assume_range(a, Range::new(1, i64::MAX));
        }
    }

    /// Whether an instruction is a check that passes for sure.
    pub fn passes(&self, data: &InstData) -> bool {
        if let InstData::BoundsCheck { kind, a, b, .. } = *data {
            let k = i64::from(kind == BoundsKind::Index);
            return self.range(a).lo >= 0 && self.is_below(a, b, k);
        }
        let InstData::ZeroCheck { a } = *data else {
            return false;
        };
        let r = self.range(a);
        r.lo > 0 || r.hi < 0
    }
}

/// The range of a conversion to a type.
fn converted(op: ConvertOp, to: Type, from: Type, r: Range) -> Range {
    let all = Range::of(to);
    match op {
        ConvertOp::Zext => r.zero_extended(from),
        ConvertOp::Sext => r,
        ConvertOp::Itrunc if all.lo <= r.lo && r.hi <= all.hi => r,
        _ => all,
    }
}

fn unsigned(cc: IntCc) -> bool {
    matches!(cc, IntCc::Ult | IntCc::Ule | IntCc::Ugt | IntCc::Uge)
}

/// Whether a check of a kind is against a length or a capacity.
fn against_a_length(kind: BoundsKind) -> bool {
    match kind {
        BoundsKind::Index
        | BoundsKind::SliceAlen
        | BoundsKind::SliceAcap
        | BoundsKind::Slice3Alen
        | BoundsKind::Slice3Acap
        | BoundsKind::SliceConvert => true,
        BoundsKind::SliceB | BoundsKind::Slice3B | BoundsKind::Slice3C => false,
    }
}

/// Whether a value is the length of something whose elements have no size.
fn is_of_nothing(func: &Func, v: Value) -> bool {
    matches!(
        func.definition(v),
        Some(&InstData::Binary { op: BinaryOp::Or, a, b }) if a == b
    )
}
