//! Inlining over the whole program, callees first.
//!
//! Functions are taken in levels: all that a level calls has been finished in earlier ones, but for recursion.
//! Within a level each function is worked on by itself, in parallel: simplify, put the bodies of worthy
//! callees in place of their calls, and again, since bodies make closures and itabs known and calls
//! direct. What a function may cost its callers is settled when it is finished.
//!
//! What is made of a function depends on its own code and on the answers to what [`One`] asks of the program; where an earlier
//! build has asked the same and was told the same, its result is taken ([`crate::passes::again`]).
//!
//! Every inlined call is noted in [`Func::inlines`], from which tracebacks show the frames as if nothing had happened.
//!
//! - `graph`: who calls whom, and the levels
//! - `closures`: calls of closures that are made here
//! - `cost`: what a body costs and which calls are worth it
//! - `splice`: one body in place of one call

mod closures;
pub mod cost;
mod graph;
mod splice;

use super::again::entry::{self, Answers, Near, Question};
use super::again::record::{self, Code, Names, Stub, Writer};
use super::again::{Earlier, Lowered};
use super::{checks, combine, promote, simplify};
use crate::entity::{Block, Inst, Sym, Value};
use crate::form::Digest;
use crate::func::{Func, cleanup};
use crate::inst::{Callee, InstData};
use crate::module::Module;
use crate::types::Type;
use crate::whole::Program;
use cost::Cost;
use graph::Graph;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// How often a function is searched for calls: bodies bring new ones.
const ROUNDS: usize = 4;

/// How often objects are looked for that can be promoted.
const PROMOTIONS: usize = 3;

/// Other passes that functions go through while they are worked on.
#[derive(Clone, Copy)]
pub struct Beside {
    /// `promote`
    pub promote: bool,
    /// `checks`
    pub checks: bool,
    /// `combine`
    pub combine: bool,
}

impl Beside {
    /// All of them.
    pub const ALL: Beside = Beside {
        promote: true,
        checks: true,
        combine: true,
    };
}

/// Inline across the program.
pub fn run(modules: &mut [Module], beside: Beside) {
    with(modules, beside, None, None);
}

/// What came of a function, for later builds.
pub struct Made<'e> {
    /// Module of the function.
    pub home: usize,
    /// The digest under which it is kept.
    pub key: Digest,
    /// What was kept under it.
    pub old: &'static [u8],
    /// The ways that fit: their near halves are the same.
    pub ways: Vec<usize>,
    /// Near half of these, or of a new one.
    pub near: Cow<'e, [u8]>,
    /// Digest of the function.
    pub digest: Digest,
    /// Its code, where one was left that stands for it.
    pub code: Option<Code<'e>>,
}

/// Inline across the program. What has been done before is not done again: then the function is left as one that stands for it
/// ([`Stub`]), and the near half of its way has the code. `lowered` says what is known of functions beforehand.
pub fn with<'e>(
    modules: &mut [Module],
    beside: Beside,
    earlier: Option<&'e dyn Earlier>,
    lowered: Option<&'e FxHashMap<String, Lowered<'e>>>,
) -> FxHashMap<Arc<str>, Made<'e>> {
    let program = Program::join(modules);
    let known = |f: &Func| lowered?.get(&*program.names[f.name.index()]);
    let lowered: Vec<Option<&Lowered<'e>>> = program.funcs.iter().map(known).collect();
    let graph = Graph::of(&program, &lowered);
    let count = program.funcs.len();
    let packages: Vec<String> = modules.iter().map(|m| m.package.clone()).collect();
    let mut work = Work {
        gorecover: program.symbol("runtime.gorecover"),
        keys: match earlier {
            Some(_) => keys(&program, &graph, &lowered),
            None => Vec::new(),
        },
        packages: &packages,
        lowered,
        program,
        graph,
        settled: vec![None; count],
        code: vec![None; count],
        bodies: (0..count).map(|_| OnceLock::new()).collect(),
        beside,
        earlier,
    };
    let mut made = FxHashMap::default();
    for level in std::mem::take(&mut work.graph.levels) {
        let mut taken: Vec<(u32, Func)> = Vec::with_capacity(level.len());
        for id in level {
            let empty = Func::new(Sym(0), Vec::new(), Default::default());
            let func = std::mem::replace(&mut work.program.funcs[id as usize], empty);
            taken.push((id, func));
        }
        let done: Vec<Done<'_>> = taken
            .into_par_iter()
            .map_init(Writer::default, |writer, (id, func)| {
                work.one(func, id as usize, writer)
            })
            .collect();
        for one in done {
            let id = one.id;
            if let Some(m) = one.made {
                made.insert(work.program.names[one.func.name.index()].clone(), m);
            }
            work.program.funcs[id] = one.func;
            work.settled[id] = one.settled;
            work.code[id] = one.code;
        }
    }
    work.program.split(modules);
    made
}

