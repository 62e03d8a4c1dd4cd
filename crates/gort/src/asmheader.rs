//! `go_asm.h`: what assembly of a package may know of its Go files. `const_NAME` for each constant that is no float or
//! complex number; `TYPE__size` and `TYPE_FIELD` for structs.

use crate::checking::Checked;
use gort_types::constant::Kind;
use gort_types::{ObjData, Ty, TyKind};
use std::fmt::Write;

/// The header of package number `i`.
pub fn text(checked: &Checked, i: usize) -> String {
    let store = checked.store;
    let package = store.package(checked.units[i].pkg);
    let mut objects: Vec<_> = package.scope().collect();
    objects.sort_by_key(|(_, obj)| store.obj(*obj).pos);
    let mut out = format!(
        "// What the assembly of package {} may know.\n\n",
        package.name()
    );
    for (name, obj) in objects.into_iter().filter(|(name, _)| !name.is_blank()) {
        let object = store.obj(obj);
        match &object.data {
            ObjData::Const { value } => {
                let value = value.get().filter(|v| !v.is_unknown());
                let Some(value) = value else { continue };
                let text = match value.kind() {
                    Kind::Bool => value.as_bool().map(|b| b.to_string()),
                    Kind::String => value.as_bytes().map(gort_types::constant::quote),
                    Kind::Int => value.to_bigint().map(|n| n.to_string()),
                    _ => None,
                };
                if let Some(text) = text {
                    let _ = writeln!(out, "#define const_{name} {text}");
                }
            }
            ObjData::TypeName { alias: false } => {
                fields(checked, &mut out, name.as_str(), object.ty())
            }
            _ => {}
        }
    }
    out
}

fn fields(checked: &Checked, out: &mut String, name: &str, ty: Ty) {
    let store = checked.store;
    // A generic type has no size.
    if store.named(ty).is_some_and(|n| !n.targs.is_empty()) {
        return;
    }
    let TyKind::Struct(s) = store.kind(store.under(ty)) else {
        return;
    };
    let _ = writeln!(out, "#define {name}__size {}", store.size_of(ty));
    for (f, offset) in s.fields.iter().zip(store.offsets_of(s)) {
        if !f.name.is_blank() {
            let _ = writeln!(out, "#define {name}_{} {offset}", f.name);
        }
    }
}
