//! Pivot: rows × columns over any dimensions.

use app::answer::Cell;
use app::records::{Pivot, PivotAsk, PivotGroup};
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::asker::Asker;
use crate::body::{ColumnBody, TermBody, term_list};
use crate::files::FileQuery;
use crate::problem::Problem;
use crate::query::{Common, Query, list};

/// A row of a pivot, or its foot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotRowBody {
    /// The words of its dimensions; null where nothing is recorded.
    keys: Vec<Option<String>>,
    /// A cell a column: a value by measure; what is not defined is null and brings `KEY_why`.
    #[schema(value_type = Vec<Object>)]
    cells: Vec<Value>,
    /// Over all columns.
    #[schema(value_type = Object)]
    totals: Value,
}

/// The words of a column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotColumnBody {
    keys: Vec<Option<String>>,
}

/// A pivot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotBody {
    /// What was asked, for programs.
    #[schema(value_type = Object)]
    terms: Value,
    /// The same for people.
    term_list: Vec<TermBody>,
    currency: Option<String>,
    decimals: Option<u32>,
    measures: Vec<ColumnBody>,
    columns: Vec<PivotColumnBody>,
    rows: Vec<PivotRowBody>,
    /// The foot: over all rows.
    totals: PivotRowBody,
    /// The journal up to here was read.
    seq: i64,
}

impl From<Pivot> for PivotBody {
    fn from(pivot: Pivot) -> Self {
        let measures: Vec<ColumnBody> = pivot
            .measures
            .iter()
            .map(|column| ColumnBody {
                key: column.key.clone(),
                label: column.label.into(),
                unit: column.unit.into(),
                bar: column.bar,
            })
            .collect();
        let row = |row: PivotGroup| PivotRowBody {
            keys: row.keys,
            cells: row.cells.iter().map(|cells| values(&measures, cells)).collect(),
            totals: values(&measures, &row.totals),
        };
        let rows = pivot.rows.into_iter().map(row).collect();
        let totals = row(pivot.totals);
        Self {
            terms: pivot.terms.to_json(),
            term_list: term_list(&pivot.terms),
            currency: pivot.currency.map(|currency| currency.to_string()),
            decimals: pivot.currency.map(Currency::decimals),
            columns: pivot.columns.into_iter().map(|keys| PivotColumnBody { keys }).collect(),
            measures,
            rows,
            totals,
            seq: pivot.seq,
        }
    }
}

fn values(measures: &[ColumnBody], cells: &[Cell]) -> Value {
    let mut object = Map::new();
    for (measure, cell) in measures.iter().zip(cells) {
        object.insert(measure.key.clone(), cell.to_json());
        if let Cell::Undefined(why) = cell {
            object.insert(format!("{}_why", measure.key), json!({"zh": why.zh, "en": why.en}));
        }
    }
    Value::Object(object)
}

/// Parameters of a pivot.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PivotQuery {
    /// Dimensions of the rows, separated by commas.
    #[serde(default)]
    rows: String,
    /// Dimensions of the columns, separated by commas.
    #[serde(default)]
    columns: String,
    /// What each cell shows, separated by commas: `deals`, `amount_minor`, `weighted_minor`, `won_deals`, `won_minor`,
    /// `win_rate`, `target_minor`, `target_share`; the first three where absent.
    #[serde(default)]
    measures: String,
}

/// Rows × columns with totals; `by` does not count.
#[utoipa::path(get, path = "/api/v1/pivot", tag = "analyses", params(Common, PivotQuery, FileQuery), responses(
    (status = 200, description = "The pivot, or a file of it", body = PivotBody),
    (status = 400, description = "The request is malformed", body = Problem),
    (status = 401, description = "Nobody is signed in", body = Problem),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 422, description = "The question cannot be answered as asked", body = Problem),
))]
pub(crate) async fn pivot(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<PivotQuery>,
    Query(file): Query<FileQuery>,
) -> Result<Response, Problem> {
    let ask = PivotAsk {
        common: common.ask()?,
        rows: list(&own.rows),
        columns: list(&own.columns),
        measures: list(&own.measures),
    };
    let pivot = loudou.pivot(&ask).await?;
    match file.format {
        None => Ok(Json(PivotBody::from(pivot)).into_response()),
        Some(format) => file.whole("pivot", format, pivot.to_answer()).await,
    }
}
