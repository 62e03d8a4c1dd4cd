//! File names as the executable shows them.

use crate::program::Cx;

impl Cx<'_> {
    /// A file's name as the executable shows it.
    fn shown_name(&self, full: String) -> String {
        let Some((folder, base)) = full.rsplit_once('/') else {
            return full;
        };
        let shown = self.shown_folders.iter().find(|(f, _)| f == folder);
        shown.map_or_else(|| full.clone(), |(_, path)| format!("{path}/{base}"))
    }

    /// The index of a file name in a module's file list; names relative to the working folder become absolute.
    pub fn file_index(&mut self, unit: usize, name: &str) -> u32 {
        let full = match name.strip_prefix("./") {
            Some(rest) => format!("{}/{rest}", self.cwd),
            None => name.to_string(),
        };
        let full = self.shown_name(full);
        let files = &mut self.modules[unit].files;
        let i = files.iter().position(|f| *f == full).unwrap_or_else(|| {
            files.push(full);
            files.len() - 1
        });
        i as u32
    }
}
