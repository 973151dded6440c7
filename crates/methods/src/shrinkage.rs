//! Rates of small segments, pulled toward the whole by as much as the data ask for.
//!
//! Two wins of two do not make a seller perfect. Segments are taken as draws from one beta
//! distribution; its two parameters are found by maximising the marginal (beta-binomial)
//! likelihood of all segments together, and each segment's rate becomes the posterior mean. The
//! module must not know what a segment is. Comparing many segments invites chance findings, so the
//! Benjamini–Hochberg correction lives here too.

use statrs::function::beta::inv_beta_reg;
use statrs::function::gamma::digamma;
use thiserror::Error;

use crate::interval::{Bounds, Level};
use crate::root::bracketed;

/// Below this many segments a spread between them cannot be estimated.
pub const FEWEST_SEGMENTS: usize = 5;

/// Where the search for the prior's strength gives up; beyond it segments are alike.
const STRONGEST_PRIOR: f64 = 1e9;
/// A prior worth a millionth of a deal pulls nothing; weaker ones need no telling apart.
const WEAKEST_PRIOR: f64 = 1e-6;

/// What makes segments or p-values impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ShrinkageError {
    /// Successes outside 0..=trials, or a number that is not finite.
    #[error("segment {index}: {successes} successes of {trials} trials are impossible")]
    Segment {
        /// Position in the input.
        index: usize,
        /// Successes given.
        successes: f64,
        /// Trials given.
        trials: f64,
    },
    /// A p-value outside 0..=1.
    #[error("p-value {index} is {value}, outside 0..=1")]
    PValue {
        /// Position in the input.
        index: usize,
        /// The value given.
        value: f64,
    },
}

/// Successes out of trials. Floats, because an estimate with a standard error counts as well: as
/// many trials as would give that error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Successes, 0..=trials.
    pub successes: f64,
    /// Trials, possibly a fraction.
    pub trials: f64,
}

impl Segment {
    /// A counted segment.
    #[must_use]
    pub fn counted(successes: u64, trials: u64) -> Segment {
        Segment { successes: successes as f64, trials: trials as f64 }
    }

    /// A segment known by an estimated share and its standard error (such as a cumulative
    /// incidence): n = p(1−p)/se² trials carry the same information. `None` where the share is 0
    /// or 1 or the error 0, since then no finite n does.
    #[must_use]
    pub fn from_estimate(share: f64, standard_error: f64) -> Option<Segment> {
        if !(share > 0.0 && share < 1.0 && standard_error > 0.0 && standard_error.is_finite()) {
            return None;
        }
        let trials = share * (1.0 - share) / (standard_error * standard_error);
        Some(Segment { successes: share * trials, trials })
    }
}

/// Why segments are all given the pooled rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PooledReason {
    /// Fewer than [`FEWEST_SEGMENTS`] segments with trials.
    TooFewSegments {
        /// How many there were.
        found: usize,
    },
    /// The segments differ no more than chance alone makes them.
    NoVarianceBetween,
}

/// What the segments have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prior {
    /// Rates spread like a beta distribution: as if each segment began with `a` successes and `b`
    /// failures.
    Beta {
        /// Prior successes.
        a: f64,
        /// Prior failures.
        b: f64,
    },
    /// No spread to learn: everyone has the common rate.
    Pooled {
        /// All successes by all trials.
        rate: f64,
        /// Why.
        reason: PooledReason,
    },
}

/// A segment's rate after shrinking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk {
    /// The posterior mean, 0..=1.
    pub mean: f64,
    /// Equal-tailed posterior bounds; `None` with a pooled prior, which has no spread to bound by.
    pub bounds: Option<Bounds>,
}

impl Prior {
    /// The prior of these segments by marginal maximum likelihood (the empirical Bayes of Robbins
    /// 1956 for beta-binomial counts; Griffiths, Biometrics 1973). Segments without trials say
    /// nothing and are passed over. `None` when no segment has any.
    ///
    /// # Errors
    /// [`ShrinkageError::Segment`] on the first impossible segment.
    pub fn fit(segments: &[Segment]) -> Result<Option<Prior>, ShrinkageError> {
        for (index, &Segment { successes, trials }) in segments.iter().enumerate() {
            if !(trials.is_finite() && successes >= 0.0 && successes <= trials) {
                return Err(ShrinkageError::Segment { index, successes, trials });
            }
        }
        let told: Vec<Segment> = segments.iter().copied().filter(|one| one.trials > 0.0).collect();
        let trials: f64 = told.iter().map(|one| one.trials).sum();
        if told.is_empty() {
            return Ok(None);
        }
        let rate = told.iter().map(|one| one.successes).sum::<f64>() / trials;
        let pooled = |reason| Ok(Some(Prior::Pooled { rate, reason }));
        if told.len() < FEWEST_SEGMENTS {
            return pooled(PooledReason::TooFewSegments { found: told.len() });
        }
        match strength(&told, rate) {
            None => pooled(PooledReason::NoVarianceBetween),
            Some(strength) => {
                let mean = best_mean(&told, strength);
                Ok(Some(Prior::Beta { a: mean * strength, b: (1.0 - mean) * strength }))
            }
        }
    }

