//! Places, units and distances as arguments and as answers.

use command_api::{Args, CommandError, Reply};
use value::SortedSet;

use super::cell::{self, LATITUDES, LONGITUDES, Place};

const UNKNOWN_UNIT: CommandError = CommandError::other("ERR unsupported unit provided. please use M, KM, FT, MI");

/// The next two arguments as longitude and latitude.
pub(super) fn parse(args: &mut Args<'_>) -> Result<Place, CommandError> {
    let (lon, lat) = (args.float()?, args.float()?);
    if !LONGITUDES.contains(lon) || !LATITUDES.contains(lat) {
        return Err(CommandError::Other(format!("ERR invalid longitude,latitude pair {lon:.6},{lat:.6}").into()));
    }
    Ok(Place { lon, lat })
}

/// The next argument as a unit: how many metres it has.
pub(super) fn unit(args: &mut Args<'_>) -> Result<f64, CommandError> {
    for (name, metres) in [("m", 1.0), ("km", 1000.0), ("ft", 0.3048), ("mi", 1609.34)] {
        if args.accept(name) {
            return Ok(metres);
        }
    }
    Err(if args.is_empty() { CommandError::Syntax } else { UNKNOWN_UNIT })
}

/// A geohash as the score of a sorted set.
#[expect(clippy::cast_precision_loss, reason = "52 bits; at the edge of the map 54, the last of which are zeros")]
pub(super) const fn as_score(bits: u64) -> f64 {
    bits as f64
}

/// Where a member is.
pub(super) fn of_member(zset: &SortedSet, member: &[u8]) -> Option<Place> {
    zset.score(member).map(cell::decode)
}

pub(super) fn answer(reply: &mut Reply<'_>, place: Place) {
    reply.array(2);
    reply.double(place.lon);
    reply.double(place.lat);
}

/// A distance with four digits behind the point.
pub(super) fn answer_distance(reply: &mut Reply<'_>, distance: f64) {
    reply.bulk(format!("{distance:.4}").as_bytes());
}
