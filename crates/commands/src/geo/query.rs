//! A search as its arguments say it, and what it finds.
//!
//! Two families of commands write the same search differently: GEORADIUS begins with centre, radius and unit in fixed places, GEOSEARCH
//! names everything. Both look at the key first: its type, and the member to start from.

use command_api::{Args, CommandError, Context, Reply};
use keyspace::Key;
use std::ops::Bound;
use stdx::num::IntText;
use value::{ScoreRange, SortedSet};

use super::area::{self, Area, Shape};
use super::cell::{self, Place};
use super::place::{self, as_score};

const NO_SUCH_MEMBER: CommandError = CommandError::other("ERR could not decode requested zset member");
const BAD_COUNT: CommandError = CommandError::other("ERR COUNT must be > 0");
const ANY_WITHOUT_COUNT: CommandError = CommandError::other("ERR the ANY argument requires COUNT argument");
const NO_RADIUS: CommandError = CommandError::other("ERR need numeric radius");
const NEGATIVE_RADIUS: CommandError = CommandError::other("ERR radius cannot be negative");
const NO_WIDTH: CommandError = CommandError::other("ERR need numeric width");
const NO_HEIGHT: CommandError = CommandError::other("ERR need numeric height");
const NEGATIVE_BOX: CommandError = CommandError::other("ERR height or width cannot be negative");
const FEW_CORNERS: CommandError = CommandError::other("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
const STORE_WITH: CommandError = CommandError::other(
    "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
);
const SEARCHSTORE_WITH: CommandError =
    CommandError::other("ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options");

/// Which of the commands is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Radius { by_member: bool, may_store: bool },
    Search { stores: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Unsorted,
    Nearest,
    Farthest,
}

/// What is searched for, and how it is answered.
#[derive(Debug)]
pub(super) struct Query<'a> {
    area: Area,
    /// Metres of the unit that distances are in.
    unit_m: f64,
    count: Option<usize>,
    /// The first that are found will do.
    any: bool,
    order: Order,
    with_distance: bool,
    with_hash: bool,
    with_place: bool,
    /// Where GEORADIUS stores its finds.
    pub(super) store: Option<Key<'a>>,
    pub(super) store_distances: bool,
}

/// A member that lies in the area.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) member: Box<[u8]>,
    score: f64,
    place: Place,
    distance_m: f64,
}

impl<'a> Query<'a> {
    /// Reads all arguments behind the key. `zset` is what the key holds: without it a member to start from is not looked for, and the
    /// centre is of no account.
    pub(super) fn parse(args: &mut Args<'a>, form: Form, zset: Option<&SortedSet>) -> Result<Self, CommandError> {
        let mut parts = Parts::default();
        if let Form::Radius { by_member, .. } = form {
            parts.centre = Some(if by_member { member(args, zset)? } else { place::parse(args)? });
            parts.set_radius(args)?;
        }
        let mut query = Query {
            area: Area { centre: Place { lon: 0.0, lat: 0.0 }, shape: Shape::Circle { radius_m: 0.0 } },
            unit_m: 1.0,
            count: None,
            any: false,
            order: Order::Unsorted,
            with_distance: false,
            with_hash: false,
            with_place: false,
            store: None,
            store_distances: false,
        };
        while !args.is_empty() {
            query.option(args, form, zset, &mut parts)?;
        }
        let with = query.with_distance || query.with_hash || query.with_place;
        if with && query.store.is_some() {
            return Err(STORE_WITH);
        }
        if with && form == (Form::Search { stores: true }) {
            return Err(SEARCHSTORE_WITH);
        }
        let name = || String::from_utf8_lossy(args.argv().get(0).unwrap_or_default()).into_owned();
        let missing =
            |what| CommandError::Other(format!("ERR exactly one of {what} can be specified for {}", name()).into());
        query.area.centre = parts.centre.ok_or_else(|| missing("FROMMEMBER or FROMLONLAT"))?;
        (query.area.shape, query.unit_m) = parts.shape.ok_or_else(|| missing("BYRADIUS and BYBOX"))?;
        if query.any && query.count.is_none() {
            return Err(ANY_WITHOUT_COUNT);
        }
        if query.count.is_some() && query.order == Order::Unsorted && !query.any {
            query.order = Order::Nearest;
        }
        Ok(query)
    }

