//! Tables as rows: their files one after the other, with joins, checks and progress.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use super::checks::Check;
use super::issues::Issues;
use super::row::{Loaded, Row};
use super::typer::{Problem, Typer};
use crate::extract::{CheckCount, FileCount};
use crate::issue::{Fault, Refusal, Rule, Severity};
use crate::options::{Options, Phase, Progress};
use crate::plan::{Columns, JoinPlan, Planner};
use crate::table::{Batch, OwnedCell, Source, locate};
use crate::value::key::Key;

/// What rows are read with, apart from what becomes of them.
pub(crate) struct Scanner<'a> {
    pub(crate) planner: Planner<'a>,
    options: &'a Options,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    sources: BTreeMap<String, Vec<Source>>,
    rows_done: u64,
    bytes_done: u64,
    bytes_total: u64,
    /// Tables that were read before: their rows are counted and checked once.
    seen: HashSet<String>,
    /// Rows that a check keeps out, by table: file and row.
    kept_out: HashMap<String, HashSet<(usize, u64)>>,
    pub(crate) files: Vec<FileCount>,
    pub(crate) checks: Vec<CheckCount>,
}

/// What typing and issue-taking share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) typer: Typer,
    pub(crate) issues: Issues,
    pub(crate) problems: Vec<Problem>,
}

impl Desk {
    /// A desk that holds the place of another while that one is lent.
    pub(crate) fn empty() -> Self {
        let calendar = domain::Calendar::new(chrono_tz::UTC);
        let typer = Typer {
            clock: crate::value::date::Clock::new(calendar),
            currency: domain::Currency::CNY,
            keys: BTreeMap::new(),
            names: super::names::Names::default(),
            known: std::sync::Arc::default(),
            made: Vec::new(),
            mentioned: BTreeMap::new(),
        };
        Self { typer, issues: Issues::new(&Options::default()), problems: Vec::new() }
    }

    /// Notes the row's problems. Returns whether it stays out.
    pub(crate) fn settle(&mut self, row: &Row<'_>) -> Result<bool, Refusal> {
        if self.problems.is_empty() {
            return Ok(false);
        }
        self.issues.take(row, &mut self.problems)
    }
}

