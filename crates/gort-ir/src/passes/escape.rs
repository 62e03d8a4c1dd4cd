//! Escape analysis: objects that nothing reaches after their function returns live in its frame.
//!
//! It sees the whole program. Functions are analysed callees first, those that call each other together;
//! what a caller must know about a function is its [`summary::Summary`]: where what its parameters point to may
//! go, and which of them it calls as closures ([`calls`]). Within a function the analysis ([`points`]) asks of each value which objects it may point to, regardless of
//! the order of instructions. An object is *leaked* if memory that the function does not know may point to it.
//!
//! What is not leaked and small enough becomes a frame slot ([`rewrite`]), unless it is made in a loop and an
//! older object from the same place may still be in use ([`reuse`]). Stores to slots lose their barriers.
//!
//! As in official Go, an integer does not keep an object: a pointer that became one is followed through
//! arithmetic, but not through variables, memory or calls.

mod calls;
mod known;
mod order;
mod points;
mod program;
mod reuse;
mod rewrite;
mod sequence;
mod sets;
pub mod summary;

use super::again::entry::{Answers, Far};
use super::again::record::Code;
use crate::form::Digest;
use crate::module::Module;
use crate::types::Type;
use program::{Program, View};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::cell::RefCell;
use summary::Summary;

/// Functions with more instructions than this are assumed to leak all they get.
const MAX_INSTS: usize = 60_000;
/// Rounds after which functions that call each other are given up.
const MAX_ROUNDS: usize = 12;

/// Run on a program.
pub fn run(modules: &mut [Module]) {
    with(modules, &Kept::default());
}

/// What earlier builds know of a program's functions, each by its number; nothing at all of an empty one.
#[derive(Default)]
pub struct Kept<'e> {
    /// Digest of each function.
    pub digests: Vec<Digest>,
    /// The code of functions in place of which there is one that stands for them.
    pub code: Vec<Option<Code<'e>>>,
    /// What was found out about them, each way that it went.
    pub far: Vec<Vec<Far<'static>>>,
}

/// What is known of a function now.
#[derive(Default)]
pub enum Found {
    /// Nothing that could be kept.
    #[default]
    Nothing,
    /// What comes of it behind all passes: an earlier build has seen the same. It has been left as it was.
    Known(Vec<(Digest, &'static [u8])>),
    /// What has been found out.
    Solved(Solved),
}

/// What has been found out about a function; see [`Far`].
pub struct Solved {
    /// Names of the functions that were looked at together, or that of the first of them.
    pub group: Vec<String>,
    /// Names that were asked for.
    pub asked: Vec<String>,
    /// Digest of the answers.
    pub answers: Digest,
    /// What callers must know.
    pub summary: Summary,
}

/// Run on a program of which something is known. What is known of each function then.
pub fn with(modules: &mut [Module], kept: &Kept<'_>) -> Vec<Found> {
    let program = Program::of(modules);
    let Analysed { edits, found } = analyse(&program, kept);
    let whole = program.into_whole();
    let funcs = modules.iter_mut().flat_map(|m| &mut m.funcs);
    for (func, whole) in funcs.zip(whole) {
        if let Some(whole) = whole {
            *func = whole;
        }
    }
    for (id, edit) in edits {
        rewrite::apply(modules, id, edit);
    }
    found
}

/// What to change in which functions, and what else was found out.
#[derive(Default)]
struct Analysed {
    edits: Vec<(usize, rewrite::Edit)>,
    found: Vec<Found>,
}

fn analyse(program: &Program<'_>, kept: &Kept<'_>) -> Analysed {
    let mut summaries: Vec<Option<Summary>> = vec![None; program.len()];
    let mut out = Analysed::default();
    out.found.resize_with(program.len(), Found::default);
    for mut group in order::groups(program) {
        group.sort_unstable_by_key(|&id| program.name(id));
        if let Some(far) = known(program, kept, &group, &summaries) {
            for (&id, far) in group.iter().zip(far) {
                summaries[id] = Some(far.summary.clone());
                out.found[id] = Found::Known(far.functions.clone());
            }
            continue;
        }
        for &id in &group {
            if let Some(code) = kept.code.get(id).copied().flatten() {
                program.make_whole(id, code);
            }
        }
        let view = View::of(program);
        let edits = solve(&view, &mut summaries, &group);
        if kept.digests.is_empty() {
            out.edits
                .extend(edits.into_iter().map(|(id, edit, _)| (id, edit)));
            continue;
        }
        let mut asked: FxHashSet<u32> = view.asked().into_iter().collect();
        for (id, edit, more) in edits {
            asked.extend(more);
            out.edits.push((id, edit));
        }
        let asked: Vec<u32> = asked.into_iter().collect();
        let answers = answers(program, kept, &group, &summaries, &asked);
        let name = |&id: &usize| program.name(id).to_string();
        for (n, &id) in group.iter().enumerate() {
            let first = n == 0;
            let asked = asked.iter().filter(|_| first);
            let Some(summary) = summaries[id].clone() else {
                continue;
            };
            let listed = if first { group.len() } else { 1 };
            out.found[id] = Found::Solved(Solved {
                group: group[..listed].iter().map(name).collect(),
                asked: asked.map(|&n| program.named(n).0.to_string()).collect(),
                answers,
                summary,
            });
        }
    }
    out
}

/// What an earlier build has found out about functions that call each other, if the answers to what it asked are the same.
fn known<'k>(
    program: &Program<'_>,
    kept: &'k Kept<'_>,
    group: &[usize],
    summaries: &[Option<Summary>],
) -> Option<Vec<&'k Far<'static>>> {
    let (&first, others) = group.split_first()?;
    let same = |far: &&Far<'_>| {
        let names = group.iter().map(|&id| program.name(id));
        let asked = far.asked.iter().map(|name| program.number(name));
        let asked: Option<Vec<u32>> = asked.collect();
        names.eq(far.group.iter().copied())
            && asked.is_some_and(|a| answers(program, kept, group, summaries, &a) == far.answers)
    };
    let found = kept.far.get(first)?.iter().find(same)?;
    let with_it = |&id: &usize| {
        let mut all = kept.far[id].iter();
        all.find(|f| f.group.first() == found.group.first() && f.answers == found.answers)
    };
    let others = others.iter().map(with_it);
    [Some(found)].into_iter().chain(others).collect()
}

