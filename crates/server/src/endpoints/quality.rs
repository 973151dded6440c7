//! Data quality: scores, rules, what to mend.

use std::collections::BTreeMap;

use app::quality::{Fix, FixAsk, FixList, FixRule, QualityAsk, QualityBy, QualityTrendAsk, RuleSetting, fixes_answer};
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::quality::{Change, Class, Of, Settings};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::inferred;
use super::opportunities::MemberBody;
use crate::State;
use crate::asker::Asker;
use crate::body::{AnswerBody, Both};
use crate::document::Asked;
use crate::files::{FileQuery, Files};
use crate::problem::Problem;
use crate::query::{Body, Common, Every, Path, Query, bounded, day};

pub(super) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(scores))
        .routes(routes!(trend))
        .routes(routes!(fixes))
        .routes(routes!(record))
        .routes(routes!(rules, set_rules))
        .routes(routes!(inferred::inferred, inferred::apply))
        .routes(routes!(inferred::look))
        .routes(routes!(inferred::decide))
}

/// What scores are told by.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ByWord {
    All,
    Rule,
    Class,
    Person,
    Team,
    Source,
    Process,
}

impl From<ByWord> for QualityBy {
    fn from(word: ByWord) -> Self {
        match word {
            ByWord::All => Self::All,
            ByWord::Rule => Self::Rule,
            ByWord::Class => Self::Class,
            ByWord::Person => Self::Person,
            ByWord::Team => Self::Team,
            ByWord::Source => Self::Source,
            ByWord::Process => Self::Process,
        }
    }
}

/// A kind of record that rules are about.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfWord {
    Deal,
    Customer,
}

impl From<OfWord> for Of {
    fn from(word: OfWord) -> Self {
        match word {
            OfWord::Deal => Self::Deal,
            OfWord::Customer => Self::Customer,
        }
    }
}

impl From<Of> for OfWord {
    fn from(of: Of) -> Self {
        match of {
            Of::Deal => Self::Deal,
            Of::Customer => Self::Customer,
        }
    }
}

/// A class of rules.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClassWord {
    Completeness,
    Validity,
    Freshness,
    Uniqueness,
    Consistency,
    Evidence,
}

impl From<ClassWord> for Class {
    fn from(word: ClassWord) -> Self {
        match word {
            ClassWord::Completeness => Self::Completeness,
            ClassWord::Validity => Self::Validity,
            ClassWord::Freshness => Self::Freshness,
            ClassWord::Uniqueness => Self::Uniqueness,
            ClassWord::Consistency => Self::Consistency,
            ClassWord::Evidence => Self::Evidence,
        }
    }
}

impl From<Class> for ClassWord {
    fn from(class: Class) -> Self {
        match class {
            Class::Completeness => Self::Completeness,
            Class::Validity => Self::Validity,
            Class::Freshness => Self::Freshness,
            Class::Uniqueness => Self::Uniqueness,
            Class::Consistency => Self::Consistency,
            Class::Evidence => Self::Evidence,
        }
    }
}

/// Parameters of scores.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScoresQuery {
    /// Only deals, or only customers.
    #[param(inline)]
    of: Option<OfWord>,
    /// What the scores are told by; one row for all where absent.
    #[param(inline)]
    per: Option<ByWord>,
}

/// Scores of data quality at the end of a day.
#[utoipa::path(get, path = "/api/v1/quality", tag = "quality", params(Common, ScoresQuery, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = AnswerBody),
    Asked,
))]
pub(crate) async fn scores(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<ScoresQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let by = own.per.map_or(QualityBy::All, QualityBy::from);
    let ask = QualityAsk { common: common.ask()?, of: own.of.map(Of::from), by };
    file.answer("quality", loudou.quality(&ask).await?).await
}

/// Parameters of scores over time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QualityTrendQuery {
    /// One point a week, month, quarter or year; a month where absent.
    every: Option<Every>,
    /// How many points up to the last day; 12 where absent.
    #[param(minimum = 1, maximum = 120)]
    points: Option<u32>,
}

/// Scores at the ends of past weeks, months, quarters or years, by what was true then.
#[utoipa::path(get, path = "/api/v1/quality/trend", tag = "quality", params(Common, QualityTrendQuery, FileQuery),
    responses(
        (status = 200, description = "The answer, or a file of it", body = AnswerBody),
        Asked,
    )
)]
pub(crate) async fn trend(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<QualityTrendQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let points = bounded("points", own.points.unwrap_or(12), 120)?;
    let every = own.every.unwrap_or(Every::Month).into();
    file.answer("quality-trend", loudou.quality_trend(&QualityTrendAsk { common: common.ask()?, every, points }).await?)
        .await
}

