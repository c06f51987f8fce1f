//! The geohash: a place on earth as an integer of 52 bits, whose leading bits name ever smaller cells around it.
//!
//! Longitude and latitude are each cut into 2^26 steps; the bits of the two take turns, latitude's in the even places:
//!
//! ```text
//! latitude   0 1 1 ..        Palermo  13.361389 38.115556
//! longitude 1 0 0 ..         score    3479099956230698
//! cell      10 01 01 ..
//! ```
//!
//! A cell of n bits a side is thus a range of scores. Latitudes end at 85.05112878, where a Mercator map of the world is square.
//! All arithmetic is done in the order in which the servers do it: equal scores and equal digits depend on it.

/// Bits of longitude and of latitude in a score.
pub(super) const STEPS: u32 = 26;

/// The mean radius of the earth in metres, as Redis has it.
pub(super) const EARTH_RADIUS_M: f64 = 6_372_797.560_856;

/// A place in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) lon: f64,
    pub(super) lat: f64,
}

/// From one degree to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) min: f64,
    pub(super) max: f64,
}

pub(super) const LONGITUDES: Span = Span { min: -180.0, max: 180.0 };
pub(super) const LATITUDES: Span = Span { min: -85.051_128_78, max: 85.051_128_78 };
/// What the textual geohash cuts, which reaches to the poles.
const ALL_LATITUDES: Span = Span { min: -90.0, max: 90.0 };

/// The letters of the textual geohash.
const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

impl Span {
    pub(super) fn contains(self, degrees: f64) -> bool {
        (self.min..=self.max).contains(&degrees)
    }

    /// The step that `degrees` falls into, of 2^`steps`. The last degree is one past the last step.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 2^26")]
    fn step_of(self, degrees: f64, steps: u32) -> u32 {
        ((degrees - self.min) / (self.max - self.min) * f64::from(1_u32 << steps)) as u32
    }

    /// The degrees that a step covers.
    fn of_step(self, step: u32, steps: u32) -> Self {
        let count = f64::from(1_u32 << steps);
        let scale = self.max - self.min;
        Self {
            min: self.min + f64::from(step) / count * scale,
            max: self.min + (f64::from(step) + 1.0) / count * scale,
        }
    }
}

/// A cell: `bits` of longitude and latitude each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) lon: u32,
    pub(super) lat: u32,
    pub(super) steps: u32,
}

impl Cell {
    /// The cell of 2^`steps` a side that holds `place`.
    pub(super) fn of(place: Place, steps: u32) -> Self {
        Self { lon: LONGITUDES.step_of(place.lon, steps), lat: LATITUDES.step_of(place.lat, steps), steps }
    }

    /// Its bits, taking turns.
    pub(super) fn bits(self) -> u64 {
        spread(self.lat) | spread(self.lon) << 1
    }

    /// The scores of the places in it: from the first to before the second.
    pub(super) fn scores(self) -> (u64, u64) {
        let shift = 2 * (STEPS - self.steps);
        (self.bits() << shift, (self.bits() + 1) << shift)
    }

    pub(super) fn longitudes(self) -> Span {
        LONGITUDES.of_step(self.lon, self.steps)
    }

    pub(super) fn latitudes(self) -> Span {
        LATITUDES.of_step(self.lat, self.steps)
    }

    /// The cell so many to the east and to the north; the world is round in both directions. In a direction that is not moved in, the last degree
    /// stays one past the last step.
    pub(super) fn moved(self, east: i32, north: i32) -> Self {
        let mask = (1 << self.steps) - 1;
        let moved = |step: u32, by: i32| if by == 0 { step } else { step.wrapping_add_signed(by) & mask };
        Self { lon: moved(self.lon, east), lat: moved(self.lat, north), ..self }
    }
}

/// The score of a place.
pub(super) fn encode(place: Place) -> u64 {
    Cell::of(place, STEPS).bits()
}

/// The middle of what a score stands for. Any score of a sorted set may come: what is no place is put on the nearest edge.
pub(super) fn decode(score: f64) -> Place {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score below or above is none")]
    let bits = score as u64;
    let cell = Cell { lat: gather(bits), lon: gather(bits >> 1), steps: STEPS };
    let middle = |span: Span, within: Span| ((span.min + span.max) / 2.0).clamp(within.min, within.max);
    Place { lon: middle(cell.longitudes(), LONGITUDES), lat: middle(cell.latitudes(), LATITUDES) }
}

/// The textual geohash: eleven letters, the last of which is always 0 since 52 bits are ten letters and two bits.
pub(super) fn text(score: f64) -> [u8; 11] {
    let place = decode(score);
    let bits = spread(ALL_LATITUDES.step_of(place.lat, STEPS)) | spread(LONGITUDES.step_of(place.lon, STEPS)) << 1;
    let mut text = [b'0'; 11];
    for (letter, shift) in text.iter_mut().zip((2..=47).rev().step_by(5)) {
        *letter = LETTERS[usize::from((bits >> shift).to_le_bytes()[0] & 31)];
    }
    text
}

