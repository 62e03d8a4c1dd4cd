//! Making a channel: one object with the elements behind the header if those hold no pointers; else two, of which the
//! header keeps the buffer alive.

use super::chan::Hchan;
use crate::arch::{getm, throw_go};
use crate::mem::malloc::{MAX_ALLOC, mallocgc};
use core::mem::offset_of;
use core::ptr::null;
use gort_abi::np;
use gort_abi::types::Type;

/// Descriptor of a channel type, as far as it is read here.
#[repr(C)]
pub struct ChanType {
    typ: Type,
    elem: *const Type,
}

/// Descriptor of a channel whose elements lie elsewhere.
struct HchanType(Type);
// SAFETY: never written.
unsafe impl Sync for HchanType {}
static HCHAN: HchanType = HchanType(Type {
    size: size_of::<Hchan>(),
    ptr_bytes: size_of::<Hchan>(),
    hash: 0,
    tflag: 0,
    align: 8,
    field_align: 8,
    kind: gort_abi::types::kind::STRUCT,
    equal: null(),
    gc_data: HCHAN_POINTERS.as_ptr(),
    str_off: 0,
    ptr_to_this: 0,
});
/// The buffer, the timer that sends here, an element type that reflect has made.
static HCHAN_POINTERS: [u8; 8] = (1u64 << (offset_of!(Hchan, buf) / 8)
    | 1 << (offset_of!(Hchan, timer) / 8)
    | 1 << (offset_of!(Hchan, elemtype) / 8))
    .to_le_bytes();

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makechan(t: *const ChanType, size: isize) -> *const Hchan {
    const HEADER: usize = size_of::<Hchan>();
    // SAFETY: compiled code passes a chan type.
    unsafe {
        let elem = (*t).elem;
        let bytes = usize::try_from(size)
            .ok()
            .and_then(|n| n.checked_mul((*elem).size));
        let Some(bytes) = bytes.filter(|&b| b <= MAX_ALLOC - HEADER) else {
            throw_go(np::MAKECHAN_SIZE)
        };
        let noscan = (*elem).ptr_bytes == 0;
        // Elements with pointers live in an object of their own, which the header's pointer keeps alive.
        let c = if noscan {
            mallocgc(HEADER + bytes, null(), true)
        } else {
            mallocgc(HEADER, &HCHAN.0, true)
        };
        let c = c.cast::<Hchan>();
        (*c).dataqsiz = size as usize;
        (*c).elemsize = (*elem).size;
        (*c).elemtype = elem;
        if let Some(b) = getm().g().bubble() {
            (*c).bubble.set(b.mark());
        }
        (*c).buf = if noscan {
            c.cast::<u8>().add(HEADER)
        } else {
            mallocgc(bytes, elem, true)
        };
        c
    }
}
