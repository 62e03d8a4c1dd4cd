package main

import (
	"encoding/binary"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// A universe has the packages that have been read from what is kept of them, and what is known of others through them.
type universe struct {
	facts *facts
	mu    sync.Mutex
	pkgs  map[string]*known
}

// A known package. Objects of one that has not been read itself are not in its scope until settle puts them there.
type known struct {
	pkg     *types.Package
	objects map[string]types.Object
}

func newUniverse(f *facts) *universe { return &universe{facts: f, pkgs: map[string]*known{}} }

func (u *universe) known(path, name string) *known {
	k := u.pkgs[path]
	if k == nil {
		k = &known{types.NewPackage(path, name), map[string]types.Object{}}
		u.pkgs[path] = k
	}
	return k
}

// settle makes known what there is of packages that have not been read themselves. Nobody else may be at it.
func (u *universe) settle() {
	for _, k := range u.pkgs {
		if !k.pkg.Complete() {
			for _, o := range k.objects {
				k.pkg.Scope().Insert(o)
			}
		}
	}
}

// A decoder reads what is kept of a package.
type decoder struct {
	*universe
	in      []byte
	strings []string
	pkgs    []*known
	objects []object
	params  map[int]*types.TypeParam
	// What can be done only once other things are known, in this order: underlying types and methods of types that have been
	// declared, constraints, sets of types.
	declared   []*types.Named
	rest       map[*types.Named][]byte
	bounds     []bounded
	interfaces []*types.Interface
}

type bounded struct {
	param *types.TypeParam
	by    types.Type
}

type object struct {
	home *known
	name string
	body []byte
}

// decode is the package of which this was kept. What is damaged has been found out before.
func (u *universe) decode(kept []byte) *types.Package {
	u.mu.Lock()
	defer u.mu.Unlock()
	d := &decoder{universe: u, in: kept, params: map[int]*types.TypeParam{}, rest: map[*types.Named][]byte{}}
	d.strings = make([]string, d.number())
	lengths := make([]int, len(d.strings))
	total := 0
	for i := range lengths {
		lengths[i] = d.number()
		total += lengths[i]
	}
	all := string(d.in[:total])
	d.in = d.in[total:]
	for i, n := range lengths {
		d.strings[i], all = all[:n], all[n:]
	}
	d.pkgs = make([]*known, d.number())
	imports := make([]*types.Package, len(d.pkgs))
	for i := range d.pkgs {
		path, name := d.text(), d.text()
		d.pkgs[i] = u.known(path, name)
		imports[i] = d.pkgs[i].pkg
	}
	pkg := imports[0]
	imports = imports[1:]
	d.factsOf(func(fact analysis.Fact) { u.facts.putPackage(pkg, fact) })
	exported := d.number()
	d.objects = make([]object, d.number())
	for i := range d.objects {
		o := &d.objects[i]
		o.home, o.name = d.pkgs[d.number()-1], d.text()
	}
	sizes := make([]int, len(d.objects))
	for i := range sizes {
		sizes[i] = d.number()
	}
	for i, n := range sizes {
		d.objects[i].body, d.in = d.in[:n], d.in[n:]
	}
	for i := range exported {
		d.object(i)
	}
	for i := 0; i < len(d.declared); i++ {
		d.define(d.declared[i])
	}
	for _, b := range d.bounds {
		b.param.SetConstraint(b.by)
	}
	for _, i := range d.interfaces {
		i.Complete()
	}
	for _, o := range u.pkgs[pkg.Path()].objects {
		pkg.Scope().Insert(o)
	}
	slices.SortFunc(imports, func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	pkg.SetImports(imports)
	pkg.MarkComplete()
	return pkg
}

func (d *decoder) number() int {
	n, size := binary.Uvarint(d.in)
	d.in = d.in[size:]
	return int(n)
}

func (d *decoder) signed() int64 {
	n, size := binary.Varint(d.in)
	d.in = d.in[size:]
	return n
}

func (d *decoder) flag() bool { return d.number() != 0 }

func (d *decoder) text() string { return d.strings[d.number()] }

func (d *decoder) pkg() *types.Package {
	n := d.number()
	if n == 0 {
		return nil
	}
	return d.pkgs[n-1].pkg
}

func (d *decoder) factsOf(put func(analysis.Fact)) {
	for range d.number() {
		name := d.text()
		i := slices.IndexFunc(d.facts.kinds, func(kind reflect.Type) bool { return nameOf(kind) == name })
		fact := reflect.New(d.facts.kinds[i].Elem())
		d.value(fact.Elem())
		put(fact.Interface().(analysis.Fact))
	}
}

func (d *decoder) factsAbout(o types.Object) {
	d.factsOf(func(fact analysis.Fact) { d.facts.putObject(o, fact) })
}

func (d *decoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.flag())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(d.signed())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(d.number()))
	case reflect.String:
		v.SetString(d.text())
	case reflect.Slice:
		n := d.number()
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	}
}

