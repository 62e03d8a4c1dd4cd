//! The target: x86-64-v2, Linux, with the settings that the machine contract asks for.

use crate::Options;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// What every machine we run on has.
const FEATURES: &[&str] = &[
    "has_sse3",
    "has_ssse3",
    "has_cmpxchg16b",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
];

/// The target, the same on every build machine.
pub fn host_independent(options: &Options) -> Result<OwnedTargetIsa, String> {
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "speed"),
        ("enable_pinned_reg", "true"),
        ("is_pic", "false"),
        ("enable_probestack", "false"),
        ("preserve_frame_pointers", "true"),
        ("use_colocated_libcalls", "true"),
        ("unwind_info", "false"),
        ("enable_multi_ret_implicit_sret", "true"),
        ("machine_code_cfg_info", "true"),
        (
            "enable_verifier",
            if options.verify { "true" } else { "false" },
        ),
    ] {
        flags
            .set(name, value)
            .map_err(|e| format!("setting {name}: {e}"))?;
    }
    let triple = target_lexicon::triple!("x86_64-unknown-linux-gnu");
    let mut isa = cranelift_codegen::isa::lookup(triple).map_err(|e| e.to_string())?;
    for feature in FEATURES {
        isa.enable(feature)
            .map_err(|e| format!("feature {feature}: {e}"))?;
    }
    isa.finish(settings::Flags::new(flags))
        .map_err(|e| e.to_string())
}
