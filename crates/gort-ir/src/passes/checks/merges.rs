//! What is known where several ways meet.
//!
//! A parameter lies in the ranges of all its arguments, and below what all of them are below. Around a loop that is an
//! induction: what the ways from outside say is tried, and stays if the ways from inside, with what holds on them, lead to
//! the same again. All parameters of a block are tried together, so that one may rest on another.

use super::facts::{Below, Facts};
use super::range::Range;
use super::{Edge, When};
use crate::dominance::Dominators;
use crate::entity::{Block, Value};
use crate::func::{Func, ValueDef};
use crate::inst::{BinaryOp, BlockCall, InstData};
use crate::types::Type;

/// Relations of a parameter that are tried.
const MOST: usize = 8;
/// How often an induction is tried.
const TRIES: usize = 8;
/// Blocks that are looked at on the ways from a loop's head to an edge that leads back.
const BLOCKS: usize = 96;
/// Ways that are told apart.
const WAYS: usize = 8;

/// Blocks at which ways meet.
pub struct Merges<'f> {
    func: &'f Func,
    meetings: Vec<Option<Meeting<'f>>>,
    left: Vec<bool>,
}

/// A block at which ways meet.
struct Meeting<'f> {
    params: Vec<Param>,
    edges: Vec<Edge<'f>>,
    /// For each edge that leads back the ways from the block to it: what was decided there, and the checks that passed, from
    /// the end.
    back: Vec<Vec<Way<'f>>>,
}

type Way<'f> = Vec<Passed<'f>>;

