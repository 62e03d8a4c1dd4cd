//! What earlier builds have made of functions, taken again: the same comes out, and an edit is seen wherever it shows.

use gort_ir::filetest::File;
use gort_ir::form::{Digest, Form};
use gort_ir::passes::again::record::{self, Stub, Writer};
use gort_ir::passes::again::{Earlier, Lowered};
use gort_ir::passes::{self, Plan};
use gort_ir::{Module, Sym, print, reader};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

/// Builds, each of which knows what the ones before it have kept.
#[derive(Default)]
struct Builds {
    kept: HashMap<Digest, &'static [u8]>,
}

/// One of them.
struct Build<'b> {
    kept: &'b HashMap<Digest, &'static [u8]>,
    new: Mutex<HashMap<Digest, Vec<u8>>>,
    /// Functions of which all was known, and the others.
    counts: Mutex<(usize, usize)>,
}

impl Earlier for Build<'_> {
    fn get(&self, _: &str, key: &Digest) -> &'static [u8] {
        self.kept.get(key).copied().unwrap_or_default()
    }

    fn put(&self, _: &str, key: &Digest, new: Option<Vec<u8>>) {
        let mut counts = self.counts.lock().unwrap();
        match new {
            None => counts.0 += 1,
            Some(new) => {
                counts.1 += 1;
                self.new.lock().unwrap().insert(*key, new);
            }
        }
    }
}

impl Builds {
    /// Run the passes; the text of what comes of it, how many functions were known and how many were not.
    fn build(&mut self, module: &Module, roots: &[&str]) -> (String, usize, usize) {
        let roots: Vec<String> = roots.iter().map(|r| r.to_string()).collect();
        let build = Build {
            kept: &self.kept,
            new: Mutex::default(),
            counts: Mutex::default(),
        };
        let text = run(module, &roots, Some(&build));
        assert_eq!(text, run(module, &roots, None), "with nothing known");
        assert_eq!(text, run_standing(module, &roots, &build), "not lowered");
        // Both builds have counted.
        let (known, made) = build.counts.into_inner().unwrap();
        let (known, made) = (known / 2, made / 2);
        let new = build.new.into_inner().unwrap();
        self.kept
            .extend(new.into_iter().map(|(key, bytes)| (key, &*bytes.leak())));
        (text, known, made)
    }
}

fn run(module: &Module, roots: &[String], earlier: Option<&dyn Earlier>) -> String {
    let mut module = module.clone();
    let plan = Plan {
        roots,
        earlier,
        ..Plan::default()
    };
    text(&mut module, &plan)
}

/// Run the passes; what comes of it, with all that was not read.
fn text(module: &mut Module, plan: &Plan<'_>) -> String {
    passes::run(std::slice::from_mut(module), plan);
    for f in &mut module.funcs {
        if let Some(whole) = record::read(f) {
            let digest = f.unread.as_ref().map(|u| u.digest);
            assert_eq!(Some(Form::default().take(&whole)), digest);
            *f = whole;
        }
    }
    print::module(module)
}

/// The same with each function standing for itself, as if an earlier build had lowered it.
fn run_standing(module: &Module, roots: &[String], earlier: &dyn Earlier) -> String {
    let mut standing = module.clone();
    let mut writer = Writer::default();
    let name = |s: Sym| module.name(s);
    let file = |f: u32| module.files[f as usize].as_str();
    let whole = module.funcs.iter().filter(|f| !f.blocks.is_empty());
    let bytes: Vec<(String, Vec<u8>, Vec<u8>)> = whole
        .map(|f| {
            let bytes = writer.write(f, &name, &file);
            (name(f.name).to_string(), writer.uses(f), bytes)
        })
        .collect();
    let mut lowered = FxHashMap::default();
    for (name, uses, bytes) in &bytes {
        let stub = Stub::read(bytes, &mut standing).unwrap();
        let digest = record::digest(bytes);
        let stands = Some((&uses[..], stub.code()));
        lowered.insert(name.clone(), Lowered { digest, stands });
        let at = standing.funcs.iter().position(|f| f.name == stub.func.name);
        standing.funcs[at.unwrap()] = stub.func;
    }
    let plan = Plan {
        roots,
        earlier: Some(earlier),
        lowered: Some(&lowered),
        ..Plan::default()
    };
    text(&mut standing, &plan)
}

fn files() -> Vec<(String, File)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ir");
    let mut out = Vec::new();
    for folder in [root.clone(), root.join("passes")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "ir") {
                let text = std::fs::read_to_string(&path).unwrap();
                let file = File::parse(text).unwrap();
                if file.header != ["verify"] {
                    out.push((path.display().to_string(), file));
                }
            }
        }
    }
    out
}

