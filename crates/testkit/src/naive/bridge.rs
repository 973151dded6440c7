//! The bridge: the clauses one after another, for each group as if it were a filter.

use domain::{Day, Outcome};
use journey::{Bridge, EntryRow, Events, Line};

use super::{Rows, Sums, one};
use crate::deals::Deal;
use crate::terms::Terms;

/// What [`Bridge`] counts.
#[must_use]
pub fn bridge(deals: &[Deal], terms: &Terms, ask: &Bridge) -> Rows {
    let mut sums = Sums::default();
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        let deal = deal.cut(terms.as_of);
        let mut groups: Vec<u64> = deal.entries.iter().map(|entry| terms.group(&deal, entry)).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let one = Slice { deal: &deal, terms, ask, group };
            match ask.events {
                Events::Endpoints => one.endpoints(&mut sums),
                Events::Path => one.path(&mut sums),
            }
        }
    }
    sums.rows()
}

/// One deal as one group sees it.
struct Slice<'a> {
    deal: &'a Deal,
    terms: &'a Terms,
    ask: &'a Bridge,
    group: u64,
}

impl Slice<'_> {
    fn inside(&self, entry: &EntryRow) -> bool {
        self.terms.admits(entry) && self.terms.group(self.deal, entry) == self.group && self.terms.in_process(entry)
    }

    fn due_too_early(&self, entry: &EntryRow) -> bool {
        self.ask.due.is_some_and(|(first, _)| entry.expected_close.is_some_and(|day| day < first))
    }

    fn due_too_late(&self, entry: &EntryRow) -> bool {
        self.ask.due.is_some_and(|(_, last)| entry.expected_close.is_none_or(|day| day > last))
    }

    fn member(&self, entry: &EntryRow) -> bool {
        let open = entry.outcome == Some(Outcome::Open);
        open && self.inside(entry) && !self.due_too_early(entry) && !self.due_too_late(entry)
    }

    fn book(&self, sums: &mut Sums, line: Line, values: [i128; 3]) {
        sums.add(&[self.group.into(), line as i128], &values);
    }

    fn change(&self, sums: &mut Sums, line: Line, by: i128) {
        if by != 0 {
            self.book(sums, line, [1, by, 0]);
        }
    }

    /// `before` is the state that held up to `was`, with its outcome then.
    fn became(&self, before: Option<(&EntryRow, Option<Outcome>)>) -> Line {
        match before {
            None | Some((_, None)) => Line::New,
            Some((entry, _)) if !self.inside(entry) => Line::TransferredIn,
            Some((_, Some(Outcome::Won | Outcome::Lost | Outcome::Cancelled))) => Line::Reopened,
            Some((_, Some(Outcome::Parked))) => Line::Resumed,
            Some((entry, _)) if self.due_too_early(entry) => Line::PushedIn,
            Some(_) => Line::PulledIn,
        }
    }

    fn ceased(&self, after: &EntryRow, outcome: Option<Outcome>) -> Line {
        match outcome {
            None => Line::Deleted,
            Some(Outcome::Won) => Line::Won,
            Some(Outcome::Lost) => Line::Lost,
            Some(Outcome::Cancelled) => Line::Cancelled,
            Some(Outcome::Parked) => Line::Parked,
            Some(Outcome::Open) if !self.inside(after) => Line::TransferredOut,
            Some(Outcome::Open) if self.due_too_late(after) => Line::PushedOut,
            Some(Outcome::Open) => Line::PulledOut,
        }
    }

    fn worth(&self, entry: &EntryRow, day: Day) -> i128 {
        self.terms.amount_minor(entry, day).unwrap_or(0).into()
    }

    fn stays(&self, sums: &mut Sums, old: i128, new: i128) {
        self.change(sums, Line::Grown, (new - old).max(0));
        self.change(sums, Line::Shrunk, (old - new).max(0));
    }

    fn born_and_ended(&self, sums: &mut Sums, existed: bool, after: &EntryRow, day: Day) {
        let line = match after.outcome {
            Some(Outcome::Won) => Line::CreatedWon,
            Some(Outcome::Lost) => Line::CreatedLost,
            _ => return,
        };
        if !existed && self.inside(after) {
            self.book(sums, line, one(self.terms.amount_minor(after, day)));
        }
    }

    fn endpoints(&self, sums: &mut Sums) {
        let (from, to) = (self.ask.from.min(self.terms.as_of), self.ask.to.min(self.terms.as_of));
        let limit = self.terms.parked_limit_days;
        let before = self.deal.on(from);
        let Some(after) = self.deal.on(to) else { return };
        let standing = |day| self.deal.standing(day, limit).flatten();
        let amount = |entry, day| one(self.terms.amount_minor(entry, day));
        let was = before.filter(|entry| self.member(entry));
        let is = self.member(after);
        if let Some(old) = was {
            self.book(sums, Line::Begin, amount(old, from));
        }
        if is {
            self.book(sums, Line::End, amount(after, to));
        }
        match (was, is) {
            (Some(old), true) => {
                let at_old_rate = self.worth(after, from);
                self.stays(sums, self.worth(old, from), at_old_rate);
                self.change(sums, Line::RateEffect, self.worth(after, to) - at_old_rate);
            }
            (Some(old), false) => {
                let line = self.ceased(after, standing(to));
                self.book(sums, line, amount(old, from));
                if line == Line::Won {
                    self.change(sums, Line::WonRevaluation, self.worth(after, to) - self.worth(old, from));
                }
            }
            (None, true) => {
                let line = self.became(before.map(|entry| (entry, standing(from))));
                self.book(sums, line, amount(after, to));
            }
            (None, false) => {
                let existed = before.is_some_and(|entry| entry.outcome.is_some());
                self.born_and_ended(sums, existed, after, to);
            }
        }
    }

    /// Replays the deal state by state; `held` is what it is booked at.
    fn path(&self, sums: &mut Sums) {
        let (from, to) = (self.ask.from.min(self.terms.as_of), self.ask.to.min(self.terms.as_of));
        let amount = |entry, day| one(self.terms.amount_minor(entry, day));
        let mut held: Option<i128> = None;
        for (at, entry) in self.deal.entries.iter().enumerate().filter(|(_, entry)| entry.day <= to) {
            let before = at.checked_sub(1).map(|before| &self.deal.entries[before]);
            let day = entry.day;
            if day <= from {
                continue;
            }
            let was = before.filter(|before| self.member(before));
            if let Some(old) = was {
                let booked = held.unwrap_or_else(|| self.worth(old, from));
                self.change(sums, Line::RateEffect, self.worth(old, day) - booked);
            }
            match (was, self.member(entry)) {
                (Some(old), true) => self.stays(sums, self.worth(old, day), self.worth(entry, day)),
                (Some(old), false) => {
                    let line = self.ceased(entry, entry.outcome);
                    self.book(sums, line, amount(old, day));
                    if line == Line::Won {
                        self.change(sums, Line::WonRevaluation, self.worth(entry, day) - self.worth(old, day));
                    }
                }
                (None, true) => {
                    let line = self.became(before.map(|before| (before, self.outcome_until(at, day))));
                    self.book(sums, line, amount(entry, day));
                }
                (None, false) => {
                    let existed = before.is_some_and(|before| before.outcome.is_some());
                    self.born_and_ended(sums, existed, entry, day);
                }
            }
            held = self.member(entry).then(|| self.worth(entry, day));
        }
        if let Some(begin) = self.deal.on(from).filter(|entry| self.member(entry)) {
            self.book(sums, Line::Begin, amount(begin, from));
        }
        if let Some(end) = self.deal.on(to).filter(|entry| self.member(entry)) {
            self.book(sums, Line::End, amount(end, to));
            let booked = held.unwrap_or_else(|| self.worth(end, from));
            self.change(sums, Line::RateEffect, self.worth(end, to) - booked);
        }
    }

    /// The outcome that the state before place `at` had grown into by `day`.
    fn outcome_until(&self, at: usize, day: Day) -> Option<Outcome> {
        let earlier = Deal { row: self.deal.row, entries: self.deal.entries[..at].to_vec() };
        earlier.standing(day, self.terms.parked_limit_days).flatten()
    }
}
