//! IR functions to Cranelift functions: blocks in reverse postorder, one instruction after the other.
//!
//! A function that defers gets a way to its recovery block that is never taken: the entry ends in a branch (the
//! frame pointer is not 0) to a `try_call` whose exception edge leads there. That edge clobbers every register, so the
//! prologue saves all callee-saved ones, and the edge's target is the address that the func table
//! records. And only the entry dominates the recovery block, so that no value computed elsewhere can be kept for it in
//! a register or spill slot that will be gone when the runtime jumps there.

mod arith;
mod barrier;
mod call;
mod faults;
mod memory;

pub use call::Signature;

use cranelift_codegen::ir::{
    self, BlockArg, FuncRef, GlobalValue, InstBuilder, SourceLoc, StackSlot, StackSlotData,
    StackSlotKind, TrapCode, UserExternalName, UserFuncName, condcodes::IntCC, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Switch};
use gort_ir::{Block, BlockCall, Func, Inst, InstData, Sym, Type, Value};
use rustc_hash::FxHashMap;

/// Namespace of names whose index is a [`Sym`].
pub const MODULE_SYMBOLS: u32 = 0;
/// Namespace of names whose index is in [`Facts::runtime`].
const RUNTIME_SYMBOLS: u32 = 1;

/// What never happens.
const UNREACHABLE: TrapCode = TrapCode::unwrap_user(1);

/// What translation learns about a function.
#[derive(Default)]
pub struct Facts {
    /// It calls nothing.
    pub leaf: bool,
    /// The largest stack argument area of its tail calls.
    pub tail_args: u32,
    /// The largest stack argument area of its other calls.
    pub call_args: u32,
    /// Its slots with their sizes.
    pub slots: Vec<(StackSlot, u32)>,
    /// Runtime functions it refers to by number.
    pub runtime: Vec<&'static str>,
    /// Ranges in which the goroutine is not stopped: their numbers are in the tags of sequence points.
    pub ranges: u32,
}

/// Translate `func` into `out`, which is empty.
pub fn function(
    isa: &dyn TargetIsa,
    func: &Func,
    out: &mut ir::Function,
    context: &mut FunctionBuilderContext,
) -> Result<Facts, String> {
    if func.blocks.is_empty() {
        return Err("function without blocks".into());
    }
    out.name = UserFuncName::user(MODULE_SYMBOLS, func.name.0);
    out.signature = Signature::of_func(func).cranelift(CallConv::Tail);
    let mut uses = vec![0; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        func.insts[inst.index()].for_each_use(|v| uses[v.index()] += 1);
    }
    let mut t = Translator {
        b: FunctionBuilder::new(out, context),
        f: func,
        values: vec![None; func.values.len()],
        blocks: Vec::with_capacity(func.blocks.len()),
        slots: Vec::with_capacity(func.slots.len()),
        callees: FxHashMap::default(),
        symbols: FxHashMap::default(),
        pinned: faults::pinned(func, &uses),
        extended: memory::extended(func, &uses),
        flag: None,
        product: None,
        facts: Facts {
            leaf: true,
            ..Facts::default()
        },
    };
    t.body()?;
    t.b.seal_all_blocks();
    let facts = t.facts;
    t.b.finalize(isa.frontend_config());
    Ok(facts)
}

struct Translator<'a, 'b> {
    b: FunctionBuilder<'b>,
    f: &'a Func,
    values: Vec<Option<ir::Value>>,
    blocks: Vec<ir::Block>,
    slots: Vec<StackSlot>,
    callees: FxHashMap<(u32, u32, bool), FuncRef>,
    symbols: FxHashMap<(Sym, i64), GlobalValue>,
    /// Of each instruction, whether it is a load that must stay where it is.
    pinned: Vec<bool>,
    /// Of each load whose result is only wanted wider, the instruction that makes it so.
    extended: Vec<Option<Inst>>,
    /// The write barrier's flag.
    flag: Option<GlobalValue>,
    /// The operands of the last multiplication of this block that made both halves, and the lower one.
    product: Option<((Value, Value), ir::Value)>,
    facts: Facts,
}

