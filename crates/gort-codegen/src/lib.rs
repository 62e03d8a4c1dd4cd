//! gort-codegen.
