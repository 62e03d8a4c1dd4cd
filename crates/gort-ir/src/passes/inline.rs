//! Inlining over the whole program, callees first.
//!
//! Functions are taken in levels: all that a level calls has been finished in earlier ones, but for recursion.
//! Within a level each function is worked on by itself, in parallel: simplify, put the bodies of worthy
//! callees in place of their calls, and again, since bodies make closures and itabs known and calls
//! direct. What a function may cost its callers is settled when it is finished.
//!
//! Every inlined call is noted in [`Func::inlines`], from which tracebacks show the frames as if nothing had happened.
//!
//! - `graph`: who calls whom, and the levels
//! - `cost`: what a body costs and which calls are worth it
//! - `splice`: one body in place of one call

mod cost;
mod graph;
mod splice;

use super::{promote, simplify};
use crate::entity::{Block, Inst, Sym, Value};
use crate::func::{Func, cleanup};
use crate::inst::{Callee, InstData};
use crate::module::Module;
use crate::types::Type;
use crate::whole::Program;
use cost::Cost;
use graph::Graph;
use rayon::prelude::*;

/// How often a function is searched for calls: bodies bring new ones.
const ROUNDS: usize = 4;

/// Inline across the program.
pub fn run(modules: &mut [Module], promoting: bool) {
    let mut program = Program::join(modules);
    let graph = Graph::of(&program);
    let frames = program.symbol("runtime.gorecover");
    let mut costs: Vec<Option<Cost>> = vec![None; program.funcs.len()];
    for level in &graph.levels {
        let mut taken: Vec<(u32, Func)> = level
            .iter()
            .map(|&id| {
                let empty = Func::new(Sym(0), Vec::new(), Default::default());
                (
                    id,
                    std::mem::replace(&mut program.funcs[id as usize], empty),
                )
            })
            .collect();
        let work = Work {
            program: &program,
            graph: &graph,
            costs: &costs,
            promoting,
        };
        let settled: Vec<Option<Cost>> = taken
            .par_iter_mut()
            .map(|(id, func)| {
                work.function(func, *id as usize);
                match graph.recursive[*id as usize] {
                    true => None,
                    false => Cost::of(func, frames),
                }
            })
            .collect();
        for ((id, func), cost) in taken.into_iter().zip(settled) {
            program.funcs[id as usize] = func;
            costs[id as usize] = cost;
        }
    }
    program.split(modules);
}

/// What the work on one function reads.
struct Work<'a> {
    program: &'a Program,
    graph: &'a Graph,
    costs: &'a [Option<Cost>],
    promoting: bool,
}

impl Work<'_> {
    fn function(&self, func: &mut Func, id: usize) {
        self.simplify(func);
        let mut budget = cost::Growth::of(func);
        // A small function is worth more where it is called than the large one it calls is in it.
        let stays_small = !self.graph.called_once[id] && cost::is_small(func);
        for _ in 0..ROUNDS {
            if !self.round(func, &mut budget, stays_small) {
                return;
            }
            self.simplify(func);
        }
    }

    fn simplify(&self, func: &mut Func) {
        let words = |sym, off| self.program.word(sym, off);
        simplify::function(func, &words);
        if self.promoting && promote::function(func) {
            simplify::function(func, &words);
        }
    }

    /// Inline all calls that are worth it now.
    fn round(&self, func: &mut Func, budget: &mut cost::Growth, stays_small: bool) -> bool {
        let loops = cost::in_loops(func);
        let mut changed = false;
        // Blocks that come to it hold inlined code and rests of blocks: a rest is looked at, too.
        let mut block = 0;
        let original = func.blocks.len();
        let mut rests: Vec<Block> = Vec::new();
        while block < original + rests.len() {
            let here = match block.checked_sub(original) {
                None => Block(block as u32),
                Some(n) => rests[n],
            };
            block += 1;
            let in_loop = loops.get(here.index()).copied().unwrap_or(false);
            let found =
                func.blocks[here.index()]
                    .insts
                    .iter()
                    .enumerate()
                    .find_map(|(at, &inst)| {
                        let callee = self.callee(func, inst)?;
                        let site = cost::Site {
                            cold: func.blocks[here.index()].cold,
                            in_loop,
                            only: !stays_small && self.graph.called_once[callee as usize],
                        };
                        let cost = self.costs[callee as usize].as_ref()?;
                        cost.worth(func, inst, &site, budget)
                            .then_some((at, callee))
                    });
            if let Some((at, callee)) = found {
                let body = &self.program.funcs[callee as usize];
                let rest = splice::splice(func, body, here, at);
                rests.push(rest);
                changed = true;
            }
        }
        if changed {
            cleanup::cleanup(func);
        }
        changed
    }

    /// The function with a body that an instruction calls.
    fn callee(&self, func: &Func, inst: Inst) -> Option<u32> {
        let InstData::Call {
            callee: Callee::Direct(sym),
            args,
        } = &func.insts[inst.index()]
        else {
            return None;
        };
        let id = self.program.by_symbol[sym.index()]?;
        let body = &self.program.funcs[id as usize];
        // Not its own, and not one of this level, which is taken out. Declarations that linkname puts on the
        // function may say numbers where it says pointers: what is a pointer must not be forgotten.
        let same = |outside: &[Value], inside: &mut dyn Iterator<Item = Type>| {
            outside.iter().map(|&v| func.ty(v)).eq(inside)
        };
        let fits = !body.blocks.is_empty()
            && *sym != func.name
            && same(args, &mut body.blocks[0].params.iter().map(|&v| body.ty(v)))
            && same(
                &func.results[inst.index()],
                &mut body.result_types.iter().copied(),
            );
        fits.then_some(id)
    }
}
