//! Exact histograms of spells: how long something lasted and how it ended, in whole days.
//!
//! Days are integers, so a histogram loses nothing and merges in any order; medians, Kaplan–Meier and
//! Aalen–Johansen are computed from it afterwards. A spell already running when watch began says at what
//! age (late entry); one still running when watch ended says so (censored).

use std::borrow::Cow;
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

/// Bits of a day count in a packed spell: 44 years.
const DAY_BITS: u32 = 14;
const CAUSE_BITS: u32 = 3;
/// Bits of a packed spell below its place.
const SPELL_BITS: u32 = 2 * DAY_BITS + CAUSE_BITS;
/// Places that can be packed.
const NEAR_PLACES: u64 = 1 << (u64::BITS - SPELL_BITS);
/// Packed spells below this, seen from their beginning and over within 512 days, are counted without sorting.
const SHORT: usize = 1 << (9 + CAUSE_BITS);
/// Spells that are kept one by one before they are counted: 32 megabytes.
const SEEN: usize = 1 << 22;

/// Room for spells that is asked for first: half a megabyte.
const FIRST: usize = 1 << 16;

/// A spell and its place in 64 bits, in the order of place, entry, exit and cause. Absent where it does not fit.
#[inline]
fn pack(flat: u64, spell: Spell) -> Option<u64> {
    let fits = flat < NEAR_PLACES && (spell.entry_days | spell.exit_days) >> DAY_BITS == 0;
    let days = u64::from(spell.entry_days << DAY_BITS | spell.exit_days);
    fits.then_some(flat << SPELL_BITS | days << CAUSE_BITS | spell.cause as u64)
}

fn unpack(packed: u64) -> (u64, Spell) {
    let low = |bits: u32, from: u32| u32::try_from(packed >> from & ((1 << bits) - 1)).unwrap_or(0);
    let cause = Cause::ALL.get(low(CAUSE_BITS, 0) as usize).copied().unwrap_or(Cause::Censored);
    let spell = Spell { entry_days: low(DAY_BITS, CAUSE_BITS + DAY_BITS), exit_days: low(DAY_BITS, CAUSE_BITS), cause };
    (packed >> SPELL_BITS, spell)
}

