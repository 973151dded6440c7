//! What only the whole tells: when deals known by their changes began, when the export was, and from when
//! dimensions hold.

use std::collections::BTreeMap;

use domain::field::{Value, ids};
use domain::journal::{Facts, Hot};
use domain::{Instant, Kind};

use super::records::bare;
use super::scan::Scanner;
use super::typer::Problem;
use super::{AT_BEGINNING, AT_EXPORT, Gathered, NONE};
use crate::extract::{Assertion, Counts, Extract};
use crate::issue::{Fault, Refusal, Rule, Severity};
use crate::profile::Profile;
use crate::profile::spec::Known;

pub(super) fn finish(profile: &Profile, scanner: Scanner<'_>, mut gathered: Gathered) -> Result<Extract, Refusal> {
    let exported_at = exported_at(profile, &mut gathered)?;
    for assertion in &mut gathered.deals {
        if assertion.effective_at == AT_EXPORT {
            assertion.effective_at = exported_at;
        }
    }
    let begins = begin_deals(&mut gathered);
    // The beginning of deals is settled: what was merged into a first change is gone.
    gathered.deals.retain(|assertion| assertion.effective_at != AT_BEGINNING);
    let earliest = begins.iter().flatten().min().copied().unwrap_or(exported_at);
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
    if profile.spec.known == Known::Stamp {
        for assertion in &mut assertions {
            assertion.known_at = Some(assertion.effective_at);
        }
    }
    let issues = gathered.desk.issues;
    let keys: BTreeMap<Kind, Vec<String>> =
        gathered.desk.typer.keys.into_iter().map(|(kind, keys)| (kind, keys.into_names())).collect();
    let counts = Counts {
        rows_read: scanner.files.iter().map(|file| file.rows).sum(),
        rows_rejected: issues.rows_rejected,
        warnings: issues.warnings,
        files: scanner.files,
        records: keys.iter().map(|(kind, keys)| (*kind, keys.len() as u64)).collect(),
        changes: gathered.changes,
        rules: issues.rules(),
        checks: scanner.checks,
    };
    Ok(Extract { source: profile.source().to_owned(), keys, assertions, issues: issues.list, counts })
}

fn exported_at(profile: &Profile, gathered: &mut Gathered) -> Result<Instant, Refusal> {
    if let Some(day) = profile.exported_on {
        return Ok(gathered.desk.typer.start_of(day));
    }
    gathered.latest.ok_or_else(|| {
        let message = "exported_on is `last-change`, and no row has a date: name the day of the export".to_owned();
        Fault::Profile { profile: profile.name().to_owned(), line: None, message }.into()
    })
}

/// Gives every deal its beginning. A creation at the instant of the first change, or of the only known date,
/// becomes part of it, so that no deal stands in an unknown stage for no time.
fn begin_deals(gathered: &mut Gathered) -> Vec<Option<Instant>> {
    let mut begins = vec![None; gathered.known.len()];
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
        let start = &mut gathered.deals[deal.start as usize];
        match joined {
            Some((_, place)) if place != deal.start => {
                start.effective_at = AT_BEGINNING;
                let facts = std::mem::take(&mut start.facts);
                let target = &mut gathered.deals[place as usize].facts;
                *target = overlaid(facts, std::mem::take(target));
            }
            _ => start.effective_at = begin,
        }
    }
    begins
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
    let of_deal = [ids::DEAL_LINE_OPPORTUNITY, ids::ACTIVITY_OPPORTUNITY, ids::EXPENSE_OPPORTUNITY];
    for assertion in rest.iter_mut().filter(|assertion| assertion.effective_at == AT_BEGINNING) {
        let deal = assertion.facts.rest.iter().find_map(|(field, value)| match value {
            Value::Ref(local) if of_deal.contains(field) => usize::try_from(*local).ok(),
            _ => None,
        });
        let begin = deal.and_then(|deal| begins.get(deal).copied().flatten());
        assertion.effective_at = begin.unwrap_or(earliest);
    }
}