/// A digest of what symbols stand for while a group of functions is looked at.
fn answers(
    program: &Program<'_>,
    kept: &Kept<'_>,
    group: &[usize],
    summaries: &[Option<Summary>],
    asked: &[u32],
) -> Digest {
    let mut answers = Answers::default();
    let inside: FxHashSet<usize> = group.iter().copied().collect();
    for &number in asked {
        let symbol = &program.named(number).1;
        if let Some(f) = symbol.func {
            let f = f as usize;
            match &summaries[f] {
                _ if inside.contains(&f) => answers.add(0, &[]),
                Some(summary) => answers.add_written(1, |out| summary.write(out)),
                None => answers.add(2, &[]),
            }
        } else if let Some(id) = symbol.data {
            answers.add(3, &[program.digest(number, id)]);
        } else {
            answers.add(4, &[]);
        }
    }
    for &id in group {
        answers.add(5, &[&kept.digests[id]]);
    }
    answers.digest()
}

/// What to change in a function, and the symbols that were asked for.
type Change = (usize, rewrite::Edit, Vec<u32>);

/// Find out all about functions that call each other.
fn solve(view: &View<'_>, summaries: &mut [Option<Summary>], group: &[usize]) -> Vec<Change> {
    if let &[id] = group
        && !view.references(id).contains(&id)
    {
        let summary = |f: usize| summaries[f].as_ref();
        let mut edits = Vec::new();
        let wanted = has_sites(view, id);
        if !wanted && let Some(summary) = without_parameters(view, id) {
            summaries[id] = Some(summary);
        } else if can_solve(view, id) {
            let mut points = points::Points::new(view, id, &summary);
            points.solve();
            if wanted && let Some(edit) = rewrite::plan(view, &points, id) {
                edits.push((id, edit, Vec::new()));
            }
            let new = points.summary();
            summaries[id] = Some(new);
        } else {
            summaries[id] = Some(Summary::unknown(view.func(id)));
        }
        return edits;
    }
    together(view, summaries, group);
    let program = view.program();
    let change = |&id: &usize| {
        let view = View::of(program);
        if !can_solve(&view, id) || !has_sites(&view, id) {
            return None;
        }
        let summary = |f: usize| summaries[f].as_ref();
        let mut points = points::Points::new(&view, id, &summary);
        points.solve();
        let edit = rewrite::plan(&view, &points, id)?;
        drop(points);
        Some((id, edit, view.asked()))
    };
    group.par_iter().filter_map(change).collect()
}

/// The summaries of functions that call each other: from nothing up to a fixed point.
fn together(program: &View<'_>, summaries: &mut [Option<Summary>], group: &[usize]) {
    for &id in group {
        summaries[id] = Some(Summary::default());
    }
    // Whose summaries each has used: more than its code refers to, as closures hold code of others.
    let mut used: Vec<FxHashSet<usize>> = vec![FxHashSet::default(); group.len()];
    let mut dirty = vec![true; group.len()];
    for _ in 0..MAX_ROUNDS {
        for i in 0..group.len() {
            if !std::mem::take(&mut dirty[i]) {
                continue;
            }
            let id = group[i];
            let new = if let Some(summary) = without_parameters(program, id) {
                summary
            } else if can_solve(program, id) {
                let new = RefCell::new(FxHashSet::default());
                let summary = |f: usize| {
                    new.borrow_mut().insert(f);
                    summaries[f].as_ref()
                };
                let mut points = points::Points::new(program, id, &summary);
                points.solve();
                let summary = points.summary();
                used[i] = new.take();
                summary
            } else {
                Summary::unknown(program.func(id))
            };
            if summaries[id].as_ref() != Some(&new) {
                summaries[id] = Some(new);
                for (j, used) in used.iter().enumerate() {
                    dirty[j] |= used.contains(&id);
                }
            }
        }
        if !dirty.contains(&true) {
            return;
        }
    }
    for &id in group {
        summaries[id] = Some(Summary::unknown(program.func(id)));
    }
}

fn can_solve(program: &View<'_>, id: usize) -> bool {
    let func = program.func(id);
    !func.blocks.is_empty() && func.insts.len() <= MAX_INSTS
}

/// The summary of a function that is given no pointers.
fn without_parameters(program: &View<'_>, id: usize) -> Option<Summary> {
    let func = program.func(id);
    let entry = func.blocks.first()?;
    let none = entry.params.iter().all(|&p| func.ty(p) != Type::Ptr);
    none.then(|| Summary::unknown(func))
}

/// Whether a function has anything that could go to its frame.
fn has_sites(program: &View<'_>, id: usize) -> bool {
    let func = program.func(id);
    func.insts.iter().any(|i| {
        let effects = i.effects();
        effects.allocates && !effects.calls || i.barred().is_some() || program.site(id, i).is_some()
    })
}
