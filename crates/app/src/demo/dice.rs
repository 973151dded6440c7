//! Draws for the demonstration company, from a seeded generator: the same seed, the same company.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seeded source of draws.
#[derive(Debug, Clone)]
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    /// A source of its own for `stream`, so that switching one part of the company off does not shift the
    /// draws of the others.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in [0, 1).
    #[allow(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in `0..n`; 0 where `n` is 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Uniform in `from..=to`.
    pub(crate) fn between(&mut self, from: i32, to: i32) -> i32 {
        let span = usize::try_from(to - from + 1).unwrap_or(1);
        from + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// One of `items`.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// The place of the weight that the draw falls on; the last one where the weights sum to less.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len() - 1
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Gamma of shape two with this mean: stays rarely end at once, and some last long.
    pub(crate) fn stay_days(&mut self, mean: f64) -> i32 {
        let days = self.exponential(mean / 2.0) + self.exponential(mean / 2.0);
        #[allow(clippy::cast_possible_truncation, reason = "bounded by a year or two")]
        let days = days.round().min(720.0) as i32;
        days.max(1)
    }

    /// Poisson with this mean, by counting exponential gaps; for small means.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        let mut count = 0;
        let mut at = self.exponential(1.0);
        while at < mean {
            count += 1;
            at += self.exponential(1.0);
        }
        count
    }

    /// Log-normal around `median` with the spread `sigma` of its logarithm (the sum of twelve draws stands
    /// for a normal one).
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let normal = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        median * (sigma * normal).exp()
    }
}
