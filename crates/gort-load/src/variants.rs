//! Packages with their tests.
//!
//! The test files of a package's own name make a second form of the package, marked `for_test`; those of the name
//! `p_test` make a package beside it, which imports that form. A package in between, which the external tests import
//! and which imports the package under test, is copied so that all of a test executable sees one form only: its
//! source is the same, but it must be checked again, as types of the two forms differ.

use crate::context::Context;
use crate::loaded::{LoadError, LoadedPackage, LoadedTests, Problem, Query, imports};
use crate::loader::{Loader, Node, Options};
use crate::order;
use crate::package::Source;
use crate::parse;
use crate::resolve::{Owner, Place};
use gort_syntax::FileSet;
use std::collections::{HashMap, HashSet};

/// Writes the Go source of a test's main package, given the package with its test files and its external tests.
/// In that source the package under test has its import path, the external tests that path with `_test` at the end.
pub type TestMain<'f> = dyn Fn(&LoadedPackage, Option<&LoadedPackage>) -> String + 'f;

/// Load the one package that `query` names with its tests, and the main package that `main` writes, if it has tests.
///
/// # Errors
/// As for [`load`](crate::load); a query that names several packages.
pub fn load_tests(
    ctx: &Context,
    files: &FileSet,
    query: &Query,
    main: Option<&TestMain<'_>>,
    options: Options<'_>,
) -> Result<LoadedTests, LoadError> {
    let always = options.always;
    let options = Options {
        tests: true,
        ..options
    };
    let mut loader = Loader::new(ctx, files, query, options)?;
    let roots = loader.query(query)?;
    let &[root] = roots.as_slice() else {
        return Err(LoadError::plain(
            "gort: tests are loaded one package at a time",
        ));
    };
    loader.closure(always)?;
    let test = add_test(&mut loader, root);
    let package = test.internal.unwrap_or(root);
    let mut starts = vec![package];
    starts.extend(test.external);
    let has_tests = test.internal.is_some() || test.external.is_some();
    if let Some(write) = main.filter(|_| has_tests) {
        let main = add_main(&mut loader, package, test.external, write);
        starts.insert(0, main.map_err(LoadError::plain)?);
    }
    loader.closure(&[])?;
    let named = starts.len();
    if test.internal.is_some() {
        // The runtime too may import the package under test.
        starts.append(&mut loader.needed);
        redirect(&mut loader, root, package, &mut starts);
        loader.needed = starts.split_off(named);
    }
    let mut loaded = order::loaded(loader, &starts)?;
    let external = test.external.and_then(|_| loaded.roots.pop());
    let package = loaded.roots.pop().expect("the package is loaded");
    loaded.roots.push(package);
    loaded.roots.extend(external);
    Ok(LoadedTests {
        loaded,
        package,
        external,
    })
}

/// The forms that the tests of a package add.
#[derive(Clone, Copy, Debug, Default)]
struct Test {
    internal: Option<usize>,
    external: Option<usize>,
}

/// Add the tests of packages and what they import; the packages, each followed by its tests.
pub(crate) fn add_variants(
    loader: &mut Loader<'_>,
    roots: &[usize],
) -> Result<Vec<usize>, LoadError> {
    let tests: Vec<Test> = roots.iter().map(|&r| add_test(loader, r)).collect();
    loader.closure(&[])?;
    let mut all = Vec::new();
    for (&root, test) in roots.iter().zip(&tests) {
        if !loader.nodes[root].package.files.is_empty() {
            all.push(root);
        }
        let mut starts: Vec<usize> = test.internal.into_iter().chain(test.external).collect();
        if let Some(internal) = test.internal {
            redirect(loader, root, internal, &mut starts);
        }
        all.extend(starts);
    }
    Ok(all)
}

/// Read the test files of a package and make packages of them.
fn add_test(loader: &mut Loader<'_>, root: usize) -> Test {
    let node = &loader.nodes[root];
    let place = Place {
        path: node.package.path.clone(),
        dir: node.package.dir.clone(),
        owner: node.owner,
    };
    let (sources, assembly) = match loader.sources(&place, true) {
        Ok(s) => (s.tests, s.assembly),
        Err(e) => {
            loader.problems.push(Problem::Plain(e.to_string()));
            return Test::default();
        }
    };
    if sources.is_empty() {
        return Test::default();
    }
    let has_maps = parse::mentions_maps(&sources);
    let own_name = node.package.name.clone();
    let parsed = parse::files(loader.ctx, loader.files, sources, node.owner, None);
    let parsed = parsed.into_iter().filter(|p| !parse::imports_c(&p.file));
    let (beside, inside): (Vec<_>, Vec<_>) = parsed.partition(|p| {
        let name = p.file.package.name.as_str();
        name.ends_with("_test") && name != own_name
    });
    let for_test = Some(place.path.clone());
    let go = loader.go_version(place.owner);
    let own = node.package.own;
    let make = |loader: &mut Loader<'_>, package: LoadedPackage| {
        let imports = imports(package.files, &package.names);
        loader.add(Node {
            package,
            owner: place.owner,
            imports,
            parent: None,
            deps: Vec::new(),
        })
    };
    let mut test = Test::default();
    if !inside.is_empty() {
        let base = loader.nodes[root].package.clone();
        let added = parse::package(&place, inside, go, has_maps);
        let mut package = merge(base, added);
        package.for_test = for_test.clone();
        package.assembly = assembly;
        test.internal = Some(make(loader, package));
    }
    if !beside.is_empty() {
        let mut package = parse::package(&place, beside, go, has_maps);
        package.path = format!("{}_test", place.path);
        package.for_test = for_test;
        package.own = own;
        test.external = Some(make(loader, package));
    }
    test
}

