//! Builds without modules: `GO111MODULE=off`, or `auto` where there is no go.mod.
//!
//! An import path then means a folder: first below the `vendor` folders on the way up from the importing package, then in
//! GOROOT, then below `src` in the folders of $GOPATH. What may be imported is decided by folders too. A package that lies in
//! none of them goes by its folder, with `_` in front, and only such packages may import others relative to themselves.

use crate::context::Context;
use crate::files;
use crate::gomod;
use crate::patterns::is_local;
use crate::resolve::{self, Owner, Place};
use std::path::{Path, PathBuf};

/// The folders of $GOPATH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gopath {
    /// In the order in which they are asked.
    pub roots: Vec<PathBuf>,
}

/// Whether builds in a folder are without modules.
pub fn in_force(cwd: &Path) -> bool {
    match std::env::var("GO111MODULE").as_deref() {
        Ok("off") => true,
        Ok("auto") => {
            let work = !matches!(std::env::var("GOWORK").as_deref(), Ok("off"));
            let work = work && gomod::find_up(cwd, "go.work").is_some();
            !work && module_root(cwd).is_none()
        }
        _ => false,
    }
}

/// The folder of the module that a folder is in. A go.mod right in the folder of temporary files is passed over: it would be
/// that of every program that works below.
fn module_root(cwd: &Path) -> Option<PathBuf> {
    let root = gomod::find_up(cwd, "go.mod")?.parent()?.to_path_buf();
    (root != std::env::temp_dir()).then_some(root)
}

/// `$GOPATH`, which is `~/go` if it is not set. Empty elements mean nothing.
pub fn roots() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    let home = || Some(PathBuf::from(set("HOME")?).join("go"));
    match set("GOPATH") {
        Some(list) => std::env::split_paths(&list)
            .filter(|d| !d.as_os_str().is_empty())
            .collect(),
        None => home().into_iter().collect(),
    }
}

/// What is wrong with `$GOPATH`, in the words of `go`.
pub fn problem() -> Option<String> {
    roots().iter().find_map(|root| {
        let shown = root.display().to_string();
        match root {
            _ if shown.starts_with('~') => Some(format!(
                "go: GOPATH entry cannot start with shell metacharacter '~': {shown:?}"
            )),
            root if !root.is_absolute() => Some(format!(
                "go: GOPATH entry is relative; must be absolute path: {shown:?}.\nFor more details see: 'go help gopath'"
            )),
            _ => None,
        }
    })
}

impl Gopath {
    /// Those of the environment, if builds in this folder are without modules.
    pub fn find(cwd: &Path) -> Option<Gopath> {
        in_force(cwd).then(|| Gopath { roots: roots() })
    }

    /// What an import path means in a package in the folder `from`, or on the command line.
    ///
    /// # Errors
    /// In the words of `go`.
    pub fn import(&self, ctx: &Context, path: &str, from: Option<&Path>) -> Result<Place, String> {
        if let Some(from) = from.filter(|_| is_local(path) && !path.starts_with('/')) {
            return self.folder(ctx, &resolve::clean(&from.join(path)));
        }
        // A pattern may have found it.
        if let Some(dir) = path.strip_prefix('_').filter(|d| d.starts_with('/')) {
            return self.folder(ctx, Path::new(dir));
        }
        if path.starts_with('/') {
            return Err(format!("import {path:?}: cannot import absolute path"));
        }
        let written = path;
        let old = from.and_then(|from| self.without_version(path, from));
        let path = old.as_deref().unwrap_or(path);
        let mut tried = Vec::new();
        if let Some(place) = from.and_then(|from| self.vendored(path, from, &mut tried)) {
            return Ok(place);
        }
        // What somebody has vendored stays theirs when the library comes to have it.
        let ours_first = !path.starts_with("vendor/");
        if ours_first && let Some(place) = resolve::goroot(ctx, path, Owner::None) {
            return Ok(place);
        }
        let in_src = self.roots.iter().map(|root| root.join("src").join(path));
        if let Some(dir) = in_src.clone().find(|dir| files::is_folder(dir)) {
            return Ok(Place {
                path: path.to_string(),
                dir,
                owner: Owner::Gopath,
            });
        }
        let dir = ctx.src().join(path);
        if !ours_first && files::is_folder(&dir) {
            return Ok(Place {
                path: path.to_string(),
                dir,
                owner: Owner::Std,
            });
        }
        let mut lines = Vec::new();
        let mut say = |dirs: &mut dyn Iterator<Item = PathBuf>, what: &str| {
            for (i, dir) in dirs.enumerate() {
                let what = if i == 0 { what } else { "" };
                lines.push(format!("\n\t{}{what}", dir.display()));
            }
        };
        say(&mut tried.into_iter(), " (vendor tree)");
        say(&mut std::iter::once(dir), " (from $GOROOT)");
        say(&mut in_src.into_iter(), " (from $GOPATH)");
        if self.roots.is_empty() {
            lines.push("\n\t($GOPATH not set. For more details see: 'go help gopath')".into());
        }
        Err(format!(
            "cannot find package {written:?} in any of:{}",
            lines.concat()
        ))
    }

