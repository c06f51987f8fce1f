//! One node of a quicklist.

use std::borrow::Cow;

use pack::Listpack;
use stdx::lzf;

/// Nodes below this size stay as they are.
const MIN_COMPRESS_BYTES: usize = 48;
/// What compressing must save at least.
const MIN_GAIN_BYTES: usize = 8;

/// Some elements in a row. Never empty between two commands.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Packed(Listpack),
    /// One element, too large for a listpack.
    Plain(Box<[u8]>),
    Lzf(Box<Compressed>),
}

/// A node at rest.
#[derive(Clone, Debug)]
pub(super) struct Compressed {
    block: Box<[u8]>,
    /// Of what the block decompresses to.
    byte_len: u32,
    /// Elements in the listpack; `None` if it is a single element without one.
    packed: Option<u32>,
}

// A list of many short nodes is not much larger than its dump.
const _: () = assert!(size_of::<Node>() == 24);

/// A node as a dump shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRef<'a> {
    /// The bytes of a listpack.
    Packed(&'a [u8]),
    /// One element.
    Plain(&'a [u8]),
    /// One of the two above, compressed with LZF.
    Lzf { block: &'a [u8], byte_len: usize, is_plain: bool },
}

impl<'a> NodeRef<'a> {
    /// Whether it is one element without a listpack around it.
    #[must_use]
    pub const fn is_plain(self) -> bool {
        matches!(self, Self::Plain(_) | Self::Lzf { is_plain: true, .. })
    }

    /// The bytes, decompressed.
    #[must_use]
    pub fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Packed(bytes) | Self::Plain(bytes) => Cow::Borrowed(bytes),
            Self::Lzf { block, byte_len, .. } => Cow::Owned(decompress(block, byte_len)),
        }
    }
}

/// A node to read.
pub(super) enum Opened<'a> {
    Packed(Cow<'a, Listpack>),
    Plain(Cow<'a, [u8]>),
}

impl Node {
    pub(super) fn of(listpack: Listpack) -> Self {
        Self::Packed(listpack)
    }

    /// A node for `element` alone.
    pub(super) fn plain(element: &[u8]) -> Self {
        Self::Plain(Box::from(element))
    }

    /// A listpack with this one element.
    pub(super) fn packed(element: &[u8]) -> Self {
        let mut listpack = Listpack::new();
        listpack.push(element);
        Self::Packed(listpack)
    }

    /// How many elements it has.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Packed(listpack) => listpack.len(),
            Self::Plain(_) => 1,
            Self::Lzf(compressed) => compressed.packed.map_or(1, |count| count as usize),
        }
    }

    /// How many bytes it has when it is not compressed.
    pub(super) fn byte_len(&self) -> usize {
        match self {
            Self::Packed(listpack) => listpack.byte_len(),
            Self::Plain(element) => element.len(),
            Self::Lzf(compressed) => compressed.byte_len as usize,
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Packed(listpack) => listpack.heap_bytes(),
            Self::Plain(element) => element.len(),
            Self::Lzf(compressed) => size_of::<Compressed>() + compressed.block.len(),
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Packed(_) => false,
            Self::Plain(_) => true,
            Self::Lzf(compressed) => compressed.packed.is_none(),
        }
    }

    /// The node to read; a compressed one is decompressed for the moment.
    pub(super) fn open(&self) -> Opened<'_> {
        match self {
            Self::Packed(listpack) => Opened::Packed(Cow::Borrowed(listpack)),
            Self::Plain(element) => Opened::Plain(Cow::Borrowed(element)),
            Self::Lzf(compressed) => match compressed.restore() {
                Self::Packed(listpack) => Opened::Packed(Cow::Owned(listpack)),
                Self::Plain(element) => Opened::Plain(Cow::Owned(element.into_vec())),
                Self::Lzf(_) => unreachable!("a node is compressed once"),
            },
        }
    }

    /// Its listpack, to change; `None` if it is a single element without one.
    pub(super) fn listpack_mut(&mut self) -> Option<&mut Listpack> {
        self.decompress();
        match self {
            Self::Packed(listpack) => Some(listpack),
            Self::Plain(_) | Self::Lzf(_) => None,
        }
    }

    pub(super) fn decompress(&mut self) {
        if let Self::Lzf(compressed) = self {
            *self = compressed.restore();
        }
    }

    /// Compresses it, if that is worth it.
    pub(super) fn compress(&mut self) {
        let (bytes, packed) = match self {
            Self::Packed(listpack) => (listpack.as_bytes(), u32::try_from(listpack.len()).ok()),
            Self::Plain(element) => (&**element, None),
            Self::Lzf(_) => return,
        };
        let Ok(byte_len) = u32::try_from(bytes.len()) else { return };
        if bytes.len() >= MIN_COMPRESS_BYTES
            && let Some(mut block) = lzf::compress(bytes, bytes.len() - MIN_GAIN_BYTES)
        {
            block.shrink_to_fit();
            *self = Self::Lzf(Box::new(Compressed { block: block.into_boxed_slice(), byte_len, packed }));
        }
    }

    pub(super) fn as_ref(&self) -> NodeRef<'_> {
        match self {
            Self::Packed(listpack) => NodeRef::Packed(listpack.as_bytes()),
            Self::Plain(element) => NodeRef::Plain(element),
            Self::Lzf(compressed) => NodeRef::Lzf {
                block: &compressed.block,
                byte_len: compressed.byte_len as usize,
                is_plain: compressed.packed.is_none(),
            },
        }
    }
}

impl Compressed {
    fn restore(&self) -> Node {
        let bytes = decompress(&self.block, self.byte_len as usize);
        if self.packed.is_none() {
            return Node::Plain(bytes.into_boxed_slice());
        }
        let listpack = Listpack::from_bytes(&bytes);
        let _ = stdx::never!(listpack.is_err(), "what was compressed was a listpack");
        Node::Packed(listpack.unwrap_or_default())
    }
}

fn decompress(block: &[u8], byte_len: usize) -> Vec<u8> {
    let bytes = lzf::decompress(block, byte_len);
    let _ = stdx::never!(bytes.is_err(), "what was compressed decompresses");
    bytes.unwrap_or_default()
}
