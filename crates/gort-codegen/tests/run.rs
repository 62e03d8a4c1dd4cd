//! IR functions compiled, linked and run.

mod support;

use gort_ir::{
    BinaryOp, BoundsKind, Builder, Callee, ConvertOp, Data, InstData, IntCc, Module, Reloc,
    RelocKind, Section, Type,
};
use support::{BOUNDS, DIVIDE, build, function, run};

/// Run a program whose `main.test` is built by `body` and compare what it returns.
fn check(expected: Result<i64, i32>, body: impl FnOnce(&mut Module, &mut Builder)) {
    let mut module = Module::new("main");
    module.files.push("main.go".into());
    function(&mut module, "main.test", &[Type::I64], body);
    let linked = build(&module, false);
    assert_eq!(run(&linked), expected);
}

/// `func fib(n int) int`
fn fib(module: &mut Module) {
    function(module, "main.fib", &[Type::I64], |m, b| {
        let n = b.param(Type::I64);
        let (small, large) = (b.block(), b.block());
        let c = b.icmp_imm(IntCc::Slt, n, 2);
        b.branch(c, small, large);
        b.switch_to(small);
        b.ret(&[n]);
        b.switch_to(large);
        let fib = Callee::Direct(m.sym("main.fib"));
        let one = b.add_imm(n, -1);
        let x = b.call(fib, &[one], &[Type::I64])[0];
        let two = b.add_imm(n, -2);
        let y = b.call(fib, &[two], &[Type::I64])[0];
        let sum = b.binary(BinaryOp::Iadd, x, y);
        b.ret(&[sum]);
    });
}

#[test]
fn recursion() {
    let mut m = Module::new("main");
    m.files.push("fib.go".into());
    function(&mut m, "main.test", &[Type::I64], |m, b| {
        let n = b.iconst(
            Type::I64,
            std::env::var("FIB").map_or(20, |n| n.parse().unwrap()),
        );
        let fib = Callee::Direct(m.sym("main.fib"));
        let r = b.call(fib, &[n], &[Type::I64]);
        b.ret(&r);
    });
    fib(&mut m);
    gort_ir::passes::run(std::slice::from_mut(&mut m), &Default::default());
    assert_eq!(m.funcs.len(), 3, "the base case is split off");
    let got = run(&build(&m, false));
    if std::env::var("FIB").is_err() {
        assert_eq!(got, Ok(6765));
    }
}

#[test]
fn same_input_same_bytes() {
    let object = || {
        let mut m = Module::new("main");
        m.files.push("fib.go".into());
        fib(&mut m);
        gort_codegen::compile(&m, &gort_codegen::Options::default()).unwrap()
    };
    assert_eq!(object(), object());
}

#[test]
fn loops_and_variables() {
    check(Ok(4950), |_, b| {
        let (i, sum) = (b.var(Type::I64), b.var(Type::I64));
        let zero = b.iconst(Type::I64, 0);
        b.def(i, zero);
        b.def(sum, zero);
        let (head, body, done) = (b.block(), b.block(), b.block());
        b.jump(head, &[]);
        b.switch_to(head);
        let v = b.use_var(i);
        let c = b.icmp_imm(IntCc::Slt, v, 100);
        b.branch(c, body, done);
        b.switch_to(body);
        let (s, v) = (b.use_var(sum), b.use_var(i));
        let s = b.binary(BinaryOp::Iadd, s, v);
        b.def(sum, s);
        let v = b.add_imm(v, 1);
        b.def(i, v);
        b.jump(head, &[]);
        b.switch_to(done);
        let s = b.use_var(sum);
        b.ret(&[s]);
    });
}

#[test]
fn division_as_go_wants_it() {
    for (op, a, d, expected) in [
        (BinaryOp::Sdiv, i64::MIN, -1, Ok(i64::MIN)),
        (BinaryOp::Srem, i64::MIN, -1, Ok(0)),
        (BinaryOp::Sdiv, -7, 2, Ok(-3)),
        (BinaryOp::Srem, -7, 2, Ok(-1)),
        (BinaryOp::Sdiv, 1, 0, Err(DIVIDE)),
    ] {
        let mut m = Module::new("main");
        m.files.push("main.go".into());
        function(&mut m, "main.test", &[Type::I64], |m, b| {
            let (x, y) = (b.iconst(Type::I64, a), b.iconst(Type::I64, d));
            let f = Callee::Direct(m.sym("main.div"));
            let r = b.call(f, &[x, y], &[Type::I64]);
            b.ret(&r);
        });
        function(&mut m, "main.div", &[Type::I64], |_, b| {
            let (x, y) = (b.param(Type::I64), b.param(Type::I64));
            b.emit(InstData::ZeroCheck { a: y }, &[]);
            let q = b.binary(op, x, y);
            b.ret(&[q]);
        });
        assert_eq!(run(&build(&m, false)), expected, "{op:?} {a} {d}");
    }
}

