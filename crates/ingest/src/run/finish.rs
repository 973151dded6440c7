//! What only the whole tells: when deals known by their changes began, when the export was, and from when
//! dimensions hold.

use std::collections::BTreeMap;

use domain::field::{Value, ids};
use domain::journal::{Facts, Hot, HotSet};
use domain::{Day, Instant, Kind};

use super::records::bare;
use super::scan::Scanner;
use super::typer::Problem;
use super::{AT_BEGINNING, AT_EXPORT, Gathered, NONE};
use crate::extract::{Assertion, Counts, Extract};
use crate::issue::{Fault, Refusal, Rule, Severity};
use crate::profile::Profile;
use crate::profile::spec::Known;

/// Place of what only the snapshot tells among assertions of one instant: before the log's own.
const BEFORE_THE_LOG: i64 = -1;

pub(super) fn finish(profile: &Profile, scanner: Scanner<'_>, mut gathered: Gathered) -> Result<Extract, Refusal> {
    let exported_at = exported_at(profile, &mut gathered)?;
    for assertion in &mut gathered.deals {
        if assertion.effective_at == AT_EXPORT {
            assertion.effective_at = exported_at;
        }
    }
    let stamped = profile.spec.known == Known::Stamp;
    let begins = begin_deals(&mut gathered, stamped);
    // The beginning of deals is settled: what was merged into a first change is gone.
    gathered.deals.retain(|assertion| assertion.effective_at != AT_BEGINNING);
    let dated = gathered.rest.iter().map(|assertion| assertion.effective_at).filter(|at| *at != AT_BEGINNING);
    let earliest = begins.iter().flatten().min().copied().or_else(|| dated.min()).unwrap_or(exported_at);
    date_the_rest(&mut gathered.rest, &begins, earliest);
    let mut dimensions = std::mem::take(&mut gathered.dimensions);
    for (kind, local) in std::mem::take(&mut gathered.desk.typer.made) {
        let facts = bare(kind, gathered.keys(kind).name(local));
        let (effective_at, known_at) = (AT_BEGINNING, None);
        dimensions.push(Assertion { kind, local, effective_at, known_at, source_seq: 0, facts });
    }
    for assertion in &mut dimensions {
        if assertion.effective_at == AT_BEGINNING {
            assertion.effective_at = earliest;
        }
    }
    let mut assertions = gathered.deals;
    assertions.reserve_exact(dimensions.len() + gathered.rest.len());
    assertions.splice(0..0, dimensions);
    assertions.append(&mut gathered.rest);
    if let Some(day) = profile.exported_on.filter(|_| stamped) {
        // What no log tells was known when the files were written: by the end of that day.
        let exported_by = Instant(gathered.desk.typer.start_of(day.plus(1)).0 - 1);
        for assertion in assertions.iter_mut().filter(|assertion| assertion.known_at.is_none()) {
            assertion.known_at = Some(exported_by);
        }
    }
    let issues = gathered.desk.issues;
    let mentioned = std::mem::take(&mut gathered.desk.typer.mentioned);
    let of_files = |kind: &Kind, keys: &Vec<String>| keys.len() as u64 - mentioned.get(kind).copied().unwrap_or(0);
    let keys: BTreeMap<Kind, Vec<String>> =
        gathered.desk.typer.keys.into_iter().map(|(kind, keys)| (kind, keys.into_names())).collect();
    let counts = Counts {
        rows_read: scanner.files.iter().map(|file| file.rows).sum(),
        rows_rejected: issues.rows_rejected,
        warnings: issues.warnings,
        files: scanner.files,
        records: keys.iter().map(|(kind, keys)| (*kind, of_files(kind, keys))).filter(|(_, n)| *n > 0).collect(),
        changes: gathered.changes,
        rules: issues.rules(),
        checks: scanner.checks,
    };
    let own = profile.own.clone();
    Ok(Extract { source: profile.source().to_owned(), keys, assertions, issues: issues.list, counts, own })
}

fn exported_at(profile: &Profile, gathered: &mut Gathered) -> Result<Instant, Refusal> {
    if let Some(day) = profile.exported_on {
        return Ok(gathered.desk.typer.start_of(day));
    }
    if profile.spec.exported_on == crate::profile::OF_IMPORT {
        let message = "exported_on is `import`, and nobody said on which day that is".to_owned();
        return Err(Fault::Profile { profile: profile.name().to_owned(), line: None, message }.into());
    }
    if gathered.latest.is_none() && gathered.desk.issues.rows_rejected > 0 {
        // Every row with a date stayed out: those rows are what is wrong, and nothing is left to be dated.
        return Ok(gathered.desk.typer.start_of(Day(0)));
    }
    gathered.latest.ok_or_else(|| {
        let message = "exported_on is `last-change`, and no row has a date: name the day of the export".to_owned();
        Fault::Profile { profile: profile.name().to_owned(), line: None, message }.into()
    })
}

