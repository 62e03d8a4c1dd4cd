//! What `gort test` is made of:
//!
//! - [`flags`]: its command line, and what of it goes to the test executable
//! - [`discover`]: tests, benchmarks, fuzz targets and examples in the test files
//! - [`comments`]: the expected output that ends an example
//! - [`main_source`]: the main package that calls them
//! - [`execute`]: running the executable, its output and its result line
//! - [`events`][]: `-json`

pub mod comments;
pub mod discover;
pub mod events;
pub mod execute;
pub mod flags;
pub mod main_source;
