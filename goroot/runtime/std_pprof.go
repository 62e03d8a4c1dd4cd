package runtime

import "unsafe"

// For package runtime/pprof: stacks of goroutines and labels, the heap, waits. A profile of threads is empty, and one of the processor has no
// samples.

func goroutineprofile(buf *uintptr, n, most int) int
func leakprofile(buf *uintptr, n, most int) int
func leakswanted()
func leakspending() bool
func leakcount() int

// stackRecord has the layout of internal/profilerecord.StackRecord.
type stackRecord struct {
	stack []uintptr
}

const profileDepth = 128

//go:linkname pprof_goroutineProfileWithLabels
func pprof_goroutineProfileWithLabels(p []stackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	n = takeStacks(p, labels, NumGoroutine(), goroutineprofile)
	return n, n <= len(p)
}

// takeStacks gives stacks and labels of goroutines, about so many, as far as there is room for them, and their number.
func takeStacks(p []stackRecord, labels []unsafe.Pointer, about int, take func(buf *uintptr, n, most int) int) (n int) {
	// The labels are pointers in words: whoever they belong to keeps them alive.
	buf := make([]uintptr, (about+16)*(profileDepth/4))
	var words int
	for {
		words = take(&buf[0], len(buf), profileDepth)
		if words >= 0 && words <= len(buf) {
			break
		}
		if words < 0 {
			Gosched()
		} else {
			buf = make([]uintptr, words+words/8)
		}
	}
	for rest := buf[:words]; len(rest) > 0; n++ {
		k := int(rest[0])
		if n < len(p) {
			p[n].stack = append([]uintptr(nil), rest[2:2+k]...)
			if n < len(labels) {
				labels[n] = *(*unsafe.Pointer)(unsafe.Pointer(&rest[1]))
			}
		}
		rest = rest[2+k:]
	}
	return n
}

//go:linkname pprof_goroutineLeakProfileWithLabels
func pprof_goroutineLeakProfileWithLabels(p []stackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	n = leakcount()
	if len(p) == 0 || n > len(p) {
		return n, false
	}
	takeStacks(p, labels, n, leakprofile)
	return n, true
}

// Collections are begun until one has looked for leaked goroutines: a call of GC may wait for one that is under way.
//
//go:linkname pprof_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func pprof_goroutineLeakGC() {
	for leakswanted(); leakspending(); {
		GC()
	}
}

//go:linkname pprof_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func pprof_goroutineleakcount() int { return leakcount() }

//go:linkname pprof_cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprof_cyclesPerSecond() int64 { return 1e9 }

//go:linkname pprof_memProfileInternal
func pprof_memProfileInternal(p []memRecord, inuseZero bool) (n int, ok bool) {
	return eachMemRecord(len(p), inuseZero, func(i int, r memRecord) { p[i] = r })
}

//go:linkname pprof_blockProfileInternal
func pprof_blockProfileInternal(p []blockRecord) (n int, ok bool) {
	return eachBlockRecord(len(p), false, func(i int, r blockRecord) { p[i] = r })
}

//go:linkname pprof_mutexProfileInternal
func pprof_mutexProfileInternal(p []blockRecord) (n int, ok bool) {
	return eachBlockRecord(len(p), true, func(i int, r blockRecord) { p[i] = r })
}

//go:linkname pprof_threadCreateInternal
func pprof_threadCreateInternal(p []stackRecord) (n int, ok bool) { return 0, true }

func pprof_fpunwindExpand(dst, src []uintptr) int { return copy(dst, src) }

func pprof_makeProfStack() []uintptr { return make([]uintptr, profileDepth) }

//go:linkname pprof_readProfile runtime/pprof.readProfile
func pprof_readProfile() (data []uint64, tags []unsafe.Pointer, eof bool) {
	// The head of a profile: words of it, version, rate in Hz.
	return []uint64{3, 0, 100}, []unsafe.Pointer{nil}, true
}

//go:linkname pprof_FrameStartLine runtime/pprof.runtime_FrameStartLine
func pprof_FrameStartLine(f *Frame) int { return f.startLine }

//go:linkname pprof_FrameSymbolName runtime/pprof.runtime_FrameSymbolName
func pprof_FrameSymbolName(f *Frame) string { return funcNameAt(f.PC) }

//go:linkname pprof_expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func pprof_expandFinalInlineFrame(stk []uintptr) []uintptr { return stk }

//go:linkname pprof_setProfLabel runtime/pprof.runtime_setProfLabel
func pprof_setProfLabel(labels unsafe.Pointer) { getg().labels = labels }

//go:linkname pprof_getProfLabel runtime/pprof.runtime_getProfLabel
func pprof_getProfLabel() unsafe.Pointer { return getg().labels }
