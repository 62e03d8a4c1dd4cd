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
//! A frame of 64 KiB or more may be larger than the address it is subtracted from: the first segment of goroutine 1
//! lies in the executable's bss. Its check asks for the borrow too. It is longer by four bytes, so the words move to
//! where morestack, which adds a constant to their address, finds the body:
//!
//! ```text
//! stub:   lea r11, [rip + 5]          ; the address of the two words
//!         jmp runtime.morestack
//!         u32 frame, u32 argbytes
//!         8 bytes that are not used
//! entry:  mov r11, rsp
//!         sub r11, frame
//!         jb stub
//!         cmp r11, [r15]
//!         jbe stub
//! ```
//!
//! The code that follows is 32-byte aligned: it may hold constants that want 16, and 32 is worth 6 % on
//! code that calls a lot. `entry`, just before it, is not aligned.

use gort_abi::{
    ENTRY_BYTES, G_STACKGUARD, LARGE_ENTRY_BYTES, LARGE_FRAME, LEAF_FRAME_MAX, MORESTACK_BODY,
    STUB_BYTES,
};

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
        if frame as usize >= LARGE_FRAME {
            Check::large(frame, args)
        } else {
            Check::usual(frame, args)
        }
    }

    fn usual(frame: u32, args: u32) -> Check {
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

    fn large(frame: u32, args: u32) -> Check {
        let mut bytes = vec![0x4c, 0x8d, 0x1d];
        bytes.extend(5i32.to_le_bytes());
        bytes.push(0xe9);
        let morestack = Some(bytes.len());
        bytes.extend([0; 4]);
        let words = bytes.len();
        bytes.extend(frame.to_le_bytes());
        bytes.extend(args.to_le_bytes());
        bytes.resize(words + MORESTACK_BODY - LARGE_ENTRY_BYTES, 0xcc);
        let entry = bytes.len();
        bytes.extend([0x49, 0x89, 0xe3]);
        bytes.extend([0x49, 0x81, 0xeb]);
        bytes.extend(frame.to_le_bytes());
        bytes.extend([0x72, (-(bytes.len() as i8) - 2) as u8]);
        bytes.extend([0x4d, 0x3b, 0x1f]);
        bytes.extend([0x76, (-(bytes.len() as i8) - 2) as u8]);
        debug_assert_eq!(bytes.len(), words + MORESTACK_BODY);
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
    fn large_frames_jump_to_their_stub_too() {
        let check = Check::new(LARGE_FRAME as u32, 16, false, false);
        let (bytes, end) = (&check.bytes, check.bytes.len());
        for after in [check.entry + 12, end] {
            assert_eq!(after as i64 + i64::from(bytes[after - 1] as i8), 0);
        }
        // lea's result is the address of the two words, from which morestack knows the body.
        assert_eq!(bytes[12..16], (LARGE_FRAME as u32).to_le_bytes());
        assert_eq!(7 + 5 + MORESTACK_BODY, end);
        assert_eq!(end - check.entry, LARGE_ENTRY_BYTES);
        let below = Check::new(LARGE_FRAME as u32 - 8, 16, false, false);
        assert_eq!(below.bytes.len() - below.entry, ENTRY_BYTES);
    }

    #[test]
    fn small_leaves_have_none() {
        assert!(Check::new(96, 0, true, false).bytes.is_empty());
        assert!(!Check::new(104, 0, true, false).bytes.is_empty());
        assert!(!Check::new(8, 0, false, false).bytes.is_empty());
        assert!(Check::new(5000, 0, false, true).bytes.is_empty());
    }
}
