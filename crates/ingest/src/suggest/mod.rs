//! From a look at somebody's own tables to a mapping that is likely right: by the headings, in either language, and by
//! what stands in the columns.
//!
//! Every suggestion has a score and a reason in words, because a person decides. The same files give the same
//! suggestion: nothing here asks the clock or draws lots.

mod columns;
mod content;
mod dates;
mod events;
mod fits;
mod headings;
mod joins;
mod key;
mod kind_words;
mod kinds;
mod milestones;
mod stages;
mod tables;
mod words;

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use domain::field::FieldType;
use domain::process::Process;
use domain::words::Text2;
use domain::{Currency, Day, Kind};

use crate::look::Look;
use crate::mapping::{MappedField, MappedProcess, Mapping, TableChoice};
use crate::profile::OF_IMPORT;
use content::Content;

use kinds::Sorted;

pub use fits::{Fit, columns_of, fits};
pub use joins::{JoinKey, join_keys};
pub use kinds::KindFound;

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
    /// The table of deals, if there is one.
    pub main: Option<usize>,
    /// What each table may hold.
    pub tables: Vec<TableFound>,
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
        self.contents.iter().find(|content| content.column.name == name)
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

/// The place of the table that is likeliest to hold the deals: of those that are like a table of deals the one whose
/// columns say most of what a deal has. None where other records are all that the tables hold.
#[must_use]
pub fn likeliest(looks: &[Look]) -> Option<usize> {
    let tables: Vec<Table<'_>> = looks.iter().map(Table::of).collect();
    let sorted: Vec<Sorted> = tables.iter().map(Sorted::of).collect();
    likeliest_of(&tables, &sorted)
}

fn likeliest_of(tables: &[Table<'_>], sorted: &[Sorted]) -> Option<usize> {
    const TELLING: [&str; 8] =
        ["amount_minor", "stage", "outcome", "account", "owner", "created", "closed", "expected_close_on"];
    let kinds: Vec<Option<Kind>> = tables.iter().zip(sorted).map(|(table, sorted)| kind_of(table, sorted)).collect();
    // Where no table is like anything, somebody's own table of deals is what people bring.
    let wanted = if kinds.contains(&Some(Kind::Opportunity)) {
        Some(Kind::Opportunity)
    } else if kinds.iter().any(Option::is_some) {
        return None;
    } else {
        None
    };
    let telling = |table: &Table<'_>| {
        let columns = columns::assign(table, Kind::Opportunity);
        columns.iter().filter(|found| TELLING.contains(&found.field.as_str())).map(|found| found.score).sum::<f64>()
    };
    let scores: Vec<f64> = tables.iter().map(telling).collect();
    let rows = |at: usize| tables[at].look.rows_seen;
    (0..tables.len())
        .filter(|at| kinds[*at] == wanted)
        .max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(rows(*a).cmp(&rows(*b))).then(b.cmp(a)))
}

/// What a table is most like. A log of events is the history of deals.
fn kind_of(table: &Table<'_>, sorted: &Sorted) -> Option<Kind> {
    if events::event_log(table).is_some() { Some(Kind::Opportunity) } else { sorted.kind() }
}

/// Which table holds the deals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Main {
    /// The likeliest one, if there is any.
    Likeliest,
    /// The one at this place, unless it is plainly something else.
    Unless(usize),
    /// The one at this place, whatever it seems to be.
    Surely(usize),
}

/// What one of the tables may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFound {
    /// Its place among the tables that were looked at.
    pub at: usize,
    /// The kinds, the likeliest first.
    pub kinds: Vec<KindFound>,
}

