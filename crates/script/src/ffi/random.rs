//! `math.random` and `math.randomseed`: the same numbers on every machine, and the same as the real servers'.
//!
//! The generator is the 48-bit linear congruential one of `drand48`: `x' = 0x5DEECE66D * x + 0xB mod 2^48`, of which a draw is the
//! upper 31 bits. It begins at `0x1234ABCD330E`; a seed is the upper 32 of its 48 bits, over `0x330E`. It goes on from script to
//! script: only `math.randomseed` begins anew.

use std::ffi::c_int;

use super::state::State;

pub(super) const START: u64 = 0x1234_ABCD_330E;

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const INCREMENT: u64 = 0xB;
const MASK: u64 = (1 << 48) - 1;
const SEED_LOW: u64 = 0x330E;
const MAX_DRAW: u32 = 0x7FFF_FFFF;

pub(super) fn randomseed(lua: State) -> c_int {
    let seed = low_word(lua.check_number(1));
    lua.shared().random.set((u64::from(seed) << 16) | SEED_LOW);
    0
}

pub(super) fn random(lua: State) -> c_int {
    let state = &lua.shared().random;
    let next = MULTIPLIER.wrapping_mul(state.get()).wrapping_add(INCREMENT) & MASK;
    state.set(next);
    // Lua's own division of a draw by the largest one, which itself counts as 0.
    let draw = u32::try_from(next >> 17).unwrap_or(0) % MAX_DRAW;
    let fraction = f64::from(draw) / f64::from(MAX_DRAW);
    match lua.top() {
        0 => lua.push_number(fraction),
        1 => {
            let upper = lua.check_number(1).trunc();
            if upper < 1.0 {
                lua.raise_argument(1, c"interval is empty");
            }
            lua.push_number((fraction * upper).floor() + 1.0);
        }
        2 => {
            let (lower, upper) = (lua.check_number(1).trunc(), lua.check_number(2).trunc());
            if lower > upper {
                lua.raise_argument(2, c"interval is empty");
            }
            lua.push_number((fraction * (upper - lower + 1.0)).floor() + lower);
        }
        _ => lua.raise_here(b"wrong number of arguments"),
    }
    1
}

/// The low 32 bits of the number's integer part, as C's conversions leave them; 0 for one that fits no 64 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the low word is what is wanted")]
fn low_word(number: f64) -> u32 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { (number as i64) as u32 } else { 0 }
}
