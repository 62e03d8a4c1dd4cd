package main

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// A unit is a package with what analyzers look at.
type unit struct {
	fset           *token.FileSet
	pkg            *types.Package
	files          []*ast.File
	info           *types.Info
	sizes          types.Sizes
	module         *analysis.Module
	other, ignored []string
	digests        []string // of the files
}

// A library has the packages that are imported, but not looked at.
type library struct {
	fset      *token.FileSet
	context   build.Context
	sizes     types.Sizes
	facts     *facts
	universe  *universe
	analyzers []*analysis.Analyzer // those that have facts
	store     store
	in        *input

	mu   sync.Mutex
	done map[string]*entry
}

type entry struct {
	once sync.Once
	pkg  *types.Package
	err  error
}

func newLibrary(in *input, analyzers []*analysis.Analyzer) *library {
	context := build.Default
	context.GOROOT, context.GOOS, context.GOARCH = in.GOROOT, "linux", "amd64"
	context.CgoEnabled = false
	facts := newFacts(analyzers)
	return &library{
		fset:      token.NewFileSet(),
		context:   context,
		sizes:     types.SizesFor("gc", "amd64"),
		facts:     facts,
		universe:  newUniverse(facts),
		analyzers: analyzers,
		store:     store{in.Store},
		in:        in,
		done:      map[string]*entry{},
	}
}

// once is what f makes of a package, which is asked once.
func (l *library) once(id string, f func() (*types.Package, error)) (*types.Package, error) {
	l.mu.Lock()
	e := l.done[id]
	if e == nil {
		e = new(entry)
		l.done[id] = e
	}
	l.mu.Unlock()
	e.once.Do(func() { e.pkg, e.err = f() })
	return e.pkg, e.err
}

// standard is a package of GOROOT.
func (l *library) standard(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return l.once(path, func() (*types.Package, error) {
		key := l.in.Library[path]
		if key == "" {
			// Only files import it in whose place gort has its own.
			sum := sha256.Sum256([]byte(l.in.Base + path))
			key = hex.EncodeToString(sum[:])
		}
		if kept := l.store.read(key); kept != nil {
			return l.universe.decode(kept), nil
		}
		found, err := l.context.ImportDir(filepath.Join(l.context.GOROOT, "src", path), 0)
		if err != nil {
			return nil, err
		}
		var files []string
		for _, name := range found.GoFiles {
			files = append(files, filepath.Join(found.Dir, name))
		}
		return l.make(key, &source{Path: path, Files: files}, l.vendored), nil
	})
}

// vendored is what a package of GOROOT imports by a path.
func (l *library) vendored(path string) (*types.Package, error) {
	pkg, err := l.standard(path)
	if err != nil {
		if v, other := l.standard("vendor/" + path); other == nil {
			return v, nil
		}
	}
	return pkg, err
}

// of is a package that is not of GOROOT.
func (l *library) of(s *source, imports importer) (*types.Package, error) {
	// No import path begins like that.
	return l.once("/"+s.Path, func() (*types.Package, error) {
		if kept := l.store.read(s.Key); kept != nil {
			return l.universe.decode(kept), nil
		}
		return l.make(s.Key, s, imports), nil
	})
}

// make checks a package and keeps it. Its types are not those that others see: they get what is kept, as if it had been there.
func (l *library) make(key string, s *source, imports importer) *types.Package {
	u, err := l.parse(s.Files)
	// Its imports first, beside each other.
	var wait sync.WaitGroup
	for _, i := range u.imports() {
		wait.Go(func() { imports(i) })
	}
	wait.Wait()
	if other := u.check(s.Path, s.GoVersion, imports); err == nil {
		err = other
	}
	if err == nil {
		u.run(l.facts, l.analyzers)
	}
	kept := encode(u.pkg, l.facts)
	// A file may have been written since gort has made the key.
	if err == nil && (s.Digests == nil || slices.Equal(s.Digests, u.digests)) {
		l.store.write(key, kept)
	}
	return l.universe.decode(kept)
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }

// parse reads files. There is a unit in any case, with what is right about it.
func (l *library) parse(names []string) (*unit, error) {
	u := &unit{
		fset:    l.fset,
		files:   make([]*ast.File, len(names)),
		digests: make([]string, len(names)),
		sizes:   l.sizes,
		info: &types.Info{
			Types:        map[ast.Expr]types.TypeAndValue{},
			Defs:         map[*ast.Ident]types.Object{},
			Uses:         map[*ast.Ident]types.Object{},
			Implicits:    map[ast.Node]types.Object{},
			Instances:    map[*ast.Ident]types.Instance{},
			Scopes:       map[ast.Node]*types.Scope{},
			Selections:   map[*ast.SelectorExpr]*types.Selection{},
			FileVersions: map[*ast.File]string{},
		},
	}
	errs := make([]error, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() {
			text, err := os.ReadFile(name)
			if err != nil {
				errs[i] = err
				return
			}
			sum := sha256.Sum256(text)
			u.digests[i] = hex.EncodeToString(sum[:])
			u.files[i], errs[i] = parser.ParseFile(l.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return u, err
		}
	}
	return u, nil
}

// imports are the paths that a unit imports.
func (u *unit) imports() []string {
	var paths []string
	for _, f := range u.files {
		if f != nil {
			for _, s := range f.Imports {
				path, _ := strconv.Unquote(s.Path.Value)
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// check checks the types of a unit.
func (u *unit) check(path, version string, imports importer) (first error) {
	config := types.Config{
		Importer:  imports,
		Sizes:     u.sizes,
		GoVersion: version,
		Error: func(err error) {
			if first == nil {
				first = err
			}
		},
	}
	u.pkg, _ = config.Check(path, u.fset, u.files, u.info)
	return first
}
