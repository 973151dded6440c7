//! The dimensional model: tables, fields, joins, and the keys that lead nowhere.

use app::model::{Loose, LooseKeys, Model, ModelField, ModelJoin, ModelLine, ModelTable, RowsBehind};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::opportunity::FieldChoiceBody;
use crate::asker::Asker;
use crate::body::Both;
use crate::problem::Problem;
use crate::query::Query;

/// The model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelBody {
    /// Whether the numbers are told: the asker sees everything. Else every count is null.
    counted: bool,
    /// The journal up to here was counted.
    seq: i64,
    /// The zone of business days.
    zone: String,
    /// The month that the fiscal year begins in, 1 to 12.
    fiscal_start_month: u32,
    /// Facts, then dimensions.
    tables: Vec<ModelTableBody>,
    /// From each table to those that it refers to, and from facts to `date`, the business days.
    lines: Vec<ModelLineBody>,
}

/// All references of one table to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelLineBody {
    from: &'static str,
    to: &'static str,
    /// Rows that lead to a record, over all references.
    found: Option<u64>,
    /// Rows that lead to none that is described.
    loose: Option<u64>,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelTableBody {
    kind: &'static str,
    label: Both,
    /// Whether it says what happened, rather than what it happened to.
    is_fact: bool,
    rows: Option<u64>,
    /// Rows of which nothing is known but the key that an import named.
    bare: Option<u64>,
    /// Rows whose references lead to no described record, summed over the references.
    loose: Option<u64>,
    /// Whether any field is a date or a time.
    is_dated: bool,
    fields: Vec<ModelFieldBody>,
    joins: Vec<ModelJoinBody>,
}

/// A field of a table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelFieldBody {
    name: String,
    label: Both,
    /// As a field of a page says its type.
    #[serde(rename = "type")]
    ty: String,
    /// The kind that a reference leads to.
    of: Option<&'static str>,
    /// The values that have names.
    choices: Vec<FieldChoiceBody>,
    /// Of the organisation's own.
    own: bool,
    /// The word by which deals are grouped by it.
    dimension: Option<String>,
    /// No longer asked for.
    retired: bool,
    /// Rows that have a value.
    filled: Option<u64>,
    /// Their share of the rows; null where there are none.
    share: Option<f64>,
}

/// A reference of a table to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelJoinBody {
    field: String,
    label: Both,
    /// The kind that it leads to.
    to: &'static str,
    /// Whether analyses read it as it was at the entry that counts, rather than as it is now.
    as_was: bool,
    /// Rows that lead to a described record.
    matched: Option<u64>,
    /// Rows whose field is empty.
    empty: Option<u64>,
    /// Rows that lead to a record that is only a key.
    bare: Option<u64>,
    /// Rows that lead to a record that was deleted, merged or withdrawn.
    gone: Option<u64>,
    /// Rows that lead to none that is described. A table of which all records are only keys has none described, and its
    /// names are all there is to know: they count as found.
    loose: Option<u64>,
}

/// The keys of a reference that nothing describes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LooseKeysBody {
    /// What the field that refers is called.
    field: Both,
    /// The kind that it leads to.
    to: &'static str,
    /// Those with the most rows first, fifty at most.
    keys: Vec<LooseKeyBody>,
}

/// A key that nothing describes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LooseKeyBody {
    id: i64,
    /// The name it has or had.
    name: Option<String>,
    why: Both,
    /// Rows that refer to it.
    rows: u64,
}

/// Rows that refer to a key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowsBehindBody {
    kind: &'static str,
    /// How many there are.
    total: u64,
    /// The newest, a hundred at most.
    rows: Vec<RowBehindBody>,
}

/// A row that refers to a key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowBehindBody {
    id: i64,
    name: Option<String>,
}

/// Which reference.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReferenceQuery {
    /// The table that refers, by its kind.
    table: String,
    /// The field that refers.
    field: String,
}

/// Which rows of a reference.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsQuery {
    /// The table that refers, by its kind.
    table: String,
    /// The field that refers.
    field: String,
    /// The record referred to; the rows whose field is empty where absent.
    key: Option<String>,
}

impl From<ModelField> for ModelFieldBody {
    fn from(field: ModelField) -> Self {
        let ModelField { name, label, ty, of, choices, own, dimension, retired, filled } = field;
        let choices = choices.into_iter().map(FieldChoiceBody::from).collect();
        Self { name, label: label.into(), ty, of, choices, own, dimension, retired, filled, share: None }
    }
}

