//! The import closure of the named packages, parsed.
//!
//! Loading goes in rounds: the packages that are wanted are found, read and parsed in parallel, and what they import
//! is wanted next. Problems are collected and do not stop it.

use crate::context::Context;
use crate::files::Digest;
use crate::instrument::{Candidate, Instrument};
use crate::loaded::{Import, LoadError, Loaded, LoadedPackage, Problem, Query, imports};
use crate::modules::Modules;
use crate::package::{self, FolderError, Source, Sources};
use crate::patterns::{self, Matches};
use crate::resolve::{self, Owner, Place};
use crate::{importcomment, mainmod, order, parse, variants};
use gort_syntax::{Diagnostic, FileSet};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const DEFAULT_GO: (u32, u32) = (1, 27);

/// What programs that use maps need besides.
pub(crate) const MAPS: &str = "internal/runtime/gortmap";

/// The import path of packages made of files named on the command line.
pub(crate) const FILES: &str = "command-line-arguments";

/// What a load takes besides the named packages.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// Packages that are loaded in any case: the runtime, for programs that will be compiled.
    pub always: &'o [&'o str],
    /// Whether the tests of the named packages are loaded: each package with test files comes a second time with them,
    /// with its external tests, and with copies of the packages in between.
    pub tests: bool,
    /// What puts other files in place of a package's own, if something does.
    pub instrument: Option<&'o Instrument<'o>>,
    /// Says by the digest of a file whether it is known to have no errors in its syntax: bodies in it may be read
    /// later.
    pub known: Option<&'o Known<'o>>,
}

/// Whether the file of a digest is known to have no errors.
pub type Known<'o> = dyn Fn(&Digest) -> bool + Sync + 'o;

/// Load the packages of `query`, those that are always needed and all they import.
///
/// # Errors
/// Import cycles, and a query that names nothing that can be read; other problems are in [`Loaded::problems`].
pub fn load(
    ctx: &Context,
    files: &FileSet,
    query: &Query,
    options: Options<'_>,
) -> Result<Loaded, LoadError> {
    let mut loader = Loader::new(ctx, files, query, options)?;
    let roots = loader.query(query)?;
    loader.closure(options.always)?;
    let mut all = roots.clone();
    if options.tests {
        all = variants::add_variants(&mut loader, &roots)?;
    }
    order::loaded(loader, &all)
}

/// What a query names, without loading it.
///
/// # Errors
/// What is wrong with the modules.
pub fn list(ctx: &Context, query: &Query) -> Result<Matches, LoadError> {
    let modules = mainmod::find(ctx, &start(ctx, query)).map_err(LoadError::plain)?;
    let Query::Patterns(list) = query else {
        return Ok(Matches::default());
    };
    Ok(patterns::expand(ctx, &modules, list))
}

/// A package of the graph.
pub(crate) struct Node {
    pub package: LoadedPackage,
    pub owner: Owner,
    /// What its files import.
    pub imports: Vec<Import>,
    /// The first package that imports it.
    pub parent: Option<usize>,
    /// What each import is, by path as written.
    pub deps: Vec<(String, usize)>,
}

/// The graph of packages while it grows.
pub(crate) struct Loader<'c> {
    pub ctx: &'c Context,
    pub files: &'c FileSet,
    pub modules: Modules,
    with_runtime: bool,
    /// Whether packages that consist of tests only are wanted.
    tests: bool,
    instrument: Option<&'c Instrument<'c>>,
    pub known: Option<&'c Known<'c>>,
    /// Whether the packages that are read are those of the command line.
    naming: bool,
    /// The test files among those named on the command line.
    named_tests: Vec<Source>,
    /// The packages that are needed in any case.
    pub needed: Vec<usize>,
    /// The first node whose imports have not been looked at.
    next: usize,
    /// Whether some package uses maps.
    maps: bool,
    pub nodes: Vec<Node>,
    /// Nodes by import path; variants for tests are not in it.
    pub by_path: HashMap<String, usize>,
    /// What import paths of the standard library have turned out to mean; a folder is looked at once.
    pub standard: Mutex<HashMap<String, Place>>,
    pub problems: Vec<Problem>,
    /// Uses of internal packages, which are reported after what cannot be found.
    pub internal: Vec<Problem>,
    pub warnings: Vec<String>,
}

/// A package that is wanted: where it is, who wants it first.
pub(crate) struct Wanted {
    pub place: Place,
    pub parent: Option<usize>,
    /// The path by which that imports it.
    pub written: String,
    pub literal: bool,
}

