//! Imports before importers, and import cycles.

use crate::gomod::{Module, Version};
use crate::loaded::{Dep, LoadError, Loaded, LoadedPackage, Problem};
use crate::loader::{Loader, MAPS, Node};
use crate::modules::Modules;
use crate::resolve::Owner;
use std::collections::BTreeSet;

/// The packages that `roots` and the runtime reach, in dependency order; among those that could come next by path, so
/// that the order is stable.
pub(crate) fn loaded(mut loader: Loader<'_>, roots: &[usize]) -> Result<Loaded, LoadError> {
    loader.problems.append(&mut loader.internal);
    let nodes = loader.nodes;
    let cycles = cycles(&nodes, roots);
    if !cycles.is_empty() {
        let mut problems: Vec<Problem> = cycles.into_iter().map(Problem::Plain).collect();
        problems.extend(loader.problems);
        return Err(LoadError(problems));
    }
    let mut from = loader.needed;
    from.extend(roots);
    // The runtime and what maps need are initialised before everything else.
    let early = |i: usize| !matches!(nodes[i].package.path.as_str(), "runtime" | MAPS);
    from.sort_by(|&a, &b| {
        (early(a), nodes[a].package.id()).cmp(&(early(b), nodes[b].package.id()))
    });
    let mut order = Vec::new();
    let mut seen = vec![false; nodes.len()];
    for i in from {
        visit(&nodes, i, &mut seen, &mut order);
    }
    let deps = deps(&loader.modules, order.iter().map(|&i| nodes[i].owner));
    let mut place = vec![usize::MAX; nodes.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let mut slots: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    let packages: Vec<LoadedPackage> = order
        .iter()
        .map(|&i| {
            let node = slots[i].take().expect("visited once");
            let deps = node
                .deps
                .into_iter()
                .map(|(path, d)| (path, place[d]))
                .collect();
            LoadedPackage {
                deps,
                ..node.package
            }
        })
        .collect();
    let roots: Vec<usize> = roots.iter().map(|&r| place[r]).collect();
    Ok(Loaded {
        packages,
        root: roots.first().copied().unwrap_or(0),
        roots,
        deps,
        module: loader.modules.list.into_iter().next(),
        warnings: loader.warnings,
        problems: loader.problems,
    })
}

/// The modules of packages of these owners, but for main modules.
fn deps(modules: &Modules, owners: impl Iterator<Item = Owner>) -> Vec<Dep> {
    let of_module = |owner| match owner {
        Owner::Module(m) if m >= modules.mains => Some(m),
        _ => None,
    };
    let indices: BTreeSet<usize> = owners.filter_map(of_module).collect();
    let version = |m: &Module| Version {
        path: m.path.clone(),
        version: m.version.clone(),
    };
    let sources = &modules.sources;
    let sum = |m: &Version| sources.sum(m).unwrap_or("").to_string();
    let dep = |i: usize| {
        let module = version(modules.get(i));
        let new = sources.replacement(&module).map(|r| r.new.clone());
        Dep {
            sum: if new.is_none() {
                sum(&module)
            } else {
                String::new()
            },
            replace: new.map(|new| (new.clone(), sum(&new))),
            module,
        }
    };
    let mut deps: Vec<Dep> = indices.into_iter().map(dep).collect();
    deps.sort_by(|a, b| a.module.cmp(&b.module));
    deps
}

fn visit(nodes: &[Node], i: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[i], true) {
        return;
    }
    for j in sorted_deps(nodes, i) {
        visit(nodes, j, seen, order);
    }
    order.push(i);
}

fn sorted_deps(nodes: &[Node], i: usize) -> Vec<usize> {
    let mut deps: Vec<usize> = nodes[i].deps.iter().map(|d| d.1).collect();
    deps.sort_by(|&a, &b| nodes[a].package.path.cmp(&nodes[b].package.path));
    deps.dedup();
    deps
}

/// The import cycles that the roots lead to, each with the way to it, as `go` prints it. What a root leads to is not
/// looked at again for the next.
fn cycles(nodes: &[Node], roots: &[usize]) -> Vec<String> {
    let mut state = vec![0u8; nodes.len()];
    let mut texts = Vec::new();
    for &r in roots {
        let mut path = Vec::new();
        if find(nodes, r, &mut state, &mut path) {
            texts.push(text(nodes, &path));
            path.into_iter().for_each(|i| state[i] = 2);
        }
    }
    texts
}

fn find(nodes: &[Node], i: usize, state: &mut [u8], path: &mut Vec<usize>) -> bool {
    if state[i] == 2 {
        return false;
    }
    path.push(i);
    if state[i] == 1 {
        return true;
    }
    state[i] = 1;
    for j in sorted_deps(nodes, i) {
        if find(nodes, j, state, path) {
            return true;
        }
    }
    state[i] = 2;
    path.pop();
    false
}

fn text(nodes: &[Node], path: &[usize]) -> String {
    let mut out = format!("package {}", nodes[path[0]].package.path);
    for w in path.windows(2) {
        let (importer, imported) = (&nodes[w[0]], &nodes[w[1]]);
        let written = importer.deps.iter().find(|d| d.1 == w[1]).map(|d| &d.0);
        let import = importer.imports.iter().find(|i| Some(&i.path) == written);
        out.push_str(&format!("\n\timports {}", imported.package.path));
        if let Some(import) = import {
            out.push_str(&format!(" from {}", import.file));
        }
    }
    let test = path.iter().any(|&i| nodes[i].package.for_test.is_some());
    out.push_str(": import cycle not allowed");
    if test {
        out.push_str(" in test");
    }
    out
}
