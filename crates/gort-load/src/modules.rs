//! The modules of a build, and which of them has a package.

use crate::context::Context;
use crate::files;
use crate::gomod::{self, ModFile, Module, Version};
use crate::gopath::Gopath;
use crate::modgraph::{self, Sources};
use crate::resolve::{self, Owner, Place};
use crate::vendor::Vendor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Said where a main module is needed and there is none.
const NO_MODULE: &str =
    "go: go.mod file not found in current directory or any parent directory; see 'go help modules'";

/// The modules of a build.
#[derive(Debug, Default)]
pub struct Modules {
    /// The main modules, then those that they require themselves.
    pub list: Vec<Module>,
    /// How many of them are main modules.
    pub mains: usize,
    /// The go.mod files of the main modules.
    pub files: Vec<ModFile>,
    /// The folder of go.work, if it is in force.
    pub workspace: Option<PathBuf>,
    /// The vendor folder in use, and why, unless a flag says so.
    pub vendor: Option<(Vendor, String)>,
    /// What there is instead of modules, if builds are without.
    pub gopath: Option<Gopath>,
    /// Where modules come from.
    pub sources: Sources,
    /// Modules that are required by dependencies alone, once they have been asked for; their indices go on where those
    /// of `list` end.
    pub further: OnceLock<Result<Vec<Module>, String>>,
}

impl Modules {
    /// A module by its index.
    pub fn get(&self, i: usize) -> &Module {
        let further = || match self.further.get() {
            Some(Ok(list)) => list.get(i - self.list.len()),
            _ => None,
        };
        self.list
            .get(i)
            .or_else(further)
            .expect("the index of a module")
    }

    /// Language version of the packages of an owner, if a go.mod states one.
    pub fn go_version(&self, owner: Owner) -> Option<(u32, u32)> {
        match owner {
            Owner::Module(m) => Some(self.get(m).go),
            _ => None,
        }
    }

    /// The module that files in a folder, named on the command line, belong to.
    pub fn owner_of_files(&self, dir: &Path) -> Owner {
        if self.gopath.is_some() {
            return Owner::Gopath;
        }
        let mains = &self.list[..self.mains];
        let inside = |m: &Module| dir.starts_with(m.dir());
        match mains.iter().position(inside) {
            Some(i) => Owner::Module(i),
            None if self.mains > 0 => Owner::Module(0),
            None => Owner::None,
        }
    }

    /// The package of an import path that the standard library does not have; `importer` is the path of the package
    /// that imports it.
    ///
    /// # Errors
    /// In the words of `go`.
    pub fn import(
        &self,
        ctx: &Context,
        path: &str,
        importer: Option<&str>,
    ) -> Result<Place, String> {
        if let Some((vendor, reason)) = &self.vendor {
            return self.vendored(ctx, path, vendor, reason);
        }
        let known = 0..self.list.len();
        if let Some(place) = self.provider(path, importer, known.map(|i| (i, &self.list[i])))? {
            return Ok(place);
        }
        let further = self
            .further
            .get_or_init(|| self.rest())
            .as_ref()
            .map_err(Clone::clone)?;
        let further = further
            .iter()
            .enumerate()
            .map(|(i, m)| (self.list.len() + i, m));
        match self.provider(path, importer, further)? {
            Some(place) => Ok(place),
            None => Err(self.missing(ctx, path)),
        }
    }

    /// The one module of some that has a package.
    fn provider<'m>(
        &self,
        path: &str,
        importer: Option<&str>,
        modules: impl Iterator<Item = (usize, &'m Module)>,
    ) -> Result<Option<Place>, String> {
        let mut could: Vec<_> = modules
            .filter_map(|(i, m)| Some((i, m, below(path, &m.path)?)))
            .collect();
        could.sort_by_key(|(_, m, _)| std::cmp::Reverse(m.path.len()));
        let mut found: Vec<(usize, PathBuf)> = Vec::new();
        for (i, m, rest) in could {
            let version = Version {
                path: m.path.clone(),
                version: m.version.clone(),
            };
            if i >= self.mains && !self.sources.has_sum(&version) {
                return Err(missing_sum(path, importer, &version));
            }
            let root = m.place.as_ref().map_err(Clone::clone)?;
            let dir = match rest {
                "" => root.clone(),
                rest => root.join(rest),
            };
            if resolve::has_go_files(&dir) && !leaves_module(root, &dir) {
                found.push((i, dir));
            }
        }
        if found.len() > 1 {
            let mut text = format!("ambiguous import: found package {path} in multiple modules:");
            for (i, dir) in found.iter().rev() {
                let m = self.get(*i);
                text.push_str(&format!("\n\t{} {} ({})", m.path, m.version, dir.display()));
            }
            return Err(text.replace("  (", " ("));
        }
        Ok(found.pop().map(|(i, dir)| Place {
            path: path.to_string(),
            dir,
            owner: Owner::Module(i),
        }))
    }

