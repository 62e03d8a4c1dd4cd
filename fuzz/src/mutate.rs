//! Inputs made of seeds: words and bytes are dropped, doubled, exchanged, taken from another seed; ends are cut off.

use std::path::{Path, PathBuf};

/// Larger files are not taken: they slow things down and hold nothing new.
const LARGEST: u64 = 48 << 10;

/// A xorshift generator.
pub struct Random(u64);

impl Random {
    /// A generator; different seeds give different sequences.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Go files, cut into words.
pub struct Seeds {
    texts: Vec<String>,
}

impl Seeds {
    /// Read all Go files below folders, in the order of their names.
    pub fn read(folders: &[PathBuf]) -> Seeds {
        let mut files = Vec::new();
        folders.iter().for_each(|f| collect(f, &mut files));
        files.sort();
        let texts = files.iter().filter_map(|f| std::fs::read_to_string(f).ok());
        Seeds {
            texts: texts.collect(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The n-th.
    pub fn text(&self, n: usize) -> Option<&str> {
        self.texts.get(n).map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        entries.flatten().for_each(|e| collect(&e.path(), files));
        return;
    }
    let small = path
        .metadata()
        .is_ok_and(|m| m.is_file() && m.len() <= LARGEST);
    if small && path.extension().is_some_and(|e| e == "go") {
        files.push(path.to_path_buf());
    }
}

/// The next input.
pub fn input(rng: &mut Random, seeds: &Seeds) -> Vec<u8> {
    let (a, b) = (rng.below(seeds.len()), rng.below(seeds.len()));
    let text = words(rng, &seeds.texts[a], &seeds.texts[b]);
    let mut bytes = text.into_bytes();
    if rng.below(4) == 0 {
        self::bytes(rng, &mut bytes);
    }
    bytes
}

/// Changes of words.
fn words(rng: &mut Random, a: &str, b: &str) -> String {
    let mut toks = tokens(a);
    let other = tokens(b);
    for _ in 0..1 + rng.below(6) {
        if toks.is_empty() {
            break;
        }
        let i = rng.below(toks.len());
        match rng.below(15) {
            0 | 1 => toks.truncate(i),
            2 | 3 => {
                let n = (1 + rng.below(8)).min(toks.len() - i);
                toks.drain(i..i + n);
            }
            4 | 5 => {
                let n = (1 + rng.below(12)).min(toks.len() - i);
                let part = toks[i..i + n].to_vec();
                let at = rng.below(toks.len());
                toks.splice(at..at, part);
            }
            6..=9 => {
                let j = rng.below(toks.len());
                toks[i] = toks[j];
            }
            10 | 11 if !other.is_empty() => toks[i] = other[rng.below(other.len())],
            12 if rng.below(20) == 0 => {
                // Deep nesting: one or two words many times over.
                let n = (1 + rng.below(3)).min(toks.len() - i);
                let part = toks[i..i + n].to_vec();
                let times = 1 << rng.below(14);
                let many = part.iter().copied().cycle().take(n * times);
                toks.splice(i..i, many);
            }
            _ if !other.is_empty() => {
                let j = rng.below(other.len());
                let n = (1 + rng.below(30)).min(other.len() - j);
                toks.splice(i..i, other[j..j + n].iter().copied());
            }
            _ => {}
        }
    }
    toks.concat()
}

/// Words, blanks, and single other characters.
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

/// Changes of bytes, which need not leave UTF-8.
fn bytes(rng: &mut Random, bytes: &mut Vec<u8>) {
    const ODD: &[&[u8]] = &[
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"/*",
        b"\"",
        b"`",
        b"'",
        b"\\u",
        b"\xc3",
        b"//line x:0",
        b"0x",
        b"1e999999999",
        b"0b2",
    ];
    for _ in 0..1 + rng.below(4) {
        let i = rng.below(bytes.len() + 1);
        match rng.below(4) {
            0 if i < bytes.len() => bytes[i] ^= 1 << rng.below(8),
            1 if i < bytes.len() => {
                bytes.remove(i);
            }
            2 => bytes.truncate(i),
            _ => {
                let odd = ODD[rng.below(ODD.len())];
                bytes.splice(i..i, odd.iter().copied());
            }
        }
    }
}
