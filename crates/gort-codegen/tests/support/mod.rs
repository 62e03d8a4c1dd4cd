//! Links compiled IR with a start of a few instructions, runs it, and reads what `main.test` returned.

use gort_abi::WRITE_BARRIER;
use gort_codegen::{Options, compile};
use gort_ir::func::LocData;
use gort_ir::{Builder, Func, Module, Type};
use gort_link::{Input, LinkOptions, Linked, Role, link};
use object::write::{Object, Relocation, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Start: r15 to a G of zeros, call, write rax to standard output, exit.
const START: &[u8] = &[
    0x4c, 0x8d, 0x3d, 0, 0, 0, 0, // lea r15, [rip + g]
    0xe8, 0, 0, 0, 0,    // call main.test
    0x50, // push rax
    0xb8, 1, 0, 0, 0, // mov eax, 1 (write)
    0xbf, 1, 0, 0, 0, // mov edi, 1
    0x48, 0x89, 0xe6, // mov rsi, rsp
    0xba, 8, 0, 0, 0, // mov edx, 8
    0x0f, 0x05, // syscall
    0xb8, 0xe7, 0, 0, 0, // mov eax, 231 (exit_group)
    0x31, 0xff, // xor edi, edi
    0x0f, 0x05, // syscall
];

/// A native or panic function: exit with a status.
fn exit(status: u8) -> Vec<u8> {
    vec![0xb8, 0xe7, 0, 0, 0, 0xbf, status, 0, 0, 0, 0x0f, 0x05]
}

/// Exit status of a failed bounds check.
pub const BOUNDS: i32 = 21;
/// Exit status of a division by zero.
pub const DIVIDE: i32 = 22;
/// Exit status of a call of `runtime.morestack`.
const MORESTACK: i32 = 23;
/// Exit status of a call of `runtime.fastrand`: what needs it is compiled, but not run.
const FASTRAND: i32 = 24;

/// The code of `runtime.deferproc`: jump to the recovery block of the caller's frame, as the runtime would
/// after a recovered panic. rsi is the frame pointer; `main.test`'s func table record is the first.
const DEFERPROC: &[u8] = &[
    0x48, 0x89, 0xf5, // mov rbp, rsi
    0x48, 0x8d, 0x05, 0, 0, 0, 0, // lea rax, [rip + __start_functab]
    0x8b, 0x48, 0x0c, // mov ecx, [rax + 12] (frame_size)
    0x48, 0x89, 0xec, // mov rsp, rbp
    0x48, 0x29, 0xcc, // sub rsp, rcx
    0x8b, 0x48, 0x2c, // mov ecx, [rax + 44] (recover_off)
    0x48, 0x03, 0x08, // add rcx, [rax] (entry)
    0x31, 0xdb, // xor ebx, ebx
    0x4d, 0x31, 0xe4, // xor r12, r12
    0xff, 0xe1, // jmp rcx
];

/// `barrier`: what the write barrier's flag is. Its stubs do nothing.
fn start_object(barrier: bool) -> Vec<u8> {
    let mut o = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = o.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
    let bss = o.add_section(Vec::new(), b".bss".to_vec(), SectionKind::UninitializedData);
    let symbol = |name: &str, section, value| Symbol {
        name: name.as_bytes().to_vec(),
        value,
        size: 0,
        kind: if section == SymbolSection::Undefined {
            SymbolKind::Unknown
        } else {
            SymbolKind::Text
        },
        scope: SymbolScope::Linkage,
        weak: false,
        section,
        flags: SymbolFlags::None,
    };
    let g = o.append_section_bss(bss, 128, 8);
    let g = o.add_symbol(symbol("g", SymbolSection::Section(bss), g));
    let test = o.add_symbol(symbol("main.test", SymbolSection::Undefined, 0));
    let start = o.append_section_data(text, START, 16);
    o.add_symbol(symbol(
        "_rt0_amd64_linux",
        SymbolSection::Section(text),
        start,
    ));
    let reloc = |o: &mut Object<'_>, offset, symbol| {
        let flags = RelocationFlags::Elf {
            r_type: elf::R_X86_64_PC32,
        };
        o.add_relocation(
            text,
            Relocation {
                offset,
                symbol,
                addend: -4,
                flags,
            },
        )
        .unwrap();
    };
    reloc(&mut o, start + 3, g);
    reloc(&mut o, start + 8, test);
    for (name, status) in [
        ("runtime.panicIndex", BOUNDS),
        ("runtime.panicSliceB", BOUNDS),
        ("runtime.panicdivide", DIVIDE),
        ("runtime.morestack", MORESTACK),
        ("runtime.fastrand", FASTRAND),
    ] {
        let at = o.append_section_data(text, &exit(status as u8), 16);
        o.add_symbol(symbol(name, SymbolSection::Section(text), at));
    }
    for stub in [
        "runtime.gcWriteBarrier",
        "runtime.gcBulkBarrier",
        "runtime.decodemultibyte",
    ] {
        let at = o.append_section_data(text, &[0xc3], 16);
        o.add_symbol(symbol(stub, SymbolSection::Section(text), at));
    }
    let data = o.add_section(Vec::new(), b".data".to_vec(), SectionKind::Data);
    let flag = o.append_section_data(data, &u32::from(barrier).to_le_bytes(), 4);
    let flag = symbol(WRITE_BARRIER, SymbolSection::Section(data), flag);
    o.add_symbol(flag);
    let at = o.append_section_data(text, DEFERPROC, 16);
    o.add_symbol(symbol(
        "runtime.deferproc",
        SymbolSection::Section(text),
        at,
    ));
    let functab = o.add_symbol(symbol("__start_functab", SymbolSection::Undefined, 0));
    reloc(&mut o, at + 6, functab);
    // A native function: subtracts.
    let at = o.append_section_data(text, &[0x48, 0x89, 0xf8, 0x48, 0x29, 0xf0, 0xc3], 16);
    o.add_symbol(symbol("runtime.subtract", SymbolSection::Section(text), at));
    o.write().unwrap()
}

