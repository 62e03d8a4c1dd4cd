//! The table of natives: functions that Go code declares without a body and the runtime has in Rust or assembly.
//!
//! One line a native says how it is entered, what words go in and come out, which function of the runtime it is, and
//! what it keeps of what it is given. Four readers take it from here: the stubs (`gort-rt/src/arch/*/stubs.rs`), escape
//! analysis (`gort-ir/src/passes/escape/known.rs`), the check of Go's declarations and of Rust's definitions
//! (`cargo run -p xtask -- tidy`), and the unit tests of each. A native that is not here does not exist.
//!
//! Words are classes, not types: pointers (`ptr`), integers by width (`w8` for bool and byte, to `w64`), and floats.
//! A string is a pointer and a length. At most six integer words go in and two words come out: what SystemV has registers
//! for. A width matters at the border because only integers of 8 and 16 bits are extended by the caller: the upper half
//! of the register of a `w32` is undefined.

/// How a native is entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Assembly on the goroutine's stack, without a frame of its own.
    Direct,
    /// On the system stack; it returns to its caller and never parks.
    Leaf,
    /// On the system stack; it may park the goroutine, whose registers are on its own stack by then.
    Park,
}

/// Class of a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Class {
    Ptr,
    W8,
    W16,
    W32,
    W64,
    F32,
    F64,
}

/// What a native keeps of what its arguments point to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    /// Nothing beyond the call; its results hold no pointer to an argument.
    Nothing,
    /// What escape analysis has written down for it.
    Flows,
    /// Anything.
    Leaks,
}

/// A native.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Native {
    /// How it is entered.
    pub kind: Kind,
    /// Its name in package runtime, where it is declared or from where others pull it.
    pub name: &'static str,
    /// Words in.
    pub params: &'static [Class],
    /// Words out.
    pub results: &'static [Class],
    /// The Rust function; `asm` for direct natives.
    pub rust: &'static str,
    /// What it keeps.
    pub keeps: Keeps,
}

/// The native of that name, without `runtime.`.
pub fn find(name: &str) -> Option<&'static Native> {
    NATIVES.iter().find(|n| n.name == name)
}

