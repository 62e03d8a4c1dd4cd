//! Statements.

use super::simple::Simple;
use super::{Parser, as_name, branches, unparen};
use crate::Pos;
use crate::ast::{
    Block, BranchKind, CaseClause, CommClause, ExprKind, ExprRef, Ident, Op, Stmt, StmtKind,
    StmtRef,
};
use crate::token::Tok;

/// One `if` of an `if … else if …` chain.
struct IfPart<'a> {
    pos: Pos,
    init: Option<StmtRef<'a>>,
    cond: ExprRef<'a>,
    then: &'a Block<'a>,
}

impl<'a> Parser<'a> {
    /// A function body, with its labels and branches checked if it has no syntax error.
    pub(super) fn func_body(&mut self) -> &'a Block<'a> {
        self.fnest += 1;
        let errors = self.errors.len();
        let body = self.block("");
        self.fnest -= 1;
        if self.errors.len() == errors {
            branches::check(self, body);
        }
        body
    }

    /// `{ … }`; `context` says after what in the message if the brace is missing.
    pub(super) fn block(&mut self, context: &str) -> &'a Block<'a> {
        let lbrace = self.pos();
        if !self.got(Tok::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Tok::Name, Tok::Rbrace]);
            let rbrace = self.pos();
            if self.got(Tok::Rbrace) {
                return self.alloc(Block {
                    stmts: &[],
                    lbrace,
                    rbrace,
                });
            }
        }
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Tok::Rbrace);
        self.alloc(Block {
            stmts,
            lbrace,
            rbrace,
        })
    }

    fn stmt_list(&mut self) -> &'a [StmtRef<'a>] {
        let mut stmts = Vec::new();
        while !matches!(
            self.tok(),
            Tok::Eof | Tok::Rbrace | Tok::Case | Tok::Default
        ) {
            let stmt = self.stmt_opt();
            self.clear_pragmas();
            let Some(stmt) = stmt else { break };
            stmts.push(stmt);
            if !self.got(Tok::Semi) && self.tok() != Tok::Rbrace {
                self.syntax_error("at end of statement");
                self.advance(&[Tok::Semi, Tok::Rbrace, Tok::Case, Tok::Default]);
                self.got(Tok::Semi);
            }
        }
        self.arena.alloc_slice_copy(&stmts)
    }

    /// A statement if one begins here.
    fn stmt_opt(&mut self) -> Option<StmtRef<'a>> {
        let stmt = if self.descend() {
            self.stmt_unlimited()
        } else {
            None
        };
        self.ascend();
        stmt
    }

    fn stmt_unlimited(&mut self) -> Option<StmtRef<'a>> {
        if self.tok() == Tok::Name {
            self.clear_pragmas();
            let lhs = self.expr_list();
            if let (&[x], Tok::Colon) = (lhs, self.tok())
                && let Some(label) = as_name(x)
            {
                return self.labeled(label);
            }
            return Some(self.plain_stmt(Some(lhs)));
        }
        let pos = self.pos();
        if matches!(self.tok(), Tok::Var | Tok::Const | Tok::Type) {
            let mut decls = Vec::new();
            self.general_decl(&mut decls);
            let decls = self.arena.alloc_slice_copy(&decls);
            return Some(self.alloc(Stmt {
                pos,
                kind: StmtKind::Decl(decls),
            }));
        }
        self.clear_pragmas();
        let kind = match self.tok() {
            Tok::Lbrace => StmtKind::Block(self.block("")),
            Tok::Operator
                if matches!(self.sc.op, Op::Add | Op::Sub | Op::And | Op::Xor | Op::Not) =>
            {
                return Some(self.plain_stmt(None));
            }
            Tok::Star
            | Tok::Literal
            | Tok::Func
            | Tok::Lparen
            | Tok::Lbrack
            | Tok::Struct
            | Tok::Map
            | Tok::Chan
            | Tok::Interface
            | Tok::Arrow => return Some(self.plain_stmt(None)),
            Tok::For => self.for_stmt(),
            Tok::Switch => self.switch_stmt(),
            Tok::Select => self.select_stmt(),
            Tok::If => return Some(self.if_stmt()),
            Tok::Fallthrough => {
                self.next();
                StmtKind::Branch {
                    tok: BranchKind::Fallthrough,
                    label: None,
                }
            }
            tok @ (Tok::Break | Tok::Continue) => {
                self.next();
                let label = (self.tok() == Tok::Name).then(|| self.name());
                let tok = if tok == Tok::Break {
                    BranchKind::Break
                } else {
                    BranchKind::Continue
                };
                StmtKind::Branch { tok, label }
            }
            Tok::Goto => {
                self.next();
                StmtKind::Branch {
                    tok: BranchKind::Goto,
                    label: Some(self.name()),
                }
            }
            tok @ (Tok::Go | Tok::Defer) => {
                self.next();
                let call = self.call_operand(tok);
                if tok == Tok::Go {
                    StmtKind::Go(call)
                } else {
                    StmtKind::Defer(call)
                }
            }
            Tok::Return => {
                self.next();
                let none = matches!(self.tok(), Tok::Semi | Tok::Rbrace);
                StmtKind::Return(if none { &[] } else { self.expr_list() })
            }
            Tok::Semi => StmtKind::Empty,
            _ => return None,
        };
        Some(self.alloc(Stmt { pos, kind }))
    }

    /// What follows `go` or `defer`.
    fn call_operand(&mut self, keyword: Tok) -> ExprRef<'a> {
        let x = self.primary_expr(None);
        if matches!(x.kind, ExprKind::Paren(_)) {
            let word = keyword.spelling();
            self.error_at(
                x.pos,
                format!("expression in {word} must not be parenthesized"),
            );
        }
        unparen(x)
    }

    fn labeled(&mut self, label: Ident) -> Option<StmtRef<'a>> {
        let colon = self.pos();
        self.want(Tok::Colon);
        let stmt = if self.tok() == Tok::Rbrace {
            // A label may stand before the closing brace.
            let pos = self.pos();
            Some(self.alloc(Stmt {
                pos,
                kind: StmtKind::Empty,
            }) as &_)
        } else {
            self.stmt_opt()
        };
        let Some(stmt) = stmt else {
            self.syntax_error_at(colon, "missing statement after label");
            return None;
        };
        Some(self.alloc(Stmt {
            pos: label.pos,
            kind: StmtKind::Labeled { label, stmt },
        }))
    }

    /// A chain of ifs is read in a loop: generated code has long ones.
    fn if_stmt(&mut self) -> StmtRef<'a> {
        let mut chain = Vec::new();
        let mut els: Option<StmtRef<'a>> = None;
        loop {
            let pos = self.pos();
            let header = self.header(Tok::If);
            let init = self.init_stmt(header.init);
            let cond = match header.cond {
                Some(cond) => cond,
                None => self.bad_expr(),
            };
            let then = self.block("if clause");
            chain.push(IfPart {
                pos,
                init,
                cond,
                then,
            });
            if !self.got(Tok::Else) {
                break;
            }
            match self.tok() {
                Tok::If => continue,
                Tok::Lbrace => {
                    let pos = self.pos();
                    let block = self.block("");
                    els = Some(self.alloc(Stmt {
                        pos,
                        kind: StmtKind::Block(block),
                    }));
                }
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(&[Tok::Name, Tok::Rbrace]);
                }
            }
            break;
        }
        let mut stmt = None;
        for IfPart {
            pos,
            init,
            cond,
            then,
        } in chain.into_iter().rev()
        {
            let kind = StmtKind::If {
                init,
                cond,
                then,
                els: stmt.or(els),
            };
            stmt = Some(self.alloc(Stmt { pos, kind }) as StmtRef<'a>);
        }
        stmt.expect("an if chain has a first if")
    }

    fn for_stmt(&mut self) -> StmtKind<'a> {
        let header = self.header(Tok::For);
        let body = self.block("for clause");
        if let Some(Simple::Range { lhs, define, x }) = header.init {
            let nth = |i: usize| lhs.get(i).copied();
            return StmtKind::Range {
                key: nth(0),
                value: nth(1),
                extra: nth(2),
                define,
                x,
                body,
            };
        }
        let init = self.init_stmt(header.init);
        StmtKind::For {
            init,
            cond: header.cond,
            post: header.post,
            body,
        }
    }

    fn switch_stmt(&mut self) -> StmtKind<'a> {
        let header = self.header(Tok::Switch);
        let init = self.init_stmt(header.init);
        let lbrace = self.pos();
        self.open_clauses("switch");
        let mut clauses = Vec::new();
        while !matches!(self.tok(), Tok::Eof | Tok::Rbrace) {
            let pos = self.pos();
            let mut exprs: &[ExprRef] = &[];
            if self.tok() == Tok::Case {
                self.next();
                exprs = self.expr_list();
            } else {
                self.default_clause();
            }
            let is_default = exprs.is_empty();
            let (colon, body) = self.clause_body();
            clauses.push(CaseClause {
                pos,
                colon,
                exprs,
                is_default,
                body,
            });
        }
        let rbrace = self.pos();
        self.want(Tok::Rbrace);
        let clauses = self.arena.alloc_slice_copy(&clauses);
        if let Some(guard) = header.cond
            && let ExprKind::TypeAssert { x, typ: None } = guard.kind
        {
            return StmtKind::TypeSwitch {
                init,
                bind: header.bind,
                x,
                guard,
                clauses,
                lbrace,
                rbrace,
            };
        }
        StmtKind::Switch {
            init,
            tag: header.cond,
            clauses,
            lbrace,
            rbrace,
        }
    }

    fn select_stmt(&mut self) -> StmtKind<'a> {
        self.want(Tok::Select);
        self.open_clauses("select");
        let mut clauses = Vec::new();
        while !matches!(self.tok(), Tok::Eof | Tok::Rbrace) {
            let pos = self.pos();
            let mut comm = None;
            if self.tok() == Tok::Case {
                self.next();
                comm = Some(self.plain_stmt(None));
            } else {
                self.default_clause();
            }
            let (colon, body) = self.clause_body();
            clauses.push(CommClause {
                pos,
                colon,
                comm,
                body,
            });
        }
        let rbrace = self.pos();
        self.want(Tok::Rbrace);
        StmtKind::Select {
            clauses: self.arena.alloc_slice_copy(&clauses),
            rbrace,
        }
    }

    fn open_clauses(&mut self, what: &str) {
        if !self.got(Tok::Lbrace) {
            self.syntax_error(&format!("missing {{ after {what} clause"));
            self.advance(&[Tok::Case, Tok::Default, Tok::Rbrace]);
        }
    }

    fn default_clause(&mut self) {
        if !self.got(Tok::Default) {
            self.syntax_error("expected case or default or }");
            self.advance(&[Tok::Colon, Tok::Case, Tok::Default, Tok::Rbrace]);
        }
    }

    fn clause_body(&mut self) -> (Pos, &'a [StmtRef<'a>]) {
        let colon = self.pos();
        self.want(Tok::Colon);
        (colon, self.stmt_list())
    }
}
