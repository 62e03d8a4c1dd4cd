//! The `gort` command.
fn main() {}
#[allow(dead_code)]
mod embedded;
