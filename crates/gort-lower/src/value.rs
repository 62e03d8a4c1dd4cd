//! Values in lowering: a few scalars, or the address of memory.

use crate::func::FuncLower;
use gort_ir::{InstData, Type, Value};
use gort_types::Ty;
use smallvec::{SmallVec, smallvec};

/// Scalars of a value.
pub type Scalars = SmallVec<[Value; 4]>;

/// A Go value.
#[derive(Clone, Debug)]
pub enum Val {
    /// Its scalars.
    S(Scalars),
    /// The address of memory that holds it and that nothing changes before it is copied.
    M(Value),
}

impl Val {
    /// A value of one scalar.
    pub fn one(v: Value) -> Val {
        Val::S(smallvec![v])
    }

    /// A value of two scalars.
    pub fn two(a: Value, b: Value) -> Val {
        Val::S(smallvec![a, b])
    }

    /// A value of three scalars.
    pub fn three(a: Value, b: Value, c: Value) -> Val {
        Val::S(smallvec![a, b, c])
    }

    /// The scalars.
    ///
    /// # Panics
    /// If the value is in memory: its type's representation tells.
    pub fn scalars(&self) -> &[Value] {
        match self {
            Val::S(s) => s,
            Val::M(_) => panic!("value in memory where scalars are expected"),
        }
    }

    /// Scalar number `i`.
    pub fn at(&self, i: usize) -> Value {
        self.scalars()[i]
    }

    /// The only scalar.
    pub fn scalar(&self) -> Value {
        debug_assert_eq!(self.scalars().len(), 1);
        self.at(0)
    }
}

/// Objects above this size are not kept in frames.
const MAX_FRAME_OBJECT: u64 = 64 << 10;

impl FuncLower<'_, '_> {
    /// Load a value; one held in memory is not copied.
    pub fn load(&mut self, ty: Ty, addr: Value, off: i32) -> Val {
        let repr = self.repr(ty);
        match &repr.scalars {
            Some(list) => Val::S(
                list.iter()
                    .map(|s| self.b.load(s.ty, addr, off + s.off as i32))
                    .collect(),
            ),
            None => Val::M(self.offset(addr, off as i64)),
        }
    }

    /// Store a value. `heap`: the destination may be in the heap or a global.
    pub fn store(&mut self, ty: Ty, val: &Val, addr: Value, off: i32, heap: bool) {
        let repr = self.repr(ty);
        match val {
            Val::S(vals) => {
                let list = repr
                    .scalars
                    .as_ref()
                    .expect("scalar value of a scalar type");
                for (s, &v) in list.iter().zip(vals) {
                    let barrier = heap && s.ty == Type::Ptr;
                    self.b.store(v, addr, off + s.off as i32, barrier);
                }
            }
            Val::M(src) => {
                let dst = self.offset(addr, off as i64);
                self.copy(ty, dst, *src, heap);
            }
        }
    }

    /// Copy a value held in memory.
    pub fn copy(&mut self, ty: Ty, dst: Value, src: Value, heap: bool) {
        let repr = self.repr(ty);
        // Memory for values as large as that is never in the frame, see `temp`.
        let heap = heap || repr.size > MAX_FRAME_OBJECT;
        if repr.size == 0 || dst == src {
            return;
        }
        if let Ok(size) = u32::try_from(repr.size)
            && size <= 1 << 20
        {
            let typ = (heap && repr.pointers).then(|| self.type_sym(ty));
            self.b.emit(
                InstData::Copy {
                    dst,
                    src,
                    size,
                    typ,
                },
                &[],
            );
        } else {
            let n = self.b.iconst(Type::I64, repr.size as i64);
            let native = match heap && repr.pointers {
                true => "memmoveHasPointers",
                false => "memmove",
            };
            self.rt(native, &[dst, src, n]);
        }
    }

    /// Clear memory of a type.
    pub fn clear(&mut self, ty: Ty, addr: Value, heap: bool) {
        let repr = self.repr(ty);
        let heap = heap || repr.size > MAX_FRAME_OBJECT;
        if repr.size == 0 {
            return;
        }
        if repr.size <= 1 << 20 {
            let typ = (heap && repr.pointers).then(|| self.type_sym(ty));
            self.b.emit(
                InstData::Clear {
                    dst: addr,
                    size: repr.size as u32,
                    typ,
                },
                &[],
            );
        } else {
            let n = self.b.iconst(Type::I64, repr.size as i64);
            let native = match heap && repr.pointers {
                true => "memclrHasPointers",
                false => "memclrNoHeapPointers",
            };
            self.rt(native, &[addr, n]);
        }
    }

    /// `addr + off`
    pub fn offset(&mut self, addr: Value, off: i64) -> Value {
        self.b.add_imm(addr, off)
    }

    /// The zero value.
    pub fn zero(&mut self, ty: Ty) -> Val {
        let repr = self.repr(ty);
        match &repr.scalars {
            Some(list) => Val::S(list.iter().map(|s| self.b.zero(s.ty)).collect()),
            None => {
                let tmp = self.temp(ty);
                self.clear(ty, tmp, false);
                Val::M(tmp)
            }
        }
    }

    /// The address of fresh, uninitialised memory for a value: in the frame, or in the heap if it is large.
    pub fn temp(&mut self, ty: Ty) -> Value {
        let repr = self.repr(ty);
        if repr.size > MAX_FRAME_OBJECT {
            return self.alloc(ty);
        }
        let slot = self
            .b
            .func
            .add_slot(repr.size.max(1) as u32, repr.align.max(8));
        self.b.slot_addr(slot, 0)
    }

    /// A fresh zeroed object of the type.
    pub fn alloc(&mut self, ty: Ty) -> Value {
        let repr = self.repr(ty);
        if repr.size == 0 {
            return self.global_addr("runtime.zerobase");
        }
        let typ = self.type_sym(ty);
        let Ok(size) = u32::try_from(repr.size) else {
            let t = self.b.sym_addr(typ, 0);
            return self.rt("newobject", &[t])[0];
        };
        let data = InstData::Alloc {
            typ,
            size,
            align: repr.align,
        };
        let inst = self.b.emit(data, &[Type::Ptr]);
        self.b.func.results[inst.index()][0]
    }

    /// The value's address: of the memory it is held in, or of a copy in the frame.
    pub fn spill(&mut self, ty: Ty, val: &Val) -> Value {
        match val {
            Val::M(addr) => *addr,
            Val::S(_) => {
                let tmp = self.temp(ty);
                self.store(ty, val, tmp, 0, false);
                tmp
            }
        }
    }

    /// A value that later changes to its source do not reach.
    pub fn snapshot(&mut self, ty: Ty, val: Val) -> Val {
        match val {
            Val::S(_) => val,
            Val::M(src) => {
                let tmp = self.temp(ty);
                self.copy(ty, tmp, src, false);
                Val::M(tmp)
            }
        }
    }
}
