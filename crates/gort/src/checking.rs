//! Packages are checked in parallel, each after its imports; the bodies of functions of GOROOT's packages, and of those that are known to
//! have no errors, only when lowering asks for them.
//!
//! What the threads do in which order shows nowhere: results are kept by the place of the package in the order of
//! loading.

use crate::cache::{self, KnownFiles};
use crate::request::{Failure, Request};
use gort_load::files::Digest;
use gort_load::{Loaded, LoadedPackage, Problem, Query};
use gort_lower::Bodies;
use gort_syntax::{Diagnostic, FileSet};
use gort_types::{Config, Importer, Info, ObjId, PackageCheck, PackageInput, PkgId, TypeStore};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// A checked package.
pub struct Unit {
    /// The package.
    pub pkg: PkgId,
    /// What was found out about its trees.
    pub info: Arc<Info<'static>>,
    /// Checks its bodies, unless they have been.
    on_demand: Option<Mutex<PackageCheck<'static>>>,
}

/// A checked program or package with its imports.
pub struct Checked {
    /// Types and objects.
    pub store: &'static TypeStore,
    /// Positions.
    pub files: &'static FileSet,
    /// The packages, imports first.
    pub loaded: &'static Loaded,
    /// The same, checked.
    pub units: Vec<Unit>,
}

impl Bodies for Checked {
    fn check(&self, bodies: &[(usize, ObjId)]) -> bool {
        let mut by_unit: BTreeMap<usize, Vec<ObjId>> = BTreeMap::new();
        for &(unit, func) in bodies {
            if self.units[unit].on_demand.is_some() {
                by_unit.entry(unit).or_default().push(func);
            }
        }
        let check = |(unit, funcs): (usize, Vec<ObjId>)| {
            let Some(check) = &self.units[unit].on_demand else {
                return true;
            };
            let mut check = check.lock().unwrap_or_else(|e| e.into_inner());
            funcs.into_iter().for_each(|f| check.check_body(f));
            check.diagnostics().is_empty()
        };
        match by_unit.len() {
            // For one, waking another thread would take longer.
            0 | 1 => by_unit.into_iter().all(check),
            // No short cut: which errors there are must not depend on who is first.
            _ => by_unit.into_par_iter().map(check).min().unwrap_or(true),
        }
    }
}

impl Checked {
    /// The errors that were found in bodies on demand.
    pub fn failure(&self) -> Option<Failure> {
        let mut packages = Vec::new();
        for (unit, p) in self.units.iter().zip(&self.loaded.packages) {
            let Some(check) = &unit.on_demand else {
                continue;
            };
            let check = check.lock().unwrap_or_else(|e| e.into_inner());
            if !check.diagnostics().is_empty() {
                packages.push((p.id(), check.diagnostics().to_vec()));
            }
        }
        let files = self.files;
        (!packages.is_empty()).then_some(Failure::Packages { packages, files })
    }
}

/// What became of a package.
struct Outcome {
    /// Nothing if it was not checked, because of errors in its syntax or in its imports.
    unit: Option<Unit>,
    diags: Vec<Diagnostic>,
}

/// The packages checked so far, as one package sees them.
struct Imports<'w> {
    package: &'static LoadedPackage,
    done: &'w [OnceLock<Outcome>],
}

impl Importer for Imports<'_> {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if path == "unsafe" {
            return Ok(PkgId::UNSAFE);
        }
        let dep = self.package.deps.iter().find(|d| d.0 == path);
        dep.and_then(|d| Some(self.done[d.1].get()?.unit.as_ref()?.pkg))
            .ok_or_else(|| format!("package {path} is not in std"))
    }
}

/// Check what has been loaded. What has no errors is put with what is known.
///
/// # Errors
/// The packages with errors, or what could not be found.
pub fn check_loaded(
    request: &Request,
    files: &'static FileSet,
    loaded: Loaded,
    known: Option<KnownFiles>,
) -> Result<Checked, Failure> {
    crate::front::warn(&loaded.warnings);
    crate::timings::step("checking types");
    let missing = Problem::Plain(gort_load::goroot::MISSING.into());
    if !loaded.problems.is_empty()
        && (!request.missing_imports || loaded.problems.contains(&missing))
    {
        let problems = loaded.problems;
        return Err(Failure::Load { problems, files });
    }
    let loaded: &'static Loaded = Box::leak(Box::new(loaded));
    let keys = match &known {
        Some(_) => cache::package_keys(loaded),
        None => Vec::new(),
    };
    let is_known = |key| known.as_ref().is_some_and(|k| k.has(key));
    let known_good = keys.iter().map(is_known).collect();
    let work = Work::new(request, files, loaded, known_good);
    rayon::scope(|s| {
        for i in work.first() {
            let work = &work;
            s.spawn(move |s| work.run(i, s));
        }
    });
    let store = work.store;
    let mut packages = Vec::new();
    let mut units = Vec::new();
    for (done, p) in work.done.into_iter().zip(&loaded.packages) {
        let outcome = done.into_inner().expect("imports are not circular");
        units.extend(outcome.unit);
        if !outcome.diags.is_empty() {
            packages.push((p.id(), outcome.diags));
        }
    }
    if !packages.is_empty() {
        return Err(Failure::Packages { packages, files });
    }
    if let Some(known) = known {
        // The language version of what is built may be that of a flag.
        let whole = |i: &usize| units[*i].on_demand.is_none() && !loaded.roots.contains(i);
        // Whether what a package takes by linkname is refused depends on whether it uses it.
        let takes = |i: &usize| {
            loaded.packages[*i]
                .files
                .iter()
                .any(|f| !f.directives.is_empty())
        };
        let whole = |i: &usize| whole(i) && !takes(i);
        let good: Vec<Digest> = (0..keys.len()).filter(whole).map(|i| keys[i]).collect();
        known.add(loaded, &good);
    }
    Ok(Checked {
        store,
        files,
        loaded,
        units,
    })
}

