//! gort-ir.
