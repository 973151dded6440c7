//! Lists of deals, and new ones.

use app::Loudou;
use app::records::{CellAsk, Deal, DealsAsk, DealsList, Member, OwnValues, StageName, deals_answer};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{Currency, Day, Outcome};
use futures::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::after::shown;
use super::fields::OwnColumnBody;
use super::opportunity::DealPageBody;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::document::Asked;
use crate::files::{FileQuery, Files};
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Common, Query};

/// A record by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberBody {
    pub(crate) id: i64,
    pub(crate) name: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self { id: member.id, name: member.name }
    }
}

/// A stage by its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StageNameBody {
    pub(crate) key: String,
    pub(crate) name: Both,
}

impl From<StageName> for StageNameBody {
    fn from(stage: StageName) -> Self {
        Self { key: stage.key, name: Both::new(stage.zh, stage.en) }
    }
}

/// A deal as it stood at the end of the as-of day; name, next step and external id are those of now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DealBody {
    id: i64,
    /// Its id in the source it was imported from.
    external_id: Option<String>,
    name: Option<String>,
    account: Option<MemberBody>,
    /// Key of its process.
    process: Option<String>,
    /// Absent where unknown.
    stage: Option<StageNameBody>,
    /// `open`, `won`, `lost`, `cancelled`, `parked` or `deleted`.
    outcome: &'static str,
    /// In minor units of its own currency.
    amount_minor: Option<i64>,
    currency: Option<String>,
    /// Decimals of that currency.
    decimals: Option<u32>,
    owner: Option<MemberBody>,
    team: Option<MemberBody>,
    region: Option<MemberBody>,
    industry: Option<MemberBody>,
    product: Option<MemberBody>,
    channel: Option<MemberBody>,
    campaign: Option<MemberBody>,
    #[schema(format = Date)]
    created_on: String,
    #[schema(format = Date)]
    closed_on: Option<String>,
    #[schema(format = Date)]
    expected_close_on: Option<String>,
    /// Days in its stage, while it is open.
    days_in_stage: Option<i32>,
    /// The seller's own probability in millionths.
    probability_ppm: Option<i32>,
    next_step: Option<String>,
    #[schema(format = Date)]
    next_step_on: Option<String>,
    /// What it has of the organisation's own fields, by their names.
    #[schema(value_type = Object)]
    own: OwnValues,
    /// What it adds to the count of the cell asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    cell_deals: Option<i64>,
    /// What it adds to the amount of that cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    cell_minor: Option<Value>,
}

/// Minor units as JSON; what does not fit 64 bits is written as a text of digits.
pub(crate) fn minor(minor: i128) -> Value {
    app::answer::Cell::Minor(minor).to_json()
}

pub(crate) fn date(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

impl DealBody {
    pub(crate) fn of(deal: Deal, cell: bool) -> Self {
        let member = |member: Option<Member>| member.map(MemberBody::from);
        Self {
            id: deal.id,
            external_id: deal.external_id,
            name: deal.name,
            account: member(deal.account),
            process: deal.process,
            stage: deal.stage.map(StageNameBody::from),
            outcome: deal.outcome.map_or("deleted", Outcome::as_str),
            amount_minor: deal.amount_minor,
            currency: deal.currency.map(|currency| currency.to_string()),
            decimals: deal.currency.map(Currency::decimals),
            owner: member(deal.owner),
            team: member(deal.team),
            region: member(deal.region),
            industry: member(deal.industry),
            product: member(deal.product),
            channel: member(deal.channel),
            campaign: member(deal.campaign),
            created_on: deal.created_on.to_string(),
            closed_on: date(deal.closed_on),
            expected_close_on: date(deal.expected_close_on),
            days_in_stage: deal.days_in_stage,
            probability_ppm: deal.probability_ppm,
            next_step: deal.next_step,
            next_step_on: date(deal.next_step_on),
            own: deal.own,
            cell_deals: cell.then_some(deal.cell_deals),
            cell_minor: cell.then(|| minor(deal.cell_minor)),
        }
    }
}

/// Deals by outcome.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ByOutcome {
    open: u64,
    won: u64,
    lost: u64,
    cancelled: u64,
    parked: u64,
}

/// What a list leaves out for being open, or for not being so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftOut {
    /// Closed ones and those in nurture.
    others: u64,
    open: u64,
}

/// What all deals of a list add up to, those of other pages too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SumsBody {
    deals: u64,
    /// Null where amounts do not add up.
    #[schema(value_type = Option<i64>)]
    amount_minor: Option<Value>,
    /// Why not.
    amount_why: Option<Both>,
    /// Deals whose amount is not known: they add nothing. Null where amounts do not add up.
    deals_without_amount: Option<u64>,
    /// Amount × probability of the stage, of open deals; null where it is not known of all.
    #[schema(value_type = Option<i64>)]
    weighted_minor: Option<Value>,
    /// Why not.
    weighted_why: Option<Both>,
    by_outcome: ByOutcome,
    /// The count of the cell asked about.
    cell_deals: Option<i64>,
    /// Its amount; null where it has none.
    #[schema(value_type = Option<i64>)]
    cell_minor: Option<Value>,
    left_out: LeftOut,
}

/// A page of a list of deals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DealsBody {
    rows: Vec<DealBody>,
    /// The organisation's own fields.
    own: Vec<OwnColumnBody>,
    sums: SumsBody,
    /// The currency of the sums and of the cell.
    currency: Option<String>,
    /// Its decimals.
    decimals: Option<u32>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
    /// The journal up to here was read.
    seq: i64,
    /// What was asked.
    #[schema(value_type = Object)]
    terms: Value,
}

