//! The func table: one [`FuncInfo`] a function in section `functab`, sorted by entry address.
//!
//! The linker concatenates the records in text order. All pointers are absolute addresses
//! (relocation `R_X86_64_64`), lengths are plain numbers. A pointer may be 0 with a length of 0.

/// What the runtime knows about one function. 96 bytes, 8-aligned.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FuncInfo {
    /// Address of the entry (the function's symbol, after the cold stub).
    pub entry: u64,
    /// Bytes from `entry` to the end of the code.
    pub size: u32,
    /// `rbp - rsp` in the body.
    pub frame_size: u32,
    /// Name as gc spells it, UTF-8, not terminated.
    pub name: u64,
    /// Bytes of the name.
    pub name_len: u32,
    /// `FUNC_*` bits.
    pub flags: u32,
    /// The pc-line table, see [`crate::pctab`].
    pub pctab: u64,
    /// Bytes of the pc-line table.
    pub pctab_len: u32,
    /// Recovery block, in bytes from `entry`; 0 if the function defers nothing.
    pub recover_off: u32,
    /// The file table: `nfiles` records of [`FileEntry`], used by this function's pc-line table.
    pub files: u64,
    /// Number of files.
    pub nfiles: u32,
    /// Line of the `func` keyword.
    pub start_line: u32,
    /// The inline tree: `ninl` records of [`InlineEntry`]; the table's index 0 means "not inlined",
    /// index k is record k - 1.
    pub inltree: u64,
    /// Number of inline records.
    pub ninl: u32,
    /// Words of arguments, receiver included: a traceback prints `()` for 0.
    pub arg_words: u32,
    /// Ranges in which a goroutine is not preempted: `nunsafe` pairs of u32 offsets from `entry`, in order.
    /// They are write barriers, from the test of the flag to behind the write. At the first byte of one, and behind its last,
    /// it may be: loops that do nothing but store need such a place.
    pub unsafe_ranges: u64,
    /// Number of pairs.
    pub nunsafe: u32,
    /// Address of the stack map, see [`crate::stackmap`]; 0 if the function has none and its frames are read word for word.
    pub stackmap: u32,
}

/// One source file name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FileEntry {
    /// Path as it is to be printed.
    pub name: u64,
    /// Bytes of the path.
    pub len: u64,
}

/// One inlined call.
///
/// Where the call was is said by the pc-line table: each record has [`INLINE_BYTES`] of its own behind the function's
/// code, which are never run, and whose row is the file, line and inlined call of the call. So every frame
/// of a traceback, inlined or not, has a pc, and a return address after it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct InlineEntry {
    /// Name of the function that was inlined.
    pub name: u64,
    /// Bytes of the name.
    pub name_len: u32,
    /// Line of the inlined function's `func` keyword.
    pub start_line: u32,
    /// Its first byte, in bytes from the entry.
    pub parent_pc: u32,
    /// `FUNC_*` bits of the inlined function.
    pub flags: u32,
}

/// Bytes that stand for an inlined call.
pub const INLINE_BYTES: u32 = 2;

/// A wrapper made by the compiler: hidden in tracebacks, looked through by recover.
pub const FUNC_WRAPPER: u32 = 1;
/// The function must not be preempted asynchronously.
pub const FUNC_NOPREEMPT: u32 = 2;
/// Assembly: r15 need not be g there.
pub const FUNC_ASSEMBLY: u32 = 4;
/// The function has no frame: its return address is on top of the stack at each of its instructions, and rbp is its caller's.
/// It is not preempted; where it faults, the signal handler sets up its frame.
pub const FUNC_FRAMELESS: u32 = 8;

const _: () = assert!(size_of::<FuncInfo>() == 96);
const _: () = assert!(size_of::<FileEntry>() == 16);
const _: () = assert!(size_of::<InlineEntry>() == 24);
