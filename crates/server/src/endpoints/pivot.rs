//! Pivots: rows by columns, with totals.

use app::records::{Pivot, PivotAsk, PivotGroup};
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::asker::Asker;
use crate::body::{ColumnBody, TermBody, cell_into, columns, term_list};
use crate::document::Asked;
use crate::files::{FileQuery, Files};
use crate::problem::Problem;
use crate::query::{Common, Query, list};

/// Parameters of a pivot.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PivotQuery {
    /// Dimensions of the rows, separated by commas.
    #[serde(default)]
    rows: String,
    /// Dimensions of the columns.
    #[serde(default)]
    columns: String,
    /// What each cell shows: deals, amount_minor, weighted_minor, won_deals, won_minor, win_rate, target_minor,
    /// target_share; the first three where absent.
    #[serde(default)]
    measures: String,
}

/// A pivot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotBody {
    #[schema(value_type = Object)]
    terms: Value,
    term_list: Vec<TermBody>,
    currency: Option<String>,
    decimals: Option<u32>,
    /// What each cell shows.
    measures: Vec<ColumnBody>,
    /// The words of each column.
    columns: Vec<PivotColumn>,
    /// The rows, by their words.
    rows: Vec<PivotRow>,
    /// Over all rows: a cell a column, and over everything.
    totals: PivotRow,
}

/// A column by the words of its dimensions; null where nothing is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotColumn {
    keys: Vec<Option<String>>,
}

/// A row: a cell a column, each with a value a measure; a share of a target brings `target_share_colour` (`red`,
/// `yellow` or `green`) and `target_share_far`, whether it is so far off that it is marked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PivotRow {
    /// The words of its dimensions; null where nothing is recorded.
    keys: Vec<Option<String>>,
    #[schema(value_type = Vec<Object>)]
    cells: Vec<Map<String, Value>>,
    /// Over all columns.
    #[schema(value_type = Object)]
    totals: Map<String, Value>,
}

impl From<Pivot> for PivotBody {
    fn from(pivot: Pivot) -> Self {
        let measures = columns(&pivot.measures);
        let row = |group: PivotGroup| {
            let all = group.cells.iter().chain([&group.totals]).zip(&group.attained);
            let mut cells: Vec<_> = all.map(|(cells, attained)| values(&measures, cells, attained.as_ref())).collect();
            let totals = cells.pop().unwrap_or_default();
            PivotRow { keys: group.keys, cells, totals }
        };
        Self {
            terms: pivot.terms.to_json(),
            term_list: term_list(&pivot.terms),
            currency: pivot.currency.map(|currency| currency.to_string()),
            decimals: pivot.currency.map(domain::Currency::decimals),
            columns: pivot.columns.into_iter().map(|keys| PivotColumn { keys }).collect(),
            rows: pivot.rows.into_iter().map(row).collect(),
            totals: row(pivot.totals),
            measures: columns(&pivot.measures),
        }
    }
}

fn values(
    measures: &[ColumnBody],
    cells: &[app::answer::Cell],
    attained: Option<&app::records::Attained>,
) -> Map<String, Value> {
    let mut object = Map::new();
    for (measure, cell) in measures.iter().zip(cells) {
        cell_into(&mut object, &measure.key, cell);
        if let Some(attained) = attained.filter(|_| measure.key == "target_share") {
            object.insert("target_share_colour".to_owned(), attained.colour.into());
            object.insert("target_share_far".to_owned(), attained.is_far.into());
        }
    }
    object
}

/// Deals by rows and columns, with totals.
#[utoipa::path(get, path = "/api/v1/pivot", tag = "analyses", params(Common, PivotQuery, FileQuery), responses(
    (status = 200, description = "The pivot, or a file of it", body = PivotBody),
    Asked,
))]
pub(crate) async fn pivot(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<PivotQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let ask = PivotAsk {
        common: common.ask()?,
        rows: list(&own.rows),
        columns: list(&own.columns),
        measures: list(&own.measures),
    };
    let pivot = loudou.pivot(&ask).await?;
    match file.format() {
        None => Ok(Json(PivotBody::from(pivot)).into_response()),
        Some(format) => file.whole("pivot", format, pivot.to_answer()).await,
    }
}
