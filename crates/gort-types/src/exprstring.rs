//! Expressions as messages show them: on one line, bodies and literals' elements shortened to `…`.

use gort_syntax::Pos;
use gort_syntax::ast::*;
use std::fmt::Write;

/// The text of an expression.
pub(crate) fn expr_string(e: ExprRef<'_>) -> String {
    let mut out = String::new();
    write_expr(&mut out, e);
    out
}

/// The texts of expressions in brackets.
pub(crate) fn expr_list_string(list: &[ExprRef<'_>]) -> String {
    let mut out = String::from("[");
    write_list(&mut out, list);
    out.push(']');
    out
}

/// The spelling of an operator.
pub(crate) fn op_str(op: Op) -> &'static str {
    match op {
        Op::Not => "!",
        Op::Recv => "<-",
        Op::Tilde => "~",
        Op::OrOr => "||",
        Op::AndAnd => "&&",
        Op::Eql => "==",
        Op::Neq => "!=",
        Op::Lss => "<",
        Op::Leq => "<=",
        Op::Gtr => ">",
        Op::Geq => ">=",
        Op::Add => "+",
        Op::Sub => "-",
        Op::Or => "|",
        Op::Xor => "^",
        Op::Mul => "*",
        Op::Div => "/",
        Op::Rem => "%",
        Op::And => "&",
        Op::AndNot => "&^",
        Op::Shl => "<<",
        Op::Shr => ">>",
    }
}

/// Where an expression starts in the source.
pub(crate) fn start_pos(mut e: ExprRef<'_>) -> Pos {
    loop {
        e = match e.kind {
            ExprKind::Composite { typ: Some(t), .. } => t,
            ExprKind::KeyValue { key, .. } => key,
            ExprKind::Selector { x, .. }
            | ExprKind::Index { x, .. }
            | ExprKind::Slice { x, .. }
            | ExprKind::TypeAssert { x, .. }
            | ExprKind::Binary { x, .. } => x,
            ExprKind::Call { fun, .. } => fun,
            _ => return e.pos,
        }
    }
}

/// The position of an operation's operator, else the start.
pub(crate) fn op_pos(e: ExprRef<'_>) -> Pos {
    match e.kind {
        ExprKind::Binary { op_pos, .. } => op_pos,
        _ => start_pos(e),
    }
}

/// The expression inside parentheses.
pub(crate) fn unparen<'a>(mut e: ExprRef<'a>) -> ExprRef<'a> {
    while let ExprKind::Paren(x) = e.kind {
        e = x;
    }
    e
}

fn write_list(out: &mut String, list: &[ExprRef<'_>]) {
    for (i, e) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_expr(out, e);
    }
}