/// What the threads share.
struct Work<'r> {
    request: &'r Request,
    store: &'static TypeStore,
    files: &'static FileSet,
    loaded: &'static Loaded,
    /// Of each package whether it is known to have no errors.
    known_good: Vec<bool>,
    done: Vec<OnceLock<Outcome>>,
    /// How many packages each waits for.
    waits: Vec<AtomicUsize>,
    /// The packages that wait for each.
    users: Vec<Vec<usize>>,
}

impl<'r> Work<'r> {
    fn new(
        request: &'r Request,
        files: &'static FileSet,
        loaded: &'static Loaded,
        known_good: Vec<bool>,
    ) -> Work<'r> {
        let n = loaded.packages.len();
        let mut waits = Vec::new();
        let mut users = vec![Vec::new(); n];
        for i in 0..n {
            let mut before: Vec<usize> = before(loaded, i).collect();
            before.sort_unstable();
            before.dedup();
            waits.push(AtomicUsize::new(before.len()));
            before.into_iter().for_each(|j| users[j].push(i));
        }
        Work {
            request,
            store: Box::leak(Box::new(TypeStore::new())),
            files,
            loaded,
            known_good,
            done: (0..n).map(|_| OnceLock::new()).collect(),
            waits,
            users,
        }
    }

    /// The packages that wait for no other.
    fn first(&self) -> Vec<usize> {
        let free = |i: &usize| self.waits[*i].load(Ordering::Relaxed) == 0;
        (0..self.waits.len()).filter(free).collect()
    }

    /// Check a package, then those that waited for it alone.
    fn run<'s>(&'s self, i: usize, scope: &rayon::Scope<'s>) {
        let _ = self.done[i].set(self.check(i));
        for &j in &self.users[i] {
            if self.waits[j].fetch_sub(1, Ordering::AcqRel) == 1 {
                scope.spawn(move |s| self.run(j, s));
            }
        }
    }

    /// Check a package, if that makes sense.
    fn check(&self, i: usize) -> Outcome {
        let (loaded, request) = (self.loaded, self.request);
        let p = &loaded.packages[i];
        let root = loaded.roots.contains(&i);
        if !before(loaded, i).all(|j| self.good(j)) {
            return Outcome {
                unit: None,
                diags: Vec::new(),
            };
        }
        // Like gc: only real syntax errors keep the types from being checked.
        let fatal = p
            .diagnostics
            .iter()
            .any(|d| d.msg.starts_with("syntax error"))
            || p.files
                .iter()
                .any(|f| f.package.name == gort_syntax::Symbol::EMPTY);
        if fatal && !(root && request.keep_going) {
            return Outcome {
                unit: None,
                diags: p.diagnostics.clone(),
            };
        }
        let config: &'static Config = Box::leak(Box::new(Config {
            go_version: request.lang.filter(|_| root).unwrap_or(p.go),
            bodies: true,
            test_builtins: request.test_builtins && root,
            // As official Go does not say that a package is complete if it has files in assembly.
            allow_bodyless: p.standard || !request.runtime || !p.assembly.is_empty(),
        }));
        // Files named on the command line are a package of the name in their package clauses.
        let by_name = root && (p.name == "main" || matches!(request.query, Query::Files(_)));
        let importer = Imports {
            package: p,
            done: &self.done,
        };
        let input = PackageInput {
            path: if by_name { &p.name } else { &p.path },
            files: p.files,
            importer: &importer,
            config,
        };
        // Errors in bodies that nothing reaches must show as well, but those of GOROOT have none.
        let good = p.standard || self.known_good.get(i) == Some(&true);
        let (unit, mut diags) = if good && !root {
            let check = PackageCheck::new(self.store, self.files, input);
            let diags = check.diagnostics().to_vec();
            let unit = Unit {
                pkg: check.package(),
                info: check.info(),
                on_demand: Some(Mutex::new(check)),
            };
            (unit, diags)
        } else {
            let (pkg, info, diags) = gort_types::check_package(self.store, self.files, input);
            let unit = Unit {
                pkg,
                info: Arc::new(info),
                on_demand: None,
            };
            (unit, diags)
        };
        diags.splice(..0, p.diagnostics.iter().cloned());
        Outcome {
            unit: Some(unit),
            diags,
        }
    }

    /// Whether a package has no errors.
    fn good(&self, i: usize) -> bool {
        let outcome = self.done[i].get();
        outcome.is_some_and(|o| o.unit.is_some() && o.diags.is_empty())
    }
}

/// What is checked before a package: its imports; and, where it is a form for a test, its plain form, whose errors would
/// come again.
fn before(loaded: &'static Loaded, i: usize) -> impl Iterator<Item = usize> {
    let all = &loaded.packages;
    let p = &all[i];
    let plain = |j: &usize| all[*j].path == p.path && all[*j].for_test.is_none();
    let base = p.for_test.as_ref().and_then(|_| (0..i).find(plain));
    p.deps.iter().map(|d| d.1).chain(base)
}
