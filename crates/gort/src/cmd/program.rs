//! A program, from the cache or built: what `gort build` and `gort run` have in common.

use crate::cache::{Asked, Outcome, What};
use crate::front;
use crate::pipeline::{self, BuildFlags, WorkFolder};
use crate::request::Failure;
use crate::timings;
use gort_load::Query;
use std::path::PathBuf;

/// A package that compiles.
pub struct Program {
    /// What it is.
    pub outcome: Outcome,
    /// The executable, of a main package.
    pub executable: Vec<u8>,
    /// Where the cache has it.
    pub cached: Option<PathBuf>,
}

/// Find or make it. `admit` says whether such a package will do; it is asked before anything is compiled.
///
/// # Errors
/// What `admit` says, and what is wrong with the sources.
pub fn program(
    query: Query,
    flags: &BuildFlags,
    admit: &dyn Fn(&Outcome) -> Result<(), Failure>,
) -> Result<Program, Failure> {
    timings::step("looking into the cache");
    let asked = Asked::new(What::Program, &query, flags);
    if let Some(found) = asked.find() {
        let executable = match found.outcome.is_main() {
            true => found.executable(),
            false => Some(Vec::new()),
        };
        if let Some(executable) = executable {
            admit(&found.outcome)?;
            WorkFolder::new(flags)?;
            let cached = found.place();
            if let Some(place) = &cached {
                pipeline::step(
                    flags,
                    &format!("cp {} $WORK/b001/exe/a.out", place.display()),
                );
            }
            return Ok(Program {
                outcome: found.outcome,
                executable,
                cached,
            });
        }
    }
    let checked = front::check_for(query, flags)?;
    let outcome = Outcome::of(&checked.loaded.packages[checked.loaded.root]);
    admit(&outcome)?;
    let work = WorkFolder::new(flags)?;
    if !outcome.is_main() {
        pipeline::compile(&checked, flags, work.as_ref())?;
        return Ok(Program {
            outcome: asked.keep(outcome, None),
            executable: Vec::new(),
            cached: None,
        });
    }
    let executable = pipeline::build(&checked, flags, work.as_ref())?;
    Ok(Program {
        outcome: {
            timings::step("writing to the cache");
            asked.keep(outcome, Some(&executable))
        },
        executable,
        cached: None,
    })
}
