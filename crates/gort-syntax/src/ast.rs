//! The syntax tree of Go.
//!
//! Nodes live in a [`bumpalo::Bump`] and refer to each other by plain `&'a` references, so every node
//! kind is `Copy` and can be matched on directly. A node carries the position that Go's own
//! compiler would report for it. Expressions carry an [`ExprId`], unique over a program, by which the
//! checker attaches types and values without touching the tree.
//!
//! The parser keeps what was written: parentheses stay as [`ExprKind::Paren`], so that later phases
//! see them where they matter, and type expressions are expressions.

use crate::later::Later;
use crate::pos::Pos;
use crate::symbol::Symbol;

/// Identity of an expression: the base of its file plus the expression's number in the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A name as written at `pos`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The interned spelling.
    pub name: Symbol,
    /// Where it stands.
    pub pos: Pos,
    /// Identity, shared with the [`ExprKind::Name`] node where the name is used as an expression.
    pub id: ExprId,
}

/// A reference to an expression.
pub type ExprRef<'a> = &'a Expr<'a>;
/// A reference to a statement.
pub type StmtRef<'a> = &'a Stmt<'a>;

/// An expression or type expression.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'a> {
    /// Identity for side tables.
    pub id: ExprId,
    /// Where it starts, which is where Go's checker reports errors about it. As in Go's compiler a function
    /// type starts at its parenthesis.
    pub pos: Pos,
    /// The position of the node in Go's own tree, which line tables use: that of the operator of a binary
    /// expression, of `(` in a call, of `.` in a selector or assertion, of `[` in an index or slice
    /// expression, of `{` in a composite literal, of `:` in a key-value pair; else equal to `pos`.
    pub op_pos: Pos,
    /// First byte after the expression.
    pub end: Pos,
    /// What it is.
    pub kind: ExprKind<'a>,
}

/// Kinds of literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LitKind {
    /// An integer literal in any base.
    Int,
    /// A floating-point literal.
    Float,
    /// An imaginary literal.
    Imag,
    /// A rune literal with its quotes.
    Rune,
    /// A string literal with its quotes or backquotes.
    String,
}

