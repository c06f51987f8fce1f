//! SCAN: a walk in pieces, while the table changes.
//!
//! The cursor is the position up to which everything was told. Positions fill 64 bits from the top, so the cursor has its bits in reverse:
//! a table of 2^n buckets has cursors below 2^n. Any number is a good cursor, for any number is a position.

use super::Record;
use super::map::Table;
use super::record;

impl Table {
    /// Tells the records from the cursor on, whole buckets, until there were at least `count`, and answers the next cursor, 0 at the end.
    /// A scan begins with cursor 0. Records that are there from its beginning to its end are told once at least, in whatever way the
    /// table changes in between; others may be told, and some twice.
    ///
    /// ```
    /// # use value::table::Table;
    /// # let mut table = Table::new();
    /// # (0..100_u8).for_each(|key| { table.insert(&[key], b"", None); });
    /// let (mut cursor, mut keys) = (0, Vec::new());
    /// loop {
    ///     cursor = table.scan(cursor, 10, &mut |record| keys.push(record.key.to_vec()));
    ///     if cursor == 0 { break }
    /// }
    /// assert_eq!(keys.len(), table.len());
    /// ```
    pub fn scan(&self, cursor: u64, count: usize, emit: &mut dyn FnMut(Record<'_>)) -> u64 {
        let mut position = cursor.reverse_bits();
        let mut told = 0_usize;
        loop {
            let page = &self.pages[self.page_at(position)];
            for bytes in page.bucket_records(page.bucket_of(position)) {
                emit(record::resolve(bytes, &self.large));
                told += 1;
            }
            let rest = u64::MAX >> (page.depth + page.bucket_bits);
            let Some(next) = (position | rest).checked_add(1) else { return 0 };
            position = next;
            if told >= count {
                return position.reverse_bits();
            }
        }
    }
}
