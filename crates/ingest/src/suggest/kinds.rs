//! What kind of records each table of some files holds, and how its columns are those of the kind: by what the file is
//! called, by the headings, and by what stands in the columns.

use domain::Kind;
use domain::field::{self, FieldType};
use domain::words::Text2;

use super::content::Content;
use super::kind_words::{self, KINDS};
use super::{Suggestion, Table, columns, dates, headings, key, words};
use crate::mapping::{MappedField, MappedRecords};
use crate::plan::title;

/// From here on a table is taken for what it seems to be.
const ENOUGH: f64 = 1.0;
/// Beyond this nothing is surer.
const SURE: f64 = 3.0;
/// From here a heading names a field plainly.
const PLAIN: f64 = 0.8;

/// What a table may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct KindFound {
    /// The kind; deals among them.
    pub kind: Kind,
    /// How likely that is, from 0 to 1.
    pub score: f64,
    /// The reason.
    pub why: Text2,
    /// How the table would come in as such; of deals the mapping tells that.
    pub records: Option<MappedRecords>,
    /// Why each column is where it is.
    pub columns: Vec<Suggestion>,
    /// What to look at before going on.
    pub notes: Vec<Text2>,
}

/// How much a table is like one of a kind.
struct Weighed {
    kind: Kind,
    weight: f64,
    why: Text2,
    columns: Vec<Suggestion>,
}

impl Weighed {
    fn is_enough(&self) -> bool {
        self.weight >= ENOUGH
    }
}

/// A table and what it is like, the likeliest kind first.
pub(super) struct Sorted(Vec<Weighed>);

impl Sorted {
    pub(super) fn of(table: &Table<'_>) -> Self {
        let called = called(table);
        let mut weighed: Vec<Weighed> = KINDS.iter().map(|words| weigh(table, words.kind, called)).collect();
        // Of two that are as likely deals come first, then the order of the words.
        weighed.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        Self(weighed)
    }

    /// What the table is taken for.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.0.first().filter(|best| best.is_enough()).map(|best| best.kind)
    }

    fn is_like(&self, kind: Kind) -> Option<&Weighed> {
        self.0.iter().find(|weighed| weighed.kind == kind)
    }

    /// Everything it may hold, with how it would come in.
    pub(super) fn found(&self, table: &Table<'_>, month_first: bool) -> Vec<KindFound> {
        let found = |weighed: &Weighed| {
            let (mut columns, mut notes) = (weighed.columns.clone(), Vec::new());
            let is_deals = weighed.kind == Kind::Opportunity;
            let records =
                (!is_deals).then(|| records(table, weighed.kind, &mut columns, None, month_first, &mut notes));
            let score = (weighed.weight / SURE).min(1.0);
            KindFound { kind: weighed.kind, score, why: weighed.why.clone(), records, columns, notes }
        };
        self.0.iter().map(found).collect()
    }

    /// The table as records of a kind, told apart by a column that others refer to, if there is one.
    pub(super) fn records(
        &self,
        table: &Table<'_>,
        kind: Kind,
        by: Option<&Content<'_>>,
        month_first: bool,
        notes: &mut Vec<Text2>,
    ) -> Option<MappedRecords> {
        let mut columns = self.is_like(kind)?.columns.clone();
        let records = records(table, kind, &mut columns, by, month_first, notes);
        let says_something = by.is_some() || !records.fields.is_empty();
        (says_something && !records.key.is_empty()).then_some(records)
    }

    /// The orders in a table of their lines, where it tells more of them than their numbers.
    pub(super) fn orders_of_lines(&self, table: &Table<'_>, month_first: bool) -> Option<MappedRecords> {
        let order = self.is_like(Kind::OrderLine)?.columns.iter().find(|found| found.field == "order")?.column.clone();
        let by = table.content(&order)?;
        let mut records = self.records(table, Kind::Order, Some(by), month_first, &mut Vec::new())?;
        // Amounts of a line are not those of its order.
        records.fields.retain(|name, _| !name.ends_with("_minor"));
        records.repeats = true;
        let tells = |name: &String| matches!(name.as_str(), "ordered_on" | "promised_on" | "delivered_on" | "account");
        records.fields.keys().any(tells).then_some(records)
    }
}

/// The kind after which the file or the sheet is called: by the longest word, of two by the last.
fn called(table: &Table<'_>) -> Option<(Kind, &'static str)> {
    let file = table.look.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let sheet = table.look.sheet.as_deref().filter(|_| table.look.sheets.len() > 1);
    let in_name = |name: &str| {
        let name = words::folded(name);
        let all = KINDS.iter().flat_map(|kind| kind.table.split_whitespace().map(|word| (kind.kind, word)));
        let found = all.filter_map(|(kind, word)| Some((word.len(), name.rfind(word)?, kind, word)));
        found.max_by_key(|(length, at, ..)| (*length, *at)).map(|(_, _, kind, word)| (kind, word))
    };
    sheet.and_then(in_name).or_else(|| in_name(stem))
}

