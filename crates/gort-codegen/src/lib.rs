//! From IR to machine code: an ELF relocatable object a package.
//!
//! Functions are translated to Cranelift's form and compiled in parallel; the object is put together in the
//! order of the module, so that the same input gives the same bytes. No other crate knows Cranelift.
//!
//! - `isa`: the target and its settings
//! - `translate`: IR functions to Cranelift functions
//! - `function`: one function to code, with the stack check in front of it
//! - `frame`: the bytes of that check
//! - `live`: stack maps, read off the code
//! - `lines`: pc-line tables
//! - `object`: the object file: text, data, func table, symbols
//! - `dwarf`: line and frame information for debuggers

mod dwarf;
mod frame;
mod function;
mod isa;
mod lines;
mod live;
mod object;
mod translate;

use gort_ir::Module;
use rayon::prelude::*;
use std::fmt;

/// What the caller can choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Check Cranelift's input and output: for tests.
    pub verify: bool,
    /// Write `.debug_line` and its companions.
    pub debug_info: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            verify: cfg!(debug_assertions),
            debug_info: true,
        }
    }
}

/// Something in the IR that cannot be compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodegenError {
    /// The function or data object.
    pub symbol: String,
    /// What about it.
    pub message: String,
}

impl fmt::Display for CodegenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "compiling {}: {}", self.symbol, self.message)
    }
}

impl std::error::Error for CodegenError {}

/// Compile a module to the bytes of an ELF object.
///
/// # Errors
/// Names the function and what in it is not supported.
pub fn compile(module: &Module, options: &Options) -> Result<Vec<u8>, CodegenError> {
    let isa = isa::host_independent(options).map_err(|message| CodegenError {
        symbol: module.package.clone(),
        message,
    })?;
    // The largest first, so that no thread ends up alone with one of them.
    let mut order: Vec<usize> = (0..module.funcs.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(module.funcs[i].insts.len()));
    let mut functions = order
        .into_par_iter()
        .map_init(function::Compiler::default, |compiler, i| {
            let func = &module.funcs[i];
            let compiled = compiler.compile(isa.as_ref(), func);
            compiled
                .map(|compiled| (i, compiled))
                .map_err(|message| CodegenError {
                    symbol: module.name(func.name).to_string(),
                    message,
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    functions.sort_unstable_by_key(|(i, _)| *i);
    let functions: Vec<_> = functions.into_iter().map(|(_, f)| f).collect();
    object::write(module, &functions, options)
}
