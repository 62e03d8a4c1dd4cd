//! Contents that a build gives to package variables: `//go:embed`, `-X`, what the runtime reads about the build.

use super::Blob;
use crate::program::Cx;
use gort_ir::Section;
use gort_syntax::{Diagnostic, Pos};
use gort_types::{BasicKind, ObjId, Ty, TyKind};

/// Contents of a variable.
#[derive(Clone, Debug)]
pub enum Initial {
    /// A string, for a variable of type string without initialiser or with a constant one.
    Text(String),
    /// Embedded files, sorted as package embed wants them: for a string or a byte slice exactly one.
    Files {
        /// Where the directive is.
        pos: Pos,
        /// Names and contents.
        files: Vec<(String, Vec<u8>)>,
    },
}

impl<'a> Cx<'a> {
    /// The data of a variable that the build fills; false if it has none, or its type does not allow it.
    pub fn initial_data(&mut self, unit: usize, symbol: &str, obj: ObjId) -> bool {
        let all = self.initial;
        let Some(initial) = all.get(symbol) else {
            return false;
        };
        let store = self.store;
        let ty = store.obj(obj).ty();
        let is_string =
            matches!(store.kind(store.under(ty)), TyKind::Basic(k) if *k == BasicKind::String);
        match initial {
            Initial::Text(text) => {
                if !is_string {
                    return false;
                }
                let blob = self.string_words(text.as_bytes());
                self.add_variable(unit, symbol, 8, blob, ty);
            }
            Initial::Files { pos, files } => {
                let blob = match (self.embedded(unit, symbol, ty, files), &files[..]) {
                    (Some(blob), _) => blob,
                    (None, [(_, bytes)]) if is_string => self.string_words(bytes),
                    (None, [(_, bytes)]) if self.is_bytes(ty) => {
                        self.slice_words(unit, symbol, bytes)
                    }
                    (None, files) => {
                        let name = store.type_string(ty, gort_types::Form::Paths);
                        let msg = if files.len() > 1 && (is_string || self.is_bytes(ty)) {
                            format!("invalid go:embed: multiple files for type {name}")
                        } else {
                            format!("go:embed cannot apply to var of type {name}")
                        };
                        self.diags.push(Diagnostic::new(*pos, "BadEmbed", msg));
                        return true;
                    }
                };
                self.add_variable(unit, symbol, 8, blob, ty);
            }
        }
        true
    }

    fn is_bytes(&self, ty: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Slice(e) => {
                matches!(store.kind(store.under(*e)), TyKind::Basic(k) if *k == BasicKind::Uint8)
            }
            _ => false,
        }
    }

    /// A string: address and length.
    fn string_words(&mut self, bytes: &[u8]) -> Blob {
        let mut blob = Blob::default();
        self.put_string(&mut blob, bytes);
        blob
    }

    fn put_string(&mut self, blob: &mut Blob, bytes: &[u8]) {
        let data = (!bytes.is_empty()).then(|| self.string_data(bytes));
        blob.addr(data);
        blob.u64(bytes.len() as u64);
    }

    /// A slice of bytes, which the program may write to.
    fn slice_words(&mut self, unit: usize, symbol: &str, bytes: &[u8]) -> Blob {
        let mut blob = Blob::default();
        let data = format!("{symbol}..bytes");
        let contents = Blob {
            bytes: bytes.to_vec(),
            ..Blob::default()
        };
        self.add_blob(unit, &data, Section::Data, 8, contents);
        blob.addr(Some(data));
        blob.u64(bytes.len() as u64);
        blob.u64(bytes.len() as u64);
        blob
    }

    /// An `embed.FS`: the address of a slice of its files and folders.
    fn embedded(
        &mut self,
        unit: usize,
        symbol: &str,
        ty: Ty,
        files: &[(String, Vec<u8>)],
    ) -> Option<Blob> {
        let store = self.store;
        let object = store.obj(store.named(ty)?.obj);
        let path = object.pkg.map(|p| store.package(p).path.to_string());
        if object.name.as_str() != "FS" || path.as_deref() != Some("embed") {
            return None;
        }
        let entries = with_folders(files);
        let mut list = Blob::default();
        for (name, contents) in &entries {
            self.put_string(&mut list, name.as_bytes());
            self.put_string(&mut list, contents);
            // The hash is there for the build's own use.
            list.u64(0);
            list.u64(0);
        }
        let (files, header) = (format!("{symbol}..files"), format!("{symbol}..slice"));
        self.add_blob(unit, &files, Section::Rodata, 8, list);
        let mut slice = Blob::default();
        slice.addr(Some(files));
        slice.u64(entries.len() as u64);
        slice.u64(entries.len() as u64);
        self.add_blob(unit, &header, Section::Rodata, 8, slice);
        let mut fs = Blob::default();
        fs.addr(Some(header));
        Some(fs)
    }
}

/// The files and the folders that lead to them (`a/`), sorted by folder and name.
fn with_folders(files: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut entries: Vec<(String, Vec<u8>)> = files.to_vec();
    for (name, _) in files {
        for (i, _) in name.match_indices('/') {
            entries.push((format!("{}/", &name[..i]), Vec::new()));
        }
    }
    let key = |name: &str| {
        let name = name.trim_end_matches('/');
        let (dir, base) = name.rsplit_once('/').unwrap_or((".", name));
        (dir.to_string(), base.to_string())
    };
    entries.sort_by_key(|(name, _)| key(name));
    entries.dedup_by(|a, b| a.0 == b.0);
    entries
}
