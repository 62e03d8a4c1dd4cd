//! The spans of one class that are in no P's cache: *partial* (swept, may have free objects), *full*, or *unswept* (of the last
//! cycle; nobody knows yet what is free). Who takes a span from a list has it alone.

use super::span::Span;
use crate::gmp::list::Queue;
use crate::lock::SpinLock;
use crate::rank;

/// The lists.
pub struct SpanLists {
    lock: SpinLock<{ rank::CENTRAL }>,
    partial: Queue<Span>,
    full: Queue<Span>,
    unswept: Queue<Span>,
}
// SAFETY: the lists are only touched with the lock held.
unsafe impl Sync for SpanLists {}
#[cfg(loom)]
// SAFETY: as above.
unsafe impl Send for SpanLists {}

macro_rules! new {
    ($($constant:ident)?) => {
        /// Empty ones.
        pub $($constant)? fn new() -> SpanLists {
            SpanLists {
                lock: SpinLock::new(),
                partial: Queue::new(),
                full: Queue::new(),
                unswept: Queue::new(),
            }
        }
    };
}

impl SpanLists {
    #[cfg(not(loom))]
    new!(const);
    #[cfg(loom)]
    new!();

    /// A swept span that may have free objects, if there is one.
    pub fn partial(&self) -> Option<&'static Span> {
        self.lock.with(|| self.partial.pop())
    }

    /// A span that the caller must sweep.
    pub fn unswept(&self) -> Option<&'static Span> {
        self.lock.with(|| self.unswept.pop())
    }

    /// Puts a swept span that the caller has alone on its list.
    pub fn give(&self, s: &'static Span) {
        let room = s.class.get() != 0 && s.has_room();
        self.lock.with(|| {
            if room {
                self.partial.push(s);
            } else {
                self.full.push(s);
            }
        });
    }

    /// All spans become unswept; how many there are. The world is stopped.
    pub fn all_unswept(&self) -> usize {
        self.lock.with(|| {
            self.unswept.append(&self.partial);
            self.unswept.append(&self.full);
            self.unswept.len() as usize
        })
    }

    /// Calls `f` with every span. The world is stopped.
    pub fn each(&self, f: &mut impl FnMut(&'static Span)) {
        self.lock.with(|| {
            self.partial.each(&mut *f);
            self.full.each(&mut *f);
            self.unswept.each(&mut *f);
        });
    }
}
