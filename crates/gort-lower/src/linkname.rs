//! What `//go:linkname` joins: functions and variables under symbols that are not their own.
//!
//! A directive *pushes* where the declaration has a body or an initial value: that is what the symbol means. Elsewhere
//! it *pulls*: the declaration stands for what another package has under the symbol.
//!
//! The standard library may pull and push as it likes. Other packages may pull from it only what official Go keeps
//! open ([`Program::open`]); they may not push into it. What they pull from package runtime must also be one of the
//! functions for which gort's runtime keeps official Go's signature: those that carry a mark there (`//go:linkname f`),
//! those that are pushed, and those of the name `open_f`, which stand in for an `f` that is something else in gort.
//! All others would be called with the wrong arguments.

use crate::program::{Cx, Program};
use gort_syntax::{Diagnostic, Pos, Symbol};
use gort_types::ObjId;
use rustc_hash::{FxHashMap, FxHashSet};

/// Names in package runtime of what stands in for another function.
const STAND_IN: &str = "open_";

/// What the directives of a program say.
#[derive(Default)]
pub struct Linknames {
    /// The symbols of functions and variables.
    symbols: FxHashMap<ObjId, String>,
    /// Functions with a body, by their symbols.
    funcs: FxHashMap<String, ObjId>,
    /// Variables with an initial value, by their symbols.
    vars: FxHashMap<String, ObjId>,
    /// The names in package runtime that a directive marks.
    marked: FxHashSet<String>,
    /// What other packages pull from package runtime, and gort's does not have as official Go has it.
    refused: FxHashSet<ObjId>,
}

/// A directive with a symbol.
struct Line<'a> {
    unit: usize,
    obj: ObjId,
    target: &'a str,
}

impl Linknames {
    /// The symbol that a directive gives a function or variable.
    pub fn symbol(&self, obj: ObjId) -> Option<&str> {
        self.symbols.get(&obj).map(String::as_str)
    }

    /// The function with a body that a directive puts under a symbol.
    pub fn func(&self, symbol: &str) -> Option<ObjId> {
        self.funcs.get(symbol).copied()
    }

    /// The variable with an initial value that a directive puts under a symbol.
    pub fn var(&self, symbol: &str) -> Option<ObjId> {
        self.vars.get(symbol).copied()
    }

    /// Whether package runtime has a function under its symbol with official Go's signature.
    pub fn is_open_in_runtime(&self, symbol: &str) -> bool {
        let name = symbol.strip_prefix("runtime.").unwrap_or(symbol);
        self.marked.contains(name) || self.funcs.contains_key(symbol)
    }

    /// Whether an object stands for something of the runtime that gort does not have.
    pub fn is_refused(&self, obj: ObjId) -> bool {
        self.refused.contains(&obj)
    }
}

/// Read the directives of all packages.
pub fn read(cx: &Cx<'_>) -> Linknames {
    let mut names = Linknames::default();
    let lines = lines(cx);
    for l in &lines {
        names.symbols.insert(l.obj, l.target.to_string());
        if has_body(cx, l.obj) {
            names.funcs.insert(l.target.to_string(), l.obj);
        } else if has_initial_value(cx, l.obj) {
            names.vars.insert(l.target.to_string(), l.obj);
        }
    }
    let marked = marks(cx);
    let runtime = cx.store.package(cx.units[cx.runtime_unit()].pkg);
    for l in lines.iter().filter(|l| !cx.units[l.unit].standard) {
        let Some(name) = l.target.strip_prefix("runtime.") else {
            continue;
        };
        let stand_in = runtime.lookup(Symbol::intern(&format!("{STAND_IN}{name}")));
        if let Some(stand_in) = stand_in {
            let symbol = match names.symbol(stand_in) {
                Some(symbol) => symbol.to_string(),
                None => format!("runtime.{STAND_IN}{name}"),
            };
            names.symbols.insert(l.obj, symbol);
        } else if !marked.contains(name) && !names.funcs.contains_key(l.target) {
            names.refused.insert(l.obj);
        }
    }
    names.marked = marked.into_iter().map(String::from).collect();
    names
}

