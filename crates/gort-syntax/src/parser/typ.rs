//! Types.

use super::Parser;
use crate::Pos;
use crate::ast::{ChanDir, ExprKind, ExprRef, Field, FuncType, Ident, InterfaceElem, Op};
use crate::token::Tok;

/// What follows a name and `[`: an array or slice type, or type arguments of the name.
pub(super) enum ArrayOrArgs<'a> {
    Type(ExprRef<'a>),
    Args {
        lbrack: Pos,
        indices: &'a [ExprRef<'a>],
    },
}

impl<'a> Parser<'a> {
    /// A type; an error if there is none.
    pub(super) fn typ(&mut self) -> ExprRef<'a> {
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected type");
            self.advance(&[
                Tok::Comma,
                Tok::Colon,
                Tok::Semi,
                Tok::Rparen,
                Tok::Rbrack,
                Tok::Rbrace,
            ]);
            bad
        })
    }

    /// A type if one begins here.
    pub(super) fn type_opt(&mut self) -> Option<ExprRef<'a>> {
        let typ = if self.descend() {
            self.type_unlimited()
        } else {
            None
        };
        self.ascend();
        typ
    }

    fn type_unlimited(&mut self) -> Option<ExprRef<'a>> {
        let pos = self.pos();
        Some(match self.tok() {
            Tok::Name => self.qualified_name(None),
            Tok::Star => {
                self.next();
                let elem = self.typ();
                self.node(pos, ExprKind::Star(elem))
            }
            Tok::Lbrack => {
                self.next();
                if self.got(Tok::Rbrack) {
                    self.slice_type(pos)
                } else {
                    self.array_type(pos, None)
                }
            }
            Tok::Func => {
                self.next();
                let sig = self.func_type("function type");
                self.node(sig.pos, ExprKind::FuncType(sig))
            }
            Tok::Map => {
                self.next();
                self.want(Tok::Lbrack);
                let key = self.typ();
                self.want(Tok::Rbrack);
                let value = self.typ();
                self.node(pos, ExprKind::MapType { key, value })
            }
            Tok::Chan => {
                self.next();
                let dir = if self.got(Tok::Arrow) {
                    ChanDir::Send
                } else {
                    ChanDir::Both
                };
                let elem = self.chan_elem();
                self.node(pos, ExprKind::ChanType { dir, elem })
            }
            Tok::Arrow => {
                self.next();
                self.want(Tok::Chan);
                let elem = self.chan_elem();
                self.node(
                    pos,
                    ExprKind::ChanType {
                        dir: ChanDir::Recv,
                        elem,
                    },
                )
            }
            Tok::Struct => self.struct_type(),
            Tok::Interface => self.interface_type(),
            Tok::Lparen => {
                // Parentheses mean nothing in a type, and Go's positions ignore them.
                self.next();
                let typ = self.typ();
                self.want(Tok::Rparen);
                typ
            }
            _ => return None,
        })
    }

    fn chan_elem(&mut self) -> ExprRef<'a> {
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("missing channel element type");
            bad
        })
    }

    pub(super) fn slice_type(&mut self, lbrack: Pos) -> ExprRef<'a> {
        let elem = self.typ();
        self.node(lbrack, ExprKind::SliceType { elem })
    }

    /// `[` at `lbrack` is consumed, and so is the length if it is given.
    pub(super) fn array_type(&mut self, lbrack: Pos, len: Option<ExprRef<'a>>) -> ExprRef<'a> {
        let mut len = len;
        if len.is_none() && !self.got(Tok::DotDotDot) {
            self.xnest += 1;
            len = Some(self.expr());
            self.xnest -= 1;
        }
        if self.tok() == Tok::Comma {
            // The list may have been meant as type parameters or arguments.
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Tok::Rbrack);
        let elem = self.typ();
        self.node(lbrack, ExprKind::ArrayType { len, elem })
    }

    /// `[n]T`, `[]T` or type arguments `[A, B]`, after a name.
    pub(super) fn array_or_args(&mut self) -> ArrayOrArgs<'a> {
        let lbrack = self.pos();
        self.want(Tok::Lbrack);
        if self.got(Tok::Rbrack) {
            return ArrayOrArgs::Type(self.slice_type(lbrack));
        }
        let (indices, comma) = self.type_list(false);
        self.want(Tok::Rbrack);
        if !comma && let Some(elem) = self.type_opt() {
            let kind = ExprKind::ArrayType {
                len: Some(indices[0]),
                elem,
            };
            return ArrayOrArgs::Type(self.node(lbrack, kind));
        }
        ArrayOrArgs::Args { lbrack, indices }
    }

    /// The instance of `name` with type arguments.
    pub(super) fn instance(
        &mut self,
        name: Ident,
        lbrack: Pos,
        indices: &'a [ExprRef<'a>],
    ) -> ExprRef<'a> {
        let x = self.name_expr(name);
        self.node_at(x.pos, lbrack, ExprKind::Index { x, indices })
    }

    /// Types separated by commas, and whether there was a comma. The first may be any expression
    /// unless `strict`.
    pub(super) fn type_list(&mut self, strict: bool) -> (&'a [ExprRef<'a>], bool) {
        self.xnest += 1;
        let first = if strict { self.typ() } else { self.expr() };
        let mut list = vec![first];
        let mut comma = false;
        while self.got(Tok::Comma) {
            comma = true;
            match self.type_opt() {
                Some(typ) => list.push(typ),
                None => break,
            }
        }
        self.xnest -= 1;
        (self.arena.alloc_slice_copy(&list), comma)
    }

    /// `name`, `pkg.name`, with type arguments if there are some; the first name may be read already.
    pub(super) fn qualified_name(&mut self, name: Option<Ident>) -> ExprRef<'a> {
        let name = match name {
            Some(name) => name,
            None if self.tok() == Tok::Name => self.name(),
            None => {
                let (pos, id) = (self.pos(), self.new_id());
                self.syntax_error("expected name");
                self.advance(&[Tok::Dot, Tok::Semi, Tok::Rbrace]);
                Ident {
                    name: crate::Symbol::BLANK,
                    pos,
                    id,
                }
            }
        };
        let mut x = self.name_expr(name);
        if self.tok() == Tok::Dot {
            let dot = self.pos();
            self.next();
            let sel = self.name();
            x = self.node_at(x.pos, dot, ExprKind::Selector { x, sel });
        }
        if self.tok() == Tok::Lbrack {
            let lbrack = self.pos();
            self.next();
            let indices = if self.tok() == Tok::Rbrack {
                self.syntax_error("expected type argument list");
                let bad = self.bad_expr();
                self.arena.alloc_slice_copy(&[bad])
            } else {
                self.type_list(true).0
            };
            self.want(Tok::Rbrack);
            x = self.node_at(x.pos, lbrack, ExprKind::Index { x, indices });
        }
        x
    }

    /// A signature from its parameters on. `context` names what may have no type parameters.
    pub(super) fn func_type(&mut self, context: &str) -> &'a FuncType<'a> {
        let pos = self.pos();
        let mut tparams: &[Field] = &[];
        if self.got(Tok::Lbrack) {
            if !context.is_empty() {
                self.syntax_error_at(pos, &format!("{context} must have no type parameters"));
            }
            if self.tok() == Tok::Rbrack {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                tparams = self.param_list(None, Tok::Rbrack, true, false);
            }
        }
        self.want(Tok::Lparen);
        let params = self.param_list(None, Tok::Rparen, false, true);
        let results: &[Field] = if self.got(Tok::Lparen) {
            self.param_list(None, Tok::Rparen, false, false)
        } else {
            let pos = self.pos();
            match self.type_opt() {
                Some(typ) => self.arena.alloc_slice_copy(&[Field {
                    name: None,
                    typ,
                    tag: None,
                    pos,
                }]),
                None => &[],
            }
        };
        self.alloc(FuncType {
            pos,
            tparams,
            params,
            results,
        })
    }

    // ---- structs

    fn struct_type(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        self.want(Tok::Struct);
        self.want(Tok::Lbrace);
        let mut fields = Vec::new();
        self.list("struct type", Tok::Semi, Tok::Rbrace, |p| {
            p.field_decl(&mut fields);
            false
        });
        let fields = self.arena.alloc_slice_copy(&fields);
        self.node(pos, ExprKind::StructType { fields })
    }

    fn field_decl(&mut self, fields: &mut Vec<Field<'a>>) {
        let pos = self.pos();
        match self.tok() {
            Tok::Name => {
                let name = self.name();
                if matches!(
                    self.tok(),
                    Tok::Dot | Tok::Literal | Tok::Semi | Tok::Rbrace
                ) {
                    let typ = self.qualified_name(Some(name));
                    return self.embedded_field(pos, typ, fields);
                }
                let names = self.name_list(name);
                let typ = if names.len() == 1 && self.tok() == Tok::Lbrack {
                    match self.array_or_args() {
                        ArrayOrArgs::Type(typ) => typ,
                        ArrayOrArgs::Args { lbrack, indices } => {
                            let typ = self.instance(name, lbrack, indices);
                            return self.embedded_field(pos, typ, fields);
                        }
                    }
                } else {
                    self.typ()
                };
                let tag = self.tag();
                fields.extend(names.iter().map(|&n| Field {
                    name: Some(n),
                    typ,
                    tag,
                    pos: n.pos,
                }));
            }
            Tok::Star => {
                self.next();
                let parens = self.tok() == Tok::Lparen;
                if parens {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                }
                let typ = self.qualified_name(None);
                if parens {
                    self.got(Tok::Rparen);
                }
                let typ = self.node(pos, ExprKind::Star(typ));
                self.embedded_field(pos, typ, fields);
            }
            Tok::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let star = self.pos();
                let typ = if self.got(Tok::Star) {
                    let typ = self.qualified_name(None);
                    self.node(star, ExprKind::Star(typ))
                } else {
                    self.qualified_name(None)
                };
                self.got(Tok::Rparen);
                self.embedded_field(pos, typ, fields);
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Tok::Semi, Tok::Rbrace]);
            }
        }
    }

    fn embedded_field(&mut self, pos: Pos, typ: ExprRef<'a>, fields: &mut Vec<Field<'a>>) {
        let tag = self.tag();
        fields.push(Field {
            name: None,
            typ,
            tag,
            pos,
        });
    }

    fn tag(&mut self) -> Option<(&'a str, Pos)> {
        if self.tok() != Tok::Literal {
            return None;
        }
        let tag = (self.sc.lit, self.pos());
        self.next();
        Some(tag)
    }

    // ---- interfaces

    fn interface_type(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        self.want(Tok::Interface);
        self.want(Tok::Lbrace);
        let mut elems = Vec::new();
        self.list("interface type", Tok::Semi, Tok::Rbrace, |p| {
            let element = if p.tok() == Tok::Name {
                p.method_decl()
            } else {
                p.embedded_union(None)
            };
            elems.push(element);
            false
        });
        let elems = self.arena.alloc_slice_copy(&elems);
        self.node(pos, ExprKind::InterfaceType { elems })
    }

    fn embedded_union(&mut self, first: Option<ExprRef<'a>>) -> InterfaceElem<'a> {
        InterfaceElem::Embedded(self.union(first))
    }

    /// `A | ~B | …`; the first term may be read already.
    pub(super) fn union(&mut self, first: Option<ExprRef<'a>>) -> ExprRef<'a> {
        let mut x = first.unwrap_or_else(|| self.union_term());
        while self.at_operator(Op::Or) {
            let op_pos = self.pos();
            self.next();
            let y = self.union_term();
            x = self.node_at(
                x.pos,
                op_pos,
                ExprKind::Binary {
                    op: Op::Or,
                    op_pos,
                    x,
                    y,
                },
            );
        }
        x
    }

    pub(super) fn at_operator(&self, op: Op) -> bool {
        self.tok() == Tok::Operator && self.sc.op == op
    }

    fn union_term(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        if self.at_operator(Op::Tilde) {
            self.next();
            let x = self.typ();
            return self.node(pos, ExprKind::Unary { op: Op::Tilde, x });
        }
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected ~ term or type");
            self.advance(&[
                Tok::Operator,
                Tok::Semi,
                Tok::Rparen,
                Tok::Rbrack,
                Tok::Rbrace,
            ]);
            bad
        })
    }

    /// A method, or an embedded type that begins with a name.
    fn method_decl(&mut self) -> InterfaceElem<'a> {
        const CONTEXT: &str = "interface method";
        let name = self.name();
        if self.tok() == Tok::Lparen {
            return InterfaceElem::Method {
                name,
                sig: self.func_type(CONTEXT),
            };
        }
        if self.tok() != Tok::Lbrack {
            let typ = self.qualified_name(Some(name));
            return self.embedded_union(Some(typ));
        }
        // An embedded instance, or (wrongly) a generic method.
        let lbrack = self.pos();
        self.next();
        let rbrack = self.pos();
        let params = if self.got(Tok::Rbrack) {
            let what = if self.tok() == Tok::Lparen {
                "parameter"
            } else {
                "argument"
            };
            self.error_at(rbrack, format!("empty type {what} list"));
            &[]
        } else {
            self.param_list(None, Tok::Rbrack, false, false)
        };
        let Some(first) = params.first() else {
            if self.tok() == Tok::Lparen {
                return InterfaceElem::Method {
                    name,
                    sig: self.func_type(CONTEXT),
                };
            }
            let typ = self.name_expr(name);
            return self.embedded_union(Some(typ));
        };
        if first.name.is_some() {
            let sig = self.func_type(CONTEXT);
            self.error_at(lbrack, "interface method must have no type parameters");
            return InterfaceElem::Method { name, sig };
        }
        let args: Vec<ExprRef<'a>> = params.iter().map(|p| p.typ).collect();
        let indices = self.arena.alloc_slice_copy(&args);
        let typ = self.instance(name, lbrack, indices);
        self.embedded_union(Some(typ))
    }
}