/// Direction of a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// What an expression is.
#[derive(Clone, Copy, Debug)]
pub enum ExprKind<'a> {
    /// A placeholder where the source had a syntax error.
    Bad,
    /// An identifier.
    Name(Symbol),
    /// A literal with its source text. `bad` marks one that the scanner has already complained about.
    Lit {
        kind: LitKind,
        text: &'a str,
        bad: bool,
    },
    /// `(x)`
    Paren(ExprRef<'a>),
    /// `func(params) results { body }`
    FuncLit {
        sig: &'a FuncType<'a>,
        body: &'a Block<'a>,
    },
    /// `T{elems}`; `typ` is `None` where an enclosing literal gives the type.
    /// Elements may be [`ExprKind::KeyValue`].
    Composite {
        typ: Option<ExprRef<'a>>,
        elems: &'a [ExprRef<'a>],
        lbrace: Pos,
        rbrace: Pos,
    },
    /// `key: value` in a composite literal.
    KeyValue {
        key: ExprRef<'a>,
        value: ExprRef<'a>,
    },
    /// `x.sel`
    Selector { x: ExprRef<'a>, sel: Ident },
    /// `x[i]`, or `x[i, j, …]` for an instantiation; at least one index.
    Index {
        x: ExprRef<'a>,
        indices: &'a [ExprRef<'a>],
    },
    /// `x[lo:hi:max]`; `full` if the second colon is there.
    Slice {
        x: ExprRef<'a>,
        lo: Option<ExprRef<'a>>,
        hi: Option<ExprRef<'a>>,
        max: Option<ExprRef<'a>>,
        full: bool,
    },
    /// `x.(typ)`; `typ` is `None` for `x.(type)`, legal only as a type switch guard.
    TypeAssert {
        x: ExprRef<'a>,
        typ: Option<ExprRef<'a>>,
    },
    /// `fun(args...)`
    Call {
        fun: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        has_dots: bool,
        lparen: Pos,
        rparen: Pos,
    },
    /// `*x`, a dereference or a pointer type.
    Star(ExprRef<'a>),
    /// `op x` for `+ - ! ^ & <- ~`
    Unary { op: Op, x: ExprRef<'a> },
    /// `x op y`; `op_pos` is the operator's position.
    Binary {
        op: Op,
        op_pos: Pos,
        x: ExprRef<'a>,
        y: ExprRef<'a>,
    },
    /// `[len]elem`; `len` is `None` for `[...]elem`.
    ArrayType {
        len: Option<ExprRef<'a>>,
        elem: ExprRef<'a>,
    },
    /// `[]elem`
    SliceType { elem: ExprRef<'a> },
    /// `...elem`, only as the type of a last parameter.
    DotsType { elem: Option<ExprRef<'a>> },
    /// `struct { fields }`
    StructType { fields: &'a [Field<'a>] },
    /// `func(params) results`
    FuncType(&'a FuncType<'a>),
    /// `interface { elems }`
    InterfaceType { elems: &'a [InterfaceElem<'a>] },
    /// `map[key]value`
    MapType {
        key: ExprRef<'a>,
        value: ExprRef<'a>,
    },
    /// `chan elem` and its directed forms.
    ChanType { dir: ChanDir, elem: ExprRef<'a> },
}

/// Unary, binary and assignment operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Op {
    /// `!`
    Not,
    /// `<-`
    Recv,
    /// `~`
    Tilde,
    /// `||`
    OrOr,
    /// `&&`
    AndAnd,
    /// `==`
    Eql,
    /// `!=`
    Neq,
    /// `<`
    Lss,
    /// `<=`
    Leq,
    /// `>`
    Gtr,
    /// `>=`
    Geq,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `&`
    And,
    /// `&^`
    AndNot,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
}

/// A field of a struct, or a parameter, result or type parameter: one name each
/// (`a, b int` makes two that share the `typ` reference).
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// The name; `None` for an embedded field or an unnamed parameter.
    pub name: Option<Ident>,
    /// The type, or the constraint of a type parameter. Pointer-equal for names declared together.
    pub typ: ExprRef<'a>,
    /// The struct tag with its quotes, and its position.
    pub tag: Option<(&'a str, Pos)>,
    /// Position of the field: that of its name, else of its type.
    pub pos: Pos,
}

/// An element of an interface type.
#[derive(Clone, Copy, Debug)]
pub enum InterfaceElem<'a> {
    /// `name(params) results`
    Method { name: Ident, sig: &'a FuncType<'a> },
    /// An embedded interface, a type, `~T`, or a union (a [`ExprKind::Binary`] tree of `Op::Or`).
    Embedded(ExprRef<'a>),
}

/// A signature.
#[derive(Clone, Copy, Debug)]
pub struct FuncType<'a> {
    /// Position of the opening parenthesis (or of the bracket of a type parameter list).
    pub pos: Pos,
    /// Type parameters, empty if there are none.
    pub tparams: &'a [Field<'a>],
    /// Parameters.
    pub params: &'a [Field<'a>],
    /// Results.
    pub results: &'a [Field<'a>],
}

/// `{ stmts }`
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The statements.
    pub stmts: &'a [StmtRef<'a>],
    /// Position of `{`.
    pub lbrace: Pos,
    /// Position of `}`.
    pub rbrace: Pos,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub struct Stmt<'a> {
    /// Where it starts; for assignments and send statements [`StmtKind`] has the operator's position.
    pub pos: Pos,
    /// What it is.
    pub kind: StmtKind<'a>,
}