#[test]
fn bounds_checks() {
    for (index, expected) in [(2, Ok(2)), (3, Err(BOUNDS)), (-1, Err(BOUNDS))] {
        check(expected, |_, b| {
            let (a, n) = (b.iconst(Type::I64, index), b.iconst(Type::I64, 3));
            let kind = BoundsKind::Index;
            b.emit(
                InstData::BoundsCheck {
                    kind,
                    unsigned: false,
                    a,
                    b: n,
                },
                &[],
            );
            b.ret(&[a]);
        });
    }
}

#[test]
fn floats_to_integers() {
    for (op, float, expected) in [
        (ConvertOp::FloatToSint, -3.9, -3),
        (ConvertOp::FloatToSint, 1e19, i64::MIN),
        (ConvertOp::FloatToSint, f64::NAN, i64::MIN),
        (ConvertOp::FloatToSint, -1e300, i64::MIN),
        (
            ConvertOp::FloatToUint,
            1e19,
            10_000_000_000_000_000_000u64 as i64,
        ),
        (ConvertOp::FloatToUint, 7.5, 7),
    ] {
        check(Ok(expected), |_, b| {
            let x = b.fconst(Type::F64, float);
            let r = b.convert(op, Type::I64, x);
            b.ret(&[r]);
        });
    }
}

#[test]
fn memory_and_data() {
    let mut m = Module::new("main");
    m.files.push("main.go".into());
    let (table, text) = (m.sym("main.table"), m.sym("main.text"));
    let data = |name, section, bytes: Vec<u8>, relocs| Data {
        name,
        section,
        align: 8,
        size: bytes.len() as u64,
        bytes,
        relocs,
        pointers: vec![],
    };
    m.data.push(data(
        text,
        Section::Rodata,
        b"0123456789abcdef".to_vec(),
        vec![],
    ));
    let reloc = Reloc {
        offset: 8,
        kind: RelocKind::Abs64,
        sym: text,
        addend: 2,
    };
    m.data
        .push(data(table, Section::Data, vec![0; 16], vec![reloc]));
    let large = m.sym("main.large");
    let bss = Data {
        size: 1 << 20,
        bytes: vec![],
        ..data(large, Section::Bss, vec![], vec![])
    };
    m.data.push(bss);
    function(&mut m, "main.test", &[Type::I64], |m, b| {
        let table = b.sym_addr(table, 0);
        let p = b.load(Type::Ptr, table, 8);
        let slot = b.func.add_slot(32, 8);
        let to = b.slot_addr(slot, 0);
        b.emit(
            InstData::Clear {
                dst: to,
                size: 32,
                typ: None,
            },
            &[],
        );
        b.emit(
            InstData::Copy {
                dst: to,
                src: p,
                size: 13,
                typ: None,
            },
            &[],
        );
        let x = b.load(Type::I64, to, 8); // "abcde", then zeros
        let large = m.sym("main.large");
        let large = b.sym_addr(large, 1 << 19);
        b.store(x, large, 0, false);
        let x = b.load(Type::I64, large, 0);
        b.ret(&[x]);
    });
    assert_eq!(
        run(&build(&m, false)),
        Ok(i64::from_le_bytes(*b"abcde\0\0\0"))
    );
}

#[test]
fn many_arguments_and_results() {
    check_many(12, 11);
    check_many(3, 2);
    check_many(7, 9);
}

/// A function that returns its first arguments doubled, called with `params` arguments.
fn check_many(params: i64, results: i64) {
    let mut m = Module::new("main");
    m.files.push("main.go".into());
    let types = vec![Type::I64; results as usize];
    let result_types = types.clone();
    function(&mut m, "main.test", &[Type::I64], |m, b| {
        let args: Vec<_> = (0..params).map(|i| b.iconst(Type::I64, i + 1)).collect();
        let f = Callee::Direct(m.sym("main.f"));
        let mut sum = b.iconst(Type::I64, 0);
        for (i, r) in b.call(f, &args, &types).into_iter().enumerate() {
            let weight = b.iconst(Type::I64, i as i64 + 1);
            let r = b.binary(BinaryOp::Imul, r, weight);
            sum = b.binary(BinaryOp::Iadd, sum, r);
        }
        b.ret(&[sum]);
    });
    function(&mut m, "main.f", &result_types, |_, b| {
        let args: Vec<_> = (0..params).map(|_| b.param(Type::I64)).collect();
        let doubled: Vec<_> = (0..results)
            .map(|i| {
                let v = args[i as usize % args.len()];
                b.binary(BinaryOp::Iadd, v, v)
            })
            .collect();
        b.ret(&doubled);
    });
    let expected = (0..results).map(|i| (i + 1) * 2 * (i % params + 1)).sum();
    assert_eq!(run(&build(&m, false)), Ok(expected), "{params} {results}");
}

#[test]
fn native_and_indirect_calls() {
    check(Ok(-58), |m, b| {
        let (x, y) = (b.iconst(Type::I64, 42), b.iconst(Type::I64, 100));
        let f = Callee::Native(m.sym("runtime.subtract"));
        let r = b.call(f, &[x, y], &[Type::I64]);
        b.ret(&r);
    });
}

