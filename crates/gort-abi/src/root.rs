//! The roots among package variables: section `gcroots`, one [`Root`] a part of a variable that may point to the heap.
//!
//! Variables in read-only data have none. Records follow the order of the packages' objects.

/// Equal elements one behind the other that may hold pointers. 20 bytes, 4-aligned; addresses fit, since everything
/// links below 2 GiB.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Root {
    /// Address of the first element.
    pub addr: u32,
    /// Address of a bit mask: bit `i % 8` of byte `i / 8` tells whether word `i` of an element may be a pointer.
    pub mask: u32,
    /// Words that the mask speaks of; the rest of an element holds no pointers.
    pub words: u32,
    /// Bytes from one element to the next.
    pub stride: u32,
    /// Number of elements.
    pub count: u32,
}
