//! How good stated probabilities and forecast distributions were, once the outcome is known.
//!
//! Scores for backtests: Brier and log loss (is the probability right?), AUC (is the order right?),
//! CRPS (is the distribution right?), and isotonic regression, which mends probabilities that are
//! ordered well but sized badly. The module must not know models or deals.

use thiserror::Error;

use crate::distribution::{NotAProbability, check};

/// Log loss counts a certain miss as if this probability had been left to the truth, as
/// scikit-learn does with doubles; otherwise one such miss would make the mean infinite.
const LOG_FLOOR: f64 = f64::EPSILON;

/// What makes scores impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CalibrationError {
    /// As many outcomes as probabilities are needed.
    #[error("{outcomes} outcomes do not match {probabilities} probabilities")]
    Length {
        /// Outcomes given.
        outcomes: usize,
        /// Probabilities given.
        probabilities: usize,
    },
    /// A value outside 0..=1.
    #[error(transparent)]
    Probability(#[from] NotAProbability),
    /// A draw or an outcome that is not finite.
    #[error("a draw or outcome of {value} cannot be scored")]
    NotFinite {
        /// The value given.
        value: f64,
    },
}

/// Outcomes and the probabilities stated for them, checked once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    outcomes: &'a [bool],
    probabilities: &'a [f64],
}

impl<'a> Scored<'a> {
    /// Pairs outcomes with the probability stated for each.
    ///
    /// # Errors
    /// [`CalibrationError`] when lengths differ or a value is no probability.
    pub fn new(outcomes: &'a [bool], probabilities: &'a [f64]) -> Result<Scored<'a>, CalibrationError> {
        if outcomes.len() != probabilities.len() {
            let (outcomes, probabilities) = (outcomes.len(), probabilities.len());
            return Err(CalibrationError::Length { outcomes, probabilities });
        }
        check(probabilities)?;
        Ok(Scored { outcomes, probabilities })
    }

    fn pairs(&self) -> impl Iterator<Item = (bool, f64)> + '_ {
        self.outcomes.iter().copied().zip(self.probabilities.iter().copied())
    }

    fn mean(&self, score: impl Fn(bool, f64) -> f64) -> Option<f64> {
        let sum: f64 = self.pairs().map(|(outcome, p)| score(outcome, p)).sum();
        (!self.outcomes.is_empty()).then(|| sum / self.outcomes.len() as f64)
    }

    /// Mean squared distance of probability and outcome (Brier, Monthly Weather Review 1950):
    /// 0 is perfect, .25 is what always saying one half earns. `None` without pairs.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        self.mean(|outcome, p| (p - f64::from(u8::from(outcome))).powi(2))
    }

    /// Mean −ln of the probability given to what happened, in nats; 0 is perfect. Certainties that
    /// failed are held at the machine's epsilon. `None` without pairs.
    #[must_use]
    pub fn log_loss(&self) -> Option<f64> {
        self.mean(|outcome, p| {
            let p = p.clamp(LOG_FLOOR, 1.0 - LOG_FLOOR);
            -(if outcome { p } else { 1.0 - p }).ln()
        })
    }

    /// The chance that a success was given a higher probability than a failure, ties half (the
    /// area under the ROC curve, Hanley and McNeil 1982). `None` unless both happened.
    #[must_use]
    pub fn auc(&self) -> Option<f64> {
        let mut sorted: Vec<(bool, f64)> = self.pairs().collect();
        sorted.sort_by(|left, right| left.1.total_cmp(&right.1));
        let wins = self.outcomes.iter().filter(|&&outcome| outcome).count();
        let losses = self.outcomes.len() - wins;
        if wins == 0 || losses == 0 {
            return None;
        }
        let (mut below, mut doubled) = (0_u128, 0_u128);
        for tied in sorted.chunk_by(|left, right| left.1.total_cmp(&right.1).is_eq()) {
            let won = tied.iter().filter(|(outcome, _)| *outcome).count() as u128;
            let lost = tied.len() as u128 - won;
            doubled += won * (2 * below + lost);
            below += lost;
        }
        Some(doubled as f64 / (2 * wins as u128 * losses as u128) as f64)
    }
}

/// A rising step-and-slope function fitted to outcomes: probability in, mended probability out.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Distinct inputs, rising, each with its fitted value.
    knots: Vec<(f64, f64)>,
}

