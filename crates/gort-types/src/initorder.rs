//! The order in which package-level variables are initialised.
//!
//! Variables depend on the constants, variables and functions that their initialisers mention, functions on
//! what their bodies mention. Functions are then eliminated by connecting their users with what they use, and
//! variables are emitted by number of pending dependencies, then source order.

use crate::check::Checker;
use crate::errors::Report;
use crate::info::Initializer;
use crate::object::{ObjData, ObjId};
use crate::resolver::DeclKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

#[derive(Default)]
struct Node {
    pred: FxHashSet<usize>,
    succ: FxHashSet<usize>,
    /// Pending dependencies.
    ndeps: usize,
}

impl<'a> Checker<'a> {
    pub(crate) fn init_order(&mut self) {
        let (objs, mut nodes) = self.dependency_graph();
        let key = |c: &Self, nodes: &[Node], i: usize| {
            let o = c.store.obj(objs[i]);
            let is_const = matches!(o.data, ObjData::Const { .. });
            (!is_const, nodes[i].ndeps, o.order(), i)
        };
        let mut queue: BTreeSet<(bool, usize, u32, usize)> = BTreeSet::new();
        for i in 0..objs.len() {
            if self.store.obj(objs[i]).func().is_none() {
                nodes[i].ndeps = nodes[i].succ.len();
                queue.insert(key(self, &nodes, i));
            }
        }
        let mut emitted: FxHashSet<usize> = FxHashSet::default();
        while let Some((.., i)) = queue.pop_first() {
            if nodes[i].ndeps > 0
                && let Some(cycle) = self.find_path(objs[i], objs[i], &mut FxHashSet::default())
            {
                self.report_init_cycle(&cycle);
            }
            let preds: Vec<usize> = nodes[i].pred.iter().copied().collect();
            for p in preds {
                if queue.remove(&key(self, &nodes, p)) {
                    nodes[p].ndeps -= 1;
                    queue.insert(key(self, &nodes, p));
                }
            }
            let decl = self.decl_of[&objs[i]];
            let DeclKind::Var {
                lhs,
                init: Some(init),
                ..
            } = &self.decls[decl].kind
            else {
                continue;
            };
            if emitted.insert(decl) {
                let init = Initializer {
                    lhs: lhs.to_vec(),
                    rhs: init,
                };
                self.info.init_order.push(init);
            }
        }
    }

    fn dependency_graph(&self) -> (Vec<ObjId>, Vec<Node>) {
        let is_dependency = |o: ObjId| {
            matches!(
                self.store.obj(o).data,
                ObjData::Const { .. } | ObjData::Var { .. } | ObjData::Func(_)
            )
        };
        let objs: Vec<ObjId> = self
            .obj_list
            .iter()
            .copied()
            .filter(|&o| is_dependency(o))
            .collect();
        let index: FxHashMap<ObjId, usize> =
            objs.iter().enumerate().map(|(i, &o)| (o, i)).collect();
        let mut nodes: Vec<Node> = objs.iter().map(|_| Node::default()).collect();
        for (i, obj) in objs.iter().enumerate() {
            for d in &self.decls[self.decl_of[obj]].deps {
                if let Some(&d) = index.get(d) {
                    nodes[i].succ.insert(d);
                    nodes[d].pred.insert(i);
                }
            }
        }
        let mut funcs: Vec<usize> = (0..objs.len())
            .filter(|&i| self.store.obj(objs[i]).func().is_some())
            .collect();
        funcs.sort_by_key(|&f| nodes[f].pred.len() * nodes[f].succ.len());
        for f in funcs {
            let pred: Vec<usize> = nodes[f].pred.iter().copied().collect();
            let succ: Vec<usize> = nodes[f].succ.iter().copied().collect();
            for &p in &pred {
                if p != f {
                    for &s in &succ {
                        if s != f {
                            nodes[p].succ.insert(s);
                            nodes[s].pred.insert(p);
                        }
                    }
                    nodes[p].succ.remove(&f);
                }
            }
            for &s in &succ {
                nodes[s].pred.remove(&f);
            }
        }
        (objs, nodes)
    }

    fn find_path(&self, from: ObjId, to: ObjId, seen: &mut FxHashSet<ObjId>) -> Option<Vec<ObjId>> {
        if !seen.insert(from) {
            return None;
        }
        let mut deps: Vec<ObjId> = self.decls[*self.decl_of.get(&from)?]
            .deps
            .iter()
            .copied()
            .collect();
        deps.sort_by_key(|&d| self.store.obj(d).order());
        for d in deps {
            if d == to {
                return Some(vec![d]);
            }
            if let Some(mut path) = self.find_path(d, to, seen) {
                path.push(d);
                return Some(path);
            }
        }
        None
    }

    fn report_init_cycle(&mut self, cycle: &[ObjId]) {
        let store = self.store;
        let o = store.obj(cycle[0]);
        if cycle.len() == 1 {
            let msg = format!("initialization cycle: {} refers to itself", o.name);
            self.error(o.pos, "InvalidInitCycle", msg);
            return;
        }
        let msg = format!("initialization cycle for {}", o.name);
        let mut r = Report::new(o.pos, "InvalidInitCycle", msg);
        let mut cur = o;
        for &next in cycle.iter().rev() {
            let next = store.obj(next);
            r = r.note(cur.pos, format!("{} refers to {}", cur.name, next.name));
            cur = next;
        }
        self.report(r);
    }
}