/// Suggests a mapping for some tables: of deals, of the changes of those, and of other records.
///
/// # Panics
/// Where `main` is no place in `looks`.
#[must_use]
pub fn suggest(looks: &[Look], main: Main, around: &Circumstances<'_>) -> Suggestions {
    let mut tables: Vec<Table<'_>> = looks.iter().map(Table::of).collect();
    let mut sorted: Vec<Sorted> = tables.iter().map(Sorted::of).collect();
    let is_else = |at: usize| kind_of(&tables[at], &sorted[at]).is_some_and(|kind| kind != Kind::Opportunity);
    let main = match main {
        Main::Surely(at) => Some(at),
        Main::Unless(at) if !is_else(at) => Some(at),
        Main::Unless(_) | Main::Likeliest => likeliest_of(&tables, &sorted),
    };
    let month_first = around.currency == Currency::USD;
    let found = tables.iter().zip(&sorted).enumerate();
    let found = found.map(|(at, (table, sorted))| TableFound { at, kinds: sorted.found(table, month_first) }).collect();
    let of_main = main.map(|at| (tables.remove(at), sorted.remove(at)));
    let (mut suggestions, taken) = match &of_main {
        Some((table, _)) => deals(table, &tables, &sorted, around),
        None => (none(&tables, &sorted, around), Vec::new()),
    };
    let Suggestions { mapping, notes, .. } = &mut suggestions;
    // Those that deals refer to are in; of every other table what it is most like.
    let others = tables.iter().zip(&sorted).enumerate().filter(|(at, _)| !taken.contains(at));
    for (_, (table, sorted)) in others {
        let Some(kind) = sorted.kind().filter(|kind| *kind != Kind::Opportunity) else { continue };
        if kind == Kind::OrderLine && !mapping.records.iter().any(|records| records.kind == Kind::Order.as_str()) {
            mapping.records.extend(sorted.orders_of_lines(table, month_first));
        }
        mapping.records.extend(sorted.records(table, kind, None, month_first, notes));
    }
    settle(mapping);
    if of_main.is_none() {
        let names = mapping.records.first().map(|records| lasting_name(&records.table.file));
        mapping.name = names.unwrap_or_else(|| mapping.name.clone());
    }
    Suggestions { main, tables: found, ..suggestions }
}

/// The mapping of a table of deals with what the others tell of those, and the places of the others that are in it.
fn deals(
    table: &Table<'_>,
    others: &[Table<'_>],
    sorted: &[Sorted],
    around: &Circumstances<'_>,
) -> (Suggestions, Vec<usize>) {
    let mut columns = columns::assign(table, Kind::Opportunity);
    let mut notes = Vec::new();
    let fields = columns.iter().filter(|found| found.field != "id");
    let mut mapping = Mapping {
        name: lasting_name(&table.look.file),
        table: Some(table.choice()),
        fields: fields.map(|found| columns::field(table, Kind::Opportunity, found)).collect(),
        decimal_comma: decimal_comma(table, Kind::Opportunity, &columns),
        empty: nothings([table].into_iter().chain(others)),
        currency: columns::currency(table, &columns).unwrap_or(around.currency).to_string(),
        aliases: tables::aliases(table),
        ..blank(around)
    };
    let has_ids = columns.iter().any(|found| found.field == "id");
    let log = if has_ids { None } else { events::event_log(table) };
    match &log {
        Some(log) => log.take(table, &mut mapping, &mut columns),
        None => key::of_deals(table, &mut mapping, &mut columns, &mut notes),
    }
    let process = process(table, others, &mut mapping, &mut columns, (around, &mut notes));
    close_dates(table, &mut mapping, &mut columns);
    mapping.history = match &log {
        Some(log) => Some(log.history(table, &mapping)),
        None => tables::history(&mapping, table, others),
    };
    let month_first = mapping.currency == "USD";
    let at = |other: &Table<'_>| others.iter().position(|table| std::ptr::eq(table, other)).unwrap_or_default();
    let is_else = |other: &Table<'_>, kind: Kind| {
        let at = at(other);
        sorted[at].kind().is_some_and(|known| known != kind && known >= Kind::Opportunity)
    };
    let mut taken: Vec<usize> = Vec::new();
    // Where deals name what other tables refer to by its id, the id is the key, and a name is found by itself.
    let is_meant_by_id = |kind: Kind, of: &Table<'_>| {
        let names_id = |content: &Content<'_>| headings::names_id(kind, &content.column.name);
        let refers = |table: &&Table<'_>| !std::ptr::eq(*table, of) && table.contents.iter().any(names_id);
        of.contents.iter().any(|content| columns::is_id_of(kind, content)) && others.iter().any(|table| refers(&table))
    };
    let mut joined = Vec::new();
    for (kind, other, by) in tables::holders(&mapping, table, others, &is_else, &mut columns) {
        if mapping.records.iter().any(|records| records.kind == kind.as_str()) {
            continue;
        }
        let by = Some(by).filter(|by| columns::is_id_of(kind, by) || !is_meant_by_id(kind, other));
        let records = sorted[at(other)].records(other, kind, by, month_first, &mut notes);
        if let Some(records) = records.filter(|records| records.fields.contains_key("name")) {
            mapping.records.push(records);
            taken.push(at(other));
            joined.extend(by.map(|_| kind));
        }
    }
    if joined.contains(&Kind::Account) {
        tables::borrow(&mut mapping);
    }
    if let Some(changes) = mapping.history.as_ref().and_then(|history| history.table.as_ref()) {
        taken.extend(others.iter().position(|other| other.choice() == *changes));
    }
    dates::dates(table, others, &mut mapping, &mut notes);
    mapping.exported_on = dates::exported_on(table, &mapping, around, &mut notes);
    columns.sort_by_key(|found| table.look.columns.iter().position(|column| column.name == found.column));
    (Suggestions { mapping, columns, process, notes, main: None, tables: Vec::new() }, taken)
}

