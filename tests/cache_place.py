"""Where the cases of `cache.py` build: a folder with a module, and a cache of its own."""
import os
import subprocess
from pathlib import Path

HELLO = "package main\n\nfunc main() { print(text, \"\\n\") }\n"
CASES = []


def case(f):
    CASES.append(f)
    return f


class Place:
    """A folder with a module, a cache of its own, and builds in it."""

    def __init__(self, gort, goroot, scratch):
        self.gort, self.goroot = gort, goroot
        self.top = Path(scratch).resolve()
        self.dir, self.cache = self.top / "m", self.top / "cache"
        self.cache.mkdir()
        # The assembler of official Go takes some seconds to make.
        tools = Path(os.environ.get("GORT_CACHE") or Path.home() / ".cache/gort") / "tools"
        tools.mkdir(parents=True, exist_ok=True)
        for folder in (self.cache, self.top / "other"):
            folder.mkdir(exist_ok=True)
            (folder / "tools").symlink_to(tools)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
        self.env.update(GORT_CACHE=str(self.cache), GOROOT=str(goroot), GOENV="off", GOPROXY="off")
        self.write("go.mod", "module m\n\ngo 1.27\n")
        self.write("main.go", HELLO)
        self.text("one")

    def write(self, name, text):
        file = self.dir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def text(self, text):
        self.write("text.go", f"package main\n\nvar text = \"{text}\"\n")

    def gort_(self, *args, env={}, gort=None, wrap=(), **more):
        return subprocess.run([*wrap, gort or self.gort, *args], cwd=self.dir, env={**self.env, **env}, capture_output=True, text=True,
                              timeout=120, **more)

    def build(self, *flags, hit=None, target=".", env={}, gort=None, wrap=(), check=True):
        """Build; whether the executable was found must be as `hit` says. What the executable prints."""
        out = self.top / "out"
        done = self.gort_("build", "-x", "-o", str(out), *flags, target, env=env, gort=gort, wrap=wrap)
        assert done.returncode == 0, done.stderr
        found = "cp " in done.stderr and "gort compile" not in done.stderr
        assert hit is None or found == hit, f"{'found' if found else 'built'}, flags {flags} {env}"
        if check:
            other = {**env, "GORT_CACHE": str(self.top / "other")}
            plain = self.gort_("build", "-a", "-o", str(self.top / "plain"), *flags, target, env=other, gort=gort)
            assert plain.returncode == 0, plain.stderr
            assert out.read_bytes() == (self.top / "plain").read_bytes(), "the executable differs from one built without the cache"
        return subprocess.run([out], capture_output=True, text=True, errors="replace").stderr.strip()

    def entries(self, kind):
        return sorted((self.cache / "build").glob(f"??/*.{kind}"))