/// The digests under which functions are kept: of all that decides what becomes of them, but what they ask.
fn keys(program: &Program, graph: &Graph, lowered: &[Option<&Lowered<'_>>]) -> Vec<Option<Digest>> {
    let key = |writer: &mut Writer, (id, func): (usize, &Func)| {
        // What has no code is the same afterwards.
        if func.blocks.is_empty() {
            return None;
        }
        let known = lowered[id].map(|l| l.digest);
        let own = known.unwrap_or_else(|| record::digest(&write(program, writer, func)));
        let mut bytes = own.to_vec();
        bytes.push(u8::from(graph.called_once[id]) | u8::from(graph.recursive[id]) << 1);
        Some(record::digest(&bytes))
    };
    let funcs = program.funcs.par_iter().enumerate();
    funcs.map_init(Writer::default, key).collect()
}

fn write(program: &Program, writer: &mut Writer, func: &Func) -> Vec<u8> {
    let name = |s: Sym| &*program.names[s.index()];
    let file = |f: u32| program.files.get(f as usize).map_or("", String::as_str);
    writer.write(func, &name, &file)
}

impl Names for &Program {
    fn symbol(&mut self, name: &str) -> Option<Sym> {
        Program::symbol(self, name)
    }

    fn file(&mut self, name: &str) -> Option<u32> {
        Program::file(self, name)
    }
}

/// What a finished function is for its callers.
#[derive(Clone)]
struct Settled {
    cost: Cost,
    /// Of the function, if anything is to be kept.
    digest: Digest,
}

/// A function that has been worked on.
struct Done<'e> {
    id: usize,
    func: Func,
    settled: Option<Settled>,
    code: Option<Code<'e>>,
    made: Option<Made<'e>>,
}

/// What the work on all functions shares.
struct Work<'e, 'p> {
    program: Program,
    graph: Graph,
    /// Package of each module.
    packages: &'p [String],
    /// What is known of the functions beforehand.
    lowered: Vec<Option<&'e Lowered<'e>>>,
    gorecover: Option<Sym>,
    keys: Vec<Option<Digest>>,
    settled: Vec<Option<Settled>>,
    /// The code of those functions that only have another that stands for them, and the whole ones, where they were wanted.
    code: Vec<Option<Code<'e>>>,
    bodies: Vec<OnceLock<Func>>,
    beside: Beside,
    earlier: Option<&'e dyn Earlier>,
}

impl<'e> Work<'e, '_> {
    fn one(&self, mut func: Func, id: usize, writer: &mut Writer) -> Done<'e> {
        let old = self.keys.get(id).copied().flatten().map(|key| {
            let package = &self.packages[self.program.homes[id] as usize];
            let kept = self.earlier.map(|e| e.get(package, &key));
            (key, kept.unwrap_or_default())
        });
        if let Some((key, old)) = old
            && let Some(done) = self.again(id, key, old)
        {
            return done;
        }
        if let Some((_, code)) = self.lowered[id].and_then(|l| l.stands) {
            func = record::whole(&func, code);
        }
        let one = One {
            work: self,
            asked: RefCell::default(),
        };
        one.function(&mut func, id);
        if self.beside.promote {
            promote::function(&mut func);
        }
        simplify::function(&mut func, &|_, _| None);
        // What it costs is what is left of it.
        if self.beside.checks {
            checks::function(&mut func);
        }
        if self.beside.combine {
            combine::reads(&mut func);
        }
        cleanup::tidy(&mut func);
        let cost = match self.graph.recursive[id] {
            true => None,
            false => Cost::of(&func, self.gorecover),
        };
        let mut digest = Digest::default();
        let made = old.map(|(key, old)| {
            let bytes = write(&self.program, writer, &func);
            digest = record::digest(&bytes);
            let questions = one.asked.into_inner().list;
            let name = |s: Sym| &*self.program.names[s.index()];
            let answers = self.answers(&questions);
            let near = Near::write(&questions, &answers, &digest, cost.as_ref(), &bytes, name);
            Made {
                home: self.program.homes[id] as usize,
                key,
                old,
                ways: Vec::new(),
                near: Cow::Owned(near),
                digest,
                code: None,
            }
        });
        Done {
            id,
            func,
            settled: cost.map(|cost| Settled { cost, digest }),
            code: None,
            made,
        }
    }

    /// What an earlier build has made of a function, if the answers to what it asked are the same.
    fn again(&self, id: usize, key: Digest, old: &'static [u8]) -> Option<Done<'e>> {
        let all = entry::ways(old);
        let fits = |&way: &usize| {
            let near = Near::read(all[way].0);
            near.is_some_and(|near| {
                let questions = near.questions(|name| self.program.symbol(name));
                questions.is_some_and(|q| self.answers(&q) == near.answers)
            })
        };
        let ways: Vec<usize> = (0..all.len()).filter(fits).collect();
        let bytes = all[*ways.first()?].0;
        let near = Near::read(bytes)?;
        let stub = Stub::read(near.function, &mut &self.program)?;
        let (code, digest) = (stub.code(), near.digest);
        Some(Done {
            id,
            settled: near.cost.map(|cost| Settled { cost, digest }),
            code: Some(code),
            func: stub.func,
            made: Some(Made {
                home: self.program.homes[id] as usize,
                key,
                old,
                ways,
                near: Cow::Borrowed(bytes),
                digest,
                code: Some(code),
            }),
        })
    }

    /// A digest of the answers to questions.
    fn answers(&self, questions: &[Question]) -> Digest {
        let mut answers = Answers::default();
        for question in questions {
            match *question {
                Question::Callee(sym) => match self.callee(sym) {
                    None => answers.add(0, &[]),
                    Some((id, settled)) => {
                        let once = self.graph.called_once[id as usize];
                        let named = self.graph.named_once[id as usize];
                        let uses = if once {
                            2
                        } else if named {
                            5
                        } else {
                            1
                        };
                        answers.add(uses, &[&settled.digest]);
                    }
                },
                Question::Word(sym, off) => match self.program.word(sym, off) {
                    None => answers.add(3, &[]),
                    Some((to, addend)) => {
                        let name = &self.program.names[to.index()];
                        answers.add(4, &[name.as_bytes(), &addend.to_le_bytes()]);
                    }
                },
            }
        }
        answers.digest()
    }

    /// A function that may be put in place of its calls. Not one of the same level, or a later one.
    fn callee(&self, sym: Sym) -> Option<(u32, &Settled)> {
        let id = self.program.by_symbol[sym.index()]?;
        Some((id, self.settled[id as usize].as_ref()?))
    }

    /// A function that is finished.
    fn body(&self, id: u32) -> &Func {
        let id = id as usize;
        let func = &self.program.funcs[id];
        match self.code[id] {
            None => func,
            Some(code) => self.bodies[id].get_or_init(|| record::whole(func, code)),
        }
    }
}

