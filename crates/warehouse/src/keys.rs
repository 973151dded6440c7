//! What deals can be grouped and filtered by, as codes with words.
//!
//! A key that never changes about a deal has one code a journey, one that changes one code an entry; code 0
//! is "none". Codes of one snapshot mean the same in all its partitions. Must not know filters or groups.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, StringArray};
use arrow::buffer::ScalarBuffer;
use chrono::Datelike;
use domain::field::FieldId;
use domain::id::{Outcome, ProcessId};
use domain::{Currency, Day, RecordId, StageId};
use journey::{Journeys, NO_AMOUNT, NONE};

use crate::labels::{Dimension, Labels, Members};
use crate::snapshot::{Partition, Snapshot};

/// A key of groups and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Dimension(Dimension),
    /// The member at the top of the branch that a dimension's member stands in.
    Top(Dimension),
    /// A field of the organisation's own.
    Own(FieldId),
    Process,
    CreatedMonth,
    Stage,
    Outcome,
    Currency,
    AmountClass,
}

/// Every built-in key by name.
const KEYS: [(&str, Key); 17] = [
    ("process", Key::Process),
    ("account", Key::Dimension(Dimension::Account)),
    ("product", Key::Dimension(Dimension::Product)),
    ("region", Key::Dimension(Dimension::Region)),
    ("industry", Key::Dimension(Dimension::Industry)),
    ("channel", Key::Dimension(Dimension::Channel)),
    ("campaign", Key::Dimension(Dimension::Campaign)),
    ("created_month", Key::CreatedMonth),
    ("owner", Key::Dimension(Dimension::Owner)),
    ("team", Key::Dimension(Dimension::Team)),
    ("stage", Key::Stage),
    ("outcome", Key::Outcome),
    ("currency", Key::Currency),
    ("amount_class", Key::AmountClass),
    ("region_top", Key::Top(Dimension::Region)),
    ("industry_top", Key::Top(Dimension::Industry)),
    ("team_top", Key::Top(Dimension::Team)),
];

/// Every key by name: built-in ones, then the organisation's own.
pub(crate) fn all(labels: &Labels) -> impl Iterator<Item = (&str, Key)> {
    let own = labels.own_dimensions().iter().map(|own| (own.name.as_str(), Key::Own(own.field.id)));
    KEYS.into_iter().chain(own)
}

/// Lower bounds of the amount classes after the first, in major units.
const CLASS_BOUNDS: [i64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// Keys of the classes of amounts, from the smallest.
pub const AMOUNT_CLASSES: [&str; 5] = ["under 10k", "10k to 100k", "100k to 1M", "1M to 10M", "10M and more"];

/// Months that `created_month` tells apart; deals created outside have none.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;

static MONTHS: LazyLock<Arc<StringArray>> = LazyLock::new(|| {
    let months = (FIRST_YEAR..=LAST_YEAR).flat_map(|year| (1..=12).map(move |month| format!("{year:04}-{month:02}")));
    Arc::new(std::iter::once(None).chain(months.map(Some)).collect())
});

/// What the codes of a snapshot's keys mean, beside its labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CodeBook {
    /// By process id: the lowest id of a version with the same key.
    pub(crate) processes: Vec<u32>,
    /// By stage id: the id of the stage of that key in the newest version that has it.
    pub(crate) stages: Vec<u32>,
    /// Packed currencies that occur, ascending; the code is the place plus one.
    pub(crate) currencies: Vec<u16>,
}

impl CodeBook {
    pub(crate) fn of(labels: &Labels, currencies: Vec<u16>) -> Self {
        let all = labels.processes();
        let id = |process: &domain::process::Process| process.id.map_or(0, |id| id.0);
        let largest = all.iter().map(id).max().unwrap_or(0);
        let mut processes: Vec<u32> = (0..=largest).collect();
        let last_stage = all.iter().flat_map(|process| &process.stages).map(|stage| stage.id.0).max().unwrap_or(0);
        let mut stages: Vec<u32> = (0..=last_stage).collect();
        for process in all {
            let same = || all.iter().filter(|other| other.key == process.key);
            processes[id(process) as usize] = same().map(id).min().unwrap_or(0);
            for stage in &process.stages {
                let newest =
                    same().filter_map(|other| other.stage(&stage.key).map(|found| (other.version, found.id.0)));
                stages[stage.id.0 as usize] = newest.max().map_or(stage.id.0, |(_, stage)| stage);
            }
        }
        Self { processes, stages, currencies }
    }

    /// Whether stages of older versions are counted as those of a newer one.
    pub(crate) fn renames_stages(&self) -> bool {
        (0..).zip(&self.stages).any(|(id, stage): (u32, _)| id != *stage)
    }

    fn process(&self, id: u32) -> u32 {
        self.processes.get(id as usize).copied().unwrap_or(NONE)
    }

    pub(crate) fn stage(&self, id: u32) -> u32 {
        self.stages.get(id as usize).copied().unwrap_or(NONE)
    }

