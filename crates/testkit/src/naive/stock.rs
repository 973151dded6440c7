//! Stocks and what moved between two of them.

use domain::{Day, Outcome, StageId};
use journey::{Destination, EntryRow, Origin};

use super::{Rows, Sums, int, one};
use crate::deals::Deal;
use crate::terms::Terms;

/// What [`journey::Stock`] counts at the end of `at`, of what is due in a period or of everything.
#[must_use]
pub fn stock(deals: &[Deal], terms: &Terms, at: Day, due: Option<(Day, Day)>) -> Rows {
    let at = at.min(terms.as_of);
    let mut sums = Sums::default();
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        if let Some(entry) = deal.on(at).filter(|entry| terms.admits(entry))
            && let Some(slot) = terms.open_slot(entry)
            && due.is_none_or(|(first, last)| entry.expected_close.is_some_and(|day| first <= day && day <= last))
        {
            sums.add(&[terms.group(deal, entry).into(), int(slot)], &one(terms.amount_minor(entry, at)));
        }
    }
    sums.rows()
}

/// What [`journey::Stays`] counts: of the stock, the days since each came to its stage, where that is known.
#[must_use]
pub fn stays(deals: &[Deal], terms: &Terms, at: Day) -> Rows {
    let at = at.min(terms.as_of);
    let mut sums = Sums::default();
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        let Some(now) = deal.on(at).filter(|entry| terms.admits(entry)) else { continue };
        let Some(slot) = terms.open_slot(now).filter(|_| now.stage != StageId::UNKNOWN) else { continue };
        let (mut since, mut from_unknown) = (now.day, false);
        for entry in deal.cut(at).entries.iter().rev() {
            if entry.stage != now.stage || entry.outcome != Some(Outcome::Open) {
                from_unknown = entry.stage == StageId::UNKNOWN && entry.outcome == Some(Outcome::Open);
                break;
            }
            since = entry.day;
        }
        if from_unknown {
            continue;
        }
        sums.add(&[terms.group(deal, now).into(), int(slot)], &[1, at.since(since).into()]);
    }
    sums.rows()
}

/// What [`journey::Trend`] counts: a stock per end.
#[must_use]
pub fn trend(deals: &[Deal], terms: &Terms, ends: &[Day]) -> Rows {
    let mut rows = Rows::new();
    for (period, end) in ends.iter().enumerate() {
        rows.extend(stock(deals, terms, *end, None).into_iter().map(|row| {
            let mut dated = vec![row[0], int(period), i128::from(end.0)];
            dated.extend(&row[1..]);
            dated
        }));
    }
    rows.sort();
    rows
}

/// What [`journey::Migration`] counts.
#[must_use]
pub fn migration(deals: &[Deal], terms: &Terms, from: Day, to: Day) -> Rows {
    let (from, to) = (from.min(terms.as_of), to.min(terms.as_of));
    let mut sums = Sums::default();
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        // Each group is a question of its own: a deal is in it at one end, at both, or at none.
        let mut groups: Vec<u64> =
            [deal.on(from), deal.on(to)].into_iter().flatten().map(|entry| terms.group(deal, entry)).collect();
        groups.dedup();
        for group in groups {
            if let Some((origin, destination, amounts)) = moved(deal, terms, group, from, to) {
                let key = [group.into(), i128::from(origin.code()), i128::from(destination.code())];
                let [before, after] = amounts.map(|amount| amount.map_or([0, 0, 0], one));
                sums.add(&key, &[1, before[1], after[1], before[2], after[2]]);
            }
        }
    }
    sums.rows()
}

type Amounts = [Option<Option<i64>>; 2];

fn moved(deal: &Deal, terms: &Terms, group: u64, from: Day, to: Day) -> Option<(Origin, Destination, Amounts)> {
    let inside = |entry: &EntryRow| terms.admits(entry) && terms.group(deal, entry) == group;
    let stocked = |entry: &EntryRow| terms.open_slot(entry).filter(|_| inside(entry));
    let slot_code = |slot: usize| u16::try_from(slot).expect("few slots");
    let before = deal.on(from);
    let after = deal.on(to)?;
    let standing_before = deal.standing(from, terms.parked_limit_days).flatten();
    let standing_after = deal.standing(to, terms.parked_limit_days).flatten();
    let amount_before = before.map(|entry| terms.amount_minor(entry, from));
    let amount_after = Some(terms.amount_minor(after, to));
    let ended = match standing_after {
        Some(Outcome::Won) => Some(Destination::Won),
        Some(Outcome::Lost) => Some(Destination::Lost),
        Some(Outcome::Cancelled) => Some(Destination::Cancelled),
        Some(Outcome::Parked) => Some(Destination::Parked),
        Some(Outcome::Open) | None => None,
    };
    match (before.and_then(stocked), stocked(after)) {
        (Some(was), Some(is)) => {
            let (was, is) = (Origin::Slot(slot_code(was)), Destination::Slot(slot_code(is)));
            Some((was, is, [amount_before, amount_after]))
        }
        (Some(was), None) => {
            let out = if standing_after.is_none() { Destination::Deleted } else { Destination::TransferredOut };
            let amount_after = amount_after.filter(|_| ended.is_some());
            Some((Origin::Slot(slot_code(was)), ended.unwrap_or(out), [amount_before, amount_after]))
        }
        (None, Some(is)) => {
            let known = before.is_some_and(|entry| inside(entry) && terms.in_process(entry));
            let origin = match standing_before {
                None => Origin::New,
                Some(_) if !known => Origin::TransferredIn,
                Some(Outcome::Parked) => Origin::Resumed,
                Some(Outcome::Won | Outcome::Lost | Outcome::Cancelled) => Origin::Reopened,
                Some(Outcome::Open) => unreachable!("an open deal inside every filter is in the stock"),
            };
            Some((origin, Destination::Slot(slot_code(is)), [None, amount_after]))
        }
        (None, None) => {
            let ended = ended.filter(|_| inside(after) && terms.in_process(after))?;
            let origin = match standing_before {
                None => Origin::New,
                Some(Outcome::Open) => return None,
                Some(_) if !open_just_before_its_end(deal, from, to) => return None,
                Some(Outcome::Parked) => Origin::Resumed,
                Some(_) => Origin::Reopened,
            };
            Some((origin, ended, [None, amount_after]))
        }
    }
}

/// Whether the last thing a deal was after `from` and before the outcome it has at `to` is open.
fn open_just_before_its_end(deal: &Deal, from: Day, to: Day) -> bool {
    let Some(outcome) = deal.on(to).map(|entry| entry.outcome) else { return false };
    let within = deal.entries.iter().filter(|entry| entry.day > from && entry.day <= to).rev();
    within.map(|entry| entry.outcome).find(|other| *other != outcome) == Some(Some(Outcome::Open))
}

/// What [`journey::MigrationSeries`] counts: a migration per pair of ends.
#[must_use]
pub fn migration_series(deals: &[Deal], terms: &Terms, ends: &[Day]) -> Rows {
    let mut rows = Rows::new();
    for (period, pair) in ends.windows(2).enumerate() {
        rows.extend(migration(deals, terms, pair[0], pair[1]).into_iter().map(|row| {
            let mut dated = vec![row[0], int(period), i128::from(pair[1].0)];
            dated.extend(&row[1..]);
            dated
        }));
    }
    rows.sort();
    rows
}
