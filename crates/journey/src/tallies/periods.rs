//! Days on the line of time: which of the days asked for is the next after a day, and which period a day is in.

use domain::Day;

/// Days that a ruler has a mark for.
const MARKED_DAYS: i64 = 1 << 16;

/// Days at whose end something is asked, ascending, each once, with a mark for every day between.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ruler {
    ends: Vec<Day>,
    /// What [`Ruler::of`] says of each day from the first end to the last; empty where they are too far apart.
    marks: Vec<u32>,
}

impl Ruler {
    pub(crate) fn new(mut ends: Vec<Day>) -> Self {
        ends.sort_unstable();
        ends.dedup();
        let marks = match (ends.first(), ends.last()) {
            (Some(first), Some(last)) if i64::from(last.0) - i64::from(first.0) < MARKED_DAYS => (first.0..=last.0)
                .scan(0_u32, |at, day| {
                    *at += u32::from(ends[*at as usize].0 < day);
                    Some(*at)
                })
                .collect(),
            _ => Vec::new(),
        };
        Self { ends, marks }
    }

    pub(crate) fn ends(&self) -> &[Day] {
        &self.ends
    }

    /// Which of the ends is the first not before `day`.
    #[inline]
    pub(crate) fn of(&self, day: i32) -> usize {
        let first = self.ends.first().map_or(0, |day| day.0);
        if day <= first {
            return 0;
        }
        // Both lie in 32 bits and `day` is the later, so the difference fits.
        let after = day.wrapping_sub(first).cast_unsigned() as usize;
        match self.marks.get(after) {
            Some(at) => *at as usize,
            None if self.marks.is_empty() => self.ends.partition_point(|end| end.0 < day),
            None => self.ends.len(),
        }
    }
}

/// Consecutive periods of whole days, such as the quarters of cohorts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Periods {
    from: Day,
    ends: Ruler,
}

impl Periods {
    /// From `from`, each to one of `ends` (in any order), both days inside.
    #[must_use]
    pub fn new(from: Day, ends: Vec<Day>) -> Self {
        Self { from, ends: Ruler::new(ends) }
    }

    /// The first day of the first period.
    #[must_use]
    pub const fn from(&self) -> Day {
        self.from
    }

    /// The last day of each period, ascending.
    #[must_use]
    pub fn ends(&self) -> &[Day] {
        self.ends.ends()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends().len()
    }

    /// The period that a day lies in.
    #[must_use]
    #[inline]
    pub fn of(&self, day: Day) -> Option<usize> {
        let period = self.ends.of(day.0);
        (day >= self.from && period < self.count()).then_some(period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruler_finds_what_a_search_finds() {
        let far = vec![i32::MIN, -7, 4, i32::MAX];
        for ends in [vec![], vec![5], vec![0, 7, 14, 21], vec![-40, -3, 0, 1, 2, 300, 301], far] {
            let ends: Vec<Day> = ends.into_iter().map(Day).collect();
            let ruler = Ruler::new(ends.iter().rev().chain(&ends).copied().collect());
            assert_eq!(ruler.ends(), ends);
            for day in (-60..320).chain([i32::MIN, i32::MAX]) {
                let place = ends.iter().position(|end| end.0 >= day).unwrap_or(ends.len());
                assert_eq!(ruler.of(day), place, "{day} in {ends:?}");
            }
        }
    }
}
