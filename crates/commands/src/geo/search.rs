//! GEOSEARCH, GEOSEARCHSTORE: members within a circle or a box.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};

use super::query::{self, Form};
use super::store::store;

pub(super) const GEOSEARCH: Command = Command::new("geosearch", geosearch)
    .since("6.2.0")
    .arity(-7)
    .readonly()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GEOSEARCH_DOCS);

pub(super) const GEOSEARCHSTORE: Command = Command::new("geosearchstore", geosearchstore)
    .since("6.2.0")
    .arity(-8)
    .write()
    .deny_oom()
    .acl(&[Acl::Geo])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).ro().access()])
    .docs(&GEOSEARCHSTORE_DOCS);

fn geosearch(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (query, found) = query::search(cx, key, args, Form::Search { stores: false })?;
    query.answer(&found, reply);
    Ok(Flow::Done)
}

fn geosearchstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let (destination, source) = (args.key()?, args.key()?);
    let (query, found) = query::search(cx, source, args, Form::Search { stores: true })?;
    let stored = store(cx, destination, &query, &found, "geosearchstore");
    reply.int(stored);
    Ok(Flow::Done)
}

const COMPLEXITY: &str = "O(N+log(M)) where N is the number of members in the cells that cover the area and M the number of members within it";

const GEOSEARCH_DOCS: Docs = Docs::new("Answers the members within a circle or a box.", Group::Geo, COMPLEXITY)
    .history(&[("7.0.0", "Names of units in upper case.")])
    .arguments(&[
        Arg::key("key", 0),
        Arg::one_of(
            "from",
            &[
                Arg::string("member").token("FROMMEMBER"),
                Arg::block("fromlonlat", &[Arg::double("longitude"), Arg::double("latitude")]).token("FROMLONLAT"),
            ],
        ),
        Arg::one_of(
            "by",
            &[
                Arg::block("circle", &[Arg::double("radius").token("BYRADIUS"), super::UNIT]),
                Arg::block("box", &[Arg::double("width").token("BYBOX"), Arg::double("height"), super::UNIT]),
            ],
        ),
        super::ORDER,
        super::COUNT,
        Arg::pure_token("withcoord", "WITHCOORD").optional(),
        Arg::pure_token("withdist", "WITHDIST").optional(),
        Arg::pure_token("withhash", "WITHHASH").optional(),
    ]);

