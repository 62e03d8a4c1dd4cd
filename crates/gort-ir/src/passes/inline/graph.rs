//! Who calls whom: levels of functions, each of which calls only functions of earlier levels.
//!
//! Functions that call each other in a circle share a level and are recursive. Components are Tarjan's (1972),
//! with an explicit stack.

use crate::entity::Sym;
use crate::passes::again::Lowered;
use crate::passes::again::record::{MANY, VALUE};
use crate::whole::Program;

/// The call graph.
pub struct Graph {
    /// Functions, callees first.
    pub levels: Vec<Vec<u32>>,
    /// Whether a function calls itself, directly or through others.
    pub recursive: Vec<bool>,
    /// Whether a function has one call and no other use.
    pub called_once: Vec<bool>,
    /// Whether one function takes a function's address, and nothing else uses it: a function literal, mostly.
    pub named_once: Vec<bool>,
}

impl Graph {
    /// The graph of a program. Of those functions that only have another that stands for them `lowered` says how they use what.
    pub fn of(p: &Program, lowered: &[Option<&Lowered<'_>>]) -> Graph {
        let count = p.funcs.len();
        let mut calls: Vec<Vec<u32>> = Vec::with_capacity(count);
        let mut called = vec![0u32; count];
        let mut named = vec![0u32; count];
        let mut recursive = vec![false; count];
        for (id, func) in p.funcs.iter().enumerate() {
            let mut out = Vec::new();
            let mut used = |sym: Sym, calls: u32, value: bool| {
                if let Some(to) = p.by_symbol[sym.index()] {
                    // A use as a value comes before calls through it, once it is known.
                    called[to as usize] += calls + if value { 2 } else { 0 };
                    named[to as usize] += if value { 1 } else { 0 } + 2 * calls;
                    recursive[id] |= calls > 0 && to as usize == id;
                    out.push(to);
                } else if value
                    && let Some((code, 0)) = p.word(sym, 0)
                    && let Some(to) = p.by_symbol[code.index()]
                {
                    out.push(to);
                }
            };
            let stands = lowered.get(id).copied().flatten();
            if let Some((uses, _)) = stands.and_then(|l| l.stands) {
                for (data, uses) in func.insts.iter().zip(uses) {
                    let sym = data.symbol().expect("the symbols come first");
                    used(
                        sym,
                        u32::from(uses & (VALUE - 1)).min(MANY.into()),
                        uses & VALUE != 0,
                    );
                }
            } else {
                for inst in func.blocks.iter().flat_map(|b| &b.insts) {
                    let data = &func.insts[inst.index()];
                    if let Some(sym) = data.symbol() {
                        let calls = data.calls(sym);
                        used(sym, calls.into(), !calls);
                    }
                }
            }
            out.sort_unstable();
            out.dedup();
            calls.push(out);
        }
        let once = |uses: &[u32]| -> Vec<bool> {
            let in_data = |id: usize| p.in_data[p.funcs[id].name.index()];
            (0..count).map(|id| uses[id] == 1 && !in_data(id)).collect()
        };
        let (called_once, named_once) = (once(&called), once(&named));
        let (component, members) = components(&calls);
        let mut level = vec![0u32; members.len()];
        // Components come callees first.
        for (c, functions) in members.iter().enumerate() {
            for &f in functions {
                recursive[f as usize] |= functions.len() > 1;
                for &to in &calls[f as usize] {
                    let other = component[to as usize] as usize;
                    if other != c {
                        level[c] = level[c].max(level[other] + 1);
                    }
                }
            }
        }
        let height = level.iter().max().map_or(0, |l| l + 1);
        let mut levels = vec![Vec::new(); height as usize];
        for f in 0..count {
            levels[level[component[f] as usize] as usize].push(f as u32);
        }
        Graph {
            levels,
            recursive,
            called_once,
            named_once,
        }
    }
}

/// Component of each function, and the functions of each component, callees first.
fn components(calls: &[Vec<u32>]) -> (Vec<u32>, Vec<Vec<u32>>) {
    const NEW: u32 = u32::MAX;
    let count = calls.len();
    let (mut number, mut low) = (vec![NEW; count], vec![0u32; count]);
    let mut component = vec![NEW; count];
    let mut members: Vec<Vec<u32>> = Vec::new();
    let (mut open, mut next) = (Vec::new(), 0);
    for root in 0..count as u32 {
        if number[root as usize] != NEW {
            continue;
        }
        let mut path: Vec<(u32, usize)> = vec![(root, 0)];
        while let Some((f, at)) = path.pop() {
            let here = f as usize;
            if at == 0 {
                number[here] = next;
                low[here] = next;
                next += 1;
                open.push(f);
            } else {
                let child = calls[here][at - 1] as usize;
                if component[child] == NEW {
                    low[here] = low[here].min(low[child]);
                }
            }
            let mut at = at;
            let mut down = None;
            while let Some(&to) = calls[here].get(at) {
                at += 1;
                if number[to as usize] == NEW {
                    down = Some(to);
                    break;
                }
                if component[to as usize] == NEW {
                    low[here] = low[here].min(number[to as usize]);
                }
            }
            if let Some(to) = down {
                path.push((f, at));
                path.push((to, 0));
                continue;
            }
            if low[here] == number[here] {
                let mut group = Vec::new();
                while let Some(g) = open.pop() {
                    component[g as usize] = members.len() as u32;
                    group.push(g);
                    if g == f {
                        break;
                    }
                }
                members.push(group);
            }
        }
    }
    (component, members)
}
