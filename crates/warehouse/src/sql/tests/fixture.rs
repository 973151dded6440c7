//! Snapshots out of text.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use domain::field::ids;
use domain::id::Kind;
use domain::journal::HotSet;
use domain::process::{Process, Stage, StageKind};
use domain::words::Text2;
use domain::{Calendar, Currency, Day, Outcome, ProcessId, Scope, StageId};
use journey::{DealRow, EntryRow, JourneysBuilder};
use serde_json::Value;

use crate::labels::{Dimension, Labels, Member};
use crate::snapshot::{Attributes, Partition, Snapshot};
use crate::sql::{SqlAnswer, SqlError, SqlOptions, query};

/// Regions by code, from 1.
pub(super) const REGIONS: [&str; 3] = ["north", "south", "a region with a name longer than most words are"];
/// Sellers by code; their records are 101, 102, 103.
pub(super) const OWNERS: [&str; 3] = ["ann", "bob", "cai"];
/// Teams by code; their records are 201, 202.
pub(super) const TEAMS: [&str; 2] = ["red", "blue"];

/// Stages 1 to 6: lead, talk, offer, done (won), gone (lost), again (after the sale).
pub(super) fn large() -> Process {
    process(
        1,
        1,
        "large",
        &[
            ("lead", 10, StageKind::Open),
            ("talk", 20, StageKind::Open),
            ("offer", 35, StageKind::Open),
            ("done", 40, StageKind::Won),
            ("again", 45, StageKind::Post),
            ("gone", 50, StageKind::Lost),
        ],
    )
}

/// Stages 7 and 8: hello, sold (won).
pub(super) fn small() -> Process {
    process(2, 7, "small", &[("hello", 1, StageKind::Open), ("sold", 2, StageKind::Won)])
}

pub(super) fn process(id: u32, first: u32, key: &str, stages: &[(&str, i32, StageKind)]) -> Process {
    let lean = |(key, order, kind): &(&str, i32, StageKind)| {
        Stage::lean(key, Text2::new(format!("{key}-zh"), format!("{key}-en")), *order, *kind)
    };
    Process {
        id: None,
        key: key.to_owned(),
        version: 1,
        detail: domain::process::Detail::Lean,
        unit: domain::process::CountUnit::Deal,
        cycle_days: None,
        top: Vec::new(),
        ratio_wins: 10,
        direct_entry: Vec::new(),
        name: Text2::new(key, key),
        description: None,
        inserts: Vec::new(),
        settings: Vec::new(),
        benchmarks: Vec::new(),
        reasons: Vec::new(),
        facts: Vec::new(),
        stages: stages.iter().map(lean).collect(),
    }
    .with_ids(ProcessId(id), StageId(first))
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Partitions of two deals each out of lines such as `7 large north: 2026-01-05 lead @ann /red =100;
/// 2026-02-01 done won`. An entry sets what it names: a stage (`?` unknown), an outcome or `deleted`, `@` the
/// owner (`@-` none), `/` the team, `=` minor units (`=-` unknown), `>` the expected close, `%` millionths, a
/// currency. A time may follow the date: `2026-01-05T10:00`.
pub(super) fn snapshot(text: &str) -> Arc<Snapshot> {
    let processes = vec![large(), small()];
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let partitions = lines.chunks(2).zip(1..).map(|(lines, version)| Arc::new(partition(lines, version, &processes)));
    let partitions = partitions.collect();
    let mut labels = Labels::default();
    labels.set_processes(processes);
    labels.set_custom_fields(&[]);
    for (dimension, first, names) in
        [(Dimension::Region, 300, &REGIONS[..]), (Dimension::Owner, 101, &OWNERS), (Dimension::Team, 201, &TEAMS)]
    {
        for (name, id) in names.iter().zip(first..) {
            labels.members_mut(dimension).push(Member { name: Some((*name).into()), ..Member::unnamed(id) });
        }
    }
    assert_eq!(Dimension::Team.kind(), Kind::Team);
    Arc::new(Snapshot {
        database_id: "test".to_owned(),
        seq: 0,
        calendar: Calendar::new(chrono_tz::UTC),
        currency: Some(Currency::CNY),
        rates: None,
        partitions,
        labels,
        withdrawn: Arc::default(),
    })
}

fn partition(lines: &[&str], version: u64, processes: &[Process]) -> Partition {
    let mut builder = JourneysBuilder::default();
    let (mut owner, mut team, mut external, mut names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let (head, entries) = line.split_once(':').unwrap_or_else(|| panic!("no entries in {line}"));
        let head: Vec<&str> = head.split_whitespace().collect();
        let process = processes.iter().find(|process| process.key == head[1]).unwrap();
        let mut row: Option<EntryRow> = None;
        for entry in entries.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let next = entry_row(entry, row, process);
            builder.entry(&next);
            row = Some(next);
        }
        builder.deal(&DealRow {
            deal: head[0].parse().unwrap(),
            process: process.id.unwrap().0,
            region: head.get(2).map_or(0, |name| code(&REGIONS, name)),
            ..DealRow::default()
        });
        owner.push(row.map_or(0, |row| row.owner));
        team.push(row.map_or(0, |row| row.team));
        external.push(format!("D-{}", head[0]));
        names.push(Some(format!("deal {}", head[0])));
    }
    let attributes = Attributes {
        inherited: vec![0; owner.len()].into(),
        owner: owner.into(),
        team: team.into(),
        external_id: StringArray::from(external),
        columns: vec![(ids::OPPORTUNITY_NAME, Arc::new(StringArray::from(names)) as ArrayRef)],
        own: Vec::new(),
    };
    Partition::new(version, Arc::new(builder.finish()), Arc::new(attributes))
}

