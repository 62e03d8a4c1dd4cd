//! The sleepers of one bucket of semaphores: a treap by address, with a queue for each address.
//!
//! A node of the tree is the first sleeper on its address, which leads the list of the others. Left and right subtree are in
//! `next` and `prev` of its sudog, the rest of its list in `waitlink`, the list's last in `c`, how many follow in `case`, and `ticket`, random, is
//! what keeps the tree flat: no node has a smaller one than its parent. Finding an address is a walk down; an address comes
//! by a split of the subtree whose place it takes, and goes by a merge of its two subtrees. Neither needs to know parents.
//!
//! Tried: one list a bucket. Unlocking a mutex walked over all sleepers of the bucket, 27 ms beside 100,000 of another one.

use crate::gmp::Sudog;
use crate::sync::Cell;
use core::ptr::{from_ref, null};

type Link = Cell<*const Sudog>;

/// The tree. The caller holds the bucket's lock in every call.
pub struct SemaTree {
    root: Link,
}

/// # Safety
/// `p` is null or a queued sudog: those belong to parked goroutines and stay until they are taken out.
unsafe fn node<'a>(p: *const Sudog) -> Option<&'a Sudog> {
    // SAFETY: the caller's.
    unsafe { p.as_ref() }
}

impl SemaTree {
    /// An empty tree.
    #[cfg(not(loom))]
    pub const fn new() -> SemaTree {
        SemaTree {
            root: Cell::new(null()),
        }
    }

    /// An empty tree.
    #[cfg(loom)]
    pub fn new() -> SemaTree {
        SemaTree {
            root: Cell::new(null()),
        }
    }

    /// Queues `s`, whose `elem` is the address: behind the others of that address, or with `lifo` before them. `ticket` is
    /// random.
    pub fn queue(&self, s: &Sudog, lifo: bool, ticket: u32) {
        s.waitlink.set(core::ptr::null_mut());
        let at = self.find(s.elem.get());
        // SAFETY: what the tree holds is queued.
        let Some(first) = (unsafe { node(at.get()) }) else {
            s.ticket.set(ticket);
            s.c.set(from_ref(s) as usize);
            s.case.set(0);
            self.insert(s);
            return;
        };
        let others = first.case.get().saturating_add(1);
        first.case.set(others);
        if lifo {
            s.waitlink.set(from_ref(first).cast_mut());
            s.c.set(first.c.get());
            s.case.set(others);
            self.replace(at, first, s);
        } else {
            // SAFETY: the last of the list is queued.
            let last = unsafe { &*(first.c.get() as *const Sudog) };
            last.waitlink.set(from_ref(s).cast_mut());
            first.c.set(from_ref(s) as usize);
        }
    }

    /// Takes out the first sleeper on `addr`.
    pub fn dequeue(&self, addr: usize) -> Option<&'static Sudog> {
        let at = self.find(addr);
        // SAFETY: as in `queue`.
        let first: &'static Sudog = unsafe { node(at.get()) }?;
        // SAFETY: as above.
        match unsafe { node(first.waitlink.get()) } {
            Some(second) => {
                second.c.set(first.c.get());
                second.case.set(first.case.get().saturating_sub(1));
                self.replace(at, first, second);
            }
            None => merge(at, first.next.get(), first.prev.get()),
        }
        Some(first)
    }

    /// The first sleeper on `addr`, the second, the last, and how many there are behind the first (more than 65,535 count as
    /// so many).
    pub fn sleepers(&self, addr: usize) -> Option<(&Sudog, Option<&Sudog>, &Sudog, u16)> {
        // SAFETY: as in `queue`.
        unsafe {
            let first = node(self.find(addr).get())?;
            let last = node(first.c.get() as *const Sudog)?;
            Some((first, node(first.waitlink.get()), last, first.case.get()))
        }
    }

    /// Where the node of `addr` hangs, or would.
    fn find(&self, addr: usize) -> &Link {
        let mut at = &self.root;
        // SAFETY: as in `queue`.
        while let Some(s) = unsafe { node(at.get()) } {
            let here = s.elem.get();
            if here == addr {
                break;
            }
            at = if addr < here { &s.next } else { &s.prev };
        }
        at
    }

    /// `new` takes the place of `old` in the tree.
    fn replace(&self, at: &Link, old: &Sudog, new: &Sudog) {
        new.next.set(old.next.get());
        new.prev.set(old.prev.get());
        new.ticket.set(old.ticket.get());
        at.set(new);
    }

    /// Puts in a node whose address is new.
    fn insert(&self, s: &Sudog) {
        let addr = s.elem.get();
        let mut at = &self.root;
        // SAFETY: as in `queue`.
        while let Some(n) = unsafe { node(at.get()) } {
            if s.ticket.get() < n.ticket.get() {
                break;
            }
            at = if addr < n.elem.get() {
                &n.next
            } else {
                &n.prev
            };
        }
        // The subtree that hangs here goes below it: the smaller addresses to the left.
        let (mut less, mut more) = (&s.next, &s.prev);
        let mut rest = at.get();
        // SAFETY: as in `queue`.
        while let Some(n) = unsafe { node(rest) } {
            if n.elem.get() < addr {
                less.set(n);
                less = &n.prev;
                rest = less.get();
            } else {
                more.set(n);
                more = &n.next;
                rest = more.get();
            }
        }
        less.set(null());
        more.set(null());
        at.set(s);
    }
}

