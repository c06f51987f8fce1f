//! What ARINFO tells about the layout of an array.

use super::base::{ARRAY_MAX_INDEX, Array};

/// The layout, without looking at every slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayInfo {
    /// Slices that hold something.
    pub slices: u64,
    /// Slices for which the directory has a place.
    pub directory_size: u64,
    /// Entries of the tree over the slices; 0 while they lie close together.
    pub tree_entries: u64,
    /// Indexes of a slice.
    pub slice_size: u64,
}

/// The slices of an array, by their form.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SliceInfo {
    /// Windows of slots.
    pub dense: u64,
    /// Lists of entries.
    pub sparse: u64,
    /// Slots of a window, on average; 0 if there is none.
    pub average_dense_size: f64,
    /// The part of a window's slots that is set, from 0 to 1, on average.
    pub average_dense_fill: f64,
    /// Entries for which a list has room, on average; 0 if there is none.
    pub average_sparse_size: f64,
}

impl Array {
    /// The layout, in constant time.
    #[must_use]
    pub fn info(&self) -> ArrayInfo {
        ArrayInfo {
            slices: self.directory.len() as u64,
            directory_size: self.directory.places() as u64,
            tree_entries: self.directory.tree_entries() as u64,
            slice_size: self.slice_size(),
        }
    }

    /// The slices, looked at one by one.
    #[must_use]
    pub fn slice_info(&self) -> SliceInfo {
        let mut info = SliceInfo::default();
        let (mut slots, mut fill, mut entries) = (0, 0.0, 0);
        for (_, slice) in self.directory.range(0, ARRAY_MAX_INDEX) {
            if let Some((room, count)) = slice.window() {
                info.dense += 1;
                slots += room;
                fill += ratio(count, room);
            }
            if let Some(room) = slice.list_room() {
                info.sparse += 1;
                entries += room;
            }
        }
        let dense = usize::try_from(info.dense).unwrap_or(usize::MAX);
        let sparse = usize::try_from(info.sparse).unwrap_or(usize::MAX);
        info.average_dense_size = ratio(slots, dense);
        info.average_dense_fill = if dense == 0 { 0.0 } else { fill / ratio(dense, 1) };
        info.average_sparse_size = ratio(entries, sparse);
        info
    }
}

/// The quotient; 0 where there is nothing to divide by.
#[expect(clippy::cast_precision_loss, reason = "an average for people")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
