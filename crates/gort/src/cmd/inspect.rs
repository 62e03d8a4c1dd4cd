//! `gort inspect`

use gort_link::inspect::{Inspection, inspect};
use std::fmt::Write;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort inspect executable

Inspect shows what an executable is made of: its ELF header, the entry point with its symbol, segments
and sections with the part that each plays, and the build ID.
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let path = args
        .first()
        .filter(|p| args.len() == 1 && !p.starts_with('-'));
    let Some(path) = path else {
        eprintln!("usage: gort inspect executable\nRun 'gort help inspect' for details.");
        return ExitCode::from(2);
    };
    let bytes = match std::fs::read(path) {
        Ok(b) => b,
        Err(e) => {
            eprintln!(
                "gort inspect: open {path}: {}",
                gort_load::package::io_text(&e)
            );
            return ExitCode::from(1);
        }
    };
    match inspect(&bytes) {
        Ok(i) => {
            print!("{}", text(path, &i));
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("gort inspect: {path}: {e}");
            ExitCode::from(1)
        }
    }
}

fn text(path: &str, i: &Inspection) -> String {
    let mut s = String::new();
    header(&mut s, path, i).expect("writing to a string");
    tables(&mut s, i).expect("writing to a string");
    s
}

fn header(s: &mut String, path: &str, i: &Inspection) -> std::fmt::Result {
    writeln!(s, "{path}")?;
    writeln!(s, "  type             {}", i.kind)?;
    writeln!(s, "  machine          {}", i.machine)?;
    let symbol = i.entry_symbol.as_deref().unwrap_or("no symbol");
    writeln!(s, "  entry point      {:#x} <{symbol}>", i.entry)?;
    writeln!(
        s,
        "  program headers  {} at offset {}",
        i.program_headers.1, i.program_headers.0
    )?;
    writeln!(
        s,
        "  section headers  {} at offset {}",
        i.section_headers.1, i.section_headers.0
    )?;
    let id = i
        .build_id
        .as_ref()
        .map(|id| id.iter().map(|b| format!("{b:02x}")).collect::<String>());
    writeln!(s, "  build ID         {}", id.as_deref().unwrap_or("none"))
}

fn tables(s: &mut String, i: &Inspection) -> std::fmt::Result {
    writeln!(s, "\nsegments")?;
    writeln!(
        s,
        "  {:<12} {:<5} {:>10} {:>10} {:>10} {:>10}  what it is for",
        "type", "flags", "offset", "address", "file size", "mem size"
    )?;
    for g in &i.segments {
        writeln!(
            s,
            "  {:<12} {:<5} {:>#10x} {:>#10x} {:>#10x} {:>#10x}  {}",
            g.kind, g.flags, g.offset, g.address, g.file_size, g.memory_size, g.purpose
        )?;
        if !g.sections.is_empty() {
            writeln!(s, "  {:<12} {}", "", g.sections.join(" "))?;
        }
    }
    writeln!(s, "\nsections")?;
    writeln!(
        s,
        "  {:<20} {:<10} {:<5} {:>10} {:>10} {:>10} {:>5}  what it is for",
        "name", "type", "flags", "address", "offset", "size", "align"
    )?;
    for c in &i.sections {
        writeln!(
            s,
            "  {:<20} {:<10} {:<5} {:>#10x} {:>#10x} {:>#10x} {:>5}  {}",
            c.name, c.kind, c.flags, c.address, c.offset, c.size, c.align, c.purpose
        )?;
    }
    Ok(())
}
