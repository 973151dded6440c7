//! What is done before files are read through a profile: tables are found by their columns where their files are called
//! otherwise than last time, and cleaned where the profile has steps for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ingest::{Given, Look, Options, Profile, Rule, Severity};
use steps::{Limits, Source, Sources, Steps, Target, Type, Watch};
use tempfile::NamedTempFile;

use crate::step::{Follow, Step, cancelled};
use crate::steps::told;
use crate::{AppError, Result};

/// How often the reading is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Files of a folder that are looked at for a table that none is called as.
const MOST_FILES: usize = 100;

/// Tables that were made ready, for as long as they are read.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Where tables are read from.
    pub(super) given: BTreeMap<String, Vec<Given>>,
    /// Values that steps could not read.
    pub(super) issues: Vec<ingest::Issue>,
    /// How many there were of each rule.
    pub(super) counts: Vec<(Rule, Severity, u64)>,
    files: Vec<NamedTempFile>,
}

/// Makes the tables of a profile ready. `folder` is where cleaned ones lie meanwhile.
///
/// # Errors
/// A step does not fit, a file cannot be read, or it was cancelled.
pub(super) async fn prepare(
    profile: &Profile,
    input: &Path,
    options: &Options,
    folder: &Path,
    follow: &dyn Follow,
) -> Result<Prepared> {
    let mut prepared = Prepared { given: options.given.clone(), ..Prepared::default() };
    let steps = steps_of(profile)?;
    for table in in_order(&steps)? {
        let mut tables = Sources::new();
        for name in steps[table].tables() {
            tables.insert(name.to_owned(), prepared.source(profile, name, input, options)?);
        }
        let source = prepared.source(profile, table, input, options)?;
        // An optional table that is not there needs no cleaning.
        if source.files.is_empty() {
            continue;
        }
        prepared.clean(table, &steps[table], &source, &tables, folder, follow).await?;
    }
    Ok(prepared)
}

/// The steps of every table that has some.
///
/// # Errors
/// One is none, or brings in a table that the profile does not have.
fn steps_of(profile: &Profile) -> Result<BTreeMap<&str, Steps>> {
    let mut all = BTreeMap::new();
    for table in profile.tables() {
        let raw = profile.steps(table);
        if raw.is_empty() {
            continue;
        }
        let steps = Steps::of(raw.to_vec()).map_err(|error| of_table(table, told(error)))?;
        if let Some(unknown) = steps.tables().find(|name| !profile.tables().any(|known| known == *name)) {
            let known: Vec<&str> = profile.tables().filter(|name| *name != table).collect();
            return Err(of_table(
                table,
                AppError::input((format!("没有表“{unknown}”"), format!("there is no table `{unknown}`"))).hint((
                    format!("其他表有：{}", known.join("、")),
                    format!("the other tables are: {}", known.join(", ")),
                )),
            ));
        }
        all.insert(table, steps);
    }
    Ok(all)
}

/// Tables with steps, each after those that it brings in.
///
/// # Errors
/// They go round in a circle.
pub(super) fn in_order<'p>(steps: &BTreeMap<&'p str, Steps>) -> Result<Vec<&'p str>> {
    let mut order: Vec<&str> = Vec::new();
    while order.len() < steps.len() {
        let is_ready = |(name, steps_of): &(&&'p str, &Steps)| {
            let waits = |other: &str| steps.contains_key(other) && !order.contains(&other);
            !order.contains(*name) && !steps_of.tables().any(waits)
        };
        let Some((name, _)) = steps.iter().find(is_ready) else {
            let circle: Vec<&str> = steps.keys().copied().filter(|name| !order.contains(name)).collect();
            return Err(AppError::input((
                format!("这些表的步骤互相引用：{}", circle.join("、")),
                format!("the steps of these tables bring in one another: {}", circle.join(", ")),
            ))
            .hint(("请先清洗其中一个表，不引用其他表", "let one of them do without the others")));
        };
        order.push(name);
    }
    Ok(order)
}

fn of_table(table: &str, mut error: AppError) -> AppError {
    error.messages = error.messages.iter().map(|message| format!("table `{table}`: {message}")).collect();
    error.messages_zh = error
        .messages_zh
        .iter()
        .map(|message| message.as_ref().map(|message| format!("表“{table}”：{message}")))
        .collect();
    error
}

impl Prepared {
    /// A table as it is by now: cleaned where that was done.
    fn source(&self, profile: &Profile, table: &str, input: &Path, options: &Options) -> Result<Source> {
        let Some(given) = self.given.get(table) else {
            return Ok(Source { files: ingest::table_looks(profile, table, input, options)?, most: None });
        };
        let look = |given: &Given| {
            Ok(match given {
                Given::File { path, name, sheet, header_row } => {
                    (path.clone(), ingest::look(path, name, sheet.as_deref(), Some(*header_row), options)?)
                }
                Given::Prepared { path, name, .. } => (path.clone(), look_cleaned(path, name)?),
            })
        };
        Ok(Source { files: given.iter().map(look).collect::<Result<_>>()?, most: None })
    }

