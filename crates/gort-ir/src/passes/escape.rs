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
mod summary;

use crate::module::Module;
use crate::types::Type;
use program::Program;
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
    let edits = analyse(&Program::of(modules));
    for (id, edit) in edits {
        rewrite::apply(modules, id, edit);
    }
}

/// What to change in which functions.
fn analyse(program: &Program<'_>) -> Vec<(usize, rewrite::Edit)> {
    let mut summaries: Vec<Option<Summary>> = vec![None; program.len()];
    let mut edits = Vec::new();
    let mut later = Vec::new();
    for group in order::groups(program) {
        match &group[..] {
            &[id] if !program.references(id).contains(&id) => {
                let summary = |f: usize| summaries[f].as_ref();
                let wanted = has_sites(program, id);
                if !wanted && let Some(summary) = without_parameters(program, id) {
                    summaries[id] = Some(summary);
                } else if can_solve(program, id) {
                    let mut points = points::Points::new(program, id, &summary);
                    points.solve();
                    if wanted && let Some(edit) = rewrite::plan(program, &points, id) {
                        edits.push((id, edit));
                    }
                    let new = points.summary();
                    summaries[id] = Some(new);
                } else {
                    summaries[id] = Some(Summary::unknown(program.func(id)));
                }
            }
            _ => {
                together(program, &mut summaries, &group);
                later.extend(group);
            }
        }
    }
    let more: Vec<_> = later
        .par_iter()
        .filter(|&&id| can_solve(program, id) && has_sites(program, id))
        .filter_map(|&id| {
            let summary = |f: usize| summaries[f].as_ref();
            let mut points = points::Points::new(program, id, &summary);
            points.solve();
            Some((id, rewrite::plan(program, &points, id)?))
        })
        .collect();
    edits.extend(more);
    edits
}

/// The summaries of functions that call each other: from nothing up to a fixed point.
fn together(program: &Program<'_>, summaries: &mut [Option<Summary>], group: &[usize]) {
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

fn can_solve(program: &Program<'_>, id: usize) -> bool {
    let func = program.func(id);
    !func.blocks.is_empty() && func.insts.len() <= MAX_INSTS
}

/// The summary of a function that is given no pointers.
fn without_parameters(program: &Program<'_>, id: usize) -> Option<Summary> {
    let func = program.func(id);
    let entry = func.blocks.first()?;
    let none = entry.params.iter().all(|&p| func.ty(p) != Type::Ptr);
    none.then(|| Summary::unknown(func))
}

/// Whether a function has anything that could go to its frame.
fn has_sites(program: &Program<'_>, id: usize) -> bool {
    let func = program.func(id);
    func.insts.iter().any(|i| {
        let effects = i.effects();
        effects.allocates && !effects.calls || i.barred().is_some() || program.site(id, i).is_some()
    })
}
