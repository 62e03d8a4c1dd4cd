//! Sources with counters. `cmd/cover` writes them, a file for each and one for the package: its counters, and a
//! description of what they count. What official Go's compiler would add is put into the latter: the package makes itself
//! known before anything of it runs. The number that it gets is a variable whose initialisation does that; all code that
//! counts uses the variable, so the order of initialisation is right by the rules of the language.

use super::Cover;
use crate::environ;
use crate::interrupt::Folder;
use crate::pipeline::{self, BuildFlags};
use crate::render::quote;
use crate::request::Failure;
use crate::tools;
use gort_load::files::{self, Digest};
use gort_load::package::Source;
use gort_load::{Candidate, gomod, patterns};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// How the file of a package's counters is called.
const VARIABLES: &str = "_cover.go";

/// Puts counters into packages.
pub struct Instrumenter<'f> {
    cover: &'f Cover,
    flags: &'f BuildFlags,
    tool: PathBuf,
    here: PathBuf,
    work: Folder,
    next: AtomicUsize,
    /// The packages so far, and the files that describe them; empty where there is nothing to cover.
    done: Mutex<BTreeMap<String, PathBuf>>,
    /// The patterns that have meant a package.
    matched: Mutex<BTreeSet<&'f str>>,
    /// Why a package is not covered, if there is one.
    refused: Mutex<Option<String>>,
}

impl<'f> Instrumenter<'f> {
    /// Make one for a build, if it is with coverage.
    ///
    /// # Errors
    /// When the tool cannot be made, or no folder for its files.
    pub fn new(flags: &'f BuildFlags) -> Result<Option<Instrumenter<'f>>, Failure> {
        let Some(cover) = &flags.cover else {
            return Ok(None);
        };
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let n = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("gort-cover{}-{n}", std::process::id());
        Ok(Some(Instrumenter {
            cover,
            flags,
            tool: tools::find_and_say("cover")?,
            here: std::env::current_dir().map_err(io)?,
            work: Folder::new(environ::temp_dir().join(name)).map_err(io)?,
            next: AtomicUsize::new(1),
            done: Mutex::default(),
            matched: Mutex::default(),
            refused: Mutex::default(),
        }))
    }

    /// The covered packages, and the files that describe them.
    pub fn described(&self) -> BTreeMap<String, PathBuf> {
        locked(&self.done).clone()
    }

    /// The patterns of `-coverpkg` that have meant no package.
    pub fn unmatched(&self) -> Vec<&'f str> {
        let matched = locked(&self.matched);
        let patterns = self.cover.patterns.iter().map(String::as_str);
        patterns.filter(|p| !matched.contains(p)).collect()
    }

    /// Why a package is not covered that should be.
    pub fn refusal(&self) -> Option<String> {
        locked(&self.refused).clone()
    }

    /// The folder of the descriptions.
    pub fn into_folder(self) -> Folder {
        self.work
    }

