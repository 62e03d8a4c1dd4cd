//! Several packages: those whose results are kept are shown at once, the others are tested in processes of their own, for
//! what a build keeps in memory, it keeps until its process ends. Results are shown in the order of the packages.

use super::Job;
use crate::cache::{Asked, Found, Outcome, What};
use crate::environ;
use crate::interrupt::Folder;
use crate::request::Failure;
use crate::testing::execute::{Shown, replay};
use gort_load::Query;
use std::cell::Cell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;

/// Set for the process that tests one package of several: the last line is its parent's.
pub const PART: &str = "GORT_TEST_PART";

/// What there is to say of a package without building it.
pub struct Kept {
    outcome: Outcome,
    /// What its tests have said, if it has some.
    shown: Option<Shown>,
}

/// A package of several.
enum Turn {
    Kept(Box<Kept>),
    /// The process, and where its part of the profile goes.
    Runs(JoinHandle<std::io::Result<Output>>, PathBuf),
}

impl Job<'_> {
    /// Test packages, some at a time.
    pub fn several(&self, args: &[String], paths: &[String]) -> Result<bool, Failure> {
        if self.own.on("c") && self.own.get("o").is_some_and(|o| !Path::new(o).is_dir()) {
            return Err(Failure::Plain(
                "with multiple packages, -o must refer to a directory or /dev/null".into(),
            ));
        }
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        let exe = std::env::current_exe().map_err(io)?;
        // What stands before and after the packages.
        let first = args
            .iter()
            .position(|a| self.flags.packages.first() == Some(a));
        let first = first.unwrap_or(args.len());
        let after = (first + self.flags.packages.len()).min(args.len());
        let parts = environ::temp_dir().join(format!("gort-profile{}", std::process::id()));
        let parts = match self.profile {
            Some(_) => Some(Folder::new(parts).map_err(io)?),
            None => None,
        };
        let count = Cell::new(0);
        let start = |path: &str| {
            count.set(count.get() + 1);
            let part = parts
                .as_ref()
                .map(|p| p.path().join(count.get().to_string()));
            let part = part.unwrap_or_default();
            let child = Command::new(&exe)
                .arg("test")
                .args(&args[..first])
                .arg(path)
                .args(&args[after..])
                .env(PART, "1")
                .envs(self.part_variables(&part))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(io)?;
            let ends = std::thread::spawn(move || child.wait_with_output());
            Ok(Turn::Runs(ends, part))
        };
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let width = self.own.get("p").and_then(|p| p.parse().ok());
        let width = width.unwrap_or(cores).max(1);
        // As with go, what the files are is found out once for all packages.
        crate::cache::remember_stats();
        let mut passed = true;
        let mut turns: VecDeque<Turn> = VecDeque::new();
        let mut next = paths.iter();
        loop {
            let runs = |t: &&Turn| matches!(t, Turn::Runs(..));
            while turns.iter().filter(runs).count() < width {
                let Some(path) = next.next() else { break };
                turns.push_back(match self.kept_of(path) {
                    Some(kept) => Turn::Kept(Box::new(kept)),
                    None => start(path)?,
                });
                while let Some(Turn::Kept(kept)) =
                    turns.pop_front_if(|t| matches!(t, Turn::Kept(_)))
                {
                    passed &= self.show(&kept)?;
                }
            }
            match turns.pop_front() {
                None => break,
                Some(Turn::Kept(kept)) => passed &= self.show(&kept)?,
                Some(Turn::Runs(oldest, part)) => {
                    let Ok(output) = oldest.join() else { continue };
                    let output = output.map_err(io)?;
                    // What is wrong with a package comes before its line.
                    eprint!("{}", String::from_utf8_lossy(&output.stderr));
                    print!("{}", String::from_utf8_lossy(&output.stdout));
                    passed &= output.status.success();
                    self.add_to_profile(&std::fs::read(part).unwrap_or_default())?;
                }
            }
        }
        Ok(passed)
    }

    fn kept_of(&self, path: &str) -> Option<Kept> {
        let query = Query::Patterns(vec![path.into()]);
        self.kept(&Asked::new(What::Test, &query, &self.build).find()?)
    }

    /// What there is to say of a package that has been found, if neither its executable nor the steps are asked for.
    pub fn kept(&self, found: &Found) -> Option<Kept> {
        let outcome = &found.outcome;
        let steps = self.build.x || self.build.work;
        // What is said of packages without tests then is not kept.
        let described = self.build.cover.is_some() && !outcome.has_tests;
        if steps || described || self.kept_executable("").is_some() {
            return None;
        }
        let shown = match outcome.has_tests {
            false => None,
            true => {
                let run = self
                    .run_of(Path::new(""), &outcome.path, &outcome.dir)
                    .ok()?;
                Some(
                    self.results(outcome, &run)
                        .as_ref()
                        .and_then(|r| self.result(r))?,
                )
            }
        };
        Some(Kept {
            outcome: outcome.clone(),
            shown,
        })
    }

    /// Say it.
    pub fn show(&self, kept: &Kept) -> Result<bool, Failure> {
        let Outcome { path, dir, .. } = &kept.outcome;
        match &kept.shown {
            None => self.without_tests(path, None),
            Some(shown) => {
                replay(&self.run_of(Path::new(""), path, dir)?, shown);
                self.add_to_profile(&shown.profile)?;
                Ok(true)
            }
        }
    }
}
