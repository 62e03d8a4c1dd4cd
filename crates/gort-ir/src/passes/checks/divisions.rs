//! Signed divisions that need not be: of a number that is not negative, and where only counts whether something is left.
//!
//! Rounding towards zero costs a division by a power of two three instructions more than a shift.

use super::facts::Facts;
use crate::entity::Block;
use crate::func::Func;
use crate::inst::{BinaryOp, InstData, IntCc};
use crate::types::Type;

/// Whether an instruction divides signed numbers.
pub fn is_signed(data: &InstData) -> bool {
    matches!(
        data,
        InstData::Binary {
            op: BinaryOp::Sdiv | BinaryOp::Srem,
            ..
        }
    )
}

/// Whether it does, and neither is negative.
pub fn is_unsigned(data: &InstData, facts: &Facts<'_>) -> bool {
    let InstData::Binary { a, b, .. } = *data else {
        return false;
    };
    is_signed(data) && facts.range(a).lo >= 0 && facts.range(b).lo > 0
}

/// Make signed divisions cheaper; `unsigned` says of which the numbers are not negative.
pub fn rewrite(func: &mut Func, unsigned: &[bool]) {
    if !func.insts.iter().any(is_signed) {
        return;
    }
    let only_compared = only_compared(func);
    for block in 0..func.blocks.len() {
        let mut at = 0;
        while let Some(&inst) = func.blocks[block].insts.get(at) {
            let unsigned = unsigned.get(inst.index()) == Some(&true);
            at += 1;
            let InstData::Binary { op, a, b } = func.insts[inst.index()] else {
                continue;
            };
            let power = func.constant(func.resolve(b));
            let power = power.filter(|n| *n > 0 && n.count_ones() == 1);
            let multiple = only_compared[func.results[inst.index()][0].index()];
            let (op, constant) = match (op, power) {
                (BinaryOp::Srem, Some(n)) if unsigned || multiple => {
                    (BinaryOp::And, Some((func.ty(a), n - 1)))
                }
                (BinaryOp::Sdiv, Some(n)) if unsigned => {
                    let bits = i64::from(n.trailing_zeros());
                    (BinaryOp::Lshr, Some((Type::I64, bits)))
                }
                (BinaryOp::Sdiv, None) if unsigned => (BinaryOp::Udiv, None),
                (BinaryOp::Srem, None) if unsigned => (BinaryOp::Urem, None),
                _ => continue,
            };
            let mut by = b;
            if let Some((ty, imm)) = constant {
                let constant = (InstData::Iconst { ty, imm }, ty);
                by = func.insert_constant(Block(block as u32), at - 1, constant, Some(inst));
                at += 1;
            }
            func.insts[inst.index()] = InstData::Binary { op, a, b: by };
        }
    }
}

/// Values that are only compared with zero, whether they are that.
fn only_compared(func: &Func) -> Vec<bool> {
    let mut only = vec![true; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let data = &func.insts[inst.index()];
        if let InstData::Icmp {
            cc: IntCc::Eq | IntCc::Ne,
            b,
            ..
        } = *data
            && func.constant(func.resolve(b)) == Some(0)
        {
            continue;
        }
        data.for_each_use(|v| only[func.resolve(v).index()] = false);
    }
    only
}
