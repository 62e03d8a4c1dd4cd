//! The file of `-coverprofile`: what the tests of all packages have counted, one after the other. And what there is to say
//! of a package without tests, for which official Go's `cmd/covdata` reads its description.

use crate::request::Failure;
use crate::tools;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that tells the process of one package where its part goes.
pub const PART: &str = "GORT_TEST_PROFILE";

/// A profile that grows.
pub struct Profile {
    path: PathBuf,
    file: File,
    header: String,
}

impl Profile {
    /// Begin one.
    ///
    /// # Errors
    /// When there can be no such file.
    pub fn create(path: &Path, mode: &str) -> Result<Profile, Failure> {
        let fail = |e| failure(path, &e);
        let mut file = File::create(path).map_err(fail)?;
        let header = format!("mode: {mode}\n");
        file.write_all(header.as_bytes()).map_err(fail)?;
        Ok(Profile {
            path: path.to_path_buf(),
            file,
            header,
        })
    }

    /// Add what tests have counted; nothing where they have not come to that.
    ///
    /// # Errors
    /// When it is no profile of this kind, or cannot be written.
    pub fn add(&mut self, part: &[u8]) -> Result<(), Failure> {
        if part.is_empty() {
            return Ok(());
        }
        let Some(lines) = part.strip_prefix(self.header.as_bytes()) else {
            let text = "gort: a test has written a malformed coverage profile";
            return Err(Failure::Plain(text.into()));
        };
        self.file
            .write_all(lines)
            .map_err(|e| failure(&self.path, &e))
    }
}

fn failure(path: &Path, e: &std::io::Error) -> Failure {
    let text = gort_load::package::io_text(e);
    Failure::Plain(format!("open {}: {text}", path.display()))
}

/// What is said of packages without tests, and their part of the profile. `folder` has the description of one.
///
/// # Errors
/// What the tool says.
pub fn of_untested(folder: &Path, with_profile: bool) -> Result<(String, Vec<u8>), Failure> {
    let tool = tools::find_and_say("covdata")?;
    let run = |args: &[&str]| {
        let mut command = Command::new(&tool);
        command.args(args).arg("-i").arg(folder).current_dir(folder);
        let fail = |text: String| Failure::Plain(format!("gort: covdata: {text}"));
        let done = command.output().map_err(|e| fail(e.to_string()))?;
        match done.status.success() {
            true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
            false => Err(fail(String::from_utf8_lossy(&done.stderr).into_owned())),
        }
    };
    let line = run(&["percent"])?;
    let mut profile = Vec::new();
    if with_profile {
        run(&["textfmt", "-o", "profile.txt"])?;
        let file = folder.join("profile.txt");
        profile = std::fs::read(&file).map_err(|e| failure(&file, &e))?;
    }
    Ok((line, profile))
}
