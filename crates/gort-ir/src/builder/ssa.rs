//! SSA form for the variables of a function that is complete.
//!
//! While a function is being built, a variable that a block reads before it assigns it gets a value that stands for it
//! there. Here each of these becomes what reaches the block: a definition, or a parameter of a block where several meet.
//!
//! Variables are taken one by one, and for each only the blocks in which it is live. What reaches such a block is guessed
//! to be the same on all ways until two differ: then the block has a parameter, and the guess starts again from
//! there, in reverse postorder. Memory is that of the parameters which remain, and of the blocks once. A variable with a single
//! definition that dominates its uses, as most have, takes no walk at all.
//!
//! Rejected: to find the value at each read (Braun et al., "Simple and Efficient Construction of Static Single Assignment
//! Form", 2013). It makes a parameter in every block with several predecessors that lies between a definition and a use,
//! and removes most of them again. In a function of 5,000 lines with as many variables these were tens of millions.

use crate::dominance::Dominators;
use crate::entity::{Block, Inst, Loc, Value, Var};
use crate::func::{Func, ValueDef};
use crate::inst::InstData;
use crate::types::Type;
use rustc_hash::FxHashMap;

/// Variables as a builder leaves them.
#[derive(Default)]
pub struct Variables {
    /// Their types.
    pub types: Vec<Type>,
    /// What each holds at the end of the blocks that assign it.
    pub defs: FxHashMap<(Var, Block), Value>,
    /// Values that stand for a variable at the start of a block.
    pub reads: Vec<(Var, Block, Value)>,
}

/// What a variable holds at the start of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// What was assigned.
    Value(Value),
    /// Nothing was assigned on the way from this root.
    Zero(Block),
    /// What the block's parameter brings.
    Param(Block),
}

/// Replace the values that stand for variables.
pub fn construct(func: &mut Func, variables: Variables) {
    let Variables {
        types,
        defs,
        mut reads,
    } = variables;
    if reads.is_empty() {
        return;
    }
    reads.sort_unstable();
    let mut by_var: Vec<Vec<(Block, Value)>> = vec![Vec::new(); types.len()];
    for (&(var, block), &value) in &defs {
        by_var[var.index()].push((block, value));
    }
    drop(defs);
    let mut c = Construction::of(func);
    for list in reads.chunk_by(|a, b| a.0 == b.0) {
        let var = list[0].0;
        c.variable(types[var.index()], &by_var[var.index()], list);
    }
}

struct Construction<'f> {
    func: &'f mut Func,
    dominators: Dominators,
    /// Place in reverse postorder.
    place: Vec<Option<u32>>,
    /// Reachable predecessors with their jumps, each once.
    preds: Vec<Vec<(Block, Inst)>>,
    zeros: FxHashMap<(Block, Type), Value>,
    /// Of the variable at hand, by block: what it holds at the end if it is assigned, at the start if it is live there,
    /// and whether a parameter brings it.
    assigned: Vec<Option<Value>>,
    held: Vec<Option<Held>>,
    live: Vec<bool>,
    joins: Vec<bool>,
}

