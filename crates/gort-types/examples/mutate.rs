//! Checks mutated Go files for ever (or for some seconds): the checker must neither panic nor hang.
//! `mutate SECONDS SEED WORKFILE FILE...`. The input at hand is in WORKFILE when something goes wrong.

use bumpalo::Bump;
use gort_syntax::FileSet;
use gort_types::{Config, Importer, PackageInput, PkgId, TypeStore, check_package};
use std::time::{Duration, Instant};

struct NoImports;

impl Importer for NoImports {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if path == "unsafe" {
            Ok(PkgId::UNSAFE)
        } else {
            Err("no imports".into())
        }
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Words, numbers, and single other characters.
fn tokens(src: &str) -> Vec<&str> {
    let mut out = vec![];
    let mut rest = src;
    while let Some(c) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let space = |c: char| c == ' ' || c == '\t';
        let n = if word(c) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if space(c) {
            rest.find(|c| !space(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        out.push(&rest[..n]);
        rest = &rest[n..];
    }
    out
}

fn mutate(rng: &mut Random, a: &str, b: &str) -> String {
    let mut toks = tokens(a);
    let other = tokens(b);
    for _ in 0..1 + rng.next(6) {
        if toks.is_empty() {
            break;
        }
        let i = rng.next(toks.len());
        match rng.next(7) {
            0 => toks.truncate(i),
            1 => {
                let n = (1 + rng.next(8)).min(toks.len() - i);
                toks.drain(i..i + n);
            }
            2 => {
                let n = (1 + rng.next(12)).min(toks.len() - i);
                let part = toks[i..i + n].to_vec();
                let at = rng.next(toks.len());
                toks.splice(at..at, part);
            }
            3 | 4 => {
                let j = rng.next(toks.len());
                toks[i] = toks[j];
            }
            5 if !other.is_empty() => toks[i] = other[rng.next(other.len())],
            _ if !other.is_empty() => {
                let j = rng.next(other.len());
                let n = (1 + rng.next(30)).min(other.len() - j);
                toks.splice(i..i, other[j..j + n].iter().copied());
            }
            _ => {}
        }
    }
    toks.concat()
}

fn check(src: &str) {
    let arena = Bump::new();
    let fset = FileSet::new();
    let store = TypeStore::new();
    let (file, _) = gort_syntax::parse_file(
        &arena,
        &fset,
        "f.go",
        src.as_bytes(),
        gort_syntax::Mode::Full,
    );
    let files = [file];
    let config = Config::default();
    let input = PackageInput {
        path: "p",
        files: &files,
        importer: &NoImports,
        config: &config,
    };
    check_package(&store, &fset, input);
}

fn run() {
    let args: Vec<String> = std::env::args().collect();
    let seconds: u64 = args[1].parse().unwrap();
    let mut rng = Random(args[2].parse::<u64>().unwrap().wrapping_mul(2) + 1);
    let texts: Vec<String> = args[4..]
        .iter()
        .filter_map(|f| std::fs::read_to_string(f).ok())
        .collect();
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < Duration::from_secs(seconds) {
        let (a, b) = (rng.next(texts.len()), rng.next(texts.len()));
        let src = mutate(&mut rng, &texts[a], &texts[b]);
        std::fs::write(&args[3], &src).unwrap();
        let t = Instant::now();
        check(&src);
        if t.elapsed() > Duration::from_millis(1500) {
            println!("slow: {:?} {}", t.elapsed(), args[4 + a]);
            std::fs::write(format!("{}.slow", args[3]), &src).unwrap();
        }
        count += 1;
    }
    println!("{count} inputs");
}

fn main() {
    let t = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(run)
        .unwrap();
    std::process::exit(i32::from(t.join().is_err()));
}