impl From<DealsList> for DealsBody {
    fn from(list: DealsList) -> Self {
        let sums = list.sums;
        let cell = sums.cell_deals.is_some();
        let of = |wanted| sums.by_outcome.iter().find(|(outcome, _)| *outcome == wanted).map_or(0, |(_, deals)| *deals);
        Self {
            rows: list.rows.into_iter().map(|deal| DealBody::of(deal, cell)).collect(),
            own: list.own.into_iter().map(OwnColumnBody::from).collect(),
            sums: SumsBody {
                deals: sums.deals,
                amount_minor: sums.amount_minor.map(minor),
                amount_why: sums.amount_why.map(Both::told),
                deals_without_amount: sums.deals_without_amount,
                weighted_minor: sums.weighted_minor.map(minor),
                weighted_why: sums.weighted_why.map(Both::told),
                by_outcome: ByOutcome {
                    open: of(Outcome::Open),
                    won: of(Outcome::Won),
                    lost: of(Outcome::Lost),
                    cancelled: of(Outcome::Cancelled),
                    parked: of(Outcome::Parked),
                },
                cell_deals: sums.cell_deals,
                cell_minor: sums.cell_minor.map(minor),
                left_out: LeftOut { others: sums.others_left_out, open: sums.open_left_out },
            },
            currency: list.currency.map(|currency| currency.to_string()),
            decimals: list.currency.map(Currency::decimals),
            next_cursor: list.next_cursor,
            seq: list.seq,
            terms: list.terms.to_json(),
        }
    }
}

/// Parameters of a list of deals.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DealsQuery {
    /// Only the deals behind this cell of an answer, with what each adds: `stock;stage=lead`,
    /// `migration;from_stage=lead;to_stage=won;amount=to`, `bridge;line=won`, `winrate;outcome=won`,
    /// `conversion;stage=lead;reached=yes`, `dwell;stage=lead;open=yes`, `gauge;dial=4;part=won`. Of a grouped answer
    /// `;by.DIMENSION=value` names the group. Values may be percent-encoded.
    cell: Option<String>,
    /// Only deals in whose name, customer or external id this occurs, whatever its case and width.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// Only open deals, or only those that are not (closed or in nurture); both where absent.
    open: Option<bool>,
    /// The column to order by, with a minus before it for the largest first; by id where absent.
    #[serde(default)]
    sort: String,
    /// Deals of a page; 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Rows of a page, as requests may ask for them.
pub(crate) fn page_limit(limit: Option<usize>) -> Result<usize, Problem> {
    match limit.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit),
        limit => {
            let message = (format!("{limit} 不在 1 到 1000 之间"), format!("{limit} is not from 1 to 1000"));
            Err(Problem::bad_input_at("limit", message))
        }
    }
}

/// A text that is searched for.
pub(crate) fn short(name: &str, text: String) -> Result<String, Problem> {
    if text.chars().count() <= 200 {
        return Ok(text);
    }
    Err(Problem::bad_input_at(name, ("超过 200 个字符", "it has more than 200 characters")))
}

/// Rows that a file is read by at a time.
const FILE_PAGE: usize = 20_000;

/// Deals in scope, in order, with what all of them add up to.
#[utoipa::path(get, path = "/api/v1/opportunities", tag = "deals", params(Common, DealsQuery, FileQuery), responses(
    (status = 200, description = "A page of the list, or the whole list as a file", body = DealsBody),
    Asked,
))]
pub(crate) async fn list(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<DealsQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let limit = page_limit(own.limit)?;
    let ask = DealsAsk {
        common: common.ask()?,
        cell: own.cell.as_deref().filter(|cell| !cell.is_empty()).map(CellAsk::parse).transpose()?,
        q: short("q", own.q)?,
        open: own.open,
        sort: own.sort,
        limit,
        cursor: own.cursor.filter(|cursor| !cursor.is_empty()),
    };
    match file.format() {
        None => Ok(Json(DealsBody::from(loudou.deals(&ask).await?)).into_response()),
        Some(format) => {
            let first = DealsAsk { limit: FILE_PAGE, cursor: None, ..ask };
            let pages = stream::try_unfold(Some(first), move |ask| next_page(loudou.clone(), ask));
            file.pages("deals", format, pages).await
        }
    }
}

async fn next_page(
    loudou: Loudou,
    ask: Option<DealsAsk>,
) -> Result<Option<(app::answer::Answer, Option<DealsAsk>)>, Problem> {
    let Some(ask) = ask else { return Ok(None) };
    let list = loudou.deals(&ask).await?;
    let next = list.next_cursor.clone().map(|cursor| DealsAsk { cursor: Some(cursor), ..ask });
    Ok(Some((deals_answer(&list), next)))
}

/// Makes a deal. Where nothing else is said it is the asker's, in the asker's team, in the first stage.
#[utoipa::path(post, path = "/api/v1/opportunities", tag = "deals",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")),
    request_body(content = Object, description = "`name`, `process` and `stage` by key, and any other field by its name"),
    responses(
        (status = 201, description = "It is made; null where it is out of sight", body = Option<DealPageBody>),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 409, description = "The key was used for another request", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn create(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    key: Key,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let request = Value::Object(values.clone()).to_string();
    let again = loudou.clone();
    let write = async move { Ok(loudou.create_deal(&values).await?) };
    // Handed to somebody outside of one's own sight it is made all the same, and not shown.
    let tell = async move |id| shown(again.changed_deal(id).await).map(DealPageBody::from);
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, write, tell).await
}