/// The Cranelift type of an IR type.
fn clif(ty: Type) -> ir::Type {
    match ty {
        Type::I8 => types::I8,
        Type::I16 => types::I16,
        Type::I32 => types::I32,
        Type::I64 | Type::Ptr => types::I64,
        Type::F32 => types::F32,
        Type::F64 => types::F64,
    }
}

impl Translator<'_, '_> {
    fn body(&mut self) -> Result<(), String> {
        for slot in &self.f.slots {
            let shift = slot.align.max(1).trailing_zeros() as u8;
            if shift > 4 {
                return Err(format!("frame slot with alignment {}", slot.align));
            }
            let data = StackSlotData::new(StackSlotKind::ExplicitSlot, slot.size, shift);
            let made = self.b.create_sized_stack_slot(data);
            self.slots.push(made);
            self.facts.slots.push((made, slot.size));
        }
        for block in &self.f.blocks {
            let b = self.b.create_block();
            if block.cold {
                self.b.set_cold_block(b);
            }
            self.blocks.push(b);
        }
        let order = self.reverse_postorder()?;
        self.entry()?;
        for &block in &order {
            self.block(block)?;
        }
        Ok(())
    }

    /// Block 0 first; every block after those that dominate it. Blocks that cannot be reached are left out.
    fn reverse_postorder(&self) -> Result<Vec<Block>, String> {
        let count = self.f.blocks.len();
        let mut seen = vec![false; count];
        let mut postorder = Vec::with_capacity(count);
        let roots = self.f.recover_block.into_iter().chain([Block(0)]);
        for root in roots {
            let mut stack = vec![(root, 0)];
            let Some(mark) = seen.get_mut(root.index()) else {
                return Err(format!("no {root}"));
            };
            if std::mem::replace(mark, true) {
                continue;
            }
            while let Some((block, next)) = stack.pop() {
                let terminator = self
                    .f
                    .terminator(block)
                    .ok_or_else(|| format!("{block} has no terminator"))?;
                let Some(&successor) = terminator.successors().get(next) else {
                    postorder.push(block);
                    continue;
                };
                stack.push((block, next + 1));
                match seen.get_mut(successor.index()) {
                    None => {
                        return Err(format!(
                            "{block} jumps to {successor}, which does not exist"
                        ));
                    }
                    Some(mark) => {
                        if !std::mem::replace(mark, true) {
                            stack.push((successor, 0));
                        }
                    }
                }
            }
        }
        postorder.reverse();
        Ok(postorder)
    }

    /// The entry: parameters, and the never taken way to the recovery block.
    fn entry(&mut self) -> Result<(), String> {
        let first = self.blocks[0];
        let loops = self.f.blocks.iter().enumerate().any(|(i, _)| {
            self.f
                .terminator(Block(i as u32))
                .is_some_and(|t| t.successors().contains(&Block(0)))
        });
        if self.f.recover_block.is_none() && !loops {
            self.b.append_block_params_for_function_params(first);
            let params = self.b.block_params(first).to_vec();
            for (&v, p) in self.f.blocks[0].params.iter().zip(params) {
                self.values[v.index()] = Some(p);
            }
            return Ok(());
        }
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        let args: Vec<BlockArg> = self
            .b
            .block_params(entry)
            .iter()
            .map(|&v| BlockArg::Value(v))
            .collect();
        self.block_params(Block(0));
        match self.f.recover_block {
            None => {
                self.b.ins().jump(first, &args);
            }
            Some(recover) => {
                let way = self.b.create_block();
                self.b.set_cold_block(way);
                let fp = self.b.ins().get_frame_pointer(types::I64);
                let never = self.b.ins().icmp_imm_s(IntCC::Equal, fp, 0);
                self.b.ins().brif(never, way, &[], first, &args);
                self.b.switch_to_block(way);
                self.way_to_recovery(self.blocks[recover.index()], fp);
            }
        }
        Ok(())
    }

    fn block_params(&mut self, block: Block) {
        let b = self.blocks[block.index()];
        for &p in &self.f.blocks[block.index()].params {
            self.values[p.index()] = Some(self.b.append_block_param(b, clif(self.f.ty(p))));
        }
    }

