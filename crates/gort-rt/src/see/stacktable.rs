//! What profiles count by stack: buckets in chains by hash. A bucket is never freed, since a profile shows what has been since the
//! program began; there are as many as the program has ways to come to a place.

use crate::gmp::offheap;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;
use core::marker::PhantomData;

/// Return addresses of a stack at most, as official Go's profstackdepth.
pub const DEPTH: usize = 128;
const CHAINS: usize = 4096;

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Bytes of all tables.
pub fn bytes() -> usize {
    BYTES.load(Ordering::Relaxed)
}

fn take(bytes: usize) -> usize {
    BYTES.fetch_add(bytes, Ordering::Relaxed);
    offheap::persistent(bytes) as usize
}

/// What is counted of one stack and key. `pcs` return addresses follow.
#[repr(C)]
pub struct Bucket<T> {
    chain: usize,
    next: usize,
    /// What tells buckets of the same stack apart.
    pub key: usize,
    pcs: usize,
    /// The counts, which begin as zeroed memory.
    pub counts: T,
}

impl<T> Bucket<T> {
    /// The bucket of an address.
    ///
    /// # Safety
    /// 0, or the address of a bucket of this kind.
    pub unsafe fn at(addr: usize) -> Option<&'static Bucket<T>> {
        // SAFETY: the caller's. They are never freed.
        unsafe { (addr as *const Bucket<T>).as_ref() }
    }

    /// The return addresses, the innermost first.
    pub fn stack(&self) -> &[usize] {
        // SAFETY: they lie behind the bucket.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).add(1).cast(), self.pcs) }
    }
}

/// A table. The counts of a bucket may be changed by anybody at any time, so they are atomic.
pub struct StackTable<T: Sync + 'static> {
    lock: SpinLock<{ rank::PROFILE }>,
    /// Heads of the chains of buckets of one hash, made with the first bucket.
    chains: Cell<usize>,
    /// All buckets, the newest first.
    all: Cell<usize>,
    counts: PhantomData<T>,
}
// SAFETY: cells are only touched with the lock held.
unsafe impl<T: Sync> Sync for StackTable<T> {}

impl<T: Sync> StackTable<T> {
    /// An empty table.
    pub const fn new() -> StackTable<T> {
        StackTable {
            lock: SpinLock::new(),
            chains: Cell::new(0),
            all: Cell::new(0),
            counts: PhantomData,
        }
    }

    /// The bucket of a stack and key.
    pub fn bucket(&self, pcs: &[usize], key: usize) -> &'static Bucket<T> {
        self.lock.with(|| self.find(pcs, key))
    }

    fn find(&self, pcs: &[usize], key: usize) -> &'static Bucket<T> {
        if self.chains.get() == 0 {
            self.chains.set(take(CHAINS * 8));
        }
        let hash = pcs.iter().fold(key, |h, &pc| {
            (h ^ pc).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        });
        // SAFETY: the array of chains, which the lock guards.
        let chain = unsafe { &*(self.chains.get() as *const Cell<usize>).add(hash % CHAINS) };
        let mut at = chain.get();
        // SAFETY: chains hold buckets.
        while let Some(b) = unsafe { Bucket::<T>::at(at) } {
            if b.key == key && b.stack() == pcs {
                return b;
            }
            at = b.chain;
        }
        let new = take(size_of::<Bucket<T>>() + size_of_val(pcs)) as *mut Bucket<T>;
        // SAFETY: zeroed memory for a bucket and its addresses, ours alone so far.
        unsafe {
            (*new).chain = chain.get();
            (*new).next = self.all.get();
            (*new).key = key;
            (*new).pcs = pcs.len();
            core::ptr::copy_nonoverlapping(pcs.as_ptr(), new.add(1).cast(), pcs.len());
            chain.set(new as usize);
            self.all.set(new as usize);
            &*new
        }
    }

    /// Runs `f` with all buckets, while no new ones come.
    pub fn with<R>(&self, f: impl FnOnce(Buckets<T>) -> R) -> R {
        self.lock.with(|| f(Buckets(self.all.get(), PhantomData)))
    }
}

/// All buckets.
pub struct Buckets<T>(usize, PhantomData<T>);

impl<T> Clone for Buckets<T> {
    fn clone(&self) -> Buckets<T> {
        Buckets(self.0, PhantomData)
    }
}

impl<T: 'static> Iterator for Buckets<T> {
    type Item = &'static Bucket<T>;

    fn next(&mut self) -> Option<&'static Bucket<T>> {
        // SAFETY: the list holds buckets.
        let b = unsafe { Bucket::<T>::at(self.0) }?;
        self.0 = b.next;
        Some(b)
    }
}
