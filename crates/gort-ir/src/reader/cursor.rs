//! Words, numbers and symbols of the text form.

use super::Outcome;
use crate::entity::Sym;
use crate::func::LocData;
use crate::module::Module;
use crate::types::Type;

/// A place in a text.
pub struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
    /// From the last thing taken on.
    taken: &'a str,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+')
}

impl<'a> Cursor<'a> {
    /// The start of `text`.
    pub fn new(text: &'a str) -> Cursor<'a> {
        let mut c = Cursor {
            text,
            rest: text,
            taken: text,
        };
        c.skip();
        c
    }

    /// The line of what was taken last.
    pub fn line(&self) -> u32 {
        let read = &self.text[..self.text.len() - self.taken.len()];
        read.bytes().filter(|b| *b == b'\n').count() as u32 + 1
    }

    /// Whether everything is read.
    pub fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Skip blanks and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with(';') {
                return;
            }
            self.rest = self.rest.find('\n').map_or("", |i| &self.rest[i..]);
        }
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        self.taken = self.rest;
        let (read, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.skip();
        read
    }

    fn word_len(&self) -> usize {
        if self.rest.starts_with("->") {
            return 2;
        }
        self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len())
    }

    /// Whether the next word or punctuation is `token`.
    pub fn peek(&self, token: &str) -> bool {
        let word = token.starts_with(is_word);
        if word {
            &self.rest[..self.word_len()] == token
        } else {
            self.rest.starts_with(token)
        }
    }

    /// Take `token` if it is next.
    pub fn eat(&mut self, token: &str) -> bool {
        let hit = self.peek(token);
        if hit {
            self.advance(token.len());
        }
        hit
    }

    /// Take `token`.
    pub fn want(&mut self, token: &str) -> Outcome<()> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(format!("expected {token}, found {}", self.shown()))
        }
    }

    fn shown(&self) -> String {
        let n = self.word_len().max(1);
        let text: String = self.rest.chars().take(n.min(30)).collect();
        if text.is_empty() {
            "the end".into()
        } else {
            format!("`{text}`")
        }
    }

    /// A word.
    pub fn word(&mut self) -> Outcome<&'a str> {
        match self.word_len() {
            0 => Err(format!("expected a word, found {}", self.shown())),
            n => Ok(self.advance(n)),
        }
    }

    /// A number, decimal with sign or hexadecimal.
    pub fn number(&mut self) -> Outcome<i64> {
        let shown = self.shown();
        let word = self.word()?;
        let value = match word.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok().map(|v| v as i64),
            None => word
                .parse()
                .ok()
                .or_else(|| word.parse::<u64>().ok().map(|v| v as i64)),
        };
        value.ok_or_else(|| format!("expected a number, found {shown}"))
    }

    /// A number from 0 to `max`.
    pub fn index(&mut self, max: u32) -> Outcome<u32> {
        let n = self.number()?;
        u32::try_from(n)
            .ok()
            .filter(|n| *n <= max)
            .ok_or_else(|| format!("{n} is out of range"))
    }

    /// A number that fits 32 bits.
    pub fn offset(&mut self) -> Outcome<i32> {
        let n = self.number()?;
        i32::try_from(n).map_err(|_| format!("{n} is out of range"))
    }

    /// Whether `PREFIXn` is next.
    pub fn peek_entity(&self, prefix: &str) -> bool {
        let word = &self.rest[..self.word_len()];
        word.strip_prefix(prefix)
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    }

    /// Whether the character after the next word is `c`.
    pub fn after_word_is(&self, c: char) -> bool {
        self.rest[self.word_len()..].starts_with(c)
    }

    /// The number of `PREFIXn`.
    pub fn entity(&mut self, prefix: &str, max: u32) -> Outcome<u32> {
        if !self.peek_entity(prefix) {
            return Err(format!(
                "expected {prefix} and a number, found {}",
                self.shown()
            ));
        }
        let word = self.word()?;
        let n = word[prefix.len()..].parse().ok().filter(|n| *n < max);
        n.ok_or_else(|| format!("{word} is out of range"))
    }

    /// A type.
    pub fn ty(&mut self) -> Outcome<Type> {
        Ok(match self.word()? {
            "i8" => Type::I8,
            "i16" => Type::I16,
            "i32" => Type::I32,
            "i64" => Type::I64,
            "f32" => Type::F32,
            "f64" => Type::F64,
            "ptr" => Type::Ptr,
            other => return Err(format!("no type {other}")),
        })
    }

    /// `!file:line` or `!file:line:inline`.
    pub fn location(&mut self) -> Outcome<LocData> {
        self.want("!")?;
        let file = self.index(u32::MAX)?;
        self.want(":")?;
        let line = self.index(u32::MAX)?;
        let inline = if self.eat(":") {
            self.index(u32::MAX)?
        } else {
            0
        };
        Ok(LocData { file, line, inline })
    }

    /// A string in quotes, with the escapes of Rust's `Debug`.
    pub fn string(&mut self) -> Outcome<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        if chars.next().is_none_or(|(_, c)| c != '"') {
            return Err(format!("expected a string, found {}", self.shown()));
        }
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.advance(i + 1);
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some('0') => text.push('\0'),
                    Some('u') => {
                        let rest = chars.as_str();
                        let code = rest.strip_prefix('{').and_then(|r| r.split_once('}'));
                        let (hex, after) = code.ok_or("bad escape in string")?;
                        let value = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
                        text.push(value.ok_or("bad escape in string")?);
                        chars
                            .by_ref()
                            .take(rest.chars().count() - after.chars().count())
                            .for_each(drop);
                    }
                    Some(c @ ('\\' | '"' | '\'')) => text.push(c),
                    _ => return Err("bad escape in string".into()),
                },
                c => text.push(c),
            }
        }
        Err("string without end".into())
    }

    /// `@name` or `@"name"`.
    pub fn symbol(&mut self, m: &mut Module) -> Outcome<Sym> {
        if !self.rest.starts_with('@') {
            return Err(format!("expected a symbol, found {}", self.shown()));
        }
        self.rest = &self.rest[1..];
        if self.rest.starts_with('"') {
            let name = self.string()?;
            return Ok(m.sym(&name));
        }
        let n = self
            .rest
            .find(|c| !crate::print::plain(c))
            .unwrap_or(self.rest.len());
        if n == 0 {
            return Err("expected the name of a symbol".into());
        }
        let name = self.advance(n);
        Ok(m.sym(name))
    }
}
