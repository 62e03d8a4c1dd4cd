//! Composite literals.

use crate::check::Checker;
use crate::constant::{Kind, Value};
use crate::exprstring::{expr_string, start_pos};
use crate::info::Mode;
use crate::lookup::Lookup;
use crate::object::ObjId;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// A constant as a hash key; equal for equal values of whatever representation.
#[derive(PartialEq, Eq, Hash, Clone)]
pub(crate) enum ConstKey {
    Bool(bool),
    Str(Vec<u8>),
    Int(i64),
    Uint(u64),
    Float(u64),
    Complex(u64, u64),
    Other(String),
}

/// The key of a constant.
pub(crate) fn const_key(v: &Value) -> ConstKey {
    match v.kind() {
        Kind::Bool => ConstKey::Bool(v.as_bool().unwrap_or(false)),
        Kind::String => ConstKey::Str(v.as_bytes().unwrap_or_default().to_vec()),
        Kind::Unknown => ConstKey::Other(String::new()),
        _ => {
            let int = v.to_int();
            if let Some(i) = int.to_i64() {
                ConstKey::Int(i)
            } else if let Some(u) = int.to_u64() {
                ConstKey::Uint(u)
            } else if int.kind() == Kind::Int {
                ConstKey::Other(int.to_string())
            } else if v.to_float().kind() == Kind::Float {
                ConstKey::Float(v.to_f64().to_bits())
            } else {
                ConstKey::Complex(v.real().to_f64().to_bits(), v.imag().to_f64().to_bits())
            }
        }
    }
}

/// The fields that a struct literal has set, by path.
#[derive(Default)]
struct Visited {
    exact: FxHashMap<Vec<u32>, ObjId>,
    /// Paths to embedded structs that fields were set in, with such a field.
    inside: FxHashMap<Vec<u32>, (usize, ObjId)>,
}

impl Visited {
    /// Add a path; or else the length of the path that excludes it, and its field.
    fn insert(&mut self, path: &[u32], obj: ObjId) -> Option<(usize, ObjId)> {
        for n in 1..=path.len() {
            if let Some(&other) = self.exact.get(&path[..n]) {
                return Some((n, other));
            }
        }
        if let Some(&found) = self.inside.get(path) {
            return Some(found);
        }
        for n in 1..path.len() {
            self.inside.insert(path[..n].to_vec(), (path.len(), obj));
        }
        self.exact.insert(path.to_vec(), obj);
        None
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn composite_lit(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        typ: Option<ExprRef<'a>>,
        elems: &'a [ExprRef<'a>],
        rbrace: Pos,
        hint: Option<Ty>,
    ) {
        let s = self.store;
        let mut ty;
        let mut base;
        let mut open_elem = None;
        match (typ, hint) {
            (Some(t), _) => {
                if let ExprKind::ArrayType { len: None, elem } = t.kind {
                    let elem = self.var_type(elem);
                    open_elem = Some(elem);
                    ty = s.array(elem, -1);
                } else {
                    ty = self.typ(t);
                }
                base = ty;
            }
            (None, Some(h)) => {
                ty = h;
                base = h;
                if let Some(u) = self.common_under(h)
                    && let Some(b) = s.deref(u)
                {
                    base = b;
                }
            }
            (None, None) => {
                self.error(e.pos, "UntypedLit", "missing type in composite literal");
                ty = Ty::INVALID;
                base = ty;
            }
        }
        if !self.is_complete(base) {
            x.invalidate();
            return;
        }
        let under = if open_elem.is_some() {
            Some(base)
        } else {
            self.common_under(base)
        };
        match under.map(|u| s.raw_kind(u)) {
            Some(TyKind::Struct(st)) => {
                let under = under.unwrap_or(base);
                self.struct_lit(x, elems, rbrace, base, under, st);
            }
            Some(TyKind::Array { elem, len }) => {
                let n = self.indexed_elts(elems, *elem, *len);
                if *len < 0 {
                    ty = s.array(*elem, n);
                    base = ty;
                    if let Some(t) = typ {
                        self.record_type(t, base);
                    }
                }
            }
            Some(TyKind::Slice(elem)) => {
                self.indexed_elts(elems, *elem, -1);
            }
            Some(TyKind::Map { key, elem }) => self.map_lit(x, elems, *key, *elem),
            _ => {
                for &el in elems {
                    self.use_exprs(&[el]);
                }
                if under != Some(Ty::INVALID) {
                    let qualifier = if typ.is_none() && hint.is_some() {
                        " element"
                    } else {
                        ""
                    };
                    let cause = if under.is_none() {
                        " (no common underlying type)"
                    } else {
                        ""
                    };
                    let msg = format!(
                        "invalid composite literal{qualifier} type {}{cause}",
                        self.ts(ty)
                    );
                    self.error(start_pos(e), "InvalidLit", msg);
                    x.invalidate();
                    return;
                }
            }
        }
        x.mode = Mode::Value;
        x.ty = ty;
    }

