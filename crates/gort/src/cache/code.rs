//! How numbers and texts are written in the files of the cache: eight bytes a number, a text behind its length.

/// What is being written.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// A number.
    pub fn number(&mut self, n: u64) {
        self.0.extend(n.to_le_bytes());
    }

    /// Bytes of any length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    /// Bytes whose length the reader knows.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }
}

/// What is left to read. Whatever does not fit is nothing.
pub struct Reader<'b>(pub &'b [u8]);

impl<'b> Reader<'b> {
    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.raw::<8>()?))
    }

    /// Bytes behind their length.
    pub fn bytes(&mut self) -> Option<&'b [u8]> {
        let n = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A text behind its length.
    pub fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// So many bytes.
    pub fn raw<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_nothing() {
        let mut w = Writer::default();
        w.number(7);
        w.bytes(b"seven");
        let mut r = Reader(&w.0);
        assert_eq!((r.number(), r.text()), (Some(7), Some("seven".into())));
        assert_eq!(r.number(), None);
        let mut r = Reader(&w.0[..w.0.len() - 1]);
        assert_eq!((r.number(), r.bytes()), (Some(7), None));
    }
}
