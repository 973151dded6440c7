//! Whether deals have what the stages asked for that they left behind.
//!
//! The exit criteria are the process's, held against the facts as they are told now: what is filled in afterwards mends.
//! Conditions that name today are held against the day on which the stage was left.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::field::ids;
use domain::journal::Hot;
use domain::process::{Process, Stage, gate};
use domain::{Currency, Day, Kind, Outcome, RecordId, StageId};
use journey::{Journey, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE};
use warehouse::Dimension;

use super::judge::Bench;
use super::past::{Led, Told};
use crate::records::facts::DealFacts;

/// What is known of stages and of what was done.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Order of the stages, and whether leaving them forwards asks for something.
    stages: HashMap<u32, (i32, bool)>,
    /// Keys of the actions that are done, by deal.
    done: HashMap<RecordId, Vec<String>>,
    /// Metrics that are tracked, by stage.
    tracked: HashMap<u32, HashSet<String>>,
}

impl Evidence {
    pub(super) fn of(bench: &Bench<'_>, led: &Led) -> Self {
        let asks = |stage: &Stage| stage.exit.as_ref().is_some_and(|exit| !exit.is_empty());
        let all = bench.snapshot.labels.processes().iter().flat_map(|process| &process.stages);
        let stages: HashMap<u32, (i32, bool)> = all.map(|stage| (stage.id.0, (stage.order, asks(stage)))).collect();
        let mut evidence = Self { stages, ..Self::default() };
        if !evidence.stages.values().any(|(_, asks)| *asks) {
            return evidence;
        }
        for activity in bench.past.of(Kind::Activity) {
            let Some(told) = bench.past.at(*activity, bench.when) else { continue };
            let is_done = told.flag(ids::ACTIVITY_DONE) == Some(true)
                && told.int(ids::ACTIVITY_AT).is_none_or(|at| domain::Instant(at) < bench.when.end);
            if let (true, Some(deal), Some(key)) =
                (is_done, told.int(ids::ACTIVITY_OPPORTUNITY), told.text(ids::ACTIVITY_TYPE))
            {
                evidence.done.entry(led.on(deal)).or_default().push(key.to_owned());
            }
        }
        for value in bench.past.of(Kind::MetricValue) {
            let Some(told) = bench.past.at(*value, bench.when) else { continue };
            let is_told = told.int(ids::METRIC_VALUE_ON).is_none_or(|on| on <= i64::from(bench.day.0));
            let stage = told.int(ids::METRIC_VALUE_STAGE).and_then(|stage| u32::try_from(stage).ok());
            if let (true, Some(stage), Some(metric)) = (is_told, stage, told.text(ids::METRIC_VALUE_METRIC)) {
                evidence.tracked.entry(stage).or_default().insert(metric.to_owned());
            }
        }
        evidence
    }

    /// The stages that ask for something and that the deal left forwards, each with the last day on which it did.
    fn left(&self, journey: Journey<'_>, place: usize) -> Vec<(u32, Day)> {
        let entries = &journey.journeys.entries;
        let mut left: Vec<(u32, Day)> = Vec::new();
        for at in journey.range().start + 1..=place {
            let (from, to) = (entries.stage[at - 1], entries.stage[at]);
            if from == to || entries.state[at - 1] != Outcome::Open as u8 {
                continue;
            }
            let (Some((order, asks)), Some((next, _))) = (self.stages.get(&from), self.stages.get(&to)) else {
                continue;
            };
            if *asks && next > order {
                left.retain(|(stage, _)| *stage != from);
                left.push((from, Day(entries.day[at])));
            }
        }
        // Whoever has gone back stands before it again.
        let here = self.stages.get(&entries.stage[place]).map_or(i32::MIN, |(order, _)| *order);
        left.retain(|(stage, _)| self.stages.get(stage).is_some_and(|(order, _)| *order < here));
        left
    }

    pub(super) fn passed(&self, journey: Journey<'_>, place: usize) -> i64 {
        i64::try_from(self.left(journey, place).len()).unwrap_or(i64::MAX)
    }

    pub(super) fn unmet(
        &self,
        bench: &Bench<'_>,
        journey: Journey<'_>,
        place: usize,
        process: Option<&Process>,
        told: &Told<'_>,
    ) -> i64 {
        let left = self.left(journey, place);
        if left.is_empty() {
            return 0;
        }
        let rest: BTreeMap<_, _> = told.iter().map(|(field, value)| (field, value.clone())).collect();
        let mut facts = DealFacts::of(bench.fields, process, &hot(bench, journey, place), &rest);
        if let Some(done) = self.done.get(&journey.deal()) {
            facts.done(done);
        }
        let mut unmet = 0;
        for (id, day) in left {
            let Some((_, stage)) = bench.snapshot.labels.stage(StageId(id)) else { continue };
            facts.track(self.tracked.get(&id).into_iter().flatten().cloned());
            unmet += i64::from(!gate::check(stage, &facts, day).is_open());
        }
        unmet
    }
}

fn hot(bench: &Bench<'_>, journey: Journey<'_>, place: usize) -> Hot {
    let entries = &journey.journeys.entries;
    let member = |dimension, code: u32| {
        (code != NONE).then(|| bench.snapshot.labels.members(dimension).get(code).map(|member| member.id)).flatten()
    };
    Hot {
        stage: StageId(entries.stage[place]),
        outcome: Outcome::from_code(entries.state[place]).unwrap_or(Outcome::Open),
        amount_minor: Some(entries.amount_minor[place]).filter(|minor| *minor != NO_AMOUNT),
        currency: Some(entries.currency[place]).filter(|code| *code != NO_CURRENCY).and_then(Currency::from_code),
        owner: member(Dimension::Owner, entries.owner[place]),
        team: member(Dimension::Team, entries.team[place]),
        expected_close_on: Some(entries.expected_close[place]).filter(|day| *day != NO_DAY).map(Day),
        probability_ppm: Some(entries.probability_ppm[place]).filter(|ppm| *ppm != NO_PROBABILITY),
    }
}
