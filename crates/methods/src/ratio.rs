//! Quotients that keep both sides: attainment, step conversion, chains of steps.
//!
//! A percentage alone cannot be added, checked or rounded twice. [`Ratio`] holds the exact part and
//! whole (counts, or money in minor units), turns into a float or into display digits only at the
//! end, and does not exist without a whole: an empty denominator is `None`. The module must not
//! know languages or formats beyond plain decimal digits.

use std::cmp::Ordering;

use crate::interval::{Bounds, Level, Proportion};

/// An exact quotient with a denominator above zero. Sides are meant to stay below 10³⁰, far beyond any
/// sum of money; displaying larger ones may overflow.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    part: i128,
    whole: i128,
}

impl Ratio {
    /// `part / whole`; `None` when the whole is zero.
    ///
    /// A negative whole is allowed (credits exist) and moves its sign to the part.
    #[must_use]
    pub fn new(part: impl Into<i128>, whole: impl Into<i128>) -> Option<Ratio> {
        let (part, whole) = (part.into(), whole.into());
        match whole.cmp(&0) {
            Ordering::Equal => None,
            Ordering::Greater => Some(Ratio { part, whole }),
            Ordering::Less => Some(Ratio { part: -part, whole: -whole }),
        }
    }

    /// The part as given (its sign turned if the whole was negative).
    #[must_use]
    pub fn part(self) -> i128 {
        self.part
    }

    /// The whole, above zero.
    #[must_use]
    pub fn whole(self) -> i128 {
        self.whole
    }

    /// The quotient, 1 for equal sides.
    #[must_use]
    pub fn value(self) -> f64 {
        self.part as f64 / self.whole as f64
    }

    /// True when the quotient is at least `percent` %, compared exactly.
    #[must_use]
    pub fn reaches_percent(self, percent: u32) -> bool {
        self.part.saturating_mul(100) >= self.whole.saturating_mul(i128::from(percent))
    }

    /// True when the quotient is above `percent` %, compared exactly.
    #[must_use]
    pub fn exceeds_percent(self, percent: u32) -> bool {
        self.part.saturating_mul(100) > self.whole.saturating_mul(i128::from(percent))
    }

    /// The quotient as a whole number, half to even (for money: minor units).
    #[must_use]
    pub fn rounded(self) -> i128 {
        let (down, rest) = (self.part.div_euclid(self.whole), self.part.rem_euclid(self.whole));
        // rest against whole − rest, not 2 · rest against whole: that could overflow.
        match rest.cmp(&(self.whole - rest)) {
            Ordering::Less => down,
            Ordering::Greater => down + 1,
            Ordering::Equal => down + down.rem_euclid(2),
        }
    }

    /// The quotient in percent with this many decimals, rounded half away from zero from the exact
    /// value (never from a float), without the sign `%`: 4,200 of 480,000 with three is `0.875`.
    #[must_use]
    pub fn percent(self, decimals: u32) -> String {
        let (magnitude, whole) = (self.part.unsigned_abs(), self.whole.unsigned_abs());
        let (mut digits, mut rest) = (magnitude / whole, magnitude % whole);
        // Long division, one digit at a time, so that large money cannot overflow early.
        for _ in 0..decimals + 2 {
            rest *= 10;
            digits = digits * 10 + rest / whole;
            rest %= whole;
        }
        if rest * 2 >= whole {
            digits += 1;
        }
        let sign = if self.part < 0 && digits > 0 { "-" } else { "" };
        if decimals == 0 {
            return format!("{sign}{digits}");
        }
        let unit = 10_u128.pow(decimals);
        format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = decimals as usize)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Ratio) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// By quotient: 1/2 and 2/4 are equal. Continued fractions, so that nothing can overflow.
    fn cmp(&self, other: &Ratio) -> Ordering {
        let (mut a, mut b, mut c, mut d) = (self.part, self.whole, other.part, other.whole);
        let mut turned = false;
        loop {
            let order = a.div_euclid(b).cmp(&c.div_euclid(d));
            let (left, right) = (a.rem_euclid(b), c.rem_euclid(d));
            let order = match (order, left, right) {
                (Ordering::Equal, 0, 0) => return Ordering::Equal,
                (Ordering::Equal, 0, _) => Ordering::Less,
                (Ordering::Equal, _, 0) => Ordering::Greater,
                (Ordering::Equal, _, _) => {
                    (a, b, c, d) = (b, left, d, right);
                    turned = !turned;
                    continue;
                }
                (order, _, _) => order,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

/// A share of counted things with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedRatio {
    /// The exact share.
    pub ratio: Ratio,
    /// Wilson bounds at the level asked for.
    pub bounds: Bounds,
}

impl BoundedRatio {
    /// `part` of `whole`; `None` when the whole is zero or smaller than the part.
    #[must_use]
    pub fn of(part: u64, whole: u64, level: Level) -> Option<BoundedRatio> {
        let bounds = Proportion::new(part, whole).ok()?.wilson(level)?;
        Some(BoundedRatio { ratio: Ratio::new(part, whole)?, bounds })
    }
}

/// One step of a chain of totals, such as exposures → leads → … → contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepTotal {
    /// What was reached.
    pub actual: i128,
    /// What should have been reached, if anybody said.
    pub target: Option<i128>,
}

/// What one step says about itself and about the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepReading {
    /// This step by the step before; `None` on the first, or after a step of zero.
    pub conversion: Option<Ratio>,
    /// Actual by target; `None` without a target or with one of zero.
    pub attainment: Option<Ratio>,
}

