//! From checked packages to an executable: lower, compile each package, link. The steps that `-x` prints.

use crate::assembling::{self, Assembled};
use crate::cache::{LoweredPacks, Packs, Settings};
use crate::checking::Checked;
use crate::cover::Cover;
use crate::embedded;
use crate::interrupt::Folder;
use crate::progress;
use crate::request::Failure;
use crate::timings;
use gort_codegen::Options;
use gort_link::{Input, LinkOptions, Role};
use gort_load::LoadedPackage;
use gort_lower::{Program, Unit};
use gort_syntax::Symbol;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What an executable goes without.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Strip {
    /// Debug information.
    pub debug: bool,
    /// The symbol table.
    pub symbols: bool,
}

/// Flags for the assembler: `-asmflags`.
#[derive(Clone, Default, Debug)]
pub struct AssemblerFlags {
    /// Whether they are for all packages, not for those that the command line names.
    pub all: bool,
    /// The flags.
    pub words: Vec<String>,
}

/// What a build prints and keeps.
#[derive(Clone, Default)]
pub struct BuildFlags {
    /// Print the steps.
    pub x: bool,
    /// Do not carry out the steps.
    pub n: bool,
    /// Build what is in the cache too.
    pub all: bool,
    /// Errors as JSON events.
    pub json: bool,
    /// Keep the work folder and print its name.
    pub work: bool,
    /// Print package names.
    pub v: bool,
    /// Print what the steps took.
    pub timings: bool,
    /// Show all errors.
    pub e: bool,
    /// Build tags.
    pub tags: Vec<String>,
    /// Write the IR to this folder: for people who work on gort.
    pub dump_ir: Option<String>,
    /// What the executable goes without: `-ldflags "-s -w"`.
    pub strip: Strip,
    /// Whether only open symbols of the library may be taken by linkname: not under `-ldflags=-checklinkname=0`.
    pub check_linkname: bool,
    /// Values of string variables: `-ldflags "-X pkg.name=value"`.
    pub variables: Vec<(String, String)>,
    /// File names in the executable do not say where it was built.
    pub trimpath: bool,
    /// What the assembler is told.
    pub assembler: AssemblerFlags,
    /// Analyzers that look at packages before they are tested: none named for all, nothing for none.
    pub vet: Option<Vec<String>>,
    /// What is covered.
    pub cover: Option<Cover>,
    /// Passes over the IR to leave out: to measure what they bring.
    pub passes_off: Vec<String>,
}

/// A folder for the files of a build, removed unless it is to be kept.
pub struct WorkFolder(Folder);

impl WorkFolder {
    /// Make one if the flags want files on disk.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(flags: &BuildFlags) -> Result<Option<WorkFolder>, Failure> {
        if !flags.x && !flags.work {
            return Ok(None);
        }
        let path = crate::environ::temp_dir().join(format!("gort-build{}", std::process::id()));
        let folder = Folder::new(path)
            .map_err(|e| Failure::Plain(format!("gort: creating work dir: {e}")))?;
        eprintln!("WORK={}", folder.path().display());
        if flags.work {
            folder.keep();
        }
        Ok(Some(WorkFolder(folder)))
    }
}

/// Compile and link a checked program; the bytes of the executable.
///
/// # Errors
/// Constructs that gort does not support, and problems of codegen and linker, which are gort's fault.
pub fn build(
    checked: &Checked,
    flags: &BuildFlags,
    work: Option<&WorkFolder>,
) -> Result<Vec<u8>, Failure> {
    let Compiled { objects, assembly } = compile(checked, flags, work)?;
    if flags.n {
        link_step(flags, objects.len());
        return Ok(Vec::new());
    }
    link(&objects, &assembly, flags, work)
}

/// What packages have become: name and object.
pub struct Compiled {
    /// An object a package.
    objects: Vec<(String, Vec<u8>)>,
    /// An object a file in assembly.
    assembly: Vec<(String, Vec<u8>)>,
}