/// Hangs two trees at `at`, all addresses of `a` before those of `b`.
fn merge(mut at: &Link, mut a: *const Sudog, mut b: *const Sudog) {
    // SAFETY: parts of a tree.
    while let (Some(x), Some(y)) = unsafe { (node(a), node(b)) } {
        if x.ticket.get() < y.ticket.get() {
            at.set(x);
            at = &x.prev;
            a = at.get();
        } else {
            at.set(y);
            at = &y.next;
            b = at.get();
        }
    }
    at.set(if a.is_null() { b } else { a });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn check(t: &SemaTree) -> (usize, usize) {
        // SAFETY: the sudogs of the test outlive it.
        fn walk(p: *const Sudog, above: u32, lo: usize, hi: usize) -> (usize, usize) {
            // SAFETY: as above.
            let Some(s) = (unsafe { node(p) }) else {
                return (0, 0);
            };
            assert!(s.ticket.get() >= above && lo <= s.elem.get() && s.elem.get() < hi);
            let l = walk(s.next.get(), s.ticket.get(), lo, s.elem.get());
            let r = walk(s.prev.get(), s.ticket.get(), s.elem.get() + 1, hi);
            (l.0 + r.0 + 1, l.1.max(r.1) + 1)
        }
        walk(t.root.get(), 0, 0, usize::MAX)
    }

    #[test]
    fn more_sleepers_than_are_counted() {
        const N: usize = u16::MAX as usize + 10;
        let t = SemaTree::new();
        let sudogs: Vec<Sudog> = (0..N).map(|_| Sudog::new()).collect();
        for s in &sudogs {
            s.elem.set(8);
            t.queue(s, false, 1);
        }
        for s in &sudogs {
            let (first, _, last, others) = t.sleepers(8).unwrap();
            assert!(core::ptr::eq(first, s) && core::ptr::eq(last, &sudogs[N - 1]));
            let behind = N
                - 1
                - (core::ptr::from_ref(s) as usize - sudogs.as_ptr() as usize) / size_of::<Sudog>();
            assert!(usize::from(others) <= behind);
            t.dequeue(8);
        }
        assert!(t.sleepers(8).is_none());
    }

    #[test]
    fn queues_in_a_flat_tree() {
        const N: usize = 20_000;
        let t = SemaTree::new();
        let sudogs: Vec<Sudog> = (0..3 * N).map(|_| Sudog::new()).collect();
        let mut state = 1;
        let mut random = || {
            let (s, r) = crate::sched::choose::step(state);
            state = s;
            r
        };
        for (i, s) in sudogs.iter().enumerate() {
            s.elem.set(i % N * 8);
            // Of each address: 1, 0 and 2, so that the order is 1, 0, 2.
            t.queue(s, i / N == 1, random());
        }
        let (n, depth) = check(&t);
        assert_eq!(n, N);
        assert!(depth < 60, "{depth}");
        let (first, second, last, n) = t.sleepers(8).unwrap();
        assert!(core::ptr::eq(first, &sudogs[N + 1]) && n == 2);
        assert!(second.is_some_and(|s| core::ptr::eq(s, &sudogs[1])));
        assert!(core::ptr::eq(last, &sudogs[2 * N + 1]));
        for k in 0..3 {
            for i in (0..N).map(|i| i * 7919 % N) {
                let s = t.dequeue(i * 8).unwrap();
                let of = [N, 0, 2 * N][k];
                assert!(core::ptr::eq(s, &sudogs[of + i]));
            }
            let (n, depth) = check(&t);
            assert!(n == if k < 2 { N } else { 0 } && depth < 60);
        }
        assert!(t.dequeue(8).is_none());
    }
}
