//! `//go:embed` and `//go:linkname`: where they may stand.

use crate::check::Checker;
use crate::object::{ObjData, VarKind};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashSet;

impl<'a> Checker<'a> {
    fn file_imports(&self, file: u32, path: &str) -> bool {
        self.files.get(file as usize).is_some_and(|f| {
            f.decls
                .iter()
                .any(|d| matches!(d, Decl::Import(i) if i.path.trim_matches(['"', '`']) == path))
        })
    }

    /// Check the embed directives of a variable declaration.
    pub(crate) fn check_embed(&mut self, d: &VarDecl<'a>, in_func: bool) {
        let Some(&(pos, _)) = d.pragmas.iter().find(|p| is_directive(p.1, "go:embed")) else {
            return;
        };
        let version = self.env.version;
        let msg: String = if !self.file_imports(self.env.file, "embed") {
            "go:embed only allowed in Go files that import \"embed\"".into()
        } else if d.names.len() > 1 {
            "go:embed cannot apply to multiple vars".into()
        } else if !d.values.is_empty() {
            "go:embed cannot apply to var with initializer".into()
        } else if d.typ.is_none() {
            "go:embed cannot apply to var without type".into()
        } else if in_func {
            "go:embed cannot apply to var inside func".into()
        } else if !self.allow_version(16) {
            format!(
                "go:embed requires go1.16 or later (-lang was set to go{}.{}; check go.mod)",
                version.0, version.1
            )
        } else {
            return;
        };
        self.error(pos, "BadDirective", msg);
    }

    /// Check directives that only the runtime, or code that cgo has made, may use.
    pub(crate) fn check_func_pragmas(&mut self, d: &FuncDecl<'a>) {
        let path = self.import_path;
        if path == "runtime" || path.starts_with("runtime/") || path.starts_with("internal/") {
            return;
        }
        const RUNTIME: [&str; 4] = [
            "go:nowritebarrier",
            "go:nowritebarrierrec",
            "go:yeswritebarrierrec",
            "go:systemstack",
        ];
        for &(pos, text) in d.pragmas {
            let verb = text.split([' ', '\t']).next().unwrap_or(text);
            if verb.starts_with("go:cgo_") && verb != "go:cgo_import_dynamic" {
                let msg = format!("//{text} only allowed in cgo-generated code");
                self.error(pos, "BadDirective", msg);
                if verb == "go:cgo_ldflag" && text.split_whitespace().count() != 2 {
                    let msg = "usage: //go:cgo_ldflag \"arg\"";
                    self.error(pos, "BadDirective", msg);
                }
            }
            if RUNTIME.contains(&verb) {
                self.error(
                    pos,
                    "BadDirective",
                    format!("//{verb} only allowed in runtime"),
                );
            }
        }
    }

    /// Whether a linkname directive names a function of this package: its body may then be another package's.
    pub(crate) fn has_linkname(&self, name: Symbol) -> bool {
        let mut lines = self.files.iter().flat_map(|f| &f.directives);
        lines.any(|&(_, text)| {
            let of_linkname =
                is_directive(text, "go:linkname") || is_directive(text, "go:linknamestd");
            of_linkname && text.split_whitespace().nth(1) == Some(name.as_str())
        })
    }

    /// Check that linkname directives name functions or variables, each once.
    pub(crate) fn check_linknames(&mut self) {
        let files: &'a [File<'a>] = self.files;
        let mut seen: FxHashSet<Symbol> = FxHashSet::default();
        for (i, file) in files.iter().enumerate() {
            let lines: Vec<(Pos, &str)> = file
                .directives
                .iter()
                .copied()
                .filter(|d| is_directive(d.1, "go:linkname") || is_directive(d.1, "go:linknamestd"))
                .collect();
            if lines.is_empty() {
                continue;
            }
            let has_unsafe = self.file_imports(i as u32, "unsafe");
            for (pos, text) in lines {
                if !has_unsafe {
                    let msg = "//go:linkname only allowed in Go files that import \"unsafe\"";
                    self.error(pos, "BadDirective", msg);
                    continue;
                }
                let Some(name) = text.split_whitespace().nth(1) else {
                    continue;
                };
                let name = Symbol::intern(name);
                let found = self.pkg_scope.get(&name).map(|&o| &self.store.obj(o).data);
                let declared = matches!(
                    found,
                    Some(
                        ObjData::Func(_)
                            | ObjData::Var {
                                kind: VarKind::Package,
                                ..
                            }
                    )
                );
                if declared && !seen.insert(name) {
                    let msg = format!("duplicate //go:linkname for {name}");
                    self.error(pos, "BadDirective", msg);
                } else if !declared && self.config.go_version >= (1, 18) {
                    let msg = "//go:linkname must refer to declared function or variable";
                    self.error(pos, "BadDirective", msg);
                }
            }
        }
    }
}

fn is_directive(text: &str, name: &str) -> bool {
    text.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}
