//! Records that are alike others: open deals that are twins, customers with a name or a tax number in common.
//!
//! They are found over everything and judged by what whoever asks sees: that there is another out of sight is told to
//! nobody.

use std::collections::{HashMap, HashSet};

use domain::field::ids;
use domain::process::ExprValue;
use domain::quality::{Of, RuleBook, Sight};
use domain::{Day, Outcome, RecordId};
use journey::NO_AMOUNT;

use super::judge::{Bench, CustomerRow, DealRow, standing};
use super::past::{Led, Told, name_key};

/// What conditions call the number of other open deals that are alike.
pub(super) const OPEN_TWINS: &str = "open_twins";
/// What conditions call the number of other customers that are alike.
pub(super) const ALIKE: &str = "alike";

/// What an open deal has alike with its twins: customer, name, amount and currency.
type TwinKey = (i64, i64, i64, u16);

/// Open deals that are alike: the number of the group, and how many they are.
pub(super) struct Twins(HashMap<TwinKey, (u32, i64)>);

impl Twins {
    pub(super) fn of(bench: &Bench<'_>, led: &Led) -> Self {
        let mut twins: HashMap<TwinKey, (u32, i64)> = HashMap::new();
        for partition in &bench.snapshot.partitions {
            let entries = &partition.journeys.entries;
            for journey in partition.journeys.iter() {
                let Some(place) = standing(journey, bench.day) else { continue };
                if entries.state[place] != Outcome::Open as u8 || entries.amount_minor[place] == NO_AMOUNT {
                    continue;
                }
                let told = bench.past.at(journey.deal(), bench.when);
                let key =
                    told.and_then(|told| twin_key(led, &told, entries.amount_minor[place], entries.currency[place]));
                if let Some(key) = key {
                    let next = u32::try_from(twins.len() + 1).unwrap_or(u32::MAX);
                    twins.entry(key).or_insert((next, 0)).1 += 1;
                }
            }
        }
        Self(twins)
    }

    /// The group of open deals alike with one, and how many others there are.
    pub(super) fn of_deal(&self, led: &Led, told: &Told<'_>, amount_minor: i64, currency: u16) -> Option<(u32, i64)> {
        let key = twin_key(led, told, amount_minor, currency)?;
        self.0.get(&key).map(|(group, all)| (*group, all - 1))
    }
}

fn twin_key(led: &Led, told: &Told<'_>, amount_minor: i64, currency: u16) -> Option<TwinKey> {
    if amount_minor == NO_AMOUNT {
        return None;
    }
    Some((led.on(told.int(ids::OPPORTUNITY_ACCOUNT)?), told.int(ids::OPPORTUNITY_NAME)?, amount_minor, currency))
}

/// What customers have in common with others: the numbers of the name and of the tax number, 0 where no other has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct InCommon {
    name: u32,
    tax_number: u32,
}

impl InCommon {
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }

    fn shares(self, other: Self) -> bool {
        self.name != 0 && self.name == other.name || self.tax_number != 0 && self.tax_number == other.tax_number
    }
}

/// What each customer has in common with others, and how many those are; unknown where it has neither name nor tax
/// number.
pub(super) fn in_common<'t>(customers: impl Iterator<Item = &'t Told<'t>>) -> Vec<(InCommon, Option<i64>)> {
    let (mut names, mut numbers) = (Numbered::new(), Numbered::new());
    let each = |told: &Told<'_>| {
        let name = told.text(ids::ACCOUNT_NAME).and_then(name_key);
        let number = told.text(ids::ACCOUNT_TAX_NUMBER).map(number_key).filter(|number| !number.is_empty());
        (name.map(|name| names.of(name)), number.map(|number| numbers.of(number)))
    };
    let all: Vec<(Option<u32>, Option<u32>)> = customers.map(each).collect();
    let mut both: HashMap<(u32, u32), i64> = HashMap::new();
    for pair in all.iter().filter_map(|(name, number)| name.zip(*number)) {
        *both.entry(pair).or_default() += 1;
    }
    let told = |(name, number): &(Option<u32>, Option<u32>)| {
        let by_name = name.map_or(0, |name| names.others(name));
        let by_number = number.map_or(0, |number| numbers.others(number));
        let twice = name.zip(*number).map_or(0, |pair| both[&pair] - 1);
        let shared = |number: Option<u32>, others: i64| number.filter(|_| others > 0).unwrap_or(0);
        let common = InCommon { name: shared(*name, by_name), tax_number: shared(*number, by_number) };
        (common, name.or(*number).map(|_| by_name + by_number - twice))
    };
    all.iter().map(told).collect()
}

