//! What earlier builds have made of functions, taken again.
//!
//! The passes see the whole program, but what becomes of a function depends on its own code and on a few answers: which
//! bodies it may take in, which addresses are in constant data, what the functions that it calls do with what they
//! are given. Inlining and escape analysis note what they ask on a function's behalf ([`entry`]). Where the code and all
//! answers are the same as in an earlier build, so is the result, whatever the program: what has been made of fmt for one program
//! serves in another. The other passes ask for nothing but the function.
//!
//! A function whose result is known is not even read: one with nothing but its references stands for it ([`record::Stub`]), behind the
//! passes, too ([`record::Unread`]): its machine code, which is found by the digest of its form, is most likely known as well.
//!
//! The other way was a key made beforehand of all that a function refers to. It would have to know what inlining will
//! find behind interfaces and closures, and everything above an edited function would be done again even if nothing of the
//! edit can be seen from there.

pub mod entry;
pub mod record;

use super::escape::Found;
use super::{BEHIND_ESCAPE, Plan, deadcode, escape, inline, split};
use crate::entity::Sym;
use crate::form::Digest;
use crate::func::{Func, cleanup};
use crate::module::Module;
use entry::Far;
use inline::Made;
use rayon::prelude::*;
use record::{Code, Names, Stub, Writer};
use rustc_hash::FxHashMap;

/// What earlier builds have kept.
pub trait Earlier: Sync {
    /// What was kept of a function of a package, for as long as the process lives; nothing is empty.
    fn get(&self, package: &str, key: &Digest) -> &'static [u8];
    /// Keep something of a function that is used, unless it is what was there before.
    fn put(&self, package: &str, key: &Digest, new: Option<Vec<u8>>);
}

/// What is known of a function as lowering has made it, or would have.
pub struct Lowered<'e> {
    /// Digest of the function in bytes.
    pub digest: Digest,
    /// Where the module has only another that stands for it ([`Stub`]): how it uses the symbols of its form
    /// ([`Writer::uses`]), and its code.
    pub stands: Option<(&'e [u8], Code<'e>)>,
}

/// Run all passes, but for what is known already.
pub fn run(modules: &mut [Module], plan: &Plan<'_>, earlier: &dyn Earlier) {
    let mut made = inline::with(modules, inline::Beside::ALL, Some(earlier), plan.lowered);
    super::check(modules, "inline");
    deadcode::run(modules, plan.roots);
    let ids: Vec<Option<Made<'_>>> = modules
        .iter()
        .flat_map(|m| m.funcs.iter().map(|f| m.name(f.name)))
        .map(|name| made.remove(name))
        .collect();
    // What was dropped is kept as far as it has come.
    for one in made.into_values() {
        one.keep(&modules[one.home].package, earlier, None);
    }
    let kept = kept(&ids);
    let found = escape::with(modules, &kept);
    let mut found = found.into_iter();
    let mut ids = ids.into_iter();
    let parts: Vec<Vec<Part<'_>>> = modules
        .iter_mut()
        .map(|module| {
            let of = |func: &Func| Part {
                name: func.name,
                made: ids.next().flatten(),
                found: found.next().unwrap_or_default(),
            };
            let parts: Vec<Part<'_>> = module.funcs.iter().map(of).collect();
            let mut known = parts.iter().map(Part::is_known);
            module.funcs.retain(|_| known.next() == Some(false));
            parts
        })
        .collect();
    super::check(modules, "escape");
    for pass in BEHIND_ESCAPE {
        pass.run(modules, plan);
    }
    let all = modules.par_iter_mut().zip(parts);
    all.for_each(|(module, parts)| put_back(module, parts, earlier));
    super::check(modules, "again");
}

/// What is known of each function before escape analysis.
fn kept<'e>(made: &[Option<Made<'e>>]) -> escape::Kept<'e> {
    let far = |made: &Option<Made<'e>>| {
        let made = made.as_ref();
        let halves = made.map(|m| (entry::ways(m.old), &m.ways));
        let halves = halves
            .iter()
            .flat_map(|(all, ways)| ways.iter().map(|&w| all[w].1));
        halves.filter_map(Far::read).collect()
    };
    let code = |made: &Option<Made<'e>>| made.as_ref()?.code;
    escape::Kept {
        digests: made
            .iter()
            .map(|m| m.as_ref().map_or(Digest::default(), |m| m.digest))
            .collect(),
        code: made.iter().map(code).collect(),
        far: made.par_iter().map(far).collect(),
    }
}

impl Made<'_> {
    /// Keep what has been found out.
    fn keep(&self, package: &str, earlier: &dyn Earlier, far: Option<&[u8]>) {
        let known = far.is_none() && !self.ways.is_empty();
        let far = far.unwrap_or_default();
        let new = (!known).then(|| entry::with(self.old, &self.near, far, &self.ways));
        earlier.put(package, &self.key, new);
    }
}

/// A function of a module, behind escape analysis.
struct Part<'e> {
    name: Sym,
    made: Option<Made<'e>>,
    found: Found,
}

impl Part<'_> {
    /// Whether all that comes of it is known.
    fn is_known(&self) -> bool {
        matches!(self.found, Found::Known(_))
    }
}

/// Put known functions where they belong among those that were worked on, and keep what came of these.
fn put_back(module: &mut Module, parts: Vec<Part<'_>>, earlier: &dyn Earlier) {
    let mut writer = Writer::default();
    let count = parts.iter().filter(|p| !p.is_known()).count();
    let mut worked = std::mem::take(&mut module.funcs);
    worked.iter_mut().for_each(cleanup::finish);
    let mut rests: FxHashMap<String, Func> = FxHashMap::default();
    for rest in worked.split_off(count) {
        rests.insert(module.name(rest.name).to_string(), rest);
    }
    let mut worked = worked.into_iter();
    let (mut funcs, mut behind) = (Vec::with_capacity(parts.len()), Vec::new());
    for part in parts {
        if let Found::Known(functions) = &part.found {
            let mut read = functions
                .iter()
                .filter_map(|&(form, bytes)| Some(Stub::read(bytes, module)?.unread(form)));
            funcs.extend(read.next());
            behind.extend(read);
            if let Some(made) = part.made {
                made.keep(&module.package, earlier, None);
            }
            continue;
        }
        let Some(func) = worked.next() else {
            break;
        };
        let rest = rests.remove(&split::rest_name(module.name(part.name)));
        if let (Some(made), Found::Solved(solved)) = (part.made, part.found) {
            let name = |s: Sym| module.name(s);
            let file = |f: u32| module.files.get(f as usize).map_or("", String::as_str);
            let all = [Some(&func), rest.as_ref()].into_iter().flatten();
            let mut write = |f: &Func| {
                let bytes = writer.write(f, &name, &file);
                (writer.form(), bytes)
            };
            let functions: Vec<(Digest, Vec<u8>)> = all.map(&mut write).collect();
            let far = Far::write(
                &solved.group,
                &solved.asked,
                &solved.answers,
                &solved.summary,
                &functions,
            );
            made.keep(&module.package, earlier, Some(&far));
        }
        funcs.push(func);
        behind.extend(rest);
    }
    funcs.append(&mut behind);
    module.funcs = funcs;
}

impl Names for Module {
    fn symbol(&mut self, name: &str) -> Option<Sym> {
        Some(self.sym(name))
    }

    fn file(&mut self, name: &str) -> Option<u32> {
        let at = self.files.iter().position(|f| f == name);
        Some(at.unwrap_or_else(|| {
            self.files.push(name.to_string());
            self.files.len() - 1
        }) as u32)
    }
}
