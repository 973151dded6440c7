//! How one question sees one partition.
//!
//! The planner of the warehouse computes masks and group codes once per partition; a tally reads them by
//! place. What never changes about a deal is one value a journey, what does is one value an entry, and a
//! tally names the entry that counts.

use domain::{Currency, Day, Outcome, Rates};

use crate::journeys::{Journey, Journeys, NO_AMOUNT, STATE_DELETED};
use crate::slots::{Slot, Slots};

/// In which currency amounts are counted.
#[derive(Debug, Clone, Copy)]
pub enum Amounts<'a> {
    /// All of one currency: as they stand.
    AsBooked,
    /// Converted per deal, half to even, at the rate of the day asked for. The planner has made sure that
    /// every currency present has a rate on every day that can be asked for.
    Converted(&'a Rates),
}

/// The masks, groups and slots of a question over one partition.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The partition.
    pub journeys: &'a Journeys,
    /// One flag a journey: inside the scope and every filter on what never changes. Absent: all.
    pub member: Option<&'a [bool]>,
    /// One flag an entry: inside every filter on what changes. Absent: all.
    pub entry_member: Option<&'a [bool]>,
    /// One code a journey, of the keys that never change. Absent: 0.
    pub group: Option<&'a [u32]>,
    /// One code an entry, of the keys that change, below `entry_groups`. Absent: 0.
    pub entry_group: Option<&'a [u32]>,
    /// How many codes `entry_group` can take, at least 1.
    pub entry_groups: u32,
    /// Where states are counted.
    pub slots: &'a Slots,
    /// How amounts are counted.
    pub amounts: Amounts<'a>,
    /// A deal parked for longer counts as cancelled.
    pub parked_limit_days: i32,
    /// Nothing is seen after the end of this day.
    pub as_of: Day,
}

impl View<'_> {
    /// Whether the journey may count at all.
    #[must_use]
    #[inline]
    pub fn sees(&self, journey: Journey<'_>) -> bool {
        self.member.is_none_or(|member| member[journey.index])
    }

    /// Whether the entry at `place` passes the filters on what changes.
    #[must_use]
    #[inline]
    pub fn admits(&self, place: usize) -> bool {
        self.entry_member.is_none_or(|member| member[place])
    }

    /// The group that a journey counts in when the entry at `place` decides.
    #[must_use]
    #[inline]
    pub fn group(&self, journey: Journey<'_>, place: usize) -> u64 {
        let fixed = self.group.map_or(0, |codes| codes[journey.index]);
        let changing = self.entry_group.map_or(0, |codes| codes[place]);
        u64::from(fixed) * u64::from(self.entry_groups) + u64::from(changing)
    }

    /// The slot of the entry at `place`.
    #[must_use]
    #[inline]
    pub fn slot(&self, place: usize) -> Slot {
        let entries = &self.journeys.entries;
        self.slots.get(entries.stage[place], entries.state[place])
    }

    /// The amount of the entry at `place` in minor units of the reporting currency at the rate of `day`;
    /// absent where unknown.
    #[must_use]
    #[inline]
    pub fn amount_minor(&self, place: usize, day: Day) -> Option<i64> {
        let entries = &self.journeys.entries;
        let amount_minor = entries.amount_minor[place];
        if amount_minor == NO_AMOUNT {
            return None;
        }
        match self.amounts {
            Amounts::AsBooked => Some(amount_minor),
            Amounts::Converted(rates) => {
                let currency = Currency::from_code(entries.currency[place]).unwrap_or(rates.into_currency());
                rates.convert(amount_minor, currency, day).ok()
            }
        }
    }

    /// The open slot of the entry at `place`, if it is inside every filter: whether, and where, the deal is
    /// in the stock while this entry holds.
    #[must_use]
    #[inline]
    pub fn stock_slot(&self, place: usize) -> Option<u16> {
        let slot = self.slot(place).0;
        (slot < self.slots.open_count() && self.admits(place)).then_some(slot)
    }

    /// Whether the entry's amount is worth something else on another day: it is of a foreign currency.
    #[must_use]
    #[inline]
    pub fn amount_varies(&self, place: usize) -> bool {
        match self.amounts {
            Amounts::AsBooked => false,
            Amounts::Converted(rates) => {
                let entries = &self.journeys.entries;
                entries.amount_minor[place] != NO_AMOUNT && entries.currency[place] != rates.into_currency().code()
            }
        }
    }

    /// `day`, or the as-of where that is earlier: nothing later is seen.
    #[must_use]
    #[inline]
    pub fn seen(&self, day: Day) -> Day {
        day.min(self.as_of)
    }

    /// The state code that the entry at `place` has on `day`: as it stands there, but cancelled once the deal
    /// has been parked for longer than the limit.
    #[must_use]
    #[inline]
    pub fn state(&self, journey: Journey<'_>, place: usize, day: Day) -> u8 {
        let state = self.journeys.entries.state[place];
        if state != Outcome::Parked as u8 {
            return state;
        }
        let since = Day(self.journeys.entries.day[journey.run_start(place)]);
        if day.since(since) > self.parked_limit_days { Outcome::Cancelled as u8 } else { state }
    }

    /// The day from which on a deal parked since `since` counts as cancelled.
    #[must_use]
    pub fn lapses_on(&self, since: Day) -> Day {
        since.plus(self.parked_limit_days.saturating_add(1))
    }

    /// Whether the deal came to rest, won, lost, parked, cancelled or deleted, by the end of `day` and by the as-of,
    /// and nothing happened to it since: what is open from that day on does not count it.
    #[must_use]
    #[inline]
    pub fn rests_since(&self, journey: Journey<'_>, day: Day) -> bool {
        let entries = &self.journeys.entries;
        let Some(last) = journey.range().next_back() else { return true };
        entries.state[last] != Outcome::Open as u8 && entries.day[last] <= self.seen(day).0
    }

    /// Whether the deal exists while the entry at `place` holds, and is not deleted.
    #[must_use]
    #[inline]
    pub fn exists(&self, place: usize) -> bool {
        self.journeys.entries.state[place] != STATE_DELETED
    }
}
