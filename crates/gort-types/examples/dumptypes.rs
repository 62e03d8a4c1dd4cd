//! Prints what is recorded for every expression of a package of GOROOT, for comparison with go/types:
//! `file:start-end <tab> mode <tab> type <tab> constant`. `dumptypes PACKAGE`

use bumpalo::Bump;
use gort_load::constraint::Tags;
use gort_load::{Context, goroot, package};
use gort_syntax::FileSet;
use gort_syntax::ast::*;
use gort_types::{
    Config, Form, Importer, Info, Mode, PackageInput, PkgId, TypeStore, check_package,
};
use std::cell::RefCell;
use std::collections::HashMap;

struct Loader<'s> {
    store: &'s TypeStore,
    files: &'s FileSet,
    ctx: Context,
    root: String,
    done: RefCell<HashMap<String, PkgId>>,
}

impl Importer for Loader<'_> {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if let Some(&p) = self.done.borrow().get(path) {
            return Ok(p);
        }
        let src = self.ctx.goroot.clone().ok_or("no GOROOT")?.join("src");
        let dir = [src.join(path), src.join("vendor").join(path)]
            .into_iter()
            .find(|d| d.is_dir())
            .ok_or("package not found")?;
        let arena = Bump::new();
        let sources = package::standard(&self.ctx, path, &dir, false)
            .map_err(|e| e.to_string())?
            .files;
        let mut files = vec![];
        for s in &sources {
            let name = s
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let mode = gort_syntax::Mode::Full;
            files.push(gort_syntax::parse_file(&arena, self.files, &name, &s.bytes, mode).0);
        }
        let root = path == self.root;
        let config = Config {
            bodies: root,
            ..Config::default()
        };
        let input = PackageInput {
            path,
            files: &files,
            importer: self,
            config: &config,
        };
        let (pkg, info, _) = check_package(self.store, self.files, input);
        if root {
            let dump = Dump {
                store: self.store,
                files: self.files,
                info: &info,
            };
            for f in &files {
                f.decls.iter().for_each(|d| dump.decl(d));
            }
        }
        self.done.borrow_mut().insert(path.into(), pkg);
        Ok(pkg)
    }
}

struct Dump<'d, 'a> {
    store: &'d TypeStore,
    files: &'d FileSet,
    info: &'d Info<'a>,
}

fn start(e: ExprRef<'_>) -> u32 {
    match e.kind {
        ExprKind::Composite { typ: Some(x), .. }
        | ExprKind::KeyValue { key: x, .. }
        | ExprKind::Selector { x, .. }
        | ExprKind::Index { x, .. }
        | ExprKind::Slice { x, .. }
        | ExprKind::TypeAssert { x, .. }
        | ExprKind::Binary { x, .. }
        | ExprKind::Call { fun: x, .. } => start(x),
        _ => e.pos.0,
    }
}

impl Dump<'_, '_> {
    fn decl(&self, d: &Decl<'_>) {
        match d {
            Decl::Import(_) => {}
            Decl::Const(d) => {
                d.typ.iter().for_each(|e| self.expr(e));
                d.values.iter().for_each(|e| self.expr(e));
            }
            Decl::Type(d) => {
                self.fields(d.tparams);
                self.expr(d.typ);
            }
            Decl::Var(d) => {
                d.typ.iter().for_each(|e| self.expr(e));
                d.values.iter().for_each(|e| self.expr(e));
            }
            Decl::Func(d) => {
                d.recv.iter().for_each(|f| self.expr(f.typ));
                self.sig(d.sig);
                d.body().iter().for_each(|b| self.stmts(b.stmts));
            }
        }
    }

    fn sig(&self, s: &FuncType<'_>) {
        self.fields(s.tparams);
        self.fields(s.params);
        self.fields(s.results);
    }

