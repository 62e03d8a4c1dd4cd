//! Calls between compiled code and Go assembly: the convention ABI0, in which arguments and results lie in memory above
//! the return address, and no register but the stack pointer is kept.

/// What the symbols of functions in assembly end in: the plain name is the wrapper that compiled code calls.
pub const ABI0_SUFFIX: &str = ".abi0";

/// Offset in M of the address of what assembly's own checks of the stack take for its `g`. Word 2 of that is 0, so that
/// they find room.
pub const M_ABI0_G: usize = 8;

/// The trampolines `runtime.abi0callN` and `runtime.abi0noescapeN`: bytes for arguments and results, and the frame for
/// which they check the stack.
pub const ABI0_CALLS: [(u32, u32); 5] = [
    (128, 1024),
    (512, 8192),
    (4096, 16384),
    (4096, 64512),
    (4096, 8 << 20),
];

const _: () = assert!(
    ABI0_CALLS[3].1 < crate::LARGE_FRAME as u32 && ABI0_CALLS[4].1 >= crate::LARGE_FRAME as u32
);

/// What a trampoline pushes itself, with return addresses, and what the stubs need that lead back to compiled code.
pub const ABI0_OVERHEAD: u32 = 256;

/// The trampoline for so many bytes of arguments and results and of stack.
pub fn abi0_call(args: u64, stack: u64) -> Option<usize> {
    ABI0_CALLS.iter().position(|&(a, frame)| {
        args <= u64::from(a) && stack + u64::from(a + ABI0_OVERHEAD) <= u64::from(frame)
    })
}
