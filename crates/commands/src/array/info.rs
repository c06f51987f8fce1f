//! ARINFO: how an array is laid out.
//!
//! The names are Redis's, and so is their meaning where the layouts agree. `super-dir-entries` counts the entries of the tree
//! that stands over the slices when they lie far apart, where Redis has a second level of directories.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::Array;

use super::index;

pub(super) const ARINFO: Command = Command::new("arinfo", arinfo)
    .since("8.8.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARINFO_DOCS);

fn arinfo(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let full = args.accept("FULL");
    args.finish()?;

    let array = cx.db.read::<Array>(key)?.ok_or(CommandError::NoSuchKey)?;
    let info = array.info();
    let slices = full.then(|| array.slice_info());
    let facts = [
        ("count", array.count()),
        ("len", array.len()),
        ("next-insert-index", array.next_insert().unwrap_or(0)),
        ("slices", info.slices),
        ("directory-size", info.directory_size),
        ("super-dir-entries", info.tree_entries),
        ("slice-size", info.slice_size),
    ];
    reply.map(facts.len() + if full { 5 } else { 0 });
    for (name, value) in facts {
        reply.bulk(name.as_bytes());
        index::answer(reply, value);
    }
    if let Some(slices) = slices {
        for (name, value) in [("dense-slices", slices.dense), ("sparse-slices", slices.sparse)] {
            reply.bulk(name.as_bytes());
            index::answer(reply, value);
        }
        for (name, value) in [
            ("avg-dense-size", slices.average_dense_size),
            ("avg-dense-fill", slices.average_dense_fill),
            ("avg-sparse-size", slices.average_sparse_size),
        ] {
            reply.bulk(name.as_bytes());
            reply.double(value);
        }
    }
    Ok(Flow::Done)
}

const ARINFO_DOCS: Docs = Docs::new(
    "Tells how an array is laid out in memory.",
    Group::Array,
    "O(1), with FULL O(N) where N is the number of slices",
)
.arguments(&[Arg::key("key", 0), Arg::pure_token("full", "FULL").optional()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn the_layout_of_a_small_array() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 1 b 100 c               => 3
            > ARINSERT k d                         => 0
            > ARINFO k                             =>2 ['count', 3, 'len', 101, 'next-insert-index', 1, 'slices', 1, 'directory-size', 1, 'super-dir-entries', 0, 'slice-size', 4096]
                                                   =>3 {'count': 3, 'len': 101, 'next-insert-index': 1, 'slices': 1, 'directory-size': 1, 'super-dir-entries': 0, 'slice-size': 4096}
            > ARINFO missing                       => (error) ERR no such key
            > ARINFO k FULLER                      => (error) ERR syntax error
            > ARINFO k FULL FULL                   => (error) ERR syntax error
            > SET s x                              => OK
            > ARINFO s                             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn full_looks_at_every_slice() {
        check(
            "
            @since 8.8
            > ARSET k 0 ${16: x}                   => 16
            > ARSET k 4096 y                       => 1
            > ARINFO k FULL                        => {'count': 17, 'len': 4097, 'next-insert-index': 0, 'slices': 2, 'directory-size': 2, 'super-dir-entries': 0, 'slice-size': 4096, 'dense-slices': 1, 'sparse-slices': 1, 'avg-dense-size': *, 'avg-dense-fill': *, 'avg-sparse-size': *}
            > ARSEEK k 18446744073709551615        => 1
            > ARINFO k                             => {'count': 17, 'len': 4097, 'next-insert-index': 0, 'slices': 2, 'directory-size': 2, 'super-dir-entries': 0, 'slice-size': 4096}
            ",
        );
    }

    #[test]
    fn the_slice_size_is_settled_by_the_first_element() {
        check(
            "
            @since 8.8
            @config array-slice-size 16
            > ARSET k 100 a                        => 1
            @config array-slice-size 4096
            > ARSET n 100 a                        => 1
            @skip-line restore a restored array is a new one
            > ARINFO k                             => {'count': 1, 'len': 101, 'next-insert-index': 0, 'slices': 1, 'directory-size': *, 'super-dir-entries': *, 'slice-size': 16}
            > ARINFO n                             => {'count': 1, 'len': 101, 'next-insert-index': 0, 'slices': 1, 'directory-size': 1, 'super-dir-entries': 0, 'slice-size': 4096}
            ",
        );
    }
}
