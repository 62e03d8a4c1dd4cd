//! The commands.

pub mod build;
pub mod check;
pub mod clean;
pub mod completion;
pub mod download;
pub mod env;
pub mod inspect;
pub mod install;
mod outside;
pub mod program;
pub mod run;
pub mod test;
pub mod upstream;
pub mod version;
