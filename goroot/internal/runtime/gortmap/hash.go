package gortmap

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// Hash functions that compiled code and typehash use; h is the seed.

//go:linkname rand runtime.rand
func rand() uint64

//go:linkname memhash runtime.memhash
func memhash(p unsafe.Pointer, h, n uintptr) uintptr {
	switch n {
	case 4:
		return maps.MemHash32(*(*uint32)(p), h)
	case 8:
		return maps.MemHash64(*(*uint64)(p), h)
	}
	return maps.MemHash(p, h, n)
}

//go:linkname strhash runtime.strhash
func strhash(p unsafe.Pointer, h uintptr) uintptr { return maps.StrHash(*(*string)(p), h) }

const (
	mul0 = 0x9E3779B97F4A7C15
	mul1 = 0xD1B54A32D192ED03
)

// float hashes equal floats alike: both zeros are one, and every NaN gets a hash of its own.
func float(f float64, p unsafe.Pointer, n, h uintptr) uintptr {
	switch {
	case f == 0:
		return mul1 * (mul0 ^ h)
	case f != f:
		return mul1 * (mul0 ^ h ^ uintptr(rand()))
	}
	return memhash(p, h, n)
}

//go:linkname f32hash runtime.f32hash
func f32hash(p unsafe.Pointer, h uintptr) uintptr { return float(float64(*(*float32)(p)), p, 4, h) }

//go:linkname f64hash runtime.f64hash
func f64hash(p unsafe.Pointer, h uintptr) uintptr { return float(*(*float64)(p), p, 8, h) }

//go:linkname c64hash runtime.c64hash
func c64hash(p unsafe.Pointer, h uintptr) uintptr {
	return f32hash(unsafe.Add(p, 4), f32hash(p, h))
}

//go:linkname c128hash runtime.c128hash
func c128hash(p unsafe.Pointer, h uintptr) uintptr {
	return f64hash(unsafe.Add(p, 8), f64hash(p, h))
}

type eface struct {
	typ  *abi.Type
	data unsafe.Pointer
}

type iface struct {
	tab  *abi.ITab
	data unsafe.Pointer
}

//go:linkname nilinterhash runtime.nilinterhash
func nilinterhash(p unsafe.Pointer, h uintptr) uintptr {
	e := (*eface)(p)
	return dynamic(e.typ, e.data, h)
}

//go:linkname interhash runtime.interhash
func interhash(p unsafe.Pointer, h uintptr) uintptr {
	i := (*iface)(p)
	if i.tab == nil {
		return h
	}
	return dynamic(i.tab.Type, i.data, h)
}

// An unhashable is the error of hashing a value that cannot be compared.
type unhashable struct{ text string }

func (e unhashable) RuntimeError() {}

func (e unhashable) Error() string { return "runtime error: hash of unhashable type " + e.text }

//go:linkname typeString internal/runtime/maps.typeString
func typeString(t *abi.Type) string

func dynamic(t *abi.Type, data unsafe.Pointer, h uintptr) uintptr {
	if t == nil {
		return h
	}
	if t.Equal == nil {
		panic(unhashable{typeString(t)})
	}
	if t.TFlag&abi.TFlagDirectIface != 0 {
		return mul1 * (typehash(t, unsafe.Pointer(&data), h^mul0))
	}
	return mul1 * (typehash(t, data, h^mul0))
}

// typehash hashes the value of type t at p.
//
//go:linkname typehash runtime.typehash
func typehash(t *abi.Type, p unsafe.Pointer, h uintptr) uintptr {
	if t.TFlag&abi.TFlagRegularMemory != 0 {
		return memhash(p, h, t.Size_)
	}
	switch t.Kind() {
	case abi.Float32:
		return f32hash(p, h)
	case abi.Float64:
		return f64hash(p, h)
	case abi.Complex64:
		return c64hash(p, h)
	case abi.Complex128:
		return c128hash(p, h)
	case abi.String:
		return strhash(p, h)
	case abi.Interface:
		i := (*abi.InterfaceType)(unsafe.Pointer(t))
		if len(i.Methods) == 0 {
			return nilinterhash(p, h)
		}
		return interhash(p, h)
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			h = typehash(a.Elem, unsafe.Add(p, i*a.Elem.Size_), h)
		}
		return h
	case abi.Struct:
		s := (*abi.StructType)(unsafe.Pointer(t))
		for _, f := range s.Fields {
			if !f.Name.IsBlank() {
				h = typehash(f.Typ, unsafe.Add(p, f.Offset), h)
			}
		}
		return h
	}
	panic(unhashable{typeString(t)})
}
