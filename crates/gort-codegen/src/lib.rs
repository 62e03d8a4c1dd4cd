//! From IR to machine code: an ELF relocatable object a package.
//!
//! Functions are translated to Cranelift's form and compiled in parallel; the object is put together in the
//! order of the module, so that the same input gives the same bytes. No other crate knows Cranelift.
//!
//! - `isa`: the target and its settings
//! - `translate`: IR functions to Cranelift functions
//! - `function`: one function to code, with the stack check in front of it
//! - `kept`: code from an earlier build
//! - `frame`: the bytes of that check
//! - `live`: stack maps, read off the code
//! - `lines`: pc-line tables
//! - `object`: the object file: text, data, func table, symbols
//! - `dwarf`: line and frame information for debuggers

mod dwarf;
mod frame;
mod frameless;
mod function;
mod isa;
mod kept;
mod lines;
mod live;
mod object;
mod translate;

use cranelift_codegen::isa::TargetIsa;
use function::{Code, Compiled, Compiler};
use gort_ir::form::Form;
use gort_ir::passes::again::record;
use gort_ir::{Func, Module};
pub use kept::{Kept, Kind};
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

/// A compiled module.
pub struct Object {
    /// The bytes of an ELF object.
    pub bytes: Vec<u8>,
    /// The code of its functions, if it is to be kept.
    pub kinds: Vec<Kind>,
}

/// Compile a module to the bytes of an ELF object.
///
/// # Errors
/// Names the function and what in it is not supported.
pub fn compile(module: &Module, options: &Options) -> Result<Vec<u8>, CodegenError> {
    compile_rest(module, options, None).map(|object| object.bytes)
}

/// The same, but for functions whose code was kept.
///
/// # Errors
/// As for [`compile`].
pub fn compile_rest(
    module: &Module,
    options: &Options,
    kept: Option<&dyn Kept>,
) -> Result<Object, CodegenError> {
    let isa = isa::host_independent(options).map_err(|message| CodegenError {
        symbol: module.package.clone(),
        message,
    })?;
    // The largest first, so that no thread ends up alone with one of them.
    let mut order: Vec<usize> = (0..module.funcs.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(module.funcs[i].insts.len()));
    let mut functions = order
        .into_par_iter()
        .map_init(Worker::default, |worker, i| {
            let func = &module.funcs[i];
            let (code, kind) =
                worker
                    .code(isa.as_ref(), func, kept)
                    .map_err(|message| CodegenError {
                        symbol: module.name(func.name).to_string(),
                        message,
                    })?;
            Ok((i, Compiled::new(func, code), kind))
        })
        .collect::<Result<Vec<_>, _>>()?;
    functions.sort_unstable_by_key(|(i, ..)| *i);
    let mut kinds = Vec::new();
    let functions: Vec<Compiled> = functions
        .into_iter()
        .map(|(_, function, kind)| {
            kinds.extend(kind);
            function
        })
        .collect();
    let bytes = object::write(module, &functions, options)?;
    Ok(Object { bytes, kinds })
}

/// What a thread uses again.
#[derive(Default)]
struct Worker {
    compiler: Compiler,
    form: Form,
}

impl Worker {
    fn code(
        &mut self,
        isa: &dyn TargetIsa,
        func: &Func,
        kept: Option<&dyn Kept>,
    ) -> Result<(Code, Option<Kind>), String> {
        let Some(kept) = kept else {
            let read = record::read(func);
            let func = read.as_ref().unwrap_or(func);
            return Ok((self.compiler.code(isa, func)?, None));
        };
        let form = match &func.unread {
            Some(unread) => {
                self.form.take_numbers(func, unread);
                unread.digest
            }
            None => self.form.take(func),
        };
        let known = kept.get(&form).and_then(|b| kept::decode(b, &self.form));
        if let Some(code) = known {
            return Ok((code, Some((form, None))));
        }
        if let Some(func) = record::read(func) {
            return self.code(isa, &func, Some(kept));
        }
        let code = self.compiler.code(isa, func)?;
        let new = kept::encode(&code, &self.form, func);
        let kind = new.map(|new| (form, Some(new)));
        Ok((code, kind))
    }
}
