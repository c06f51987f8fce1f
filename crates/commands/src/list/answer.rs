//! What list commands have in common: elements in answers, ends in arguments, indexes counted from the end.

use command_api::{Arg, Args, CommandError, Context, Event, Reply};
use keyspace::Key;
use pack::Element;
use value::ListEnd;

/// An element as an answer.
pub(super) fn element(reply: &mut Reply<'_>, element: Element<'_>) {
    match element {
        Element::Int(int) => reply.bulk_int(int),
        Element::Bytes(bytes) => reply.bulk(bytes),
    }
}

/// LEFT or RIGHT.
pub(super) fn end(args: &mut Args<'_>) -> Result<ListEnd, CommandError> {
    if args.accept("LEFT") {
        Ok(ListEnd::Left)
    } else if args.accept("RIGHT") {
        Ok(ListEnd::Right)
    } else {
        Err(CommandError::Syntax)
    }
}

/// The word for an end.
pub(super) const fn word(end: ListEnd) -> &'static [u8] {
    match end {
        ListEnd::Left => b"LEFT",
        ListEnd::Right => b"RIGHT",
    }
}

/// An integer argument whose negation is an integer as well.
pub(super) fn negatable(args: &mut Args<'_>) -> Result<i64, CommandError> {
    const NOT_NEGATABLE: CommandError = CommandError::other(
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
    match args.int()? {
        i64::MIN => Err(NOT_NEGATABLE),
        int => Ok(int),
    }
}

/// The place of a single element in a list of `len`: an index that is negative counts from the end.
pub(super) fn place(index: i64, len: usize) -> Option<usize> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 { len.checked_sub(distance) } else { Some(distance).filter(|place| *place < len) }
}

/// Start and number of the elements from index `start` to index `stop`, both included.
pub(super) fn range(start: i64, stop: i64, len: usize) -> (usize, usize) {
    let from_left = |index: i64| {
        let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
        if index < 0 { len.checked_sub(distance) } else { Some(distance) }
    };
    let start = from_left(start).unwrap_or(0);
    match from_left(stop) {
        Some(stop) if start <= stop && start < len => (start, stop.min(len - 1) - start + 1),
        Some(_) | None => (start.min(len), 0),
    }
}

/// Tells that elements were taken from an end, and that the key went with the last of them.
pub(super) fn tell_pop(cx: &mut Context<'_>, key: Key<'_>, end: ListEnd, removed: bool) {
    let event = match end {
        ListEnd::Left => "lpop",
        ListEnd::Right => "rpop",
    };
    cx.notify(Event::List, event, key);
    if removed {
        cx.notify(Event::Generic, "del", key);
    }
}

/// LEFT or RIGHT, for the documentation.
pub(super) const ENDS: &[Arg] = &[Arg::pure_token("left", "LEFT"), Arg::pure_token("right", "RIGHT")];

#[cfg(test)]
mod tests {
    use super::{place, range};

    #[test]
    fn indexes_count_from_either_end() {
        for (index, expected) in
            [(0, Some(0)), (2, Some(2)), (3, None), (-1, Some(2)), (-3, Some(0)), (-4, None), (i64::MIN, None)]
        {
            assert_eq!(place(index, 3), expected, "{index}");
        }
    }

    #[test]
    fn ranges_are_cut_to_the_list() {
        for (start, stop, expected) in [
            (0, -1, (0, 3)),
            (1, 1, (1, 1)),
            (-100, 100, (0, 3)),
            (-2, -1, (1, 2)),
            (2, 1, (2, 0)),
            (3, 5, (3, 0)),
            (0, -4, (0, 0)),
            (i64::MIN, i64::MAX, (0, 3)),
            (i64::MAX, i64::MIN, (3, 0)),
        ] {
            assert_eq!(range(start, stop, 3), expected, "{start} {stop}");
        }
    }
}