/// Spells counted by group, place and spell.
///
/// Most combinations of a fine grouping occur once or twice, so counting each as it comes would be a walk
/// through memory. Spells are written down one after the other and counted when the rows are asked for.
#[derive(Debug, Clone, Default)]
pub struct Spells {
    layout: Layout,
    /// Spells as they were seen, packed; of merged histograms, one list after the other.
    seen: Vec<Vec<u64>>,
    /// Packed spells that were counted, ascending, each once.
    counted: Vec<(u64, i64)>,
    /// What cannot be packed.
    far: HashMap<(u64, u32, Spell), i64, FixedState>,
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
        debug_assert!(place < self.layout.stride as usize, "place {place} of {:?}", self.layout);
        let Some(packed) = self.flat(group, place as u64).and_then(|flat| pack(flat, spell)) else {
            *self.far.entry((group, u32::try_from(place).unwrap_or(u32::MAX), spell)).or_default() += 1;
            return;
        };
        if self.seen.last().is_none_or(|list| list.len() == SEEN) {
            self.next_list();
        }
        if let Some(list) = self.seen.last_mut() {
            list.push(packed);
        }
    }

    #[cold]
    fn next_list(&mut self) {
        if !self.seen.is_empty() {
            self.count();
        }
        self.seen.push(Vec::with_capacity(FIRST));
    }

    #[inline]
    fn flat(&self, group: u64, place: u64) -> Option<u64> {
        group.checked_mul(u64::from(self.layout.stride))?.checked_add(place)
    }

    /// The histogram of these rows, in any order.
    pub(crate) fn of_rows(layout: Layout, rows: Vec<(u64, u32, Spell, i64)>) -> Self {
        let mut spells = Self { layout, ..Self::default() };
        for (group, place, spell, count) in rows {
            match spells.flat(group, u64::from(place)).and_then(|flat| pack(flat, spell)) {
                Some(packed) => spells.counted.push((packed, count)),
                None => *spells.far.entry((group, place, spell)).or_default() += count,
            }
        }
        spells.counted.sort_unstable_by_key(|(packed, _)| *packed);
        spells.counted = added(&spells.counted, &[]);
        spells
    }

    /// Counts what was only written down.
    fn count(&mut self) {
        if !self.seen.is_empty() {
            self.counted = self.near().into_owned();
            self.seen.clear();
        }
    }

    /// Every packed spell with its count, ascending.
    fn near(&self) -> Cow<'_, [(u64, i64)]> {
        let counts = counts(&self.seen);
        match (counts.is_empty(), self.counted.is_empty()) {
            (true, _) => Cow::Borrowed(&self.counted),
            (false, true) => Cow::Owned(counts),
            (false, false) => Cow::Owned(added(&self.counted, &counts)),
        }
    }

    /// Calls `each` for every group and place with the spells counted there, by entry, exit and cause.
    pub fn each_place(&self, mut each: impl FnMut(u64, u32, &[(Spell, i64)])) {
        if !self.far.is_empty() {
            let rows = self.rows();
            for rows in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let spells: Vec<(Spell, i64)> = rows.iter().map(|(.., spell, count)| (*spell, *count)).collect();
                each(rows[0].0, rows[0].1, &spells);
            }
            return;
        }
        let stride = u64::from(self.layout.stride.max(1));
        let mut spells = Vec::new();
        for packed in self.near().chunk_by(|a, b| a.0 >> SPELL_BITS == b.0 >> SPELL_BITS) {
            let flat = packed[0].0 >> SPELL_BITS;
            spells.clear();
            spells.extend(
                packed.iter().filter(|(_, count)| *count != 0).map(|(packed, count)| (unpack(*packed).1, *count)),
            );
            each(flat / stride, u32::try_from(flat % stride).unwrap_or(u32::MAX), &spells);
        }
    }

    /// Every spell that was counted, by group, place, entry, exit and cause.
    #[must_use]
    pub fn rows(&self) -> Vec<(u64, u32, Spell, i64)> {
        let stride = u64::from(self.layout.stride.max(1));
        let near = self.near();
        let mut rows = Vec::with_capacity(near.len() + self.far.len());
        rows.extend(near.iter().filter(|(_, count)| *count != 0).map(|(packed, count)| {
            let (flat, spell) = unpack(*packed);
            (flat / stride, u32::try_from(flat % stride).unwrap_or(u32::MAX), spell, *count)
        }));
        if !self.far.is_empty() {
            let far = self.far.iter().filter(|(_, count)| **count != 0);
            rows.extend(far.map(|((group, place, spell), count)| (*group, *place, *spell, *count)));
            rows.sort_unstable();
        }
        rows
    }
}

/// How often each packed spell occurs in the lists, ascending.
fn counts(lists: &[Vec<u64>]) -> Vec<(u64, i64)> {
    let len: usize = lists.iter().map(Vec::len).sum();
    let all = || lists.iter().flatten().copied();
    let place_of = |packed: u64| usize::try_from(packed >> SPELL_BITS).unwrap_or(usize::MAX);
    let places = all().map(place_of).max().map_or(0, |last| last + 1);
    let mut out: Vec<(u64, i64)> = Vec::new();
    if places > len {
        let mut all: Vec<u64> = all().collect();
        all.sort_unstable();
        count_equal(&all, |packed| packed, &mut out);
        return out;
    }
    // Places are small numbers: the spells of each are put together first, then counted where they lie close.
    let mut begins = vec![0_usize; places + 1];
    all().for_each(|packed| begins[place_of(packed) + 1] += 1);
    for at in 0..places {
        begins[at + 1] += begins[at];
    }
    let mut next = begins.clone();
    let mut together = vec![0_u32; len];
    for packed in all() {
        let at = &mut next[place_of(packed)];
        together[*at] = u32::try_from(packed & ((1 << SPELL_BITS) - 1)).unwrap_or(u32::MAX);
        *at += 1;
    }
    let mut short = vec![0_i64; SHORT];
    for (flat, bounds) in (0_u64..).zip(begins.windows(2)) {
        let spells = &mut together[bounds[0]..bounds[1]];
        let packed = |spell: u32| flat << SPELL_BITS | u64::from(spell);
        let last = spells.iter().max().map_or(0, |last| *last as usize);
        if last < SHORT.min(spells.len() * 64) {
            spells.iter().for_each(|spell| short[*spell as usize] += 1);
            for (spell, count) in (0..).zip(&mut short[..=last]).filter(|(_, count)| **count != 0) {
                out.push((packed(spell), std::mem::take(count)));
            }
        } else {
            spells.sort_unstable();
            count_equal(spells, packed, &mut out);
        }
    }
    out
}

