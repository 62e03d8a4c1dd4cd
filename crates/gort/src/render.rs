//! Diagnostics for people (Go's form) and for tools (one JSON object a line).

use gort_load::Problem;
use gort_syntax::{Diagnostic, FileSet};
use std::fmt::Write;
use std::path::Path;

/// Errors shown unless `-e` asks for all.
const LIMIT: usize = 10;

/// Go's form: `file:line:col: message`, by position, at most ten.
pub fn text(files: &FileSet, diags: &[Diagnostic], all: bool) -> String {
    let mut out = String::new();
    let sorted = sorted(diags);
    for (i, d) in sorted.iter().enumerate() {
        if i == LIMIT && !all {
            writeln!(out, "too many errors").unwrap();
            break;
        }
        writeln!(out, "{}: {}", place(files, d), d.msg).unwrap();
        for (pos, msg) in &d.related {
            if let Some(p) = files.position(*pos) {
                let file = shown(&p.file);
                writeln!(out, "\t{file}:{}:{}: {msg}", p.line, p.col).unwrap();
            } else {
                writeln!(out, "\t{msg}").unwrap();
            }
        }
    }
    out
}

/// One JSON object a line; related positions follow as records whose message starts with a tab.
pub fn json(files: &FileSet, diags: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in sorted(diags) {
        record(&mut out, files, d.pos, &d.msg);
        for (pos, msg) in &d.related {
            record(&mut out, files, *pos, &format!("\t{msg}"));
        }
    }
    out
}

/// The record of a message without position.
pub fn plain_record(text: &str) -> String {
    format!(
        "{{\"file\":\"\",\"line\":0,\"col\":0,\"msg\":{}}}\n",
        quote(text)
    )
}

fn record(out: &mut String, files: &FileSet, pos: gort_syntax::Pos, msg: &str) {
    let p = files.position(pos);
    let (file, line, col) = p.map_or((String::new(), 0, 0), |p| {
        (p.file.to_string(), p.line, p.col)
    });
    let file = file.strip_prefix("./").unwrap_or(&file);
    writeln!(
        out,
        "{{\"file\":{},\"line\":{line},\"col\":{col},\"msg\":{}}}",
        quote(file),
        quote(msg)
    )
    .unwrap();
}

/// A JSON string.
pub fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 => write!(out, "\\u{:04x}", c as u32).unwrap(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn place(files: &FileSet, d: &Diagnostic) -> String {
    match files.position(d.pos) {
        Some(p) if p.col > 0 => format!("{}:{}:{}", shown(&p.file), p.line, p.col),
        Some(p) => format!("{}:{}", shown(&p.file), p.line),
        None => "gort".to_string(),
    }
}

/// Problems of the loader: as the go command prints them, which writes names of files without `./`.
pub fn problems(files: &FileSet, problems: &[Problem]) -> String {
    let mut out = String::new();
    let mut seen = Vec::new();
    for p in problems {
        let text = match p {
            Problem::Plain(text) => text.clone(),
            Problem::At(d) => {
                let place = place(files, d);
                let place = place.strip_prefix("./").unwrap_or(&place);
                // How the importer is reached stands in front.
                let way = d.related.iter().map(|(_, text)| format!("{text}\n\t"));
                format!("{}{place}: {}", way.collect::<String>(), d.msg)
            }
        };
        if !seen.contains(&text) {
            writeln!(out, "{text}").unwrap();
            seen.push(text);
        }
    }
    out
}

/// A file name as the go command prints it: `./x.go` in the working folder, else the shorter of the name relative to it
/// and the absolute one.
fn shown(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("./") {
        return if rest.contains('/') { rest } else { name }.to_string();
    }
    match std::env::current_dir() {
        Ok(cwd) if name.starts_with('/') => gort_load::resolve::short(&cwd, Path::new(name)),
        _ => name.to_string(),
    }
}

/// By position, without repetitions.
fn sorted(diags: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut list: Vec<&Diagnostic> = diags.iter().collect();
    list.sort_by_key(|d| d.pos);
    list.dedup_by(|a, b| a.pos == b.pos && a.msg == b.msg);
    list
}
