//! What a goroutine waits for: one value that says why and on what. Everything that shows waits (tracebacks, dumps,
//! events, the deadlock of a bubble) reads it, and a park without an object cannot be written down: an [`Object`] is the
//! address of something.

use core::num::NonZeroUsize;

/// What is waited on: the address of a channel, a semaphore, a list, a descriptor, a bubble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Object(NonZeroUsize);

impl Object {
    /// The object itself.
    #[inline(always)]
    pub fn of<T>(o: &T) -> Object {
        // SAFETY: a reference is not null.
        Object(unsafe { NonZeroUsize::new_unchecked(core::ptr::from_ref(o) as usize) })
    }
}

/// Why a goroutine sleeps on a semaphore. The numbers are the overlay's (`gort_abi::layouts::SEMA_KINDS`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum SemaKind {
    Plain,
    Mutex,
    RLock,
    RWLock,
    WaitGroup,
    /// Of a bubble, whose goroutines alone end it.
    BubbleWaitGroup,
}

impl SemaKind {
    /// By the overlay's number.
    pub fn of(number: usize) -> SemaKind {
        const ALL: [SemaKind; gort_abi::layouts::SEMA_KINDS.len()] = [
            SemaKind::Plain,
            SemaKind::Mutex,
            SemaKind::RLock,
            SemaKind::RWLock,
            SemaKind::WaitGroup,
            SemaKind::BubbleWaitGroup,
        ];
        ALL[number]
    }
}

/// What a goroutine waits for. Zeroed memory is [`Waiting::Nothing`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Waiting {
    /// It has never waited.
    Nothing,
    /// An element of the channel.
    Receive(Object),
    /// Somebody who takes its element.
    Send(Object),
    /// The same where only the goroutines of the channel's bubble end the wait.
    BubbleReceive(Object),
    /// As above.
    BubbleSend(Object),
    /// On a nil channel: for ever.
    NilReceive,
    /// On a nil channel: for ever.
    NilSend,
    /// A case of a select; the object is its first channel.
    Select(Object),
    /// The same, all channels of the bubble.
    BubbleSelect(Object),
    /// A select whose channels are all nil: for ever.
    NilSelect,
    /// `select {}`: for ever.
    Forever,
    /// A time: nanotime, or the clock of its bubble.
    Time(i64),
    /// A semaphore.
    Sema(SemaKind, Object),
    /// A sync.Cond; the object is its list.
    Cond(Object),
    /// A descriptor.
    Io(Object),
    /// The other side of a coroutine.
    Coroutine(Object),
    /// The goroutines of its bubble, as their root.
    BubbleRun(Object),
    /// The goroutines of its bubble, in `synctest.Wait`.
    BubbleWait(Object),
    /// The end of a cycle of the collector.
    Collector,
    /// The end of the process: another goroutine's panic is being printed.
    End,
    /// The goroutine of finalizers: one that is due.
    Finalizers,
    /// A goroutine of cleanups: one that is due.
    Cleanups,
    /// The goroutine that begins collections: one that is due.
    Collection,
}

