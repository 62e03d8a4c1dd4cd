//! Records about objects of the heap, a list a span: who wants to know when an object dies, and what is to happen then.
//!
//! A list is sorted by offset, then by kind. Offsets are those of the pointer that the record was made for, which may
//! lie inside its object: several tiny objects share a block, weak pointers may point to fields. So the records of one
//! object follow each other, and one walk along the list together with the mark bits is all that sweeping needs.
//!
//! Records lie outside the heap. What they refer to in it are roots; see [`super::special`].

use core::cell::Cell;

/// What a record is for, in the order in which those of one address stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Kind {
    /// `runtime.SetFinalizer`. Words: the func value, its type, the type of the pointer.
    Finalizer,
    /// A weak pointer. Word: its handle.
    Weak,
    /// The bubble of testing/synctest that the object belongs to. Word: its number.
    Bubble,
    /// A sample of the heap profile. Word: its bucket.
    Profile,
    /// `runtime.AddCleanup`. Words: a `func()`, the number of the cleanup.
    Cleanup,
}

/// A record.
#[repr(C)]
pub struct Special {
    /// The next one of the list, or 0.
    pub next: Cell<usize>,
    /// Bytes from the begin of the span; in a queue ([`super::finq`]) the address.
    pub offset: Cell<usize>,
    /// What it is for.
    pub kind: Cell<Kind>,
    /// By kind.
    pub words: [Cell<usize>; 3],
}

impl Special {
    /// The record at an address; none if that is 0.
    ///
    /// # Safety
    /// The address is 0 or that of a record. Records are never unmapped.
    pub unsafe fn at(addr: usize) -> Option<&'static Special> {
        // SAFETY: the caller's.
        unsafe { (addr as *const Special).as_ref() }
    }

    /// Its address.
    pub fn addr(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }
}

/// The list whose first record's address is in a cell. The owner sees to it that one thread uses it at a time, and that
/// the cell holds 0 or what this module has put there.
#[derive(Clone, Copy)]
pub struct List<'a>(pub &'a Cell<usize>);

impl<'a> List<'a> {
    /// The records in order.
    pub fn iter(self) -> impl Iterator<Item = &'static Special> {
        let mut at = self.0.get();
        core::iter::from_fn(move || {
            let s = here(at)?;
            at = s.next.get();
            Some(s)
        })
    }

    /// The link to the first record of this address and kind, or to where it would be.
    fn place(self, offset: usize, kind: Kind) -> &'a Cell<usize> {
        let mut link = self.0;
        while let Some(s) = here(link.get()) {
            if (s.offset.get(), s.kind.get()) >= (offset, kind) {
                break;
            }
            link = &s.next;
        }
        link
    }

    /// The first record of this address and kind.
    pub fn find(self, offset: usize, kind: Kind) -> Option<&'static Special> {
        here(self.place(offset, kind).get()).filter(|s| s.is(offset, kind))
    }

    /// Puts `s` in its place. If there is one of its address and kind already, that is refused unless there may be
    /// several.
    #[must_use]
    pub fn add(self, s: &'static Special, several: bool) -> bool {
        let (offset, kind) = (s.offset.get(), s.kind.get());
        if !several && self.find(offset, kind).is_some() {
            return false;
        }
        let link = self.place(offset, kind);
        s.next.set(link.get());
        link.set(s.addr());
        true
    }

    /// Takes the first record of this address and kind out for which `want` holds.
    pub fn remove(
        self,
        offset: usize,
        kind: Kind,
        want: impl Fn(&Special) -> bool,
    ) -> Option<&'static Special> {
        let mut link = self.place(offset, kind);
        loop {
            let s = here(link.get()).filter(|s| s.is(offset, kind))?;
            if want(s) {
                link.set(s.next.get());
                return Some(s);
            }
            link = &s.next;
        }
    }

    /// Takes out the records whose time has come, now that marks are final, and gives them to `dead`. Objects have
    /// `size` bytes; they are named by the offset of their first byte.
    ///
    /// An object without mark that has a finalizer lives on for one more cycle: it is marked, its finalizers and weak
    /// handles go, all at once if it is a block of tiny objects, and the rest stays for when it is dead for good.
    pub fn sweep(
        self,
        size: usize,
        is_marked: impl Fn(usize) -> bool,
        mut mark: impl FnMut(usize),
        mut dead: impl FnMut(&'static Special),
    ) {
        let mut link = self.0;
        while let Some(s) = here(link.get()) {
            let object = s.offset.get() / size * size;
            let inside = |s: &&'static Special| s.offset.get() < object + size;
            let lives = is_marked(object);
            let mut revived = false;
            if !lives {
                let mut of_object = List(link).iter().take_while(|s| inside(s));
                revived = of_object.any(|s| s.kind.get() == Kind::Finalizer);
                if revived {
                    mark(object);
                }
            }
            while let Some(s) = here(link.get()).filter(|s| inside(s)) {
                let goes = match s.kind.get() {
                    Kind::Finalizer | Kind::Weak => !lives,
                    Kind::Bubble | Kind::Profile | Kind::Cleanup => !lives && !revived,
                };
                if goes {
                    link.set(s.next.get());
                    dead(s);
                } else {
                    link = &s.next;
                }
            }
        }
    }
}

