//! What an instruction does to the callee-saved registers and to the words of the frame, and where it goes on.
//!
//! Only x86-64 as Cranelift writes it for our target. What is not known here is no instruction: its function gets no
//! stack map. A register that is named counts as read unless the instruction is known to overwrite all of it; that errs on
//! the side of keeping objects.

/// Callee-saved registers that Go code may hold a pointer in, as bits.
pub const TRACKED: [u8; 4] = [3, 12, 13, 14];
const RSP: u8 = 4;
const RBP: u8 = 5;

/// Where control goes behind an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// To the next one.
    Next,
    /// To the next one, when the callee returns.
    Call,
    /// To an offset.
    Jump(usize),
    /// To an offset, or the next one.
    Branch(usize),
    /// Where a table says.
    Table,
    /// Out of the function, or nowhere.
    End,
}

/// An access to the frame without an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// From rbp instead of rsp.
    pub from_fp: bool,
    /// Displacement.
    pub off: i32,
    /// Bytes that a store overwrites, and does not read; 0 if it may read.
    pub fills: u8,
    /// Bytes that it may read, at most.
    pub reads: u8,
}

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inst {
    /// Bytes.
    pub len: usize,
    /// What comes next.
    pub flow: Flow,
    /// Tracked registers that it may read.
    pub reads: u8,
    /// Tracked registers that it overwrites.
    pub fills: u8,
    /// Memory of the frame that it touches.
    pub access: Option<Access>,
    /// A place in the frame whose address is computed, or that is the base of an access with an index: whether from rbp, and
    /// the displacement.
    pub taken: Option<(bool, i32)>,
}

/// The bit of a register, if it is a tracked one.
pub fn bit(reg: u8) -> u8 {
    TRACKED.iter().position(|&t| t == reg).map_or(0, |i| 1 << i)
}

/// How the two operands of a ModRM byte are used.
#[derive(Clone, Copy)]
struct Operands {
    /// `reg` is a general register.
    reg: bool,
    /// `reg` is overwritten.
    fills_reg: bool,
    /// `rm` is a general register, where it is one.
    rm: bool,
    /// `rm` is overwritten: the whole register, or so many bytes of memory.
    fills_rm: Option<u8>,
    /// No access to memory: an address is computed.
    address: bool,
}

const GENERAL: Operands = Operands {
    reg: true,
    fills_reg: false,
    rm: true,
    fills_rm: None,
    address: false,
};
const LOAD: Operands = Operands {
    fills_reg: true,
    ..GENERAL
};
/// The register field is part of the opcode.
const ONE: Operands = Operands {
    reg: false,
    ..GENERAL
};
const VECTOR: Operands = Operands {
    reg: false,
    rm: false,
    ..GENERAL
};

struct Decoder<'a> {
    code: &'a [u8],
    at: usize,
    start: usize,
    wide: bool,
    rex: u8,
    prefix: u8,
    half: bool,
}

