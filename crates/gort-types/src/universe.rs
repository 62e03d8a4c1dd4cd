//! The predeclared types and objects, and package unsafe.

use crate::constant::Value;
use crate::object::*;
use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// Fill a fresh store; the handles of predeclared types are the constants of [`Ty`].
pub(crate) fn fill(store: &mut TypeStore) {
    let mut names = FxHashMap::default();
    for &(ty, kind, _) in BASICS {
        let got = store.intern(TyKind::Basic(kind));
        debug_assert_eq!(got, ty);
    }
    for (ty, kind) in [(Ty::BYTE, BasicKind::Uint8), (Ty::RUNE, BasicKind::Int32)] {
        let got = store.add(TyKind::Basic(kind));
        debug_assert_eq!(got, ty);
    }
    store.canon_cell(Ty::BYTE).set(Ty::UINT8);
    store.canon_cell(Ty::RUNE).set(Ty::INT32);
    let tuple = store.tuple(&[]);
    debug_assert_eq!(tuple, Ty::EMPTY_TUPLE);
    let empty = store.interface(vec![], vec![], false);
    debug_assert_eq!(empty, Ty::EMPTY_INTERFACE);

    let type_name = |store: &TypeStore, name: &str, alias: bool| {
        store.new_obj(Object::blank(
            Symbol::intern(name),
            Pos::NONE,
            None,
            ObjData::TypeName { alias },
        ))
    };
    let mut declare = |store: &TypeStore, obj: ObjId, ty: Ty| {
        store.obj(obj).ty.set(ty);
        names.insert(store.obj(obj).name, obj);
    };

    // any, error, comparable
    let any = type_name(store, "any", true);
    let ty = store.add(TyKind::Alias(AliasType {
        obj: any,
        origin: None,
        targs: Box::default(),
        tparams: OnceLock::new(),
        rhs: TyCell::new(Ty::EMPTY_INTERFACE),
    }));
    debug_assert_eq!(ty, Ty::ANY);
    declare(store, any, ty);

    let error = type_name(store, "error", false);
    let ty = store.new_named(error);
    debug_assert_eq!(ty, Ty::ERROR);
    declare(store, error, ty);
    let comparable = type_name(store, "comparable", false);
    let ty = store.new_named(comparable);
    debug_assert_eq!(ty, Ty::COMPARABLE);
    declare(store, comparable, ty);
    let bytes = store.slice(Ty::BYTE);
    debug_assert_eq!(bytes, Ty::BYTES);

    let method_name = Symbol::intern("Error");
    let sig = store.signature(
        vec![],
        vec![Param {
            name: Symbol::EMPTY,
            ty: Ty::STRING,
        }],
        false,
    );
    let func = FuncData::default();
    let _ = func.recv.set(Ty::ERROR);
    let method = Object::blank(method_name, Pos::NONE, None, ObjData::Func(func));
    method.ty.set(sig);
    let method = store.new_obj(method);
    let iface = store.interface(
        vec![IfaceMethod {
            name: method_name,
            pkg: None,
            sig,
            obj: method,
        }],
        vec![],
        false,
    );
    set_under(store, Ty::ERROR, iface);
    let iface = store.add(TyKind::Interface(InterfaceType {
        methods: Box::default(),
        embeds: Box::default(),
        implicit: false,
        tset: OnceLock::from(Box::new(TypeSet {
            methods: Box::default(),
            terms: None,
            comparable: true,
        })),
    }));
    set_under(store, Ty::COMPARABLE, iface);

    for &(ty, kind, name) in BASICS {
        if !kind.is_untyped() && kind != BasicKind::Invalid && kind != BasicKind::UnsafePointer {
            let obj = type_name(store, name, false);
            declare(store, obj, ty);
        }
    }
    for (name, ty) in [("byte", Ty::BYTE), ("rune", Ty::RUNE)] {
        let obj = type_name(store, name, false);
        declare(store, obj, ty);
    }
    for (name, value, ty) in [
        ("true", Value::Bool(true), Ty::UNTYPED_BOOL),
        ("false", Value::Bool(false), Ty::UNTYPED_BOOL),
        ("iota", Value::Int(0), Ty::UNTYPED_INT),
    ] {
        let data = ObjData::Const {
            value: OnceLock::from(value),
        };
        let obj = store.new_obj(Object::blank(Symbol::intern(name), Pos::NONE, None, data));
        declare(store, obj, ty);
    }
    let nil = store.new_obj(Object::blank(
        Symbol::intern("nil"),
        Pos::NONE,
        None,
        ObjData::Nil,
    ));
    declare(store, nil, Ty::UNTYPED_NIL);

    // Package unsafe.
    let unsafe_pkg = store.new_package("unsafe");
    debug_assert_eq!(unsafe_pkg, PkgId::UNSAFE);
    let pkg = store.package(unsafe_pkg);
    let _ = pkg.name.set(Symbol::intern("unsafe"));
    let mut scope = FxHashMap::default();
    let ptr = store.new_obj(Object::blank(
        Symbol::intern("Pointer"),
        Pos::NONE,
        Some(unsafe_pkg),
        ObjData::TypeName { alias: false },
    ));
    store.obj(ptr).ty.set(Ty::UNSAFE_POINTER);
    scope.insert(Symbol::intern("Pointer"), ptr);
    for &b in Builtin::ALL {
        let name = Symbol::intern(b.name());
        let pkg = b.in_unsafe().then_some(unsafe_pkg);
        let obj = store.new_obj(Object::blank(name, Pos::NONE, pkg, ObjData::Builtin(b)));
        if b.in_unsafe() {
            scope.insert(name, obj);
        } else {
            names.insert(name, obj);
        }
    }
    let _ = pkg.scope.set(scope);
    store.set_universe(names);
}

fn set_under(store: &TypeStore, named: Ty, under: Ty) {
    if let TyKind::Named(n) = store.raw_kind(named) {
        n.rhs.set(under);
        n.under.set(under);
        let _ = n.methods.set(Box::default());
    }
}
