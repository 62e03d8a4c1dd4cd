//! The form of a function: all of it that decides its machine code, in bytes, and nothing else. Functions of one form have
//! the same code, but for what it refers to.
//!
//! Symbols and locations are numbered by their first use. So names do not matter, nor do lines: a function keeps its
//! form when something above it in the file grows. Which instructions have the same location does matter (that decides which
//! check a fault may take the place of), and the numbers say that. A new instruction must be put here, or this does not compile.
//!
//! With what its numbers mean a form is the function again ([`read`]). Numbers are written seven bits a byte, lowest first;
//! signed ones with the sign in the lowest bit.

pub mod read;

use crate::func::{FuncFlags, LocData};
use crate::passes::again::record::Unread;
use crate::{BlockCall, Callee, Func, InstData, Sym, Value};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
use std::hash::Hash;

/// SHA-256 of a form.
pub type Digest = [u8; 32];

/// A form, and what its numbers mean in this function.
#[derive(Default)]
pub struct Form {
    bytes: Vec<u8>,
    /// Symbols by number.
    pub symbols: Numbers<Sym>,
    /// Locations by number: an index into the function's that has it.
    locations: Numbers<LocData>,
    /// For each location's number the index of it in the function.
    pub places: Vec<u32>,
}

/// Things numbered by their first use.
pub struct Numbers<T> {
    /// The things by number.
    pub list: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Numbers<T> {
        Numbers {
            list: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }
}

impl<T: Copy + Eq + Hash> Numbers<T> {
    /// The number of a thing, a new one if it has none.
    pub fn add(&mut self, thing: T) -> u32 {
        let next = self.list.len() as u32;
        let n = *self.numbers.entry(thing).or_insert(next);
        if n == next {
            self.list.push(thing);
        }
        n
    }

    /// The number of a thing that has one.
    pub fn number(&self, thing: T) -> Option<u32> {
        self.numbers.get(&thing).copied()
    }

    /// The thing of a number.
    pub fn get(&self, n: u32) -> Option<T> {
        self.list.get(n as usize).copied()
    }

