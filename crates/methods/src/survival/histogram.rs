//! The exact input of every survival estimate: spells counted by (entry, exit, end).
//!
//! Cells are integers and merging adds them, so the result is the same whatever the order, the
//! threads or the machines that did the counting.

use std::collections::BTreeMap;

use super::SurvivalError;

/// How a spell left watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// Still running when watch ended (censored).
    Open,
    /// Ended by this cause, numbered from 0.
    Cause(u8),
}

/// One stretch of time under watch, in whole days of the spell's own age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spell {
    /// Age when watch began; 0 for a spell watched from its beginning.
    pub entry_days: u32,
    /// Age when watch ended.
    pub exit_days: u32,
    /// Why watch ended.
    pub end: End,
}

/// Spells counted by their three facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SpellHistogram {
    cells: BTreeMap<Spell, u64>,
}

impl SpellHistogram {
    /// No spells.
    #[must_use]
    pub fn new() -> SpellHistogram {
        SpellHistogram::default()
    }

    /// The histogram of the given cells; cells that repeat add up.
    ///
    /// # Errors
    /// [`SurvivalError::ExitBeforeEntry`] on the first impossible spell.
    pub fn from_cells(cells: impl IntoIterator<Item = (Spell, u64)>) -> Result<SpellHistogram, SurvivalError> {
        let mut out = SpellHistogram::new();
        for (spell, count) in cells {
            out.add(spell, count)?;
        }
        Ok(out)
    }

    /// Counts `count` more spells of this kind; a count of 0 leaves no cell.
    ///
    /// # Errors
    /// [`SurvivalError::ExitBeforeEntry`] when the spell ends before it enters.
    pub fn add(&mut self, spell: Spell, count: u64) -> Result<(), SurvivalError> {
        let Spell { entry_days, exit_days, .. } = spell;
        if exit_days < entry_days {
            return Err(SurvivalError::ExitBeforeEntry { entry_days, exit_days });
        }
        if count > 0 {
            *self.cells.entry(spell).or_insert(0) += count;
        }
        Ok(())
    }

    /// Adds another histogram into this one.
    pub fn merge(&mut self, other: &SpellHistogram) {
        for (&spell, &count) in &other.cells {
            *self.cells.entry(spell).or_insert(0) += count;
        }
    }

    /// The cells in order of entry, exit and end.
    pub fn cells(&self) -> impl Iterator<Item = (Spell, u64)> + '_ {
        self.cells.iter().map(|(&spell, &count)| (spell, count))
    }

    /// How many spells there are.
    #[must_use]
    pub fn spells(&self) -> u64 {
        self.cells.values().sum()
    }

    /// How many spells left watch this way.
    #[must_use]
    pub fn ended(&self, end: End) -> u64 {
        self.cells().filter(|(spell, _)| spell.end == end).map(|(_, count)| count).sum()
    }

    /// Ages at the end of the spells that ended by `cause`: the closed ones only, so good for
    /// "won deals took …" and wrong for "deals take …".
    #[must_use]
    pub fn durations_of(&self, cause: u8) -> DayCounts {
        let mut out = DayCounts::default();
        for (spell, count) in self.cells() {
            if spell.end == End::Cause(cause) {
                out.add(spell.exit_days, count);
            }
        }
        out
    }
}

/// Whole days counted: the exact distribution of a duration that is known for every member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct DayCounts {
    cells: BTreeMap<u32, u64>,
}

impl DayCounts {
    /// Counts `count` more durations of this many days.
    pub fn add(&mut self, days: u32, count: u64) {
        if count > 0 {
            *self.cells.entry(days).or_insert(0) += count;
        }
    }

    /// Adds another count into this one.
    pub fn merge(&mut self, other: &DayCounts) {
        for (&days, &count) in &other.cells {
            self.add(days, count);
        }
    }

    /// How many durations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.cells.values().sum()
    }

    /// Their exact sum in days.
    #[must_use]
    pub fn sum_days(&self) -> u128 {
        self.cells.iter().map(|(&days, &count)| u128::from(days) * u128::from(count)).sum()
    }

    /// Their mean in days; `None` without any.
    #[must_use]
    pub fn mean_days(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum_days() as f64 / count as f64)
    }

    /// The smallest day that at least `numerator / denominator` of the durations do not exceed
    /// (the inverse of the empirical distribution, type 1 of Hyndman and Fan 1996): an observed
    /// day, never one between two. `None` without durations or for a share outside 0..=1.
    #[must_use]
    pub fn quantile_days(&self, numerator: u32, denominator: u32) -> Option<u32> {
        if numerator > denominator || denominator == 0 {
            return None;
        }
        let wanted = u128::from(self.count()) * u128::from(numerator);
        let mut seen = 0_u128;
        self.cells.iter().find_map(|(&days, &count)| {
            seen += u128::from(count);
            (seen * u128::from(denominator) >= wanted).then_some(days)
        })
    }

    /// The median in days: the middle duration, or the mean of the middle two.
    #[must_use]
    pub fn median_days(&self) -> Option<f64> {
        let low = self.quantile_days(1, 2)?;
        let count = self.count();
        let mut seen = 0;
        let high = self.cells.iter().find_map(|(&days, &here)| {
            seen += here;
            (seen > count / 2).then_some(days)
        })?;
        Some(f64::midpoint(f64::from(low), f64::from(high)))
    }
}
