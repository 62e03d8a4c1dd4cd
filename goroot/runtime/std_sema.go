package runtime

import "unsafe"

// Semaphores and notify lists, for packages sync, internal/sync and internal/poll.

// Why a goroutine sleeps on a semaphore; known to wait/sema.rs.
const (
	semaPlain = iota
	semaMutex
	semaRLock
	semaRWLock
	semaWaitGroup
	semaSynctestWaitGroup
)

// mutexWait is how long goroutines have slept on sync.Mutex and sync.RWMutex, in nanoseconds.
var mutexWait uint64

//go:linkname xadd64 sync/atomic.AddUint64
func xadd64(p *uint64, delta uint64) uint64

// semacquire1 takes a unit. For the block profile the stack begins skip calls above what is the runtime's.
func semacquire1(addr *uint32, lifo bool, kind, skip int) {
	profiled := blockprofiled
	if profiled {
		blockbegins()
	}
	semacquire3(addr, lifo, kind)
	if profiled {
		blockended(skip)
	}
}

func semacquire3(addr *uint32, lifo bool, kind int) {
	if kind == semaMutex || kind == semaRLock || kind == semaRWLock {
		start := nanotime()
		semacquire2(addr, lifo, kind)
		xadd64(&mutexWait, uint64(nanotime()-start))
		return
	}
	semacquire2(addr, lifo, kind)
}

func semacquire2(addr *uint32, lifo bool, kind int) {
	for !semacquire(addr, lifo, kind) {
		// Woken without being given the unit: try again, in front of those who came later.
		lifo = true
	}
}

//go:linkname poll_runtime_Semacquire internal/poll.runtime_Semacquire
func poll_runtime_Semacquire(addr *uint32) { semacquire1(addr, false, semaPlain, 0) }

//go:linkname poll_runtime_Semrelease internal/poll.runtime_Semrelease
func poll_runtime_Semrelease(addr *uint32) { semrelease(addr, false, 0) }

//go:linkname sync_runtime_Semacquire sync.runtime_Semacquire
func sync_runtime_Semacquire(addr *uint32) { semacquire1(addr, false, semaPlain, 0) }

//go:linkname sync_runtime_SemacquireWaitGroup sync.runtime_SemacquireWaitGroup
func sync_runtime_SemacquireWaitGroup(addr *uint32, durable bool) {
	if durable {
		semacquire1(addr, false, semaSynctestWaitGroup, 0)
	} else {
		semacquire1(addr, false, semaWaitGroup, 0)
	}
}

//go:linkname sync_runtime_SemacquireRWMutexR sync.runtime_SemacquireRWMutexR
func sync_runtime_SemacquireRWMutexR(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, semaRLock, skip)
}

//go:linkname sync_runtime_SemacquireRWMutex sync.runtime_SemacquireRWMutex
func sync_runtime_SemacquireRWMutex(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, semaRWLock, skip)
}

//go:linkname sync_runtime_Semrelease sync.runtime_Semrelease
func sync_runtime_Semrelease(addr *uint32, handoff bool, skip int) { semrelease(addr, handoff, skip) }

//go:linkname internal_sync_SemacquireMutex internal/sync.runtime_SemacquireMutex
func internal_sync_SemacquireMutex(addr *uint32, lifo bool, skip int) {
	semacquire1(addr, lifo, semaMutex, skip)
}

//go:linkname internal_sync_Semrelease internal/sync.runtime_Semrelease
func internal_sync_Semrelease(addr *uint32, handoff bool, skip int) { semrelease(addr, handoff, skip) }

//go:linkname sync_notifyListCheck sync.runtime_notifyListCheck
func sync_notifyListCheck(size uintptr) {
	if size != notifylistsize() {
		throw("sync.notifyList has another size than the runtime's")
	}
}

//go:linkname xadd32 sync/atomic.AddUint32
func xadd32(p *uint32, delta uint32) uint32

//go:linkname sync_notifyListAdd sync.runtime_notifyListAdd
func sync_notifyListAdd(l unsafe.Pointer) uint32 { return xadd32((*uint32)(l), 1) - 1 }

//go:linkname sync_notifyListWait sync.runtime_notifyListWait
func sync_notifyListWait(l unsafe.Pointer, t uint32) { notifylistwait(l, t) }

//go:linkname sync_notifyListNotifyAll sync.runtime_notifyListNotifyAll
func sync_notifyListNotifyAll(l unsafe.Pointer) { notifylistall(l) }

//go:linkname sync_notifyListNotifyOne sync.runtime_notifyListNotifyOne
func sync_notifyListNotifyOne(l unsafe.Pointer) { notifylistone(l) }
