//! Intrusive lists of Gs, Ms and Ps: the item holds its link, so that a list needs no memory of its own and never fails.
//! An item is on one list at a time. Lists are not locked; whoever owns one says under which lock it may be touched.

use crate::sync::Cell;
use core::cell::Cell as Link;
use core::ptr::null;

/// What can be on a list.
///
/// # Safety
/// The link is used by the list that the item is on and by nobody else. Items on lists are never unmapped.
pub unsafe trait Linked: 'static {
    /// The link.
    fn link(&self) -> &Link<*const Self>;
}

/// Last in, first out. Zeroed memory is an empty one.
#[repr(C)]
pub struct Stack<T> {
    head: Cell<*const T>,
    n: Cell<u32>,
}

impl<T: Linked> Stack<T> {
    /// An empty list.
    #[cfg(not(loom))]
    pub const fn new() -> Stack<T> {
        Stack {
            head: Cell::new(null()),
            n: Cell::new(0),
        }
    }

    /// The same, of loom's cells, which notice if two threads touch a list without a lock.
    #[cfg(loom)]
    pub fn new() -> Stack<T> {
        Stack {
            head: Cell::new(null()),
            n: Cell::new(0),
        }
    }

    /// How many are on it.
    #[inline(always)]
    pub fn len(&self) -> u32 {
        self.n.get()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first, which stays.
    pub fn first(&self) -> Option<&'static T> {
        // SAFETY: items on lists stay mapped.
        unsafe { self.head.get().as_ref() }
    }

    /// Puts an item first that is on no list.
    #[inline(always)]
    pub fn push(&self, item: &T) {
        item.link().set(self.head.get());
        self.head.set(item);
        self.n.set(self.n.get() + 1);
    }

    /// Takes the first.
    #[inline(always)]
    pub fn pop(&self) -> Option<&'static T> {
        // SAFETY: items on lists stay mapped.
        let item = unsafe { self.head.get().as_ref() }?;
        self.head.set(item.link().get());
        self.n.set(self.n.get() - 1);
        Some(item)
    }

    /// Takes the first for which `want` holds.
    pub fn take(&self, want: impl Fn(&T) -> bool) -> Option<&'static T> {
        let mut before: Option<&Link<*const T>> = None;
        loop {
            // SAFETY: as above.
            let item = unsafe { before.map_or(self.head.get(), Link::get).as_ref() }?;
            if want(item) {
                match before {
                    Some(link) => link.set(item.link().get()),
                    None => self.head.set(item.link().get()),
                }
                self.n.set(self.n.get() - 1);
                return Some(item);
            }
            before = Some(item.link());
        }
    }
}

/// First in, first out.
pub struct Queue<T> {
    head: Cell<*const T>,
    tail: Cell<*const T>,
    n: Cell<u32>,
}

impl<T: Linked> Queue<T> {
    /// An empty list.
    #[cfg(not(loom))]
    pub const fn new() -> Queue<T> {
        Queue {
            head: Cell::new(null()),
            tail: Cell::new(null()),
            n: Cell::new(0),
        }
    }

    /// The same, of loom's cells.
    #[cfg(loom)]
    pub fn new() -> Queue<T> {
        Queue {
            head: Cell::new(null()),
            tail: Cell::new(null()),
            n: Cell::new(0),
        }
    }

    /// How many are on it.
    pub fn len(&self) -> u32 {
        self.n.get()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends an item that is on no list.
    pub fn push(&self, item: &T) {
        item.link().set(null());
        // SAFETY: items on lists stay mapped.
        match unsafe { self.tail.replace(item).as_ref() } {
            Some(last) => last.link().set(item),
            None => self.head.set(item),
        }
        self.n.set(self.n.get() + 1);
    }

    /// Appends all items of `other`, which is empty then.
    pub fn append(&self, other: &Queue<T>) {
        if other.is_empty() {
            return;
        }
        // SAFETY: as above.
        match unsafe { self.tail.replace(other.tail.get()).as_ref() } {
            Some(last) => last.link().set(other.head.get()),
            None => self.head.set(other.head.get()),
        }
        self.n.set(self.n.get() + other.n.get());
        other.head.set(null());
        other.tail.set(null());
        other.n.set(0);
    }

    /// Calls `f` with each item, which stays where it is.
    pub fn each(&self, mut f: impl FnMut(&'static T)) {
        let mut at = self.head.get();
        // SAFETY: as above.
        while let Some(item) = unsafe { at.as_ref() } {
            at = item.link().get();
            f(item);
        }
    }

    /// Takes the first.
    pub fn pop(&self) -> Option<&'static T> {
        // SAFETY: as above.
        let item = unsafe { self.head.get().as_ref() }?;
        self.head.set(item.link().get());
        if self.head.get().is_null() {
            self.tail.set(null());
        }
        self.n.set(self.n.get() - 1);
        Some(item)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    struct Item(u32, Link<*const Item>);
    // SAFETY: the link is the list's.
    unsafe impl Linked for Item {
        fn link(&self) -> &Link<*const Item> {
            &self.1
        }
    }

    fn items() -> [&'static Item; 3] {
        [1, 2, 3].map(|i| &*Box::leak(Box::new(Item(i, Link::new(null())))))
    }

    #[test]
    fn last_in_first_out() {
        let (list, items) = (Stack::<Item>::new(), items());
        items.iter().for_each(|i| list.push(i));
        assert_eq!(list.take(|i| i.0 == 2).map(|i| i.0), Some(2));
        assert!(list.take(|i| i.0 == 2).is_none());
        assert_eq!((list.pop().map(|i| i.0), list.len()), (Some(3), 1));
        assert_eq!(list.pop().map(|i| i.0), Some(1));
        assert!(list.pop().is_none() && list.is_empty());
    }

    #[test]
    fn first_in_first_out() {
        let (list, items) = (Queue::<Item>::new(), items());
        for _ in 0..2 {
            items.iter().for_each(|i| list.push(i));
            assert_eq!(list.len(), 3);
            for i in [1, 2, 3] {
                assert_eq!(list.pop().map(|i| i.0), Some(i));
            }
            assert!(list.pop().is_none() && list.is_empty());
        }
    }

    #[test]
    fn appended() {
        let (list, other, items) = (Queue::<Item>::new(), Queue::new(), items());
        other.push(items[0]);
        list.append(&other);
        other.push(items[1]);
        other.push(items[2]);
        list.append(&other);
        list.append(&other);
        let mut seen = Vec::new();
        list.each(|i| seen.push(i.0));
        assert_eq!((seen, list.len(), other.len()), (vec![1, 2, 3], 3, 0));
    }
}