fn code(names: &[&str], name: &str) -> u32 {
    let at = names.iter().position(|known| known.starts_with(name));
    u32::try_from(at.unwrap_or_else(|| panic!("no {name}")) + 1).unwrap()
}

fn entry_row(text: &str, before: Option<EntryRow>, process: &Process) -> EntryRow {
    let mut words = text.split_whitespace();
    let when = words.next().unwrap();
    let (date, clock) = when.split_once('T').unwrap_or((when, "00:00"));
    let (hours, minutes) = clock.split_once(':').unwrap();
    let on = day(date);
    let minutes = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
    let at = (i64::from(on.0) * 1440 + minutes) * 60_000_000;
    let mut row = before.unwrap_or(EntryRow {
        day: on,
        at,
        known_day: on,
        stage: StageId::UNKNOWN,
        outcome: Some(Outcome::Open),
        amount_minor: None,
        currency: Some(Currency::CNY.code()),
        owner: 0,
        team: 0,
        expected_close: None,
        probability_ppm: None,
        set: HotSet(0),
    });
    (row.day, row.at, row.known_day, row.set) = (on, at, on, HotSet(0));
    for word in words {
        let (sign, rest) = word.split_at(1);
        let bit = match sign {
            "@" => {
                row.owner = if rest == "-" { 0 } else { code(&OWNERS, rest) };
                HotSet::OWNER
            }
            "/" => {
                row.team = if rest == "-" { 0 } else { code(&TEAMS, rest) };
                HotSet::TEAM
            }
            "=" => {
                row.amount_minor = rest.parse().ok();
                HotSet::AMOUNT
            }
            ">" => {
                row.expected_close = Day::parse(rest);
                HotSet::EXPECTED_CLOSE
            }
            "%" => {
                row.probability_ppm = rest.parse().ok();
                HotSet::PROBABILITY
            }
            "?" => {
                row.stage = StageId::UNKNOWN;
                HotSet::STAGE
            }
            _ if word == "deleted" => {
                row.outcome = None;
                HotSet(0)
            }
            _ => match (Outcome::parse(word), Currency::parse(word)) {
                (Some(outcome), _) => {
                    row.outcome = Some(outcome);
                    HotSet::OUTCOME
                }
                (_, Ok(currency)) => {
                    row.currency = Some(currency.code());
                    HotSet::CURRENCY
                }
                _ => {
                    row.stage = process.stage(word).unwrap_or_else(|| panic!("no {word}")).id;
                    HotSet::STAGE
                }
            },
        };
        row.set = row.set.with(bit);
    }
    row
}

pub(super) fn options() -> SqlOptions {
    SqlOptions::new(day("2030-01-01"))
}

pub(super) async fn ask(snapshot: &Arc<Snapshot>, sql: &str) -> Result<SqlAnswer, SqlError> {
    query(Arc::clone(snapshot), &Scope::All, sql, &options()).await
}

/// The answer as text: names, then rows; `-` for null.
pub(super) fn shown(answer: &SqlAnswer) -> String {
    let names: Vec<&str> = answer.schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut lines = vec![names.join(" | ")];
    for row in answer.rows().unwrap() {
        let cells: Vec<String> = row.values().map(cell).collect();
        lines.push(cells.join(" | "));
    }
    lines.join("\n")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(cell).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let cells = fields.iter().map(|(name, value)| format!("{name} {}", cell(value)));
            format!("{{{}}}", cells.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
