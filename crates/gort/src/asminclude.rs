//! What files in assembly include. The assembler reads it by itself; here it is looked at as well, so that the record of
//! what the build has read ([`gort_load::files`]) has it.

use gort_load::{LoadedPackage, files};
use std::path::{Path, PathBuf};

/// Look at a file of a package and all that it includes: from its folder, or from GOROOT. What could be found but is not
/// there is looked at too.
pub fn look_at(p: &LoadedPackage, file: &str) {
    let mut folders = vec![p.dir.clone()];
    folders.extend(gort_load::goroot::find().map(|root| root.join("pkg/include")));
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut todo = vec![p.dir.join(file)];
    while let Some(path) = todo.pop() {
        if seen.contains(&path) {
            continue;
        }
        if let Ok(bytes) = files::read(&path) {
            let text = String::from_utf8_lossy(&bytes);
            for name in included(&text) {
                todo.extend(folders.iter().map(|f| f.join(name)));
                todo.extend(path.parent().map(|f: &Path| f.join(name)));
            }
        }
        seen.push(path);
    }
}

/// The names behind `#include`, whatever `#ifdef` says.
fn included(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .filter_map(|l| l.trim_start().strip_prefix('#'));
    let lines = lines.filter_map(|l| l.trim_start().strip_prefix("include"));
    lines.filter_map(|l| Some(l.trim().strip_prefix('"')?.split_once('"')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let text = "#include \"textflag.h\"\n  # include \"a/b.h\" // c\n#define include \"d\"\nTEXT include\n";
        assert_eq!(included(text).collect::<Vec<_>>(), ["textflag.h", "a/b.h"]);
    }
}
