//! The Go runtime.
#![no_std]
