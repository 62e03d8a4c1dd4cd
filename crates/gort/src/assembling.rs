//! Files in assembly: official Go's assembler, compiled by gort ([`crate::tools`]), makes objects of them, with what
//! `go build` gives it. Lowering is told what they define; the linker gets them as ELF.
//!
//! `go build` runs the assembler twice, the first time (`-gensymabis`) to tell the compiler what it will define. Here the
//! objects themselves say that, since they are made before anything is lowered.

use crate::checking::Checked;
use crate::interrupt::Folder;
use crate::pipeline::{self, BuildFlags};
use crate::request::Failure;
use crate::{asmheader, asminclude};
use gort_link::goobj::{self, Kind, Object};
use gort_load::{LoadedPackage, files};
use gort_lower::{AsmSymbol, Assembly};
use gort_syntax::Diagnostic;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;
use std::process::Command;

/// The objects of a program.
#[derive(Default)]
pub struct Assembled {
    /// Name of each for messages, and what it holds.
    objects: Vec<(String, Object)>,
    /// What they define.
    pub assembly: Assembly,
}

/// Assemble the files of all packages; `paths` are what the symbols of the packages begin with.
///
/// # Errors
/// What the assembler says, and what gort cannot read.
pub fn assemble(
    checked: &Checked,
    flags: &BuildFlags,
    paths: &[String],
) -> Result<Assembled, Failure> {
    let mut out = Assembled::default();
    let packages = checked.loaded.packages.iter().zip(paths).enumerate();
    for (i, (p, path)) in packages {
        let sources: Vec<&String> = p.assembly.iter().filter(|f| has_code(p, f)).collect();
        if sources.is_empty() {
            continue;
        }
        let folder = Scratch::new()?;
        if sources.iter().any(|f| mentions_header(p, f)) {
            let header = asmheader::text(checked, i);
            folder.write("go_asm.h", &header)?;
        }
        let before = out.objects.len();
        for file in sources {
            asminclude::look_at(p, file);
            let named = checked.loaded.roots.contains(&i);
            let bytes = run((p, named), path, file, &folder, flags)?;
            let name = format!("{path}({file})");
            let object = goobj::read(&bytes)
                .map_err(|e| Failure::Plain(format!("# {}\n{file}: {e}", p.path)))?;
            out.objects.push((name, object));
        }
        defined_twice(checked, i, path, &out.objects[before..])?;
    }
    describe(&mut out);
    Ok(out)
}

impl Assembled {
    /// The objects as ELF, by name. `entries` are what calls of Go functions enter.
    ///
    /// # Errors
    /// What they ask for that there is not.
    pub fn elf(
        &self,
        entries: &FxHashMap<String, String>,
    ) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let names = goobj::elf::Names {
            is_assembly: &|name| self.assembly.has_function(name),
            entries,
        };
        let objects = self.objects.iter().map(|(name, object)| {
            let elf = goobj::elf::write(object, &names);
            let elf = elf.map_err(|e| Failure::Plain(format!("# {name}\n{e}")))?;
            Ok((name.clone(), elf))
        });
        objects.collect()
    }

    /// What objects refer to, for passes that drop what nobody needs.
    pub fn needs(&self) -> impl Iterator<Item = &String> {
        let symbols = self.assembly.symbols.values();
        symbols.flat_map(|s| s.calls.iter().chain(&s.refs))
    }
}

/// Functions of a package that have a body in Go too.
fn defined_twice(
    checked: &Checked,
    i: usize,
    path: &str,
    objects: &[(String, Object)],
) -> Result<(), Failure> {
    let functions = objects.iter().flat_map(|(_, o)| &o.symbols);
    let functions = functions.filter(|s| s.kind == Kind::Text && !s.local);
    let names: FxHashSet<&str> = functions.map(|s| s.name.as_str()).collect();
    let twice = checked.units[i].info.funcs.iter().filter(|f| {
        let decl = f.decl;
        decl.recv.is_none()
            && decl.has_body()
            && names.contains(format!("{path}.{}", decl.name.name).as_str())
    });
    let diags: Vec<Diagnostic> = twice
        .map(|f| {
            let name = &f.decl.name;
            let text = format!("{} defined in both Go and assembly", name.name);
            Diagnostic::new(name.pos, "DefinedTwice", text)
        })
        .collect();
    match diags.is_empty() {
        true => Ok(()),
        false => Err(Failure::Packages {
            packages: vec![(checked.loaded.packages[i].id(), diags)],
            files: checked.files,
        }),
    }
}

