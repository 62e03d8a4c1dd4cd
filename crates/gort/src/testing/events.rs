//! `-json`: the output of a test executable as a stream of events, as `go doc test2json` describes them.
//!
//! The executable runs with `-test.v=test2json`, which puts a mark (^V) before each line of package testing's own, so
//! that lines of the tests that look alike are not taken for them; ^O and ^N frame messages of errors, ^[ escapes.

use serde::Serialize;
use std::io::Write;
use std::time::{Instant, SystemTime};

const FRAME: char = '\x16';
const ERROR_BEGIN: char = '\x0f';
const ERROR_END: char = '\x0e';
const ESCAPE: char = '\x1b';

#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    time: String,
    action: &'a str,
    package: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    test: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    output_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    value: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    failed_build: &'a str,
}

/// A result whose subtests' results may still come: it is an event when they are through.
struct Report {
    action: String,
    test: String,
    elapsed: Option<f64>,
}

/// Turns lines into events.
pub struct Converter<W: Write> {
    out: W,
    package: String,
    start: Instant,
    test: String,
    reports: Vec<Report>,
    result: Option<&'static str>,
    /// The stream has marks: lines without one are output.
    marked: bool,
    /// Inside the message of an error.
    in_error: bool,
    /// A line without its end.
    unfinished: String,
}

const UPDATES: [&str; 9] = [
    "RUN   ",
    "PAUSE ",
    "CONT  ",
    "NAME  ",
    "PASS  ",
    "FAIL  ",
    "SKIP  ",
    "ATTR  ",
    "ARTIFACTS ",
];
const REPORTS: [&str; 4] = ["--- PASS: ", "--- FAIL: ", "--- SKIP: ", "--- BENCH: "];

/// Where a mark is that does not begin a line.
fn mark_within(line: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            ESCAPE => escaped = true,
            FRAME if at > 0 => return Some(at),
            _ => {}
        }
    }
    None
}

impl<W: Write> Converter<W> {
    /// A converter for a package; writes its first event.
    pub fn new(out: W, package: &str) -> Converter<W> {
        let mut c = Converter {
            out,
            package: package.to_string(),
            start: Instant::now(),
            test: String::new(),
            reports: Vec::new(),
            result: None,
            marked: false,
            in_error: false,
            unfinished: String::new(),
        };
        c.event("start", Event::default());
        c
    }

    /// A line with its end, or an unfinished one, which the next goes on with. A mark in the middle ends what a test has left
    /// unfinished, unless it is escaped: then the test has printed it.
    pub fn line(&mut self, line: &str) {
        let whole = std::mem::take(&mut self.unfinished) + line;
        let mut rest = whole.as_str();
        while let Some(at) = mark_within(rest) {
            self.one(&rest[..at]);
            rest = &rest[at..];
        }
        match rest.ends_with('\n') {
            true => self.one(rest),
            false => self.unfinished = rest.to_string(),
        }
    }

    fn one(&mut self, line: &str) {
        let marked = line.starts_with(FRAME);
        if line.is_empty() || self.marked && !marked {
            return self.output(line, false);
        }
        let line = line.strip_prefix(FRAME).unwrap_or(line);
        let text = line.trim_end_matches(['\n', '\r']);
        if text == "PASS" || text == "FAIL" || text.starts_with("FAIL\t") {
            self.finish_reports(0);
            self.marked = marked;
            self.output(line, true);
            self.result = Some(if text == "PASS" { "pass" } else { "fail" });
            return;
        }
        if text.starts_with("?   \t") && text.ends_with("\t[no test files]") {
            self.result = Some("skip");
        }
        if let Some(update) = text.strip_prefix("=== ").filter(|t| {
            let t = if *t == "NAME" { "NAME  " } else { t };
            UPDATES.iter().any(|u| t.starts_with(u))
        }) {
            self.marked = marked;
            return self.update(update, line);
        }
        let unindented = line.trim_start_matches("    ");
        let depth = (line.len() - unindented.len()) / 4;
        if REPORTS.iter().any(|r| unindented.starts_with(r)) && depth <= self.reports.len() {
            self.marked = marked;
            return self.report(unindented, depth, line);
        }
        if depth > 0 && depth <= self.reports.len() {
            self.test = self.reports[depth - 1].test.clone();
        }
        self.output(line, false);
    }

