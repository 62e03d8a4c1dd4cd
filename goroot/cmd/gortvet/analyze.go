package main

import (
	"fmt"
	"go/types"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// hasFacts reports whether an analyzer, or one that it needs, finds out something about a package that matters to its
// importers.
func hasFacts(a *analysis.Analyzer) bool {
	return len(a.FactTypes) > 0 || slices.ContainsFunc(a.Requires, hasFacts)
}

// facts are what analyzers have found out about objects and packages, those of all packages together.
type facts struct {
	kinds    []reflect.Type // those that there may be
	mu       sync.Mutex
	objects  map[types.Object]map[reflect.Type]analysis.Fact
	packages map[*types.Package]map[reflect.Type]analysis.Fact
}

func newFacts(analyzers []*analysis.Analyzer) *facts {
	f := &facts{
		objects:  map[types.Object]map[reflect.Type]analysis.Fact{},
		packages: map[*types.Package]map[reflect.Type]analysis.Fact{},
	}
	seen := map[*analysis.Analyzer]bool{}
	var note func(list []*analysis.Analyzer)
	note = func(list []*analysis.Analyzer) {
		for _, a := range list {
			if seen[a] {
				continue
			}
			seen[a] = true
			for _, fact := range a.FactTypes {
				f.kinds = append(f.kinds, reflect.TypeOf(fact))
			}
			note(a.Requires)
		}
	}
	note(analyzers)
	return f
}

// nameOf is what a kind of facts is called where facts are kept.
func nameOf(kind reflect.Type) string { return kind.Elem().PkgPath() + "." + kind.Elem().Name() }

// of are the facts about an object.
func (f *facts) of(o types.Object) map[reflect.Type]analysis.Fact {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.objects[o]
}

func (f *facts) ofPackage(p *types.Package) map[reflect.Type]analysis.Fact {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.packages[p]
}

func (f *facts) putObject(o types.Object, fact analysis.Fact) { put(f, f.objects, o, fact) }

func (f *facts) putPackage(p *types.Package, fact analysis.Fact) { put(f, f.packages, p, fact) }

func put[K comparable](f *facts, known map[K]map[reflect.Type]analysis.Fact, key K, fact analysis.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known[key] == nil {
		known[key] = map[reflect.Type]analysis.Fact{}
	}
	known[key][reflect.TypeOf(fact)] = fact
}

// take puts a known fact where the analyzer wants it.
func take[K comparable](f *facts, known map[K]map[reflect.Type]analysis.Fact, key K, to analysis.Fact) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fact, ok := known[key][reflect.TypeOf(to)]
	if ok {
		reflect.ValueOf(to).Elem().Set(reflect.ValueOf(fact).Elem())
	}
	return ok
}

// flat lists facts of the kinds that an analyzer has.
func flat[K comparable](f *facts, known map[K]map[reflect.Type]analysis.Fact, a *analysis.Analyzer, each func(K, analysis.Fact)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, all := range known {
		for _, kind := range a.FactTypes {
			if fact := all[reflect.TypeOf(kind)]; fact != nil {
				each(key, fact)
			}
		}
	}
}

// A run is what becomes of an analyzer in a package.
type run struct {
	once   sync.Once
	result any
	err    error
	said   []analysis.Diagnostic
}

// run runs analyzers over a package: what they say, in the order of the analyzers.
func (u *unit) run(known *facts, analyzers []*analysis.Analyzer) string {
	runs := map[*analysis.Analyzer]*run{}
	var note func(a *analysis.Analyzer)
	note = func(a *analysis.Analyzer) {
		if runs[a] == nil {
			runs[a] = new(run)
			for _, r := range a.Requires {
				note(r)
			}
		}
	}
	for _, a := range analyzers {
		note(a)
	}
	var wait sync.WaitGroup
	for _, a := range analyzers {
		wait.Go(func() { u.analyze(known, runs, a) })
	}
	wait.Wait()
	var out strings.Builder
	for _, a := range analyzers {
		if err := runs[a].err; err != nil {
			fmt.Fprintf(&out, "vet: %v\n", err)
		}
	}
	for _, a := range analyzers {
		for _, d := range runs[a].said {
			fmt.Fprintf(&out, "%s: %s\n", u.fset.Position(d.Pos), d.Message)
		}
	}
	return out.String()
}

// analyze runs an analyzer, once those that it needs have run.
func (u *unit) analyze(known *facts, runs map[*analysis.Analyzer]*run, a *analysis.Analyzer) *run {
	r := runs[a]
	r.once.Do(func() {
		results := map[*analysis.Analyzer]any{}
		var failed []string
		for _, needed := range a.Requires {
			n := u.analyze(known, runs, needed)
			if n.err != nil {
				failed = append(failed, needed.String())
			}
			results[needed] = n.result
		}
		if len(failed) > 0 {
			slices.Sort(failed)
			r.err = fmt.Errorf("failed prerequisites: %s", strings.Join(failed, ", "))
			return
		}
		r.result, r.err = a.Run(&analysis.Pass{
			Analyzer:     a,
			Fset:         u.fset,
			Files:        u.files,
			OtherFiles:   u.other,
			IgnoredFiles: u.ignored,
			Pkg:          u.pkg,
			TypesInfo:    u.info,
			TypesSizes:   u.sizes,
			Module:       u.module,
			ResultOf:     results,
			Report:       func(d analysis.Diagnostic) { r.said = append(r.said, d) },
			ReadFile:     os.ReadFile,
			ImportObjectFact: func(o types.Object, to analysis.Fact) bool {
				return take(known, known.objects, o, to)
			},
			ExportObjectFact: known.putObject,
			ImportPackageFact: func(p *types.Package, to analysis.Fact) bool {
				return take(known, known.packages, p, to)
			},
			ExportPackageFact: func(fact analysis.Fact) { known.putPackage(u.pkg, fact) },
			AllObjectFacts: func() (all []analysis.ObjectFact) {
				flat(known, known.objects, a, func(o types.Object, fact analysis.Fact) {
					all = append(all, analysis.ObjectFact{Object: o, Fact: fact})
				})
				return all
			},
			AllPackageFacts: func() (all []analysis.PackageFact) {
				flat(known, known.packages, a, func(p *types.Package, fact analysis.Fact) {
					all = append(all, analysis.PackageFact{Package: p, Fact: fact})
				})
				return all
			},
		})
	})
	return r
}