/// The work on one function, which notes what it asks of the program.
struct One<'w, 'e, 'p> {
    work: &'w Work<'e, 'p>,
    asked: RefCell<Asked>,
}

/// Questions, each once.
#[derive(Default)]
struct Asked {
    list: Vec<Question>,
    known: FxHashSet<Question>,
}

impl One<'_, '_, '_> {
    fn ask(&self, question: Question) {
        let mut asked = self.asked.borrow_mut();
        if asked.known.insert(question) {
            asked.list.push(question);
        }
    }

    fn function(&self, func: &mut Func, id: usize) {
        self.simplify(func);
        let mut budget = cost::Growth::of(func);
        // A small function is worth more where it is called than the large one it calls is in it.
        let stays_small = !self.work.graph.called_once[id] && cost::is_small(func);
        for _ in 0..ROUNDS {
            if !self.round(func, &mut budget, stays_small) {
                return;
            }
            self.simplify(func);
        }
    }

    fn simplify(&self, func: &mut Func) {
        let words = |sym, off| {
            self.ask(Question::Word(sym, off));
            self.work.program.word(sym, off)
        };
        if closures::run(func) {
            cleanup::cleanup(func);
        }
        simplify::function(func, &words);
        // An object that was only seen by way of another that was promoted can be promoted then.
        for _ in 0..PROMOTIONS {
            if !self.work.beside.promote || !promote::function(func) {
                break;
            }
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
                        let (callee, cost) = self.callee(func, inst)?;
                        let once = self.work.graph.called_once[callee as usize]
                            || self.work.graph.named_once[callee as usize]
                                && closures::sites(
                                    func,
                                    self.work.program.funcs[callee as usize].name,
                                ) == 1;
                        let site = cost::Site {
                            cold: func.blocks[here.index()].cold,
                            in_loop,
                            only: !stays_small && once,
                        };
                        cost.worth(func, inst, &site, budget)
                            .then_some((at, callee))
                    });
            if let Some((at, callee)) = found {
                let rest = splice::splice(func, self.work.body(callee), here, at);
                rests.push(rest);
                changed = true;
            }
        }
        if changed {
            cleanup::cleanup(func);
        }
        changed
    }

    /// The function that may be put in place of the call that an instruction is.
    fn callee(&self, func: &Func, inst: Inst) -> Option<(u32, &Cost)> {
        let InstData::Call {
            callee: Callee::Direct(sym),
            args,
        } = &func.insts[inst.index()]
        else {
            return None;
        };
        self.ask(Question::Callee(*sym));
        let (id, settled) = self.work.callee(*sym)?;
        let body = self.work.body(id);
        // Declarations that linkname puts on the function may say numbers where it says pointers: what is a pointer must not
        // be forgotten.
        let same = |outside: &[Value], inside: &mut dyn Iterator<Item = Type>| {
            outside.iter().map(|&v| func.ty(v)).eq(inside)
        };
        let fits = *sym != func.name
            && same(args, &mut body.blocks[0].params.iter().map(|&v| body.ty(v)))
            && same(
                &func.results[inst.index()],
                &mut body.result_types.iter().copied(),
            );
        fits.then_some((id, &settled.cost))
    }
}
