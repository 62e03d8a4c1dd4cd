//! How values of a type are held.
//!
//! A type with at most four scalars and no array is held as those scalars, each with its offset in memory;
//! any other type is held in memory and handled by address.

use gort_ir::Type;
use gort_types::{BasicKind, Ty, TyKind, TypeStore};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A scalar of a type: its machine type and where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scalar {
    /// Machine type.
    pub ty: Type,
    /// Offset in bytes.
    pub off: u32,
}

/// How a type is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repr {
    /// Its scalars, unless it is held in memory.
    pub scalars: Option<Vec<Scalar>>,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u32,
    /// Whether it holds pointers.
    pub pointers: bool,
}

impl Repr {
    /// Whether it is held in memory.
    pub fn in_memory(&self) -> bool {
        self.scalars.is_none()
    }

    /// The machine types of the scalars; empty if held in memory.
    pub fn types(&self) -> Vec<Type> {
        self.scalars.iter().flatten().map(|s| s.ty).collect()
    }
}

/// Scalars a type may have to be held as scalars.
const MAX_SCALARS: usize = 4;

/// Computes representations once a type.
#[derive(Default)]
pub struct Reprs {
    cache: FxHashMap<Ty, Rc<Repr>>,
}

impl Reprs {
    /// The representation of a type without type parameters.
    pub fn get(&mut self, store: &TypeStore, ty: Ty) -> Rc<Repr> {
        let ty = store.canon(ty);
        if let Some(r) = self.cache.get(&ty) {
            return r.clone();
        }

        let mut scalars = Vec::new();
        let fits = flatten(store, ty, 0, &mut scalars) && scalars.len() <= MAX_SCALARS;
        let repr = Rc::new(Repr {
            scalars: fits.then_some(scalars),
            size: store.size_of(ty) as u64,
            align: store.align_of(ty) as u32,
            pointers: has_pointers(store, ty),
        });
        self.cache.insert(ty, repr.clone());
        repr
    }
}

/// The machine type of a basic kind that is one scalar.
pub fn basic_type(kind: BasicKind) -> Option<Type> {
    use BasicKind::*;
    Some(match kind {
        Bool | UntypedBool | Int8 | Uint8 => Type::I8,
        Int16 | Uint16 => Type::I16,
        Int32 | Uint32 | UntypedRune => Type::I32,
        Int | Int64 | Uint | Uint64 | Uintptr | UntypedInt => Type::I64,
        Float32 => Type::F32,
        Float64 | UntypedFloat => Type::F64,
        UnsafePointer | UntypedNil => Type::Ptr,
        _ => return None,
    })
}

/// Append the scalars of a type at `base`; false if there are too many or an array is among them.
fn flatten(store: &TypeStore, ty: Ty, base: u32, out: &mut Vec<Scalar>) -> bool {
    let mut add = |ty, off| {
        out.push(Scalar {
            ty,
            off: base + off,
        })
    };
    match store.kind(store.under(ty)) {
        TyKind::Basic(k) => match k {
            BasicKind::String | BasicKind::UntypedString => {
                add(Type::Ptr, 0);
                add(Type::I64, 8);
            }
            BasicKind::Complex64 => {
                add(Type::F32, 0);
                add(Type::F32, 4);
            }
            BasicKind::Complex128 | BasicKind::UntypedComplex => {
                add(Type::F64, 0);
                add(Type::F64, 8);
            }
            k => match basic_type(*k) {
                Some(t) => add(t, 0),
                None => return false,
            },
        },
        TyKind::Pointer(_) | TyKind::Map { .. } | TyKind::Chan { .. } | TyKind::Signature(_) => {
            add(Type::Ptr, 0)
        }
        TyKind::Slice(_) => {
            add(Type::Ptr, 0);
            add(Type::I64, 8);
            add(Type::I64, 16);
        }
        TyKind::Interface(_) => {
            add(Type::Ptr, 0);
            add(Type::Ptr, 8);
        }
        TyKind::Array { len, .. } => return *len == 0,
        TyKind::Struct(s) => {
            let offsets = store.offsets_of(s);
            for (f, off) in s.fields.iter().zip(offsets) {
                if !flatten(store, f.ty, base + off as u32, out) || out.len() > MAX_SCALARS {
                    return false;
                }
            }
        }
        _ => return false,
    }
    true
}

/// Whether values of the type hold pointers other than those of strings.
pub fn has_non_string_pointers(store: &TypeStore, ty: Ty) -> bool {
    match store.kind(store.under(ty)) {
        TyKind::Basic(k) => matches!(k, BasicKind::UnsafePointer | BasicKind::UntypedNil),
        TyKind::Array { elem, len } => *len > 0 && has_non_string_pointers(store, *elem),
        TyKind::Struct(s) => (s.fields.iter()).any(|f| has_non_string_pointers(store, f.ty)),
        _ => true,
    }
}

/// Whether values of the type hold pointers that the collector must see.
pub fn has_pointers(store: &TypeStore, ty: Ty) -> bool {
    match store.kind(store.under(ty)) {
        TyKind::Basic(k) => {
            matches!(
                k,
                BasicKind::String
                    | BasicKind::UnsafePointer
                    | BasicKind::UntypedString
                    | BasicKind::UntypedNil
            )
        }
        TyKind::Array { elem, len } => *len > 0 && has_pointers(store, *elem),
        TyKind::Struct(s) => s.fields.iter().any(|f| has_pointers(store, f.ty)),
        _ => true,
    }
}
