//! Which bubble an object belongs to (`sync.WaitGroup`): a hash table from address to the number of the bubble,
//! linear probing, doubled at half load. An object that is freed must leave it.

#[cfg(not(any(test, loom)))]
pub use shared::{forget, of};

/// How an object stands to a bubble; the numbers are those of package internal/synctest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Association {
    /// It belongs to none.
    None = 0,
    /// It belongs to this one.
    Same = 1,
    /// It belongs to another one.
    Other = 2,
}

/// An entry; address 0 is a free slot.
#[derive(Clone, Copy, Default)]
pub struct Entry {
    addr: usize,
    bubble: u32,
}

/// The table, over memory of the caller's: a power of two of entries, at least one free.
pub struct Table<'a> {
    entries: &'a mut [Entry],
}

impl<'a> Table<'a> {
    /// A table in `entries`, which hold one already or are all free.
    pub fn new(entries: &'a mut [Entry]) -> Table<'a> {
        debug_assert!(entries.len().is_power_of_two());
        Table { entries }
    }

    fn home(&self, addr: usize) -> usize {
        // Fibonacci hashing; objects are at least 8 bytes apart.
        ((addr >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) & (self.entries.len() - 1)
    }

    /// The slot of `addr`, or the free one where it would be.
    fn slot(&self, addr: usize) -> usize {
        let mut i = self.home(addr);
        while self.entries[i].addr != 0 && self.entries[i].addr != addr {
            i = (i + 1) & (self.entries.len() - 1);
        }
        i
    }

    /// The bubble of `addr`.
    pub fn get(&self, addr: usize) -> Option<u32> {
        let e = self.entries[self.slot(addr)];
        (e.addr != 0).then_some(e.bubble)
    }

    /// Adds `addr`, which is not in the table.
    pub fn insert(&mut self, addr: usize, bubble: u32) {
        let i = self.slot(addr);
        self.entries[i] = Entry { addr, bubble };
    }

    /// Removes `addr`; whether it was in the table. Later entries of its run move up.
    pub fn remove(&mut self, addr: usize) -> bool {
        let mask = self.entries.len() - 1;
        let mut hole = self.slot(addr);
        if self.entries[hole].addr == 0 {
            return false;
        }
        let mut i = hole;
        loop {
            i = (i + 1) & mask;
            let e = self.entries[i];
            if e.addr == 0 {
                break;
            }
            // It may fill the hole if its home does not lie between hole and i.
            let from_home = i.wrapping_sub(self.home(e.addr)) & mask;
            if from_home >= (i.wrapping_sub(hole) & mask) {
                self.entries[hole] = e;
                hole = i;
            }
        }
        self.entries[hole] = Entry::default();
        true
    }

    /// Copies all entries to an empty table.
    pub fn copy_to(&self, other: &mut Table<'_>) {
        for e in self.entries.iter().filter(|e| e.addr != 0) {
            other.insert(e.addr, e.bubble);
        }
    }
}

/// The one table of the process.
#[cfg(not(any(test, loom)))]
mod shared {
    use super::{Association, Entry, Table};
    use crate::gmp::offheap;
    use crate::lock::SpinLock;
    use crate::rank;
    use core::cell::Cell;
    use core::ptr::null_mut;

    struct Shared {
        lock: SpinLock<{ rank::ASSOCIATE }>,
        entries: Cell<*mut Entry>,
        cap: Cell<usize>,
        len: Cell<usize>,
    }
    // SAFETY: cells are only touched with the lock held.
    unsafe impl Sync for Shared {}
    static SHARED: Shared = Shared {
        lock: SpinLock::new(),
        entries: Cell::new(null_mut()),
        cap: Cell::new(0),
        len: Cell::new(0),
    };

    impl Shared {
        /// The table; the lock is held.
        fn table(&self) -> Option<Table<'static>> {
            if self.cap.get() == 0 {
                return None;
            }
            // SAFETY: `cap` entries of ours; the lock makes this the only view.
            Some(Table::new(unsafe {
                core::slice::from_raw_parts_mut(self.entries.get(), self.cap.get())
            }))
        }

        fn grow(&self) {
            let old = self.table();
            let cap = (self.cap.get() * 2).max(64);
            self.entries
                .set(offheap::persistent(cap * size_of::<Entry>()).cast());
            self.cap.set(cap);
            if let (Some(old), Some(mut new)) = (old, self.table()) {
                old.copy_to(&mut new);
            }
        }
    }

    /// How the object at `addr` stands to `bubble`. With `add` one that belongs to none joins it, unless it is
    /// a package variable: those belong to no bubble ever.
    pub fn of(addr: usize, bubble: u32, add: bool) -> Association {
        // Executables are linked below 2 GiB, the heap lies far above.
        if addr < 1 << 31 {
            return Association::None;
        }
        SHARED.lock.with(|| {
            match SHARED.table().and_then(|t| t.get(addr)) {
                Some(b) if b == bubble => return Association::Same,
                Some(_) => return Association::Other,
                None if !add => return Association::None,
                None => {}
            }
            if SHARED.len.get() * 2 >= SHARED.cap.get() {
                SHARED.grow();
            }
            if let Some(mut t) = SHARED.table() {
                t.insert(addr, bubble);
                SHARED.len.set(SHARED.len.get() + 1);
            }
            Association::Same
        })
    }

    /// The object at `addr` belongs to no bubble any more.
    pub fn forget(addr: usize) {
        SHARED.lock.with(|| {
            if SHARED.table().is_some_and(|mut t| t.remove(addr)) {
                SHARED.len.set(SHARED.len.get() - 1);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Table};

    #[test]
    fn what_is_removed_is_gone_and_the_rest_stays() {
        let mut memory = [Entry::default(); 64];
        let mut t = Table::new(&mut memory);
        let addr = |i: usize| 0x7f00_0000_0000 + i * 16;
        for round in 0..50 {
            for i in 0..32 {
                t.insert(addr(round + i), i as u32);
            }
            for i in 0..32 {
                assert_eq!(t.get(addr(round + i)), Some(i as u32));
            }
            for i in (0..32).step_by(2) {
                assert!(t.remove(addr(round + i)));
                assert!(!t.remove(addr(round + i)));
            }
            for i in 0..32 {
                assert_eq!(t.get(addr(round + i)), (i % 2 == 1).then_some(i as u32));
            }
            for i in (1..32).step_by(2) {
                assert!(t.remove(addr(round + i)));
            }
        }
        assert!(memory.iter().all(|e| e.addr == 0));
    }

    #[test]
    fn a_copy_has_the_same_entries() {
        let (mut small, mut large) = ([Entry::default(); 8], [Entry::default(); 16]);
        let (mut from, mut to) = (Table::new(&mut small), Table::new(&mut large));
        for i in 1..5 {
            from.insert(i * 8, i as u32);
        }
        from.copy_to(&mut to);
        assert!((1..5).all(|i| to.get(i * 8) == Some(i as u32)));
        assert_eq!(to.get(48), None);
    }
}
