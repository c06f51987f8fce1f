//! GEOADD: places into a sorted set.
//!
//! What reaches replicas and the AOF is a ZADD of the scores: nobody else has to cut the earth the same way.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use stdx::num::IntText;
use value::SortedSet;

use super::cell;
use super::place;

pub(super) const GEOADD: Command = Command::new("geoadd", geoadd)
    .since("3.2.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&GEOADD_DOCS);

fn geoadd(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (mut nx, mut xx, mut ch) = (false, false, false);
    loop {
        if args.accept("NX") {
            nx = true;
        } else if args.accept("XX") {
            xx = true;
        } else if args.accept("CH") {
            ch = true;
        } else {
            break;
        }
    }
    if !args.remaining().is_multiple_of(3) || (nx && xx) {
        return Err(CommandError::Syntax);
    }
    let mut members = Vec::with_capacity(args.remaining() / 3);
    while !args.is_empty() {
        let score = cell::encode(place::parse(args)?);
        members.push((score, args.bytes()?));
    }

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |zset: &mut Edit<'_, SortedSet>| {
        zset.expect(members.len(), limits);
        let (mut added, mut moved) = (0_u64, 0_u64);
        for &(score, member) in &members {
            let score = place::as_score(score);
            match zset.score(member) {
                None if xx => {}
                Some(_) if nx => {}
                Some(before) if before == score => {}
                before => {
                    zset.insert(member, score, limits);
                    let count = if before.is_some() { &mut moved } else { &mut added };
                    *count += 1;
                }
            }
        }
        zset.changed(added + moved);
        Ok::<_, CommandError>((added, moved))
    })?;
    let (added, moved) = edited.result;
    if edited.changed {
        cx.notify(Event::SortedSet, "zadd", key);
        propagate(cx, key.bytes(), (nx, xx), &members);
    }
    reply.int(i64::try_from(if ch { added + moved } else { added }).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

fn propagate(cx: &mut Context<'_>, key: &[u8], (nx, xx): (bool, bool), members: &[(u64, &[u8])]) {
    if !cx.effects.interest().propagation {
        return;
    }
    let mut texts: Vec<IntText> = members.iter().map(|_| IntText::new()).collect();
    let mut words: Vec<&[u8]> = vec![b"ZADD", key];
    words.extend(nx.then_some(b"NX".as_slice()));
    words.extend(xx.then_some(b"XX".as_slice()));
    for (&(score, member), text) in members.iter().zip(&mut texts) {
        words.push(text.format(i64::try_from(score).unwrap_or(0)));
        words.push(member);
    }
    cx.propagate_as(&words);
}

const GEOADD_DOCS: Docs = Docs::new(
    "Adds places to a sorted set, or moves them.",
    Group::Geo,
    "O(log(N)) for each place, where N is the number of members",
)
.history(&[("6.2.0", "Options NX, XX and CH.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of("condition", &[Arg::pure_token("nx", "NX"), Arg::pure_token("xx", "XX")]).since("6.2.0").optional(),
    Arg::pure_token("change", "CH").since("6.2.0").optional(),
    Arg::block("data", &[Arg::double("longitude"), Arg::double("latitude"), Arg::string("member")]).multiple(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn places_become_scores() {
        check(
            "
            > GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania  => 2
            > ZSCORE Sicily Palermo                => (double) 3479099956230698
            > ZSCORE Sicily Catania                => (double) 3479447370796909
            > GEOADD Sicily 15.087269 37.502669 Catania 0 0 Null                     => 1
            > TYPE Sicily                          => zset
            ",
        );
    }

    #[test]
    fn conditions_choose_and_ch_counts_what_moved() {
        check(
            "
            @since 6.2
            > GEOADD k 0 0 o                       => 1
            > GEOADD k NX CH 1 1 o 2 2 p           => 1
            > GEOADD k xx ch 1 1 o 2 2 q           => 1
            > GEOADD k CH 1 1 o                    => 0
            > GEOADD k XX 3 3 o                    => 0
            > ZRANGE k 0 -1                        => ['p', 'o']
            > GEOADD missing XX 1 1 o              => 0
            > EXISTS missing                       => 0
            ",
        );
    }

    #[test]
    fn the_map_ends_at_its_edges() {
        check(
            "
            @since 6.2
            > GEOADD k -180 -85.05112878 sw 180 85.05112878 ne 0 0 o   => 3
            > ZRANGE k 0 -1                        => ['sw', 'o', 'ne']
            > ZSCORE k ne                          => (double) 13510798882111488
            > GEOADD k 181 0 x                     => (error) ERR invalid longitude,latitude pair 181.000000,0.000000
            > GEOADD k 0 86 x                      => (error) ERR invalid longitude,latitude pair 0.000000,86.000000
            > GEOADD k inf 0 x                     => (error) ERR invalid longitude,latitude pair inf,0.000000
            > GEOADD k 0 0 a 200 0 b               => (error) ERR invalid longitude,latitude pair 200.000000,0.000000
            > GEOADD k nan 0 x                     => (error) ERR value is not a valid float
            > GEOADD k x 0 m                       => (error) ERR value is not a valid float
            > GEOADD k 0 x m                       => (error) ERR value is not a valid float
            > GEOADD k 0x10 0 hex                  => 1
            > ZCARD k                              => 4
            ",
        );
    }

    #[test]
    fn arguments_and_types_are_checked() {
        check(
            "
            @since 6.2
            > GEOADD k 0 0                         => (error) ERR wrong number of arguments for 'geoadd' command
            > GEOADD k NX XX 0 0 m                 => (error) ERR syntax error
            > GEOADD k CH NX 0 0 a b               => (error) ERR syntax error
            > GEOADD k foo 0 0 m                   => (error) ERR syntax error
            > SET s x                              => OK
            > GEOADD s 0 0 m                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GEOADD s x 0 m                       => (error) ERR value is not a valid float
            ",
        );
    }

    #[test]
    fn the_others_are_told_scores() {
        check_told(&[
            ("GEOADD k CH 1 1 a 2 2 b", "zadd:k", "ZADD k 3377822707026402 a 3378191666521995 b"),
            ("GEOADD k CH 1 1 a", "", ""),
            ("GEOADD k XX 3 3 a 1 1 new", "zadd:k", "ZADD k XX 3379368329318596 a 3377822707026402 new"),
        ]);
        check_changes(&[("GEOADD k 1 1 a 2 2 b", 2), ("GEOADD k NX 3 3 a 4 4 c", 1)]);
    }
}
