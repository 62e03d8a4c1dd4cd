//! `gort completion`: a script that lets a shell complete commands and flags. All of it comes from the usage text and the
//! tables of flags that the commands themselves read.

use crate::flags::{Spec, value};
use crate::{USAGE, buildflags, testing};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort completion bash|zsh|fish

Completion prints a script for the shell: source <(gort completion bash), or the same with zsh; gort completion fish | source.
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let text = match args {
        [shell] if shell == "bash" => bash(),
        [shell] if shell == "zsh" => zsh(),
        [shell] if shell == "fish" => fish(),
        _ => {
            eprintln!(
                "usage: gort completion bash|zsh|fish\nRun 'gort help completion' for details."
            );
            return ExitCode::from(2);
        }
    };
    print!("{text}");
    ExitCode::SUCCESS
}

/// The commands, each with what it does in short.
fn commands() -> Vec<(&'static str, &'static str)> {
    let lines = USAGE.lines().filter_map(|l| l.strip_prefix('\t'));
    let commands = lines.filter_map(|l| l.split_once("  "));
    commands.map(|(name, short)| (name, short.trim())).collect()
}

/// The flags of a command, with their dashes. Those of official Go's commands are known to these.
fn flags(command: &str) -> BTreeSet<String> {
    let exec = [value("exec")];
    let of: Vec<&[Spec]> = match command {
        "build" | "install" => vec![buildflags::SPECS],
        "run" => vec![buildflags::SPECS, &exec],
        "test" => vec![buildflags::SPECS, testing::flags::SPECS],
        "check" => vec![super::check::SPECS],
        "clean" => vec![super::clean::SPECS],
        "env" => vec![super::env::SPECS],
        _ => Vec::new(),
    };
    let wanted = |s: &&Spec| s.name != "o" || matches!(command, "build" | "test");
    let specs = of.into_iter().flatten().filter(wanted);
    specs.map(|s| format!("-{}", s.name)).collect()
}

/// A line for each command with flags, which `write` makes.
fn cases(out: &mut String, write: impl Fn(&str, &str) -> String) {
    for (command, _) in commands() {
        let flags: Vec<String> = flags(command).into_iter().collect();
        if !flags.is_empty() {
            out.push_str(&write(command, &flags.join(" ")));
        }
    }
}

fn bash() -> String {
    let names: Vec<&str> = commands().into_iter().map(|c| c.0).collect();
    let mut out = format!(
        "_gort() {{\n\tlocal cur=${{COMP_WORDS[COMP_CWORD]}} words=\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"{} help\"\n\telse\n\t\tcase $cur in -*)\n\t\t\tcase ${{COMP_WORDS[1]}} in\n",
        names.join(" ")
    );
    cases(&mut out, |command, flags| {
        format!("\t\t\t{command}) words=\"{flags}\" ;;\n")
    });
    out.push_str("\t\t\tesac ;;\n\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _gort gort\n");
    out
}

fn zsh() -> String {
    let mut out =
        "#compdef gort\n_gort() {\n\tif (( CURRENT == 2 )); then\n\t\tlocal -a commands=(\n"
            .to_string();
    for (name, short) in commands() {
        let _ = writeln!(out, "\t\t\t'{name}:{short}'");
    }
    out.push_str("\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tif [[ $PREFIX == -* ]]; then\n\t\tcase $words[2] in\n");
    cases(&mut out, |command, flags| {
        format!("\t\t{command}) compadd -- {flags} ;;\n")
    });
    out.push_str("\t\tesac\n\telse\n\t\t_files\n\tfi\n}\ncompdef _gort gort\n");
    out
}

fn fish() -> String {
    let mut out = String::new();
    for (name, short) in commands() {
        let _ = writeln!(
            out,
            "complete -c gort -n __fish_use_subcommand -f -a {name} -d '{short}'"
        );
        for flag in flags(name) {
            let flag = flag.trim_start_matches('-');
            let _ = writeln!(
                out,
                "complete -c gort -n '__fish_seen_subcommand_from {name}' -o {flag}"
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_commands_and_their_flags() {
        let names: Vec<&str> = commands().into_iter().map(|c| c.0).collect();
        assert!(
            names.contains(&"build") && names.contains(&"completion") && names.contains(&"vet")
        );
        assert!(flags("test").contains("-fuzztime") && flags("build").contains("-trimpath"));
        assert!(!flags("install").contains("-o") && flags("vet").is_empty());
        for script in [bash(), zsh(), fish()] {
            assert!(script.contains("covermode") && script.contains("generate"));
        }
    }
}
