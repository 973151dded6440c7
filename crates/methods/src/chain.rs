//! What becomes of a deal that wanders between stages until it is absorbed (won, lost, …).
//!
//! From the probabilities of the next step and the mean stay per stage follow the probability of
//! each end, the expected days to any end, and the expected days to a given end. Feed it with
//! probabilities from hazards ([`crate::survival`]); counts of finished moves forget the deals that
//! still stand. The module must not know stage names or processes: stages are positions.

use thiserror::Error;

/// How far a row may be from summing to one.
const ROW_TOLERANCE: f64 = 1e-9;

/// What makes a chain impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ChainError {
    /// A chain needs at least one stage and one end.
    #[error("a chain needs at least one stage and one end")]
    Empty,
    /// A list whose length does not fit.
    #[error("stage {stage}: {what} has {found} entries where {wanted} are meant")]
    Shape {
        /// The stage, from 0.
        stage: usize,
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        wanted: usize,
    },
    /// Probabilities outside 0..=1 or a row that does not sum to one.
    #[error("stage {stage}: the probabilities of leaving it sum to {sum}, not to 1, or lie outside 0..=1")]
    Row {
        /// The stage, from 0.
        stage: usize,
        /// The row's sum.
        sum: f64,
    },
    /// A stay that is negative or not finite.
    #[error("stage {stage}: a mean stay of {stay_days} days is impossible")]
    Stay {
        /// The stage, from 0.
        stage: usize,
        /// The stay given.
        stay_days: f64,
    },
    /// Some stages never lead to an end.
    #[error("some stages can never reach an end")]
    NoEnd,
}

/// An absorbing Markov chain with a mean stay per stage.
#[derive(Debug, Clone, PartialEq)]
pub struct AbsorbingChain {
    moves: Vec<Vec<f64>>,
    ends: Vec<Vec<f64>>,
    stay_days: Vec<f64>,
    visits: Vec<Vec<f64>>,
}

impl AbsorbingChain {
    /// `moves[i][j]` is the probability that stage i is left for stage j, `ends[i][c]` that it is
    /// left for end c; each stage's row over both sums to 1. `stay_days[i]` is the mean stay per
    /// visit, taken not to depend on where the visit leads.
    ///
    /// # Errors
    /// [`ChainError`] with the stage where shapes, sums or stays are wrong.
    pub fn new(moves: Vec<Vec<f64>>, ends: Vec<Vec<f64>>, stay_days: Vec<f64>) -> Result<AbsorbingChain, ChainError> {
        let size = moves.len();
        let causes = ends.first().map_or(0, Vec::len);
        if size == 0 || causes == 0 {
            return Err(ChainError::Empty);
        }
        for (what, found) in [("the list of ends", ends.len()), ("the list of stays", stay_days.len())] {
            if found != size {
                return Err(ChainError::Shape { stage: 0, what, found, wanted: size });
            }
        }
        for (stage, (row, out)) in moves.iter().zip(&ends).enumerate() {
            for (what, found, wanted) in [("moves", row.len(), size), ("ends", out.len(), causes)] {
                if found != wanted {
                    return Err(ChainError::Shape { stage, what, found, wanted });
                }
            }
            let sum: f64 = row.iter().chain(out).sum();
            let inside = row.iter().chain(out).all(|share| (0.0..=1.0).contains(share));
            if !inside || (sum - 1.0).abs() > ROW_TOLERANCE {
                return Err(ChainError::Row { stage, sum });
            }
            if !(stay_days[stage] >= 0.0 && stay_days[stage].is_finite()) {
                return Err(ChainError::Stay { stage, stay_days: stay_days[stage] });
            }
        }
        if !every_stage_ends(&moves, &ends) {
            return Err(ChainError::NoEnd);
        }
        let visits = fundamental(&moves).ok_or(ChainError::NoEnd)?;
        Ok(AbsorbingChain { moves, ends, stay_days, visits })
    }

    /// The fundamental matrix N = (I − Q)⁻¹ (Kemeny and Snell 1960): `visits()[i][j]` is the
    /// expected number of visits to stage j of a deal now entering stage i, this one included.
    #[must_use]
    pub fn visits(&self) -> &[Vec<f64>] {
        &self.visits
    }

