//! The keysizes section: how many keys of each type have how many elements, or bytes, in classes that double.
//!
//! ```text
//! db0_distrib_strings_sizes:0=1,1=2,1K=7      one empty string, two of one byte, seven of 1024 to 2047 bytes
//! ```
//!
//! Redis keeps the classes up to date at every write and shows them with every INFO. Here they are counted when they are asked for by
//! name: it is a walk over all keys, stripe after stripe, and a write costs nothing for it.

use super::section::InfoText;
use crate::ServerContext;

/// Type, and its line's name.
const LINES: [(value::Type, &str); 5] = [
    (value::Type::String, "strings_sizes"),
    (value::Type::List, "lists_items"),
    (value::Type::Set, "sets_items"),
    (value::Type::SortedSet, "zsets_items"),
    (value::Type::Hash, "hashes_items"),
];

/// Class 0 is nothing, class n is 2^(n-1) and more.
const CLASSES: usize = 65;

pub(super) fn keysizes(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    for db in 0..cx.node.keyspace.databases() {
        cx.data.db.select(db);
        let mut counts = [[0_u64; CLASSES]; LINES.len()];
        cx.data.db.for_each(|entry| {
            let value = entry.value();
            if let Some(line) = LINES.iter().position(|(of_type, _)| *of_type == value.value_type()) {
                counts[line][class_of(value.element_count())] += 1;
            }
        });
        for ((_, name), classes) in LINES.iter().zip(&counts) {
            let shown = classes.iter().enumerate().filter(|(_, count)| **count > 0);
            let shown: Vec<String> = shown.map(|(class, count)| format!("{}={count}", label(class))).collect();
            if !shown.is_empty() {
                out.field(&format!("db{db}_distrib_{name}"), shown.join(","));
            }
        }
    }
    cx.data.db.select(cx.client.db);
}

fn class_of(size: u64) -> usize {
    (u64::BITS - size.leading_zeros()) as usize
}

/// `1`, `512`, `1K`, `2M`, as Redis prints the least of a class.
fn label(class: usize) -> String {
    const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];
    match class.checked_sub(1) {
        None => "0".into(),
        Some(exponent) => format!("{}{}", 1_u64 << (exponent % 10), UNITS[exponent / 10]),
    }
}

#[cfg(test)]
mod tests {
    use super::{class_of, label};
    use crate::testing::check;

    #[test]
    fn classes_are_named_by_the_least_of_them() {
        let cases = [
            (0, "0"),
            (1, "1"),
            (3, "2"),
            (4, "4"),
            (1023, "512"),
            (1024, "1K"),
            (1500, "1K"),
            (1 << 20, "1M"),
            (u64::MAX, "8E"),
        ];
        for (size, name) in cases {
            assert_eq!(label(class_of(size)), name, "{size}");
        }
    }

    #[test]
    fn keys_are_counted_by_type_and_size() {
        check(
            r"
            @since 8.0
            @only redis ochre
            > MSET a '' b x c xxx d 12345 e ${x*1500}     => OK
            > RPUSH l 1 2 3                               => 3
            > SADD s a                                    => 1
            > HSET h a b c d                              => 2
            > ZADD z 1 a                                  => 1
            > INFO keysizes => ~'# Keysizes\r\ndb0_distrib_strings_sizes:0=1,1=1,2=1,4=1,1K=1\r\ndb0_distrib_lists_items:2=1\r\ndb0_distrib_sets_items:1=1\r\ndb0_distrib_zsets_items:1=1\r\ndb0_distrib_hashes_items:2=1\r\n'
        ",
        );
    }
}
