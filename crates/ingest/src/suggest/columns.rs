//! Which field each column is, and how its values are written: by its heading first, and by what stands in it.

use domain::field::{self, FieldType};
use domain::words::Text2;
use domain::{Currency, Kind};

use super::content::Content;
use super::{Suggestion, Table, headings, words};
use crate::mapping::{MappedField, mappable, target_fields};
use crate::table::Cell;

/// Below this a column is not put to a field.
const ENOUGH: f64 = 0.5;

/// Rows of which at least two are of one member of a dimension.
const MANY: usize = 20;

/// From here a heading names a field plainly.
pub(super) const PLAIN: f64 = 0.8;

/// Puts each column to the field of this kind that it names best, and each field to one column.
pub(super) fn assign(table: &Table<'_>, kind: Kind) -> Vec<Suggestion> {
    let targets: Vec<&str> = if kind == Kind::Opportunity {
        target_fields().iter().map(|target| target.name).collect()
    } else {
        ["id"].into_iter().chain(mappable(kind).map(|def| def.name)).collect()
    };
    let mut scored: Vec<Suggestion> = Vec::new();
    for content in table.contents.iter().filter(|content| content.filled > 0) {
        for target in &targets {
            let by_name = headings::score_of(kind, target, &content.column.name);
            let (score, why) = match field::named(kind, target) {
                Some(def) if kind != Kind::Opportunity => judged_by_type(def.ty, by_name, content),
                _ => judged(target, by_name, content),
            };
            if score >= ENOUGH {
                let (column, field) = (content.column.name.clone(), (*target).to_owned());
                scored.push(Suggestion { column, field, score, why });
            }
        }
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut taken: Vec<Suggestion> = Vec::new();
    for found in scored {
        if !taken.iter().any(|before| before.column == found.column || before.field == found.field) {
            taken.push(found);
        }
    }
    taken
}

/// The reason that a heading is.
fn by_heading(heading: &str) -> Text2 {
    Text2::new(format!("列名“{heading}”"), format!("the heading “{heading}”"))
}

/// The score of a column for a field of records other than deals, by its heading and what values the field takes.
fn judged_by_type(ty: FieldType, by_name: f64, content: &Content<'_>) -> (f64, Text2) {
    let fits = |yes: bool| if yes { by_name } else { 0.0 };
    let score = match ty {
        // What does not read in a column that says what it is are mistakes: their rows are told, the column stays in.
        FieldType::Day | FieldType::At if content.is_mostly_date() && !content.is_date() => mistaken(by_name),
        FieldType::Day | FieldType::At => fits(content.is_date()),
        FieldType::AmountMinor | FieldType::Int if content.is_mostly_number() && !content.is_number() => {
            mistaken(by_name)
        }
        FieldType::AmountMinor | FieldType::Int => fits(content.is_number()),
        FieldType::Ppm => fits(content.is_number() && content.largest <= 100.0),
        FieldType::Currency => fits(content.share(|value| Currency::parse(value.trim()).is_ok()) >= 0.9),
        FieldType::Bool => fits(content.share(|value| crate::value::yes_or_no(Cell::Text(value)).is_some()) >= 1.0),
        FieldType::Ref(_) if is_yes_or_no(content) => 0.0,
        // A number refers to yet another table, which would be named by the number.
        FieldType::Ref(Kind::Region | Kind::Industry | Kind::Team | Kind::Channel) => fits(!content.is_number()),
        FieldType::Ref(_) if content.is_number() => by_name * 0.9,
        _ => fits(!content.is_date()),
    };
    (score, by_heading(&content.column.name))
}

/// The score of a column for a field of deals, or for the id of any record, by its heading and its content.
fn judged(field: &str, by_name: f64, content: &Content<'_>) -> (f64, Text2) {
    let named = |score: f64| (score, by_heading(&content.column.name));
    let is_text = !content.is_date() && !content.is_number();
    let stage_like =
        || content.share(|value| words::rank(words::core(value)).is_some() || words::outcome(value).is_some());
    let outcome_like = || content.share(|value| words::outcome(value).is_some() || words::is_perhaps_won(value));
    match field {
        "id" if content.is_date() => named(0.0),
        "id" if content.is_unique() && content.fill() >= 0.99 => {
            if by_name < ENOUGH && is_named_as_key(&content.column.name) {
                return (0.55, Text2::new("每行不同的编号", "a key that is different on every row"));
            }
            named(by_name)
        }
        // A few rows without an id, or with that of another, are mistakes; many are ids of something else.
        "id" if by_name >= PLAIN && is_slip(content) => named(by_name * 0.9),
        "id" => named(0.0),
        // What does not read in a column that says what it is are mistakes: their rows are told, the column stays in.
        "amount_minor" if content.is_mostly_number() && !content.is_number() => named(mistaken(by_name)),
        "amount_minor" => named(if content.is_number() { by_name } else { 0.0 }),
        _ if is_date_field(field) && content.is_mostly_date() && !content.is_date() => named(mistaken(by_name)),
        _ if is_date_field(field) => named(if content.is_date() { by_name } else { 0.0 }),
        "currency" => {
            let share = content.share(|value| Currency::parse(value.trim()).is_ok());
            named(if share >= 0.9 { by_name } else { 0.0 })
        }
        "probability_ppm" => named(if content.is_number() && content.largest <= 100.0 { by_name } else { 0.0 }),
        "stage" if is_few_words(by_name, content) => {
            if by_name >= ENOUGH {
                return named(by_name);
            }
            let share = stage_like();
            let is_stage = is_text && content.values.len() >= 3 && share >= 0.7 && outcome_like() < 1.0;
            let why = Text2::new("值像销售阶段", "its values are words for stages of a sale");
            if is_stage { (0.55 + 0.1 * share, why) } else { named(0.0) }
        }
        "outcome" if is_few_words(by_name, content) => {
            let share = outcome_like();
            let ends = content.values.iter().any(|(value, _)| matches!(words::outcome(value), Some("won" | "lost")));
            if by_name >= ENOUGH {
                return named(if share >= 0.6 { by_name } else { by_name * 0.3 });
            }
            let why = Text2::new("值是赢单、丢单等结果", "its values are won, lost and the like");
            if is_text && ends && share >= 1.0 { (0.6, why) } else { named(0.0) }
        }
        "stage" | "outcome" => named(0.0),
        "name" => named(if is_text { by_name } else { 0.0 }),
        "forecast_category" | "reason" | "next_step" => named(if is_text { by_name } else { 0.0 }),
        // Sellers and regions have more than one deal.
        "owner" | "team" | "region" | "industry" | "channel" if content.is_unique() && content.rows >= MANY => {
            named(by_name * 0.4)
        }
        // References: by their names, or by keys of another table.
        _ if content.is_date() || is_yes_or_no(content) => named(0.0),
        _ if content.is_number() => named(by_name * 0.8),
        _ => named(by_name),
    }
}

/// Whether what keeps a column of ids from telling all rows apart is a mistake or two.
pub(super) fn is_slip(content: &Content<'_>) -> bool {
    content.slips() * 100 <= content.rows * 3 || (content.slips() <= 2 && content.rows >= 8)
}

/// Columns that are called as ids and are none of this table: with rows that have no value, and rows that repeat one.
pub(super) fn left_out_ids<'t>(table: &'t Table<'_>) -> impl Iterator<Item = &'t Content<'t>> {
    table.contents.iter().filter(|content| {
        let is_called_so = headings::score("id", &content.column.name) >= PLAIN;
        is_called_so && content.filled > 0 && !content.is_date() && content.slips() > 0
    })
}

