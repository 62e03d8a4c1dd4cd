//! Deferred calls whose records lie in the frame, and which the function makes itself when it returns.
//!
//! Where each `defer` statement of a function runs at most once, its record has a place in the frame of its own.
//! The record is linked to the G as `deferproc` would, so that panics and Goexit find it. At a return the function
//! looks at its records from last to first: one that is the newest of the G has not run; it is unlinked and its
//! call made. Other functions call `deferproc`, which allocates, and `deferreturn`.
//!
//! The G gets the record's address as an integer: for escape analysis the frame keeps its records to itself.

use crate::func::FuncLower;
use gort_abi::layouts::DEFER;
use gort_abi::{G_DEFER, G_DEFERSEQ};
use gort_ir::{Callee, ConvertOp, InstData, IntCc, Slot, Type, Value};

/// What a deferred closure runs.
#[derive(Clone, Debug)]
pub enum Code {
    /// The function of this symbol, given the closure.
    Closure(String),
    /// The function of this symbol, which takes no closure.
    Plain(String),
    /// Whatever the closure's first word says.
    Unknown,
}

/// A `defer` statement whose record is in the frame.
#[derive(Clone)]
struct Record {
    slot: Slot,
    code: Code,
}

/// The records of a function.
#[derive(Default)]
pub struct OpenDefers {
    /// Whether the next `defer` statement may keep its record in the frame.
    pub allowed: bool,
    /// Whether some record may not be in the frame.
    closed: bool,
    records: Vec<Record>,
    /// Calls made at returns so far: each return has its own copies.
    calls: usize,
}

/// Records in one frame.
const MAX_RECORDS: usize = 8;
/// Copies of calls; further returns call `deferreturn`.
const MAX_CALLS: usize = 15;

/// Offsets in `runtime._defer`.
const LINK: i32 = DEFER.offset("link") as i32;
const FN: i32 = DEFER.offset("fn") as i32;
const FP: i32 = DEFER.offset("fp") as i32;
const SEQ: i32 = DEFER.offset("seq") as i32;
const FRAME: i32 = DEFER.offset("frame") as i32;
const SIZE: u32 = DEFER.size() as u32;

impl FuncLower<'_, '_> {
    /// Defer the call of a closure.
    pub fn defer_closure(&mut self, closure: Value, code: Code) {
        let open = &mut self.open_defers;
        if !open.allowed || open.closed || open.records.len() == MAX_RECORDS {
            open.closed = true;
            let fp = self.frame_pointer();
            self.rt("deferproc", &[closure, fp]);
            return;
        }
        let slot = self.b.func.add_slot(SIZE, 8);
        let record = self.b.slot_addr(slot, 0);
        let g = self.current_g();
        let link = self.b.load(Type::I64, g, G_DEFER as i32);
        self.b.store(link, record, LINK, false);
        self.b.store(closure, record, FN, false);
        let fp = self.frame_pointer();
        self.b.store(fp, record, FP, false);
        let seq = self.b.load(Type::I64, g, G_DEFERSEQ as i32);
        let seq = self.b.add_imm(seq, 1);
        self.b.store(seq, g, G_DEFERSEQ as i32, false);
        self.b.store(seq, record, SEQ, false);
        let yes = self.b.iconst(Type::I8, 1);
        self.b.store(yes, record, FRAME, false);
        let number = self.b.convert(ConvertOp::Bitcast, Type::I64, record);
        self.b.store(number, g, G_DEFER as i32, false);
        self.open_defers.records.push(Record { slot, code });
    }

    /// A `defer` statement that no record in the frame can serve stands here: from now on returns
    /// call `deferreturn`.
    pub fn close_defers(&mut self) {
        self.open_defers.closed = true;
    }

    /// Run this function's deferred calls, at a return or in the recovery block.
    pub fn run_defers(&mut self) {
        let open = &mut self.open_defers;
        let many = open.calls + open.records.len() > MAX_CALLS && open.calls > 0;
        if !open.allowed || open.closed || many {
            let fp = self.frame_pointer();
            self.rt("deferreturn", &[fp]);
            return;
        }
        open.calls += open.records.len();
        for record in open.records.clone().into_iter().rev() {
            self.run_record(&record);
        }
    }

    fn run_record(&mut self, record: &Record) {
        let g = self.current_g();
        let addr = self.b.slot_addr(record.slot, 0);
        let number = self.b.convert(ConvertOp::Bitcast, Type::I64, addr);
        let newest = self.b.load(Type::I64, g, G_DEFER as i32);
        let waits = self.b.icmp(IntCc::Eq, newest, number);
        let (run, next) = (self.b.block(), self.b.block());
        self.b.branch(waits, run, next);
        self.enter(run);
        let link = self.b.load(Type::I64, addr, LINK);
        self.b.store(link, g, G_DEFER as i32, false);
        let closure = self.b.load(Type::Ptr, addr, FN);
        match &record.code {
            Code::Closure(symbol) => {
                let sym = self.sym(symbol);
                self.b.call(Callee::Direct(sym), &[closure], &[]);
            }
            Code::Plain(symbol) => {
                let sym = self.sym(symbol);
                self.b.call(Callee::Direct(sym), &[], &[]);
            }
            Code::Unknown => {
                let code = self.b.load(Type::Ptr, closure, 0);
                self.b.call(Callee::Indirect(code), &[closure], &[]);
            }
        }
        self.b.jump(next, &[]);
        self.enter(next);
    }

    /// The G that runs this code.
    pub fn current_g(&mut self) -> Value {
        let inst = self.b.emit(InstData::CurrentG, &[Type::Ptr]);
        self.b.func.results[inst.index()][0]
    }
}