    /// Per stage, the probability of ending by `end`; `None` for an end the chain does not have.
    #[must_use]
    pub fn absorption(&self, end: usize) -> Option<Vec<f64>> {
        if end >= self.ends[0].len() {
            return None;
        }
        let column: Vec<f64> = self.ends.iter().map(|row| row[end]).collect();
        Some(times(&self.visits, &column))
    }

    /// Per stage, the expected days from entering it to any end.
    #[must_use]
    pub fn expected_days(&self) -> Vec<f64> {
        times(&self.visits, &self.stay_days)
    }

    /// Per stage, the expected days to `end` of the deals that do end so (the chain conditioned on
    /// its end, Doob's transform); `None` inside for a stage that cannot, outside for an unknown end.
    #[must_use]
    pub fn expected_days_given(&self, end: usize) -> Option<Vec<Option<f64>>> {
        let reach = self.absorption(end)?;
        let can: Vec<usize> = (0..reach.len()).filter(|&stage| reach[stage] > 0.0).collect();
        let conditioned: Vec<Vec<f64>> =
            can.iter().map(|&i| can.iter().map(|&j| self.moves[i][j] * reach[j] / reach[i]).collect()).collect();
        let stays: Vec<f64> = can.iter().map(|&stage| self.stay_days[stage]).collect();
        let days = times(&fundamental(&conditioned)?, &stays);
        let mut out = vec![None; reach.len()];
        for (&stage, value) in can.iter().zip(days) {
            out[stage] = Some(value);
        }
        Some(out)
    }
}

/// Whether an end can be reached from everywhere: walks backwards from the ends.
fn every_stage_ends(moves: &[Vec<f64>], ends: &[Vec<f64>]) -> bool {
    let mut reaches: Vec<bool> = ends.iter().map(|row| row.iter().any(|&share| share > 0.0)).collect();
    for _ in 0..moves.len() {
        for stage in 0..moves.len() {
            reaches[stage] = reaches[stage] || (0..moves.len()).any(|to| moves[stage][to] > 0.0 && reaches[to]);
        }
    }
    reaches.into_iter().all(|one| one)
}

fn times(matrix: &[Vec<f64>], column: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(column).map(|(left, right)| left * right).sum()).collect()
}

