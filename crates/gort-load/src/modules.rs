//! The modules of a build, and which of them has a package.

use crate::context::Context;
use crate::gomod::{self, Module};
use crate::resolve::{self, Owner, Place};
use std::path::{Path, PathBuf};

/// Said where a main module is needed and there is none.
const NO_MODULE: &str =
    "go: go.mod file not found in current directory or any parent directory; see 'go help modules'";

/// The modules of a build.
#[derive(Debug, Default)]
pub struct Modules {
    /// All modules, the main ones first.
    pub list: Vec<Module>,
    /// How many of them are main modules.
    pub mains: usize,
}

impl Modules {
    /// The modules that a command started in `start` works with.
    ///
    /// # Errors
    /// What is wrong with a go.mod file.
    pub fn find(start: &Path) -> Result<Modules, String> {
        let list: Vec<Module> = gomod::find(start)?.into_iter().collect();
        Ok(Modules {
            mains: list.len(),
            list,
        })
    }

    /// Language version of the packages of an owner, if a go.mod states one.
    pub fn go_version(&self, owner: Owner) -> Option<(u32, u32)> {
        match owner {
            Owner::Module(m) => self.list[m].go,
            _ => None,
        }
    }

    /// The module that files named on the command line belong to.
    pub fn owner_of_files(&self) -> Owner {
        if self.mains > 0 {
            Owner::Module(0)
        } else {
            Owner::None
        }
    }

    /// The package of an import path that the standard library does not have.
    ///
    /// # Errors
    /// In the words of `go`.
    pub fn import(&self, ctx: &Context, path: &str) -> Result<Place, String> {
        for (i, m) in self.list.iter().enumerate() {
            let Some(rest) = below(path, &m.path) else {
                continue;
            };
            let dir = m.dir.join(rest);
            if resolve::has_go_files(&dir) {
                return Ok(Place {
                    path: path.to_string(),
                    dir,
                    owner: Owner::Module(i),
                });
            }
        }
        Err(self.missing(ctx, path))
    }

    /// The text about a package that nothing provides.
    fn missing(&self, ctx: &Context, path: &str) -> String {
        let main = self.list[..self.mains].iter();
        let own = main.into_iter().any(|m| below(path, &m.path).is_some());
        if resolve::is_std_form(path) && !own {
            return resolve::not_in_std(ctx, path);
        }
        if self.mains == 0 {
            return format!(
                "no required module provides package {path}: go.mod file not found in current directory or any parent directory; see 'go help modules'"
            );
        }
        format!("no required module provides package {path}; to add it:\n\tgo get {path}")
    }

    /// The package in a folder (a canonical path), named `arg` on the command line.
    ///
    /// # Errors
    /// A folder that no main module has.
    pub fn folder(&self, ctx: &Context, dir: &Path, arg: &str) -> Result<Place, String> {
        if self.mains == 0 {
            return Err(NO_MODULE.into());
        }
        for (i, m) in self.list[..self.mains].iter().enumerate() {
            let root = m.dir.canonicalize().unwrap_or_else(|_| m.dir.clone());
            let Ok(rest) = dir.strip_prefix(&root) else {
                continue;
            };
            let path = match rest.to_string_lossy() {
                rest if rest.is_empty() => m.path.clone(),
                rest => format!("{}/{rest}", m.path),
            };
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
        Err(format!(
            "directory {shown} outside main module or its selected dependencies"
        ))
    }

    /// Folders and import paths of the main modules' roots.
    pub fn roots(&self) -> impl Iterator<Item = (&str, PathBuf, usize)> {
        let mains = self.list[..self.mains].iter().enumerate();
        mains.map(|(i, m)| (m.path.as_str(), m.dir.clone(), i))
    }
}

/// What of `path` is below `root`: empty for the root itself.
pub fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() {
        return Some("");
    }
    rest.strip_prefix('/')
}
