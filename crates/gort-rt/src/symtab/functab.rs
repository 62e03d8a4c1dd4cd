//! The func table: binary search by pc, and what a pc means in source terms.

use gort_abi::{
    FUNC_FRAMELESS, FUNC_NOPREEMPT, FUNC_WRAPPER, FileEntry, FuncInfo, InlineEntry, pctab,
};

unsafe extern "C" {
    static __start_functab: [FuncInfo; 0];
    static __stop_functab: [FuncInfo; 0];
}

fn table() -> &'static [FuncInfo] {
    let (a, b) = (
        &raw const __start_functab as usize,
        &raw const __stop_functab as usize,
    );
    // SAFETY: the linker concatenates the records between the two symbols.
    unsafe { core::slice::from_raw_parts(a as *const FuncInfo, (b - a) / size_of::<FuncInfo>()) }
}

/// The Go function that contains `pc`, or None.
pub fn find(pc: usize) -> Option<&'static FuncInfo> {
    let t = table();
    let i = t.partition_point(|f| f.entry as usize <= pc);
    let f = &t[i.checked_sub(1)?];
    (pc < f.entry as usize + f.size as usize).then_some(f)
}

/// The Go functions of that name; what the compiler makes beside one may share it.
pub fn named(want: &[u8]) -> impl Iterator<Item = &'static FuncInfo> {
    table().iter().filter(move |f| name(f) == want)
}

unsafe fn bytes(p: u64, n: u64) -> &'static [u8] {
    if p == 0 || n == 0 {
        return &[];
    }
    // SAFETY: tables made by the compiler.
    unsafe { core::slice::from_raw_parts(p as *const u8, n as usize) }
}

/// Name of a function.
pub fn name(f: &FuncInfo) -> &'static [u8] {
    // SAFETY: a record of the func table.
    unsafe { bytes(f.name, f.name_len as u64) }
}

/// One logical frame at a pc.
pub struct Loc {
    /// Name of the function or inlined function.
    pub name: &'static [u8],
    /// Source file.
    pub file: &'static [u8],
    /// Line.
    pub line: u32,
    /// An address in it: the pc itself, or that of the inlined call.
    pub pc: usize,
    /// Line of the func keyword.
    pub start: u32,
    /// This frame was inlined into the frame of the next depth.
    pub inlined: bool,
    /// Made by the compiler.
    pub wrapper: bool,
}

fn file(f: &FuncInfo, i: u32) -> &'static [u8] {
    if i >= f.nfiles {
        return b"?";
    }
    // SAFETY: i is below the number of files.
    unsafe {
        let e = &*(f.files as *const FileEntry).add(i as usize);
        bytes(e.name, e.len)
    }
}

/// The frames at `pc`, the innermost inlined call first, the function itself last.
pub fn locations(pc: usize) -> impl Iterator<Item = Loc> {
    let f = find(pc);
    let mut next = f.and_then(|f| locate(f, pc, 0));
    core::iter::from_fn(move || {
        let loc = next.take()?;
        if loc.inlined {
            next = f.and_then(|f| locate_outside(f, &loc));
        }
        Some(loc)
    })
}

/// The frame into which another was inlined.
fn locate_outside(f: &FuncInfo, inner: &Loc) -> Option<Loc> {
    locate(f, inner.pc, 1)
}