/// Gives every deal its beginning. A creation at the instant of the first change, or of the only known date,
/// becomes part of it, so that no deal stands in an unknown stage for no time.
///
/// Where the log is trusted (`stamped`), the creation was known when it happened. Starting values that the log
/// does not tell were not: they become an assertion of their own, which only deals that have such values pay for.
fn begin_deals(gathered: &mut Gathered, stamped: bool) -> Vec<Option<Instant>> {
    let mut begins = vec![None; gathered.known.len()];
    let mut told_later = Vec::new();
    for (local, deal) in gathered.known.iter().enumerate() {
        let Some(deal) = deal else { continue };
        let change = deal.first_change.map(|(at, _, place)| (at, place));
        let end = (deal.end != NONE).then(|| (gathered.deals[deal.end as usize].effective_at, deal.end));
        let first_known = match (change, end) {
            (Some(change), Some(end)) => Some(if change.0 <= end.0 { change } else { end }),
            (change, end) => change.or(end),
        };
        let begin = match (deal.begin, first_known) {
            (Some(begin), Some((first, _))) if first < begin => {
                let file = &gathered.files[deal.file as usize];
                gathered.desk.issues.note(file, deal.row, changed_before(begin, first));
                Some(first)
            }
            (Some(begin), _) => Some(begin),
            (None, first) => first.map(|(first, _)| first),
        };
        begins[local] = begin;
        let Some(begin) = begin else { continue };
        if deal.start == NONE {
            continue;
        }
        let closes = |place: u32| place == deal.end && gathered.deals[place as usize].facts.hot.outcome.is_closed();
        let joined = first_known.filter(|(at, place)| *at == begin && (deal.begin.is_none() || !closes(*place)));
        let place = joined.map_or(deal.start, |(_, place)| place);
        let start = &mut gathered.deals[deal.start as usize];
        let values = if stamped && place != deal.end { starting_values(&mut start.facts) } else { None };
        if place == deal.start {
            (start.effective_at, start.known_at) = (begin, stamped.then_some(begin));
        } else {
            start.effective_at = AT_BEGINNING;
            let facts = std::mem::take(&mut start.facts);
            let target = &mut gathered.deals[place as usize].facts;
            *target = overlaid(facts, std::mem::take(target));
        }
        if let Some(values) = values {
            let is_moved = deal.begin.is_some_and(|created| begin < created);
            told_later.extend(beside(&gathered.deals[place as usize], values, is_moved));
        }
    }
    gathered.deals.append(&mut told_later);
    begins
}

/// Takes the values that change over a deal's life out of the facts of its creation; its existence, its stage and
/// what never changes about it stay.
fn starting_values(creation: &mut Facts) -> Option<Facts> {
    let own = HotSet::STAGE.with(HotSet::OUTCOME);
    let set = HotSet(creation.set.0 & !own.0);
    if set == HotSet::default() {
        return None;
    }
    let Hot { stage, outcome, .. } = creation.hot;
    let hot = Hot { stage: Hot::default().stage, outcome: Hot::default().outcome, ..creation.hot };
    let rest = std::mem::take(&mut creation.rest);
    *creation = Facts { rest, ..Facts::default().stage(stage).outcome(outcome) };
    Some(Facts { set, hot, rest: Vec::new() })
}

/// The starting values of a deal as an assertion beside `first`, with which the log begins it.
///
/// It comes before `first` and says all that `first` says, so that the deal has its amount and its owner from its
/// first state on. If the beginning was moved to a change from before the creation, it comes behind that change
/// and says only what the change does not.
fn beside(first: &Assertion, values: Facts, is_moved: bool) -> Option<Assertion> {
    let told = Facts { set: first.facts.set, hot: first.facts.hot, rest: Vec::new() };
    let (source_seq, facts) = if is_moved {
        (first.source_seq, Facts { set: HotSet(values.set.0 & !told.set.0), ..values })
    } else {
        (BEFORE_THE_LOG, overlaid(values, told))
    };
    // What is not set stays at its default.
    let mut hot = Hot::default();
    facts.apply(&mut hot);
    let facts = Facts { hot, ..facts };
    let Assertion { kind, local, effective_at, .. } = *first;
    (!facts.is_empty()).then_some(Assertion { kind, local, effective_at, known_at: None, source_seq, facts })
}

fn changed_before(begin: Instant, first: Instant) -> Problem {
    Problem {
        rule: Rule::ChangedBeforeCreated,
        severity: Severity::Warning,
        column: "created".into(),
        value: begin.to_string(),
        message: format!("the deal changed on {first}, before it was created"),
    }
}

/// Both, where the second says more.
fn overlaid(first: Facts, second: Facts) -> Facts {
    let mut hot = Hot::default();
    first.apply(&mut hot);
    second.apply(&mut hot);
    let mut both = Facts { set: first.set.with(second.set), hot, rest: first.rest };
    for (field, value) in second.rest {
        both.put(field, value);
    }
    both
}

/// What has no moment of its own holds from the beginning of its deal.
fn date_the_rest(rest: &mut [Assertion], begins: &[Option<Instant>], earliest: Instant) {
    let of_deal = [
        ids::DEAL_LINE_OPPORTUNITY,
        ids::ACTIVITY_OPPORTUNITY,
        ids::EXPENSE_OPPORTUNITY,
        ids::CONTRACT_OPPORTUNITY,
        ids::ORDER_OPPORTUNITY,
        ids::INVOICE_OPPORTUNITY,
        ids::PAYMENT_OPPORTUNITY,
        ids::SERVICE_REQUEST_OPPORTUNITY,
    ];
    for assertion in rest.iter_mut().filter(|assertion| assertion.effective_at == AT_BEGINNING) {
        let deal = assertion.facts.rest.iter().find_map(|(field, value)| match value {
            Value::Ref(local) if of_deal.contains(field) => usize::try_from(*local).ok(),
            _ => None,
        });
        let begin = deal.and_then(|deal| begins.get(deal).copied().flatten());
        assertion.effective_at = begin.unwrap_or(earliest);
    }
}