    fn fields(&self, list: &[Field<'_>]) {
        for (i, f) in list.iter().enumerate() {
            if i == 0 || !std::ptr::eq(f.typ, list[i - 1].typ) {
                self.expr(f.typ);
            }
        }
    }

    fn stmts(&self, list: &[StmtRef<'_>]) {
        list.iter().for_each(|s| self.stmt(s));
    }

    fn stmt(&self, s: StmtRef<'_>) {
        let all = |l: &[ExprRef<'_>]| l.iter().for_each(|e| self.expr(e));
        match s.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Expr(e) | StmtKind::Go(e) | StmtKind::Defer(e) => self.expr(e),
            StmtKind::Send { ch, value, .. } => all(&[ch, value]),
            StmtKind::IncDec { x, .. } => self.expr(x),
            StmtKind::Assign { lhs, rhs, .. } | StmtKind::Define { lhs, rhs, .. } => {
                all(lhs);
                all(rhs);
            }
            StmtKind::Return(l) => all(l),
            StmtKind::Block(b) => self.stmts(b.stmts),
            StmtKind::If {
                init,
                cond,
                then,
                els,
            } => {
                init.iter().for_each(|s| self.stmt(s));
                self.expr(cond);
                self.stmts(then.stmts);
                els.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::Switch {
                init, tag, clauses, ..
            } => {
                init.iter().for_each(|s| self.stmt(s));
                tag.iter().for_each(|e| self.expr(e));
                for c in clauses {
                    all(c.exprs);
                    self.stmts(c.body);
                }
            }
            StmtKind::TypeSwitch {
                init, x, clauses, ..
            } => {
                init.iter().for_each(|s| self.stmt(s));
                self.expr(x);
                for c in clauses {
                    all(c.exprs);
                    self.stmts(c.body);
                }
            }
            StmtKind::Select { clauses, .. } => {
                for c in clauses {
                    c.comm.iter().for_each(|s| self.stmt(s));
                    self.stmts(c.body);
                }
            }
            StmtKind::For {
                init,
                cond,
                post,
                body,
            } => {
                init.iter().chain(&post).for_each(|s| self.stmt(s));
                cond.iter().for_each(|e| self.expr(e));
                self.stmts(body.stmts);
            }
            StmtKind::Range {
                key,
                value,
                x,
                body,
                ..
            } => {
                key.iter().chain(&value).for_each(|e| self.expr(e));
                self.expr(x);
                self.stmts(body.stmts);
            }
            StmtKind::Labeled { stmt, .. } => self.stmt(stmt),
            StmtKind::Decl(list) => list.iter().for_each(|d| self.decl(d)),
        }
    }

    fn expr(&self, e: ExprRef<'_>) {
        self.print(e);
        let all = |l: &[ExprRef<'_>]| l.iter().for_each(|e| self.expr(e));
        match e.kind {
            ExprKind::Paren(x)
            | ExprKind::Star(x)
            | ExprKind::Unary { x, .. }
            | ExprKind::Selector { x, .. } => self.expr(x),
            ExprKind::FuncLit { sig, body } => {
                self.sig(sig);
                self.stmts(body.stmts);
            }
            ExprKind::Composite { typ, elems, .. } => {
                typ.iter().for_each(|t| self.expr(t));
                all(elems);
            }
            ExprKind::KeyValue { key, value } | ExprKind::MapType { key, value } => {
                all(&[key, value]);
            }
            ExprKind::Index { x, indices } => {
                self.expr(x);
                all(indices);
            }
            ExprKind::Slice { x, lo, hi, max, .. } => {
                self.expr(x);
                [lo, hi, max]
                    .into_iter()
                    .flatten()
                    .for_each(|e| self.expr(e));
            }
            ExprKind::TypeAssert { x, typ } => {
                self.expr(x);
                typ.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Call { fun, args, .. } => {
                self.expr(fun);
                all(args);
            }
            ExprKind::Binary { x, y, .. } => all(&[x, y]),
            ExprKind::ArrayType { len, elem } => {
                len.iter().for_each(|e| self.expr(e));
                self.expr(elem);
            }
            ExprKind::SliceType { elem } | ExprKind::ChanType { elem, .. } => self.expr(elem),
            ExprKind::DotsType { elem } => elem.iter().for_each(|e| self.expr(e)),
            ExprKind::StructType { fields } => self.fields(fields),
            ExprKind::FuncType(s) => self.sig(s),
            ExprKind::InterfaceType { elems } => {
                for el in elems {
                    match el {
                        InterfaceElem::Method { sig, .. } => self.sig(sig),
                        InterfaceElem::Embedded(e) => self.expr(e),
                    }
                }
            }
            ExprKind::Bad | ExprKind::Name(_) | ExprKind::Lit { .. } => {}
        }
    }

    fn print(&self, e: ExprRef<'_>) {
        let Some(t) = self.info.expr(e.id) else {
            return;
        };
        let Some(file) = self.files.file(e.pos) else {
            return;
        };
        let mode = match t.mode {
            Mode::NoValue => "void",
            Mode::Builtin => "builtin",
            Mode::Type => "type",
            Mode::Const => "const",
            Mode::Nil => "nil",
            _ => "value",
        };
        let ty = self.store.type_string(t.ty, Form::Paths);
        let value = t.value.map_or(String::new(), |v| v.to_string());
        let (from, to) = (start(e) - file.base, e.end.0 - file.base);
        println!("{}:{from}-{to}\t{mode}\t{ty}\t{value}", file.name);
    }
}

fn run() {
    let root = std::env::args().nth(1).unwrap_or_default();
    let ctx = Context {
        goroot: goroot::find().ok(),
        library: Tags::library(&[]),
        recipes: Default::default(),
        overlay: &[],
        cwd: ".".into(),
        ..Context::default()
    };
    let (store, files) = (TypeStore::new(), FileSet::new());
    let done = RefCell::new(HashMap::from([("unsafe".to_string(), PkgId::UNSAFE)]));
    let loader = Loader {
        store: &store,
        files: &files,
        ctx,
        root: root.clone(),
        done,
    };
    if let Err(e) = loader.import(&root) {
        eprintln!("{e}");
    }
}

fn main() {
    let t = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(run)
        .unwrap();
    std::process::exit(i32::from(t.join().is_err()));
}