/// Metres between two places along the surface.
pub(super) fn distance_m(one: Place, other: Place) -> f64 {
    let (lon1, lon2) = (one.lon.to_radians(), other.lon.to_radians());
    let v = ((lon2 - lon1) / 2.0).sin();
    if v == 0.0 {
        return distance_along_meridian_m(one.lat, other.lat);
    }
    let (lat1, lat2) = (one.lat.to_radians(), other.lat.to_radians());
    let u = ((lat2 - lat1) / 2.0).sin();
    let a = u * u + lat1.cos() * lat2.cos() * v * v;
    2.0 * EARTH_RADIUS_M * a.sqrt().asin()
}

/// Metres between two latitudes.
pub(super) fn distance_along_meridian_m(one: f64, other: f64) -> f64 {
    EARTH_RADIUS_M * (other.to_radians() - one.to_radians()).abs()
}

/// Puts a zero in front of every bit.
fn spread(bits: u32) -> u64 {
    let mut bits = u64::from(bits);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

/// Takes every other bit: undoes [`spread`].
fn gather(bits: u64) -> u32 {
    let mut bits = bits & 0x5555_5555_5555_5555;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    u32::try_from(bits).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PALERMO: Place = Place { lon: 13.361_389, lat: 38.115_556 };
    const CATANIA: Place = Place { lon: 15.087_269, lat: 37.502_669 };

    fn place(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Place> {
        let part = |u: &mut arbitrary::Unstructured<'_>| -> arbitrary::Result<f64> {
            Ok(f64::from(u.arbitrary::<u32>()?) / f64::from(u32::MAX))
        };
        Ok(Place {
            lon: LONGITUDES.min + part(u)? * (LONGITUDES.max - LONGITUDES.min),
            lat: LATITUDES.min + part(u)? * (LATITUDES.max - LATITUDES.min),
        })
    }

    #[test]
    fn scores_and_positions_are_those_of_the_servers() {
        assert_eq!(encode(PALERMO), 3_479_099_956_230_698);
        assert_eq!(encode(CATANIA), 3_479_447_370_796_909);
        assert_eq!(encode(Place { lon: 180.0, lat: LATITUDES.max }), 13_510_798_882_111_488);
        let palermo = decode(3_479_099_956_230_698.0);
        assert_eq!((palermo.lon, palermo.lat), (13.361_389_338_970_184, 38.115_556_395_496_3));
        let edge = decode(13_510_798_882_111_488.0);
        assert_eq!((edge.lon, edge.lat), (180.0, LATITUDES.max));
    }

    #[test]
    fn texts_are_those_of_the_servers() {
        for (score, expected) in [
            (3_479_099_956_230_698.0, b"sqc8b49rny0"),
            (3_479_447_370_796_909.0, b"sqdtr74hyu0"),
            (0.0, b"00bh0hbj200"),
            (3_377_699_720_527_872.0, b"s0000000000"),
            (13_510_798_882_111_488.0, b"bp05b5048p0"),
        ] {
            assert_eq!(text(score), *expected);
        }
    }

    #[test]
    fn distances_are_those_of_the_servers() {
        let (palermo, catania) = (decode(3_479_099_956_230_698.0), decode(3_479_447_370_796_909.0));
        assert_eq!(format!("{:.4}", distance_m(palermo, catania)), "166274.1516");
        assert_eq!(distance_m(palermo, palermo), 0.0);
    }

    #[test]
    fn a_place_lies_in_its_cells_and_comes_back_to_within_a_step() {
        arbtest::arbtest(|u| {
            let place = place(u)?;
            for steps in 1..=STEPS {
                let cell = Cell::of(place, steps);
                let (low, high) = cell.scores();
                let score = encode(place);
                assert!(place.lon >= 180.0 || place.lat >= LATITUDES.max || (low..high).contains(&score));
                assert!(cell.longitudes().min <= place.lon + 1e-9 && place.lon <= cell.longitudes().max + 1e-9);
                assert!(cell.latitudes().min <= place.lat + 1e-9 && place.lat <= cell.latitudes().max + 1e-9);
            }
            #[expect(clippy::cast_precision_loss, reason = "54 bits, and an odd one is not among them")]
            let back = decode(encode(place) as f64);
            assert!((back.lon - place.lon).abs() < 1e-5 && (back.lat - place.lat).abs() < 1e-5);
            Ok(())
        });
    }

    #[test]
    fn distances_are_symmetric_and_no_longer_than_half_the_equator() {
        arbtest::arbtest(|u| {
            let (one, other) = (place(u)?, place(u)?);
            let distance = distance_m(one, other);
            assert!((distance - distance_m(other, one)).abs() < 1e-6);
            assert!((0.0..=20_020_741.0).contains(&distance), "{distance}");
            Ok(())
        });
    }

    #[test]
    fn bits_spread_and_gather() {
        arbtest::arbtest(|u| {
            let (one, other): (u32, u32) = (u.arbitrary()?, u.arbitrary()?);
            let both = spread(one) | spread(other) << 1;
            assert_eq!((gather(both), gather(both >> 1)), (one, other));
            Ok(())
        });
    }

    #[test]
    fn any_score_is_some_place() {
        for score in [f64::NEG_INFINITY, -1.0, 0.5, 1e300, f64::INFINITY] {
            let place = decode(score);
            assert!(LONGITUDES.contains(place.lon) && LATITUDES.contains(place.lat));
            assert!(text(score).is_ascii());
        }
    }
}
