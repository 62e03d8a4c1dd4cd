//! Types in bytes that mean the same in every build: what a cache keeps of them.
//!
//! A type is written as it is spelled: composite types by their parts, defined ones by package path and name, instances by
//! the generic type and its arguments. Reading looks the names up among the packages of the build, so what is read is the type that the
//! checker has made of the declaration.
//!
//! Local types are not written: nobody can say where they are without checking the function that declares them. Nor are
//! interfaces that admit some types only, which no value has, and those without canonical form.

use crate::object::{FuncData, ObjData, ObjId, Object, PkgId, VarKind};
use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::{Pos, Symbol};
use std::sync::OnceLock;

/// What the first byte of a type says.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    Basic,
    Universe,
    Named,
    Pointer,
    Slice,
    Array,
    Map,
    Chan,
    Struct,
    Signature,
    Interface,
}

impl Tag {
    const ALL: [Tag; 11] = [
        Tag::Basic,
        Tag::Universe,
        Tag::Named,
        Tag::Pointer,
        Tag::Slice,
        Tag::Array,
        Tag::Map,
        Tag::Chan,
        Tag::Struct,
        Tag::Signature,
        Tag::Interface,
    ];
}

/// Finds a package by its path.
pub type Packages<'p> = &'p dyn Fn(&str) -> Option<PkgId>;

impl TypeStore {
    /// Write a type. Nothing if it cannot be said elsewhere; `out` is of no use then.
    pub fn write_portable(&self, ty: Ty, out: &mut Vec<u8>) -> Option<()> {
        let ty = self.canon(ty);
        let mut tag = |t: Tag| out.push(t as u8);
        match self.kind(ty) {
            TyKind::Basic(_) => {
                tag(Tag::Basic);
                number(out, u64::from(ty.0));
            }
            TyKind::Pointer(t) => {
                tag(Tag::Pointer);
                self.write_portable(*t, out)?;
            }
            TyKind::Slice(t) => {
                tag(Tag::Slice);
                self.write_portable(*t, out)?;
            }
            TyKind::Array { elem, len } => {
                tag(Tag::Array);
                number(out, *len as u64);
                self.write_portable(*elem, out)?;
            }
            TyKind::Map { key, elem } => {
                tag(Tag::Map);
                self.write_portable(*key, out)?;
                self.write_portable(*elem, out)?;
            }
            TyKind::Chan { dir, elem } => {
                tag(Tag::Chan);
                out.push(match dir {
                    ChanDir::Both => 0,
                    ChanDir::Send => 1,
                    ChanDir::Recv => 2,
                });
                self.write_portable(*elem, out)?;
            }
            TyKind::Struct(s) => {
                tag(Tag::Struct);
                number(out, s.fields.len() as u64);
                for f in &s.fields {
                    text(out, f.name.as_str());
                    self.write_package(f.pkg, out);
                    out.push(u8::from(f.embedded));
                    text(out, f.tag.as_str());
                    self.write_portable(f.ty, out)?;
                }
            }
            TyKind::Signature(s) if s.tparams.is_empty() => {
                tag(Tag::Signature);
                out.push(u8::from(s.variadic));
                for list in [&s.params, &s.results] {
                    number(out, list.len() as u64);
                    for p in list {
                        self.write_portable(p.ty, out)?;
                    }
                }
            }
            TyKind::Interface(_) => {
                let set = self.type_set(ty);
                if set.comparable || set.terms.is_some() || self.has_cyclic() {
                    return None;
                }
                tag(Tag::Interface);
                number(out, set.methods.len() as u64);
                for m in &set.methods {
                    text(out, m.name.as_str());
                    self.write_package(m.pkg, out);
                    self.write_portable(m.sig, out)?;
                }
            }
            TyKind::Named(n) => self.write_named(n, out)?,
            _ => return None,
        }
        Some(())
    }

    fn write_named(&self, n: &NamedType, out: &mut Vec<u8>) -> Option<()> {
        let obj = self.obj(n.obj);
        let Some(pkg) = obj.pkg else {
            out.push(Tag::Universe as u8);
            text(out, obj.name.as_str());
            return Some(());
        };
        if self.package(pkg).lookup(obj.name) != Some(n.obj) {
            return None;
        }
        out.push(Tag::Named as u8);
        text(out, &self.package(pkg).path);
        text(out, obj.name.as_str());
        number(out, n.targs.len() as u64);
        n.targs
            .iter()
            .try_for_each(|&t| self.write_portable(t, out))
    }

    /// The package of an unexported name.
    pub fn write_package(&self, pkg: Option<PkgId>, out: &mut Vec<u8>) {
        text(out, pkg.map_or("", |p| &self.package(p).path));
    }

    /// Read a package that [`TypeStore::write_package`] has written; nothing if the build does not have it.
    pub fn read_package(bytes: &mut &[u8], packages: Packages<'_>) -> Option<Option<PkgId>> {
        match read_text(bytes)? {
            "" => Some(None),
            path => Some(Some(packages(path)?)),
        }
    }

