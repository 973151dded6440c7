//! The analyses, one file each. Each says at its head what it counts, which entry decides group and filter,
//! and the columns of its rows.

mod bridge;
mod conversion;
mod dwell;
mod flow;
mod migration;
mod series;
mod stock;
mod table;
mod trend;
mod win_rate;

pub use bridge::{Bridge, Events, Line};
pub use conversion::{Conversion, ConversionCells, Goal, Reach, Reached, Visit};
pub use dwell::Dwell;
pub use flow::{Destination, Origin};
pub use migration::Migration;
pub use series::{MigrationSeries, SeriesCells};
pub use stock::Stock;
pub use trend::Trend;
pub use win_rate::{Basis, WinRate, WinRateCells};

use domain::Day;

/// Which of the ascending `ends` is the first not before `day`: the period that a day falls in.
pub(crate) fn period_of(ends: &[Day], day: i32) -> usize {
    ends.partition_point(|end| end.0 < day)
}

/// The same for many days over evenly spaced ends, by a guess that is then put right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruler<'a> {
    ends: &'a [Day],
    first: i64,
    per_end: u64,
}

impl<'a> Ruler<'a> {
    #[inline]
    pub(crate) fn new(ends: &'a [Day]) -> Self {
        let (first, last) = (ends.first().map_or(0, |day| day.0), ends.last().map_or(0, |day| day.0));
        let span = u64::try_from(i64::from(last) - i64::from(first)).unwrap_or(0).max(1);
        // Ends a day in 32 binary places, so that the guess is one multiplication.
        let per_end = ((ends.len().saturating_sub(1) as u64) << 32) / span;
        Self { ends, first: i64::from(first), per_end }
    }

    /// Which of the ends is the first not before `day`.
    #[inline]
    pub(crate) fn of(self, day: i32) -> usize {
        let days = i64::from(day) - self.first;
        let Ok(days) = u64::try_from(days) else { return 0 };
        let guess = (u128::from(days) * u128::from(self.per_end)) >> 32;
        let mut at = usize::try_from(guess).unwrap_or(usize::MAX).min(self.ends.len());
        while at > 0 && self.ends[at - 1].0 >= day {
            at -= 1;
        }
        while at < self.ends.len() && self.ends[at].0 < day {
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruler_finds_what_a_search_finds() {
        for ends in [vec![], vec![5], vec![5, 5], vec![0, 7, 14, 21], vec![-40, -3, 0, 1, 2, 300, 301]] {
            let ends: Vec<Day> = ends.into_iter().map(Day).collect();
            for day in (-60..320).chain([i32::MIN, i32::MAX]) {
                assert_eq!(Ruler::new(&ends).of(day), period_of(&ends, day), "{day} in {ends:?}");
            }
        }
    }
}
