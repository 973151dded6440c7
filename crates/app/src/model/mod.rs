//! The dimensional model as it stands: tables with how full their fields are, joins with the keys that lead nowhere.
//!
//! What tables and fields there are is told to whoever may analyse. What they hold is counted over everything, and so
//! told to whoever sees everything, and to nobody else. Nothing here lists kinds or fields: what the registry gains,
//! the model shows.

mod answers;
pub(crate) mod words;

pub use words::field_label;

use std::sync::Arc;

use domain::custom::CustomField;
use domain::field::{self, FieldId, FieldType, ids};
use domain::people::May;
use domain::process::NamedValue;
use domain::words::Text2;
use domain::{Kind, RecordId, Scope};
use store::{JoinCount, LooseKey, Reference, TableCount, Why};

use crate::{AppError, Fault, Loudou, Organisation, Result, fields, words as said};

/// Loose keys that are told of a reference at most.
const LOOSE: usize = 50;
/// Rows behind a key that are told at most.
const ROWS: usize = 100;

/// The model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Whose zone and fiscal year cut the days.
    pub organisation: Organisation,
    /// Whether the numbers are told: the asker sees everything.
    pub counted: bool,
    /// The journal up to here was counted.
    pub seq: i64,
    /// Facts, then dimensions; those with rows first.
    pub tables: Vec<ModelTable>,
}

/// All references of one table to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelLine {
    /// The table that refers.
    pub from: &'static str,
    /// The table referred to; [`DATE`] for business days.
    pub to: &'static str,
    /// Rows that lead to a record, of each reference; absent where the numbers are not told.
    pub found: Option<u64>,
    /// Rows that lead to none that is described.
    pub loose: Option<u64>,
}

/// Stands for the date dimension among the tables.
pub const DATE: &str = "date";

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelTable {
    /// Its kind, by its word.
    pub kind: &'static str,
    /// What it is called.
    pub label: Text2,
    /// Whether it says what happened, rather than what it happened to.
    pub is_fact: bool,
    /// Its rows.
    pub rows: Option<u64>,
    /// Rows of which nothing is known but the key that an import named.
    pub bare: Option<u64>,
    /// Its fields: built-in ones, then the organisation's own.
    pub fields: Vec<ModelField>,
    /// Where its references lead.
    pub joins: Vec<ModelJoin>,
}

/// A field of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelField {
    /// Its name in files, JSON and SQL.
    pub name: String,
    /// What it is called.
    pub label: Text2,
    /// Its type, as [`crate::records::FieldValue::ty`] says it.
    pub ty: String,
    /// The kind that a reference leads to.
    pub of: Option<&'static str>,
    /// The values that have names.
    pub choices: Vec<NamedValue>,
    /// Of the organisation's own.
    pub own: bool,
    /// The name by which deals are grouped by it; absent where they are not.
    pub dimension: Option<String>,
    /// No longer asked for.
    pub retired: bool,
    /// Rows that have a value.
    pub filled: Option<u64>,
}

/// A join: a reference of one table to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelJoin {
    /// The field that refers.
    pub field: String,
    /// What it is called.
    pub label: Text2,
    /// The kind that it leads to.
    pub to: &'static str,
    /// Whether analyses read it as it was at the entry that counts, rather than as it is now.
    pub as_was: bool,
    /// How many rows lead where.
    pub counts: Option<JoinCounts>,
}

impl Model {
    /// The lines of the star: from each table to those that it refers to, and from facts to the dates that they have.
    #[must_use]
    pub fn lines(&self) -> Vec<ModelLine> {
        let mut lines: Vec<ModelLine> = Vec::new();
        for table in &self.tables {
            for join in table.joins.iter().filter(|join| join.to != table.kind) {
                let (from, to) = (table.kind, join.to);
                let (found, loose) = (join.counts.map(JoinCounts::found), join.counts.map(|counts| counts.loose));
                let more = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a + b);
                match lines.iter_mut().find(|line| (line.from, line.to) == (from, to)) {
                    Some(line) => (line.found, line.loose) = (more(line.found, found), more(line.loose, loose)),
                    None => lines.push(ModelLine { from, to, found, loose }),
                }
            }
            if table.is_fact && table.is_dated() {
                lines.push(ModelLine { from: table.kind, to: DATE, found: None, loose: None });
            }
        }
        lines
    }
}

impl ModelTable {
    /// Whether any of its fields is a date or an instant.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.ty.as_str(), "day" | "at"))
    }

    /// Rows by whose references nothing described is found, summed over its references.
    #[must_use]
    pub fn loose(&self) -> Option<u64> {
        let told = self.joins.iter().map(|join| join.counts.map(|counts| counts.loose)).sum();
        if self.rows.is_some() { told } else { None }
    }
}

impl JoinCounts {
    /// Rows that lead to a record that is not loose.
    #[must_use]
    pub const fn found(self) -> u64 {
        (self.matched + self.bare + self.gone).saturating_sub(self.loose)
    }
}

