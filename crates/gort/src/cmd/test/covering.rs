//! Tests with coverage: what `-coverpkg` means, where what is counted goes, packages without tests.

use super::Job;
use crate::cover::instrument::Instrumenter;
use crate::cover::profile::{self, Profile};
use crate::cover::selected::{self, LIST, Selected};
use crate::interrupt::Folder;
use crate::request::Failure;
use crate::testing::events::Converter;
use crate::testing::main_source::Coverage;
use gort_load::{Context, Query};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

impl Job<'_> {
    /// Begin: find what `-coverpkg` means, create the profile. The folder must stay until all tests have run.
    pub fn begin_coverage(
        &mut self,
        context: &Context,
        query: &Query,
    ) -> Result<Option<Folder>, Failure> {
        let Some(cover) = &mut self.build.cover else {
            return Ok(None);
        };
        cover.tests = true;
        let mode = cover.mode.clone();
        let mut folder = None;
        if let Some(of_all) = std::env::var_os(selected::FOLDER) {
            cover.selected = Selected::read(Path::new(&of_all));
        } else if let Some((selected, made)) = selected::select(context, query, &self.build)? {
            self.build.cover.as_mut().expect("as above").selected = Some(selected);
            folder = Some(made);
        }
        if let Some(path) = self.profile_path() {
            self.profile = Some(Profile::create(&path, &mode)?.into());
        }
        Ok(folder)
    }

    /// Where the profile goes.
    fn profile_path(&self) -> Option<PathBuf> {
        if let Some(part) = std::env::var_os(profile::PART) {
            return Some(part.into());
        }
        let path = self.own.get("coverprofile").filter(|p| !p.is_empty())?;
        let outputdir = |a: &String| a.strip_prefix("-test.outputdir=").map(String::from);
        let folder = self.flags.pass.iter().rev().find_map(outputdir);
        let wanted = !self.own.on("c");
        wanted.then(|| Path::new(&folder.unwrap_or_default()).join(path))
    }

    /// Add to the profile, if there is one.
    pub fn add_to_profile(&self, part: &[u8]) -> Result<(), Failure> {
        match &self.profile {
            Some(profile) => profile.borrow_mut().add(part),
            None => Ok(()),
        }
    }

    /// What the main package of a test is to say.
    pub fn main_coverage(&self) -> Option<Coverage<'_>> {
        self.build.cover.as_ref().map(|c| Coverage {
            mode: &c.mode,
            patterns: &c.patterns,
            packages: c.selected.as_ref().map_or(&[], |s| &s.packages),
        })
    }

    /// What the test executable is told besides, if it runs in this folder.
    pub fn coverage_arguments(&self, work: &Path) -> Vec<String> {
        let mut out = Vec::new();
        if self.build.cover.is_some() {
            out.push(format!("-test.gocoverdir={}", counted(work).display()));
        }
        if self.profile.is_some() {
            out.push(format!("-test.coverprofile={}", part(work).display()));
        }
        out
    }

    /// The variables that it gets.
    pub fn coverage_variables(&self, work: &Path) -> Vec<(&'static str, PathBuf)> {
        let on = self.build.cover.is_some();
        let list = on.then(|| ("GOCOVERDIR", counted(work)));
        list.into_iter().collect()
    }

    /// Make what it writes to.
    pub fn prepare_coverage(&self, work: &Path) -> std::io::Result<()> {
        let Some(cover) = &self.build.cover else {
            return Ok(());
        };
        std::fs::create_dir(counted(work))?;
        if let Some(selected) = &cover.selected {
            std::fs::copy(selected.folder.join(LIST), counted(work).join(LIST))?;
        }
        Ok(())
    }

    /// Its part of the profile.
    pub fn part_of_profile(&self, work: &Path) -> Vec<u8> {
        match self.profile {
            Some(_) => std::fs::read(part(work)).unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// What there is to say of a package without tests, if it is covered and has functions.
    pub fn untested(
        &self,
        path: &str,
        covered: Option<&Instrumenter<'_>>,
    ) -> Result<Option<String>, Failure> {
        let described = covered.map(Instrumenter::described).unwrap_or_default();
        let Some(file) = described.get(path) else {
            return Ok(None);
        };
        if file.metadata().is_ok_and(|m| m.len() == 0) {
            return Ok(None);
        }
        let folder = file.parent().unwrap_or(file);
        let (line, part) = profile::of_untested(folder, self.profile.is_some())?;
        self.add_to_profile(&part)?;
        Ok(Some(line))
    }

    /// Say that a package has no tests, or what was found out instead.
    pub fn without_tests(&self, path: &str, untested: Option<&str>) -> Result<bool, Failure> {
        let none = format!("?   \t{path}\t[no test files]\n");
        let line = untested.unwrap_or(&none);
        if self.flags.json {
            let mut events = Converter::new(std::io::stdout(), path);
            events.line(line);
            events.finish(true);
        } else {
            print!("{line}");
        }
        Ok(true)
    }

    /// The variables of a process that tests one package of several; its part of the profile goes to `file`.
    pub fn part_variables(&self, file: &Path) -> Vec<(&'static str, std::ffi::OsString)> {
        let mut out = Vec::new();
        if let Some(selected) = self.build.cover.as_ref().and_then(|c| c.selected.as_ref()) {
            out.push((selected::FOLDER, selected.folder.clone().into()));
        }
        if self.profile.is_some() {
            out.push((profile::PART, AsRef::<OsStr>::as_ref(file).to_owned()));
        }
        out
    }
}

fn counted(work: &Path) -> PathBuf {
    work.join("gocoverdir")
}

fn part(work: &Path) -> PathBuf {
    work.join("_cover_.out")
}
