package runtime

// Profiles and traces. gort records none yet: profiles are empty, and a trace cannot be started.

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

// MemProfile returns no records.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile returns no records.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns no records.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns no records.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// GoroutineProfile returns no records.
func GoroutineProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// SetBlockProfileRate has no effect.
func SetBlockProfileRate(rate int) {}

// SetMutexProfileFraction has no effect.
func SetMutexProfileFraction(rate int) int { return 0 }

// SetCPUProfileRate has no effect.
func SetCPUProfileRate(hz int) {}

// StartTrace fails: gort does not trace in this format yet.
func StartTrace() error { return plainError("tracing is not supported by gort yet") }

// StopTrace has nothing to stop.
func StopTrace() {}

// ReadTrace has nothing to read.
func ReadTrace() []byte { return nil }
