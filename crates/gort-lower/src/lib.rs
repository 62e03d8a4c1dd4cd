//! gort-lower.
