//! A function in bytes that mean the same in every program: names in place of symbols and file numbers.
//!
//! In order: names, those of the form's symbols first and in the order of their numbers; how many these are; file names; the
//! function's own name, the name that is shown, where it is declared; the locations of the form; inlined calls; the checks
//! that the code makes; the form.

use crate::form::read::{self, Reader};
use crate::form::{Digest, Form, Numbers, number};
use crate::func::{Func, FuncFlags, InlineData, LocData};
use crate::ops::BoundsKind;
use crate::{Block, InstData, Loc, Sym, Type};
use sha2::{Digest as _, Sha256};

/// Writes functions; keeps its room from one to the next.
#[derive(Default)]
pub struct Writer {
    form: Form,
    /// How many symbols the form has; more names follow.
    symbols: usize,
}

impl Writer {
    /// A function in bytes. `name` and `file` say what its symbols and file numbers stand for.
    pub fn write<'n>(
        &mut self,
        func: &Func,
        name: &dyn Fn(Sym) -> &'n str,
        file: &dyn Fn(u32) -> &'n str,
    ) -> Vec<u8> {
        self.form.write(func);
        let symbols = self.form.symbols.list.len();
        self.symbols = symbols;
        let mut out = Vec::with_capacity(self.form.bytes().len() + 64 * (1 + symbols));
        let mut tail = Vec::new();
        let mut files: Numbers<u32> = Numbers::default();
        let mut loc = |tail: &mut Vec<u8>, loc: &LocData| {
            // What has no line has no file either, whatever the number says.
            let file = (loc.line > 0).then(|| files.add(loc.file) + 1);
            number(tail, u64::from(file.unwrap_or(0)));
            number(tail, u64::from(loc.line));
            number(tail, u64::from(loc.inline));
        };
        let names = &mut self.form.symbols;
        number(&mut tail, u64::from(names.add(func.name)));
        let shown = func.shown_name.map_or(0, |s| names.add(s) + 1);
        number(&mut tail, u64::from(shown));
        loc(&mut tail, &func.loc);
        number(&mut tail, self.form.places.len() as u64);
        for &place in &self.form.places {
            let at = func.locs.get(place as usize).copied().unwrap_or_default();
            loc(&mut tail, &at);
        }
        number(&mut tail, func.inlines.len() as u64);
        for call in &func.inlines {
            number(&mut tail, u64::from(names.add(call.name)));
            number(&mut tail, u64::from(call.start_line));
            tail.push(u8::from(call.wrapper));
            loc(&mut tail, &call.call);
        }
        let mut checks: Vec<[u8; 2]> = Vec::new();
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            let data = &func.insts[inst.index()];
            let check = if let InstData::BoundsCheck { kind, unsigned, .. } = *data {
                [kind as u8, u8::from(unsigned)]
            } else if let InstData::ZeroCheck { .. } = data {
                [ZERO_CHECK, 0]
            } else {
                continue;
            };
            if !checks.contains(&check) {
                checks.push(check);
            }
        }
        number(&mut tail, checks.len() as u64);
        tail.extend(checks.as_flattened());
        texts(&mut out, names.list.iter().map(|&s| name(s)));
        number(&mut out, symbols as u64);
        texts(&mut out, files.list.iter().map(|&f| file(f)));
        out.extend(&tail);
        out.extend(self.form.bytes());
        out
    }
}

impl Writer {
    /// The digest of the form of the function that was written last.
    pub fn form(&self) -> Digest {
        self.form.digest()
    }
}

/// How a function uses a symbol of its form, in a byte: so many calls by name, up to [`MANY`], and whether it is used otherwise.
pub const MANY: u8 = 2;
/// See [`MANY`].
pub const VALUE: u8 = 4;

impl Writer {
    /// How the function that was written last uses the symbols of its form.
    pub fn uses(&self, func: &Func) -> Vec<u8> {
        let symbols = &self.form.symbols;
        let mut uses = vec![0; self.symbols];
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            let data = &func.insts[inst.index()];
            let Some(sym) = data.symbol() else {
                continue;
            };
            if let Some(n) = symbols.number(sym) {
                let used: &mut u8 = &mut uses[n as usize];
                match data.calls(sym) {
                    true if *used & !VALUE < MANY => *used += 1,
                    true => {}
                    false => *used |= VALUE,
                }
            }
        }
        uses
    }
}

/// The kind of a zero check among the checks.
const ZERO_CHECK: u8 = u8::MAX;

/// A list of texts.
pub fn texts<'t>(out: &mut Vec<u8>, list: impl ExactSizeIterator<Item = &'t str>) {
    number(out, list.len() as u64);
    for text in list {
        number(out, text.len() as u64);
        out.extend(text.as_bytes());
    }
}

/// Read a list of texts.
pub fn read_texts<'b>(r: &mut Reader<'b>) -> Option<Vec<&'b str>> {
    r.list(|r| {
        let n = r.count()?;
        std::str::from_utf8(r.take(n)?).ok()
    })
}

/// What a function is known by: a digest of its bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// What symbols and files are called where a function is read.
pub trait Names {
    /// The symbol of a name.
    fn symbol(&mut self, name: &str) -> Option<Sym>;
    /// The number of a file.
    fn file(&mut self, name: &str) -> Option<u32>;
}