    /// The prior's own mean rate.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Prior::Beta { a, b } => a / (a + b),
            Prior::Pooled { rate, .. } => rate,
        }
    }

    /// One segment's rate under this prior; a segment without trials gets the prior's mean.
    ///
    /// # Errors
    /// [`ShrinkageError::Segment`] (index 0) when the segment is impossible.
    pub fn shrink(&self, segment: Segment, level: Level) -> Result<Shrunk, ShrinkageError> {
        let Segment { successes, trials } = segment;
        if !(trials.is_finite() && successes >= 0.0 && successes <= trials) {
            return Err(ShrinkageError::Segment { index: 0, successes, trials });
        }
        Ok(match *self {
            Prior::Pooled { rate, .. } => Shrunk { mean: rate, bounds: None },
            Prior::Beta { a, b } => {
                let (a, b) = (a + successes, b + trials - successes);
                let tail = (1.0 - level.share()) / 2.0;
                let bounds = Bounds { lower: inv_beta_reg(a, b, tail), upper: inv_beta_reg(a, b, 1.0 - tail) };
                Shrunk { mean: a / (a + b), bounds: Some(bounds) }
            }
        })
    }
}

/// ψ(x+k) − ψ(x): by its sum while k is a small whole number, where two nearly equal digammas
/// would lose their difference.
fn digamma_rise(x: f64, k: f64) -> f64 {
    if k <= 64.0 && k.fract().abs() <= 0.0 {
        let (mut sum, mut step) = (0.0, 0.0);
        while step < k {
            sum += 1.0 / (x + step);
            step += 1.0;
        }
        sum
    } else {
        digamma(x + k) - digamma(x)
    }
}

/// The mean that fits best for a given strength a + b. The likelihood is concave in the mean, so
/// its slope crosses zero once.
fn best_mean(segments: &[Segment], strength: f64) -> f64 {
    let slope = |mean: f64| -> f64 {
        let (a, b) = (mean * strength, (1.0 - mean) * strength);
        segments.iter().map(|one| digamma_rise(a, one.successes) - digamma_rise(b, one.trials - one.successes)).sum()
    };
    let edge = 1e-12;
    bracketed(edge, 1.0 - edge, slope).unwrap_or_else(|| if slope(0.5) > 0.0 { 1.0 - edge } else { edge })
}

/// The strength a + b at which the likelihood is largest over all means; `None` when it only grows
/// toward infinity, that is, when the segments are as alike as chance allows.
fn strength(segments: &[Segment], rate: f64) -> Option<f64> {
    if rate <= 0.0 || rate >= 1.0 {
        return None;
    }
    // Tarone's score (Biometrika 1979): the slope in 1/strength at zero says whether any spread helps.
    let score: f64 = segments
        .iter()
        .map(|one| {
            let failures = one.trials - one.successes;
            one.successes * (one.successes - 1.0) / rate + failures * (failures - 1.0) / (1.0 - rate)
                - one.trials * (one.trials - 1.0)
        })
        .sum();
    if score <= 1e-9 * segments.iter().map(|one| one.trials * one.trials).sum::<f64>() {
        return None;
    }
    let slope = |ln_strength: f64| -> f64 {
        let strength = ln_strength.exp();
        let mean = best_mean(segments, strength);
        let (a, b) = (mean * strength, (1.0 - mean) * strength);
        segments
            .iter()
            .map(|one| {
                a * digamma_rise(a, one.successes) + b * digamma_rise(b, one.trials - one.successes)
                    - strength * digamma_rise(strength, one.trials)
            })
            .sum()
    };
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    while slope(high) > 0.0 {
        high += 2.0;
        if high > STRONGEST_PRIOR.ln() {
            return None;
        }
    }
    while slope(low) <= 0.0 {
        low -= 2.0;
        if low < WEAKEST_PRIOR.ln() {
            return Some(WEAKEST_PRIOR);
        }
    }
    bracketed(low, high.max(low + 2.0), slope).map(f64::exp)
}

