//! The analyser's page in one request.

use app::Fault;
use app::answers::{Alarm, Analyser, AnalyserAsk, Band, DialRules, Headline};
use app::records::PivotAsk;
use axum::Json;
use domain::process::Process;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::meta::StageBody;
use super::pivot::PivotBody;
use crate::asker::Asker;
use crate::body::{AnswerBody, Both};
use crate::document::Asked;
use crate::problem::Problem;
use crate::query::{Common, Query, list};

/// Rows of the detail where the question names none, and no dimension either.
const PIVOT_ROWS: &str = "region";
/// What the detail shows: attainment is undefined, with its reason, where a dimension has no targets.
const PIVOT_MEASURES: [&str; 6] = ["deals", "amount_minor", "weighted_minor", "won_minor", "win_rate", "target_share"];

/// Parameters of the page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AnalyserQuery {
    /// The stage whose inflow is shown, by its key; the process's commit stage where absent.
    stage: Option<String>,
    /// Dimensions of the detail's rows, separated by commas; the gauges' dimension where absent.
    pivot_rows: Option<String>,
    /// Dimensions of the detail's columns; none where absent.
    pivot_columns: Option<String>,
}

/// The page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalyserBody {
    /// The journal up to here is in the numbers.
    seq: i64,
    /// Its day.
    #[schema(format = Date)]
    as_of: String,
    /// The two days at whose ends stocks are compared.
    week: WeekBody,
    /// The process in view; absent where there is no deal.
    process: Option<ProcessName>,
    currency: Option<String>,
    decimals: Option<u32>,
    /// What the numbers mean.
    #[schema(value_type = Object)]
    terms: Value,
    /// The open stages, in order.
    stages: Vec<StageBody>,
    /// The stage whose inflow is shown.
    stage: Option<String>,
    headline: HeadlineBody,
    /// Dials by member of the first dimension of `by`, as `/gauges`.
    gauges: AnswerBody,
    /// As `/funnel`.
    stock: AnswerBody,
    /// As `/trend` by week.
    trend: AnswerBody,
    /// Between which shares of the amount each stage lay in the same weeks of the year before; empty without amounts.
    year_before: Vec<BandBody>,
    /// The first stage's share of the amount, where it has been too high for three weeks.
    share_alarm: Option<AlarmBody>,
    /// As `/migration` by week.
    series: AnswerBody,
    /// As `/migration` from a week before.
    matrix: AnswerBody,
    /// As `/migration` into the stage, from a week before.
    inflow: AnswerBody,
    /// As `/bridge` from a week before.
    bridge: AnswerBody,
    /// How the dials are to be read.
    dials: DialsBody,
    /// As `/pivot`; absent where that has no answer.
    pivot: Option<PivotBody>,
    /// Why there is no detail: it alone fails then, and not the page.
    pivot_problem: Option<Problem>,
}

/// How the dials are to be read: the rules that their colours were given by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DialsBody {
    /// How many targets the dial of the intent stage asks for.
    intent_factor: f64,
    /// How many targets the dial of the commit stage asks for.
    commit_factor: f64,
    /// From this share on a dial is yellow.
    yellow_from: f64,
    /// From this share on it is green.
    green_from: f64,
}

impl From<DialRules> for DialsBody {
    fn from(rules: DialRules) -> Self {
        let DialRules { intent_factor, commit_factor, yellow_from, green_from } = rules;
        Self { intent_factor, commit_factor, yellow_from, green_from }
    }
}

/// Two days at whose ends stocks are compared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeekBody {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
}

/// A process by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProcessName {
    key: String,
    name: Both,
}

/// What the numbers come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeadlineBody {
    zh: String,
    en: String,
    /// `replenish`, `advance`, `both`, `none`, or `unknown` where too little is known to judge the supply.
    kind: &'static str,
    /// The rules it was read from, each with its inputs.
    rules: Vec<Both>,
    /// Members with a red dial, the worst first.
    behind: Vec<String>,
}

/// Between which shares a stage lay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BandBody {
    /// Key of the stage.
    stage: String,
    low: f64,
    high: f64,
}

impl From<Band> for BandBody {
    fn from(Band { stage, low, high }: Band) -> Self {
        Self { stage, low, high }
    }
}

/// A share that stays over its threshold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlarmBody {
    /// Key of the stage.
    stage: String,
    threshold: f64,
    /// The days at whose ends it was over, without a break up to the last.
    weeks: Vec<String>,
}

