//! One deal: its page, its timeline, its changes and moves.

use app::records::{
    Change, DealPage, EditError, FieldValue, MoveAsk, Need, PathStage, Timeline, TimelineAsk, TimelineItem,
    TimelineKind,
};
use axum::Json;
use axum::response::Response;
use domain::process::{NamedValue, Reason, ReasonMove, ReasonNeed};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::after::{shown, versioned, versioned_or_nothing};
use super::customer_funnel::ChainRecordBody;
use super::opportunities::{DealBody, date};
use crate::asker::Asker;
use crate::body::Both;
use crate::document::IfMatchHeader;
use crate::problem::Problem;
use crate::query::{Body, Path, Query, day};
use crate::version::IfMatch;

/// A field with its value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldBody {
    id: u16,
    /// By this name it is changed.
    name: String,
    label: Both,
    /// `text`, `personal`, `int`, `amount_minor`, `ppm`, `day`, `at`, `bool`, `ref`, `process`, `stage`, `outcome`,
    /// `currency`, `choice`, `texts` (a list of texts), `parties` (a list of objects with `role` and, where known,
    /// `name`, `contact` and `met_on`) or `json`.
    #[serde(rename = "type")]
    ty: &'static str,
    /// The values of a `choice` that have names; imports may have brought others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<FieldChoiceBody>,
    /// The least number that it takes, in the units of its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    /// The kind of record that a `ref` leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'static str>,
    /// By type; a record as `{id, name}`.
    value: Value,
    /// Whether its text was erased.
    erased: bool,
    /// Whether it cannot be left empty.
    required: bool,
    /// Whether the asker may change it here.
    editable: bool,
}

/// A value that a field may have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldChoiceBody {
    pub(crate) key: String,
    pub(crate) name: Both,
}

impl From<NamedValue> for FieldChoiceBody {
    fn from(choice: NamedValue) -> Self {
        Self { key: choice.key, name: choice.name.into() }
    }
}

impl From<FieldValue> for FieldBody {
    fn from(field: FieldValue) -> Self {
        let FieldValue { id, name, zh, en, ty, choices, min, of, value, erased, required, editable } = field;
        let choices = choices.into_iter().map(FieldChoiceBody::from).collect();
        Self { id, name, label: Both { zh, en }, ty, choices, min, of, value, erased, required, editable }
    }
}

/// A stage on the way of a deal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PathStageBody {
    key: String,
    name: Both,
    /// `open`, `won` or `post`.
    kind: &'static str,
    /// The day it was entered first.
    #[schema(format = Date)]
    entered_on: Option<String>,
    /// Days in it, all visits together.
    days: i32,
    /// Whether it was in it before that was told: then it is in it for `days` at least.
    at_least: bool,
    /// Days that are usual.
    standard_days: Option<u32>,
    visits: u32,
    current: bool,
}

impl From<PathStage> for PathStageBody {
    fn from(stage: PathStage) -> Self {
        Self {
            key: stage.key,
            name: Both::new(stage.zh, stage.en),
            kind: stage.kind.as_str(),
            entered_on: date(stage.entered_on),
            days: stage.days,
            standard_days: stage.standard_days,
            at_least: stage.at_least,
            visits: stage.visits,
            current: stage.current,
        }
    }
}

/// Something that a gate asks for and that is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeedBody {
    /// `field`, `action`, `role`, `metric` or `condition`.
    kind: &'static str,
    /// Name of the field, key of the action or metric, word of the buying role; the condition as written.
    key: String,
    /// What it is called; of a condition the whole sentence.
    name: Both,
    /// The fields that a condition is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

impl From<Need> for NeedBody {
    fn from(need: Need) -> Self {
        let Need { kind, key, zh, en, fields } = need;
        Self { kind: kind.as_str(), key, name: Both { zh, en }, fields }
    }
}

/// A reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReasonBody {
    /// Its code; what stands before the dot is its group.
    code: String,
    name: Both,
    /// The moves that it explains: `lose`, `cancel`, `skip` or `back`; none of an obstacle.
    moves: Vec<&'static str>,
    /// What has to be told with it: `competitor` or `obstacle`.
    needs: Option<&'static str>,
}

impl ReasonBody {
    fn of((reason, moves): (Reason, Vec<ReasonMove>)) -> Self {
        Self {
            code: reason.code,
            name: Both::new(reason.name.zh, reason.name.en),
            moves: moves.into_iter().map(ReasonMove::as_str).collect(),
            needs: reason.needs.map(|need| match need {
                ReasonNeed::Competitor => "competitor",
                ReasonNeed::Obstacle => "obstacle",
            }),
        }
    }
}

