//! What the parser reports, in Go's words and at Go's positions; and that it survives anything.

use bumpalo::Bump;
use gort_syntax::{FileSet, Mode, parse_file};

/// Parse `src` and compare the errors, one `line:col: message` a line.
fn check(src: &str, expected: &str) {
    assert_eq!(errors(src.as_bytes()), expected.trim(), "{src}");
}

fn errors(src: &[u8]) -> String {
    let (arena, files) = (Bump::new(), FileSet::new());
    let (_, errors) = parse_file(&arena, &files, "x.go", src, Mode::Full);
    let lines = errors.iter().map(|e| {
        let p = files.position(e.pos).expect("a position in the file");
        let file = if &*p.file == "x.go" {
            String::new()
        } else {
            format!("{}:", p.file)
        };
        format!("{file}{}:{}: {}", p.line, p.col, e.msg)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Check statements in a function, whose body begins on line 2.
fn body(stmts: &str, expected: &str) {
    check(&format!("package p; func _() {{\n{stmts}\n}}\n"), expected);
}

#[test]
fn good_files() {
    check("package p", "");
    check(
        "package p\nimport (\"a\"; . \"b\"; _ `c`)\nconst (a = iota; b; c)\nvar x, y = 1, 2",
        "",
    );
    check(
        "package p\nfunc f[T any, S ~[]T | *T](x S, ys ...T) (n int, err error) { return }",
        "",
    );
    check(
        "package p\ntype (A = B; C[P any] struct{ *D; e.F `tag`; g, h int }; E [n]int; G [n * 2]int)",
        "",
    );
    check(
        "package p\ntype T[P *C,] int\ntype U[P interface{*C}] int\ntype V[P *struct{}|Q] int",
        "",
    );
    check(
        "package p\ntype I interface { m(); ~int | string; J[K]; pkg.T[A, B] }",
        "",
    );
    check("package p\nfunc (r *T[A, B]) m[Q any](Q) {}", "");
    body(
        "for range 3 {}; for i := range x {}; for ;; {}; for k, v = range m {}",
        "",
    );
    body(
        "if x := f(); x == (T{1}) {}; switch x := y.(type) { case int, []string: default: }",
        "",
    );
    body(
        "select { case x := <-c: case c <- 1: default: }; L: for { break L }",
        "",
    );
    body(
        "var f <-chan<- chan int = <-chan (<-chan int)(nil); go func() {}(); x[1:2:3] = y[:]",
        "",
    );
}

#[test]
fn package_clause() {
    check("", "1:1: syntax error: package statement must be first");
    check(
        "func f() {}",
        "1:1: syntax error: package statement must be first",
    );
    check(
        "package p\nx := 1",
        "2:1: syntax error: non-declaration statement outside function body",
    );
    check(
        "package p\nvar x int\nimport \"a\"",
        "3:1: syntax error: imports must appear before other declarations",
    );
    check(
        "package p\nimport 5",
        "2:8: syntax error: import path must be a string",
    );
    check(
        "package p\nfunc f()\n{\n}",
        "3:1: syntax error: unexpected semicolon or newline before {",
    );
}

#[test]
fn expressions() {
    body(
        "x = 1 +",
        "3:1: syntax error: unexpected }, expected expression",
    );
    body(
        "f(1, 2",
        "2:7: syntax error: unexpected newline in argument list; possibly missing comma or )",
    );
    body(
        "x = a[]",
        "2:7: syntax error: unexpected ], expected operand",
    );
    body("x = a[::3]", "2:8: middle index required in 3-index slice");
    body("x = a[1:2:]", "2:11: final index required in 3-index slice");
    body(
        "x = (T){1}",
        "2:8: syntax error: cannot parenthesize type in composite literal",
    );
    body(
        "x = a.5",
        "2:6: syntax error: unexpected literal .5 at end of statement",
    );
    body("x = <-chan int + 1", ""); // not a value, says the checker
}

#[test]
fn statements() {
    body(
        "if x { } else y",
        "2:15: syntax error: else must be followed by if or statement block",
    );
    body(
        "if { }",
        "2:4: syntax error: missing condition in if statement",
    );
    body(
        "if x = 1 { }",
        "2:6: syntax error: cannot use assignment x = 1 as value",
    );
    body(
        "if x := 1 { }",
        "2:6: syntax error: cannot use x := 1 as value",
    );
    body(
        "for i := 0; { }",
        "2:13: syntax error: unexpected {, expected for loop condition",
    );
    body(
        "for i := 0; i < 3 { }",
        "2:19: syntax error: unexpected {, expected semicolon or newline",
    );
    body(
        "for i := 0; i < 3; i := 1 { }",
        "2:22: syntax error: cannot declare in post statement of for loop",
    );
    body(
        "a, b",
        "2:5: syntax error: unexpected newline, expected := or = or comma",
    );
    body(
        "switch x { foo }",
        "2:12: syntax error: unexpected name foo, expected case or default or }",
    );
    body(
        "go (f())",
        "2:4: expression in go must not be parenthesized",
    );
    body(
        "x := 1; y = ; z = 2\nw = )",
        "2:13: syntax error: unexpected semicolon, expected expression\n3:5: syntax error: unexpected ) at end of statement",
    );
}

#[test]
fn declarations() {
    check(
        "package p\ntype T",
        "2:7: syntax error: unexpected EOF in type declaration",
    );
    check(
        "package p\nfunc f(a int, b) {}",
        "2:16: syntax error: missing parameter type",
    );
    check(
        "package p\nfunc f(a int, []string) {}",
        "2:15: syntax error: missing parameter name",
    );
    check(
        "package p\ntype T[P any, Q] int",
        "2:16: syntax error: missing type constraint",
    );
    check(
        "package p\nfunc f[](x int) {}",
        "2:8: syntax error: empty type parameter list",
    );
    check(
        "package p\nfunc f(x ...int, y int) {}",
        "2:10: can only use ... with final parameter",
    );
    check("package p\nfunc () f() {}", "2:9: method has no receiver");
    check(
        "package p\ntype I interface { m[T any]() }",
        "2:21: interface method must have no type parameters",
    );
    check(
        "package p\nvar f = func[T any]() {}",
        "2:13: syntax error: function type must have no type parameters",
    );
    check(
        "package p\ntype S struct { (T) }",
        "2:17: syntax error: cannot parenthesize embedded type",
    );
}

#[test]
fn literals() {
    check(
        "package p\nvar x = 0x",
        "2:11: hexadecimal literal has no digits",
    );
    check(
        "package p\nvar x = 089",
        "2:10: invalid digit '8' in octal literal",
    );
    check(
        "package p\nvar x = 1__2",
        "2:11: '_' must separate successive digits",
    );
    check(
        "package p\nvar x = 0x1.5",
        "2:14: hexadecimal mantissa requires a 'p' exponent",
    );
    check(
        "package p\nvar x = ''",
        "2:10: empty rune literal or unescaped '",
    );
    check(
        "package p\nvar x = 'ab'",
        "2:9: more than one character in rune literal",
    );
    check("package p\nvar x = \"a\\q\"", "2:12: unknown escape");
    check(
        "package p\nvar x = '\\400'",
        "2:14: octal escape value 256 > 255",
    );
    check("package p\nvar x = \"abc\n", "2:13: newline in string");
    check("package p\nvar x = `abc", "2:9: string not terminated");
    check("package p\n/* abc", "2:1: comment not terminated");
    check(
        "package p\nvar x = 1 # 2",
        "2:11: invalid character U+0023 '#'\n2:13: syntax error: unexpected literal 2 after top level declaration",
    );
}

#[test]
fn bad_bytes() {
    check("\u{feff}package p", "");
    check(
        "package p\nvar x = \"\u{feff}\"",
        "2:10: invalid BOM in the middle of the file",
    );
    assert_eq!(
        errors(b"package p\nvar x = \"a\xff\0\""),
        "2:11: invalid UTF-8 encoding\n2:12: invalid NUL character"
    );
}

#[test]
fn branches() {
    body("L: for { }", "2:1: label L defined and not used");
    body("break", "2:1: break is not in a loop, switch, or select");
    body(
        "L: x(); for { continue L }",
        "2:24: invalid continue label L",
    );
    body(
        "goto L; x := 1; L: f(x)",
        "2:6: goto L jumps over declaration of x at x.go:2:11",
    );
    body(
        "goto L; { L: f() }",
        "2:6: goto L jumps into block starting at x.go:2:9",
    );
    body("goto M", "2:6: label M not defined");
    body(
        "switch { case a: fallthrough }",
        "2:18: cannot fallthrough final case in switch",
    );
    body(
        "L: f(); goto L; L: g(); goto L",
        "2:17: label L already defined at x.go:2:1",
    );
}

#[test]
fn line_directives() {
    check(
        "package p\n//line a.y:100\nvar x = $",
        "a.y:100:0: invalid character U+0024 '$'",
    );
    check(
        "package p\n/*line b.y:7:3*/var x = $ 1",
        "b.y:7:11: invalid character U+0024 '$'",
    );
    check("package p\n//line c:x\n", "2:10: invalid line number: x");
}

#[test]
fn imports_only() {
    let (arena, files) = (Bump::new(), FileSet::new());
    let src = b"//go:build go1.25\npackage p\nimport \"fmt\"\nimport m \"math\"\nfunc f() { syntax error }";
    let (file, errors) = parse_file(&arena, &files, "x.go", src, Mode::Imports);
    assert!(errors.is_empty());
    assert_eq!(file.decls.len(), 2);
    assert_eq!(file.go_version, Some((1, 25)));
}

/// Parsing recurses with the source: the command does it on threads with room.
fn with_room(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let done = thread.spawn(test).expect("a thread").join();
    done.expect("the test");
}

#[test]
fn deep_nesting_is_refused() {
    with_room(too_deep);
}

#[test]
fn what_generators_nest_is_accepted() {
    with_room(|| {
        let n = 4_000;
        for (open, close) in [("(", ")"), ("- ", ""), ("f(", ")"), ("[]int{", "}")] {
            let src = format!("package p\nvar x = {}1{}", open.repeat(n), close.repeat(n));
            assert_eq!(errors(src.as_bytes()), "", "{open}");
        }
        let chain = "x + ".repeat(50_000);
        assert_eq!(
            errors(format!("package p\nvar y = {chain}x").as_bytes()),
            ""
        );
        let (open, close) = ("if x {".repeat(n), "}".repeat(n));
        body(&format!("{open}{close}"), "");
    });
}

fn too_deep() {
    for (open, close) in [
        ("(", ")"),
        ("[]int{", "}"),
        ("- ", ""),
        ("func() { x = ", "}"),
        ("[]", ""),
        ("map[int]", ""),
        ("f(", ")"),
        ("a[", "]"),
        ("<-chan ", ""),
        ("struct { a ", "}"),
    ] {
        let n = 100_000;
        let src = format!("package p\nvar x = {}1{}", open.repeat(n), close.repeat(n));
        assert!(
            errors(src.as_bytes()).contains("exceeded max nesting depth"),
            "{open}"
        );
        let src = format!("package p\nvar x {}int{}", open.repeat(n), close.repeat(n));
        errors(src.as_bytes());
    }
    let ifs = "if x { } else ".repeat(50_000);
    body(&format!("{ifs}{{ }}"), "");
    let blocks = "{".repeat(100_000);
    assert!(errors(format!("package p; func f() {blocks}").as_bytes()).contains("nesting"));
}

#[test]
fn any_bytes_are_survived() {
    // Programs with pieces cut out, doubled and exchanged.
    let seed = include_bytes!("sample.go.txt");
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    for _ in 0..3000 {
        let mut text = seed.to_vec();
        for _ in 0..1 + random(4) {
            let (at, len) = (random(text.len()), random(20));
            let end = (at + len).min(text.len());
            match random(4) {
                0 => drop(text.drain(at..end)),
                1 => {
                    let piece = text[at..end].to_vec();
                    let to = random(text.len());
                    text.splice(to..to, piece);
                }
                2 => text[at] = random(256) as u8,
                _ => text.truncate(at.max(1)),
            }
            if text.is_empty() {
                text.push(b'x');
            }
        }
        errors(&text);
    }
}