/// Gauges, stock, trend, migration, bridge and detail, as of one day.
#[utoipa::path(get, path = "/api/v1/analyser", tag = "analyses", params(Common, AnalyserQuery), responses(
    (status = 200, description = "The page", body = AnalyserBody),
    Asked,
))]
pub(crate) async fn analyser(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<AnalyserQuery>,
) -> Result<Json<AnalyserBody>, Problem> {
    let mut common = common.ask()?;
    let by = common.by.first().cloned();
    common.by.truncate(1);
    let stage = own.stage.filter(|stage| !stage.is_empty());
    // The detail tells of the same state as the blocks above it.
    let loudou = loudou.held().await?;
    let page = loudou.analyser(&AnalyserAsk { common: common.clone(), stage }).await?;
    common.process = page.process.as_ref().map(|process| process.key.clone()).or(common.process);
    let rows = match own.pivot_rows {
        Some(rows) => list(&rows),
        None => vec![by.unwrap_or_else(|| PIVOT_ROWS.to_owned())],
    };
    let columns = list(own.pivot_columns.as_deref().unwrap_or_default());
    let measures = PIVOT_MEASURES.map(str::to_owned).to_vec();
    let pivot = match loudou.pivot(&PivotAsk { common, rows, columns, measures }).await {
        // What cannot be answered as asked is told in the detail's place; what we fail in fails the page.
        Err(error) if error.fault == Fault::Input => Err(error.into()),
        pivot => Ok(pivot?.into()),
    };
    Ok(Json(AnalyserBody::of(page, pivot)))
}

impl AnalyserBody {
    fn of(page: Analyser, pivot: Result<PivotBody, Problem>) -> Self {
        let (pivot, pivot_problem) = pivot.map_or_else(|problem| (None, Some(problem)), |pivot| (Some(pivot), None));
        Self {
            seq: page.seq,
            as_of: page.as_of.to_string(),
            week: WeekBody { from: page.week.0.to_string(), to: page.week.1.to_string() },
            stages: page.process.as_ref().map(stages).unwrap_or_default(),
            process: page
                .process
                .map(|process| ProcessName { name: Both::new(process.name.zh, process.name.en), key: process.key }),
            currency: page.currency.map(|currency| currency.to_string()),
            decimals: page.currency.map(domain::Currency::decimals),
            terms: page.stock.terms.to_json(),
            stage: page.stage,
            year_before: page.year_before.into_iter().map(BandBody::from).collect(),
            share_alarm: page.headline.alarm.clone().map(AlarmBody::from),
            headline: page.headline.into(),
            gauges: page.gauges.into(),
            stock: page.stock.into(),
            trend: page.trend.into(),
            series: page.series.into(),
            matrix: page.matrix.into(),
            inflow: page.inflow.into(),
            bridge: page.bridge.into(),
            dials: DialRules::default().into(),
            pivot,
            pivot_problem,
        }
    }
}

fn stages(process: &Process) -> Vec<StageBody> {
    let open = process.stages.iter().filter(|stage| stage.kind == domain::process::StageKind::Open);
    let mut stages: Vec<_> = open.collect();
    stages.sort_by_key(|stage| stage.order);
    stages.into_iter().map(|stage| StageBody::of(stage, process.is_high(stage.id))).collect()
}

impl From<Alarm> for AlarmBody {
    fn from(alarm: Alarm) -> Self {
        let weeks = alarm.days.iter().map(ToString::to_string).collect();
        Self { stage: alarm.stage, threshold: alarm.threshold, weeks }
    }
}

impl From<Headline> for HeadlineBody {
    fn from(headline: Headline) -> Self {
        let kind = headline.kind();
        let rules = headline.rules.into_iter().map(|(zh, en)| Both { zh, en }).collect();
        Self { zh: headline.words.0, en: headline.words.1, kind, rules, behind: headline.behind }
    }
}

#[cfg(test)]
mod tests {
    use domain::people::Role;
    use serde_json::json;

    use crate::testing::House;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_choice_that_one_block_cannot_answer_fails_that_block_alone() {
        let house = House::new().await;
        let process = app::process::read("b2b-seven").expect("it is ready-made");
        house.loudou().await.add_process(&process).await.expect("it is added");
        let boss = house.browser("boss", &[Role::Manager]).await;
        let created = house.by(&boss, "POST", "/api/v1/customers").json(&json!({"name": "Acme"})).send().await;
        let deal = json!({"name": "Pump", "account": created.body["id"], "amount_minor": 1_000_000});
        assert_eq!(house.by(&boss, "POST", "/api/v1/opportunities").json(&deal).send().await.status.as_u16(), 201);
        for (asked, has_detail) in [
            ("by=account", true),
            ("by=created_month", true),
            ("pivot_rows=region&pivot_columns=region", false),
            ("pivot_rows=colour", false),
        ] {
            let page = house.get(&boss, &format!("/api/v1/analyser?{asked}")).await;
            assert_eq!(page.status.as_u16(), 200, "{asked}: {}", page.body);
            assert_eq!(page.body["stock"]["totals"]["deals"], 1, "{asked}: the other blocks are whole");
            assert_eq!(page.body["pivot"].is_object(), has_detail, "{asked}");
            let code = if has_detail { json!(null) } else { json!("bad-question") };
            assert_eq!(page.body["pivot_problem"]["code"], code, "{asked}");
        }
        let page = house.get(&boss, "/api/v1/analyser?by=account").await;
        assert_eq!(page.body["gauges"]["rows"][0]["target_minor_why"]["en"], "no target");
    }
}