/// A rule that a record fails.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FixRuleBody {
    key: String,
    class: ClassWord,
    /// What fails.
    name: Both,
    /// What to do.
    advice: Both,
    /// The field that mends it; null where it takes more than a field.
    field: Option<String>,
}

impl From<FixRule> for FixRuleBody {
    fn from(rule: FixRule) -> Self {
        Self {
            key: rule.key,
            class: rule.class.into(),
            name: Both::new(rule.name.zh, rule.name.en),
            advice: Both::new(rule.advice.zh, rule.advice.en),
            field: rule.field,
        }
    }
}

/// A record that fails rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FixBody {
    of: OfWord,
    id: i64,
    name: Option<String>,
    /// The customer of a deal.
    account: Option<MemberBody>,
    owner: Option<MemberBody>,
    /// Key of a deal's stage.
    stage: Option<String>,
    /// Its name.
    stage_name: Option<Both>,
    /// How a deal stands.
    outcome: Option<&'static str>,
    /// In the deal's own currency.
    amount_minor: Option<i64>,
    currency: Option<String>,
    decimals: Option<u32>,
    score: f64,
    /// What it fails, the weightiest first.
    rules: Vec<FixRuleBody>,
}

impl From<Fix> for FixBody {
    fn from(fix: Fix) -> Self {
        let (stage, stage_name) = fix.stage.map(|stage| (stage.key, Both::new(stage.zh, stage.en))).unzip();
        Self {
            of: fix.of.into(),
            id: fix.id,
            name: fix.name,
            account: fix.account.map(MemberBody::from),
            owner: fix.owner.map(MemberBody::from),
            stage,
            stage_name,
            outcome: fix.outcome.map(domain::Outcome::as_str),
            amount_minor: fix.amount_minor,
            currency: fix.currency.map(|currency| currency.to_string()),
            decimals: fix.currency.map(domain::Currency::decimals),
            score: fix.score,
            rules: fix.rules.into_iter().map(FixRuleBody::from).collect(),
        }
    }
}

/// A page of what to mend.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FixesBody {
    rows: Vec<FixBody>,
    /// How many records there are on all pages.
    records: u64,
    next_cursor: Option<String>,
}

impl From<FixList> for FixesBody {
    fn from(list: FixList) -> Self {
        let FixList { rows, records, next_cursor, .. } = list;
        Self { rows: rows.into_iter().map(FixBody::from).collect(), records, next_cursor }
    }
}

/// Parameters of the list of what to mend.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FixesQuery {
    /// Only deals, or only customers.
    #[param(inline)]
    of: Option<OfWord>,
    /// Only open deals, or only others.
    open: Option<bool>,
    /// Only records that fail this rule.
    rule: Option<String>,
    /// Only records that fail a rule of this class.
    #[param(inline)]
    class: Option<ClassWord>,
    /// Only deals in the stage of this key; empty: in none that is known.
    stage: Option<String>,
    /// Only records of this person; 0: of nobody.
    person: Option<i64>,
    /// Only records of this team; 0: of none.
    team: Option<i64>,
    /// Only records from this source; empty: entered here.
    source: Option<String>,
    /// Records of a page; 50 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Records that fail rules, the worst first, of those alike the most valuable.
#[utoipa::path(get, path = "/api/v1/quality/fixes", tag = "quality", params(Common, FixesQuery, FileQuery), responses(
    (status = 200, description = "A page of the list, or its first 1,000 records as a file", body = FixesBody),
    Asked,
))]
pub(crate) async fn fixes(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<FixesQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let limit = bounded("limit", own.limit.unwrap_or(50), 1000)? as usize;
    let ask = FixAsk {
        common: common.ask()?,
        of: own.of.map(Of::from),
        open: own.open,
        rule: given(own.rule),
        class: own.class.map(Class::from),
        stage: own.stage,
        person: own.person,
        team: own.team,
        source: own.source,
        limit,
        cursor: given(own.cursor),
    };
    match file.format() {
        None => Ok(Json(FixesBody::from(loudou.quality_fixes(&ask).await?)).into_response()),
        Some(format) => {
            let list = loudou.quality_fixes(&FixAsk { limit: 1000, cursor: None, ..ask }).await?;
            file.whole("quality-fixes", format, fixes_answer(&list)).await
        }
    }
}