/// The directives that join a declaration of their package to a symbol.
fn lines<'a>(cx: &Cx<'a>) -> Vec<Line<'a>> {
    let mut out = Vec::new();
    for (unit, u) in cx.units.iter().enumerate() {
        for (_, text) in u.files.iter().flat_map(|f| &f.directives) {
            let Some((local, Some(target))) = words(text) else {
                continue;
            };
            if let Some(obj) = cx.store.package(u.pkg).lookup(Symbol::intern(local)) {
                out.push(Line { unit, obj, target });
            }
        }
    }
    out
}

/// The names in package runtime that a directive without a symbol marks.
fn marks<'a>(cx: &Cx<'a>) -> FxHashSet<&'a str> {
    let files = cx.units[cx.runtime_unit()].files.iter();
    let texts = files.flat_map(|f| &f.directives).map(|(_, text)| *text);
    let mark = |text| words(text).filter(|w| w.1.is_none()).map(|w| w.0);
    texts.filter_map(mark).collect()
}

/// The local name and the symbol of a linkname directive.
fn words(text: &str) -> Option<(&str, Option<&str>)> {
    let mut words = text.split_whitespace();
    let verb = words.next()?;
    let local = words.next()?;
    matches!(verb, "go:linkname" | "go:linknamestd").then(|| (local, words.next()))
}

/// The first use of `//go:linkname` by a package outside of the standard library that official Go's linker refuses, in
/// its words.
pub fn forbidden(cx: &Cx<'_>, program: &Program<'_>) -> Option<Diagnostic> {
    for l in lines(cx) {
        let unit = &cx.units[l.unit];
        if unit.standard {
            continue;
        }
        let problem = if has_body(cx, l.obj) || has_initial_value(cx, l.obj) {
            let Some(other) = std_definer(cx, l.target) else {
                continue;
            };
            format!(
                "duplicated definition of symbol {}, from {other} and {}",
                l.target, unit.path
            )
        } else if unit.info.refers_to(l.obj) && !(program.open)(&unit.path, l.target) {
            format!("{}: invalid reference to {}", unit.path, l.target)
        } else {
            continue;
        };
        return Some(Diagnostic::new(Pos::NONE, "Link", problem));
    }
    None
}

/// The package of the standard library that defines a symbol.
fn std_definer<'a>(cx: &Cx<'a>, symbol: &str) -> Option<&'a str> {
    let pushed = lines(cx)
        .into_iter()
        .find(|l| l.target == symbol && cx.units[l.unit].standard && has_body(cx, l.obj));
    if let Some(l) = pushed {
        return Some(&cx.units[l.unit].path);
    }
    let (path, name) = split(symbol)?;
    let unit = cx.units.iter().find(|u| u.standard && u.path == path)?;
    let obj = cx.store.package(unit.pkg).lookup(Symbol::intern(name))?;
    let defines = has_body(cx, obj) || !unit.info.func_decls.contains_key(&obj);
    defines.then_some(&unit.path)
}

/// The path and the name that a symbol consists of.
pub fn split(symbol: &str) -> Option<(&str, &str)> {
    let start = symbol.rfind('/').map_or(0, |i| i + 1);
    let dot = symbol[start..].find('.')? + start;
    Some((&symbol[..dot], &symbol[dot + 1..]))
}

/// Whether a package variable is declared with a value.
pub fn has_initial_value(cx: &Cx<'_>, obj: ObjId) -> bool {
    let info = cx.units[cx.unit_of(cx.store.obj(obj).pkg)].info;
    info.init_order.iter().any(|i| i.lhs.contains(&obj))
}

fn has_body(cx: &Cx<'_>, obj: ObjId) -> bool {
    let unit = &cx.units[cx.unit_of(cx.store.obj(obj).pkg)];
    let decl = unit.info.func_decls.get(&obj);
    decl.is_some_and(|f| f.decl.has_body())
}