    fn block(&mut self, block: Block) -> Result<(), String> {
        if block.0 != 0 {
            self.block_params(block);
        }
        self.b.switch_to_block(self.blocks[block.index()]);
        self.product = None;
        let mut insts = self.f.blocks[block.index()].insts.as_slice();
        while let Some((&inst, rest)) = insts.split_first() {
            let group = self.group(insts);
            if group > 0 {
                self.write_barrier(&insts[..group])?;
                insts = &insts[group..];
                continue;
            }
            self.b
                .set_srcloc(SourceLoc::new(self.f.inst_locs[inst.index()].0));
            let leaf = self.facts.leaf;
            self.inst(inst)?;
            // It has a stack check of its own, and nobody comes back to need more.
            if self.is_end(inst, rest) {
                self.facts.leaf = leaf;
            }
            insts = rest;
        }
        Ok(())
    }

    fn value(&self, v: Value) -> Result<ir::Value, String> {
        self.values
            .get(v.index())
            .copied()
            .flatten()
            .ok_or_else(|| format!("{v} is used where it is not defined"))
    }

    fn values(&self, vs: &[Value]) -> Result<Vec<ir::Value>, String> {
        vs.iter().map(|&v| self.value(v)).collect()
    }

    fn target(&self, call: &BlockCall) -> Result<(ir::Block, Vec<BlockArg>), String> {
        let wanted = self.f.blocks[call.block.index()].params.len();
        if call.args.len() != wanted {
            let got = call.args.len();
            return Err(format!(
                "jump to {} with {got} arguments instead of {wanted}",
                call.block
            ));
        }
        let args = call
            .args
            .iter()
            .map(|&v| Ok(BlockArg::Value(self.value(v)?)));
        Ok((
            self.blocks[call.block.index()],
            args.collect::<Result<_, String>>()?,
        ))
    }

    /// Translate one instruction.
    fn inst(&mut self, inst: Inst) -> Result<(), String> {
        let data = &self.f.insts[inst.index()];
        let result = match data {
            InstData::Iconst { ty, imm } => Some(self.iconst(*ty, *imm)),
            InstData::Fconst {
                ty: Type::F32,
                bits,
            } => Some(
                self.b
                    .ins()
                    .f32const(ir::immediates::Ieee32::with_bits(*bits as u32)),
            ),
            InstData::Fconst { bits, .. } => Some(
                self.b
                    .ins()
                    .f64const(ir::immediates::Ieee64::with_bits(*bits)),
            ),
            InstData::Binary { op, a, b } => Some(self.binary(*op, *a, *b)?),
            InstData::Unary { op, a } => Some(self.unary(*op, *a)?),
            // Done by the load of the operand.
            InstData::Convert { .. }
                if self.values[self.f.results[inst.index()][0].index()].is_some() =>
            {
                return Ok(());
            }
            InstData::Convert { op, ty, a } => Some(self.convert(*op, *ty, *a)?),
            InstData::Icmp { cc, a, b } => {
                let (a, b) = (self.value(*a)?, self.value(*b)?);
                Some(self.b.ins().icmp(arith::int_cc(*cc), a, b))
            }
            InstData::Fcmp { cc, a, b } => {
                let (a, b) = (self.value(*a)?, self.value(*b)?);
                Some(self.b.ins().fcmp(arith::float_cc(*cc), a, b))
            }
            InstData::Select { cond, a, b } => {
                let (cond, a, b) = (self.value(*cond)?, self.value(*a)?, self.value(*b)?);
                Some(self.b.ins().select(cond, a, b))
            }
            InstData::FramePointer => Some(self.b.ins().get_frame_pointer(types::I64)),
            InstData::CurrentG => Some(self.b.ins().get_pinned_reg(types::I64)),
            InstData::Load { .. } if self.extended[inst.index()].is_some() => {
                self.extending_load(inst)?;
                None
            }
            InstData::Load { .. }
            | InstData::Store { .. }
            | InstData::SlotAddr { .. }
            | InstData::SymAddr { .. }
            | InstData::Copy { .. }
            | InstData::Clear { .. }
            | InstData::NilCheck { .. }
            | InstData::AtomicLoad { .. }
            | InstData::AtomicStore { .. }
            | InstData::AtomicRmw { .. }
            | InstData::AtomicCas { .. } => self.memory(data)?,
            InstData::DecodeRune { text, len, at } => Some(self.decode_rune([*text, *len, *at])?),
            InstData::Alloc { typ, .. } => {
                let typ = self.symbol(*typ, 0);
                Some(self.call_runtime("runtime.newobject", true, &[typ], &[Type::Ptr])[0])
            }
            InstData::Call { callee, args } => return self.call(inst, callee, args),
            InstData::BoundsCheck { .. } | InstData::ZeroCheck { .. } => {
                self.check(data)?;
                None
            }
            InstData::Jump(_)
            | InstData::Branch { .. }
            | InstData::Switch { .. }
            | InstData::Return(_)
            | InstData::TailCall { .. }
            | InstData::Unreachable => {
                self.terminator(data)?;
                None
            }
        };
        match (self.f.results[inst.index()].as_slice(), result) {
            ([], _) => {}
            ([_], None) if self.extended[inst.index()].is_some() => {}
            ([v], Some(r)) => self.values[v.index()] = Some(r),
            _ => return Err(format!("{inst} has the wrong number of results")),
        }
        if self.pinned[inst.index()] {
            self.b.ins().sequence_point();
        }
        Ok(())
    }

