//! The analyses, one endpoint each: the same questions and the same numbers as on the command line.

use app::answers::{BridgeAsk, ConversionAsk, GaugesAsk, MigrationAsk, TrendAsk, WinrateAsk};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::asker::Asker;
use crate::body::AnswerBody;
use crate::document::Asked;
use crate::files::{FileQuery, Files};
use crate::problem::{Code, Problem};
use crate::query::{Common, Every, Query, bounded, day, up_to};

type Answered = Result<Response, Problem>;

/// Stock by stage, with amount, weight and share.
#[utoipa::path(get, path = "/api/v1/funnel", tag = "analyses", params(Common, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn funnel(Asker(loudou): Asker, Query(common): Query<Common>, file: Files) -> Answered {
    file.answer("funnel", loudou.funnel(&common.ask()?).await?).await
}

/// Parameters of a trend.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendQuery {
    /// One point a week, month, quarter or year; a week where absent.
    every: Option<Every>,
    /// How many points up to the last day, where no first day is given; 26 where absent.
    #[param(minimum = 1, maximum = 1040)]
    points: Option<u32>,
}

/// Stock by stage at the end of each week, month, quarter or year.
#[utoipa::path(get, path = "/api/v1/trend", tag = "analyses", params(Common, TrendQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn trend(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<TrendQuery>,
    file: Files,
) -> Answered {
    let points = bounded("points", own.points.unwrap_or(26), 1040)?;
    let ask = TrendAsk { common: common.ask()?, every: own.every.unwrap_or(Every::Week).into(), points };
    file.answer("trend", loudou.trend(&ask).await?).await
}

/// Parameters of a migration.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MigrationQuery {
    /// A series of this many weeks instead of one pair of days.
    #[param(minimum = 1, maximum = 520)]
    weeks: Option<u32>,
    /// Only what flowed into this stage, by its key.
    into: Option<String>,
}

/// From which stage to which, between two days or week by week.
#[utoipa::path(get, path = "/api/v1/migration", tag = "analyses", params(Common, MigrationQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn migration(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<MigrationQuery>,
    file: Files,
) -> Answered {
    let weeks = own.weeks.map(|weeks| bounded("weeks", weeks, 520)).transpose()?;
    let ask = MigrationAsk { common: common.ask()?, weeks, into: own.into };
    file.answer("migration", loudou.migration(&ask).await?).await
}

/// Parameters of a bridge.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BridgeQuery {
    /// Only deals expected to close on or after this day; with `due_to`.
    #[param(value_type = Option<String>, format = Date)]
    due_from: Option<String>,
    /// Only deals expected to close on or before this day; with `due_from`.
    #[param(value_type = Option<String>, format = Date)]
    due_to: Option<String>,
    /// Count every event on the way instead of comparing the two ends.
    #[serde(default)]
    path: bool,
}

/// From the opening to the closing pipeline, line by line.
#[utoipa::path(get, path = "/api/v1/bridge", tag = "analyses", params(Common, BridgeQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn bridge(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<BridgeQuery>,
    file: Files,
) -> Answered {
    let due = match (day("due_from", own.due_from.as_deref())?, day("due_to", own.due_to.as_deref())?) {
        (Some(from), Some(to)) => Some((from, to)),
        (None, None) => None,
        _ => {
            return Err(Problem::new(
                Code::BadInput,
                (
                    "`due_from` 与 `due_to` 须同时给出或都不给",
                    "`due_from` and `due_to` are given together or not at all",
                ),
            ));
        }
    };
    let ask = BridgeAsk { common: common.ask()?, due, path: own.path };
    file.answer("bridge", loudou.bridge(&ask).await?).await
}

/// Parameters of a conversion.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConversionQuery {
    /// Days after reaching a stage at which the third reading is taken; 180 where absent.
    #[param(minimum = 1, maximum = 3650)]
    horizon: Option<u32>,
}

/// Of the deals that entered a stage, how many reached the next.
#[utoipa::path(get, path = "/api/v1/conversion", tag = "analyses", params(Common, ConversionQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn conversion(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<ConversionQuery>,
    file: Files,
) -> Answered {
    let horizon_days = bounded("horizon", own.horizon.unwrap_or(180), 3650)?;
    file.answer("conversion", loudou.conversion(&ConversionAsk { common: common.ask()?, horizon_days }).await?).await
}

/// Days spent in each stage, open visits counted as open.
#[utoipa::path(get, path = "/api/v1/dwell", tag = "analyses", params(Common, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn dwell(Asker(loudou): Asker, Query(common): Query<Common>, file: Files) -> Answered {
    file.answer("dwell", loudou.dwell(&common.ask()?).await?).await
}

/// Parameters of win rates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WinrateQuery {
    /// One row a week, month, quarter or year instead of one for the whole period.
    every: Option<Every>,
    /// By the day the deal was created instead of decided.
    #[serde(default)]
    by_created: bool,
}

/// Won of won and lost, by count and amount.
#[utoipa::path(get, path = "/api/v1/winrate", tag = "analyses", params(Common, WinrateQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn winrate(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<WinrateQuery>,
    file: Files,
) -> Answered {
    let ask = WinrateAsk { common: common.ask()?, every: own.every.map(Into::into), by_created: own.by_created };
    file.answer("winrate", loudou.winrate(&ask).await?).await
}

/// Parameters of gauges.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GaugesQuery {
    /// Only this many members, the worst first.
    #[param(maximum = 1_000_000)]
    worst: Option<u32>,
}

/// Dials of the intent and commit stages against the target.
#[utoipa::path(get, path = "/api/v1/gauges", tag = "analyses", params(Common, GaugesQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn gauges(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<GaugesQuery>,
    file: Files,
) -> Answered {
    let worst = own.worst.map(|worst| up_to("worst", worst, 1_000_000)).transpose()?;
    file.answer("gauges", loudou.gauges(&GaugesAsk { common: common.ask()?, worst }).await?).await
}
