#!/usr/bin/env python3
"""The script tests of the go command (GOROOT's src/cmd/go/testdata/script), with gort in the place of go.

Nothing of them is kept here. Their engine is cmd/go's own test, TestScript, built by official Go with two changes made while it
is built: each script has a time limit of its own, and what scripts start as `go` is the command named in GORT_SCRIPTS_GO. (That
`go` counts its runs for telemetry is not asked for: gort counts nothing.) The proxy of modules that scripts fetch from is part
of the engine; there is no network, and no cgo (CGO_ENABLED=0).

cmd/go's own commands (list, mod, get, …) take hooks that only its test executable has: other versions, servers that stand in
for hosts. So gort gets that executable, compiled by gort, in the place of the `go` it would compile.

A script counts if official Go passes it here, with -test.short unless --long is given. Those that ask for what is not there skip themselves. Each failure has a line in
tests/suites/scripts.ledger; --expect and --ledger compare with the lists, --bless writes the first.
"""
import argparse
import collections
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import goroot

HERE = Path(__file__).resolve().parent
# The hook: before the test's own TestMain and its init functions, one of which sets GOVCS, the executable that is called as `go`
# becomes the command that is tested. So it is the initial value of a variable.
HOOK = """package main_test

import (
	"fmt"
	"os"
	"syscall"
)

const command = "GORT_SCRIPTS_GO"

var _ = become(os.Getenv(command))

func init() {
	extraEnvKeys = append(extraEnvKeys, command, "GORT_CACHE")
}

func become(path string) error {
	if os.Getenv("CMDGO_TEST_RUN_MAIN") == "" || path == "" {
		return nil
	}
	err := syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ())
	fmt.Fprintln(os.Stderr, path, err)
	os.Exit(125)
	return err
}
"""
# In script_test.go: what there is, what stands there instead.
EDITS = [
    ("script.NewState(tbContext(ctx, t),", "script.NewState(tbContext(limited(ctx, t), t),"),
    ("\t\t\tcheckCounters(t, telemetryDir)\n", "\t\t\t_ = telemetryDir\n"),
]
# The results of parallel tests come when all have ended; these come at once.
LIMITED = """
func limited(ctx context.Context, t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(ctx, SECONDS*time.Second)
	started := time.Now()
	t.Cleanup(func() {
		cancel()
		verdict := "PASS"
		if t.Failed() {
			verdict = "FAIL"
		} else if t.Skipped() {
			verdict = "SKIP"
		}
		os.Stdout.WriteString("\\n=== VERDICT " + verdict + " " + t.Name() + " " + time.Since(started).String() + "\\n")
	})
	return ctx
}
"""
VERDICT = re.compile(r"^=== VERDICT (PASS|FAIL|SKIP) TestScript/(\S+) (\S+)$")
HEADER = re.compile(r"^=== (RUN|PAUSE|CONT|NAME)\s+(\S+)")


def environment(root, base):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    env |= {"GOROOT": str(root), "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOENV": "off", "GOWORK": "off", "CGO_ENABLED": "0",
            "GOCACHE": str(base / "gocache"), "GORT_CACHE": str(base / "cache"), "PATH": f"{root}/bin:{os.environ['PATH']}"}
    return env


def build_engine(root, base, seconds, env):
    """cmd/go's test executable with the changes."""
    tests = root / "src/cmd/go"
    text = (tests / "script_test.go").read_text()
    for old, new in EDITS:
        if text.count(old) != 1:
            sys.exit(f"scripts: {tests}/script_test.go is not as expected: {old.strip()}")
        text = text.replace(old, new)
    changed, hook, overlay = base / "script_test.go", base / "hook_test.go", base / "overlay.json"
    changed.write_text(text + LIMITED.replace("SECONDS", str(seconds)))
    hook.write_text(HOOK)
    replace = {str(tests / "script_test.go"): str(changed), str(tests / "gort_hook_test.go"): str(hook)}
    overlay.write_text(json.dumps({"Replace": replace}))
    engine = base / "engine"
    subprocess.run([root / "bin/go", "test", "-c", "-vet=off", f"-overlay={overlay}", "-o", engine, "."], cwd=tests, env=env, check=True)
    return engine


def tool_with_hooks(gort, root, base, env):
    """Put cmd/go's test executable, compiled by gort, where gort keeps the `go` that it has compiled."""
    # It may be there from the last time: then it is a command if it is told so.
    subprocess.run([gort, "help", "mod"], env={**env, "CMDGO_TEST_RUN_MAIN": "true"}, check=True, stdout=subprocess.DEVNULL)
    tools = sorted((base / "cache/tools").glob("*/go"), key=lambda p: p.stat().st_mtime)
    for old in tools[:-1]:
        shutil.rmtree(old.parent)
    mark = tools[-1].with_name("go.hooks")
    if not mark.exists():
        made = tools[-1].with_name("go.test")
        subprocess.run([gort, "test", "-c", "-o", made, "."], cwd=root / "src/cmd/go", env=env, check=True)
        made.rename(tools[-1])
        mark.touch()


def seconds(duration):
    """Of a duration as Go prints it."""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    return sum(float(n) * units[u] for n, u in re.findall(r"([\d.]+)(h|ms|m|s|µs|ns)", duration))


