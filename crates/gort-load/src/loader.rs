//! The import closure of the named packages, parsed, in dependency order.
//!
//! Sources and trees live until the process ends (they are leaked on purpose: a build is one pass and
//! every later phase refers to them), so all trees are `'static`.

use crate::context::Context;
use crate::gomod::{self, Module};
use crate::package::{self, Source};
use bumpalo::Bump;
use gort_syntax::ast::{Decl, File};
use gort_syntax::{Diagnostic, FileSet, Pos};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What to load.
#[derive(Clone, Debug)]
pub enum Query {
    /// Go files as one package, named `command-line-arguments`.
    Files(Vec<PathBuf>),
    /// A folder, relative to the working folder.
    Folder(PathBuf),
    /// An import path.
    Path(String),
}

/// A package, parsed.
#[derive(Debug)]
pub struct LoadedPackage {
    /// Import path; `command-line-arguments` for a list of files.
    pub path: String,
    /// Name in the package clause.
    pub name: String,
    /// Folder of its files.
    pub dir: PathBuf,
    /// Parsed files, by name.
    pub files: Vec<File<'static>>,
    /// File names as messages show them.
    pub names: Vec<String>,
    /// Paths of its imports.
    pub imports: Vec<String>,
    /// Syntax errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it is of the standard library or the overlay.
    pub standard: bool,
    /// Language version.
    pub go: (u32, u32),
    /// Whether its source may use maps.
    pub has_maps: bool,
}

/// The result: packages so that each comes after its imports.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All packages of the closure.
    pub packages: Vec<LoadedPackage>,
    /// Index of the named package.
    pub root: usize,
    /// Its module, if it is in one.
    pub module: Option<Module>,
}

/// Why loading failed.
#[derive(Debug)]
pub enum LoadError {
    /// A message without position.
    Plain(String),
    /// Errors at positions: import lines that cannot be resolved, cycles.
    At(Vec<Diagnostic>),
}

const DEFAULT_GO: (u32, u32) = (1, 27);

/// Load the package of `query`, the packages in `always` (the runtime) and all they import.
///
/// # Errors
/// Files that cannot be read, imports that cannot be resolved, import cycles.
pub fn load(
    ctx: &Context,
    files: &FileSet,
    query: &Query,
    always: &[&str],
) -> Result<Loaded, LoadError> {
    let start = match query {
        Query::Files(list) => list
            .first()
            .and_then(|f| f.parent())
            .unwrap_or(Path::new("."))
            .to_path_buf(),
        Query::Folder(dir) => dir.clone(),
        Query::Path(_) => ctx.cwd.clone(),
    };
    let start = ctx.cwd.join(start);
    let module = gomod::find(&start).map_err(LoadError::Plain)?;
    let with_runtime = !always.is_empty();
    let mut loader = Loader {
        with_runtime,
        ctx,
        files,
        module,
        packages: Vec::new(),
        by_path: HashMap::new(),
    };
    let root = loader.named(query)?;
    let root_path = root.path.clone();
    loader.closure(root, always)?;
    let mut loaded = loader.sorted()?;
    loaded.root = loaded
        .packages
        .iter()
        .position(|p| p.path == root_path)
        .expect("root is loaded");
    Ok(loaded)
}

/// What programs that use maps need besides.
const MAPS: &str = "internal/runtime/gortmap";

struct Loader<'c> {
    with_runtime: bool,
    ctx: &'c Context,
    files: &'c FileSet,
    module: Option<Module>,
    packages: Vec<LoadedPackage>,
    by_path: HashMap<String, usize>,
}

struct Found {
    path: String,
    dir: PathBuf,
    sources: Vec<Source>,
    standard: bool,
    go: (u32, u32),
}