impl<'a> Scanner<'a> {
    /// Finds the files of every table; all that are missing are named at once.
    pub(crate) fn new(
        planner: Planner<'a>,
        input: &Path,
        options: &'a Options,
        progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, Refusal> {
        let called = options.input_name.clone().unwrap_or_else(|| input.display().to_string());
        std::fs::metadata(input)
            .map_err(|error| Fault::Unreadable { file: called.clone(), message: error.to_string() })?;
        let only = planner.profile.spec.tables.len() == 1;
        let (mut sources, mut faults) = (BTreeMap::new(), Vec::new());
        for (name, table) in &planner.profile.spec.tables {
            if let Some(given) = options.given.get(name) {
                let found: Result<Vec<Source>, Refusal> = given.iter().map(Source::given).collect();
                sources.insert(name.clone(), found?);
                continue;
            }
            match locate(name, table, (input, &called), only, options.sheet.as_deref()) {
                Ok(found) => {
                    sources.insert(name.clone(), found);
                }
                Err(refusal) => faults.extend(refusal.faults),
            }
        }
        if !faults.is_empty() {
            return Err(Refusal { faults });
        }
        let mut scanner = Self {
            planner,
            options,
            progress,
            sources,
            rows_done: 0,
            bytes_done: 0,
            bytes_total: 0,
            seen: HashSet::new(),
            kept_out: HashMap::new(),
            files: Vec::new(),
            checks: Vec::new(),
        };
        scanner.bytes_total = scanner.planned_bytes();
        Ok(scanner)
    }

    /// Bytes of the scans to come: dimensions are read twice, first for their keys.
    fn planned_bytes(&self) -> u64 {
        let spec = &self.planner.profile.spec;
        let bytes = |table: &str| -> u64 {
            self.sources.get(table).map_or(0, |sources| sources.iter().map(|source| source.bytes).sum())
        };
        let records: u64 = spec
            .records
            .iter()
            .map(|record| bytes(&record.table) * if super::is_dimension(&record.kind) { 2 } else { 1 })
            .sum();
        let deals = spec.deals.as_ref().map_or(0, |deals| bytes(&deals.table));
        let changed: BTreeSet<&str> = spec.changes.iter().map(|change| change.table.as_str()).collect();
        records + deals + changed.into_iter().map(bytes).sum::<u64>()
    }

    /// Calls `each` for every row of a table that is whole and that no check keeps out.
    pub(crate) fn rows(
        &mut self,
        phase: Phase,
        table: &str,
        mut columns: Columns<'_>,
        desk: &mut Desk,
        each: &mut dyn FnMut(&mut Desk, &Row<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let first_time = self.seen.insert(table.to_owned());
        let checks = if first_time { self.checks_of(table, &mut columns)? } else { Vec::new() };
        let first_count = self.checks.len();
        self.checks.extend(checks.iter().map(Check::count));
        let loaded = self.load_joins(&columns.joins)?;
        let sources = self.sources.get(table).cloned().unwrap_or_default();
        let mut kept_out = self.kept_out.remove(table).unwrap_or_default();
        let mut joined = vec![None; columns.joins.len()];
        for (file, source) in sources.iter().enumerate() {
            let (before, mut rows) = (self.bytes_done, 0);
            let (progress, counts) = (&mut *self.progress, &mut self.checks[first_count..]);
            let (rows_done, bytes_total) = (&mut self.rows_done, self.bytes_total);
            let format = source.scan(&columns.wanted, self.options, &mut |batch: &Batch| {
                let mut ragged = batch.ragged.iter().peekable();
                for (at, number) in batch.rows.iter().copied().enumerate() {
                    let row = Row { file: &source.name, number, batch, at, joined: &[], loaded: &loaded };
                    if let Some((_, fields)) = ragged.next_if(|(ragged, _)| *ragged == at) {
                        if first_time {
                            desk.problems.push(ragged_row(*fields));
                            desk.settle(&row)?;
                        }
                        continue;
                    }
                    join(&row, &columns.joins, &loaded, &mut joined);
                    let row = Row { joined: &joined, ..row };
                    if !checks.is_empty() {
                        for (check, count) in checks.iter().zip(&mut *counts) {
                            check.apply(desk, &row, count);
                        }
                        if desk.settle(&row)? {
                            kept_out.insert((file, number));
                        }
                    }
                    if !kept_out.is_empty() && kept_out.contains(&(file, number)) {
                        continue;
                    }
                    each(desk, &row)?;
                }
                rows += batch.rows.len() as u64;
                *rows_done += batch.rows.len() as u64;
                let told = progress(Progress {
                    phase,
                    file: source.name.to_string(),
                    rows_done: *rows_done,
                    bytes_done: before + batch.bytes_done,
                    bytes_total,
                });
                if told.is_break() { Err(Fault::Stopped.into()) } else { Ok(()) }
            })?;
            self.bytes_done = before + source.bytes;
            if first_time {
                let (table, file) = (table.to_owned(), source.name.to_string());
                self.files.push(FileCount { table, file, format, rows });
            }
        }
        self.kept_out.insert(table.to_owned(), kept_out);
        Ok(())
    }

    fn checks_of(&self, table: &str, columns: &mut Columns<'_>) -> Result<Vec<Check>, Refusal> {
        let specs = self.planner.profile.spec.checks.iter().filter(|check| check.table == table);
        specs.map(|spec| Check::plan(spec, &self.planner, columns)).collect()
    }

    fn load_joins(&self, joins: &[JoinPlan]) -> Result<Vec<Loaded>, Refusal> {
        joins.iter().map(|join| self.load(join)).collect()
    }

    /// The columns of a joined table; of several rows with one key the first counts.
    fn load(&self, join: &JoinPlan) -> Result<Loaded, Refusal> {
        let mut loaded = Loaded { columns: vec![Vec::new(); join.wanted.len()], ..Loaded::default() };
        let mut rows = 0_u32;
        for source in self.sources.get(&join.table).into_iter().flatten() {
            source.scan(&join.wanted, self.options, &mut |batch: &Batch| {
                for at in 0..batch.rows.len() {
                    let Some(key) = Key::of(batch.columns[0].cell(at)) else { continue };
                    let key = key.into_owned();
                    if loaded.index.contains_key(&key) {
                        continue;
                    }
                    loaded.index.insert(key, rows);
                    rows += 1;
                    for (column, cells) in batch.columns.iter().zip(&mut loaded.columns) {
                        cells.push(OwnedCell::of(column.cell(at)));
                    }
                }
                Ok(())
            })?;
        }
        Ok(loaded)
    }

    /// Tables that only checks read are read now.
    pub(crate) fn remaining_checks(&mut self, desk: &mut Desk) -> Result<(), Refusal> {
        let profile = self.planner.profile;
        for check in &profile.spec.checks {
            if !self.seen.contains(&check.table)
                && let Some(table) = profile.spec.tables.get(&check.table)
            {
                self.rows(Phase::Rest, &check.table, Columns::of(table), desk, &mut |_, _| Ok(()))?;
            }
        }
        Ok(())
    }

    pub(crate) fn columns(&self, table: &str) -> Result<Columns<'a>, Refusal> {
        let spec = self.planner.profile.spec.tables.get(table).ok_or_else(|| Fault::Profile {
            profile: self.planner.profile.name().to_owned(),
            line: None,
            message: format!("`{table}` is no table"),
        })?;
        Ok(Columns::of(spec))
    }
}

fn join(row: &Row<'_>, joins: &[JoinPlan], loaded: &[Loaded], joined: &mut [Option<u32>]) {
    for at in 0..joins.len() {
        let found = {
            let row = Row { joined, ..*row };
            Key::of(row.at(joins[at].column)).and_then(|key| loaded[at].index.get(&key).copied())
        };
        joined[at] = found;
    }
}

fn ragged_row(fields: usize) -> Problem {
    Problem {
        rule: Rule::RaggedRow,
        severity: Severity::Reject,
        column: "".into(),
        value: String::new(),
        message: format!("the row has {fields} fields, which is not what the header has"),
    }
}
