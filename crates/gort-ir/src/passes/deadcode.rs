//! Drops functions and data that nothing refers to any more, after inlining and decided branches.
//!
//! The roots are what the runtime's objects need from outside. The lists of type descriptors and itabs do not keep
//! what they list: they shrink to what is reached otherwise.

use crate::entity::Sym;
use crate::inst::InstData;
use crate::module::{Module, Section};
use rustc_hash::{FxHashMap, FxHashSet};

/// What codegen refers to by itself.
const ALWAYS: &str = "runtime.deferproc";

#[derive(Clone, Copy)]
enum Item {
    Func(usize, usize),
    Data(usize, usize),
}

/// Drop what is not reached from the roots, unless there are none.
pub fn run(modules: &mut [Module], roots: &[String]) {
    if roots.is_empty() {
        return;
    }
    let mut items: FxHashMap<&str, Item> = FxHashMap::default();
    for (m, module) in modules.iter().enumerate() {
        for (n, func) in module.funcs.iter().enumerate() {
            items.insert(module.name(func.name), Item::Func(m, n));
        }
        for (n, data) in module.data.iter().enumerate() {
            items.insert(module.name(data.name), Item::Data(m, n));
        }
    }
    let mut live = Live {
        modules,
        items,
        symbols: modules
            .iter()
            .map(|m| vec![false; m.symbols.len()])
            .collect(),
        funcs: modules.iter().map(|m| vec![false; m.funcs.len()]).collect(),
        data: modules.iter().map(|m| vec![false; m.data.len()]).collect(),
        work: Vec::new(),
    };
    for root in roots.iter().map(String::as_str).chain([ALWAYS]) {
        live.name(root);
    }
    while let Some(item) = live.work.pop() {
        live.visit(item);
    }
    let Live { funcs, data, .. } = live;
    shorten_lists(modules, &data);
    for ((module, funcs), data) in modules.iter_mut().zip(funcs).zip(data) {
        let mut keep = funcs.into_iter();
        module.funcs.retain(|_| keep.next() == Some(true));
        let mut keep = data.into_iter();
        module
            .data
            .retain(|d| keep.next() == Some(true) || is_list(d.section));
    }
}

/// Lists of pointers keep the entries whose subject is reached.
fn shorten_lists(modules: &mut [Module], live: &[Vec<bool>]) {
    let mut gone: FxHashSet<String> = FxHashSet::default();
    for (module, live) in modules.iter().zip(live) {
        let dead = module.data.iter().zip(live).filter(|(_, live)| !**live);
        gone.extend(dead.map(|(d, _)| module.name(d.name).to_string()));
    }
    for module in modules {
        let symbols = &module.symbols;
        for list in module.data.iter_mut().filter(|d| is_list(d.section)) {
            list.relocs
                .retain(|r| !gone.contains(&symbols[r.sym.index()]));
            for (n, reloc) in list.relocs.iter_mut().enumerate() {
                reloc.offset = 8 * n as u32;
            }
            list.bytes.truncate(8 * list.relocs.len());
            list.size = list.bytes.len() as u64;
        }
    }
}

fn is_list(section: Section) -> bool {
    matches!(section, Section::Types | Section::Itabs)
}

struct Live<'a> {
    modules: &'a [Module],
    items: FxHashMap<&'a str, Item>,
    /// Symbols of each module that have been followed.
    symbols: Vec<Vec<bool>>,
    funcs: Vec<Vec<bool>>,
    data: Vec<Vec<bool>>,
    work: Vec<Item>,
}

impl Live<'_> {
    fn name(&mut self, name: &str) {
        let Some(&item) = self.items.get(name) else {
            return;
        };
        let mark = match item {
            Item::Func(m, n) => &mut self.funcs[m][n],
            Item::Data(m, n) => &mut self.data[m][n],
        };
        if !std::mem::replace(mark, true) {
            self.work.push(item);
        }
    }

    fn symbol(&mut self, m: usize, sym: Sym) {
        if !std::mem::replace(&mut self.symbols[m][sym.index()], true) {
            let modules = self.modules;
            self.name(modules[m].name(sym));
        }
    }

    fn visit(&mut self, item: Item) {
        let modules = self.modules;
        match item {
            Item::Data(m, n) => {
                let data = &modules[m].data[n];
                for reloc in &data.relocs {
                    self.symbol(m, reloc.sym);
                }
                for part in &data.pointers {
                    self.symbol(m, part.mask);
                }
            }
            Item::Func(m, n) => {
                let func = &modules[m].funcs[n];
                for inst in func.blocks.iter().flat_map(|b| &b.insts) {
                    let data: &InstData = &func.insts[inst.index()];
                    if let Some(name) = data.runtime_function() {
                        self.name(name);
                    }
                    if let Some(sym) = data.symbol() {
                        self.symbol(m, sym);
                    }
                }
            }
        }
    }
}
