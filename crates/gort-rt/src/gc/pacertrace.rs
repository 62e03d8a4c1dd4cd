//! `GODEBUG=gcpacertrace=1` and `scavtrace=1`, in official Go's forms: what the pacer expected of a cycle and what became of it, and
//! the memory that has gone back to the system.
//!
//! | official Go's term | here |
//! | --- | --- |
//! | assist ratio | bytes to mark for each byte that may be allocated until the goal |
//! | workers: dedicated, and a fraction | none, and the share of its time that a P with goroutines marks |
//! | work (bg), work (eager) | what sysmon gives back, and `debug.FreeOSMemory` |

use super::trace::Cycle;
use super::{mark, pacer, sweep};
use crate::debug::{GCPACERTRACE, SCAVTRACE};
use crate::mem::arena;
use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::text::{Text, err};

/// Bytes that have gone back since the last line: in the background, and because the program asked for it.
static BACKGROUND: AtomicUsize = AtomicUsize::new(0);
static FORCED: AtomicUsize = AtomicUsize::new(0);
/// What was looked through in the last cycle: that much is expected of the next.
static EXPECTED: AtomicU64 = AtomicU64::new(0);
/// The ratio of the last cycle, in bits of a float.
static CONS_MARK: AtomicU64 = AtomicU64::new(0);

fn on(setting: &crate::sync::AtomicI32) -> bool {
    setting.load(Ordering::Relaxed) > 0
}

fn mb(t: &mut Text, bytes: u64) -> &mut Text {
    t.u(bytes >> 20)
}

/// A cycle begins. Ps give `share` of their time to it.
pub fn began(share: f64) {
    if !on(&GCPACERTRACE) {
        return;
    }
    let (begin, goal) = (pacer::before(), pacer::goal());
    let room = goal.saturating_sub(begin).max(1);
    let mut t = err();
    t.s("pacer: assist ratio=");
    t.f(pacer::live() as f64 / room as f64).s(" (scan ");
    mb(&mut t, EXPECTED.load(Ordering::Relaxed)).s(" MB in ");
    mb(&mut t, begin).s("->");
    mb(&mut t, goal).s(" MB) workers=0+").f(share).s("\n");
    t.flush();
}

/// Marking has ended.
pub fn ended(c: &Cycle, share: f64) {
    let all = pacer::SCANNED.load(Ordering::Relaxed) as u64;
    let stacks = mark::STACKS.load(Ordering::Relaxed) as u64;
    let work = [all.saturating_sub(stacks), stacks, c.globals];
    let done: u64 = work.iter().sum();
    let expected = EXPECTED.swap(done, Ordering::Relaxed);
    let [begin, live, _] = c.heap;
    if live <= begin {
        return; // nothing has been allocated meanwhile
    }
    let time = (c.phases[1] * u64::from(c.procs)).max(1) as f64;
    let used = (c.assist + c.dedicated) as f64 / time;
    let ratio = (live - begin) as f64 * (used + c.idle as f64 / time)
        / (done as f64 * (1.0 - used).max(0.01));
    let before = CONS_MARK.swap(ratio.to_bits(), Ordering::Relaxed);
    if !on(&GCPACERTRACE) {
        return;
    }
    let mut t = err();
    t.s("pacer: ").u((used * 100.0) as u64).s("% CPU (");
    t.u((share * 100.0) as u64).s(" exp.) for ");
    t.u(work[0]).s("+").u(work[1]).s("+").u(work[2]);
    t.s(" B work (").u(expected).s(" B exp.) in ");
    t.u(begin).s(" B -> ").u(live).s(" B (∆goal ");
    t.i(live as i64 - c.goal as i64).s(", cons/mark ");
    t.f(f64::from_bits(before)).s(")\n");
    t.flush();
}

/// All spans of the last cycle are swept.
pub fn swept() {
    if on(&GCPACERTRACE) {
        let mut t = err();
        t.s("pacer: sweep done at heap size ");
        mb(&mut t, pacer::heap()).s("MB; allocated ");
        mb(&mut t, pacer::fresh()).s("MB during sweep; swept ");
        let pages = sweep::PAGES.load(Ordering::Relaxed);
        t.u(pages as u64).s(" pages at ");
        t.f(pages as f64 / pacer::trigger().max(1) as f64);
        t.s(" pages/byte\n").flush();
    }
    if on(&SCAVTRACE) {
        let background = BACKGROUND.swap(0, Ordering::Relaxed);
        scavenged(background, FORCED.load(Ordering::Relaxed), "\n");
    }
}

/// Sysmon has given back so many bytes.
pub fn in_background(bytes: usize) {
    BACKGROUND.fetch_add(bytes, Ordering::Relaxed);
}

/// `debug.FreeOSMemory` has given back so many bytes; 0 when it is done.
pub fn forced(bytes: usize) {
    if bytes > 0 {
        FORCED.fetch_add(bytes, Ordering::Relaxed);
    } else {
        let all = FORCED.swap(0, Ordering::Relaxed);
        if on(&SCAVTRACE) {
            scavenged(0, all, " (forced)\n");
        }
    }
}

fn scavenged(background: usize, eager: usize, end: &str) {
    let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
    let (used, released) = (get(&arena::IN_USE), get(&arena::RELEASED));
    let kept = get(&arena::MAPPED).saturating_sub(released).max(1);
    let mut t = err();
    t.s("scav ")
        .u(background as u64 >> 10)
        .s(" KiB work (bg), ");
    t.u(eager as u64 >> 10).s(" KiB work (eager), ");
    t.u(released >> 10).s(" KiB now, ");
    t.u(used * 100 / kept).s("% util").s(end);
    t.flush();
}
