//! Encoded names (internal/abi's Name): flags, length, bytes, tag, package path.

use super::Blob;
use crate::program::Cx;
use gort_ir::{RelocKind, Section};

const EXPORTED: u8 = 1;
const HAS_TAG: u8 = 2;
const HAS_PKG: u8 = 4;
const EMBEDDED: u8 = 8;

/// What an encoded name says.
#[derive(Default, Clone)]
pub struct NameParts<'n> {
    pub name: &'n str,
    pub tag: &'n str,
    pub exported: bool,
    pub embedded: bool,
    /// Import path of an unexported name, where the type does not tell it.
    pub pkg: Option<&'n str>,
}

impl Cx<'_> {
    /// The symbol of an encoded name.
    pub fn name_data(&mut self, n: &NameParts<'_>) -> String {
        let flags = [
            (n.exported, EXPORTED),
            (!n.tag.is_empty(), HAS_TAG),
            (n.pkg.is_some(), HAS_PKG),
            (n.embedded, EMBEDDED),
        ]
        .iter()
        .map(|(on, bit)| if *on { *bit } else { 0 })
        .sum::<u8>();
        let symbol = format!(
            "type:.name.{flags}.{}.{}.{}",
            n.name,
            n.tag,
            n.pkg.unwrap_or("")
        );
        if !self.request(&symbol) {
            return symbol;
        }
        let pkg = n.pkg.map(|p| self.path_name(p));
        let mut blob = Blob::default();
        blob.u8(flags);
        counted(&mut blob, n.name);
        if !n.tag.is_empty() {
            counted(&mut blob, n.tag);
        }
        if let Some(pkg) = pkg {
            blob.relocs
                .push((blob.bytes.len() as u32, RelocKind::Abs32, pkg, 0));
            blob.u32(0);
        }
        let unit = self.runtime_unit();
        self.add_blob(unit, &symbol, Section::Rodata, 1, blob);
        symbol
    }

    /// The encoded name of an import path.
    pub fn path_name(&mut self, path: &str) -> String {
        self.name_data(&NameParts {
            name: path,
            ..NameParts::default()
        })
    }
}

fn counted(blob: &mut Blob, text: &str) {
    let mut n = text.len();
    while n >= 0x80 {
        blob.u8(n as u8 | 0x80);
        n >>= 7;
    }
    blob.u8(n as u8);
    blob.bytes.extend(text.as_bytes());
}
