// Package runtime is gort's Go side of the runtime.
//
// A function without a body is native: it is an assembly stub in crates/gort-rt
// (see docs/internals/machine-contract.md). Everything that has to run Go closures
// (deferred calls, Equal functions, Error methods) is written here, in Go.
//
// This folder is the single list of the entry points that compiled code may call.
package runtime
