//! The area of a search: whether a place lies in it, and which cells cover it.
//!
//! The cells are nine of one size: the one around the centre and its neighbours, as small as they can be while they still cover
//! the area. They are walked in a fixed order, which is the order of an unsorted answer, and those that lie wholly outside are left
//! out.

use super::cell::{Cell, EARTH_RADIUS_M, Place, STEPS, distance_along_meridian_m, distance_m};

/// Half the length of the equator on a Mercator map, in metres: what one step of longitude begins from.
const MERCATOR_MAX_M: f64 = 20_037_726.37;

/// East and north of the neighbours, in the order in which they are walked.
const NEIGHBOURS: [(i32, i32); 9] = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];

/// What is searched, in metres; a polygon in degrees.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Circle {
        radius_m: f64,
    },
    Box {
        width_m: f64,
        height_m: f64,
    },
    /// At least three corners. Its sides are straight on a map whose longitudes and latitudes are.
    Polygon {
        corners: Box<[Place]>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) centre: Place,
    pub(super) shape: Shape,
}

impl Area {
    /// How far `place` is from the centre, in metres; `None` if it lies outside.
    pub(super) fn distance_of(&self, place: Place) -> Option<f64> {
        match &self.shape {
            Shape::Circle { radius_m } => Some(distance_m(self.centre, place)).filter(|distance| distance <= radius_m),
            Shape::Polygon { corners } => contains(corners, place).then(|| distance_m(self.centre, place)),
            Shape::Box { width_m, height_m } => {
                if distance_along_meridian_m(place.lat, self.centre.lat) > height_m / 2.0 {
                    return None;
                }
                let on_its_parallel = Place { lon: self.centre.lon, lat: place.lat };
                if distance_m(place, on_its_parallel) > width_m / 2.0 {
                    return None;
                }
                Some(distance_m(self.centre, place))
            }
        }
    }

