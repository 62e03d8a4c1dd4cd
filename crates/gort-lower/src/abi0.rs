//! Functions in assembly: the wrapper that compiled code calls, and what assembly calls in turn.
//!
//! Assembly has the convention ABI0: arguments and results lie one behind the other above the return address, each
//! aligned as its type, the results from a word on. A wrapper puts the arguments into such an area in its frame and
//! gives it to one of the runtime's trampolines (`gort_abi::ABI0_CALLS`), the smallest that has room for the area and for all
//! that the assembly takes from the stack: its checks of the stack, if it has any, find no end.
//!
//! Assembly that is reached reaches what it refers to. A Go function among that gets an *entry*, which takes the address of
//! such an area, calls the function, and puts the results there; a stub in front of it comes from the linker.

use crate::conv::ResultConv;
use crate::func::FuncLower;
use crate::program::Cx;
use gort_abi::{ABI0_CALLS, ABI0_SUFFIX, abi0_call};
use gort_ir::{Callee, Type};
use gort_syntax::{Diagnostic, Pos, Symbol};
use gort_types::{ObjData, ObjId, Ty};
use rustc_hash::FxHashMap;

/// What assembly's own checks of the stack call: it is the linker's matter.
const MORESTACK: &str = "runtime.morestack_noctxt";

/// What the program's objects in assembly define.
#[derive(Debug, Default)]
pub struct Assembly {
    /// Functions and data by name.
    pub symbols: FxHashMap<String, AsmSymbol>,
}

/// Something that assembly defines.
#[derive(Clone, Debug, Default)]
pub struct AsmSymbol {
    /// Whether it is a function.
    pub function: bool,
    /// Bytes that a function takes from the stack itself.
    pub stack: u32,
    /// Whether it calls through registers or memory.
    pub indirect: bool,
    /// What it calls.
    pub calls: Vec<String>,
    /// What else it refers to.
    pub refs: Vec<String>,
}

impl Assembly {
    /// Whether it has a function of that name.
    pub fn has_function(&self, name: &str) -> bool {
        self.symbols.get(name).is_some_and(|s| s.function)
    }

    /// Bytes that a function and what it calls in assembly take below their arguments: none for one that calls itself, whose
    /// depth nobody knows.
    fn stack(&self, name: &str, above: &mut Vec<String>) -> Option<u64> {
        let Some(s) = self.symbols.get(name).filter(|s| s.function) else {
            return Some(0);
        };
        if above.iter().any(|a| a == name) {
            return None;
        }
        above.push(name.to_string());
        let mut deepest = 0;
        for callee in &s.calls {
            deepest = deepest.max(self.stack(callee, above)?);
        }
        if s.indirect {
            // Whatever it is, it is assembly whose address somebody has: none that takes more is known.
            let most = self.symbols.values().map(|s| s.stack).max();
            deepest = deepest.max(u64::from(most.unwrap_or(0)) + 8);
        }
        above.pop();
        Some(u64::from(s.stack) + 8 + deepest)
    }
}

/// Where arguments and results lie.
struct Area {
    params: Vec<(Ty, i32)>,
    results: Vec<(Ty, i32)>,
    /// Where the results begin.
    middle: u64,
    size: u64,
}