/// The frame at `pc`, `depth` inlined calls outwards.
pub fn locate(f: &FuncInfo, pc: usize, depth: usize) -> Option<Loc> {
    // SAFETY: a record of the func table.
    let data = unsafe { bytes(f.pctab, f.pctab_len as u64) };
    let off = (pc - f.entry as usize) as u32;
    let row = pctab::find(f.start_line, data, off).unwrap_or(pctab::Row {
        line: f.start_line,
        ..Default::default()
    });
    let mut loc = (pc, row);
    for _ in 0..depth {
        let e = inline_entry(f, loc.1.inl)?;
        loc = (
            f.entry as usize + e.parent_pc as usize,
            pctab::find(f.start_line, data, e.parent_pc)?,
        );
    }
    let (pc, row) = loc;
    let (file, line) = (file(f, row.file), row.line);
    Some(match inline_entry(f, row.inl) {
        Some(e) => Loc {
            // SAFETY: a record of the inline tree.
            name: unsafe { bytes(e.name, e.name_len as u64) },
            file,
            line,
            pc,
            start: e.start_line,
            inlined: true,
            wrapper: e.flags & FUNC_WRAPPER != 0,
        },
        None => Loc {
            name: name(f),
            file,
            line,
            pc,
            start: f.start_line,
            inlined: false,
            wrapper: f.flags & FUNC_WRAPPER != 0,
        },
    })
}

fn inline_entry(f: &FuncInfo, i: u32) -> Option<&'static InlineEntry> {
    if i == 0 || i > f.ninl {
        return None;
    }
    // SAFETY: i - 1 is below the number of records.
    Some(unsafe { &*(f.inltree as *const InlineEntry).add(i as usize - 1) })
}

/// Bytes up to the point where rbp is the function's own: before it the trace would miss the caller, so
/// the function is not stopped there. `push rbp; mov rbp, rsp`, after the stack check if there is one.
fn prologue(f: &FuncInfo) -> usize {
    const FRAME: usize = 4;
    // SAFETY: the code of a function has at least its frame set-up and a return.
    let head = unsafe { (f.entry as usize as *const [u8; 4]).read_unaligned() };
    FRAME
        + match head {
            [0x4c, 0x8d, 0x9c, 0x24] => gort_abi::ENTRY_BYTES, // lea r11, [rsp - frame]
            [0x49, 0x89, 0xe3, 0x49] => gort_abi::LARGE_ENTRY_BYTES, // mov r11, rsp; sub r11, frame
            _ => 0,
        }
}

/// Whether a goroutine may be stopped at `pc`.
pub fn preemptible(pc: usize) -> bool {
    let Some(f) = find(pc) else { return false };
    let off = pc - f.entry as usize;
    if f.flags & (FUNC_NOPREEMPT | FUNC_FRAMELESS) != 0 || off < prologue(f) {
        return false;
    }
    let n = f.nunsafe as usize;
    if n == 0 {
        return true;
    }
    // SAFETY: pairs of offsets made by the compiler, in order.
    let r = unsafe { core::slice::from_raw_parts(f.unsafe_ranges as *const [u32; 2], n) };
    let next = r.partition_point(|r| (r[0] as usize) < off);
    next == 0 || off >= r[next - 1][1] as usize
}

/// Layout of the overlay's `pcInfo`.
#[repr(C)]
pub struct PcInfo {
    func: *const FuncInfo,
    name: (*const u8, usize),
    file: (*const u8, usize),
    line: usize,
    entry: usize,
    start: usize,
    more: bool,
    wrapper: bool,
}

gort_abi::twin!(
    PcInfo,
    gort_abi::layouts::PC_INFO,
    func = "fn",
    name = "name",
    file = "file",
    line = "line",
    entry = "entry",
    start = "start",
    more = "more",
    wrapper = "wrapper"
);

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pcinfo(pc: usize, depth: usize, out: &mut PcInfo) -> bool {
    let Some(f) = find(pc) else { return false };
    let Some(loc) = locate(f, pc, depth) else {
        return false;
    };
    out.func = if loc.inlined { core::ptr::null() } else { f };
    out.name = (loc.name.as_ptr(), loc.name.len());
    out.file = (loc.file.as_ptr(), loc.file.len());
    out.line = loc.line as usize;
    out.entry = f.entry as usize;
    out.start = loc.start as usize;
    out.more = loc.inlined;
    out.wrapper = loc.wrapper;
    true
}

#[unsafe(no_mangle)]
extern "C" fn rt_findfunc(pc: usize) -> *const FuncInfo {
    find(pc).map_or(core::ptr::null(), |f| f)
}
