//! What later phases rely on: canonical types, method sets, layouts, names, recorded types.

use super::with_package;
use crate::typestring::Form;
use crate::{Config, Lookup, Mode, PackageCheck, PackageInput, Ty, TypeStore};
use gort_syntax::Symbol;
use gort_syntax::ast::{Decl, ExprKind};

const SRC: &str = r#"package p
type R interface{ Read([]byte) (int, error); x() }
type W = interface{ Write(p []byte) (n int, err error) }
type RW interface { R; W }
type E struct{ n int }
func (E) B() {}
func (*E) A() {}
type T struct{ *E; i8 int8; f float64; s string }
type G[P any] struct{ p P }
func (g *G[P]) get() P { return g.p }
var f1 func(a int) (b string)
var f2 func(int) string
var i1 interface{ m(); n() }
var i2 interface{ n(); m() }
var g G[map[string]T]
var c = 1 << 3
var d float64 = 2
"#;

fn ty(store: &TypeStore, pkg: crate::PkgId, name: &str) -> Ty {
    store
        .obj(store.package(pkg).lookup(Symbol::intern(name)).unwrap())
        .ty()
}

#[test]
fn types() {
    with_package(SRC, &Config::default(), |store, _, pkg, _, diags, _| {
        assert_eq!(diags, []);
        let t = |name| ty(store, pkg, name);
        assert_ne!(t("f1"), t("f2"));
        assert_eq!(store.canon(t("f1")), store.canon(t("f2")));
        assert_eq!(store.canon(t("i1")), store.canon(t("i2")));
        let names = |ty: Ty| -> Vec<String> {
            store
                .method_set(ty)
                .iter()
                .map(|m| m.name.to_string())
                .collect()
        };
        assert_eq!(names(t("RW")), ["Read", "Write", "x"]);
        assert_eq!(names(t("E")), ["B"]);
        assert_eq!(names(store.pointer(t("E"))), ["A", "B"]);
        assert_eq!(names(t("T")), ["A", "B"]);
        assert_eq!(store.size_of(t("T")), 40);
        assert_eq!(
            store.type_string(t("g"), Form::Reflect),
            "p.G[map[string]p.T]"
        );
        assert_eq!(
            store.type_string(t("f1"), Form::Reflect),
            "func(int) string"
        );
        assert_eq!(
            store.type_string(t("f1"), Form::Message(pkg)),
            "func(a int) (b string)"
        );
        assert_eq!(
            store.type_string(t("i1"), Form::Reflect),
            "interface { p.m(); p.n() }"
        );
    });
}

#[test]
fn methods_of_instances() {
    with_package(SRC, &Config::default(), |store, _, pkg, _, _, _| {
        let g = ty(store, pkg, "g");
        let get = Symbol::intern("get");
        let Lookup::Method(m) = store.lookup_field_or_method(g, true, Some(pkg), get) else {
            panic!("no method");
        };
        assert_eq!(
            store.type_string(m.ty, Form::Message(pkg)),
            "func() map[string]T"
        );
        assert_eq!(store.full_name(m.obj), "(*p.G[map[string]p.T]).get");
        // The same instance has the same method object.
        let again = store.lookup_field_or_method(g, true, Some(pkg), get);
        assert_eq!(again, Lookup::Method(m));
    });
}

#[test]
fn recorded() {
    with_package(SRC, &Config::default(), |_, _, _, info, _, files| {
        let values = |name: &str| {
            files[0].decls.iter().find_map(|d| match d {
                Decl::Var(v) if v.names[0].name.as_str() == name => Some(v.values[0]),
                _ => None,
            })
        };
        let c = info.expr(values("c").unwrap().id).unwrap();
        assert_eq!((c.mode, c.ty), (Mode::Const, Ty::INT));
        assert_eq!(c.value.and_then(|v| v.to_i64()), Some(8));
        let d = info.expr(values("d").unwrap().id).unwrap();
        assert_eq!((d.mode, d.ty), (Mode::Const, Ty::FLOAT64));
    });
}