/// (I − Q)⁻¹ by Gauss–Jordan with partial pivoting; `None` when singular.
fn fundamental(moves: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let size = moves.len();
    let unit = |row: usize, column: usize| if row == column { 1.0 } else { 0.0 };
    let mut work: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let left = (0..size).map(|column| unit(row, column) - moves[row][column]);
            left.chain((0..size).map(|column| unit(row, column))).collect()
        })
        .collect();
    for column in 0..size {
        let pivot = (column..size).max_by(|&a, &b| work[a][column].abs().total_cmp(&work[b][column].abs()))?;
        if work[pivot][column].abs() < 1e-14 {
            return None;
        }
        work.swap(column, pivot);
        let scale = work[column][column];
        work[column].iter_mut().for_each(|cell| *cell /= scale);
        let source = work[column].clone();
        for (row, cells) in work.iter_mut().enumerate() {
            let factor = cells[column];
            if row != column && factor != 0.0 {
                cells.iter_mut().zip(&source).for_each(|(cell, from)| *cell -= factor * from);
            }
        }
    }
    Some(work.into_iter().map(|row| row[size..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (left, right) in found.iter().zip(wanted) {
            assert!((left - right).abs() < 5e-7, "{found:?} is not {wanted:?}");
        }
    }

    fn example() -> AbsorbingChain {
        AbsorbingChain::new(
            vec![vec![0.0, 0.6, 0.0], vec![0.1, 0.0, 0.5], vec![0.0, 0.1, 0.0]],
            vec![vec![0.05, 0.35], vec![0.05, 0.35], vec![0.55, 0.35]],
            vec![10.0, 20.0, 15.0],
        )
        .expect("a chain")
    }

    #[test]
    fn the_published_chain() {
        let chain = example();
        close(&chain.absorption(0).expect("won"), &[0.272_472, 0.370_787, 0.587_079]);
        close(&chain.expected_days(), &[29.213_483, 32.022_472, 18.202_247]);
        let given: Vec<f64> =
            chain.expected_days_given(0).expect("won").into_iter().map(|days| days.expect("can win")).collect();
        close(&given, &[39.916_599, 36.640_279, 17.314_123]);
        close(&chain.visits()[0], &[1.067_416, 0.674_157, 0.337_079]);
        assert_eq!(chain.absorption(2), None);
        assert_eq!(chain.expected_days_given(2), None);
    }

    #[test]
    fn an_end_out_of_reach_has_no_time() {
        let chain = AbsorbingChain::new(
            vec![vec![0.0, 0.0], vec![0.0, 0.0]],
            vec![vec![0.0, 1.0], vec![0.5, 0.5]],
            vec![3.0, 4.0],
        )
        .expect("a chain");
        assert_eq!(chain.expected_days_given(0), Some(vec![None, Some(4.0)]));
    }

    #[test]
    fn wrong_chains_say_where() {
        let new = AbsorbingChain::new;
        assert_eq!(new(vec![], vec![], vec![]), Err(ChainError::Empty));
        assert_eq!(new(vec![vec![0.5]], vec![vec![0.4]], vec![1.0]), Err(ChainError::Row { stage: 0, sum: 0.9 }));
        assert!(matches!(new(vec![vec![1.5]], vec![vec![-0.5]], vec![1.0]), Err(ChainError::Row { .. })));
        assert_eq!(
            new(vec![vec![0.0]], vec![vec![1.0]], vec![-1.0]),
            Err(ChainError::Stay { stage: 0, stay_days: -1.0 })
        );
        assert!(matches!(new(vec![vec![0.0, 0.0]], vec![vec![1.0]], vec![1.0]), Err(ChainError::Shape { .. })));
        assert!(matches!(new(vec![vec![0.0]], vec![vec![1.0]], vec![]), Err(ChainError::Shape { .. })));
        // Two stages that only hand deals to each other.
        assert_eq!(
            new(
                vec![vec![0.0, 1.0, 0.0], vec![1.0, 0.0, 0.0], vec![0.0, 0.0, 0.0]],
                vec![vec![0.0], vec![0.0], vec![1.0]],
                vec![1.0; 3]
            ),
            Err(ChainError::NoEnd)
        );
    }

    proptest! {
        /// Walking the chain step by step gives the same, and all ends together are certain.
        #[test]
        fn agrees_with_walking(weights in prop::collection::vec(0.0..1.0_f64, 4 * 6), stays in prop::collection::vec(0.0..50.0_f64, 4)) {
            let rows: Vec<Vec<f64>> = weights.chunks(6).map(|row| {
                let total: f64 = row.iter().sum::<f64>() + 0.4;
                let mut row: Vec<f64> = row.iter().map(|cell| cell / total).collect();
                row[5] += 0.4 / total;
                row
            }).collect();
            let moves: Vec<Vec<f64>> = rows.iter().map(|row| row[..4].to_vec()).collect();
            let ends: Vec<Vec<f64>> = rows.iter().map(|row| row[4..].to_vec()).collect();
            let chain = AbsorbingChain::new(moves.clone(), ends.clone(), stays.clone()).expect("a chain");
            let (mut here, mut won, mut days) = (vec![1.0, 0.0, 0.0, 0.0], 0.0, 0.0);
            for _ in 0..2_000 {
                won += here.iter().zip(&ends).map(|(mass, row)| mass * row[0]).sum::<f64>();
                days += here.iter().zip(&stays).map(|(mass, stay)| mass * stay).sum::<f64>();
                here = (0..4).map(|to| (0..4).map(|from| here[from] * moves[from][to]).sum()).collect();
            }
            prop_assert!((chain.absorption(0).expect("end 0")[0] - won).abs() < 1e-9);
            prop_assert!((chain.expected_days()[0] - days).abs() < 1e-6);
            let (first, second) = (chain.absorption(0).expect("end 0"), chain.absorption(1).expect("end 1"));
            for stage in 0..4 {
                prop_assert!((first[stage] + second[stage] - 1.0).abs() < 1e-9);
                // The expectation splits by end.
                let split = first[stage] * chain.expected_days_given(0).expect("end 0")[stage].unwrap_or(0.0)
                    + second[stage] * chain.expected_days_given(1).expect("end 1")[stage].unwrap_or(0.0);
                prop_assert!((split - chain.expected_days()[stage]).abs() < 1e-6);
            }
        }
    }
}
