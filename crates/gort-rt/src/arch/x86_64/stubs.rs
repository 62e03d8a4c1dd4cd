//! Native stubs: how Go code enters Rust. The natives and their kinds are the table of `gort_abi::natives`; here is
//! what each kind means on this processor. Every stub leaves its frame pointer in `g.sched.bp`, so that tracebacks, panics raised
//! by natives and the collector find the goroutine's stack.

use crate::gmp::{G, M};
use core::arch::global_asm;
use core::mem::offset_of;

/// Puts a stub for each line of the table.
macro_rules! stubs {
    ($($kind:ident $name:ident ($($p:ident),*) -> ($($r:ident),*) = $rust:ident, $keeps:ident;)*) => {
        global_asm!(
            r#"
    .macro direct name, rust
    .endm

    .macro leaf name, rust
    .globl runtime.\name
    .p2align 4
runtime.\name:
    push rbp
    mov rbp, rsp
    mov [r15 + {BP}], rbp
    mov rsp, fs:[{G0SP}]
    call \rust
    mov rsp, rbp
    pop rbp
    ret
    .endm

    .macro park name, rust
    .globl runtime.\name
    .p2align 4
runtime.\name:
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    mov [r15 + {SP}], rsp
    mov [r15 + {BP}], rbp
    lea rax, [rip + resume_park]
    mov [r15 + {PC}], rax
    mov rsp, fs:[{G0SP}]
    call \rust
    mov rsp, rbp
    pop rbp
    ret
    .endm

    .section .text.rt_stubs,"ax",@progbits
    leaf newobjectslow, rt_newobject
    leaf mallocgc, rt_mallocgc
    leaf makeslice, rt_makeslice
    leaf growslice, rt_growslice
    leaf makebytes, rt_makebytes
    leaf typedmemmove, rt_typedmemmove
    leaf typedmemclr, rt_typedmemclr
    leaf convT16, rt_convT16
    leaf convT32, rt_convT32
    leaf convT64, rt_convT64

    leaf concatstring2, rt_concatstring2
    leaf concatstring3, rt_concatstring3
    leaf concatstrings, rt_concatstrings
    leaf slicebytetostring, rt_slicebytetostring
    leaf intstring, rt_intstring
    leaf stringtoslicebyte, rt_stringtoslicebyte
    leaf concatstringsbuf, rt_concatstringsbuf
    leaf slicebytetostringbuf, rt_slicebytetostringbuf
    leaf stringtoslicebytebuf, rt_stringtoslicebytebuf
    leaf intstringbuf, rt_intstringbuf

    leaf cpufeatures, rt_cpufeatures
    leaf crc32ieee, rt_crc32ieee
    leaf crc32castagnoli, rt_crc32castagnoli
    leaf sha256blocks, rt_sha256blocks
    leaf aesexpand, rt_aesexpand
    leaf aesencrypt, rt_aesencrypt
    leaf aesdecrypt, rt_aesdecrypt
    leaf aesctr, rt_aesctr
    leaf ghashinit, rt_ghashinit
    leaf ghash, rt_ghash

    leaf getitab, rt_getitab
    leaf missingmethod, rt_missingmethod

    leaf printlock, rt_printlock
    leaf printunlock, rt_printunlock
    leaf printbool, rt_printbool
    leaf printint, rt_printint
    leaf printuint, rt_printuint
    leaf printhex, rt_printhex
    leaf printfloat, rt_printfloat
    leaf printfloat32, rt_printfloat32
    leaf printstring, rt_printstring
    leaf printpointer, rt_printhex
    leaf printuintptr, rt_printuint
    leaf printnl, rt_printnl
    leaf printsp, rt_printsp

    leaf canrecover, rt_canrecover
    leaf candeferredrecover, rt_candeferredrecover
    leaf recovery, rt_recovery
    leaf panicdefers, rt_panicdefers
    maypark startpanic, rt_startpanic
    leaf dopanic, rt_dopanic
    leaf throw, rt_throw
    leaf fatal, rt_fatal

    leaf newproc, rt_newproc
    maypark goexit1, rt_goexit1
    leaf makechan, rt_makechan
    maypark chansend1, rt_chansend1
    maypark chanrecv1, rt_chanrecv1
    maypark chanrecv2, rt_chanrecv1
    leaf closechan, rt_closechan
    leaf selectnbsend, rt_selectnbsend
    leaf selectnbrecv, rt_selectnbrecv
    maypark selectgo, rt_selectgo
    maypark block, rt_block
    maypark goschedNative, rt_gosched
    maypark setmaxprocs, rt_setmaxprocs

    leaf chanlen, rt_chanlen
    leaf chancap, rt_chancap
    leaf callers, rt_callers
    leaf pcinfo, rt_pcinfo
    leaf findfunc, rt_findfunc
    leaf stackdump, rt_stackdump
    leaf gcount, rt_gcount
    leaf ncpu, rt_ncpu
    leaf goargs, rt_goargs
    leaf entersyscall, rt_entersyscall
    maypark exitsyscall, rt_exitsyscall
    leaf nanotime, rt_nanotime
    leaf walltime, rt_walltime
    maypark timesleep, rt_timesleep
    leaf timerchan, rt_timerchan
    leaf timerfunc, rt_timerfunc
    leaf isgofunc, rt_isgofunc
    leaf timerreset, rt_timerreset
    leaf timerstop, rt_timerstop
    leaf timerbubbled, rt_timerbubbled
    leaf pollopen, rt_pollopen
    leaf pollclose, rt_pollclose
    leaf pollreset, rt_pollreset
    maypark pollwait, rt_pollwait
    leaf pollunblock, rt_pollunblock
    leaf polldeadline, rt_polldeadline
    leaf pollfd, rt_pollfd
    leaf canspin, rt_canspin
    leaf typelinks, rt_typelinks
    maypark semacquire, rt_semacquire
    maypark semrelease, rt_semrelease
    leaf notifylistsize, rt_notifylistsize
    maypark notifylistwait, rt_notifylistwait
    leaf notifylistall, rt_notifylistall
    leaf notifylistone, rt_notifylistone
    leaf fastrand, rt_fastrand
    leaf lockthread, rt_lockthread
    leaf readmemstats, rt_readmemstats
    leaf exit, rt_exit
    leaf mainstart, rt_mainstart
    leaf panicsrunning, rt_panicsrunning
    maypark mainexit, rt_mainexit

    leaf coronew, rt_coronew
    maypark coroswitch, rt_coroswitch
    maypark coroexit, rt_coroexit

    leaf bubblenew, rt_bubblenew
    leaf bubbleend, rt_bubbleend
    maypark bubbleidle, rt_bubbleidle
    leaf bubbleadvance, rt_bubbleadvance
    leaf bubbletimers, rt_bubbletimers
    leaf bubblewaitbegin, rt_bubblewaitbegin
    maypark bubblewait, rt_bubblewait
    leaf bubblewaitend, rt_bubblewaitend
    leaf bubbleacquire, rt_bubbleacquire
    leaf bubblerelease, rt_bubblerelease
    leaf bubbleassoc, rt_bubbleassoc
    leaf bubbledisassoc, rt_bubbledisassoc

    leaf sigenable, rt_sigenable
    leaf sigdisable, rt_sigdisable
    leaf sigignore, rt_sigignore
    leaf sigignored, rt_sigignored
    leaf sigtake, rt_sigtake
    leaf sigpending, rt_sigpending
    leaf sigseq, rt_sigseq
    leaf sigsend, rt_sigsend
    leaf sigdie, rt_sigdie

    leaf allthreadssyscall, rt_allthreadssyscall
    leaf heapobject, rt_heapobject
    leaf forkbegin, rt_forkbegin
    leaf forkend, rt_forkend
    leaf forkchild, rt_forkchild

    leaf setmaxstack, rt_setmaxstack
    leaf setmaxthreads, rt_setmaxthreads
    leaf settraceback, rt_settraceback
    leaf goroutinepcs, rt_goroutinepcs
"#,
            $(concat!(stringify!($kind), " ", stringify!($name), ", ", stringify!($rust)),)*
            SP = const offset_of!(G, sched.sp),
            BP = const offset_of!(G, sched.bp),
            PC = const offset_of!(G, sched.pc),
            G0SP = const offset_of!(M, g0_sp),
        );
    };
}
gort_abi::natives!(stubs);
