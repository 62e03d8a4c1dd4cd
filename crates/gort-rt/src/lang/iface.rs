//! Itabs: one per pair of interface and concrete type, found through a hash table that starts with the
//! compiler's and grows by those made at run time. Readers take no lock.

use crate::gmp::offheap;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};
use core::ptr::{null, null_mut};
use gort_abi::types::{
    Imethod, InterfaceType, Itab, Method, TFLAG_UNCOMMON, Type, UncommonType, kind_size,
};

/// Open addressing with linear probing; replaced by one twice as large when three quarters full.
#[repr(C)]
struct Table {
    mask: usize,
    count: AtomicUsize,
    slots: [AtomicPtr<Itab>; 0],
}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(null_mut());
static LOCK: SpinLock<{ rank::ITAB }> = SpinLock::new();

fn new_table(slots: usize) -> *mut Table {
    let t = offheap::persistent(size_of::<Table>() + slots * 8).cast::<Table>();
    // SAFETY: zeroed memory of the right size.
    unsafe { (*t).mask = slots - 1 };
    t
}

fn hash(inter: *const InterfaceType, typ: *const Type) -> usize {
    // SAFETY: both are descriptors.
    unsafe { ((*inter).typ.hash ^ (*typ).hash.rotate_left(16)) as usize }
}

unsafe fn slot(t: *const Table, i: usize) -> &'static AtomicPtr<Itab> {
    // SAFETY: the table has mask + 1 slots behind its header.
    unsafe { &*(t.add(1) as *const AtomicPtr<Itab>).add(i & (*t).mask) }
}

unsafe fn lookup(t: *const Table, inter: *const InterfaceType, typ: *const Type) -> *mut Itab {
    let mut i = hash(inter, typ);
    if t.is_null() {
        return null_mut();
    }
    // SAFETY: at least one slot is empty, so the walk ends.
    unsafe {
        loop {
            let tab = slot(t, i).load(Ordering::Acquire);
            if tab.is_null()
                || (core::ptr::eq((*tab).inter, inter) && core::ptr::eq((*tab).typ, typ))
            {
                return tab;
            }
            i += 1;
        }
    }
}

/// Adds an itab; the lock is held (or boot).
unsafe fn add(tab: *mut Itab) {
    // SAFETY: tables are only replaced here.
    unsafe {
        let mut t = TABLE.load(Ordering::Relaxed);
        let n = if t.is_null() {
            0
        } else {
            (*t).count.load(Ordering::Relaxed)
        };
        if t.is_null() || (n + 1) * 4 > ((*t).mask + 1) * 3 {
            let size = if t.is_null() {
                512
            } else {
                ((*t).mask + 1) * 2
            };
            let bigger = new_table(size);
            if !t.is_null() {
                for i in 0..=(*t).mask {
                    let old = slot(t, i).load(Ordering::Relaxed);
                    if !old.is_null() {
                        insert(bigger, old);
                    }
                }
            }
            TABLE.store(bigger, Ordering::Release);
            t = bigger;
        }
        insert(t, tab);
    }
}

unsafe fn insert(t: *mut Table, tab: *mut Itab) {
    // SAFETY: the table has an empty slot.
    unsafe {
        let mut i = hash((*tab).inter, (*tab).typ);
        while !slot(t, i).load(Ordering::Relaxed).is_null() {
            i += 1;
        }
        slot(t, i).store(tab, Ordering::Release);
        (*t).count.fetch_add(1, Ordering::Relaxed);
    }
}

unsafe extern "C" {
    static __start_itabs: [*mut Itab; 0];
    static __stop_itabs: [*mut Itab; 0];
}

/// Registers the compiler's itabs, when the first dynamic lookup comes.
fn itabsinit() {
    if !TABLE.load(Ordering::Relaxed).is_null() {
        return;
    }
    let (mut p, end) = (
        &raw const __start_itabs as *const *mut Itab,
        &raw const __stop_itabs as *const *mut Itab,
    );
    // SAFETY: the linker's table of pointers to itabs; the lock is held.
    unsafe {
        while p < end {
            add(*p);
            p = p.add(1);
        }
        if TABLE.load(Ordering::Relaxed).is_null() {
            TABLE.store(new_table(512), Ordering::Release);
        }
    }
}

