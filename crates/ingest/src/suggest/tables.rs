//! Other tables of one upload: those that hold the records which a column refers to, and a table of changes.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Kind;
use domain::field::{self, FieldDef, FieldType};
use domain::words::Text2;

use super::content::Content;
use super::{Suggestion, Table, columns, headings, words};
use crate::mapping::{History, MappedField, MappedRecords, Mapping};
use crate::value::key::Key;

/// Headings of the moment of a change.
pub(super) const CHANGED_AT: &[&str] = &[
    "changedat",
    "changedate",
    "changetime",
    "changedon",
    "createddate",
    "createdat",
    "timestamp",
    "date",
    "enteredon",
    "dateentered",
    "modifieddate",
    "变更时间",
    "变更日期",
    "时间",
    "日期",
    "修改时间",
    "更新时间",
];

/// The tables among `others` that hold what references of the deals lead to: of which kind, and by which column. A table
/// that is plainly of something else holds none, whatever its columns are.
pub(super) fn holders<'a, 't>(
    mapping: &Mapping,
    main: &Table<'_>,
    others: &'t [Table<'a>],
    is_else: &dyn Fn(&Table<'_>, Kind) -> bool,
    suggestions: &mut [Suggestion],
) -> Vec<(Kind, &'t Table<'a>, &'t Content<'a>)> {
    let mut found_all: Vec<(Kind, &Table<'_>, &Content<'_>)> = Vec::new();
    for (name, field) in &mapping.fields {
        let Some(FieldType::Ref(kind)) = field::named(Kind::Opportunity, name).map(|def| def.ty) else { continue };
        let column = &field.column;
        let Some(content) = main.content(column) else { continue };
        let tables = others.iter().filter(|other| !is_else(other, kind));
        let Some((other, key)) = tables.into_iter().find_map(|other| Some((other, holder(content, other)?))) else {
            continue;
        };
        if key.is_number() && !columns::assign(other, kind).iter().any(|found| found.field == "name") {
            continue;
        }
        if let Some(found) = suggestions.iter_mut().find(|found| found.field == *name && found.column == *column) {
            found.score = found.score.max(0.9);
            found.why = Text2::new(
                format!("列名“{column}”；值都在 {} 的“{}”列里", other.look.file, key.column.name),
                format!("the heading “{column}”; its values are those of “{}” in {}", key.column.name, other.look.file),
            );
        }
        found_all.push((kind, other, key));
    }
    found_all
}

/// What a deal does not tell of its customer's industry and region, the customers' table may.
pub(super) fn borrow(mapping: &mut Mapping) {
    let alias = mapping.aliases.get("account").map_or("account", String::as_str).to_owned();
    let is_of_customers = |records: &&MappedRecords| records.kind == Kind::Account.as_str() && records.key.len() == 1;
    let Some(accounts) = mapping.records.iter().find(is_of_customers) else { return };
    if !mapping.fields.contains_key("account") {
        return;
    }
    let borrowed: Vec<(String, String)> = ["industry", "region"]
        .into_iter()
        .filter(|name| !mapping.fields.contains_key(*name))
        .filter_map(|name| Some((name.to_owned(), accounts.fields.get(name)?.column.clone())))
        .collect();
    for (name, column) in borrowed {
        let column = format!("{alias}.{column}");
        mapping.fields.insert(name, MappedField { column, ..MappedField::default() });
    }
}

/// What columns of joined records are called by, instead of the field that refers to them, where headings of the table
/// itself begin with the field's name and a dot.
pub(super) fn aliases(table: &Table<'_>) -> BTreeMap<String, String> {
    let is_taken = |alias: &str| {
        let starts = |heading: &str| heading.strip_prefix(alias).is_some_and(|rest| rest.starts_with('.'));
        table.look.columns.iter().any(|column| starts(&column.name))
    };
    let refers = |def: &&FieldDef| matches!(def.ty, FieldType::Ref(_));
    let taken = field::of(Kind::Opportunity).filter(refers).filter(|def| is_taken(def.name));
    let free = |name: &str| (2_u32..).map(|number| format!("{name}{number}")).find(|alias| !is_taken(alias));
    taken.filter_map(|def| Some((def.name.to_owned(), free(def.name)?))).collect()
}

