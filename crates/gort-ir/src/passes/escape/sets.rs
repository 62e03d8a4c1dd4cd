//! Small sorted sets of pointers, and what pointers point to.

use crate::entity::{Inst, Slot};
use smallvec::SmallVec;

/// What a pointer may point to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Object {
    /// All memory that the function knows nothing about.
    Heap,
    /// What an allocation makes.
    Alloc(Inst),
    /// A frame slot.
    Slot(Slot),
    /// What a parameter points to (level 0), what that holds pointers to (1), and everything below (2).
    Param(u32, u8),
    /// The code of a function.
    Code(u32),
    /// Read-only data: module, number in it.
    Data(u32, u32),
    /// The calls that this frame has deferred.
    Deferred,
}

/// The deepest level of [`Object::Param`].
pub const DEEPEST: u8 = 2;

/// A pointer: the number of an object, and whether it may point to other places of it than its start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pointer(u32);

impl Pointer {
    /// Into the memory that the function knows nothing about.
    pub const HEAP: Pointer = Pointer(1);

    /// To the start of an object.
    pub fn start(object: u32) -> Pointer {
        Pointer(object * 2)
    }

    /// To anywhere in an object.
    pub fn anywhere(object: u32) -> Pointer {
        Pointer(object * 2 + 1)
    }

    /// The object's number.
    pub fn object(self) -> u32 {
        self.0 / 2
    }

    /// Whether it points to the start.
    pub fn is_start(self) -> bool {
        self.0.is_multiple_of(2)
    }
}

/// A set of pointers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Set(SmallVec<[Pointer; 4]>);

impl Set {
    /// The set of one pointer.
    pub fn one(p: Pointer) -> Set {
        Set(SmallVec::from_slice(&[p]))
    }

    /// Add a pointer; whether it is new.
    pub fn insert(&mut self, p: Pointer) -> bool {
        match self.0.binary_search(&p) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, p);
                true
            }
        }
    }

    /// Add all of another set; whether any is new.
    pub fn union(&mut self, other: &Set) -> bool {
        let mut new = false;
        for p in &other.0 {
            new |= self.insert(*p);
        }
        new
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = Pointer> + '_ {
        self.0.iter().copied()
    }

    /// The same objects, pointed to anywhere.
    pub fn blurred(&self) -> Set {
        let mut out = Set::default();
        for p in self.iter() {
            out.insert(Pointer::anywhere(p.object()));
        }
        out
    }

    /// Whether an element points to the object.
    pub fn has_object(&self, object: u32) -> bool {
        self.iter().any(|p| p.object() == object)
    }
}