/// Gives the table to the macro `$then`: lines `kind name(words) -> (words) = function, keeps;`.
#[macro_export]
macro_rules! natives {
    ($then:ident) => { $then! {
        // crypto/internal/fips140/aes/gcm/gort.go
        leaf ghashinit(w64, w64) -> () = rt_ghashinit, leaks;
        leaf ghash(w64, w64, w64, w64) -> () = rt_ghash, leaks;
        leaf gcmcrypt(w64) -> () = rt_gcmcrypt, leaks;
        // crypto/internal/fips140/aes/gort.go
        leaf aesexpand(w64, w64, w64, w64) -> () = rt_aesexpand, leaks;
        leaf aesencrypt(w64, w64, w64, w64) -> () = rt_aesencrypt, leaks;
        leaf aesdecrypt(w64, w64, w64, w64) -> () = rt_aesdecrypt, leaks;
        leaf aesctr(w64, w64, w64, w64) -> () = rt_aesctr, leaks;
        leaf aescbcencrypt(w64, w64, w64, w64, w64, w64) -> () = rt_aescbcencrypt, leaks;
        leaf aescbcdecrypt(w64, w64, w64, w64, w64, w64) -> () = rt_aescbcdecrypt, leaks;
        // crypto/internal/fips140/sha256/gort.go
        leaf sha256blocks(w64, w64, w64) -> () = rt_sha256blocks, leaks;
        // crypto/internal/fips140/sha512/gort.go
        leaf sha512blocks(w64, w64, w64) -> () = rt_sha512blocks, leaks;
        // crypto/internal/fips140/subtle/gort.go
        direct xorbytes(w64, w64, w64, w64) -> () = asm, leaks;
        // crypto/md5/gort.go
        leaf md5blocks(w64, w64, w64) -> () = rt_md5blocks, leaks;
        // crypto/sha1/gort.go
        leaf sha1blocks(w64, w64, w64) -> () = rt_sha1blocks, leaks;
        // hash/crc32/gort.go
        leaf crc32ieee(w32, w64, w64) -> (w32) = rt_crc32ieee, leaks;
        leaf crc32castagnoli(w32, w64, w64) -> (w32) = rt_crc32castagnoli, leaks;
        // internal/bytealg/gort.go
        direct cmpstring(ptr, w64, ptr, w64) -> (w64) = asm, nothing;
        direct indexbyte(w64, w64, w8) -> (w64) = asm, leaks;
        direct countbyte(w64, w64, w8) -> (w64) = asm, leaks;
        direct indexshort(w64, w64, w64, w64) -> (w64) = asm, leaks;
        // internal/cpu/gort.go
        leaf cpufeatures() -> (w64) = rt_cpufeatures, nothing;
        // internal/runtime/maps/gort.go
        direct memhashaes(w64, w64, w64, w64) -> (w64) = asm, leaks;
        // math/gort.go
        leaf expfused(f64, f64) -> (f64) = rt_expfused, nothing;
        // math/big/gort.go
        direct addvv(w64, w64, w64, w64) -> (w64) = asm, leaks;
        direct subvv(w64, w64, w64, w64) -> (w64) = asm, leaks;
        direct lshvu(w64, w64, w64, w64) -> (w64) = asm, leaks;
        direct rshvu(w64, w64, w64, w64) -> (w64) = asm, leaks;
        direct muladdvww(w64, w64, w64, w64, w64) -> (w64) = asm, leaks;
        direct addmulvvww(w64, w64, w64, w64, w64, w64) -> (w64) = asm, leaks;
        // runtime/cleanup.go
        leaf addcleanup(ptr, ptr, ptr, ptr) -> (w64) = rt_addcleanup, leaks;
        leaf stopcleanup(w64, w64) -> () = rt_stopcleanup, nothing;
        leaf cleanupwanted() -> (w8) = rt_cleanupwanted, nothing;
        leaf cleanuptake() -> (ptr) = rt_cleanuptake, nothing;
        park cleanupwait() -> () = rt_cleanupwait, nothing;
        leaf cleanupidle() -> (w8) = rt_cleanupidle, nothing;
        // runtime/coro.go
        leaf coronew(ptr, ptr) -> () = rt_coronew, leaks;
        park coroexit(ptr) -> () = rt_coroexit, leaks;
        park coroswitch(ptr) -> () = rt_coroswitch, leaks;
        // runtime/finalizer.go
        leaf isvariable(ptr) -> (w8) = rt_isvariable, nothing;
        leaf setfinalizer(ptr, ptr, ptr, ptr) -> (w8) = rt_setfinalizer, leaks;
        leaf removefinalizer(ptr) -> () = rt_removefinalizer, nothing;
        leaf finstart() -> (w8) = rt_finstart, nothing;
        leaf fintake(ptr) -> (w8) = rt_fintake, nothing;
        park finwait() -> () = rt_finwait, nothing;
        leaf finidle() -> (w8) = rt_finidle, nothing;
        // runtime/gc.go
        leaf stopworld() -> (w8) = rt_stopworld, nothing;
        leaf startworld() -> () = rt_startworld, nothing;
        leaf releasesome() -> (w8) = rt_releasesome, nothing;
        leaf gcsweepsome() -> (w8) = rt_gcsweepsome, nothing;
        park gcbegin(w8) -> (w32) = rt_gcbegin, nothing;
        park gcforce(w32) -> () = rt_gcforce, nothing;
        park gcwait() -> () = rt_gcwait, nothing;
        // runtime/linkname.go
        leaf fastrand() -> (w64) = rt_fastrand, nothing;
        // runtime/mstats.go
        leaf readmemcounts(ptr) -> () = rt_readmemcounts, nothing;
        leaf readclasses(ptr) -> () = rt_readclasses, nothing;
        // runtime/open.go
        leaf cputicks() -> (w64) = rt_cputicks, nothing;
        // runtime/proc.go
        direct breakpoint() -> () = asm, nothing;
        // runtime/profile.go
        leaf memprofile(ptr, w64, w8) -> (w64) = rt_memprofile, nothing;
        leaf blockprofile(ptr, w64, w8) -> (w64) = rt_blockprofile, nothing;
        leaf blockrate(w64) -> () = rt_blockrate, nothing;
        leaf mutexrate(w64) -> (w64) = rt_mutexrate, nothing;
        leaf blockbegins() -> () = rt_blockbegins, nothing;
        leaf blockended(w64) -> () = rt_blockended, nothing;
        leaf blockevent(w64, w64) -> () = rt_blockevent, nothing;
        // runtime/std_debug.go
        leaf setgcpercent(w32) -> (w32) = rt_setgcpercent, nothing;
        leaf setmemorylimit(w64) -> (w64) = rt_setmemorylimit, nothing;
        leaf writeheapdump(w64, ptr, w64, ptr, w64) -> () = rt_writeheapdump, nothing;
        leaf setcrashoutput(w64) -> (w64) = rt_setcrashoutput, nothing;
        leaf setmaxstack(w64) -> (w64) = rt_setmaxstack, leaks;
        leaf setmaxthreads(w64) -> (w64) = rt_setmaxthreads, leaks;
        leaf settraceback(ptr, w64) -> () = rt_settraceback, leaks;
        // runtime/std_fork.go
        leaf forkbegin() -> () = rt_forkbegin, nothing;
        leaf forkend() -> () = rt_forkend, nothing;
        leaf forkchild() -> () = rt_forkchild, nothing;
        leaf allthreadssyscall(ptr, ptr) -> (w8) = rt_allthreadssyscall, leaks;
        // runtime/std_natives.go
        leaf goargs(ptr) -> () = rt_goargs, nothing;
        direct entersyscall() -> () = asm, nothing;
        park exitsyscall() -> () = rt_exitsyscall, nothing;
        leaf nanotime() -> (w64) = rt_nanotime, nothing;
        leaf walltime(ptr) -> () = rt_walltime, nothing;
        park timesleep(w64) -> () = rt_timesleep, leaks;
        leaf timerchan(ptr, ptr, ptr, ptr) -> () = rt_timerchan, leaks;
        leaf timerfunc(ptr, ptr) -> () = rt_timerfunc, leaks;
        leaf isgofunc(w64) -> (w8) = rt_isgofunc, leaks;
        leaf timerreset(ptr, w64, w64) -> (w8) = rt_timerreset, leaks;
        leaf timerstop(ptr) -> (w8) = rt_timerstop, nothing;
        leaf timerbubbled(ptr) -> (w8) = rt_timerbubbled, nothing;
        leaf pollclose(ptr) -> () = rt_pollclose, leaks;
        leaf pollreset(ptr, w64) -> (w64) = rt_pollreset, leaks;
        park pollwait(ptr, w64) -> (w64) = rt_pollwait, leaks;
        leaf pollunblock(ptr) -> () = rt_pollunblock, leaks;
        leaf polldeadline(ptr, w64, w64) -> () = rt_polldeadline, leaks;
        leaf pollopen(w64) -> (w64) = rt_pollopen, leaks;
        leaf pollfd() -> (w64) = rt_pollfd, nothing;
        direct poolpin() -> (w64) = asm, nothing;
        direct procpin() -> (w64) = asm, nothing;
        direct procunpin() -> () = asm, nothing;
        direct procyield(w32) -> () = asm, leaks;
        leaf canspin(w64) -> (w8) = rt_canspin, leaks;
        leaf typelinks(ptr) -> () = rt_typelinks, nothing;
        park semacquire(ptr, w8, w64) -> (w8) = rt_semacquire, nothing;
        park semrelease(ptr, w8, w64) -> () = rt_semrelease, nothing;
        leaf notifylistsize() -> (w64) = rt_notifylistsize, nothing;
        park notifylistwait(ptr, w32) -> () = rt_notifylistwait, nothing;
        leaf notifylistall(ptr) -> () = rt_notifylistall, nothing;
        leaf notifylistone(ptr) -> () = rt_notifylistone, nothing;
        // runtime/std_metrics.go
        leaf readschedstats(ptr) -> () = rt_readschedstats, nothing;
        leaf readpauses(w64, ptr) -> () = rt_readpauses, nothing;
        // runtime/std_pprof.go
        leaf goroutineprofile(ptr, w64, w64) -> (w64) = rt_goroutineprofile, leaks;
        leaf leakprofile(ptr, w64, w64) -> (w64) = rt_leakprofile, leaks;
        leaf leakswanted() -> () = rt_leakswanted, nothing;
        leaf leakspending() -> (w8) = rt_leakspending, nothing;
        leaf leakcount() -> (w64) = rt_leakcount, nothing;
        // runtime/std_reflect.go
        leaf heapobject(ptr, ptr) -> (w8) = rt_heapobject, leaks;
        // runtime/std_signal.go
        leaf sigenable(w32) -> () = rt_sigenable, leaks;
        leaf sigdisable(w32) -> () = rt_sigdisable, leaks;
        leaf sigignore(w32) -> () = rt_sigignore, leaks;
        leaf sigignored(w32) -> (w8) = rt_sigignored, leaks;
        leaf sigtake() -> (w32) = rt_sigtake, nothing;
        leaf sigpending() -> (w8) = rt_sigpending, nothing;
        leaf sigseq() -> (ptr) = rt_sigseq, nothing;
        leaf sigsend(w32) -> (w8) = rt_sigsend, leaks;
        leaf sigdie(w32) -> () = rt_sigdie, leaks;
        // runtime/std_synctest.go
        leaf bubblenew() -> (ptr) = rt_bubblenew, nothing;
        leaf bubbleend(ptr) -> (w8) = rt_bubbleend, leaks;
        park bubbleidle(ptr) -> () = rt_bubbleidle, leaks;
        leaf bubbleadvance(ptr) -> (w64) = rt_bubbleadvance, leaks;
        leaf bubbletimers(ptr) -> () = rt_bubbletimers, leaks;
        leaf bubblewaitbegin(ptr) -> (w8) = rt_bubblewaitbegin, leaks;
        park bubblewait(ptr) -> () = rt_bubblewait, leaks;
        leaf bubblewaitend(ptr) -> () = rt_bubblewaitend, leaks;
        leaf bubbleacquire(ptr) -> () = rt_bubbleacquire, leaks;
        leaf bubblerelease(ptr) -> () = rt_bubblerelease, leaks;
        leaf bubbleassoc(ptr, w8) -> (w64) = rt_bubbleassoc, leaks;
        leaf bubbledisassoc(ptr) -> () = rt_bubbledisassoc, leaks;
        // runtime/std_weak.go
        leaf weakhandle(ptr) -> (ptr) = rt_weakhandle, leaks;
        leaf weakstrong(ptr) -> (ptr) = rt_weakstrong, nothing;
        // runtime/stubs.go
        direct getg() -> (ptr) = asm, nothing;
        direct memmove(ptr, ptr, w64) -> () = asm, flows;
        direct memclrNoHeapPointers(ptr, w64) -> () = asm, nothing;
        direct memmoveHasPointers(ptr, ptr, w64) -> () = asm, flows;
        direct memclrHasPointers(ptr, w64) -> () = asm, nothing;
        direct memequal(ptr, ptr, w64) -> (w8) = asm, nothing;
        direct inittasks() -> (ptr) = asm, nothing;
        direct newobject(ptr) -> (ptr) = asm, nothing;
        leaf mallocgc(w64, ptr, w8) -> (ptr) = rt_mallocgc, leaks;
        leaf makeslice(ptr, w64, w64) -> (ptr) = rt_makeslice, flows;
        leaf growslice(ptr, w64, w64, w64, ptr) -> (ptr, w64) = rt_growslice, flows;
        leaf typedmemmove(ptr, ptr, ptr) -> () = rt_typedmemmove, flows;
        leaf typedmemclr(ptr, ptr) -> () = rt_typedmemclr, nothing;
        leaf convT16(w16) -> (ptr) = rt_convT16, flows;
        leaf convT32(w32) -> (ptr) = rt_convT32, flows;
        leaf convT64(w64) -> (ptr) = rt_convT64, flows;
        leaf concatstring2(ptr, w64, ptr, w64) -> (ptr, w64) = rt_concatstring2, flows;
        leaf concatstring3(ptr, w64, ptr, w64, ptr, w64) -> (ptr, w64) = rt_concatstring3, flows;
        leaf concatstrings(ptr, w64) -> (ptr, w64) = rt_concatstrings, flows;
        leaf slicebytetostring(ptr, w64) -> (ptr, w64) = rt_slicebytetostring, flows;
        leaf intstring(w64) -> (ptr, w64) = rt_intstring, flows;
        leaf makebytes(w64) -> (ptr, w64) = rt_makebytes, leaks;
        leaf stringtoslicebyte(ptr, w64) -> (ptr, w64) = rt_stringtoslicebyte, flows;
        leaf getitab(ptr, ptr) -> (ptr) = rt_getitab, nothing;
        leaf missingmethod(ptr, ptr) -> (ptr) = rt_missingmethod, nothing;
        leaf printlock() -> () = rt_printlock, nothing;
        leaf printunlock() -> () = rt_printunlock, nothing;
        leaf printbool(w8) -> () = rt_printbool, nothing;
        leaf printint(w64) -> () = rt_printint, nothing;
        leaf printuint(w64) -> () = rt_printuint, nothing;
        leaf printhex(w64) -> () = rt_printhex, nothing;
        leaf printfloat(f64) -> () = rt_printfloat, nothing;
        leaf printfloat32(f32) -> () = rt_printfloat32, nothing;
        leaf printstring(ptr, w64) -> () = rt_printstring, nothing;
        leaf printpointer(ptr) -> () = rt_printhex, nothing;
        leaf printuintptr(w64) -> () = rt_printuint, nothing;
        leaf printnl() -> () = rt_printnl, nothing;
        leaf printsp() -> () = rt_printsp, nothing;
        leaf canrecover(w64) -> (w8) = rt_canrecover, nothing;
        leaf candeferredrecover() -> (w8) = rt_candeferredrecover, nothing;
        leaf recovery(w64) -> () = rt_recovery, leaks;
        leaf panicdefers(w64) -> () = rt_panicdefers, leaks;
        park startpanic() -> () = rt_startpanic, nothing;
        leaf dopanic(ptr) -> () = rt_dopanic, leaks;
        leaf dothrow(ptr, w64) -> () = rt_throw, nothing;
        leaf dofatal(ptr, w64) -> () = rt_fatal, nothing;
        leaf newproc(ptr) -> () = rt_newproc, leaks;
        leaf newsystem(ptr) -> () = rt_newsystem, leaks;
        park goexit1() -> () = rt_goexit1, nothing;
        leaf makechan(ptr, w64) -> (ptr) = rt_makechan, nothing;
        park chansend1(ptr, ptr) -> () = rt_chansend1, flows;
        park chanrecv1(ptr, ptr) -> () = rt_chanrecv1, flows;
        park chanrecv2(ptr, ptr) -> (w8) = rt_chanrecv1, flows;
        leaf closechan(ptr) -> () = rt_closechan, nothing;
        leaf selectnbsend(ptr, ptr) -> (w8) = rt_selectnbsend, flows;
        leaf selectnbrecv(ptr, ptr) -> (w8, w8) = rt_selectnbrecv, flows;
        park selectgo(ptr, ptr, w64, w64, w8) -> (w64, w8) = rt_selectgo, flows;
        park block() -> () = rt_block, nothing;
        park goschedNative() -> () = rt_gosched, nothing;
        park setmaxprocs(w64) -> (w64) = rt_setmaxprocs, leaks;
        park setdefaultmaxprocs() -> (w8) = rt_setdefaultmaxprocs, nothing;
        leaf chanlen(ptr) -> (w64) = rt_chanlen, nothing;
        leaf chancap(ptr) -> (w64) = rt_chancap, nothing;
        leaf callers(w64, ptr, w64) -> (w64) = rt_callers, nothing;
        leaf pcinfo(w64, w64, ptr) -> (w8) = rt_pcinfo, nothing;
        leaf findfunc(w64) -> (ptr) = rt_findfunc, nothing;
        leaf stackdump(ptr, w64, w8) -> (w64) = rt_stackdump, nothing;
        leaf gcount() -> (w64) = rt_gcount, nothing;
        leaf ncpu() -> (w64) = rt_ncpu, nothing;
        leaf lockthread(w64) -> () = rt_lockthread, leaks;
        leaf exit(w64) -> () = rt_exit, leaks;
        park mainstart(ptr, w64) -> () = rt_mainstart, nothing;
        leaf initbegins() -> (w8) = rt_initbegins, nothing;
        leaf initended(w64) -> () = rt_initended, nothing;
        leaf panicsrunning() -> (w8) = rt_panicsrunning, nothing;
        park mainexit() -> () = rt_mainexit, nothing;
        // Called by other natives or put in by passes: no Go declaration.
        direct gcWriteBarrier() -> () = asm, nothing;
        direct gcBulkBarrier() -> () = asm, nothing;
        direct decodemultibyte(ptr, w64, w64) -> () = asm, nothing;
        leaf newobjectslow(ptr) -> (ptr) = rt_newobject, nothing;
        leaf concatstringsbuf(ptr, ptr, w64) -> (ptr, w64) = rt_concatstringsbuf, leaks;
        leaf slicebytetostringbuf(ptr, ptr, w64) -> (ptr, w64) = rt_slicebytetostringbuf, leaks;
        leaf stringtoslicebytebuf(ptr, ptr, w64) -> (ptr, w64) = rt_stringtoslicebytebuf, leaks;
        leaf intstringbuf(ptr, w64) -> (ptr, w64) = rt_intstringbuf, leaks;
    } };
}

