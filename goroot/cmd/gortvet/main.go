// Command gortvet runs the analyzers of cmd/vet over packages, as gort test asks for it.
//
// cmd/vet looks at one package and takes the types of its imports from files that only official Go's compiler writes. Here
// one process checks the types of a package and of all that it imports, from their sources: the library without the
// bodies of its functions, unless the facts that analyzers want depend on them. Facts stay in memory.
//
// Standard input says what the packages are (see input); the arguments are names of analyzers, none for all. For each
// package to be looked at, in order, standard output gets a line with the length of what there is to say of it, and
// that.
package main

import (
	"encoding/json"
	"fmt"
	"go/types"
	"log"
	"os"
	"runtime/debug"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/suite/vet"
)

// input is what is asked for.
type input struct {
	GOROOT   string
	Library  []string // what the packages import from GOROOT
	Packages []source // imports before importers
}

// A source is a package that is not of the library.
type source struct {
	Path      string
	Files     []string // absolute
	Other     []string // files in assembly
	Ignored   []string // what build constraints exclude
	Imports   map[string]int
	GoVersion string
	Module    string
	Vet       bool // whether it is to be looked at, not only known
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("vet: ")
	// A short life, in which nearly all that is made stays.
	debug.SetGCPercent(400)
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		log.Fatal(err)
	}
	analyzers := vet.Suite
	if names := os.Args[1:]; len(names) > 0 {
		analyzers = slices.DeleteFunc(slices.Clone(vet.Suite), func(a *analysis.Analyzer) bool {
			return !slices.Contains(names, a.Name)
		})
	}
	withFacts := slices.DeleteFunc(slices.Clone(analyzers), func(a *analysis.Analyzer) bool { return !hasFacts(a) })
	lib := newLibrary(in.GOROOT, withFacts, in.Library)
	checked := make([]*unit, len(in.Packages))
	for i, s := range in.Packages {
		imports := func(path string) (*types.Package, error) {
			if j, ok := s.Imports[path]; ok {
				return checked[j].pkg, nil
			}
			return lib.load(path)
		}
		u, err := lib.parse(s.Files, true)
		if other := u.check(s.Path, s.GoVersion, true, imports); err == nil {
			err = other
		}
		if err != nil {
			say(s.Vet, fmt.Sprintf("vet: %v\n", err))
			if s.Vet {
				return
			}
		}
		u.other, u.ignored = s.Other, s.Ignored
		if s.Module != "" {
			u.module = &analysis.Module{Path: s.Module, GoVersion: s.GoVersion}
		}
		checked[i] = u
		switch {
		case s.Vet:
			say(true, u.run(lib.facts, analyzers))
		case len(withFacts) > 0 && err == nil:
			u.run(lib.facts, withFacts)
		}
	}
}

func say(wanted bool, text string) {
	if wanted {
		fmt.Printf("%d\n%s", len(text), text)
	}
}
