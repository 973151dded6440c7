//! Customers: lists, pages, changes.

use app::Loudou;
use app::records::{
    Contact, Customer, CustomerPage, CustomerRow, CustomersAsk, CustomersList, OwnValues, customers_answer,
};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Currency;
use futures::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::after::{shown, versioned, versioned_or_nothing};
use super::fields::OwnColumnBody;
use super::opportunities::{MemberBody, minor, page_limit, short};
use super::opportunity::{FieldBody, TimelineBody, TimelineQuery};
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::document::{Asked, IfMatchHeader};
use crate::files::{FileQuery, Files};
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Common, Path, Query, day};
use crate::version::IfMatch;

/// A customer with what its deals in scope add up to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerBody {
    id: i64,
    name: String,
    industry: Option<MemberBody>,
    region: Option<MemberBody>,
    owner: Option<MemberBody>,
    grade: Option<String>,
    /// What it has of the organisation's own fields, by their names.
    #[schema(value_type = Object)]
    own: OwnValues,
    deals: u64,
    deals_open: u64,
    /// Null where amounts do not add up.
    #[schema(value_type = Option<i64>)]
    open_minor: Option<Value>,
    #[schema(value_type = Option<i64>)]
    won_minor: Option<Value>,
}

impl From<CustomerRow> for CustomerBody {
    fn from(row: CustomerRow) -> Self {
        let Customer { id, name, industry, region, owner, grade, own } = row.customer;
        Self {
            id,
            name,
            industry: industry.map(MemberBody::from),
            region: region.map(MemberBody::from),
            owner: owner.map(MemberBody::from),
            grade,
            own,
            deals: row.deals,
            deals_open: row.deals_open,
            open_minor: row.open_minor.map(minor),
            won_minor: row.won_minor.map(minor),
        }
    }
}

/// What all customers of a list add up to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerSums {
    customers: u64,
    deals: u64,
    deals_open: u64,
    #[schema(value_type = Option<i64>)]
    open_minor: Option<Value>,
    #[schema(value_type = Option<i64>)]
    won_minor: Option<Value>,
    /// Why amounts are null.
    amount_why: Option<Both>,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomersBody {
    rows: Vec<CustomerBody>,
    /// The organisation's own fields.
    own: Vec<OwnColumnBody>,
    sums: CustomerSums,
    currency: Option<String>,
    decimals: Option<u32>,
    next_cursor: Option<String>,
}

impl From<CustomersList> for CustomersBody {
    fn from(list: CustomersList) -> Self {
        let (deals, deals_open, open_minor, won_minor) = list.sums;
        Self {
            rows: list.rows.into_iter().map(CustomerBody::from).collect(),
            own: list.own.into_iter().map(OwnColumnBody::from).collect(),
            sums: CustomerSums {
                customers: list.customers,
                deals,
                deals_open,
                open_minor: open_minor.map(minor),
                won_minor: won_minor.map(minor),
                amount_why: list.amount_why.map(Both::told),
            },
            currency: list.currency.map(|currency| currency.to_string()),
            decimals: list.currency.map(Currency::decimals),
            next_cursor: list.next_cursor,
        }
    }
}

/// Parameters of a list of customers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomersQuery {
    /// Only customers in whose name this occurs, whatever its case and width.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// `name`, `deals`, `deals_open`, `open_minor` or `won_minor`, with a minus before it for the largest first.
    #[serde(default)]
    sort: String,
    /// Customers of a page; 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Customers in sight: those with a deal in scope, and those whose owner is in it. As of a past day, or where the deals
/// that count are narrowed otherwise than by the scope, those with such a deal; their own fields are those of now.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(Common, CustomersQuery, FileQuery), responses(
    (status = 200, description = "A page of the list, or the whole list as a file", body = CustomersBody),
    Asked,
))]
pub(crate) async fn list(
    Asker(loudou): Asker,
    Query(common): Query<Common>,
    Query(own): Query<CustomersQuery>,
    file: Files,
) -> Result<Response, Problem> {
    let limit = page_limit(own.limit)?;
    let cursor = own.cursor.filter(|cursor| !cursor.is_empty());
    let common = common.ask()?;
    let ask = CustomersAsk { common, q: short("q", own.q)?, sort: own.sort, limit, cursor };
    match file.format() {
        None => Ok(Json(CustomersBody::from(loudou.customers(&ask).await?)).into_response()),
        Some(format) => {
            let first = CustomersAsk { limit: 20_000, cursor: None, ..ask };
            let pages = stream::try_unfold(Some(first), move |ask| next_page(loudou.clone(), ask));
            file.pages("customers", format, pages).await
        }
    }
}

async fn next_page(
    loudou: Loudou,
    ask: Option<CustomersAsk>,
) -> Result<Option<(app::answer::Answer, Option<CustomersAsk>)>, Problem> {
    let Some(ask) = ask else { return Ok(None) };
    let list = loudou.customers(&ask).await?;
    let next = list.next_cursor.clone().map(|cursor| CustomersAsk { cursor: Some(cursor), ..ask });
    Ok(Some((customers_answer(&list), next)))
}

/// Somebody on the customer's side.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactBody {
    id: i64,
    /// Of the record, to be handed back with a change.
    version: i64,
    /// Null where it was erased or never told.
    name: Option<String>,
    post: Option<String>,
    role: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

