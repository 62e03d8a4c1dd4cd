//! Passes over the IR decide about each kind of instruction: a `match` over instructions in `gort-ir/src/passes` has no arm
//! for all the rest. Either the arms name them, or the last one asks `effects()`. With an arm that lets others through in
//! silence, an instruction that comes later is silently wrong.
//!
//! rustfmt puts the arms of a `match` at one depth, so the arms of an arm `_ =>` are the lines around it of that depth.

use std::path::Path;

/// Check the passes.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    for path in super::walk(&root.join("crates/gort-ir/src/passes")) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = path.strip_prefix(root).unwrap_or(&path).display();
        for line in silent_arms(&text) {
            problems.push(format!(
                "{shown}:{line}: an arm for all other instructions; name them, or ask effects()"
            ));
        }
    }
}

/// The lines with an arm for everything else in a match over instructions.
fn silent_arms(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let depth = line.len() - code.len();
        if !(code.starts_with("_ =>") || code.starts_with("_ if ")) {
            continue;
        }
        let inside = |l: &&&str| l.trim().is_empty() || l.len() - l.trim_start().len() >= depth;
        let before = lines[..n].iter().rev().take_while(inside);
        let patterns = before.filter(|l| l.len() - l.trim_start().len() == depth);
        if patterns.map(|l| l.trim_start()).any(is_instruction) {
            found.push(n + 1);
        }
    }
    found
}

fn is_instruction(arm: &str) -> bool {
    let pattern = arm.trim_start_matches("| ").trim_start_matches("Some(");
    pattern.trim_start_matches('&').starts_with("InstData::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_for_all_others_are_found() {
        let text = "
    match data {
        InstData::Load { .. } => {
            match op {
                BinaryOp::Iadd => 1,
                _ => 2,
            }
        }
        Some(InstData::Store { .. })
        | Some(InstData::Copy { .. }) => {}
        _ => {}
    }
    match ty {
        Type::Ptr => {}
        _ => {}
    }
";
        assert_eq!(silent_arms(text), [11]);
    }
}