impl Waiting {
    /// The text in a traceback's head line: official Go's (waitReasonStrings in runtime2.go).
    pub fn text(self) -> &'static str {
        match self {
            Waiting::Nothing => "waiting",
            Waiting::Receive(_) => "chan receive",
            Waiting::Send(_) => "chan send",
            Waiting::BubbleReceive(_) => "chan receive (durable)",
            Waiting::BubbleSend(_) => "chan send (durable)",
            Waiting::NilReceive => "chan receive (nil chan)",
            Waiting::NilSend => "chan send (nil chan)",
            Waiting::Select(_) | Waiting::NilSelect => "select",
            Waiting::BubbleSelect(_) => "select (durable)",
            Waiting::Forever => "select (no cases)",
            Waiting::Time(_) => "sleep",
            Waiting::Sema(SemaKind::Plain, _) => "semacquire",
            Waiting::Sema(SemaKind::Mutex, _) => "sync.Mutex.Lock",
            Waiting::Sema(SemaKind::RLock, _) => "sync.RWMutex.RLock",
            Waiting::Sema(SemaKind::RWLock, _) => "sync.RWMutex.Lock",
            Waiting::Sema(SemaKind::WaitGroup, _) => "sync.WaitGroup.Wait",
            Waiting::Sema(SemaKind::BubbleWaitGroup, _) => "sync.WaitGroup.Wait (durable)",
            Waiting::Cond(_) => "sync.Cond.Wait",
            Waiting::Io(_) => "IO wait",
            Waiting::Coroutine(_) => "coroutine",
            Waiting::BubbleRun(_) => "synctest.Run",
            Waiting::BubbleWait(_) => "synctest.Wait",
            Waiting::Collector => "wait for GC cycle",
            Waiting::End => "panicwait",
            Waiting::Finalizers => "finalizer wait",
            Waiting::Cleanups => "cleanup wait",
            Waiting::Collection => "force gc (idle)",
        }
    }

    /// Whether only a goroutine of the same bubble, or the clock, ends this wait.
    pub fn is_durable(self) -> bool {
        match self {
            Waiting::NilReceive
            | Waiting::NilSend
            | Waiting::NilSelect
            | Waiting::Forever
            | Waiting::Time(_)
            | Waiting::Cond(_)
            | Waiting::Coroutine(_)
            | Waiting::BubbleRun(_)
            | Waiting::BubbleWait(_)
            | Waiting::BubbleReceive(_)
            | Waiting::BubbleSend(_)
            | Waiting::BubbleSelect(_)
            | Waiting::Sema(SemaKind::BubbleWaitGroup, _) => true,
            Waiting::Nothing
            | Waiting::Receive(_)
            | Waiting::Send(_)
            | Waiting::Select(_)
            | Waiting::Sema(..)
            | Waiting::Io(_)
            | Waiting::End
            | Waiting::Finalizers
            | Waiting::Cleanups
            | Waiting::Collection
            | Waiting::Collector => false,
        }
    }

    /// Whether the sudog in its G has the channel that it waits for, and where the element is.
    pub fn has_own_sudog(self) -> bool {
        matches!(
            self,
            Waiting::Receive(_)
                | Waiting::Send(_)
                | Waiting::BubbleReceive(_)
                | Waiting::BubbleSend(_)
        )
    }

    /// Whether [`Waiting::text`] says that the wait is durable.
    pub fn names_durable(self) -> bool {
        matches!(
            self,
            Waiting::BubbleReceive(_)
                | Waiting::BubbleSend(_)
                | Waiting::BubbleSelect(_)
                | Waiting::Sema(SemaKind::BubbleWaitGroup, _)
        )
    }

    /// The address of what is waited on, or the time; 0 if it is nothing that anybody could give.
    pub fn object(self) -> u64 {
        match self {
            Waiting::Receive(o)
            | Waiting::Send(o)
            | Waiting::BubbleReceive(o)
            | Waiting::BubbleSend(o)
            | Waiting::Select(o)
            | Waiting::BubbleSelect(o)
            | Waiting::Sema(_, o)
            | Waiting::Cond(o)
            | Waiting::Io(o)
            | Waiting::Coroutine(o)
            | Waiting::BubbleRun(o)
            | Waiting::BubbleWait(o) => o.0.get() as u64,
            Waiting::Time(when) => when as u64,
            Waiting::Nothing
            | Waiting::NilReceive
            | Waiting::NilSend
            | Waiting::NilSelect
            | Waiting::Forever
            | Waiting::End
            | Waiting::Finalizers
            | Waiting::Cleanups
            | Waiting::Collection
            | Waiting::Collector => 0,
        }
    }
}

const _: () = assert!(size_of::<Waiting>() == 16);

/// For how many whole minutes a goroutine has waited that began to at `since`; 0 also if that is 0, not known.
pub fn minutes(since: i64, now: i64) -> i64 {
    if since == 0 {
        return 0;
    }
    (now - since).max(0) / 60_000_000_000
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::minutes;

    #[test]
    fn whole_minutes() {
        let minute = 60_000_000_000;
        assert_eq!(minutes(0, 9 * minute), 0);
        assert_eq!(minutes(5, 4), 0);
        assert_eq!(minutes(7, minute + 6), 0);
        assert_eq!(minutes(7, minute + 7), 1);
        assert_eq!(minutes(7, 5 * minute + 8), 5);
    }
}