impl From<Contact> for ContactBody {
    fn from(contact: Contact) -> Self {
        let Contact { id, version, name, post, role, phone, email } = contact;
        Self { id, version, name, post, role, phone, email }
    }
}

/// A customer's page. Its deals are the list of deals with `f=account:#ID`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPageBody {
    #[serde(flatten)]
    customer: CustomerBody,
    currency: Option<String>,
    decimals: Option<u32>,
    version: i64,
    fields: Vec<FieldBody>,
    contacts: Vec<ContactBody>,
    editable: bool,
}

impl From<CustomerPage> for CustomerPageBody {
    fn from(page: CustomerPage) -> Self {
        Self {
            customer: page.row.into(),
            currency: page.currency.map(|currency| currency.to_string()),
            decimals: page.currency.map(Currency::decimals),
            version: page.version,
            fields: page.fields.into_iter().map(FieldBody::from).collect(),
            contacts: page.contacts.into_iter().map(ContactBody::from).collect(),
            editable: page.editable,
        }
    }
}

/// Parameters of a customer's page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomerQuery {
    /// The day its deals are counted as of; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Only what was known at the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    known_at: Option<String>,
    /// The part of the deals that one may see, as of every question.
    #[serde(default)]
    scope: String,
}

/// A customer with what its deals add up to, and with its fields and the people there as they are now.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = i64, Path,), CustomerQuery),
    responses(
        (status = 200, description = "The customer; its version is the ETag", body = CustomerPageBody),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        Asked,
    )
)]
pub(crate) async fn get(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<CustomerQuery>,
) -> Result<Response, Problem> {
    let (as_of, known_at) = (day("as_of", own.as_of.as_deref())?, day("known_at", own.known_at.as_deref())?);
    let ask = app::Ask { as_of, known_at, scope: own.scope, ..app::Ask::default() };
    let page = loudou.customer(id, &ask).await?;
    Ok(versioned(page.version, CustomerPageBody::from(page)))
}

/// What happened to a customer, newest first.
#[utoipa::path(get, path = "/api/v1/customers/{id}/timeline", tag = "customers", params(("id" = i64, Path,), TimelineQuery),
    responses(
        (status = 200, description = "A page of the timeline", body = TimelineBody),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        (status = 422, description = "The cursor is none, or a date does not exist", body = Problem),
    )
)]
pub(crate) async fn timeline(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<TimelineQuery>,
) -> Result<Json<TimelineBody>, Problem> {
    Ok(Json(loudou.customer_timeline(id, &own.ask()?).await?.into()))
}

/// The record as it is after a change.
async fn after(loudou: &Loudou, id: i64) -> Response {
    let seen = shown(loudou.changed_customer(id).await);
    versioned_or_nothing(seen.map(|page| (page.version, CustomerPageBody::from(page))))
}

/// Changes fields of a customer: each by its name, null empties it.
#[utoipa::path(patch, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = i64, Path,), IfMatchHeader),
    request_body(content = Object, description = "Values by field name"),
    responses(
        (status = 200, description = "It is changed", body = CustomerPageBody),
        (status = 204, description = "It is changed, and out of sight now"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn patch(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    loudou.edit_customer(id, version, &values).await?;
    Ok(after(&loudou, id).await)
}

/// Makes a customer; it is the asker's where nobody else is named.
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")),
    request_body(content = Object, description = "`name`, and any other field by its name"),
    responses(
        (status = 201, description = "It is made; null where it is out of sight", body = Option<CustomerPageBody>),
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
    let write = async move { Ok(loudou.create_customer(&values).await?) };
    let tell = async move |id| shown(again.changed_customer(id).await).map(CustomerPageBody::from);
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, write, tell).await
}

/// Adds somebody to a customer.
#[utoipa::path(post, path = "/api/v1/customers/{id}/contacts", tag = "customers",
    params(("id" = i64, Path,), ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")),
    request_body(content = Object, description = "`name`, and `post`, `role`, `phone`, `email` where they are known"),
    responses(
        (status = 201, description = "The contact; null where it is out of sight", body = Option<ContactBody>),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such customer in sight", body = Problem),
        (status = 409, description = "The key was used for another request", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn add_contact(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    key: Key,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let request = Value::Object(values.clone()).to_string();
    let again = loudou.clone();
    let write = async move { Ok(loudou.create_contact(id, &values).await?) };
    let tell = async move |contact| shown(again.changed_contact(contact).await).map(ContactBody::from);
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, write, tell).await
}

/// Changes facts of somebody on the side of a customer: each by its name, null empties it.
#[utoipa::path(patch, path = "/api/v1/contacts/{id}", tag = "customers",
    params(("id" = i64, Path,), IfMatchHeader),
    request_body(content = Object, description = "Values by field name"),
    responses(
        (status = 200, description = "It is changed", body = ContactBody),
        (status = 204, description = "It is changed, and out of sight now"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such contact in sight", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn patch_contact(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    loudou.edit_contact(id, version, &values).await?;
    let seen = shown(loudou.changed_contact(id).await);
    Ok(versioned_or_nothing(seen.map(|contact| (contact.version, ContactBody::from(contact)))))
}