/// What a statement is.
#[derive(Clone, Copy, Debug)]
pub enum StmtKind<'a> {
    /// A placeholder where the source had a syntax error.
    Bad,
    /// An empty statement.
    Empty,
    /// An expression used as a statement.
    Expr(ExprRef<'a>),
    /// `ch <- value`
    Send {
        ch: ExprRef<'a>,
        value: ExprRef<'a>,
        arrow: Pos,
    },
    /// `x++` (`Op::Add`) and `x--` (`Op::Sub`).
    IncDec { x: ExprRef<'a>, op: Op, op_pos: Pos },
    /// `lhs = rhs`, or `lhs op= rhs` with `op`.
    Assign {
        lhs: &'a [ExprRef<'a>],
        rhs: &'a [ExprRef<'a>],
        op: Option<Op>,
        op_pos: Pos,
    },
    /// `lhs := rhs`; the left side should be names, others get an error from the checker.
    Define {
        lhs: &'a [ExprRef<'a>],
        rhs: &'a [ExprRef<'a>],
        op_pos: Pos,
    },
    /// `go call` (`call` may be wrong: the checker complains)
    Go(ExprRef<'a>),
    /// `defer call`
    Defer(ExprRef<'a>),
    /// `return results`
    Return(&'a [ExprRef<'a>]),
    /// `break`, `continue`, `goto`, `fallthrough`
    Branch {
        tok: BranchKind,
        label: Option<Ident>,
    },
    /// `{ … }`
    Block(&'a Block<'a>),
    /// `if init; cond { then } else els`; `els` is an `If` or a `Block` statement.
    If {
        init: Option<StmtRef<'a>>,
        cond: ExprRef<'a>,
        then: &'a Block<'a>,
        els: Option<StmtRef<'a>>,
    },
    /// `switch init; tag { clauses }`
    Switch {
        init: Option<StmtRef<'a>>,
        tag: Option<ExprRef<'a>>,
        clauses: &'a [CaseClause<'a>],
        lbrace: Pos,
        rbrace: Pos,
    },
    /// `switch init; bind := x.(type) { clauses }`
    TypeSwitch {
        init: Option<StmtRef<'a>>,
        bind: Option<Ident>,
        x: ExprRef<'a>,
        /// The whole `x.(type)` expression.
        guard: ExprRef<'a>,
        clauses: &'a [CaseClause<'a>],
        lbrace: Pos,
        rbrace: Pos,
    },
    /// `select { clauses }`
    Select {
        clauses: &'a [CommClause<'a>],
        rbrace: Pos,
    },
    /// `for init; cond; post { body }`
    For {
        init: Option<StmtRef<'a>>,
        cond: Option<ExprRef<'a>>,
        post: Option<StmtRef<'a>>,
        body: &'a Block<'a>,
    },
    /// `for key, value := range x { body }`; `define` tells `:=` from `=`.
    Range {
        key: Option<ExprRef<'a>>,
        value: Option<ExprRef<'a>>,
        /// A third variable that should not be there, for the checker's message.
        extra: Option<ExprRef<'a>>,
        define: bool,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    },
    /// `label: stmt`
    Labeled { label: Ident, stmt: StmtRef<'a> },
    /// A `const`, `type` or `var` declaration.
    Decl(&'a [Decl<'a>]),
}

/// Which branch statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BranchKind {
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `goto`
    Goto,
    /// `fallthrough`
    Fallthrough,
}

/// `case exprs: body`, or `default: body` when `is_default`.
#[derive(Clone, Copy, Debug)]
pub struct CaseClause<'a> {
    /// Position of `case` or `default`.
    pub pos: Pos,
    /// Position of the colon.
    pub colon: Pos,
    /// Values or types.
    pub exprs: &'a [ExprRef<'a>],
    /// Whether it is the default clause.
    pub is_default: bool,
    /// Its statements.
    pub body: &'a [StmtRef<'a>],
}

/// `case comm: body` of a select; `comm` is `None` for `default`.
#[derive(Clone, Copy, Debug)]
pub struct CommClause<'a> {
    /// Position of `case` or `default`.
    pub pos: Pos,
    /// Position of the colon.
    pub colon: Pos,
    /// A send, an expression statement that receives, or an assignment or definition from a receive.
    pub comm: Option<StmtRef<'a>>,
    /// Its statements.
    pub body: &'a [StmtRef<'a>],
}

/// A declaration; groups are flattened.
#[derive(Clone, Copy, Debug)]
pub enum Decl<'a> {
    /// `import name "path"`
    Import(&'a ImportDecl<'a>),
    /// One line of a `const` declaration.
    Const(&'a ConstDecl<'a>),
    /// One `type` declaration.
    Type(&'a TypeDecl<'a>),
    /// One line of a `var` declaration.
    Var(&'a VarDecl<'a>),
    /// A function or method.
    Func(&'a FuncDecl<'a>),
}

/// An import.
#[derive(Clone, Copy, Debug)]
pub struct ImportDecl<'a> {
    /// Position of the spec.
    pub pos: Pos,
    /// The local name, `.` and `_` included.
    pub name: Option<Ident>,
    /// The path literal with its quotes.
    pub path: &'a str,
    /// Position of the path.
    pub path_pos: Pos,
}

