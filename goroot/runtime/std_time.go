package runtime

import _ "unsafe" // for go:linkname

// For package time.

//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	var ts [2]int64
	walltime(&ts)
	return ts[0], int32(ts[1]), nanotime()
}

//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) { return time_now() }

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 { return nanotime() }

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return false }
