//! Which files belong to a package.

use crate::assembly;
use crate::constraint::Tags;
use crate::context::Context;
use crate::files::{self, Which};
use crate::recipe::Recipe;
use crate::resolve::Place;
use std::fmt;
use std::path::{Path, PathBuf};

/// A source file, read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is (or, for the overlay, below which name it is shown).
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// The Go files of a folder that the build takes, by name.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files of the package itself.
    pub files: Vec<Source>,
    /// Files ending in `_test.go`, if they were asked for.
    pub tests: Vec<Source>,
    /// Whether build constraints leave files out.
    pub excluded: bool,
    /// Whether there are test files, read or not.
    pub has_tests: bool,
    /// The files in assembly that the build would take.
    pub assembly: Vec<String>,
}

/// Why a folder gives no package; shown in the words of `go`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderError {
    /// The folder or a file cannot be read.
    Unreadable(String),
    /// Build constraints exclude all files.
    Excluded(PathBuf),
    /// All files are tests.
    OnlyTests(PathBuf),
    /// There is no Go file.
    NoGo(PathBuf),
}

impl FolderError {
    /// Whether the folder holds nothing to build, which a pattern with `...` passes over.
    pub fn is_empty(&self) -> bool {
        !matches!(self, FolderError::Unreadable(_))
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Unreadable(text) => f.write_str(text),
            FolderError::Excluded(d) => {
                write!(
                    f,
                    "build constraints exclude all Go files in {}",
                    d.display()
                )
            }
            FolderError::OnlyTests(d) => write!(f, "no non-test Go files in {}", d.display()),
            FolderError::NoGo(d) => write!(f, "no Go files in {}", d.display()),
        }
    }
}

impl Sources {
    /// Why there is nothing to build, if there is nothing.
    pub fn problem(&self, dir: &Path) -> Option<FolderError> {
        if !self.files.is_empty() {
            return None;
        }
        let dir = dir.to_path_buf();
        Some(match (self.excluded, self.has_tests) {
            (true, _) => FolderError::Excluded(dir),
            (false, true) => FolderError::OnlyTests(dir),
            (false, false) => FolderError::NoGo(dir),
        })
    }
}

/// The files of a package of a module; `tests` asks for those of its tests too.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn folder(ctx: &Context, dir: &Path, tests: bool) -> Result<Sources, FolderError> {
    let names = names(dir)?;
    let assembly = assembly::files(&ctx.tags, dir, &names);
    let sources = read_folder(&ctx.tags, dir, names, None, tests)?;
    Ok(Sources {
        assembly,
        ..sources
    })
}

/// The files of a package of GOROOT, with what overlay.toml drops and adds, or those of the overlay where it replaces
/// the package. Tests of a package that is replaced are not given: they test other sources.
///
/// # Errors
/// As for [`folder`].
pub fn standard(
    ctx: &Context,
    import_path: &str,
    dir: &Path,
    tests: bool,
) -> Result<Sources, FolderError> {
    let recipe = ctx.recipes.get(import_path);
    let added = overlay_files(ctx, import_path);
    if recipe.is_none() && !added.is_empty() {
        return Ok(Sources {
            files: added,
            ..Sources::default()
        });
    }
    let names = names(dir)?;
    // Commands have no portable bodies beside their assembly (what they vendor is made for gc), and are no part of programs.
    let command = import_path.starts_with("cmd/") && recipe.is_none();
    let assembly = match command {
        true => assembly::files(&ctx.library, dir, &names),
        false => Vec::new(),
    };
    let mut sources = read_folder(&ctx.library, dir, names, recipe, tests)?;
    sources.assembly = assembly;
    if let Some(recipe) = recipe {
        sources.files.extend(added);
        sources.files.sort_by(|a, b| a.path.cmp(&b.path));
        let wanted = |f: &&String| tests || !f.ends_with("_test.s");
        sources.assembly = recipe.assembly.iter().filter(wanted).cloned().collect();
    }
    Ok(sources)
}

/// The names of the files of a folder that are in Go or in assembly, sorted.
fn names(dir: &Path) -> Result<Vec<String>, FolderError> {
    let entries = files::entries(dir, Which::Sources)
        .map_err(|e| FolderError::Unreadable(format!("open {}: {}", dir.display(), io_text(&e))))?;
    Ok(entries.into_iter().map(|e| e.name).collect())
}

/// Whether a file of this name is Go source that builds look at.
pub fn is_go(name: &str) -> bool {
    name.ends_with(".go") && !name.starts_with(['_', '.'])
}

fn read_folder(
    tags: &Tags,
    dir: &Path,
    names: Vec<String>,
    recipe: Option<&Recipe>,
    tests: bool,
) -> Result<Sources, FolderError> {
    let mut sources = Sources::default();
    for name in names.into_iter().filter(|n| is_go(n)) {
        let is_test = name.ends_with("_test.go");
        let added = recipe.is_some_and(|r| r.add.contains(&name));
        if recipe.is_some_and(|r| r.drop.contains(&name)) {
            continue;
        }
        if !(added || tags.matches_name(&name)) {
            sources.excluded = true;
            continue;
        }
        if is_test && !tests {
            sources.has_tests = true;
            continue;
        }
        let path = dir.join(&name);
        let bytes = read(&path).map_err(FolderError::Unreadable)?;
        let matches = tags.matches_source(&bytes);
        let matches = matches.map_err(|e| FolderError::Unreadable(format!("{name}: {e}")))?;
        if !(added || matches) {
            sources.excluded = true;
            continue;
        }
        let source = Source { path, bytes };
        if is_test {
            sources.has_tests = true;
            sources.tests.push(source);
        } else {
            sources.files.push(source);
        }
    }
    Ok(sources)
}

/// Whether the folder of a package has a Go file, be it a test, that the build constraints admit. A file whose constraints
/// are wrong counts: what is wrong shows when it is read.
pub fn is_buildable(ctx: &Context, place: &Place) -> bool {
    let dir = &place.dir;
    let Ok(names) = names(dir) else {
        return false;
    };
    let tags = match place.owner.is_goroot() {
        true => ctx.library.clone(),
        false => ctx.tags.clone(),
    };
    let mut names = names.iter().filter(|n| is_go(n) && tags.matches_name(n));
    names.any(|n| {
        files::read(&dir.join(n)).is_ok_and(|bytes| tags.matches_source(&bytes) != Ok(false))
    })
}

/// Whether the overlay replaces a package as a whole.
pub fn is_replaced(ctx: &Context, import_path: &str) -> bool {
    let mut files = ctx.overlay.iter();
    !ctx.recipes.contains_key(import_path) && files.any(|(path, _)| in_package(path, import_path))
}

fn in_package(file: &str, import_path: &str) -> bool {
    file.rsplit_once('/')
        .is_some_and(|(dir, f)| dir == import_path && f.ends_with(".go"))
}

fn overlay_files(ctx: &Context, import_path: &str) -> Vec<Source> {
    let mut sources: Vec<Source> = ctx
        .overlay
        .iter()
        .filter(|(path, _)| in_package(path, import_path))
        .map(|(path, bytes)| Source {
            path: ctx.src().join(path),
            bytes: bytes.to_vec(),
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Read one file.
///
/// # Errors
/// As `go` words it.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    files::read(path).map_err(|e| format!("open {}: {}", path.display(), io_text(&e)))
}

/// An I/O error in the words of Go's syscall package.
pub fn io_text(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::NotADirectory => "not a directory".into(),
        _ => e.to_string(),
    }
}
