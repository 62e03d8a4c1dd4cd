//! gort-load.
