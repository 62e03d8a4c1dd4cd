//! The commands.

pub mod build;
pub mod check;
pub mod env;
pub mod inspect;
pub mod run;
pub mod test;
pub mod version;
