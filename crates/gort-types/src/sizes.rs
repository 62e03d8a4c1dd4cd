//! Sizes, alignments and offsets as Go's compiler lays types out on amd64.

use crate::store::TypeStore;
use crate::types::*;

/// Size and alignment. A negative size means that the type is too large.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Bytes.
    pub size: i64,
    /// Alignment in bytes.
    pub align: i64,
}

fn align_up(x: i64, a: i64) -> i64 {
    x.checked_add(a - 1).map_or(-1, |x| x & !(a - 1))
}

impl BasicKind {
    fn size(self) -> i64 {
        use BasicKind::*;
        match self {
            Bool | Int8 | Uint8 => 1,
            Int16 | Uint16 => 2,
            Int32 | Uint32 | Float32 => 4,
            Complex128 | String => 16,
            _ => 8,
        }
    }
    fn align(self) -> i64 {
        match self {
            BasicKind::Complex64 => 4,
            k => k.size().min(8),
        }
    }
}

impl TypeStore {
    /// Size and alignment of values of a type that depends on no type parameter.
    pub fn layout(&self, ty: Ty) -> Layout {
        match self.raw_kind(ty) {
            TyKind::Struct(_) | TyKind::Array { .. } => {
                if let Some(&l) = self.layout_cell(ty).get() {
                    return l;
                }
                let l = self.find_layout(ty);
                // Types that are still being declared have no size yet.
                if self.is_laid_out(ty) {
                    let _ = self.layout_cell(ty).set(l);
                }
                l
            }
            TyKind::Named(_) | TyKind::Alias(_) => {
                let under = self.under(ty);
                // sync/atomic marks its 64-bit types with an empty struct of a certain name.
                if let TyKind::Struct(s) = self.raw_kind(under)
                    && s.fields.is_empty()
                    && self.is_align64(ty)
                {
                    return Layout { size: 0, align: 8 };
                }
                self.layout(under)
            }
            _ => self.find_layout(ty),
        }
    }

    fn is_laid_out(&self, ty: Ty) -> bool {
        match self.raw_kind(ty) {
            TyKind::Struct(s) => {
                self.layout_cell(ty).get().is_some()
                    || s.fields.iter().all(|f| self.is_laid_out(f.ty))
            }
            TyKind::Array { elem, .. } => {
                self.layout_cell(ty).get().is_some() || self.is_laid_out(*elem)
            }
            TyKind::Named(n) => n.under.get().is_some_and(|u| match self.raw_kind(u) {
                TyKind::Struct(_) | TyKind::Array { .. } => self.layout_cell(u).get().is_some(),
                _ => true,
            }),
            TyKind::Alias(_) => self.is_laid_out(self.unalias(ty)),
            _ => true,
        }
    }

    fn find_layout(&self, ty: Ty) -> Layout {
        match self.under_kind(ty) {
            TyKind::Basic(k) => Layout {
                size: k.size(),
                align: k.align(),
            },
            TyKind::Array { elem, len } => {
                let e = self.layout(*elem);
                let size = match (*len, e.size) {
                    (n, _) if n <= 0 => 0,
                    (_, s) if s < 0 => -1,
                    (n, s) => s.checked_mul(n).unwrap_or(-1),
                };
                Layout {
                    size,
                    align: e.align,
                }
            }
            TyKind::Struct(s) => self.struct_layout(s).0,
            TyKind::Slice(_) => Layout { size: 24, align: 8 },
            TyKind::Interface(_) => Layout { size: 16, align: 8 },
            _ => Layout { size: 8, align: 8 },
        }
    }

    /// Size in bytes.
    pub fn size_of(&self, ty: Ty) -> i64 {
        self.layout(ty).size
    }

    /// Alignment in bytes.
    pub fn align_of(&self, ty: Ty) -> i64 {
        self.layout(ty).align
    }

    /// Offsets of a struct's fields (negative ones: too large).
    pub fn offsets_of(&self, s: &StructType) -> Vec<i64> {
        self.struct_layout(s).1
    }

    fn struct_layout(&self, s: &StructType) -> (Layout, Vec<i64>) {
        let mut offs = 0i64;
        let mut align = 1;
        let mut offsets = Vec::with_capacity(s.fields.len());
        let mut last = 0;
        for f in &s.fields {
            let l = self.layout(f.ty);
            align = align.max(l.align);
            if offs >= 0 {
                offs = align_up(offs, l.align);
            }
            offsets.push(offs);
            last = l.size;
            offs = match (offs, l.size) {
                (o, s) if o < 0 || s < 0 => -1,
                (o, s) => o.checked_add(s).unwrap_or(-1),
            };
        }
        // A pointer to a last field of size 0 must not point past the struct.
        if offs > 0 && last == 0 {
            offs += 1;
        }
        let size = if offs < 0 { -1 } else { align_up(offs, align) };
        (Layout { size, align }, offsets)
    }

    fn is_align64(&self, ty: Ty) -> bool {
        let Some(n) = self.named(ty) else {
            return false;
        };
        let o = self.obj(n.obj);
        o.name.as_str() == "align64"
            && o.pkg.is_some_and(|p| {
                matches!(
                    &*self.package(p).path,
                    "sync/atomic" | "internal/runtime/atomic"
                )
            })
    }
}