impl From<ModelJoin> for ModelJoinBody {
    fn from(join: ModelJoin) -> Self {
        let ModelJoin { field, label, to, as_was, counts } = join;
        Self {
            field,
            label: label.into(),
            to,
            as_was,
            matched: counts.map(|counts| counts.matched),
            empty: counts.map(|counts| counts.empty),
            bare: counts.map(|counts| counts.bare),
            gone: counts.map(|counts| counts.gone),
            loose: counts.map(|counts| counts.loose),
        }
    }
}

impl From<ModelTable> for ModelTableBody {
    fn from(table: ModelTable) -> Self {
        let (loose, is_dated) = (table.loose(), table.is_dated());
        let ModelTable { kind, label, is_fact, rows, bare, fields, joins } = table;
        #[allow(clippy::cast_precision_loss, reason = "a share is shown to a few digits")]
        let share = |filled: Option<u64>| {
            rows.filter(|rows| *rows > 0).zip(filled).map(|(rows, filled)| filled as f64 / rows as f64)
        };
        let field = |field: ModelField| {
            let share = share(field.filled);
            ModelFieldBody { share, ..field.into() }
        };
        Self {
            kind,
            label: label.into(),
            is_fact,
            rows,
            bare,
            loose,
            is_dated,
            fields: fields.into_iter().map(field).collect(),
            joins: joins.into_iter().map(ModelJoinBody::from).collect(),
        }
    }
}

impl From<Model> for ModelBody {
    fn from(model: Model) -> Self {
        let line = |ModelLine { from, to, found, loose }| ModelLineBody { from, to, found, loose };
        let lines = model.lines().into_iter().map(line).collect();
        let Model { organisation, counted, seq, tables } = model;
        Self {
            counted,
            seq,
            zone: organisation.zone.name().to_owned(),
            fiscal_start_month: organisation.fiscal_start_month,
            tables: tables.into_iter().map(ModelTableBody::from).collect(),
            lines,
        }
    }
}

/// The dimensional model: tables with how full their fields are, and joins with where they lead. Counts are told to
/// whoever sees everything.
#[utoipa::path(get, path = "/api/v1/model", tag = "analyses", responses(
    (status = 200, description = "The model", body = ModelBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn model(Asker(loudou): Asker) -> Result<Json<ModelBody>, Problem> {
    Ok(Json(loudou.model().await?.into()))
}

/// The keys of a reference that nothing describes: deleted, merged, withdrawn, or named by an import and never told of.
#[utoipa::path(get, path = "/api/v1/model/keys", tag = "analyses", params(ReferenceQuery), responses(
    (status = 200, description = "The keys", body = LooseKeysBody),
    (status = 403, description = "It takes somebody who sees everything", body = Problem),
    (status = 404, description = "There is no such reference", body = Problem),
    (status = 422, description = "There is no such table", body = Problem),
))]
pub(crate) async fn keys(
    Asker(loudou): Asker,
    Query(query): Query<ReferenceQuery>,
) -> Result<Json<LooseKeysBody>, Problem> {
    let LooseKeys { field, to, keys } = loudou.loose_keys(&query.table, &query.field).await?;
    let body = |Loose { id, rows, why, name }| LooseKeyBody { id, name, why: why.into(), rows };
    Ok(Json(LooseKeysBody { field: field.into(), to, keys: keys.into_iter().map(body).collect() }))
}

/// The rows that refer to a key.
#[utoipa::path(get, path = "/api/v1/model/rows", tag = "analyses", params(RowsQuery), responses(
    (status = 200, description = "The rows", body = RowsBehindBody),
    (status = 403, description = "It takes somebody who sees everything", body = Problem),
    (status = 404, description = "There is no such reference", body = Problem),
    (status = 422, description = "There is no such table, or the key is none", body = Problem),
))]
pub(crate) async fn rows(
    Asker(loudou): Asker,
    Query(query): Query<RowsQuery>,
) -> Result<Json<RowsBehindBody>, Problem> {
    let behind = loudou.rows_behind(&query.table, &query.field, query.key.as_deref()).await?;
    let RowsBehind { kind, total, rows } = behind;
    let rows = rows.into_iter().map(|(id, name)| RowBehindBody { id, name }).collect();
    Ok(Json(RowsBehindBody { kind, total, rows }))
}