    fn vendored(
        &self,
        ctx: &Context,
        path: &str,
        vendor: &Vendor,
        reason: &str,
    ) -> Result<Place, String> {
        let mains = self.list[..self.mains].iter().enumerate();
        let dir = vendor.dir.join(path);
        let there = resolve::has_go_files(&dir);
        if let Some(place) = self.provider(path, None, mains)? {
            if there {
                return Err(in_both(path, &place.dir, &dir));
            }
            return Ok(place);
        }
        if let Some(&m) = vendor.packages.get(path)
            && there
        {
            return Ok(Place {
                path: path.to_string(),
                dir,
                owner: Owner::Module(self.mains + m),
            });
        }
        if resolve::is_std_form(path) {
            return Err(resolve::not_in_std(ctx, path));
        }
        let text = "import lookup disabled by -mod=vendor";
        Err(format!(
            "cannot find module providing package {path}: {text}{reason}"
        ))
    }

    /// Why a package that a folder of a main module names cannot be meant: another has its path.
    pub fn ambiguous(&self, place: &Place) -> Option<String> {
        if !matches!(place.owner, Owner::Module(m) if m < self.mains) {
            return None;
        }
        if let Some((vendor, _)) = &self.vendor {
            let dir = vendor.dir.join(&place.path);
            let there = resolve::has_go_files(&dir);
            return there.then(|| in_both(&place.path, &place.dir, &dir));
        }
        let known = self.list.iter().enumerate();
        let there = known.filter(|(i, m)| *i < self.mains || m.place.is_ok());
        self.provider(&place.path, None, there).err()
    }

    /// The modules beyond those that the main modules list.
    fn rest(&self) -> Result<Vec<Module>, String> {
        let selected = modgraph::select(&self.files, &self.sources)?;
        let mut out = Vec::new();
        for (path, version) in selected {
            match self.list[self.mains..].iter().find(|m| m.path == path) {
                Some(m) if m.version != version => {
                    return Err("go: updates to go.mod needed; to update it:\n\tgo mod tidy".into());
                }
                Some(_) => {}
                None => out.push(self.module(Version { path, version })),
            }
        }
        Ok(out)
    }

    /// A dependency.
    pub(crate) fn module(&self, m: Version) -> Module {
        let place = self.sources.place(&m);
        let go = match &place {
            Ok(_) => self.sources.language(&m),
            Err(_) => gomod::UNSTATED,
        };
        // A folder that replaces a module must be one itself.
        let place = place.and_then(|dir| match self.sources.folder(&m) {
            Some((_, r)) if !files::is_file(&dir.join("go.mod")) => {
                let (path, file) = (&r.new.path, dir.join("go.mod"));
                let short = path.strip_prefix("./").unwrap_or(path);
                let file = file.display();
                Err(format!(
                    "module {path}: reading {short}/go.mod: open {file}: no such file or directory"
                ))
            }
            _ => Ok(dir),
        });
        Module {
            path: m.path,
            version: m.version,
            place,
            go,
        }
    }

    /// The text about a package that nothing provides.
    fn missing(&self, ctx: &Context, path: &str) -> String {
        if resolve::is_std_form(path) {
            return resolve::not_in_std(ctx, path);
        }
        let mut replaced = self.sources.replace.iter();
        let unused = replaced.find(|r| {
            let dir = r.base.join(&r.new.path);
            let rest = below(path, &r.old.path);
            rest.is_some_and(|rest| resolve::has_go_files(&dir.join(rest)))
        });
        if let Some(r) = unused.filter(|r| !self.list.iter().any(|m| m.path == r.old.path)) {
            let (module, old) = (&r.old.path, &r.old);
            let text = "and is replaced but not required; to add it";
            return format!("module {module} provides package {path} {text}:\n\tgo get {old}");
        }
        if self.mains == 0 {
            let text = NO_MODULE.trim_start_matches("go: ");
            return format!("no required module provides package {path}: {text}");
        }
        format!("no required module provides package {path}; to add it:\n\tgo get {path}")
    }

