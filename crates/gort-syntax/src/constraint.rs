//! Build constraints, `//go:build` and the old form `// +build`: parsing, evaluation, and the language version they imply.

use crate::letters::{is_digit, is_letter};

/// A build constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Constraint {
    /// A tag that must be set.
    Tag(String),
    /// Not that.
    Not(Box<Constraint>),
    /// Both.
    And(Box<Constraint>, Box<Constraint>),
    /// One or both.
    Or(Box<Constraint>, Box<Constraint>),
}

/// How many terms an expression may have; more is no honest use.
const MOST_TERMS: u32 = 1000;

/// How many `,` and spaces between options the old form may have.
const MOST_OLD: usize = 100;

impl Constraint {
    /// Parse a line `//go:build expression`; `None` if it is not one.
    ///
    /// # Errors
    /// What is wrong with the expression, in the words of go/build/constraint.
    pub fn parse(line: &str) -> Option<Result<Constraint, String>> {
        let rest = line.trim().strip_prefix("//go:build")?;
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return None;
        }
        Some(Reader::new(rest.trim()).expression())
    }

    /// Parse a line `// +build option,option option`; `None` if it is not one: one of the options must hold, of an
    /// option all terms. What is no tag holds nowhere; a line that is too long says nothing.
    pub fn parse_plus(line: &str) -> Option<Constraint> {
        let rest = line.trim().strip_prefix("//")?.trim_start();
        let rest = rest.strip_prefix("+build")?;
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            return None;
        }
        let terms = |option: &str| option.split(',').count();
        if rest.split_whitespace().map(terms).sum::<usize>() > MOST_OLD + 1 {
            return None;
        }
        let all = |option: &str| {
            let terms = option.split(',').map(term);
            terms.reduce(|x, y| Constraint::And(Box::new(x), Box::new(y)))
        };
        let options = rest.split_whitespace().filter_map(all);
        let any = options.reduce(|x, y| Constraint::Or(Box::new(x), Box::new(y)));
        Some(any.unwrap_or_else(|| Constraint::Tag("ignore".into())))
    }

    /// Whether it holds, given which tags are set.
    pub fn eval(&self, set: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(tag) => set(tag),
            Constraint::Not(x) => !x.eval(set),
            Constraint::And(x, y) => x.eval(set) && y.eval(set),
            Constraint::Or(x, y) => x.eval(set) || y.eval(set),
        }
    }

    /// The oldest Go version that can satisfy it, if it says.
    pub fn go_version(&self) -> Option<(u32, u32)> {
        self.min_version(true).map(|minor| (1, minor))
    }

    fn min_version(&self, positive: bool) -> Option<u32> {
        match self {
            Constraint::Tag(_) if !positive => None,
            Constraint::Tag(tag) if tag == "go1" => Some(0),
            Constraint::Tag(tag) => tag.strip_prefix("go1.")?.parse().ok(),
            Constraint::Not(x) => x.min_version(!positive),
            Constraint::And(x, y) | Constraint::Or(x, y) => {
                let (x, y) = (x.min_version(positive), y.min_version(positive));
                let both = matches!(self, Constraint::And(..)) == positive;
                if both { x.max(y) } else { x.min(y) }
            }
        }
    }
}

/// A term of the old form: a tag, or `!` and a tag.
fn term(text: &str) -> Constraint {
    let (not, tag) = match text.strip_prefix('!') {
        Some(tag) => (true, tag),
        None => (false, text),
    };
    let valid = !tag.is_empty() && tag.chars().all(is_tag_char);
    // A second `!` or none behind it is an error, which holds nowhere.
    let wrong = not && (tag.is_empty() || tag.starts_with('!'));
    let tag = Constraint::Tag(if valid { tag } else { "ignore" }.to_string());
    match not && !wrong {
        true => Constraint::Not(Box::new(tag)),
        false => tag,
    }
}

fn is_tag_char(c: char) -> bool {
    is_letter(c) || is_digit(c) || c == '_' || c == '.'
}

/// Reads an expression token by token; an error ends it.
struct Reader<'a> {
    rest: &'a str,
    /// The token that is next, empty at the end.
    token: &'a str,
    terms: u32,
}

