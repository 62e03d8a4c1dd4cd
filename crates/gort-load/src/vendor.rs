//! `vendor/`: copies of the packages that the main modules need, with a list in modules.txt.

use crate::files;
use crate::gomod::{self, ModFile, Version};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A vendor folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendor {
    /// The folder.
    pub dir: PathBuf,
    /// The modules, in the order of modules.txt.
    pub modules: Vec<(Version, (u32, u32))>,
    /// The module, by index, that each package is of.
    pub packages: HashMap<String, usize>,
    /// Modules that go.mod requires.
    explicit: HashSet<Version>,
    /// What replaces modules.
    replaced: Vec<(Version, Version)>,
}

impl Vendor {
    /// Read modules.txt of a vendor folder.
    pub fn read(dir: &Path) -> Vendor {
        let mut vendor = Vendor {
            dir: dir.to_path_buf(),
            ..Vendor::default()
        };
        let text = files::read_to_string(&dir.join("modules.txt")).unwrap_or_default();
        // Set after a module line; lines that only say what is replaced have no packages.
        let mut current: Option<usize> = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("## ") {
                vendor.annotate(current, rest);
            } else if let Some(rest) = line.strip_prefix("# ") {
                current = vendor.module(rest);
            } else if let Some(m) = current {
                vendor.packages.insert(line.trim().to_string(), m);
            }
        }
        vendor
    }

    fn module(&mut self, line: &str) -> Option<usize> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arrow = words.iter().position(|w| *w == "=>");
        let version = |w: &[&str]| Version {
            path: w.first().unwrap_or(&"").to_string(),
            version: w.get(1).unwrap_or(&"").to_string(),
        };
        let old = version(&words[..arrow.unwrap_or(words.len())]);
        if let Some(i) = arrow {
            self.replaced.push((old.clone(), version(&words[i + 1..])));
        }
        if old.version.is_empty() {
            return None;
        }
        self.modules.push((old, gomod::UNSTATED));
        Some(self.modules.len() - 1)
    }

    fn annotate(&mut self, current: Option<usize>, text: &str) {
        let Some(m) = current else { return };
        for note in text.split(';').map(str::trim) {
            if note == "explicit" {
                self.explicit.insert(self.modules[m].0.clone());
            } else if let Some(v) = note.strip_prefix("go ") {
                self.modules[m].1 = gomod::version(v).unwrap_or(gomod::UNSTATED);
            }
        }
    }

    /// Compare modules.txt with the main modules' files.
    ///
    /// # Errors
    /// All differences, in the words of `go`. `root` is the folder of the main module or of go.work.
    pub fn check(&self, mains: &[ModFile], root: &Path, workspace: bool) -> Result<(), String> {
        let (file, command) = match workspace {
            true => ("go.work", "go work vendor"),
            false => ("go.mod", "go mod vendor"),
        };
        // Before go 1.14 modules.txt said neither what is explicit nor all that is replaced.
        let old_form = !workspace && mains.iter().any(|m| m.language() < (1, 14));
        let mut problems: Vec<String> = Vec::new();
        let mut say = |m: &Version, text: String| problems.push(format!("\n\t{m}: {text}"));
        let required: Vec<&Version> = mains.iter().flat_map(|m| &m.require).collect();
        let replaces: Vec<_> = mains.iter().flat_map(|m| &m.replace).collect();
        for r in &required {
            if self.explicit.contains(r) {
                continue;
            }
            if !old_form {
                let text = "but not marked as explicit in vendor/modules.txt";
                say(r, format!("is explicitly required in {file}, {text}"));
            } else if let Some((other, _)) = self.modules.iter().find(|m| m.0.path == r.path)
                && other != *r
            {
                let text = format!("but vendor/modules.txt indicates {other}");
                say(r, format!("is explicitly required in {file}, {text}"));
            }
        }
        for r in &replaces {
            match self.replaced.iter().find(|(old, _)| *old == r.old) {
                None if old_form && !self.modules.iter().any(|m| m.0 == r.old) => {}
                None => say(
                    &r.old,
                    format!(
                        "is replaced in {file}, but not marked as replaced in vendor/modules.txt"
                    ),
                ),
                Some((_, new)) if *new != r.new => {
                    let text = format!(
                        "is replaced by {} in {file}, but marked as replaced by {new} in vendor/modules.txt",
                        r.new
                    );
                    say(&r.old, text);
                }
                Some(_) => {}
            }
        }
        for (m, _) in &self.modules {
            if self.explicit.contains(m) && !required.contains(&m) && !workspace {
                let text =
                    "is marked as explicit in vendor/modules.txt, but not explicitly required in";
                say(m, format!("{text} {file}"));
            }
        }
        for (old, _) in &self.replaced {
            let known = |r: &&gomod::Replace| {
                r.old == *old || (r.old.path == old.path && r.old.version.is_empty())
            };
            if !replaces.iter().any(known) {
                let text = "is marked as replaced in vendor/modules.txt, but not replaced in";
                say(old, format!("{text} {file}"));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(format!(
            "go: inconsistent vendoring in {}:{}\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\t{command}",
            root.display(),
            problems.concat()
        ))
    }
}