    /// The package that a `vendor` folder on the way up from `from` has; `tried` gets what they do not have.
    fn vendored(&self, path: &str, from: &Path, tried: &mut Vec<PathBuf>) -> Option<Place> {
        for root in &self.roots {
            let src = root.join("src");
            let Some(below) = below(&src, from).filter(|sub| !in_testdata(sub)) else {
                continue;
            };
            for sub in Path::new(&below).ancestors() {
                let vendor = src.join(sub).join("vendor");
                if !files::is_folder(&vendor) {
                    continue;
                }
                let dir = vendor.join(path);
                if resolve::has_go_files(&dir) {
                    let path = sub.join("vendor").join(path).display().to_string();
                    let owner = Owner::Gopath;
                    return Some(Place { path, dir, owner });
                }
                tried.push(dir);
            }
        }
        None
    }

    /// The package in a folder.
    ///
    /// # Errors
    /// If it is not there.
    pub fn folder(&self, ctx: &Context, dir: &Path) -> Result<Place, String> {
        let path = self.path_of(ctx, dir);
        if !files::is_folder(dir) {
            let shown = path.as_deref().unwrap_or(".");
            return Err(format!(
                "cannot find package {shown:?} in:\n\t{}",
                dir.display()
            ));
        }
        Ok(Place {
            path: path.unwrap_or_else(|| local(dir)),
            dir: dir.to_path_buf(),
            owner: Owner::Gopath,
        })
    }

    /// The import path of a folder, if that would not mean another one.
    fn path_of(&self, ctx: &Context, dir: &Path) -> Option<String> {
        let mut earlier = vec![ctx.src()];
        for root in &self.roots {
            let src = root.join("src");
            let sub = below(&src, dir).filter(|sub| !sub.is_empty() && !in_testdata(sub));
            if let Some(sub) = sub {
                let hidden = earlier.iter().any(|e| files::is_folder(&e.join(&sub)));
                return (!hidden).then_some(sub);
            }
            earlier.push(src);
        }
        None
    }

    /// The folder of $GOPATH that a folder is in.
    pub fn root_of(&self, dir: &Path) -> Option<&Path> {
        let mut roots = self.roots.iter();
        let root = roots.find(|root| below(&root.join("src"), dir).is_some())?;
        Some(root)
    }

    /// Code that is of a module finds the packages of others by paths with a major version, though no folder has it:
    /// `x/y/v2/z` is `x/y/z` if `x/y/go.mod` says `module x/y/v2`.
    fn without_version(&self, path: &str, from: &Path) -> Option<String> {
        versions(path).next()?;
        let root = self.root_of(from)?;
        let mut up = from.ancestors().take_while(|d| d.starts_with(root));
        if !up.any(|d| files::is_file(&d.join("go.mod"))) || self.in_src(path).is_some() {
            return None;
        }
        for (start, end) in versions(path) {
            let before = path[..start].trim_end_matches('/');
            let Some(dir) = self.in_src(before) else {
                continue;
            };
            let file = dir.join("go.mod");
            if let Ok(found) = gomod::read(&file, "go.mod", false) {
                return (found.path == path[..end]).then(|| format!("{before}{}", &path[end..]));
            }
        }
        None
    }

