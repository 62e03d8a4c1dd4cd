//! The program as the analysis sees it: functions by number, and what each symbol of each module stands for. What the
//! analysis of a function asks goes through a [`View`], which notes the symbols.

use super::known;
use crate::entity::{Sym, Value};
use crate::form::Digest;
use crate::func::Func;
use crate::inst::{Callee, InstData};
use crate::module::{Data, Module, Section};
use crate::passes::again::record::{self, Code};
use gort_abi::types::MAP_TYPE_GROUP_SIZE;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::OnceLock;

/// What a symbol stands for.
#[derive(Clone, Default)]
pub struct Symbol {
    /// The same in all modules.
    pub number: u32,
    /// A function with a body, by number.
    pub func: Option<u32>,
    /// A data object: module and number in it.
    pub data: Option<(u32, u32)>,
    /// What is known of a function without looking at its body.
    pub known: Option<&'static known::Known>,
}

/// All modules of a program.
pub struct Program<'a> {
    modules: &'a [Module],
    /// Number of the first function of each module.
    firsts: Vec<usize>,
    symbols: Vec<Vec<Symbol>>,
    /// What each number of a symbol stands for, with its name.
    names: Vec<(&'a str, Symbol)>,
    numbers: FxHashMap<&'a str, u32>,
    /// Whole functions where the module has one that stands for it.
    whole: Vec<OnceLock<Func>>,
    /// Digests of data, by number of the symbol.
    digests: Vec<OnceLock<Digest>>,
    len: usize,
}

/// What the analysis of some functions sees of the program; it notes the symbols that it was asked for.
pub struct View<'p> {
    program: &'p Program<'p>,
    asked: RefCell<FxHashSet<u32>>,
}

/// Larger groups of a map's slots stay in the heap: a group is cleared whenever the map is made, and frames should stay
/// small. Eight slots of a string and an interface fit.
const MAX_GROUP: u64 = 8 + 8 * 32;

/// A call that makes an object, other than an [`InstData::Alloc`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Site {
    /// `runtime.makeslice` of this many bytes.
    Slice(u32),
    /// A copy of the arguments, words of these sizes one after the other: `runtime.convT…`.
    Words(&'static [u32]),
    /// An empty map, with a first group of this size, or 0 if that is too large.
    Map(u32),
    /// Something short, perhaps: the call gets a buffer for it.
    Buffered(&'static known::Buffered),
}

impl<'a> Program<'a> {
    /// Index a program.
    pub fn of(modules: &'a [Module]) -> Program<'a> {
        let mut names: Vec<(&str, Symbol)> = Vec::new();
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut all: Vec<Vec<u32>> = Vec::with_capacity(modules.len());
        for module in modules {
            let number = |name: &'a String| {
                *numbers.entry(name).or_insert_with(|| {
                    let number = names.len() as u32;
                    let symbol = Symbol {
                        number,
                        known: known::find(name),
                        ..Symbol::default()
                    };
                    names.push((name, symbol));
                    number
                })
            };
            all.push(module.symbols.iter().map(number).collect());
        }
        let mut firsts = Vec::with_capacity(modules.len());
        let mut len = 0;
        for (m, (module, own)) in modules.iter().zip(&all).enumerate() {
            firsts.push(len);
            for func in &module.funcs {
                names[own[func.name.index()] as usize].1.func = Some(len as u32);
                len += 1;
            }
            for (d, data) in module.data.iter().enumerate() {
                names[own[data.name.index()] as usize].1.data = Some((m as u32, d as u32));
            }
        }
        let symbol = |&n: &u32| names[n as usize].1.clone();
        let symbols = all.iter().map(|own| own.iter().map(symbol).collect());
        Program {
            modules,
            firsts,
            symbols: symbols.collect(),
            digests: vec![OnceLock::new(); names.len()],
            names,
            numbers,
            whole: (0..len).map(|_| OnceLock::new()).collect(),
            len,
        }
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The module of a function.
    pub fn module_of(&self, id: usize) -> usize {
        module_of(&self.firsts, id)
    }

    /// A function.
    pub fn func(&self, id: usize) -> &Func {
        self.whole[id].get().unwrap_or_else(|| self.own(id))
    }

    /// A function as its module has it.
    fn own(&self, id: usize) -> &'a Func {
        let m = self.module_of(id);
        &self.modules[m].funcs[id - self.firsts[m]]
    }

    /// Take a whole function in place of the one that stands for it.
    pub fn make_whole(&self, id: usize, code: Code<'_>) {
        self.whole[id].get_or_init(|| record::whole(self.own(id), code));
    }

    /// The functions that were made whole.
    pub fn into_whole(self) -> Vec<Option<Func>> {
        self.whole.into_iter().map(OnceLock::into_inner).collect()
    }

    /// The name of a function.
    pub fn name(&self, id: usize) -> &'a str {
        self.modules[self.module_of(id)].name(self.own(id).name)
    }

    /// The name of a symbol, and what it stands for.
    pub fn named(&self, number: u32) -> &(&'a str, Symbol) {
        &self.names[number as usize]
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// A digest of a data object, the names that it refers to included.
    pub fn digest(&self, number: u32, id: (u32, u32)) -> &Digest {
        self.digests[number as usize].get_or_init(|| {
            let module = &self.modules[id.0 as usize];
            let data = self.data(id);
            let mut bytes = vec![data.section as u8];
            bytes.extend(data.size.to_le_bytes());
            bytes.extend(&data.bytes);
            for reloc in &data.relocs {
                bytes.extend(reloc.offset.to_le_bytes());
                bytes.extend(reloc.addend.to_le_bytes());
                bytes.push(reloc.kind as u8);
                bytes.extend(module.name(reloc.sym).as_bytes());
                bytes.push(0);
            }
            record::digest(&bytes)
        })
    }

    /// What a symbol of a module stands for.
    pub fn symbol(&self, module: usize, sym: Sym) -> &Symbol {
        &self.symbols[module][sym.index()]
    }

    /// A data object.
    pub fn data(&self, id: (u32, u32)) -> &'a Data {
        &self.modules[id.0 as usize].data[id.1 as usize]
    }

    /// The functions that a function's code refers to, also by way of a function value that holds
    /// only code. Each symbol counts once.
    pub fn references(&self, id: usize) -> Vec<usize> {
        let module = self.module_of(id);
        let mut out = Vec::new();
        let mut seen: FxHashSet<Sym> = FxHashSet::default();
        for inst in &self.func(id).insts {
            let Some(sym) = inst.symbol() else {
                continue;
            };
            if !seen.insert(sym) {
                continue;
            }
            let symbol = self.symbol(module, sym);
            if let Some(f) = symbol.func {
                out.push(f as usize);
            } else if let Some(id) = symbol.data
                && let data = self.data(id)
                && data.size == 8
                && let [reloc] = &data.relocs[..]
                && let Some(f) = self.symbol(id.0 as usize, reloc.sym).func
            {
                out.push(f as usize);
            }
        }
        out
    }

    /// What a load of a word at an offset of constant data gives, if that is an address.
    pub fn constant_word(&self, id: (u32, u32), off: i32) -> Option<(usize, Sym)> {
        let data = self.data(id);
        let off = u32::try_from(off).ok()?;
        let at = data
            .relocs
            .iter()
            .find(|r| r.offset == off && r.addend == 0)?;
        Some((id.0 as usize, at.sym))
    }
}

