#!/usr/bin/env python3
"""The tests of well-known modules, as Debian packages them, with official Go and with gort.

The packages are installed with apt if they are not there (that needs root). Each module is copied to a scratch folder and
given a go.mod that replaces all others by copies of theirs; then its packages are tested one by one, with `-short`, first
with official Go, then with gort. A test counts if it passes with official Go. What fails with gort alone is listed with
`-v`, and kept in FOLDER of `--keep FOLDER` with the output.

Exit status 1 if less than --least of the tests that pass with official Go pass with gort.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import goroot

SOURCES = Path("/usr/share/gocode/src")

# Debian's package, and the module's folder below SOURCES.
MODULES = [
    ("golang-golang-x-sys-dev", "golang.org/x/sys"),
    ("golang-golang-x-crypto-dev", "golang.org/x/crypto"),
    ("golang-golang-x-net-dev", "golang.org/x/net"),
    ("golang-golang-x-text-dev", "golang.org/x/text"),
    ("golang-golang-x-sync-dev", "golang.org/x/sync"),
    ("golang-golang-x-tools-dev", "golang.org/x/tools"),
    ("golang-github-spf13-pflag-dev", "github.com/spf13/pflag"),
    ("golang-github-spf13-cobra-dev", "github.com/spf13/cobra"),
    ("golang-github-go-chi-chi-dev", "github.com/go-chi/chi"),
    ("golang-github-gorilla-mux-dev", "github.com/gorilla/mux"),
    ("golang-gopkg-yaml.v3-dev", "gopkg.in/yaml.v3"),
    ("golang-github-burntsushi-toml-dev", "github.com/BurntSushi/toml"),
    ("golang-github-google-uuid-dev", "github.com/google/uuid"),
    ("golang-github-google-go-cmp-dev", "github.com/google/go-cmp"),
    ("golang-github-stretchr-testify-dev", "github.com/stretchr/testify"),
    ("golang-github-sirupsen-logrus-dev", "github.com/sirupsen/logrus"),
    ("golang-github-coreos-bbolt-dev", "go.etcd.io/bbolt"),
    ("golang-github-yuin-gopher-lua-dev", "github.com/yuin/gopher-lua"),
    ("golang-github-yuin-goldmark-dev", "github.com/yuin/goldmark"),
    ("golang-github-hashicorp-golang-lru-dev", "github.com/hashicorp/golang-lru"),
    ("golang-github-golang-snappy-dev", "github.com/golang/snappy"),
    ("golang-github-cespare-xxhash-dev", "github.com/cespare/xxhash"),
    ("golang-github-klauspost-compress-dev", "github.com/klauspost/compress"),
    ("golang-github-spf13-viper-dev", "github.com/spf13/viper"),
    ("golang-go.uber-zap-dev", "go.uber.org/zap"),
    ("golang-github-prometheus-client-golang-dev", "github.com/prometheus/client_golang"),
    ("golang-github-gorilla-websocket-dev", "github.com/gorilla/websocket"),
    ("golang-google-protobuf-dev", "google.golang.org/protobuf"),
    ("golang-google-grpc-dev", "google.golang.org/grpc"),
    ("golang-github-fsnotify-fsnotify-dev", "github.com/fsnotify/fsnotify"),
    ("golang-github-mattn-go-isatty-dev", "github.com/mattn/go-isatty"),
    ("golang-github-rs-zerolog-dev", "github.com/rs/zerolog"),
    ("golang-github-json-iterator-go-dev", "github.com/json-iterator/go"),
    ("golang-github-hashicorp-hcl-dev", "github.com/hashicorp/hcl"),
    ("golang-github-hashicorp-hcl-v2-dev", "github.com/hashicorp/hcl/v2"),
    ("golang-github-gin-gonic-gin-dev", "github.com/gin-gonic/gin"),
    ("golang-github-urfave-cli-v2-dev", "github.com/urfave/cli/v2"),
    ("golang-github-alecthomas-chroma-v2-dev", "github.com/alecthomas/chroma/v2"),
    ("golang-github-tdewolff-minify-dev", "github.com/tdewolff/minify"),
    ("golang-github-dgraph-io-badger-dev", "github.com/dgraph-io/badger"),
    ("golang-starlark-dev", "go.starlark.net"),
    ("golang-github-evanw-esbuild-dev", "github.com/evanw/esbuild"),
    ("golang-github-pelletier-go-toml.v2-dev", "github.com/pelletier/go-toml/v2"),
    ("golang-github-valyala-fasthttp-dev", "github.com/valyala/fasthttp"),
    ("golang-github-google-btree-dev", "github.com/google/btree"),
    ("golang-github-syndtr-goleveldb-dev", "github.com/syndtr/goleveldb"),
    ("golang-github-antonmedv-expr-dev", "github.com/antonmedv/expr"),
    ("golang-github-dop251-goja-dev", "github.com/dop251/goja"),
    ("golang-github-davecgh-go-spew-dev", "github.com/davecgh/go-spew"),
    ("golang-github-microcosm-cc-bluemonday-dev", "github.com/microcosm-cc/bluemonday"),
    ("golang-github-russross-blackfriday-v2-dev", "github.com/russross/blackfriday/v2"),
    ("golang-github-tidwall-gjson-dev", "github.com/tidwall/gjson"),
    ("golang-github-gdamore-tcell-dev", "github.com/gdamore/tcell"),
    ("golang-github-emirpasic-gods-dev", "github.com/emirpasic/gods"),
    ("golang-github-hashicorp-raft-dev", "github.com/hashicorp/raft"),
    ("golang-github-pierrec-lz4-dev", "github.com/pierrec/lz4"),
    ("golang-github-ulikunitz-xz-dev", "github.com/ulikunitz/xz"),
    ("golang-github-andybalholm-brotli-dev", "github.com/andybalholm/brotli"),
    ("golang-github-vmihailenco-msgpack.v5-dev", "github.com/vmihailenco/msgpack/v5"),
    ("golang-github-miekg-dns-dev", "github.com/miekg/dns"),
    ("golang-github-puerkitobio-goquery-dev", "github.com/PuerkitoBio/goquery"),
    ("golang-github-roaringbitmap-roaring-dev", "github.com/RoaringBitmap/roaring"),
    ("golang-github-robertkrimen-otto-dev", "github.com/robertkrimen/otto"),
    ("golang-github-spf13-afero-dev", "github.com/spf13/afero"),
    ("golang-github-mitchellh-mapstructure-dev", "github.com/mitchellh/mapstructure"),
    ("golang-github-labstack-echo-dev", "github.com/labstack/echo"),
    ("golang-github-go-playground-validator-v10-dev", "github.com/go-playground/validator/v10"),
    ("golang-github-fxamacker-cbor-dev", "github.com/fxamacker/cbor"),
    ("golang-golang-x-image-dev", "golang.org/x/image"),
    ("golang-github-gopacket-gopacket-dev", "github.com/gopacket/gopacket"),
    ("golang-github-pkg-sftp-dev", "github.com/pkg/sftp"),
    ("golang-github-golang-jwt-jwt-dev", "github.com/golang-jwt/jwt"),
    ("golang-github-alecthomas-participle-dev", "github.com/alecthomas/participle"),
    ("golang-github-valyala-quicktemplate-dev", "github.com/valyala/quicktemplate"),
    ("golang-opentelemetry-otel-dev", "go.opentelemetry.io/otel"),
    ("golang-github-jung-kurt-gofpdf-dev", "github.com/jung-kurt/gofpdf"),
    ("golang-github-go-sql-driver-mysql-dev", "github.com/go-sql-driver/mysql"),
    ("golang-github-jmoiron-sqlx-dev", "github.com/jmoiron/sqlx"),
    ("golang-github-hashicorp-go-multierror-dev", "github.com/hashicorp/go-multierror"),
    ("golang-github-shopspring-decimal-dev", "github.com/shopspring/decimal"),
    ("golang-github-robfig-cron-dev", "github.com/robfig/cron"),
    ("golang-filippo-age-dev", "filippo.io/age"),
    ("golang-github-rogpeppe-go-internal-dev", "github.com/rogpeppe/go-internal"),
]

# What their tests need besides.
HELPERS = [
    ("golang-gopkg-check.v1-dev", "gopkg.in/check.v1"),
    ("golang-github-go-playground-assert-v2-dev", "github.com/go-playground/assert/v2"),
]

NO_VERSION = "v0.0.0-00010101000000-000000000000"


def install(modules):
    missing = [package for package, folder in modules if not (SOURCES / folder).is_dir()]
    if missing:
        apt = ["apt-get", "-q", "-y"]
        subprocess.run([*apt, "update"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*apt, "install", "--no-install-recommends", *missing], check=True, stdout=subprocess.DEVNULL)


def module_path(folder):
    """The path that a module gives itself, and its go line: without one, what that means."""
    file = SOURCES / folder / "go.mod"
    text = file.read_text() if file.is_file() else ""
    path = re.search(r'^module "?([^"\s]+)', text, re.M)
    go = re.search(r"^go \S+", text, re.M)
    return (path[1] if path else folder), (go[0] if go else "go 1.16")


def folders():
    """All modules that are installed: those with a go.mod, and of what is left, folders of the customary depth."""
    found = {str(f.parent.relative_to(SOURCES)) for f in SOURCES.rglob("go.mod") if "testdata" not in f.parts}
    for host, depth in (("github.com", 2), ("golang.org", 2), ("gopkg.in", 1), ("go.etcd.io", 1)):
        for folder in (SOURCES / host).glob("/".join("*" * depth)):
            name = str(folder.relative_to(SOURCES))
            if host == "gopkg.in" and ".v" not in name:
                continue
            if folder.is_dir() and not any(f == name or f.startswith(name + "/") for f in found):
                found.add(name)
    # Links are second names.
    return sorted(f for f in found if (SOURCES / f).resolve() == SOURCES / f)


def copy_modules(work):
    """Copies of all modules, each with a go.mod of nothing but its path; path and go line by folder."""
    known = {}
    for folder in folders():
        path, go = module_path(folder)
        if path in [p for p, _ in known.values()]:
            continue
        shutil.copytree(SOURCES / folder, work / folder, dirs_exist_ok=True)
        known[folder] = path, go
    for folder in known:
        write_bare(work, known, folder)
    return known


def write_go_mod(work, known, folder):
    """A go.mod by which a module finds all others."""
    path, go = known[folder]
    lines = [f"module {path}", "", go, ""]
    for other, (name, _) in known.items():
        if other != folder:
            major = re.search(r"/v(\d+)$", name) or re.search(r"\.v(\d+)$", name)
            version = NO_VERSION.replace("v0", "v" + major[1], 1) if major else NO_VERSION
            lines.append(f"require {name} {version}\nreplace {name} => {work / other}")
    (work / folder / "go.mod").write_text("\n".join(lines) + "\n")


def write_bare(work, known, folder):
    """The go.mod by which the others find it."""
    path, go = known[folder]
    (work / folder / "go.mod").write_text(f"module {path}\n\n{go}\n")


def environment(root, work):
    """The environment of builds: nothing is downloaded."""
    return dict(os.environ, GOROOT=str(root), GOPROXY="off", GOFLAGS="-mod=mod", GOWORK="off", GOSUMDB="off", GONOSUMDB="*",
                GOTOOLCHAIN="local", GOMODCACHE=str(work / "modcache"), CGO_ENABLED="0", GO111MODULE="")


def passing(tool, cwd, env, package, limit):
    """The tests of a package that pass, and the output."""
    command = [tool, "test", "-json", "-short", "-count=1", "-vet=off", f"-timeout={limit}s", package]
    try:
        done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=2 * limit + 60)
        output = done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        output = (e.stdout or b"").decode(errors="replace") + "\ntimeout\n"
    passed, text = set(), []
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            text.append(line)
            continue
        text.append(event.get("Output", "").rstrip("\n"))
        test = event.get("Test", "")
        if event.get("Action") == "pass" and test and "/" not in test:
            passed.add(test)
    return passed, "\n".join(t for t in text if t)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gort", required=True)
    parser.add_argument("--go", help="official go (default: of the GOROOT found)")
    parser.add_argument("--filter", default="", help="only modules whose folder matches this")
    parser.add_argument("--least", type=float, default=0.9, help="the part of the tests that must pass (default 0.9)")
    parser.add_argument("--limit", type=int, default=120, help="seconds that the tests of a package may take")
    parser.add_argument("--keep", type=Path, help="keep the output of packages with failures in this folder")
    parser.add_argument("-v", action="store_true", help="list the tests that fail with gort alone")
    args = parser.parse_args()
    gort = Path(args.gort).resolve()
    root = goroot.find()
    go = Path(args.go or f"{root}/bin/go")
    install(MODULES + HELPERS)
    both = official = 0
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch).resolve()
        known = copy_modules(work)
        env = environment(root, work)
        print(f"{'module':36} {'official Go':>11} {'both':>6}", flush=True)
        for _, folder in MODULES:
            if not re.search(args.filter, folder):
                continue
            write_go_mod(work, known, folder)
            cwd = work / folder
            listed = subprocess.run([go, "list", "-e", "./..."], cwd=cwd, env=env, capture_output=True, text=True)
            counts = [0, 0]
            lost = []
            for package in listed.stdout.split():
                want, _ = passing(go, cwd, env, package, args.limit)
                if not want:
                    continue
                got, output = passing(gort, cwd, env, package, args.limit)
                counts[0] += len(want)
                counts[1] += len(want & got)
                missing = sorted(want - got)
                lost += [f"{package}.{t}" for t in missing]
                if missing and args.keep:
                    args.keep.mkdir(parents=True, exist_ok=True)
                    (args.keep / package.replace("/", "_")).write_text("\n".join(missing) + "\n\n" + output)
            print(f"{folder:36} {counts[0]:11} {counts[1]:6}", flush=True)
            if args.v:
                for test in lost:
                    print(f"    {test}", flush=True)
            official += counts[0]
            both += counts[1]
            write_bare(work, known, folder)
    share = both / official if official else 0
    print(f"{'all':36} {official:11} {both:6}   {100 * share:.1f} %")
    sys.exit(0 if share >= args.least else 1)


if __name__ == "__main__":
    main()
