"""Cases of `cache.py`: what vet knows of the imports of a package, kept from one test to the next."""
import random

from cache_place import case

WRAPPERS = """package w

import (
	"fmt"
	"io"
	"log"
	"maps"
)

type Number interface{ ~int | ~float64 }

const (
	Big    = 1 << 100
	Third  = 1.0 / 3
	Turned = 2 + 3i
)

type List[T any] struct {
	Next  *List[T]
	Value T
}

func (l *List[E]) Push(e E) *List[E] { return &List[E]{l, e} }

func (l *List[E]) Map[R any](f func(E) R) (out []R) {
	for ; l != nil; l = l.Next {
		out = append(out, f(l.Value))
	}
	return
}

type Names = map[string]int

type Set[K comparable] = map[K]struct{}

type hidden struct{ io.Writer }

func (h hidden) Close() error { return nil }

func Hidden() interface{ io.WriteCloser } { return hidden{io.Discard} }

type Logger struct {
	*log.Logger
	set Set[string]
}

func New() *Logger { return &Logger{log.New(Hidden(), "", 0), Set[string]{}} }

func Sum[M ~map[K]V, K comparable, V Number](m M) (sum V) {
	for v := range maps.Values(m) {
		sum += v
	}
	return
}

func Logf(format string, args ...any) string { return LOGF }
"""

USES = """package p

import (
	"m/w"
	"testing"
)

func TestP(t *testing.T) {
	l := (&w.List[string]{}).Push("a")
	if n := l.Map(func(s string) int { return len(s) }); len(n) != 2 || n[0] != 1 {
		t.Fatal(n)
	}
	names := w.Names{"a": 1, "b": 2}
	if n := w.Sum(names); n != 3 || w.Big>>99 != 2 || real(w.Turned)*w.Third > 1 {
		t.Fatal(n)
	}
	_ = w.Set[int]{1: {}}
	if err := w.Hidden().Close(); err != nil {
		t.Fatal(err)
	}
	t.Log(w.Logf("%d", "x"))
	w.New().METHOD("%d", 1)
}
"""

LOGF = 'm/w.Logf format %d has arg "x" of wrong type string'
PRINTLN = '(*log.Logger).Println call has possible Printf formatting directive %d'


def write(p, logf, method):
    p.write("w/w.go", WRAPPERS.replace("LOGF", logf))
    p.write("p/p_test.go", USES.replace("METHOD", method))
    p.write("p/p.go", "package p\n")


def said(p, *expected):
    """Test the package; vet says this."""
    done = p.gort_("test", "./p")
    assert done.returncode == bool(expected), done.stdout + done.stderr
    lines = [line.split(": ", 1)[1] for line in done.stderr.splitlines() if line.startswith("p/p_test.go")]
    assert lines == list(expected), done.stderr


@case
def vet_imports(p):
    plain, forwards = "fmt.Sprint(format)", "fmt.Sprintf(format, args...)"
    write(p, plain, "Printf")
    said(p)
    kept = p.entries("v")
    # Those of log and maps, and of what these import, of w, and of testing.
    assert len(kept) > 20
    write(p, plain, "Println")
    said(p, PRINTLN)
    assert p.entries("v") == kept
    # What w says of Logf is another thing now; nothing else of the imports is.
    write(p, forwards, "Println")
    said(p, LOGF, PRINTLN)
    assert len(p.entries("v")) == len(kept) + 1
    write(p, plain, "Println")
    said(p, PRINTLN)
    assert len(p.entries("v")) == len(kept) + 1


@case
def vet_damaged(p):
    def flip(data):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        return data

    forwards = "fmt.Sprintf(format, args...)"
    write(p, forwards, "Println")
    said(p, LOGF, PRINTLN)
    for change in (flip, lambda d: d[:len(d) // 2], lambda d: b"", lambda d: d + b"x", lambda d: bytes(len(d))):
        for f in p.entries("v"):
            f.write_bytes(change(bytearray(f.read_bytes())))
        said(p, LOGF, PRINTLN)
    # Some are there, others are not.
    for _ in range(2):
        for f in random.sample(p.entries("v"), 10):
            f.unlink()
        said(p, LOGF, PRINTLN)
    for f in p.entries("v"):
        f.unlink()
        f.mkdir()
    said(p, LOGF, PRINTLN)