impl Isotonic {
    /// Least squares under the one condition that the value never falls (pool adjacent violators,
    /// Ayer et al. 1955). Equal inputs are averaged first. `None` without pairs.
    #[must_use]
    pub fn fit(scored: Scored<'_>) -> Option<Isotonic> {
        let mut sorted: Vec<(bool, f64)> = scored.pairs().collect();
        sorted.sort_by(|left, right| left.1.total_cmp(&right.1));
        // Blocks of (successes, members, inputs); integers, so that means compare exactly.
        let mut blocks: Vec<(u64, u64, Vec<f64>)> = Vec::new();
        for tied in sorted.chunk_by(|left, right| left.1.total_cmp(&right.1).is_eq()) {
            let successes = tied.iter().filter(|(outcome, _)| *outcome).count() as u64;
            blocks.push((successes, tied.len() as u64, vec![tied[0].1]));
            while let [.., before, last] = blocks.as_mut_slice()
                && u128::from(before.0) * u128::from(last.1) >= u128::from(last.0) * u128::from(before.1)
            {
                before.0 += last.0;
                before.1 += last.1;
                before.2.append(&mut last.2);
                blocks.pop();
            }
        }
        let knots: Vec<(f64, f64)> = blocks
            .into_iter()
            .flat_map(|(successes, members, inputs)| {
                let value = successes as f64 / members as f64;
                inputs.into_iter().map(move |input| (input, value))
            })
            .collect();
        (!knots.is_empty()).then_some(Isotonic { knots })
    }

    /// The fitted value, straight between knots and level beyond them; `None` for `NaN`.
    #[must_use]
    pub fn value(&self, input: f64) -> Option<f64> {
        if input.is_nan() {
            return None;
        }
        let next = self.knots.partition_point(|knot| knot.0 <= input);
        let Some(before) = next.checked_sub(1).map(|index| self.knots[index]) else {
            return self.knots.first().map(|knot| knot.1);
        };
        Some(match self.knots.get(next) {
            Some(after) if input > before.0 => {
                before.1 + (after.1 - before.1) * (input - before.0) / (after.0 - before.0)
            }
            _ => before.1,
        })
    }
}

/// Which mean over pairs of draws [`crps`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrpsForm {
    /// Over all pairs: the draws *are* the forecast.
    Draws,
    /// Over pairs of different draws: the draws are a sample of the forecast, and the score does
    /// not depend on how many were taken (the "fair" form, Ferro 2014).
    Unbiased,
}

