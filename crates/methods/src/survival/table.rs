//! At risk and ended, per day on which something ended: all an estimator needs to know.

use std::collections::BTreeMap;

use super::{End, SpellHistogram, SurvivalError};

/// One day on which at least one spell ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventRow {
    /// Age in days.
    pub time_days: u32,
    /// Spells under watch just before, those that end this day included.
    pub at_risk: u64,
    /// Spells that ended this day, by cause.
    pub events: Vec<u64>,
}

impl EventRow {
    /// Spells that ended this day by any cause.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.events.iter().sum()
    }
}

/// The event days of a population, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventTable {
    causes: u8,
    rows: Vec<EventRow>,
    first_seen_days: u32,
    last_seen_days: u32,
    watched: u64,
    unwatched: u64,
}

impl EventTable {
    /// Sweeps a histogram into event days, for causes `0..causes`.
    ///
    /// A spell that entered late and left on the very day of its entry was under watch for no day
    /// at all: it is left out and counted in [`EventTable::unwatched`].
    ///
    /// # Errors
    /// [`SurvivalError::UnknownCause`] when a spell ended by a cause beyond `causes`.
    pub fn from_histogram(histogram: &SpellHistogram, causes: u8) -> Result<EventTable, SurvivalError> {
        let mut late: BTreeMap<u32, u64> = BTreeMap::new();
        let mut exits: BTreeMap<u32, u64> = BTreeMap::new();
        let mut events: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        let (mut at_risk, mut watched, mut unwatched) = (0_u64, 0_u64, 0_u64);
        for (spell, count) in histogram.cells() {
            if let End::Cause(cause) = spell.end
                && cause >= causes
            {
                return Err(SurvivalError::UnknownCause { cause, causes });
            }
            if spell.entry_days > 0 && spell.entry_days == spell.exit_days {
                unwatched += count;
                continue;
            }
            watched += count;
            if spell.entry_days == 0 {
                at_risk += count;
            } else {
                *late.entry(spell.entry_days).or_insert(0) += count;
            }
            *exits.entry(spell.exit_days).or_insert(0) += count;
            if let End::Cause(cause) = spell.end {
                events.entry(spell.exit_days).or_insert_with(|| vec![0; usize::from(causes)])[usize::from(cause)] +=
                    count;
            }
        }
        let first_seen_days = if at_risk > 0 { 0 } else { late.keys().next().copied().unwrap_or(0) };
        let last_seen_days = exits.keys().next_back().copied().unwrap_or(0);
        let (mut entering, mut leaving) = (late.into_iter().peekable(), exits.into_iter().peekable());
        let mut rows = Vec::with_capacity(events.len());
        for (time_days, events) in events {
            while let Some((_, count)) = entering.next_if(|&(day, _)| day < time_days) {
                at_risk += count;
            }
            while let Some((_, count)) = leaving.next_if(|&(day, _)| day < time_days) {
                at_risk -= count;
            }
            rows.push(EventRow { time_days, at_risk, events });
        }
        Ok(EventTable { causes, rows, first_seen_days, last_seen_days, watched, unwatched })
    }

    /// Takes rows that were aggregated elsewhere.
    ///
    /// `watched` is the number of spells behind them and `last_seen_days` the last day on which
    /// any was under watch; watch is taken to start at day 0.
    ///
    /// # Errors
    /// Every way in which rows can contradict themselves has its [`SurvivalError`].
    pub fn from_rows(
        causes: u8,
        rows: Vec<EventRow>,
        watched: u64,
        last_seen_days: u32,
    ) -> Result<EventTable, SurvivalError> {
        let mut previous: Option<u32> = None;
        for row in &rows {
            let time_days = row.time_days;
            if row.events.len() != usize::from(causes) {
                return Err(SurvivalError::CauseCount { time_days, found: row.events.len(), causes });
            }
            if let Some(previous_days) = previous.filter(|&day| day >= time_days) {
                return Err(SurvivalError::Order { time_days, previous_days });
            }
            if row.ended() > row.at_risk {
                let (events, at_risk) = (row.ended(), row.at_risk);
                return Err(SurvivalError::MoreEventsThanAtRisk { time_days, events, at_risk });
            }
            if time_days > last_seen_days {
                return Err(SurvivalError::AfterFollowUp { time_days, last_seen_days });
            }
            previous = Some(time_days);
        }
        let rows = rows.into_iter().filter(|row| row.ended() > 0).collect();
        Ok(EventTable { causes, rows, first_seen_days: 0, last_seen_days, watched, unwatched: 0 })
    }

    /// The same population with one cause kept and the others read as censoring.
    ///
    /// One minus Kaplan–Meier on this is the classic mistake with competing causes; it is here so
    /// that the mistake can be shown and measured, and for cause-specific hazards, where it is right.
    ///
    /// # Errors
    /// [`SurvivalError::UnknownCause`] for a cause the table does not have.
    pub fn only(&self, cause: u8) -> Result<EventTable, SurvivalError> {
        if cause >= self.causes {
            return Err(SurvivalError::UnknownCause { cause, causes: self.causes });
        }
        let rows = self
            .rows
            .iter()
            .filter(|row| row.events[usize::from(cause)] > 0)
            .map(|row| EventRow { events: vec![row.events[usize::from(cause)]], ..row.clone() })
            .collect();
        Ok(EventTable { causes: 1, rows, ..*self })
    }

    /// How many causes there are.
    #[must_use]
    pub fn causes(&self) -> u8 {
        self.causes
    }

    /// The event days in order.
    #[must_use]
    pub fn rows(&self) -> &[EventRow] {
        &self.rows
    }

    /// The youngest age under watch. Above 0, every estimate is conditional on having lasted so
    /// long: nobody saw the days before.
    #[must_use]
    pub fn first_seen_days(&self) -> u32 {
        self.first_seen_days
    }

    /// The oldest age under watch: beyond it nothing is known unless all have ended.
    #[must_use]
    pub fn last_seen_days(&self) -> u32 {
        self.last_seen_days
    }

    /// Spells behind the table.
    #[must_use]
    pub fn watched(&self) -> u64 {
        self.watched
    }

    /// Spells left out because they were under watch for no day.
    #[must_use]
    pub fn unwatched(&self) -> u64 {
        self.unwatched
    }
}
