#!/usr/bin/env python3
"""Modules, workspaces, vendor folders, the module cache: the same commands with gort and with official Go.

Cases are tests/modules/*.txt: what a case shows, blank lines, then commands and the files they run on:

    env GOFLAGS=-mod=mod
    $ run ./cmd/hello
    what it prints, standard output and standard error together
    exit 1
    -- go.mod --
    module example.com/hello

`$$` in place of `$` is a command that only gort has, or whose result is its own. `cd FOLDER` holds for the commands that
follow, `show FILE` prints a file that a command has written. There is no network: GOPROXY is off; the module cache is the folder modcache of the case. The folder of the case
is shown as WORK, GOROOT as GOROOT. `--bless` writes what official Go prints into the cases (gort for `$$`).
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent


class Case:
    def __init__(self, path):
        self.path = path
        text, *files = re.split(r"^-- (\S+) --\n", path.read_text(), flags=re.M)
        self.files = dict(zip(files[::2], files[1::2]))
        self.head, self.steps = [], []
        for line in text.splitlines():
            if re.match(r"(\$\$? |env |cd |show )", line):
                self.steps.append([line, []])
            elif self.steps:
                self.steps[-1][1].append(line)
            else:
                self.head.append(line)

    def run(self, tool, goroot, own):
        """The steps with what `tool` prints; those of gort alone only if `own`."""
        out = []
        with tempfile.TemporaryDirectory() as scratch:
            work = Path(scratch).resolve() / "w"
            for name, text in self.files.items():
                file = work / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            env = dict(os.environ, GOROOT=str(goroot), GOPROXY="off", GOFLAGS="", GOWORK="", GONOSUMDB="*", GOSUMDB="off",
                       GOTOOLCHAIN="local", GOENV=str(work / "no-settings"), GOMODCACHE=str(work / "modcache"), CGO_ENABLED="0", GO111MODULE="")
            cwd = work
            for line, _ in self.steps:
                word, rest = line.split(" ", 1)
                if word == "env":
                    name, value = rest.split("=", 1)
                    env[name] = value.replace("WORK", str(work))
                elif word == "cd":
                    cwd = work / rest
                elif word == "show":
                    file = cwd / rest
                    out.append([line, file.read_text().replace(str(work), "WORK").splitlines() if file.exists() else ["none"]])
                    continue
                elif word == "$" or own:
                    done = subprocess.run([tool, *rest.split()], cwd=cwd, env=env, timeout=120,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    text = done.stdout.decode(errors="replace")
                    text = text.replace(str(work), "WORK").replace(str(goroot), "GOROOT")
                    text = re.sub(r"\t(\d+\.\d+s|\(cached\))( \[|\t|$)", r"\tTIME\2", text, flags=re.M)
                    text = re.sub(r"^(\s*--- \w+: .*) \(\d+\.\d\ds\)$", r"\1 (0.00s)", text, flags=re.M)
                    text = re.sub(r"^fuzz: .*\n", "", text, flags=re.M)
                    # Events of -json.
                    text = re.sub(r'"Time":"[^"]*",', "", text)
                    text = re.sub(r'"Elapsed":[\d.]+', '"Elapsed":0', text)
                    text = re.sub(r"\d+\.\d+s\\n", "TIME\\\\n", text)
                    lines = text.splitlines()
                    out.append([line, lines + ([f"exit {done.returncode}"] if done.returncode else [])])
                    continue
                out.append([line, []])
        return out


def text(steps):
    return "".join(line + "\n" + "".join(w + "\n" for w in want) for line, want in steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gort", required=True)
    parser.add_argument("--go", help="official go (default: of the GOROOT found)")
    parser.add_argument("--no-go", action="store_true", help="compare with what the cases say only")
    parser.add_argument("--bless", action="store_true", help="write what official Go prints into the cases")
    parser.add_argument("--filter", default="", help="only cases whose name matches this")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    args = parser.parse_args()
    gort = Path(args.gort).resolve()
    goroot = subprocess.run([gort, "env", "GOROOT"], capture_output=True, text=True).stdout.strip()
    go = Path(args.go or f"{goroot}/bin/go")
    has_go = go.is_file() and not args.no_go
    print("modules: compared with expected output" + (" and official Go" if has_go else ""), flush=True)

    def check(path):
        case = Case(path)
        want = [[line, "\n".join(lines).rstrip("\n").splitlines()] for line, lines in case.steps]
        got = case.run(gort, goroot, True)
        if args.bless:
            official = case.run(go, goroot, False)
            steps = [g if g[0].startswith("$$") else o for g, o in zip(got, official)]
            files = "".join(f"-- {n} --\n{t}" for n, t in case.files.items())
            path.write_text("\n".join(case.head) + "\n" + text(steps) + files)
            want = steps
        problems = []
        if text(got) != text(want):
            problems.append(("expected", want, got))
        if has_go and not args.bless:
            official = case.run(go, goroot, False)
            common = [[line, [] if line.startswith("$$") else lines] for line, lines in want]
            if text(official) != text(common):
                problems.append(("official Go differs from what is expected", common, official))
        return path.stem, problems

    failed = 0
    paths = [p for p in sorted((ROOT / "modules").glob("*.txt")) if re.search(args.filter, p.stem)]
    with ThreadPoolExecutor(args.j) as pool:
        for name, problems in pool.map(check, paths):
            failed += bool(problems)
            for what, want, got in problems:
                print(f"FAIL {name}: {what}")
                for w, g in zip(want, got):
                    if w != g:
                        print("  want " + "\n       ".join([w[0], *w[1]]) + "\n  got  " + "\n       ".join([g[0], *g[1]]))
    print(f"{len(paths) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
