//! Line and frame information for debuggers.

use crate::function::Compiled;
use gort_ir::Module;
use object::write::{Object, SectionId};

/// Add the debug sections of a package.
pub fn write(
    _object: &mut Object<'static>,
    _text: SectionId,
    _module: &Module,
    _functions: &[Compiled],
    _entries: &[u64],
) -> Result<(), String> {
    Ok(())
}