    fn currency(&self, code: u16) -> u32 {
        let place = self.currencies.binary_search(&code);
        place.map_or(NONE, |place| u32::try_from(place + 1).unwrap_or(NONE))
    }
}

impl Key {
    /// The key of a name.
    pub(crate) fn parse(name: &str, labels: &Labels) -> Option<Self> {
        all(labels).find(|(known, _)| *known == name).map(|(_, key)| key)
    }

    /// The dimension in whose members' tree the key's codes stand.
    pub(crate) const fn tree(self) -> Option<Dimension> {
        match self {
            Self::Dimension(of @ (Dimension::Region | Dimension::Industry | Dimension::Team)) => Some(of),
            _ => None,
        }
    }

    /// The members that are records, by the key's codes.
    pub(crate) fn members(self, labels: &Labels) -> Option<&Members> {
        match self {
            Self::Dimension(of) | Self::Top(of) => Some(labels.members(of)),
            Self::Own(field) => {
                let own = labels.own_dimensions().iter().find(|own| own.field.id == field)?;
                own.of.map(|of| labels.members(of))
            }
            _ => None,
        }
    }

    /// What the key's codes depend on, beside the content of a partition and the words.
    pub(crate) fn version(self, labels: &Labels) -> u64 {
        if let Self::Top(of) = self { labels.members(of).tree_version() } else { 0 }
    }

    /// One code an entry rather than one a journey.
    pub(crate) const fn changes(self) -> bool {
        match self {
            Self::Dimension(dimension) | Self::Top(dimension) => {
                matches!(dimension, Dimension::Owner | Dimension::Team)
            }
            Self::Process | Self::CreatedMonth | Self::Own(_) => false,
            Self::Stage | Self::Outcome | Self::Currency | Self::AmountClass => true,
        }
    }

    /// Whether its words come from records and deals, which not everybody may know of.
    pub(crate) const fn tells_of_deals(self) -> bool {
        matches!(self, Self::Dimension(_) | Self::Top(_) | Self::Own(_) | Self::Currency)
    }

    /// Whether a word that is not among its words can only be a slip.
    pub(crate) const fn is_closed(self) -> bool {
        !matches!(self, Self::CreatedMonth)
    }

    /// The words by code; place 0 is null.
    pub(crate) fn words(self, snapshot: &Snapshot, book: &CodeBook) -> Arc<StringArray> {
        let labels = &snapshot.labels;
        let of = |words: Vec<Option<String>>| Arc::new(words.into_iter().collect::<StringArray>());
        match self {
            Self::Dimension(dimension) | Self::Top(dimension) => labels.members(dimension).labels(),
            Self::Own(field) => labels.values(field).labels(),
            Self::CreatedMonth => Arc::clone(&MONTHS),
            Self::Process => {
                let word = |id: u32| labels.process(ProcessId(id)).map(|process| process.key.clone());
                of((0..).take(book.processes.len()).map(word).collect())
            }
            Self::Stage => {
                let word = |id: u32| labels.stage(StageId(id)).map(|(_, stage)| stage.key.clone());
                of((0..).take(book.stages.len()).map(word).collect())
            }
            Self::Outcome => {
                let words = Outcome::ALL.map(|outcome| Some(outcome.as_str().to_owned()));
                of(std::iter::once(None).chain(words).chain([Some("deleted".to_owned())]).collect())
            }
            Self::Currency => {
                let word = |code: &u16| Currency::from_code(*code).map(|currency| currency.to_string());
                of(std::iter::once(None).chain(book.currencies.iter().map(word)).collect())
            }
            Self::AmountClass => {
                of(std::iter::once(None).chain(AMOUNT_CLASSES.map(|word| Some(word.to_owned()))).collect())
            }
        }
    }

    /// Which codes have one of these values: words, or `#` and a record's id; absent: none. What lies below a flagged
    /// member of a tree is flagged too. Flags by code.
    pub(crate) fn flags(self, values: &[Option<String>], snapshot: &Snapshot, book: &CodeBook) -> Vec<bool> {
        let words = self.words(snapshot, book);
        let wanted: BTreeSet<&str> = values.iter().flatten().map(String::as_str).collect();
        let ids: BTreeSet<RecordId> =
            wanted.iter().filter_map(|value| value.strip_prefix('#')?.parse::<RecordId>().ok()).collect();
        let members = self.members(&snapshot.labels);
        let flag = |code: usize| {
            if !words.is_valid(code) {
                return values.contains(&None);
            }
            let member = || members.and_then(|members| members.get(u32::try_from(code).ok()?));
            wanted.contains(words.value(code)) || (!ids.is_empty() && member().is_some_and(|m| ids.contains(&m.id)))
        };
        let mut flags: Vec<bool> = (0..words.len()).map(flag).collect();
        if let Some(members) = members {
            // Whoever asks for a merged record by its old name or its number means the one in its place.
            let merged: Vec<RecordId> = members
                .iter()
                .filter(|(code, _)| flags[*code as usize])
                .filter_map(|(_, member)| member.merged_into)
                .collect();
            for into in merged {
                let end = members.end(into);
                if let Some((code, _)) = members.iter().find(|(_, member)| member.id == end) {
                    flags[code as usize] = true;
                }
            }
        }
        if let Some(of) = self.tree() {
            let tree = snapshot.labels.members(of).tree();
            let exact = flags.clone();
            for (code, flag) in (0..).zip(&mut flags) {
                *flag |= tree.above(code).any(|above| exact.get(above as usize) == Some(&true));
            }
        }
        flags
    }

