//! The source of a test executable's main package: lists of tests, and a main that hands them to package testing.

use super::discover::Found;
use crate::render::quote;
use std::fmt::Write;

/// What the main package of a test with coverage says of it.
pub struct Coverage<'c> {
    /// `set`, `count` or `atomic`.
    pub mode: &'c str,
    /// The patterns of `-coverpkg`.
    pub patterns: &'c [String],
    /// The packages that these mean.
    pub packages: &'c [String],
}

impl Coverage<'_> {
    /// What goes into an init function, for the package at `path`.
    fn write(&self, path: &str, out: &mut String) {
        let own = [path.to_string()];
        let (patterns, packages) = match self.patterns {
            [] => (String::new(), &own[..]),
            list => (format!(" in {}", list.join(", ")), self.packages),
        };
        let packages: Vec<String> = packages.iter().map(|p| quote(p)).collect();
        writeln!(out, "\ttestdeps.CoverMode = {}", quote(self.mode)).unwrap();
        writeln!(out, "\ttestdeps.Covered = {}", quote(&patterns)).unwrap();
        writeln!(
            out,
            "\ttestdeps.CoverSelectedPackages = []string{{{}}}",
            packages.join(", ")
        )
        .unwrap();
        // A test that stands in for the program it tests writes what it has counted when it exits.
        out.push_str(
            "\ttestdeps.CoverSnapshotFunc = cfile.Snapshot
\ttestdeps.CoverProcessTestDirFunc = cfile.ProcessCoverTestDir
\ttestdeps.CoverMarkProfileEmittedFunc = cfile.MarkProfileEmitted
\tcfile.InitHook(true)
",
        );
    }
}

/// Write the source for the package at `path`, in the module of path `module` (empty for the standard library).
/// `inside` is what the package's own test files have, `outside` what those of `path_test` have.
pub fn main_source(
    path: &str,
    module: &str,
    inside: &Found,
    outside: Option<&Found>,
    coverage: Option<&Coverage<'_>>,
) -> String {
    let sides = [("_test", Some(inside)), ("_xtest", outside)];
    let sides = sides.map(|(name, f)| (name, f.filter(|f| f.needed)));
    let main = sides
        .iter()
        .find(|(_, f)| f.is_some_and(|f| f.main))
        .map(|(name, _)| *name);
    let uses = |f: &Found| {
        f.main
            || [&f.tests, &f.benchmarks, &f.fuzz]
                .iter()
                .any(|l| !l.is_empty())
            || !f.examples.is_empty()
    };
    let mut out = String::from("package main\n\nimport (\n\t\"os\"\n");
    if main.is_some() {
        out.push_str("\t\"reflect\"\n");
    }
    if coverage.is_some() {
        out.push_str("\t\"internal/coverage/cfile\"\n");
    }
    out.push_str("\t\"testing\"\n\t\"testing/internal/testdeps\"\n");
    for ((name, found), suffix) in sides.iter().zip(["", "_test"]) {
        if let Some(found) = found {
            let name = if uses(found) { name } else { "_" };
            writeln!(out, "\t{name} {:?}", format!("{path}{suffix}")).unwrap();
        }
    }
    out.push_str(")\n");
    let mut list = |variable: &str, kind: &str, names: fn(&Found) -> &[String]| {
        writeln!(out, "\nvar {variable} = []testing.{kind}{{").unwrap();
        for (side, found) in &sides {
            for name in found.iter().flat_map(|f| names(f)) {
                writeln!(out, "\t{{\"{name}\", {side}.{name}}},").unwrap();
            }
        }
        out.push_str("}\n");
    };
    list("tests", "InternalTest", |f| &f.tests);
    list("benchmarks", "InternalBenchmark", |f| &f.benchmarks);
    list("fuzzTargets", "InternalFuzzTarget", |f| &f.fuzz);
    out.push_str("\nvar examples = []testing.InternalExample{\n");
    for (side, found) in &sides {
        for e in found.iter().flat_map(|f| &f.examples) {
            let (text, unordered) = (quote(&e.expected.output), e.expected.unordered);
            writeln!(
                out,
                "\t{{\"{0}\", {side}.{0}, {text}, {unordered}}},",
                e.name
            )
            .unwrap();
        }
    }
    out.push_str("}\n\nfunc init() {\n");
    if let Some(coverage) = coverage {
        coverage.write(path, &mut out);
    }
    writeln!(out, "\ttestdeps.ModulePath = {}", quote(module)).unwrap();
    // Files have no path that others could import.
    let shown = if path == "command-line-arguments" {
        ""
    } else {
        path
    };
    writeln!(out, "\ttestdeps.ImportPath = {}", quote(shown)).unwrap();
    out.push_str("}\n\nfunc main() {\n\tm := testing.MainStart(testdeps.TestDeps{}, tests, benchmarks, fuzzTargets, examples)\n");
    match main {
        Some(side) => writeln!(
            out,
            "\t{side}.TestMain(m)\n\tos.Exit(int(reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int()))"
        )
        .unwrap(),
        None => out.push_str("\tos.Exit(m.Run())\n"),
    }
    out.push_str("}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::super::comments::Expected;
    use super::super::discover::Example;
    use super::*;

    #[test]
    fn calls_test_main_of_the_side_that_has_it() {
        let inside = Found {
            tests: vec!["TestA".into()],
            needed: true,
            ..Found::default()
        };
        let expected = Expected {
            output: "a\"\n".into(),
            unordered: true,
        };
        let outside = Found {
            main: true,
            needed: true,
            examples: vec![Example {
                name: "ExampleX".into(),
                expected,
            }],
            ..Found::default()
        };
        let text = main_source("m/p", "m", &inside, Some(&outside), None);
        assert!(text.contains("_test \"m/p\"\n\t_xtest \"m/p_test\""));
        assert!(text.contains("{\"TestA\", _test.TestA},"));
        assert!(text.contains("{\"ExampleX\", _xtest.ExampleX, \"a\\\"\\n\", true},"));
        assert!(text.contains("_xtest.TestMain(m)"));
        assert!(!text.contains("cfile"));
        let coverage = Coverage {
            mode: "set",
            patterns: &["./...".into(), "fmt".into()],
            packages: &["m/p".into()],
        };
        let text = main_source("m/p", "m", &inside, None, Some(&coverage));
        assert!(text.contains("testdeps.Covered = \" in ./..., fmt\"\n"));
        assert!(text.contains("CoverSelectedPackages = []string{\"m/p\"}"));
    }
}
