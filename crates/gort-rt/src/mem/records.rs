//! Records of spans, in three sizes by the number of objects that their maps have room for. A record that is free waits
//! for another span of its size; the memory stays records, so that whoever finds one in the table of pages
//! may look at it.

use super::span::{HEADER, Span};
use crate::gmp::list::Stack;
use crate::gmp::offheap;
use crate::lock::SpinLock;
use crate::rank;
use core::cell::Cell;

/// Objects that a record of each size has room for.
const ROOM: [usize; 3] = [128, 512, 1024];

const fn size(room: usize) -> usize {
    HEADER + 2 * room / 8
}

struct Records {
    made: [Cell<usize>; ROOM.len()],
    lock: SpinLock<{ rank::RECORDS }>,
    free: [Stack<Span>; ROOM.len()],
}
// SAFETY: the lists are only touched with the lock held.
unsafe impl Sync for Records {}
static RECORDS: Records = Records {
    lock: SpinLock::new(),
    free: [const { Stack::new() }; ROOM.len()],
    made: [const { Cell::new(0) }; ROOM.len()],
};

/// A record for a span of `n` objects.
pub fn take(n: usize) -> &'static Span {
    let class = ROOM
        .iter()
        .position(|&room| n <= room)
        .unwrap_or(ROOM.len() - 1);
    if let Some(s) = RECORDS.lock.with(|| RECORDS.free[class].pop()) {
        return s;
    }
    // SAFETY: zeroed memory is a record of a span that is not in use.
    let s = unsafe { &*(offheap::persistent(size(ROOM[class])) as *const Span) };
    s.record.set(class as u8);
    RECORDS.lock.with(|| {
        let made = &RECORDS.made[class];
        made.set(made.get() + 1);
    });
    s
}

/// Bytes of all records, and of those in use.
pub fn bytes() -> (usize, usize) {
    RECORDS.lock.with(|| {
        let (mut all, mut free) = (0, 0);
        for (i, &room) in ROOM.iter().enumerate() {
            all += RECORDS.made[i].get() * size(room);
            free += RECORDS.free[i].len() as usize * size(room);
        }
        (all, all - free)
    })
}

/// Takes back the record of a span that is no longer in use.
pub fn give(s: &Span) {
    RECORDS
        .lock
        .with(|| RECORDS.free[s.record.get() as usize].push(s));
}
