package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
}

// The library is what GOROOT has, checked when it is imported.
type library struct {
	fset    *token.FileSet
	context build.Context
	sizes   types.Sizes
	facts   *facts
	// The analyzers whose facts are wanted, and the packages of which: those that are imported from outside of the library.
	analyzers []*analysis.Analyzer
	imported  map[string]bool

	mu   sync.Mutex
	done map[string]*entry
}

type entry struct {
	once sync.Once
	pkg  *types.Package
	err  error
}

func newLibrary(goroot string, analyzers []*analysis.Analyzer, imported []string) *library {
	context := build.Default
	context.GOROOT, context.GOOS, context.GOARCH = goroot, "linux", "amd64"
	context.CgoEnabled = false
	l := &library{
		fset:      token.NewFileSet(),
		context:   context,
		sizes:     types.SizesFor("gc", "amd64"),
		facts:     newFacts(),
		analyzers: analyzers,
		imported:  map[string]bool{},
		done:      map[string]*entry{},
	}
	for _, path := range imported {
		l.imported[path] = true
	}
	return l
}

// load is the package of a path.
func (l *library) load(path string) (*types.Package, error) {
	e := l.entry(path)
	e.once.Do(func() { e.pkg, e.err = l.find(path) })
	return e.pkg, e.err
}

func (l *library) entry(path string) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.done[path]
	if e == nil {
		e = new(entry)
		l.done[path] = e
	}
	return e
}

func (l *library) find(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dir := filepath.Join(l.context.GOROOT, "src", path)
	found, err := l.context.ImportDir(dir, 0)
	if err != nil {
		// What the library takes from elsewhere.
		vendored := "vendor/" + path
		if v, other := l.context.ImportDir(filepath.Join(l.context.GOROOT, "src", vendored), 0); other == nil {
			path, found, err = vendored, v, nil
		}
	}
	if err != nil {
		return nil, err
	}
	var files []string
	for _, name := range found.GoFiles {
		files = append(files, filepath.Join(found.Dir, name))
	}
	bodies := l.imported[path] && len(l.analyzers) > 0
	u, err := l.parse(files, bodies)
	// Its imports first, beside each other.
	var wait sync.WaitGroup
	for _, i := range u.imports() {
		wait.Go(func() { l.load(i) })
	}
	wait.Wait()
	if other := u.check(path, "", bodies, l.load); err == nil {
		err = other
	}
	if err == nil && bodies {
		u.run(l.facts, l.analyzers)
	}
	return u.pkg, nil
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }

// parse reads files; of those whose bodies do not matter it leaves the imports that are used outside of them. There is a unit
// in any case, with what is right about it.
func (l *library) parse(names []string, bodies bool) (*unit, error) {
	u := &unit{
		fset:  l.fset,
		files: make([]*ast.File, len(names)),
		sizes: l.sizes,
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
	mode := parser.ParseComments | parser.SkipObjectResolution
	if !bodies {
		mode = parser.SkipObjectResolution
	}
	errs := make([]error, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() {
			u.files[i], errs[i] = parser.ParseFile(l.fset, name, nil, mode)
			if !bodies && u.files[i] != nil {
				leaveOut(u.files[i])
			}
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

// leaveOut takes the imports out of a file of the library that only bodies of functions use. Packages of the library have
// the names that their paths end in.
func leaveOut(f *ast.File) {
	used := map[string]bool{}
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok {
					used[x.Name] = true
				}
			}
			// A declared function's; the type of a literal's is what counts of a variable.
			_, body := n.(*ast.BlockStmt)
			return !body
		})
	}
	unused := func(s *ast.ImportSpec) bool {
		if s.Name != nil {
			return s.Name.Name != "." && !used[s.Name.Name]
		}
		dir, name := path.Split(importPath(s))
		if strings.HasPrefix(name, "v") && !used[name] {
			name = path.Base(dir)
		}
		return !used[name]
	}
	f.Imports = slices.DeleteFunc(f.Imports, unused)
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			return false
		}
		g.Specs = slices.DeleteFunc(g.Specs, func(s ast.Spec) bool { return unused(s.(*ast.ImportSpec)) })
		return len(g.Specs) == 0
	})
}

func importPath(s *ast.ImportSpec) string {
	path, _ := strconv.Unquote(s.Path.Value)
	return path
}

// imports are the paths that a unit imports.
func (u *unit) imports() []string {
	var paths []string
	for _, f := range u.files {
		if f != nil {
			for _, s := range f.Imports {
				paths = append(paths, importPath(s))
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// check checks the types of a unit.
func (u *unit) check(path, version string, bodies bool, imports importer) (first error) {
	info := u.info
	if !bodies {
		info = nil
	}
	config := types.Config{
		Importer:         imports,
		Sizes:            u.sizes,
		GoVersion:        version,
		IgnoreFuncBodies: !bodies,
		Error: func(err error) {
			if first == nil {
				first = err
			}
		},
	}
	u.pkg, _ = config.Check(path, u.fset, u.files, info)
	return first
}
