//! The whole program under one numbering of symbols and files, for passes that look across packages.
//!
//! In a [`Program`] a [`Sym`] means the same in every function, so that code can move between them. Data stays in
//! the modules; what passes want to know of it is gathered here.

use crate::entity::Sym;
use crate::func::Func;
use crate::module::{Module, RelocKind, Section};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// All functions of a program. Their modules are empty of functions meanwhile.
pub struct Program {
    /// The name of each symbol.
    pub names: Vec<Arc<str>>,
    by_name: FxHashMap<Arc<str>, Sym>,
    /// Functions, in the order of the modules.
    pub funcs: Vec<Func>,
    /// Module of each function.
    pub homes: Vec<u32>,
    /// Function that a symbol is.
    pub by_symbol: Vec<Option<u32>>,
    /// Symbols whose address is in data.
    pub in_data: Vec<bool>,
    /// Addresses in read-only data that programs call through: func values and itabs.
    words: FxHashMap<(Sym, u32), (Sym, i64)>,
    /// Names of source files.
    pub files: Vec<String>,
    by_file: FxHashMap<String, u32>,
    /// For each module, the program's symbol for each of its own.
    symbols: Vec<Vec<Sym>>,
}

impl Program {
    /// Take the functions out of the modules.
    pub fn join(modules: &mut [Module]) -> Program {
        let mut p = Program {
            names: Vec::new(),
            by_name: FxHashMap::default(),
            funcs: Vec::new(),
            homes: Vec::new(),
            by_symbol: Vec::new(),
            in_data: Vec::new(),
            words: FxHashMap::default(),
            files: Vec::new(),
            by_file: FxHashMap::default(),
            symbols: Vec::new(),
        };
        let mut files = Vec::new();
        for module in modules.iter() {
            let symbols = module.symbols.iter().map(|name| {
                if let Some(&sym) = p.by_name.get(name.as_str()) {
                    return sym;
                }
                let sym = Sym(p.names.len() as u32);
                let name: Arc<str> = name.as_str().into();
                p.names.push(name.clone());
                p.by_name.insert(name, sym);
                sym
            });
            p.symbols.push(symbols.collect());
            let file = |name: &String| {
                *p.by_file.entry(name.clone()).or_insert_with(|| {
                    p.files.push(name.clone());
                    p.files.len() as u32 - 1
                })
            };
            files.push(module.files.iter().map(file).collect::<Vec<u32>>());
        }
        p.by_symbol = vec![None; p.names.len()];
        p.in_data = vec![false; p.names.len()];
        modules.par_iter_mut().zip(&p.symbols).zip(&files).for_each(
            |((module, symbols), files)| {
                let file = |f: u32| files.get(f as usize).copied().unwrap_or(0);
                for func in &mut module.funcs {
                    rename(func, |s| symbols[s.index()], file);
                }
            },
        );
        for (home, module) in modules.iter_mut().enumerate() {
            p.look_at_data(home, module);
            for func in module.funcs.drain(..) {
                p.by_symbol[func.name.index()] = Some(p.funcs.len() as u32);
                p.funcs.push(func);
                p.homes.push(home as u32);
            }
        }
        p
    }

    fn look_at_data(&mut self, home: usize, module: &Module) {
        let symbols = &self.symbols[home];
        for data in &module.data {
            let name = module.name(data.name);
            let called = data.section == Section::Rodata
                && (name.starts_with("go:itab.") || data.relocs.len() == 1);
            for reloc in &data.relocs {
                let target = symbols[reloc.sym.index()];
                self.in_data[target.index()] = true;
                if called && reloc.kind == RelocKind::Abs64 {
                    let at = (symbols[data.name.index()], reloc.offset);
                    self.words.insert(at, (target, reloc.addend));
                }
            }
        }
    }

    /// The address that a word of read-only data holds, if it is one that programs call through.
    pub fn word(&self, sym: Sym, off: i64) -> Option<(Sym, i64)> {
        let off = u32::try_from(off).ok()?;
        self.words.get(&(sym, off)).copied()
    }

    /// The symbol of a name that is in use.
    pub fn symbol(&self, name: &str) -> Option<Sym> {
        self.by_name.get(name).copied()
    }

    /// The number of a file that is in use.
    pub fn file(&self, name: &str) -> Option<u32> {
        self.by_file.get(name).copied()
    }

    /// Put the functions back.
    pub fn split(self, modules: &mut [Module]) {
        let Program {
            names,
            funcs,
            homes,
            files,
            symbols,
            ..
        } = self;
        for (func, home) in funcs.into_iter().zip(homes) {
            modules[home as usize].funcs.push(func);
        }
        modules
            .par_iter_mut()
            .zip(&symbols)
            .for_each(|(module, own)| {
                let mut local: FxHashMap<Sym, Sym> = own
                    .iter()
                    .enumerate()
                    .map(|(i, &s)| (s, Sym(i as u32)))
                    .collect();
                let mut local_files: FxHashMap<u32, u32> = FxHashMap::default();
                let mut funcs = std::mem::take(&mut module.funcs);
                for func in &mut funcs {
                    let mut used = Vec::new();
                    for loc in &func.locs {
                        used.push(loc.file);
                    }
                    used.push(func.loc.file);
                    used.extend(func.inlines.iter().map(|c| c.call.file));
                    for file in used {
                        local_files.entry(file).or_insert_with(|| {
                            let Some(name) = files.get(file as usize) else {
                                return 0;
                            };
                            let at = module.files.iter().position(|f| f == name);
                            at.unwrap_or_else(|| {
                                module.files.push(name.clone());
                                module.files.len() - 1
                            }) as u32
                        });
                    }
                    let symbol = |s: Sym| {
                        *local
                            .entry(s)
                            .or_insert_with(|| module.sym(&names[s.index()]))
                    };
                    rename(func, symbol, |f| local_files[&f]);
                }
                module.funcs = funcs;
            });
    }
}

/// Give all symbols and files of a function other numbers.
fn rename(func: &mut Func, mut symbol: impl FnMut(Sym) -> Sym, file: impl Fn(u32) -> u32) {
    func.name = symbol(func.name);
    func.shown_name = func.shown_name.map(&mut symbol);
    func.loc.file = file(func.loc.file);
    for loc in &mut func.locs {
        loc.file = file(loc.file);
    }
    for call in &mut func.inlines {
        call.name = symbol(call.name);
        call.call.file = file(call.call.file);
    }
    for data in &mut func.insts {
        if let Some(s) = data.symbol_mut() {
            *s = symbol(*s);
        }
    }
}