/// How many rows of a table a reference leads where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinCounts {
    /// To a described record.
    pub matched: u64,
    /// The field is empty.
    pub empty: u64,
    /// To a record that is only a key.
    pub bare: u64,
    /// To a record that was deleted, merged or withdrawn.
    pub gone: u64,
    /// To none that is described: gone, or only a key of a table that has described records too. Where all records of
    /// a table are only keys, nobody has described any, and their names are all there is to know.
    pub loose: u64,
}

/// The keys of a reference that nothing describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseKeys {
    /// What the referring field is called.
    pub field: Text2,
    /// The kind that it leads to.
    pub to: &'static str,
    /// The keys, those with the most rows first.
    pub keys: Vec<Loose>,
}

/// A key that nothing describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose {
    /// The record.
    pub id: RecordId,
    /// How many rows refer to it.
    pub rows: u64,
    /// Why nothing describes it.
    pub why: Text2,
    /// The name it has or had.
    pub name: Option<String>,
}

/// Rows that refer to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsBehind {
    /// Their kind.
    pub kind: &'static str,
    /// How many there are.
    pub total: u64,
    /// The newest of them, by id and name.
    pub rows: Vec<(RecordId, Option<String>)>,
}

/// Whether records of a kind are what things happen to.
const fn is_dimension(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Account
            | Kind::Contact
            | Kind::Product
            | Kind::Person
            | Kind::Team
            | Kind::Region
            | Kind::Industry
            | Kind::Channel
            | Kind::Campaign
    )
}

/// Whether what a field says of a deal is kept as it was at each moment.
fn is_as_was(field: FieldId) -> bool {
    matches!(field, ids::OPPORTUNITY_OWNER | ids::OPPORTUNITY_TEAM)
}

/// The word that deals are grouped by a built-in field under.
fn grouped_by(def: &field::FieldDef) -> Option<String> {
    let known = crate::answers::dimensions(&[]).into_iter().any(|(key, _)| key == def.name);
    (def.kind == Kind::Opportunity && known).then(|| def.name.to_owned())
}

impl Loudou {
    /// The model. Counts are those of the last time that anything was written.
    ///
    /// # Errors
    /// The data cannot be read, or the role may not.
    pub async fn model(&self) -> Result<Model> {
        self.who.require(May::Analyse)?;
        let custom = self.own_fields().await?;
        let (counts, seq) = if self.who.scope == Scope::All {
            let counted = self.counted(&custom).await?;
            (Some(counted.1), counted.0)
        } else {
            (None, self.store.head().await?)
        };
        let organisation = self.store.organisation().await?;
        let counts = counts.as_deref().map(Vec::as_slice);
        let mut tables: Vec<ModelTable> = Kind::ALL.into_iter().map(|kind| table(kind, &custom, counts)).collect();
        tables.sort_by_key(|table| (!table.is_fact, table.rows == Some(0)));
        Ok(Model {
            organisation: organisation.map(Organisation::from).unwrap_or_default(),
            counted: counts.is_some(),
            seq,
            tables,
        })
    }

    /// The counts of every table, remembered until something is written.
    async fn counted(&self, custom: &[CustomField]) -> Result<(i64, Arc<Vec<TableCount>>)> {
        let mark = self.store.mark().await?;
        let mut remembered = self.counts.lock().await;
        if let Some((of, counts)) = &*remembered
            && *of == mark
        {
            return Ok((mark.seq, Arc::clone(counts)));
        }
        let mut counts = Vec::with_capacity(Kind::ALL.len());
        for kind in Kind::ALL {
            counts.push(self.store.count_table(kind, custom).await?);
        }
        let counts = Arc::new(counts);
        *remembered = Some((mark, Arc::clone(&counts)));
        Ok((mark.seq, counts))
    }

    /// The keys of a reference that nothing describes, those with the most rows first.
    ///
    /// # Errors
    /// There is no such reference, the asker does not see everything, or the data cannot be read.
    pub async fn loose_keys(&self, kind: &str, field: &str) -> Result<LooseKeys> {
        let (from, label) = self.reference(kind, field).await?;
        let keys = self.store.loose_keys(from, LOOSE).await?;
        let told = |LooseKey { id, rows, why, name }| Loose { id, rows, why: self::why(why), name };
        Ok(LooseKeys { field: label, to: from.to.as_str(), keys: keys.into_iter().map(told).collect() })
    }