/// Continuous ranked probability score of draws against what happened, in the draws' own unit:
/// E|X − y| − ½ E|X − X′| (Gneiting and Raftery, JASA 2007). 0 is perfect.
///
/// `None` without draws, and for the unbiased form with one.
///
/// # Errors
/// [`CalibrationError::NotFinite`] for a value that is not finite.
pub fn crps(draws: &[f64], outcome: f64, form: CrpsForm) -> Result<Option<f64>, CalibrationError> {
    if let Some(&value) = draws.iter().chain([&outcome]).find(|value| !value.is_finite()) {
        return Err(CalibrationError::NotFinite { value });
    }
    let n = draws.len() as f64;
    let pairs = match form {
        CrpsForm::Draws => n * n,
        CrpsForm::Unbiased => n * (n - 1.0),
    };
    if pairs <= 0.0 {
        return Ok(None);
    }
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let away: f64 = sorted.iter().map(|draw| (draw - outcome).abs()).sum::<f64>() / n;
    // Over sorted draws, Σᵢⱼ|xᵢ − xⱼ| = 2 Σ (2i − n + 1) xᵢ with i from 0.
    let apart: f64 = sorted.iter().enumerate().map(|(rank, draw)| (2.0 * rank as f64 - n + 1.0) * draw).sum();
    Ok(Some(away - apart / pairs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OUTCOMES: [bool; 6] = [false, false, true, true, false, true];
    const STATED: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.5, 0.9];

    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|value| (value - wanted).abs() < 5e-7), "{found:?}, not {wanted}");
    }

    #[test]
    fn the_published_scores() {
        let scored = Scored::new(&OUTCOMES, &STATED).expect("six pairs");
        near(scored.brier(), 0.14875);
        near(scored.log_loss(), 0.447_943);
        near(scored.auc(), 0.777_778);
        let fitted = Isotonic::fit(scored).expect("six pairs");
        let third = 1.0 / 3.0;
        for (input, wanted) in STATED.iter().zip([0.0, third, third, 1.0, third, 1.0]) {
            near(fitted.value(*input), wanted);
        }
        near(fitted.value(0.225), third / 2.0);
        near(fitted.value(0.0), 0.0);
        near(fitted.value(1.0), 1.0);
        assert_eq!(fitted.value(f64::NAN), None);
        let draws = [1.0, 2.0, 4.0, 7.0, 11.0];
        near(crps(&draws, 5.0, CrpsForm::Draws).expect("finite"), 1.2);
        near(crps(&draws, 5.0, CrpsForm::Unbiased).expect("finite"), 0.7);
    }

    #[test]
    fn the_undefined_and_the_impossible() {
        let none = Scored::new(&[], &[]).expect("nothing");
        assert_eq!((none.brier(), none.log_loss(), none.auc()), (None, None, None));
        assert_eq!(Isotonic::fit(none), None);
        assert_eq!(Scored::new(&[true], &[0.3]).expect("one").auc(), None);
        assert!(Scored::new(&[true, false], &[0.0, 1.0]).expect("two").log_loss().is_some_and(f64::is_finite));
        assert_eq!(Scored::new(&[true], &[]), Err(CalibrationError::Length { outcomes: 1, probabilities: 0 }));
        assert!(Scored::new(&[true], &[f64::NAN]).is_err());
        assert_eq!(crps(&[], 1.0, CrpsForm::Draws), Ok(None));
        assert_eq!(crps(&[2.0], 1.0, CrpsForm::Unbiased), Ok(None));
        assert_eq!(crps(&[2.0], 1.0, CrpsForm::Draws), Ok(Some(1.0)));
        assert!(crps(&[f64::INFINITY], 1.0, CrpsForm::Draws).is_err());
    }

    proptest! {
        /// AUC by comparing every success with every failure.
        #[test]
        fn auc_agrees_with_all_pairs(pairs in prop::collection::vec((any::<bool>(), 0_u8..10), 2..40)) {
            let outcomes: Vec<bool> = pairs.iter().map(|pair| pair.0).collect();
            let stated: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1) / 10.0).collect();
            let (mut sum, mut count) = (0.0, 0.0);
            for (won, high) in &pairs {
                for (other, low) in &pairs {
                    if *won && !other {
                        count += 1.0;
                        sum += if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
                    }
                }
            }
            let found = Scored::new(&outcomes, &stated).expect("pairs").auc();
            match found {
                None => prop_assert!(count < 0.5),
                Some(value) => prop_assert!((value - sum / count).abs() < 1e-12),
            }
        }

        /// Isotonic values by the max–min formula of the theory, block by block.
        #[test]
        fn isotonic_agrees_with_the_max_min_formula(pairs in prop::collection::vec((any::<bool>(), 0_u8..12), 1..25)) {
            let mut sorted = pairs.clone();
            sorted.sort_by_key(|pair| pair.1);
            let outcomes: Vec<bool> = sorted.iter().map(|pair| pair.0).collect();
            let stated: Vec<f64> = sorted.iter().map(|pair| f64::from(pair.1) / 12.0).collect();
            let fitted = Isotonic::fit(Scored::new(&outcomes, &stated).expect("pairs")).expect("pairs");
            for at in 0_u8..12 {
                if !sorted.iter().any(|pair| pair.1 == at) { continue; }
                let mean = |low: u8, high: u8| {
                    let inside: Vec<f64> = sorted.iter().filter(|pair| (low..=high).contains(&pair.1))
                        .map(|pair| f64::from(u8::from(pair.0))).collect();
                    inside.iter().sum::<f64>() / f64::from(u32::try_from(inside.len()).expect("few"))
                };
                let wanted = (0..=at).filter(|low| sorted.iter().any(|pair| pair.1 == *low))
                    .map(|low| (at..12).map(|high| mean(low, high)).fold(f64::INFINITY, f64::min))
                    .fold(f64::NEG_INFINITY, f64::max);
                let found = fitted.value(f64::from(at) / 12.0).expect("a number");
                prop_assert!((found - wanted).abs() < 1e-12, "at {at}: {found} {wanted}");
            }
        }

        /// CRPS from its definition, pair by pair.
        #[test]
        fn crps_agrees_with_all_pairs(draws in prop::collection::vec(-50.0..50.0_f64, 2..30), outcome in -60.0..60.0_f64) {
            let n = f64::from(u32::try_from(draws.len()).expect("few"));
            let away: f64 = draws.iter().map(|draw| (draw - outcome).abs()).sum::<f64>() / n;
            let apart: f64 = draws.iter().flat_map(|left| draws.iter().map(move |right| (left - right).abs())).sum();
            for (form, pairs) in [(CrpsForm::Draws, n * n), (CrpsForm::Unbiased, n * (n - 1.0))] {
                let found = crps(&draws, outcome, form).expect("finite").expect("draws");
                prop_assert!((found - (away - 0.5 * apart / pairs)).abs() < 1e-9);
            }
        }
    }
}