/// What is known on the way to an edge.
#[derive(Clone, Copy)]
enum Passed<'f> {
    Edge(Edge<'f>),
    Check(&'f InstData),
    /// The parameters of the jump's target are its arguments.
    Same(Edge<'f>),
}

/// A parameter.
struct Param {
    value: Value,
    /// Its place among the arguments.
    n: usize,
    /// Of the ways that have arrived.
    range: Option<Range>,
    /// What it may be below. Guesses that some way has contradicted are gone.
    below: Vec<Guess>,
}

/// A parameter plus `k` may be at most `b`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Guess {
    b: Value,
    /// The place of `b` if it is a parameter of the same block.
    n: Option<usize>,
    k: i64,
}

impl Guess {
    /// What is in place of `b` on a way with these arguments.
    fn over(&self, args: &[Value]) -> Value {
        self.n.map_or(self.b, |n| args[n])
    }
}

impl<'f> Merges<'f> {
    /// The meetings of a function.
    pub fn of(
        func: &'f Func,
        dominators: &Dominators,
        edges: &[Vec<Edge<'f>>],
        facts: &Facts<'f>,
    ) -> Merges<'f> {
        let home = homes(func);
        let mut meetings: Vec<Option<Meeting<'f>>> = Vec::with_capacity(func.blocks.len());
        for (b, here) in edges.iter().enumerate() {
            let block = Block(b as u32);
            let entered = b == 0 || func.recover_block == Some(block);
            let params = &func.blocks[b].params;
            if entered || here.len() < 2 || params.is_empty() {
                meetings.push(None);
                continue;
            }
            let numbers = params.iter().enumerate();
            let numbers = numbers.filter(|&(_, &p)| is_number(func.ty(p)));
            let params = numbers.map(|(n, &value)| Param {
                value,
                n,
                range: None,
                below: Vec::new(),
            });
            let back = |e: &Edge<'f>| match dominators.dominates(block, e.from) {
                true => ways(func, dominators, edges, block, e),
                false => Vec::new(),
            };
            meetings.push(Some(Meeting {
                params: params.collect(),
                edges: here.clone(),
                back: here.iter().map(back).collect(),
            }));
        }
        let mut merges = Merges {
            func,
            meetings,
            left: vec![false; func.blocks.len()],
        };
        merges.guess(dominators, facts, &home);
        merges
    }

    /// Find what parameters may be below: what the indices that are made of them are checked against, and what guards the ways
    /// back.
    fn guess(&mut self, dominators: &Dominators, facts: &Facts<'f>, home: &[Block]) {
        let func = self.func;
        let mut guesses: Vec<(Value, Value, i64)> = Vec::new();
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            if let InstData::BoundsCheck { a, b, .. } = func.insts[inst.index()] {
                parts(func, facts, a, 3, &mut |part, c| {
                    guesses.push((part, b, c.saturating_add(1)));
                    guesses.push((part, b, 0));
                });
            }
        }
        for meeting in self.meetings.iter().flatten() {
            for (edge, ways) in meeting.edges.iter().zip(&meeting.back) {
                for passed in ways.iter().flatten() {
                    let Passed::Edge(Edge {
                        when: When::Cond(cond, _),
                        ..
                    }) = passed
                    else {
                        continue;
                    };
                    let Some(&InstData::Icmp { a, b, .. }) = func.definition(facts.canon(*cond))
                    else {
                        continue;
                    };
                    for param in &meeting.params {
                        let Some(&arg) = edge.call.args.get(param.n) else {
                            continue;
                        };
                        for (x, y) in [(a, b), (b, a)] {
                            if facts.canon(arg) != facts.canon(x) {
                                continue;
                            }
                            // The other side may be what another parameter becomes.
                            let among = edge.call.args.iter();
                            let among = among.map(|&v| facts.canon(v));
                            let among = among.zip(&func.blocks[edge.call.block.index()].params);
                            let same =
                                among.filter(|&(v, &p)| v == facts.canon(y) && p != param.value);
                            for y in same.map(|(_, &p)| p).chain([y]) {
                                guesses.push((param.value, y, 1));
                                guesses.push((param.value, y, 0));
                            }
                        }
                    }
                }
            }
        }
        for (value, b, k) in guesses {
            let (at, b) = (home[value.index()], facts.canon(b));
            let Some(meeting) = &mut self.meetings[at.index()] else {
                continue;
            };
            let n = func.blocks[at.index()].params.iter().position(|&p| p == b);
            let outside = home[b.index()] != at && dominators.dominates(home[b.index()], at);
            if func.constant(b).is_some() || !outside && n.is_none() || b == value {
                continue;
            }
            let guess = Guess { b, n, k };
            if let Some(param) = meeting.params.iter_mut().find(|p| p.value == value)
                && param.below.len() < MOST
                && !param.below.contains(&guess)
            {
                param.below.push(guess);
            }
        }
    }

    /// Whether ways meet at a block.
    pub fn wants(&self, b: Block) -> bool {
        self.meetings[b.index()].is_some()
    }

    /// The walk has left a block: its ways have arrived.
    pub fn left(&mut self, b: Block) {
        self.left[b.index()] = true;
    }

    /// A way arrives.
    pub fn arrive(&mut self, call: &BlockCall, facts: &Facts<'_>) {
        let Some(meeting) = &mut self.meetings[call.block.index()] else {
            return;
        };
        for param in &mut meeting.params {
            let arg = call.args[param.n];
            let range = facts.range(arg);
            param.range = Some(param.range.map_or(range, |r| r.or(range)));
            let holds = |g: &Guess| facts.is_below(arg, g.over(&call.args), g.k);
            param.below.retain(holds);
        }
    }

    /// The walk enters a block.
    pub fn enter(&mut self, b: Block, facts: &mut Facts<'f>) {
        let Some(mut meeting) = self.meetings[b.index()].take() else {
            return;
        };
        let open: Vec<usize> = (0..meeting.edges.len())
            .filter(|&n| !self.left[meeting.edges[n].from.index()])
            .collect();
        let ranges: Option<Vec<Range>> = meeting.params.iter().map(|p| p.range).collect();
        let Some(outside) = ranges else {
            return;
        };
        let ranges = match open.is_empty() {
            true => Some(outside),
            false => self.induction(&mut meeting, &open, outside, facts),
        };
        if let Some(ranges) = ranges {
            hold(&meeting, &ranges, facts);
        }
    }

    /// The ranges of the parameters that the ways back keep; the relations that they do not keep are dropped. `None` if nothing
    /// comes of it.
    fn induction(
        &self,
        meeting: &mut Meeting<'f>,
        open: &[usize],
        outside: Vec<Range>,
        facts: &mut Facts<'f>,
    ) -> Option<Vec<Range>> {
        // A way that does not come through the block says nothing.
        if open.iter().any(|&n| meeting.back[n].is_empty()) {
            return None;
        }
        let mut ranges = outside.clone();
        for _ in 0..TRIES {
            let (next, kept) = self.around(meeting, open, &ranges, facts);
            let mut same = true;
            for (range, (next, &outside)) in ranges.iter_mut().zip(next.iter().zip(&outside)) {
                // What grows grows to its end.
                if next.lo < range.lo {
                    (range.lo, same) = (i64::MIN, false);
                }
                if next.hi > range.hi {
                    (range.hi, same) = (i64::MAX, false);
                }
                debug_assert!(range.lo <= outside.lo && outside.hi <= range.hi);
            }
            for (param, kept) in meeting.params.iter_mut().zip(&kept) {
                same &= kept.iter().all(|&k| k);
                let mut kept = kept.iter();
                param.below.retain(|_| kept.next() == Some(&true));
            }
            if same {
                // Once more around from what holds gives what holds, and no more than it.
                let both = outside.iter().zip(&next);
                return Some(both.map(|(out, next)| out.or(*next)).collect());
            }
        }
        None
    }

    /// What the ways back give if the parameters have these ranges and relations: the ranges, and which relations stay.
    fn around(
        &self,
        meeting: &Meeting<'f>,
        open: &[usize],
        ranges: &[Range],
        facts: &mut Facts<'f>,
    ) -> (Vec<Range>, Vec<Vec<bool>>) {
        let mut next: Vec<Option<Range>> = vec![None; ranges.len()];
        let mut kept: Vec<Vec<bool>> = meeting
            .params
            .iter()
            .map(|p| vec![true; p.below.len()])
            .collect();
        let start = facts.mark();
        hold(meeting, ranges, facts);
        let ways = open
            .iter()
            .flat_map(|&n| meeting.back[n].iter().map(move |way| (n, way)));
        for (n, way) in ways {
            let mark = facts.mark();
            for passed in way.iter().rev() {
                self.pass(passed, facts);
            }
            for (param, (next, kept)) in meeting.params.iter().zip(next.iter_mut().zip(&mut kept)) {
                let args = &meeting.edges[n].call.args;
                let range = facts.range(args[param.n]);
                *next = Some(next.map_or(range, |r| r.or(range)));
                for (guess, kept) in param.below.iter().zip(kept) {
                    *kept &= facts.is_below(args[param.n], guess.over(args), guess.k);
                }
            }
            facts.forget(mark);
        }
        facts.forget(start);
        let next = next.into_iter().zip(ranges);
        (next.map(|(n, r)| n.unwrap_or(*r)).collect(), kept)
    }

    /// Something is passed on a way.
    fn pass(&self, passed: &Passed<'f>, facts: &mut Facts<'f>) {
        match passed {
            Passed::Edge(edge) => facts.assume_edge(edge),
            Passed::Check(check) => facts.assume_passed(check),
            Passed::Same(edge) => {
                let params = &self.func.blocks[edge.call.block.index()].params;
                for (&a, &b) in params.iter().zip(&edge.call.args) {
                    if is_number(self.func.ty(a)) {
                        facts.assume_below(Below { a, b, k: 0 });
                        facts.assume_below(Below { a: b, b: a, k: 0 });
                    }
                }
            }
        }
    }
}

