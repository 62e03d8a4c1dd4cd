//! The linker: ELF objects to a static executable, in memory.
//!
//! 1. `input` reads objects and archives: sections, symbols, relocations.
//! 2. `resolve` matches symbols by name and marks the sections that are needed. Objects of Go packages are
//!    kept whole, since lowering compiles only what is reachable; of the runtime only what is referred to.
//! 3. `layout` sorts sections into output sections and gives addresses, from 0x400000.
//! 4. `relocate` applies relocations; references through a global offset table are made direct.
//! 5. `output` writes headers, segments, symbol table and the build ID.
//!
//! [`goobj`] makes ELF of the objects of Go's assembler.
//!
//! [`inspect`](mod@inspect) reads an executable back, for `gort inspect`.
//!
//! No dynamic linking, no thread-local sections, no linker scripts.

mod compress;
pub mod goobj;
mod input;
pub mod inspect;
mod layout;
mod output;
mod relocate;
mod resolve;

use std::fmt;

/// Where an object comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A Go package: kept whole, its code in `.text`.
    Go,
    /// Assembly of a Go package: only what is needed, its code in `.text`.
    Assembly,
    /// The runtime: only what is needed, its code in `.rttext`.
    Runtime,
}

/// An object or an archive of objects.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Name for messages.
    pub name: &'a str,
    /// Contents.
    pub bytes: &'a [u8],
    /// Whose it is.
    pub role: Role,
}

/// What the caller chooses.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// The symbol to start at.
    pub entry: String,
    /// What the build ID covers besides the output: versions, flags.
    pub build_id_inputs: Vec<u8>,
    /// Leave out debug sections.
    pub strip_debug: bool,
    /// Leave out the symbol table.
    pub strip_symbols: bool,
}

impl Default for LinkOptions {
    fn default() -> LinkOptions {
        LinkOptions {
            entry: "_rt0_amd64_linux".into(),
            build_id_inputs: Vec::new(),
            strip_debug: false,
            strip_symbols: false,
        }
    }
}

/// A symbol of the executable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapEntry {
    /// Address.
    pub address: u64,
    /// Bytes, 0 if not known.
    pub size: u64,
    /// Name.
    pub name: String,
    /// Output section.
    pub section: &'static str,
    /// The input it comes from.
    pub input: String,
}

/// What the linker made.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The executable file.
    pub bytes: Vec<u8>,
    /// Its symbols, by address.
    pub map: Vec<MapEntry>,
    /// The build ID.
    pub build_id: Vec<u8>,
}

/// What is wrong with the inputs, one problem a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkError {
    /// The problems.
    pub problems: Vec<String>,
}

impl LinkError {
    fn new(problem: impl Into<String>) -> LinkError {
        LinkError {
            problems: vec![problem.into()],
        }
    }

    /// `Ok` if there are no problems.
    fn check(problems: Vec<String>) -> Result<(), LinkError> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(LinkError { problems })
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            write!(f, "{}link: {problem}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for LinkError {}

/// The names of the symbols that inputs define.
///
/// # Errors
/// Inputs that are not objects.
pub fn defined_symbols(inputs: &[Input<'_>]) -> Result<Vec<String>, LinkError> {
    let objects = input::read(inputs)?;
    let symbols = objects.iter().flat_map(|o| &o.symbols);
    let defined =
        symbols.filter(|s| s.global && matches!(s.definition, input::Definition::Section(..)));
    Ok(defined.map(|s| s.name.to_string()).collect())
}

/// The symbols that the inputs refer to and do not define.
///
/// # Errors
/// Inputs that are not objects.
pub fn undefined_symbols(inputs: &[Input<'_>]) -> Result<Vec<String>, LinkError> {
    let objects = input::read(inputs)?;
    let defined = resolve::globals(&objects)?;
    let symbols = objects.iter().flat_map(|o| &o.symbols);
    let open = symbols.filter(|s| {
        matches!(s.definition, input::Definition::Undefined) && !defined.contains_key(s.name)
    });
    Ok(open.map(|s| s.name.to_string()).collect())
}

/// Link the inputs.
///
/// # Errors
/// Malformed inputs, symbols that are undefined or defined twice (with the place that refers to them),
/// relocations that do not fit or are not supported.
pub fn link(inputs: &[Input<'_>], options: &LinkOptions) -> Result<Linked, LinkError> {
    let mut objects = input::read(inputs)?;
    let globals = resolve::globals(&objects)?;
    resolve::mark_live(&mut objects, &globals, &options.entry)?;
    let image = layout::place(&mut objects, &globals, options)?;
    output::write(&objects, &globals, image, options)
}