impl<'p> Deref for View<'p> {
    type Target = Program<'p>;

    fn deref(&self) -> &Program<'p> {
        self.program
    }
}

impl<'p> View<'p> {
    /// Of a program, nothing asked yet.
    pub fn of(program: &'p Program<'p>) -> View<'p> {
        View {
            program,
            asked: RefCell::default(),
        }
    }

    /// The symbols that were asked for, by number and in the order of these.
    pub fn asked(self) -> Vec<u32> {
        let mut asked: Vec<u32> = self.asked.into_inner().into_iter().collect();
        asked.sort_unstable();
        asked
    }

    /// The program, whatever is asked of it.
    pub fn program(&self) -> &'p Program<'p> {
        self.program
    }

    /// What a symbol of a module stands for.
    pub fn symbol(&self, module: usize, sym: Sym) -> &'p Symbol {
        let symbol = self.program.symbol(module, sym);
        self.asked.borrow_mut().insert(symbol.number);
        symbol
    }

    /// The data object of a symbol, if it is never written.
    pub fn constant(&self, module: usize, sym: Sym) -> Option<(u32, u32)> {
        let id = self.symbol(module, sym).data?;
        (self.data(id).section == Section::Rodata).then_some(id)
    }

    /// Whether values of the type that a symbol describes hold no pointers, as far as one can see.
    pub fn is_plain(&self, module: usize, typ: Sym) -> bool {
        let data = self.symbol(module, typ).data.map(|id| self.data(id));
        // The second word of a type's description says how much of a value may hold pointers.
        let pointers = data.and_then(|d| d.bytes.get(8..16));
        pointers.is_some_and(|word| word == [0; 8])
    }

    /// Whether an instruction of a function is a call that makes an object of known size.
    pub fn site(&self, id: usize, inst: &InstData) -> Option<Site> {
        let InstData::Call { callee, args } = inst else {
            return None;
        };
        let (Callee::Direct(sym) | Callee::Native(sym)) = callee else {
            return None;
        };
        let module = self.module_of(id);
        let func = self.func(id);
        match self.symbol(module, *sym).known?.makes? {
            known::Makes::Words(sizes) => Some(Site::Words(sizes)),
            known::Makes::Buffered(how) => Some(Site::Buffered(how)),
            known::Makes::Slice => {
                let constant = |n: usize| func.constant(args[n]);
                let (len, cap) = (constant(1)?, constant(2)?);
                let size = self.described(module, func, args[0], 0)?;
                let bytes = u64::try_from(cap).ok()?.checked_mul(size)?;
                let fits =
                    0 <= len && len <= cap && 0 < bytes && bytes <= super::rewrite::MAX_OBJECT;
                fits.then_some(Site::Slice(bytes as u32))
            }
            known::Makes::Map => {
                let group = self.described(module, func, args[0], MAP_TYPE_GROUP_SIZE)?;
                let fits = group <= MAX_GROUP;
                Some(Site::Map(if fits { group as u32 } else { 0 }))
            }
        }
    }

    /// The number at an offset of the type's description that an argument is.
    fn described(&self, module: usize, func: &Func, arg: Value, off: usize) -> Option<u64> {
        let InstData::SymAddr { sym, off: 0 } = func.definition(arg)? else {
            return None;
        };
        let data = self.data(self.symbol(module, *sym).data?);
        let word = data.bytes.get(off..off + 8)?;
        Some(u64::from_le_bytes(word.try_into().ok()?))
    }
}

/// The module that has function `id`, given the number of each module's first.
pub fn module_of(firsts: &[usize], id: usize) -> usize {
    firsts.partition_point(|&f| f <= id) - 1
}