    fn in_src(&self, path: &str) -> Option<PathBuf> {
        let mut dirs = self.roots.iter().map(|root| root.join("src").join(path));
        dirs.find(|dir| files::is_folder(dir))
    }
}

/// Where elements like `v2` start and end in a path, from the last.
fn versions(path: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut end = path.len() + 1;
    path.rsplit('/').filter_map(move |element| {
        end -= 1;
        let start = end - element.len();
        let this = (start, end);
        end = start;
        let number = element.strip_prefix('v')?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (digits && !number.starts_with('0') && number != "1" && start > 0).then_some(this)
    })
}

/// What of a folder is below another, links or not.
fn below(root: &Path, dir: &Path) -> Option<String> {
    let strip = |root: &Path, dir: &Path| Some(dir.strip_prefix(root).ok()?.display().to_string());
    if let Some(sub) = strip(root, dir) {
        return Some(sub);
    }
    let (real_root, real_dir) = (files::canonical(root).ok()?, files::canonical(dir).ok()?);
    strip(&real_root, &real_dir)
}

fn in_testdata(sub: &str) -> bool {
    sub.split('/').any(|element| element == "testdata")
}

/// The import path of a folder that is in none of $GOPATH.
fn local(dir: &Path) -> String {
    const NONE: &str = "!\"#$%&'()*,:;<=>?[\\]^`{|}\u{FFFD}";
    let dir = dir.display().to_string();
    let valid = |c: char| match c.is_whitespace() || c.is_control() || NONE.contains(c) {
        true => '_',
        false => c,
    };
    format!("_{}", dir.chars().map(valid).collect::<String>())
}

/// Whether a package may import others relative to itself.
pub fn is_outside(path: &str) -> bool {
    path.starts_with("_/") || path == "command-line-arguments"
}

/// By which path a package in a `vendor` folder must be imported.
pub fn without_vendor(path: &str) -> Option<&str> {
    match path.rfind("/vendor/") {
        Some(at) => Some(&path[at + "/vendor/".len()..]),
        None => path.strip_prefix("vendor/"),
    }
}

/// Why a package in the folder `from` may not import another: what has an element `internal` in its path, or lies in a
/// `vendor` folder, is for those below the parent of that element.
pub fn forbidden(from: &Path, imported: &Place) -> Option<&'static str> {
    let path = &imported.path;
    let internal = resolve::internal_at(path).map(|at| (at, "internal"));
    let vendor = without_vendor(path).map(|rest| (path.len() - rest.len() - 7, "vendored"));
    [internal, vendor]
        .into_iter()
        .flatten()
        .find_map(|(at, what)| {
            let dir = imported.dir.display().to_string();
            let parent = dir.get(..dir.len().checked_sub(path.len() - at)?)?;
            let parent = Path::new(parent);
            let real = |p: &Path| files::canonical(p).unwrap_or_else(|_| p.to_path_buf());
            let may = from.starts_with(parent) || real(from).starts_with(real(parent));
            (!may).then_some(what)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let of = |p| versions(p).collect::<Vec<_>>();
        assert_eq!(of("a/v2/b/v10"), [(7, 10), (2, 4)]);
        assert_eq!(of("v2/v1/v0/v03/x"), []);
        assert_eq!(without_vendor("a/vendor/b/c"), Some("b/c"));
        assert_eq!(without_vendor("vendor/b"), Some("b"));
        assert_eq!(without_vendor("a/vendor"), None);
        assert_eq!(local(Path::new("/a b/c[1]")), "_/a_b/c_1_");
    }

    #[test]
    fn what_folders_may_import() {
        let place = |path: &str, dir: &str| Place {
            path: path.into(),
            dir: dir.into(),
            owner: Owner::Gopath,
        };
        let inner = place("a/internal/x", "/g/src/a/internal/x");
        assert_eq!(forbidden(Path::new("/g/src/a/b"), &inner), None);
        assert_eq!(forbidden(Path::new("/g/src/ab"), &inner), Some("internal"));
        let vendored = place("a/vendor/x", "/g/src/a/vendor/x");
        assert_eq!(forbidden(Path::new("/g/src/a"), &vendored), None);
        assert_eq!(
            forbidden(Path::new("/g/src/b"), &vendored),
            Some("vendored")
        );
    }
}