impl Loader<'_> {
    fn named(&self, query: &Query) -> Result<LoadedPackage, LoadError> {
        let go = self
            .module
            .as_ref()
            .and_then(|m| m.go)
            .unwrap_or(DEFAULT_GO);
        let found = match query {
            Query::Files(list) => {
                let sources: Result<Vec<Source>, String> = list
                    .iter()
                    .map(|f| {
                        let path = self.ctx.cwd.join(f);
                        let bytes = std::fs::read(&path).map_err(|_| {
                            format!(
                                "no required module provides package {}; to add it:\n\tgo get {0}",
                                f.display()
                            )
                        })?;
                        Ok(Source { path, bytes })
                    })
                    .collect();
                let dir = list[0]
                    .parent()
                    .map_or_else(|| self.ctx.cwd.clone(), |d| self.ctx.cwd.join(d));
                let sources = sources.map_err(LoadError::Plain)?;
                Found {
                    path: "command-line-arguments".into(),
                    dir,
                    sources,
                    standard: false,
                    go,
                }
            }
            Query::Folder(dir) => {
                let dir = self.ctx.cwd.join(dir);
                let dir = dir.canonicalize().map_err(|_| {
                    LoadError::Plain(format!("directory {} not found", dir.display()))
                })?;
                let path = self.import_path_of(&dir)?;
                let sources = package::folder(self.ctx, &dir).map_err(LoadError::Plain)?;
                Found {
                    path,
                    dir,
                    sources,
                    standard: false,
                    go,
                }
            }
            Query::Path(path) => self.find(path).map_err(LoadError::Plain)?,
        };
        Ok(self.parse(found))
    }

    fn import_path_of(&self, dir: &Path) -> Result<String, LoadError> {
        let src = self.ctx.src();
        if let Ok(rest) = dir.strip_prefix(&src) {
            return Ok(rest.to_string_lossy().into_owned());
        }
        let Some(m) = &self.module else {
            return Err(LoadError::Plain("go: go.mod file not found in current directory or any parent directory; see 'go help modules'".into()));
        };
        let mdir = m.dir.canonicalize().unwrap_or_else(|_| m.dir.clone());
        let rest = dir.strip_prefix(&mdir).unwrap_or(Path::new(""));
        Ok(if rest.as_os_str().is_empty() {
            m.path.clone()
        } else {
            format!("{}/{}", m.path, rest.display())
        })
    }

    /// Read the package of an import path; the error is worded as `go` words it.
    fn find(&self, path: &str) -> Result<Found, String> {
        if path == "C" {
            return Err("cgo is not supported by gort yet".into());
        }
        if let Some(sources) = package::overlay(self.ctx, path) {
            let dir = self.std_path(path);
            return Ok(Found {
                path: path.into(),
                dir,
                sources,
                standard: true,
                go: DEFAULT_GO,
            });
        }
        if let Some(m) = &self.module {
            let rest = if path == m.path {
                Some("")
            } else {
                path.strip_prefix(&format!("{}/", m.path))
            };
            if let Some(rest) = rest {
                let dir = m.dir.join(rest);
                if !dir.is_dir() {
                    return Err(format!(
                        "package {path} is not in std ({})",
                        self.std_dir(path)
                    ));
                }
                let sources = package::folder(self.ctx, &dir)?;
                return Ok(Found {
                    path: path.into(),
                    dir,
                    sources,
                    standard: false,
                    go: m.go.unwrap_or(DEFAULT_GO),
                });
            }
        }
        if self.ctx.goroot.is_none() {
            return Err(crate::goroot::MISSING.to_string());
        }
        let dir = self.std_path(path);
        if dir.is_dir() {
            let sources = package::standard(self.ctx, path, &dir)?;
            return Ok(Found {
                path: path.into(),
                dir,
                sources,
                standard: true,
                go: DEFAULT_GO,
            });
        }
        // What the standard library itself vendors.
        let vendored = self.ctx.src().join("vendor").join(path);
        if vendored.is_dir() {
            let sources = package::standard(self.ctx, path, &vendored)?;
            return Ok(Found {
                path: path.into(),
                dir: vendored,
                sources,
                standard: true,
                go: DEFAULT_GO,
            });
        }
        if path
            .split('/')
            .next()
            .is_some_and(|first| first.contains('.'))
        {
            return Err(format!(
                "no required module provides package {path}; to add it:\n\tgo get {path}"
            ));
        }
        Err(format!(
            "package {path} is not in std ({})",
            self.std_dir(path)
        ))
    }

    fn std_path(&self, path: &str) -> PathBuf {
        self.ctx.src().join(path)
    }

    fn std_dir(&self, path: &str) -> String {
        self.std_path(path).display().to_string()
    }

    fn parse(&self, found: Found) -> LoadedPackage {
        let has_maps = found
            .sources
            .iter()
            .any(|s| s.bytes.windows(4).any(|w| w == b"map["));
        let parsed: Vec<_> = found
            .sources
            .into_par_iter()
            .map(|s| {
                let name = shown_name(&self.ctx.cwd, &s.path, found.standard);
                let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
                let bytes: &'static [u8] = Box::leak(s.bytes.into_boxed_slice());
                let (file, diags) = gort_syntax::parse_file(
                    arena,
                    self.files,
                    &name,
                    bytes,
                    gort_syntax::Mode::Full,
                );
                (name, file, diags)
            })
            .collect();
        let mut p = LoadedPackage {
            path: found.path,
            name: String::new(),
            dir: found.dir,
            files: Vec::new(),
            names: Vec::new(),
            imports: Vec::new(),
            diagnostics: Vec::new(),
            standard: found.standard,
            go: found.go,
            has_maps,
        };
        for (name, file, diags) in parsed {
            p.names.push(name);
            p.diagnostics.extend(diags);
            p.files.push(file);
        }
        p.name = p
            .files
            .first()
            .map_or(String::new(), |f| f.package.name.to_string());
        for f in &p.files {
            for (path, _) in imports(f) {
                if path != "unsafe" && !p.imports.contains(&path) {
                    p.imports.push(path);
                }
            }
        }
        p
    }

    fn closure(&mut self, root: LoadedPackage, always: &[&str]) -> Result<(), LoadError> {
        let mut wanted: Vec<(String, Pos)> =
            always.iter().map(|p| (p.to_string(), Pos::NONE)).collect();
        self.add(root, &mut wanted);
        while !wanted.is_empty() {
            let mut batch = std::mem::take(&mut wanted);
            batch.sort_by(|a, b| a.0.cmp(&b.0));
            batch.dedup_by(|a, b| a.0 == b.0);
            batch.retain(|(p, _)| !self.by_path.contains_key(p));
            let loaded: Vec<Result<LoadedPackage, Diagnostic>> = batch
                .par_iter()
                .map(|(path, pos)| {
                    self.find(path)
                        .map(|f| self.parse(f))
                        .map_err(|e| Diagnostic::new(*pos, "BrokenImport", e))
                })
                .collect();
            let mut errors = Vec::new();
            for r in loaded {
                match r {
                    Ok(p) => self.add(p, &mut wanted),
                    Err(d) => errors.push(d),
                }
            }
            // Without the runtime nothing is built: the checker reports what cannot be imported.
            if !errors.is_empty() && self.with_runtime {
                return Err(LoadError::At(errors));
            }
        }
        Ok(())
    }

    fn add(&mut self, p: LoadedPackage, wanted: &mut Vec<(String, Pos)>) {
        for f in &p.files {
            wanted.extend(imports(f).into_iter().filter(|(path, _)| path != "unsafe"));
        }
        if p.has_maps && self.with_runtime {
            wanted.push((MAPS.to_string(), Pos::NONE));
        }
        self.by_path.insert(p.path.clone(), self.packages.len());
        self.packages.push(p);
    }

    /// Imports before importers; among the ready ones by path, so that the order is stable.
    fn sorted(self) -> Result<Loaded, LoadError> {
        let mut order: Vec<usize> = Vec::new();
        let mut state = vec![0u8; self.packages.len()];
        let mut roots: Vec<usize> = (0..self.packages.len()).collect();
        // The runtime and what maps need are initialised before everything else.
        let early = |i: usize| !matches!(self.packages[i].path.as_str(), "runtime" | MAPS);
        roots.sort_by(|&a, &b| {
            (early(a), &self.packages[a].path).cmp(&(early(b), &self.packages[b].path))
        });
        for r in roots {
            self.visit(r, &mut state, &mut order, &mut Vec::new())?;
        }
        let mut slots: Vec<Option<LoadedPackage>> = self.packages.into_iter().map(Some).collect();
        let packages = order
            .into_iter()
            .map(|i| slots[i].take().expect("visited once"))
            .collect();
        Ok(Loaded {
            packages,
            root: 0,
            module: self.module,
        })
    }

    fn visit(
        &self,
        i: usize,
        state: &mut [u8],
        order: &mut Vec<usize>,
        path: &mut Vec<usize>,
    ) -> Result<(), LoadError> {
        if state[i] == 2 {
            return Ok(());
        }
        path.push(i);
        if state[i] == 1 {
            let start = path.iter().position(|&p| p == i).unwrap_or(0);
            let mut text = format!("package {}\n", self.packages[path[0]].path);
            for &p in &path[start.max(1)..] {
                text.push_str(&format!("\timports {}\n", self.packages[p].path));
            }
            let text = text.trim_end().to_string() + ": import cycle not allowed";
            return Err(LoadError::Plain(text));
        }
        state[i] = 1;
        let mut imports: Vec<usize> = self.packages[i]
            .imports
            .iter()
            .filter_map(|p| self.by_path.get(p).copied())
            .collect();
        imports.sort_by(|&a, &b| self.packages[a].path.cmp(&self.packages[b].path));
        for j in imports {
            self.visit(j, state, order, path)?;
        }
        state[i] = 2;
        path.pop();
        order.push(i);
        Ok(())
    }
}

/// Import paths of a file with their positions; paths that are not valid literals are left to the checker.
fn imports(f: &File<'_>) -> Vec<(String, Pos)> {
    let decls = f.decls.iter();
    decls
        .filter_map(|d| match d {
            Decl::Import(i) => Some((i.path.trim_matches(['"', '`']).to_string(), i.path_pos)),
            _ => None,
        })
        .collect()
}

/// A file name as the go command prints it: `./x.go` for files below the working folder.
fn shown_name(cwd: &Path, path: &Path, standard: bool) -> String {
    if standard {
        return path.display().to_string();
    }
    match path.strip_prefix(cwd) {
        Ok(rest) => format!("./{}", rest.display()),
        Err(_) => path.display().to_string(),
    }
}
