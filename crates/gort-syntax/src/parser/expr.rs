//! Expressions.

use super::{Parser, as_name, unparen};
use crate::ast::{ChanDir, ExprKind, ExprRef, Ident, Op};
use crate::print::expr_string;
use crate::token::Tok;

impl<'a> Parser<'a> {
    pub(super) fn expr(&mut self) -> ExprRef<'a> {
        self.binary_expr(None, 0)
    }

    /// Expressions separated by commas, at least one.
    pub(super) fn expr_list(&mut self) -> &'a [ExprRef<'a>] {
        let first = self.expr();
        self.expr_list_after(first)
    }

    fn expr_list_after(&mut self, first: ExprRef<'a>) -> &'a [ExprRef<'a>] {
        if self.tok() != Tok::Comma {
            return self.arena.alloc_slice_copy(&[first]);
        }
        let mut list = vec![first];
        while self.got(Tok::Comma) {
            list.push(self.expr());
        }
        self.arena.alloc_slice_copy(&list)
    }

    /// Operators that bind more strongly than `prec`, after the operand `x` if that is read already.
    pub(super) fn binary_expr(&mut self, x: Option<ExprRef<'a>>, prec: u8) -> ExprRef<'a> {
        let mut x = x.unwrap_or_else(|| self.unary_expr());
        while matches!(self.tok(), Tok::Operator | Tok::Star) && self.sc.prec > prec {
            let (op, op_pos, strength) = (self.sc.op, self.pos(), self.sc.prec);
            self.next();
            let y = self.binary_expr(None, strength);
            x = self.node_at(x.pos, op_pos, ExprKind::Binary { op, op_pos, x, y });
        }
        x
    }

    fn unary_expr(&mut self) -> ExprRef<'a> {
        let x = if self.descend() {
            self.unary_operator()
        } else {
            self.bad_expr()
        };
        self.ascend();
        x
    }

    fn unary_operator(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        match self.tok() {
            Tok::Star => {
                self.next();
                let x = self.unary_expr();
                self.node(pos, ExprKind::Star(x))
            }
            Tok::Operator
                if matches!(
                    self.sc.op,
                    Op::Add | Op::Sub | Op::Not | Op::Xor | Op::Tilde | Op::And
                ) =>
            {
                let op = self.sc.op;
                self.next();
                let x = self.unary_expr();
                self.node(pos, ExprKind::Unary { op, x })
            }
            Tok::Arrow => {
                self.next();
                let x = self.unary_expr();
                if matches!(x.kind, ExprKind::ChanType { .. }) {
                    return self.receive_type(pos, x);
                }
                self.node(pos, ExprKind::Unary { op: Op::Recv, x })
            }
            _ => self.primary_expr(None),
        }
    }

    /// `<-` at `pos` before the channel type `x` belongs to the type: `<-chan T` is a receive-only channel,
    /// and in `<-chan<- chan T`, which is `<-chan (<-chan T)`, the inner arrow moves along.
    fn receive_type(&mut self, pos: crate::Pos, x: ExprRef<'a>) -> ExprRef<'a> {
        let ExprKind::ChanType { dir, elem } = x.kind else {
            self.syntax_error(&format!("unexpected {}, expected chan", expr_string(x)));
            return x;
        };
        let elem = match dir {
            ChanDir::Both => elem,
            ChanDir::Recv => {
                self.syntax_error("unexpected <-, expected chan");
                elem
            }
            ChanDir::Send => self.receive_type(elem.pos, elem),
        };
        self.node(
            pos,
            ExprKind::ChanType {
                dir: ChanDir::Recv,
                elem,
            },
        )
    }

    /// An operand with its selectors, indices and calls; `x` is the operand if it is read already.
    pub(super) fn primary_expr(&mut self, x: Option<ExprRef<'a>>) -> ExprRef<'a> {
        let mut x = x.unwrap_or_else(|| self.operand());
        loop {
            let op_pos = self.pos();
            match self.tok() {
                Tok::Dot => {
                    self.next();
                    x = self.selector(x, op_pos);
                }
                Tok::Lbrack => {
                    self.next();
                    x = self.index_or_slice(x, op_pos);
                }
                Tok::Lparen => {
                    self.next();
                    let (args, has_dots, rparen) = self.arguments();
                    let kind = ExprKind::Call {
                        fun: x,
                        args,
                        has_dots,
                        lparen: op_pos,
                        rparen,
                    };
                    x = self.node_at(x.pos, op_pos, kind);
                }
                Tok::Lbrace if self.composite_may_follow(unparen(x)) => {
                    if matches!(x.kind, ExprKind::Paren(_)) {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    x = self.composite(Some(x));
                }
                _ => return x,
            }
        }
    }

    /// Whether `{` after `typ` begins a composite literal.
    fn composite_may_follow(&self, typ: ExprRef<'a>) -> bool {
        match typ.kind {
            ExprKind::Name(_) | ExprKind::Selector { .. } => self.xnest >= 0,
            ExprKind::Index { .. } => self.xnest >= 0 && !is_value(typ),
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType { .. }
            | ExprKind::StructType { .. }
            | ExprKind::MapType { .. } => true,
            _ => false,
        }
    }

    /// What follows `x.`
    fn selector(&mut self, x: ExprRef<'a>, dot: crate::Pos) -> ExprRef<'a> {
        match self.tok() {
            Tok::Name => {
                let sel = self.name();
                self.node_at(x.pos, dot, ExprKind::Selector { x, sel })
            }
            Tok::Lparen => {
                self.next();
                let typ = if self.got(Tok::Type) {
                    None
                } else {
                    Some(self.typ())
                };
                self.want(Tok::Rparen);
                self.node_at(x.pos, dot, ExprKind::TypeAssert { x, typ })
            }
            _ => {
                self.syntax_error("expected name or (");
                self.advance(&[Tok::Semi, Tok::Rparen]);
                x
            }
        }
    }

    /// What follows `x[`.
    fn index_or_slice(&mut self, x: ExprRef<'a>, lbrack: crate::Pos) -> ExprRef<'a> {
        let mut lo = None;
        if self.tok() != Tok::Colon {
            let (indices, comma) = if self.tok() == Tok::Rbrack {
                self.syntax_error("expected operand");
                let bad = self.bad_expr();
                (self.arena.alloc_slice_copy(&[bad]) as &[_], false)
            } else {
                self.type_list(false)
            };
            if comma || self.tok() == Tok::Rbrack {
                self.want(Tok::Rbrack);
                return self.node_at(x.pos, lbrack, ExprKind::Index { x, indices });
            }
            lo = Some(indices[0]);
        }
        if !self.got(Tok::Colon) {
            self.syntax_error("expected comma, : or ]");
            self.advance(&[Tok::Comma, Tok::Colon, Tok::Rbrack]);
        }
        self.xnest += 1;
        let mut hi = None;
        let mut max = None;
        if !matches!(self.tok(), Tok::Colon | Tok::Rbrack) {
            hi = Some(self.expr());
        }
        let full = self.tok() == Tok::Colon;
        if full {
            if hi.is_none() {
                self.error_at(self.pos(), "middle index required in 3-index slice");
                hi = Some(self.bad_expr());
            }
            self.next();
            max = Some(if self.tok() == Tok::Rbrack {
                self.error_at(self.pos(), "final index required in 3-index slice");
                self.bad_expr()
            } else {
                self.expr()
            });
        }
        self.xnest -= 1;
        self.want(Tok::Rbrack);
        self.node_at(
            x.pos,
            lbrack,
            ExprKind::Slice {
                x,
                lo,
                hi,
                max,
                full,
            },
        )
    }

    /// The arguments after `(`, whether the last is followed by `...`, and the closing position.
    fn arguments(&mut self) -> (&'a [ExprRef<'a>], bool, crate::Pos) {
        self.xnest += 1;
        let mut args = Vec::new();
        let mut has_dots = false;
        let rparen = self.list("argument list", Tok::Comma, Tok::Rparen, |p| {
            args.push(p.expr());
            has_dots = p.got(Tok::DotDotDot);
            has_dots
        });
        self.xnest -= 1;
        (self.arena.alloc_slice_copy(&args), has_dots, rparen)
    }

    fn operand(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        match self.tok() {
            Tok::Name => {
                let name = self.name();
                let (end, kind) = (self.prev_end(), ExprKind::Name(name.name));
                self.arena.alloc(crate::ast::Expr {
                    id: name.id,
                    pos,
                    op_pos: pos,
                    end,
                    kind,
                })
            }
            Tok::Literal => {
                let kind = ExprKind::Lit {
                    kind: self.sc.kind,
                    text: self.sc.lit,
                    bad: self.sc.bad,
                };
                self.next();
                self.node(pos, kind)
            }
            Tok::Lparen => {
                self.next();
                self.xnest += 1;
                let x = self.expr();
                self.xnest -= 1;
                self.want(Tok::Rparen);
                self.node(pos, ExprKind::Paren(x))
            }
            Tok::Func => {
                self.next();
                let sig = self.func_type("function type");
                if self.tok() != Tok::Lbrace {
                    return self.node(sig.pos, ExprKind::FuncType(sig));
                }
                self.xnest += 1;
                let body = self.func_body();
                self.xnest -= 1;
                self.node(pos, ExprKind::FuncLit { sig, body })
            }
            Tok::Lbrack | Tok::Chan | Tok::Map | Tok::Struct | Tok::Interface => self.typ(),
            _ => {
                let x = self.bad_expr();
                self.syntax_error("expected expression");
                self.advance(&[Tok::Rparen, Tok::Rbrack, Tok::Rbrace]);
                x
            }
        }
    }

    /// `{ elements }`, after `typ` if there is one.
    fn composite(&mut self, typ: Option<ExprRef<'a>>) -> ExprRef<'a> {
        let lbrace = self.pos();
        self.xnest += 1;
        self.want(Tok::Lbrace);
        let mut elems = Vec::new();
        let rbrace = self.list("composite literal", Tok::Comma, Tok::Rbrace, |p| {
            let mut element = p.element();
            if p.tok() == Tok::Colon {
                let colon = p.pos();
                p.next();
                let key = element;
                let value = p.element();
                element = p.node_at(key.pos, colon, ExprKind::KeyValue { key, value });
            }
            elems.push(element);
            false
        });
        self.xnest -= 1;
        let elems = self.arena.alloc_slice_copy(&elems);
        let pos = typ.map_or(lbrace, |t| t.pos);
        self.node_at(
            pos,
            lbrace,
            ExprKind::Composite {
                typ,
                elems,
                lbrace,
                rbrace,
            },
        )
    }

    /// A key or value in a composite literal, which may be a literal without its type.
    fn element(&mut self) -> ExprRef<'a> {
        if self.tok() != Tok::Lbrace {
            return self.expr();
        }
        let x = if self.descend() {
            self.composite(None)
        } else {
            self.bad_expr()
        };
        self.ascend();
        x
    }

    /// Split `x`, parsed as an array length, into the name and constraint of a first type parameter, if it can
    /// be read so: `P`, `P *C`, `P (C)`, `P *C|Q`. With `force` it need not look like a type.
    pub(super) fn split_type_param(
        &mut self,
        x: ExprRef<'a>,
        force: bool,
    ) -> Option<(Ident, Option<ExprRef<'a>>)> {
        match x.kind {
            ExprKind::Name(_) => Some((as_name(x)?, None)),
            ExprKind::Binary {
                op: Op::Mul,
                op_pos,
                x,
                y,
            } if force || is_type_elem(y) => {
                let name = as_name(x)?;
                let star = ExprKind::Star(y);
                let id = self.new_id();
                let star = crate::ast::Expr {
                    id,
                    pos: op_pos,
                    op_pos,
                    end: y.end,
                    kind: star,
                };
                Some((name, Some(self.arena.alloc(star))))
            }
            ExprKind::Binary {
                op: Op::Or,
                op_pos,
                x: left,
                y,
            } => {
                let (name, left) = self.split_type_param(left, force || is_type_elem(y))?;
                let left = left?;
                let kind = ExprKind::Binary {
                    op: Op::Or,
                    op_pos,
                    x: left,
                    y,
                };
                let id = self.new_id();
                let union = crate::ast::Expr {
                    id,
                    pos: left.pos,
                    op_pos,
                    end: y.end,
                    kind,
                };
                Some((name, Some(self.arena.alloc(union))))
            }
            ExprKind::Call {
                fun,
                args: &[arg],
                has_dots: false,
                ..
            } if force || is_type_elem(arg) => Some((as_name(fun)?, Some(unparen(arg)))),
            _ => None,
        }
    }
}

/// Whether `x` cannot be a type.
fn is_value(x: ExprRef<'_>) -> bool {
    match x.kind {
        ExprKind::Lit { .. }
        | ExprKind::Composite { .. }
        | ExprKind::FuncLit { .. }
        | ExprKind::Slice { .. }
        | ExprKind::TypeAssert { .. }
        | ExprKind::Call { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. } => true,
        ExprKind::Paren(x) => is_value(x),
        ExprKind::Index { x, indices } => is_value(x) || indices.len() == 1 && is_value(indices[0]),
        _ => false,
    }
}

/// Whether `x` can only be a type element of a constraint.
fn is_type_elem(x: ExprRef<'_>) -> bool {
    match x.kind {
        ExprKind::ArrayType { .. }
        | ExprKind::StructType { .. }
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType { .. }
        | ExprKind::SliceType { .. }
        | ExprKind::MapType { .. }
        | ExprKind::ChanType { .. }
        | ExprKind::Unary { op: Op::Tilde, .. } => true,
        ExprKind::Binary { x, y, .. } => is_type_elem(x) || is_type_elem(y),
        ExprKind::Unary { x, .. } | ExprKind::Star(x) | ExprKind::Paren(x) => is_type_elem(x),
        _ => false,
    }
}