// object is the object of a number.
func (d *decoder) object(i int) types.Object {
	from := &d.objects[i]
	if o := from.home.objects[from.name]; o != nil {
		return o
	}
	before := d.in
	d.in = from.body
	pkg := from.home.pkg
	var o types.Object
	switch d.number() {
	case tagConst:
		t := d.typ(nil)
		o = types.NewConst(token.NoPos, pkg, from.name, t, d.constant())
	case tagVar:
		o = types.NewVar(token.NoPos, pkg, from.name, d.typ(nil))
	case tagFunc:
		params := d.declare()
		o = types.NewFunc(token.NoPos, pkg, from.name, d.signature(nil, nil, params))
	case tagAlias:
		params := d.declare()
		name := types.NewTypeName(token.NoPos, pkg, from.name, nil)
		types.NewAlias(name, d.typ(nil)).SetTypeParams(params)
		o = name
	case tagType:
		name := types.NewTypeName(token.NoPos, pkg, from.name, nil)
		named := types.NewNamed(name, nil, nil)
		d.declared = append(d.declared, named)
		d.rest[named] = d.in
		o = name
	}
	from.home.objects[from.name] = o
	if name, ok := o.(*types.TypeName); !ok || name.IsAlias() {
		d.factsAbout(o)
	}
	d.in = before
	return o
}

// define reads what is behind the name of a type, unless that has been done.
func (d *decoder) define(named *types.Named) {
	rest, ok := d.rest[named]
	if !ok {
		return
	}
	delete(d.rest, named)
	before := d.in
	defer func() { d.in = before }()
	d.in = rest
	named.SetTypeParams(d.declare())
	named.SetUnderlying(d.typ(named))
	for range d.number() {
		pkg, name := d.pkg(), d.text()
		pointer := d.flag()
		params := d.declare()
		var base types.Type = named
		if len(params) > 0 {
			args := make([]types.Type, len(params))
			for i, p := range params {
				args[i] = p
			}
			base, _ = types.Instantiate(nil, named, args, false)
		}
		if pointer {
			base = types.NewPointer(base)
		}
		recv := types.NewParam(token.NoPos, named.Obj().Pkg(), d.text(), base)
		d.factsAbout(recv)
		own := d.declare()
		m := types.NewFunc(token.NoPos, pkg, name, d.signature(recv, params, own))
		d.factsAbout(m)
		named.AddMethod(m)
	}
	d.factsAbout(named.Obj())
}

func (d *decoder) declare() []*types.TypeParam {
	n := d.number()
	if n == 0 {
		return nil
	}
	list := make([]*types.TypeParam, n)
	for i := range list {
		number, pkg := d.number(), d.pkg()
		list[i] = types.NewTypeParam(types.NewTypeName(token.NoPos, pkg, d.text(), nil), nil)
		d.params[number] = list[i]
	}
	var bound types.Type
	for _, p := range list {
		if same := d.flag(); !same {
			bound = d.typ(nil)
		}
		d.bounds = append(d.bounds, bounded{p, bound})
	}
	return list
}

func (d *decoder) constant() constant.Value {
	switch constant.Kind(d.number()) {
	case constant.Bool:
		return constant.MakeBool(d.flag())
	case constant.String:
		return constant.MakeString(d.text())
	case constant.Int, constant.Float:
		return d.exact()
	case constant.Complex:
		re := constant.ToComplex(d.exact())
		return constant.BinaryOp(re, token.ADD, constant.MakeImag(d.exact()))
	}
	return constant.MakeUnknown()
}

