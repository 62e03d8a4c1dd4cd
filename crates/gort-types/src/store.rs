//! The store of types, objects and packages, shared by all packages of a compilation.
//!
//! Tables only grow; entries never move. Making a composite type looks it up in a sharded table first, so
//! equal spellings share a handle. Reading is a bounds check and a load.

use crate::constant::Value;
use crate::object::*;
use crate::sizes::Layout;
use crate::types::*;
use gort_syntax::{Pos, Symbol};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

struct TypeEntry {
    kind: TyKind,
    /// The canonical handle, once known.
    canon: TyCell,
    /// Whether it mentions type parameters: 0 unknown, 1 no, 2 yes.
    tparams: AtomicU8,
    layout: OnceLock<Layout>,
}

const SHARDS: usize = 16;

/// A generic type or alias with its type arguments.
type InstanceKey = (Ty, Box<[Ty]>);

/// All types, objects and packages.
pub struct TypeStore {
    types: boxcar::Vec<TypeEntry>,
    objects: boxcar::Vec<Object>,
    packages: boxcar::Vec<Package>,
    interned: [Mutex<FxHashMap<u64, Ty>>; SHARDS],
    instances: Mutex<FxHashMap<InstanceKey, Ty>>,
    universe: FxHashMap<Symbol, ObjId>,
    empty_methods: Box<[ObjId]>,
    top: TypeSet,
    /// Type sets of interfaces whose parts were still being declared when asked.
    transient: boxcar::Vec<TypeSet>,
    /// Whether there is an interface without canonical form.
    cyclic: AtomicBool,
}

impl Default for TypeStore {
    fn default() -> Self {
        TypeStore::new()
    }
}

impl TypeStore {
    /// A store with the predeclared types and objects.
    pub fn new() -> TypeStore {
        let mut store = TypeStore {
            types: boxcar::Vec::with_capacity(4096),
            objects: boxcar::Vec::with_capacity(4096),
            packages: boxcar::Vec::new(),
            interned: std::array::from_fn(|_| Mutex::default()),
            instances: Mutex::default(),
            universe: FxHashMap::default(),
            empty_methods: Box::default(),
            top: TypeSet {
                methods: Box::default(),
                terms: None,
                comparable: false,
            },
            transient: boxcar::Vec::new(),
            cyclic: AtomicBool::new(false),
        };
        // Object 0 is never handed out.
        store
            .objects
            .push(Object::blank(Symbol::EMPTY, Pos::NONE, None, ObjData::Nil));
        crate::universe::fill(&mut store);
        store
    }

    pub(crate) fn set_universe(&mut self, names: FxHashMap<Symbol, ObjId>) {
        self.universe = names;
    }

    /// A predeclared object.
    pub fn universe(&self, name: Symbol) -> Option<ObjId> {
        self.universe.get(&name).copied()
    }

