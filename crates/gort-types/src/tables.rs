//! Dense tables by [`ExprId`]: nearly every expression has an entry.
//!
//! A package that is checked whole has one table a file. Where bodies are checked on demand, each body has a table of
//! its own, which is put in place, once and for good, when the body has been checked; the table of the file has what is
//! outside of bodies. The identities of a body's expressions are one run, and so are its positions. The same goes for large
//! [tables](gort_syntax::table) that variables are initialised with.

use crate::constant::Value;
use crate::info::{FuncObjs, Instance, Mode, Selection, TypeAndMode};
use crate::object::ObjId;
use crate::types::Ty;
use gort_syntax::Pos;
use gort_syntax::ast::{Decl, ExprId, ExprRef, File, FuncDecl};
use gort_syntax::table::Table as SourceTable;
use rustc_hash::FxHashMap;
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Copy)]
struct Rec {
    ty: Ty,
    /// Index into `values` plus one.
    value: u32,
}

/// What is known of a run of expressions.
pub(crate) struct Table {
    first: u32,
    recs: Vec<Rec>,
    modes: Vec<Mode>,
    /// Object plus [`DEF`] bit for definitions.
    objs: Vec<u32>,
    values: Vec<Value>,
    pub selections: FxHashMap<ExprId, Selection>,
    pub instances: FxHashMap<ExprId, Instance>,
    pub case_vars: FxHashMap<Pos, ObjId>,
    pub params: FxHashMap<Pos, FuncObjs>,
}

const DEF: u32 = 1 << 31;

impl Table {
    fn new(first: u32, n: usize) -> Table {
        let none = Rec {
            ty: Ty::INVALID,
            value: 0,
        };
        Table {
            first,
            recs: vec![none; n],
            modes: vec![Mode::None; n],
            objs: vec![0; n],
            values: Vec::new(),
            selections: FxHashMap::default(),
            instances: FxHashMap::default(),
            case_vars: FxHashMap::default(),
            params: FxHashMap::default(),
        }
    }

    pub fn record(&mut self, i: usize, mode: Mode, ty: Ty, value: Option<Value>) {
        let value = match value {
            Some(v) => {
                self.values.push(v);
                self.values.len() as u32
            }
            None => 0,
        };
        self.recs[i] = Rec { ty, value };
        self.modes[i] = mode;
    }

    pub fn record_type(&mut self, i: usize, ty: Ty) {
        self.recs[i].ty = ty;
    }

    pub fn record_obj(&mut self, i: usize, obj: ObjId, def: bool) {
        self.objs[i] = obj.0.get() | if def { DEF } else { 0 };
    }

    fn expr(&self, i: usize) -> Option<TypeAndMode<'_>> {
        let (rec, mode) = (self.recs[i], self.modes[i]);
        let value = rec.value.checked_sub(1).map(|v| &self.values[v as usize]);
        (mode != Mode::None).then_some(TypeAndMode {
            ty: rec.ty,
            mode,
            value,
        })
    }

    fn obj(&self, i: usize) -> Option<(ObjId, bool)> {
        let n = self.objs[i];
        Some((ObjId(NonZeroU32::new(n & !DEF)?), n & DEF != 0))
    }
}

/// A body, or the value of a variable, with a table of its own.
struct Body {
    /// The first identity, and the one after the last.
    ids: (u32, u32),
    /// The first position, and the one after the last.
    at: (u32, u32),
    /// How many identities this body and those before it in the file have: the table of the file leaves them out.
    skip: u32,
    table: OnceLock<Box<Table>>,
}

/// The tables of a package.
#[derive(Default)]
pub(crate) struct Tables {
    /// By first identity, which is also the first position.
    files: Vec<Table>,
    bodies: Vec<Body>,
    /// The body in which an identity was found last: the next one is there, most of the time.
    recent: AtomicUsize,
    /// The body that is being checked, with its first position and the one after the last.
    current: Option<(Box<Table>, (u32, u32))>,
}

/// Where an identity is.
enum Slot {
    /// In a body.
    Body(usize),
    /// In a file, outside of those.
    File(usize, usize),
}

/// The table that a variable is initialised with, if it is a large one.
pub(crate) fn large(value: ExprRef<'_>) -> Option<SourceTable> {
    gort_syntax::table::table(value).filter(|t| t.count >= LARGE)
}

/// So many literals make a table large. Smaller ones are not worth a table of their own.
const LARGE: usize = 16;

fn positions(decl: &FuncDecl<'_>) -> (u32, u32) {
    let body = decl.braces().map(|(open, close)| (open.0, close.0 + 1));
    body.unwrap_or((decl.pos.0, decl.pos.0))
}