func (d *decoder) exact() constant.Value {
	switch d.number() {
	case 0:
		return constant.MakeInt64(d.signed())
	case 1:
		x, _ := new(big.Int).SetString(d.text(), 16)
		return constant.Make(x)
	case 2:
		x, _ := new(big.Rat).SetString(d.text())
		return constant.Make(x)
	}
	x, _ := new(big.Float).SetPrec(uint(d.number())).SetString(d.text())
	return constant.Make(x)
}

// typ reads a type; of is the name that it is the underlying type of.
func (d *decoder) typ(of *types.Named) types.Type {
	switch d.number() {
	case tagBasic:
		return types.Typ[d.number()]
	case tagUniverse:
		return types.Universe.Lookup(d.text()).Type()
	case tagObject:
		return d.object(d.number()).Type()
	case tagInstance:
		origin := d.object(d.number()).Type()
		args := make([]types.Type, d.number())
		for i := range args {
			args[i] = d.typ(nil)
		}
		t, _ := types.Instantiate(nil, origin, args, false)
		return t
	case tagPointer:
		return types.NewPointer(d.typ(nil))
	case tagSlice:
		return types.NewSlice(d.typ(nil))
	case tagArray:
		n := d.signed()
		return types.NewArray(d.typ(nil), n)
	case tagMap:
		key := d.typ(nil)
		return types.NewMap(key, d.typ(nil))
	case tagChan:
		dir := types.ChanDir(d.number())
		return types.NewChan(dir, d.typ(nil))
	case tagSignature:
		return d.signature(nil, nil, nil)
	case tagStruct:
		fields := make([]*types.Var, d.number())
		tags := make([]string, len(fields))
		for i := range fields {
			pkg, name, embedded := d.pkg(), d.text(), d.flag()
			fields[i] = types.NewField(token.NoPos, pkg, name, d.typ(nil), embedded)
			tags[i] = d.text()
			d.factsAbout(fields[i])
		}
		return types.NewStruct(fields, tags)
	case tagInterface:
		return d.iface(of)
	case tagParam:
		return d.params[d.number()]
	case tagUnion:
		terms := make([]*types.Term, d.number())
		for i := range terms {
			tilde := d.flag()
			terms[i] = types.NewTerm(tilde, d.typ(nil))
		}
		return types.NewUnion(terms)
	}
	return d.tuple()
}

func (d *decoder) iface(of *types.Named) types.Type {
	implicit := d.flag()
	methods := make([]*types.Func, d.number())
	for i := range methods {
		pkg, name := d.pkg(), d.text()
		var recv *types.Var
		if of != nil {
			recv = types.NewParam(token.NoPos, pkg, "", of)
		}
		methods[i] = types.NewFunc(token.NoPos, pkg, name, d.signature(recv, nil, nil))
		d.factsAbout(methods[i])
	}
	embedded := make([]types.Type, d.number())
	for i := range embedded {
		embedded[i] = d.typ(nil)
		// An interface without a name may be a type argument, and then its methods are asked for at once.
		if named, ok := types.Unalias(embedded[i]).(*types.Named); ok {
			d.define(named.Origin())
		}
	}
	t := types.NewInterfaceType(methods, embedded)
	if implicit {
		t.MarkImplicit()
	}
	d.interfaces = append(d.interfaces, t)
	return t
}

func (d *decoder) signature(recv *types.Var, recvParams, params []*types.TypeParam) *types.Signature {
	in, out := d.tuple(), d.tuple()
	return types.NewSignatureType(recv, recvParams, params, in, out, d.flag())
}

func (d *decoder) tuple() *types.Tuple {
	vars := make([]*types.Var, d.number())
	for i := range vars {
		pkg, name := d.pkg(), d.text()
		vars[i] = types.NewParam(token.NoPos, pkg, name, d.typ(nil))
		d.factsAbout(vars[i])
	}
	return types.NewTuple(vars...)
}