/// Let the parameters of a meeting have ranges, and its relations hold.
fn hold(meeting: &Meeting<'_>, ranges: &[Range], facts: &mut Facts<'_>) {
    for (param, range) in meeting.params.iter().zip(ranges) {
        facts.assume_range(param.value, *range);
    }
    for param in &meeting.params {
        for guess in &param.below {
            facts.assume_below(Below {
                a: param.value,
                b: guess.b,
                k: guess.k,
            });
        }
    }
}

/// The block in which each value is defined.
fn homes(func: &Func) -> Vec<Block> {
    let mut home = vec![Block(0); func.values.len()];
    for (b, block) in func.blocks.iter().enumerate() {
        let results = block.insts.iter().flat_map(|i| &func.results[i.index()]);
        for &v in block.params.iter().chain(results) {
            home[v.index()] = Block(b as u32);
        }
    }
    home
}

/// What is known on the ways from a block to an edge that leads back to it. Where ways meet in between they are told apart,
/// unless there are too many, or around a loop within: there only what holds on all of them is known.
fn ways<'f>(
    func: &'f Func,
    dominators: &Dominators,
    edges: &[Vec<Edge<'f>>],
    head: Block,
    edge: &Edge<'f>,
) -> Vec<Way<'f>> {
    let mut done = Vec::new();
    let mut open: Vec<(Way<'f>, Block)> = vec![(vec![Passed::Edge(*edge)], edge.from)];
    let mut blocks = 0;
    'ways: while let Some((mut way, mut at)) = open.pop() {
        loop {
            blocks += 1;
            let checks = func.blocks[at.index()].insts.iter().rev();
            let checks = checks.map(|i| &func.insts[i.index()]);
            let checks = checks.filter(|i| matches!(i, InstData::BoundsCheck { .. }));
            way.extend(checks.map(Passed::Check));
            if at == head || blocks > BLOCKS {
                break;
            }
            let many = &edges[at.index()];
            if let [only] = many[..] {
                way.push(Passed::Edge(only));
                at = only.from;
                continue;
            }
            let forward = many.iter().all(|e| !dominators.dominates(at, e.from));
            if forward && !many.is_empty() && done.len() + open.len() + many.len() <= WAYS {
                for e in many {
                    let mut way = way.clone();
                    way.extend([Passed::Same(*e), Passed::Edge(*e)]);
                    open.push((way, e.from));
                }
                continue 'ways;
            }
            match dominators.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        done.push(way);
    }
    done
}

