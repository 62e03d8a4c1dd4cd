//! gort-types.
