//! Escape analysis: objects that nothing reaches after their function returns live in its frame.
//!
//! It sees the whole program. Functions are analysed callees first, those that call each other together;
//! what a caller must know about a function is its [`summary::Summary`]: where what its parameters point to may
//! go. Within a function the analysis ([`points`]) asks of each value which objects it may point to, regardless of
//! the order of instructions. An object is *leaked* if memory that the function does not know may point to it.
//!
//! What is not leaked and small enough becomes a frame slot ([`rewrite`]), unless it is made in a loop and an
//! older object from the same place may still be in use ([`reuse`]). Stores to slots lose their barriers.
//!
//! As in official Go, an integer does not keep an object: a pointer that became one is followed through
//! arithmetic, but not through variables, memory or calls.

mod known;
mod order;
mod points;
mod program;
mod reuse;
mod rewrite;
mod sets;
mod summary;

use crate::inst::InstData;
use crate::module::Module;
use program::Program;
use rayon::prelude::*;
use summary::Summary;

/// Functions with more instructions than this are assumed to leak all they get.
const MAX_INSTS: usize = 60_000;
/// Rounds after which functions that call each other are given up.
const MAX_ROUNDS: usize = 12;

/// Run on a program.
pub fn run(modules: &mut [Module]) {
    let edits = {
        let program = Program::of(modules);
        let summaries = summarize(&program);
        let ids: Vec<usize> = (0..program.len()).collect();
        ids.par_iter()
            .map(|&id| rewrite::plan(&program, &summaries, id))
            .collect::<Vec<_>>()
    };
    for (id, edit) in edits.into_iter().enumerate() {
        if let Some(edit) = edit {
            rewrite::apply(modules, id, edit);
        }
    }
}

/// The summaries of all functions, callees first.
fn summarize(program: &Program<'_>) -> Vec<Summary> {
    let mut summaries: Vec<Option<Summary>> = vec![None; program.len()];
    for group in order::groups(program) {
        for &id in &group {
            summaries[id] = Some(Summary::default());
        }
        let stable = (0..MAX_ROUNDS).any(|_| {
            let mut changed = false;
            for &id in &group {
                let new = summary_of(program, &summaries, id);
                if summaries[id].as_ref() != Some(&new) {
                    summaries[id] = Some(new);
                    changed = true;
                }
            }
            !changed
        });
        if !stable {
            for &id in &group {
                summaries[id] = Some(Summary::unknown(program.func(id)));
            }
        }
    }
    summaries
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect()
}

fn summary_of(program: &Program<'_>, summaries: &[Option<Summary>], id: usize) -> Summary {
    let func = program.func(id);
    if func.blocks.is_empty() || func.insts.len() > MAX_INSTS {
        return Summary::unknown(func);
    }
    let summary = |f: usize| summaries[f].as_ref();
    let mut solver = points::Points::new(program, id, &summary);
    solver.solve();
    solver.summary()
}

/// Whether a function has anything that could go to its frame.
fn has_sites(program: &Program<'_>, id: usize) -> bool {
    let func = program.func(id);
    func.insts.iter().any(|i| {
        matches!(
            i,
            InstData::Alloc { .. } | InstData::Store { barrier: true, .. }
        ) || matches!(
            i,
            InstData::Copy { typ: Some(_), .. } | InstData::Zero { typ: Some(_), .. }
        ) || program.site(id, i).is_some()
    })
}
