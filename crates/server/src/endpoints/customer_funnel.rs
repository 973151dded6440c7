//! Customers along the chain: the customer funnel, the customers behind its numbers, and one customer's chain.

use app::customers::{ChainRecord, CustomerAt, CustomerChain, CustomersAt, CustomersAtAsk, InvoiceSums};
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::process::customer_funnel;
use domain::{Currency, Day};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::opportunities::{MemberBody, minor, page_limit};
use crate::asker::Asker;
use crate::body::AnswerBody;
use crate::document::Asked;
use crate::files::{FileQuery, Files};
use crate::problem::Problem;
use crate::query::{Common, Path, Query};

/// Distinct customers by step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerFunnelBody {
    /// The journal up to here is in the numbers.
    seq: i64,
    /// A row a step: `potential`, `with_opportunity`, `contracted`, `paying`.
    steps: AnswerBody,
    /// A row a group; null where nothing is grouped by. The group's key is what `/customer-funnel/customers` takes.
    groups: Option<AnswerBody>,
    /// A row a lead status.
    leads: AnswerBody,
    /// A row a measure.
    amounts: AnswerBody,
}

/// Distinct customers who are potential, have had a deal, a contract or an order, have paid: as of a day, or of those who
/// became potential in a period. Grouped by one of channel, campaign, region, industry, owner and grade; `process`,
/// `where` and `f` do not apply. A file holds the groups where there are any, else the steps.
#[utoipa::path(get, path = "/api/v1/customer-funnel", tag = "analyses", params(Common, FileQuery), responses(
    (status = 200, description = "The answer, or a file of it", body = CustomerFunnelBody),
    Asked,
))]
pub(crate) async fn funnel(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    file: Files,
) -> Result<Response, Problem> {
    let answer = loudou.customer_funnel(&common.ask()?).await?;
    match file.format() {
        Some(format) => file.whole("customer-funnel", format, answer.groups.unwrap_or(answer.steps)).await,
        None => Ok(Json(CustomerFunnelBody {
            seq: answer.seq,
            steps: answer.steps.into(),
            groups: answer.groups.map(AnswerBody::from),
            leads: answer.leads.into(),
            amounts: answer.amounts.into(),
        })
        .into_response()),
    }
}

/// Which customers of the funnel are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BehindQuery {
    /// Key of the step.
    step: String,
    /// `here` where absent; `from_before`, `skipped`, `pending` or `ended`.
    #[serde(default)]
    which: String,
    /// Only those of this group of `by`, by its key in the answer: `#` and an id, a text, or empty for those of whom
    /// none is recorded.
    group: Option<String>,
    /// Customers of a page; 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A customer of the funnel, or a lead that no customer came of yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerAtBody {
    id: i64,
    /// Whether the record is a lead.
    is_lead: bool,
    name: String,
    owner: Option<MemberBody>,
    /// The first day of each step by its key; null where it is not there.
    #[schema(value_type = Object)]
    since: Value,
}

impl From<CustomerAt> for CustomerAtBody {
    fn from(one: CustomerAt) -> Self {
        let steps = customer_funnel().steps.iter().zip(one.since);
        let since = steps.map(|(step, day)| (step.key.clone(), day.map(|day| day.to_string()).into())).collect();
        let (id, is_lead, name) = (one.id, one.is_lead, one.name);
        Self { id, is_lead, name, owner: one.owner.map(MemberBody::from), since: Value::Object(since) }
    }
}

/// A page of customers of the funnel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomersAtBody {
    rows: Vec<CustomerAtBody>,
    /// How many there are on all pages.
    customers: u64,
    next_cursor: Option<String>,
}

impl From<CustomersAt> for CustomersAtBody {
    fn from(list: CustomersAt) -> Self {
        let CustomersAt { rows, customers, next_cursor } = list;
        Self { rows: rows.into_iter().map(CustomerAtBody::from).collect(), customers, next_cursor }
    }
}

/// The customers behind a number of the customer funnel, who came last first.
#[utoipa::path(get, path = "/api/v1/customer-funnel/customers", tag = "analyses", params(Common, BehindQuery), responses(
    (status = 200, description = "A page of customers", body = CustomersAtBody),
    Asked,
))]
pub(crate) async fn behind(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<BehindQuery>,
) -> Result<Json<CustomersAtBody>, Problem> {
    let ask = CustomersAtAsk {
        common: common.ask()?,
        step: own.step,
        which: own.which,
        group: own.group,
        limit: page_limit(own.limit)?,
        cursor: own.cursor.filter(|cursor| !cursor.is_empty()),
    };
    Ok(Json(loudou.customers_at(&ask).await?.into()))
}

