//! What every gort executable carries: the runtime's object and the Go overlay, made by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
