//! What overlay.toml changes in packages of GOROOT: files left out, files taken in spite of their constraints, files in
//! assembly: those of the library are else left out.

use crate::context::Overlay;
use serde::Deserialize;
use std::collections::HashMap;

/// The changes to one package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Import path.
    pub path: String,
    /// Files that are left out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Files that are taken though their build constraints say no.
    #[serde(default)]
    pub add: Vec<String>,
    /// Files in assembly that are assembled; one that ends in `_test.s` for tests of the package only.
    #[serde(default)]
    pub assembly: Vec<String>,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
struct File {
    package: Vec<Recipe>,
}

/// Read overlay.toml.
///
/// # Errors
/// What is wrong with it.
pub fn parse(overlay: Overlay) -> Result<HashMap<String, Recipe>, String> {
    let Some((_, bytes)) = overlay.iter().find(|(path, _)| *path == "overlay.toml") else {
        return Ok(HashMap::new());
    };
    let text = std::str::from_utf8(bytes).map_err(|e| format!("overlay.toml: {e}"))?;
    let file: File = toml::from_str(text).map_err(|e| format!("overlay.toml: {e}"))?;
    Ok(file
        .package
        .into_iter()
        .map(|r| (r.path.clone(), r))
        .collect())
}
