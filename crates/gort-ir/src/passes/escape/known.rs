//! What is known of functions whose code the analysis cannot see or cannot follow: native functions, and
//! the map functions, which hash keys through pointers to code.
//!
//! A function that is neither here nor in the program leaks all it is given.

use super::sets::DEEPEST;
use super::summary::{Source, Summary, Target};
use gort_abi::natives::{Keeps, NATIVES, Native};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What is known of a function.
pub struct Known {
    /// Its flows.
    pub summary: Summary,
    /// The object that it makes, if it does.
    pub makes: Option<Makes>,
}

/// Objects that calls make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Makes {
    /// `makeslice(type, len, cap)`
    Slice,
    /// A copy of the arguments, words of these sizes.
    Words(&'static [u32]),
    /// An empty map, `makemap_small(type)`, and the first group of its slots.
    Map,
    /// Bytes or runes, which the function puts in a buffer of the caller's if it is given one and they fit.
    Buffered(&'static Buffered),
}

/// How to give a function a buffer.
#[derive(PartialEq, Eq, Debug)]
pub struct Buffered {
    /// The function to call instead: its first argument is the buffer.
    pub callee: &'static str,
    /// The buffer's size.
    pub size: u32,
    /// The arguments are strings and are passed in memory: an address and how many.
    pub strings: bool,
}

/// What is known of a function by name.
pub fn find(name: &str) -> Option<&'static Known> {
    static TABLE: LazyLock<FxHashMap<&'static str, Known>> = LazyLock::new(table);
    TABLE.get(name)
}

/// Functions of the overlay that keep nothing that they are given beyond the call; results, if any, hold no pointer to
/// an argument. Natives have this in their table (`gort_abi::natives`).
const KEEP_NOTHING: &[&str] = &[
    "runtime.deferreturn",
    "runtime.gorecover",
    "runtime.assertE2I2",
    "runtime.panicdottypeE",
    "runtime.panicdottypeI",
    "runtime.panicnildottype",
    "runtime.mapaccess1",
    "runtime.mapaccess2",
    "runtime.mapaccess1_fast32",
    "runtime.mapaccess1_fast64",
    "runtime.mapaccess1_faststr",
    "runtime.mapaccess2_fast32",
    "runtime.mapaccess2_fast64",
    "runtime.mapaccess2_faststr",
    "runtime.mapdelete",
    "runtime.mapdelete_fast32",
    "runtime.mapdelete_fast64",
    "runtime.mapdelete_faststr",
    "runtime.mapclear",
    "runtime.memhash",
    "runtime.strhash",
    "runtime.f32hash",
    "runtime.f64hash",
    "runtime.c64hash",
    "runtime.c128hash",
    "runtime.interhash",
    "runtime.nilinterhash",
    "runtime.typehash",
    "runtime.ifaceeq",
    "runtime.efaceeq",
    "runtime.nilinterequal",
    "runtime.interequal",
    "internal/runtime/syscall/linux.Syscall6",
];

/// Official Go's buffers are of 32 bytes, too.
const BUFFER: u32 = 32;

const BYTES_TO_STRING: Buffered = Buffered {
    callee: "runtime.slicebytetostringbuf",
    size: BUFFER,
    strings: false,
};
const STRING_TO_BYTES: Buffered = Buffered {
    callee: "runtime.stringtoslicebytebuf",
    size: BUFFER,
    strings: false,
};
const INT_TO_STRING: Buffered = Buffered {
    callee: "runtime.intstringbuf",
    size: 8,
    strings: false,
};
const CONCAT: Buffered = Buffered {
    callee: "runtime.concatstringsbuf",
    size: BUFFER,
    strings: true,
};

/// The symbol of a native.
fn symbol(n: &Native) -> &'static str {
    static SYMBOLS: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let symbol = |n: &Native| &*format!("runtime.{}", n.name).leak();
        NATIVES.iter().map(|n| (n.name, symbol(n))).collect()
    });
    SYMBOLS[n.name]
}

