//! Labels and branches of a function body: every target must exist and be reachable in the way used.
//!
//! Go's compiler checks this while parsing, so such an error keeps the types from being checked. The walk
//! keeps the chain of enclosing blocks; a `goto` that finds no label yet is handed outwards until a label
//! after it, in the same or an enclosing block, takes it.

use super::Parser;
use crate::Pos;
use crate::ast::{Block, BranchKind, CaseClause, Decl, ExprRef, Ident, Stmt, StmtKind, StmtRef};
use crate::print::expr_string;
use rustc_hash::FxHashMap;

/// Report the errors of `body`, without those of function literals in it.
pub(super) fn check(parser: &mut Parser<'_>, body: &Block<'_>) {
    let mut walk = Walk {
        parser,
        labels: FxHashMap::default(),
        blocks: Vec::new(),
    };
    let gotos = walk.block(Targets::default(), None, body.lbrace, body.stmts);
    for label in gotos {
        let name = label.name;
        let message = match walk.labels.get_mut(&name) {
            Some(l) => {
                l.used = true;
                let start = walk.parser.show(walk.blocks[l.block].start);
                format!("goto {name} jumps into block starting at {start}")
            }
            None => format!("label {name} not defined"),
        };
        walk.parser.error_at(label.pos, message);
    }
    let unused: Vec<Ident> = walk
        .labels
        .values()
        .filter(|l| !l.used)
        .map(|l| l.ident)
        .collect();
    for label in unused {
        walk.parser.error_at(
            label.pos,
            format!("label {} defined and not used", label.name),
        );
    }
}

impl Parser<'_> {
    /// A position in the text of a message.
    fn show(&self, pos: Pos) -> String {
        let offset = pos.0 - self.base;
        let line = self.lines.partition_point(|&l| l <= offset);
        format!(
            "{}:{line}:{}",
            self.file_name,
            offset - self.lines[line - 1] + 1
        )
    }
}

struct Label<'a> {
    ident: Ident,
    /// The block it is declared in.
    block: usize,
    stmt: StmtRef<'a>,
    used: bool,
}

struct Scope {
    parent: Option<usize>,
    start: Pos,
    /// Position of the label of the statement that the block belongs to.
    label: Option<Pos>,
}

/// What unlabelled branches lead to.
#[derive(Clone, Copy, Default)]
struct Targets {
    breaks: bool,
    continues: bool,
    /// The place in the clauses of the switch directly around.
    case: Option<Case>,
    /// Whether the innermost thing to break from is a type switch.
    type_switch: bool,
}

#[derive(Clone, Copy)]
struct Case {
    last: bool,
}

struct Walk<'w, 'a, 'p> {
    parser: &'w mut Parser<'p>,
    labels: FxHashMap<crate::Symbol, Label<'a>>,
    blocks: Vec<Scope>,
}

/// The last variable declared in a block, and how many pending gotos it comes after.
struct Declared<'a> {
    pos: Pos,
    names: Vec<&'a str>,
    gotos: Vec<Pos>,
}