/// Check a package whose bodies are checked on demand.
fn lazily(
    src: &str,
    f: impl for<'a> FnOnce(&'a TypeStore, PackageCheck<'a>, &'a [gort_syntax::ast::File<'a>]),
) {
    let arena = bumpalo::Bump::new();
    let fset = gort_syntax::FileSet::new();
    let store = TypeStore::new();
    let mode = gort_syntax::Mode::Full;
    let (file, _) = gort_syntax::parse_file(&arena, &fset, "t.go", src.as_bytes(), mode);
    let files = [file];
    let config = Config::default();
    let input = PackageInput {
        path: "p",
        files: &files,
        importer: &super::OnlyUnsafe,
        config: &config,
    };
    f(&store, PackageCheck::new(&store, &fset, input), &files);
}

#[test]
fn bodies_on_demand() {
    let src = "package p\nvar v = f()\nfunc f() int { return 1 }\nfunc g() { x := 1 }\n";
    lazily(src, |store, mut check, files| {
        assert!(check.diagnostics().is_empty());
        // The initialiser needs f.
        let Decl::Func(f) = files[0].decls[1] else {
            panic!("not a function")
        };
        let gort_syntax::ast::StmtKind::Return([one]) = f.body().unwrap().stmts[0].kind else {
            panic!("not a return")
        };
        assert!(matches!(one.kind, ExprKind::Lit { .. }));
        assert_eq!(check.info().ty(one.id), Ty::INT);
        let g = store
            .package(check.package())
            .lookup(Symbol::intern("g"))
            .unwrap();
        check.check_body(g);
        check.check_body(g);
        assert_eq!(check.diagnostics().len(), 1);
    });
}

/// Variables with large tables have their types at once, and what is in the tables on demand.
#[test]
fn tables_on_demand() {
    let numbers = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17";
    let src = format!(
        "package p\ntype T struct {{ r []R; n int }}\ntype R struct {{ lo, hi uint16 }}\n\
         var a = [...]int8{{{numbers}}}\nvar b = &T{{r: []R{{{{1, 2}}, {{3, 4}}, {{5, 6}}, {{7, 8}}, {{9, 10}}, {{11, 12}}, {{13, 14}}, {{15, 16}}}}}}\n\
         var later = [32]uint16{{8: {numbers}}}\nvar any_ any = []int{{{numbers}}}\nvar anys = []any{{{numbers}}}\n\
         var slice = []int{{9: {numbers}}}\nvar few = []int{{1}}\nvar wrong = []int8{{{numbers}, 300}}\n"
    );
    lazily(&src, |store, mut check, files| {
        assert!(check.diagnostics().is_empty());
        let pkg = check.package();
        let object = |name: &str| store.package(pkg).lookup(Symbol::intern(name)).unwrap();
        let info = check.info();
        let mut put_off = Vec::new();
        let mut last = Vec::new();
        for d in &files[0].decls {
            let Decl::Var(v) = d else { continue };
            let name = v.names[0].name.as_str();
            if info.is_put_off(v.values[0].id) {
                put_off.push((
                    name,
                    store.type_string(store.obj(object(name)).ty(), Form::Link),
                ));
            }
            let mut e = v.values[0];
            // The last element, the innermost one.
            loop {
                e = match e.kind {
                    ExprKind::Unary { x, .. } => x,
                    ExprKind::Composite { elems, .. } => elems[elems.len() - 1],
                    ExprKind::KeyValue { value, .. } => value,
                    _ => break,
                };
            }
            last.push((name, e.id));
        }
        let types = [
            ("a", "[17]int8"),
            ("b", "*p.T"),
            ("later", "[32]uint16"),
            ("wrong", "[]int8"),
        ];
        let types: Vec<_> = types.into_iter().map(|(n, t)| (n, t.to_string())).collect();
        assert_eq!(put_off, types);
        for (name, id) in &last {
            let known = !put_off.iter().any(|(n, _)| n == name);
            assert_eq!(info.expr(*id).is_some(), known, "{name}");
            check.check_body(object(name));
            check.check_body(object(name));
            assert!(info.expr(*id).is_some(), "{name}");
        }
        let b = last.iter().find(|(n, _)| *n == "b").unwrap();
        assert_eq!(info.ty(b.1), Ty::UINT16);
        let messages: Vec<&str> = check.diagnostics().iter().map(|d| &*d.msg).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
    });
}

#[test]
fn local_types_of_generic_functions() {
    let src = "package p\nfunc f[P any]() {\n\ttype L struct{ p P }\n\ttype G[Q any] struct{ q Q; l L }\n\tvar l L\n\tvar g G[string]\n\t_, _ = l, g\n}\n";
    with_package(
        src,
        &Config::default(),
        |store, _, pkg, info, diags, files| {
            assert_eq!(diags, []);
            let Decl::Func(f) = files[0].decls[0] else {
                panic!("not a function")
            };
            let sig = store.sig(ty(store, pkg, "f")).unwrap();
            let local = |i: usize| {
                let gort_syntax::ast::StmtKind::Decl([Decl::Var(v)]) =
                    f.body().unwrap().stmts[i].kind
                else {
                    panic!("not a variable")
                };
                let generic = store.obj(info.def(v.names[0].id).unwrap()).ty();
                crate::subst::subst_local(store, generic, &sig.tparams, &[Ty::INT])
            };
            let (l, g) = (local(2), local(3));
            let text = |t| store.type_string(store.under(t), Form::Link);
            assert_eq!(text(l), "struct { p.p int }");
            // In a link name a local type carries its number, as in official Go.
            assert_eq!(text(g), "struct { p.q string; p.l p.L[int]·1 }");
            assert!(!store.has_tparams(g));
        },
    );
}

/// Packages may be checked on several threads over one store.
#[test]
fn shared_between_threads() {
    fn sync<T: Sync + Send>() {}
    sync::<TypeStore>();
    sync::<crate::Info<'static>>();
    sync::<crate::Value>();
    fn send<T: Send>() {}
    send::<crate::PackageCheck<'static>>();
}

/// What a cache has of types is read as the same types, by any order of making them; local types have no name outside.
#[test]
fn portable_types() {
    let src = format!(
        "{SRC}var l = func() any {{ type L int; return L(1) }}\nvar k = [](<-chan struct{{ a int `t`; T }}){{}}\n"
    );
    with_package(&src, &Config::default(), |store, _, pkg, _, diags, _| {
        assert_eq!(diags, []);
        let packages = |path: &str| (path == "p").then_some(pkg);
        for name in ["R", "RW", "T", "f1", "f2", "i1", "i2", "g", "c", "d", "k"] {
            let ty = ty(store, pkg, name);
            let mut bytes = Vec::new();
            assert!(store.write_portable(ty, &mut bytes).is_some(), "{name}");
            let mut rest = &bytes[..];
            let read = store.read_portable(&mut rest, &packages);
            assert_eq!((read, rest), (Some(store.canon(ty)), &[][..]), "{name}");
            for n in 0..bytes.len() {
                assert_eq!(store.read_portable(&mut &bytes[..n], &packages), None);
            }
        }
        let (mut bytes, t) = (Vec::new(), ty(store, pkg, "T"));
        store.write_portable(t, &mut bytes).unwrap();
        assert_eq!(store.read_portable(&mut &bytes[..], &|_| None), None);
        let local = (0..store.type_count() as u32).map(Ty).find(|&t| {
            let named = store.named(t).map(|n| store.obj(n.obj).name);
            named == Some(Symbol::intern("L"))
        });
        assert_eq!(store.write_portable(local.unwrap(), &mut bytes), None);
    });
}