    fn option(
        &mut self,
        args: &mut Args<'a>,
        form: Form,
        zset: Option<&SortedSet>,
        parts: &mut Parts,
    ) -> Result<(), CommandError> {
        let (searches, may_store) = match form {
            Form::Radius { may_store, .. } => (false, may_store),
            Form::Search { .. } => (true, false),
        };
        if args.accept("WITHDIST") {
            self.with_distance = true;
        } else if args.accept("WITHHASH") {
            self.with_hash = true;
        } else if args.accept("WITHCOORD") {
            self.with_place = true;
        } else if args.accept("ANY") {
            self.any = true;
        } else if args.accept("ASC") {
            self.order = Order::Nearest;
        } else if args.accept("DESC") {
            self.order = Order::Farthest;
        } else if args.remaining() > 1 && args.accept("COUNT") {
            let count = args.int()?;
            self.count = Some(usize::try_from(count).ok().filter(|&count| count > 0).ok_or(BAD_COUNT)?);
        } else if may_store && args.remaining() > 1 && args.accept("STORE") {
            self.store = Some(args.key()?);
            self.store_distances = false;
        } else if may_store && args.remaining() > 1 && args.accept("STOREDIST") {
            self.store = Some(args.key()?);
            self.store_distances = true;
        } else if form == (Form::Search { stores: true }) && args.accept("STOREDIST") {
            self.store_distances = true;
        } else if searches
            && args.remaining() > 1
            && parts.from != From::Place
            && !parts.is_polygon()
            && args.accept("FROMMEMBER")
        {
            parts.centre = Some(member(args, zset)?);
            parts.from = From::Member;
        } else if searches
            && args.remaining() > 2
            && parts.from != From::Member
            && !parts.is_polygon()
            && args.accept("FROMLONLAT")
        {
            parts.centre = Some(place::parse(args)?);
            parts.from = From::Place;
        } else if searches && args.remaining() > 2 && !parts.is_box() && !parts.is_polygon() && args.accept("BYRADIUS")
        {
            parts.set_radius(args)?;
        } else if searches && args.remaining() > 3 && !parts.is_circle() && !parts.is_polygon() && args.accept("BYBOX")
        {
            parts.set_box(args)?;
        } else if searches && args.remaining() > 1 && parts.may_be_polygon() && args.accept("BYPOLYGON") {
            parts.set_polygon(args)?;
        } else {
            return Err(CommandError::Syntax);
        }
        Ok(())
    }

