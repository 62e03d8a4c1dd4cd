package runtime

import "unsafe"

// Type descriptors, in the layout of internal/abi. Offsets (nameOff, typeOff, textOff)
// are absolute addresses below 2 GiB; 0 is nil.

type nameOff int32
type typeOff int32
type textOff int32

const (
	tflagUncommon       = 1 << 0
	tflagExtraStar      = 1 << 1
	tflagNamed          = 1 << 2
	tflagRegularMemory  = 1 << 3
	tflagGCMaskOnDemand = 1 << 4
	tflagDirectIface    = 1 << 5
)

const (
	kindBool          = 1
	kindInt           = 2
	kindInt8          = 3
	kindInt16         = 4
	kindInt32         = 5
	kindInt64         = 6
	kindUint          = 7
	kindUint8         = 8
	kindUint16        = 9
	kindUint32        = 10
	kindUint64        = 11
	kindUintptr       = 12
	kindFloat32       = 13
	kindFloat64       = 14
	kindComplex64     = 15
	kindComplex128    = 16
	kindArray         = 17
	kindChan          = 18
	kindFunc          = 19
	kindInterface     = 20
	kindMap           = 21
	kindPointer       = 22
	kindSlice         = 23
	kindString        = 24
	kindStruct        = 25
	kindUnsafePointer = 26
)

type _type struct {
	Size_       uintptr
	PtrBytes    uintptr
	Hash        uint32
	TFlag       uint8
	Align_      uint8
	FieldAlign_ uint8
	Kind_       uint8
	Equal       func(unsafe.Pointer, unsafe.Pointer) bool
	GCData      *byte
	Str         nameOff
	PtrToThis   typeOff
}

type arraytype struct {
	Type  _type
	Elem  *_type
	Slice *_type
	Len   uintptr
}

type chantype struct {
	Type _type
	Elem *_type
	Dir  int
}

type functype struct {
	Type     _type
	InCount  uint16
	OutCount uint16
}

// variadic is a bit of OutCount.
const variadic = 1 << 15

func (t *functype) isVariadic() bool { return t.OutCount&variadic != 0 }

// param is the type of parameter i; results follow the parameters.
func (t *functype) param(i int) *_type {
	at := kindSize(kindFunc)
	if t.Type.TFlag&tflagUncommon != 0 {
		at += unsafe.Sizeof(uncommontype{})
	}
	return *(**_type)(add(unsafe.Pointer(t), at+uintptr(i)*unsafe.Sizeof(t)))
}

// resultWords is the size of all results, and whether they lie in memory: if one of them is no handful of scalars, or
// if there are more than registers for them. The rule is reflect's, in callplan.go.
func (t *functype) resultWords() (words uintptr, inMemory bool) {
	const registers = 8
	var size uintptr
	var all scalars
	for i := range int(t.OutCount &^ variadic) {
		r := t.param(int(t.InCount) + i)
		if r.Size_ == 0 {
			continue
		}
		var s scalars
		inMemory = !s.of(r) || inMemory
		all.ints += s.ints
		all.floats += s.floats
		align := uintptr(r.Align_)
		size = (size+align-1)&^(align-1) + r.Size_
	}
	return (size + 7) / 8, inMemory || all.ints > registers || all.floats > registers
}

// scalars counts what a value is passed as.
type scalars struct{ ints, floats int }

// of adds those of a type. Not more than four are passed so, and no array.
func (s *scalars) of(t *_type) bool {
	switch t.Kind_ {
	case kindString, kindInterface:
		s.ints += 2
	case kindSlice:
		s.ints += 3
	case kindFloat32, kindFloat64:
		s.floats++
	case kindComplex64, kindComplex128:
		s.floats += 2
	case kindArray:
		return (*arraytype)(unsafe.Pointer(t)).Len == 0
	case kindStruct:
		for _, f := range (*structtype)(unsafe.Pointer(t)).Fields {
			if !s.of(f.Typ) {
				return false
			}
		}
	default:
		s.ints++
	}
	return s.ints+s.floats <= 4
}

type imethod struct {
	Name nameOff
	Typ  typeOff
}

type interfacetype struct {
	Type    _type
	PkgPath *byte
	Methods []imethod
}

type ptrtype struct {
	Type _type
	Elem *_type
}

type slicetype struct {
	Type _type
	Elem *_type
}

type structfield struct {
	Name   *byte
	Typ    *_type
	Offset uintptr
}

type structtype struct {
	Type    _type
	PkgPath *byte
	Fields  []structfield
}

type uncommontype struct {
	PkgPath nameOff
	Mcount  uint16
	Xcount  uint16
	Moff    uint32
	Under   typeOff // of a named interface type: its underlying type
}

type method struct {
	Name nameOff
	Mtyp typeOff
	Ifn  textOff
	Tfn  textOff
}

type itab struct {
	Inter *interfacetype
	Type  *_type
	Hash  uint32
	Fun   [1]uintptr
}

type eface struct {
	_type *_type
	data  unsafe.Pointer
}

type iface struct {
	tab  *itab
	data unsafe.Pointer
}

func efaceOf(p *any) *eface {
	return (*eface)(unsafe.Pointer(p))
}

func add(p unsafe.Pointer, n uintptr) unsafe.Pointer {
	return unsafe.Pointer(uintptr(p) + n)
}

// nameString decodes the name of an encoded abi.Name: flag byte, varint length, bytes.
func nameString(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	shift := uint(0)
	i := uintptr(1)
	for {
		c := *(*byte)(add(unsafe.Pointer(p), i))
		i++
		n |= int(c&0x7f) << shift
		if c&0x80 == 0 {
			break
		}
		shift += 7
	}
	return mkstring((*byte)(add(unsafe.Pointer(p), i)), n)
}

func offString(off nameOff) string {
	return nameString((*byte)(reflectOff(int32(off))))
}

// typeString is what reflect's Type.String gives.
func typeString(t *_type) string {
	s := offString(t.Str)
	if t.TFlag&tflagExtraStar != 0 {
		return s[1:]
	}
	return s
}

func uncommon(t *_type) *uncommontype {
	if t.TFlag&tflagUncommon == 0 {
		return nil
	}
	return (*uncommontype)(add(unsafe.Pointer(t), kindSize(t.Kind_)))
}

// kindSize is the size of a descriptor without the uncommon part.
func kindSize(kind uint8) uintptr {
	switch kind {
	case kindArray:
		return 72
	case kindChan:
		return 64
	case kindFunc, kindPointer, kindSlice:
		return 56
	case kindInterface, kindStruct:
		return 80
	case kindMap:
		return 136
	}
	return 48
}

func typePkgPath(t *_type) string {
	if u := uncommon(t); u != nil {
		return offString(u.PkgPath)
	}
	switch t.Kind_ {
	case kindStruct:
		return nameString((*structtype)(unsafe.Pointer(t)).PkgPath)
	case kindInterface:
		return nameString((*interfacetype)(unsafe.Pointer(t)).PkgPath)
	}
	return ""
}

type stringStruct struct {
	str *byte
	len int
}

type slice struct {
	array unsafe.Pointer
	len   int
	cap   int
}

func mkstring(p *byte, n int) string {
	s := stringStruct{p, n}
	return *(*string)(unsafe.Pointer(&s))
}