impl Special {
    fn is(&self, offset: usize, kind: Kind) -> bool {
        self.offset.get() == offset && self.kind.get() == kind
    }
}

fn here(addr: usize) -> Option<&'static Special> {
    // SAFETY: links hold 0 or addresses of records; the list's contract.
    unsafe { Special::at(addr) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn record(offset: usize, kind: Kind, word: usize) -> &'static Special {
        Box::leak(Box::new(Special {
            next: Cell::new(0),
            offset: Cell::new(offset),
            kind: Cell::new(kind),
            words: [word, 0, 0].map(Cell::new),
        }))
    }

    /// A list of such records, added in this order; cleanups may be several.
    fn list(of: &[(usize, Kind, usize)]) -> Cell<usize> {
        let head = Cell::new(0);
        for &(offset, kind, word) in of {
            let several = kind == Kind::Cleanup;
            assert!(List(&head).add(record(offset, kind, word), several));
        }
        head
    }

    fn words(head: &Cell<usize>) -> Vec<usize> {
        List(head).iter().map(|s| s.words[0].get()).collect()
    }

    /// Sweeps with objects of 16 bytes: what died, and who was revived.
    fn sweep(head: &Cell<usize>, marked: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let revived = RefCell::new(Vec::new());
        let mut dead = Vec::new();
        List(head).sweep(
            16,
            |o| marked.contains(&o),
            |o| revived.borrow_mut().push(o),
            |s| dead.push(s.words[0].get()),
        );
        (dead, revived.into_inner())
    }

    use Kind::{Cleanup, Finalizer, Weak};

    #[test]
    fn sorted_by_offset_then_kind() {
        let head = list(&[
            (32, Weak, 5),
            (0, Cleanup, 3),
            (0, Finalizer, 1),
            (48, Finalizer, 6),
            (0, Weak, 2),
            (16, Finalizer, 4),
        ]);
        assert_eq!(words(&head), [1, 2, 3, 4, 5, 6]);
        assert_eq!(List(&head).find(0, Weak).unwrap().words[0].get(), 2);
        assert!(List(&head).find(16, Weak).is_none());
    }

    #[test]
    fn one_finalizer_many_cleanups() {
        let head = list(&[(0, Finalizer, 1), (0, Cleanup, 2), (0, Cleanup, 3)]);
        assert!(!List(&head).add(record(0, Finalizer, 9), false));
        assert_eq!(words(&head), [1, 3, 2]);
        let is = |w| move |s: &Special| s.words[0].get() == w;
        assert!(List(&head).remove(0, Cleanup, is(2)).is_some());
        assert!(List(&head).remove(0, Cleanup, is(2)).is_none());
        assert!(List(&head).remove(0, Finalizer, |_| true).is_some());
        assert_eq!(words(&head), [3]);
    }

    #[test]
    fn dead_objects_lose_everything_live_ones_nothing() {
        let head = list(&[
            (0, Weak, 1),
            (0, Cleanup, 2),
            (24, Weak, 3),
            (24, Cleanup, 4),
            (32, Cleanup, 5),
        ]);
        assert_eq!(sweep(&head, &[16]), (vec![1, 2, 5], vec![]));
        assert_eq!(words(&head), [3, 4]);
        assert_eq!(sweep(&head, &[]), (vec![3, 4], vec![]));
        assert_eq!(head.get(), 0);
    }

    #[test]
    fn finalizers_come_before_cleanups() {
        let head = list(&[(0, Finalizer, 1), (0, Weak, 2), (0, Cleanup, 3)]);
        assert_eq!(sweep(&head, &[]), (vec![1, 2], vec![0]));
        assert_eq!(words(&head), [3]);
        // The finalizer has run and let go of the object.
        assert_eq!(sweep(&head, &[]), (vec![3], vec![]));
    }

    #[test]
    fn a_block_of_tiny_objects_dies_at_once() {
        let head = list(&[
            (16, Weak, 1),
            (18, Finalizer, 2),
            (20, Cleanup, 3),
            (24, Finalizer, 4),
            (28, Weak, 5),
            (32, Cleanup, 6),
        ]);
        assert_eq!(sweep(&head, &[32]), (vec![1, 2, 4, 5], vec![16]));
        assert_eq!(words(&head), [3, 6]);
    }
}