/// A deal's page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DealPageBody {
    #[serde(flatten)]
    deal: DealBody,
    /// The day it is shown as of.
    #[schema(format = Date)]
    as_of: String,
    version: i64,
    fields: Vec<FieldBody>,
    /// Version of its process.
    process_version: Option<u32>,
    /// The stages of its process on the way of the sale.
    path: Vec<PathStageBody>,
    /// What is missing for the next stage, in the order in which one would fill it in; null where no gate is ahead.
    missing: Option<Vec<NeedBody>>,
    /// The codes that its moves may give for a reason, and obstacles.
    reasons: Vec<ReasonBody>,
    /// Whether the asker may change it: not in the past.
    editable: bool,
}

impl From<DealPage> for DealPageBody {
    fn from(page: DealPage) -> Self {
        Self {
            deal: DealBody::of(page.deal, false),
            as_of: page.as_of.to_string(),
            version: page.version,
            fields: page.fields.into_iter().map(FieldBody::from).collect(),
            process_version: page.process.map(|(_, version)| version),
            path: page.path.into_iter().map(PathStageBody::from).collect(),
            missing: page.missing.map(|needs| needs.into_iter().map(NeedBody::from).collect()),
            reasons: page.reasons.into_iter().map(ReasonBody::of).collect(),
            editable: page.editable,
        }
    }
}

/// Parameters of a deal's page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DealQuery {
    /// The day it is read as of; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Only what was known at the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    known_at: Option<String>,
}

/// A deal with all its fields, its way through the process, and what is missing for the next stage.
#[utoipa::path(get, path = "/api/v1/opportunities/{id}", tag = "deals", params(("id" = i64, Path,), DealQuery), responses(
    (status = 200, description = "The deal; its version is the ETag", body = DealPageBody),
    (status = 403, description = "The roles do not suffice", body = Problem),
    (status = 404, description = "There is no such deal in sight", body = Problem),
    (status = 422, description = "A date does not exist", body = Problem),
))]
pub(crate) async fn get(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<DealQuery>,
) -> Result<Response, Problem> {
    let as_of = day("as_of", own.as_of.as_deref())?;
    let page = loudou.deal(id, as_of, day("known_at", own.known_at.as_deref())?).await?;
    Ok(versioned(page.version, DealPageBody::from(page)))
}

/// The record as it is after a change.
async fn after(loudou: &app::Loudou, id: i64) -> Response {
    let seen = shown(loudou.changed_deal(id).await);
    versioned_or_nothing(seen.map(|page| (page.version, DealPageBody::from(page))))
}

/// Changes fields: each by its name, null empties it. `actions_done` names actions of its stage that are done.
#[utoipa::path(patch, path = "/api/v1/opportunities/{id}", tag = "deals",
    params(("id" = i64, Path,), IfMatchHeader),
    request_body(content = Object, description = "Values by field name"),
    responses(
        (status = 200, description = "It is changed", body = DealPageBody),
        (status = 204, description = "It is changed, and out of sight now"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such deal in sight", body = Problem),
        (status = 422, description = "Values break rules", body = Problem),
    )
)]
pub(crate) async fn patch(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(values): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    loudou.edit_deal(id, version, &values).await?;
    Ok(after(&loudou, id).await)
}

/// A move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveBody {
    /// Key of a stage, or `won`, `lost`, `cancelled`, `parked`, or `open` again.
    to: String,
    /// Code of the reason, where the move asks for one.
    reason: Option<String>,
    /// Why the gate is to be passed although something is missing; managers only.
    override_reason: Option<String>,
    /// Who got the deal.
    competitor: Option<String>,
    /// Code of the obstacle on which it failed.
    obstacle: Option<String>,
    /// When somebody will be in touch again with a parked deal.
    #[schema(format = Date)]
    next_contact_on: Option<String>,
    /// Changes that go with the move, by field name as an edit takes them: both are made, or neither.
    #[serde(default)]
    values: Map<String, Value>,
}

/// Moves a deal to a stage, to an end, into nurture or back to the open.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/move", tag = "deals",
    params(("id" = i64, Path,), IfMatchHeader),
    request_body = MoveBody,
    responses(
        (status = 200, description = "It is moved", body = DealPageBody),
        (status = 204, description = "It is moved, and out of sight now"),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such deal in sight", body = Problem),
        (status = 409, description = "The stage's exit criteria do not hold: the errors list what is missing", body = Problem),
        (status = 422, description = "The move is not legal", body = Problem),
    )
)]
pub(crate) async fn move_to(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Body(body): Body<MoveBody>,
) -> Result<Response, Problem> {
    let ask = MoveAsk {
        to: body.to,
        reason: body.reason,
        override_reason: body.override_reason,
        competitor: body.competitor,
        obstacle: body.obstacle,
        next_contact_on: day("next_contact_on", body.next_contact_on.as_deref())?,
        values: body.values,
    };
    loudou.move_deal(id, version, &ask).await.map_err(|error| in_values(error, &ask.values))?;
    Ok(after(&loudou, id).await)
}

