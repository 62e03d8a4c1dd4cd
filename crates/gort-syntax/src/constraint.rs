//! Build constraints, `//go:build` and the old form `// +build`: parsing, evaluation, and the language version they imply.

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

impl Constraint {
    /// Parse a line `//go:build expression`; `None` if it is not one, or malformed.
    pub fn parse(line: &str) -> Option<Constraint> {
        let rest = line.trim().strip_prefix("//go:build")?;
        if !rest.starts_with([' ', '\t']) {
            return None;
        }
        let mut reader = Reader {
            rest: rest.trim(),
            depth: 0,
        };
        let c = reader.or()?;
        reader.rest.is_empty().then_some(c)
    }

    /// Parse a line `// +build option,option option`; `None` if it is not one: one of the options must hold, of an
    /// option all terms. What is no tag holds nowhere.
    pub fn parse_plus(line: &str) -> Option<Constraint> {
        let rest = line.trim().strip_prefix("//")?.trim_start();
        let rest = rest.strip_prefix("+build")?;
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
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
    c.is_alphanumeric() || c == '_' || c == '.'
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    fn or(&mut self) -> Option<Constraint> {
        let mut x = self.and()?;
        while self.eat("||") {
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Some(x)
    }

    fn and(&mut self) -> Option<Constraint> {
        let mut x = self.not()?;
        while self.eat("&&") {
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Some(x)
    }

    fn not(&mut self) -> Option<Constraint> {
        self.depth += 1;
        if self.depth > 1000 {
            return None;
        }
        if self.eat("!") {
            if self.rest.starts_with('!') {
                return None;
            }
            return Some(Constraint::Not(Box::new(self.not()?)));
        }
        if self.eat("(") {
            let x = self.or()?;
            return self.eat(")").then_some(x);
        }
        let end = self
            .rest
            .find(|c: char| !is_tag_char(c))
            .unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        (!tag.is_empty()).then(|| Constraint::Tag(tag.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, linux: Option<bool>, version: Option<u32>) {
        let c = Constraint::parse(line);
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
}
