//! What `go test` does before tests run: the analyzers of `cmd/vet` look at the package and its tests. `gortvet` does it
//! (`goroot/cmd/gortvet`), official Go's analyzers with a frame of gort's own, while the package is compiled.
//!
//! Rejected: `cmd/vet` itself. It takes types from files in the format of official Go's compiler; to have these, that
//! compiler would have to be built, and all imports compiled with it. What is known of imports is kept all the same
//! ([`crate::cache::TypeNames`]). Packages of GOROOT are not looked at: some of their
//! files are gort's.

use crate::cache::{self, TypeNames};
use crate::pipeline::{self, BuildFlags};
use crate::render::{quote, shown};
use crate::request::Failure;
use crate::tools;
use gort_load::{LoadedPackage, LoadedTests, files};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The analyzers that run unless others are named: those that are hardly ever wrong.
pub const DEFAULT: &[&str] = &[
    "atomic",
    "bools",
    "buildtag",
    "directive",
    "errorsas",
    "ifaceassert",
    "nilfunc",
    "printf",
    "slog",
    "stdversion",
    "stringintconv",
    "tests",
];

/// Analyzers at work.
pub struct Vetting {
    child: Child,
    /// The packages that are looked at: what events call them, and the heads of what is said of them.
    packages: Vec<(String, String)>,
}

