//! Why and for how long a goroutine waits, with the texts of Go's tracebacks.

/// Why a goroutine waits. The texts are Go's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum WaitReason {
    Zero,
    ChanReceive,
    ChanSend,
    ChanReceiveNil,
    ChanSendNil,
    Select,
    SelectNoCases,
    PanicWait,
    Sleep,
    Semacquire,
    SyncMutexLock,
    SyncRWMutexRLock,
    SyncRWMutexLock,
    SyncWaitGroupWait,
    SyncCondWait,
    StoppingTheWorld,
    TimerIdle,
    IOWait,
    Coroutine,
    SynctestRun,
    SynctestWait,
    SynctestChanReceive,
    SynctestChanSend,
    SynctestSelect,
    SynctestWaitGroupWait,
}

impl WaitReason {
    /// The text in a traceback's head line.
    pub fn text(self) -> &'static str {
        match self {
            WaitReason::Zero => "waiting",
            WaitReason::ChanReceive => "chan receive",
            WaitReason::ChanSend => "chan send",
            WaitReason::ChanReceiveNil => "chan receive (nil chan)",
            WaitReason::ChanSendNil => "chan send (nil chan)",
            WaitReason::Select => "select",
            WaitReason::SelectNoCases => "select (no cases)",
            WaitReason::PanicWait => "panicwait",
            WaitReason::Sleep => "sleep",
            WaitReason::Semacquire => "semacquire",
            WaitReason::SyncMutexLock => "sync.Mutex.Lock",
            WaitReason::SyncRWMutexRLock => "sync.RWMutex.RLock",
            WaitReason::SyncRWMutexLock => "sync.RWMutex.Lock",
            WaitReason::SyncWaitGroupWait => "sync.WaitGroup.Wait",
            WaitReason::SyncCondWait => "sync.Cond.Wait",
            WaitReason::IOWait => "IO wait",
            WaitReason::TimerIdle => "timer goroutine (idle)",
            WaitReason::Coroutine => "coroutine",
            WaitReason::SynctestRun => "synctest.Run",
            WaitReason::SynctestWait => "synctest.Wait",
            WaitReason::SynctestChanReceive => "chan receive (durable)",
            WaitReason::SynctestChanSend => "chan send (durable)",
            WaitReason::SynctestSelect => "select (durable)",
            WaitReason::SynctestWaitGroupWait => "sync.WaitGroup.Wait (durable)",
            WaitReason::StoppingTheWorld => "stopping the world",
        }
    }

    /// Whether only a goroutine of the same bubble, or the clock, ends this wait.
    pub fn is_durable(self) -> bool {
        matches!(
            self,
            WaitReason::ChanReceiveNil
                | WaitReason::ChanSendNil
                | WaitReason::SelectNoCases
                | WaitReason::Sleep
                | WaitReason::SyncCondWait
                | WaitReason::Coroutine
                | WaitReason::SynctestRun
                | WaitReason::SynctestWait
        ) || self.names_durable()
    }

    /// Whether [`WaitReason::text`] says that the wait is durable.
    pub fn names_durable(self) -> bool {
        matches!(
            self,
            WaitReason::SynctestChanReceive
                | WaitReason::SynctestChanSend
                | WaitReason::SynctestSelect
                | WaitReason::SynctestWaitGroupWait
        )
    }
}

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