fn table() -> FxHashMap<&'static str, Known> {
    use Source::{Param, Unknown};
    let mut table = FxHashMap::default();
    let mut add = |name, flows: &[(Source, Target)], makes| {
        let summary = Summary::new(flows.to_vec());
        table.insert(name, Known { summary, makes });
    };
    // All results may hold what the caller knows nothing about.
    let fresh = (0..4).map(|j| (Unknown, Target::Result(j)));
    let fresh: Vec<_> = fresh.collect();
    for &name in KEEP_NOTHING {
        add(name, &fresh, None);
    }
    for n in NATIVES.iter().filter(|n| n.keeps == Keeps::Nothing) {
        add(symbol(n), &fresh, None);
    }
    let with = |flows: &[(Source, Target)]| [flows, &fresh].concat();
    let leak_below = |param: u32, from: u8| -> Vec<(Source, Target)> {
        (from..=DEEPEST)
            .map(|level| (Param(param, level), Target::Heap))
            .collect()
    };
    let write = |param: u32, level: u8| (Unknown, Target::Param(param, level));

    // What the source holds is also found in the destination.
    let copy = |from: u32| [(Param(from, 1), Target::Param(0, 0))];
    add("runtime.memmove", &copy(1), None);
    add("runtime.memmoveHasPointers", &copy(1), None);
    add(
        "runtime.typedmemmove",
        &[(Param(2, 1), Target::Param(1, 0))],
        None,
    );
    add("runtime.growslice", &with(&leak_below(0, 1)), None);
    add("runtime.makeslice", &[], Some(Makes::Slice));
    add("runtime.makemap_small", &[], Some(Makes::Map));
    add("runtime.convT16", &[], Some(Makes::Words(&[2])));
    add("runtime.convT32", &[], Some(Makes::Words(&[4])));
    add("runtime.convT64", &[], Some(Makes::Words(&[8])));
    add("runtime.convTstring", &[], Some(Makes::Words(&[8, 8])));
    add("runtime.convTslice", &[], Some(Makes::Words(&[8, 8, 8])));

    add(
        "runtime.slicebytetostring",
        &fresh,
        Some(Makes::Buffered(&BYTES_TO_STRING)),
    );
    add(
        "runtime.stringtoslicebyte",
        &fresh,
        Some(Makes::Buffered(&STRING_TO_BYTES)),
    );
    add(
        "runtime.intstring",
        &fresh,
        Some(Makes::Buffered(&INT_TO_STRING)),
    );
    let concat = Some(Makes::Buffered(&CONCAT));
    // The result may be one of the strings.
    let string = |n: u32| (Param(n, 0), Target::Result(0));
    add(
        "runtime.concatstring2",
        &with(&[string(0), string(2)]),
        concat,
    );
    add(
        "runtime.concatstring3",
        &with(&[string(0), string(2), string(4)]),
        concat,
    );
    add(
        "runtime.concatstrings",
        &with(&[(Param(0, 1), Target::Result(0))]),
        None,
    );

    // Channels: what is sent is for anyone, what is received may be anything.
    add("runtime.chansend1", &leak_below(1, 1), None);
    add("runtime.chanrecv1", &[write(1, 0)], None);
    add("runtime.chanrecv2", &with(&[write(1, 0)]), None);
    add("runtime.selectnbsend", &with(&leak_below(1, 1)), None);
    add("runtime.selectnbrecv", &with(&[write(0, 0)]), None);
    let mut select = with(&leak_below(0, 2));
    select.extend([write(0, 0), write(0, 1)]);
    add("runtime.selectgo", &select, None);

    // Maps keep keys; elements are stored by the caller through the result.
    add("runtime.mapassign", &with(&leak_below(2, 1)), None);
    add("runtime.mapassign_fast32", &fresh, None);
    add("runtime.mapassign_fast64", &fresh, None);
    add(
        "runtime.mapassign_fast64ptr",
        &with(&leak_below(2, 0)),
        None,
    );
    add("runtime.mapassign_faststr", &with(&leak_below(2, 0)), None);
    let zero = [(Param(3, 0), Target::Result(0))];
    add("runtime.mapaccess1_fat", &with(&zero), None);
    add("runtime.mapaccess2_fat", &with(&zero), None);
    add("runtime.mapIterStart", &[write(2, 0)], None);
    add("runtime.mapIterNext", &[write(0, 0)], None);

    // Assembly under go:noescape: results are written into the area of the arguments.
    for i in 0..gort_abi::ABI0_CALLS.len() {
        add(
            &*format!("runtime.abi0noescape{i}").leak(),
            &[write(1, 0)],
            None,
        );
    }
    add("runtime.deferproc", &[], None);
    if let Some(defer) = table.get_mut("runtime.deferproc") {
        defer.summary.defers = true;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of natives and this file tell the same story.
    #[test]
    fn natives_are_known_as_their_table_says() {
        for n in NATIVES {
            let known = find(symbol(n)).is_some();
            assert_eq!(known, n.keeps != Keeps::Leaks, "{}", n.name);
        }
    }
}
