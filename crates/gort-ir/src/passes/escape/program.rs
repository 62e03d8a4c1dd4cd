//! The program as the analysis sees it: functions by number, and what each symbol of each module stands for.

use super::known;
use crate::entity::{Sym, Value};
use crate::func::Func;
use crate::inst::{Callee, InstData};
use crate::module::{Data, Module, Section};
use gort_abi::types::MAP_TYPE_GROUP_SIZE;
use rustc_hash::FxHashMap;

/// What a symbol stands for.
#[derive(Clone, Default)]
pub struct Symbol {
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
    len: usize,
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
        let mut names: FxHashMap<&str, Symbol> = FxHashMap::default();
        let mut firsts = Vec::with_capacity(modules.len());
        let mut len = 0;
        for (m, module) in modules.iter().enumerate() {
            firsts.push(len);
            for func in &module.funcs {
                names.entry(module.name(func.name)).or_default().func = Some(len as u32);
                len += 1;
            }
            for (d, data) in module.data.iter().enumerate() {
                names.entry(module.name(data.name)).or_default().data = Some((m as u32, d as u32));
            }
        }
        let symbols = modules
            .iter()
            .map(|module| {
                let symbol = |name: &String| Symbol {
                    known: known::find(name),
                    ..names.get(name.as_str()).cloned().unwrap_or_default()
                };
                module.symbols.iter().map(symbol).collect()
            })
            .collect();
        Program {
            modules,
            firsts,
            symbols,
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
    pub fn func(&self, id: usize) -> &'a Func {
        let m = self.module_of(id);
        &self.modules[m].funcs[id - self.firsts[m]]
    }

    /// What a symbol of a module stands for.
    pub fn symbol(&self, module: usize, sym: Sym) -> &Symbol {
        &self.symbols[module][sym.index()]
    }

    /// A data object.
    pub fn data(&self, id: (u32, u32)) -> &'a Data {
        &self.modules[id.0 as usize].data[id.1 as usize]
    }

    /// The data object of a symbol, if it is never written.
    pub fn constant(&self, module: usize, sym: Sym) -> Option<(u32, u32)> {
        let id = self.symbol(module, sym).data?;
        (self.data(id).section == Section::Rodata).then_some(id)
    }

    /// The functions that a function's code refers to, also by way of a function value that holds
    /// only code.
    pub fn references(&self, id: usize) -> Vec<usize> {
        let module = self.module_of(id);
        let mut out = Vec::new();
        for inst in &self.func(id).insts {
            let Some(sym) = inst.symbol() else {
                continue;
            };
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
