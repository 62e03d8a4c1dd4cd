//! Builds the runtime object and collects the Go overlay, so that one `cargo install` carries both.
//!
//! `gort-abi` and `gort-rt` are compiled directly with rustc, without cargo and without std, into one
//! object with fat LTO (so `core` comes along as far as it is used). Its `.text*` sections are what
//! the linker calls `rttext`. The overlay is the folder `goroot/`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let crates = here.parent().unwrap();
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    let overlay = crates.parent().unwrap().join("goroot");
    for p in [
        &crates.join("gort-rt/src"),
        &crates.join("gort-abi/src"),
        &overlay,
    ] {
        println!("cargo::rerun-if-changed={}", p.display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    let common = [
        "--edition=2024",
        "--target=x86_64-unknown-linux-gnu",
        "--crate-type=rlib",
        "-Cpanic=abort",
        "-Copt-level=3",
        "-Ccodegen-units=1",
        "-Crelocation-model=static",
        "-Cforce-frame-pointers=yes",
        "-Ccode-model=small",
        "-Cdebuginfo=0",
        // x86-64-v2, but not by that name: it makes the compiler rotate by SHLD, as was good on the first processors with
        // these features. On a later one MD5 took a fifth longer.
        "-Ctarget-cpu=x86-64",
        "-Ctarget-feature=+cmpxchg16b,+lahfsahf,+popcnt,+sse3,+ssse3,+sse4.1,+sse4.2",
    ];
    // Cargo does not tell a build script the profile's assertions; the profiles that have them (`checked`, `dev`)
    // give them to their build scripts as well.
    let checks = if cfg!(debug_assertions) { "yes" } else { "no" };
    let (overflow, assertions) = (
        format!("-Coverflow-checks={checks}"),
        format!("-Cdebug-assertions={checks}"),
    );
    let common: Vec<&str> = common
        .iter()
        .copied()
        .chain([&overflow[..], &assertions])
        .collect();
    let common = &common[..];
    rustc(
        common,
        &["--crate-name=gort_abi", "-Cembed-bitcode=yes"],
        &crates.join("gort-abi/src/lib.rs"),
        &out,
        &out.join("libgort_abi.rlib"),
        None,
    );
    let object = out.join("gort_rt.o");
    build_object(common, crates, &out, &object);
    embed(&out, &object, &overlay);
}

/// One object of gort-rt with everything it needs: a staticlib whose members are joined by fat LTO.
fn build_object(common: &[&str], crates: &Path, out: &Path, object: &Path) {
    let lib = out.join("libgort_rt.a");
    let remap = format!(
        "--remap-path-prefix={}=runtime",
        crates.join("gort-rt/src").display()
    );
    let args: Vec<&str> = common
        .iter()
        .copied()
        .filter(|a| !a.starts_with("--crate-type"))
        .collect();
    let abi = format!("gort_abi={}", out.join("libgort_abi.rlib").display());
    rustc(
        &args,
        &[
            "--crate-name=gort_rt",
            "--crate-type=staticlib",
            "-Clto=fat",
            &remap,
        ],
        &crates.join("gort-rt/src/lib.rs"),
        out,
        &lib,
        Some(&abi),
    );
    let bytes = fs::read(&lib).expect("the archive of the runtime");
    let members = archive_members(&bytes);
    let ours: Vec<_> = members
        .iter()
        .filter(|(n, _)| n.contains("gort_rt."))
        .collect();
    assert_eq!(
        ours.len(),
        1,
        "expected one object of gort_rt, found {:?}",
        ours.iter().map(|m| &m.0).collect::<Vec<_>>()
    );
    fs::write(object, ours[0].1).unwrap();
}

fn rustc(common: &[&str], more: &[&str], src: &Path, out: &Path, to: &Path, dep: Option<&str>) {
    let mut c = Command::new(env::var("RUSTC").unwrap());
    c.args(common)
        .args(more)
        .arg("-Awarnings")
        .arg("-o")
        .arg(to)
        .arg("-L")
        .arg(out)
        .arg(src);
    if let Some(d) = dep {
        c.arg("--extern").arg(d);
    }
    // Flags of the surrounding build (wrappers, RUSTFLAGS) are not meant for the runtime.
    c.env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS");
    let status = c.status().expect("rustc runs");
    assert!(status.success(), "the runtime does not compile: {c:?}");
}

/// Members of an `ar` archive: name and contents.
fn archive_members(bytes: &[u8]) -> Vec<(String, &[u8])> {
    let (mut at, mut names, mut found) = (8, &[][..], Vec::new());
    while at + 60 <= bytes.len() {
        let head = &bytes[at..at + 60];
        let text =
            |r: std::ops::Range<usize>| std::str::from_utf8(&head[r]).unwrap().trim().to_string();
        let (name, size): (String, usize) = (text(0..16), text(48..58).parse().unwrap());
        let body = &bytes[at + 60..at + 60 + size];
        if name == "//" {
            names = body;
        } else if let Some(off) = name.strip_prefix('/').and_then(|n| n.parse::<usize>().ok()) {
            let end = names[off..]
                .iter()
                .position(|&b| b == b'/' || b == b'\n')
                .unwrap()
                + off;
            found.push((String::from_utf8_lossy(&names[off..end]).into_owned(), body));
        } else if name != "/" {
            found.push((name.trim_end_matches('/').to_string(), body));
        }
        at += 60 + size + size % 2;
    }
    found
}

/// Writes the tables that `src/embedded.rs` includes.
fn embed(out: &Path, object: &Path, overlay: &Path) {
    let mut files = Vec::new();
    walk(overlay, &mut files);
    files.sort();
    let mut s = String::new();
    writeln!(
        s,
        "/// Objects of the runtime, to be linked into every program: name, ELF relocatable file."
    )
    .unwrap();
    writeln!(s, "pub static RUNTIME_OBJECTS: &[(&str, &[u8])] = &[(\"gort_rt.o\", include_bytes!({object:?}))];").unwrap();
    writeln!(
        s,
        "/// The Go overlay: path below goroot/ (`runtime/proc.go`), contents."
    )
    .unwrap();
    writeln!(s, "pub static OVERLAY: &[(&str, &[u8])] = &[").unwrap();
    for f in files {
        let rel = f.strip_prefix(overlay).unwrap();
        writeln!(s, "    ({:?}, include_bytes!({:?})),", rel, f).unwrap();
    }
    writeln!(s, "];").unwrap();
    fs::write(out.join("embedded.rs"), s).unwrap();
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for e in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(&p, files);
        } else {
            files.push(p);
        }
    }
}