/// Benjamini–Hochberg q-values (J. R. Statist. Soc. B 1995), in the order of the input: the share
/// of false findings to expect among all findings at least as strong as this one.
///
/// # Errors
/// [`ShrinkageError::PValue`] on the first value outside 0..=1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, ShrinkageError> {
    for (index, &value) in p_values.iter().enumerate() {
        if !(0.0..=1.0).contains(&value) {
            return Err(ShrinkageError::PValue { index, value });
        }
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[right].total_cmp(&p_values[left]));
    let mut q_values = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (from_largest, &index) in order.iter().enumerate() {
        let inflated = p_values[index] * p_values.len() as f64 / (p_values.len() - from_largest) as f64;
        smallest = smallest.min(inflated);
        q_values[index] = smallest;
    }
    Ok(q_values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::function::beta::ln_beta;

    fn counted(pairs: &[(u64, u64)]) -> Vec<Segment> {
        pairs.iter().map(|&(k, n)| Segment::counted(k, n)).collect()
    }

    const SEVEN: [(u64, u64); 7] = [(3, 10), (10, 25), (1, 8), (0, 5), (25, 60), (7, 9), (2, 12)];

    /// The marginal likelihood as it is written in the textbooks.
    fn log_likelihood(segments: &[Segment], a: f64, b: f64) -> f64 {
        segments.iter().map(|one| ln_beta(one.successes + a, one.trials - one.successes + b) - ln_beta(a, b)).sum()
    }

    #[test]
    fn marginal_likelihood_gives_the_published_prior_and_means() {
        let segments = counted(&SEVEN);
        let prior = Prior::fit(&segments).expect("possible").expect("trials");
        let Prior::Beta { a, b } = prior else { panic!("{prior:?}") };
        // Published to six digits by a simplex search (3.370622, 6.593557); these are the roots of the
        // likelihood's slope, solved to all digits.
        assert!((a - 3.370_622_454_406).abs() < 1e-9, "a {a}");
        assert!((b - 6.593_557_877_407).abs() < 1e-9, "b {b}");
        assert!((a - 3.370_622).abs() < 1e-6 && (b - 6.593_557).abs() < 1e-6);
        let means = [0.319_103, 0.382_409, 0.243_297, 0.225_246, 0.405_502, 0.546_853, 0.244_517];
        for (segment, mean) in segments.iter().zip(means) {
            let shrunk = prior.shrink(*segment, Level::P95).expect("possible");
            assert!((shrunk.mean - mean).abs() < 5e-7, "{shrunk:?}");
            let bounds = shrunk.bounds.expect("a spread");
            assert!(bounds.lower < mean && mean < bounds.upper);
        }
        let unknown = prior.shrink(Segment::counted(0, 0), Level::P95).expect("possible");
        assert!((unknown.mean - prior.mean()).abs() < 1e-15);
    }

    #[test]
    fn too_few_or_too_alike_segments_share_the_pooled_rate() {
        let few = Prior::fit(&counted(&[(1, 2), (3, 4), (0, 0), (2, 8), (5, 6)])).expect("possible");
        let reason = PooledReason::TooFewSegments { found: 4 };
        assert_eq!(few, Some(Prior::Pooled { rate: 11.0 / 20.0, reason }));
        for alike in [[(3, 10); 6], [(0, 9); 6], [(9, 9); 6]] {
            let Some(Prior::Pooled { rate, reason }) = Prior::fit(&counted(&alike)).expect("possible") else {
                panic!("{alike:?} has no variance between");
            };
            let expected = alike[0].0 as f64 / alike[0].1 as f64;
            assert!((rate - expected).abs() < 1e-15);
            assert_eq!(reason, PooledReason::NoVarianceBetween);
        }
        // Single trials cannot tell a spread of rates from chance.
        let single = Prior::fit(&counted(&[(0, 1), (1, 1), (0, 1), (1, 1), (1, 1)])).expect("possible");
        assert!(matches!(single, Some(Prior::Pooled { reason: PooledReason::NoVarianceBetween, .. })));
        assert_eq!(Prior::fit(&counted(&[(0, 0); 7])), Ok(None));
    }

    #[test]
    fn all_or_nothing_segments_are_hardly_pulled() {
        let extreme = counted(&[(0, 50), (50, 50), (0, 50), (50, 50), (0, 50), (50, 50)]);
        let prior = Prior::fit(&extreme).expect("possible").expect("trials");
        let shrunk = prior.shrink(extreme[1], Level::P95).expect("possible");
        assert!(shrunk.mean > 0.999, "{prior:?} {shrunk:?}");
    }

    #[test]
    fn large_segments_are_fitted_too() {
        let large =
            counted(&[(20_100, 100_000), (30_300, 100_000), (25_000, 100_000), (22_000, 100_000), (28_000, 100_000)]);
        let Some(Prior::Beta { a, b }) = Prior::fit(&large).expect("possible") else { panic!("they differ") };
        assert!((a / (a + b) - 0.251).abs() < 2e-3 && (30.0..400.0).contains(&(a + b)), "{a} {b}");
    }

    #[test]
    fn an_estimate_counts_as_the_trials_that_give_its_error() {
        let segment = Segment::from_estimate(0.2, 0.04).expect("inside");
        assert!((segment.trials - 100.0).abs() < 1e-9 && (segment.successes - 20.0).abs() < 1e-9);
        for (share, error) in [(0.0, 0.1), (1.0, 0.1), (0.5, 0.0), (f64::NAN, 0.1), (0.5, f64::INFINITY)] {
            assert_eq!(Segment::from_estimate(share, error), None);
        }
    }

    #[test]
    fn impossible_input_is_refused_with_its_place() {
        let wrong = [Segment::counted(1, 2), Segment { successes: 3.0, trials: 2.0 }];
        let error = ShrinkageError::Segment { index: 1, successes: 3.0, trials: 2.0 };
        assert_eq!(Prior::fit(&wrong), Err(error));
        assert_eq!(benjamini_hochberg(&[0.2, 1.5]), Err(ShrinkageError::PValue { index: 1, value: 1.5 }));
        assert!(benjamini_hochberg(&[f64::NAN]).is_err());
    }

    #[test]
    fn q_values_of_a_worked_case() {
        let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.5]).expect("p-values");
        for (found, wanted) in q.iter().zip([0.025, 0.05, 0.05, 0.025, 0.5]) {
            assert!((found - wanted).abs() < 1e-12, "{q:?}");
        }
        assert_eq!(benjamini_hochberg(&[]), Ok(vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// No neighbour of the fitted prior is more likely, in any direction.
        #[test]
        fn the_prior_is_a_maximum(pairs in prop::collection::vec((0_u64..30, 0_u64..30), 5..12)) {
            let segments: Vec<Segment> =
                pairs.iter().map(|&(k, more)| Segment::counted(k, k + more)).collect();
            if let Some(Prior::Beta { a, b }) = Prior::fit(&segments).expect("possible") {
                let best = log_likelihood(&segments, a, b);
                for (fa, fb) in [(1.01, 1.01), (0.99, 0.99), (1.01, 1.0), (0.99, 1.0), (1.0, 1.01), (1.0, 0.99)] {
                    prop_assert!(log_likelihood(&segments, a * fa, b * fb) <= best + 1e-9, "{a} {b}");
                }
            }
        }

        /// A shrunk rate lies between the segment's own and the prior's.
        #[test]
        fn shrinking_pulls_toward_the_prior(k in 0_u64..40, more in 0_u64..40) {
            prop_assume!(k + more > 0);
            let prior = Prior::fit(&counted(&SEVEN)).expect("possible").expect("trials");
            let shrunk = prior.shrink(Segment::counted(k, k + more), Level::P95).expect("possible").mean;
            let own = k as f64 / (k + more) as f64;
            prop_assert!(shrunk >= own.min(prior.mean()) - 1e-12 && shrunk <= own.max(prior.mean()) + 1e-12);
        }

        /// From the definition: q of i is the smallest m·p/#{≤ p} over all p at least as large.
        #[test]
        fn q_values_follow_the_definition(p in prop::collection::vec(0.0..=1.0_f64, 1..30)) {
            let q = benjamini_hochberg(&p).expect("p-values");
            for (index, &own) in p.iter().enumerate() {
                let wanted = p.iter().filter(|&&other| other >= own)
                    .map(|&other| other * p.len() as f64 / p.iter().filter(|&&x| x <= other).count() as f64)
                    .fold(1.0_f64, f64::min);
                prop_assert!((q[index] - wanted).abs() < 1e-12);
            }
        }
    }
}
