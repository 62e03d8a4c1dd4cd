package runtime

import _ "unsafe"

// For package runtime/debug.

func setgcpercent(n int32) int32
func setmemorylimit(n int64) int64
func writeheapdump(fd uintptr, stats *MemStats, cycles uint64, version string)
func setcrashoutput(fd uintptr) uintptr
func setmaxstack(n uintptr) uintptr
func setmaxthreads(n int) int
func settraceback(level string)

//go:linkname debug_setMaxStack runtime/debug.setMaxStack
func debug_setMaxStack(n int) int { return int(setmaxstack(uintptr(n))) }

//go:linkname debug_setMaxThreads runtime/debug.setMaxThreads
func debug_setMaxThreads(n int) int { return setmaxthreads(n) }

//go:linkname debug_SetTraceback runtime/debug.SetTraceback
func debug_SetTraceback(level string) { settraceback(level) }

//go:linkname debug_setPanicOnFault runtime/debug.setPanicOnFault
func debug_setPanicOnFault(on bool) bool {
	gp := getg()
	old := gp.paniconfault != 0
	gp.paniconfault = 0
	if on {
		gp.paniconfault = 1
	}
	return old
}

//go:linkname debug_setGCPercent runtime/debug.setGCPercent
func debug_setGCPercent(n int32) int32 { return setgcpercent(n) }

//go:linkname debug_setMemoryLimit runtime/debug.setMemoryLimit
func debug_setMemoryLimit(n int64) int64 { return setmemorylimit(n) }

//go:linkname debug_freeOSMemory runtime/debug.freeOSMemory
func debug_freeOSMemory() {
	GC()
	for releasesome() {
	}
}

//go:linkname debug_WriteHeapDump runtime/debug.WriteHeapDump
func debug_WriteHeapDump(fd uintptr) {
	m := new(MemStats)
	ReadMemStats(m)
	stopworldpinned()
	writeheapdump(fd, m, uint64(m.NumGC), Version())
	startworld()
	procunpin()
}

// Pauses, newest first, their ends, and then: time of the last collection, their number, total pause.
//
//go:linkname debug_readGCStats runtime/debug.readGCStats
func debug_readGCStats(p *[]uint64) {
	var c memCounts
	readmemcounts(&c)
	n := min(int(c.numGC), len(c.pauseNs))
	if cap(*p) < len(c.pauseNs)+3 {
		throw("short slice passed to readGCStats")
	}
	s := (*p)[:2*n+3]
	for i := range n {
		k := (int(c.numGC) - 1 - i) % len(c.pauseNs)
		s[i], s[n+i] = c.pauseNs[k], c.pauseEnd[k]
	}
	s[2*n], s[2*n+1], s[2*n+2] = c.lastGC, c.numGC, c.pauseTotal
	*p = s
}

// modinfo is set by the build: the module information of the main package.
var modinfo string

// buildinfo keeps what the executable says of itself. Nobody calls it.
func buildinfo() (version, modules *string) { return &buildVersion, &modinfo }

//go:linkname debug_modinfo runtime/debug.modinfo
func debug_modinfo() string { return modinfo }

// setCrashFD is for debug.SetCrashOutput.
func setCrashFD(fd uintptr) uintptr { return setcrashoutput(fd) }
