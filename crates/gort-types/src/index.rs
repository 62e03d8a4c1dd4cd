//! Index and slice expressions.

use crate::check::Checker;
use crate::exprstring::start_pos;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    /// An index expression. True if it is a function instantiation, which is left to the caller.
    pub(crate) fn index_expr(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>) -> bool {
        let ExprKind::Index { x: base, indices } = e.kind else {
            return false;
        };
        self.expr_or_type(x, base, true);
        let s = self.store;
        match x.mode {
            Mode::None => {
                self.use_exprs(indices);
                return false;
            }
            Mode::Type => {
                x.invalidate();
                x.ty = self.var_type(e);
                let pending = matches!(s.raw_kind(x.ty), TyKind::Alias(a) if a.rhs.get().is_none());
                if s.unalias(x.ty).is_valid() || pending {
                    x.mode = Mode::Type;
                }
                return false;
            }
            Mode::Value if s.sig(x.ty).is_some_and(|f| !f.tparams.is_empty()) => return true,
            _ => {}
        }
        self.non_generic(None, x);
        if !x.is_valid() {
            return false;
        }
        if !self.is_complete(x.ty) {
            x.invalidate();
            return false;
        }
        let part = match s.under_kind(x.ty) {
            TyKind::Pointer(t) => Some(*t),
            TyKind::Map { elem, .. } => Some(*elem),
            _ => None,
        };
        if part.is_some_and(|t| !self.is_complete(t)) {
            x.invalidate();
            return false;
        }
        let mut length = -1;
        let mut valid = true;
        match s.under_kind(x.ty) {
            TyKind::Basic(k) if k.is_string() => {
                if x.mode == Mode::Const {
                    length = x.val.str_len().map_or(-1, |n| n as i64);
                }
                x.mode = Mode::Value;
                x.ty = Ty::BYTE;
            }
            TyKind::Array { elem, len } => {
                length = *len;
                if x.mode != Mode::Variable {
                    x.mode = Mode::Value;
                }
                x.ty = *elem;
            }
            TyKind::Pointer(p) => match s.under_kind(*p) {
                TyKind::Array { elem, len } => {
                    length = *len;
                    x.mode = Mode::Variable;
                    x.ty = *elem;
                }
                _ => valid = false,
            },
            TyKind::Slice(elem) => {
                x.mode = Mode::Variable;
                x.ty = *elem;
            }
            TyKind::Map { key, elem } => {
                self.map_index(x, e, indices, *key, *elem);
                return false;
            }
            TyKind::Interface(_) if s.is_type_param(x.ty) => match self.index_param(x) {
                Some((Some(key), elem, ..)) => {
                    self.map_index(x, e, indices, key, elem);
                    return false;
                }
                Some((None, elem, len, mode)) => {
                    length = len;
                    x.mode = mode;
                    x.ty = elem;
                }
                None => valid = false,
            },
            _ => valid = false,
        }
        if !valid {
            let msg = format!("cannot index {}", self.op_string(x));
            self.error(e.pos, "NonSliceableOperand", msg);
            self.use_exprs(indices);
            x.invalidate();
            return false;
        }
        let index = self.single_index(indices);
        self.index(index, length);
        false
    }

    fn map_index(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        indices: &'a [ExprRef<'a>],
        key: Ty,
        elem: Ty,
    ) {
        let index = self.single_index(indices);
        let mut k = Operand::invalid();
        self.generic_expr(&mut k, index, None);
        self.assignment(&mut k, Some(key), "map index");
        x.mode = Mode::MapIndex;
        x.ty = elem;
        x.set_expr(e);
    }

    /// Indexing a type parameter: all its types must agree. Key (of maps), element, length, mode.
    fn index_param(&mut self, x: &Operand<'a>) -> Option<(Option<Ty>, Ty, i64, Mode)> {
        let s = self.store;
        let mut found: Option<(Option<Ty>, Ty, i64)> = None;
        let mut mode = Mode::Variable;
        let terms = self.specific_terms(x.ty)?;
        for (_, u) in terms {
            let (k, e, l) = match s.raw_kind(u) {
                TyKind::Basic(b) if b.is_string() => {
                    mode = Mode::Value;
                    (None, Ty::BYTE, -1)
                }
                TyKind::Array { elem, len } => {
                    if x.mode != Mode::Variable {
                        mode = Mode::Value;
                    }
                    (None, *elem, *len)
                }
                TyKind::Pointer(p) => match s.under_kind(*p) {
                    TyKind::Array { elem, len } => (None, *elem, *len),
                    _ => return None,
                },
                TyKind::Slice(elem) => (None, *elem, -1),
                TyKind::Map { key, elem } => (Some(*key), *elem, -1),
                _ => return None,
            };
            found = Some(match found {
                None => (k, e, l),
                Some((k0, e0, l0)) => {
                    let same_key = match (k0, k) {
                        (None, None) => true,
                        (Some(a), Some(b)) => s.identical(a, b),
                        _ => false,
                    };
                    if !same_key || !s.identical(e0, e) {
                        return None;
                    }
                    (k0, e0, if l >= 0 && (l0 < 0 || l < l0) { l } else { l0 })
                }
            });
        }
        found.map(|(k, e, l)| (k, e, l, mode))
    }

    fn single_index(&mut self, indices: &'a [ExprRef<'a>]) -> ExprRef<'a> {
        if let Some(extra) = indices.get(1) {
            let msg = "invalid operation: more than one index";
            self.error(start_pos(extra), "InvalidIndex", msg);
        }
        indices[0]
    }

    pub(crate) fn slice_expr(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>) {
        let ExprKind::Slice {
            x: base,
            lo,
            hi,
            max,
            full,
        } = e.kind
        else {
            return;
        };
        let s = self.store;
        self.expr(None, x, base);
        if !x.is_valid() {
            for i in [lo, hi, max].into_iter().flatten() {
                self.use_exprs(&[i]);
            }
            return;
        }
        let Some(under) = self.slice_under(x) else {
            x.invalidate();
            return;
        };
        if let TyKind::Pointer(p) = s.under_kind(x.ty)
            && !self.is_complete(*p)
        {
            x.invalidate();
            return;
        }
        let mut length = -1;
        let mut valid = true;
        match s.raw_kind(under) {
            TyKind::Basic(k) if k.is_string() => {
                if full {
                    let pos = max.map_or(e.pos, start_pos);
                    let msg = "invalid operation: 3-index slice of string";
                    self.error(pos, "InvalidSliceExpr", msg);
                    x.invalidate();
                    return;
                }
                if x.mode == Mode::Const {
                    length = x.val.str_len().map_or(-1, |n| n as i64);
                }
                if s.is_untyped(x.ty) {
                    // The operand becomes a string value.
                    self.update_operand_type(x, Ty::STRING, true);
                    x.ty = Ty::STRING;
                }
            }
            TyKind::Array { elem, len } => {
                length = *len;
                if x.mode != Mode::Variable {
                    let msg = format!("cannot slice unaddressable value {}", self.op_string(x));
                    self.error(x.pos(), "NonSliceableOperand", msg);
                    x.invalidate();
                    return;
                }
                x.ty = s.slice(*elem);
            }
            TyKind::Pointer(p) => match s.under_kind(*p) {
                TyKind::Array { elem, len } => {
                    length = *len;
                    x.ty = s.slice(*elem);
                }
                _ => valid = false,
            },
            TyKind::Slice(_) => {}
            _ => valid = false,
        }
        if !valid {
            let msg = format!("cannot slice {}", self.op_string(x));
            self.error(x.pos(), "NonSliceableOperand", msg);
            for i in [lo, hi, max].into_iter().flatten() {
                self.use_exprs(&[i]);
            }
            x.invalidate();
            return;
        }
        x.mode = Mode::Value;
        if full && (hi.is_none() || max.is_none()) {
            // The parser has complained.
            x.invalidate();
            return;
        }
        let mut ind = [-1i64; 3];
        for (i, part) in [lo, hi, max].into_iter().enumerate() {
            ind[i] = match part {
                Some(p) => self.index(p, if length >= 0 { length + 1 } else { -1 }).1,
                None if i == 0 => 0,
                None => length,
            };
        }
        let parts = [lo, hi, max];
        'outer: for i in 0..2 {
            if ind[i] <= 0 {
                continue;
            }
            for j in i + 1..3 {
                if ind[j] >= 0 && ind[j] < ind[i] {
                    let pos = parts[j].map_or(e.pos, start_pos);
                    let msg = format!("invalid slice indices: {} < {}", ind[j], ind[i]);
                    self.error(pos, "SwappedSliceIndices", msg);
                    break 'outer;
                }
            }
        }
    }

    /// What is sliced: the common underlying type, where byte slices and strings go together.
    fn slice_under(&mut self, x: &Operand<'a>) -> Option<Ty> {
        let s = self.store;
        if !s.is_type_param(x.ty) {
            return Some(s.under(x.ty));
        }
        let Some(terms) = self.specific_terms(x.ty) else {
            let msg = format!(
                "cannot slice {}: no specific type in {}",
                self.op_string(x),
                self.ts(x.ty)
            );
            self.error(x.pos(), "NonSliceableOperand", msg);
            return None;
        };
        let mut common: Option<(Ty, Ty)> = None;
        let mut has_string = false;
        for (t, mut u) in terms {
            if s.is_basic(u, BasicKind::is_string) {
                u = Ty::BYTES;
                has_string = true;
            }
            match common {
                None => common = Some((t, u)),
                Some((ct, cu)) if !s.identical(cu, u) => {
                    let msg = format!(
                        "cannot slice {}: {} and {} have different underlying types",
                        self.op_string(x),
                        self.ts(ct),
                        self.ts(t)
                    );
                    self.error(x.pos(), "NonSliceableOperand", msg);
                    return None;
                }
                _ => {}
            }
        }
        if has_string {
            Some(Ty::STRING)
        } else {
            common.map(|c| c.1)
        }
    }
}
