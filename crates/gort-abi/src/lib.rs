//! What compiler, linker and runtime must agree on.
#![no_std]
