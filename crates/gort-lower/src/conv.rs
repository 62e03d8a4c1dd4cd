//! The calling convention: how parameters and results of a signature travel.

use crate::program::Cx;
use gort_ir::Type;
use gort_types::{Ty, TyKind};

/// How results travel.
#[derive(Clone, Debug)]
pub enum ResultConv {
    /// In registers: all scalars in order.
    Registers(Vec<Type>),
    /// In an area that the caller provides: offset of each result, size and alignment of all.
    Memory {
        offsets: Vec<u32>,
        size: u32,
        align: u32,
    },
}

/// How a signature is called.
#[derive(Clone, Debug)]
pub struct Conv {
    /// Parameter types, variadic one as slice.
    pub params: Vec<Ty>,
    /// Result types.
    pub results: Vec<Ty>,
    /// How results travel.
    pub result_conv: ResultConv,
}

impl Conv {
    /// Result types in registers.
    pub fn register_results(&self) -> Vec<Type> {
        match &self.result_conv {
            ResultConv::Registers(types) => types.clone(),
            ResultConv::Memory { .. } => Vec::new(),
        }
    }
}

/// Integer and float results that fit in registers.
const MAX_RESULTS: usize = 8;

impl Cx<'_> {
    /// How a signature is called.
    pub fn conv(&mut self, sig: Ty) -> Conv {
        let store = self.store;
        let TyKind::Signature(s) = store.kind(store.under(sig)) else {
            panic!(
                "not a signature: {}",
                store.type_string(sig, gort_types::Form::Link)
            );
        };
        let params = s.params.iter().map(|p| p.ty).collect();
        let results: Vec<Ty> = s.results.iter().map(|p| p.ty).collect();
        let result_conv = self.result_conv(&results);
        Conv {
            params,
            results,
            result_conv,
        }
    }

    /// How results of the given types travel.
    pub fn result_conv(&mut self, results: &[Ty]) -> ResultConv {
        let reprs: Vec<_> = results.iter().map(|&r| self.repr(r)).collect();
        let scalars: Vec<Type> = reprs.iter().flat_map(|r| r.types()).collect();
        let floats = scalars.iter().filter(|t| t.is_float()).count();
        let registers = reprs.iter().all(|r| !r.in_memory())
            && floats <= MAX_RESULTS
            && scalars.len() - floats <= MAX_RESULTS;
        if registers {
            return ResultConv::Registers(scalars);
        }
        let (mut off, mut align, mut offsets) = (0u64, 1, Vec::new());
        for r in &reprs {
            off = off.next_multiple_of(r.align as u64);
            offsets.push(off as u32);
            off += r.size;
            align = align.max(r.align);
        }
        ResultConv::Memory {
            offsets,
            size: off as u32,
            align,
        }
    }
}