impl<'f> Construction<'f> {
    fn of(func: &'f mut Func) -> Construction<'f> {
        let dominators = Dominators::of(func);
        let blocks = func.blocks.len();
        let mut place = vec![None; blocks];
        let mut preds: Vec<Vec<(Block, Inst)>> = vec![Vec::new(); blocks];
        for (n, &b) in dominators.order().iter().enumerate() {
            place[b.index()] = Some(n as u32);
            if let Some(&last) = func.blocks[b.index()].insts.last() {
                for s in func.insts[last.index()].successors() {
                    if preds[s.index()].last() != Some(&(b, last)) {
                        preds[s.index()].push((b, last));
                    }
                }
            }
        }
        Construction {
            func,
            dominators,
            place,
            preds,
            zeros: FxHashMap::default(),
            assigned: vec![None; blocks],
            held: vec![None; blocks],
            live: vec![false; blocks],
            joins: vec![false; blocks],
        }
    }

    fn variable(&mut self, ty: Type, defs: &[(Block, Value)], reads: &[(Var, Block, Value)]) {
        let reachable = |c: &Self, b: Block| c.place[b.index()].is_some();
        if let &[(def, value)] = defs {
            let covers = |b: Block| def != b && self.dominators.dominates(def, b);
            if reachable(self, def) && reads.iter().all(|r| covers(r.1)) {
                for &(_, _, read) in reads {
                    self.func.values[read.index()].def = ValueDef::Alias(value);
                }
                return;
            }
        }
        for &(b, value) in defs {
            self.assigned[b.index()] = Some(value);
        }
        let starts = reads.iter().map(|r| r.1).filter(|&b| reachable(self, b));
        let live = self.live_from(starts.collect());
        while self.spread(&live) {}
        // The parameters come first, since they bring each other.
        let mut params: FxHashMap<Block, Value> = FxHashMap::default();
        for &b in &live {
            if self.joins[b.index()] {
                params.insert(b, self.func.add_param(b, ty));
            }
        }
        for &b in &live {
            if !self.joins[b.index()] {
                continue;
            }
            for (pred, jump) in self.preds[b.index()].clone() {
                let held = self.at_end(pred);
                let arg = self.value(held, ty, &params);
                for call in self.func.insts[jump.index()].block_calls_mut() {
                    if call.block == b {
                        call.args.push(arg);
                    }
                }
            }
        }
        for &(_, b, read) in reads {
            // Code that is not reached goes with all it computes.
            let held = self.held[b.index()].or(Some(Held::Zero(Block(0))));
            let value = self.value(held, ty, &params);
            self.func.values[read.index()].def = ValueDef::Alias(value);
        }
        for &b in &live {
            self.live[b.index()] = false;
            self.joins[b.index()] = false;
            self.held[b.index()] = None;
        }
        for (b, _) in defs {
            self.assigned[b.index()] = None;
        }
    }

    /// The blocks at whose start a variable is live that is read in some, in reverse postorder.
    fn live_from(&mut self, mut work: Vec<Block>) -> Vec<Block> {
        let mut live = Vec::new();
        while let Some(b) = work.pop() {
            if std::mem::replace(&mut self.live[b.index()], true) {
                continue;
            }
            live.push(b);
            for &(p, _) in &self.preds[b.index()] {
                if self.assigned[p.index()].is_none() && !self.live[p.index()] {
                    work.push(p);
                }
            }
        }
        live.sort_unstable_by_key(|b| self.place[b.index()]);
        live
    }

    /// Say for each block what reaches it, where the joins so far are known. Whether that needs more of them.
    fn spread(&mut self, live: &[Block]) -> bool {
        for &b in live {
            self.held[b.index()] = None;
        }
        for &b in live {
            self.held[b.index()] = match self.joins[b.index()] {
                true => Some(Held::Param(b)),
                false => self.meet(b).unwrap_or_else(|()| {
                    self.joins[b.index()] = true;
                    Some(Held::Param(b))
                }),
            };
        }
        // Jumps backwards bring what was not known yet.
        let mut more = false;
        for &b in live {
            if !self.joins[b.index()] && self.meet(b) != Ok(self.held[b.index()]) {
                self.joins[b.index()] = true;
                more = true;
            }
        }
        more
    }

    /// What all ways to a block bring, as far as it is known; an error if they differ.
    fn meet(&self, b: Block) -> Result<Option<Held>, ()> {
        let root = b.0 == 0 || Some(b) == self.func.recover_block;
        let mut met = root.then_some(Held::Zero(b));
        for &(p, _) in &self.preds[b.index()] {
            match (met, self.at_end(p)) {
                (_, None) => {}
                (None, held) => met = held,
                (Some(x), Some(y)) if x == y => {}
                _ => return Err(()),
            }
        }
        Ok(met)
    }

    fn at_end(&self, b: Block) -> Option<Held> {
        let assigned = self.assigned[b.index()].map(Held::Value);
        assigned.or(self.held[b.index()])
    }

    fn value(&mut self, held: Option<Held>, ty: Type, params: &FxHashMap<Block, Value>) -> Value {
        match held {
            Some(Held::Value(v)) => v,
            Some(Held::Param(b)) => params[&b],
            Some(Held::Zero(root)) => self.zero(root, ty),
            None => unreachable!("something reaches every block"),
        }
    }

    /// The zero of a type at the start of a block.
    fn zero(&mut self, block: Block, ty: Type) -> Value {
        if let Some(&v) = self.zeros.get(&(block, ty)) {
            return v;
        }
        let data = match ty {
            Type::F32 | Type::F64 => InstData::Fconst { ty, bits: 0 },
            _ => InstData::Iconst { ty, imm: 0 },
        };
        let inst = self.func.append(block, data, &[ty], Loc(0));
        let insts = &mut self.func.blocks[block.index()].insts;
        insts.pop();
        insts.insert(0, inst);
        let v = self.func.results[inst.index()][0];
        self.zeros.insert((block, ty), v);
        v
    }
}

#[cfg(test)]
mod tests {
    use crate::func::{Func, LocData};
    use crate::inst::{BinaryOp, IntCc};
    use crate::module::Module;
    use crate::{Builder, Type, verify};

