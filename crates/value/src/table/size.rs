//! Allocation sizes.

/// The least size of at least `bytes` that the allocator hands out without rounding: jemalloc has four classes per doubling. To ask for
/// less wastes what was rounded up; to grow by doubling wastes a quarter on average, by classes a twelfth.
pub(crate) const fn class(bytes: usize) -> usize {
    if bytes <= 8 {
        8
    } else if bytes <= 128 {
        bytes.next_multiple_of(16)
    } else {
        bytes.next_multiple_of(bytes.next_power_of_two() / 8)
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn sizes_are_those_of_the_allocator() {
        let sizes =
            [(0, 8), (9, 16), (17, 32), (128, 128), (129, 160), (257, 320), (2049, 2560), (4096, 4096), (4097, 5120)];
        for (bytes, size) in sizes {
            assert_eq!(class(bytes), size, "{bytes}");
        }
    }
}