/// Reads a chain of totals step by step, in order (the monthly tracking table).
#[must_use]
pub fn step_readings(steps: &[StepTotal]) -> Vec<StepReading> {
    let before = std::iter::once(None).chain(steps.iter().map(|step| Some(step.actual)));
    steps
        .iter()
        .zip(before)
        .map(|(step, before)| StepReading {
            conversion: before.and_then(|before| Ratio::new(step.actual, before)),
            attainment: step.target.and_then(|target| Ratio::new(step.actual, target)),
        })
        .collect()
}

/// The rate over a whole chain of step rates: their product. `None` when a step is undefined or
/// the exact product leaves the integers.
#[must_use]
pub fn chain_rate(steps: &[Option<Ratio>]) -> Option<Ratio> {
    steps.iter().try_fold(Ratio::new(1, 1)?, |so_far, step| {
        let step = (*step)?;
        let (part, whole) = (so_far.part.checked_mul(step.part)?, so_far.whole.checked_mul(step.whole)?);
        Ratio::new(part, whole)
    })
}

/// Tries needed for `successes` at this rate, rounded up; `None` when the rate is not above zero.
#[must_use]
pub fn tries_needed(successes: u64, rate: Ratio) -> Option<u128> {
    if rate.part <= 0 {
        return None;
    }
    let tries = u128::from(successes).checked_mul(rate.whole.unsigned_abs())?;
    Some(tries.div_ceil(rate.part.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// step, actual, target, conversion shown, attainment shown.
    const TRACKING: &str = "
        exposure    480000 500000 -      96.0
        leads         4200   5000 0.875  84.0
        downloads     1800   2000 42.86  90.0
        demos          650    800 36.11  81.25
        proposals      280    300 43.08  93.33
        quotes         150    200 53.57  75.0
        contracts       90    100 60.00  90.0
        repurchases     28     30 31.11  93.33";

    fn decimals(shown: &str) -> u32 {
        let digits = shown.split_once('.').map_or(0, |(_, digits)| digits.len());
        u32::try_from(digits).expect("few")
    }

    #[test]
    fn the_monthly_tracking_table() {
        let rows: Vec<Vec<&str>> = TRACKING
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let steps: Vec<StepTotal> = rows
            .iter()
            .map(|row| StepTotal { actual: row[1].parse().expect("a count"), target: row[2].parse().ok() })
            .collect();
        for (row, reading) in rows.iter().zip(step_readings(&steps)) {
            match (row[3], reading.conversion) {
                ("-", found) => assert_eq!(found, None),
                (shown, found) => assert_eq!(found.expect("a step before").percent(decimals(shown)), shown),
            }
            let attained = reading.attainment.expect("a target");
            assert_eq!(attained.percent(decimals(row[4])), row[4], "{}", row[0]);
        }
    }

    #[test]
    fn counted_examples() {
        let rate = |part: i128, whole: i128| Ratio::new(part, whole).expect("a whole");
        assert_eq!(rate(1, 10).percent(0), "10");
        assert_eq!(rate(8, 10).percent(0), "80");
        assert_eq!(rate(2, 20).percent(0), "10");
        assert_eq!(rate(2, 50).percent(0), "4");
        assert_eq!(tries_needed(1, rate(2, 50)), Some(25));
        let order = chain_rate(&[Ratio::new(1, 10), Ratio::new(1, 10)]).expect("both steps");
        assert_eq!((order.percent(0).as_str(), tries_needed(1, order)), ("1", Some(100)));
        assert_eq!(chain_rate(&[Ratio::new(1, 10), None]), None);
        assert_eq!(chain_rate(&[]), Ratio::new(1, 1));
        assert_eq!(tries_needed(3, rate(0, 4)), None);
        assert_eq!(tries_needed(3, rate(2, 7)), Some(11));
    }

    #[test]
    fn rounding_signs_and_gaps() {
        let shown =
            |part: i128, whole: i128, decimals: u32| Ratio::new(part, whole).map(|ratio| ratio.percent(decimals));
        assert_eq!(shown(1, 0, 1), None);
        assert_eq!(shown(1, 800, 2).as_deref(), Some("0.13"));
        assert_eq!(shown(-1, 800, 2).as_deref(), Some("-0.13"));
        assert_eq!(shown(1, -800, 2).as_deref(), Some("-0.13"));
        assert_eq!(shown(-1, 1_000_000, 1).as_deref(), Some("0.0"));
        assert_eq!(shown(999_999, 1_000_000, 2).as_deref(), Some("100.00"));
        assert_eq!(shown(i128::MAX / 9 * 3, i128::MAX / 9, 1).as_deref(), Some("300.0"));
        let steps = [StepTotal { actual: 0, target: Some(0) }, StepTotal { actual: 5, target: None }];
        for reading in step_readings(&steps) {
            assert_eq!((reading.conversion, reading.attainment), (None, None));
        }
    }

    proptest! {
        #[test]
        fn order_agrees_with_cross_multiplying(a in -99_i128..99, b in 1_i128..99, c in -99_i128..99, d in 1_i128..99) {
            let (left, right) = (Ratio::new(a, b).expect("whole"), Ratio::new(c, d).expect("whole"));
            prop_assert_eq!(left.cmp(&right), (a * d).cmp(&(c * b)));
        }

        #[test]
        fn digits_agree_with_the_float(part in -100_000_i128..100_000, whole in 1_i128..100_000) {
            let ratio = Ratio::new(part, whole).expect("whole");
            let shown: f64 = ratio.percent(4).parse().expect("digits");
            prop_assert!((shown - ratio.value() * 100.0).abs() <= 0.000_05 + 1e-9);
        }
    }
}
