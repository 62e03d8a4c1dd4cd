//! The order of analysis: functions after those they refer to, those that refer to each other together.
//!
//! Tarjan's algorithm for strongly connected components, without recursion.

use super::program::Program;

/// The groups, callees first.
pub fn groups(program: &Program<'_>) -> Vec<Vec<usize>> {
    const NEW: u32 = u32::MAX;
    let n = program.len();
    let mut number = vec![NEW; n];
    let mut low = vec![0u32; n];
    let mut on_stack = vec![false; n];
    let mut stack = Vec::new();
    let mut groups = Vec::new();
    let mut count = 0;
    for root in 0..n {
        if number[root] != NEW {
            continue;
        }
        let mut work: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut enter = Some(root);
        loop {
            if let Some(v) = enter.take() {
                number[v] = count;
                low[v] = count;
                count += 1;
                stack.push(v);
                on_stack[v] = true;
                work.push((v, program.references(v)));
            }
            let Some((v, rest)) = work.last_mut() else {
                break;
            };
            let v = *v;
            if let Some(w) = rest.pop() {
                if number[w] == NEW {
                    enter = Some(w);
                } else if on_stack[w] {
                    low[v] = low[v].min(number[w]);
                }
                continue;
            }
            work.pop();
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[v]);
            }
            if low[v] == number[v] {
                let from = stack.iter().rposition(|&w| w == v).unwrap_or(0);
                let group = stack.split_off(from);
                for &w in &group {
                    on_stack[w] = false;
                }
                groups.push(group);
            }
        }
    }
    groups
}
