//! Symbols by name, and which sections are needed.

use crate::input::{Definition, ObjectFile};
use crate::{LinkError, Role};
use object::elf;
use rustc_hash::FxHashMap;

/// Global symbols: name to (object, symbol).
pub type Globals<'a> = FxHashMap<&'a str, (usize, usize)>;

/// More problems than this are not shown.
const MAX_PROBLEMS: usize = 20;

/// Match definitions by name. A strong definition beats a weak one; of weak ones the first is taken.
pub fn globals<'a>(objects: &[ObjectFile<'a>]) -> Result<Globals<'a>, LinkError> {
    let mut globals = Globals::default();
    let mut problems = Vec::new();
    for (o, object) in objects.iter().enumerate() {
        for (s, symbol) in object.symbols.iter().enumerate() {
            if !symbol.global || symbol.definition == Definition::Undefined {
                continue;
            }
            let Some(old) = globals.get_mut(symbol.name) else {
                globals.insert(symbol.name, (o, s));
                continue;
            };
            let old_symbol = &objects[old.0].symbols[old.1];
            match (old_symbol.weak, symbol.weak) {
                (true, false) => *old = (o, s),
                (_, true) => {}
                (false, false) => {
                    let (first, second) = (&objects[old.0].name, &object.name);
                    problems.push(format!(
                        "{} is defined in {first} and in {second}",
                        symbol.name
                    ));
                }
            }
        }
    }
    problems.truncate(MAX_PROBLEMS);
    LinkError::check(problems)?;
    Ok(globals)
}

/// What a reference leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolved<'a> {
    /// An offset in a section of an object.
    Section(usize, usize, u64),
    /// A number.
    Absolute(u64),
    /// Start or end of an output section.
    Bound(&'a str),
    /// Nothing.
    Undefined,
}

/// Resolve symbol `symbol` of object `object`.
pub fn resolve<'a>(
    objects: &[ObjectFile<'a>],
    globals: &Globals<'a>,
    object: usize,
    symbol: usize,
) -> Resolved<'a> {
    let s = &objects[object].symbols[symbol];
    let (object, s) = match s.definition {
        // Of several weak definitions one is in force for all.
        Definition::Undefined | Definition::Section(..) if s.global => match globals.get(s.name) {
            Some(&(o, i)) => (o, &objects[o].symbols[i]),
            None if s.name.starts_with("__start_") || s.name.starts_with("__stop_") => {
                return Resolved::Bound(s.name);
            }
            None if s.weak => return Resolved::Absolute(0),
            None => return Resolved::Undefined,
        },
        _ => (object, s),
    };
    match s.definition {
        Definition::Section(section, value) => Resolved::Section(object, section, value),
        Definition::Absolute(value) => Resolved::Absolute(value),
        Definition::Undefined => Resolved::Undefined,
    }
}

/// Sections of an executable that no reference makes useful.
fn useless(name: &str, kind: u32) -> bool {
    name.starts_with(".eh_frame") || name.starts_with(".gcc_except_table") || kind == elf::SHT_NOTE
}

/// Mark what is needed: all of Go's objects, and what can be reached from them and from `entry`.
pub fn mark_live(
    objects: &mut [ObjectFile<'_>],
    globals: &Globals<'_>,
    entry: &str,
) -> Result<(), LinkError> {
    let mut work = Vec::new();
    for (o, object) in objects.iter_mut().enumerate() {
        let role = object.role;
        for (i, s) in object.sections.iter_mut().enumerate() {
            let alloc = s.flags & u64::from(elf::SHF_ALLOC) != 0;
            s.live = role == Role::Go && s.size > 0 && alloc && !useless(s.name, s.kind);
            if s.live {
                work.push((o, i));
            }
        }
    }
    let Some(&(o, s)) = globals.get(entry) else {
        return Err(LinkError::new(format!("the entry {entry} is not defined")));
    };
    if let Definition::Section(i, _) = objects[o].symbols[s].definition {
        objects[o].sections[i].live = true;
        work.push((o, i));
    }
    let mut problems: Vec<String> = Vec::new();
    let mut missing: FxHashMap<String, u32> = FxHashMap::default();
    while let Some((o, i)) = work.pop() {
        let relocs = std::mem::take(&mut objects[o].sections[i].relocs);
        for r in &relocs {
            match resolve(objects, globals, o, r.symbol) {
                Resolved::Section(to, section, _) => {
                    let s = &mut objects[to].sections[section];
                    if !std::mem::replace(&mut s.live, true) {
                        work.push((to, section));
                    }
                }
                Resolved::Undefined => {
                    let object = &objects[o];
                    let name = object.symbols[r.symbol].name;
                    let count = missing.entry(name.to_string()).or_default();
                    *count += 1;
                    if *count == 1 && problems.len() < MAX_PROBLEMS {
                        let place = object.enclosing(i, r.offset);
                        problems.push(format!(
                            "undefined: {name}, used by {place} in {}",
                            object.name
                        ));
                    }
                }
                Resolved::Absolute(_) | Resolved::Bound(_) => {}
            }
        }
        objects[o].sections[i].relocs = relocs;
    }
    if missing.len() > problems.len() {
        problems.push(format!(
            "{} more undefined symbols",
            missing.len() - problems.len()
        ));
    }
    LinkError::check(problems)
}
