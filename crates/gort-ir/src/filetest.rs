//! What the files in `tests/ir` say in their comments; for the tests that run them, here and in code generation.
//!
//! | line | meaning |
//! | --- | --- |
//! | `; test run` | functions that are run: see `; run` |
//! | `; test verify` | `; error` lines are what the verifier finds, in order |
//! | `; test PASS…` | these passes alone, one after the other; what they leave stands in the `; expect` block |
//! | `; run FUNCTION(ARGUMENTS) -> RESULT` | or `faults KIND`: before and after the passes, interpreted and as machine code |
//! | `; root SYMBOL…` | what is needed from outside; without it everything is |
//! | `; checks FUNCTION COUNT` | bounds checks that all passes leave |
//! | `; left INSTRUCTION FUNCTION COUNT` | instructions of any kind that they leave; `store.barrier` is a store with a barrier |
//! | `; inlined FUNCTION NAME…` | calls that they have inlined, in order |
//! | `; kept ROOT SYMBOL…`, `; gone ROOT SYMBOL…` | functions and data that they keep and drop if only the root is needed |
//! | `; expect` | the rest of the file: the functions after the passes of the header, each line behind `; ` |

use crate::module::Module;
use crate::passes::{self, Pass, Plan};
use crate::{print, reader};

/// A file with its directives.
pub struct File {
    /// Its text.
    pub text: String,
    /// The words behind `; test`.
    pub header: Vec<String>,
    /// What it defines.
    pub module: Module,
}

/// What running a function comes to: a number, or the kind of fault.
pub type Outcome = Result<i64, String>;

/// A `; run` line.
pub struct Run {
    /// The function.
    pub function: String,
    /// Its arguments.
    pub args: Vec<i64>,
    /// What comes of it.
    pub expected: Outcome,
}

impl File {
    /// Read a file.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn parse(text: String) -> Result<File, String> {
        let module = reader::module(&text).map_err(|e| e.to_string())?;
        let mut file = File {
            text,
            header: Vec::new(),
            module,
        };
        let words = file.directives("test").join(" ");
        file.header = words.split_whitespace().map(String::from).collect();
        match file.header[..] {
            [] => Err("no `; test` line".into()),
            _ => Ok(file),
        }
    }

    /// The rests of the lines that begin with a word.
    pub fn directives(&self, word: &str) -> Vec<&str> {
        let prefix = format!("; {word} ");
        let lines = self.text.lines();
        let rests = lines.filter_map(|l| l.strip_prefix(prefix.as_str()));
        rests.map(str::trim).collect()
    }

    /// The `; run` lines.
    ///
    /// # Panics
    /// If one cannot be read.
    pub fn runs(&self) -> Vec<Run> {
        self.directives("run").into_iter().map(run).collect()
    }

    /// The passes of the header, if it names some.
    ///
    /// # Errors
    /// When it names one that does not exist.
    pub fn passes(&self) -> Result<Vec<&'static Pass>, String> {
        if matches!(self.header[0].as_str(), "run" | "verify") {
            return Ok(Vec::new());
        }
        let pass = |name: &String| Pass::named(name).ok_or_else(|| format!("no pass {name}"));
        self.header.iter().map(pass).collect()
    }

    /// The module after the passes of the header, or after all if it names none.
    ///
    /// # Errors
    /// As for [`File::passes`].
    pub fn optimised(&self) -> Result<Module, String> {
        let roots = self.directives("root").join(" ");
        let roots: Vec<String> = roots.split_whitespace().map(String::from).collect();
        let plan = Plan {
            roots: &roots,
            ..Plan::default()
        };
        let mut module = self.module.clone();
        let modules = std::slice::from_mut(&mut module);
        match &self.passes()?[..] {
            [] => passes::run(modules, &plan),
            list => list.iter().for_each(|p| p.run(modules, &plan)),
        }
        Ok(module)
    }

    /// The text with the `; expect` block that `after` gives.
    pub fn with_expected(&self, after: &Module) -> String {
        let head = self.text.split("\n; expect\n").next().unwrap_or_default();
        let mut out = head.trim_end().to_string();
        out.push_str("\n\n; expect\n");
        let funcs = after.funcs.iter().map(|f| print::func(after, f));
        for line in funcs.collect::<Vec<_>>().join("\n").lines() {
            out.push_str(format!("; {line}").trim_end());
            out.push('\n');
        }
        out
    }
}

fn run(line: &str) -> Run {
    let parts = line.split_once('(').and_then(|(function, rest)| {
        let (args, expected) = rest.split_once(')')?;
        let args = args.split(',').map(str::trim).filter(|a| !a.is_empty());
        let expected = match expected.trim().strip_prefix("-> ") {
            Some(value) => Ok(value.parse().ok()?),
            None => Err(expected.trim().strip_prefix("faults ")?.to_string()),
        };
        Some(Run {
            function: function.to_string(),
            args: args.map(|a| a.parse().ok()).collect::<Option<_>>()?,
            expected,
        })
    });
    parts.unwrap_or_else(|| panic!("cannot read `; run {line}`"))
}
