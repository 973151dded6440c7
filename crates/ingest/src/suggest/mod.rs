//! From a look at somebody's own tables to a mapping that is likely right: by the headings, in either language, and by
//! what stands in the columns.
//!
//! Every suggestion has a score and a reason in words, because a person decides. The same files give the same
//! suggestion: nothing here asks the clock or draws lots.

mod columns;
mod content;
mod events;
mod fits;
mod headings;
mod joins;
mod milestones;
mod stages;
mod tables;
mod words;

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use domain::field::FieldType;
use domain::process::{Process, Text2};
use domain::{Currency, Day};

use crate::look::Look;
use crate::mapping::{MappedField, MappedProcess, Mapping, TableChoice};
use crate::profile::OF_IMPORT;
use crate::value::date::{Clock, Formats};
use content::Content;

pub use fits::{Fit, columns_of, fits};
pub use joins::{JoinKey, join_keys};

/// Days after which a file is taken to be of the past, and not of today.
const STALE_DAYS: i32 = 45;

/// What is known beside the files.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// Today in the organisation's zone.
    pub today: Day,
    /// The currency of amounts that do not tell theirs.
    pub currency: Currency,
    /// The zone of dates.
    pub zone: Tz,
    /// The processes to choose from, the likeliest first.
    pub processes: &'a [Process],
}

/// Why a column is put to a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The column's heading.
    pub column: String,
    /// The field.
    pub field: String,
    /// From 0 to 1.
    pub score: f64,
    /// The reason.
    pub why: Text2,
}

/// A mapping with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestions {
    /// The mapping.
    pub mapping: Mapping,
    /// Why each column is where it is; a column may say two things.
    pub columns: Vec<Suggestion>,
    /// Why the process is the one it is.
    pub process: Text2,
    /// What to look at before going on.
    pub notes: Vec<Text2>,
}

/// A table with what its columns tell.
#[derive(Debug)]
struct Table<'a> {
    look: &'a Look,
    contents: Vec<Content<'a>>,
}

impl<'a> Table<'a> {
    fn of(look: &'a Look) -> Self {
        Self { look, contents: look.columns.iter().map(Content::of).collect() }
    }

    fn content(&self, name: &str) -> Option<&Content<'a>> {
        self.contents.iter().find(|content| content.column.name == name && !content.column.is_repeated)
    }

    fn choice(&self) -> TableChoice {
        TableChoice {
            file: self.look.file.clone(),
            sheet: self.look.sheet.clone(),
            header_row: (self.look.header_row != 1).then_some(self.look.header_row),
            ..TableChoice::default()
        }
    }
}

/// The place of the table that is likeliest to hold the deals: the one whose columns say most of what a deal has.
#[must_use]
pub fn likeliest(looks: &[Look]) -> Option<usize> {
    const TELLING: [&str; 8] =
        ["amount_minor", "stage", "outcome", "account", "owner", "created", "closed", "expected_close_on"];
    let telling = |look: &Look| {
        let columns = columns::assign(&Table::of(look));
        columns.iter().filter(|found| TELLING.contains(&found.field.as_str())).map(|found| found.score).sum::<f64>()
    };
    let scores: Vec<f64> = looks.iter().map(telling).collect();
    (0..looks.len()).max_by(|a, b| {
        scores[*a].total_cmp(&scores[*b]).then(looks[*a].rows_seen.cmp(&looks[*b].rows_seen)).then(b.cmp(a))
    })
}

