//! gort-link.
