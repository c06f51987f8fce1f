//! GEORADIUS, GEORADIUSBYMEMBER and their forms that cannot store: GEOSEARCH as it was before 6.2.
//!
//! STORE and STOREDIST may come several times, and the last one counts: no key spec says that, so an extractor does.

use command_api::{
    Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeyFlags, KeyPosition, KeySpec, KeysError,
    Reply,
};
use resp::Argv;

use super::query::{self, Form};
use super::store::store;

pub(super) const GEORADIUS: Command = Command::new("georadius", georadius)
    .since("3.2.0")
    .arity(-6)
    .write()
    .deny_oom()
    .acl(&[Acl::Geo])
    .keys(&[
        KeySpec::index(1).ro().access(),
        KeySpec::keyword("STORE", 6).ow().update().incomplete().notes(STORE_NOTES),
        KeySpec::keyword("STOREDIST", 6).ow().update().incomplete().notes(STOREDIST_NOTES),
    ])
    .extractor(|argv, out| keys(argv, 6, out))
    .docs(&GEORADIUS_DOCS);

pub(super) const GEORADIUS_RO: Command = Command::new("georadius_ro", georadius_ro)
    .since("3.2.10")
    .arity(-6)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEORADIUS_RO_DOCS);

pub(super) const GEORADIUSBYMEMBER: Command = Command::new("georadiusbymember", georadiusbymember)
    .since("3.2.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::Geo])
    .keys(&[
        KeySpec::index(1).ro().access(),
        KeySpec::keyword("STORE", 5).ow().update().incomplete().notes(STORE_NOTES),
        KeySpec::keyword("STOREDIST", 5).ow().update().incomplete().notes(STOREDIST_NOTES),
    ])
    .extractor(|argv, out| keys(argv, 5, out))
    .docs(&GEORADIUSBYMEMBER_DOCS);

pub(super) const GEORADIUSBYMEMBER_RO: Command = Command::new("georadiusbymember_ro", georadiusbymember_ro)
    .since("3.2.10")
    .arity(-5)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEORADIUSBYMEMBER_RO_DOCS);

const STORE_NOTES: &str = "Incomplete because duplicate STORE options use last-wins; fall back to georadiusGetKeys";
const STOREDIST_NOTES: &str =
    "Incomplete because duplicate STOREDIST options use last-wins; fall back to georadiusGetKeys";

fn georadius(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, Form::Radius { by_member: false, may_store: true })
}

fn georadius_ro(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, Form::Radius { by_member: false, may_store: false })
}

fn georadiusbymember(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, Form::Radius { by_member: true, may_store: true })
}

fn georadiusbymember_ro(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, Form::Radius { by_member: true, may_store: false })
}

fn run(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>, form: Form) -> CommandResult {
    let key = args.key()?;
    let (query, found) = query::search(cx, key, args, form)?;
    match query.store {
        Some(destination) => {
            let stored = store(cx, destination, &query, &found, "georadiusstore");
            reply.int(stored);
        }
        None => query.answer(&found, reply),
    }
    Ok(Flow::Done)
}

/// The key, and the one behind the last STORE or STOREDIST from argument `first` on.
fn keys(argv: Argv<'_>, first: usize, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    let position = |index: usize, flags| u32::try_from(index).map(|index| KeyPosition { index, flags });
    out.push(position(1, KeyFlags::RO.union(KeyFlags::ACCESS)).map_err(|_| KeysError::Invalid)?);
    let mut stored = None;
    let mut index = first;
    while index + 1 < argv.len() {
        let word = argv.get(index).unwrap_or_default();
        if word.eq_ignore_ascii_case(b"STORE") || word.eq_ignore_ascii_case(b"STOREDIST") {
            index += 1;
            stored = Some(index);
        }
        index += 1;
    }
    if let Some(index) = stored {
        out.push(position(index, KeyFlags::OW.union(KeyFlags::UPDATE)).map_err(|_| KeysError::Invalid)?);
    }
    Ok(())
}

const COMPLEXITY: &str =
    "O(N+log(M)) where N is the number of members in the cells that cover the circle and M the number of members";

const GEORADIUS_DOCS: Docs =
    Docs::new("Answers or stores the members within a circle around a place.", Group::Geo, COMPLEXITY)
        .history(&[("6.2.0", "Option ANY of COUNT."), ("7.0.0", "Names of units in upper case.")])
        .deprecated("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument")
        .arguments(&[
            Arg::key("key", 0),
            Arg::double("longitude"),
            Arg::double("latitude"),
            Arg::double("radius"),
            super::UNIT,
            Arg::pure_token("withcoord", "WITHCOORD").optional(),
            Arg::pure_token("withdist", "WITHDIST").optional(),
            Arg::pure_token("withhash", "WITHHASH").optional(),
            super::COUNT_SINCE,
            super::ORDER,
            Arg::one_of(
                "store",
                &[
                    Arg::key("storekey", 1).token("STORE").display("key"),
                    Arg::key("storedistkey", 2).token("STOREDIST").display("key"),
                ],
            )
            .optional(),
        ]);

const GEORADIUS_RO_DOCS: Docs =
    Docs::new("Answers the members within a circle around a place.", Group::Geo, COMPLEXITY)
        .history(&[("6.2.0", "Option ANY of COUNT."), ("7.0.0", "Names of units in upper case.")])
        .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument")
        .arguments(&[
            Arg::key("key", 0),
            Arg::double("longitude"),
            Arg::double("latitude"),
            Arg::double("radius"),
            super::UNIT,
            Arg::pure_token("withcoord", "WITHCOORD").optional(),
            Arg::pure_token("withdist", "WITHDIST").optional(),
            Arg::pure_token("withhash", "WITHHASH").optional(),
            super::COUNT_SINCE,
            super::ORDER,
        ]);

