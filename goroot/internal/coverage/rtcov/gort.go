package rtcov

import "unsafe"

// With official Go the linker puts the counters of all packages side by side, and the runtime knows where they are. Here
// each package hands over its own: an array a function.
var counters []CovCounterBlob

// Register makes a covered package known before any of its code runs; the result is its number. What it takes is what
// AddMeta takes, and its counters. The package is none of those that have fixed numbers: gort refuses to cover these.
func Register(meta unsafe.Pointer, length uint32, hash [16]byte, path string, mode, granularity uint8, list []CovCounterBlob) uint32 {
	counters = append(counters, list...)
	return AddMeta(meta, length, hash, path, -1, mode, granularity)
}

//go:linkname counterList internal/coverage/cfile.getCovCounterList
func counterList() []CovCounterBlob { return counters }