    /// Put counters into a package, if it is covered.
    ///
    /// # Errors
    /// What the tool says.
    pub fn instrument(&self, c: &Candidate<'_>) -> Result<Option<Vec<Source>>, String> {
        let patterns = self.cover.patterns.iter();
        let matched = patterns.filter(|p| patterns::means(p, &self.here, c.place));
        locked(&self.matched).extend(matched.map(String::as_str));
        match self.cover.covers(c, &self.here) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(text) => {
                locked(&self.refused).get_or_insert(text.clone());
                return Err(text);
            }
        }
        let path = c.place.path.as_str();
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let folder = self.work.path().join(format!("c{n:03}"));
        let io = |e: std::io::Error| format!("gort: {}: {e}", folder.display());
        std::fs::create_dir_all(&folder).map_err(io)?;
        let meta = folder.join(meta_name(path));
        // What a package of the library consists of is not on disk in all cases.
        let inputs = match c.place.owner.is_goroot() {
            false => c.sources.iter().map(|s| s.path.clone()).collect(),
            true => copies(c.sources, &folder.join("in")).map_err(io)?,
        };
        let outputs: Vec<PathBuf> = (0..=inputs.len())
            .map(|i| folder.join(format!("{i}.go")))
            .collect();
        let config = folder.join("pkgcfg.txt");
        let out_config = folder.join("coveragecfg");
        let mut text = String::new();
        let module = match c.place.owner.is_goroot() {
            true => None,
            false => gomod::module_path(&c.place.dir),
        };
        let _ = writeln!(
            text,
            "{{\"OutConfig\":{},\"PkgPath\":{},\"PkgName\":{},\"Granularity\":\"perblock\",\"ModulePath\":{},\"Local\":{},\"EmitMetaFile\":{}}}",
            quote(&out_config.display().to_string()),
            quote(path),
            quote(c.name),
            quote(&module.unwrap_or_default()),
            c.files,
            quote(&meta.display().to_string()),
        );
        std::fs::write(&config, text).map_err(io)?;
        let list = folder.join("coveroutfiles.txt");
        let lines = outputs.iter().map(|p| format!("{}\n", p.display()));
        std::fs::write(&list, lines.collect::<String>()).map_err(io)?;
        let prefix = prefix(path);
        let mut tool = Command::new(&self.tool);
        tool.arg("-pkgcfg").arg(&config);
        tool.args(["-mode", &self.cover.mode, "-var", &prefix]);
        tool.arg("-outfilelist").arg(&list).args(&inputs);
        tool.current_dir(&self.here).env_remove("GOCOVERDIR");
        pipeline::step(self.flags, &shown(&tool));
        let done = tool.output().map_err(io)?;
        if !done.status.success() {
            let text = String::from_utf8_lossy(&done.stderr);
            return Err(text.trim_end().to_string());
        }
        let mut covered = Vec::new();
        let variables = std::fs::read_to_string(&outputs[0]).map_err(io)?;
        let config = std::fs::read_to_string(&out_config).map_err(io)?;
        let hash = hash_of(&config).ok_or_else(|| format!("gort: no hash in {config}"))?;
        let hook = !self.cover.tests && c.name == "main";
        let text = registered(&variables, &prefix, path, &hash, &self.cover.mode, hook)
            .ok_or("gort: cmd/cover has written what gort does not know")?;
        covered.push(Source {
            path: c.place.dir.join(VARIABLES),
            bytes: text.into_bytes(),
        });
        for (source, output) in c.sources.iter().zip(&outputs[1..]) {
            let bytes = std::fs::read(output).map_err(io)?;
            // The first line says which file this is. It is parsed under that name in any case.
            let start = bytes
                .iter()
                .position(|b| *b == b'\n')
                .map_or(0, |at| at + 1);
            covered.push(Source {
                path: source.path.clone(),
                bytes: bytes[start..].to_vec(),
            });
        }
        locked(&self.done).insert(path.into(), meta);
        Ok(Some(covered))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// How official Go calls the file that describes a package.
pub fn meta_name(path: &str) -> String {
    format!("covmeta.{}", hex(&files::digest(path.as_bytes())))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// What the names of the variables in a package start with.
fn prefix(path: &str) -> String {
    let digest: Digest = files::digest(path.as_bytes());
    format!("goCover_{}_", hex(&digest[..6]))
}

fn copies(sources: &[Source], folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let copy = |s: &Source| {
        let file = folder.join(s.path.file_name().unwrap_or_default());
        std::fs::write(&file, &s.bytes).map(|()| file)
    };
    sources.iter().map(copy).collect()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|w| w.to_string_lossy()).collect();
    words.join(" ")
}

/// The hash in what the tool writes for the compiler, as bytes.
fn hash_of(config: &str) -> Option<Vec<u8>> {
    let text = config.split_once("\"MetaHash\":\"")?.1.get(..32)?;
    let byte = |i: usize| u8::from_str_radix(text.get(i..i + 2)?, 16).ok();
    (0..16).map(|i| byte(2 * i)).collect()
}

/// The file of a package's counters, with its registration.
fn registered(
    text: &str,
    prefix: &str,
    path: &str,
    hash: &[u8],
    mode: &str,
    hook: bool,
) -> Option<String> {
    let number = format!("\nvar {prefix}P uint32\n");
    let (clause, rest) = text.split_once(&number)?;
    let name = clause.trim().strip_prefix("package ")?;
    let mut out = format!(
        "package {name}\n\nimport (\n\t{prefix}rtcov \"internal/coverage/rtcov\"\n\t{prefix}unsafe \"unsafe\"\n"
    );
    if hook {
        let _ = writeln!(out, "\t{prefix}cfile \"internal/coverage/cfile\"");
    }
    out.push_str(")\n\n");
    // A counter's line: var NAME [N]uint32
    let counters = rest.lines().filter_map(|line| {
        let (name, typ) = line.strip_prefix("var ")?.split_once(' ')?;
        let length: u32 = typ
            .strip_prefix('[')?
            .strip_suffix("]uint32")?
            .parse()
            .ok()?;
        Some((name, length))
    });
    let _ = writeln!(out, "var {prefix}L = [...]{prefix}rtcov.CovCounterBlob{{");
    for (name, length) in counters {
        let _ = writeln!(out, "\t{{Counters: &{name}[0], Len: {length}}},");
    }
    let mode = match mode {
        "set" => 1,
        "count" => 2,
        _ => 3,
    };
    let hash: Vec<String> = hash.iter().map(u8::to_string).collect();
    let _ = writeln!(
        out,
        "}}\n\nvar {prefix}P = {prefix}rtcov.Register({prefix}unsafe.Pointer(&{prefix}M), uint32(len({prefix}M)), [16]byte{{{}}}, {}, {mode}, 1, {prefix}L[:])",
        hash.join(", "),
        quote(path),
    );
    if hook {
        // The first init function of the package, after its variables: those of all others have been initialised.
        let _ = writeln!(out, "\nfunc init() {{ {prefix}cfile.InitHook(false) }}");
    }
    out.push('\n');
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_registers_its_counters() {
        let text = "\npackage p\n\n\nvar X_P uint32\nvar X_0 [5]uint32\nvar X_1 [4]uint32\nvar X_M = [...]byte{\n 0x1,}\n";
        let out = registered(text, "X_", "m/p", &[7; 16], "count", false).unwrap();
        assert!(out.starts_with("package p\n"));
        assert!(out.contains("\t{Counters: &X_0[0], Len: 5},\n\t{Counters: &X_1[0], Len: 4},\n}"));
        assert!(out.contains("7, 7}, \"m/p\", 2, 1, X_L[:])"));
        assert!(out.ends_with("var X_M = [...]byte{\n 0x1,}\n"));
        assert!(!out.contains("InitHook"));
    }

    #[test]
    fn the_hash_is_found() {
        let config = "{\"MetaLen\":3,\"MetaHash\":\"000102030405060708090a0b0c0d0eff\",\"X\":1}";
        assert_eq!(hash_of(config).unwrap()[14..], [14, 255]);
        assert_eq!(hash_of("{}"), None);
    }
}