    pub(crate) fn note_cyclic(&self) {
        self.cyclic.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_cyclic(&self) -> bool {
        self.cyclic.load(Ordering::Relaxed)
    }

    pub(crate) fn top_type_set(&self) -> &TypeSet {
        &self.top
    }

    pub(crate) fn keep_type_set(&self, set: TypeSet) -> &TypeSet {
        let i = self.transient.push(set);
        &self.transient[i]
    }

    // ---- types -------------------------------------------------------------------------------------

    /// The data of a type as written: may be [`TyKind::Alias`].
    pub fn raw_kind(&self, ty: Ty) -> &TyKind {
        &self.types[ty.0 as usize].kind
    }

    /// The data of a type; never [`TyKind::Alias`].
    pub fn kind(&self, ty: Ty) -> &TyKind {
        match self.raw_kind(ty) {
            TyKind::Alias(_) => self.raw_kind(self.unalias(ty)),
            kind => kind,
        }
    }

    /// What a (chain of) alias stands for; other types are returned as they are.
    pub fn unalias(&self, mut ty: Ty) -> Ty {
        let mut steps = 0;
        while let TyKind::Alias(a) = self.raw_kind(ty) {
            ty = match a.rhs.get() {
                Some(rhs) => rhs,
                None => crate::subst::expand_alias(self, ty).unwrap_or(Ty::INVALID),
            };
            steps += 1;
            if steps > 1000 {
                return Ty::INVALID;
            }
        }
        ty
    }

    pub(crate) fn tparams_flag(&self, ty: Ty) -> &AtomicU8 {
        &self.types[ty.0 as usize].tparams
    }

    pub(crate) fn layout_cell(&self, ty: Ty) -> &OnceLock<Layout> {
        &self.types[ty.0 as usize].layout
    }

    pub(crate) fn canon_cell(&self, ty: Ty) -> &TyCell {
        &self.types[ty.0 as usize].canon
    }

    /// Add a type with an identity of its own.
    pub(crate) fn add(&self, kind: TyKind) -> Ty {
        let canon = TyCell::empty();
        let (tparams, layout) = (AtomicU8::new(0), OnceLock::new());
        Ty(self.types.push(TypeEntry {
            kind,
            canon,
            tparams,
            layout,
        }) as u32)
    }

    /// Add a composite type, or find the one that is spelled the same.
    pub(crate) fn intern(&self, kind: TyKind) -> Ty {
        let mut hash = kind_hash(&kind);
        let mut table = self.interned[(hash >> 60) as usize % SHARDS]
            .lock()
            .unwrap();
        while let Some(&ty) = table.get(&hash) {
            if kind_eq(self.raw_kind(ty), &kind) {
                return ty;
            }
            hash = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
        }
        let ty = self.add(kind);
        table.insert(hash, ty);
        ty
    }

    /// `*elem`
    pub fn pointer(&self, elem: Ty) -> Ty {
        self.intern(TyKind::Pointer(elem))
    }
    /// `[]elem`
    pub fn slice(&self, elem: Ty) -> Ty {
        self.intern(TyKind::Slice(elem))
    }
    /// `[len]elem`
    pub fn array(&self, elem: Ty, len: i64) -> Ty {
        self.intern(TyKind::Array { elem, len })
    }
    /// `map[key]elem`
    pub fn map(&self, key: Ty, elem: Ty) -> Ty {
        self.intern(TyKind::Map { key, elem })
    }
    /// `chan elem`
    pub fn chan(&self, dir: ChanDir, elem: Ty) -> Ty {
        self.intern(TyKind::Chan { dir, elem })
    }
    /// `struct{fields}`
    pub fn struct_type(&self, fields: Vec<Field>) -> Ty {
        self.intern(TyKind::Struct(StructType {
            fields: fields.into(),
        }))
    }
    /// Several values.
    pub fn tuple(&self, types: &[Ty]) -> Ty {
        self.intern(TyKind::Tuple(types.into()))
    }
    /// A function type.
    pub fn signature(&self, params: Vec<Param>, results: Vec<Param>, variadic: bool) -> Ty {
        self.intern(TyKind::Signature(Signature {
            tparams: Box::default(),
            params: params.into(),
            results: results.into(),
            variadic,
        }))
    }
    pub(crate) fn interface(
        &self,
        methods: Vec<IfaceMethod>,
        embeds: Vec<Ty>,
        implicit: bool,
    ) -> Ty {
        self.intern(TyKind::Interface(InterfaceType {
            methods: methods.into(),
            embeds: embeds.into(),
            implicit,
            tset: OnceLock::new(),
        }))
    }

    /// A fresh defined type for `obj`, still without right-hand side.
    pub(crate) fn new_named(&self, obj: ObjId) -> Ty {
        self.add(TyKind::Named(NamedType::new(obj, None, Box::default())))
    }

    /// The instance of a generic type or alias, made on first use. Nothing is verified.
    pub fn instance(&self, origin: Ty, targs: &[Ty]) -> Ty {
        let mut table = self.instances.lock().unwrap();
        let key = (origin, Box::<[Ty]>::from(targs));
        if let Some(&ty) = table.get(&key) {
            return ty;
        }
        let ty = match self.raw_kind(origin) {
            TyKind::Named(n) => self.add(TyKind::Named(NamedType::new(
                n.obj,
                Some(origin),
                targs.into(),
            ))),
            TyKind::Alias(a) => self.add(TyKind::Alias(AliasType {
                obj: a.obj,
                origin: Some(origin),
                targs: targs.into(),
                tparams: OnceLock::new(),
                rhs: TyCell::empty(),
            })),
            _ => return Ty::INVALID,
        };
        table.insert(key, ty);
        ty
    }

    /// The data of a defined type or instance (aliases are looked through).
    pub fn named(&self, ty: Ty) -> Option<&NamedType> {
        match self.kind(ty) {
            TyKind::Named(n) => Some(n),
            _ => None,
        }
    }

    /// The type parameters of a generic type (empty for others and for instances).
    pub fn type_params(&self, ty: Ty) -> &[Ty] {
        let cell = match self.raw_kind(ty) {
            TyKind::Named(n) if n.origin.is_none() => &n.tparams,
            TyKind::Alias(a) if a.origin.is_none() => &a.tparams,
            _ => return &[],
        };
        cell.get().map_or(&[], |t| t)
    }

    /// The methods declared for a defined type (of an instance: its generic type's), in source order.
    pub fn declared_methods(&self, ty: Ty) -> &[ObjId] {
        let Some(n) = self.named(ty) else {
            return &self.empty_methods;
        };
        match n.origin {
            Some(origin) => self.declared_methods(origin),
            None => n.methods.get().unwrap_or(&self.empty_methods),
        }
    }

    /// Number of types, for statistics.
    pub fn type_count(&self) -> usize {
        self.types.count()
    }

    // ---- objects -----------------------------------------------------------------------------------

    /// The data of an object.
    pub fn obj(&self, id: ObjId) -> &Object {
        &self.objects[id.0.get() as usize]
    }

    pub(crate) fn new_obj(&self, obj: Object) -> ObjId {
        ObjId(NonZeroU32::new(self.objects.push(obj) as u32).expect("object 0 is taken"))
    }

    /// A new variable.
    pub(crate) fn new_var(
        &self,
        kind: VarKind,
        name: Symbol,
        pos: Pos,
        pkg: Option<PkgId>,
        ty: Option<Ty>,
    ) -> ObjId {
        let obj = Object::blank(
            name,
            pos,
            pkg,
            ObjData::Var {
                kind,
                embedded: false,
            },
        );
        if let Some(ty) = ty {
            obj.ty.set(ty);
        }
        self.new_obj(obj)
    }

    // ---- packages ----------------------------------------------------------------------------------

    /// The data of a package.
    pub fn package(&self, id: PkgId) -> &Package {
        &self.packages[id.0 as usize]
    }

    /// A new package, even if there is one of that path (test variants).
    pub fn new_package(&self, path: &str) -> PkgId {
        PkgId(self.packages.push(Package {
            path: path.into(),
            name: OnceLock::new(),
            scope: OnceLock::new(),
            imports: OnceLock::new(),
            local_types: OnceLock::new(),
            fake: AtomicBool::new(false),
        }) as u32)
    }
}

impl NamedType {
    fn new(obj: ObjId, origin: Option<Ty>, targs: Box<[Ty]>) -> NamedType {
        NamedType {
            obj,
            origin,
            targs,
            tparams: OnceLock::new(),
            rhs: TyCell::empty(),
            under: TyCell::empty(),
            methods: OnceLock::new(),
            inst_methods: OnceLock::new(),
            outer_tparams: OnceLock::new(),
        }
    }
}

impl Object {
    pub(crate) fn blank(name: Symbol, pos: Pos, pkg: Option<PkgId>, data: ObjData) -> Object {
        Object {
            name,
            pos,
            pkg,
            data,
            ty: TyCell::empty(),
            scope_pos: AtomicU32::new(0),
            order: AtomicU32::new(0),
            used: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
    pub(crate) fn set_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }
    pub(crate) fn order(&self) -> u32 {
        self.order.load(Ordering::Relaxed)
    }
    pub(crate) fn set_const(&self, v: Value) {
        if let ObjData::Const { value } = &self.data {
            let _ = value.set(v);
        }
    }
}

fn kind_hash(kind: &TyKind) -> u64 {
    let mut h = FxHasher::default();
    std::mem::discriminant(kind).hash(&mut h);
    match kind {
        TyKind::Basic(k) => k.hash(&mut h),
        TyKind::Pointer(t) | TyKind::Slice(t) => t.hash(&mut h),
        TyKind::Array { elem, len } => (elem, len).hash(&mut h),
        TyKind::Map { key, elem } => (key, elem).hash(&mut h),
        TyKind::Chan { dir, elem } => (dir, elem).hash(&mut h),
        TyKind::Struct(s) => s.hash(&mut h),
        TyKind::Signature(s) => s.hash(&mut h),
        TyKind::Interface(i) => (&i.methods, &i.embeds, i.implicit).hash(&mut h),
        TyKind::Tuple(t) => t.hash(&mut h),
        TyKind::Union(t) => t.hash(&mut h),
        TyKind::Named(_) | TyKind::TypeParam(_) | TyKind::Alias(_) => {}
    }
    h.finish()
}

fn kind_eq(a: &TyKind, b: &TyKind) -> bool {
    use TyKind::*;
    match (a, b) {
        (Basic(a), Basic(b)) => a == b,
        (Pointer(a), Pointer(b)) | (Slice(a), Slice(b)) => a == b,
        (Array { elem: a, len: n }, Array { elem: b, len: m }) => a == b && n == m,
        (Map { key: k, elem: a }, Map { key: l, elem: b }) => k == l && a == b,
        (Chan { dir: d, elem: a }, Chan { dir: e, elem: b }) => d == e && a == b,
        (Struct(a), Struct(b)) => a == b,
        (Signature(a), Signature(b)) => a == b,
        (Interface(a), Interface(b)) => a == b,
        (Tuple(a), Tuple(b)) => a == b,
        (Union(a), Union(b)) => a == b,
        _ => false,
    }
}
