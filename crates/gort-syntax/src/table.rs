//! Tables: composite literals of which the source says that they hold nothing but constants, as in package unicode. Much of the
//! library's text is in them, and few programs use many.

use crate::Pos;
use crate::ast::{ExprId, ExprKind, ExprRef, Op};

/// A table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// The first identity of its expressions, and the one after the last.
    pub ids: (ExprId, ExprId),
    /// Its first position, and the one behind it.
    pub at: (Pos, Pos),
    /// Literals of numbers and texts in it.
    pub count: usize,
    /// What its elements have in front. Those of inner literals have nothing.
    pub keys: Keys,
}

/// What elements have in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// Nothing.
    None,
    /// Names, which are those of fields if it is a struct.
    Names,
    /// Some have numbers.
    Numbers,
}

/// What `T{…}` or `&T{…}` is as a table. Its elements are literals, negated or not, and composite ones of such; only elements of
/// the outermost have keys. Nothing if it is none, or writes a type that has parts of its own.
pub fn table(e: ExprRef<'_>) -> Option<Table> {
    let mut walk = Walk {
        ids: (e.id.0, e.id.0),
        count: 0,
    };
    let inner = match e.kind {
        ExprKind::Unary { op: Op::And, x } => x,
        _ => e,
    };
    match inner.kind {
        ExprKind::Composite {
            typ: Some(typ),
            elems,
            ..
        } => {
            walk.see(inner);
            let mut keys = Keys::None;
            let mut element = |e: ExprRef<'_>| {
                let ExprKind::KeyValue { key, value } = e.kind else {
                    return walk.value(e);
                };
                keys = match key.kind {
                    ExprKind::Name(_) if keys != Keys::Numbers => Keys::Names,
                    ExprKind::Lit { .. } if keys != Keys::Names => Keys::Numbers,
                    _ => return false,
                };
                walk.see(e);
                walk.see(key);
                walk.value(value)
            };
            let all = elems.iter().all(|e| element(e)) && walk.typ(typ);
            all.then_some(Table {
                ids: (ExprId(walk.ids.0), ExprId(walk.ids.1 + 1)),
                at: (e.pos, e.end),
                count: walk.count,
                keys,
            })
        }
        _ => None,
    }
}

struct Walk {
    ids: (u32, u32),
    count: usize,
}

impl Walk {
    fn see(&mut self, e: ExprRef<'_>) {
        self.ids = (self.ids.0.min(e.id.0), self.ids.1.max(e.id.0));
    }

    fn value(&mut self, e: ExprRef<'_>) -> bool {
        self.see(e);
        match e.kind {
            ExprKind::Lit { bad, .. } => {
                self.count += 1;
                !bad
            }
            ExprKind::Unary { op: Op::Sub, x } => {
                matches!(x.kind, ExprKind::Lit { .. }) && self.value(x)
            }
            ExprKind::Unary { op: Op::And, x } => {
                matches!(x.kind, ExprKind::Composite { .. }) && self.value(x)
            }
            ExprKind::Composite { typ, elems, .. } => {
                typ.is_none_or(|t| self.typ(t)) && elems.iter().all(|e| self.value(e))
            }
            _ => false,
        }
    }

    /// Whether a type is made of names.
    fn typ(&mut self, t: ExprRef<'_>) -> bool {
        self.see(t);
        match t.kind {
            ExprKind::Name(_) => true,
            ExprKind::Selector { x, sel } => {
                self.ids = (self.ids.0.min(sel.id.0), self.ids.1.max(sel.id.0));
                self.typ(x)
            }
            ExprKind::Star(x) | ExprKind::SliceType { elem: x } => self.typ(x),
            ExprKind::ArrayType { len, elem } => {
                let length = |w: &mut Walk, len: ExprRef<'_>| match len.kind {
                    ExprKind::Lit { .. } => w.value(len),
                    _ => w.typ(len),
                };
                len.is_none_or(|len| length(self, len)) && self.typ(elem)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ast::Decl;
    use crate::{FileSet, Mode, parse_file};
    use bumpalo::Bump;

    #[test]
    fn what_is_a_table() {
        let arena = Bump::new();
        let set = FileSet::new();
        let of = |text: &str| {
            let text = format!("package p\nvar x = {text}\n");
            let src = arena.alloc_str(&text).as_bytes();
            let (file, _) = parse_file(&arena, &set, "a.go", src, Mode::Full);
            let Decl::Var(v) = file.decls[0] else {
                unreachable!()
            };
            let all = file.first_id..file.first_id + file.id_count;
            table(v.values[0]).inspect(|t| {
                assert!(all.contains(&t.ids.0.0) && t.ids.1.0 <= all.end);
            })
        };
        let count = |text: &str| of(text).map(|t| (t.count, t.keys));
        assert_eq!(count("[]int{1, -2, 'x'}"), Some((3, Keys::None)));
        assert_eq!(
            count("&T{R: []p.R{{1, 2}, {3, 4}}, N: \"x\"}"),
            Some((5, Keys::Names))
        );
        assert_eq!(count("[...]*T{{1}, &T{2}}"), Some((2, Keys::None)));
        assert_eq!(count("[4]string{}"), Some((1, Keys::None)));
        assert_eq!(count("[9]int{2: 1, 7}"), Some((3, Keys::Numbers)));
        for none in [
            "[]int{x}",
            "[]int{1 + 2}",
            "[]int{f()}",
            "[]int{2: 1, N: 3}",
            "[][]int{{2: 1}}",
            "[]T{{N: 1}}",
            "[]struct{ n int }{{1}}",
            "map[string]int{\"a\": 1}",
            "[]any{func() {}}",
            "(1)",
            "&x",
            "[2 + 2]int{1}",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