/// Suggests a mapping for the table `looks[main]`; the others of `looks` may hold records that it refers to, or the
/// changes of its deals.
///
/// # Panics
/// Where `main` is no place in `looks`.
#[must_use]
pub fn suggest(looks: &[Look], main: usize, around: &Circumstances<'_>) -> Suggestions {
    let table = Table::of(&looks[main]);
    let others: Vec<Table<'_>> =
        looks.iter().enumerate().filter(|(at, _)| *at != main).map(|(_, look)| Table::of(look)).collect();
    let mut columns = columns::assign(&table);
    let mut notes = Vec::new();
    let mut mapping = Mapping {
        name: name_of(&table.look.file),
        table: table.choice(),
        key: Vec::new(),
        fields: columns.iter().filter(|found| found.field != "id").map(|found| columns::field(&table, found)).collect(),
        keep: Vec::new(),
        process: MappedProcess::Key(String::new()),
        stages: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        other_outcome: None,
        dates: Vec::new(),
        decimal_comma: decimal_comma(&table, &columns),
        empty: nothings(&table),
        currency: columns::currency(&table, &columns).unwrap_or(around.currency).to_string(),
        zone: around.zone.name().to_owned(),
        exported_on: OF_IMPORT.to_owned(),
        lookups: BTreeMap::new(),
        history: None,
        milestones: Vec::new(),
        tables: BTreeMap::new(),
    };
    let has_ids = columns.iter().any(|found| found.field == "id");
    let log = if has_ids { None } else { events::event_log(&table) };
    match &log {
        Some(log) => log.take(&table, &mut mapping, &mut columns),
        None => key(&table, &mut mapping, &mut columns, &mut notes),
    }
    let process = process(&table, &others, &mut mapping, &mut columns, (around, &mut notes));
    close_dates(&table, &mut mapping, &mut columns);
    tables::lookups(&mut mapping, &table, &others, &mut columns);
    mapping.history = match &log {
        Some(log) => Some(log.history(&table, &mapping)),
        None => tables::history(&mapping, &table, &others),
    };
    dates(&table, &others, &mut mapping, &mut notes);
    mapping.exported_on = exported_on(&table, &mapping, around, &mut notes);
    columns.sort_by_key(|found| table.look.columns.iter().position(|column| column.name == found.column));
    Suggestions { mapping, columns, process, notes }
}

/// Whether numbers are written with a decimal comma: as the columns that are read as numbers have it; where none is, as
/// any column of numbers.
fn decimal_comma(table: &Table<'_>, columns: &[Suggestion]) -> bool {
    let is_number = |field: &str| {
        let def = domain::field::named(domain::Kind::Opportunity, field);
        def.is_some_and(|def| matches!(def.ty, FieldType::AmountMinor | FieldType::Ppm | FieldType::Int))
    };
    let read: Vec<&Content<'_>> = columns
        .iter()
        .filter(|found| is_number(&found.field))
        .filter_map(|found| table.content(&found.column))
        .collect();
    let has_comma = |content: &Content<'_>| content.is_mostly_number() && content.decimal_comma;
    if read.is_empty() { table.contents.iter().any(has_comma) } else { read.into_iter().any(has_comma) }
}