/// Say what the objects define.
fn describe(out: &mut Assembled) {
    for (_, object) in &out.objects {
        for (i, s) in object.symbols.iter().enumerate() {
            if s.local || s.kind == Kind::Other {
                continue;
            }
            let refs = object.references(i);
            let symbol = AsmSymbol {
                function: s.kind == Kind::Text,
                stack: refs.stack,
                indirect: refs.indirect,
                calls: refs.calls,
                refs: refs.other,
            };
            out.assembly.symbols.insert(s.name.clone(), symbol);
        }
    }
}

fn read(p: &LoadedPackage, file: &str) -> String {
    let bytes = files::read(&p.dir.join(file)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a file has more than comments: others say that functions may have no body, and no more.
fn has_code(p: &LoadedPackage, file: &str) -> bool {
    let text = read(p, file);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = match rest {
            r if r.starts_with("//") => "\n",
            r if r.starts_with("/*") => "*/",
            _ => return true,
        };
        rest = rest.split_once(end).map_or("", |r| r.1).trim_start();
    }
    false
}

fn mentions_header(p: &LoadedPackage, file: &str) -> bool {
    read(p, file).contains("go_asm.h")
}

/// Run the assembler on a file; the object.
fn run(
    (p, named): (&LoadedPackage, bool),
    path: &str,
    file: &str,
    folder: &Scratch,
    flags: &BuildFlags,
) -> Result<Vec<u8>, Failure> {
    let tool = crate::tools::find("asm")?;
    let goroot = gort_load::goroot::find().map_err(Failure::Plain)?;
    let goroot = std::path::absolute(&goroot).unwrap_or(goroot);
    let dir = std::path::absolute(&p.dir).unwrap_or_else(|_| p.dir.clone());
    let object = folder.path().join("object");
    let mut trim = format!("{}=>", folder.path().display());
    if flags.trimpath {
        let shown = if p.path == "command-line-arguments" {
            "."
        } else {
            &p.path
        };
        trim = format!("{}=>{shown};{trim}", dir.display());
    }
    let level = std::env::var("GOAMD64").unwrap_or_default();
    let level = if level.is_empty() { "v1" } else { &level };
    let mut asm = Command::new(&tool);
    asm.args(["-p", path, "-trimpath", &trim, "-I"])
        .arg(folder.path());
    asm.arg("-I").arg(goroot.join("pkg/include"));
    asm.args([
        "-D",
        "GOOS_linux",
        "-D",
        "GOARCH_amd64",
        "-D",
        &format!("GOAMD64_{level}"),
    ]);
    if flags.assembler.all || named {
        asm.args(&flags.assembler.words);
    }
    asm.arg("-o")
        .arg(&object)
        .arg(dir.join(file))
        .current_dir(&dir);
    // What it is asked for is above.
    asm.env("GOROOT", &goroot)
        .env_remove("GOAMD64")
        .env_remove("GODEBUG");
    pipeline::step(flags, &format!("cd {}; {asm:?}", dir.display()));
    let done = asm.output();
    let done = done.map_err(|e| Failure::Plain(format!("gort: {}: {e}", tool.display())))?;
    if !done.status.success() {
        return Err(Failure::Plain(complaint(p, &dir, &done.stderr)));
    }
    // Of -asmflags=-S.
    eprint!("{}", String::from_utf8_lossy(&done.stdout));
    std::fs::read(&object).map_err(|e| Failure::Plain(format!("gort: {}: {e}", object.display())))
}

/// What the assembler has said, with the names of files as `go build` shows them.
fn complaint(p: &LoadedPackage, dir: &Path, stderr: &[u8]) -> String {
    let cwd = std::env::current_dir().unwrap_or_default();
    let shown = match dir.strip_prefix(&cwd) {
        Ok(inside) if inside.as_os_str().is_empty() => "./".to_string(),
        Ok(inside) => format!("{}/", inside.display()),
        Err(_) => format!("{}/", dir.display()),
    };
    let text = String::from_utf8_lossy(stderr);
    let long = format!("{}/", dir.display());
    // At the start of a line and behind a space, as `go build` does it.
    let lines: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| {
            let line = line.replace(&format!(" {long}"), &format!(" {shown}"));
            line.strip_prefix(&long)
                .map_or(line.clone(), |l| format!("{shown}{l}"))
        })
        .collect();
    format!("# {}\n{}", p.id(), lines.join("\n"))
}

/// A folder that is removed again.
struct Scratch(Folder);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gort-asm{}-{n}", std::process::id());
        let path = crate::environ::temp_dir().join(name);
        let folder = Folder::new(path.clone());
        folder
            .map(Scratch)
            .map_err(|e| Failure::Plain(format!("gort: {}: {e}", path.display())))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path().join(name);
        std::fs::write(&path, text)
            .map_err(|e| Failure::Plain(format!("gort: {}: {e}", path.display())))
    }
}
