//! Declarations.

use super::{Mode, Parser};
use crate::Symbol;
use crate::ast::{
    Body, ConstDecl, Decl, ExprId, ExprRef, FuncDecl, FuncType, Ident, ImportDecl, LitKind,
    TypeDecl, VarDecl,
};
use crate::directive::Place;
use crate::token::Tok;

/// What the lines of a parenthesized group share: constants repeat values and count lines.
#[derive(Default)]
struct Group<'a> {
    iota: u32,
    inherited: (Option<ExprRef<'a>>, &'a [ExprRef<'a>]),
}

const DECLARATIONS: &[Tok] = &[Tok::Import, Tok::Const, Tok::Type, Tok::Var, Tok::Func];

impl<'a> Parser<'a> {
    /// All declarations of the file, or its imports.
    pub(super) fn declarations(&mut self, mode: Mode, decls: &mut Vec<Decl<'a>>) {
        let mut prev = Tok::Import;
        while self.tok() != Tok::Eof {
            if mode == Mode::Imports && self.tok() != Tok::Import {
                return;
            }
            if self.tok() == Tok::Import && prev != Tok::Import {
                self.syntax_error("imports must appear before other declarations");
            }
            prev = self.tok();
            match self.tok() {
                Tok::Import | Tok::Const | Tok::Type | Tok::Var => self.general_decl(decls),
                Tok::Func => {
                    self.next();
                    let f = self.func_decl();
                    decls.push(Decl::Func(f));
                }
                tok => {
                    let bodiless = matches!(decls.last(), Some(Decl::Func(f)) if !f.has_body());
                    if tok == Tok::Lbrace && bodiless {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(DECLARATIONS);
                    continue;
                }
            }
            self.clear_pragmas();
            if self.tok() != Tok::Eof && !self.got(Tok::Semi) {
                self.syntax_error("after top level declaration");
                self.advance(DECLARATIONS);
            }
        }
        self.clear_pragmas();
    }

    /// An `import`, `const`, `type` or `var` declaration, single or grouped.
    pub(super) fn general_decl(&mut self, decls: &mut Vec<Decl<'a>>) {
        let keyword = self.tok();
        self.next();
        let mut group = Group::default();
        if self.tok() == Tok::Lparen {
            self.clear_pragmas();
            self.next();
            self.list("grouped declaration", Tok::Semi, Tok::Rparen, |p| {
                decls.push(p.spec(keyword, &mut group));
                false
            });
        } else {
            decls.push(self.spec(keyword, &mut group));
        }
    }

    fn spec(&mut self, keyword: Tok, group: &mut Group<'a>) -> Decl<'a> {
        match keyword {
            Tok::Import => self.import_spec(),
            Tok::Const => self.const_spec(group),
            Tok::Type => self.type_spec(),
            _ => self.var_spec(),
        }
    }

    fn import_spec(&mut self) -> Decl<'a> {
        let pos = self.pos();
        self.take_pragmas(Place::Other);
        let name = match self.tok() {
            Tok::Name => Some(self.name()),
            Tok::Dot => {
                let (pos, id) = (self.pos(), self.new_id());
                self.next();
                Some(Ident {
                    name: Symbol::DOT,
                    pos,
                    id,
                })
            }
            _ => None,
        };
        let path_pos = self.pos();
        let mut path = "";
        if self.tok() == Tok::Literal {
            let good = self.sc.kind == LitKind::String && !self.sc.bad;
            let wrong_kind = self.sc.kind != LitKind::String && !self.sc.bad;
            if good {
                path = self.sc.lit;
            }
            self.next();
            if wrong_kind {
                self.syntax_error_at(path_pos, "import path must be a string");
            }
        } else {
            self.syntax_error("missing import path");
            self.advance(&[Tok::Semi, Tok::Rparen]);
        }
        Decl::Import(self.alloc(ImportDecl {
            pos,
            name,
            path,
            path_pos,
        }))
    }

    fn const_spec(&mut self, group: &mut Group<'a>) -> Decl<'a> {
        let pos = self.pos();
        self.take_pragmas(Place::Other);
        let first = self.name();
        let names = self.name_list(first);
        let mut typ = None;
        let mut values: &[ExprRef] = &[];
        if !matches!(self.tok(), Tok::Eof | Tok::Semi | Tok::Rparen) {
            typ = self.type_opt();
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        if typ.is_some() || !values.is_empty() {
            group.inherited = (typ, values);
        }
        let iota = group.iota;
        group.iota += 1;
        let inherited = group.inherited;
        Decl::Const(self.alloc(ConstDecl {
            pos,
            names,
            typ,
            values,
            iota,
            inherited,
        }))
    }

    fn var_spec(&mut self) -> Decl<'a> {
        let pos = self.pos();
        let pragmas = self.take_pragmas(Place::Var);
        let first = self.name();
        let names = self.name_list(first);
        let mut typ = None;
        let mut values: &[ExprRef] = &[];
        if self.got_assign() {
            values = self.expr_list();
        } else {
            typ = Some(self.typ());
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        Decl::Var(self.alloc(VarDecl {
            pos,
            names,
            typ,
            values,
            pragmas,
        }))
    }

    fn type_spec(&mut self) -> Decl<'a> {
        let pragmas = self.take_pragmas(Place::Other);
        let name = self.name();
        let mut tparams: &[_] = &[];
        let mut alias = false;
        let mut typ;
        if self.tok() != Tok::Lbrack {
            alias = self.got_assign();
            typ = self.type_opt();
        } else {
            let lbrack = self.pos();
            self.next();
            match self.tok() {
                Tok::Name => {
                    // An array length or the first type parameter. Read an expression, and see which it
                    // can be: `[P *T]` is `[P*T]`, but followed by a comma or of an element that is
                    // clearly a type it is a parameter. `[P []T]` must not be read as `P[]`.
                    let first = self.name();
                    let mut x = self.name_expr(first);
                    if self.tok() != Tok::Lbrack {
                        self.xnest += 1;
                        let operand = self.primary_expr(Some(x));
                        x = self.binary_expr(Some(operand), 0);
                        self.xnest -= 1;
                    }
                    let force = self.tok() == Tok::Comma;
                    let split = self.split_type_param(x, force);
                    match split {
                        Some((_, constraint))
                            if constraint.is_some() || self.tok() != Tok::Rbrack =>
                        {
                            tparams = self.param_list(split, Tok::Rbrack, true, false);
                            alias = self.got_assign();
                            typ = self.type_opt();
                        }
                        _ => typ = Some(self.array_type(lbrack, Some(x))),
                    }
                }
                Tok::Rbrack => {
                    self.next();
                    typ = Some(self.slice_type(lbrack));
                }
                _ => typ = Some(self.array_type(lbrack, None)),
            }
        }
        let typ = *typ.get_or_insert_with(|| {
            let bad = self.bad_expr();
            self.syntax_error("in type declaration");
            self.advance(&[Tok::Semi, Tok::Rparen]);
            bad
        });
        if self.fnest > 0 && !alias {
            self.local_types.push(name.pos);
        }
        Decl::Type(self.alloc(TypeDecl {
            name,
            tparams,
            alias,
            typ,
            pragmas,
        }))
    }

    fn func_decl(&mut self) -> &'a FuncDecl<'a> {
        let pos = self.pos();
        let pragmas = self.take_pragmas(Place::Func);
        let mut recv = None;
        let method = self.got(Tok::Lparen);
        if method {
            let receivers = self.param_list(None, Tok::Rparen, false, false);
            match receivers.len() {
                0 => self.error_at(self.pos(), "method has no receiver"),
                1 => {}
                _ => self.error_at(self.pos(), "method has multiple receivers"),
            }
            recv = receivers.first();
        }
        let (name, sig);
        if self.tok() == Tok::Name {
            name = self.name();
            sig = self.func_type("");
        } else {
            let here = self.pos();
            name = Ident {
                name: Symbol::BLANK,
                pos: here,
                id: self.new_id(),
            };
            sig = self.alloc(FuncType {
                pos: here,
                tparams: &[],
                params: &[],
                results: &[],
            });
            self.syntax_error(if method {
                "expected name"
            } else {
                "expected name or ("
            });
            self.advance(&[Tok::Lbrace, Tok::Semi]);
        }
        let first = self.next_id();
        let later = self.later();
        let (body, ids) = if let Some(later) = later {
            // What there is room for in front of it is its own: tables by identity need none of that.
            (Some(Body::Later(later)), (first, ExprId(later.braces().1)))
        } else {
            let body = (self.tok() == Tok::Lbrace).then(|| Body::Read(self.func_body()));
            (body, (first, self.next_id()))
        };
        self.alloc(FuncDecl {
            pos,
            name,
            recv,
            sig,
            body,
            ids,
            pragmas,
        })
    }
}
