//! Just enough of Go's declarations for the checks of the border: functions without a body, and structs.

use gort_abi::natives::Class;
use std::path::Path;

/// A function declaration of the overlay.
pub struct Func {
    /// `file:line` from the root of the repository.
    pub place: String,
    /// Name in the symbol table: of a linkname if one stands above, else package and name.
    pub symbol: String,
    /// Whether a body follows.
    pub body: bool,
    /// Parameters and results as they are written.
    params: String,
    results: String,
}

impl Func {
    /// Words in and out; None if a type has no class here.
    pub fn classes(&self) -> Option<(Vec<Class>, Vec<Class>)> {
        Some((words(&self.params)?, words(&self.results)?))
    }
}

/// All functions (not methods) of the overlay whose declaration is one line.
pub fn functions(root: &Path) -> Vec<Func> {
    let overlay = root.join("goroot");
    let mut found = Vec::new();
    for path in super::walk(&overlay) {
        if path.extension().is_none_or(|e| e != "go") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let package = path.parent().and_then(|p| p.strip_prefix(&overlay).ok());
        let package = package.map(|p| p.display().to_string()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("").trim_end();
            let Some(rest) = code.strip_prefix("func ") else {
                continue;
            };
            let Some(open) = rest.find('(').filter(|&i| i > 0) else {
                continue;
            };
            let name = rest[..open].split('[').next().unwrap_or("");
            let Some(close) = matching(rest, open) else {
                continue;
            };
            let after = rest[close + 1..].trim();
            let body = after.ends_with('{') || after.contains("{ ") || after.contains("{}");
            let results = after.split('{').next().unwrap_or("").trim();
            let link = n.checked_sub(1).and_then(|k| linkname(lines[k], name));
            found.push(Func {
                place: format!("{shown}:{}", n + 1),
                symbol: link.unwrap_or_else(|| format!("{package}.{name}")),
                body,
                params: rest[open + 1..close].to_string(),
                results: results
                    .trim_start_matches('(')
                    .trim_end_matches(')')
                    .to_string(),
            });
        }
    }
    found
}

fn linkname(line: &str, name: &str) -> Option<String> {
    let mut words = line.strip_prefix("//go:linkname ")?.split_whitespace();
    (words.next() == Some(name)).then(|| words.next().map(str::to_string))?
}

/// The parenthesis that closes the one at `open`.
fn matching(s: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (i, c) in s.char_indices().skip(open) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// The fields of a list `a, b T, c U` with their types; unnamed ones have an empty name.
fn list(s: &str) -> Vec<(String, String)> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for c in s.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    let parts: Vec<&str> = parts
        .iter()
        .map(|p| p.trim())
        .filter(|p| !p.is_empty())
        .collect();
    let named = |p: &str| {
        let word = p.split(' ').next().unwrap_or("");
        word.len() < p.len() && word.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    if !parts.iter().any(|p| named(p)) {
        return parts
            .iter()
            .map(|p| (String::new(), p.to_string()))
            .collect();
    }
    let (mut found, mut waiting) = (Vec::new(), Vec::new());
    for p in parts {
        match p.split_once(' ') {
            Some((name, typ)) if named(p) => {
                waiting.push(name);
                found.extend(
                    waiting
                        .drain(..)
                        .map(|n| (n.to_string(), typ.trim().to_string())),
                );
            }
            _ => waiting.push(p),
        }
    }
    found
}

fn words(s: &str) -> Option<Vec<Class>> {
    let mut found = Vec::new();
    for (_, typ) in list(s) {
        match typ.as_str() {
            "int" | "uint" | "uintptr" | "int64" | "uint64" | "Word" => found.push(Class::W64),
            "int32" | "uint32" => found.push(Class::W32),
            "int16" | "uint16" => found.push(Class::W16),
            "bool" | "byte" | "int8" | "uint8" => found.push(Class::W8),
            "float32" => found.push(Class::F32),
            "float64" => found.push(Class::F64),
            "string" => found.extend([Class::Ptr, Class::W64]),
            "unsafe.Pointer" => found.push(Class::Ptr),
            t if t.starts_with(['*']) || t.starts_with("func(") => found.push(Class::Ptr),
            _ => return None,
        }
    }
    Some(found)
}

/// The fields of a struct type of package runtime: name, offset and size, as amd64 lays them out. None without such a
/// type, or if a field's type has no size here.
pub fn fields(root: &Path, name: &str) -> Option<Vec<(String, usize, usize)>> {
    let head = format!("type {name} struct {{");
    let text = super::walk(&root.join("goroot/runtime"))
        .into_iter()
        .filter_map(|p| std::fs::read_to_string(p).ok())
        .find(|t| t.lines().any(|l| l == head))?;
    let (mut at, mut found) = (0usize, Vec::new());
    for line in text.lines().skip_while(|l| *l != head).skip(1) {
        if line == "}" {
            return Some(found);
        }
        let code = line.split("//").next().unwrap_or("").trim();
        if code.is_empty() {
            continue;
        }
        for (field, typ) in list(code) {
            let (size, align) = size(&typ)?;
            at = at.next_multiple_of(align);
            found.push((field, at, size));
            at += size;
        }
    }
    None
}

fn size(typ: &str) -> Option<(usize, usize)> {
    Some(match typ {
        "bool" | "byte" | "int8" | "uint8" => (1, 1),
        "int16" | "uint16" => (2, 2),
        "int32" | "uint32" => (4, 4),
        "string" | "any" => (16, 8),
        "int" | "uint" | "uintptr" | "int64" | "uint64" | "unsafe.Pointer" => (8, 8),
        t if t.starts_with('*') || t.starts_with("func(") => (8, 8),
        t => {
            let (n, of) = t.strip_prefix('[')?.split_once(']')?;
            let (each, align) = size(of)?;
            (n.parse::<usize>().ok()? * each, align)
        }
    })
}

/// The names of the const block of package runtime that begins with `first = iota`.
pub fn constants(root: &Path, first: &str) -> Vec<String> {
    let head = format!("\t{first} = iota");
    for path in super::walk(&root.join("goroot/runtime")) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.lines().any(|l| l == head) {
            let block = text.lines().skip_while(|l| *l != head);
            return block
                .take_while(|l| *l != ")")
                .filter_map(|l| l.split_whitespace().next().map(str::to_string))
                .collect();
        }
    }
    Vec::new()
}
