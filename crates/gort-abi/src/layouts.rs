//! Records that Go code of the overlay and the runtime (or compiled code) both touch, field by field.
//!
//! The Go side declares a struct, the Rust side a `repr(C)` one. Each is held against the table here: Rust by
//! [`twin!`](crate::twin) beside the struct, Go by `cargo run -p xtask -- tidy`, which lays out the declaration in the
//! overlay. Types that reflect and the compiler share are in [`crate::types`].

/// A field: Go's name, offset and size in bytes.
#[derive(Clone, Copy)]
pub struct Field {
    /// Name in the Go struct.
    pub name: &'static str,
    /// Bytes from the start.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
}

/// A record.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Name of the Go struct in package runtime.
    pub go: &'static str,
    /// The fields that Go declares, in order. The Rust struct may go on behind them.
    pub fields: &'static [Field],
}

impl Layout {
    /// The offset of a field.
    pub const fn offset(&self, name: &str) -> usize {
        let mut i = 0;
        while i < self.fields.len() {
            if same(self.fields[i].name, name) {
                return self.fields[i].offset;
            }
            i += 1;
        }
        panic!("the layout has no such field")
    }

    /// Bytes up to the end of the last field, a multiple of 8.
    pub const fn size(&self) -> usize {
        let last = self.fields[self.fields.len() - 1];
        (last.offset + last.size + 7) & !7
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Asserts at compile time that fields of the Rust struct `$t` lie where the layout says: `twin!(T, LAYOUT, rust =
/// "go", …)`.
#[macro_export]
macro_rules! twin {
    ($t:ty, $layout:expr, $($($rust:tt).+ = $go:literal),+ $(,)?) => {
        const _: () = {
            $(assert!(core::mem::offset_of!($t, $($rust).+) == $layout.offset($go), $go);)+
        };
    };
}

macro_rules! layouts {
    ($($(#[$doc:meta])* $name:ident = $go:literal { $($field:ident $offset:literal $size:literal),+ $(,)? })+) => {
        $($(#[$doc])* pub const $name: Layout = Layout {
            go: $go,
            fields: &[$(Field { name: stringify!($field), offset: $offset, size: $size }),+],
        };)+
        /// All of them.
        pub const LAYOUTS: &[Layout] = &[$($name),+];
    };
}

layouts! {
    /// A goroutine, as far as Go code looks into it.
    G = "g" {
        stackguard 0 8, _panic 8 8, _defer 16 8, deferpool 24 8, deferseq 32 8, goid 40 8, sig 48 8, sigcode 56 8,
        sigaddr 64 8, sigpc 72 8, paniconfault 80 8, labels 88 8, boundsx 96 8, boundsy 104 8, bubble 112 8,
        fips 120 8,
    }
    /// A deferred call; compiled code fills those that lie in a frame.
    DEFER = "_defer" { link 0 8, fn 8 8, fp 16 8, seq 24 8, frame 32 1 }
    /// The runtime's part of a timer.
    TIMER = "timerNode" {
        when 0 8, period 8 8, heap 16 8, index 24 8, target 32 8, seq 40 8, fire 48 8, state 56 16,
    }
    /// A coroutine.
    CORO = "coro" { parked 0 8, bound 8 8, f 16 8 }
    /// A bubble of testing/synctest.
    BUBBLE = "synctestBubble" { id 0 8, now 8 8 }
    /// What the func table says of a pc.
    PC_INFO = "pcInfo" {
        fn 0 8, name 8 16, file 24 16, line 40 8, entry 48 8, start 56 8, more 64 1, wrapper 65 1,
    }
    /// A finalizer that is due.
    FINALIZER_CALL = "finalizerCall" { obj 0 8, fn 8 8, ft 16 8, pointer 24 8 }
    /// What the memory system counts.
    MEM_COUNTS = "memCounts" {
        heapInuse 0 8, heapFree 8 8, heapReleased 16 8, stacksInuse 24 8, stacksSys 32 8, mspanInuse 40 8,
        mspanSys 48 8, mcacheInuse 56 8, mcacheSys 64 8, profileSys 72 8, gcSys 80 8, otherSys 88 8, largeAlloc 96 8,
        largeFree 104 8, tinyAllocs 112 8, heapGoal 120 8, heapLive 128 8, heapScan 136 8, stackScan 144 8,
        globalsScan 152 8, limiterCycle 160 8, numGC 168 8, numForced 176 8, lastGC 184 8, pauseTotal 192 8,
        cpuAssist 200 8, cpuDedicated 208 8, cpuMarkIdle 216 8, cpuPause 224 8, cpuScavengeAssist 232 8,
        cpuScavenge 240 8, cpuIdle 248 8, cpuTotal 256 8, finalizers 264 16, cleanups 280 16, gogc 296 8,
        memoryLimit 304 8, allocs 312 544, frees 856 544, pauseNs 1400 2048, pauseEnd 3448 2048,
    }
    /// A case of a select.
    SCASE = "scase" { c 0 8, elem 8 8 }
}

/// What a goroutine that sleeps on a semaphore waits for: the overlay's constants of these names, in its order.
pub const SEMA_KINDS: &[&str] = &[
    "semaPlain",
    "semaMutex",
    "semaRLock",
    "semaRWLock",
    "semaWaitGroup",
    "semaSynctestWaitGroup",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_follow_each_other() {
        for l in LAYOUTS {
            let mut end = 0;
            for f in l.fields {
                assert!(
                    f.offset >= end && f.offset % f.size.min(8) == 0,
                    "{}.{}",
                    l.go,
                    f.name
                );
                end = f.offset + f.size;
            }
        }
        assert_eq!(DEFER.offset("seq"), 24);
        assert_eq!(DEFER.size(), 40);
    }
}
