//! What an import in a package means, and whether the package may have it.

use crate::gopath::{self, Gopath};
use crate::loaded::{Import, Problem};
use crate::loader::{FILES, Loader};
use crate::patterns;
use crate::resolve::{self, Owner, Place};
use gort_syntax::Diagnostic;
use std::path::Path;

impl Loader<'_> {
    /// The import path of a node; for files named on the command line, that of their folder.
    fn path_of(&self, node: usize) -> String {
        let package = &self.nodes[node].package;
        if package.path == FILES
            && let Ok(place) = self.modules.folder(self.ctx, &package.dir, "")
        {
            return place.path;
        }
        package.path.clone()
    }

    pub(crate) fn resolve(
        &self,
        node: usize,
        owner: Owner,
        import: &Import,
    ) -> Result<Place, Problem> {
        let path = &import.path;
        let at = |code, msg: String| {
            Problem::Import(path.clone(), Diagnostic::new(import.pos, code, msg))
        };
        if path == "C" {
            let text = "import \"C\": cgo is not supported by gort";
            return Err(at("ImportC", text.into()));
        }
        let gopath = self.modules.gopath.as_ref();
        let gopath = gopath.filter(|_| !owner.is_goroot());
        if let Some(gopath) = gopath {
            return self.without_modules(gopath, node, import);
        }
        if let Some(text) = named_by_vendor(path).filter(|_| !owner.is_goroot()) {
            return Err(at("BrokenImport", text));
        }
        if patterns::is_local(path) {
            let text = format!(
                "{path:?} is relative, but relative import paths are not supported in module mode"
            );
            return Err(at("BrokenImport", text));
        }
        let importer = self.path_of(node);
        let standard = || self.standard.lock().unwrap_or_else(|e| e.into_inner());
        let known = standard().get(path).cloned();
        let find = || resolve::import(self.ctx, &self.modules, path, owner, Some(&importer));
        let place = known.map_or_else(find, Ok).map_err(|e| {
            match e.starts_with("go: ") || e.starts_with("verifying ") {
                true => Problem::Plain(e),
                false => at("BrokenImport", e),
            }
        })?;
        if place.owner.is_goroot() && resolve::is_std_form(path) {
            standard().insert(path.clone(), place.clone());
        }
        // What gort writes itself uses what is internal, for whatever package it was written.
        if !import.file.starts_with('_') && !resolve::may_use_internal(&importer, owner, &place) {
            let text = format!("use of internal package {} not allowed", place.path);
            let mut d = Diagnostic::new(import.pos, "InternalImport", text);
            d.related.push((gort_syntax::Pos::NONE, self.stack(node)));
            return Err(Problem::Import(path.clone(), d));
        }
        Ok(place)
    }

    /// What an import means where builds are without modules.
    fn without_modules(
        &self,
        gopath: &Gopath,
        node: usize,
        import: &Import,
    ) -> Result<Place, Problem> {
        let path = &import.path;
        let from = &self.nodes[node].package;
        let at = |code, msg: String| {
            Problem::Import(path.clone(), Diagnostic::new(import.pos, code, msg))
        };
        let local = patterns::is_local(path);
        if local && !gopath::is_outside(&from.path) {
            let text = format!("local import {path:?} in non-local package");
            return Err(at("BrokenImport", text));
        }
        let place = gopath.import(self.ctx, path, Some(&from.dir));
        let forbidden = |place: &Place| match place.owner {
            owner if owner.is_goroot() => {
                let may = resolve::may_use_internal("", Owner::Gopath, place);
                (!may).then_some("internal")
            }
            _ => gopath::forbidden(&from.dir, place),
        };
        let forbidden = place.as_ref().ok().and_then(forbidden);
        if let Some(text) = named_by_vendor(path).filter(|_| forbidden.is_none()) {
            return Err(at("BrokenImport", text));
        }
        let place = place.map_err(|e| at("BrokenImport", e))?;
        let clean = resolve::clean(Path::new(path)).display().to_string();
        if !local && clean != *path {
            let text = format!("non-canonical import path {path:?}: should be {clean:?}");
            return Err(at("BrokenImport", text));
        }
        // What gort writes itself uses what is internal, for whatever package it was written.
        match forbidden.filter(|_| !import.file.starts_with('_')) {
            Some("internal") => {
                let text = format!("use of internal package {} not allowed", place.path);
                let mut d = Diagnostic::new(import.pos, "InternalImport", text);
                let stack = self.stack(node);
                d.related.push((gort_syntax::Pos::NONE, stack));
                Err(Problem::Import(path.clone(), d))
            }
            Some(_) => Err(at(
                "BrokenImport",
                "use of vendored package not allowed".into(),
            )),
            None => Ok(place),
        }
    }
}

/// What there is to say of an import that names a `vendor` folder.
fn named_by_vendor(path: &str) -> Option<String> {
    let rest = gopath::without_vendor(path)?;
    Some(format!("{path} must be imported as {rest}"))
}
