//! What frames every page: whose data it is, which days it spans, the processes in sight with their stages, and what
//! can be grouped by. Must not count more than deals.

use std::collections::BTreeMap;

use domain::process::{NamedValue, Process};
use domain::words::Text2;
use domain::{Day, ProcessId};
use warehouse::{OwnDimension, Span};

use crate::answers::targets;
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
    pub dimensions: Vec<DimensionSeen>,
}

/// What can be grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimensionSeen {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub label: Text2,
    /// The values that have names, where they are the organisation's own.
    pub choices: Vec<NamedValue>,
    /// Whether targets are set for its members, so that gauges can go by it.
    pub has_targets: bool,
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
    /// Whether stages are known that a deal went through, and not only those where deals stand.
    pub has_stage_history: bool,
}

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
        for (process, span) in snapshot.partitions.iter().flat_map(|partition| partition.spans(&scope)) {
            spans.entry(process).and_modify(|all| *all = all.with(span)).or_insert(span);
        }
        let organisation = self.store.organisation().await?;
        Ok(Meta {
            organisation: organisation.map(Organisation::from).unwrap_or_default(),
            today: self.today(),
            seq: snapshot.seq,
            deals: spans.values().map(|span| span.deals).sum(),
            processes: seen(snapshot.labels.processes(), &spans),
            dimensions: dimensions_seen(snapshot.labels.own_dimensions()),
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

fn dimensions_seen(own: &[OwnDimension]) -> Vec<DimensionSeen> {
    let seen = |(key, label): (String, Text2)| DimensionSeen {
        has_targets: targets::are_set_by(&key),
        choices: own.iter().find(|own| own.name == key).map_or_else(Vec::new, |own| own.field.choices.clone()),
        key,
        label,
    };
    crate::answers::dimensions(own).into_iter().map(seen).collect()
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
            (Some(a), Some(b)) => Some(a.with(b)),
            (one, None) | (None, one) => one,
        };
    }
    let mut all: Vec<ProcessSeen> = newest
        .into_values()
        .map(|(process, span)| ProcessSeen {
            process: process.clone(),
            deals: span.map_or(0, |span| span.deals),
            days: span.map(|span| (span.first, span.last)),
            has_stage_history: span.is_some_and(|span| span.has_steps),
        })
        .collect();
    all.sort_by(|a, b| b.deals.cmp(&a.deals).then_with(|| a.process.key.cmp(&b.process.key)));
    all
}
