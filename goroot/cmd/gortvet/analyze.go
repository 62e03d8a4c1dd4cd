package main

import (
	"fmt"
	"go/types"
	"maps"
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
	mu       sync.Mutex
	objects  map[objectKey]analysis.Fact
	packages map[packageKey]analysis.Fact
}

type objectKey struct {
	object types.Object
	kind   reflect.Type
}

type packageKey struct {
	pkg  *types.Package
	kind reflect.Type
}

func newFacts() *facts {
	return &facts{objects: map[objectKey]analysis.Fact{}, packages: map[packageKey]analysis.Fact{}}
}

// take puts a known fact where the analyzer wants it.
func take[K comparable](f *facts, known map[K]analysis.Fact, key K, to analysis.Fact) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fact, ok := known[key]
	if ok {
		reflect.ValueOf(to).Elem().Set(reflect.ValueOf(fact).Elem())
	}
	return ok
}

func put[K comparable](f *facts, known map[K]analysis.Fact, key K, fact analysis.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known[key] = fact
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
				return take(known, known.objects, objectKey{o, reflect.TypeOf(to)}, to)
			},
			ExportObjectFact: func(o types.Object, fact analysis.Fact) {
				put(known, known.objects, objectKey{o, reflect.TypeOf(fact)}, fact)
			},
			ImportPackageFact: func(p *types.Package, to analysis.Fact) bool {
				return take(known, known.packages, packageKey{p, reflect.TypeOf(to)}, to)
			},
			ExportPackageFact: func(fact analysis.Fact) {
				put(known, known.packages, packageKey{u.pkg, reflect.TypeOf(fact)}, fact)
			},
			AllObjectFacts: func() []analysis.ObjectFact {
				known.mu.Lock()
				defer known.mu.Unlock()
				var all []analysis.ObjectFact
				for key, fact := range known.objects {
					if slices.ContainsFunc(a.FactTypes, func(f analysis.Fact) bool { return reflect.TypeOf(f) == key.kind }) {
						all = append(all, analysis.ObjectFact{Object: key.object, Fact: fact})
					}
				}
				return all
			},
			AllPackageFacts: func() []analysis.PackageFact {
				known.mu.Lock()
				all := maps.Clone(known.packages)
				known.mu.Unlock()
				var out []analysis.PackageFact
				for key, fact := range all {
					out = append(out, analysis.PackageFact{Package: key.pkg, Fact: fact})
				}
				return out
			},
		})
	})
	return r
}
