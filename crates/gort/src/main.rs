//! The `gort` command.
fn main() {}