    /// `=== RUN   TestX` and its like.
    fn update(&mut self, update: &str, line: &str) {
        self.finish_reports(0);
        let (action, rest) = update.split_once(' ').unwrap_or((update, ""));
        let action = action.to_lowercase();
        let rest = rest.trim();
        let (name, tail) = match action.as_str() {
            "attr" | "artifacts" => rest.split_once(' ').unwrap_or((rest, "")),
            _ => (rest, ""),
        };
        self.test = name.to_string();
        let (mut key, mut value, mut path) = ("", "", "");
        match action.as_str() {
            "name" => return,
            "attr" => (key, value) = tail.split_once(' ').unwrap_or((tail, "")),
            "artifacts" => path = tail,
            _ => {}
        }
        let event = Event {
            key,
            value,
            path,
            ..Event::default()
        };
        if action == "pause" {
            self.output(line, true);
            self.event(&action, event);
        } else {
            self.event(&action, event);
            self.output(line, true);
        }
    }

    /// `--- PASS: TestX (0.00s)`, indented by depth.
    fn report(&mut self, text: &str, depth: usize, line: &str) {
        self.finish_reports(depth);
        let text = &text.trim_end()["--- ".len()..];
        let (action, name) = text.split_once(": ").unwrap_or((text, ""));
        let (name, time) = name.split_once(" (").unwrap_or((name, ""));
        let elapsed = time.strip_suffix("s)").and_then(|t| t.parse().ok());
        self.test = name.to_string();
        self.reports.push(Report {
            action: action.to_lowercase(),
            test: name.to_string(),
            elapsed,
        });
        self.output(line, true);
    }

    /// The results at a depth and below are final.
    fn finish_reports(&mut self, depth: usize) {
        self.test.clear();
        while self.reports.len() > depth {
            let Some(r) = self.reports.pop() else { break };
            self.test = r.test;
            let event = Event {
                elapsed: r.elapsed,
                ..Event::default()
            };
            self.event(&r.action, event);
            self.test.clear();
        }
    }

