package runtime

import _ "unsafe"

// For package runtime/trace: a trace in its format cannot be started (StartTrace), so that annotations have
// nowhere to go.

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parent uint64, name string) {}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) {}

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) {}

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) {}

//go:linkname trace_clockUnits runtime/trace.runtime_traceClockUnitsPerSecond
func trace_clockUnits() uint64 { return 1e9 }

func traceClockNow() uint64 { return uint64(nanotime()) }

func traceAdvance(stopTrace bool) {}