impl<'a> Cx<'a> {
    fn abi0_area(&mut self, params: &[Ty], results: &[Ty]) -> Area {
        let mut at = 0u64;
        let mut place = |cx: &mut Cx<'a>, types: &[Ty]| {
            let mut out = Vec::new();
            for &ty in types {
                let repr = cx.repr(ty);
                at = at.next_multiple_of(u64::from(repr.align.max(1)));
                out.push((ty, at as i32));
                at += repr.size;
            }
            at = at.next_multiple_of(8);
            (out, at)
        };
        let (params, middle) = place(self, params);
        let (results, size) = place(self, results);
        Area {
            params,
            results,
            middle,
            size,
        }
    }

    /// Make the wrapper of a function whose body is assembly.
    pub fn assembly_wrapper(&mut self, obj: ObjId, symbol: &str) {
        self.reach_assembly(symbol);
        let (pos, pkg) = (self.store.obj(obj).pos, self.store.obj(obj).pkg);
        let unit = self.unit_of(pkg);
        let sig = self.store.obj(obj).ty();
        let conv = self.conv(sig);
        let area = self.abi0_area(&conv.params, &conv.results);
        let Some(stack) = self.assembly.stack(symbol, &mut Vec::new()) else {
            return self.unsupported(pos, &format!("assembly that calls itself: {symbol}"));
        };
        let Some(class) = abi0_call(area.size, stack) else {
            let (args, frame) = ABI0_CALLS[ABI0_CALLS.len() - 1];
            let what = format!(
                "assembly with {} bytes of arguments and {stack} of stack (at most {args} and about {frame}): {symbol}",
                area.size
            );
            return self.unsupported(pos, &what);
        };
        let info = self.units[unit].info.func_decls.get(&obj);
        let noescape = info.is_some_and(|i| {
            let mut pragmas = i.decl.pragmas.iter();
            pragmas.any(|p| p.1.split_whitespace().next() == Some("go:noescape"))
        });
        let kind = if noescape { "noescape" } else { "call" };
        let trampoline = format!("runtime.abi0{kind}{class}");
        self.need_made(unit, symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(cx, unit, symbol, conv.register_results(), pos);
            f.mark_wrapper();
            f.b.func.flags.noinline = true;
            let memory = matches!(conv.result_conv, ResultConv::Memory { .. });
            let to = memory.then(|| f.b.param(Type::Ptr));
            let vals: Vec<_> = conv.params.iter().map(|&p| f.incoming(p)).collect();
            let slot = f.b.func.add_slot(area.size.max(8) as u32, 16);
            let addr = f.b.slot_addr(slot, 0);
            for ((ty, off), val) in area.params.iter().zip(&vals) {
                f.store(*ty, val, addr, *off, false);
            }
            let code = f.sym(&format!("{symbol}{ABI0_SUFFIX}"));
            let code = f.b.sym_addr(code, 0);
            let size = f.b.iconst(Type::I64, area.size as i64);
            let middle = f.b.iconst(Type::I64, area.middle as i64);
            let callee = Callee::Direct(f.sym(&trampoline));
            f.b.call(callee, &[code, addr, size, middle], &[]);
            let mut flat = Vec::new();
            let offsets = match &conv.result_conv {
                ResultConv::Memory { offsets, .. } => offsets.clone(),
                ResultConv::Registers(_) => vec![0; area.results.len()],
            };
            for ((ty, off), at) in area.results.iter().zip(offsets) {
                let val = f.load(*ty, addr, *off);
                match to {
                    // The area is the caller's, which may be reflect with a frame in the heap.
                    Some(to) => f.store(*ty, &val, to, at as i32, true),
                    None => flat.extend(val.scalars().iter().copied()),
                }
            }
            f.b.ret(&flat);
            f.finish();
        });
    }

    /// Ask for what something in assembly refers to.
    pub fn reach_assembly(&mut self, name: &str) {
        let assembly = self.assembly;
        let Some(s) = assembly.symbols.get(name) else {
            return;
        };
        if !self.request(&format!("{name}{ABI0_SUFFIX}")) {
            return;
        }
        for other in s.calls.iter().chain(&s.refs) {
            if assembly.symbols.contains_key(other) {
                self.reach_assembly(other);
            } else if other != MORESTACK {
                self.assembly_refers(name, other);
            }
        }
    }

    /// Something that assembly does not define itself: a function or a variable of Go.
    fn assembly_refers(&mut self, from: &str, name: &str) {
        let missing = |cx: &mut Self, more: &str| {
            let msg = format!("{from}: relocation target {name} not defined{more}");
            if !cx.diags.iter().any(|d| d.msg == msg) {
                cx.diags.push(Diagnostic::new(Pos::NONE, "Relocation", msg));
            }
        };
        let Some(obj) = self.go_object(name) else {
            return missing(self, "");
        };
        let own = crate::linkname::split(from).map(|s| s.0);
        let other = crate::linkname::split(name).map(|s| s.0);
        if matches!(self.store.obj(obj).data, ObjData::Var { .. }) {
            self.global(obj);
            return;
        }
        let runtime = other == Some("runtime") && !self.linknames.is_open_in_runtime(name);
        if own != other && (runtime || !(self.open)(own.unwrap_or_default(), name)) {
            return missing(self, " for ABI0 (but is defined for ABIInternal)");
        }
        self.assembly_entry(obj, name);
    }

    /// The function or variable of Go that a symbol of assembly means.
    pub fn go_object(&self, name: &str) -> Option<ObjId> {
        if let Some(obj) = self.pushed(name) {
            return Some(obj);
        }
        let (path, local) = crate::linkname::split(name)?;
        let unit = self.units.iter().find(|u| u.path == path)?;
        let obj = self.store.package(unit.pkg).lookup(Symbol::intern(local))?;
        let data = &self.store.obj(obj).data;
        matches!(data, ObjData::Var { .. } | ObjData::Func(_)).then_some(obj)
    }

    /// The code that a call of a Go function by assembly enters.
    fn assembly_entry(&mut self, obj: ObjId, name: &str) {
        if self.entries.contains_key(name) {
            return;
        }
        let sig = self.store.obj(obj).ty();
        let conv = self.conv(sig);
        let (symbol, native) = self.need_func(obj, &[]);
        if native && conv.params.is_empty() && conv.results.is_empty() {
            // Also those that run where there is no P, as exitsyscall: an entry of its own would check the stack.
            self.entries.insert(name.to_string(), symbol);
            return;
        }
        let area = self.abi0_area(&conv.params, &conv.results);
        let (pos, pkg) = (self.store.obj(obj).pos, self.store.obj(obj).pkg);
        let unit = self.unit_of(pkg);
        let entry = format!("{name}·entry");
        self.entries.insert(name.to_string(), entry.clone());
        self.need_made(unit, &entry, move |cx, unit, symbol| {
            let mut f = FuncLower::new(cx, unit, symbol, Vec::new(), pos);
            f.mark_wrapper();
            let addr = f.b.param(Type::Ptr);
            let vals: Vec<_> = area
                .params
                .iter()
                .map(|&(ty, off)| f.load(ty, addr, off))
                .collect();
            let target = f.direct_target(obj, &[], Vec::new(), sig);
            let results = f.call_target(&target, &vals);
            for ((ty, off), val) in area.results.iter().zip(&results) {
                f.store(*ty, val, addr, *off, false);
            }
            f.b.ret(&[]);
            f.finish();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(of: &str) -> Option<u64> {
        let function = |stack, calls: &[&str], indirect| AsmSymbol {
            function: true,
            stack,
            indirect,
            calls: calls.iter().map(|c| c.to_string()).collect(),
            refs: Vec::new(),
        };
        let symbols = [
            ("leaf", function(0, &[], false)),
            ("deep", function(1000, &["main.f"], false)),
            ("calls", function(40, &["leaf", "deep"], false)),
            ("indirect", function(0, &[], true)),
            ("circle", function(0, &["circle"], false)),
        ];
        let symbols = symbols.map(|(name, s)| (name.to_string(), s));
        let assembly = Assembly {
            symbols: symbols.into_iter().collect(),
        };
        assembly.stack(of, &mut Vec::new())
    }

    #[test]
    fn a_function_takes_what_its_deepest_callee_takes() {
        assert_eq!(stack("leaf"), Some(8));
        assert_eq!(stack("calls"), Some(40 + 8 + 1000 + 8));
        assert_eq!(stack("indirect"), Some(8 + 1000 + 8));
        assert_eq!(stack("circle"), None);
    }
}
