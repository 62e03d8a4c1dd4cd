package runtime

import "unsafe"

// Compiler is what programs know how to ask for: see docs/decisions/0006.
const Compiler = "gc"

// GOOS is the operating system of the program.
const GOOS string = "linux"

// GOARCH is the architecture of the program.
const GOARCH string = "amd64"

// buildVersion is set by the build: the version of the library in GOROOT.
var buildVersion = "go1.27"

// Version returns the Go version that the toolchain implements.
func Version() string { return buildVersion }

// defaultGOROOT is set by the build, unless it trims paths.
var defaultGOROOT string

// GOROOT returns the environment's GOROOT, or the one whose library the program was built from.
//
// Deprecated: use the system path to locate the go binary.
func GOROOT() string {
	const name = "GOROOT="
	for _, e := range syscall_runtime_envs() {
		if len(e) > len(name) && e[:len(name)] == name {
			return e[len(name):]
		}
	}
	return defaultGOROOT
}

// pcInfo is filled by the native pcinfo for one logical frame at a pc.
type pcInfo struct {
	fn      *Func // nil for an inlined frame
	name    string
	file    string
	line    int
	entry   uintptr
	start   int  // line of the func keyword
	more    bool // the next depth exists: this frame was inlined into it
	wrapper bool
}

// Func represents a function of the running program.
type Func struct {
	opaque struct{}
}

// A Frame is one logical frame of a call stack.
type Frame struct {
	PC        uintptr
	Func      *Func
	Function  string
	File      string
	Line      int
	startLine int
	Entry     uintptr
}

// funcinl stands for a Func where code was inlined; its first word is no entry address.
type funcinl struct {
	ones  uintptr
	entry uintptr
	name  string
	file  string
	line  int
}

// Frames translates pcs of Callers into Frame values.
type Frames struct {
	pcs []uintptr
}

// CallersFrames prepares to return the frames of pcs, which Callers has filled.
func CallersFrames(callers []uintptr) *Frames {
	return &Frames{pcs: callers}
}

// Next returns the next frame and whether there are more.
func (ci *Frames) Next() (frame Frame, more bool) {
	var info pcInfo
	for len(ci.pcs) > 0 {
		pc := ci.pcs[0]
		ci.pcs = ci.pcs[1:]
		// Return addresses; but the entry of a function, which nothing returns to, stands for itself, also if it is that of the
		// wrapper that a func value of it leads to.
		at := pc - 1
		if f := findfunc(pc); f != nil && (*Func)(f).Entry() == pc {
			at = pc
		}
		// Frames that were inlined have pcs of their own.
		if !pcinfo(at, 0, &info) || info.wrapper && at != pc {
			continue
		}
		frame = Frame{PC: at, Func: info.fn, Function: shortName(info.name), File: info.file,
			Line: info.line, startLine: info.start, Entry: info.entry}
		return frame, len(ci.pcs) > 0
	}
	return frame, false
}

// Callers fills pc with return addresses of the calling goroutine's stack; skip 0 is Callers itself.
func Callers(skip int, pc []uintptr) int {
	if len(pc) == 0 {
		return 0
	}
	return callers(skip, &pc[0], len(pc))
}

// Caller reports file and line of the skip-th caller; 0 is the caller of Caller.
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var pcs [1]uintptr
	if callers(skip+1, &pcs[0], 1) < 1 {
		return
	}
	var info pcInfo
	if !pcinfo(pcs[0]-1, 0, &info) {
		return
	}
	return pcs[0] - 1, info.file, info.line, true
}

// FuncForPC returns the function that contains pc, or nil.
func FuncForPC(pc uintptr) *Func {
	var info pcInfo
	if !pcinfo(pc, 0, &info) || !info.more {
		return (*Func)(findfunc(pc))
	}
	return (*Func)(unsafe.Pointer(&funcinl{^uintptr(0), info.entry, info.name, info.file, info.line}))
}

// inlined returns the record of an inlined function, or nil.
func (f *Func) inlined() *funcinl {
	fi := (*funcinl)(unsafe.Pointer(f))
	if fi.ones != ^uintptr(0) {
		return nil
	}
	return fi
}

// shortName is name without the type arguments of a generic function: "[...]" stands for them.
func shortName(name string) string {
	open, end := 0, len(name)
	for open < end && name[open] != '[' {
		open++
	}
	for end > open && name[end-1] != ']' {
		end--
	}
	if end <= open {
		return name
	}
	return name[:open] + "[...]" + name[end:]
}

func funcNameAt(pc uintptr) string {
	var info pcInfo
	if !pcinfo(pc, 0, &info) {
		return ""
	}
	return info.name
}

// Name returns the name of the function.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	if fi := f.inlined(); fi != nil {
		return shortName(fi.name)
	}
	return shortName(funcNameAt(f.Entry()))
}

// Entry returns the entry address of the function.
func (f *Func) Entry() uintptr {
	if fi := f.inlined(); fi != nil {
		return fi.entry
	}
	return *(*uintptr)(unsafe.Pointer(f))
}

// FileLine returns file and line of the instruction at pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	if fi := f.inlined(); fi != nil {
		return fi.file, fi.line
	}
	var info pcInfo
	if !pcinfo(pc, 0, &info) {
		return "?", 0
	}
	return info.file, info.line
}

// Stack formats a stack trace of the calling goroutine (or of all) into buf.
func Stack(buf []byte, all bool) int {
	if len(buf) == 0 {
		return 0
	}
	for {
		if n := stackdump(&buf[0], len(buf), all); n >= 0 {
			return n
		}
		Gosched()
	}
}
