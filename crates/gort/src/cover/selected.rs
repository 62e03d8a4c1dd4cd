//! The packages that `-coverpkg` means in tests: those of its patterns that the named packages or their tests import,
//! directly or not. Each test counts the statements of all of them, whether it contains them or not. So they are
//! found, and described, before the first test is built.

use super::instrument::Instrumenter;
use crate::interrupt::Folder;
use crate::pipeline::BuildFlags;
use crate::render::quote;
use crate::request::Failure;
use gort_load::files::{self, Digest};
use gort_load::{Context, Options, Query};
use gort_syntax::FileSet;
use std::path::{Path, PathBuf};

/// The variable that tells the process of one package where the selection of all is.
pub const FOLDER: &str = "GORT_TEST_COVER";

/// How official Go calls the list of descriptions.
pub const LIST: &str = "metafiles.txt";

/// How the list of packages is called.
const PACKAGES: &str = "packages";

/// Packages, and where the list of their descriptions is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Import paths, sorted.
    pub packages: Vec<String>,
    /// The folder with the list.
    pub folder: PathBuf,
    /// Of all descriptions: when it changes, results do.
    pub digest: Digest,
}

impl Selected {
    /// What another process has selected.
    pub fn read(folder: &Path) -> Option<Selected> {
        let text = std::fs::read_to_string(folder.join(PACKAGES)).ok()?;
        let mut lines = text.lines();
        let digest: Vec<u8> = lines
            .next()?
            .split(' ')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        Some(Selected {
            digest: digest.try_into().ok()?,
            packages: lines.map(String::from).collect(),
            folder: folder.to_path_buf(),
        })
    }
}

/// Find what `-coverpkg` means for tests of these packages; nothing without that flag. The folder goes with the second
/// result.
///
/// # Errors
/// Packages that cannot be covered.
pub fn select(
    context: &Context,
    query: &Query,
    flags: &BuildFlags,
) -> Result<Option<(Selected, Folder)>, Failure> {
    if flags.cover.as_ref().is_none_or(|c| c.patterns.is_empty()) {
        return Ok(None);
    }
    let files: &'static FileSet = Box::leak(Box::default());
    let instrumenter = Instrumenter::new(flags)?.expect("there is coverage");
    let instrument = |c: &gort_load::Candidate<'_>| instrumenter.instrument(c);
    let options = Options {
        always: &[],
        tests: true,
        instrument: Some(&instrument),
        known: None,
    };
    // What is wrong with packages shows when they are tested.
    let _ = gort_load::load(context, files, query, options);
    if let Some(text) = instrumenter.refusal() {
        return Err(Failure::Plain(text));
    }
    let described = instrumenter.described();
    for pattern in instrumenter.unmatched() {
        eprintln!("warning: no packages being tested depend on matches for pattern {pattern}");
    }
    let folder = instrumenter.into_folder();
    let io = |e: std::io::Error| Failure::Plain(format!("gort: {}: {e}", folder.path().display()));
    let (mut paths, mut places, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for (path, file) in &described {
        let bytes = std::fs::read(file).map_err(io)?;
        all.extend(files::digest(&bytes));
        if !bytes.is_empty() {
            paths.push(quote(path));
            places.push(quote(&file.display().to_string()));
        }
    }
    let list = format!(
        "{{\"ImportPaths\":[{}],\"MetaFileFragments\":[{}]}}\n",
        paths.join(","),
        places.join(",")
    );
    std::fs::write(folder.path().join(LIST), list).map_err(io)?;
    let selected = Selected {
        packages: described.into_keys().collect(),
        folder: folder.path().to_path_buf(),
        digest: files::digest(&all),
    };
    let digest: Vec<String> = selected.digest.iter().map(u8::to_string).collect();
    let text = format!("{}\n{}\n", digest.join(" "), selected.packages.join("\n"));
    std::fs::write(folder.path().join(PACKAGES), text).map_err(io)?;
    Ok(Some((selected, folder)))
}