/// A package with more files.
fn merge(mut base: LoadedPackage, added: LoadedPackage) -> LoadedPackage {
    let files = base.files.iter().chain(added.files).cloned();
    base.files = files.collect::<Vec<_>>().leak();
    base.names.extend(added.names);
    base.digests.extend(added.digests);
    base.diagnostics.extend(added.diagnostics);
    base.has_maps |= added.has_maps;
    if base.name.is_empty() {
        base.name = added.name;
    }
    for path in added.imports {
        if !base.imports.contains(&path) {
            base.imports.push(path);
        }
    }
    base
}

/// Add the main package of a test.
fn add_main(
    loader: &mut Loader<'_>,
    package: usize,
    external: Option<usize>,
    write: &TestMain<'_>,
) -> Result<usize, String> {
    let tested = loader.nodes[package].package.clone();
    let beside = external.map(|e| loader.nodes[e].package.clone());
    let source = Source {
        path: "_testmain.go".into(),
        bytes: write(&tested, beside.as_ref()).into_bytes(),
    };
    let place = Place {
        path: format!("{}.test", tested.path),
        dir: tested.dir.clone(),
        owner: Owner::Std,
    };
    let mut node = loader.node(&place, vec![source], None)?;
    node.package.for_test = Some(tested.path.clone());
    let mut own = vec![(tested.path.clone(), package)];
    own.extend(beside.zip(external).map(|(b, e)| (b.path, e)));
    // These two are not found by their paths.
    node.imports
        .retain(|i| own.iter().all(|(path, _)| *path != i.path));
    let imported = |path: &String| node.package.imports.contains(path);
    node.deps = own.into_iter().filter(|(path, _)| imported(path)).collect();
    Ok(loader.add(node))
}

/// Let all that `starts` reach see `variant` where it would see the package `of`; the packages in between are copied,
/// `starts` among them if they are not of the test.
fn redirect(loader: &mut Loader<'_>, of: usize, variant: usize, starts: &mut [usize]) {
    let between = importers(&loader.nodes, of);
    let for_test = Some(loader.nodes[of].package.path.clone());
    let mut copies: HashMap<usize, usize> = HashMap::from([(of, variant)]);
    let mut todo = Vec::new();
    for s in starts.iter_mut() {
        if loader.nodes[*s].package.for_test.is_some() {
            todo.push(*s);
        } else {
            *s = copy(loader, *s, &between, &for_test, &mut copies, &mut todo);
        }
    }
    while let Some(i) = todo.pop() {
        let mut deps = std::mem::take(&mut loader.nodes[i].deps);
        for (_, d) in &mut deps {
            *d = copy(loader, *d, &between, &for_test, &mut copies, &mut todo);
        }
        loader.nodes[i].deps = deps;
    }
}

/// What stands for a node in the test: itself, if it does not import the package under test, else a copy of it.
fn copy(
    loader: &mut Loader<'_>,
    i: usize,
    between: &HashSet<usize>,
    for_test: &Option<String>,
    copies: &mut HashMap<usize, usize>,
    todo: &mut Vec<usize>,
) -> usize {
    if let Some(&c) = copies.get(&i) {
        return c;
    }
    if !between.contains(&i) || loader.nodes[i].package.for_test.is_some() {
        return i;
    }
    let node = &loader.nodes[i];
    let package = LoadedPackage {
        for_test: for_test.clone(),
        ..node.package.clone()
    };
    let node = Node {
        package,
        owner: node.owner,
        imports: node.imports.clone(),
        parent: node.parent,
        deps: node.deps.clone(),
    };
    let c = loader.add(node);
    copies.insert(i, c);
    todo.push(c);
    c
}

/// The packages that import a package, directly or not.
fn importers(nodes: &[Node], of: usize) -> HashSet<usize> {
    let mut by: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (i, n) in nodes.iter().enumerate() {
        for (_, d) in &n.deps {
            by[*d].push(i);
        }
    }
    let mut found = HashSet::new();
    let mut todo = vec![of];
    while let Some(i) = todo.pop() {
        todo.extend(by[i].iter().copied().filter(|&j| found.insert(j)));
    }
    found
}
