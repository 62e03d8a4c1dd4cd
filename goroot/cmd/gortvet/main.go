// Command gortvet runs the analyzers of cmd/vet over packages, as gort test asks for it.
//
// cmd/vet looks at one package and takes the types of its imports from files that only official Go's compiler writes. Here
// one process looks at all the packages of a test, and checks what they import from its sources the first time: then what
// importers can see of it is in gort's cache, with the facts of analyzers (see encode.go).
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
	Store    string            // gort's cache
	Base     string            // which gort and GOROOT there are
	Library  map[string]string // the packages of GOROOT that gort compiles, and the names under which they are kept
	Packages []source          // imports before importers
}

// A source is a package that is not of GOROOT.
type source struct {
	Path      string
	Files     []string // absolute
	Digests   []string // of the texts that gort has read
	Other     []string // files in assembly
	Ignored   []string // what build constraints exclude
	Imports   map[string]int
	GoVersion string
	Module    string
	Vet       bool   // whether it is to be looked at, not only known
	Key       string // the name under which it is kept, nothing if it is not
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
	// What is kept serves whoever asks for others next time.
	withFacts := slices.DeleteFunc(slices.Clone(vet.Suite), func(a *analysis.Analyzer) bool { return !hasFacts(a) })
	lib := newLibrary(&in, withFacts)
	checked := make([]*unit, len(in.Packages))
	var importsOf func(s *source) importer
	importsOf = func(s *source) importer {
		return func(path string) (*types.Package, error) {
			j, ok := s.Imports[path]
			switch {
			case !ok:
				return lib.standard(path)
			case checked[j] != nil:
				return checked[j].pkg, nil
			}
			return lib.of(&in.Packages[j], importsOf(&in.Packages[j]))
		}
	}
	for i := range in.Packages {
		s := &in.Packages[i]
		if s.Key != "" {
			continue
		}
		u, err := lib.parse(s.Files)
		if other := u.check(s.Path, s.GoVersion, importsOf(s)); err == nil {
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
		lib.universe.settle()
		switch {
		case s.Vet:
			say(true, u.run(lib.facts, analyzers))
		case err == nil:
			u.run(lib.facts, withFacts)
		}
	}
}

func say(wanted bool, text string) {
	if wanted {
		fmt.Printf("%d\n%s", len(text), text)
	}
}
