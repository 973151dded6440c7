//! Records that are alike others: open deals that are twins, customers with a name or a tax number in common. It is what
//! needs no weighing; likenesses of names and telephones are what a look for duplicates finds.
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

/// What customers are alike by: a name, or a tax number. Two of one name are two where the check digits of two different
/// numbers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Likeness {
    name: Option<i64>,
    tax_number: Option<i64>,
    is_checked: bool,
}

impl Likeness {
    pub(super) fn of(told: &Told<'_>) -> Self {
        let number = told.text(ids::ACCOUNT_TAX_NUMBER).and_then(matching::tax_number);
        Self {
            name: told.text(ids::ACCOUNT_NAME).and_then(name_key),
            is_checked: number.as_ref().is_some_and(|number| number.checked),
            tax_number: number.and_then(|number| name_key(&number.code)),
        }
    }

    fn is_alike(self, other: Self) -> bool {
        let is_one = |one: Option<i64>, other: Option<i64>| one.is_some() && one == other;
        is_one(self.tax_number, other.tax_number)
            || is_one(self.name, other.name) && !(self.is_checked && other.is_checked)
    }
}

/// How many customers there are of each likeness.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    by_name: HashMap<i64, i64>,
    /// Those of them whose tax number is checked.
    checked: HashMap<i64, i64>,
    by_number: HashMap<i64, i64>,
    by_both: HashMap<(i64, i64), i64>,
}

impl Crowd {
    pub(super) fn of(customers: impl Iterator<Item = Likeness>) -> Self {
        let mut crowd = Self::default();
        for Likeness { name, tax_number, is_checked } in customers {
            if let Some(name) = name {
                *crowd.by_name.entry(name).or_default() += 1;
                *crowd.checked.entry(name).or_default() += i64::from(is_checked);
            }
            if let Some(number) = tax_number {
                *crowd.by_number.entry(number).or_default() += 1;
            }
            if let Some(both) = name.zip(tax_number) {
                *crowd.by_both.entry(both).or_default() += 1;
            }
        }
        crowd
    }

    /// How many others are alike one of them; unknown where it has neither name nor tax number.
    pub(super) fn others(&self, one: Likeness) -> Option<i64> {
        let both = one.name.zip(one.tax_number).map_or(0, |both| self.by_both[&both]);
        let named = one.name.map(|name| match one.is_checked {
            true => self.by_name[&name] - self.checked[&name] + both,
            false => self.by_name[&name],
        });
        let numbered = one.tax_number.map(|number| self.by_number[&number] - both);
        // It is itself among those of its name, or, without one, of its number.
        named.or(numbered).map(|_| named.unwrap_or_default() + numbered.unwrap_or_default() - 1)
    }
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
    let rows: HashMap<RecordId, &CustomerRow> = rows.filter(|row| row.alike > 0).map(|row| (row.id, row)).collect();
    let crowd = Crowd::of(rows.values().map(|row| row.likeness));
    let mut set_apart: HashMap<RecordId, i64> = HashMap::new();
    for (a, b) in apart {
        if rows.get(a).zip(rows.get(b)).is_some_and(|(a, b)| a.likeness.is_alike(b.likeness)) {
            *set_apart.entry(*a).or_default() += 1;
            *set_apart.entry(*b).or_default() += 1;
        }
    }
    let judged = |row: &CustomerRow| {
        let seen = crowd.others(row.likeness).unwrap_or_default();
        let others = Others(ALIKE, seen - set_apart.get(&row.id).copied().unwrap_or_default());
        let verdicts = book.judge_again(Of::Customer, row.verdicts, ALIKE, &others, day);
        CustomerRow { verdicts, ..row.clone() }
    };
    rows.into_iter().map(|(id, row)| (id, judged(row))).collect()
}