    /// Output of the current test, cut at the marks of errors.
    fn output(&mut self, text: &str, frame: bool) {
        let mut kind = match (frame, self.in_error) {
            (true, _) => "frame",
            (false, true) => "error-continue",
            (false, false) => "",
        };
        let mut part = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                ESCAPE => part.extend(chars.next()),
                ERROR_BEGIN => {
                    self.part(&part, kind);
                    part.clear();
                    self.in_error = true;
                    kind = "error";
                }
                ERROR_END => {
                    part.extend(chars.next_if_eq(&'\n'));
                    self.part(&part, kind);
                    part.clear();
                    self.in_error = false;
                    kind = "";
                }
                c => part.push(c),
            }
        }
        self.part(&part, kind);
    }

    fn part(&mut self, text: &str, kind: &str) {
        if !text.is_empty() {
            let event = Event {
                output: Some(text),
                output_type: kind,
                ..Event::default()
            };
            self.event("output", event);
        }
    }

    fn event(&mut self, action: &str, event: Event<'_>) {
        let event = Event {
            time: humantime::format_rfc3339_nanos(SystemTime::now()).to_string(),
            action,
            package: &self.package,
            test: &self.test,
            ..event
        };
        let text = serde_json::to_string(&event).unwrap_or_default();
        let _ = writeln!(self.out, "{text}");
    }

    /// There is no executable, because the package or import of that name could not be built.
    pub fn not_built(&mut self, failed: &str) {
        let event = Event {
            elapsed: Some(0.0),
            failed_build: failed,
            ..Event::default()
        };
        self.event("fail", event);
    }

    /// The executable has ended, and all its output has been given.
    pub fn finish(&mut self, passed: bool) {
        let result = match (passed, self.result) {
            (true, Some("skip")) => "skip",
            (true, _) => "pass",
            (false, _) => "fail",
        };
        let unfinished = std::mem::take(&mut self.unfinished);
        if !unfinished.is_empty() {
            self.one(&unfinished);
        }
        self.finish_reports(0);
        let seconds = (self.start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let event = Event {
            elapsed: Some(seconds),
            ..Event::default()
        };
        self.event(result, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(lines: &[&str], passed: bool) -> Vec<(String, String, String)> {
        let mut out = Vec::new();
        let mut c = Converter::new(&mut out, "p");
        lines.iter().for_each(|l| c.line(l));
        c.finish(passed);
        let text = String::from_utf8(out).unwrap();
        let rows = text.lines().map(|l| {
            let v: serde_json::Value = serde_json::from_str(l).unwrap();
            let get = |k: &str| v[k].as_str().unwrap_or("").to_string();
            (get("Action"), get("Test"), get("Output"))
        });
        rows.filter(|r| r.0 != "output" || !r.2.starts_with("==="))
            .collect()
    }

    #[test]
    fn marks_that_tests_print_and_lines_without_end() {
        let lines = [
            "\x16=== RUN   T\n",
            "a\x1b\x16b\n",
            "c\x16--- PASS: T (0.00s)\n",
            "\x16PASS\n",
            "M2",
            "ok  \tp\t0.1s\n",
        ];
        let outputs: Vec<String> = events(&lines, true)
            .into_iter()
            .map(|r| r.2)
            .filter(|o| !o.is_empty())
            .collect();
        let want = [
            "a\x16b\n",
            "c",
            "--- PASS: T (0.00s)\n",
            "PASS\n",
            "M2ok  \tp\t0.1s\n",
        ];
        assert_eq!(outputs, want);
    }

    fn row(a: &str, t: &str, o: &str) -> (String, String, String) {
        (a.into(), t.into(), o.into())
    }

    #[test]
    fn subtests_report_before_their_parent() {
        let got = events(
            &[
                "\x16=== RUN   TestA\n",
                "\x16=== RUN   TestA/b\n",
                "hello\n",
                "\x16--- FAIL: TestA (0.01s)\n",
                "\x16    --- FAIL: TestA/b (0.00s)\n",
                "\x16FAIL\n",
            ],
            false,
        );
        let want = [
            row("start", "", ""),
            row("run", "TestA", ""),
            row("run", "TestA/b", ""),
            row("output", "TestA/b", "hello\n"),
            row("output", "TestA", "--- FAIL: TestA (0.01s)\n"),
            row("output", "TestA/b", "    --- FAIL: TestA/b (0.00s)\n"),
            row("fail", "TestA/b", ""),
            row("fail", "TestA", ""),
            row("output", "", "FAIL\n"),
            row("fail", "", ""),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn output_without_line_end_goes_before_the_mark() {
        let got = events(
            &[
                "\x16=== RUN   TestA\n",
                "x\x16--- PASS: TestA (0.00s)\n",
                "\x16PASS\n",
            ],
            true,
        );
        let want = [
            row("start", "", ""),
            row("run", "TestA", ""),
            row("output", "TestA", "x"),
            row("output", "TestA", "--- PASS: TestA (0.00s)\n"),
            row("pass", "TestA", ""),
            row("output", "", "PASS\n"),
            row("pass", "", ""),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn lines_that_look_like_framing_are_output() {
        let got = events(
            &[
                "\x16=== RUN   TestA\n",
                "--- PASS: TestB (0.00s)\n",
                "\x16--- PASS: TestA (0.00s)\n",
            ],
            true,
        );
        assert!(got.contains(&row("output", "TestA", "--- PASS: TestB (0.00s)\n")));
        assert!(!got.iter().any(|r| r.0 == "pass" && r.1 == "TestB"));
    }
}