const AT_END: &str = "unexpected end of expression";
const NOT_CLOSED: &str = "missing close paren";

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        Reader {
            rest: text,
            token: "",
            terms: 0,
        }
    }

    fn expression(mut self) -> Result<Constraint, String> {
        let c = self.or()?;
        match self.token {
            "" => Ok(c),
            other => Err(format!("unexpected token {other}")),
        }
    }

    /// Go to the next token.
    fn next(&mut self) -> Result<(), String> {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let tag = rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len());
        let length = match rest.chars().next() {
            None => 0,
            Some('(' | ')' | '!') => 1,
            Some('&') if rest.starts_with("&&") => 2,
            Some('|') if rest.starts_with("||") => 2,
            Some(c) if tag == 0 => return Err(format!("invalid syntax at {c}")),
            Some(_) => tag,
        };
        (self.token, self.rest) = rest.split_at(length);
        Ok(())
    }

    fn or(&mut self) -> Result<Constraint, String> {
        let mut x = self.and()?;
        while self.token == "||" {
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Ok(x)
    }

    fn and(&mut self) -> Result<Constraint, String> {
        let mut x = self.not()?;
        while self.token == "&&" {
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Ok(x)
    }

    fn not(&mut self) -> Result<Constraint, String> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err("build expression too large".into());
        }
        self.next()?;
        if self.token != "!" {
            return self.atom();
        }
        self.next()?;
        match self.token {
            "!" => Err("double negation not allowed".into()),
            _ => Ok(Constraint::Not(Box::new(self.atom()?))),
        }
    }

    /// What begins with the token that is next.
    fn atom(&mut self) -> Result<Constraint, String> {
        if self.token == "(" {
            // What is missing at the end is the parenthesis first of all.
            let inside = self.or();
            let x = inside.map_err(|e| if e == AT_END { NOT_CLOSED.into() } else { e })?;
            if self.token != ")" {
                return Err(NOT_CLOSED.into());
            }
            self.next()?;
            return Ok(x);
        }
        match self.token {
            "" => Err(AT_END.into()),
            tag if tag.starts_with(is_tag_char) => {
                self.next()?;
                Ok(Constraint::Tag(tag.to_string()))
            }
            other => Err(format!("unexpected token {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, linux: Option<bool>, version: Option<u32>) {
        let c = Constraint::parse(line).and_then(Result::ok);
        assert_eq!(
            c.as_ref().map(|c| c.eval(&|tag| tag == "linux")),
            linux,
            "{line}"
        );
        assert_eq!(
            c.and_then(|c| c.go_version()),
            version.map(|v| (1, v)),
            "{line}"
        );
    }

    #[test]
    fn constraints() {
        check("//go:build linux && !cgo", Some(true), None);
        check("//go:build !(linux || darwin)", Some(false), None);
        check("//go:build go1.21 && linux", Some(false), Some(21));
        check("//go:build go1.21 || go1.18", Some(false), Some(18));
        check("//go:build linux || go1.18", Some(true), None);
        check("//go:build linux &&", None, None);
        check("//go:build !!linux", None, None);
        check("//go:builds linux", None, None);
    }
    #[test]
    fn errors() {
        let many = "a || ".repeat(1000) + "a";
        for (expression, want) in [
            ("a + b", "invalid syntax at +"),
            ("a & b", "invalid syntax at &"),
            ("(a |", "invalid syntax at |"),
            ("a &&", AT_END),
            ("", AT_END),
            ("(a || ", NOT_CLOSED),
            ("(a b)", NOT_CLOSED),
            ("(a))", "unexpected token )"),
            ("a b", "unexpected token b"),
            ("a || || b", "unexpected token ||"),
            ("! ! a", "double negation not allowed"),
            (&many, "build expression too large"),
        ] {
            let got = Constraint::parse(&format!("//go:build {expression}"));
            assert_eq!(got, Some(Err(want.into())), "{expression}");
        }
        assert_eq!(Constraint::parse("//go:builds a +"), None);
    }

    #[test]
    fn old_lines_have_an_end() {
        let line = |n| Constraint::parse_plus(&format!("// +build {}", "a,b ".repeat(n)));
        assert!(line(50).is_some());
        assert!(line(51).is_none());
    }
}
