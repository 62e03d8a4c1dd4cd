//! Checks Go files as one package and prints the errors as JSON, one a line; imported packages are read from
//! GOROOT. `checkfiles check [--lang go1.N] [--keep-going] [--test-builtins] [--std PKG... | FILE...]`

use bumpalo::Bump;
use gort_load::constraint::Tags;
use gort_load::{Context, goroot, package};
use gort_syntax::ast::File;
use gort_syntax::{Diagnostic, FileSet};
use gort_types::{Config, Importer, PackageCheck, PackageInput, PkgId, TypeStore, check_package};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

struct Loader {
    store: &'static TypeStore,
    files: &'static FileSet,
    ctx: Context,
    done: RefCell<HashMap<String, Option<PkgId>>>,
    bodies: bool,
    verbose: bool,
    /// Check bodies one by one: all of them, or none.
    on_demand: Option<bool>,
}

impl Loader {
    fn dir(&self, path: &str) -> Option<PathBuf> {
        let src = self.ctx.goroot.as_ref()?.join("src");
        [
            src.join(path),
            src.join("vendor").join(path),
            src.join("cmd/vendor").join(path),
        ]
        .into_iter()
        .find(|d| d.is_dir())
    }

    fn parse(&self, name: &str, bytes: Vec<u8>) -> (File<'static>, Vec<Diagnostic>) {
        let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
        let src: &'static [u8] = arena.alloc_slice_copy(&bytes);
        gort_syntax::parse_file(arena, self.files, name, src, gort_syntax::Mode::Full)
    }
}

impl Importer for &'static Loader {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if let Some(p) = self.done.borrow().get(path) {
            return p.ok_or_else(|| "import cycle".into());
        }
        let dir = self.dir(path).ok_or("package not found")?;
        self.done.borrow_mut().insert(path.into(), None);
        let sources = package::standard(&self.ctx, path, &dir, false)
            .map_err(|e| e.to_string())?
            .files;
        // Trees are not needed any longer once a package is checked.
        let arena = Bump::new();
        let mut files = vec![];
        for s in &sources {
            let name = s.path.display().to_string();
            let mode = gort_syntax::Mode::Full;
            let (f, d) = gort_syntax::parse_file(&arena, self.files, &name, &s.bytes, mode);
            for d in d {
                eprintln!("{path}: {}", d.msg);
            }
            files.push(f);
        }
        let config = Config {
            bodies: self.bodies,
            ..Config::default()
        };
        let input = PackageInput {
            path,
            files: &files,
            importer: self,
            config: &config,
        };
        let (pkg, diags) = match self.on_demand {
            None => {
                let (pkg, _, diags) = check_package(self.store, self.files, input);
                (pkg, diags)
            }
            Some(all) => {
                let mut check = PackageCheck::new(self.store, self.files, input);
                let funcs: Vec<_> = check.info().funcs.iter().map(|f| f.obj).collect();
                for f in funcs.into_iter().filter(|_| all) {
                    check.check_body(f);
                }
                (check.package(), check.diagnostics().to_vec())
            }
        };
        for d in diags {
            let at = self.files.position(d.pos);
            let at = at.map_or(String::new(), |p| {
                format!("{}:{}:{}", p.file, p.line, p.col)
            });
            if self.verbose {
                eprintln!("{at}: {}", d.msg);
            }
        }
        self.done.borrow_mut().insert(path.into(), Some(pkg));
        Ok(pkg)
    }
}

fn json(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn run() -> i32 {
    let mut args = std::env::args().skip(1).peekable();
    let (mut lang, mut keep, mut builtins, mut std_pkgs) = ((1, 27), false, false, false);
    let mut on_demand = None;
    let mut names = vec![];
    while let Some(a) = args.next() {
        match a.as_str() {
            "check" | "--json" => {}
            "--lang" => {
                let v = args.next().unwrap_or_default();
                let v = v.trim_start_matches("go1.").to_string();
                lang = (
                    1,
                    v.split('.')
                        .next()
                        .and_then(|m| m.parse().ok())
                        .unwrap_or(27),
                );
            }
            "--keep-going" => keep = true,
            "--test-builtins" => builtins = true,
            "--std" => std_pkgs = true,
            "--on-demand" => on_demand = Some(true),
            "--no-bodies" => on_demand = Some(false),
            _ => names.push(a),
        }
    }
    let cwd = std::env::current_dir().unwrap();
    let root = goroot::find().ok();
    let ctx = Context {
        goroot: root,
        library: Tags::library(&[]),
        recipes: Default::default(),
        overlay: &[],
        cwd,
        ..Context::default()
    };
    let loader: &'static Loader = Box::leak(Box::new(Loader {
        store: Box::leak(Box::default()),
        files: Box::leak(Box::default()),
        ctx,
        done: RefCell::default(),
        bodies: std_pkgs,
        verbose: std_pkgs,
        on_demand,
    }));
    loader
        .done
        .borrow_mut()
        .insert("unsafe".into(), Some(PkgId::UNSAFE));
    if std_pkgs {
        for n in names {
            let t = std::time::Instant::now();
            if let Err(e) = (&loader as &dyn Importer).import(&n) {
                eprintln!("{n}: {e}");
            }
            eprintln!(
                "{n}: {:?}, {} types",
                t.elapsed(),
                loader.store.type_count()
            );
        }
        return 0;
    }
    let mut diags: Vec<Diagnostic> = vec![];
    let mut files = vec![];
    for n in &names {
        let bytes = std::fs::read(n).unwrap_or_default();
        let (f, d) = loader.parse(n, bytes);
        diags.extend(d);
        files.push(f);
    }
    if keep || !diags.iter().any(|d| d.msg.starts_with("syntax error")) {
        let config = Config {
            go_version: lang,
            bodies: true,
            test_builtins: builtins,
            allow_bodyless: true,
        };
        let importer: &'static &'static Loader = Box::leak(Box::new(loader));
        let input = PackageInput {
            path: "p",
            files: files.leak(),
            importer,
            config: Box::leak(Box::new(config)),
        };
        diags.extend(check_package(loader.store, loader.files, input).2);
    }
    diags.sort_by_key(|d| d.pos);
    for d in &diags {
        let Some(p) = loader.files.position(d.pos) else {
            println!(
                "{{\"file\":\"\",\"line\":0,\"col\":0,\"msg\":{}}}",
                json(&d.msg)
            );
            continue;
        };
        let mut msg = d.msg.clone();
        for (pos, text) in &d.related {
            let at = loader.files.position(*pos);
            let at = at.map_or(String::new(), |p| {
                format!("{}:{}:{}", p.file, p.line, p.col)
            });
            msg.push_str(&format!("\n\t{at}: {text}"));
        }
        println!(
            "{{\"file\":{},\"line\":{},\"col\":{},\"msg\":{}}}",
            json(&p.file),
            p.line,
            p.col,
            json(&msg)
        );
    }
    i32::from(!diags.is_empty())
}

fn main() {
    let stack = std::env::var("STACK_MB")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(256);
    let t = std::thread::Builder::new()
        .stack_size(stack << 20)
        .spawn(run)
        .unwrap();
    std::process::exit(t.join().unwrap_or(2));
}
