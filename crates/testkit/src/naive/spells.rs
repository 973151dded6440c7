//! How long visits last and how deals were decided.

use domain::{Outcome, StageId};
use journey::{Basis, Cause, Dwell, WinRate};

use super::{Rows, Sums, int};
use crate::deals::Deal;
use crate::terms::Terms;

/// What a state is for a visit: in a stage, in an unknown one, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Slot(usize),
    Unknown,
    Other(Option<Outcome>),
}

fn place(terms: &Terms, deal: &Deal, at: usize) -> Place {
    let entry = &deal.entries[at];
    match terms.open_slot(entry) {
        _ if entry.outcome == Some(Outcome::Open) && entry.stage == StageId::UNKNOWN => Place::Unknown,
        Some(slot) => Place::Slot(slot),
        None => Place::Other(entry.outcome),
    }
}

/// What [`Dwell`] counts.
#[must_use]
pub fn dwell(deals: &[Deal], terms: &Terms, ask: &Dwell) -> Rows {
    let to = ask.to.min(terms.as_of);
    let mut sums = Sums::default();
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        let deal = deal.cut(to);
        let places: Vec<Place> = (0..deal.entries.len()).map(|at| place(terms, &deal, at)).collect();
        for first in 0..places.len() {
            let Place::Slot(slot) = places[first] else { continue };
            if first > 0 && places[first - 1] == places[first] {
                continue;
            }
            let next = (first..places.len()).find(|at| places[*at] != places[first]);
            let begun = deal.entries[first].day;
            let unknown = places[..first].iter().rev().take_while(|place| **place == Place::Unknown).count();
            let start = deal.entries[first - unknown].day;
            let (end, cause) = match next {
                None => (to, Cause::Censored),
                Some(next) => (deal.entries[next].day, ended(slot, places[next])),
            };
            let mut entry_days = begun.since(start);
            if start < ask.from {
                entry_days = entry_days.max(ask.from.since(start));
            }
            let exit_days = end.since(start);
            let last = &deal.entries[next.unwrap_or(places.len()) - 1];
            let watched = exit_days > entry_days || (entry_days == 0 && exit_days == 0);
            if watched && terms.admits(last) {
                let key = [terms.group(&deal, last).into(), int(slot), entry_days.into(), exit_days.into()];
                sums.add(&[key.as_slice(), &[cause as i128]].concat(), &[1]);
            }
        }
    }
    sums.rows()
}

fn ended(slot: usize, next: Place) -> Cause {
    match next {
        Place::Slot(next) if next > slot => Cause::Forward,
        Place::Slot(_) => Cause::Back,
        Place::Other(Some(Outcome::Won)) => Cause::Won,
        Place::Other(Some(Outcome::Lost)) => Cause::Lost,
        Place::Other(Some(Outcome::Cancelled)) => Cause::Cancelled,
        Place::Other(Some(Outcome::Parked)) => Cause::Parked,
        Place::Unknown | Place::Other(_) => Cause::Censored,
    }
}

/// What [`WinRate`] counts, and the won cycles: group, period, days, deals.
#[must_use]
pub fn win_rate(deals: &[Deal], terms: &Terms, ask: &WinRate) -> (Rows, Rows) {
    let (mut sums, mut cycles) = (Sums::default(), Sums::default());
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        let deal = deal.cut(terms.as_of);
        let (Some(first), Some(last)) = (deal.entries.first(), deal.entries.last()) else { continue };
        let since = deal.since(terms.as_of).expect("it has begun");
        let run = deal.entries.iter().rev().take_while(|entry| entry.outcome == last.outcome).count();
        let begun = deal.entries.len() - run;
        let standing = deal.standing(terms.as_of, terms.parked_limit_days).flatten();
        let (state, names, decided) = match standing {
            Some(Outcome::Won) => (0, begun, since),
            Some(Outcome::Lost) => (1, begun, since),
            Some(Outcome::Cancelled) if last.outcome == Some(Outcome::Parked) => {
                (2, begun, since.plus(terms.parked_limit_days + 1))
            }
            Some(Outcome::Cancelled) => (2, begun, since),
            Some(Outcome::Parked) => (3, begun, since),
            Some(Outcome::Open) => (5, deal.entries.len() - 1, since),
            None if begun == 0 => continue,
            None => (4, begun - 1, since),
        };
        let names = &deal.entries[names];
        let on = if ask.basis == Basis::Created { first.day } else { decided };
        let open_is_undecided = ask.basis == Basis::Decided && state == 5;
        let period = ask.periods.ends().iter().position(|end| on <= *end).filter(|_| on >= ask.periods.from());
        let (Some(period), false) = (period, open_is_undecided) else { continue };
        if !terms.admits(names) || !terms.in_process(names) {
            continue;
        }
        let key = [terms.group(&deal, names).into(), int(period), i128::from(ask.periods.ends()[period].0)];
        let amount = terms.amount_minor(names, decided);
        let mut values = [0; 14];
        values[2 * state] = 1;
        values[2 * state + 1] = amount.unwrap_or(0).into();
        values[12] = i128::from(amount.is_none());
        if state == 0 {
            values[13] = decided.since(first.day).into();
            cycles.add(&[key[0], key[1], values[13]], &[1]);
        }
        sums.add(&key, &values);
    }
    (sums.rows(), cycles.rows())
}
