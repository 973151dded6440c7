//! The chance of winning that history gives each stage, to hold sellers' own probabilities against.
//!
//! The method is that of [`methods::probability`]: the share won by a horizon from the day on which the stage was
//! reached, with open deals counted for as long as they were watched.

use std::collections::HashMap;

use domain::{Day, Outcome, StageId};
use journey::{Journey, NO_PROBABILITY, STATE_DELETED};
use methods::interval::Level;
use methods::probability::historical;
use methods::survival::{End, Spell, SpellHistogram};
use warehouse::Snapshot;

/// Deals that must have reached a stage: fewer are no history.
const FEWEST: u64 = 30;
/// Won, and ended otherwise.
const CAUSES: u8 = 2;

/// The chance of winning from each stage on, in millionths, as a day saw it. Stages of several versions of a process
/// with one key are one stage. A stage that too few deals reached, or from which nothing was won, has none.
///
/// Where no seller ever gave a probability there is nothing to hold against it, and none is computed.
pub(crate) fn of_stages(snapshot: &Snapshot, day: Day) -> HashMap<StageId, i64> {
    let mut told = snapshot.partitions.iter().flat_map(|partition| partition.journeys.entries.probability_ppm.iter());
    if !told.any(|ppm| *ppm != NO_PROBABILITY) {
        return HashMap::new();
    }
    let mut names: HashMap<(String, String), usize> = HashMap::new();
    let mut place: HashMap<u32, usize> = HashMap::new();
    for process in snapshot.labels.processes() {
        for stage in &process.stages {
            let next = names.len();
            let at = *names.entry((process.key.clone(), stage.key.clone())).or_insert(next);
            place.insert(stage.id.0, at);
        }
    }
    let mut spells: Vec<HashMap<(u32, End), u64>> = vec![HashMap::new(); names.len()];
    for partition in &snapshot.partitions {
        for journey in partition.journeys.iter() {
            each_spell(journey, day, |stage, days, end| {
                if let Some(at) = place.get(&stage) {
                    *spells[*at].entry((days, end)).or_default() += 1;
                }
            });
        }
    }
    let shares: Vec<Option<i64>> = spells.iter().map(share).collect();
    let of_stage = |(stage, at): (u32, usize)| Some((StageId(stage), shares[at]?));
    place.into_iter().filter_map(of_stage).collect()
}

fn share(spells: &HashMap<(u32, End), u64>) -> Option<i64> {
    let cells = spells
        .iter()
        .map(|((exit_days, end), count)| (Spell { entry_days: 0, exit_days: *exit_days, end: *end }, *count));
    let histogram = SpellHistogram::from_cells(cells).ok().filter(|histogram| histogram.spells() >= FEWEST)?;
    let found = historical(&[histogram], 0, CAUSES, Level::P95).ok()??;
    let share = found.whole.incidence.first()?.clamp(0.0, 1.0);
    #[allow(clippy::cast_possible_truncation, reason = "a share in millionths is small")]
    Some((share * 1e6).round() as i64)
}

/// Every stage that a deal reached while it was open, with the days from then to its end or to the day.
fn each_spell(journey: Journey<'_>, day: Day, mut each: impl FnMut(u32, u32, End)) {
    let Some(last) = journey.at(day) else { return };
    let entries = &journey.journeys.entries;
    let state = entries.state[last];
    if state == STATE_DELETED {
        return;
    }
    let (until, end) = match Outcome::from_code(state) {
        Some(Outcome::Open | Outcome::Parked) | None => (day.0, End::Open),
        Some(Outcome::Won) => (entries.day[journey.run_start(last)], End::Cause(0)),
        Some(Outcome::Lost | Outcome::Cancelled) => (entries.day[journey.run_start(last)], End::Cause(1)),
    };
    let mut met: Vec<u32> = Vec::new();
    for at in journey.range().start..=last {
        let stage = entries.stage[at];
        if entries.state[at] == Outcome::Open as u8 && stage != StageId::UNKNOWN.0 && !met.contains(&stage) {
            met.push(stage);
            each(stage, u32::try_from(until - entries.day[at]).unwrap_or(0), end);
        }
    }
}
