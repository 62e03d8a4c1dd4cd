//! Read, verify and print IR files: `cargo run -p gort-ir --example check_ir -- FILE…`. Each must verify,
//! and come back the same when it is printed and read again.

use gort_ir::{passes, print, reader, verify};

fn check(path: &str) -> Result<usize, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut module = reader::module(&text).map_err(|e| e.to_string())?;
    if print::module(&module) != text {
        return Err("it is printed differently".into());
    }
    let problems = verify::module(&module);
    if let Some(first) = problems.first() {
        return Err(format!("{} problems, the first: {first}", problems.len()));
    }
    passes::run(std::slice::from_mut(&mut module), &Default::default());
    match verify::module(&module).first() {
        Some(first) => Err(format!("after the passes: {first}")),
        None => Ok(module.funcs.len()),
    }
}

fn main() {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        match check(&path) {
            Ok(count) => println!("{path}: {count} functions"),
            Err(e) => {
                println!("{path}: {e}");
                failed = true;
            }
        }
    }
    std::process::exit(failed.into());
}
