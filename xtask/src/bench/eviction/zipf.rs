//! Numbers as popular as words are: rank r is drawn in proportion to 1 / r^s.
//!
//! Drawn by inversion of the running sums, looked up by bisection: exact for any s, 8 bytes a rank.

/// A splitmix64 generator: what the load needs, and the same for both servers.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// From 0 up to, but not including, 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The distribution over `0..ranks`.
pub(super) struct Zipf {
    sums: Vec<f64>,
}

impl Zipf {
    pub(super) fn new(ranks: u64, exponent: f64) -> Zipf {
        let mut sum = 0.0;
        let sums = (1..=ranks).map(|rank| {
            sum += (rank as f64).powf(-exponent);
            sum
        });
        Zipf { sums: sums.collect() }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> u64 {
        let total = self.sums.last().copied().unwrap_or(0.0);
        let at = rng.unit() * total;
        self.sums.partition_point(|sum| *sum <= at) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rank_is_drawn_twice_as_often_as_the_second() {
        let (zipf, mut rng) = (Zipf::new(1000, 1.0), Rng::new(7));
        let mut counts = [0_u32; 1000];
        for _ in 0..100_000 {
            counts[usize::try_from(zipf.draw(&mut rng)).unwrap()] += 1;
        }
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.8..2.2).contains(&ratio), "{ratio}");
        assert!(counts.iter().all(|count| *count < 20_000));
    }
}