/// The mapping of tables none of which is of deals, still without them.
fn none(tables: &[Table<'_>], sorted: &[Sorted], around: &Circumstances<'_>) -> Suggestions {
    let kinds = || tables.iter().zip(sorted).filter_map(|(table, sorted)| Some((table, sorted.kind()?)));
    let assigned: Vec<(&Table<'_>, Kind, Vec<Suggestion>)> =
        kinds().map(|(table, kind)| (table, kind, columns::assign(table, kind))).collect();
    let currency = assigned.iter().find_map(|(table, _, columns)| columns::currency(table, columns));
    let mapping = Mapping {
        name: tables.first().map_or_else(String::new, |table| lasting_name(&table.look.file)),
        decimal_comma: assigned.iter().any(|(table, kind, columns)| decimal_comma(table, *kind, columns)),
        empty: nothings(tables),
        currency: currency.unwrap_or(around.currency).to_string(),
        ..blank(around)
    };
    let notes = vec![Text2::new(
        "这些文件里没有商机：每个表按它所记的内容导入",
        "these files hold no deals: each table comes in as what it is about",
    )];
    let process = Text2::new("没有商机，流程用不到", "without deals no process is needed");
    Suggestions { mapping, columns: Vec::new(), process, notes, main: None, tables: Vec::new() }
}

/// A mapping that says nothing yet.
fn blank(around: &Circumstances<'_>) -> Mapping {
    let process = around.processes.first().map_or("b2b-seven", |process| process.key.as_str());
    Mapping {
        name: String::new(),
        table: None,
        key: Vec::new(),
        fields: BTreeMap::new(),
        keep: Vec::new(),
        process: MappedProcess::Key(process.to_owned()),
        stages: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        duplicates: None,
        other_outcome: None,
        dates: vec!["iso".to_owned()],
        decimal_comma: false,
        empty: Vec::new(),
        currency: around.currency.to_string(),
        zone: around.zone.name().to_owned(),
        exported_on: OF_IMPORT.to_owned(),
        records: Vec::new(),
        history: None,
        milestones: Vec::new(),
        tables: BTreeMap::new(),
        aliases: BTreeMap::new(),
    }
}

/// The writing of dates that is common to all is that of the mapping.
fn settle(mapping: &mut Mapping) {
    if mapping.table.is_none()
        && let Some(first) =
            mapping.records.iter().flat_map(|records| records.fields.values()).find(|field| !field.dates.is_empty())
    {
        mapping.dates.clone_from(&first.dates);
    }
    let common = mapping.dates.clone();
    for field in mapping.records.iter_mut().flat_map(|records| records.fields.values_mut()) {
        if field.dates.iter().all(|form| common.contains(form)) {
            field.dates.clear();
        }
    }
}

/// Whether numbers are written with a decimal comma: as the columns that are read as numbers have it; where none is, as
/// any column of numbers.
fn decimal_comma(table: &Table<'_>, kind: Kind, columns: &[Suggestion]) -> bool {
    let is_number = |field: &str| {
        let def = domain::field::named(kind, field);
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

/// Texts among the values of some tables that stand for nothing.
fn nothings<'t, 'a: 't>(tables: impl IntoIterator<Item = &'t Table<'a>>) -> Vec<String> {
    let contents = tables.into_iter().flat_map(|table| &table.contents);
    let mut found: Vec<String> = contents.flat_map(|content| &content.nothing).map(|text| (*text).to_owned()).collect();
    found.sort_unstable();
    found.dedup();
    found
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
    if !tells_outcome && words::is_of_won(&closed.column) {
        // The day itself tells: whoever has one is won.
        let why = Text2::new("有赢单日期的就是赢单", "a deal with a day on which it was won is won");
        columns.push(Suggestion { column: closed.column.clone(), field: "outcome".to_owned(), score: 0.8, why });
        mapping.fields.insert("outcome".to_owned(), closed);
        mapping.other_outcome = Some("won".to_owned());
        return;
    }
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

/// The name of a file without ending, dates and numbers, so that next month's is called the same.
#[must_use]
pub fn lasting_name(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let kept: String = stem.chars().filter(|c| !c.is_ascii_digit()).collect();
    let kept = kept.trim_matches(|c: char| "-_ .()（）年月日".contains(c)).trim();
    let kept = if kept.chars().count() < 2 { stem.trim() } else { kept };
    kept.chars().take(60).collect()
}