    /// Codes are below this. Grows by powers of two, so that a new member leaves remembered groups in force.
    pub(crate) fn radix(self, snapshot: &Snapshot, book: &CodeBook) -> u64 {
        let codes = match self {
            Self::Dimension(dimension) | Self::Top(dimension) => snapshot.labels.members(dimension).len() + 1,
            Self::Own(field) => snapshot.labels.values(field).len() + 1,
            Self::Process => book.processes.len(),
            Self::CreatedMonth => MONTHS.len(),
            Self::Stage => book.stages.len(),
            Self::Outcome => Outcome::ALL.len() + 2,
            Self::Currency => book.currencies.len() + 1,
            Self::AmountClass => AMOUNT_CLASSES.len() + 1,
        };
        codes.next_power_of_two() as u64
    }

    /// The codes of a partition: one a journey, or one an entry where the key changes.
    pub(crate) fn codes(self, partition: &Partition, labels: &Labels, book: &CodeBook) -> ScalarBuffer<u32> {
        let journeys: &Journeys = &partition.journeys;
        let e = &journeys.entries;
        match self {
            Self::Dimension(Dimension::Account) => journeys.account.clone(),
            Self::Dimension(Dimension::Product) => journeys.product.clone(),
            Self::Dimension(Dimension::Region) => journeys.region.clone(),
            Self::Dimension(Dimension::Industry) => journeys.industry.clone(),
            Self::Dimension(Dimension::Channel) => journeys.channel.clone(),
            Self::Dimension(Dimension::Campaign) => journeys.campaign.clone(),
            Self::Dimension(Dimension::Owner) => e.owner.clone(),
            Self::Dimension(Dimension::Team) => e.team.clone(),
            Self::Top(of) => {
                let tree = labels.members(of).tree();
                Self::Dimension(of).codes(partition, labels, book).iter().map(|code| tree.top(*code)).collect()
            }
            Self::Own(field) => partition.attributes.own(field),
            Self::Process => journeys.process.iter().map(|id| book.process(*id)).collect(),
            Self::CreatedMonth => journeys.iter().map(|journey| month(journey.days().first().copied())).collect(),
            Self::Stage => e.stage.iter().map(|id| book.stage(*id)).collect(),
            Self::Outcome => e.state.iter().map(|state| u32::from(*state) + 1).collect(),
            Self::Currency => e.currency.iter().map(|code| book.currency(*code)).collect(),
            Self::AmountClass => {
                let mut unit = Units::default();
                let amounts = e.amount_minor.iter().zip(e.currency.iter());
                amounts.map(|(minor, currency)| class(*minor, unit.of(*currency))).collect()
            }
        }
    }
}

fn month(day: Option<i32>) -> u32 {
    let Some(date) = day.and_then(|day| Day(day).to_date()) else { return NONE };
    if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return NONE;
    }
    (date.year() - FIRST_YEAR).cast_unsigned() * 12 + date.month()
}

fn class(amount_minor: i64, unit: i64) -> u32 {
    if amount_minor == NO_AMOUNT {
        return NONE;
    }
    let above = CLASS_BOUNDS.iter().filter(|bound| amount_minor >= bound.saturating_mul(unit)).count();
    u32::try_from(above + 1).unwrap_or(NONE)
}

/// Minor units in a major one, by packed currency; remembers the last.
#[derive(Default)]
pub(crate) struct Units(Option<(u16, i64)>);

impl Units {
    pub(crate) fn of(&mut self, code: u16) -> i64 {
        match self.0 {
            Some((known, unit)) if known == code => unit,
            _ => {
                let unit = 10_i64.pow(Currency::from_code(code).map_or(2, Currency::decimals));
                self.0 = Some((code, unit));
                unit
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_classes_have_the_words_people_use() {
        let day = |text| Day::parse(text).map(|day| day.0);
        for (text, word) in [("1900-01-01", "1900-01"), ("2026-11-23", "2026-11"), ("2199-12-31", "2199-12")] {
            assert_eq!(MONTHS.value(month(day(text)) as usize), word);
        }
        assert_eq!((month(day("1899-12-31")), month(day("2200-01-01")), month(None)), (NONE, NONE, NONE));
        for (minor, word) in [(0, 0), (999_999, 0), (1_000_000, 1), (9_999_999, 1), (1_000_000_000, 4), (-5, 0)] {
            assert_eq!(class(minor, 100), word + 1, "{minor}");
        }
        assert_eq!(class(NO_AMOUNT, 100), NONE);
    }
}