/// Counts runs of equal values in sorted ones.
fn count_equal<V: Copy + PartialEq>(sorted: &[V], packed: impl Fn(V) -> u64, out: &mut Vec<(u64, i64)>) {
    for run in sorted.chunk_by(|a, b| a == b) {
        out.push((packed(run[0]), i64::try_from(run.len()).unwrap_or(i64::MAX)));
    }
}

/// Two ascending lists of counts as one.
fn added(own: &[(u64, i64)], theirs: &[(u64, i64)]) -> Vec<(u64, i64)> {
    let mut out: Vec<(u64, i64)> = Vec::with_capacity(own.len() + theirs.len());
    let (mut own, mut theirs) = (own.iter().peekable(), theirs.iter().peekable());
    while let Some(&(packed, count)) = match (own.peek(), theirs.peek()) {
        (Some(a), Some(b)) if a.0 <= b.0 => own.next(),
        (_, Some(_)) => theirs.next(),
        (_, None) => own.next(),
    } {
        match out.last_mut() {
            Some(last) if last.0 == packed => last.1 += count,
            _ => out.push((packed, count)),
        }
    }
    out
}

impl PartialEq for Spells {
    /// Whether both count the same; how much room they hold does not matter.
    fn eq(&self, other: &Self) -> bool {
        let (own, theirs) = (self.rows(), other.rows());
        own == theirs && (own.is_empty() || self.layout == other.layout)
    }
}

impl Cells for Spells {
    fn merge(&mut self, other: Self) {
        self.layout = self.layout.agree(other.layout);
        self.seen.extend(other.seen);
        if self.counted.is_empty() {
            self.counted = other.counted;
        } else if !other.counted.is_empty() {
            self.counted = added(&self.counted, &other.counted);
        }
        for (at, count) in other.far {
            *self.far.entry(at).or_default() += count;
        }
    }

    fn clear(&mut self) {
        self.seen.truncate(1);
        self.seen.iter_mut().for_each(Vec::clear);
        self.counted.clear();
        self.far.clear();
    }

    fn pack(&mut self) {
        self.count();
        self.counted.shrink_to_fit();
    }

    fn bytes(&self) -> usize {
        let seen: usize = self.seen.iter().map(|list| list.capacity() * size_of::<u64>()).sum();
        let far = size_of::<((u64, u32, Spell), i64)>() + 1;
        let counted = self.counted.capacity() * size_of::<(u64, i64)>();
        size_of::<Self>() + seen + counted + self.far.capacity() * far * 8 / 7
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn spell() -> impl Strategy<Value = Spell> {
        let days = prop_oneof![0_u32..40, Just((1 << DAY_BITS) - 1), Just(1 << DAY_BITS), Just(u32::MAX)];
        (days.clone(), days, 0..Cause::ALL.len()).prop_map(|(entry_days, exit_days, cause)| Spell {
            entry_days,
            exit_days,
            cause: Cause::ALL[cause],
        })
    }

    fn seen() -> impl Strategy<Value = Vec<(u64, u32, Spell)>> {
        let group = prop_oneof![0_u64..3, Just(NEAR_PLACES / 5), Just(NEAR_PLACES), Just(u64::MAX)];
        prop::collection::vec((group, 0_u32..5, spell()), 0..60)
    }

    proptest! {
        #[test]
        fn rows_are_what_a_plain_map_counts(parts in prop::collection::vec((seen(), any::<bool>()), 1..4)) {
            let mut plain = BTreeMap::new();
            let mut merged = Spells::default();
            for (seen, packed) in &parts {
                let mut spells = Spells::default();
                spells.shape(Layout::new(5, 5));
                for (group, place, spell) in seen {
                    spells.add(*group, *place as usize, *spell);
                    *plain.entry((*group, *place, *spell)).or_insert(0) += 1;
                }
                if *packed {
                    spells.pack();
                }
                merged.merge(spells);
            }
            let expected: Vec<_> =
                plain.into_iter().map(|((group, place, spell), count)| (group, place, spell, count)).collect();
            prop_assert_eq!(&merged.rows(), &expected);
            let mut by_place = Vec::new();
            merged.each_place(|group, place, spells| {
                by_place.extend(spells.iter().map(|(spell, count)| (group, place, *spell, *count)));
            });
            prop_assert_eq!(&by_place, &expected);
            merged.pack();
            prop_assert_eq!(merged.rows(), expected);
        }
    }
}
