//! Calls, and the checks that end in a call.

use super::{MODULE_SYMBOLS, RUNTIME_SYMBOLS, Translator, UNREACHABLE, clif};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, ExceptionTableData, ExceptionTableItem, FuncRef, InstBuilder,
    UserExternalName,
};
use cranelift_codegen::isa::CallConv;
use gort_abi::G_BOUNDS;
use gort_ir::{BoundsKind, Callee, Func, Inst, InstData, Type, Value};

/// Parameter and result types of a function or call.
pub struct Signature {
    /// Parameters.
    pub params: Vec<Type>,
    /// Results.
    pub results: Vec<Type>,
}

impl Signature {
    /// That of a function.
    pub fn of_func(func: &Func) -> Signature {
        Signature {
            params: func.param_types(),
            results: func.result_types.clone(),
        }
    }

    /// In Cranelift's terms.
    pub fn cranelift(&self, convention: CallConv) -> ir::Signature {
        let mut sig = ir::Signature::new(convention);
        // Compilers of natives take it that small arguments come extended.
        let native = convention == CallConv::SystemV;
        sig.params.extend(self.params.iter().map(|&t| match t {
            Type::I8 | Type::I16 if native => AbiParam::new(clif(t)).uext(),
            _ => AbiParam::new(clif(t)),
        }));
        sig.returns
            .extend(self.results.iter().map(|&t| AbiParam::new(clif(t))));
        sig
    }

    /// Bytes of arguments that do not fit registers, in the Tail convention.
    pub fn stack_bytes(&self) -> u32 {
        let count = |types: &[Type], float| types.iter().filter(|t| t.is_float() == float).count();
        let result_pointer = count(&self.results, false) > 8 || count(&self.results, true) > 8;
        let ints = count(&self.params, false) + usize::from(result_pointer);
        let floats = count(&self.params, true);
        let words = ints.saturating_sub(6) + floats.saturating_sub(8);
        (words * 8).next_multiple_of(16) as u32
    }

    /// Whether a native function can have it.
    fn check_native(&self) -> Result<(), String> {
        let count = |types: &[Type], float| types.iter().filter(|t| t.is_float() == float).count();
        if count(&self.params, false) > 6 || count(&self.params, true) > 8 {
            return Err("a native function takes at most six integers and eight floats".into());
        }
        if count(&self.results, false) > 2 || count(&self.results, true) > 2 {
            return Err("a native function returns at most two integers and two floats".into());
        }
        Ok(())
    }
}

impl Translator<'_, '_> {
    fn signature(&self, inst: Inst, args: &[Value]) -> Signature {
        Signature {
            params: args.iter().map(|&v| self.f.ty(v)).collect(),
            results: self.f.results[inst.index()]
                .iter()
                .map(|&v| self.f.ty(v))
                .collect(),
        }
    }