impl<'a> Walk<'_, 'a, '_> {
    /// Walk a block; returns the labels of gotos that found none.
    fn block(
        &mut self,
        targets: Targets,
        place: Option<(usize, Option<Pos>)>,
        start: Pos,
        stmts: &[StmtRef<'a>],
    ) -> Vec<Ident> {
        let (parent, label) = place.map_or((None, None), |(parent, label)| (Some(parent), label));
        let this = self.blocks.len();
        self.blocks.push(Scope {
            parent,
            start,
            label,
        });
        let mut gotos: Vec<Ident> = Vec::new();
        let mut declared: Option<Declared> = None;
        let count = stmts
            .iter()
            .rposition(|s| !matches!(s.kind, StmtKind::Empty))
            .map_or(0, |i| i + 1);
        for (i, stmt) in stmts[..count].iter().enumerate() {
            let mut stmt: StmtRef<'a> = stmt;
            let mut label = None;
            while let StmtKind::Labeled {
                label: ident,
                stmt: inner,
            } = stmt.kind
            {
                if !ident.name.is_blank() {
                    self.declare(this, ident, inner, &mut gotos, declared.as_ref());
                    label = Some(ident.pos);
                }
                stmt = inner;
            }
            let at = Some((this, label));
            let plain = Targets {
                case: None,
                ..targets
            };
            match stmt.kind {
                StmtKind::Decl(decls) => {
                    let var = decls
                        .iter()
                        .find_map(|d| if let Decl::Var(v) = d { Some(v) } else { None });
                    if let Some(v) = var {
                        let gotos = gotos.iter().map(|g| g.pos).collect();
                        declared = Some(Declared {
                            pos: v.pos,
                            names: vec![v.names[0].name.as_str()],
                            gotos,
                        });
                    }
                }
                StmtKind::Define { lhs, op_pos, .. } => {
                    let names = lhs.iter().map(|x| name_of(x)).collect();
                    let gotos = gotos.iter().map(|g| g.pos).collect();
                    declared = Some(Declared {
                        pos: op_pos,
                        names,
                        gotos,
                    });
                }
                StmtKind::Branch { tok, label: None } => {
                    self.unlabelled(stmt, tok, targets, i + 1 == count)
                }
                StmtKind::Branch {
                    tok,
                    label: Some(label),
                } => {
                    let found = self.labelled(this, tok, label);
                    gotos.extend((!found).then_some(label));
                }
                StmtKind::Block(b) => gotos.extend(self.block(plain, at, b.lbrace, b.stmts)),
                StmtKind::If { then, els, .. } => {
                    gotos.extend(self.block(plain, at, then.lbrace, then.stmts));
                    let mut els = els;
                    while let Some(stmt) = els {
                        els = None;
                        match stmt.kind {
                            StmtKind::If {
                                then, els: more, ..
                            } => {
                                gotos.extend(self.block(plain, at, then.lbrace, then.stmts));
                                els = more;
                            }
                            StmtKind::Block(b) => {
                                gotos.extend(self.block(plain, at, b.lbrace, b.stmts))
                            }
                            _ => {}
                        }
                    }
                }
                StmtKind::For { body, .. } | StmtKind::Range { body, .. } => {
                    let inner = Targets {
                        breaks: true,
                        continues: true,
                        case: None,
                        type_switch: false,
                    };
                    gotos.extend(self.block(inner, at, body.lbrace, body.stmts));
                }
                StmtKind::Switch { clauses, .. } => {
                    gotos.extend(self.clauses(targets, at, clauses, false));
                }
                StmtKind::TypeSwitch { clauses, .. } => {
                    gotos.extend(self.clauses(targets, at, clauses, true));
                }
                StmtKind::Select { clauses, .. } => {
                    let inner = Targets {
                        breaks: true,
                        case: None,
                        type_switch: false,
                        ..targets
                    };
                    for c in clauses {
                        gotos.extend(self.block(inner, at, c.pos, c.body));
                    }
                }
                _ => {}
            }
        }
        gotos
    }

    fn clauses(
        &mut self,
        targets: Targets,
        at: Option<(usize, Option<Pos>)>,
        clauses: &[CaseClause<'a>],
        type_switch: bool,
    ) -> Vec<Ident> {
        let mut gotos = Vec::new();
        for (i, c) in clauses.iter().enumerate() {
            let case = Some(Case {
                last: i + 1 == clauses.len(),
            });
            let inner = Targets {
                breaks: true,
                case,
                type_switch,
                ..targets
            };
            gotos.extend(self.block(inner, at, c.pos, c.body));
        }
        gotos
    }

    /// A label in `block`; pending gotos to it are settled.
    fn declare(
        &mut self,
        block: usize,
        ident: Ident,
        stmt: StmtRef<'a>,
        gotos: &mut Vec<Ident>,
        declared: Option<&Declared>,
    ) {
        let name = ident.name;
        if let Some(other) = self.labels.get(&name) {
            let at = self.parser.show(other.ident.pos);
            self.parser
                .error_at(ident.pos, format!("label {name} already defined at {at}"));
        }
        let label = self.labels.entry(name).or_insert(Label {
            ident,
            block,
            stmt,
            used: false,
        });
        let parser = &mut *self.parser;
        gotos.retain(|goto| {
            if goto.name != name {
                return true;
            }
            label.used = true;
            if let Some(d) = declared.filter(|d| d.gotos.contains(&goto.pos)) {
                let (vars, at) = (d.names.join(", "), parser.show(d.pos));
                parser.error_at(
                    goto.pos,
                    format!("goto {name} jumps over declaration of {vars} at {at}"),
                );
            }
            false
        });
    }

    fn unlabelled(&mut self, stmt: &Stmt<'a>, tok: BranchKind, targets: Targets, last: bool) {
        let message = match tok {
            BranchKind::Break if !targets.breaks => "break is not in a loop, switch, or select",
            BranchKind::Continue if !targets.continues => "continue is not in a loop",
            BranchKind::Fallthrough if targets.type_switch => "cannot fallthrough in type switch",
            BranchKind::Fallthrough => match targets.case {
                Some(Case { last: false }) if last => return,
                Some(Case { last: true }) if last => "cannot fallthrough final case in switch",
                _ => "fallthrough statement out of place",
            },
            _ => return,
        };
        self.parser.error_at(stmt.pos, message);
    }

    /// A branch with a label; false for a goto that has to wait for its label.
    fn labelled(&mut self, block: usize, tok: BranchKind, label: Ident) -> bool {
        let name = label.name;
        let word = match tok {
            BranchKind::Break => "break",
            BranchKind::Continue => "continue",
            BranchKind::Goto | BranchKind::Fallthrough => {
                let Some(l) = self.labels.get_mut(&name) else {
                    return false;
                };
                l.used = true;
                let home = l.block;
                return self.enclosing(block).any(|b| b == home);
            }
        };
        let Some(l) = self.labels.get_mut(&name) else {
            self.parser
                .error_at(label.pos, format!("{word} label not defined: {name}"));
            return true;
        };
        l.used = true;
        let (stmt, at) = (l.stmt, l.ident.pos);
        let encloses = self
            .enclosing(block)
            .any(|b| self.blocks[b].label == Some(at));
        let fits = match stmt.kind {
            StmtKind::For { .. } | StmtKind::Range { .. } => true,
            StmtKind::Switch { .. } | StmtKind::TypeSwitch { .. } | StmtKind::Select { .. } => {
                tok == BranchKind::Break
            }
            _ => false,
        };
        if !encloses || !fits {
            self.parser
                .error_at(label.pos, format!("invalid {word} label {name}"));
        }
        true
    }

    /// `block` and those around it.
    fn enclosing(&self, block: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(block), |&b| self.blocks[b].parent)
    }
}

fn name_of(x: ExprRef<'_>) -> &'static str {
    crate::Symbol::intern(&expr_string(x)).as_str()
}
