//! Struct types.

use crate::check::Checker;
use crate::constant::unquote;
use crate::errors::Report;
use crate::exprstring::{expr_string, start_pos};
use crate::object::*;
use crate::types::{self, BasicKind, Ty, TyKind};
use gort_syntax::ast::{self, *};
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;

impl<'a> Checker<'a> {
    pub(crate) fn struct_type(&mut self, list: &'a [ast::Field<'a>]) -> Ty {
        let mut fields: Vec<types::Field> = Vec::with_capacity(list.len());
        let mut seen: FxHashMap<Symbol, ObjId> = FxHashMap::default();
        let mut ty = Ty::INVALID;
        for (i, f) in list.iter().enumerate() {
            if i == 0 || !std::ptr::eq(f.typ, list[i - 1].typ) {
                ty = self.var_type(f.typ);
            }
            let tag = match f.tag {
                Some((text, _)) => match unquote(text) {
                    // A tag is any string; one that is not UTF-8 keeps what can be kept.
                    Some(bytes) => Symbol::intern(&String::from_utf8_lossy(&bytes)),
                    None => Symbol::EMPTY,
                },
                None => Symbol::EMPTY,
            };
            match f.name {
                Some(name) => self.add_field(&mut fields, &mut seen, name, ty, tag, false),
                None => {
                    let pos = start_pos(f.typ);
                    let Some(name) = embedded_ident(f.typ) else {
                        let msg = format!("invalid embedded field type {}", expr_string(f.typ));
                        self.error(pos, "InvalidSyntaxTree", msg);
                        continue;
                    };
                    self.add_field(&mut fields, &mut seen, name, ty, tag, true);
                    self.later(move |c| c.check_embedded(pos, ty));
                }
            }
        }
        self.store.struct_type(fields)
    }

    fn add_field(
        &mut self,
        fields: &mut Vec<types::Field>,
        seen: &mut FxHashMap<Symbol, ObjId>,
        id: Ident,
        ty: Ty,
        tag: Symbol,
        embedded: bool,
    ) {
        let data = ObjData::Var {
            kind: VarKind::Field,
            embedded,
        };
        let obj = Object::blank(id.name, id.pos, Some(self.pkg), data);
        obj.ty.set(ty);
        let obj = self.store.new_obj(obj);
        if !id.name.is_blank() {
            if let Some(&alt) = seen.get(&id.name) {
                let r = Report::new(id.pos, "DuplicateDecl", format!("{} redeclared", id.name));
                let r = self.alt_decl(r, alt);
                self.report(r);
                return;
            }
            seen.insert(id.name, obj);
        }
        let pkg = (!id.name.is_exported()).then_some(self.pkg);
        fields.push(types::Field {
            name: id.name,
            pkg,
            ty,
            embedded,
            tag,
            obj,
        });
        // The name of an embedded field is also the use of its type.
        if !embedded {
            self.info.record_obj(id.id, obj, true);
        }
    }

    fn check_embedded(&mut self, pos: Pos, ty: Ty) {
        let store = self.store;
        let (t, ptr) = match store.deref(ty) {
            Some(base) => (base, true),
            None => (ty, false),
        };
        match store.under_kind(t) {
            TyKind::Basic(BasicKind::UnsafePointer) => {
                let msg = "embedded field type cannot be unsafe.Pointer";
                self.error(pos, "InvalidPtrEmbed", msg);
            }
            TyKind::Pointer(_) => {
                self.error(
                    pos,
                    "InvalidPtrEmbed",
                    "embedded field type cannot be a pointer",
                );
            }
            TyKind::Interface(_) if store.is_type_param(t) => {
                let msg = "embedded field type cannot be a (pointer to a) type parameter";
                self.error(pos, "MisplacedTypeParam", msg);
            }
            TyKind::Interface(_) if ptr => {
                let msg = "embedded field type cannot be a pointer to an interface";
                self.error(pos, "InvalidPtrEmbed", msg);
            }
            _ => {}
        }
    }
}

/// The name of an embedded field.
fn embedded_ident(e: ExprRef<'_>) -> Option<Ident> {
    match e.kind {
        ExprKind::Name(name) => Some(Ident {
            name,
            pos: e.pos,
            id: e.id,
        }),
        ExprKind::Star(x) if !matches!(x.kind, ExprKind::Star(_)) => embedded_ident(x),
        ExprKind::Selector { sel, .. } => Some(sel),
        ExprKind::Index { x, .. } => embedded_ident(x),
        ExprKind::Paren(x) => embedded_ident(x),
        _ => None,
    }
}