/// Lower and compile: an object a package.
///
/// # Errors
/// As for [`build`].
pub fn compile(
    checked: &Checked,
    flags: &BuildFlags,
    work: Option<&WorkFolder>,
) -> Result<Compiled, Failure> {
    let packages = &checked.loaded.packages;
    check_main(checked, flags)?;
    if flags.n {
        for (i, p) in packages.iter().rev().enumerate() {
            compile_steps(flags, &format!("b{:03}", i + 1), p);
        }
        let nothing = packages.iter().map(|p| (p.path.clone(), Vec::new()));
        return Ok(Compiled {
            objects: nothing.collect(),
            assembly: Vec::new(),
        });
    }
    let is_main = |i: usize| i == checked.loaded.root && packages[i].name == "main";
    let path = |(i, p): (usize, &LoadedPackage)| match is_main(i) {
        true => "main".to_string(),
        false => p.path.clone(),
    };
    let paths: Vec<String> = packages.iter().enumerate().map(path).collect();
    timings::step("assembling");
    let assembled = assembling::assemble(checked, flags, &paths)?;
    timings::step("lowering the program to IR");
    let cwd = std::env::current_dir()
        .unwrap_or_default()
        .display()
        .to_string();
    // A function whose code is in the cache has no IR behind the passes.
    let packs = Packs::open(!flags.all).filter(|_| flags.dump_ir.is_none());
    // What people who work on gort look at is all made anew; so is everything where any package may put code in place of the
    // library's.
    let plain = flags.passes_off.is_empty() && flags.dump_ir.is_none() && flags.check_linkname;
    let settings = Settings {
        cwd: &cwd,
        trimpath: flags.trimpath,
    };
    let kept = packs
        .as_ref()
        .filter(|_| plain)
        .map(|p| LoweredPacks::open(p, checked.loaded, &paths, &settings));
    let all = checked.units.iter().zip(packages).enumerate();
    let units: Vec<Unit<'_>> = all
        .map(|(i, (unit, p))| Unit {
            pkg: unit.pkg,
            path: paths[i].clone(),
            files: p.files,
            info: &unit.info,
            standard: p.standard,
            keep: kept.as_ref().is_some_and(|k| k.keeps(i)),
        })
        .collect();
    let natives = native_symbols()?;
    let initial = crate::initial::initial(checked, flags)?;
    let shown_folders = if flags.trimpath {
        shown_folders(packages)
    } else {
        Vec::new()
    };
    let goroot = gort_load::goroot::find().ok();
    let open = |_: &str, symbol: &str| {
        let loaded = checked.loaded;
        !flags.check_linkname || gort_load::linkname::is_open(loaded, goroot.as_deref(), symbol)
    };
    let program = Program {
        open: &open,
        assembly: &assembled.assembly,
        store: checked.store,
        files: checked.files,
        units: &units,
        bodies: checked,
        cwd: &cwd,
        natives: &natives,
        shown_folders: &shown_folders,
        initial: &initial,
        kept: kept.as_ref().map(|k| k as _),
    };
    let lowered = gort_lower::lower(&program).map_err(|diags| {
        let unsupported = Failure::Source {
            package: packages[checked.loaded.root].path.clone(),
            diags,
            files: checked.files,
        };
        checked.failure().unwrap_or(unsupported)
    })?;
    let gort_lower::Lowered {
        mut modules,
        entries,
        known,
        new,
    } = lowered;
    if let Some(kept) = &kept {
        timings::step("writing to the cache");
        kept.write(new);
    }
    let roots = match packages[checked.loaded.root].name == "main" {
        true => needed_symbols(&assembled, &entries)?,
        false => Vec::new(),
    };
    timings::step("running the passes over the IR");
    let earlier = packs.as_ref().map(|p| p.of_passes(&modules));
    let plan = gort_ir::passes::Plan {
        off: &flags.passes_off,
        roots: &roots,
        earlier: earlier.as_ref().map(|e| e as _),
        lowered: Some(&known),
    };
    gort_ir::passes::run(&mut modules, &plan);
    if let Some(earlier) = earlier {
        timings::step("writing to the cache");
        earlier.write();
    }
    if let Some(folder) = &flags.dump_ir {
        dump(&modules, Path::new(folder))?;
    }
    if flags.v {
        packages.iter().for_each(|p| eprintln!("{}", p.path));
    }
    timings::step("generating machine code");
    let options = Options::default();
    let done = AtomicUsize::new(0);
    let object = |m: &gort_ir::Module| {
        let (n, all) = (done.fetch_add(1, Ordering::Relaxed) + 1, modules.len());
        progress::show(&format!(
            "generating machine code, {n} of {all} packages: {}",
            m.package
        ));
        let Some(packs) = &packs else {
            return gort_codegen::compile(m, &options);
        };
        let pack = packs.code(&m.package);
        let object = gort_codegen::compile_rest(m, &options, Some(&pack))?;
        packs.add(&pack, &object.kinds);
        Ok(object.bytes)
    };
    let objects: Result<Vec<(String, Vec<u8>)>, _> = modules
        .par_iter()
        .map(|m| object(m).map(|bytes| (m.package.clone(), bytes)))
        .collect();
    let objects = objects.map_err(|e| {
        Failure::Plain(format!(
            "gort: internal error: {e}\ngort: this is a bug in gort"
        ))
    })?;
    if let Some(work) = work {
        for (i, (_, bytes)) in objects.iter().rev().enumerate() {
            let dir = format!("b{:03}", i + 1);
            compile_steps(flags, &dir, &packages[packages.len() - 1 - i]);
            write(work, &format!("{dir}/_pkg_.a"), bytes)?;
        }
    }
    timings::step("assembling");
    let assembly = assembled.elf(&entries)?;
    Ok(Compiled { objects, assembly })
}