const GEORADIUSBYMEMBER_DOCS: Docs =
    Docs::new("Answers or stores the members within a circle around a member.", Group::Geo, COMPLEXITY)
        .history(&[("6.2.0", "Option ANY of COUNT."), ("7.0.0", "Names of units in upper case.")])
        .deprecated("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments")
        .arguments(&[
            Arg::key("key", 0),
            Arg::string("member"),
            Arg::double("radius"),
            super::UNIT,
            Arg::pure_token("withcoord", "WITHCOORD").optional(),
            Arg::pure_token("withdist", "WITHDIST").optional(),
            Arg::pure_token("withhash", "WITHHASH").optional(),
            super::COUNT,
            super::ORDER,
            Arg::one_of(
                "store",
                &[
                    Arg::key("storekey", 1).token("STORE").display("key"),
                    Arg::key("storedistkey", 2).token("STOREDIST").display("key"),
                ],
            )
            .optional(),
        ]);

const GEORADIUSBYMEMBER_RO_DOCS: Docs =
    Docs::new("Answers the members within a circle around a member.", Group::Geo, COMPLEXITY)
        .history(&[("6.2.0", "Option ANY of COUNT."), ("7.0.0", "Names of units in upper case.")])
        .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments")
        .arguments(&[
            Arg::key("key", 0),
            Arg::string("member"),
            Arg::double("radius"),
            super::UNIT,
            Arg::pure_token("withcoord", "WITHCOORD").optional(),
            Arg::pure_token("withdist", "WITHDIST").optional(),
            Arg::pure_token("withhash", "WITHHASH").optional(),
            super::COUNT,
            super::ORDER,
        ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn members_are_found_within_a_radius() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > GEORADIUS S 15 37 200 km WITHDIST                    => [['Palermo', '190.4424'], ['Catania', '56.4413']]
            > GEORADIUS S 15 37 200 km COUNT 1 COUNT 2             => ['Catania', 'Palermo']
            > GEORADIUS_RO S 15 37 200 km ASC                      => ['Catania', 'Palermo']
            > GEORADIUSBYMEMBER S Palermo 200 km WITHHASH          => [['Palermo', 3479099956230698], ['Catania', 3479447370796909]]
            > GEORADIUSBYMEMBER_RO S Palermo 1 km                  => ['Palermo']
            > GEORADIUSBYMEMBER S none 200 km                      => (error) ERR could not decode requested zset member
            > GEORADIUSBYMEMBER missing none 200 km                => []
            > GEORADIUS missing 15 37 200 km                       => []
            ",
        );
    }

    #[test]
    fn the_last_store_counts() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > GEORADIUS S 15 37 200 km STORE a STOREDIST b         => 2
            > EXISTS a                                             => 0
            > ZRANGE b 0 -1                                        => ['Catania', 'Palermo']
            > GEORADIUSBYMEMBER S Palermo 1 km STORE a             => 1
            > ZSCORE a Palermo                                     => (double) 3479099956230698
            > GEORADIUS missing 15 37 200 km STORE a               => 0
            > EXISTS a                                             => 0
            > COMMAND GETKEYS GEORADIUS S 15 37 200 km STORE a STOREDIST b => ['S', 'b']
            > COMMAND GETKEYS GEORADIUSBYMEMBER S m 200 km STORE a => ['S', 'a']
            ",
        );
    }

    #[test]
    fn arguments_are_checked() {
        check(
            "
            @since 7.0
            > GEORADIUS k x 37 1 km                                => (error) ERR value is not a valid float
            > GEORADIUS k 200 37 1 km                              => (error) ERR invalid longitude,latitude pair 200.000000,37.000000
            > GEORADIUS k 15 37 x km                               => (error) ERR need numeric radius
            > GEORADIUS k 15 37 -1 km                              => (error) ERR radius cannot be negative
            > GEORADIUS k 15 37 1 x                                => (error) ERR unsupported unit provided. please use M, KM, FT, MI
            > GEORADIUS k 15 37 1 km BYRADIUS 1 km                 => (error) ERR syntax error
            > GEORADIUS k 15 37 1 km FROMLONLAT 1 1                => (error) ERR syntax error
            > GEORADIUS k 15 37 1 km STORE                         => (error) ERR syntax error
            > GEORADIUS k 15 37 1 km ANY                           => (error) ERR the ANY argument requires COUNT argument
            > GEORADIUS k 15 37 1 km WITHDIST ANY STORE d          => (error) ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options
            > GEORADIUS_RO k 15 37 1 km STORE d                    => (error) ERR syntax error
            > GEORADIUSBYMEMBER_RO k m 1 km STOREDIST d            => (error) ERR syntax error
            > SET s x                                              => OK
            > GEORADIUS s x 1 1 km                                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GEORADIUSBYMEMBER s m 1 km                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn storing_tells_what_it_did() {
        check_told(&[
            ("ZADD S 3479099956230698 a", "zadd:S", "="),
            ("GEORADIUSBYMEMBER S a 1 km", "", ""),
            ("GEORADIUSBYMEMBER S a 1 km STORE d", "georadiusstore:d", "="),
            ("GEORADIUS missing 0 0 1 km STORE d", "del:d", "="),
        ]);
    }
}