    fn iconst(&mut self, ty: Type, imm: i64) -> ir::Value {
        let mask = u64::MAX >> (64 - ty.bits());
        self.b.ins().iconst(clif(ty), (imm as u64 & mask) as i64)
    }

    fn terminator(&mut self, data: &InstData) -> Result<(), String> {
        match data {
            InstData::Jump(call) => {
                let (block, args) = self.target(call)?;
                self.b.ins().jump(block, &args);
            }
            InstData::Branch { cond, then, els } => {
                let cond = self.value(*cond)?;
                let (then, then_args) = self.target(then)?;
                let (els, els_args) = self.target(els)?;
                self.b.ins().brif(cond, then, &then_args, els, &els_args);
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => self.switch(*val, cases, default)?,
            InstData::Return(vals) => {
                let vals = self.values(vals)?;
                self.b.ins().return_(&vals);
            }
            InstData::TailCall { callee, args } => self.tail_call(callee, args)?,
            _ => {
                self.b.ins().trap(UNREACHABLE);
            }
        }
        Ok(())
    }

    fn switch(
        &mut self,
        val: Value,
        cases: &[(i64, BlockCall)],
        default: &BlockCall,
    ) -> Result<(), String> {
        let mask = u128::from(u64::MAX >> (64 - self.f.ty(val).bits()));
        let val = self.value(val)?;
        let mut switch = Switch::new();
        let mut sides = Vec::new();
        let mut side = |t: &mut Self, call| -> Result<ir::Block, String> {
            let (block, args) = t.target(call)?;
            if args.is_empty() {
                return Ok(block);
            }
            let b = t.b.create_block();
            sides.push((b, block, args));
            Ok(b)
        };
        let otherwise = side(self, default)?;
        for (key, call) in cases {
            let key = u128::from(*key as u64) & mask;
            if switch.entries().contains_key(&key) {
                return Err(format!("switch has case {key} twice"));
            }
            let block = side(self, call)?;
            switch.set_entry(key, block);
        }
        switch.emit(&mut self.b, val, otherwise);
        for (b, block, args) in sides {
            self.b.switch_to_block(b);
            self.b.ins().jump(block, &args);
        }
        Ok(())
    }

    /// The address of a symbol.
    fn symbol(&mut self, sym: Sym, off: i64) -> ir::Value {
        let global = match self.symbols.get(&(sym, off)) {
            Some(&g) => g,
            None => {
                let name = UserExternalName::new(MODULE_SYMBOLS, sym.0);
                let name = self.b.func.declare_imported_user_function(name);
                let g = self.b.create_global_value(ir::GlobalValueData::Symbol {
                    name: ir::ExternalName::User(name),
                    offset: off.into(),
                    colocated: true,
                    tls: false,
                });
                self.symbols.insert((sym, off), g);
                g
            }
        };
        self.b.ins().symbol_value(types::I64, global)
    }
}