impl Tables {
    /// Empty tables.
    pub fn new(files: &[File<'_>], lazy: bool) -> Tables {
        let mut tables = Tables::default();
        let mut sorted: Vec<&File<'_>> = files.iter().collect();
        sorted.sort_by_key(|f| f.first_id);
        for f in sorted {
            let mut skip = 0;
            let mut run = |(first, end): (ExprId, ExprId), at| {
                let ids = (first.0, end.0);
                skip += ids.1 - ids.0;
                tables.bodies.push(Body {
                    ids,
                    at,
                    skip,
                    table: OnceLock::new(),
                });
            };
            for d in f.decls.iter().filter(|_| lazy) {
                match d {
                    Decl::Func(d) if d.has_body() => run(d.id_room(), positions(d)),
                    Decl::Var(d) => {
                        for t in d.values.iter().filter_map(|v| large(v)) {
                            run(t.ids, (t.at.0.0, t.at.1.0));
                        }
                    }
                    _ => {}
                }
            }
            let n = f.id_count - skip.min(f.id_count);
            tables.files.push(Table::new(f.first_id, n as usize));
        }
        tables
    }

    fn slot(&self, id: ExprId) -> Option<Slot> {
        let within = |b: &Body| b.ids.0 <= id.0 && id.0 < b.ids.1;
        let recent = self.recent.load(Ordering::Relaxed);
        if let Some(b) = self.bodies.get(recent)
            && within(b)
        {
            return Some(Slot::Body(recent));
        }
        let file = self.files.partition_point(|f| f.first <= id.0);
        let file = file.checked_sub(1)?;
        let first = self.files[file].first;
        let i = self.bodies.partition_point(|b| b.ids.1 <= id.0);
        if let Some(b) = self.bodies.get(i)
            && within(b)
        {
            self.recent.store(i, Ordering::Relaxed);
            return Some(Slot::Body(i));
        }
        let before = i.checked_sub(1).map(|i| &self.bodies[i]);
        let skip = before.filter(|b| b.ids.0 >= first).map_or(0, |b| b.skip);
        let i = (id.0 - first).checked_sub(skip)? as usize;
        (i < self.files[file].modes.len()).then_some(Slot::File(file, i))
    }

    fn find(&self, id: ExprId) -> Option<(&Table, usize)> {
        Some(match self.slot(id)? {
            Slot::Body(b) => {
                let table = &**self.bodies[b].table.get()?;
                let i = id.0.checked_sub(table.first)? as usize;
                (i < table.modes.len()).then_some((table, i))?
            }
            Slot::File(f, i) => (&self.files[f], i),
        })
    }

    pub fn expr(&self, id: ExprId) -> Option<TypeAndMode<'_>> {
        let (table, i) = self.find(id)?;
        table.expr(i)
    }

    pub fn obj(&self, id: ExprId) -> Option<(ObjId, bool)> {
        let (table, i) = self.find(id)?;
        table.obj(i)
    }

    /// Whether an identifier refers to an object, as far as bodies have been checked.
    pub fn refers_to(&self, obj: ObjId) -> bool {
        let bodies = self.bodies.iter().filter_map(|b| b.table.get());
        let mut tables = self.files.iter().chain(bodies.map(|t| &**t));
        tables.any(|t| t.objs.contains(&obj.0.get()))
    }

    /// The table that an identity is in.
    pub fn at_id(&self, id: ExprId) -> Option<&Table> {
        Some(self.find(id)?.0)
    }

    /// The table that a position is in.
    pub fn at_pos(&self, pos: Pos) -> Option<&Table> {
        let i = self.bodies.partition_point(|b| b.at.1 <= pos.0);
        match self.bodies.get(i) {
            Some(b) if b.at.0 <= pos.0 => b.table.get().map(|t| &**t),
            _ => self.files.get(self.file_at(pos)?),
        }
    }

    fn file_at(&self, pos: Pos) -> Option<usize> {
        let i = self.files.partition_point(|f| f.first <= pos.0);
        i.checked_sub(1)
    }

    /// Where to record what is found out about an expression: in the body that is being checked, or the file.
    pub fn slot_mut(&mut self, id: ExprId) -> Option<(&mut Table, usize)> {
        let holds = |t: &Table| id.0.wrapping_sub(t.first) < t.modes.len() as u32;
        if self.current.as_ref().is_some_and(|c| holds(&c.0)) {
            let table = &mut self.current.as_mut()?.0;
            let i = (id.0 - table.first) as usize;
            return Some((table, i));
        }
        match self.slot(id)? {
            Slot::File(f, i) => Some((&mut self.files[f], i)),
            Slot::Body(_) => None,
        }
    }

    /// Where to record what is found out about a position.
    pub fn at_pos_mut(&mut self, pos: Pos) -> Option<&mut Table> {
        let file = self.file_at(pos);
        match &mut self.current {
            Some((table, at)) if at.0 <= pos.0 && pos.0 < at.1 => Some(table),
            _ => self.files.get_mut(file?),
        }
    }

    /// The body of a function is checked from now on.
    pub fn begin(&mut self, decl: &FuncDecl<'_>) {
        let (first, end) = decl.ids();
        let table = Table::new(first.0, (end.0 - first.0) as usize);
        self.current = Some((Box::new(table), positions(decl)));
    }

    /// A large table is checked from now on.
    pub fn begin_table(&mut self, t: &SourceTable) {
        let table = Table::new(t.ids.0.0, (t.ids.1.0 - t.ids.0.0) as usize);
        self.current = Some((Box::new(table), (t.at.0.0, t.at.1.0)));
    }

    /// Put what was found out about a large table in place.
    pub fn set_table(&self, t: &SourceTable, table: Table) {
        let i = self.bodies.partition_point(|b| b.ids.1 <= t.ids.0.0);
        if let Some(b) = self.bodies.get(i).filter(|b| b.ids.0 == t.ids.0.0) {
            let _ = b.table.set(Box::new(table));
        }
    }

    /// It has been checked.
    pub fn end(&mut self) -> Option<Table> {
        self.current.take().map(|(table, _)| *table)
    }

    fn body(&self, decl: &FuncDecl<'_>) -> Option<&Body> {
        let pos = decl.braces()?.0.0;
        let i = self.bodies.partition_point(|b| b.at.1 <= pos);
        self.bodies.get(i).filter(|b| b.at.0 == pos)
    }

    /// Put the table of a body in place.
    pub fn set_body(&self, decl: &FuncDecl<'_>, table: Table) {
        if let Some(b) = self.body(decl) {
            let _ = b.table.set(Box::new(table));
        }
    }

    /// Whether there is the table of a body.
    pub fn has_body(&self, decl: &FuncDecl<'_>) -> bool {
        match self.body(decl) {
            Some(b) => b.table.get().is_some(),
            None => self.bodies.is_empty(),
        }
    }
}