/// A record of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainRecordBody {
    /// `lead`, `contract`, `order`, `invoice`, `payment` or `service_request`.
    kind: &'static str,
    id: i64,
    /// Its number; of a lead the company or person, of a service request the subject.
    title: Option<String>,
    #[schema(format = Date)]
    on: Option<String>,
    /// When it is due, promised, or ended.
    #[schema(format = Date)]
    until: Option<String>,
    status: Option<String>,
    /// A payment's method, a service request's type, a lead's channel.
    note: Option<String>,
    #[schema(value_type = Option<i64>)]
    amount_minor: Option<Value>,
    currency: Option<String>,
    decimals: Option<u32>,
    /// Invoices: what is still to be paid; null where it is not known.
    #[schema(value_type = Option<i64>)]
    open_minor: Option<Value>,
    /// Invoices: the due day has passed, and something is still to be paid.
    is_overdue: bool,
    /// The deal it belongs to, where that is in sight.
    opportunity: Option<MemberBody>,
}

impl From<ChainRecord> for ChainRecordBody {
    fn from(record: ChainRecord) -> Self {
        let day = |day: Option<Day>| day.map(|day| day.to_string());
        Self {
            kind: record.kind.as_str(),
            id: record.id,
            on: day(record.on),
            until: day(record.until),
            title: record.title,
            status: record.status,
            note: record.note,
            amount_minor: record.amount_minor.map(|amount| minor(i128::from(amount))),
            currency: record.currency.map(|currency| currency.to_string()),
            decimals: record.currency.map(Currency::decimals),
            open_minor: record.open_minor.map(minor),
            is_overdue: record.is_overdue,
            opportunity: record.opportunity.map(MemberBody::from),
        }
    }
}

/// How many records there are of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainCount {
    kind: &'static str,
    records: u64,
}

/// What the invoices of one currency come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceSumsBody {
    currency: String,
    decimals: u32,
    /// Invoices of which something is still to be paid.
    open: u64,
    #[schema(value_type = i64)]
    open_minor: Value,
    /// Of those, the ones whose due day has passed.
    overdue: u64,
    #[schema(value_type = i64)]
    overdue_minor: Value,
}

impl From<InvoiceSums> for InvoiceSumsBody {
    fn from(sums: InvoiceSums) -> Self {
        let InvoiceSums { currency, open, overdue } = sums;
        Self {
            currency: currency.to_string(),
            decimals: currency.decimals(),
            open: open.0,
            open_minor: minor(open.1),
            overdue: overdue.0,
            overdue_minor: minor(overdue.1),
        }
    }
}

/// What belongs to one customer along the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerChainBody {
    /// How many records there are of each kind, along the chain.
    counts: Vec<ChainCount>,
    /// The newest of each kind, at most two hundred.
    rows: Vec<ChainRecordBody>,
    /// Open and overdue invoices by currency.
    invoices: Vec<InvoiceSumsBody>,
}

impl From<CustomerChain> for CustomerChainBody {
    fn from(chain: CustomerChain) -> Self {
        let count = |(kind, records): (domain::Kind, u64)| ChainCount { kind: kind.as_str(), records };
        Self {
            counts: chain.counts.into_iter().map(count).collect(),
            rows: chain.records.into_iter().map(ChainRecordBody::from).collect(),
            invoices: chain.invoices.into_iter().map(InvoiceSumsBody::from).collect(),
        }
    }
}

/// Parameters of a customer's chain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChainQuery {
    /// Nothing after this business day; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Only what was known at the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    known_at: Option<String>,
}

/// A customer's leads, contracts, orders, invoices, payments and service requests.
#[utoipa::path(get, path = "/api/v1/customers/{id}/chain", tag = "customers", params(("id" = i64, Path,), ChainQuery),
    responses(
        (status = 200, description = "What belongs to the customer", body = CustomerChainBody),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        (status = 422, description = "A date does not exist", body = Problem),
    )
)]
pub(crate) async fn chain(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<ChainQuery>,
) -> Result<Json<CustomerChainBody>, Problem> {
    let common = Common { as_of: own.as_of, known_at: own.known_at, ..Common::default() };
    Ok(Json(loudou.customer_chain(id, &common.ask()?).await?.into()))
}
