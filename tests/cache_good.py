"""Cases of `cache.py`: packages that are known to have no errors are not checked whole, and others are."""
from cache_place import case

LEAF = "package leaf\n\nfunc Used() %s { return %s }\n\nfunc Unused() { %s }\n"
USER = "package user\n\nimport \"m/leaf\"\n\nfunc Text() string { return %s }\n\nfunc unused() int { n := leaf.Used(); return n + 1 }\n"
MAIN = "package main\n\nimport \"m/user\"\n\nfunc main() { print(user.Text(), \"%s\\n\") }\n"


def errors(p, *expected):
    """A build fails with these messages."""
    done = p.gort_("build", "-o", str(p.top / "out"), ".")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("#")]
    assert lines == list(expected), done.stderr


@case
def good_packages(p):
    p.write("text.go", "package main\n")
    p.write("leaf/leaf.go", LEAF % ("int", "1", ""))
    p.write("user/user.go", USER % '"a"')
    for round in range(3):
        p.write("main.go", MAIN % round)
        assert p.build(hit=False) == f"a{round}"
    # An error in a body that nothing reaches, of a package that was good before.
    p.write("leaf/leaf.go", LEAF % ("int", "1", "x := 1"))
    errors(p, "leaf/leaf.go:5:17: declared and not used: x")
    # One in such a body of a package that is as it was, but what it imports is not.
    mismatch = "user/user.go:7:46: invalid operation: n + 1 (mismatched types string and untyped int)"
    p.write("leaf/leaf.go", LEAF % ("string", '"s"', ""))
    errors(p, mismatch)
    # Twice, for errors are not good.
    errors(p, mismatch)
    p.write("leaf/leaf.go", LEAF % ("int", "1", ""))
    p.write("main.go", MAIN % "z")
    assert p.build(hit=False) == "az"
    # The same files in another version of the language.
    p.write("leaf/leaf.go", LEAF % ("int", "1", "for range 2 {}"))
    for version, good in (("1.27", True), ("1.21", False), ("1.27", True)):
        p.write("go.mod", f"module m\n\ngo {version}\n")
        if good:
            assert p.build(check=False) == "az"
        else:
            errors(p, "leaf/leaf.go:5:27: cannot range over 2 (untyped int constant): requires go1.22 or later (-lang was set to go1.21; check go.mod)")