    /// The cells that cover the area, in the order of the walk.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        let bounds = self.bounds();
        let radius_m = self.radius_m();
        let mut steps = steps_for(radius_m, self.centre.lat);
        if steps > 1 && bounds.reach_past_neighbours(Cell::of(self.centre, steps)) {
            steps -= 1;
        }
        let centre = Cell::of(self.centre, steps);
        let (longitudes, latitudes) = (centre.longitudes(), centre.latitudes());
        // With fewer cells round the world, a neighbour on one side may be needed for what lies on the other.
        let may_leave_out = steps >= 2;
        let mut last = None;
        NEIGHBOURS.into_iter().filter_map(move |(east, north)| {
            let useless = (latitudes.min < bounds.south && north < 0)
                || (latitudes.max > bounds.north && north > 0)
                || (longitudes.min < bounds.west && east < 0)
                || (longitudes.max > bounds.east && east > 0);
            if may_leave_out && useless {
                return None;
            }
            let cell = centre.moved(east, north);
            // Round a small world the neighbours are the same.
            (last.replace(cell) != Some(cell)).then_some(cell)
        })
    }

    /// The distance from the centre within which all lies.
    fn radius_m(&self) -> f64 {
        match &self.shape {
            Shape::Circle { radius_m } => *radius_m,
            Shape::Polygon { corners } => farthest_m(self.centre, Bounds::of(corners)),
            Shape::Box { width_m, height_m } => {
                ((width_m / 2.0) * (width_m / 2.0) + (height_m / 2.0) * (height_m / 2.0)).sqrt()
            }
        }
    }

    fn bounds(&self) -> Bounds {
        let (half_width_m, half_height_m) = match &self.shape {
            Shape::Circle { radius_m } => (*radius_m, *radius_m),
            Shape::Box { width_m, height_m } => (width_m / 2.0, height_m / 2.0),
            Shape::Polygon { corners } => return Bounds::of(corners),
        };
        let Place { lon, lat } = self.centre;
        let up = (half_height_m / EARTH_RADIUS_M).to_degrees();
        // A degree of longitude is shortest on the side of the pole.
        let widest = if lat < 0.0 { lat - up } else { lat + up };
        let aside = (half_width_m / EARTH_RADIUS_M / widest.to_radians().cos()).to_degrees();
        Bounds { west: lon - aside, east: lon + aside, south: lat - up, north: lat + up }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

/// The middle of a polygon's corners, taken as directions from the middle of the earth: where its distances are measured from.
pub(super) fn middle(corners: &[Place]) -> Place {
    let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
    for corner in corners {
        let (lon, lat) = (corner.lon.to_radians(), corner.lat.to_radians());
        x += lat.cos() * lon.cos();
        y += lat.cos() * lon.sin();
        z += lat.sin();
    }
    Place { lon: y.atan2(x).to_degrees(), lat: z.atan2(x.hypot(y)).to_degrees() }
}

/// Whether a polygon contains a place: a line from it to the east crosses the sides an odd number of times.
fn contains(corners: &[Place], place: Place) -> bool {
    let mut inside = false;
    let Some(mut from) = corners.last() else { return false };
    for to in corners {
        let crosses = (from.lat > place.lat) != (to.lat > place.lat);
        if crosses && place.lon < (to.lon - from.lon) * (place.lat - from.lat) / (to.lat - from.lat) + from.lon {
            inside = !inside;
        }
        from = to;
    }
    inside
}

/// The distance from `centre` to what lies farthest within `bounds`: a degree of longitude is longest next to the equator.
fn farthest_m(centre: Place, bounds: Bounds) -> f64 {
    let next_to_equator = 0.0_f64.clamp(bounds.south, bounds.north);
    let latitudes = [bounds.south, bounds.north, next_to_equator];
    let distances = latitudes.into_iter().flat_map(|lat| [bounds.west, bounds.east].map(|lon| Place { lon, lat }));
    distances.map(|place| distance_m(centre, place)).fold(0.0, f64::max)
}

impl Bounds {
    fn of(corners: &[Place]) -> Self {
        let over =
            |value: fn(&Place) -> f64, pick: fn(f64, f64) -> f64, start| corners.iter().map(value).fold(start, pick);
        Self {
            west: over(|corner| corner.lon, f64::min, f64::INFINITY),
            east: over(|corner| corner.lon, f64::max, f64::NEG_INFINITY),
            south: over(|corner| corner.lat, f64::min, f64::INFINITY),
            north: over(|corner| corner.lat, f64::max, f64::NEG_INFINITY),
        }
    }

    /// Whether they lie outside the cells around `centre`. What reaches round the back of the world counts as outside.
    fn reach_past_neighbours(self, centre: Cell) -> bool {
        centre.moved(0, 1).latitudes().max < self.north
            || centre.moved(0, -1).latitudes().min > self.south
            || centre.moved(1, 0).longitudes().max < self.east
            || centre.moved(-1, 0).longitudes().min > self.west
    }
}

/// How many steps of longitude and latitude make cells of about this size; towards the poles, where cells are narrow, fewer.
fn steps_for(radius_m: f64, lat: f64) -> u32 {
    if radius_m == 0.0 {
        return STEPS;
    }
    let mut steps = 1_i32;
    let mut reach_m = radius_m;
    while reach_m < MERCATOR_MAX_M {
        reach_m *= 2.0;
        steps += 1;
        // A radius near zero would go on long after the smallest cell.
        if steps > 64 {
            break;
        }
    }
    steps -= 2;
    steps -= i32::from(lat.abs() > 66.0) + i32::from(lat.abs() > 80.0);
    u32::try_from(steps.clamp(1, 26)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::cell::{LATITUDES, encode};

    #[test]
    fn what_lies_in_an_area_lies_in_its_cells() {
        arbtest::arbtest(|u| {
            let part = |u: &mut arbitrary::Unstructured<'_>| -> arbitrary::Result<f64> {
                Ok(f64::from(u.arbitrary::<u32>()?) / f64::from(u32::MAX))
            };
            let centre = Place { lon: part(u)? * 300.0 - 150.0, lat: part(u)? * 120.0 - 60.0 };
            let size = 10_f64.powf(part(u)? * 6.0);
            let shape = if u.arbitrary()? {
                Shape::Circle { radius_m: size }
            } else {
                Shape::Box { width_m: size, height_m: size * part(u)? }
            };
            let degrees = size / 60_000.0;
            let mut area = Area { centre, shape };
            if u.arbitrary()? {
                let mut corner = || {
                    let lat = (centre.lat + (part(u)? - 0.5) * degrees).clamp(-80.0, 80.0);
                    Ok(Place { lon: (centre.lon + (part(u)? - 0.5) * degrees).clamp(-170.0, 170.0), lat })
                };
                let corners: Box<[Place]> = Box::new([corner()?, corner()?, corner()?, corner()?]);
                area = Area { centre: middle(&corners), shape: Shape::Polygon { corners } };
            }
            for _ in 0..20 {
                let place = Place {
                    lon: centre.lon + (part(u)? - 0.5) * degrees,
                    lat: centre.lat + (part(u)? - 0.5) * degrees,
                };
                if area.distance_of(place).is_none() || !LATITUDES.contains(place.lat) || place.lon.abs() > 179.0 {
                    continue;
                }
                let score = encode(place);
                let covered = area.cells().any(|cell| {
                    let (low, high) = cell.scores();
                    (low..high).contains(&score)
                });
                assert!(covered, "{place:?} of {area:?}");
            }
            Ok(())
        });
    }

    #[test]
    fn the_smaller_the_area_the_smaller_the_cells() {
        let steps = [0.0, 1.0, 1e3, 1e5, 1e6, 1e7, 1e9].map(|radius| steps_for(radius, 0.0));
        assert!(steps.is_sorted_by(|one, other| one >= other), "{steps:?}");
        assert_eq!((steps[0], steps[6]), (STEPS, 1));
        assert_eq!(steps_for(1e-300, 0.0), STEPS);
    }

    #[test]
    fn every_area_has_at_most_nine_cells() {
        for size in [0.0, 1.0, 1e4, 1e6, 5e6, 2e7, f64::MAX, f64::INFINITY] {
            for lat in [-85.0, -70.0, 0.0, 85.0] {
                let area = Area { centre: Place { lon: 179.9, lat }, shape: Shape::Circle { radius_m: size } };
                assert!((1..=9).contains(&area.cells().count()), "{size} {lat}");
            }
        }
    }
}
