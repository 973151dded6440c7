//! Deals as plain lists of states: what a table or a generator gives, and what the naive readings read.

use domain::{Day, Outcome};
use journey::{DealRow, EntryRow, Journeys, JourneysBuilder};

/// A deal and its states by time; without any it was merged into another or never stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// What never changes.
    pub row: DealRow,
    /// Every state, by day.
    pub entries: Vec<EntryRow>,
}

impl Deal {
    /// The state that holds at the end of `day`; of several on one day, the last.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&EntryRow> {
        self.entries.iter().rfind(|entry| entry.day <= day)
    }

    /// The deal as it stood at the end of `day`.
    #[must_use]
    pub fn cut(&self, day: Day) -> Self {
        let entries = self.entries.iter().filter(|entry| entry.day <= day).copied().collect();
        Self { row: self.row, entries }
    }

    /// The day from which on the deal has been in the outcome it has on `day` without a break.
    #[must_use]
    pub fn since(&self, day: Day) -> Option<Day> {
        let outcome = self.on(day)?.outcome;
        let before = self.entries.iter().filter(|entry| entry.day <= day).rev();
        before.take_while(|entry| entry.outcome == outcome).last().map(|entry| entry.day)
    }

    /// How the deal stands on `day`, a long parking being a cancellation: absent before it began, and
    /// `Some(None)` where it is deleted.
    #[must_use]
    pub fn standing(&self, day: Day, parked_limit_days: i32) -> Option<Option<Outcome>> {
        let outcome = self.on(day)?.outcome;
        let parked_days = self.since(day).map_or(0, |since| day.since(since));
        let lapsed = outcome == Some(Outcome::Parked) && parked_days > parked_limit_days;
        Some(if lapsed { Some(Outcome::Cancelled) } else { outcome })
    }
}

/// The deals as one partition.
#[must_use]
pub fn journeys(deals: &[Deal]) -> Journeys {
    let mut builder = JourneysBuilder::default();
    for deal in deals {
        for entry in &deal.entries {
            builder.entry(entry);
        }
        builder.deal(&deal.row);
    }
    builder.finish()
}

/// The deals as partitions of at most `size` deals.
#[must_use]
pub fn partitions(deals: &[Deal], size: usize) -> Vec<Journeys> {
    deals.chunks(size.max(1)).map(journeys).collect()
}
