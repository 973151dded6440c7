//! Values to filter by, records to fill forms with, and finding a record by a part of its name.

use app::customers::{ContactHit, RecordHit};
use axum::Json;
use domain::Currency;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::opportunities::{DealBody, MemberBody, minor, short};
use crate::asker::Asker;
use crate::document::Asked;
use crate::problem::Problem;
use crate::query::{Common, Query};

/// Parameters of the values of a dimension.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembersQuery {
    /// The dimension, such as `region`.
    dimension: String,
    /// Only values in whose label this occurs, whatever its case and width.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// How many; 50 where absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A value of a dimension.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetBody {
    /// What `f=dimension:value` says; empty where none is recorded.
    value: String,
    /// What people call it; null where none is recorded.
    label: Option<String>,
    /// The record, to be put into a field; null where the value is none, such as a stage.
    id: Option<i64>,
    /// Deals that have it.
    deals: u64,
}

/// The values that deals in scope have of a dimension, most deals first. Chips of the same dimension do not count.
#[utoipa::path(get, path = "/api/v1/members", tag = "deals", params(Common, MembersQuery), responses(
    (status = 200, description = "The values", body = Vec<FacetBody>),
    Asked,
))]
pub(crate) async fn members(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<MembersQuery>,
) -> Result<Json<Vec<FacetBody>>, Problem> {
    let q = short("q", own.q)?;
    let facets = loudou.members(&common.ask()?, &own.dimension, &q, own.limit.unwrap_or(50)).await?;
    let body = |facet: app::records::Facet| FacetBody {
        value: facet.value,
        label: facet.label,
        id: facet.id,
        deals: facet.deals,
    };
    Ok(Json(facets.into_iter().map(body).collect()))
}

/// Parameters of the records to choose from.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChoicesQuery {
    /// The kind that the field refers to: `account`, `contact`, `person`, `team`, `region`, `industry`, `product`,
    /// `channel` or `campaign`.
    kind: String,
    /// Only records in whose name this occurs, whatever its case and width.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// Of contacts: the customer whose they are.
    customer: Option<i64>,
    /// How many; 50 where absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// A record to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoiceBody {
    id: i64,
    name: String,
    /// What tells it from others of its name: a person's team, a contact's post.
    note: Option<String>,
}

/// The records that a field of a form may refer to, those that begin with the text first, whether or not a deal has them.
#[utoipa::path(get, path = "/api/v1/records", tag = "deals", params(ChoicesQuery), responses(
    (status = 200, description = "The records", body = Vec<ChoiceBody>),
    (status = 403, description = "The roles change nothing", body = Problem),
    (status = 404, description = "There is no such customer in sight", body = Problem),
    (status = 422, description = "No form offers this kind", body = Problem),
))]
pub(crate) async fn choices(
    Asker(loudou): Asker,
    Query(own): Query<ChoicesQuery>,
) -> Result<Json<Vec<ChoiceBody>>, Problem> {
    let q = short("q", own.q)?;
    let found = loudou.choices(&own.kind, &q, own.customer, own.limit.unwrap_or(50)).await?;
    let body = |choice: app::records::Choice| ChoiceBody { id: choice.id, name: choice.name, note: choice.note };
    Ok(Json(found.into_iter().map(body).collect()))
}

/// Parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// A part of a name; of deals also of the external id, of contacts of a telephone or address, of the records of the
    /// chain of a number, and of their customer's name.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
}

/// What was found, at most eight of each sort, what begins with the text first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchBody {
    deals: Vec<DealBody>,
    customers: Vec<MemberBody>,
    people: Vec<MemberBody>,
    /// People of customers, the newest first.
    contacts: Vec<ContactHitBody>,
    /// Leads, contracts, orders, invoices, payments and service requests, in this order, at most eight of each.
    records: Vec<RecordHitBody>,
}

/// Somebody on a customer's side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactHitBody {
    id: i64,
    name: Option<String>,
    post: Option<String>,
    /// The customer whose it is; null where it is nobody's.
    customer: Option<MemberBody>,
}

impl From<ContactHit> for ContactHitBody {
    fn from(ContactHit { contact, customer }: ContactHit) -> Self {
        Self { id: contact.id, name: contact.name, post: contact.post, customer: customer.map(MemberBody::from) }
    }
}

/// A record of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordHitBody {
    /// `lead`, `contract`, `order`, `invoice`, `payment` or `service_request`.
    kind: &'static str,
    id: i64,
    /// Its number; of a lead the company or person, of a service request the subject.
    title: Option<String>,
    #[schema(format = Date)]
    on: Option<String>,
    status: Option<String>,
    #[schema(value_type = Option<i64>)]
    amount_minor: Option<Value>,
    currency: Option<String>,
    decimals: Option<u32>,
    /// The customer whose it is, where that is in sight.
    customer: Option<MemberBody>,
    /// The deal it belongs to, where that is in sight.
    opportunity: Option<MemberBody>,
}

impl From<RecordHit> for RecordHitBody {
    fn from(hit: RecordHit) -> Self {
        Self {
            kind: hit.kind.as_str(),
            id: hit.id,
            title: hit.title,
            on: hit.on.map(|day| day.to_string()),
            status: hit.status,
            amount_minor: hit.amount_minor.map(|amount| minor(i128::from(amount))),
            currency: hit.currency.map(|currency| currency.to_string()),
            decimals: hit.currency.map(Currency::decimals),
            customer: hit.customer.map(MemberBody::from),
            opportunity: hit.opportunity.map(MemberBody::from),
        }
    }
}

/// Finds deals, customers, people, contacts and records of the chain in scope.
#[utoipa::path(get, path = "/api/v1/search", tag = "deals", params(SearchQuery), responses(
    (status = 200, description = "What was found", body = SearchBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 422, description = "The text is too long", body = Problem),
))]
pub(crate) async fn search(Asker(loudou): Asker, Query(own): Query<SearchQuery>) -> Result<Json<SearchBody>, Problem> {
    let hits = loudou.search(&short("q", own.q)?).await?;
    Ok(Json(SearchBody {
        deals: hits.deals.into_iter().map(|deal| DealBody::of(deal, false)).collect(),
        customers: hits.customers.into_iter().map(MemberBody::from).collect(),
        people: hits.people.into_iter().map(MemberBody::from).collect(),
        contacts: hits.contacts.into_iter().map(ContactHitBody::from).collect(),
        records: hits.records.into_iter().map(RecordHitBody::from).collect(),
    }))
}