fn is_number(ty: Type) -> bool {
    !ty.is_float() && ty != Type::Ptr
}

/// Calls `f` with the parameters of blocks of which an index is made, and what is added to them.
fn parts(func: &Func, facts: &Facts<'_>, v: Value, depth: u32, f: &mut dyn FnMut(Value, i64)) {
    let v = facts.canon(v);
    let inst = match func.values[v.index()].def {
        ValueDef::Result(inst, _) => &func.insts[inst.index()],
        _ => return f(v, 0),
    };
    let InstData::Binary { op, a, b } = *inst else {
        return;
    };
    if depth == 0 {
        return;
    }
    match (
        op,
        func.constant(facts.canon(a)),
        func.constant(facts.canon(b)),
    ) {
        (BinaryOp::Iadd, None, Some(c)) => parts(func, facts, a, depth - 1, &mut |p, d| {
            f(p, c.saturating_add(d));
        }),
        (BinaryOp::Isub, None, Some(c)) => parts(func, facts, a, depth - 1, &mut |p, d| {
            f(p, d.saturating_sub(c));
        }),
        (
            BinaryOp::Iadd
            | BinaryOp::And
            | BinaryOp::Lshr
            | BinaryOp::Ashr
            | BinaryOp::Sdiv
            | BinaryOp::Udiv,
            a_const,
            b_const,
        ) => {
            if a_const.is_none() {
                parts(func, facts, a, depth - 1, f);
            }
            if b_const.is_none() {
                parts(func, facts, b, depth - 1, f);
            }
        }
        _ => {}
    }
}
