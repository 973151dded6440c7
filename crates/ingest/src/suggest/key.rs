//! Which columns tell one record from another.

use domain::Kind;
use domain::field::{self, FieldType};
use domain::words::Text2;

use super::content::Content;
use super::{Suggestion, Table, columns, words};
use crate::mapping::{Mapping, mappable};
use crate::plan::title;

/// What tells one deal from another: an id, else a name, else name and customer together.
pub(super) fn of_deals(
    table: &Table<'_>,
    mapping: &mut Mapping,
    columns: &mut Vec<Suggestion>,
    notes: &mut Vec<Text2>,
) {
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
    if let Some(parts) = fewest(&parts) {
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

/// The first columns that together tell all rows apart, as few as do.
fn fewest<'p, 'c, 'a>(parts: &'p [&'c Content<'a>]) -> Option<&'p [&'c Content<'a>]> {
    (1..=parts.len())
        .map(|taken| &parts[..taken])
        .find(|parts| if let [one] = parts { one.is_unique() } else { tells_apart(parts) })
}

/// What tells records of a kind apart in a table of them: an id, else their place within what they belong to, else some
/// columns together. What is to be looked at is noted.
pub(super) fn of_records(
    table: &Table<'_>,
    kind: Kind,
    columns: &mut Vec<Suggestion>,
    notes: &mut Vec<Text2>,
) -> Vec<String> {
    if let Some(id) = columns.iter().find(|found| found.field == "id") {
        return vec![id.column.clone()];
    }
    let whole = |content: &&Content<'_>| content.fill() >= 0.99;
    let column = |field: &str| {
        let found = columns.iter().find(|found| found.field == field)?;
        table.content(&found.column).filter(whole)
    };
    let mapped = mappable(kind).map(|def| def.name);
    // What it is called, then what it belongs to, then everything else that is said of it.
    let (refs, plain): (Vec<&str>, Vec<&str>) = mapped
        .filter(|name| title(kind).is_none_or(|title| title.name != *name))
        .partition(|name| matches!(field::named(kind, name).map(|def| def.ty), Some(FieldType::Ref(_))));
    let parents: Vec<&Content<'_>> = refs.iter().filter_map(|name| column(name)).collect();
    let places =
        table.contents.iter().filter(whole).filter(|content| content.is_number() && is_place(&content.column.name));
    let by_place = places.flat_map(|place| parents.iter().map(move |parent| vec![*parent, place]));
    let by_place = by_place.into_iter().find(|parts| tells_apart(parts));
    let all: Vec<&Content<'_>> = title(kind)
        .and_then(|def| column(def.name))
        .into_iter()
        .chain(parents.iter().copied())
        .chain(plain.iter().filter_map(|name| column(name)))
        .collect();
    let is_place = by_place.is_some();
    let found = by_place.or_else(|| fewest(&all).map(<[_]>::to_vec));
    let file = &table.look.file;
    let Some(parts) = found else {
        notes.push(Text2::new(
            format!("{file}：没有一列（或几列）能区分每一行：请选择编号列，或在文件里加一列编号"),
            format!("{file}: no column tells one row from another: choose the one with ids, or add one to the file"),
        ));
        return Vec::new();
    };
    let key: Vec<String> = parts.iter().map(|part| part.column.name.clone()).collect();
    let names = key.join(" + ");
    let is_name = title(kind).and_then(|def| column(def.name)).is_some_and(|name| key == [name.column.name.clone()]);
    for name in &key {
        let why = Text2::new(
            format!("没有编号列；“{names}”不重复"),
            format!("there is no id; “{names}” is different on every row"),
        );
        columns.push(Suggestion { column: name.clone(), field: "id".to_owned(), score: 0.6, why });
    }
    if !is_name && !is_place {
        notes.push(Text2::new(
            format!("{file}：没有编号列，用“{names}”识别每一行：以后改动其中一项会被当成新的一条"),
            format!("{file}: there is no column of ids: rows are told apart by “{names}”, and one that is changed there becomes another"),
        ));
    }
    key
}

/// Whether a heading names the place of a row within what it belongs to: the line of an order, the instalment of a payment.
fn is_place(heading: &str) -> bool {
    let heading = words::folded(heading);
    [
        "line",
        "lineno",
        "linenumber",
        "itemid",
        "itemno",
        "seq",
        "sequence",
        "sequential",
        "行号",
        "行",
        "序号",
        "期次",
        "项次",
    ]
    .iter()
    .any(|word| heading.ends_with(word))
}

fn tells_apart(parts: &[&Content<'_>]) -> bool {
    let mut columns: Vec<_> = parts.iter().map(|part| part.column.values()).collect();
    let mut seen = std::collections::HashSet::new();
    let rows = parts.first().map_or(0, |part| part.rows);
    (0..rows)
        .all(|_| seen.insert(columns.iter_mut().map(|column| column.next().unwrap_or_default()).collect::<Vec<_>>()))
}
