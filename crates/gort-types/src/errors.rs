//! Reporting.

use crate::check::Checker;
use crate::object::{ObjData, ObjId, PkgId, VarKind};
use crate::types::Ty;
use crate::typestring::{Form, TypeWriter};
use gort_syntax::{Diagnostic, Pos};

/// An error with explanations.
pub(crate) struct Report {
    pub diag: Diagnostic,
    /// How much of the message is the error itself; the rest are explanations that were added.
    own: usize,
}

impl Report {
    pub(crate) fn new(pos: Pos, code: &'static str, msg: impl Into<String>) -> Report {
        let diag = Diagnostic::new(pos, code, msg);
        let own = diag.msg.len();
        Report { diag, own }
    }
    /// Put other words in front; what was explained so far becomes part of the error.
    pub(crate) fn prefixed(mut self, words: &str) -> Report {
        self.diag.msg.insert_str(0, words);
        self.own = self.diag.msg.len();
        self
    }
    /// Add a line; without position it becomes part of the message.
    pub(crate) fn note(mut self, pos: Pos, msg: impl AsRef<str>) -> Report {
        if pos.is_known() {
            self.diag.related.push((pos, msg.as_ref().into()));
        } else {
            self.diag.msg.push_str("\n\t");
            self.diag.msg.push_str(msg.as_ref());
        }
        self
    }
    pub(crate) fn soft(mut self) -> Report {
        self.diag.soft = true;
        self
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn report(&mut self, r: Report) {
        let mut diag = r.diag;
        // Errors that only follow from others are not worth showing.
        if !self.diags.is_empty() {
            let own = &diag.msg[..r.own];
            let inside = |words| own.find(words).is_some_and(|i| i > 0);
            if inside("invalid operand") || inside("invalid type") {
                return;
            }
        }
        if mentions_version(&diag.msg) {
            diag.msg.push_str(&self.version_hint());
        }
        if self.env.errpos.is_known() {
            diag.pos = self.env.errpos;
        }
        if self.diag_memory.admit(&mut diag) {
            self.diags.push(diag);
        }
    }

    /// Where the language version comes from.
    fn version_hint(&self) -> String {
        let file = self.files.get(self.env.file as usize);
        match file.and_then(|f| f.go_version) {
            Some(v) if v == self.env.version => {
                format!(" (file declares //go:build go{}.{})", v.0, v.1)
            }
            _ => {
                let v = self.config.go_version;
                format!(" (-lang was set to go{}.{}; check go.mod)", v.0, v.1)
            }
        }
    }

    pub(crate) fn error(&mut self, pos: Pos, code: &'static str, msg: impl Into<String>) {
        self.report(Report::new(pos, code, msg));
    }

    pub(crate) fn soft_error(&mut self, pos: Pos, code: &'static str, msg: impl Into<String>) {
        self.report(Report::new(pos, code, msg).soft());
    }

    /// `other declaration of x`
    pub(crate) fn alt_decl(&self, r: Report, obj: ObjId) -> Report {
        let o = self.store.obj(obj);
        if !o.pos.is_known() {
            return r;
        }
        r.note(o.pos, format!("other declaration of {}", o.name))
    }

    /// Whether the language version in force is at least go1.`minor`.
    pub(crate) fn allow_version(&self, minor: u32) -> bool {
        self.env.version >= (1, minor)
    }

    pub(crate) fn version_error(&mut self, pos: Pos, minor: u32, what: &str) {
        self.error(
            pos,
            "UnsupportedFeature",
            format!("{what} requires go1.{minor} or later"),
        );
    }

    /// Report an error unless the language version is at least go1.`minor`.
    pub(crate) fn verify_version(
        &mut self,
        pos: Pos,
        minor: u32,
        what: impl FnOnce(&Self) -> String,
    ) -> bool {
        if self.allow_version(minor) {
            return true;
        }
        let what = what(self);
        self.version_error(pos, minor, &what);
        false
    }

    /// A type as messages show it.
    pub(crate) fn ts(&self, ty: Ty) -> String {
        let ambiguous = |p: PkgId| self.is_ambiguous(p);
        let mut w = TypeWriter::new(self.store, Form::Message(self.pkg))
            .with_ambiguous(&ambiguous)
            .with_universe_names(self.fset);
        w.ty(ty);
        w.out
    }

    /// Whether another package in the import closure has the same name.
    fn is_ambiguous(&self, pkg: PkgId) -> bool {
        let mut seen = vec![self.pkg];
        let mut todo: Vec<PkgId> = self.imported.clone();
        let name = self.store.package(pkg).name();
        let path = &self.store.package(pkg).path;
        if self.store.package(self.pkg).name() == name && self.store.package(self.pkg).path != *path
        {
            return true;
        }
        while let Some(p) = todo.pop() {
            if seen.contains(&p) {
                continue;
            }
            seen.push(p);
            let data = self.store.package(p);
            if data.name() == name && data.path != *path {
                return true;
            }
            todo.extend(data.imports());
        }
        false
    }

    /// What sort of object it is, for messages.
    pub(crate) fn object_kind(&self, obj: ObjId) -> &'static str {
        match &self.store.obj(obj).data {
            ObjData::PkgName { .. } => "package name",
            ObjData::Const { .. } => "constant",
            ObjData::TypeName { .. } if self.store.is_type_param(self.store.obj(obj).ty()) => {
                "type parameter"
            }
            ObjData::TypeName { alias: true } => "type alias",
            ObjData::TypeName { .. } => "defined type",
            ObjData::Var { kind, .. } => match kind {
                VarKind::Package => "package-level variable",
                VarKind::Local => "local variable",
                VarKind::Recv => "receiver",
                VarKind::Param => "parameter",
                VarKind::Result => "result variable",
                VarKind::Field => "struct field",
            },
            ObjData::Func(f) => {
                if f.recv().is_some() {
                    "method"
                } else {
                    "function"
                }
            }
            ObjData::Label => "label",
            ObjData::Builtin(_) => "built-in function",
            ObjData::Nil => "untyped nil",
        }
    }

    /// A position as text.
    pub(crate) fn pos_string(&self, pos: Pos) -> String {
        match self.fset.position(pos) {
            Some(p) if p.col > 0 => format!("{}:{}:{}", p.file, p.line, p.col),
            Some(p) => format!("{}:{}", p.file, p.line),
            None => "<unknown position>".into(),
        }
    }
}

/// Whether a message says `requires go1.N or later` and no more.
fn mentions_version(msg: &str) -> bool {
    msg.split("requires go1.").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with(" or later")
            && !rest.contains("-lang was set to")
    })
}
