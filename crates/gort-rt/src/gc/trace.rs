//! `GODEBUG=gctrace=1`: a line a cycle, in official Go's form, by which programs and people read it.
//!
//! `gc 3 @0.041s 2%: 0.018+1.2+0.007 ms clock, 0.036+0.21/1.1/0.40+0.014 ms cpu, 4->5->2 MB, 5 MB goal, 0 MB stacks, 0 MB globals, 2 P`

/// What there is to say of a cycle. Times are nanoseconds, by nanotime; sizes bytes.
#[derive(Default)]
pub struct Cycle {
    /// From 1.
    pub number: u64,
    /// When the first stop of the world began, since the start of the program.
    pub begin: u64,
    /// From there: the stop in which marking begins; marking; the stop in which it ends.
    pub phases: [u64; 3],
    /// Ps that the stops stopped.
    pub stopped_procs: u32,
    /// Processor time of marking: by those who allocate, on time due to it, by idle Ps.
    pub assist: u64,
    /// See above.
    pub dedicated: u64,
    /// See above.
    pub idle: u64,
    /// The heap when marking began and when it ended, and what was alive then.
    pub heap: [u64; 3],
    /// The size that the heap was to have at the end.
    pub goal: u64,
    /// Bytes of stacks and of variables that were looked at.
    pub stacks: u64,
    /// See above.
    pub globals: u64,
    /// GOMAXPROCS.
    pub procs: u32,
    /// The program called for it.
    pub forced: bool,
    /// It looked for leaked goroutines.
    pub leaks: bool,
}

impl Cycle {
    /// Both stops of the world.
    pub fn pause(&self) -> u64 {
        self.phases[0] + self.phases[2]
    }
}

/// Room for the longest line.
const LINE: usize = 512;

/// A line of text.
pub struct Line {
    buf: [u8; LINE],
    len: usize,
}

impl Line {
    /// An empty one.
    pub fn new() -> Line {
        Line {
            buf: [0; LINE],
            len: 0,
        }
    }

    /// The text.
    pub fn bytes(&self) -> &[u8] {
        &self.buf[..self.len]
    }

    /// More text.
    pub fn s(&mut self, text: &str) -> &mut Line {
        let n = text.len().min(LINE - self.len);
        self.buf[self.len..self.len + n].copy_from_slice(&text.as_bytes()[..n]);
        self.len += n;
        self
    }

    /// A number with so many of its digits behind a point.
    pub fn decimal(&mut self, mut v: u64, places: usize) -> &mut Line {
        let mut digits = [0; 24];
        let mut at = digits.len();
        let mut n = 0;
        while v != 0 || n <= places {
            if n == places && places != 0 {
                at -= 1;
                digits[at] = b'.';
            }
            at -= 1;
            digits[at] = b'0' + (v % 10) as u8;
            v /= 10;
            n += 1;
        }
        self.s(core::str::from_utf8(&digits[at..]).unwrap_or_default())
    }

    /// Nanoseconds as milliseconds: whole ones from 10 on, below that two digits, at most to the microsecond.
    pub fn ms(&mut self, ns: u64) -> &mut Line {
        if ns >= 10_000_000 {
            return self.decimal(ns / 1_000_000, 0);
        }
        let (mut v, mut places) = (ns / 1000, 3);
        if v == 0 {
            return self.s("0");
        }
        while v >= 100 {
            v /= 10;
            places -= 1;
        }
        self.decimal(v, places)
    }

    fn mb(&mut self, bytes: u64) -> &mut Line {
        self.decimal(bytes >> 20, 0)
    }
}

/// The line of a cycle; collecting has taken `fraction` of all processor time so far.
pub fn line(c: &Cycle, fraction: f64) -> Line {
    let mut l = Line::new();
    l.s("gc ").decimal(c.number, 0);
    l.s(" @").decimal(c.begin / 1_000_000, 3);
    l.s("s ").decimal((fraction * 100.0) as u64, 0).s("%");
    if c.leaks {
        l.s(" (checking for goroutine leaks)");
    }
    l.s(": ");
    let [first, mark, last] = c.phases;
    l.ms(first).s("+").ms(mark).s("+").ms(last);
    let stopped = u64::from(c.stopped_procs);
    l.s(" ms clock, ").ms(first * stopped);
    l.s("+").ms(c.assist);
    l.s("/").ms(c.dedicated).s("/").ms(c.idle);
    l.s("+").ms(last * stopped);
    let [begin, end, live] = c.heap;
    l.s(" ms cpu, ").mb(begin).s("->").mb(end).s("->").mb(live);
    l.s(" MB, ").mb(c.goal);
    l.s(" MB goal, ").mb(c.stacks);
    l.s(" MB stacks, ").mb(c.globals);
    l.s(" MB globals, ").decimal(c.procs.into(), 0).s(" P");
    if c.forced {
        l.s(" (forced)");
    }
    l.s("\n");
    l
}

/// Prints it, if it is wanted.
#[cfg(not(any(test, loom)))]
pub fn print(c: &Cycle) {
    use crate::debug::GCTRACE;
    use crate::sync::Ordering;
    if GCTRACE.load(Ordering::Relaxed) > 0 {
        crate::text::to_stderr(line(c, super::stats::cpu_fraction()).bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ns: u64) -> String {
        let mut l = Line::new();
        l.ms(ns);
        String::from_utf8(l.bytes().to_vec()).unwrap()
    }

    #[test]
    fn milliseconds() {
        for (ns, text) in [
            (0, "0"),
            (999, "0"),
            (1_000, "0.001"),
            (18_400, "0.018"),
            (123_456, "0.12"),
            (1_234_567, "1.2"),
            (9_999_999, "9.9"),
            (10_000_000, "10"),
            (1_234_567_890, "1234"),
        ] {
            assert_eq!(ms(ns), text, "{ns}");
        }
    }

    #[test]
    fn a_line() {
        let mut c = Cycle {
            number: 12,
            begin: 3_041_900_000,
            phases: [18_000, 1_240_000, 7_000],
            stopped_procs: 2,
            assist: 0,
            dedicated: 211_000,
            idle: 1_100_000,
            heap: [4 << 20, 5 << 20, (2 << 20) + 5],
            goal: 5 << 20,
            procs: 2,
            ..Cycle::default()
        };
        let text = |c: &Cycle| String::from_utf8(line(c, 0.029).bytes().to_vec()).unwrap();
        let start = "gc 12 @3.041s 2%: 0.018+1.2+0.007 ms clock, 0.036+0/0.21/1.1+0.014 ms cpu, \
                     4->5->2 MB, 5 MB goal, 0 MB stacks, 0 MB globals, 2 P";
        assert_eq!(text(&c), format!("{start}\n"));
        c.forced = true;
        assert_eq!(text(&c), format!("{start} (forced)\n"));
        c.begin = 5_000_000;
        c.leaks = true;
        assert!(text(&c).starts_with("gc 12 @0.005s 2% (checking for goroutine leaks): 0.018+"));
    }
}
