//! Objects made by hand, linked; and what the linker says about wrong ones.

use gort_link::inspect::inspect;
use gort_link::{Input, LinkOptions, Role, link};
use object::write::{Object, Relocation, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};

fn object() -> Object<'static> {
    Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little)
}

fn symbol(o: &mut Object<'_>, name: &str, section: SymbolSection, value: u64) -> SymbolId {
    let defined = section != SymbolSection::Undefined;
    o.add_symbol(Symbol {
        name: name.as_bytes().to_vec(),
        value,
        size: if defined { 5 } else { 0 },
        kind: if defined {
            SymbolKind::Text
        } else {
            SymbolKind::Unknown
        },
        scope: SymbolScope::Linkage,
        weak: false,
        section,
        flags: SymbolFlags::None,
    })
}

/// An object with a function `name` in `section` that calls `callee`.
fn caller(name: &str, section: &str, callee: Option<&str>) -> Vec<u8> {
    let mut o = object();
    let text = o.add_section(vec![], section.as_bytes().to_vec(), SectionKind::Text);
    let at = o.append_section_data(text, &[0xe8, 0, 0, 0, 0], 16);
    symbol(&mut o, name, SymbolSection::Section(text), at);
    if let Some(callee) = callee {
        let symbol = symbol(&mut o, callee, SymbolSection::Undefined, 0);
        let flags = RelocationFlags::Elf {
            r_type: elf::R_X86_64_PLT32,
        };
        o.add_relocation(
            text,
            Relocation {
                offset: at + 1,
                symbol,
                addend: -4,
                flags,
            },
        )
        .unwrap();
    }
    o.write().unwrap()
}

fn options() -> LinkOptions {
    LinkOptions {
        entry: "start".into(),
        ..LinkOptions::default()
    }
}

/// Link and compare the problems, joined by newlines.
fn check(inputs: &[(&str, &[u8], Role)], expected: &str) {
    let inputs: Vec<Input<'_>> = inputs
        .iter()
        .map(|&(name, bytes, role)| Input { name, bytes, role })
        .collect();
    let problems = match link(&inputs, &options()) {
        Ok(_) => String::new(),
        Err(e) => e.problems.join("\n"),
    };
    assert_eq!(problems, expected);
}

#[test]
fn problems_name_symbol_and_referrer() {
    let a = caller("start", ".text", Some("missing"));
    check(
        &[("a.o", &a, Role::Go)],
        "undefined: missing, used by start in a.o",
    );
    let b = caller("start", ".text", None);
    check(
        &[("a.o", &b, Role::Go), ("b.o", &b, Role::Go)],
        "start is defined in a.o and in b.o",
    );
    let c = caller("other", ".text", None);
    check(&[("c.o", &c, Role::Go)], "the entry start is not defined");
    // Why a file is no object is said in the words of the crate that reads it.
    for bytes in [b"not an object".as_slice(), &b[..100]] {
        let input = Input {
            name: "bad.o",
            bytes,
            role: Role::Go,
        };
        let error = link(&[input], &options()).unwrap_err();
        assert!(error.problems[0].starts_with("bad.o: "), "{error}");
    }
}

#[test]
fn the_runtime_gives_only_what_is_needed() {
    let start = caller("start", ".text", Some("used"));
    let used = caller("used", ".text.used", None);
    let unused = caller("unused", ".text.unused", Some("missing"));
    let inputs = [
        Input {
            name: "start.o",
            bytes: &start,
            role: Role::Go,
        },
        Input {
            name: "used.o",
            bytes: &used,
            role: Role::Runtime,
        },
        Input {
            name: "unused.o",
            bytes: &unused,
            role: Role::Runtime,
        },
    ];
    let linked = link(&inputs, &options()).unwrap();
    let section = |name: &str| {
        linked
            .map
            .iter()
            .find(|m| m.name == name)
            .map(|m| m.section)
    };
    assert_eq!(section("start"), Some(".text"));
    assert_eq!(section("used"), Some(".rttext"));
    assert_eq!(section("unused"), None);
    assert_eq!(
        link(&inputs, &options()).unwrap().bytes,
        linked.bytes,
        "the same bytes again"
    );
}

#[test]
fn what_inspection_shows() {
    let start = caller("start", ".text", None);
    let input = Input {
        name: "start.o",
        bytes: &start,
        role: Role::Go,
    };
    let linked = link(&[input], &options()).unwrap();
    let seen = inspect(&linked.bytes).unwrap();
    assert_eq!((seen.kind, seen.machine.as_str()), ("executable", "x86-64"));
    assert_eq!(seen.entry_symbol.as_deref(), Some("start"));
    assert_eq!(seen.build_id, Some(linked.build_id));
    for s in &seen.segments {
        assert!(!(s.flags.contains('w') && s.flags.contains('x')), "{s:?}");
    }
    let names: Vec<&str> = seen.sections.iter().map(|s| s.name.as_str()).collect();
    assert!(names.starts_with(&[
        ".note.gnu.build-id",
        ".text",
        ".rttext",
        ".rodata",
        "functab"
    ]));
    assert!(seen.to_string().contains("<start>"));
    assert!(inspect(b"\x7fELF").is_err());
}
