//! Simple statements, and the headers of `if`, `for` and `switch` that are made of them.

use super::{Parser, as_name};
use crate::ast::{ExprKind, ExprRef, Ident, Op, Stmt, StmtKind};
use crate::print::{expr_string, stmt_string};
use crate::token::Tok;
use crate::{Pos, ast::StmtRef};

/// A simple statement or what may stand for one in a header.
#[derive(Clone, Copy)]
pub(super) enum Simple<'a> {
    Stmt(Stmt<'a>),
    /// `lhs := range x`, `lhs = range x`, `range x`
    Range {
        lhs: &'a [ExprRef<'a>],
        define: bool,
        x: ExprRef<'a>,
    },
    /// `bind := x.(type)`
    Guard {
        bind: Ident,
        guard: ExprRef<'a>,
    },
}

/// What stands between a keyword and the opening brace.
#[derive(Default)]
pub(super) struct Header<'a> {
    pub init: Option<Simple<'a>>,
    pub cond: Option<ExprRef<'a>>,
    /// The variable of a type switch, whose guard is `cond`.
    pub bind: Option<Ident>,
    pub post: Option<StmtRef<'a>>,
}

impl<'a> Parser<'a> {
    /// A simple statement, its first expressions read already if `lhs` is given. `keyword` is that of the
    /// header it stands in: `For` allows a range clause, `Switch` a type switch guard.
    pub(super) fn simple_stmt(
        &mut self,
        lhs: Option<&'a [ExprRef<'a>]>,
        keyword: Option<Tok>,
    ) -> Simple<'a> {
        if keyword == Some(Tok::For) && self.tok() == Tok::Range {
            return self.range_clause(&[], false);
        }
        let lhs = match lhs {
            Some(lhs) => lhs,
            None => self.expr_list(),
        };
        let pos = lhs[0].pos;
        let op_pos = self.pos();
        let stmt = |kind| Simple::Stmt(Stmt { pos, kind });
        if let (&[x], false) = (lhs, matches!(self.tok(), Tok::Assign | Tok::Define)) {
            let op = self.sc.op;
            return stmt(match self.tok() {
                Tok::AssignOp => {
                    self.next();
                    let value = self.expr();
                    let rhs = self.arena.alloc_slice_copy(&[value]);
                    StmtKind::Assign {
                        lhs,
                        rhs,
                        op: Some(op),
                        op_pos,
                    }
                }
                Tok::IncOp => {
                    self.next();
                    StmtKind::IncDec { x, op, op_pos }
                }
                Tok::Arrow => {
                    self.next();
                    StmtKind::Send {
                        ch: x,
                        value: self.expr(),
                        arrow: op_pos,
                    }
                }
                _ => StmtKind::Expr(x),
            });
        }
        if !matches!(self.tok(), Tok::Assign | Tok::Define) {
            self.syntax_error("expected := or = or comma");
            self.advance(&[Tok::Semi, Tok::Rbrace]);
            return stmt(StmtKind::Expr(lhs[0]));
        }
        let define = self.tok() == Tok::Define;
        self.next();
        if keyword == Some(Tok::For) && self.tok() == Tok::Range {
            return self.range_clause(lhs, define);
        }
        let rhs = self.expr_list();
        if let (&[x], &[guard], true, Some(Tok::Switch)) = (lhs, rhs, define, keyword)
            && matches!(guard.kind, ExprKind::TypeAssert { typ: None, .. })
            && let Some(bind) = as_name(x)
        {
            return Simple::Guard { bind, guard };
        }
        stmt(if define {
            StmtKind::Define { lhs, rhs, op_pos }
        } else {
            StmtKind::Assign {
                lhs,
                rhs,
                op: None,
                op_pos,
            }
        })
    }

    fn range_clause(&mut self, lhs: &'a [ExprRef<'a>], define: bool) -> Simple<'a> {
        self.next();
        Simple::Range {
            lhs,
            define,
            x: self.expr(),
        }
    }

    /// A simple statement where neither range clause nor guard may stand.
    pub(super) fn plain_stmt(&mut self, lhs: Option<&'a [ExprRef<'a>]>) -> StmtRef<'a> {
        let stmt = match self.simple_stmt(lhs, None) {
            Simple::Stmt(stmt) => stmt,
            Simple::Range { x, .. } => Stmt {
                pos: x.pos,
                kind: StmtKind::Bad,
            },
            Simple::Guard { guard, .. } => Stmt {
                pos: guard.pos,
                kind: StmtKind::Bad,
            },
        };
        self.alloc(stmt)
    }

    /// The header of a control statement, `keyword` being the current token.
    pub(super) fn header(&mut self, keyword: Tok) -> Header<'a> {
        let mut header = Header::default();
        self.want(keyword);
        if self.tok() == Tok::Lbrace {
            if keyword == Tok::If {
                self.syntax_error("missing condition in if statement");
                header.cond = Some(self.bad_expr());
            }
            return header;
        }
        let outer = std::mem::replace(&mut self.xnest, -1);
        self.header_parts(keyword, &mut header);
        self.xnest = outer;
        header
    }

    fn header_parts(&mut self, keyword: Tok, header: &mut Header<'a>) {
        if self.tok() != Tok::Semi {
            if self.got(Tok::Var) {
                let word = keyword.spelling();
                self.syntax_error(&format!(
                    "var declaration not allowed in {word} initializer"
                ));
            }
            let init = self.simple_stmt(None, Some(keyword));
            header.init = Some(init);
            if matches!(init, Simple::Range { .. }) {
                return;
            }
        }
        if self.tok() == Tok::Lbrace {
            let cond = header.init.take();
            return self.condition(keyword, cond, None, header);
        }
        let mut semi = None;
        if self.tok() == Tok::Semi {
            semi = Some((self.pos(), self.sc.lit));
            self.next();
        } else {
            // `if x = y foo {` and the like: the brace is what is missing.
            self.want(Tok::Lbrace);
            if self.tok() != Tok::Lbrace {
                self.advance(&[Tok::Lbrace, Tok::Rbrace]);
            }
        }
        let mut cond = None;
        if keyword == Tok::For {
            if self.tok() != Tok::Semi {
                if self.tok() == Tok::Lbrace {
                    self.syntax_error("expected for loop condition");
                    return;
                }
                cond = Some(self.simple_stmt(None, None));
            }
            self.want(Tok::Semi);
            if self.tok() != Tok::Lbrace {
                let post = self.plain_stmt(None);
                if let StmtKind::Define { op_pos, .. } = post.kind {
                    self.syntax_error_at(op_pos, "cannot declare in post statement of for loop");
                }
                header.post = Some(post);
            }
        } else if self.tok() != Tok::Lbrace {
            cond = Some(self.simple_stmt(None, Some(keyword)));
        }
        self.condition(keyword, cond, semi, header);
    }

    /// Take the statement in the place of the condition for the condition, if it is one.
    fn condition(
        &mut self,
        keyword: Tok,
        cond: Option<Simple<'a>>,
        semi: Option<(Pos, &str)>,
        header: &mut Header<'a>,
    ) {
        match cond {
            None => {
                let (Tok::If, Some((pos, lit))) = (keyword, semi) else {
                    return;
                };
                if lit == "semicolon" {
                    self.syntax_error_at(pos, "missing condition in if statement");
                } else {
                    self.syntax_error_at(
                        pos,
                        &format!("unexpected {lit}, expected {{ after if clause"),
                    );
                }
                header.cond = Some(self.node(pos, ExprKind::Bad));
            }
            Some(Simple::Stmt(Stmt {
                kind: StmtKind::Expr(x),
                ..
            })) => header.cond = Some(x),
            Some(Simple::Guard { bind, guard }) => {
                header.bind = Some(bind);
                header.cond = Some(guard);
            }
            Some(Simple::Range { x, .. }) => header.cond = Some(x),
            Some(Simple::Stmt(s)) => {
                let (pos, text) = match s.kind {
                    StmtKind::Assign {
                        lhs: &[x],
                        rhs: &[y],
                        op: None,
                        op_pos,
                    } => (
                        op_pos,
                        format!("assignment {} = {}", emphasize(x), emphasize(y)),
                    ),
                    StmtKind::Assign {
                        op: None,
                        op_pos,
                        lhs,
                        rhs,
                    } => {
                        let list =
                            |l: &[ExprRef]| l.iter().map(|x| expr_string(x)).collect::<Vec<_>>();
                        (
                            op_pos,
                            format!(
                                "assignment {} = {}",
                                list(lhs).join(", "),
                                list(rhs).join(", ")
                            ),
                        )
                    }
                    StmtKind::Assign { op_pos, .. }
                    | StmtKind::Define { op_pos, .. }
                    | StmtKind::IncDec { op_pos, .. }
                    | StmtKind::Send { arrow: op_pos, .. } => (op_pos, stmt_string(&s)),
                    _ => (s.pos, stmt_string(&s)),
                };
                self.syntax_error_at(pos, &format!("cannot use {text} as value"));
            }
        }
    }

    /// The initializer of a header that is neither a range clause nor a guard.
    pub(super) fn init_stmt(&mut self, init: Option<Simple<'a>>) -> Option<StmtRef<'a>> {
        match init? {
            Simple::Stmt(stmt) => Some(self.alloc(stmt)),
            // A guard before the semicolon is an ordinary definition, which the checker rejects.
            Simple::Guard { bind, guard } => {
                let name = self.name_expr(bind);
                let lhs = self.arena.alloc_slice_copy(&[name]);
                let rhs = self.arena.alloc_slice_copy(&[guard]);
                let kind = StmtKind::Define {
                    lhs,
                    rhs,
                    op_pos: guard.pos,
                };
                Some(self.alloc(Stmt {
                    pos: bind.pos,
                    kind,
                }))
            }
            Simple::Range { x, .. } => Some(self.alloc(Stmt {
                pos: x.pos,
                kind: StmtKind::Bad,
            })),
        }
    }
}

/// An operand of an assignment in a message, with parentheses that show what belongs together.
fn emphasize(x: ExprRef<'_>) -> String {
    let text = expr_string(x);
    match x.kind {
        ExprKind::Binary { op, .. } if op != Op::Not => format!("({text})"),
        _ => text,
    }
}