    async fn clean(
        &mut self,
        table: &str,
        steps: &Steps,
        source: &Source,
        tables: &Sources,
        folder: &Path,
        follow: &dyn Follow,
    ) -> Result<()> {
        let file = file_in(folder)?;
        let watch = Watch::default();
        let limits = Limits { watch: watch.clone(), ..Limits::default() };
        let (name, total) = (name_of(source), source.bytes() + tables.values().map(Source::bytes).sum::<u64>());
        let path = file.path().to_owned();
        let run = steps::run(steps, source, tables, &limits, Target::Parquet(&path));
        let mut run = std::pin::pin!(run);
        let outcome = loop {
            if follow.is_cancelled() {
                // What reads on a thread of its own hears of it by the watch; all else goes with the run.
                watch.stop();
                return Err(cancelled());
            }
            match tokio::time::timeout(LOOK, &mut run).await {
                Ok(outcome) => break outcome,
                Err(_) => {
                    let (rows, bytes_done) = watch.seen();
                    follow.tell(Step::Reading { file: name.clone(), rows, bytes_done, bytes_total: total });
                }
            }
        };
        let outcome = match outcome {
            Err(_) if follow.is_cancelled() => return Err(cancelled()),
            outcome => outcome.map_err(|error| of_table(table, told(error)))?,
        };
        self.issues.extend(outcome.issues.iter().map(|issue| as_issue(source, steps, issue)));
        let counts = outcome.issue_counts.iter();
        self.counts.extend(counts.map(|((step, column), count)| {
            let rule = rule_of(steps, *step, column);
            (rule, severity_of(column), *count)
        }));
        let format = format!("{}, {} steps", source.files[0].1.format, steps.0.len());
        let given = Given::Prepared { path: path.clone(), name, format };
        self.given.insert(table.to_owned(), vec![given]);
        self.files.push(file);
        Ok(())
    }
}

/// What messages call a table: its file, and how many more it has.
fn name_of(source: &Source) -> String {
    match source.files.as_slice() {
        [] => String::new(),
        [(_, only)] => only.file.clone(),
        [(_, first), rest @ ..] => format!("{} +{}", first.file, rest.len()),
    }
}

/// What is wrong with a value that a step could not read.
fn rule_of(steps: &Steps, step: usize, column: &str) -> Rule {
    if step == steps::READING {
        return Rule::RaggedRow;
    }
    let ty = step.checked_sub(1).and_then(|at| steps.0.get(at)).and_then(|step| match &step.action {
        steps::Action::Type { columns, .. } => columns.get(column).copied(),
        _ => None,
    });
    match ty {
        Some(Type::Date) => Rule::ImpossibleDate,
        Some(Type::YesNo) => Rule::NotYesOrNo,
        Some(Type::Number | Type::Whole) => Rule::NotANumber,
        None => Rule::FailedExpression,
    }
}

/// A value that is none is left out of its row; a row that cannot be read, or held against a condition, stays out itself.
const fn severity_of(column: &str) -> Severity {
    if column.is_empty() { Severity::Reject } else { Severity::Warning }
}

/// What steps could not read, as the import tells of it.
fn as_issue(source: &Source, steps: &Steps, issue: &steps::Issue) -> ingest::Issue {
    let of_file = issue.file.and_then(|at| source.files.get(at)).map(|(_, look)| look.file.clone());
    let rule = rule_of(steps, issue.step, &issue.column);
    ingest::Issue {
        file: of_file.unwrap_or_else(|| name_of(source)).into(),
        row: issue.row.unwrap_or_default(),
        column: issue.column.as_str().into(),
        value: issue.value.as_str().into(),
        rule,
        severity: severity_of(&issue.column),
        message: match (issue.step, severity_of(&issue.column)) {
            (steps::READING, _) => issue.message.en.as_str().into(),
            (step, Severity::Reject) => format!("step {step}: {}; the row stays out", issue.message.en).into(),
            (step, _) => format!("step {step}: {}; the row goes in without it", issue.message.en).into(),
        },
    }
}

/// Files for the tables that none is called as the profile says: next month's are called otherwise, and have the same
/// columns.
///
/// # Errors
/// Steps of the profile are none, or the folder cannot be read.
pub(super) fn called_otherwise(profile: &Profile, input: &Path) -> Result<BTreeMap<String, Vec<Given>>> {
    let names = if input.is_dir() { crate::uploads::names_in(input)? } else { Vec::new() };
    let is_found = |table: &&str| profile.is_optional(table) || names.iter().any(|name| profile.is_called(table, name));
    if names.is_empty() || names.len() > MOST_FILES || profile.tables().all(|table| is_found(&table)) {
        return Ok(BTreeMap::new());
    }
    let looks = super::looked::looks_in(input, &names);
    let assigned = assign(profile, &looks)?;
    if !assigned.missing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let missing = assigned.at.into_iter().filter(|(table, _)| !is_found(&table.as_str()));
    Ok(missing.map(|(table, at)| (table, vec![given(input, &looks[at])])).collect())
}

