package main

import (
	"encoding/binary"
	"fmt"
	"go/constant"
	"go/types"
	"math/big"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// What is kept of a package is what its importers can see of it: its exported objects, all that their types speak of, of
// other packages as well, and what analyzers have found out about these. So whoever imports a package needs nothing but what
// is kept of that package, as with the files of official Go's compiler, and those that other packages have already made known
// are the same objects.
//
// A file has four parts: strings, which everything else refers to by number; packages; objects, the exported ones of the package first;
// and what is behind each object. Numbers are varints. There are no positions: of what analyzers say, none is in another package.

// Tags of objects.
const (
	tagConst = iota
	tagVar
	tagFunc
	tagAlias
	tagType
)

// Tags of types.
const (
	tagBasic = iota
	tagUniverse
	tagObject
	tagInstance
	tagPointer
	tagSlice
	tagArray
	tagMap
	tagChan
	tagSignature
	tagStruct
	tagInterface
	tagParam
	tagUnion
	tagTuple
)

// An encoder writes what is kept of a package.
type encoder struct {
	facts   *facts
	strings table[string]
	pkgs    table[*types.Package]
	objects table[types.Object]
	params  table[*types.TypeParam]
	out     []byte
}

// A table gives numbers to what it is asked for.
type table[T comparable] struct {
	known map[T]int
	list  []T
}

func (t *table[T]) number(x T) int {
	n, ok := t.known[x]
	if !ok {
		if t.known == nil {
			t.known = map[T]int{}
		}
		n = len(t.list)
		t.known[x] = n
		t.list = append(t.list, x)
	}
	return n
}

// encode is what is to be kept of a package.
func encode(pkg *types.Package, known *facts) []byte {
	e := &encoder{facts: known}
	e.pkgs.number(pkg)
	scope := pkg.Scope()
	exported := 0
	for _, name := range scope.Names() {
		if o := scope.Lookup(name); o.Exported() {
			e.objects.number(o)
			exported++
		}
	}
	e.factsOf(known.ofPackage(pkg))
	of := e.out
	// The list grows on the way.
	var bodies [][]byte
	for i := 0; i < len(e.objects.list); i++ {
		e.out = nil
		e.object(e.objects.list[i])
		bodies = append(bodies, e.out)
	}
	e.out = nil
	for _, o := range e.objects.list {
		e.pkg(o.Pkg())
		e.text(o.Name())
	}
	objects := e.out
	e.out = nil
	e.number(len(e.pkgs.list))
	for _, p := range e.pkgs.list {
		e.text(p.Path())
		e.text(p.Name())
	}
	pkgs := e.out
	e.out = nil
	e.number(len(e.strings.list))
	for _, s := range e.strings.list {
		e.number(len(s))
	}
	for _, s := range e.strings.list {
		e.out = append(e.out, s...)
	}
	e.out = append(e.out, pkgs...)
	e.out = append(e.out, of...)
	e.number(exported)
	e.number(len(bodies))
	e.out = append(e.out, objects...)
	for _, b := range bodies {
		e.number(len(b))
	}
	for _, b := range bodies {
		e.out = append(e.out, b...)
	}
	return e.out
}

func (e *encoder) number(n int) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

func (e *encoder) flag(b bool) {
	n := 0
	if b {
		n = 1
	}
	e.number(n)
}

func (e *encoder) text(s string) { e.number(e.strings.number(s)) }

func (e *encoder) pkg(p *types.Package) {
	// Fields and methods of what the language declares have none.
	if p == nil {
		e.number(0)
		return
	}
	e.number(1 + e.pkgs.number(p))
}

func (e *encoder) factsOf(known map[reflect.Type]analysis.Fact) {
	e.number(len(known))
	for _, kind := range e.facts.kinds {
		if fact := known[kind]; fact != nil {
			e.text(nameOf(kind))
			e.value(reflect.ValueOf(fact).Elem())
		}
	}
}

// value writes a fact. Facts have exported fields only, which official Go's vet takes for granted as well.
func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		e.flag(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.out = binary.AppendVarint(e.out, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.out = binary.AppendUvarint(e.out, v.Uint())
	case reflect.String:
		e.text(v.String())
	case reflect.Slice:
		e.number(v.Len())
		for i := range v.Len() {
			e.value(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			e.value(v.Field(i))
		}
	default:
		panic(fmt.Sprintf("a fact of an analyzer has a %v", v.Type()))
	}
}

func (e *encoder) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		e.number(tagConst)
		e.typ(o.Type())
		e.constant(o.Val())
	case *types.Var:
		e.number(tagVar)
		e.typ(o.Type())
	case *types.Func:
		e.number(tagFunc)
		e.declare(o.Signature().TypeParams())
		e.signature(o.Signature())
	case *types.TypeName:
		named, ok := o.Type().(*types.Named)
		if !ok {
			e.number(tagAlias)
			if alias, ok := o.Type().(*types.Alias); ok {
				e.declare(alias.TypeParams())
				e.typ(alias.Rhs())
				break
			}
			// A mistake in the sources.
			e.number(0)
			e.typ(o.Type())
			break
		}
		e.number(tagType)
		e.declare(named.TypeParams())
		e.typ(named.Underlying())
		e.number(named.NumMethods())
		for m := range named.Methods() {
			e.pkg(m.Pkg())
			e.text(m.Name())
			recv := m.Signature().Recv()
			_, pointer := types.Unalias(recv.Type()).(*types.Pointer)
			e.flag(pointer)
			e.declare(m.Signature().RecvTypeParams())
			e.text(recv.Name())
			e.factsOf(e.facts.of(recv))
			e.declare(m.Signature().TypeParams())
			e.signature(m.Signature())
			e.factsOf(e.facts.of(m))
		}
	default:
		panic(fmt.Sprintf("%v in the scope of a package", o))
	}
	e.factsOf(e.facts.of(o))
}

