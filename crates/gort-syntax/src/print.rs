//! Expressions and simple statements as text, in the short form that messages use: bodies and long
//! lists of members are `…`.

use crate::ast::{
    ChanDir, Expr, ExprKind, ExprRef, Field, FuncType, InterfaceElem, Op, Stmt, StmtKind,
};
use std::fmt::{self, Write};

/// `x` as messages show it.
pub fn expr_string(x: &Expr<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = expr(&mut text, x, 0);
    text
}

/// A simple statement as messages show it.
pub fn stmt_string(s: &Stmt<'_>) -> String {
    let list = |l: &[ExprRef<'_>]| {
        l.iter()
            .map(|x| expr_string(x))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match s.kind {
        StmtKind::Expr(x) => expr_string(x),
        StmtKind::Send { ch, value, .. } => {
            format!("{} <- {}", expr_string(ch), expr_string(value))
        }
        StmtKind::IncDec { x, op, .. } => format!("{}{}", expr_string(x), op.spelling().repeat(2)),
        StmtKind::Assign { lhs, rhs, op, .. } => {
            format!(
                "{} {}= {}",
                list(lhs),
                op.map_or("", Op::spelling),
                list(rhs)
            )
        }
        StmtKind::Define { lhs, rhs, .. } => format!("{} := {}", list(lhs), list(rhs)),
        _ => "…".into(),
    }
}

/// Deeper expressions are cut off.
const MAX_DEPTH: u32 = 200;

fn list(w: &mut String, items: &[ExprRef<'_>], depth: u32) -> fmt::Result {
    for (i, x) in items.iter().enumerate() {
        if i > 0 {
            w.write_str(", ")?;
        }
        expr(w, x, depth)?;
    }
    Ok(())
}

fn expr(w: &mut String, x: &Expr<'_>, depth: u32) -> fmt::Result {
    let depth = depth + 1;
    if depth > MAX_DEPTH {
        return w.write_str("…");
    }
    match x.kind {
        ExprKind::Bad => w.write_str("<bad expr>"),
        ExprKind::Name(name) => write!(w, "{name}"),
        ExprKind::Lit { text, .. } => w.write_str(text),
        ExprKind::Paren(x) => {
            w.write_char('(')?;
            expr(w, x, depth)?;
            w.write_char(')')
        }
        ExprKind::FuncLit { sig, body } => {
            w.write_str("func")?;
            signature(w, sig, depth)?;
            w.write_str(if body.stmts.is_empty() {
                " {}"
            } else {
                " {…}"
            })
        }
        ExprKind::Composite { typ, elems, .. } => {
            if let Some(typ) = typ {
                expr(w, typ, depth)?;
            }
            w.write_str(if elems.is_empty() { "{}" } else { "{…}" })
        }
        ExprKind::KeyValue { key, value } => {
            expr(w, key, depth)?;
            w.write_str(": ")?;
            expr(w, value, depth)
        }
        ExprKind::Selector { x, sel } => {
            expr(w, x, depth)?;
            write!(w, ".{}", sel.name)
        }
        ExprKind::Index { x, indices } => {
            expr(w, x, depth)?;
            w.write_char('[')?;
            list(w, indices, depth)?;
            w.write_char(']')
        }
        ExprKind::Slice {
            x,
            lo,
            hi,
            max,
            full,
        } => {
            expr(w, x, depth)?;
            w.write_char('[')?;
            for (i, part) in [lo, hi, max].into_iter().enumerate() {
                if i == 1 || i == 2 && full {
                    w.write_char(':')?;
                }
                if let Some(part) = part {
                    expr(w, part, depth)?;
                }
            }
            w.write_char(']')
        }
        ExprKind::TypeAssert { x, typ } => {
            expr(w, x, depth)?;
            w.write_str(".(")?;
            match typ {
                Some(typ) => expr(w, typ, depth)?,
                None => w.write_str("type")?,
            }
            w.write_char(')')
        }
        ExprKind::Call {
            fun,
            args,
            has_dots,
            ..
        } => {
            expr(w, fun, depth)?;
            w.write_char('(')?;
            list(w, args, depth)?;
            w.write_str(if has_dots { "...)" } else { ")" })
        }
        ExprKind::Star(x) => {
            w.write_char('*')?;
            expr(w, x, depth)
        }
        ExprKind::Unary { op, x } => {
            w.write_str(op.spelling())?;
            expr(w, x, depth)
        }
        ExprKind::Binary { op, x, y, .. } => {
            expr(w, x, depth)?;
            write!(w, " {} ", op.spelling())?;
            expr(w, y, depth)
        }
        ExprKind::ArrayType { len, elem } => {
            w.write_char('[')?;
            match len {
                Some(len) => expr(w, len, depth)?,
                None => w.write_str("...")?,
            }
            w.write_char(']')?;
            expr(w, elem, depth)
        }
        ExprKind::SliceType { elem } => {
            w.write_str("[]")?;
            expr(w, elem, depth)
        }
        ExprKind::DotsType { elem } => {
            w.write_str("...")?;
            elem.map_or(Ok(()), |elem| expr(w, elem, depth))
        }
        ExprKind::StructType { fields } => w.write_str(if fields.is_empty() {
            "struct{}"
        } else {
            "struct{…}"
        }),
        ExprKind::FuncType(sig) => {
            w.write_str("func")?;
            signature(w, sig, depth)
        }
        ExprKind::InterfaceType { elems } => match elems {
            [] => w.write_str("interface{}"),
            [InterfaceElem::Embedded(x)] => {
                w.write_str("interface{")?;
                expr(w, x, depth)?;
                w.write_char('}')
            }
            _ => w.write_str("interface{…}"),
        },
        ExprKind::MapType { key, value } => {
            w.write_str("map[")?;
            expr(w, key, depth)?;
            w.write_char(']')?;
            expr(w, value, depth)
        }
        ExprKind::ChanType { dir, elem } => {
            w.write_str(match dir {
                ChanDir::Both => "chan ",
                ChanDir::Send => "chan<- ",
                ChanDir::Recv => "<-chan ",
            })?;
            let parens = dir != ChanDir::Send
                && matches!(
                    elem.kind,
                    ExprKind::ChanType {
                        dir: ChanDir::Recv,
                        ..
                    }
                );
            w.write_str(if parens { "(" } else { "" })?;
            expr(w, elem, depth)?;
            w.write_str(if parens { ")" } else { "" })
        }
    }
}

fn signature(w: &mut String, sig: &FuncType<'_>, depth: u32) -> fmt::Result {
    params(w, sig.params, depth)?;
    match sig.results {
        [] => Ok(()),
        [
            Field {
                name: None, typ, ..
            },
        ] => {
            w.write_char(' ')?;
            expr(w, typ, depth)
        }
        results => {
            w.write_char(' ')?;
            params(w, results, depth)
        }
    }
}

fn params(w: &mut String, fields: &[Field<'_>], depth: u32) -> fmt::Result {
    w.write_char('(')?;
    for (i, f) in fields.iter().enumerate() {
        if i > 0 {
            w.write_str(", ")?;
        }
        if let Some(name) = f.name {
            write!(w, "{}", name.name)?;
            // Names declared together share their type.
            if fields
                .get(i + 1)
                .is_some_and(|g| g.name.is_some() && std::ptr::eq(g.typ, f.typ))
            {
                continue;
            }
            w.write_char(' ')?;
        }
        expr(w, f.typ, depth)?;
    }
    w.write_char(')')
}
