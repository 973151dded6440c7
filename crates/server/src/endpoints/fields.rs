//! Fields of the organisation's own.

use app::access::Action;
use app::fields::{FieldChange, NewField, type_word};
use app::records::OwnColumn;
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::CustomField;
use domain::process::NamedValue;
use domain::words::Text2;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::opportunity::FieldChoiceBody;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::problem::Problem;
use crate::query::{Body, Path};

/// A field of the organisation's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnFieldBody {
    id: u16,
    /// The kind of record that carries it.
    kind: &'static str,
    /// Its name in files, JSON and SQL; for good.
    name: String,
    label: Both,
    /// `text`, `choice`, `number` (whole), `amount`, `date`, `yes_no`, or `ref:KIND`; for good.
    #[serde(rename = "type")]
    ty: String,
    /// The values of a choice.
    choices: Vec<FieldChoiceBody>,
    /// Pages make no record without it.
    required: bool,
    /// The word by which deals are grouped and filtered by it; null where they are not.
    dimension: Option<String>,
    /// It is no longer asked for; what was written stays.
    retired: bool,
}

impl From<CustomField> for OwnFieldBody {
    fn from(field: CustomField) -> Self {
        Self {
            id: field.id.0,
            kind: field.kind.as_str(),
            ty: type_word(&field),
            dimension: field.is_dimension().then(|| field.dimension_name()),
            label: field.label.into(),
            choices: field.choices.into_iter().map(FieldChoiceBody::from).collect(),
            required: field.required,
            retired: field.retired,
            name: field.name,
        }
    }
}

/// A field to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFieldBody {
    /// The kind of record: `opportunity`, `account`, …
    kind: String,
    /// Small letters, digits and `_`.
    #[schema(example = "tier")]
    name: String,
    label: Both,
    /// `text`, `choice`, `number` (whole), `amount`, `date`, `yes_no`, or `ref:KIND`.
    #[serde(rename = "type")]
    ty: String,
    /// The values of a choice.
    #[serde(default)]
    choices: Vec<FieldChoiceBody>,
    /// Pages make no record without it.
    #[serde(default)]
    required: bool,
    /// Deals are grouped and filtered by it: a text, choice or reference of deals or customers.
    #[serde(default)]
    dimension: bool,
}

/// What is to change of a field; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldChangeBody {
    label: Option<Both>,
    /// All values of a choice: those that are there, under whatever names, and any more.
    choices: Option<Vec<FieldChoiceBody>>,
    required: Option<bool>,
    dimension: Option<bool>,
    retired: Option<bool>,
}

/// A field of the organisation's own as a column of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnColumnBody {
    /// Its name, under which rows have their values.
    name: String,
    label: Both,
    /// As a field of a page says its type.
    #[serde(rename = "type")]
    ty: &'static str,
    /// The values that have names.
    choices: Vec<FieldChoiceBody>,
}

impl From<OwnColumn> for OwnColumnBody {
    fn from(column: OwnColumn) -> Self {
        let OwnColumn { name, label, ty, choices } = column;
        let choices = choices.into_iter().map(FieldChoiceBody::from).collect();
        Self { name, label: label.into(), ty, choices }
    }
}

fn text(both: Both) -> Text2 {
    Text2::new(both.zh, both.en)
}

fn choice(body: FieldChoiceBody) -> NamedValue {
    NamedValue { key: body.key, name: text(body.name) }
}

/// The fields of the organisation's own, retired ones too.
#[utoipa::path(get, path = "/api/v1/fields", tag = "records", responses(
    (status = 200, description = "The fields, by kind", body = Vec<OwnFieldBody>),
    (status = 403, description = "The roles do not suffice", body = Problem),
))]
pub(crate) async fn fields(Asker(loudou): Asker) -> Result<Json<Vec<OwnFieldBody>>, Problem> {
    Ok(Json(loudou.own_fields().await?.into_iter().map(OwnFieldBody::from).collect()))
}

/// Adds a field to a kind of record.
#[utoipa::path(post, path = "/api/v1/fields", tag = "records", request_body = NewFieldBody, responses(
    (status = 201, description = "The field", body = OwnFieldBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 409, description = "The kind has a field of this name", body = Problem),
    (status = 422, description = "It cannot be so", body = Problem),
))]
pub(crate) async fn add_field(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Body(body): Body<NewFieldBody>,
) -> Result<Response, Problem> {
    let NewFieldBody { kind, name, label, ty, choices, required, dimension } = body;
    let choices = choices.into_iter().map(choice).collect();
    let new = NewField { kind, name, ty, label: text(label), choices, required, dimension };
    let added = OwnFieldBody::from(loudou.add_field(&new).await?);
    log(&state, &signed, Action::FieldAdded, &added).await?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}

/// Renames a field, adds values, makes it a dimension, retires it or brings it back. Name and type stay.
#[utoipa::path(patch, path = "/api/v1/fields/{id}", tag = "records", request_body = FieldChangeBody,
    params(("id" = u16, Path, description = "The field")), responses(
        (status = 200, description = "The field as it is now", body = OwnFieldBody),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such field", body = Problem),
        (status = 422, description = "It cannot be so", body = Problem),
    ))]
pub(crate) async fn change_field(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<u16>,
    Body(body): Body<FieldChangeBody>,
) -> Result<Json<OwnFieldBody>, Problem> {
    let FieldChangeBody { label, choices, required, dimension, retired } = body;
    let choices = choices.map(|choices| choices.into_iter().map(choice).collect());
    let change = FieldChange { label: label.map(text), choices, required, dimension, retired };
    let changed = OwnFieldBody::from(loudou.change_field(domain::field::FieldId(id), &change).await?);
    log(&state, &signed, Action::FieldChanged, &changed).await?;
    Ok(Json(changed))
}

/// Tells the access log what was done to a field.
async fn log(state: &State, signed: &Signed, action: Action, field: &OwnFieldBody) -> Result<(), Problem> {
    let detail = json!({"kind": field.kind, "retired": field.retired});
    Ok(state.access.log(&signed.caller, action, &field.name, detail, state.now()).await?)
}