/// A function in bytes, but for its code: a [`Func`] that refers to all that the function refers to.
///
/// Its one block names the form's symbols in their order, each by an address, and makes the checks that the function makes,
/// so that it stands for the function wherever only that is asked.
pub struct Stub<'b> {
    /// What stands for the function.
    pub func: Func,
    symbols: usize,
    form: &'b [u8],
}

impl<'b> Stub<'b> {
    /// Read all but the code. Nothing if a name or file is unknown.
    pub fn read(bytes: &'b [u8], known: &mut dyn Names) -> Option<Stub<'b>> {
        let mut r = Reader(bytes);
        let r = &mut r;
        let names = read_texts(r)?;
        let symbols = r.number()? as usize;
        let names: Vec<Sym> = names
            .into_iter()
            .map(|n| known.symbol(n))
            .collect::<Option<_>>()?;
        let files = read_texts(r)?;
        let files: Vec<u32> = files
            .into_iter()
            .map(|n| known.file(n))
            .collect::<Option<_>>()?;
        let loc = |r: &mut Reader<'_>| {
            Some(LocData {
                file: match r.number()?.checked_sub(1) {
                    None => 0,
                    Some(n) => *files.get(n as usize)?,
                },
                line: r.number()?,
                inline: r.number()?,
            })
        };
        let name = *names.get(r.number()? as usize)?;
        let shown = r.number()? as usize;
        let mut func = Func::new(name, Vec::new(), loc(r)?);
        if let Some(shown) = shown.checked_sub(1) {
            func.shown_name = Some(*names.get(shown)?);
        }
        func.locs = r.list(loc)?;
        func.inlines = r.list(|r| {
            Some(InlineData {
                name: *names.get(r.number()? as usize)?,
                start_line: r.number()?,
                wrapper: r.byte()? != 0,
                call: loc(r)?,
            })
        })?;
        let block = func.add_block();
        for &sym in names.get(..symbols)? {
            func.append(
                block,
                InstData::SymAddr { sym, off: 0 },
                &[Type::Ptr],
                Loc(0),
            );
        }
        let checks = r.list(|r| Some([r.byte()?, r.byte()?]))?;
        make_checks(&mut func, block, &checks)?;
        func.append(block, InstData::Unreachable, &[], Loc(0));
        if func.locs.is_empty() {
            func.locs.push(func.loc);
        }
        let [wrapper, nosplit, noinline, closure] = r.0.first_chunk::<4>()?.map(|b| b != 0);
        func.flags = FuncFlags {
            wrapper,
            nosplit,
            noinline,
            closure,
        };
        Some(Stub {
            func,
            symbols,
            form: r.0,
        })
    }

    /// One that stands for the function until its machine code is looked for; `digest` is that of its form.
    pub fn unread(self, digest: Digest) -> Func
    where
        'b: 'static,
    {
        let code = self.code();
        let mut func = self.func;
        func.unread = Some(Box::new(Unread { digest, code }));
        func
    }

    /// What makes a function of the one that stands for it.
    pub fn code(&self) -> Code<'b> {
        Code {
            symbols: self.symbols,
            form: self.form,
        }
    }
}

/// What a function that stands for another has not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Digest of the function's form.
    pub digest: Digest,
    code: Code<'static>,
}

impl Unread {
    /// The symbols of the form, by number.
    pub fn symbols(&self, stub: &Func) -> impl Iterator<Item = Sym> {
        let symbols = stub.insts[..self.code.symbols].iter();
        symbols.filter_map(InstData::symbol)
    }
}

/// The function that one that is not read stands for.
///
/// # Panics
/// As [`whole()`] does.
pub fn read(stub: &Func) -> Option<Func> {
    let unread = stub.unread.as_ref()?;
    Some(whole(stub, unread.code))
}

/// The code of a function in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code<'b> {
    symbols: usize,
    form: &'b [u8],
}

/// The function that another stands for, which may have got other numbers for symbols and files meanwhile.
///
/// # Panics
/// If the bytes are no function, which those that [`Writer`] has written are.
pub fn whole(stub: &Func, code: Code<'_>) -> Func {
    let symbols = stub.insts[..code.symbols].iter();
    let symbols: Vec<Sym> = symbols.filter_map(InstData::symbol).collect();
    let locs = stub.locs.clone();
    let func = read::function(code.form, stub.name, stub.loc, &symbols, locs);
    let mut func = func.expect("a function in bytes is one that was written");
    func.shown_name = stub.shown_name;
    func.inlines.clone_from(&stub.inlines);
    func
}

fn make_checks(func: &mut Func, block: Block, checks: &[[u8; 2]]) -> Option<()> {
    if checks.is_empty() {
        return Some(());
    }
    let ty = Type::I64;
    let zero = func.append(block, InstData::Iconst { ty, imm: 0 }, &[ty], Loc(0));
    let a = func.results[zero.index()][0];
    for &[kind, unsigned] in checks {
        let check = match kind {
            ZERO_CHECK => InstData::ZeroCheck { a },
            kind => InstData::BoundsCheck {
                kind: *BoundsKind::ALL.get(usize::from(kind))?,
                unsigned: unsigned != 0,
                a,
                b: a,
            },
        };
        func.append(block, check, &[], Loc(0));
    }
    Some(())
}
