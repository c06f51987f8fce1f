//! Natural numbers of any size: just enough to turn decimal text into a float and back without losing a digit.
//!
//! Only texts that the fast paths of [`super::HumanFloat`] cannot take come here: more than 19 digits, or powers of ten past
//! 10^27. Schoolbook arithmetic is right for that: the longest text Redis takes has 5119 characters, which is 266 limbs.

use std::cmp::Ordering;

/// A natural number: 64-bit limbs, least significant first, no zero limb at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BigNat {
    limbs: Vec<u64>,
}

impl BigNat {
    pub(super) fn new(small: u64) -> Self {
        let mut this = Self { limbs: vec![small] };
        this.trim();
        this
    }

    pub(super) fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub(super) fn bit_len(&self) -> usize {
        match self.limbs.last() {
            None => 0,
            Some(top) => self.limbs.len() * 64 - top.leading_zeros() as usize,
        }
    }

    /// `self * factor + addend`.
    pub(super) fn mul_add(&mut self, factor: u64, addend: u64) {
        let mut carry = addend;
        for limb in &mut self.limbs {
            (*limb, carry) = limb.carrying_mul(factor, carry);
        }
        if carry != 0 {
            self.limbs.push(carry);
        }
        self.trim();
    }

    pub(super) fn mul_pow5(&mut self, mut power: usize) {
        // 5^27 is the largest power of five in a limb.
        while power > 0 {
            let step = power.min(27);
            self.mul_add(5_u64.pow(u32::try_from(step).unwrap_or(27)), 0);
            power -= step;
        }
    }

    pub(super) fn shl(&mut self, bits: usize) {
        if self.is_zero() {
            return;
        }
        let within = u32::try_from(bits % 64).unwrap_or(0);
        if within != 0 {
            let mut carry = 0;
            for limb in &mut self.limbs {
                let next = *limb >> (64 - within);
                *limb = (*limb << within) | carry;
                carry = next;
            }
            if carry != 0 {
                self.limbs.push(carry);
            }
        }
        self.limbs.splice(0..0, std::iter::repeat_n(0, bits / 64));
    }

    /// The top 128 bits (fewer if there are not so many), how far they were shifted down, and whether a bit below was set.
    pub(super) fn top_bits(&self) -> (u128, usize, bool) {
        let shift = self.bit_len().saturating_sub(128);
        let whole = shift / 64;
        let within = u32::try_from(shift % 64).unwrap_or(0);
        let limb = |at: usize| u128::from(self.limbs.get(at).copied().unwrap_or(0));
        let low = limb(whole) | (limb(whole + 1) << 64);
        let bits = if within == 0 { low } else { (low >> within) | (limb(whole + 2) << (128 - within)) };
        let lost_limb = self.limbs.iter().take(whole).any(|&limb| limb != 0);
        let lost_bit = limb(whole) & ((1 << within) - 1) != 0;
        (bits, shift, lost_limb || lost_bit)
    }

    /// `self -= other`, which must not be greater.
    fn sub(&mut self, other: &Self) {
        let mut borrow = false;
        for (at, limb) in self.limbs.iter_mut().enumerate() {
            (*limb, borrow) = limb.borrowing_sub(other.limbs.get(at).copied().unwrap_or(0), borrow);
        }
        self.trim();
    }

    /// Divides by `divisor` (not zero), when the quotient has at most 128 bits: quotient and whether there is a rest.
    pub(super) fn div(mut self, mut divisor: Self) -> (u128, bool) {
        let mut steps = (self.bit_len() + 1).saturating_sub(divisor.bit_len());
        divisor.shl(steps);
        let mut quotient: u128 = 0;
        loop {
            quotient <<= 1;
            if divisor <= self {
                self.sub(&divisor);
                quotient |= 1;
            }
            if steps == 0 {
                return (quotient, !self.is_zero());
            }
            steps -= 1;
            divisor.halve();
        }
    }

    fn halve(&mut self) {
        let mut carry = 0;
        for limb in self.limbs.iter_mut().rev() {
            let next = *limb << 63;
            *limb = (*limb >> 1) | carry;
            carry = next;
        }
        self.trim();
    }

    /// Appends the decimal digits; "0" for zero.
    pub(super) fn append_decimal(mut self, out: &mut Vec<u8>) {
        const CHUNK: u64 = 10_u64.pow(19);
        let mut chunks = Vec::new();
        while !self.is_zero() {
            let mut rest: u64 = 0;
            for limb in self.limbs.iter_mut().rev() {
                let wide = (u128::from(rest) << 64) | u128::from(*limb);
                // `rest` is below CHUNK, so the quotient fits a limb.
                *limb = u64::try_from(wide / u128::from(CHUNK)).unwrap_or(u64::MAX);
                rest = u64::try_from(wide % u128::from(CHUNK)).unwrap_or(0);
            }
            chunks.push(rest);
            self.trim();
        }
        let Some(top) = chunks.pop() else {
            out.push(b'0');
            return;
        };
        out.extend_from_slice(top.to_string().as_bytes());
        for chunk in chunks.into_iter().rev() {
            out.extend_from_slice(format!("{chunk:019}").as_bytes());
        }
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

impl PartialOrd for BigNat {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BigNat {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_len = self.limbs.len().cmp(&other.limbs.len());
        by_len.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::BigNat;

    fn nat(value: u128) -> BigNat {
        let mut nat = BigNat::new(u64::try_from(value >> 64).unwrap());
        nat.shl(64);
        nat.mul_add(1, u64::try_from(value & u128::from(u64::MAX)).unwrap());
        nat
    }

    fn text(nat: BigNat) -> String {
        let mut out = Vec::new();
        nat.append_decimal(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn arithmetic_agrees_with_u128() {
        arbtest::arbtest(|u| {
            let (a, b): (u128, u64) = (u.arbitrary()?, u.arbitrary()?);
            assert_eq!(text(nat(a)), a.to_string());
            assert_eq!(nat(a).bit_len(), 128 - a.leading_zeros() as usize);
            let mut product = nat(a >> 64);
            product.mul_add(b, 7);
            assert_eq!(product, nat((a >> 64) * u128::from(b) + 7));
            let divisor: u128 = u.arbitrary::<u128>()?.max(1);
            assert_eq!(nat(a).div(nat(divisor)), (a / divisor, a % divisor != 0));
            Ok(())
        });
    }

    #[test]
    fn top_bits_drop_what_is_below_and_tell_if_it_was_not_zero() {
        let mut big = nat(u128::MAX);
        big.shl(100);
        assert_eq!(big.top_bits(), (u128::MAX, 100, false));
        big.mul_add(1, 1);
        assert_eq!(big.top_bits(), (u128::MAX, 100, true));
        assert_eq!(nat(5).top_bits(), (5, 0, false));
        let mut power = BigNat::new(1);
        power.mul_pow5(55);
        assert_eq!(power, nat(5_u128.pow(55)));
    }
}
