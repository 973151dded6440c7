//! What frames every page: whose data it is, which days it spans, the processes in sight with their stages, and what
//! can be grouped by. Must not count more than deals.

use std::collections::BTreeMap;

use domain::process::Process;
use domain::{Day, Outcome, ProcessId};

use crate::answer::Label;
use crate::{Loudou, Organisation, Result};

/// What frames every page.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    /// Whose data it is.
    pub organisation: Organisation,
    /// Today in its zone.
    pub today: Day,
    /// The journal up to here is in the numbers.
    pub seq: i64,
    /// Deals in sight.
    pub deals: u64,
    /// The processes with deals in sight, the most deals first; then those without.
    pub processes: Vec<ProcessSeen>,
    /// What can be grouped and filtered by.
    pub dimensions: Vec<(&'static str, Label)>,
}

/// A process and what is seen of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessSeen {
    /// Its newest version.
    pub process: Process,
    /// Deals in sight, over all versions.
    pub deals: u64,
    /// The first and the last day on which something happened to one of them.
    pub days: Option<(Day, Day)>,
}

/// Deals of a process, and the span of what happened to them.
type Span = (u64, Day, Day);

impl Loudou {
    /// What frames every page of whoever asks.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn meta(&self) -> Result<Meta> {
        let warehouse = self.warehouse().await?;
        let snapshot = warehouse.snapshot();
        let scope = snapshot.scope(&self.who.scope);
        let mut spans: BTreeMap<u32, Span> = BTreeMap::new();
        for partition in &snapshot.partitions {
            let member = partition.in_scope(&scope);
            for journey in partition.journeys.iter() {
                if member.as_ref().is_some_and(|member| !member[journey.index]) {
                    continue;
                }
                let Some((first, last)) = journey.days().first().zip(journey.days().last()) else { continue };
                // Of a deleted deal nothing is in sight.
                let at = journey.range().end - 1;
                if Outcome::from_code(partition.journeys.entries.state[at]).is_none() {
                    continue;
                }
                let process = partition.journeys.process[journey.index];
                let span = spans.entry(process).or_insert((0, Day(*first), Day(*last)));
                *span = (span.0 + 1, span.1.min(Day(*first)), span.2.max(Day(*last)));
            }
        }
        let organisation = self.store.organisation().await?;
        Ok(Meta {
            organisation: organisation.map(Organisation::from).unwrap_or_default(),
            today: self.today(),
            seq: snapshot.seq,
            deals: spans.values().map(|(deals, ..)| deals).sum(),
            processes: seen(snapshot.labels.processes(), &spans),
            dimensions: crate::answers::dimensions(),
        })
    }

    /// Opens the warehouse and reads the database once: answers when questions are.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn ready(&self) -> Result<()> {
        self.warehouse().await.map(|_| ())
    }
}

fn seen(processes: &[Process], spans: &BTreeMap<u32, Span>) -> Vec<ProcessSeen> {
    let mut newest: BTreeMap<&str, (&Process, Option<Span>)> = BTreeMap::new();
    for process in processes {
        let of_version = process.id.and_then(|ProcessId(id)| spans.get(&id)).copied();
        let (latest, span) = newest.entry(&process.key).or_insert((process, None));
        if process.version > latest.version {
            *latest = process;
        }
        *span = match (*span, of_version) {
            (Some(a), Some(b)) => Some((a.0 + b.0, a.1.min(b.1), a.2.max(b.2))),
            (one, None) | (None, one) => one,
        };
    }
    let mut all: Vec<ProcessSeen> = newest
        .into_values()
        .map(|(process, span)| ProcessSeen {
            process: process.clone(),
            deals: span.map_or(0, |span| span.0),
            days: span.map(|span| (span.1, span.2)),
        })
        .collect();
    all.sort_by(|a, b| b.deals.cmp(&a.deals).then_with(|| a.process.key.cmp(&b.process.key)));
    all
}
