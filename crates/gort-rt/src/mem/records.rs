//! Records of spans, in three sizes by the number of objects that their maps have room for. A record that is free waits
//! for another span of its size; the address stays a record's, so that whoever finds one in the table of pages may look at
//! it. What is behind blocks of free ones goes back to the system after a cycle: those read as spans that are not in use.

use super::span::{HEADER, LINK, Span};
use crate::gmp::offheap;
use crate::gmp::slots::{BLOCK, Slots};
use crate::lock::SpinLock;
use crate::os;
use crate::rank;

/// Objects that a record of each size has room for.
const ROOM: [usize; 3] = [128, 512, 1024];

const fn slots(room: usize) -> Slots {
    Slots::new(HEADER + 2 * room / 8, LINK)
}

struct Records {
    lock: SpinLock<{ rank::RECORDS }>,
    slots: [Slots; ROOM.len()],
}
// SAFETY: the slots are only touched with the lock held.
unsafe impl Sync for Records {}
static RECORDS: Records = Records {
    lock: SpinLock::new(),
    slots: [slots(ROOM[0]), slots(ROOM[1]), slots(ROOM[2])],
};

/// A record for a span of `n` objects.
pub fn take(n: usize) -> &'static Span {
    let class = ROOM
        .iter()
        .position(|&room| n <= room)
        .unwrap_or(ROOM.len() - 1);
    let slots = &RECORDS.slots[class];
    loop {
        if let Some(at) = RECORDS.lock.with(|| slots.take()) {
            // SAFETY: a record, or zeros, which are one of a span that is not in use.
            let s = unsafe { &*(at as *const Span) };
            s.record.set(class as u8);
            return s;
        }
        let block = offheap::aligned(BLOCK);
        // SAFETY: fresh memory.
        RECORDS.lock.with(|| unsafe { slots.add(block) });
    }
}

/// Bytes of all records, and of those in use.
pub fn bytes() -> (usize, usize) {
    RECORDS.lock.with(|| {
        let all = RECORDS.slots.iter().map(Slots::bytes);
        all.fold((0, 0), |(a, b), (all, used)| (a + all, b + used))
    })
}

/// Takes back the record of a span that is no longer in use.
pub fn give(s: &Span) {
    let slots = &RECORDS.slots[s.record.get() as usize];
    // SAFETY: it is from there; others may look at it still, but use it no more.
    RECORDS
        .lock
        .with(|| unsafe { slots.give(core::ptr::from_ref(s) as usize) });
}

/// After a cycle: memory of records that nobody needs goes back to the system.
pub fn release() {
    for slots in &RECORDS.slots {
        while let Some(b) = RECORDS.lock.with(|| slots.idle()) {
            let (at, bytes) = b.memory();
            os::sys_unused(at, bytes);
            RECORDS.lock.with(|| slots.restore(b));
        }
    }
}