/// One line of a `const` group.
#[derive(Clone, Copy, Debug)]
pub struct ConstDecl<'a> {
    /// Position of the first name.
    pub pos: Pos,
    /// The names.
    pub names: &'a [Ident],
    /// The type as written on this line.
    pub typ: Option<ExprRef<'a>>,
    /// The values as written on this line; empty for an implicit repetition.
    pub values: &'a [ExprRef<'a>],
    /// The line in the group, from 0, which is the value of `iota`.
    pub iota: u32,
    /// Type and values in force: those of this line or of the last line before it that has some.
    pub inherited: (Option<ExprRef<'a>>, &'a [ExprRef<'a>]),
}

/// A type declaration.
#[derive(Clone, Copy, Debug)]
pub struct TypeDecl<'a> {
    /// The declared name.
    pub name: Ident,
    /// Type parameters.
    pub tparams: &'a [Field<'a>],
    /// Whether it is `type name = typ`.
    pub alias: bool,
    /// The type.
    pub typ: ExprRef<'a>,
    /// Directives in force.
    pub pragmas: Pragmas<'a>,
}

/// One line of a `var` group.
#[derive(Clone, Copy, Debug)]
pub struct VarDecl<'a> {
    /// Position of the first name.
    pub pos: Pos,
    /// The names.
    pub names: &'a [Ident],
    /// The type.
    pub typ: Option<ExprRef<'a>>,
    /// The values: none, one each, or a single call.
    pub values: &'a [ExprRef<'a>],
    /// `//go:embed` patterns and other directives in force.
    pub pragmas: Pragmas<'a>,
}

/// A function or method declaration.
#[derive(Clone, Copy, Debug)]
pub struct FuncDecl<'a> {
    /// Position of what follows `func`: the name or the receiver's parenthesis, as in Go's compiler.
    pub pos: Pos,
    /// The name.
    pub name: Ident,
    /// The receiver parameter; `None` for a function.
    pub recv: Option<&'a Field<'a>>,
    /// The signature.
    pub sig: &'a FuncType<'a>,
    /// The body; `None` for a function that is defined elsewhere.
    pub(crate) body: Option<Body<'a>>,
    /// See [`FuncDecl::ids`].
    pub(crate) ids: (ExprId, ExprId),
    /// Directives in force.
    pub pragmas: Pragmas<'a>,
}

/// The body of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    /// It has been read.
    Read(&'a Block<'a>),
    /// It will be when it is asked for.
    Later(&'static Later),
}

impl<'a> FuncDecl<'a> {
    /// Whether it has a body: a function without one is defined elsewhere.
    pub fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// The body.
    pub fn body(&self) -> Option<&'a Block<'a>> {
        Some(match self.body? {
            Body::Read(block) => block,
            Body::Later(later) => later.block(),
        })
    }

    /// Positions of the braces of the body, which need not be read for that.
    pub fn braces(&self) -> Option<(Pos, Pos)> {
        Some(match self.body? {
            Body::Read(block) => (block.lbrace, block.rbrace),
            Body::Later(later) => {
                let (open, close) = later.braces();
                (Pos(open), Pos(close))
            }
        })
    }

    /// The identities of the expressions in the body are one run within this one.
    pub fn id_room(&self) -> (ExprId, ExprId) {
        self.ids
    }

    /// The first identity in the body, and the one after the last.
    pub fn ids(&self) -> (ExprId, ExprId) {
        match self.body {
            Some(Body::Later(later)) => later.ids(),
            _ => self.ids,
        }
    }
}

/// The `//go:` directives that stand before a declaration, as (position, text after `//`).
pub type Pragmas<'a> = &'a [(Pos, &'a str)];

/// A parsed file.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// The package name.
    pub package: Ident,
    /// All declarations in source order, imports first.
    pub decls: Vec<Decl<'a>>,
    /// File-wide directives: `//go:linkname` and `//go:linknamestd` lines, as (position, text after `//`).
    pub directives: Vec<(Pos, &'a str)>,
    /// Names of defined types that are declared in functions, in source order.
    pub local_types: Vec<Pos>,
    /// The language version of a `//go:build` constraint, as (major, minor).
    pub go_version: Option<(u32, u32)>,
    /// The smallest expression id of the file (its base) and the number of ids in use.
    pub first_id: u32,
    /// Number of expression ids handed out.
    pub id_count: u32,
    /// Position of the end of the file.
    pub eof: Pos,
}