fn weigh(table: &Table<'_>, kind: Kind, called: Option<(Kind, &'static str)>) -> Weighed {
    let columns = columns::assign(table, kind);
    let telling = kind_words::of(kind).map_or(&[][..], |words| words.telling);
    let tells = |found: &&Suggestion| telling.contains(&found.field.as_str()) && is_plain(kind, found);
    let id = table.contents.iter().find(|content| columns::is_id_of(kind, content));
    let (told, others): (Vec<&Suggestion>, Vec<&Suggestion>) = columns.iter().partition(tells);
    let is_called_so = called.is_some_and(|(of, _)| of == kind);
    let count = |all: &[&Suggestion]| f64::from(u32::try_from(all.len()).unwrap_or(0));
    let mut weight = 0.8 * count(&told) + (0.15 * count(&others)).min(0.75);
    weight += if is_called_so { 1.2 } else { 0.0 } + if id.is_some() { 1.0 } else { 0.0 };
    if !may_be(table, kind, &columns, id.is_some()) {
        weight = 0.0;
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if let Some((_, word)) = called.filter(|_| is_called_so) {
        zh.push(format!("名称里有“{word}”"));
        en.push(format!("“{word}” is in its name"));
    }
    let mut headings: Vec<&str> = id.iter().map(|content| content.column.name.as_str()).collect();
    headings.extend(told.iter().map(|found| found.column.as_str()));
    headings.dedup();
    headings.truncate(4);
    if !headings.is_empty() {
        zh.push(format!("列“{}”", headings.join("”、“")));
        en.push(format!("the columns “{}”", headings.join("”, “")));
    }
    Weighed { kind, weight, why: Text2::new(zh.join("；"), en.join("; ")), columns }
}

/// Whether a column is where it is for what it is called, or, of deals, for what stands in it.
fn is_plain(kind: Kind, found: &Suggestion) -> bool {
    headings::score_of(kind, &found.field, &found.column) >= PLAIN
        || (kind == Kind::Opportunity && matches!(found.field.as_str(), "stage" | "outcome"))
}

/// Whether a table has what records of a kind cannot do without.
fn may_be(table: &Table<'_>, kind: Kind, columns: &[Suggestion], has_id: bool) -> bool {
    let has = |field: &str| columns.iter().any(|found| found.field == field);
    match kind {
        Kind::Opportunity => true,
        Kind::OrderLine => has("order"),
        Kind::DealLine => has("opportunity"),
        Kind::Activity => has("at"),
        Kind::Target => has("from_on") && (has("amount_minor") || has("deals")),
        Kind::Expense | Kind::Payment => has("amount_minor"),
        Kind::Lead | Kind::Contract | Kind::Order | Kind::Invoice | Kind::ServiceRequest => {
            has_id || has("id") || columns.len() > 2
        }
        // Everything else is one row a name: where names come again, it is about something that has them.
        _ => {
            has_id
                || columns
                    .iter()
                    .any(|found| found.field == "name" && table.content(&found.column).is_some_and(columns::is_slip))
        }
    }
}

fn records(
    table: &Table<'_>,
    kind: Kind,
    columns: &mut Vec<Suggestion>,
    by: Option<&Content<'_>>,
    month_first: bool,
    notes: &mut Vec<Text2>,
) -> MappedRecords {
    let mut fields: std::collections::BTreeMap<String, MappedField> =
        columns.iter().filter(|found| found.field != "id").map(|found| columns::field(table, kind, found)).collect();
    let key = by.map_or_else(|| key::of_records(table, kind, columns, notes), |by| vec![by.column.name.clone()]);
    // What a record is called is its key, where nothing else tells: but for a number that only the source knows.
    if let [only] = key.as_slice() {
        let is_number = table.content(only).is_some_and(Content::is_number);
        for name in title(kind).map(|def| def.name).into_iter().chain((kind == Kind::Product).then_some("code")) {
            // A number of the source is nobody's name, and a lead is called as the person behind it.
            let is_free = !fields.contains_key(name) && (name != "name" || (!is_number && kind < Kind::Opportunity));
            let is_used = fields.values().any(|field| field.column == *only);
            if is_free && !(is_used && name == "code") {
                fields.insert(name.to_owned(), MappedField { column: only.clone(), ..MappedField::default() });
            }
        }
    }
    if kind == Kind::Target {
        period(table, &mut fields);
    }
    write_dates(table, kind, &mut fields, month_first, notes);
    MappedRecords { kind: kind.as_str().to_owned(), table: table.choice(), key, repeats: false, fields }
}

/// A target for a month or a quarter ends with it.
fn period(table: &Table<'_>, fields: &mut std::collections::BTreeMap<String, MappedField>) {
    let Some(from) = fields.get("from_on").filter(|_| !fields.contains_key("to_on")).cloned() else { return };
    let forms = table.content(&from.column).map(|content| dates::written(&[content], false, &mut Vec::new()));
    let ends: Vec<String> =
        forms.into_iter().flatten().filter(|form| ["month", "quarter"].contains(&form.as_str())).collect();
    if !ends.is_empty() {
        let dates = ends.into_iter().map(|form| format!("{form}-end")).collect();
        fields.insert("to_on".to_owned(), MappedField { dates, ..from });
    }
}

/// Says with each date how it is written.
fn write_dates(
    table: &Table<'_>,
    kind: Kind,
    fields: &mut std::collections::BTreeMap<String, MappedField>,
    month_first: bool,
    notes: &mut Vec<Text2>,
) {
    let is_date =
        |name: &str| matches!(field::named(kind, name).map(|def| def.ty), Some(FieldType::Day | FieldType::At));
    let dated = fields.iter().filter(|(name, field)| is_date(name) && field.dates.is_empty());
    let read: Vec<&Content<'_>> = dated.filter_map(|(_, field)| table.content(&field.column)).collect();
    let forms = dates::written(&read, month_first, notes);
    for (_, field) in fields.iter_mut().filter(|(name, field)| is_date(name) && field.dates.is_empty()) {
        field.dates.clone_from(&forms);
    }
}
