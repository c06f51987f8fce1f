//! Number text forms, exactly as Redis reads and prints them.
//!
//! Three families, because Redis has three. Integers ([`parse_i64`]) are strict: the canonical decimal form and nothing
//! else. Doubles ([`parse_f64`], [`DoubleText`]) are sorted set scores and RESP3 numbers. [`HumanFloat`] is the 80-bit
//! `long double` that INCRBYFLOAT computes in, whose printed digits no other arithmetic gives.

mod bignat;
mod digits;
mod double;
mod grisu;
mod human;
mod int;
mod round;
mod scan;

pub use double::{DoubleText, parse_f64};
pub use human::HumanFloat;
pub use int::{IntText, i64_text_len, parse_i64, parse_u64};
