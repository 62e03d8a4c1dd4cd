//! Numbers that are read or written byte by byte are read or written at once.
//!
//! `uint32(b[0]) | uint32(b[1])<<8 | …` and `b[0] = byte(x); b[1] = byte(x>>8); …` are how Go programs read and write numbers of a
//! given order of bytes; encoding/binary does it for them.
//!
//! The pass comes behind the one that drops checks, so that there are few of these between.
//!
//! - `loads`: a tree of ors becomes a load
//! - `stores`: a row of stores becomes one
//! - `address`: addresses that can be compared

mod address;
mod loads;
mod stores;

use super::simplify;
use crate::func::{Func, cleanup};

/// Run on a function.
pub fn function(func: &mut Func) {
    if loads::run(func) | stores::run(func) {
        clean(func);
    }
}

/// Only what reads. A store of several fields would keep the object in memory for callers into which the function is inlined.
pub fn reads(func: &mut Func) {
    if loads::run(func) {
        clean(func);
    }
}

fn clean(func: &mut Func) {
    simplify::unused(func);
    cleanup::tidy(func);
}