class Results:
    def __init__(self):
        self.verdict, self.seconds, self.log = {}, {}, collections.defaultdict(list)
        self.running = set()

    def read(self, stream, verbose):
        current = None
        for line in stream:
            if header := HEADER.match(line):
                current = header[2].partition("/")[2]
                if header[1] == "CONT" and current:
                    self.running.add(current)
            elif found := VERDICT.match(line):
                word, name, duration = found.groups()
                self.verdict[name], self.seconds[name] = word, seconds(duration)
                self.running.discard(name)
                if verbose:
                    print(f"{word} {name} {duration}", flush=True)
            else:
                self.log[current].append(line)


def run(engine, names, root, env, a):
    """The scripts of these names; again without those at which the engine itself ended."""
    results = Results()
    while left := [n for n in names if n not in results.verdict]:
        with tempfile.TemporaryDirectory(prefix="gort-scripts-") as scratch:
            pattern = "^TestScript$/^(" + "|".join(re.escape(n) for n in left) + ")$"
            command = [engine, "-test.v", "-test.timeout=0", f"-test.parallel={a.j}", f"-test.short={not a.long}".lower(), "-test.run", pattern]
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 31, 1 << 31))
            engine_run = subprocess.Popen(command, cwd=root / "src/cmd/go", env=env | {"TMPDIR": scratch}, stdin=subprocess.DEVNULL, text=True,
                                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                          preexec_fn=limit)
            try:
                results.read(engine_run.stdout, a.v)
                engine_run.wait()
            finally:
                # Scripts that ran out of time may have left something.
                try:
                    os.killpg(engine_run.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                subprocess.run(["chmod", "-R", "u+w", scratch], stderr=subprocess.DEVNULL)
            lost = results.running or set(left) - set(results.verdict)
            results.verdict.update((n, "FAIL") for n in lost)
            results.running = set()
    return results


def baseline(engine, names, root, base, env, a):
    """What official Go passes here; kept for this GOROOT."""
    kept = base / ("baseline-long.json" if a.long else "baseline.json")
    known = json.loads(kept.read_text()) if kept.exists() else {}
    missing = [n for n in names if n not in known]
    for part in (missing[i : i + 50] for i in range(0, len(missing), 50)):
        results = run(engine, part, root, env, a)
        known |= {n: [results.verdict[n], results.seconds.get(n, 0)] for n in part}
        kept.write_text(json.dumps(known, indent=0, sort_keys=True))
    return known


def read_list(path):
    """The names of a list; of the ledger, the first word of each line."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.split()[0].rstrip(":") for line in lines if line and not line.startswith("#")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gort", required=True)
    parser.add_argument("--filter", default="", help="only scripts whose name matches this")
    parser.add_argument("--sample", type=int, help="only so many of those that must pass, the quickest with official Go")
    parser.add_argument("--expect", type=Path, help="fail if one of this list does not pass")
    parser.add_argument("--ledger", type=Path, help="fail if one that does not pass is not in this list")
    parser.add_argument("--bless", action="store_true", help="add what passes to the list of --expect")
    parser.add_argument("--logs", type=Path, help="write the logs of failures to this folder")
    parser.add_argument("--long", action="store_true", help="also what -test.short leaves out")
    parser.add_argument("--timeout", type=int, default=60, help="seconds for a script")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("-v", action="store_true")
    a = parser.parse_args()
    gort = Path(a.gort).resolve()
    root = goroot.find()
    if not root or not (root / "bin/go").exists() or not (root / "src/cmd/go/testdata/script").is_dir():
        print("scripts: left out: there is no official Go with its tests")
        return 0
    root = root.resolve()
    base = goroot.cache().parent / "scripts"
    base.mkdir(parents=True, exist_ok=True)
    env = environment(root, base)
    names = sorted(p.stem for p in (root / "src/cmd/go/testdata/script").glob("*.txt"))
    names = [n for n in names if re.search(a.filter, n)]
    engine = build_engine(root, base, a.timeout, env)
    expected = read_list(a.expect) if a.expect else set()
    if a.sample:
        names = [n for n in names if n in expected]
    known = baseline(engine, names, root, base, env, a)
    valid = [n for n in names if known[n][0] == "PASS"]
    if a.sample:
        valid = sorted(sorted(valid, key=lambda n: known[n][1])[:a.sample])
    tool_with_hooks(gort, root, base, env)
    started = time.time()
    results = run(engine, valid, root, env | {"GORT_SCRIPTS_GO": str(gort)}, a)
    failed = [n for n in valid if results.verdict[n] != "PASS"]
    if a.logs:
        a.logs.mkdir(parents=True, exist_ok=True)
        for name in failed:
            (a.logs / f"{name}.log").write_text("".join(results.log[name]))
    passed = set(valid) - set(failed)
    fell = sorted(expected & set(failed))
    unnamed = sorted(set(failed) - read_list(a.ledger) - set(fell)) if a.ledger else []
    for name in fell:
        print(f"FAIL {name}: passed before")
    for name in unnamed:
        print(f"FAIL {name}: not in the ledger")
    new = sorted(passed - expected) if a.expect else []
    if new and a.bless:
        a.expect.write_text("".join(f"{n}\n" for n in sorted(expected | passed)))
    elif new:
        print("new passes:", *new)
    share = f" ({100 * len(passed) / len(valid):.1f} %)" if valid else ""
    print(f"{len(passed)} passed, {len(failed)} failed of {len(valid)} valid{share}; {len(names) - len(valid)} others of {len(names)}; {time.time() - started:.0f} s")
    return 1 if fell or unnamed else 0


if __name__ == "__main__":
    sys.exit(main())