/// The column of a table that holds a key a row, and among them nearly all values of `content`.
fn holder<'a, 'b>(content: &Content<'_>, other: &'b Table<'a>) -> Option<&'b Content<'a>> {
    let wanted: HashSet<Key<'_>> = content.values.iter().filter_map(|(value, _)| Key::of_text(value)).collect();
    let holds = |column: &&Content<'a>| {
        if !column.is_unique() || column.fill() < 0.99 || column.is_date() {
            return false;
        }
        let keys: HashSet<Key<'_>> = column.values.iter().filter_map(|(value, _)| Key::of_text(value)).collect();
        wanted.intersection(&keys).count() * 10 >= wanted.len() * 9
    };
    if wanted.is_empty() {
        return None;
    }
    let heading = words::folded(&content.column.name);
    let mut holding: Vec<&Content<'a>> = other.contents.iter().filter(holds).collect();
    // Numbers from 1 on are in many a column: then the heading decides.
    let is_plain_number = content.is_number();
    if is_plain_number {
        holding.retain(|column| words::folded(&column.column.name) == heading);
    }
    holding.sort_by_key(|column| words::folded(&column.column.name) != heading);
    holding.first().copied()
}

/// What a stage's number is called, and its chance in per cent, where another table tells.
pub(super) fn stage_names(stage: &Content<'_>, others: &[Table<'_>]) -> BTreeMap<String, (String, Option<u32>)> {
    let mut names = BTreeMap::new();
    if !stage.is_number() {
        return names;
    }
    let Some((other, key)) = others.iter().find_map(|other| Some((other, holder(stage, other)?))) else { return names };
    let is_name = |content: &&Content<'_>| content.is_unique() && !content.is_number() && !content.is_date();
    let Some(name) = other.contents.iter().find(is_name) else { return names };
    let chance = other
        .contents
        .iter()
        .find(|column| column.is_number() && headings::score("probability_ppm", &column.column.name) >= 0.8);
    let scale = if chance.is_some_and(|chance| chance.largest > 1.0) { 1.0 } else { 100.0 };
    // The key may be written otherwise than in the deals: `1` and `1.0`.
    let mut seen: HashMap<Key<'_>, Vec<&str>> = HashMap::new();
    for (value, _) in &stage.values {
        if let Some(key) = Key::of_text(value) {
            seen.entry(key).or_default().push(value);
        }
    }
    for (at, value) in key.column.values().enumerate() {
        let at = |content: &Content<'_>| Some(content.column.value(at).to_owned());
        let percent = chance.and_then(at).and_then(|text| super::percent(&text, scale));
        let Some(name) = at(name) else { continue };
        for seen in Key::of_text(value).and_then(|key| seen.get(&key)).into_iter().flatten() {
            names.insert((*seen).to_owned(), (name.clone(), percent));
        }
    }
    names
}

/// The table with one row a change of a deal, if there is one.
pub(super) fn history(mapping: &Mapping, main: &Table<'_>, others: &[Table<'_>]) -> Option<History> {
    let [key] = mapping.key.as_slice() else { return None };
    let key = main.content(key)?;
    let deals: HashSet<&str> = key.values.iter().map(|(value, _)| *value).collect();
    let stage_values: HashSet<&str> = mapping.stages.keys().map(String::as_str).collect();
    others.iter().find_map(|other| {
        let deal = other.contents.iter().find(|column| {
            !column.is_unique()
                && column.fill() >= 0.99
                && column.values.iter().filter(|(value, _)| deals.contains(value)).count() * 10
                    >= column.values.len() * 8
                && !column.values.is_empty()
        })?;
        let at = CHANGED_AT.iter().find_map(|word| {
            other
                .contents
                .iter()
                .find(|column| column.is_date() && column.fill() >= 0.99 && words::folded(&column.column.name) == *word)
        })?;
        let stage = other.contents.iter().find(|column| {
            headings::score("stage", &column.column.name) >= 0.8
                && column.values.iter().filter(|(value, _)| stage_values.contains(value)).count() * 10
                    >= column.values.len() * 8
        })?;
        let field = |column: &Content<'_>| MappedField { column: column.column.name.clone(), ..MappedField::default() };
        let mut fields = BTreeMap::from([("stage".to_owned(), field(stage))]);
        if mapping
            .fields
            .get("outcome")
            .is_some_and(|outcome| mapping.fields.get("stage").is_some_and(|stage| stage.column == outcome.column))
        {
            fields.insert("outcome".to_owned(), field(stage));
        }
        let (deal, at) = (deal.column.name.clone(), at.column.name.clone());
        Some(History { table: Some(other.choice()), deal, at, fields })
    })
}
