//! Diagnostics for people (Go's form) and for tools (one JSON object a line).

use crate::excerpt;
use gort_load::Problem;
use gort_syntax::{Diagnostic, FileSet};
use rustc_hash::FxHashSet;
use std::fmt::Write;
use std::path::Path;

/// Errors shown unless `-e` asks for all.
const LIMIT: usize = 10;

/// Go's form: `file:line:col: message`, by position; with `excerpts` each followed by its source line. Unless all are
/// asked for, official Go stops at the tenth error that it finds and says so at its place: which ten that are depends on
/// the order of checking.
pub fn text(files: &FileSet, diags: &[Diagnostic], all: bool, excerpts: bool) -> String {
    let mut out = String::new();
    let first = distinct(diags);
    let last = first.get(LIMIT - 1).filter(|_| !all);
    let shown_diags = match last {
        Some(_) => sorted(&first[..LIMIT]),
        None => sorted(&first),
    };
    for d in shown_diags {
        match d.code {
            // Begins with the function that refers to something.
            "Relocation" => writeln!(out, "{}", d.msg).unwrap(),
            _ => writeln!(out, "{}: {}", place(files, d), d.msg).unwrap(),
        }
        if excerpts && let Some(lines) = excerpt::excerpt(files, d) {
            out.push_str(&lines);
        }
        for (pos, msg) in &d.related {
            if let Some(p) = files.position(*pos) {
                let file = shown(&p.file);
                writeln!(out, "\t{file}:{}:{}: {msg}", p.line, p.col).unwrap();
            } else {
                writeln!(out, "\t{msg}").unwrap();
            }
        }
    }
    if let Some(last) = last {
        writeln!(out, "{}: too many errors", place(files, last)).unwrap();
    }
    out
}

/// One JSON object a line: `file`, `line`, `col` and `msg`; `end`, where the text that it is about ends; `code`, the
/// kind of error in the words of types2; and `related`, the positions that explain it. For readers that know only the
/// first four keys these follow as records of their own too, whose message starts with a tab.
pub fn json(files: &FileSet, diags: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in sorted(&distinct(diags)) {
        let end = match excerpt::end(files, d).and_then(|pos| files.position(pos)) {
            Some(p) => format!("{{\"line\":{},\"col\":{}}}", p.line, p.col),
            None => "null".into(),
        };
        let related = d.related.iter();
        let related: Vec<String> = related.map(|(p, m)| object(files, *p, m, "")).collect();
        let more = format!(
            ",\"end\":{end},\"code\":{},\"related\":[{}]",
            quote(d.code),
            related.join(",")
        );
        writeln!(out, "{}", object(files, d.pos, &d.msg, &more)).unwrap();
        for (pos, msg) in &d.related {
            let msg = format!("\t{msg}");
            writeln!(out, "{}", object(files, *pos, &msg, "")).unwrap();
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

/// A position with a message; `more` stands at the end.
fn object(files: &FileSet, pos: gort_syntax::Pos, msg: &str, more: &str) -> String {
    let p = files.position(pos);
    let (file, line, col) = p.map_or((String::new(), 0, 0), |p| {
        (p.file.to_string(), p.line, p.col)
    });
    let file = file.strip_prefix("./").unwrap_or(&file);
    format!(
        "{{\"file\":{},\"line\":{line},\"col\":{col},\"msg\":{}{more}}}",
        quote(file),
        quote(msg)
    )
}

/// A JSON string, which is a Go string literal too.
pub fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 || matches!(c, '\x7f' | '\u{feff}') => {
                write!(out, "\\u{:04x}", c as u32).unwrap()
            }
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
        // In official Go too the linker knows no positions.
        None if d.code == "Link" => "link".to_string(),
        None => "gort".to_string(),
    }
}

/// Problems of the loader: as the go command prints them, which writes names of files without `./`. One that has a place is
/// told once; those without are of packages each, which may have files of the same name.
pub fn problems(files: &FileSet, problems: &[Problem]) -> String {
    let mut out = String::new();
    let mut seen = Vec::new();
    for p in problems {
        let text = match p {
            Problem::Plain(text) => text.clone(),
            Problem::At(d) | Problem::Import(_, d) => {
                let place = place(files, d);
                let place = place.strip_prefix("./").unwrap_or(&place);
                // How the importer is reached stands in front.
                let way = d.related.iter().map(|(_, text)| format!("{text}\n\t"));
                format!("{}{place}: {}", way.collect::<String>(), d.msg)
            }
        };
        if matches!(p, Problem::Plain(_)) || !seen.contains(&text) {
            writeln!(out, "{text}").unwrap();
            seen.push(text);
        }
    }
    out
}

/// A file name as the go command prints it: `./x.go` in the working folder, else the shorter of the name relative to it
/// and the absolute one.
pub fn shown(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("./") {
        return if rest.contains('/') { rest } else { name }.to_string();
    }
    match std::env::current_dir() {
        Ok(cwd) if name.starts_with('/') => gort_load::resolve::short(&cwd, Path::new(name)),
        _ => name.to_string(),
    }
}

/// By position, without repetitions.
/// The diagnostics without repetitions, in the order in which they were found.
fn distinct(diags: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut seen = FxHashSet::default();
    let fresh = diags
        .iter()
        .filter(|d| seen.insert((d.pos, d.msg.as_str())));
    fresh.collect()
}

fn sorted<'d>(diags: &[&'d Diagnostic]) -> Vec<&'d Diagnostic> {
    let mut list = diags.to_vec();
    list.sort_by_key(|d| d.pos);
    list
}