/// The instruction at `start`.
pub fn inst(code: &[u8], start: usize) -> Option<Inst> {
    let mut d = Decoder {
        code,
        at: start,
        start,
        wide: false,
        rex: 0,
        prefix: 0,
        half: false,
    };
    loop {
        match d.peek()? {
            0x66 => d.half = true,
            p @ (0xf2 | 0xf3) => d.prefix = p,
            0xf0 => {}
            rex @ 0x40..=0x4f => {
                d.rex = rex;
                d.wide = rex & 8 != 0;
                d.at += 1;
                break;
            }
            _ => break,
        }
        d.at += 1;
    }
    match d.byte()? {
        0x0f => match d.byte()? {
            0x38 => d.three_38(),
            0x3a => d.three_3a(),
            op => d.two(op),
        },
        op => d.one(op),
    }
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.code.get(self.at).copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        Some(b)
    }

    fn i32(&mut self) -> Option<i32> {
        let bytes = self.code.get(self.at..self.at + 4)?;
        self.at += 4;
        Some(i32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn target(&mut self, near: bool) -> Option<usize> {
        let off = match near {
            true => i32::from(self.byte()? as i8),
            false => self.i32()?,
        };
        self.at.checked_add_signed(off as isize)
    }

    fn done(&self, flow: Flow) -> Option<Inst> {
        (self.at <= self.code.len()).then_some(Inst {
            len: self.at - self.start,
            flow,
            reads: 0,
            fills: 0,
            access: None,
            taken: None,
        })
    }

    /// An instruction on a register whose number is in its last byte.
    fn register(&self, op: u8, fills: bool) -> Option<Inst> {
        let bit = bit(op & 7 | (self.rex & 1) << 3);
        let mut inst = self.done(Flow::Next)?;
        *(if fills {
            &mut inst.fills
        } else {
            &mut inst.reads
        }) = bit;
        Some(inst)
    }

    fn immediate(&self) -> usize {
        if self.half { 2 } else { 4 }
    }

    /// ModRM with what follows it, then `imm` bytes.
    fn modrm(&mut self, o: Operands, imm: usize) -> Option<Inst> {
        let (mut reads, mut fills, mut access, mut taken) = (0, 0, None, None);
        let byte = self.byte()?;
        let (mode, low) = (byte >> 6, byte & 7);
        let reg = bit(byte >> 3 & 7 | (self.rex & 4) << 1);
        if o.reg {
            *(if o.fills_reg { &mut fills } else { &mut reads }) |= reg;
        }
        if mode == 3 {
            let rm = low | (self.rex & 1) << 3;
            // Nothing but the frame's set-up and end changes rsp, and no address is taken of it.
            if o.rm {
                let whole = o.fills_rm.is_some();
                *(if whole { &mut fills } else { &mut reads }) |= bit(rm);
            }
        } else {
            let (mut base, mut index) = (low | (self.rex & 1) << 3, false);
            let mut without_base = mode == 0 && low == 5;
            if low == 4 {
                let sib = self.byte()?;
                base = sib & 7 | (self.rex & 1) << 3;
                let i = sib >> 3 & 7 | (self.rex & 2) << 2;
                index = i != RSP;
                if index {
                    reads |= bit(i);
                }
                without_base = mode == 0 && sib & 7 == 5;
            }
            let off = match mode {
                _ if without_base => self.i32()?,
                0 => 0,
                1 => i32::from(self.byte()? as i8),
                _ => self.i32()?,
            };
            if !without_base {
                reads |= bit(base);
                let of_frame = matches!(base, RSP | RBP);
                if of_frame && (index || o.address) {
                    taken = Some((base == RBP, off));
                } else if of_frame {
                    let filled = o.fills_rm.unwrap_or(0);
                    access = Some(Access {
                        from_fp: base == RBP,
                        off,
                        fills: filled,
                        reads: match (filled, o.rm) {
                            (0, true) => 8,
                            (0, false) => 16,
                            _ => 0,
                        },
                    });
                }
            }
        }
        self.at += imm;
        let mut inst = self.done(Flow::Next)?;
        (inst.reads, inst.fills) = (reads, fills & !reads);
        (inst.access, inst.taken) = (access, taken);
        Some(inst)
    }

    /// The register field of the ModRM byte that follows.
    fn extension(&self) -> Option<u8> {
        Some(self.peek()? >> 3 & 7)
    }

    fn one(&mut self, op: u8) -> Option<Inst> {
        match op {
            0x00..=0x3f => match op & 7 {
                0..=3 => {
                    // xor of a register with itself reads nothing of it.
                    let byte = self.peek()?;
                    let same = byte >> 6 == 3
                        && (byte >> 3 & 7 | (self.rex & 4) << 1)
                            == (byte & 7 | (self.rex & 1) << 3);
                    if op == 0x31 && same && !self.half {
                        return self.modrm(
                            Operands {
                                fills_reg: true,
                                rm: false,
                                ..GENERAL
                            },
                            0,
                        );
                    }
                    self.modrm(GENERAL, 0)
                }
                4 => self.skip(1),
                5 => self.skip(self.immediate()),
                _ => None,
            },
            // Only rbp is pushed and popped.
            0x55 | 0x5d if self.rex == 0 => self.done(Flow::Next),
            0x63 => self.modrm(LOAD, 0),
            0x69 => self.modrm(LOAD, self.immediate()),
            0x6b => self.modrm(LOAD, 1),
            0x70..=0x7f => {
                let to = self.target(true)?;
                self.done(Flow::Branch(to))
            }
            0x80 | 0x83 | 0xc0 | 0xc1 => self.modrm(ONE, 1),
            0x81 => self.modrm(ONE, self.immediate()),
            0x84..=0x88 | 0x8a => self.modrm(GENERAL, 0),
            0x89 => self.modrm(self.stored(self.wide, 8, GENERAL), 0),
            0x8b => self.modrm(if self.half { GENERAL } else { LOAD }, 0),
            0x8d => self.modrm(
                Operands {
                    address: true,
                    ..LOAD
                },
                0,
            ),
            0x90 | 0x98 | 0x99 => self.done(Flow::Next),
            0xa8 => self.skip(1),
            0xa9 => self.skip(self.immediate()),
            0xb0..=0xb7 => {
                self.at += 1;
                self.register(op, false)
            }
            0xb8..=0xbf => {
                self.at += if self.wide { 8 } else { self.immediate() };
                self.register(op, !self.half)
            }
            0xc3 | 0xcc => self.done(Flow::End),
            0xc2 => {
                self.at += 2;
                self.done(Flow::End)
            }
            0xc6 => self.modrm(ONE, 1),
            0xc7 => self.modrm(self.stored(self.wide, 8, ONE), self.immediate()),
            0xd0..=0xd3 => self.modrm(ONE, 0),
            0xe8 => {
                self.at += 4;
                self.done(Flow::Call)
            }
            0xe9 | 0xeb => {
                let to = self.target(op == 0xeb)?;
                self.done(Flow::Jump(to))
            }
            0xf6 => {
                let imm = usize::from(self.extension()? < 2);
                self.modrm(ONE, imm)
            }
            0xf7 => {
                let imm = if self.extension()? < 2 {
                    self.immediate()
                } else {
                    0
                };
                self.modrm(ONE, imm)
            }
            0xfe => self.modrm(ONE, 0),
            0xff => {
                let flow = match self.extension()? {
                    0 | 1 => Flow::Next,
                    2 => Flow::Call,
                    4 => Flow::Table,
                    _ => return None,
                };
                self.modrm(ONE, 0).map(|i| Inst { flow, ..i })
            }
            _ => None,
        }
    }

    fn skip(&mut self, bytes: usize) -> Option<Inst> {
        self.at += bytes;
        self.done(Flow::Next)
    }

    /// Operands of a store that overwrites `bytes` of memory if it is `full`.
    fn stored(&self, full: bool, bytes: u8, o: Operands) -> Operands {
        // In a register the upper half becomes zero, but of a 16-bit move.
        let register = self.peek().is_some_and(|b| b >> 6 == 3);
        let fills = if register { o.rm && !self.half } else { full };
        Operands {
            fills_rm: fills.then_some(bytes),
            ..o
        }
    }

    fn two(&mut self, op: u8) -> Option<Inst> {
        let memory = self.peek().is_some_and(|b| b >> 6 != 3);
        // A move of a vector register to memory.
        let store = |bytes: u8| Operands {
            fills_rm: memory.then_some(bytes),
            ..VECTOR
        };
        match op {
            0x0b => self.done(Flow::End),
            0x1f => self.modrm(
                Operands {
                    address: true,
                    rm: false,
                    ..VECTOR
                },
                0,
            ),
            0x11 => match self.prefix {
                0xf3 => self.modrm(VECTOR, 0),
                0xf2 => self.modrm(store(8), 0),
                _ => self.modrm(store(16), 0),
            },
            0x29 | 0x7f => self.modrm(store(16), 0),
            0xd6 => self.modrm(store(8), 0),
            0x7e if self.prefix == 0 => {
                let o = if memory && self.wide {
                    store(8)
                } else {
                    VECTOR
                };
                self.modrm(Operands { rm: true, ..o }, 0)
            }
            0x2a | 0x6e => self.modrm(Operands { rm: true, ..VECTOR }, 0),
            0x2c | 0x2d | 0x50 | 0xd7 => self.modrm(
                Operands {
                    reg: true,
                    ..VECTOR
                },
                0,
            ),
            0x10..=0x17 | 0x28..=0x2f | 0x51..=0x6f | 0x74..=0x76 | 0x7c..=0x7e => {
                self.modrm(VECTOR, 0)
            }
            0x70..=0x73 | 0xc2 | 0xc6 => self.modrm(VECTOR, 1),
            0xc4 | 0xc5 => self.modrm(GENERAL, 1),
            0x40..=0x4f | 0xa3 | 0xa5 | 0xab | 0xad | 0xb3 | 0xbb..=0xbd | 0xc0 | 0xc1 => {
                self.modrm(GENERAL, 0)
            }
            0xaf | 0xb0 | 0xb1 | 0xb8 => self.modrm(GENERAL, 0),
            0x80..=0x8f => {
                let to = self.target(false)?;
                self.done(Flow::Branch(to))
            }
            0x90..=0x9f => self.modrm(ONE, 0),
            0xa4 | 0xac => self.modrm(GENERAL, 1),
            0xba => self.modrm(ONE, 1),
            0xae => self.modrm(VECTOR, 0),
            0xb6 | 0xb7 | 0xbe | 0xbf => self.modrm(if self.half { GENERAL } else { LOAD }, 0),
            0xc8..=0xcf => self.register(op, false),
            0xd0..=0xfe => self.modrm(VECTOR, 0),
            _ => None,
        }
    }

    fn three_38(&mut self) -> Option<Inst> {
        match self.byte()? {
            0x00..=0x41 => self.modrm(VECTOR, 0),
            0xf0 | 0xf1 => self.modrm(GENERAL, 0),
            _ => None,
        }
    }

    fn three_3a(&mut self) -> Option<Inst> {
        match self.byte()? {
            0x14..=0x17 | 0x20 | 0x22 => self.modrm(Operands { rm: true, ..VECTOR }, 1),
            0x08..=0x0f | 0x21 | 0x40..=0x42 => self.modrm(VECTOR, 1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(code: &[u8]) -> Inst {
        let i = inst(code, 0).unwrap();
        assert_eq!(i.len, code.len(), "{code:02x?}");
        i
    }

    #[test]
    fn moves_overwrite() {
        // mov rbx, rdi; mov r14, [r12 + 8]; xor ebx, ebx; mov r13d, 5
        let i = decode(&[0x48, 0x89, 0xfb]);
        assert_eq!((i.reads, i.fills), (0, 1));
        let i = decode(&[0x4d, 0x8b, 0x74, 0x24, 0x08]);
        assert_eq!((i.reads, i.fills, i.access), (2, 8, None));
        assert_eq!(decode(&[0x31, 0xdb]).fills, 1);
        assert_eq!(decode(&[0x41, 0xbd, 5, 0, 0, 0]).fills, 4);
        // mov bx, ax; add rbx, 1; cmove rbx, rax: what was there counts
        for code in [
            &[0x66, 0x89, 0xc3][..],
            &[0x48, 0x83, 0xc3, 1],
            &[0x48, 0x0f, 0x44, 0xd8],
        ] {
            let i = decode(code);
            assert_eq!((i.reads, i.fills), (1, 0));
        }
    }

    #[test]
    fn the_frame() {
        // mov [rsp + 16], rbx; mov rbx, [rsp + 16]; mov [rsp + 16], ebx; movups [rsp], xmm3
        let at = |i: Inst| i.access.map(|a| (a.off, a.fills, a.reads));
        let i = decode(&[0x48, 0x89, 0x5c, 0x24, 0x10]);
        assert_eq!((i.reads, at(i)), (1, Some((16, 8, 0))));
        let i = decode(&[0x48, 0x8b, 0x5c, 0x24, 0x10]);
        assert_eq!((i.fills, at(i)), (1, Some((16, 0, 8))));
        assert_eq!(at(decode(&[0x89, 0x5c, 0x24, 0x10])), Some((16, 0, 8)));
        let i = decode(&[0x0f, 0x11, 0x1c, 0x24]);
        assert_eq!((i.reads, at(i)), (0, Some((0, 16, 0))));
        // lea rdi, [rsp + 16]
        let i = decode(&[0x48, 0x8d, 0x7c, 0x24, 0x10]);
        assert_eq!((i.access, i.taken), (None, Some((false, 16))));
    }

    #[test]
    fn ways() {
        assert_eq!(decode(&[0xeb, 0xfe]).flow, Flow::Jump(0));
        assert_eq!(decode(&[0x0f, 0x84, 4, 0, 0, 0]).flow, Flow::Branch(10));
        assert_eq!(decode(&[0xff, 0xe0]).flow, Flow::Table);
        // call rbx
        let i = decode(&[0xff, 0xd3]);
        assert_eq!((i.flow, i.reads), (Flow::Call, 1));
        // cpuid, which changes rbx, and a VEX instruction are not known
        assert_eq!(inst(&[0x0f, 0xa2], 0), None);
        assert_eq!(inst(&[0xc5, 0xf8, 0x77], 0), None);
    }
}