/// Values by numbers from 1 on, and how often each occurs.
struct Numbered<K> {
    of: HashMap<K, u32>,
    times: Vec<i64>,
}

impl<K: Eq + std::hash::Hash> Numbered<K> {
    fn new() -> Self {
        Self { of: HashMap::new(), times: Vec::new() }
    }

    fn of(&mut self, value: K) -> u32 {
        let next = u32::try_from(self.times.len() + 1).unwrap_or(u32::MAX);
        let number = *self.of.entry(value).or_insert(next);
        if number == next {
            self.times.push(0);
        }
        self.times[number as usize - 1] += 1;
        number
    }

    fn others(&self, number: u32) -> i64 {
        self.times[number as usize - 1] - 1
    }
}

/// A tax number without spaces, hyphens and regard to case.
fn number_key(number: &str) -> String {
    number.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Nothing of a record but how many of those alike it somebody sees.
struct Others(&'static str, i64);

impl Sight for Others {
    fn value(&self, name: &str) -> Option<ExprValue> {
        (name == self.0).then_some(ExprValue::Number(self.1))
    }
}

/// The deals that have twins, as somebody may know them who sees `rows`.
pub(super) fn twins_in_sight<'r>(
    rows: impl Iterator<Item = &'r DealRow>,
    book: &RuleBook,
    day: Day,
) -> HashMap<RecordId, DealRow> {
    let mut groups: HashMap<u32, Vec<&DealRow>> = HashMap::new();
    for row in rows.filter(|row| row.twins != 0) {
        groups.entry(row.twins).or_default().push(row);
    }
    let seen = groups.into_values().flat_map(|rows| {
        let others = i64::try_from(rows.len() - 1).unwrap_or(i64::MAX);
        rows.into_iter().map(move |row| (row, others))
    });
    let judged = |row: &DealRow, others| {
        let verdicts = book.judge_again(Of::Deal, row.verdicts, OPEN_TWINS, &Others(OPEN_TWINS, others), day);
        DealRow { verdicts, ..row.clone() }
    };
    seen.map(|(row, others)| (row.id, judged(row, others))).collect()
}

/// The customers that others are alike, as somebody may know them who sees `rows`. `apart` are pairs, the smaller id
/// first, of which somebody said that they are two.
pub(super) fn alike_in_sight<'r>(
    rows: impl Iterator<Item = &'r CustomerRow>,
    apart: &HashSet<(RecordId, RecordId)>,
    book: &RuleBook,
    day: Day,
) -> HashMap<RecordId, CustomerRow> {
    let rows: HashMap<RecordId, &CustomerRow> =
        rows.filter(|row| !row.common.is_nothing()).map(|row| (row.id, row)).collect();
    let (mut by_name, mut by_number, mut by_both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for InCommon { name, tax_number } in rows.values().map(|row| row.common) {
        *by_name.entry(name).or_insert(0) += 1;
        *by_number.entry(tax_number).or_insert(0) += 1;
        *by_both.entry((name, tax_number)).or_insert(0) += 1;
    }
    let mut set_apart: HashMap<RecordId, i64> = HashMap::new();
    for (a, b) in apart {
        if rows.get(a).zip(rows.get(b)).is_some_and(|(a, b)| a.common.shares(b.common)) {
            *set_apart.entry(*a).or_default() += 1;
            *set_apart.entry(*b).or_default() += 1;
        }
    }
    let judged = |row: &CustomerRow| {
        let InCommon { name, tax_number } = row.common;
        let others = |number: u32, all: i64| if number == 0 { 0 } else { all - 1 };
        let twice = if name == 0 || tax_number == 0 { 0 } else { by_both[&(name, tax_number)] - 1 };
        let seen = others(name, by_name[&name]) + others(tax_number, by_number[&tax_number]) - twice;
        let others = Others(ALIKE, seen - set_apart.get(&row.id).copied().unwrap_or_default());
        let verdicts = book.judge_again(Of::Customer, row.verdicts, ALIKE, &others, day);
        CustomerRow { verdicts, ..row.clone() }
    };
    rows.into_iter().map(|(id, row)| (id, judged(row))).collect()
}
