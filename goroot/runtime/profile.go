package runtime

import "unsafe"

// Profiles and traces. The profile of the heap is gc/profile.rs's, those of waits and of mutexes are see/blocking.rs's. Others are not
// recorded yet: they are empty, and a trace cannot be started.

func memprofile(buf *uintptr, n int, all bool) int
func blockprofile(buf *uintptr, n int, mutex bool) int
func blockrate(rate int64)
func mutexrate(rate int64) int64
func blockbegins()
func blockended(skip int)
func blockevent(took int64, skip int)

// MemProfileRate controls the fraction of memory allocations that are recorded in the memory profile: on average one
// of so many bytes. 1 means all, 0 none.
var MemProfileRate int = 512 * 1024

// A StackRecord describes a single execution stack.
type StackRecord struct {
	Stack0 [32]uintptr
}

// Stack returns the stack trace of the record, which ends at the first zero.
func (r *StackRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

func untilZero(pcs []uintptr) []uintptr {
	for i, pc := range pcs {
		if pc == 0 {
			return pcs[:i]
		}
	}
	return pcs
}

// A MemProfileRecord describes the live objects allocated by one call sequence.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes returns the number of bytes in use.
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of objects in use.
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the stack trace of the record.
func (r *MemProfileRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

// BlockProfileRecord describes blocking events originated at one call sequence.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile copies the records of the profile of the heap into p, as of a recently completed cycle of the collector, and
// returns their number n. If p has room for fewer it copies none and returns false. Those of which nothing is alive any
// more are left out, unless inuseZero.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return eachMemRecord(len(p), inuseZero, func(i int, m memRecord) {
		r := &p[i]
		*r = MemProfileRecord{
			AllocBytes:   m.allocs * m.size,
			FreeBytes:    m.frees * m.size,
			AllocObjects: m.allocs,
			FreeObjects:  m.frees,
		}
		copy(r.Stack0[:], m.stack)
	})
}

// memRecord has the layout of internal/profilerecord.MemProfileRecord.
type memRecord struct {
	size, allocs, frees int64
	stack               []uintptr
}

// eachMemRecord calls f with each record, if there are not more than n.
func eachMemRecord(n int, inuseZero bool, f func(i int, r memRecord)) (int, bool) {
	// The runtime takes samples for programs that have this variable.
	KeepAlive(&MemProfileRate)
	buf := profileWords(func(buf *uintptr, n int) int { return memprofile(buf, n, inuseZero) })
	i := 0
	for rest := buf; len(rest) > 0; rest = rest[4+rest[3]:] {
		i++
	}
	if i > n {
		return i, false
	}
	i = 0
	for rest := buf; len(rest) > 0; i++ {
		k := rest[3]
		f(i, memRecord{int64(rest[0]), int64(rest[1]), int64(rest[2]), rest[4 : 4+k : 4+k]})
		rest = rest[4+k:]
	}
	return i, true
}

// profileWords calls read with larger and larger buffers, until one is large enough.
func profileWords(read func(buf *uintptr, n int) int) []uintptr {
	buf := make([]uintptr, 1024)
	for {
		words := read(unsafe.SliceData(buf), len(buf))
		if words <= len(buf) {
			return buf[:words]
		}
		buf = make([]uintptr, words+words/8)
	}
}

// blockRecord has the layout of internal/profilerecord.BlockProfileRecord.
type blockRecord struct {
	count, cycles int64
	stack         []uintptr
}

// eachBlockRecord calls f with each record of the profile of waits, or of mutexes, if there are not more than n.
func eachBlockRecord(n int, mutex bool, f func(i int, r blockRecord)) (int, bool) {
	buf := profileWords(func(buf *uintptr, n int) int { return blockprofile(buf, n, mutex) })
	i := 0
	for rest := buf; len(rest) > 0; rest = rest[3+rest[2]:] {
		i++
	}
	if i > n {
		return i, false
	}
	i = 0
	for rest := buf; len(rest) > 0; i++ {
		k := rest[2]
		f(i, blockRecord{int64(rest[0]), int64(rest[1]), rest[3 : 3+k : 3+k]})
		rest = rest[3+k:]
	}
	return i, true
}

func copyBlockRecords(p []BlockProfileRecord, mutex bool) (n int, ok bool) {
	return eachBlockRecord(len(p), mutex, func(i int, from blockRecord) {
		p[i] = BlockProfileRecord{Count: from.count, Cycles: from.cycles}
		copy(p[i].Stack0[:], from.stack)
	})
}

// BlockProfile copies the records of waits into p and returns their number n. If p has room for fewer it copies none and returns
// false.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return copyBlockRecords(p, false) }

// MutexProfile does the same with the records of who keeps others waiting for mutexes.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return copyBlockRecords(p, true) }

// ThreadCreateProfile returns no records.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile copies the stacks of all goroutines into p and returns their number n. If p has room for fewer it returns
// false.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = NumGoroutine()
	if n > len(p) {
		return n, false
	}
	stacks := make([]stackRecord, len(p))
	n = takeStacks(stacks, nil, n, goroutineprofile)
	if n > len(p) {
		return n, false
	}
	for i, s := range stacks[:n] {
		p[i] = StackRecord{}
		copy(p[i].Stack0[:], s.stack)
	}
	return n, true
}

// Waits are profiled.
var blockprofiled bool

// SetBlockProfileRate controls the fraction of waits that the block profile has: on average one for each rate nanoseconds spent
// waiting. 1 means all, 0 and below none.
func SetBlockProfileRate(rate int) {
	blockprofiled = rate > 0
	blockrate(int64(rate))
}

// SetMutexProfileFraction controls the fraction of releases of mutexes that the mutex profile has, of those that others wait for: on
// average one in rate. 0 means none; below 0 the rate stays. The result is the rate until now.
func SetMutexProfileFraction(rate int) int { return int(mutexrate(int64(rate))) }

// SetCPUProfileRate has no effect.
func SetCPUProfileRate(hz int) {}

// StartTrace fails: gort does not trace in this format yet.
func StartTrace() error { return plainError("tracing is not supported by gort yet") }

// StopTrace has nothing to stop.
func StopTrace() {}

// ReadTrace has nothing to read.
func ReadTrace() []byte { return nil }