fn given(folder: &Path, look: &Look) -> Given {
    Given::File {
        path: folder.join(&look.file),
        name: look.file.clone(),
        sheet: look.sheet.clone(),
        header_row: look.header_row,
    }
}

/// Which file is which table.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// The place of the look at it, by the table's name in the profile.
    pub(super) at: BTreeMap<String, usize>,
    /// Tables for which there is none, and which the profile does not do without.
    pub(super) missing: Vec<String>,
}

impl Assigned {
    /// The files that are some table.
    pub(super) fn files<'l>(&self, looks: &'l [Look]) -> BTreeSet<&'l str> {
        self.at.values().map(|at| looks[*at].file.as_str()).collect()
    }
}

/// Which file is which table: by its name where it has the columns that are read, else by its columns alone.
///
/// # Errors
/// Steps of the profile are none.
pub(super) fn assign(profile: &Profile, looks: &[Look]) -> Result<Assigned> {
    let steps = steps_of(profile)?;
    let wanted = ingest::columns_of(profile);
    let mut order = in_order(&steps)?;
    // Tables without steps first: they may be brought in by those with some.
    let plain = profile.tables().filter(|table| !steps.contains_key(table));
    order.splice(0..0, plain.collect::<Vec<_>>());
    let mut assigned = Assigned::default();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in order {
        let none = BTreeSet::new();
        let needed = wanted.get(table).unwrap_or(&none);
        let after = |look: &Look| {
            let raw: Vec<String> = look.headings().map(str::to_owned).collect();
            let after = match steps.get(table) {
                None => raw,
                Some(steps) => steps::check(steps, &raw, &columns).ok()?,
            };
            needed.iter().all(|name| after.iter().any(|column| column == name)).then_some(after)
        };
        let fitting = looks.iter().enumerate().filter_map(|(at, look)| Some((at, look, after(look)?)));
        // Its name before its columns; a file of its own before one that is another table too; of several the one with
        // the fewest columns that nobody asked for.
        let best = fitting.min_by_key(|(at, look, after)| {
            let is_taken = assigned.at.values().any(|taken| taken == at);
            let is_sheet = profile.sheet(table).is_none_or(|sheet| look.sheet.as_deref() == Some(sheet));
            (!profile.is_called(table, &look.file), !is_sheet, is_taken, after.len())
        });
        match best {
            Some((at, _, after)) => {
                assigned.at.insert(table.to_owned(), at);
                columns.insert(table.to_owned(), after);
            }
            None if profile.is_optional(table) => {}
            None => assigned.missing.push(table.to_owned()),
        }
    }
    Ok(assigned)
}

/// A file for a cleaned table; it goes with its handle.
pub(super) fn file_in(folder: &Path) -> Result<NamedTempFile> {
    let made =
        std::fs::create_dir_all(folder).and_then(|()| tempfile::Builder::new().suffix(".part").tempfile_in(folder));
    made.map_err(|error| AppError::system(format!("a cleaned table cannot be kept in {}: {error}", folder.display())))
}

/// Looks at a cleaned table, which is called as the file it was made of.
pub(super) fn look_cleaned(path: &Path, name: &str) -> Result<Look> {
    // By its ending it is known for what it is.
    let mut look = ingest::look(path, "cleaned.parquet", None, None, &Options::default())?;
    name.clone_into(&mut look.file);
    Ok(look)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::Fault;

    /// Wants the work no longer once so many rows were read.
    struct Impatient {
        rows: u64,
        is_enough: Cell<bool>,
    }

    impl Follow for Impatient {
        fn tell(&self, step: Step) {
            if let Step::Reading { rows, .. } = step {
                self.is_enough.set(rows >= self.rows);
            }
        }

        fn is_cancelled(&self) -> bool {
            self.is_enough.get()
        }
    }

    #[tokio::test]
    async fn a_join_that_makes_many_rows_of_few_ends_when_it_is_cancelled_and_leaves_no_file() {
        let (input, folder) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let source = |name: &str, rows: usize| {
            let text: String = std::iter::once("K\n").chain(std::iter::repeat_n("k\n", rows)).collect();
            let path = input.path().join(name);
            std::fs::write(&path, text).expect("written");
            Source::file(&path, &Limits::default()).expect("a table")
        };
        let deals = source("deals.csv", 20_000);
        let others = Sources::from([("other".to_owned(), source("other.csv", 60_000))]);
        let steps = Steps::parse(
            "[[steps]]\ndo = \"join\"\nwith = \"other\"\non = { K = \"K\" }\n[[steps]]\ndo = \"sort\"\nby = [\"K\"]\n",
        );
        let (steps, follow) = (steps.expect("steps"), Impatient { rows: 80_000, is_enough: Cell::new(false) });
        let mut prepared = Prepared::default();
        let cleaned = prepared.clean("deals", &steps, &deals, &others, folder.path(), &follow).await;
        let error = cleaned.expect_err("it is cancelled");
        assert_eq!((error.fault, error.messages), (Fault::Conflict, cancelled().messages));
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "no file stays");
    }
}
