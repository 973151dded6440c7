//! The kinds of records that a table may be said to hold, and the fields that its columns may be put to.

use domain::words::Text2;
use domain::{CustomField, Kind};

use crate::model::words;

/// A kind to choose for a table.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordKind {
    /// The kind.
    pub kind: Kind,
    /// What its records are called.
    pub label: Text2,
    /// Its fields, the key first.
    pub fields: Vec<KindField>,
}

/// A field to choose for a column.
#[derive(Debug, Clone, PartialEq)]
pub struct KindField {
    /// Its name in the mapping; `id` stands for the key.
    pub name: String,
    /// Its name for people.
    pub label: Text2,
    /// What its values are, as [`ingest::value_word`] says it; of own fields also `choice`.
    pub values: String,
    /// Whether nothing can be imported without it.
    pub is_required: bool,
}

/// Every kind that a table may hold, deals first; `own` are the organisation's own fields.
pub(super) fn kinds(own: &[CustomField]) -> Vec<RecordKind> {
    let mappable = Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Opportunity | Kind::MetricValue));
    let mut kinds: Vec<Kind> = [Kind::Opportunity].into_iter().chain(mappable).collect();
    // Along the chain, as people come across them; what they refer to comes last.
    kinds.sort_by_key(|kind| match kind {
        Kind::Opportunity => 0,
        Kind::Lead => 1,
        Kind::Account | Kind::Contact => 2,
        kind if *kind > Kind::Lead => 3,
        kind if *kind > Kind::Opportunity => 4,
        _ => 5,
    });
    kinds.into_iter().map(|kind| RecordKind { kind, label: words::table(kind), fields: fields(kind, own) }).collect()
}

fn fields(kind: Kind, own: &[CustomField]) -> Vec<KindField> {
    let mut fields: Vec<KindField> = Vec::new();
    if kind == Kind::Opportunity {
        fields.extend(ingest::target_fields().iter().map(|field| KindField {
            name: field.name.to_owned(),
            label: field.text(),
            values: field.kind.to_owned(),
            is_required: field.is_required,
        }));
    } else {
        let label = Text2::new("编号", "Id");
        fields.push(KindField { name: "id".to_owned(), label, values: "key".to_owned(), is_required: true });
        fields.extend(ingest::mappable(kind).map(|def| KindField {
            name: def.name.to_owned(),
            label: words::field(def.id, def.name),
            values: ingest::value_word(def.ty).to_owned(),
            is_required: false,
        }));
    }
    let own = own.iter().filter(|own| own.kind == kind && !own.retired);
    fields.extend(own.map(|own| KindField {
        name: own.name.clone(),
        label: own.label.clone(),
        values: match crate::fields::type_word(own).as_str() {
            word if word.starts_with("ref:") => "reference".to_owned(),
            word => word.to_owned(),
        },
        is_required: false,
    }));
    fields
}