const GEOSEARCHSTORE_DOCS: Docs = Docs::new("Stores the members within a circle or a box.", Group::Geo, COMPLEXITY)
    .history(&[("7.0.0", "Names of units in upper case.")])
    .arguments(&[
        Arg::key("destination", 0),
        Arg::key("source", 1),
        Arg::one_of(
            "from",
            &[
                Arg::string("member").token("FROMMEMBER"),
                Arg::block("fromlonlat", &[Arg::double("longitude"), Arg::double("latitude")]).token("FROMLONLAT"),
            ],
        ),
        Arg::one_of(
            "by",
            &[
                Arg::block("circle", &[Arg::double("radius").token("BYRADIUS"), super::UNIT]),
                Arg::block("box", &[Arg::double("width").token("BYBOX"), Arg::double("height"), super::UNIT]),
            ],
        ),
        super::ORDER,
        super::COUNT,
        Arg::pure_token("storedist", "STOREDIST").optional(),
    ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    /// Redis has no polygons; what Valkey 9.1 answers stands here.
    #[test]
    fn members_are_found_within_a_polygon() {
        check(
            r"
            @only valkey ochre
            @since 7.0 valkey 9.1
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania  => 2
            > GEOADD S 12.758489 38.788135 edge1 17.241510 38.788135 edge2      => 2
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37 14 40                         => ['Palermo', 'Catania']
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37 14 40 WITHDIST                => [['Palermo', '57112.6019'], ['Catania', '111096.0599']]
            > GEOSEARCH S BYPOLYGON 4 12 37 16 37 16 40 12 40 ASC COUNT 2 WITHDIST  => [['Palermo', '71411.8477'], ['edge1', '111976.0956']]
            > GEOSEARCH S BYPOLYGON 5 12 37 16 37 16 40 12 40 14 38.0 WITHDIST ASC  => [['Catania', '139124.5307']]
            > GEOSEARCHSTORE D S BYPOLYGON 3 12 37 16 37 14 40                  => 2
            > GEOSEARCH S BYPOLYGON 3 1 1 1 1 1 1                               => []
            > GEOSEARCH none BYPOLYGON 3 12 37 16 37 14 40                      => []
            > GEOSEARCH S BYPOLYGON 2 12 37 16 37                               => (error) ERR GEOSEARCH BYPOLYGON must have at least 3 vertices
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37                               => (error) ERR GEOSEARCH BYPOLYGON must have at least 3 vertices
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37 14 400                        => (error) ERR invalid longitude,latitude pair 14.000000,400.000000
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37 14 x                          => (error) ERR value is not a valid float
            > GEOSEARCH S FROMMEMBER Palermo BYPOLYGON 3 12 37 16 37 14 40      => (error) ERR syntax error
            > GEOSEARCH S BYPOLYGON 3 12 37 16 37 14 40 FROMMEMBER Palermo      => (error) ERR syntax error
            > GEOSEARCH S BYRADIUS 5 km BYPOLYGON 3 12 37 16 37 14 40           => (error) ERR syntax error
        ",
        );
    }

    #[test]
    fn members_are_found_by_circle_and_box() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.758489 38.788135 edge1 17.24151 38.788135 edge2  => 4
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km ASC                 => ['Catania', 'Palermo']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km DESC WITHDIST       => [['Palermo', '190.4424'], ['Catania', '56.4413']]
            > GEOSEARCH S FROMLONLAT 15 37 BYBOX 400 400 KM ASC WITHDIST       => [['Catania', '56.4413'], ['Palermo', '190.4424'], ['edge2', '279.7403'], ['edge1', '279.7405']]
            > GEOSEARCH S FROMMEMBER Palermo BYRADIUS 200 km                   => ['Palermo', 'edge1', 'Catania']
            > GEOSEARCH S FROMMEMBER Palermo BYRADIUS 0 m                      => ['Palermo']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 1 m                        => []
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS inf km ASC COUNT 1         => ['Catania']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km WITHHASH ASC        => [['Catania', 3479447370796909], ['Palermo', 3479099956230698]]
            > GEOSEARCH missing FROMLONLAT 15 37 BYRADIUS 200 km               => []
            > GEOSEARCH missing FROMMEMBER a BYRADIUS 200 km                   => []
            ",
        );
    }

    #[test]
    fn all_parts_come_in_one_order() {
        check(
            "
            @since 8.0 valkey 99
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 100 km WITHCOORD WITHHASH WITHDIST => [['Catania', '56.4413', 3479447370796909, [(double) 15.087267458438873, (double) 37.50266842333162]]]
            ",
        );
    }

    #[test]
    fn count_takes_the_nearest_or_any() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1             => ['Catania']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 DESC        => ['Palermo']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY         => ['Palermo']
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km ANY                 => (error) ERR the ANY argument requires COUNT argument
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT 0             => (error) ERR COUNT must be > 0
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT -1            => (error) ERR COUNT must be > 0
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT x             => (error) ERR value is not an integer or out of range
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km COUNT               => (error) ERR syntax error
            ",
        );
    }

    #[test]
    fn one_centre_and_one_shape_are_needed() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > geosearch S BYRADIUS 200 km ASC COUNT 1                          => (error) ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch
            > GEOSEARCH S FROMLONLAT 15 37 ASC COUNT 1                         => (error) ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH
            > GEOSEARCH S FROMLONLAT 15 37 FROMMEMBER Palermo BYRADIUS 1 km    => (error) ERR syntax error
            > GEOSEARCH S FROMMEMBER Palermo FROMLONLAT 15 37 BYRADIUS 1 km    => (error) ERR syntax error
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 1 km BYBOX 1 1 km          => (error) ERR syntax error
            > GEOSEARCH S FROMLONLAT 15 37 BYBOX 1 1 km BYRADIUS 1 km          => (error) ERR syntax error
            > GEOSEARCH S FROMMEMBER Palermo FROMMEMBER Catania BYRADIUS 1 km  => ['Catania']
            > GEOSEARCH S FROMMEMBER none BYRADIUS 1 km foo                    => (error) ERR could not decode requested zset member
            > GEOSEARCH S foo FROMMEMBER none BYRADIUS 1 km                    => (error) ERR syntax error
            > GEOSEARCH S FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST           => (error) ERR syntax error
            ",
        );
    }

    #[test]
    fn numbers_and_units_are_checked() {
        check(
            "
            @since 7.0
            > GEOSEARCH k FROMLONLAT x 37 BYRADIUS 200 km                      => (error) ERR value is not a valid float
            > GEOSEARCH k FROMLONLAT 200 1 BYRADIUS 1 km                       => (error) ERR invalid longitude,latitude pair 200.000000,1.000000
            > GEOSEARCH k FROMLONLAT 15 37 BYRADIUS x km                       => (error) ERR need numeric radius
            > GEOSEARCH k FROMLONLAT 15 37 BYRADIUS -1 km                      => (error) ERR radius cannot be negative
            > GEOSEARCH k FROMLONLAT 15 37 BYRADIUS 1 yards                    => (error) ERR unsupported unit provided. please use M, KM, FT, MI
            > GEOSEARCH k FROMLONLAT 15 37 BYBOX x 1 km                        => (error) ERR need numeric width
            > GEOSEARCH k FROMLONLAT 15 37 BYBOX 1 x km                        => (error) ERR need numeric height
            > GEOSEARCH k FROMLONLAT 15 37 BYBOX -1 1 km                       => (error) ERR height or width cannot be negative
            > GEOSEARCH k FROMLONLAT 15 37 BYBOX 1 -1 km                       => (error) ERR height or width cannot be negative
            > SET s x                                                          => OK
            > GEOSEARCH s FROMLONLAT x 1 BYRADIUS 1 km                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GEOSEARCHSTORE d s FROMLONLAT 1 1 BYRADIUS 1 km                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn finds_are_stored_with_scores_or_distances() {
        check(
            "
            @since 7.0
            > GEOADD S 13.361389 38.115556 Palermo 15.087269 37.502669 Catania => 2
            > GEOSEARCHSTORE d S FROMLONLAT 15 37 BYRADIUS 200 km              => 2
            > ZSCORE d Palermo                                                 => (double) 3479099956230698
            > GEOSEARCHSTORE d S FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST    => 2
            > ZRANGE d 0 -1                                                    => ['Catania', 'Palermo']
            > ZRANGEBYSCORE d 56.4412 56.4413                                  => ['Catania']
            > GEOSEARCHSTORE d S FROMLONLAT 15 37 BYRADIUS 200 km ASC COUNT 1  => 1
            > ZRANGE d 0 -1                                                    => ['Catania']
            > GEOSEARCHSTORE d S FROMLONLAT 15 37 BYRADIUS 200 km WITHDIST     => (error) ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options
            > GEOSEARCHSTORE d S FROMLONLAT 15 37 BYRADIUS 1 m                 => 0
            > EXISTS d                                                         => 0
            > SET d x                                                          => OK
            > GEOSEARCHSTORE d missing FROMLONLAT 15 37 BYRADIUS 200 km        => 0
            > EXISTS d                                                         => 0
            > GEOSEARCHSTORE S S FROMMEMBER Palermo BYRADIUS 0 km              => 1
            > ZRANGE S 0 -1                                                    => ['Palermo']
            ",
        );
    }

    #[test]
    fn storing_tells_what_it_did() {
        check_told(&[
            ("ZADD S 3479099956230698 a", "zadd:S", "="),
            ("GEOSEARCHSTORE d S FROMMEMBER a BYRADIUS 0 km", "geosearchstore:d", "="),
            ("GEOSEARCHSTORE d S FROMLONLAT 0 0 BYRADIUS 0 km", "del:d", "="),
            ("GEOSEARCHSTORE d S FROMLONLAT 0 0 BYRADIUS 0 km", "", ""),
        ]);
        check_changes(&[("ZADD S 3479099956230698 a", 1), ("GEOSEARCHSTORE d S FROMMEMBER a BYRADIUS 0 km", 1)]);
    }
}