    /// The callee `index` of a namespace.
    fn callee(
        &mut self,
        namespace: u32,
        index: u32,
        native: bool,
        signature: &Signature,
    ) -> FuncRef {
        if let Some(&f) = self.callees.get(&(namespace, index, native)) {
            return f;
        }
        let convention = if native {
            CallConv::SystemV
        } else {
            CallConv::Tail
        };
        let signature = self.b.import_signature(signature.cranelift(convention));
        let name = self
            .b
            .func
            .declare_imported_user_function(UserExternalName::new(namespace, index));
        let f = self.b.import_function(ir::ExtFuncData {
            name: ir::ExternalName::User(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.callees.insert((namespace, index, native), f);
        f
    }

    /// The number of a function of package runtime.
    pub(super) fn runtime_function(&mut self, name: &'static str) -> u32 {
        let known = self.facts.runtime.iter().position(|&n| n == name);
        let index = known.unwrap_or_else(|| {
            self.facts.runtime.push(name);
            self.facts.runtime.len() - 1
        });
        index as u32
    }

    /// Call a function of package runtime.
    pub(super) fn call_runtime(
        &mut self,
        name: &'static str,
        native: bool,
        args: &[ir::Value],
        results: &[Type],
    ) -> Vec<ir::Value> {
        self.facts.leaf = false;
        let index = self.runtime_function(name);
        let signature = Signature {
            params: vec![Type::I64; args.len()],
            results: results.to_vec(),
        };
        let f = self.callee(RUNTIME_SYMBOLS, index, native, &signature);
        let call = self.b.ins().call(f, args);
        self.b.inst_results(call).to_vec()
    }

    pub(super) fn call(
        &mut self,
        inst: Inst,
        callee: &Callee,
        args: &[Value],
    ) -> Result<(), String> {
        self.facts.leaf = false;
        let signature = self.signature(inst, args);
        self.facts.call_args = self.facts.call_args.max(signature.stack_bytes());
        let args = self.values(args)?;
        let call = match *callee {
            Callee::Direct(sym) => {
                let f = self.callee(MODULE_SYMBOLS, sym.0, false, &signature);
                self.check_signature(f, &signature)?;
                self.b.ins().call(f, &args)
            }
            Callee::Native(sym) => {
                signature.check_native()?;
                let f = self.callee(MODULE_SYMBOLS, sym.0, true, &signature);
                self.check_signature(f, &signature)?;
                self.b.ins().call(f, &args)
            }
            Callee::Indirect(code) => {
                let code = self.value(code)?;
                let sig = self.b.import_signature(signature.cranelift(CallConv::Tail));
                self.b.ins().call_indirect(sig, code, &args)
            }
        };
        let results = self.b.inst_results(call).to_vec();
        for (&v, r) in self.f.results[inst.index()].iter().zip(results) {
            self.values[v.index()] = Some(r);
        }
        Ok(())
    }

    /// Whether an instruction is a call that does not return, of a Go function by name and with nothing on the stack.
    pub(super) fn is_end(&self, inst: Inst, rest: &[Inst]) -> bool {
        let end = |i: &&Inst| matches!(self.f.insts[i.index()], InstData::Unreachable);
        let InstData::Call {
            callee: Callee::Direct(_),
            args,
        } = &self.f.insts[inst.index()]
        else {
            return false;
        };
        rest.first().is_some_and(|i| end(&i)) && self.signature(inst, args).stack_bytes() == 0
    }

    /// All calls of a function must agree.
    fn check_signature(&self, f: FuncRef, wanted: &Signature) -> Result<(), String> {
        let known = &self.b.func.dfg.signatures[self.b.func.dfg.ext_funcs[f].signature];
        let same = |known: &[AbiParam], wanted: &[Type]| {
            known
                .iter()
                .map(|p| p.value_type)
                .eq(wanted.iter().map(|&t| clif(t)))
        };
        if same(&known.params, &wanted.params) && same(&known.returns, &wanted.results) {
            return Ok(());
        }
        Err(format!(
            "two calls of {} differ in their signatures",
            self.b.func.dfg.ext_funcs[f].name.display(None)
        ))
    }

    /// A call that is never made, with the exception edge to the recovery block (see the module's head).
    pub(super) fn way_to_recovery(&mut self, recover: ir::Block, fp: ir::Value) {
        self.facts.leaf = false;
        let index = self.runtime_function("runtime.deferproc");
        let signature = Signature {
            params: vec![Type::I64; 2],
            results: Vec::new(),
        };
        let f = self.callee(RUNTIME_SYMBOLS, index, false, &signature);
        let signature = self.b.func.dfg.ext_funcs[f].signature;
        let next = self.b.create_block();
        let none: [BlockArg; 0] = [];
        let pool = &mut self.b.func.dfg.value_lists;
        let normal = ir::BlockCall::new(next, none, pool);
        let handler = ir::BlockCall::new(recover, none, pool);
        let table =
            ExceptionTableData::new(signature, normal, [ExceptionTableItem::Default(handler)]);
        let table = self.b.func.dfg.exception_tables.push(table);
        self.b.ins().try_call(f, &[fp, fp], table);
        self.b.switch_to_block(next);
        self.b.ins().trap(UNREACHABLE);
    }

    pub(super) fn tail_call(&mut self, callee: &Callee, args: &[Value]) -> Result<(), String> {
        let signature = Signature {
            params: args.iter().map(|&v| self.f.ty(v)).collect(),
            results: self.f.result_types.clone(),
        };
        let args = self.values(args)?;
        // The frame is gone when the jump happens, so a tail call needs no stack of ours, unless for arguments.
        self.facts.leaf &= signature.stack_bytes() <= Signature::of_func(self.f).stack_bytes();
        self.facts.tail_args = self.facts.tail_args.max(signature.stack_bytes());
        match *callee {
            Callee::Direct(sym) => {
                let f = self.callee(MODULE_SYMBOLS, sym.0, false, &signature);
                self.check_signature(f, &signature)?;
                self.b.ins().return_call(f, &args);
            }
            Callee::Indirect(code) => {
                let code = self.value(code)?;
                let sig = self.b.import_signature(signature.cranelift(CallConv::Tail));
                self.b.ins().return_call_indirect(sig, code, &args);
            }
            Callee::Native(sym) => {
                self.facts.leaf = false;
                signature.check_native()?;
                let f = self.callee(MODULE_SYMBOLS, sym.0, true, &signature);
                self.check_signature(f, &signature)?;
                let call = self.b.ins().call(f, &args);
                let results = self.b.inst_results(call).to_vec();
                self.b.ins().return_(&results);
            }
        }
        Ok(())
    }

    /// A check that goes on, or raises a panic out of the way.
    pub(super) fn check(&mut self, data: &InstData) -> Result<(), String> {
        let (fails, function, args) = match *data {
            InstData::ZeroCheck { a } => {
                let a = self.value(a)?;
                let fails = self.b.ins().icmp_imm_s(IntCC::Equal, a, 0);
                (fails, "runtime.panicdivide", vec![])
            }
            InstData::BoundsCheck {
                kind,
                unsigned,
                a,
                b,
            } => {
                let (x, y) = (self.value(a)?, self.value(b)?);
                let cc = match kind {
                    BoundsKind::Index => IntCC::UnsignedGreaterThanOrEqual,
                    _ => IntCC::UnsignedGreaterThan,
                };
                (
                    self.b.ins().icmp(cc, x, y),
                    kind.panic_function(unsigned),
                    vec![x, y],
                )
            }
            _ => return Err(format!("{data:?} is no check")),
        };
        let leaf = self.facts.leaf;
        let (next, fail) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(fail);
        let here = self.b.current_block();
        if here.is_some_and(|b| self.b.func.layout.is_cold(b)) {
            self.b.set_cold_block(next);
        }
        // `next` must be the second: Cranelift forgets the loop it is in when it meets a way out of it first,
        // and leaves invariants in the loop.
        self.b.ins().brif(fails, fail, &[], next, &[]);
        self.b.switch_to_block(fail);
        // The values go through memory: argument registers would tie them, in the loop around the check, to
        // the registers of a call that never happens.
        let g = self.b.ins().get_pinned_reg(ir::types::I64);
        let flags = ir::MemFlagsData::new().with_notrap();
        for (i, &a) in args.iter().enumerate() {
            let off = G_BOUNDS as i32 + 8 * i as i32;
            self.b.ins().store(flags, a, g, off);
        }
        self.call_runtime(function, false, &[], &[]);
        self.b.ins().trap(UNREACHABLE);
        self.b.switch_to_block(next);
        // A panic function has a stack check of its own, so this call does not count.
        self.facts.leaf = leaf;
        Ok(())
    }
}
