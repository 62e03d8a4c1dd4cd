//! The stack check in front of a function's code, byte by byte.
//!
//! ```text
//!         u32 frame, u32 argbytes
//! stub:   lea r11, [rip - 15]         ; the address of the two words
//!         jmp runtime.morestack
//! entry:  lea r11, [rsp - frame]
//!         cmp r11, [r15]              ; G.stackguard
//!         jbe stub
//! ```
//!
//! The code that follows is 32-byte aligned: it may hold constants that want 16, and 32 is worth 6 % on
//! code that calls a lot. `entry`, 13 bytes before it, is not aligned.

use gort_abi::{ENTRY_BYTES, G_STACKGUARD, LEAF_FRAME_MAX, STUB_BYTES};

const _: () = assert!(G_STACKGUARD == 0, "the compare has no displacement");

/// What precedes the code of a function.
pub struct Check {
    /// Two words and stub, then the check.
    pub bytes: Vec<u8>,
    /// Offset of the entry in `bytes`.
    pub entry: usize,
    /// Offset in `bytes` of the 32-bit displacement to `runtime.morestack`.
    pub morestack: Option<usize>,
}

impl Check {
    /// No check: for leaf functions with small frames and functions that must not be split.
    fn none() -> Check {
        Check {
            bytes: Vec::new(),
            entry: 0,
            morestack: None,
        }
    }

    /// The check for a function that needs `frame` bytes below its return address and has `args` bytes of
    /// stack arguments.
    pub fn new(frame: u32, args: u32, leaf: bool, nosplit: bool) -> Check {
        if nosplit || leaf && frame as usize <= LEAF_FRAME_MAX {
            return Check::none();
        }
        let mut bytes = Vec::with_capacity(STUB_BYTES + ENTRY_BYTES);
        bytes.extend(frame.to_le_bytes());
        bytes.extend(args.to_le_bytes());
        bytes.extend([0x4c, 0x8d, 0x1d]);
        bytes.extend((-15i32).to_le_bytes());
        bytes.push(0xe9);
        let morestack = Some(bytes.len());
        bytes.extend([0; 4]);
        let entry = bytes.len();
        debug_assert_eq!(entry, STUB_BYTES);
        bytes.extend([0x4c, 0x8d, 0x9c, 0x24]);
        bytes.extend((-(frame as i32)).to_le_bytes());
        bytes.extend([0x4d, 0x3b, 0x1f]);
        bytes.extend([0x76, (-25i8) as u8]);
        debug_assert_eq!(bytes.len(), STUB_BYTES + ENTRY_BYTES);
        Check {
            bytes,
            entry,
            morestack,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jump_reaches_the_stub() {
        let check = Check::new(4096, 16, false, false);
        let jbe = check.bytes.len();
        let stub = (jbe as i64 + i64::from(check.bytes[jbe - 1] as i8)) as usize;
        assert_eq!(stub, 8);
        // lea's result is the address of the two words.
        assert_eq!(stub as i64 + 7 - 15, 0);
    }

    #[test]
    fn small_leaves_have_none() {
        assert!(Check::new(96, 0, true, false).bytes.is_empty());
        assert!(!Check::new(104, 0, true, false).bytes.is_empty());
        assert!(!Check::new(8, 0, false, false).bytes.is_empty());
        assert!(Check::new(5000, 0, false, true).bytes.is_empty());
    }
}