#[test]
fn functions_in_bytes_are_the_same_again() {
    for (path, file) in files() {
        let mut module = file.module;
        for n in 0..module.funcs.len() {
            let func = module.funcs[n].clone();
            let name = |s: Sym| module.name(s);
            let file = |f: u32| module.files[f as usize].as_str();
            let bytes = Writer::default().write(&func, &name, &file);
            let stub = Stub::read(&bytes, &mut module).unwrap();
            let again = record::whole(&stub.func, stub.code());
            let digest = Form::default().take(&func);
            assert_eq!(Form::default().take(&again), digest, "{path}");
            if !func.blocks.is_empty() && func.locs.len() == again.locs.len() {
                let (a, b) = (print::func(&module, &func), print::func(&module, &again));
                assert_eq!(a, b, "{path}");
            }
            // What is cut off is nothing.
            for end in 0..bytes.len().min(200) {
                let cut = Stub::read(&bytes[..end], &mut module);
                assert!(cut.is_none_or(|c| c.func.name == func.name));
            }
        }
    }
}

#[test]
fn a_second_build_does_nothing_and_gives_the_same() {
    for (path, file) in files() {
        let mut builds = Builds::default();
        let (first, known, _) = builds.build(&file.module, &[]);
        assert_eq!(known, 0, "{path}");
        let (second, _, made) = builds.build(&file.module, &[]);
        assert_eq!((second, made), (first, 0), "{path}");
    }
}

/// A program: `main` calls `middle`, which makes an object, gives it to `leaf` and adds what `small` makes of the result.
fn program(leaf: &str, small: &str) -> Module {
    let text = format!(
        r#"module "main"
file 0 "a.go"

func @main.main !0:1 {{
block0:
    v0: i64 = call @main.middle()  !0:2
    call native @runtime.print(v0)  !0:2
    return  !0:3
}}

func @main.middle -> i64 noinline !0:5 {{
block0:
    v0: ptr = alloc @type.T, size 8, align 8  !0:6
    v1: i64 = call @main.leaf(v0)  !0:7
    v2: i64 = call @main.small(v1)  !0:8
    return v2  !0:8
}}

func @main.leaf -> i64 noinline !0:10 {{
block0(v0: ptr):
{leaf}
}}

func @main.small -> i64 !0:15 {{
block0(v0: i64):
{small}
}}
"#
    );
    reader::module(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

const READS: &str = "    v1: i64 = load v0, 0  !0:11\n    return v1  !0:11";
const READS_AND_ADDS: &str = "    v1: i64 = load v0, 0  !0:11\n    v2: i64 = iconst 7  !0:11\n    v3: i64 = iadd v1, v2  !0:11\n    return v3  !0:11";
const LEAKS: &str = "    v1: ptr = symaddr @main.global, 0  !0:11\n    store.barrier v0, v1, 0  !0:11\n    v2: i64 = load v0, 0  !0:11\n    return v2  !0:11";
const ADDS: &str =
    "    v1: i64 = iconst 1  !0:16\n    v2: i64 = iadd v0, v1  !0:16\n    return v2  !0:16";
const DOUBLES: &str = "    v1: i64 = iadd v0, v0  !0:16\n    return v1  !0:16";

#[test]
fn an_edit_is_seen_where_it_shows() {
    let mut builds = Builds::default();
    let roots = &["main.main"];
    let (first, _, made) = builds.build(&program(READS, ADDS), roots);
    assert_eq!(made, 4);
    assert!(!first.contains("alloc"), "{first}");
    // Another body, but its callers know the same of it as before.
    let (_, known, made) = builds.build(&program(READS_AND_ADDS, ADDS), roots);
    assert_eq!((known, made), (3, 1));
    // The object that `middle` makes leaks now.
    let (leaking, known, made) = builds.build(&program(LEAKS, ADDS), roots);
    assert!(leaking.contains("alloc"), "{leaking}");
    assert_eq!((known, made), (2, 2));
    // What `middle` has taken in is another.
    let (_, known, made) = builds.build(&program(READS, DOUBLES), roots);
    assert_eq!((known, made), (2, 2));
    // All of these ways are known by now.
    for (leaf, small) in [(READS, ADDS), (LEAKS, ADDS), (READS, DOUBLES)] {
        let (_, known, made) = builds.build(&program(leaf, small), roots);
        assert_eq!((known, made), (4, 0));
    }
}
