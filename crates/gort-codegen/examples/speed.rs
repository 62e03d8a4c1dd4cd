//! How fast codegen is: compiles an IR file's functions many times over.
//! `RAYON_NUM_THREADS=1 cargo run --release -p gort-codegen --example speed -- FILE COPIES`

use gort_codegen::{Options, compile};
use gort_ir::reader;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(copies)) = (args.next(), args.next()) else {
        return Err("usage: speed FILE COPIES".into());
    };
    let copies: usize = copies.parse()?;
    let mut module = reader::module(&std::fs::read_to_string(path)?)?;
    let originals = module.funcs.clone();
    for copy in 1..copies {
        for func in &originals {
            let mut func = func.clone();
            let name = format!("{}.{copy}", module.name(func.name));
            func.name = module.sym(&name);
            module.funcs.push(func);
        }
    }
    let options = Options {
        verify: false,
        debug_info: true,
    };
    let start = Instant::now();
    let object = compile(&module, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    let count = module.funcs.len();
    let rate = count as f64 / seconds;
    println!(
        "{count} functions, {} bytes, {seconds:.3} s, {rate:.0} functions/s",
        object.len()
    );
    Ok(())
}