// declare writes type parameters, all before the first constraint.
func (e *encoder) declare(list *types.TypeParamList) {
	e.number(list.Len())
	for p := range list.TypeParams() {
		e.number(e.params.number(p))
		e.pkg(p.Obj().Pkg())
		e.text(p.Obj().Name())
	}
	var last types.Type
	for p := range list.TypeParams() {
		// Those of a list with one constraint are shown with one.
		same := p.Constraint() == last
		e.flag(same)
		if !same {
			last = p.Constraint()
			e.typ(last)
		}
	}
}

func (e *encoder) constant(v constant.Value) {
	e.number(int(v.Kind()))
	switch v.Kind() {
	case constant.Bool:
		e.flag(constant.BoolVal(v))
	case constant.String:
		e.text(constant.StringVal(v))
	case constant.Int, constant.Float:
		e.exact(v)
	case constant.Complex:
		e.exact(constant.Real(v))
		e.exact(constant.Imag(v))
	}
}

// exact writes a number as it is represented.
func (e *encoder) exact(v constant.Value) {
	switch x := constant.Val(v).(type) {
	case int64:
		e.number(0)
		e.out = binary.AppendVarint(e.out, x)
	case *big.Int:
		e.number(1)
		e.text(x.Text(16))
	case *big.Rat:
		e.number(2)
		e.text(x.RatString())
	case *big.Float:
		e.number(3)
		e.number(int(x.Prec()))
		e.text(x.Text('p', 0))
	default:
		panic(fmt.Sprintf("a constant is a %T", x))
	}
}

func (e *encoder) typ(t types.Type) {
	switch t := t.(type) {
	case *types.Basic:
		if types.Universe.Lookup(t.Name()) != nil {
			e.number(tagUniverse)
			e.text(t.Name())
			break
		}
		e.number(tagBasic)
		e.number(int(t.Kind()))
	case *types.Named:
		e.named(t.Obj(), t.TypeArgs())
	case *types.Alias:
		e.named(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		e.number(tagPointer)
		e.typ(t.Elem())
	case *types.Slice:
		e.number(tagSlice)
		e.typ(t.Elem())
	case *types.Array:
		e.number(tagArray)
		e.out = binary.AppendVarint(e.out, t.Len())
		e.typ(t.Elem())
	case *types.Map:
		e.number(tagMap)
		e.typ(t.Key())
		e.typ(t.Elem())
	case *types.Chan:
		e.number(tagChan)
		e.number(int(t.Dir()))
		e.typ(t.Elem())
	case *types.Signature:
		e.number(tagSignature)
		e.signature(t)
	case *types.Struct:
		e.number(tagStruct)
		e.number(t.NumFields())
		for i := range t.NumFields() {
			f := t.Field(i)
			e.pkg(f.Pkg())
			e.text(f.Name())
			e.flag(f.Embedded())
			e.typ(f.Type())
			e.text(t.Tag(i))
			e.factsOf(e.facts.of(f))
		}
	case *types.Interface:
		e.number(tagInterface)
		e.flag(t.IsImplicit())
		e.number(t.NumExplicitMethods())
		for m := range t.ExplicitMethods() {
			e.pkg(m.Pkg())
			e.text(m.Name())
			e.signature(m.Signature())
			e.factsOf(e.facts.of(m))
		}
		e.number(t.NumEmbeddeds())
		for u := range t.EmbeddedTypes() {
			e.typ(u)
		}
	case *types.TypeParam:
		e.number(tagParam)
		e.number(e.params.number(t))
	case *types.Union:
		e.number(tagUnion)
		e.number(t.Len())
		for term := range t.Terms() {
			e.flag(term.Tilde())
			e.typ(term.Type())
		}
	case *types.Tuple:
		e.number(tagTuple)
		e.tuple(t)
	default:
		panic(fmt.Sprintf("a type is a %T", t))
	}
}

// named writes a reference to a type that has a name.
func (e *encoder) named(o *types.TypeName, args *types.TypeList) {
	if o.Pkg() == nil {
		e.number(tagUniverse)
		e.text(o.Name())
		return
	}
	if args.Len() > 0 {
		e.number(tagInstance)
		e.number(e.objects.number(o))
		e.number(args.Len())
		for t := range args.Types() {
			e.typ(t)
		}
		return
	}
	e.number(tagObject)
	e.number(e.objects.number(o))
}

func (e *encoder) signature(s *types.Signature) {
	e.tuple(s.Params())
	e.tuple(s.Results())
	e.flag(s.Variadic())
}

func (e *encoder) tuple(t *types.Tuple) {
	e.number(t.Len())
	for v := range t.Variables() {
		e.pkg(v.Pkg())
		e.text(v.Name())
		e.typ(v.Type())
		e.factsOf(e.facts.of(v))
	}
}
