//! Values that are known when the program is built: what an interface holds of them lies in read-only data, and function
//! literals do not capture variables that have such a value for good.
//!
//! Known is what the builder has seen: constants, and variables that were given one and are not assigned after.

use crate::closure::Capture;
use crate::func::{FuncLower, Storage};
use crate::value::{Scalars, Val};
use gort_ir::{InstData, Type, Value};
use gort_types::{ObjId, Ty};

/// A scalar that is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Known {
    /// Its bits, in as many bytes as the type has.
    Bits(Type, u64),
    /// The address of a symbol.
    Addr(String),
}

/// A captured variable whose value is known, with its scalars.
pub struct KnownCapture {
    obj: ObjId,
    scalars: Vec<Known>,
}

impl FuncLower<'_, '_> {
    fn known(&self, v: Value) -> Option<Known> {
        let func = &self.b.func;
        match *func.definition(func.resolve(v))? {
            InstData::Iconst { ty, imm } => Some(Known::Bits(ty, imm as u64)),
            InstData::Fconst { ty, bits } => Some(Known::Bits(ty, bits)),
            InstData::SymAddr { sym, off: 0 } => {
                let module = &self.cx.modules[self.unit];
                Some(Known::Addr(module.name(sym).to_string()))
            }
            _ => None,
        }
    }

    fn known_scalars(&self, scalars: &Scalars) -> Option<Vec<Known>> {
        scalars.iter().map(|&v| self.known(v)).collect()
    }

    /// The address of read-only data with a value, if that is known.
    pub fn known_object(&mut self, val: &Val, ty: Ty) -> Option<Value> {
        let Val::S(vals) = val else { return None };
        let known = self.known_scalars(vals)?;
        let repr = self.repr(ty);
        let offsets = repr.scalars.iter().flatten().map(|s| s.off);
        let fields: Vec<(u32, Known)> = offsets.zip(known).collect();
        let (size, align) = (repr.size as usize, repr.align);
        let symbol = self.cx.known_data(size, align, fields);
        Some(self.global_addr(&symbol))
    }

    /// Take the variables out of a list of captured ones whose values are known.
    pub fn known_captures(&mut self, captures: &mut Vec<Capture>) -> Vec<KnownCapture> {
        let mut known = Vec::new();
        captures.retain(|c| {
            let vars = match self.vars.get(&c.obj) {
                Some(Storage::Ssa(vars)) if !c.by_ref => vars.clone(),
                _ => return true,
            };
            let vals: Scalars = vars.iter().map(|&v| self.b.use_var(v)).collect();
            match self.known_scalars(&vals) {
                Some(scalars) => {
                    let obj = c.obj;
                    known.push(KnownCapture { obj, scalars });
                    false
                }
                None => true,
            }
        });
        known
    }

    /// Make variables known inside a function literal that are [known](FuncLower::known_captures) outside.
    pub fn bind_known(&mut self, captures: &[KnownCapture]) {
        for c in captures {
            let vals: Vec<Value> = c
                .scalars
                .iter()
                .map(|known| match known {
                    Known::Addr(symbol) => self.global_addr(symbol),
                    Known::Bits(Type::F32, bits) => {
                        let val = f32::from_bits(*bits as u32);
                        self.b.fconst(Type::F32, val.into())
                    }
                    Known::Bits(Type::F64, bits) => self.b.fconst(Type::F64, f64::from_bits(*bits)),
                    Known::Bits(ty, bits) => self.b.iconst(*ty, *bits as i64),
                })
                .collect();
            let vars = vals.into_iter().map(|v| self.ssa(v)).collect();
            self.vars.insert(c.obj, Storage::Ssa(vars));
        }
    }
}
