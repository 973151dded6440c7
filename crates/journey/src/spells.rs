//! Exact histograms of spells: how long something lasted and how it ended, in whole days.
//!
//! Days are integers, so a histogram loses nothing and merges in any order; medians, Kaplan–Meier and
//! Aalen–Johansen are computed from it afterwards. A spell already running when watch began says at what
//! age (late entry); one still running when watch ended says so (censored).

use std::collections::HashMap;

use arrow::array::RecordBatch;
use foldhash::fast::FixedState;

use crate::cells::{Cells, Layout};
use crate::travel::{CellsError, Parts};

/// How a spell ended. The code is written to batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// Not yet, as far as was seen.
    Censored = 0,
    /// In a later stage.
    Forward = 1,
    /// In an earlier stage.
    Back = 2,
    /// Won.
    Won = 3,
    /// Lost.
    Lost = 4,
    /// Cancelled, or parked past the limit.
    Cancelled = 5,
    /// Parked.
    Parked = 6,
}

impl Cause {
    /// Every cause, in the order of its code.
    pub const ALL: [Self; 7] =
        [Self::Censored, Self::Forward, Self::Back, Self::Won, Self::Lost, Self::Cancelled, Self::Parked];

    /// The cause with this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Censored => "censored",
            Self::Forward => "forward",
            Self::Back => "back",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
        }
    }
}

/// A spell in whole days of its own age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spell {
    /// Age when watch began: 0 for a spell seen from its beginning, else at risk only on later days.
    pub entry_days: u32,
    /// Age when it ended or watch did.
    pub exit_days: u32,
    /// How it ended.
    pub cause: Cause,
}

/// Days of a spell that are kept side by side.
const NEAR_DAYS: u32 = 512;
/// Side-by-side counts at most, per histogram: two megabytes.
const DENSE_COUNTS: u64 = 1 << 18;
/// Side-by-side counts of one place.
const PER_PLACE: u32 = NEAR_DAYS * Cause::ALL.len() as u32;

/// Spells counted by group, place and spell. Spells seen from their beginning and shorter than
/// [`NEAR_DAYS`] lie side by side while the groups are few; all others, and all of a packed histogram until it
/// is added to, are in a hash map.
#[derive(Debug, Clone, Default)]
pub struct Spells {
    layout: Layout,
    dense_places: u64,
    dense: Vec<i64>,
    sparse: HashMap<(u64, u32, Spell), i64, FixedState>,
    packed: bool,
}

impl Spells {
    /// Fixes the numbering of places before anything is counted.
    ///
    /// # Panics
    /// Where it was fixed otherwise.
    #[inline]
    pub fn shape(&mut self, layout: Layout) {
        if self.layout != layout {
            self.layout = self.layout.agree(layout);
        }
    }

    /// The numbering of its places.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Counts one spell at `place` in `group`. The histogram has been given its shape.
    #[inline]
    pub fn add(&mut self, group: u64, place: usize, spell: Spell) {
        self.add_many(group, u32::try_from(place).unwrap_or(u32::MAX), spell, 1);
    }

    pub(crate) fn add_many(&mut self, group: u64, place: u32, spell: Spell, count: i64) {
        debug_assert!(place < self.layout.stride, "place {place} of {:?}", self.layout);
        if self.packed {
            self.unpack();
        }
        match self.near(group, place, spell) {
            Some(at) => self.dense[at] += count,
            None => *self.sparse.entry((group, place, spell)).or_default() += count,
        }
    }

    #[cold]
    fn unpack(&mut self) {
        self.packed = false;
        for ((group, place, spell), count) in std::mem::take(&mut self.sparse) {
            self.add_many(group, place, spell, count);
        }
    }

    /// The side-by-side count of a spell, made room for; absent where it belongs in the map.
    #[inline]
    fn near(&mut self, group: u64, place: u32, spell: Spell) -> Option<usize> {
        let limit = DENSE_COUNTS / u64::from(PER_PLACE);
        if spell.entry_days != 0 || spell.exit_days >= NEAR_DAYS || group >= limit {
            return None;
        }
        let flat = group * u64::from(self.layout.stride) + u64::from(place);
        if flat >= limit {
            return None;
        }
        if flat >= self.dense_places {
            self.dense_places = (flat + 1).next_power_of_two().min(limit);
            self.dense.resize(usize::try_from(self.dense_places).ok()? * PER_PLACE as usize, 0);
        }
        let within = spell.cause as u32 * NEAR_DAYS + spell.exit_days;
        Some(usize::try_from(flat).ok()? * PER_PLACE as usize + within as usize)
    }

    /// Every spell that was counted, by group, place, entry, exit and cause.
    #[must_use]
    pub fn rows(&self) -> Vec<(u64, u32, Spell, i64)> {
        let stride = u64::from(self.layout.stride.max(1));
        let mut rows: Vec<(u64, u32, Spell, i64)> = self
            .sparse
            .iter()
            .filter(|(_, count)| **count != 0)
            .map(|((group, place, spell), count)| (*group, *place, *spell, *count))
            .collect();
        for (flat, counts) in (0_u64..).zip(self.dense.chunks(PER_PLACE as usize)) {
            let place = u32::try_from(flat % stride).unwrap_or(u32::MAX);
            for (cause, days) in Cause::ALL.into_iter().zip(counts.chunks(NEAR_DAYS as usize)) {
                for (exit_days, count) in (0_u32..).zip(days).filter(|(_, count)| **count != 0) {
                    rows.push((flat / stride, place, Spell { entry_days: 0, exit_days, cause }, *count));
                }
            }
        }
        rows.sort_unstable();
        rows
    }
}

impl PartialEq for Spells {
    /// Whether both count the same; how much room they hold does not matter.
    fn eq(&self, other: &Self) -> bool {
        let (own, theirs) = (self.rows(), other.rows());
        own == theirs && (own.is_empty() || self.layout == other.layout)
    }
}

impl Cells for Spells {
    fn merge(&mut self, mut other: Self) {
        self.layout = self.layout.agree(other.layout);
        if self.packed {
            self.unpack();
        }
        if other.dense.len() > self.dense.len() {
            std::mem::swap(&mut self.dense, &mut other.dense);
            self.dense_places = other.dense_places;
        }
        for (own, theirs) in self.dense.iter_mut().zip(&other.dense) {
            *own += theirs;
        }
        if !other.packed && other.sparse.len() > self.sparse.len() {
            std::mem::swap(&mut self.sparse, &mut other.sparse);
        }
        for ((group, place, spell), count) in other.sparse {
            self.add_many(group, place, spell, count);
        }
    }

    fn pack(&mut self) {
        let filled = self.dense.iter().filter(|count| **count != 0).count();
        // A count in the map takes about eight times its room.
        if self.packed || filled * 8 > self.dense.len() {
            return;
        }
        let rows = self.rows().into_iter().map(|(group, place, spell, count)| ((group, place, spell), count));
        self.sparse = rows.collect();
        (self.dense, self.dense_places, self.packed) = (Vec::new(), 0, true);
    }

    fn bytes(&self) -> usize {
        let far = size_of::<((u64, u32, Spell), i64)>() + 1;
        size_of::<Self>() + self.dense.capacity() * size_of::<i64>() + self.sparse.capacity() * far * 8 / 7
    }

    fn to_batch(&self) -> RecordBatch {
        let mut parts = Parts::default();
        parts.spells(0, self);
        parts.finish()
    }

    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError> {
        Parts::read(batch, 1)?.take_spells(0)
    }
}