/// Texts among the values that stand for nothing.
fn nothings(table: &Table<'_>) -> Vec<String> {
    let mut found: Vec<String> =
        table.contents.iter().flat_map(|content| &content.nothing).map(|text| (*text).to_owned()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What tells one deal from another: an id, else a name, else name and customer together.
fn key(table: &Table<'_>, mapping: &mut Mapping, columns: &mut Vec<Suggestion>, notes: &mut Vec<Text2>) {
    if let Some(id) = columns.iter().find(|found| found.field == "id") {
        mapping.key = vec![id.column.clone()];
        if let Some(content) = table.content(&id.column).filter(|content| content.repeated > 0) {
            let (name, repeated) = (&id.column, content.repeated);
            notes.push(Text2::new(
                format!("“{name}”列有 {repeated} 行编号重复：同一编号只导入第一行"),
                format!("rows that repeat an id in “{name}”: {repeated}; only the first row of an id goes in"),
            ));
        }
        if let Some(content) = table.content(&id.column).filter(|content| content.filled < content.rows) {
            let (name, empty) = (&id.column, content.rows - content.filled);
            notes.push(Text2::new(
                format!("“{name}”列有 {empty} 行没有编号：这些行不会导入"),
                format!("rows without an id in “{name}”: {empty}; they stay out"),
            ));
        }
        return;
    }
    for content in columns::left_out_ids(table) {
        let (name, empty, repeated) = (&content.column.name, content.rows - content.filled, content.repeated);
        notes.push(Text2::new(
            format!("“{name}”列不能识别商机：{empty} 行为空，{repeated} 行与前面的行重复"),
            format!(
                "“{name}” does not tell deals apart: rows without a value {empty}, rows that repeat one {repeated}"
            ),
        ));
    }
    let column = |field: &str| mapping.fields.get(field).and_then(|field| table.content(&field.column));
    let whole = |content: &&Content<'_>| content.fill() >= 0.99;
    let parts: Vec<&Content<'_>> =
        ["name", "account", "product", "created"].into_iter().filter_map(column).filter(whole).collect();
    for taken in 1..=parts.len() {
        let parts = &parts[..taken];
        let is_unique = if let [one] = parts { one.is_unique() } else { tells_apart(parts) };
        if !is_unique {
            continue;
        }
        mapping.key = parts.iter().map(|part| part.column.name.clone()).collect();
        let names = mapping.key.join(" + ");
        for name in &mapping.key {
            let why = Text2::new(
                format!("没有编号列；“{names}”不重复"),
                format!("there is no id; “{names}” is different on every row"),
            );
            columns.push(Suggestion { column: name.clone(), field: "id".to_owned(), score: 0.6, why });
        }
        notes.push(Text2::new(
            format!("没有编号列，用“{names}”识别商机：以后改名会被当成新商机"),
            format!("there is no column of ids: deals are told apart by “{names}”, and one that is renamed becomes another deal"),
        ));
        return;
    }
    notes.push(Text2::new(
        "没有一列（或几列）能区分每个商机：请选择编号列，或在文件里加一列编号",
        "no column tells one deal from another: choose the one with ids, or add one to the file",
    ));
}

fn tells_apart(parts: &[&Content<'_>]) -> bool {
    let mut columns: Vec<_> = parts.iter().map(|part| part.column.values()).collect();
    let mut seen = std::collections::HashSet::new();
    let rows = parts.first().map_or(0, |part| part.rows);
    (0..rows)
        .all(|_| seen.insert(columns.iter_mut().map(|column| column.next().unwrap_or_default()).collect::<Vec<_>>()))
}

/// The process and what stages and outcomes mean in it. Returns why.
fn process(
    table: &Table<'_>,
    others: &[Table<'_>],
    mapping: &mut Mapping,
    columns: &mut Vec<Suggestion>,
    (around, notes): (&Circumstances<'_>, &mut Vec<Text2>),
) -> Text2 {
    let content = |field: &str| mapping.fields.get(field).and_then(|field| table.content(&field.column));
    let (stage, outcome) = (content("stage"), content("outcome"));
    let mut chances = match (stage, content("probability_ppm")) {
        (Some(stage), Some(chance)) => chances(stage, chance),
        _ => BTreeMap::new(),
    };
    let named = stage.map(|stage| tables::stage_names(stage, others)).unwrap_or_default();
    let mut names = BTreeMap::new();
    for (value, (name, percent)) in named {
        chances.extend(percent.map(|percent| (value.clone(), percent)));
        names.insert(value, name);
    }
    let known = stages::Known { chances, names, title: &mapping.name };
    let dated = milestones::dated(table, outcome.is_some());
    let proposal = stages::propose(&milestones::values(stage, &dated), outcome, &known, around.processes);
    if proposal.outcome_from_stage
        && let Some(stage) = mapping.fields.get("stage").cloned()
    {
        columns.push(Suggestion {
            column: stage.column.clone(),
            field: "outcome".to_owned(),
            score: 0.8,
            why: Text2::new("赢单、丢单写在阶段里", "won and lost are among the stages"),
        });
        mapping.fields.insert("outcome".to_owned(), stage);
    }
    mapping.process = proposal.process;
    notes.extend(milestones::take(&dated, &proposal.stages, around.processes, mapping, columns));
    mapping.stages = proposal.stages;
    if !mapping.fields.contains_key("stage") {
        mapping.stages.clear();
    }
    mapping.outcomes = proposal.outcomes;
    mapping.other_outcome = proposal.other_outcome;
    proposal.why
}

/// The chance of each stage, in per cent, where most of its rows agree on one.
fn chances(stage: &Content<'_>, chance: &Content<'_>) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<&str, HashMap<u32, usize>> = BTreeMap::new();
    let scale = if chance.largest <= 1.0 { 100.0 } else { 1.0 };
    for (stage, chance) in stage.column.values().zip(chance.column.values()) {
        if let Some(percent) = percent(chance, scale).filter(|_| !stage.is_empty()) {
            *counts.entry(stage).or_default().entry(percent).or_default() += 1;
        }
    }
    let agreed = counts.into_iter().filter_map(|(stage, counts)| {
        let all: usize = counts.values().sum();
        let (percent, most) = counts.into_iter().max_by_key(|(percent, count)| (*count, *percent))?;
        (most * 10 >= all * 6).then(|| (stage.to_owned(), percent))
    });
    agreed.collect()
}

/// A number of per cent.
fn percent(text: &str, scale: f64) -> Option<u32> {
    let number = text.trim_end_matches(['%', '％']).trim().parse::<f64>().ok()?;
    let percent = (number * scale).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    (0.0..=100.0).contains(&percent).then_some(percent as u32)
}

/// One column of close dates is the day of the close where a deal is closed, and the expected one where it is open.
fn close_dates(table: &Table<'_>, mapping: &mut Mapping, columns: &mut Vec<Suggestion>) {
    let tells_outcome = mapping.fields.contains_key("outcome");
    let (closed, expected) = (mapping.fields.get("closed").cloned(), mapping.fields.contains_key("expected_close_on"));
    let Some(closed) = closed else { return };
    if !tells_outcome {
        if !expected {
            mapping.fields.remove("closed");
            mapping.fields.insert("expected_close_on".to_owned(), closed.clone());
            for found in columns.iter_mut().filter(|found| found.field == "closed") {
                "expected_close_on".clone_into(&mut found.field);
                found.why = Text2::new(
                    "没有结果列：按预计成交日期读",
                    "nothing tells which deals are closed: it is read as the expected date",
                );
            }
        }
        return;
    }
    let Some(content) = table.content(&closed.column).filter(|_| !expected) else { return };
    if open_rows_with(table, mapping, content) {
        let why = Text2::new(
            "未结束商机的同一列是预计成交日期",
            "where a deal is open, the same column is the expected date",
        );
        let field = "expected_close_on".to_owned();
        columns.push(Suggestion { column: closed.column.clone(), field: field.clone(), score: 0.75, why });
        mapping.fields.insert(field, MappedField { only: vec!["open".to_owned()], ..closed });
    }
}

/// Whether most open deals have a value in a column.
fn open_rows_with(table: &Table<'_>, mapping: &Mapping, content: &Content<'_>) -> bool {
    let outcome = mapping.fields.get("outcome").and_then(|field| table.content(&field.column));
    let Some(outcome) = outcome else { return false };
    let (mut open, mut filled) = (0_usize, 0_usize);
    for (outcome, value) in outcome.column.values().zip(content.column.values()) {
        let meaning = mapping.outcomes.get(outcome).or(mapping.other_outcome.as_ref());
        if meaning.is_some_and(|word| word == "open") {
            open += 1;
            filled += usize::from(!value.is_empty());
        }
    }
    open > 0 && filled * 2 > open
}

/// The writings of all dates that are read.
fn dates(table: &Table<'_>, others: &[Table<'_>], mapping: &mut Mapping, notes: &mut Vec<Text2>) {
    let dates = mapping.fields.iter().filter(|(name, _)| columns::is_date_field(name));
    let own = dates.filter_map(|(_, field)| table.content(&field.column));
    let history = mapping.history.as_ref();
    let other = history.and_then(|history| {
        let table = [table].into_iter().chain(others).find(|other| other.choice() == history.table)?;
        table.content(&history.at)
    });
    let milestones = mapping.milestones.iter().filter_map(|milestone| table.content(&milestone.column));
    let mut read: Vec<&Content<'_>> = own.chain(other).chain(milestones).collect();
    read.dedup_by_key(|content| content.column.name.as_str());
    let month_first = mapping.currency == "USD";
    let ambiguous = read.iter().any(|content| content.date_forms.len() > 1)
        && !read.iter().any(|content| content.date_forms.len() == 1 && content.date_forms[0] >= 4);
    mapping.dates = content::common_forms(&read, month_first);
    if mapping.dates.is_empty() {
        mapping.dates = vec!["iso".to_owned()];
    }
    if ambiguous {
        let form = &mapping.dates[0];
        notes.push(Text2::new(
            format!("日期里日和月分不清，暂按 {form} 读：请核对"),
            format!("day and month cannot be told apart in the dates; they are read as {form}: check that"),
        ));
    }
}

/// The day of the export: that of the import, unless the newest deals are older than some weeks.
fn exported_on(table: &Table<'_>, mapping: &Mapping, around: &Circumstances<'_>, notes: &mut Vec<Text2>) -> String {
    let today = OF_IMPORT.to_owned();
    let Ok(formats) = Formats::new(&mapping.dates) else { return today };
    let Some(created) = mapping.fields.get("created").and_then(|field| table.content(&field.column)) else {
        return today;
    };
    let clock = Clock::new(domain::Calendar::new(around.zone));
    let days = created.values.iter().filter_map(|(value, _)| formats.read(crate::table::Cell::Text(value)).ok());
    let latest = days.map(|stamp| clock.day(stamp)).max();
    match latest {
        Some(latest) if around.today.since(latest) > STALE_DAYS && !has_future_closes(table, mapping, around) => {
            notes.push(Text2::new(
                format!(
                    "最新的创建日期是 {latest}：未结束的商机按文件里最新的一天看待。若文件是之后导出的，请填写导出日期"
                ),
                format!(
                    "the newest deal was created on {latest}: open deals are taken to stand as of the newest day in \
                     the file; if it was exported later, give that day"
                ),
            ));
            "last-change".to_owned()
        }
        _ => today,
    }
}

/// Whether a deal is said to have closed after today: then the last change is no day of the past.
fn has_future_closes(table: &Table<'_>, mapping: &Mapping, around: &Circumstances<'_>) -> bool {
    let content = |field: &str| mapping.fields.get(field).and_then(|field| table.content(&field.column));
    let (Some(closed), Some(outcome)) = (content("closed"), content("outcome")) else { return false };
    let Ok(formats) = Formats::new(&mapping.dates) else { return false };
    let clock = Clock::new(domain::Calendar::new(around.zone));
    closed.column.values().zip(outcome.column.values()).any(|(closed, outcome)| {
        let meaning = mapping.outcomes.get(outcome).or(mapping.other_outcome.as_ref());
        meaning.is_some_and(|word| word != "open")
            && formats.read(crate::table::Cell::Text(closed)).is_ok_and(|stamp| clock.day(stamp) > around.today)
    })
}

/// The source's name: the file's without ending, dates and numbers, so that next month's file is of the same source.
fn name_of(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let kept: String = stem.chars().filter(|c| !c.is_ascii_digit()).collect();
    let kept = kept.trim_matches(|c: char| "-_ .()（）年月日".contains(c)).trim();
    let kept = if kept.chars().count() < 2 { stem.trim() } else { kept };
    kept.chars().take(60).collect()
}
