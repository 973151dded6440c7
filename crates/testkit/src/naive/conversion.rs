//! Conversion: for each stage, when and how the deal reached it, and what became of it.

use domain::{Day, Outcome, StageId};
use journey::{Cause, Conversion, EntryRow, Goal, Reach, Visit};

use super::{Rows, Sums, int};
use crate::deals::Deal;
use crate::terms::Terms;

/// How high a state is: a stage, beyond all stages, unknown, or nowhere on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Height {
    At(usize),
    Unknown,
    Out,
}

fn height(terms: &Terms, entry: &EntryRow) -> Height {
    match entry.outcome {
        Some(Outcome::Won) if terms.in_process(entry) => Height::At(terms.stages.len()),
        Some(Outcome::Won) => Height::Unknown,
        Some(Outcome::Open) if entry.stage == StageId::UNKNOWN => Height::Unknown,
        Some(Outcome::Open) => terms.open_slot(entry).map_or(Height::Unknown, Height::At),
        _ => Height::Out,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Entered { directly: bool },
    Skipped,
    Passed,
    Found,
}

/// What [`Conversion`] counts, and its times: group, period, slot, entry, exit, cause, deals.
#[must_use]
pub fn conversion(deals: &[Deal], terms: &Terms, ask: &Conversion) -> (Rows, Rows) {
    let (mut sums, mut times) = (Sums::default(), Sums::default());
    for deal in deals.iter().filter(|deal| terms.sees(deal)) {
        let deal = deal.cut(terms.as_of);
        let heights: Vec<Height> = deal.entries.iter().map(|entry| height(terms, entry)).collect();
        for slot in 0..terms.stages.len() {
            for (at, how) in reached(&heights, slot, ask) {
                let entry = &deal.entries[at];
                let period = ask
                    .periods
                    .ends()
                    .iter()
                    .position(|end| entry.day <= *end)
                    .filter(|_| entry.day >= ask.periods.from());
                let Some(period) = period.filter(|_| terms.admits(entry)) else { continue };
                let group = i128::from(terms.group(&deal, entry));
                let mut values = [0; 12];
                match how {
                    How::Entered { directly } => (values[0], values[1]) = (1, i128::from(directly)),
                    How::Skipped => values[2] = 1,
                    How::Passed => values[3] = 1,
                    How::Found => values[4] = 1,
                }
                let skipped_counts = how == How::Skipped && ask.reach == Reach::OrBeyond;
                if matches!(how, How::Entered { .. }) || skipped_counts {
                    let begin = if how == How::Skipped { at } else { at + 1 };
                    let (count, cause, on, regressed) = fate(&deal, terms, ask, &heights, slot, begin);
                    values[count] = 1;
                    values[11] = i128::from(regressed);
                    let days = i128::from(on.since(entry.day));
                    times.add(&[group, int(period), int(slot), 0, days, cause as i128], &[1]);
                }
                sums.add(&[group, int(period), ask.periods.ends()[period].0.into(), int(slot)], &values);
            }
        }
    }
    (sums.rows(), times.rows())
}

/// The entries by which a deal reached `slot`, as the visit rule wants them.
fn reached(heights: &[Height], slot: usize, ask: &Conversion) -> Vec<(usize, How)> {
    // What was known of the deal's height just before an entry: being out does not change it.
    let known_before = |at: usize| heights[..at].iter().rev().copied().find(|height| *height != Height::Out);
    let mut found = Vec::new();
    let first_at_or_beyond = heights.iter().position(|height| matches!(height, Height::At(high) if *high >= slot));
    if let Some(at) = first_at_or_beyond
        && heights[at] != Height::At(slot)
    {
        match known_before(at) {
            None => found.push((at, How::Passed)),
            Some(Height::At(_)) => found.push((at, How::Skipped)),
            Some(_) => {}
        }
    }
    let is_here = |at: usize| heights[at] == Height::At(slot);
    let visits: Vec<usize> = (0..heights.len()).filter(|at| is_here(*at) && (*at == 0 || !is_here(at - 1))).collect();
    let counted: Vec<usize> = match ask.visit {
        Visit::Every => visits,
        Visit::Last => visits.last().copied().into_iter().collect(),
        Visit::First => {
            let first = visits.first().copied();
            let beaten = ask.reach == Reach::OrBeyond && first != first_at_or_beyond;
            first.filter(|_| !beaten).into_iter().collect()
        }
    };
    for at in counted {
        found.push((
            at,
            match known_before(at) {
                None => How::Entered { directly: slot > 0 },
                Some(Height::Unknown) => How::Found,
                Some(_) => How::Entered { directly: false },
            },
        ));
    }
    found
}

fn fate(
    deal: &Deal,
    terms: &Terms,
    ask: &Conversion,
    heights: &[Height],
    slot: usize,
    begin: usize,
) -> (usize, Cause, Day, bool) {
    let is_forward = |high: usize| match ask.reach {
        Reach::OrBeyond => high > slot,
        Reach::Visited => high == slot + 1,
    };
    let forward = (begin..heights.len()).find(|at| matches!(heights[*at], Height::At(high) if is_forward(high)));
    let forward = forward.filter(|_| ask.goal == Goal::Next);
    let watched = begin..forward.unwrap_or(heights.len());
    let regressed = heights[watched].iter().any(|height| matches!(height, Height::At(high) if *high < slot));
    if let Some(at) = forward {
        return (5, Cause::Forward, deal.entries[at].day, regressed);
    }
    let since = deal.since(terms.as_of).expect("it has begun");
    let parked = deal.on(terms.as_of).is_some_and(|entry| entry.outcome == Some(Outcome::Parked));
    let (count, cause, day) = match deal.standing(terms.as_of, terms.parked_limit_days).flatten() {
        Some(Outcome::Won) if ask.goal == Goal::Won => (5, Cause::Forward, since),
        Some(Outcome::Won) => (10, Cause::Censored, since),
        Some(Outcome::Lost) => (6, Cause::Lost, since),
        Some(Outcome::Cancelled) if parked => (7, Cause::Cancelled, since.plus(terms.parked_limit_days + 1)),
        Some(Outcome::Cancelled) => (7, Cause::Cancelled, since),
        Some(Outcome::Parked) => (8, Cause::Parked, since),
        None => (9, Cause::Censored, since),
        Some(Outcome::Open) => (10, Cause::Censored, terms.as_of),
    };
    (count, cause, day, regressed)
}
