//! Go files of the repository are formatted as gofmt formats them, where official Go is there to ask.

use std::path::Path;
use std::process::Command;

/// Files whose form is what they test.
const AS_THEY_ARE: &[&str] = &["tests/errors/", "fuzz/"];

/// Check all Go files.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    let goroot = Command::new("python3")
        .args(["tests/goroot.py", "--print"])
        .current_dir(root)
        .output();
    let Ok(goroot) = goroot else { return };
    let goroot = String::from_utf8_lossy(&goroot.stdout).trim().to_string();
    let tool = Path::new(&goroot).join("bin/gofmt");
    if !tool.exists() {
        println!("tidy: no gofmt, so Go files are not checked");
        return;
    }
    let files: Vec<_> = super::walk(root)
        .into_iter()
        .filter_map(|p| Some(p.strip_prefix(root).ok()?.to_path_buf()))
        .filter(|p| p.extension().is_some_and(|e| e == "go"))
        .filter(|p| !AS_THEY_ARE.iter().any(|a| p.starts_with(a)))
        .collect();
    let Ok(out) = Command::new(tool)
        .arg("-l")
        .args(files)
        .current_dir(root)
        .output()
    else {
        return;
    };
    let shown = [out.stdout, out.stderr].concat();
    for line in String::from_utf8_lossy(&shown).lines() {
        problems.push(format!("{line}: not formatted by gofmt"));
    }
}
