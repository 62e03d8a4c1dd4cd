//! Why a goroutine waits, with the texts of Go's tracebacks.

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
            WaitReason::StoppingTheWorld => "stopping the world",
        }
    }
}
