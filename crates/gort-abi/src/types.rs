//! Type descriptors: kinds, flags and offsets, in the layout of Go's internal/abi.

/// Descriptor has an uncommon part.
pub const TFLAG_UNCOMMON: u8 = 1;
/// The string form has a leading `*` to strip.
pub const TFLAG_EXTRA_STAR: u8 = 2;
/// The type has a name.
pub const TFLAG_NAMED: u8 = 4;
/// Equality and hash are those of the bytes.
pub const TFLAG_REGULAR_MEMORY: u8 = 8;
/// GCData is a slot for a mask built on demand.
pub const TFLAG_GC_MASK_ON_DEMAND: u8 = 16;
/// The value itself sits in the interface's data word.
pub const TFLAG_DIRECT_IFACE: u8 = 32;

/// Kind numbers, as reflect's.
#[allow(missing_docs)]
pub mod kind {
    pub const BOOL: u8 = 1;
    pub const INT: u8 = 2;
    pub const INT8: u8 = 3;
    pub const INT16: u8 = 4;
    pub const INT32: u8 = 5;
    pub const INT64: u8 = 6;
    pub const UINT: u8 = 7;
    pub const UINT8: u8 = 8;
    pub const UINT16: u8 = 9;
    pub const UINT32: u8 = 10;
    pub const UINT64: u8 = 11;
    pub const UINTPTR: u8 = 12;
    pub const FLOAT32: u8 = 13;
    pub const FLOAT64: u8 = 14;
    pub const COMPLEX64: u8 = 15;
    pub const COMPLEX128: u8 = 16;
    pub const ARRAY: u8 = 17;
    pub const CHAN: u8 = 18;
    pub const FUNC: u8 = 19;
    pub const INTERFACE: u8 = 20;
    pub const MAP: u8 = 21;
    pub const POINTER: u8 = 22;
    pub const SLICE: u8 = 23;
    pub const STRING: u8 = 24;
    pub const STRUCT: u8 = 25;
    pub const UNSAFE_POINTER: u8 = 26;
}

/// Where a map type's description has the size of a group of slots.
pub const MAP_TYPE_GROUP_SIZE: usize = 80;

/// Size of `internal/runtime/maps.Map`. The overlay of that package asserts these three.
pub const MAP_SIZE: u32 = 48;
/// Offset of its hash's seed.
pub const MAP_SEED: u32 = 8;
/// Offset of the address of its only group, in a small map.
pub const MAP_GROUPS: u32 = 16;
/// The first word of a group whose slots are all empty.
pub const MAP_EMPTY_GROUP: u64 = 0x8080_8080_8080_8080;

/// The common header of all type descriptors.
#[repr(C)]
pub struct Type {
    /// Size of a value.
    pub size: usize,
    /// Prefix that may hold pointers; 0 = none.
    pub ptr_bytes: usize,
    /// Hash of the type.
    pub hash: u32,
    /// `TFLAG_*`.
    pub tflag: u8,
    /// Alignment.
    pub align: u8,
    /// Alignment as a field.
    pub field_align: u8,
    /// One of [`kind`].
    pub kind: u8,
    /// Closure pointer of the Equal function, or null.
    pub equal: *const usize,
    /// Pointer bitmap.
    pub gc_data: *const u8,
    /// Absolute address of the encoded name of the string form.
    pub str_off: u32,
    /// Absolute address of the descriptor of the pointer type, or 0.
    pub ptr_to_this: u32,
}

/// Descriptor of an interface type.
#[repr(C)]
pub struct InterfaceType {
    /// Header.
    pub typ: Type,
    /// Encoded name of the package path.
    pub pkg_path: *const u8,
    /// Methods, sorted.
    pub methods: *const Imethod,
    /// Their number.
    pub nmethods: usize,
    /// Same.
    pub cap: usize,
}

/// Method of an interface.
#[repr(C)]
pub struct Imethod {
    /// Encoded name.
    pub name: u32,
    /// Func type.
    pub typ: u32,
}

/// Follows the kind-specific part when `TFLAG_UNCOMMON` is set.
#[repr(C)]
pub struct UncommonType {
    /// Encoded name of the import path.
    pub pkg_path: u32,
    /// Number of methods.
    pub mcount: u16,
    /// Number of exported methods.
    pub xcount: u16,
    /// Offset from here to the methods.
    pub moff: u32,
    /// Of a named interface type: its underlying type.
    pub under: u32,
}

/// Method of a concrete type.
#[repr(C)]
pub struct Method {
    /// Encoded name.
    pub name: u32,
    /// Func type without receiver.
    pub mtyp: u32,
    /// Code that takes the receiver word.
    pub ifn: u32,
    /// Code that takes the receiver as declared.
    pub tfn: u32,
}

/// Method table of a concrete type for an interface.
#[repr(C)]
pub struct Itab {
    /// The interface.
    pub inter: *const InterfaceType,
    /// The concrete type.
    pub typ: *const Type,
    /// Copy of the type's hash.
    pub hash: u32,
    /// Padding.
    pub pad: u32,
    /// Code addresses, one a method; at least one word.
    pub fun: [usize; 1],
}

/// Bytes of the kind-specific part of a descriptor, header included.
pub const fn kind_size(k: u8) -> usize {
    match k {
        kind::ARRAY => 72,
        kind::CHAN => 64,
        kind::FUNC | kind::POINTER | kind::SLICE => 56,
        kind::INTERFACE | kind::STRUCT => 80,
        kind::MAP => 136,
        _ => 48,
    }
}

const _: () = assert!(size_of::<Type>() == 48);
const _: () = assert!(size_of::<InterfaceType>() == 80);