/// Compile and link a module with the start, with the write barrier on or off.
pub fn build(module: &Module, barrier: bool) -> Linked {
    let object = compile(
        module,
        &Options {
            verify: true,
            debug_info: true,
        },
    )
    .unwrap();
    let start = start_object(barrier);
    let inputs = [
        Input {
            name: "main.o",
            bytes: &object,
            role: Role::Go,
        },
        Input {
            name: "start.o",
            bytes: &start,
            role: Role::Runtime,
        },
    ];
    link(&inputs, &LinkOptions::default()).unwrap()
}

/// Run an executable: what `main.test` returned, or the exit status.
pub fn run(linked: &Linked) -> Result<i64, i32> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&linked.bytes).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755))
        .unwrap();
    drop(file);
    if let Some(keep) = std::env::var_os("KEEP_EXE") {
        std::fs::copy(&path, keep).unwrap();
    }
    // Another test's fork may still hold the file open for writing.
    let output = loop {
        match Command::new(&path).output() {
            Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::yield_now()
            }
            output => break output.unwrap(),
        }
    };
    match <[u8; 8]>::try_from(output.stdout.as_slice()) {
        Ok(bytes) => Ok(i64::from_le_bytes(bytes)),
        Err(_) => Err(output.status.code().unwrap_or(-1)),
    }
}

/// A function with its body built by `body`.
pub fn function(
    module: &mut Module,
    name: &str,
    results: &[Type],
    body: impl FnOnce(&mut Module, &mut Builder),
) {
    let sym = module.sym(name);
    let loc = LocData {
        file: 0,
        line: 1,
        inline: 0,
    };
    let mut b = Builder::new(Func::new(sym, results.to_vec(), loc));
    body(module, &mut b);
    let func = b.finish();
    module.funcs.push(func);
}
