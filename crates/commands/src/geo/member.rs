//! GEOPOS, GEOHASH, GEODIST: where members are, and how far from each other.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::SortedSet;

use super::{cell, place};

pub(super) const GEOPOS: Command = Command::new("geopos", geopos)
    .since("3.2.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEOPOS_DOCS);

pub(super) const GEOHASH: Command = Command::new("geohash", geohash)
    .since("3.2.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEOHASH_DOCS);

pub(super) const GEODIST: Command = Command::new("geodist", geodist)
    .since("3.2.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEODIST_DOCS);

fn geopos(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let zset = cx.db.read::<SortedSet>(key)?;
    reply.array(members.len());
    for member in members {
        match zset.and_then(|zset| place::of_member(zset, member)) {
            Some(place) => place::answer(reply, place),
            None => reply.null_array(),
        }
    }
    Ok(Flow::Done)
}

fn geohash(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let zset = cx.db.read::<SortedSet>(key)?;
    reply.array(members.len());
    for member in members {
        match zset.and_then(|zset| zset.score(member)) {
            Some(score) => reply.bulk(&cell::text(score)),
            None => reply.null(),
        }
    }
    Ok(Flow::Done)
}

fn geodist(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (one, other) = (args.bytes()?, args.bytes()?);
    let surplus = args.remaining() > 1;
    let metres = match args.peek() {
        Some(_) if !surplus => place::unit(args)?,
        _ => 1.0,
    };
    args.finish()?;

    let zset = cx.db.read::<SortedSet>(key)?;
    let place = |member| zset.and_then(|zset| place::of_member(zset, member));
    match (place(one), place(other)) {
        (Some(one), Some(other)) => place::answer_distance(reply, cell::distance_m(one, other) / metres),
        _ => reply.null(),
    }
    Ok(Flow::Done)
}

const GEOPOS_DOCS: Docs = Docs::new("Answers where members are.", Group::Geo, "O(1) for each member")
    .arguments(&[Arg::key("key", 0), Arg::string("member").optional().multiple()]);

const GEOHASH_DOCS: Docs = Docs::new("Answers the geohashes of members as text.", Group::Geo, "O(1) for each member")
    .arguments(&[Arg::key("key", 0), Arg::string("member").optional().multiple()]);

const GEODIST_DOCS: Docs = Docs::new("Answers how far two members are from each other.", Group::Geo, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("member1"), Arg::string("member2"), super::UNIT.optional()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn positions_are_the_middles_of_cells() {
        check(
            "
            @since 8.0 valkey 99
            > GEOADD k 13.361389 38.115556 Palermo -180 -85.05112878 sw 180 85.05112878 ne 0 0 o  => 4
            > GEOPOS k Palermo none        => [[(double) 13.361389338970184, (double) 38.1155563954963], (nil array)]
            > GEOPOS k sw ne               => [[(double) -179.99999731779099, (double) -85.05112751263943], [(double) 180, (double) 85.05112878]]
            > GEOPOS k o                   => [[(double) 2.682209014892578e-6, (double) 1.2673605809254695e-6]]
            > GEOPOS missing a b           => [(nil array), (nil array)]
            > GEOPOS k                     => []
            > GEOPOS missing               => []
            ",
        );
    }

    #[test]
    fn geohashes_have_eleven_letters() {
        check(
            "
            > GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 180 85.05112878 ne  => 3
            > GEOHASH k Palermo Catania none ne  => ['sqc8b49rny0', 'sqdtr74hyu0', (nil), 'bp05b5048p0']
            > GEOHASH missing a            => [(nil)]
            > GEOHASH k                    => []
            ",
        );
    }

    #[test]
    fn distances_have_four_digits_in_four_units() {
        check(
            "
            @since 7.0
            > GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania  => 2
            > GEODIST k Palermo Catania            => '166274.1516'
            > GEODIST k Palermo Catania km         => '166.2742'
            > GEODIST k Palermo Catania MI         => '103.3182'
            > GEODIST k Palermo Catania ft         => '545518.8700'
            > GEODIST k Palermo Palermo            => '0.0000'
            > GEODIST k Palermo none               => (nil)
            > GEODIST missing a b                  => (nil)
            > GEODIST missing a b x                => (error) ERR unsupported unit provided. please use M, KM, FT, MI
            > GEODIST k Palermo Catania km km      => (error) ERR syntax error
            > GEODIST k Palermo                    => (error) ERR wrong number of arguments for 'geodist' command
            > SET s x                              => OK
            > GEODIST s a b                        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GEOPOS s a                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GEOHASH s a                          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }
}