impl Vetting {
    /// Let analyzers look at a package and its tests, if they are to.
    ///
    /// # Errors
    /// When the tool cannot be made or started.
    pub fn start(tests: &LoadedTests, flags: &BuildFlags) -> Result<Option<Vetting>, Failure> {
        let Some(analyzers) = &flags.vet else {
            return Ok(None);
        };
        let all = &tests.loaded.packages;
        if all[tests.package].standard {
            return Ok(None);
        }
        let Ok(goroot) = gort_load::goroot::find() else {
            return Ok(None);
        };
        let named = |i: &usize| !all[*i].files.is_empty();
        let package = Some(tests.package).filter(named);
        let looked_at: Vec<usize> = package.into_iter().chain(tests.external).collect();
        let mut packages = Vec::new();
        // The tool says things in its order, that of the list.
        for (i, p) in all
            .iter()
            .enumerate()
            .filter(|(i, _)| looked_at.contains(i))
        {
            let mut head = format!("# {}\n", p.path);
            if p.for_test.is_some() {
                let _ = writeln!(head, "# [{}]", p.path);
            }
            packages.push((all[i].id(), head));
        }
        let fail = |e: std::io::Error| Failure::Plain(format!("gort: vet: {e}"));
        let tool = tools::find_and_say("gortvet")?;
        let input = input(tests, &looked_at, &goroot, &tool);
        let mut command = Command::new(tool);
        command.args(analyzers);
        let line: Vec<&str> = analyzers.iter().map(String::as_str).collect();
        pipeline::step(flags, &format!("gortvet {}", line.join(" ")));
        if flags.n {
            return Ok(None);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(fail)?;
        if let Some(mut to) = child.stdin.take() {
            to.write_all(input.as_bytes()).map_err(fail)?;
        }
        Ok(Some(Vetting { child, packages }))
    }

    /// What they say.
    ///
    /// # Errors
    /// That, and what keeps them from it.
    pub fn end(mut self) -> Result<(), Failure> {
        let fail = |what: &str| Failure::Plain(format!("gort: vet: {what}"));
        let mut text = String::new();
        let read = self
            .child
            .stdout
            .take()
            .map(|mut s| s.read_to_string(&mut text));
        let status = self.child.wait().map_err(|e| fail(&e.to_string()))?;
        if !matches!(read, Some(Ok(_))) || !status.success() {
            return Err(fail(&status.to_string()));
        }
        let mut rest = text.as_str();
        let mut said = Vec::new();
        for (name, head) in &self.packages {
            let Some((length, tail)) = rest.split_once('\n') else {
                break;
            };
            let length = length.parse().unwrap_or(0);
            let (lines, tail) = tail
                .split_at_checked(length)
                .ok_or_else(|| fail("no end"))?;
            rest = tail;
            if !lines.is_empty() {
                said.push((name.clone(), format!("{head}{}", shortened(lines))));
            }
        }
        match said.is_empty() {
            true => Ok(()),
            false => Err(Failure::Said(said)),
        }
    }
}

impl Drop for Vetting {
    fn drop(&mut self) {
        // Ended already, or of no use any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Names of files as the working folder sees them.
fn shortened(text: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let here = format!("{}/", here.display());
    let line = |line: &str| match line.strip_prefix(&here) {
        Some(rest) => {
            let (file, rest) = rest.split_once(':').unwrap_or((rest, ""));
            format!("{}:{rest}", shown(&format!("./{file}")))
        }
        None => line.to_string(),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The packages that are not of GOROOT, as the tool reads them, and under which names it keeps what it learns of others.
fn input(tests: &LoadedTests, looked_at: &[usize], goroot: &Path, tool: &Path) -> String {
    let all = &tests.loaded.packages;
    // The main package of the test is gort's own.
    let written = |p: &LoadedPackage| {
        p.names
            .first()
            .is_some_and(|n| n.ends_with("/_testmain.go"))
    };
    let kept: Vec<usize> = (0..all.len())
        .filter(|&i| !all[i].standard && !written(&all[i]))
        .collect();
    let list = |paths: &mut dyn Iterator<Item = String>| {
        let quoted: Vec<String> = paths.map(|p| quote(&p)).collect();
        format!("[{}]", quoted.join(","))
    };
    let names_of_types = TypeNames::new(tool);
    let keys = match &names_of_types {
        Some(names) => names.of(all, looked_at),
        None => vec![None; all.len()],
    };
    let name_of = |i: usize| quote(keys[i].as_deref().unwrap_or_default());
    let library: Vec<String> = (0..all.len())
        .filter(|&i| all[i].standard)
        .map(|i| format!("{}:{}", quote(&all[i].path), name_of(i)))
        .collect();
    let mut sources = Vec::new();
    for &i in &kept {
        let p = &all[i];
        let place = |(path, dep): &(String, usize)| {
            let at = kept.iter().position(|k| k == dep)?;
            Some(format!("{}:{at}", quote(path)))
        };
        let imports: Vec<String> = p.deps.iter().filter_map(place).collect();
        let own: Vec<String> = names(p).collect();
        let (mut other, mut ignored) = (Vec::new(), Vec::new());
        if looked_at.contains(&i) {
            let known: BTreeSet<String> = looked_at.iter().flat_map(|&i| names(&all[i])).collect();
            let found = files::entries(&p.dir, files::Which::Sources).unwrap_or_default();
            for name in found.into_iter().map(|e| e.name) {
                let path = p.dir.join(&name).display().to_string();
                match name.ends_with(".go") {
                    true if !known.contains(&path) && !name.starts_with(['_', '.']) => {
                        ignored.push(path)
                    }
                    false if p.assembly.contains(&name) => other.push(path),
                    _ => {}
                }
            }
        }
        let (major, minor) = p.go;
        let module = gort_load::gomod::module_path(&p.dir).unwrap_or_default();
        sources.push(format!(
            "{{\"Path\":{},\"Files\":{},\"Digests\":{},\"Other\":{},\"Ignored\":{},\"Imports\":{{{}}},\"GoVersion\":\"go{major}.{minor}\",\"Module\":{},\"Vet\":{},\"Key\":{}}}",
            quote(&p.path),
            list(&mut own.into_iter()),
            list(&mut p.digests.iter().map(cache::hex)),
            list(&mut other.into_iter()),
            list(&mut ignored.into_iter()),
            imports.join(","),
            quote(&module),
            looked_at.contains(&i),
            name_of(i),
        ));
    }
    let (folder, base) = match names_of_types {
        Some(names) => (names.folder.display().to_string(), names.base()),
        None => Default::default(),
    };
    format!(
        "{{\"GOROOT\":{},\"Store\":{},\"Base\":{},\"Library\":{{{}}},\"Packages\":[{}]}}\n",
        quote(&goroot.display().to_string()),
        quote(&folder),
        quote(&base),
        library.join(","),
        sources.join(",")
    )
}

/// The files of a package, but for those that gort has written.
fn names(p: &LoadedPackage) -> impl Iterator<Item = String> + '_ {
    let base = |n: &String| {
        Path::new(n)
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
    };
    let bases = p.names.iter().filter_map(base);
    let own = bases.filter(|n| !n.starts_with('_'));
    own.map(|n| p.dir.join(n).display().to_string())
}