fn write_fields(out: &mut String, fields: &[Field<'_>], sep: &str) {
    for (i, f) in fields.iter().enumerate() {
        if i > 0 {
            out.push_str(sep);
        }
        if let Some(name) = f.name {
            out.push_str(name.name.as_str());
            // Parameters that share a type are written as a list.
            let shared = |g: &Field<'_>| std::ptr::eq(g.typ, f.typ) && g.name.is_some();
            if sep == ", " && fields.get(i + 1).is_some_and(shared) {
                continue;
            }
            out.push(' ');
        }
        write_expr(out, f.typ);
        if let Some((tag, _)) = f.tag {
            let _ = write!(out, " {tag}");
        }
    }
}

fn write_sig(out: &mut String, sig: &FuncType<'_>) {
    if !sig.tparams.is_empty() {
        out.push('[');
        write_fields(out, sig.tparams, ", ");
        out.push(']');
    }
    out.push('(');
    write_fields(out, sig.params, ", ");
    out.push(')');
    match sig.results {
        [] => {}
        [f] if f.name.is_none() => {
            out.push(' ');
            write_expr(out, f.typ);
        }
        list => {
            out.push_str(" (");
            write_fields(out, list, ", ");
            out.push(')');
        }
    }
}

/// Bytes after which the rest of an expression is left out: else the errors of a deep nest, each with all that is below
/// it, take memory by the square of the source.
const LONGEST: usize = 400;

fn write_expr(out: &mut String, e: ExprRef<'_>) {
    if out.len() > LONGEST {
        if !out.ends_with('…') {
            out.push('…');
        }
        return;
    }
    match e.kind {
        ExprKind::Bad => out.push_str("<bad expr>"),
        ExprKind::Name(n) => out.push_str(n.as_str()),
        ExprKind::Lit { text, .. } => out.push_str(text),
        ExprKind::Paren(x) => {
            out.push('(');
            write_expr(out, x);
            out.push(')');
        }
        ExprKind::FuncLit { sig, body } => {
            out.push_str("func");
            write_sig(out, sig);
            out.push_str(if body.stmts.is_empty() {
                " {}"
            } else {
                " {…}"
            });
        }
        ExprKind::Composite { typ, elems, .. } => {
            if let Some(t) = typ {
                write_expr(out, t);
            }
            out.push_str(if elems.is_empty() { "{}" } else { "{…}" });
        }
        ExprKind::KeyValue { key, value } => {
            write_expr(out, key);
            out.push_str(": ");
            write_expr(out, value);
        }
        ExprKind::Selector { x, sel } => {
            write_expr(out, x);
            out.push('.');
            out.push_str(sel.name.as_str());
        }
        ExprKind::Index { x, indices } => {
            write_expr(out, x);
            out.push('[');
            write_list(out, indices);
            out.push(']');
        }
        ExprKind::Slice { x, lo, hi, max, .. } => {
            write_expr(out, x);
            out.push('[');
            if let Some(e) = lo {
                write_expr(out, e);
            }
            out.push(':');
            if let Some(e) = hi {
                write_expr(out, e);
            }
            if let Some(e) = max {
                out.push(':');
                write_expr(out, e);
            }
            out.push(']');
        }
        ExprKind::TypeAssert { x, typ } => {
            write_expr(out, x);
            out.push_str(".(");
            match typ {
                Some(t) => write_expr(out, t),
                None => out.push_str("type"),
            }
            out.push(')');
        }
        ExprKind::Call {
            fun,
            args,
            has_dots,
            ..
        } => {
            write_expr(out, fun);
            out.push('(');
            write_list(out, args);
            if has_dots {
                out.push_str("...");
            }
            out.push(')');
        }
        ExprKind::Star(x) => {
            out.push('*');
            write_expr(out, x);
        }
        ExprKind::Unary { op, x } => {
            out.push_str(op_str(op));
            write_expr(out, x);
        }
        ExprKind::Binary { op, x, y, .. } => {
            write_expr(out, x);
            let _ = write!(out, " {} ", op_str(op));
            write_expr(out, y);
        }
        ExprKind::ArrayType { len, elem } => {
            out.push('[');
            match len {
                Some(n) => write_expr(out, n),
                None => out.push_str("..."),
            }
            out.push(']');
            write_expr(out, elem);
        }
        ExprKind::SliceType { elem } => {
            out.push_str("[]");
            write_expr(out, elem);
        }
        ExprKind::DotsType { elem } => {
            out.push_str("...");
            if let Some(t) = elem {
                write_expr(out, t);
            }
        }
        ExprKind::StructType { fields } => {
            out.push_str("struct{");
            write_fields(out, fields, "; ");
            out.push('}');
        }
        ExprKind::FuncType(sig) => {
            out.push_str("func");
            write_sig(out, sig);
        }
        ExprKind::InterfaceType { elems } => {
            out.push_str("interface{");
            for (i, elem) in elems.iter().enumerate() {
                if i > 0 {
                    out.push_str("; ");
                }
                match elem {
                    InterfaceElem::Method { name, sig } => {
                        out.push_str(name.name.as_str());
                        write_sig(out, sig);
                    }
                    InterfaceElem::Embedded(t) => write_expr(out, t),
                }
            }
            out.push('}');
        }
        ExprKind::MapType { key, value } => {
            out.push_str("map[");
            write_expr(out, key);
            out.push(']');
            write_expr(out, value);
        }
        ExprKind::ChanType { dir, elem } => {
            out.push_str(match dir {
                ChanDir::Both => "chan ",
                ChanDir::Send => "chan<- ",
                ChanDir::Recv => "<-chan ",
            });
            let parens = dir == ChanDir::Both
                && matches!(
                    elem.kind,
                    ExprKind::ChanType {
                        dir: ChanDir::Recv,
                        ..
                    }
                );
            if parens {
                out.push('(');
            }
            write_expr(out, elem);
            if parens {
                out.push(')');
            }
        }
    }
}