    fn struct_lit(
        &mut self,
        x: &mut Operand<'a>,
        elems: &'a [ExprRef<'a>],
        rbrace: Pos,
        base: Ty,
        under: Ty,
        st: &'a StructType,
    ) {
        let Some(first) = elems.first() else { return };
        if matches!(first.kind, ExprKind::KeyValue { .. }) {
            let mut visited = Visited::default();
            for &e in elems {
                let ExprKind::KeyValue { key, value } = e.kind else {
                    let msg = "mixture of field:value and value elements in struct literal";
                    self.error(start_pos(e), "MixedStructLit", msg);
                    continue;
                };
                self.generic_expr(x, value, None);
                self.keyed_field(x, e, key, base, under, &mut visited);
            }
            return;
        }
        for (i, &e) in elems.iter().enumerate() {
            if let ExprKind::KeyValue { .. } = e.kind {
                let msg = "mixture of field:value and value elements in struct literal";
                self.error(start_pos(e), "MixedStructLit", msg);
                continue;
            }
            self.generic_expr(x, e, None);
            let Some(f) = st.fields.get(i) else {
                let msg = format!(
                    "too many values in struct literal of type {}",
                    self.ts(base)
                );
                self.error(x.pos(), "InvalidStructLit", msg);
                break;
            };
            if f.pkg.is_some_and(|p| p != self.pkg) {
                let msg = format!(
                    "implicit assignment to unexported field {} in struct literal of type {}",
                    f.name,
                    self.ts(base)
                );
                self.error(x.pos(), "UnexportedLitField", msg);
                continue;
            }
            self.assignment(x, Some(f.ty), "struct literal");
        }
        if elems.len() < st.fields.len() {
            let hidden = st
                .fields
                .iter()
                .any(|f| f.pkg.is_some_and(|p| p != self.pkg));
            let hint = if hidden {
                " (type has unexported fields - use key:value pairs)"
            } else {
                ""
            };
            let msg = format!(
                "too few values in struct literal of type {}{hint}",
                self.ts(base)
            );
            self.error(rbrace, "InvalidStructLit", msg);
        }
    }

    fn keyed_field(
        &mut self,
        x: &mut Operand<'a>,
        kv: ExprRef<'a>,
        key: ExprRef<'a>,
        base: Ty,
        under: Ty,
        visited: &mut Visited,
    ) {
        let s = self.store;
        let ExprKind::Name(name) = key.kind else {
            let msg = format!("invalid field name {} in struct literal", expr_string(key));
            self.error(start_pos(kv), "InvalidLitField", msg);
            return;
        };
        let found = match s.lookup(under, false, Some(self.pkg), name, false) {
            Lookup::Field(f) => f,
            Lookup::Method(_) => {
                self.error(key.pos, "MissingLitField", format!("{name} is not a field"));
                return;
            }
            _ => {
                let alt = s.lookup(under, false, Some(self.pkg), name, true);
                let msg = self.lookup_error(base, name, alt.found().map(|f| f.obj), true);
                self.error(key.pos, "MissingLitField", msg);
                return;
            }
        };
        if found.index.len() > 1 {
            let ok = self.verify_version(key.pos, 27, |c| {
                format!(
                    "use of promoted field {} in struct literal of type {}",
                    c.field_path(under, &found.index),
                    c.ts(base)
                )
            });
            if !ok {
                return;
            }
        }
        if found.indirect {
            let msg = format!("invalid implicit pointer indirection to reach {name}");
            self.error(key.pos, "InvalidLitField", msg);
            return;
        }
        self.info.record_obj(key.id, found.obj, false);
        if found.index.len() > 1 {
            self.info.record_selection(
                key.id,
                crate::info::Selection {
                    kind: crate::info::SelectionKind::FieldVal,
                    recv: under,
                    obj: found.obj,
                    index: found.index.clone().into(),
                    indirect: false,
                    ty: found.ty,
                },
            );
        }
        self.assignment(x, Some(found.ty), "struct literal");
        if let Some((depth, other)) = visited.insert(&found.index, found.obj) {
            let other = s.obj(other).name;
            let msg = if depth == found.index.len() {
                format!("duplicate field name {name} in struct literal")
            } else if depth < found.index.len() {
                format!("cannot specify promoted field {name} and enclosing embedded field {other}")
            } else {
                format!("cannot specify embedded field {name} and enclosed promoted field {other}")
            };
            self.error(start_pos(kv), "DuplicateLitField", msg);
        }
    }

    fn field_path(&self, ty: Ty, index: &[u32]) -> String {
        let s = self.store;
        let mut ty = ty;
        let mut names = vec![];
        for &i in index {
            let t = s.deref(ty).unwrap_or(ty);
            let TyKind::Struct(st) = s.under_kind(t) else {
                break;
            };
            let f = &st.fields[i as usize];
            names.push(f.name.as_str());
            ty = f.ty;
        }
        names.join(".")
    }

    fn map_lit(&mut self, x: &mut Operand<'a>, elems: &'a [ExprRef<'a>], key_ty: Ty, elem_ty: Ty) {
        let key_iface = self.store.is_plain_interface(key_ty);
        let mut visited: FxHashMap<ConstKey, Vec<Ty>> = FxHashMap::default();
        for &e in elems {
            let ExprKind::KeyValue { key, value } = e.kind else {
                self.error(start_pos(e), "MissingLitKey", "missing key in map literal");
                continue;
            };
            self.generic_expr(x, key, Some(key_ty));
            self.assignment(x, Some(key_ty), "map literal");
            if !x.is_valid() {
                continue;
            }
            if x.mode == Mode::Const {
                let types = visited.entry(const_key(&x.val)).or_default();
                let duplicate = if key_iface {
                    types.iter().any(|&t| self.store.identical(t, x.ty))
                } else {
                    !types.is_empty()
                };
                types.push(x.ty);
                if duplicate {
                    let msg = format!("duplicate key {} in map literal", x.val);
                    self.error(x.pos(), "DuplicateLitKey", msg);
                    continue;
                }
            }
            self.generic_expr(x, value, Some(elem_ty));
            self.assignment(x, Some(elem_ty), "map literal");
        }
    }

    /// Elements of an array or slice literal; returns the largest index plus one.
    fn indexed_elts(&mut self, elems: &'a [ExprRef<'a>], ty: Ty, len: i64) -> i64 {
        let mut visited: FxHashSet<i64> = FxHashSet::default();
        let keyed = elems
            .iter()
            .any(|e| matches!(e.kind, ExprKind::KeyValue { .. }));
        let (mut index, mut max) = (0i64, 0i64);
        let mut x = Operand::invalid();
        for &e in elems {
            let mut valid = false;
            let mut value = e;
            if let ExprKind::KeyValue { key, value: v } = e.kind {
                let (t, i) = self.index(key, len);
                if t.is_valid() {
                    if i >= 0 {
                        index = i;
                        valid = true;
                    } else {
                        let msg = format!("index {} must be integer constant", expr_string(key));
                        self.error(start_pos(e), "InvalidLitIndex", msg);
                    }
                }
                value = v;
            } else if len >= 0 && index >= len {
                let msg = format!("index {index} is out of bounds (>= {len})");
                self.error(start_pos(e), "OversizeArrayLit", msg);
            } else {
                valid = true;
            }
            if keyed && valid && !visited.insert(index) {
                let msg = format!("duplicate index {index} in array or slice literal");
                self.error(start_pos(e), "DuplicateLitKey", msg);
            }
            index = index.saturating_add(1);
            max = max.max(index);
            self.generic_expr(&mut x, value, Some(ty));
            self.assignment(&mut x, Some(ty), "array or slice literal");
        }
        max
    }
}
