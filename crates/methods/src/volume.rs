//! Volume, shape, pace: the weighted forecast and the deviations from a standard.
//!
//! Money times probability is summed in integers (minor units × millionths) and rounded once, at
//! the end, so that a forecast by team adds up to the forecast of all. The module must not know
//! which deals are due or what the stages are.

use thiserror::Error;

use crate::ratio::Ratio;

/// Certainty in parts per million.
pub const CERTAIN_PPM: u32 = 1_000_000;

/// Deviations above this many percent are marked.
pub const MARKED_PERCENT: u32 = 15;

/// A probability above certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a probability of {probability_ppm} millionths is above 1,000,000")]
pub struct AboveCertain {
    /// The probability given.
    pub probability_ppm: u32,
}

/// An exact sum of money × probability, in millionths of a minor unit. Mergeable in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weighted {
    micro_minor: i128,
}

impl Weighted {
    /// Nothing yet.
    pub const ZERO: Weighted = Weighted { micro_minor: 0 };

    /// Adds an amount at a probability in parts per million.
    ///
    /// # Errors
    /// [`AboveCertain`] for more than a million.
    pub fn add(&mut self, amount_minor: i128, probability_ppm: u32) -> Result<(), AboveCertain> {
        if probability_ppm > CERTAIN_PPM {
            return Err(AboveCertain { probability_ppm });
        }
        self.micro_minor += amount_minor * i128::from(probability_ppm);
        Ok(())
    }

    /// Adds another sum into this one.
    pub fn merge(&mut self, other: Weighted) {
        self.micro_minor += other.micro_minor;
    }

    /// The exact sum in millionths of a minor unit.
    #[must_use]
    pub fn micro_minor(self) -> i128 {
        self.micro_minor
    }

    /// The sum in minor units, rounded half to even.
    #[must_use]
    pub fn minor(self) -> i128 {
        Ratio::new(self.micro_minor, CERTAIN_PPM).map_or(0, Ratio::rounded)
    }
}

/// Volume of a period: won so far plus the weighted open amounts due in it.
///
/// # Errors
/// [`AboveCertain`] for the first probability above a million.
pub fn volume(won_minor: i128, due: impl IntoIterator<Item = (i128, u32)>) -> Result<Weighted, AboveCertain> {
    let mut sum = Weighted::ZERO;
    sum.add(won_minor, CERTAIN_PPM)?;
    for (amount_minor, probability_ppm) in due {
        sum.add(amount_minor, probability_ppm)?;
    }
    Ok(sum)
}

/// Volume by target; `None` when the target is zero.
#[must_use]
pub fn volume_attainment(volume: Weighted, target_minor: i128) -> Option<Ratio> {
    Ratio::new(volume.micro_minor(), target_minor.checked_mul(i128::from(CERTAIN_PPM))?)
}

/// On which side of its standard a figure lies, when it is far enough to be marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Further below than allowed.
    Below,
    /// Within the allowed deviation.
    Within,
    /// Further above than allowed.
    Above,
}

/// A figure against its standard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// (actual − standard) / standard; −0.2 is a fifth too low.
    pub share: f64,
    /// Whether to mark it.
    pub mark: Mark,
}

/// Compares a count, a stay or an amount with its standard. Exactly `marked_percent` is not yet
/// marked. `None` when the standard is not above zero or either figure is not finite.
#[must_use]
pub fn deviation(actual: f64, standard: f64, marked_percent: u32) -> Option<Deviation> {
    if !(standard > 0.0 && standard.is_finite() && actual.is_finite()) {
        return None;
    }
    let away = actual - standard;
    // Multiplied out, so that whole figures compare exactly: 115 against 100 is not over 15 %.
    let mark = if away.abs() * 100.0 <= f64::from(marked_percent) * standard {
        Mark::Within
    } else if away < 0.0 {
        Mark::Below
    } else {
        Mark::Above
    };
    Some(Deviation { share: away / standard, mark })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_seven_stage_example() {
        let open = [(100, 0), (200, 100_000), (300, 200_000), (400, 300_000), (500, 500_000), (600, 700_000)];
        let parts: Vec<i128> = open.iter().map(|&deal| volume(0, [deal]).expect("probabilities").minor()).collect();
        assert_eq!(parts, [0, 20, 60, 120, 250, 420]);
        let forecast = volume(700, open).expect("probabilities");
        assert_eq!((forecast.minor(), forecast.micro_minor()), (1_570, 1_570_000_000));
        assert_eq!(volume_attainment(forecast, 2_000).map(|ratio| ratio.percent(1)).as_deref(), Some("78.5"));
        assert_eq!(volume_attainment(forecast, 0), None);
    }

    #[test]
    fn rounding_happens_once_and_half_goes_to_even() {
        for (micro, minor) in [
            (500_000, 0),
            (1_500_000, 2),
            (2_500_000, 2),
            (-500_000, 0),
            (-1_500_000, -2),
            (1_499_999, 1),
            (-1_500_001, -2),
        ] {
            assert_eq!(Weighted { micro_minor: micro }.minor(), minor, "{micro}");
        }
        assert_eq!(Weighted::ZERO.clone().add(1, 1_000_001), Err(AboveCertain { probability_ppm: 1_000_001 }));
    }

    #[test]
    fn deviations_over_fifteen_percent_are_marked() {
        let mark = |actual: f64, standard: f64| deviation(actual, standard, MARKED_PERCENT).map(|found| found.mark);
        assert_eq!(mark(115.0, 100.0), Some(Mark::Within));
        assert_eq!(mark(116.0, 100.0), Some(Mark::Above));
        assert_eq!(mark(85.0, 100.0), Some(Mark::Within));
        assert_eq!(mark(84.0, 100.0), Some(Mark::Below));
        assert_eq!(mark(1.0, 0.0), None);
        assert_eq!(mark(f64::NAN, 1.0), None);
        assert!(deviation(8.0, 10.0, 15).is_some_and(|found| (found.share + 0.2).abs() < 1e-12));
    }

    proptest! {
        /// Any split of the deals sums to the same forecast.
        #[test]
        fn parts_add_up(deals in prop::collection::vec((-1_000_000_000_i128..1_000_000_000, 0_u32..=1_000_000), 0..40), cut in 0_usize..40) {
            let whole = volume(5, deals.clone()).expect("probabilities");
            let cut = cut.min(deals.len());
            let mut left = volume(5, deals[..cut].to_vec()).expect("probabilities");
            left.merge(volume(0, deals[cut..].to_vec()).expect("probabilities"));
            prop_assert_eq!(left, whole);
        }
    }
}