#[test]
fn switches() {
    for (value, expected) in [(1, 10), (2, 20), (1000, 30), (7, 99), (-5, 40)] {
        check(Ok(expected), |m, b| {
            let _ = m;
            let v = b.iconst(Type::I64, value);
            let done = b.block();
            let result = b.var(Type::I64);
            let cases: Vec<_> = [(1, 10), (2, 20), (1000, 30), (-5, 40)]
                .into_iter()
                .map(|(k, r)| (k, r, b.block()))
                .collect();
            let default = b.block();
            let call = |block| gort_ir::BlockCall {
                block,
                args: Default::default(),
            };
            b.emit(
                InstData::Switch {
                    val: v,
                    cases: cases
                        .iter()
                        .map(|&(k, _, block)| (k, call(block)))
                        .collect(),
                    default: call(default),
                },
                &[],
            );
            for (block, r) in cases.iter().map(|c| (c.2, c.1)).chain([(default, 99)]) {
                b.switch_to(block);
                let r = b.iconst(Type::I64, r);
                b.def(result, r);
                b.jump(done, &[]);
            }
            b.switch_to(done);
            let r = b.use_var(result);
            b.ret(&[r]);
        });
    }
}

#[test]
fn large_frames_ask_for_stack() {
    // The guard of the test's G is 0, so only a frame that wraps around the address space fails the check:
    // here the check passes, and the frame is used at both ends.
    check(Ok(3), |m, b| {
        let slot = b.func.add_slot(65536, 8);
        let (low, high) = (b.slot_addr(slot, 0), b.slot_addr(slot, 65528));
        let (one, two) = (b.iconst(Type::I64, 1), b.iconst(Type::I64, 2));
        b.store(one, low, 0, false);
        b.store(two, high, 0, false);
        let f = Callee::Native(m.sym("runtime.subtract"));
        b.call(f, &[one, two], &[Type::I64]);
        let (x, y) = (b.load(Type::I64, low, 0), b.load(Type::I64, high, 0));
        let r = b.binary(BinaryOp::Iadd, x, y);
        b.ret(&[r]);
    });
}

#[test]
fn recovery_block() {
    let mut m = Module::new("main");
    m.files.push("main.go".into());
    // First in the func table, which the test's deferproc relies on.
    function(&mut m, "main.recovers", &[Type::I64], |m, b| {
        let slot = b.func.add_slot(8, 8);
        let addr = b.slot_addr(slot, 0);
        let v = b.iconst(Type::I64, 77);
        b.store(v, addr, 0, false);
        let fp = b.emit(InstData::FramePointer, &[Type::I64]);
        let fp = b.func.results[fp.index()][0];
        let closure = b.iconst(Type::Ptr, 0);
        let f = Callee::Direct(m.sym("runtime.deferproc"));
        b.call(f, &[closure, fp], &[]);
        let zero = b.iconst(Type::I64, 0);
        b.ret(&[zero]);
        let recover = b.block();
        b.func.recover_block = Some(recover);
        b.switch_to(recover);
        let addr = b.slot_addr(slot, 0);
        let v = b.load(Type::I64, addr, 0);
        b.ret(&[v]);
    });
    function(&mut m, "main.test", &[Type::I64], |m, b| {
        // Kept in callee-saved registers, which deferproc destroys and the recovery block restores.
        let kept: Vec<_> = (0..5)
            .map(|i| {
                let (x, y) = (b.iconst(Type::I64, i + 100), b.iconst(Type::I64, 90));
                let f = Callee::Native(m.sym("runtime.subtract"));
                b.call(f, &[x, y], &[Type::I64])[0]
            })
            .collect();
        let f = Callee::Direct(m.sym("main.recovers"));
        let mut sum = b.call(f, &[], &[Type::I64])[0];
        for v in kept {
            sum = b.binary(BinaryOp::Iadd, sum, v);
        }
        b.ret(&[sum]);
    });
    assert_eq!(run(&build(&m, false)), Ok(77 + 10 + 11 + 12 + 13 + 14));
}

/// Whether a module's code may ask for stack.
fn asks_for_stack(text: &str) -> bool {
    use object::{Object, ObjectSymbol};
    let module = gort_ir::reader::module(text).unwrap();
    let bytes = gort_codegen::compile(&module, &gort_codegen::Options::default()).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    file.symbols().any(|s| s.name() == Ok("runtime.morestack"))
}

#[test]
fn a_call_that_never_returns_needs_no_stack_check() {
    let wrapper = |end: &str| {
        format!(
            "module \"main\"\nfile 0 \"a.go\"\n\nfunc @main.wrapper -> i64 !0:1 {{\nblock0(v0: ptr):\n    v1: ptr = iconst 0  !0:1\n    v2: i8 = icmp eq v0, v1  !0:1\n    branch v2, block1, block2  !0:1\nblock1 cold:\n    call @runtime.panicwrap()  !0:1\n    {end}  !0:1\nblock2:\n    v3: i64 = load v0, 8  !0:1\n    tailcall @main.method(v3)  !0:1\n}}\n"
        )
    };
    assert!(!asks_for_stack(&wrapper("unreachable")));
    assert!(asks_for_stack(&wrapper("jump block2")));
}