impl<'c> Loader<'c> {
    pub(crate) fn new(
        ctx: &'c Context,
        files: &'c FileSet,
        query: &Query,
        options: Options<'c>,
    ) -> Result<Self, LoadError> {
        let modules = mainmod::find(ctx, &start(ctx, query)).map_err(LoadError::plain)?;
        Ok(Loader {
            ctx,
            files,
            modules,
            standard: Mutex::default(),
            with_runtime: !options.always.is_empty(),
            tests: options.tests,
            instrument: options.instrument,
            known: options.known,
            naming: false,
            named_tests: Vec::new(),
            needed: Vec::new(),
            next: 0,
            maps: false,
            nodes: Vec::new(),
            by_path: HashMap::new(),
            problems: Vec::new(),
            internal: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Load the named packages themselves.
    pub(crate) fn query(&mut self, query: &Query) -> Result<Vec<usize>, LoadError> {
        self.naming = true;
        let roots = self.named(query);
        self.naming = false;
        roots
    }

    fn named(&mut self, query: &Query) -> Result<Vec<usize>, LoadError> {
        let list = match query {
            Query::Files(list) => return self.named_files(list).map(|n| vec![n]),
            Query::Patterns(list) => list,
        };
        let Matches {
            packages,
            warnings,
            errors,
        } = patterns::expand(self.ctx, &self.modules, list);
        self.warnings.extend(warnings);
        let errors = errors.into_iter().map(|(_, text)| Problem::Plain(text));
        self.problems.extend(errors);
        let mut wanted = Vec::new();
        for m in packages {
            match self.modules.ambiguous(&m.place) {
                Some(text) => self.problems.push(Problem::Plain(text)),
                None => wanted.push(Wanted {
                    place: m.place,
                    parent: None,
                    written: String::new(),
                    literal: m.literal,
                }),
            }
        }
        let roots = self.read(wanted);
        if roots.is_empty() && !self.problems.is_empty() {
            return Err(LoadError(std::mem::take(&mut self.problems)));
        }
        Ok(roots)
    }

    fn named_files(&mut self, list: &[PathBuf]) -> Result<usize, LoadError> {
        let mut sources = Vec::new();
        for f in list {
            let path = self.ctx.cwd.join(f);
            let bytes = crate::files::read(&path).map_err(|e| {
                LoadError::plain(format!("stat {}: {}", f.display(), package::io_text(&e)))
            })?;
            let source = Source { path, bytes };
            match f.to_string_lossy().ends_with("_test.go") {
                true => self.named_tests.push(source),
                false => sources.push(source),
            }
        }
        let dir = list[0]
            .parent()
            .map_or_else(|| self.ctx.cwd.clone(), |d| self.ctx.cwd.join(d));
        let owner = match dir.starts_with(self.ctx.src()) {
            true => Owner::Std,
            false => self.modules.owner_of_files(&dir),
        };
        let place = Place {
            path: FILES.into(),
            dir,
            owner,
        };
        let mut node = self.node(&place, sources, None).map_err(LoadError::plain)?;
        node.package.own = true;
        Ok(self.add(node))
    }

    /// Language version of the packages of an owner.
    pub(crate) fn go_version(&self, owner: Owner) -> (u32, u32) {
        self.modules.go_version(owner).unwrap_or(DEFAULT_GO)
    }

    /// Parse the files of a package, or those that stand in for them.
    pub(crate) fn node(
        &self,
        place: &Place,
        sources: Vec<Source>,
        parent: Option<usize>,
    ) -> Result<Node, String> {
        let has_maps = parse::mentions_maps(&sources)
            || !place.owner.is_goroot() && parse::mentions_linknames(&sources);
        if place.owner == Owner::Gopath
            && place.path != FILES
            && let Some(text) = importcomment::problem(place, &sources)
        {
            return Err(text);
        }
        let kept = self.instrument.map(|_| sources.clone());
        let mut parsed = parse::files(self.ctx, self.files, sources, place.owner, self.known);
        let own = match place.owner {
            Owner::Module(m) => m < self.modules.mains,
            owner => owner == Owner::Gopath && self.naming,
        };
        // What has errors in its syntax is not built.
        if let (Some(instrument), Some(sources)) = (self.instrument, kept)
            && let Some(first) = parsed.first()
            && parsed.iter().all(|p| p.diagnostics.is_empty())
        {
            let candidate = Candidate {
                place,
                name: first.file.package.name.as_str(),
                own: own || place.path == FILES,
                named: self.naming,
                files: place.path == FILES,
                sources: &sources,
            };
            if let Some(others) = instrument(&candidate)? {
                parsed = parse::files(self.ctx, self.files, others, place.owner, None);
            }
        }
        if !own && place.path != FILES {
            // As with CGO_ENABLED=0: files for cgo are left out. The user's own are refused by name.
            parsed.retain(|p| !parse::imports_c(&p.file));
        }
        let go = self.go_version(place.owner);
        let mut package = parse::package(place, parsed, go, has_maps);
        package.own = own;
        let imports = imports(package.files, &package.names);
        Ok(Node {
            package,
            owner: place.owner,
            imports,
            parent,
            deps: Vec::new(),
        })
    }

    pub(crate) fn add(&mut self, node: Node) -> usize {
        let i = self.nodes.len();
        if node.package.for_test.is_none() {
            self.by_path.insert(node.package.path.clone(), i);
        }
        self.nodes.push(node);
        i
    }

    /// The files of a folder.
    pub(crate) fn sources(&self, place: &Place, tests: bool) -> Result<Sources, FolderError> {
        if place.path == FILES {
            return Ok(Sources {
                tests: self.named_tests.clone(),
                ..Sources::default()
            });
        }
        if place.owner.is_goroot() {
            package::standard(self.ctx, &place.path, &place.dir, tests)
        } else {
            package::folder(self.ctx, &place.dir, tests)
        }
    }

    /// Read and parse packages, in parallel; the indices of those that can be read.
    fn read(&mut self, wanted: Vec<Wanted>) -> Vec<usize> {
        let nodes: Vec<Result<Node, FolderError>> = wanted
            .par_iter()
            .map(|w| {
                let sources = self.sources(&w.place, false)?;
                let only_tests = self.tests && w.parent.is_none() && sources.has_tests;
                if let Some(problem) = sources.problem(&w.place.dir).filter(|_| !only_tests) {
                    return Err(problem);
                }
                let node = self.node(&w.place, sources.files, w.parent);
                let mut node = node.map_err(FolderError::Unreadable)?;
                node.package.assembly = sources.assembly;
                if node.package.files.is_empty() && !only_tests {
                    return Err(FolderError::Excluded(w.place.dir.clone()));
                }
                match mixed(&node.package) {
                    Some(text) => Err(FolderError::Unreadable(text)),
                    None => Ok(node),
                }
            })
            .collect();
        let mut read = Vec::new();
        for (w, node) in wanted.iter().zip(nodes) {
            match node {
                Ok(node) => read.push(self.add(node)),
                Err(e) if e.is_empty() && !w.literal => {}
                Err(e) => {
                    let problem = self.folder_problem(w, &e);
                    self.problems.push(problem);
                }
            }
        }
        read
    }

    /// A folder without a package, as `go` words it: with the import, or the way of imports, that leads there.
    fn folder_problem(&self, w: &Wanted, e: &FolderError) -> Problem {
        let path = &w.place.path;
        Problem::Plain(match (w.parent, e) {
            (Some(parent), FolderError::Unreadable(text)) => {
                let mut imports = self.nodes[parent].imports.iter();
                let import = imports.find(|i| i.path == w.written);
                let pos = import.map_or(gort_syntax::Pos::NONE, |i| i.pos);
                let problem = Diagnostic::new(pos, "BrokenImport", text.clone());
                return Problem::Import(w.written.clone(), problem);
            }
            (Some(parent), e) => format!("{}\n\timports {path}: {e}", self.stack(parent)),
            (None, FolderError::Excluded(_)) => format!("package {path}: {e}"),
            (None, FolderError::OnlyTests(_)) => format!("{path}: {e}"),
            (None, e) => e.to_string(),
        })
    }

    /// `package a\n\timports b`: how a package is reached.
    pub(crate) fn stack(&self, node: usize) -> String {
        let mut chain = vec![node];
        while let Some(p) = self.nodes[chain[chain.len() - 1]].parent {
            chain.push(p);
        }
        let path = |&i: &usize| self.nodes[i].package.path.as_str();
        let names: Vec<&str> = chain.iter().rev().map(path).collect();
        format!("package {}", names.join("\n\timports "))
    }

    /// Load what the packages import, and what is needed in any case.
    pub(crate) fn closure(&mut self, always: &[&str]) -> Result<(), LoadError> {
        let mut extra: Vec<&str> = always.to_vec();
        while self.next < self.nodes.len() || !extra.is_empty() {
            let needed: Vec<String> = extra.iter().map(|p| p.to_string()).collect();
            let mut wanted: Vec<Wanted> = Vec::new();
            for path in extra.drain(..) {
                if !self.by_path.contains_key(path) {
                    let place = resolve::import(self.ctx, &self.modules, path, Owner::Std, None);
                    wanted.push(Wanted {
                        place: place.map_err(LoadError::plain)?,
                        parent: None,
                        written: String::new(),
                        literal: true,
                    });
                }
            }
            let mut open: Vec<(usize, String, String)> = Vec::new();
            while self.next < self.nodes.len() {
                let node = self.next;
                self.next += 1;
                if self.nodes[node].package.has_maps && self.with_runtime && !self.maps {
                    self.maps = true;
                    extra.push(MAPS);
                }
                self.resolve_imports(node, &mut wanted, &mut open);
            }
            wanted.sort_by(|a, b| a.place.path.cmp(&b.place.path));
            self.read(wanted);
            self.needed
                .extend(needed.iter().filter_map(|p| self.by_path.get(p)));
            for (node, written, path) in open {
                self.depend(node, written, &path);
            }
        }
        Ok(())
    }

    /// Note that a node imports the package of a path, if that could be read.
    fn depend(&mut self, node: usize, written: String, path: &str) {
        let Some(&dep) = self.by_path.get(path) else {
            return;
        };
        let importer = &self.nodes[node];
        let tested = importer.package.for_test.as_deref() == Some(path);
        if self.nodes[dep].package.name == "main" && !tested {
            let import = importer.imports.iter().find(|i| i.path == written);
            let text = format!("import {path:?} is a program, not an importable package");
            let pos = import.map_or(gort_syntax::Pos::NONE, |i| i.pos);
            let problem = Diagnostic::new(pos, "BrokenImport", text);
            self.problems.push(Problem::At(problem));
        }
        self.nodes[node].deps.push((written, dep));
    }

    /// Find out what the imports of a node mean: known packages become its dependencies, others are wanted.
    pub(crate) fn resolve_imports(
        &mut self,
        node: usize,
        wanted: &mut Vec<Wanted>,
        open: &mut Vec<(usize, String, String)>,
    ) {
        let imports = self.nodes[node].imports.clone();
        let owner = self.nodes[node].owner;
        for import in imports {
            let place = match self.resolve(node, owner, &import) {
                Ok(place) => place,
                Err(problem) => {
                    let at = |p: &Problem, test: fn(&Diagnostic) -> bool| matches!(p, Problem::Import(_, d) if test(d));
                    if at(&problem, |d| d.code == "InternalImport") {
                        self.internal.push(problem);
                    } else if at(&problem, |d| d.msg == crate::goroot::MISSING) {
                        // Every import of the standard library has this problem.
                        let once = Problem::Plain(crate::goroot::MISSING.into());
                        if !self.problems.contains(&once) {
                            self.problems.push(once);
                        }
                    } else {
                        self.problems.push(problem);
                    }
                    continue;
                }
            };
            if !self.by_path.contains_key(&place.path)
                && !wanted.iter().any(|w| w.place.path == place.path)
            {
                wanted.push(Wanted {
                    place: place.clone(),
                    parent: Some(node),
                    written: import.path.clone(),
                    literal: true,
                });
            }
            open.push((node, import.path, place.path));
        }
    }
}

/// Files of two packages in a folder, as `go` reports them.
fn mixed(p: &LoadedPackage) -> Option<String> {
    let base = |name: &str| name.rsplit('/').next().unwrap_or(name).to_string();
    let name = |i: usize| p.files[i].package.name.to_string();
    let other = (1..p.files.len()).find(|&i| !name(i).is_empty() && name(i) != p.name)?;
    Some(format!(
        "found packages {} ({}) and {} ({}) in {}",
        p.name,
        base(&p.names[0]),
        name(other),
        base(&p.names[other]),
        p.dir.display()
    ))
}

/// The folder that decides which module is the main one: the working folder, or where that is in no module, the named
/// folder.
fn start(ctx: &Context, query: &Query) -> PathBuf {
    let has_module = |d: &Path| {
        d.ancestors()
            .any(|d| crate::files::is_file(&d.join("go.mod")))
    };
    let named = match query {
        Query::Files(_) => None,
        Query::Patterns(list) => list
            .first()
            .filter(|p| patterns::is_local(p))
            .map(|p| PathBuf::from(p.split("...").next().unwrap_or("."))),
    };
    match named {
        Some(dir) if !has_module(&ctx.cwd) => resolve::clean(&ctx.cwd.join(dir)),
        _ => ctx.cwd.clone(),
    }
}
