//! Instantiation must end: a graph of which type parameters flow into which has no cycle that
//! makes types larger.
//!
//! Vertices are type parameters (and local types that depend on them). An edge of weight 1 says that a type
//! built from its source becomes an argument for its destination; of weight 0, the source itself does.

use crate::check::Checker;
use crate::errors::Report;
use crate::object::ObjId;
use crate::types::*;
use gort_syntax::Pos;
use rustc_hash::FxHashMap;

#[derive(Default)]
struct Vertex {
    weight: i64,
    /// The edge through which the weight came.
    pre: usize,
    len: usize,
    obj: Option<ObjId>,
}

struct Edge {
    dst: usize,
    src: usize,
    weight: i64,
    pos: Pos,
    ty: Ty,
}

/// The graph.
#[derive(Default)]
pub(crate) struct MonoGraph {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    /// Type parameters of receivers stand for those of their type.
    canon: FxHashMap<Ty, Ty>,
    index: FxHashMap<Ty, usize>,
}

impl MonoGraph {
    pub(crate) fn record_canon(&mut self, recv: Ty, declared: Ty) {
        self.canon.insert(recv, declared);
    }

    fn vertex(&mut self, tparam: Ty, obj: ObjId) -> usize {
        let vertices = &mut self.vertices;
        *self.index.entry(tparam).or_insert_with(|| {
            vertices.push(Vertex {
                obj: Some(obj),
                ..Vertex::default()
            });
            vertices.len() - 1
        })
    }
}

impl<'a> Checker<'a> {
    fn tparam_vertex(&mut self, tparam: Ty) -> Option<usize> {
        let tparam = self.mono.canon.get(&tparam).copied().unwrap_or(tparam);
        match self.store.raw_kind(tparam) {
            TyKind::TypeParam(p) => Some(self.mono.vertex(tparam, p.obj)),
            _ => None,
        }
    }

    pub(crate) fn mono_assign(&mut self, pos: Pos, tparam: Ty, targ: Ty) {
        let TyKind::TypeParam(p) = self.store.raw_kind(tparam) else {
            return;
        };
        if self.store.obj(p.obj).pkg != Some(self.pkg) || !self.store.has_tparams(targ) {
            return;
        }
        self.mono_flow(pos, tparam, targ, targ);
    }

    fn mono_edge(&mut self, pos: Pos, tparam: Ty, targ: Ty, src: usize, same: bool) {
        if let Some(dst) = self.tparam_vertex(tparam) {
            let weight = i64::from(!same);
            self.mono.edges.push(Edge {
                dst,
                src,
                weight,
                pos,
                ty: targ,
            });
        }
    }

    fn mono_flow(&mut self, pos: Pos, tparam: Ty, targ: Ty, ty: Ty) {
        let s = self.store;
        let ty = s.unalias(ty);
        let mut each = |list: Vec<Ty>| {
            for t in list {
                self.mono_flow(pos, tparam, targ, t);
            }
        };
        match s.raw_kind(ty) {
            TyKind::TypeParam(_) => {
                if let Some(src) = self.tparam_vertex(ty) {
                    self.mono_edge(pos, tparam, targ, src, ty == s.unalias(targ));
                }
            }
            TyKind::Named(n) => {
                let origin = n.origin.unwrap_or(ty);
                let outer: Vec<Ty> = s
                    .named(origin)
                    .and_then(|o| o.outer_tparams.get())
                    .map_or(vec![], |t| t.to_vec());
                if !outer.is_empty() && s.obj(n.obj).pkg == Some(self.pkg) {
                    let known = self.mono.index.contains_key(&origin);
                    let v = self.mono.vertex(origin, n.obj);
                    if !known {
                        let at = s.obj(n.obj).pos;
                        for p in outer {
                            if let Some(src) = self.tparam_vertex(p) {
                                self.mono.edges.push(Edge {
                                    dst: v,
                                    src,
                                    weight: 1,
                                    pos: at,
                                    ty: p,
                                });
                            }
                        }
                    }
                    self.mono_edge(pos, tparam, targ, v, ty == s.unalias(targ));
                }
                for &t in n.targs.iter() {
                    self.mono_flow(pos, tparam, targ, t);
                }
            }
            TyKind::Pointer(t) | TyKind::Slice(t) => each(vec![*t]),
            TyKind::Array { elem, .. } | TyKind::Chan { elem, .. } => each(vec![*elem]),
            TyKind::Map { key, elem } => each(vec![*key, *elem]),
            TyKind::Interface(i) => {
                each(
                    i.methods
                        .iter()
                        .map(|m| m.sig)
                        .chain(i.embeds.iter().copied())
                        .collect(),
                );
            }
            TyKind::Signature(f) => each(f.params.iter().chain(&f.results).map(|p| p.ty).collect()),
            TyKind::Struct(st) => each(st.fields.iter().map(|f| f.ty).collect()),
            _ => {}
        }
    }

    /// Report an instantiation that would never end.
    pub(crate) fn monomorph(&mut self) {
        let n = self.mono.vertices.len();
        let mut again = true;
        while again {
            again = false;
            for i in 0..self.mono.edges.len() {
                let Edge {
                    dst, src, weight, ..
                } = self.mono.edges[i];
                let from = &self.mono.vertices[src];
                let (w, len) = (from.weight + weight, from.len + 1);
                let to = &mut self.mono.vertices[dst];
                if w <= to.weight {
                    continue;
                }
                to.pre = i;
                to.len = len;
                if len == n {
                    self.report_instance_loop(dst);
                    return;
                }
                to.weight = w;
                again = true;
            }
        }
    }

    fn report_instance_loop(&mut self, v: usize) {
        let mut v = v;
        let mut stack = vec![];
        while !stack.contains(&v) {
            stack.push(v);
            v = self.mono.edges[self.mono.vertices[v].pre].src;
        }
        let start = stack.iter().position(|&s| s == v).unwrap_or(0);
        let Some(obj0) = self.mono.vertices[v].obj else {
            return;
        };
        let pos = self.store.obj(obj0).pos;
        let mut r = Report::new(pos, "InvalidInstanceCycle", "instantiation cycle:");
        for &v in &stack[start..] {
            let edge = &self.mono.edges[self.mono.vertices[v].pre];
            let Some(obj) = self.mono.vertices[edge.dst].obj else {
                continue;
            };
            let o = self.store.obj(obj);
            let what = if self.store.is_type_param(o.ty()) {
                "instantiated as"
            } else {
                "implicitly parameterized by"
            };
            r = r.note(edge.pos, format!("{} {what} {}", o.name, self.ts(edge.ty)));
        }
        self.report(r);
    }
}