    /// Read a type. Nothing if the bytes are none, or name what this build does not have.
    pub fn read_portable(&self, bytes: &mut &[u8], packages: Packages<'_>) -> Option<Ty> {
        let tag = *bytes.split_off_first()?;
        let part = |bytes: &mut &[u8]| self.read_portable(bytes, packages);
        let ty = match Tag::ALL.get(usize::from(tag))? {
            Tag::Basic => {
                let ty = Ty(u32::try_from(read_number(bytes)?).ok()?);
                BASICS.iter().any(|b| b.0 == ty).then_some(ty)?
            }
            Tag::Universe => {
                let name = read_text(bytes)?;
                self.obj(self.universe(Symbol::intern(name))?).ty()
            }
            Tag::Named => return self.read_named(bytes, packages),
            Tag::Pointer => self.pointer(part(bytes)?),
            Tag::Slice => self.slice(part(bytes)?),
            Tag::Array => {
                let len = read_number(bytes)? as i64;
                self.array(part(bytes)?, len)
            }
            Tag::Map => {
                let key = part(bytes)?;
                self.map(key, part(bytes)?)
            }
            Tag::Chan => {
                let dir = match *bytes.split_off_first()? {
                    0 => ChanDir::Both,
                    1 => ChanDir::Send,
                    _ => ChanDir::Recv,
                };
                self.chan(dir, part(bytes)?)
            }
            Tag::Struct => self.read_struct(bytes, packages)?,
            Tag::Signature => {
                let variadic = *bytes.split_off_first()? != 0;
                let mut list = || -> Option<Vec<Param>> {
                    let n = read_number(bytes)?;
                    let param = |_| {
                        let name = Symbol::EMPTY;
                        Some(Param {
                            name,
                            ty: part(bytes)?,
                        })
                    };
                    (0..n).map(param).collect()
                };
                let params = list()?;
                let results = list()?;
                self.signature(params, results, variadic)
            }
            Tag::Interface => self.read_interface(bytes, packages)?,
        };
        Some(self.canon(ty))
    }

    fn read_named(&self, bytes: &mut &[u8], packages: Packages<'_>) -> Option<Ty> {
        let pkg = packages(read_text(bytes)?)?;
        let name = Symbol::intern(read_text(bytes)?);
        let obj = self.obj(self.package(pkg).lookup(name)?);
        let origin = obj.is_type_name().then(|| obj.ty())?;
        let targs = (0..read_number(bytes)?).map(|_| self.read_portable(bytes, packages));
        let targs: Vec<Ty> = targs.collect::<Option<_>>()?;
        let ty = match targs[..] {
            [] => origin,
            _ => self.instance(origin, &targs),
        };
        Some(self.canon(ty))
    }

    fn read_struct(&self, bytes: &mut &[u8], packages: Packages<'_>) -> Option<Ty> {
        let mut fields = Vec::new();
        for _ in 0..read_number(bytes)? {
            let name = Symbol::intern(read_text(bytes)?);
            let pkg = TypeStore::read_package(bytes, packages)?;
            let embedded = *bytes.split_off_first()? != 0;
            let tag = Symbol::intern(read_text(bytes)?);
            let ty = self.read_portable(bytes, packages)?;
            // Nobody asks where it is declared, but it must be a field like any other.
            let obj = self.new_var(VarKind::Field, name, Pos::NONE, pkg, Some(ty));
            fields.push(Field {
                name,
                pkg,
                ty,
                embedded,
                tag,
                obj,
            });
        }
        Some(self.struct_type(fields))
    }

    fn read_interface(&self, bytes: &mut &[u8], packages: Packages<'_>) -> Option<Ty> {
        let mut methods = Vec::new();
        for _ in 0..read_number(bytes)? {
            let name = Symbol::intern(read_text(bytes)?);
            let pkg = TypeStore::read_package(bytes, packages)?;
            let sig = self.read_portable(bytes, packages)?;
            let obj = self.portable_method(name, pkg, sig);
            methods.push(IfaceMethod {
                name,
                pkg,
                sig,
                obj,
            });
        }
        Some(self.interface(methods, Vec::new(), false))
    }

    fn portable_method(&self, name: Symbol, pkg: Option<PkgId>, sig: Ty) -> ObjId {
        let func = FuncData {
            recv: OnceLock::new(),
            origin: None,
            recv_name: OnceLock::new(),
            ptr_recv: Default::default(),
        };
        let obj = Object::blank(name, Pos::NONE, pkg, ObjData::Func(func));
        obj.ty.set(sig);
        self.new_obj(obj)
    }
}

/// Write a number, seven bits a byte, lowest first.
fn number(out: &mut Vec<u8>, mut n: u64) {
    while n > 0x7f {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let (mut n, mut shift) = (0, 0);
    loop {
        let b = *bytes.split_off_first()?;
        n |= u64::from(b & 0x7f).checked_shl(shift)?;
        if b < 0x80 {
            return Some(n);
        }
        shift += 7;
    }
}

/// Write a text.
pub fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u64);
    out.extend(text.as_bytes());
}

/// Read a text.
pub fn read_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let n = usize::try_from(read_number(bytes)?).ok()?;
    std::str::from_utf8(bytes.split_off(..n)?).ok()
}