    /// The package in a folder (a canonical path), named `arg` on the command line.
    ///
    /// # Errors
    /// A folder that no module of the build has.
    pub fn folder(&self, ctx: &Context, dir: &Path, arg: &str) -> Result<Place, String> {
        if self.mains == 0 {
            return Err(NO_MODULE.into());
        }
        let mut inner = None;
        for (i, m) in self.list.iter().enumerate() {
            let Ok(root) = files::canonical(m.dir()) else {
                continue;
            };
            let Ok(rest) = dir.strip_prefix(&root) else {
                continue;
            };
            let path = match rest.to_string_lossy() {
                rest if rest.is_empty() => m.path.clone(),
                rest => format!("{}/{rest}", m.path),
            };
            if leaves_module(&root, dir) {
                inner = Some((m, path));
                continue;
            }
            return Ok(Place {
                path,
                dir: dir.to_path_buf(),
                owner: Owner::Module(i),
            });
        }
        let shown = match arg.starts_with('/') {
            true => resolve::short(&ctx.cwd, Path::new(arg)),
            false => resolve::clean(Path::new(arg)).display().to_string(),
        };
        let (shown, it) = match shown.as_str() {
            "" | "." => (".".to_string(), "current directory".to_string()),
            _ => (shown.clone(), format!("directory {shown}")),
        };
        if self.workspace.is_some() {
            if gomod::find_up(dir, "go.mod").is_some() {
                return Err(format!(
                    "{it} is contained in a module that is not one of the workspace modules listed in go.work. You can add the module to the workspace using:\n\tgo work use {shown}"
                ));
            }
            return Err(format!(
                "{it} outside modules listed in go.work or their selected dependencies"
            ));
        }
        if let Some((m, path)) = inner {
            return Err(format!(
                "main module ({}) does not contain package {path}",
                m.path
            ));
        }
        Err(format!(
            "{it} outside main module or its selected dependencies"
        ))
    }

    /// Import paths and folders of the main modules' roots.
    pub fn roots(&self) -> impl Iterator<Item = (&str, PathBuf, usize)> {
        let mains = self.list[..self.mains].iter().enumerate();
        mains.map(|(i, m)| (m.path.as_str(), m.dir().to_path_buf(), i))
    }

    /// What messages call the main modules.
    pub fn scope(&self) -> &'static str {
        match self.workspace {
            Some(_) => "modules listed in go.work",
            None => "main module",
        }
    }
}

/// Whether an error is about which modules there are: one that downloading and go.mod may mend.
pub fn is_of_modules(text: &str) -> bool {
    const ERRORS: &[&str] = &[
        "is not in the module cache",
        "missing go.sum entry",
        "no required module provides package",
        "cannot find module providing package",
        "is replaced but not required",
        "updates to go.mod needed",
    ];
    ERRORS.iter().any(|e| text.contains(e))
}

fn in_both(path: &str, own: &Path, vendored: &Path) -> String {
    let text = format!("ambiguous import: found package {path} in multiple directories:");
    format!("{text}\n\t{}\n\t{}", own.display(), vendored.display())
}

fn missing_sum(path: &str, importer: Option<&str>, m: &Version) -> String {
    let text = format!("missing go.sum entry for module providing package {path}");
    match importer {
        Some(importer) => format!("{text} (imported by {importer}); to add:\n\tgo get {importer}"),
        None => format!("{text}; to add:\n\tgo mod download {}", m.path),
    }
}

/// Whether a folder below a module's root is of another module: a go.mod lies between.
fn leaves_module(root: &Path, dir: &Path) -> bool {
    let inner = dir
        .ancestors()
        .take_while(|d| *d != root && d.starts_with(root));
    inner.into_iter().any(|d| files::is_file(&d.join("go.mod")))
}

/// What of `path` is below `root`: empty for the root itself.
pub fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() {
        return Some("");
    }
    rest.strip_prefix('/')
}