    fn clear(&mut self) {
        self.list.clear();
        self.numbers.clear();
    }
}

/// Write a number.
pub fn number(out: &mut Vec<u8>, mut n: u64) {
    while n > 0x7f {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

impl Form {
    /// Take the form of a function; its digest.
    pub fn take(&mut self, f: &Func) -> Digest {
        self.write(f);
        self.digest()
    }

    /// The digest of the form that was taken.
    pub fn digest(&self) -> Digest {
        Sha256::digest(&self.bytes).into()
    }

    /// Take from one that stands for a function what the numbers of the function's form mean.
    pub fn take_numbers(&mut self, stub: &Func, unread: &Unread) {
        self.clear();
        for sym in unread.symbols(stub) {
            self.symbols.add(sym);
        }
        for (place, &loc) in (0..).zip(&stub.locs) {
            self.locations.add(loc);
            self.places.push(place);
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.symbols.clear();
        self.locations.clear();
        self.places.clear();
    }

    /// The form that was taken.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Take the form of a function.
    pub fn write(&mut self, f: &Func) {
        self.clear();
        // Named one by one, so that a new field must be placed here: what tables say of a function is no part of its form.
        let Func {
            name: _,
            shown_name: _,
            loc: _,
            inlines: _,
            unread: _,
            result_types,
            flags,
            blocks,
            values,
            insts,
            results,
            inst_locs,
            locs,
            slots,
            recover_block,
        } = f;
        let FuncFlags {
            wrapper,
            nosplit,
            noinline,
            closure,
        } = *flags;
        for flag in [wrapper, nosplit, noinline, closure] {
            self.byte(u8::from(flag));
        }
        self.number(result_types.len() as u32);
        result_types.iter().for_each(|ty| self.byte(*ty as u8));
        self.number(values.len() as u32);
        values.iter().for_each(|v| self.byte(v.ty as u8));
        self.number(slots.len() as u32);
        for slot in slots {
            self.number(slot.size);
            self.number(slot.align);
        }
        self.number(recover_block.map_or(0, |b| b.0 + 1));
        self.number(blocks.len() as u32);
        for block in blocks {
            self.byte(u8::from(block.cold));
            self.values(&block.params);
            self.number(block.insts.len() as u32);
            for inst in &block.insts {
                let place = inst_locs[inst.index()].0;
                // An index that is none is for translation to refuse.
                let loc = locs.get(place as usize).copied().unwrap_or_default();
                let n = self.locations.add(loc);
                if n as usize == self.places.len() {
                    self.places.push(place);
                }
                self.number(n);
                self.values(&results[inst.index()]);
                self.inst(&insts[inst.index()]);
            }
        }
    }

    /// The number of a location, by its index in the function.
    pub fn location(&self, f: &Func, place: u32) -> Option<u32> {
        self.locations.number(*f.locs.get(place as usize)?)
    }

    /// The index of a location in the function, by its number.
    pub fn place(&self, n: u32) -> Option<u32> {
        self.places.get(n as usize).copied()
    }

    fn byte(&mut self, n: u8) {
        self.bytes.push(n);
    }

    fn number(&mut self, n: u32) {
        number(&mut self.bytes, u64::from(n));
    }

    fn signed(&mut self, n: i64) {
        number(&mut self.bytes, ((n << 1) ^ (n >> 63)) as u64);
    }

    fn value(&mut self, v: Value) {
        self.number(v.0);
    }

    fn values(&mut self, list: &[Value]) {
        self.number(list.len() as u32);
        list.iter().for_each(|v| self.value(*v));
    }

    fn symbol(&mut self, sym: Sym) {
        let n = self.symbols.add(sym);
        self.number(n);
    }

    fn symbol_if(&mut self, sym: Option<Sym>) {
        self.byte(u8::from(sym.is_some()));
        sym.into_iter().for_each(|s| self.symbol(s));
    }

    fn callee(&mut self, callee: &Callee) {
        match *callee {
            Callee::Direct(sym) => {
                self.byte(0);
                self.symbol(sym);
            }
            Callee::Native(sym) => {
                self.byte(1);
                self.symbol(sym);
            }
            Callee::Indirect(v) => {
                self.byte(2);
                self.value(v);
            }
        }
    }

    fn jump(&mut self, call: &BlockCall) {
        self.number(call.block.0);
        self.values(&call.args);
    }

    /// A number for the instruction and for what its operation is.
    fn op(&mut self, inst: u8, op: u8) {
        self.bytes.extend([inst, op]);
    }

    fn inst(&mut self, data: &InstData) {
        match data {
            InstData::Iconst { ty, imm } => {
                self.op(0, *ty as u8);
                self.signed(*imm);
            }
            InstData::Fconst { ty, bits } => {
                self.op(1, *ty as u8);
                self.bytes.extend(bits.to_le_bytes());
            }
            InstData::Binary { op, a, b } => {
                self.op(2, *op as u8);
                self.value(*a);
                self.value(*b);
            }
            InstData::Unary { op, a } => {
                self.op(3, *op as u8);
                self.value(*a);
            }
            InstData::Convert { op, ty, a } => {
                self.op(4, *op as u8);
                self.byte(*ty as u8);
                self.value(*a);
            }
            InstData::Icmp { cc, a, b } => {
                self.op(5, *cc as u8);
                self.value(*a);
                self.value(*b);
            }
            InstData::Fcmp { cc, a, b } => {
                self.op(6, *cc as u8);
                self.value(*a);
                self.value(*b);
            }
            InstData::Select { cond, a, b } => {
                self.op(7, 0);
                [cond, a, b].into_iter().for_each(|v| self.value(*v));
            }
            InstData::Load { ty, addr, off } => {
                self.op(8, *ty as u8);
                self.value(*addr);
                self.signed(i64::from(*off));
            }
            InstData::Store {
                val,
                addr,
                off,
                barrier,
            } => {
                self.op(9, u8::from(*barrier));
                self.value(*val);
                self.value(*addr);
                self.signed(i64::from(*off));
            }
            InstData::SlotAddr { slot, off } => {
                self.op(10, 0);
                self.number(slot.0);
                self.signed(i64::from(*off));
            }
            InstData::SymAddr { sym, off } => {
                self.op(11, 0);
                self.symbol(*sym);
                self.signed(*off);
            }
            InstData::Copy {
                dst,
                src,
                size,
                typ,
            } => {
                self.op(12, 0);
                self.value(*dst);
                self.value(*src);
                self.number(*size);
                self.symbol_if(*typ);
            }
            InstData::Clear { dst, size, typ } => {
                self.op(13, 0);
                self.value(*dst);
                self.number(*size);
                self.symbol_if(*typ);
            }
            InstData::Alloc { typ, size, align } => {
                self.op(14, 0);
                self.symbol(*typ);
                self.number(*size);
                self.number(*align);
            }
            InstData::Call { callee, args } => {
                self.op(15, 0);
                self.callee(callee);
                self.values(args);
            }
            InstData::BoundsCheck {
                kind,
                unsigned,
                a,
                b,
            } => {
                self.op(16, *kind as u8);
                self.byte(u8::from(*unsigned));
                self.value(*a);
                self.value(*b);
            }
            InstData::NilCheck { ptr } => {
                self.op(17, 0);
                self.value(*ptr);
            }
            InstData::ZeroCheck { a } => {
                self.op(18, 0);
                self.value(*a);
            }
            InstData::DecodeRune { text, len, at } => {
                self.op(31, 0);
                self.value(*text);
                self.value(*len);
                self.value(*at);
            }
            InstData::FramePointer => self.op(19, 0),
            InstData::CurrentG => self.op(20, 0),
            InstData::AtomicLoad { ty, addr } => {
                self.op(21, *ty as u8);
                self.value(*addr);
            }
            InstData::AtomicStore { val, addr, barrier } => {
                self.op(22, u8::from(*barrier));
                self.value(*val);
                self.value(*addr);
            }
            InstData::AtomicRmw {
                op,
                addr,
                val,
                barrier,
            } => {
                self.op(23, *op as u8);
                self.byte(u8::from(*barrier));
                self.value(*addr);
                self.value(*val);
            }
            InstData::AtomicCas {
                addr,
                old,
                new,
                barrier,
            } => {
                self.op(24, u8::from(*barrier));
                [addr, old, new].into_iter().for_each(|v| self.value(*v));
            }
            InstData::Jump(call) => {
                self.op(25, 0);
                self.jump(call);
            }
            InstData::Branch { cond, then, els } => {
                self.op(26, 0);
                self.value(*cond);
                self.jump(then);
                self.jump(els);
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                self.op(27, 0);
                self.value(*val);
                self.number(cases.len() as u32);
                for (n, call) in cases {
                    self.signed(*n);
                    self.jump(call);
                }
                self.jump(default);
            }
            InstData::Return(args) => {
                self.op(28, 0);
                self.values(args);
            }
            InstData::TailCall { callee, args } => {
                self.op(29, 0);
                self.callee(callee);
                self.values(args);
            }
            InstData::Unreachable => self.op(30, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        let text = format!("module \"main\"\nfile 0 \"a.go\"\n\nfunc {text}");
        let module = crate::reader::module(&text).unwrap();
        Form::default().take(&module.funcs[0])
    }

    #[test]
    fn lines_and_names_do_not_matter() {
        let f = |name: &str, callee: &str, a: u32, b: u32, n: u32| {
            digest(&format!(
                "@main.{name} !0:1 {{\nblock0(v0: ptr):\n    v1: i64 = load v0, {n}  !0:{a}\n    call @main.{callee}(v1)  !0:{b}\n    return  !0:{b}\n}}\n"
            ))
        };
        let one = f("f", "g", 2, 3, 8);
        assert_eq!(one, f("x", "y", 12, 13, 8));
        // What calls itself is no other form than what calls another.
        assert_eq!(one, f("f", "f", 2, 3, 8));
        assert_ne!(one, f("f", "g", 2, 3, 16));
        assert_ne!(one, f("f", "g", 3, 3, 8));
    }
}