    /// The rows that refer to a key; without one, the rows whose field is empty.
    ///
    /// # Errors
    /// As [`Loudou::loose_keys`].
    pub async fn rows_behind(&self, kind: &str, field: &str, key: Option<&str>) -> Result<RowsBehind> {
        let (from, _) = self.reference(kind, field).await?;
        let key = key.map(fields::record_id).transpose()?;
        let (ids, total) = self.store.rows_behind(from, key, ROWS).await?;
        let name = field::named(from.kind, "name").map(|def| def.id);
        let mut names: std::collections::HashMap<RecordId, String> = std::collections::HashMap::new();
        if let Some(name) = name {
            for record in self.store.records(from.kind, &ids).await? {
                names.extend(record.text(name).map(|text| (record.id, text.to_owned())));
            }
        }
        let rows = ids.into_iter().map(|id| (id, names.remove(&id))).collect();
        Ok(RowsBehind { kind: from.kind.as_str(), total, rows })
    }

    /// A reference of a table, for whoever sees everything.
    async fn reference(&self, kind: &str, name: &str) -> Result<(Reference, Text2)> {
        self.who.require(May::Analyse)?;
        if self.who.scope != Scope::All {
            return Err(AppError::of(
                Fault::NotAllowed,
                ("数据模型的明细只给能看到全部数据的人", "the rows of the model are told to whoever sees everything"),
            ));
        }
        let kind = fields::kind(kind)?;
        if let Some(def) = field::named(kind, name)
            && let FieldType::Ref(to) = def.ty
        {
            return Ok((Reference { kind, field: def.id, to }, words::field(def.id, def.name)));
        }
        let custom = self.own_fields().await?;
        let own = custom.into_iter().find(|own| own.kind == kind && own.name == name);
        if let Some(own) = own
            && let FieldType::Ref(to) = own.ty
        {
            return Ok((Reference { kind, field: own.id, to }, own.label));
        }
        let zh = format!("{}没有引用字段“{name}”", said::kind(kind));
        Err(AppError::not_found((zh, format!("{} has no reference `{name}`", kind.with_article()))))
    }
}

fn table(kind: Kind, custom: &[CustomField], counts: Option<&[TableCount]>) -> ModelTable {
    let of = |kind: Kind| counts.and_then(|all| all.iter().find(|count| count.kind == kind));
    let count = of(kind);
    let filled = |id: FieldId| {
        let found = count.map(|count| count.filled.iter().find(|(known, _)| *known == id));
        found.map(|found| found.map_or(0, |(_, filled)| *filled))
    };
    let builtin = field::of(kind).map(|def| ModelField {
        name: def.name.to_owned(),
        label: words::field(def.id, def.name),
        ty: crate::records::type_word(def.ty).to_owned(),
        of: target(def.ty).map(Kind::as_str),
        choices: crate::records::field_choices(def.id),
        own: false,
        dimension: grouped_by(def),
        retired: false,
        filled: filled(def.id),
    });
    let own = || custom.iter().filter(|field| field.kind == kind);
    let of_own = own().map(|field| ModelField {
        name: field.name.clone(),
        label: field.label.clone(),
        ty: if field.choices.is_empty() { crate::records::type_word(field.ty).to_owned() } else { "choice".to_owned() },
        of: target(field.ty).map(Kind::as_str),
        choices: field.choices.clone(),
        own: true,
        dimension: field.is_dimension().then(|| field.dimension_name()),
        retired: field.retired,
        filled: filled(field.id),
    });
    let refs = field::of(kind)
        .map(|def| (def.id, def.name.to_owned(), words::field(def.id, def.name), def.ty))
        .chain(own().map(|field| (field.id, field.name.clone(), field.label.clone(), field.ty)));
    let join = |(id, field, label, ty)| {
        let found = count.and_then(|count| count.joins.iter().find(|join| join.field == id));
        let counts = found.map(|join| told(join, of(join.to)));
        Some(ModelJoin { field, label, to: target(ty)?.as_str(), as_was: is_as_was(id), counts })
    };
    ModelTable {
        kind: kind.as_str(),
        label: words::table(kind),
        is_fact: !is_dimension(kind),
        rows: count.map(|count| count.rows),
        bare: count.map(|count| count.bare),
        fields: builtin.chain(of_own).collect(),
        joins: refs.filter_map(join).collect(),
    }
}

fn told(join: &JoinCount, to: Option<&TableCount>) -> JoinCounts {
    let JoinCount { matched, empty, bare, gone, .. } = *join;
    let names_alone = to.is_some_and(|to| to.bare == to.rows);
    JoinCounts { matched, empty, bare, gone, loose: if names_alone { gone } else { gone + bare } }
}

const fn target(ty: FieldType) -> Option<Kind> {
    if let FieldType::Ref(kind) = ty { Some(kind) } else { None }
}

/// Why a key is loose, in both languages.
fn why(why: Why) -> Text2 {
    match why {
        Why::Bare => Text2::new("只有编号：没有文件描述它", "only a key: no file describes it"),
        Why::Deleted => Text2::new("已删除", "deleted"),
        Why::Merged { into } => Text2::new(format!("已并入 #{into}"), format!("merged into #{into}")),
        Why::Withdrawn => Text2::new("来源已撤销", "what told of it was taken back"),
    }
}
