//! gort-syntax.