/// Whether a heading plainly names what tells records of a kind apart, and the column does.
pub(super) fn is_id_of(kind: Kind, content: &Content<'_>) -> bool {
    headings::names_id(kind, &content.column.name) && !content.is_date() && content.filled > 0 && is_slip(content)
}

/// Whether a column says yes or no, in words: it names nobody.
fn is_yes_or_no(content: &Content<'_>) -> bool {
    !content.is_number() && content.share(|value| crate::value::yes_or_no(Cell::Text(value)).is_some()) >= 1.0
}

/// Whether a column holds some words that come again: where its heading says so plainly, a small file may have each of
/// them once.
fn is_few_words(by_name: f64, content: &Content<'_>) -> bool {
    const MOST: usize = 40;
    let is_few = content.is_few(MOST) || (by_name >= PLAIN && content.values.len() <= MOST);
    is_few && !content.is_date()
}

/// Whether a field of deals is a date.
pub(super) fn is_date_field(field: &str) -> bool {
    matches!(field, "created" | "closed" | "expected_close_on" | "next_step_on" | "next_contact_on")
}

/// The score of a column whose values are only mostly what its heading says: only a plain heading counts, and a column
/// without mistakes comes first.
fn mistaken(by_name: f64) -> f64 {
    if by_name >= PLAIN { by_name * 0.9 } else { 0.0 }
}

/// The field of a suggestion for records of a kind, with how it is written.
pub(super) fn field(table: &Table<'_>, kind: Kind, found: &Suggestion) -> (String, MappedField) {
    let mut field = MappedField { column: found.column.clone(), ..MappedField::default() };
    if let Some(content) = table.content(&found.column) {
        match field::named(kind, &found.field).map(|def| def.ty) {
            Some(FieldType::AmountMinor) => {
                let heading = found.column.to_lowercase();
                let inside = &heading;
                // A deal may well be worth nobody knows what; what was ordered or paid is said.
                field.zero_is_unknown = kind == Kind::Opportunity && content.share_of_rows(is_zero) >= 0.05;
                field.times = words::UNITS.iter().find(|(unit, _)| unit_in(inside, unit)).map(|(_, times)| *times);
            }
            Some(FieldType::Ppm) => {
                field.percent = content.largest > 1.0 && content.share(|value| value.contains(['%', '％'])) < 0.5;
            }
            _ => {}
        }
    }
    (found.field.clone(), field)
}

fn is_named_as_key(heading: &str) -> bool {
    let heading = words::folded(heading);
    ["id", "seq", "key", "number", "编号", "编码", "单号"].iter().any(|word| heading.ends_with(word))
}

fn is_zero(value: &str) -> bool {
    value.contains('0') && value.chars().all(|c| "0.,¥￥$ ".contains(c))
}

/// Whether a heading holds a unit: Chinese anywhere, Latin as a word of its own.
fn unit_in(heading: &str, unit: &str) -> bool {
    if unit.is_ascii() {
        heading.split(|c: char| !c.is_alphanumeric()).any(|word| word == unit)
            || (unit.contains(' ') && heading.contains(unit))
    } else {
        heading.contains(unit)
    }
}

/// The currency that the amount's heading or values tell.
pub(super) fn currency(table: &Table<'_>, columns: &[Suggestion]) -> Option<Currency> {
    let amount = columns.iter().find(|found| found.field.ends_with("_minor"))?;
    let in_text = |text: &str| {
        let text = text.to_lowercase();
        words::CURRENCIES.iter().find(|(sign, _)| text.contains(sign)).and_then(|(_, code)| Currency::parse(code).ok())
    };
    in_text(&amount.column).or_else(|| {
        let content = table.content(&amount.column)?;
        content.values.iter().take(20).find_map(|(value, _)| in_text(value))
    })
}