    /// `n` variables, each assigned once or, if `twice`, again in a branch; `n` branches; all are read in the end.
    fn generated(n: usize, twice: bool) -> Func {
        let mut module = Module::new("main");
        let name = module.sym("main.f");
        let mut b = Builder::new(Func::new(name, vec![Type::I64], LocData::default()));
        let given = b.param(Type::I64);
        let vars: Vec<_> = (0..n).map(|_| b.var(Type::I64)).collect();
        for (i, &var) in vars.iter().enumerate() {
            let v = b.add_imm(given, i as i64 + 1);
            b.def(var, v);
            let (then, next) = (b.block(), b.block());
            let cond = b.icmp_imm(IntCc::Slt, v, 7);
            b.branch(cond, then, next);
            b.seal(then);
            b.switch_to(then);
            if twice {
                let v = b.use_var(var);
                let v = b.add_imm(v, 1);
                b.def(var, v);
            }
            b.jump(next, &[]);
            b.seal(next);
            b.switch_to(next);
        }
        let mut sum = b.iconst(Type::I64, 0);
        for &var in &vars {
            let v = b.use_var(var);
            sum = b.binary(BinaryOp::Iadd, sum, v);
        }
        b.ret(&[sum]);
        let func = b.finish();
        module.funcs.push(func.clone());
        assert!(verify::module(&module).is_empty());
        func
    }

    fn params(func: &Func) -> usize {
        func.blocks.iter().skip(1).map(|b| b.params.len()).sum()
    }

    #[test]
    fn parameters_stand_only_where_definitions_meet() {
        let once = generated(400, false);
        assert_eq!(params(&once), 0);
        let twice = generated(400, true);
        assert_eq!(params(&twice), 400);
    }

    #[test]
    fn a_function_takes_room_as_its_length() {
        let size = |n| {
            let f = generated(n, true);
            f.values.len() + f.insts.len()
        };
        assert!(size(2000) < 11 * size(200));
    }

    #[test]
    fn loops_inside_loops() {
        let mut module = Module::new("main");
        let name = module.sym("main.f");
        let mut b = Builder::new(Func::new(name, vec![Type::I64], LocData::default()));
        let n = b.param(Type::I64);
        let (i, kept) = (b.var(Type::I64), b.var(Type::I64));
        b.def(kept, n);
        let (outer, inner, after, done) = (b.block(), b.block(), b.block(), b.block());
        b.jump(outer, &[]);
        b.switch_to(outer);
        b.jump(inner, &[]);
        b.switch_to(inner);
        // Changed in the inner loop, and so brought by both loops; what is kept needs no parameter.
        let now = b.use_var(i);
        let next = b.add_imm(now, 1);
        b.def(i, next);
        let keep = b.use_var(kept);
        let more = b.icmp(IntCc::Slt, next, keep);
        b.branch(more, inner, after);
        b.seal(inner);
        b.seal(after);
        b.switch_to(after);
        let v = b.use_var(i);
        let more = b.icmp_imm(IntCc::Slt, v, 100);
        b.branch(more, outer, done);
        b.seal(outer);
        b.seal(done);
        b.switch_to(done);
        let v = b.use_var(i);
        b.ret(&[v]);
        let func = b.finish();
        module.funcs.push(func.clone());
        assert!(verify::module(&module).is_empty());
        assert_eq!(params(&func), 2);
    }
}