/// The itab of `typ` for `inter`, or null when a method is missing.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_getitab(inter: *const InterfaceType, typ: *const Type) -> *const Itab {
    // SAFETY: compiled code passes descriptors.
    unsafe {
        let mut tab = lookup(TABLE.load(Ordering::Acquire), inter, typ);
        if tab.is_null() {
            tab = LOCK.with(|| {
                itabsinit();
                let found = lookup(TABLE.load(Ordering::Relaxed), inter, typ);
                if found.is_null() {
                    make(inter, typ)
                } else {
                    found
                }
            });
        }
        if (*tab).fun[0] == 0 { null() } else { tab }
    }
}

/// Makes and adds an itab; `fun[0]` stays 0 when a method is missing, so that the miss is remembered.
unsafe fn make(inter: *const InterfaceType, typ: *const Type) -> *mut Itab {
    // SAFETY: descriptors; the itab has room for all methods.
    unsafe {
        let n = (*inter).nmethods;
        let tab = offheap::persistent(size_of::<Itab>() + n.saturating_sub(1) * 8).cast::<Itab>();
        (*tab).inter = inter;
        (*tab).typ = typ;
        let fun = (&raw mut (*tab).fun).cast::<usize>();
        let mut first = 1; // an interface without methods is implemented by all
        let missing = walk(inter, typ, |i, code| {
            if i == 0 {
                first = code;
            } else {
                *fun.add(i) = code;
            }
        });
        if missing.is_null() {
            *fun = first;
        }
        add(tab);
        tab
    }
}

/// Merges the two sorted method lists; returns the first interface method that is missing, or null.
unsafe fn walk(
    inter: *const InterfaceType,
    typ: *const Type,
    mut found: impl FnMut(usize, usize),
) -> *const Imethod {
    // SAFETY: descriptors as the compiler lays them out.
    unsafe {
        let methods = core::slice::from_raw_parts((*inter).methods, (*inter).nmethods);
        let mut have: &[Method] = &[];
        let mut pkg = null();
        if (*typ).tflag & TFLAG_UNCOMMON != 0 {
            let u = (typ as usize + kind_size((*typ).kind)) as *const UncommonType;
            have = core::slice::from_raw_parts(
                (u as usize + (*u).moff as usize) as *const Method,
                (*u).mcount as usize,
            );
            pkg = (*u).pkg_path as usize as *const u8;
        }
        let mut j = 0;
        'methods: for (i, m) in methods.iter().enumerate() {
            let name = m.name as usize as *const u8;
            while j < have.len() {
                let t = &have[j];
                j += 1;
                let tname = t.name as usize as *const u8;
                if t.mtyp == m.typ && name_of(tname) == name_of(name) {
                    let exported = *tname & 1 != 0;
                    if exported
                        || name_of(pkg_of(tname, pkg)) == name_of(pkg_of(name, (*inter).pkg_path))
                    {
                        found(i, t.ifn as usize);
                        continue 'methods;
                    }
                }
            }
            return m;
        }
        null()
    }
}

/// The text of an encoded name.
///
/// # Safety
/// `p` is null or an encoded name.
pub unsafe fn name_of(p: *const u8) -> &'static [u8] {
    if p.is_null() {
        return &[];
    }
    // SAFETY: flag byte, varint, bytes.
    unsafe {
        let (len, n) = varint(p.add(1));
        core::slice::from_raw_parts(p.add(1 + n), len)
    }
}

unsafe fn varint(p: *const u8) -> (usize, usize) {
    let (mut v, mut n) = (0, 0);
    loop {
        // SAFETY: varints end.
        let b = unsafe { *p.add(n) };
        v |= ((b & 0x7f) as usize) << (7 * n);
        n += 1;
        if b < 0x80 {
            return (v, n);
        }
    }
}

/// The package path stored in a name, or `default`.
unsafe fn pkg_of(p: *const u8, default: *const u8) -> *const u8 {
    // SAFETY: an encoded name.
    unsafe {
        if *p & 4 == 0 {
            return default;
        }
        let (len, n) = varint(p.add(1));
        let mut off = 1 + n + len;
        if *p & 2 != 0 {
            let (len, n) = varint(p.add(off));
            off += n + len;
        }
        p.add(off).cast::<u32>().read_unaligned() as usize as *const u8
    }
}

/// The encoded name of the first method of `inter` that `typ` lacks.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_missingmethod(inter: *const InterfaceType, typ: *const Type) -> *const u8 {
    // SAFETY: descriptors.
    unsafe {
        let m = walk(inter, typ, |_, _| {});
        if m.is_null() {
            null()
        } else {
            (*m).name as usize as *const u8
        }
    }
}
