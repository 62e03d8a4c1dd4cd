//! Modules: the functions and data of one Go package.

use crate::entity::Sym;
use crate::func::Func;
use rustc_hash::FxHashMap;

/// Where a data object goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Section {
    /// Read-only data.
    Rodata,
    /// Initialised variables.
    Data,
    /// Zeroed variables.
    Bss,
    /// The array of pointers to type descriptors.
    Types,
    /// The array of pointers to itabs.
    Itabs,
}

/// How a symbol's address is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelocKind {
    /// 8 bytes.
    Abs64,
    /// 4 bytes; everything links below 2 GiB.
    Abs32,
}

/// An address in a data object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reloc {
    /// Where in the object.
    pub offset: u32,
    /// Its form.
    pub kind: RelocKind,
    /// Of what.
    pub sym: Sym,
    /// Added to the address.
    pub addend: i64,
}

/// A part of a variable that holds pointers: equal elements one behind the other. The collector's roots among the
/// variables are made of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pointers {
    /// Where the first element is in the object.
    pub offset: u32,
    /// Read-only data with a bit for each word of an element that may hold a pointer.
    pub mask: Sym,
    /// Words that the mask speaks of; the rest of an element holds none.
    pub words: u32,
    /// Bytes from one element to the next.
    pub stride: u32,
    /// Number of elements.
    pub count: u32,
}

/// A data object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Data {
    /// Its symbol.
    pub name: Sym,
    /// Where it goes.
    pub section: Section,
    /// Alignment in bytes.
    pub align: u32,
    /// Contents; empty in [`Section::Bss`].
    pub bytes: Vec<u8>,
    /// Size in bytes (`bytes.len()` unless in bss).
    pub size: u64,
    /// Addresses in it.
    pub relocs: Vec<Reloc>,
    /// Where the program may store pointers to the heap; never in data that is read-only.
    pub pointers: Vec<Pointers>,
}

/// The functions and data of one package.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Module {
    /// Import path of the package.
    pub package: String,
    /// Names of symbols, defined here or elsewhere.
    pub symbols: Vec<String>,
    by_name: FxHashMap<String, Sym>,
    /// Source file names that locations speak of.
    pub files: Vec<String>,
    /// Functions.
    pub funcs: Vec<Func>,
    /// Data objects.
    pub data: Vec<Data>,
}

impl Module {
    /// An empty module of a package.
    pub fn new(package: &str) -> Module {
        Module {
            package: package.to_string(),
            ..Module::default()
        }
    }

    /// The symbol of a name.
    pub fn sym(&mut self, name: &str) -> Sym {
        if let Some(&s) = self.by_name.get(name) {
            return s;
        }
        let s = Sym(self.symbols.len() as u32);
        self.symbols.push(name.to_string());
        self.by_name.insert(name.to_string(), s);
        s
    }

    /// The name of a symbol.
    pub fn name(&self, sym: Sym) -> &str {
        &self.symbols[sym.index()]
    }
}
