//! From pcs to names: [`functab`] lookup, stack [`unwind`]ing, Go's [`traceback`] text.
pub mod functab;
pub mod traceback;
pub mod unwind;
