//! Source positions.
//!
//! A [`Pos`] is one number: the base of its file in the [`FileSet`] plus the byte offset in the file.
//! Zero is "no position". Lines and columns (in bytes, from 1, as Go counts them) are computed when a
//! message is printed; `//line` directives are honoured there.

use std::sync::{Arc, RwLock};

/// A position in the source files of a [`FileSet`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pos(pub u32);

impl Pos {
    /// No position.
    pub const NONE: Pos = Pos(0);

    /// Whether this is a position.
    pub fn is_known(self) -> bool {
        self.0 != 0
    }
}

/// A position made readable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The file's name as given (or as a `//line` directive says).
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1; 0 where a `//line` directive without column is in force.
    pub col: u32,
}

/// A `//line` or `/*line*/` directive: from `offset` on, the position is `file:line:col`.
#[derive(Clone, Debug)]
pub struct LineDirective {
    /// Byte offset in the file of the first byte the directive speaks of.
    pub offset: u32,
    /// File name; `None` keeps the name in force.
    pub file: Option<Arc<str>>,
    /// Line number of that byte.
    pub line: u32,
    /// Column, 0 if not given.
    pub col: u32,
}

/// One source file: its name, its size and where its lines start.
#[derive(Debug)]
pub struct SourceFile {
    /// Name for messages.
    pub name: Arc<str>,
    /// First position of the file.
    pub base: u32,
    /// Length in bytes.
    pub size: u32,
    /// Offsets of line starts; filled in by the scanner.
    pub lines: Vec<u32>,
    /// `//line` directives in order.
    pub directives: Vec<LineDirective>,
}

/// All files of a compilation. Adding is thread-safe.
#[derive(Default, Debug)]
pub struct FileSet {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl FileSet {
    /// An empty set.
    pub fn new() -> FileSet {
        FileSet::default()
    }

    /// Reserve positions for a file of `size` bytes; returns its base.
    /// The scanner completes the entry with [`FileSet::set_lines`].
    ///
    /// # Panics
    /// If the sources together exceed 4 GiB.
    pub fn add_file(&self, name: &str, size: usize) -> u32 {
        let mut files = self.files.write().unwrap();
        let base = files.last().map_or(1, |f| f.base + f.size + 1);
        let size = u32::try_from(size).expect("source file above 4 GiB");
        assert!(base.checked_add(size + 1).is_some(), "sources above 4 GiB");
        files.push(Arc::new(SourceFile {
            name: name.into(),
            base,
            size,
            lines: vec![0],
            directives: Vec::new(),
        }));
        base
    }

    /// Give the line table of the file at `base`.
    pub fn set_lines(&self, base: u32, lines: Vec<u32>, directives: Vec<LineDirective>) {
        let mut files = self.files.write().unwrap();
        let i = files.partition_point(|f| f.base <= base) - 1;
        let old = &files[i];
        files[i] = Arc::new(SourceFile {
            name: old.name.clone(),
            base: old.base,
            size: old.size,
            lines,
            directives,
        });
    }

    /// The file that holds `pos`.
    pub fn file(&self, pos: Pos) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap();
        let i = files.partition_point(|f| f.base <= pos.0);
        files
            .get(i.checked_sub(1)?)
            .filter(|f| pos.0 <= f.base + f.size)
            .cloned()
    }

    /// The readable form of `pos`, with `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Option<Position> {
        Some(self.file(pos)?.position(pos))
    }
}

impl SourceFile {
    /// The readable form of a position in this file, with `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        let offset = pos.0 - self.base;
        let (line, col) = self.line_col(offset);
        let n = self.directives.partition_point(|d| d.offset <= offset);
        let Some(d) = n.checked_sub(1).map(|i| &self.directives[i]) else {
            return Position {
                file: self.name.clone(),
                line,
                col,
            };
        };
        let (dline, dcol) = self.line_col(d.offset);
        let file = self.directives[..n]
            .iter()
            .rev()
            .find_map(|d| d.file.clone());
        let col = match (d.col, line == dline) {
            (0, _) => 0,
            (c, true) => c + (col - dcol),
            (_, false) => col,
        };
        Position {
            file: file.unwrap_or_else(|| self.name.clone()),
            line: d.line + (line - dline),
            col,
        }
    }

    /// Line and column of a byte offset, both from 1, without directives.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        let n = self.lines.partition_point(|&l| l <= offset);
        let start = self.lines[n - 1];
        (n as u32, offset - start + 1)
    }
}