fn link(
    objects: &[(String, Vec<u8>)],
    assembly: &[(String, Vec<u8>)],
    flags: &BuildFlags,
    work: Option<&WorkFolder>,
) -> Result<Vec<u8>, Failure> {
    timings::step("linking");
    let mut inputs: Vec<Input<'_>> = objects
        .iter()
        .map(|(name, bytes)| Input {
            name,
            bytes,
            role: Role::Go,
        })
        .collect();
    inputs.extend(assembly.iter().map(|(name, bytes)| Input {
        name,
        bytes,
        role: Role::Assembly,
    }));
    inputs.extend(runtime_inputs());
    let options = LinkOptions {
        build_id_inputs: env!("CARGO_PKG_VERSION").into(),
        strip_debug: flags.strip.debug,
        strip_symbols: flags.strip.symbols,
        ..LinkOptions::default()
    };
    let linked = gort_link::link(&inputs, &options).map_err(|e| {
        Failure::Plain(format!(
            "gort: internal error: {e}\ngort: this is a bug in gort"
        ))
    })?;
    if let Some(work) = work {
        link_step(flags, objects.len());
        write(work, "b001/exe/a.out", &linked.bytes)?;
        let id: String = linked.build_id.iter().map(|b| format!("{b:02x}")).collect();
        step(flags, &format!("echo {id} # build ID"));
    }
    Ok(linked.bytes)
}

/// Writes the IR of each package to a file in `folder`.
fn dump(modules: &[gort_ir::Module], folder: &Path) -> Result<(), Failure> {
    let failed = |at: &Path, e| Failure::Plain(format!("gort: {}: {e}", at.display()));
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    for m in modules {
        let file = folder.join(format!("{}.ir", m.package.replace('/', "_")));
        std::fs::write(&file, gort_ir::print::module(m)).map_err(|e| failed(&file, e))?;
    }
    Ok(())
}

/// What official Go finds in a main package when it builds and links it.
fn check_main(checked: &Checked, flags: &BuildFlags) -> Result<(), Failure> {
    let root = &checked.loaded.packages[checked.loaded.root];
    let diags = crate::godebug::problems(checked);
    if !diags.is_empty() {
        return Err(Failure::Source {
            package: root.path.clone(),
            diags,
            files: checked.files,
        });
    }
    let package = checked
        .store
        .package(checked.units[checked.loaded.root].pkg);
    // That is the linker's, which -n does not run.
    if !flags.n && root.name == "main" && package.lookup(Symbol::intern("main")).is_none() {
        let text = "runtime.main_main·f: function main is undeclared in the main package";
        return Err(Failure::Plain(format!("# {}\n{text}", root.path)));
    }
    Ok(())
}

fn link_step(flags: &BuildFlags, objects: usize) {
    let parts: Vec<String> = (1..=objects)
        .map(|i| format!("$WORK/b{i:03}/_pkg_.a"))
        .collect();
    let runtime: Vec<&str> = embedded::RUNTIME_OBJECTS.iter().map(|o| o.0).collect();
    step(flags, "mkdir -p $WORK/b001/exe/");
    step(
        flags,
        &format!(
            "gort link -o $WORK/b001/exe/a.out -entry {} {} {}",
            LinkOptions::default().entry,
            parts.join(" "),
            runtime.join(" ")
        ),
    );
}

