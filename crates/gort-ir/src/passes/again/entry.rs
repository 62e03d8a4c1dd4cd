//! What is kept of a function: the ways that it went, newest first. A way is what the passes asked of the rest of the program
//! while they worked on the function, a digest of the answers, and what they made of it.
//!
//! The first half of a way (*near*) is that of inlining, the second (*far*) that of all passes behind it, which a
//! function does not see if it is dropped in between.

use super::record::{self, digest};
use crate::entity::Sym;
use crate::form::read::Reader;
use crate::form::{Digest, number};
use crate::passes::escape::summary::Summary;
use crate::passes::inline::cost::Cost;

/// So many ways are kept: programs differ in who else calls a function.
const WAYS: usize = 4;

/// The ways that are kept of a function: near and far half.
pub fn ways(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut r = Reader(bytes);
    let mut half = || {
        let n = r.count()?;
        r.take(n)
    };
    let mut ways = Vec::new();
    while let (Some(near), Some(far)) = (half(), half()) {
        ways.push((near, far));
    }
    ways
}

/// The ways with a new one in front. Those that have no far half go if they are among `fitting`: the new one is the same, and
/// more.
pub fn with(bytes: &[u8], near: &[u8], far: &[u8], fitting: &[usize]) -> Vec<u8> {
    let mut out = Vec::with_capacity(near.len() + far.len() + bytes.len() + 8);
    let others = ways(bytes).into_iter().enumerate();
    let others = others.filter(|(n, way)| !way.1.is_empty() || !fitting.contains(n));
    let others = others.map(|(_, way)| way);
    for (near, far) in [(near, far)].into_iter().chain(others).take(WAYS) {
        for half in [near, far] {
            number(&mut out, half.len() as u64);
            out.extend(half);
        }
    }
    out
}

/// What inlining asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Question {
    /// What may be put in place of a call of this function?
    Callee(Sym),
    /// Which address does a word of read-only data hold?
    Word(Sym, i64),
}

/// The near half, read.
pub struct Near<'b> {
    /// Names in the questions.
    names: Vec<&'b str>,
    /// The questions: number of a name, and the offset of a word.
    questions: Vec<(u32, Option<i64>)>,
    /// Digest of the answers.
    pub answers: Digest,
    /// Digest of the function.
    pub digest: Digest,
    /// What a call of the function costs.
    pub cost: Option<Cost>,
    /// The function.
    pub function: &'b [u8],
}

impl<'b> Near<'b> {
    /// Write one.
    pub fn write<'n>(
        questions: &[Question],
        answers: &Digest,
        digest: &Digest,
        cost: Option<&Cost>,
        function: &[u8],
        name: impl Fn(Sym) -> &'n str,
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(function.len() + 64);
        let symbols = questions.iter().map(|q| match *q {
            Question::Callee(sym) | Question::Word(sym, _) => sym,
        });
        record::texts(&mut out, symbols.map(name));
        for question in questions {
            match *question {
                Question::Callee(_) => out.push(0),
                Question::Word(_, off) => {
                    out.push(1);
                    out.extend(off.to_le_bytes());
                }
            }
        }
        out.extend(answers);
        out.extend(digest);
        match cost {
            None => out.push(0),
            Some(cost) => {
                out.push(1);
                cost.write(&mut out);
            }
        }
        out.extend(function);
        out
    }

    /// Read one.
    pub fn read(bytes: &'b [u8]) -> Option<Near<'b>> {
        let mut r = Reader(bytes);
        let names = record::read_texts(&mut r)?;
        let mut questions = Vec::with_capacity(names.len());
        for n in 0..names.len() as u32 {
            let off = match r.byte()? {
                0 => None,
                _ => Some(i64::from_le_bytes(r.take(8)?.try_into().ok()?)),
            };
            questions.push((n, off));
        }
        Some(Near {
            names,
            questions,
            answers: r.take(32)?.try_into().ok()?,
            digest: r.take(32)?.try_into().ok()?,
            cost: match r.byte()? {
                0 => None,
                _ => Some(Cost::read(&mut r)?),
            },
            function: r.0,
        })
    }

    /// The questions, if all that they name is there.
    pub fn questions(&self, symbol: impl Fn(&str) -> Option<Sym>) -> Option<Vec<Question>> {
        let question = |&(n, off): &(u32, Option<i64>)| {
            let sym = symbol(self.names[n as usize])?;
            Some(off.map_or(Question::Callee(sym), |off| Question::Word(sym, off)))
        };
        self.questions.iter().map(question).collect()
    }
}

/// The far half, read.
pub struct Far<'b> {
    /// The functions that escape analysis has looked at together with this one, itself included; all but the first of a group
    /// say so alone.
    pub group: Vec<&'b str>,
    /// What was asked for, by name.
    pub asked: Vec<&'b str>,
    /// Digest of the answers.
    pub answers: Digest,
    /// What callers must know.
    pub summary: Summary,
    /// The function, and one that was split off it, with the digests of their forms.
    pub functions: Vec<(Digest, &'b [u8])>,
}

impl<'b> Far<'b> {
    /// Write one.
    pub fn write(
        group: &[String],
        asked: &[String],
        answers: &Digest,
        summary: &Summary,
        functions: &[(Digest, Vec<u8>)],
    ) -> Vec<u8> {
        let mut out = Vec::new();
        record::texts(&mut out, group.iter().map(String::as_str));
        record::texts(&mut out, asked.iter().map(String::as_str));
        out.extend(answers);
        summary.write(&mut out);
        number(&mut out, functions.len() as u64);
        for (form, function) in functions {
            out.extend(form);
            number(&mut out, function.len() as u64);
            out.extend(function);
        }
        out
    }

    /// Read one.
    pub fn read(bytes: &'b [u8]) -> Option<Far<'b>> {
        let mut r = Reader(bytes);
        Some(Far {
            group: record::read_texts(&mut r)?,
            asked: record::read_texts(&mut r)?,
            answers: r.take(32)?.try_into().ok()?,
            summary: Summary::read(&mut r)?,
            functions: r.list(|r| {
                let form = r.take(32)?.try_into().ok()?;
                let n = r.count()?;
                Some((form, r.take(n)?))
            })?,
        })
    }
}

/// Answers, as they are given.
#[derive(Default)]
pub struct Answers(Vec<u8>);

impl Answers {
    /// One more.
    pub fn add(&mut self, kind: u8, parts: &[&[u8]]) {
        self.0.push(kind);
        for part in parts {
            number(&mut self.0, part.len() as u64);
            self.0.extend_from_slice(part);
        }
    }

    /// One more, which ends where it says itself.
    pub fn add_written(&mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>)) {
        self.0.push(kind);
        write(&mut self.0);
    }

    /// Digest of all.
    pub fn digest(&self) -> Digest {
        digest(&self.0)
    }
}
