"""docs/flags.md: it names all flags and variables that official Go has, and gort does what it says with each. Also -h and
completion.

Usage: flags.py --gort PATH [--no-go]
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import goroot

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "docs/flags.md"
# What asks for more than a command to be taken.
ONLY_TEST = {"-exec", "-coverprofile"}


def tables():
    """Section: name: (taken, refused)."""
    out, section = {}, None
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            section = out.setdefault(line[3:].split(",")[0], {})
        elif section is not None and line.startswith("| `"):
            name, taken, refused = [c.strip() for c in line.split("|")[1:4]]
            values = lambda cell: re.findall(r"`([^`]*)`", cell)
            section[name.strip("`")] = (values(taken), values(refused))
    return out


def official(go):
    """What official Go has, by section."""
    text = lambda topic: subprocess.run([go, "help", topic], capture_output=True, text=True).stdout
    flags = lambda topic: set(re.findall(r"^\t(-[a-z0-9]+)", text(topic), flags=re.M))
    variables = re.findall(r"^\t([A-Z][A-Z0-9_]+(?:, [A-Z0-9_]+)*)$", text("environment"), flags=re.M)
    return {
        "build": flags("build") | {"-o", "-exec"},
        "test": flags("test") | flags("testflag"),
        "Variables": {v for line in variables for v in line.split(", ")},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gort", required=True)
    parser.add_argument("--no-go", action="store_true", help="do not compare with official Go's lists")
    a = parser.parse_args()
    gort, root = os.path.abspath(a.gort), goroot.find()
    go = pathlib.Path(root) / "bin/go"
    problems = []
    known = tables()
    if go.exists() and not a.no_go:
        theirs = official(str(go))
        both = set(known["build"]) | set(known["test"])
        for section, names in theirs.items():
            documented = set(known[section]) if section == "Variables" else both
            problems += [f"not in docs/flags.md: {name}" for name in sorted(names - documented)]
        extra = both - theirs["build"] - theirs["test"] | set(known["Variables"]) - theirs["Variables"]
        problems += [f"official Go does not know {name}" for name in sorted(extra)]
    base = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO")) or k.startswith("GORT")}
    base |= {"GOROOT": str(root), "GOPROXY": "off", "GOENV": "off"}
    with tempfile.TemporaryDirectory(prefix="gort-flags-") as tmp:
        tmp = pathlib.Path(tmp)
        files = {
            "go.mod": "module m\n\ngo 1.27\n",
            "lib/lib.go": "package lib\n\nvar V string\n\nfunc F() string { return V }\n",
            "lib/lib_test.go": "package lib\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n\nfunc FuzzF(f *testing.F) { f.Fuzz(func(*testing.T, int) {}) }\n",
        }
        for name, text in files.items():
            (tmp / name).parent.mkdir(exist_ok=True)
            (tmp / name).write_text(text)

        def run(command, flags, env, name, value, taken):
            done = subprocess.run([gort, command, *flags, "./lib"], cwd=tmp, env=base | env, capture_output=True, text=True, timeout=300)
            said = done.stdout + done.stderr
            shown = f"{name}={value} {command}"
            if taken and done.returncode != 0:
                return f"not taken: {shown}: {said}"
            where = name.lstrip("-") if name != "GOFLAGS" else "race"
            about = where in said or any(w in said for w in value.split())
            if not taken and (done.returncode == 0 or not about):
                return f"not refused by name: {shown}: {done.returncode} {said}"
            return None

        jobs = []
        for section, rows in known.items():
            for name, (taken, refused) in rows.items():
                for value in taken + refused:
                    job = (name, value, value in taken)
                    if section == "Variables":
                        jobs.append(("build", [], {name: value}, *job))
                        continue
                    # Of the flags that both have, test is asked for what is refused: that is quick.
                    commands = ["test"] if section == "test" or name in ONLY_TEST else ["build"]
                    commands += ["test"] if value in refused and section == "build" else []
                    if name != "-args":
                        jobs += [(command, [f"{name}={value}"], {}, *job) for command in commands]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda job: run(*job), jobs))
    problems += [p for p in found if p]
    for command in ["build", "run", "install", "test", "check", "clean", "completion", "env", "inspect", "version"]:
        for flag in ["-h", "--help"]:
            done = subprocess.run([gort, command, flag], env=base, capture_output=True, text=True)
            if done.returncode != 2 or not done.stderr.startswith(f"usage: gort {command}"):
                problems.append(f"{command} {flag}: {done.returncode} {done.stderr}")
    # What bash makes of it.
    script = subprocess.run([gort, "completion", "bash"], capture_output=True, text=True).stdout
    for words, want in [("gort inst", "install"), ("gort test -fuzzm", "-fuzzminimizetime"), ("gort build ./", "")]:
        n = len(words.split()) - 1
        line = f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={n}; _gort; echo ${{COMPREPLY[@]}}"
        got = subprocess.run(["bash", "-c", line], capture_output=True, text=True).stdout.strip()
        if got != want:
            problems.append(f"completion of {words!r}: {got!r}")
    for p in problems:
        print(p)
    print(f"flags: {len(jobs)} tried, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