/// What is wrong with one record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordQualityBody {
    /// Null where no rule applies.
    score: Option<f64>,
    /// What it fails, the weightiest first.
    rules: Vec<FixRuleBody>,
}

/// Parameters of one record's quality.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// A deal where absent.
    #[param(inline)]
    of: Option<OfWord>,
    /// The day at whose end the record is judged; today where absent.
    #[param(format = Date)]
    as_of: Option<String>,
    /// Only what was known by the end of this day.
    #[param(format = Date)]
    known_at: Option<String>,
}

/// The score of one record and the rules that it fails.
#[utoipa::path(get, path = "/api/v1/quality/records/{id}", tag = "quality", params(("id" = i64, Path,), RecordQuery),
    responses(
        (status = 200, description = "Its score", body = RecordQualityBody),
        (status = 404, description = "There is no such record in sight", body = Problem),
        Asked,
    )
)]
pub(crate) async fn record(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<RecordQuery>,
) -> Result<Json<RecordQualityBody>, Problem> {
    let (as_of, known_at) = (day("as_of", own.as_of.as_deref())?, day("known_at", own.known_at.as_deref())?);
    let (score, rules) = loudou.quality_of(own.of.map_or(Of::Deal, Of::from), id, as_of, known_at).await?;
    Ok(Json(RecordQualityBody { score, rules: rules.into_iter().map(FixRuleBody::from).collect() }))
}

/// A rule as the organisation has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityRuleBody {
    key: String,
    of: OfWord,
    class: ClassWord,
    name: Both,
    advice: Both,
    field: Option<String>,
    /// Whether it is asked.
    on: bool,
    weight: u32,
    /// Null where the rule has none.
    threshold: Option<i64>,
    /// What the threshold counts in: `days` (0: the standard stay of the stage), `percent`, or `ppm`, millionths.
    unit: Option<&'static str>,
    built_in_weight: u32,
    built_in_threshold: Option<i64>,
}

impl From<RuleSetting> for QualityRuleBody {
    fn from(setting: RuleSetting) -> Self {
        let RuleSetting { rule, built_in_weight, built_in_threshold } = setting;
        Self {
            key: rule.key,
            of: rule.of.into(),
            class: rule.class.into(),
            name: Both::new(rule.name.zh, rule.name.en),
            advice: Both::new(rule.advice.zh, rule.advice.en),
            field: rule.field,
            on: !rule.off,
            weight: rule.weight,
            threshold: rule.threshold.map(|threshold| threshold.value),
            unit: rule.threshold.map(|threshold| threshold.unit.as_str()),
            built_in_weight,
            built_in_threshold,
        }
    }
}

/// The rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityRulesBody {
    rows: Vec<QualityRuleBody>,
}

/// The rules of quality, as the organisation has them.
#[utoipa::path(get, path = "/api/v1/quality/rules", tag = "quality", responses(
    (status = 200, description = "Every rule", body = QualityRulesBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn rules(Asker(loudou): Asker) -> Result<Json<QualityRulesBody>, Problem> {
    let rows = loudou.quality_rules().await?.into_iter().map(QualityRuleBody::from).collect();
    Ok(Json(QualityRulesBody { rows }))
}

/// What the organisation makes of a rule; what is absent is as built in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleChangeBody {
    /// It is not asked.
    #[serde(default)]
    off: bool,
    #[schema(minimum = 0, maximum = 100)]
    weight: Option<u32>,
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    threshold: Option<i64>,
}

/// All that is otherwise than built in, by key of the rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleChangesBody {
    rules: BTreeMap<String, RuleChangeBody>,
}

/// Sets what the organisation makes of the rules. Those that are not named are as built in.
#[utoipa::path(put, path = "/api/v1/quality/rules", tag = "quality", request_body = RuleChangesBody, responses(
    (status = 200, description = "Every rule, as it is now", body = QualityRulesBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 422, description = "A change fits no rule: nothing was changed", body = Problem),
))]
pub(crate) async fn set_rules(
    Asker(loudou): Asker,
    Body(body): Body<RuleChangesBody>,
) -> Result<Json<QualityRulesBody>, Problem> {
    let change = |(key, change): (String, RuleChangeBody)| {
        (key, Change { off: change.off, weight: change.weight, threshold: change.threshold })
    };
    loudou.set_quality_rules(&Settings(body.rules.into_iter().map(change).collect())).await?;
    let rows = loudou.quality_rules().await?.into_iter().map(QualityRuleBody::from).collect();
    Ok(Json(QualityRulesBody { rows }))
}
