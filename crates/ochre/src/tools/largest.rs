//! The largest so many of any number of things.

/// Keeps the `room` items with the greatest sizes, the first seen of equals.
pub(super) struct Largest<T> {
    room: usize,
    /// Greatest first.
    kept: Vec<(u64, T)>,
}

impl<T> Largest<T> {
    pub(super) const fn new(room: usize) -> Self {
        Self { room, kept: Vec::new() }
    }

    /// Offers an item; it is made only if it is kept.
    pub(super) fn offer(&mut self, size: u64, make: impl FnOnce() -> T) {
        let at = self.kept.partition_point(|(kept, _)| *kept >= size);
        if at < self.room {
            self.kept.insert(at, (size, make()));
            self.kept.truncate(self.room);
        }
    }

    /// The items with their sizes, greatest first.
    pub(super) fn into_sorted(self) -> Vec<(u64, T)> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::Largest;

    #[test]
    fn the_greatest_are_kept_in_order() {
        let mut largest = Largest::new(3);
        for (size, name) in [(1, 'a'), (5, 'b'), (3, 'c'), (5, 'd'), (0, 'e'), (4, 'f')] {
            largest.offer(size, || name);
        }
        assert_eq!(largest.into_sorted(), [(5, 'b'), (5, 'd'), (4, 'f')]);
        let mut none = Largest::new(0);
        none.offer(9, || 'x');
        assert!(none.into_sorted().is_empty());
    }
}