/// What is wrong with a value that came along lies where that came along.
fn in_values(error: EditError, values: &Map<String, Value>) -> Problem {
    let EditError::Fields(mut issues) = error else { return error.into() };
    let of_values = issues.iter_mut().filter(|issue| values.contains_key(&issue.field));
    of_values.for_each(|issue| issue.field = format!("values/{}", issue.field));
    EditError::Fields(issues).into()
}

/// A field that changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeBody {
    field: String,
    label: Both,
    old: Value,
    new: Value,
    /// Whether the text was erased.
    erased: bool,
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        let Change { field, zh, en, old, new, erased } = change;
        Self { field, label: Both { zh, en }, old, new, erased }
    }
}

/// The import that brought an entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportName {
    id: i64,
    profile: String,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineItemBody {
    /// Its place in the journal.
    seq: i64,
    /// When it was true.
    #[schema(format = DateTime)]
    at: String,
    /// When the source knew it.
    #[schema(format = DateTime)]
    known_at: String,
    /// When it was written here.
    #[schema(format = DateTime)]
    recorded_at: String,
    /// Who wrote it; null for the system and for imports.
    actor: Option<String>,
    /// The import that brought it.
    import: Option<ImportName>,
    /// `created`, `change`, `move`, `activity`, `chain`, `deleted`, `merged`, `undo` or `erased`.
    kind: &'static str,
    /// Whether it was withdrawn since.
    withdrawn: bool,
    changes: Vec<ChangeBody>,
    /// What was done: of activities.
    activity: Option<String>,
    /// The note on it.
    note: Option<String>,
    /// What came along the chain: a lead, a contract, an order, an invoice, a payment, a service request.
    chain: Option<ChainRecordBody>,
}

impl From<TimelineItem> for TimelineItemBody {
    fn from(item: TimelineItem) -> Self {
        let (activity, note) = item.activity.map_or((None, None), |(kind, note)| (Some(kind), note));
        Self {
            seq: item.seq,
            at: item.at.to_string(),
            known_at: item.known_at.to_string(),
            recorded_at: item.recorded_at.to_string(),
            actor: item.actor,
            import: item.import.map(|(id, profile)| ImportName { id, profile }),
            kind: match item.kind {
                TimelineKind::Created => "created",
                TimelineKind::Change => "change",
                TimelineKind::Move => "move",
                TimelineKind::Activity => "activity",
                TimelineKind::Chain => "chain",
                TimelineKind::Deleted => "deleted",
                TimelineKind::Merged => "merged",
                TimelineKind::Undo => "undo",
                TimelineKind::Erased => "erased",
            },
            withdrawn: item.withdrawn,
            changes: item.changes.into_iter().map(ChangeBody::from).collect(),
            activity,
            note,
            chain: item.chain.map(ChainRecordBody::from),
        }
    }
}

/// A page of a timeline, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineBody {
    rows: Vec<TimelineItemBody>,
    /// Where it goes on; null at its end.
    next_cursor: Option<String>,
}

impl From<Timeline> for TimelineBody {
    fn from(timeline: Timeline) -> Self {
        let rows = timeline.items.into_iter().map(TimelineItemBody::from).collect();
        Self { rows, next_cursor: timeline.next_cursor }
    }
}

/// Parameters of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineQuery {
    /// Nothing that happened after this business day; all of it where absent.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Only what was known at the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    known_at: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TimelineQuery {
    /// The page of a timeline that is meant.
    ///
    /// # Errors
    /// A date that is none.
    pub(crate) fn ask(self) -> Result<TimelineAsk, Problem> {
        let (as_of, known_at) = (day("as_of", self.as_of.as_deref())?, day("known_at", self.known_at.as_deref())?);
        Ok(TimelineAsk { as_of, known_at, cursor: self.cursor.filter(|cursor| !cursor.is_empty()) })
    }
}

/// What happened to a deal, from the journal, newest first.
#[utoipa::path(get, path = "/api/v1/opportunities/{id}/timeline", tag = "deals", params(("id" = i64, Path,), TimelineQuery),
    responses(
        (status = 200, description = "A page of the timeline", body = TimelineBody),
        (status = 403, description = "The roles do not suffice", body = Problem),
        (status = 404, description = "There is no such deal in sight", body = Problem),
        (status = 422, description = "The cursor is none, or a date does not exist", body = Problem),
    )
)]
pub(crate) async fn timeline(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Query(own): Query<TimelineQuery>,
) -> Result<Json<TimelineBody>, Problem> {
    Ok(Json(loudou.deal_timeline(id, &own.ask()?).await?.into()))
}
