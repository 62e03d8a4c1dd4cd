//! Lists of parameters, results and type parameters.
//!
//! `(a, b int)` and `(int, string)` look alike until a type follows a name, so each entry is read with
//! an optional name and an optional type, and the list is sorted out at its end.

use super::Parser;
use super::typ::ArrayOrArgs;
use crate::ast::{ExprKind, ExprRef, Field, Ident, Op};
use crate::token::Tok;
use crate::{Pos, Symbol};

/// An entry as read: at least one of name and type.
struct Param<'a> {
    pos: Pos,
    name: Option<Ident>,
    typ: Option<ExprRef<'a>>,
}

impl<'a> Parser<'a> {
    /// The list up to `close`, whose opening token is consumed; for type parameters also the first name (and
    /// its constraint) may be. `names` tells that every entry must have a name, `dots` that the last may
    /// be `...T`.
    pub(super) fn param_list(
        &mut self,
        first: Option<(Ident, Option<ExprRef<'a>>)>,
        close: Tok,
        names: bool,
        dots: bool,
    ) -> &'a [Field<'a>] {
        let mut first = first;
        let mut params: Vec<Param<'a>> = Vec::new();
        let mut end = self.pos();
        if let (Some((name, Some(typ))), true) = (first, self.tok() == close) {
            self.next();
            params.push(Param {
                pos: name.pos,
                name: Some(name),
                typ: Some(typ),
            });
        } else {
            end = self.list("parameter list", Tok::Comma, close, |p| {
                let param = match first.take() {
                    Some((name, Some(typ))) => Some(Param {
                        pos: name.pos,
                        name: Some(name),
                        typ: Some(typ),
                    }),
                    Some((name, None)) => p.param(Some(name), close),
                    None => p.param(None, close),
                };
                params.extend(param);
                false
            });
        }
        if params.is_empty() {
            return &[];
        }
        self.distribute_types(&mut params, end, names);
        self.check_dots(&mut params, dots);
        let fields: Vec<Field<'a>> = params
            .iter()
            .filter_map(|p| {
                p.typ.map(|typ| Field {
                    name: p.name,
                    typ,
                    tag: None,
                    pos: p.pos,
                })
            })
            .collect();
        self.arena.alloc_slice_copy(&fields)
    }

    /// One entry; `None` after an error.
    fn param(&mut self, name: Option<Ident>, close: Tok) -> Option<Param<'a>> {
        let sets = close == Tok::Rbrack; // unions and ~T are allowed
        let pos = name.map_or(self.pos(), |n| n.pos);
        if name.is_none() && sets && self.at_operator(Op::Tilde) {
            let typ = self.union(None);
            return Some(Param {
                pos,
                name: None,
                typ: Some(typ),
            });
        }
        let mut name = name;
        if name.is_none() && self.tok() == Tok::Name {
            name = Some(self.name());
        }
        if let Some(n) = name {
            let (name, typ) = match self.tok() {
                Tok::Lbrack => match self.array_or_args() {
                    ArrayOrArgs::Type(typ) => (name, typ),
                    ArrayOrArgs::Args { lbrack, indices } => {
                        (None, self.instance(n, lbrack, indices))
                    }
                },
                Tok::Dot => (None, self.qualified_name(Some(n))),
                _ if sets && self.at_operator(Op::Or) => (None, self.name_expr(n)),
                _ => return self.param_type(pos, name, close),
            };
            let typ = if sets { self.union(Some(typ)) } else { typ };
            return Some(Param {
                pos,
                name,
                typ: Some(typ),
            });
        }
        self.param_type(pos, None, close)
    }

    /// The type of an entry, which may lack if it has a name.
    fn param_type(&mut self, pos: Pos, name: Option<Ident>, close: Tok) -> Option<Param<'a>> {
        let sets = close == Tok::Rbrack;
        if self.tok() == Tok::DotDotDot {
            let dots = self.pos();
            self.next();
            let typ = match self.type_opt() {
                Some(elem) => self.node(dots, ExprKind::DotsType { elem: Some(elem) }),
                None => {
                    let bad = self.bad_expr();
                    self.syntax_error("... is missing type");
                    bad
                }
            };
            return Some(Param {
                pos,
                name,
                typ: Some(typ),
            });
        }
        if sets && self.at_operator(Op::Tilde) {
            let typ = self.union(None);
            return Some(Param {
                pos,
                name,
                typ: Some(typ),
            });
        }
        let mut typ = self.type_opt();
        if sets && let Some(t) = typ {
            typ = Some(self.union(Some(t)));
        }
        if name.is_some() || typ.is_some() {
            return Some(Param { pos, name, typ });
        }
        self.syntax_error(&format!("expected {}", close.describe()));
        self.advance(&[Tok::Comma, close]);
        None
    }

    /// Decide whether the entries are types or named, and give each name its type.
    fn distribute_types(&mut self, params: &mut [Param<'a>], end: Pos, names: bool) {
        let named = params
            .iter()
            .filter(|p| p.name.is_some() && p.typ.is_some())
            .count();
        let typed = params.iter().filter(|p| p.typ.is_some()).count();
        if named == 0 && !names {
            for p in params {
                if let (Some(name), None) = (p.name, p.typ) {
                    p.typ = Some(self.name_expr(name));
                    p.name = None;
                }
            }
            return;
        }
        if named == params.len() {
            return;
        }
        let mut error: Option<Pos> = None;
        let mut typ: Option<ExprRef<'a>> = None;
        for p in params.iter_mut().rev() {
            match (p.name, p.typ) {
                (Some(_), Some(t)) => typ = Some(t),
                (None, Some(t)) => {
                    typ = Some(t);
                    error = Some(t.pos);
                    p.name = Some(Ident {
                        name: Symbol::BLANK,
                        pos: t.pos,
                        id: self.new_id(),
                    });
                }
                (_, None) if typ.is_some() => p.typ = typ,
                (_, None) => {
                    error = Some(p.pos);
                    p.typ = Some(self.node(p.pos, ExprKind::Bad));
                }
            }
        }
        let Some(mut pos) = error else { return };
        let message = if named == typed {
            pos = end; // at the closing token
            if names {
                "missing type constraint"
            } else {
                "missing parameter type"
            }
        } else if !names {
            "missing parameter name"
        } else if params.len() == 1 {
            "missing type parameter name or invalid array length"
        } else {
            "missing type parameter name"
        };
        self.syntax_error_at(pos, message);
    }

    /// `...T` may stand only last, and only where `allowed`. The first offence is reported.
    fn check_dots(&mut self, params: &mut [Param<'a>], allowed: bool) {
        let last = params.len() - 1;
        let mut reported = false;
        for (i, p) in params.iter_mut().enumerate() {
            let Some(typ) = p.typ else { continue };
            let ExprKind::DotsType { elem } = typ.kind else {
                continue;
            };
            if allowed && i == last {
                continue;
            }
            if !std::mem::replace(&mut reported, true) {
                let message = if allowed {
                    "can only use ... with final parameter"
                } else {
                    "invalid use of ..."
                };
                self.error_at(typ.pos, message);
            }
            p.typ = elem;
        }
    }
}
