//! Puts the body of a function in the place of a call.

use crate::entity::{Block, Inst, Loc, Slot, Value};
use crate::func::{Func, InlineData, LocData, ValueDef};
use crate::inst::{BlockCall, InstData};

/// Replace the call at `at` in `block` by the body of its callee. Returns the block with what follows the call.
pub fn splice(func: &mut Func, body: &Func, block: Block, at: usize) -> Block {
    let after = func.blocks[block.index()].insts.split_off(at + 1);
    let call = func.blocks[block.index()].insts.pop().unwrap_or(Inst(0));
    let data = std::mem::replace(&mut func.insts[call.index()], InstData::Unreachable);
    let InstData::Call { args, .. } = data else {
        unreachable!("{data:?} is no call");
    };
    let cold = func.blocks[block.index()].cold;
    let rest = func.add_block();
    func.blocks[rest.index()].insts = after;
    func.blocks[rest.index()].cold = cold;
    for old in func.results[call.index()].clone() {
        let new = func.add_param(rest, func.ty(old));
        func.values[old.index()].def = ValueDef::Alias(new);
    }
    let locs = locations(func, body, func.inst_locs[call.index()]);
    let mut copy = Copy {
        slots: func.slots.len() as u32,
        blocks: Vec::with_capacity(body.blocks.len()),
        values: vec![Value(u32::MAX); body.values.len()],
        made: Vec::with_capacity(body.insts.len()),
        func,
        body,
    };
    copy.func.slots.extend_from_slice(&body.slots);
    copy.blocks_and_values(block, &args, cold);
    copy.instructions(&locs);
    copy.uses(rest);
    rest
}

/// The locations of a body as parts of the call at `call`: one of `func` for each of the body's.
fn locations(func: &mut Func, body: &Func, call: Loc) -> Vec<Loc> {
    let call = func.locs.get(call.index()).copied().unwrap_or(func.loc);
    let first = func.inlines.len() as u32 + 1;
    func.inlines.push(InlineData {
        name: body.shown_name.unwrap_or(body.name),
        start_line: body.loc.line,
        wrapper: body.flags.wrapper,
        call,
    });
    let inside = |loc: LocData| LocData {
        inline: first + loc.inline,
        ..loc
    };
    for inner in &body.inlines {
        func.inlines.push(InlineData {
            call: inside(inner.call),
            ..inner.clone()
        });
    }
    let base = func.locs.len() as u32;
    for &loc in &body.locs {
        // Code without a line belongs to the line of the function.
        let loc = match loc.line {
            0 => LocData {
                inline: loc.inline,
                ..body.loc
            },
            _ => loc,
        };
        func.locs.push(inside(loc));
    }
    (0..body.locs.len() as u32).map(|n| Loc(base + n)).collect()
}

struct Copy<'a> {
    func: &'a mut Func,
    body: &'a Func,
    /// Number of the first slot.
    slots: u32,
    /// Block for each of the body's.
    blocks: Vec<Block>,
    /// Value for each of the body's.
    values: Vec<Value>,
    /// The instructions made.
    made: Vec<Inst>,
}

impl Copy<'_> {
    fn blocks_and_values(&mut self, entry: Block, args: &[Value], cold: bool) {
        let loops = (0..self.body.blocks.len()).any(|b| {
            let terminator = self.body.terminator(Block(b as u32));
            terminator.is_some_and(|t| t.successors().contains(&Block(0)))
        });
        for (b, block) in self.body.blocks.iter().enumerate() {
            if b == 0 && !loops {
                self.blocks.push(entry);
                for (&param, &arg) in block.params.iter().zip(args) {
                    self.values[param.index()] = arg;
                }
                continue;
            }
            let new = self.func.add_block();
            self.func.blocks[new.index()].cold = cold || block.cold;
            self.blocks.push(new);
            for &param in &block.params {
                self.values[param.index()] = self.func.add_param(new, self.body.ty(param));
            }
        }
        if loops {
            let jump = InstData::Jump(BlockCall {
                block: self.blocks[0],
                args: args.into(),
            });
            let loc = Loc(self.func.locs.len() as u32 - 1);
            self.func.append(entry, jump, &[], loc);
        }
    }

    /// Copy the instructions as they are.
    fn instructions(&mut self, locs: &[Loc]) {
        for (b, block) in self.body.blocks.iter().enumerate() {
            for &inst in &block.insts {
                let old = &self.body.results[inst.index()];
                let types: Vec<_> = old.iter().map(|&v| self.body.ty(v)).collect();
                let data = self.body.insts[inst.index()].clone();
                let loc = self.body.inst_locs[inst.index()];
                let loc = locs.get(loc.index()).copied().unwrap_or(loc);
                let new = self.func.append(self.blocks[b], data, &types, loc);
                for (&old, &new) in old.iter().zip(&self.func.results[new.index()]) {
                    self.values[old.index()] = new;
                }
                self.made.push(new);
            }
        }
    }

    /// Make them use the copies of what they used. Returns become jumps.
    fn uses(&mut self, rest: Block) {
        for &inst in &self.made {
            let mut data =
                std::mem::replace(&mut self.func.insts[inst.index()], InstData::Unreachable);
            data.for_each_use_mut(|v| *v = self.values[v.index()]);
            for call in data.block_calls_mut() {
                call.block = self.blocks[call.block.index()];
            }
            let jump = |args| InstData::Jump(BlockCall { block: rest, args });
            let data = match data {
                InstData::SlotAddr { slot, off } => InstData::SlotAddr {
                    slot: Slot(slot.0 + self.slots),
                    off,
                },
                InstData::Return(vals) => jump(vals),
                data => data,
            };
            self.func.insts[inst.index()] = data;
        }
    }
}