/// The words of the table, as it writes them.
#[allow(non_upper_case_globals)]
mod words {
    use super::{Class, Keeps, Kind};
    pub const direct: Kind = Kind::Direct;
    pub const leaf: Kind = Kind::Leaf;
    pub const park: Kind = Kind::Park;
    pub const ptr: Class = Class::Ptr;
    pub const w8: Class = Class::W8;
    pub const w16: Class = Class::W16;
    pub const w32: Class = Class::W32;
    pub const w64: Class = Class::W64;
    pub const f32: Class = Class::F32;
    pub const f64: Class = Class::F64;
    pub const nothing: Keeps = Keeps::Nothing;
    pub const flows: Keeps = Keeps::Flows;
    pub const leaks: Keeps = Keeps::Leaks;
}

macro_rules! table {
    ($($kind:ident $name:ident ($($p:ident),*) -> ($($r:ident),*) = $rust:ident, $keeps:ident;)*) => {
        /// All natives, in the order of the table.
        pub const NATIVES: &[Native] = &[$(Native {
            kind: words::$kind,
            name: stringify!($name),
            params: &[$(words::$p),*],
            results: &[$(words::$r),*],
            rust: stringify!($rust),
            keeps: words::$keeps,
        }),*];
    };
}
natives!(table);

// What registers there are.
const _: () = {
    let mut i = 0;
    while i < NATIVES.len() {
        assert!(NATIVES[i].params.len() <= 6 && NATIVES[i].results.len() <= 2);
        i += 1;
    }
};