    /// The members that lie in the area, in the order asked for.
    pub(super) fn run(&self, zset: &SortedSet) -> Vec<Found> {
        let mut found = Vec::new();
        let enough = if self.any { self.count.unwrap_or(usize::MAX) } else { usize::MAX };
        'cells: for cell in self.area.cells() {
            let (low, high) = cell.scores();
            let range = ScoreRange { min: Bound::Included(as_score(low)), max: Bound::Excluded(as_score(high)) };
            for (member, score) in zset.range(zset.ranks_by_score(range)) {
                let place = cell::decode(score);
                let Some(distance_m) = self.area.distance_of(place) else { continue };
                let member = member.bytes(&mut IntText::new()).into();
                found.push(Found { member, score, place, distance_m });
                if found.len() >= enough {
                    break 'cells;
                }
            }
        }
        match self.order {
            Order::Unsorted => {}
            Order::Nearest => found.sort_by(|one, other| one.distance_m.total_cmp(&other.distance_m)),
            Order::Farthest => found.sort_by(|one, other| other.distance_m.total_cmp(&one.distance_m)),
        }
        found.truncate(self.count.unwrap_or(usize::MAX));
        found
    }

    /// The distance of `found` in the unit asked for.
    pub(super) fn distance(&self, found: &Found) -> f64 {
        found.distance_m / self.unit_m
    }

    /// The score under which `found` is stored.
    pub(super) fn stored_score(&self, found: &Found) -> f64 {
        if self.store_distances { self.distance(found) } else { found.score }
    }

    pub(super) fn answer(&self, found: &[Found], reply: &mut Reply<'_>) {
        let parts = [self.with_distance, self.with_hash, self.with_place].into_iter().filter(|&with| with).count();
        reply.array(found.len());
        for found in found {
            if parts > 0 {
                reply.array(parts + 1);
            }
            reply.bulk(&found.member);
            if self.with_distance {
                place::answer_distance(reply, self.distance(found));
            }
            if self.with_hash {
                #[expect(clippy::cast_possible_truncation, reason = "a score outside is none of a place")]
                reply.int(found.score as i64);
            }
            if self.with_place {
                place::answer(reply, found.place);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum From {
    #[default]
    Nowhere,
    Member,
    Place,
}

/// What of the area is known already.
#[derive(Debug, Default)]
struct Parts {
    from: From,
    centre: Option<Place>,
    /// With the metres of its unit.
    shape: Option<(Shape, f64)>,
}

impl Parts {
    fn is_circle(&self) -> bool {
        matches!(self.shape, Some((Shape::Circle { .. }, _)))
    }

    fn is_box(&self) -> bool {
        matches!(self.shape, Some((Shape::Box { .. }, _)))
    }

    fn is_polygon(&self) -> bool {
        matches!(self.shape, Some((Shape::Polygon { .. }, _)))
    }

    /// A polygon has a middle of its own: it goes with no other centre.
    fn may_be_polygon(&self) -> bool {
        self.from == From::Nowhere && (self.shape.is_none() || self.is_polygon())
    }

    /// Valkey's: a number of corners, and the corners. Distances are in metres.
    fn set_polygon(&mut self, args: &mut Args<'_>) -> Result<(), CommandError> {
        let count = usize::try_from(args.int()?).unwrap_or(0);
        if count < 3 || count > args.remaining() / 2 {
            return Err(FEW_CORNERS);
        }
        let corners = (0..count).map(|_| place::parse(args)).collect::<Result<Box<[_]>, _>>()?;
        self.centre = Some(area::middle(&corners));
        self.shape = Some((Shape::Polygon { corners }, 1.0));
        Ok(())
    }

    fn set_radius(&mut self, args: &mut Args<'_>) -> Result<(), CommandError> {
        let radius = args.float().map_err(|_| NO_RADIUS)?;
        if radius < 0.0 {
            return Err(NEGATIVE_RADIUS);
        }
        let unit_m = place::unit(args)?;
        self.shape = Some((Shape::Circle { radius_m: radius * unit_m }, unit_m));
        Ok(())
    }

    fn set_box(&mut self, args: &mut Args<'_>) -> Result<(), CommandError> {
        let width = args.float().map_err(|_| NO_WIDTH)?;
        let height = args.float().map_err(|_| NO_HEIGHT)?;
        if width < 0.0 || height < 0.0 {
            return Err(NEGATIVE_BOX);
        }
        let unit_m = place::unit(args)?;
        self.shape = Some((Shape::Box { width_m: width * unit_m, height_m: height * unit_m }, unit_m));
        Ok(())
    }
}

/// Where the next argument, a member, is. Without a sorted set nobody is going to ask.
fn member(args: &mut Args<'_>, zset: Option<&SortedSet>) -> Result<Place, CommandError> {
    let member = args.bytes()?;
    match zset {
        Some(zset) => place::of_member(zset, member).ok_or(NO_SUCH_MEMBER),
        None => Ok(Place { lon: 0.0, lat: 0.0 }),
    }
}

/// Searches `key`: the query, and what it found, nothing if there is no key.
pub(super) fn search<'a>(
    cx: &Context<'_>,
    key: Key<'_>,
    args: &mut Args<'a>,
    form: Form,
) -> Result<(Query<'a>, Vec<Found>), CommandError> {
    let zset = cx.db.read::<SortedSet>(key)?;
    let query = Query::parse(args, form, zset)?;
    let found = zset.map_or_else(Vec::new, |zset| query.run(zset));
    Ok((query, found))
}
