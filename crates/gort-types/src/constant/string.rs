//! String constants. Long ones are kept as trees of their parts, so that chains of concatenations cost
//! no more than their parts, and a constant that is far too long costs next to nothing.

use std::sync::{Arc, OnceLock};

/// A string: any bytes.
#[derive(Clone, Debug)]
pub struct Str(Arc<Node>);

#[derive(Debug)]
enum Node {
    Flat(Box<[u8]>),
    Cat {
        len: u64,
        depth: u32,
        left: Str,
        right: Str,
        flat: OnceLock<Box<[u8]>>,
    },
}

/// Strings below this length are copied.
const SMALL: u64 = 1 << 12;
/// Trees are flattened at this depth, if that is affordable.
const MAX_DEPTH: u32 = 500;
const AFFORDABLE: u64 = 1 << 26;

impl Str {
    /// A string of these bytes.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Str {
        Str(Arc::new(Node::Flat(bytes.into())))
    }

    /// Number of bytes.
    pub fn len(&self) -> u64 {
        match &*self.0 {
            Node::Flat(b) => b.len() as u64,
            Node::Cat { len, .. } => *len,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn depth(&self) -> u32 {
        match &*self.0 {
            Node::Flat(_) => 0,
            Node::Cat { depth, flat, .. } => {
                if flat.get().is_some() {
                    0
                } else {
                    *depth
                }
            }
        }
    }

    /// `self + other`
    pub fn concat(&self, other: &Str) -> Str {
        let len = self.len().saturating_add(other.len());
        if len <= SMALL {
            return Str::new([self.bytes(), other.bytes()].concat());
        }
        let depth = self.depth().max(other.depth()) + 1;
        let (left, right) = (self.clone(), other.clone());
        let s = Str(Arc::new(Node::Cat {
            len,
            depth,
            left,
            right,
            flat: OnceLock::new(),
        }));
        if depth > MAX_DEPTH && len <= AFFORDABLE {
            return Str::new(s.bytes());
        }
        s
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match &*self.0 {
            Node::Flat(b) => b,
            Node::Cat { len, flat, .. } => flat.get_or_init(|| self.prefix(*len).into()),
        }
    }

    /// The first bytes, at most `max`.
    pub fn prefix(&self, max: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(max.min(self.len()) as usize);
        let mut todo = vec![self];
        while let Some(s) = todo.pop() {
            let room = max as usize - out.len();
            let flat = match &*s.0 {
                Node::Flat(b) => b,
                Node::Cat {
                    left, right, flat, ..
                } => match flat.get() {
                    Some(b) => b,
                    None => {
                        todo.extend([right, left]);
                        continue;
                    }
                },
            };
            out.extend_from_slice(&flat[..flat.len().min(room)]);
            if out.len() as u64 >= max {
                break;
            }
        }
        out
    }
}