/// The steps that compile a package.
fn compile_steps(flags: &BuildFlags, dir: &str, package: &LoadedPackage) {
    step(flags, &format!("mkdir -p $WORK/{dir}/"));
    let names = package.names.join(" ");
    let path = &package.path;
    step(
        flags,
        &format!("gort compile -o $WORK/{dir}/_pkg_.a -p {path} {names}"),
    );
}

/// The runtime's objects as the linker takes them.
fn runtime_inputs<'a>() -> impl Iterator<Item = Input<'a>> {
    let objects = embedded::RUNTIME_OBJECTS.iter();
    objects.map(|&(name, bytes)| Input {
        name,
        bytes,
        role: Role::Runtime,
    })
}

/// Under `-trimpath`: import paths in place of folders.
fn shown_folders(packages: &[LoadedPackage]) -> Vec<(String, String)> {
    let shown = |p: &LoadedPackage| {
        // The folder of files that are named alone is empty or `.`.
        let dir = std::path::absolute(Path::new(".").join(&p.dir));
        let dir = dir.unwrap_or_else(|_| p.dir.clone());
        let path = match p.path.as_str() {
            "command-line-arguments" => ".",
            path => path,
        };
        let dir: PathBuf = dir.components().collect();
        (dir.display().to_string(), path.to_string())
    };
    packages.iter().map(shown).collect()
}

/// The functions that the runtime has in native code.
fn native_symbols() -> Result<FxHashSet<String>, Failure> {
    let inputs: Vec<Input<'_>> = runtime_inputs().collect();
    let symbols = gort_link::defined_symbols(&inputs);
    let symbols = symbols.map_err(|e| Failure::Plain(format!("gort: internal error: {e}")))?;
    Ok(symbols.into_iter().collect())
}

/// What the runtime's objects and assembly need from compiled code.
fn needed_symbols(
    assembled: &Assembled,
    entries: &FxHashMap<String, String>,
) -> Result<Vec<String>, Failure> {
    let inputs: Vec<Input<'_>> = runtime_inputs().collect();
    let mut needed = gort_link::undefined_symbols(&inputs)
        .map_err(|e| Failure::Plain(format!("gort: internal error: {e}")))?;
    needed.extend(assembled.needs().chain(entries.values()).cloned());
    Ok(needed)
}

/// Print a step under `-x`.
pub fn step(flags: &BuildFlags, line: &str) {
    if flags.x {
        eprintln!("{line}");
    }
}

fn write(work: &WorkFolder, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let mut path = work.0.path().to_path_buf();
    let problem =
        |path: &Path, e: std::io::Error| Failure::Plain(format!("gort: {}: {e}", path.display()));
    // Not the work folder itself: if that is gone, the command has been interrupted.
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    for folder in folders.split('/').filter(|f| !f.is_empty()) {
        path.push(folder);
        match std::fs::create_dir(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(problem(&path, e));
            }
            _ => {}
        }
    }
    path.push(file);
    std::fs::write(&path, bytes).map_err(|e| problem(&path, e))
}

/// Write an executable where it was asked for; folders that lack are made.
///
/// # Errors
/// As the go command words them.
pub fn install_executable(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::Plain(format!("gort: {}: {e}", folder.display())))?;
    write_executable(path, bytes)
}

/// Write an executable file.
///
/// # Errors
/// As the go command words them.
pub fn write_executable(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    if is_same(path, bytes) {
        return Ok(());
    }
    timings::step("writing the executable");
    let problem =
        |e: std::io::Error| Failure::Plain(format!("gort: writing {}: {e}", path.display()));
    // A running program's file cannot be written, but it can be replaced; a device must be left in place.
    if std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file()) {
        let _ = std::fs::remove_file(path);
    }
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o777)
        .open(path)
        .map_err(problem)?;
    std::io::Write::write_all(&mut file, bytes).map_err(problem)
}

/// Whether a file is this executable already; then its time is set, for those who compare times.
fn is_same(path: &Path, bytes: &[u8]) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(meta) = std::fs::symlink_metadata(path) else {
        return false;
    };
    let runs = meta.permissions().mode() & 0o111 == 0o111;
    if !meta.is_file() || !runs || meta.len() != bytes.len() as u64 {
        return false;
    }
    let Ok(file) = std::fs::File::options().read(true).append(true).open(path) else {
        return false;
    };
    std::fs::read(path).is_ok_and(|old| old == bytes)
        && file.set_modified(std::time::SystemTime::now()).is_ok()
}
