//! Duplicates: found, told to be two, merged, and taken back.

use std::collections::BTreeMap;

use app::access::Action;
use app::duplicates::{
    ClusterSeen, DuplicatesAsk, DuplicatesFound, MIN_SCORE, MergeAsk, MergeSeen, PairSeen, Picked, RecordSeen,
    Strategy, SurvivorEdit, Unmerged, word,
};
use axum::Json;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Currency, Kind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::opportunity::FieldBody;
use crate::State;
use crate::asker::{Asker, Signed};
use crate::body::Both;
use crate::once::Key;
use crate::problem::Problem;
use crate::query::{Body, Path, Query, bounded, up_to};

/// Which records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kinds {
    #[default]
    Customers,
    Contacts,
    Deals,
}

impl From<Kinds> for Kind {
    fn from(kinds: Kinds) -> Self {
        match kinds {
            Kinds::Customers => Self::Account,
            Kinds::Contacts => Self::Contact,
            Kinds::Deals => Self::Opportunity,
        }
    }
}

/// Whose value stands in a field that several records fill; what is empty is filled from the others in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StrategyBody {
    /// The survivor's.
    #[default]
    Survivor,
    /// That of the record that tells most.
    MostComplete,
    /// That of the record that was changed last.
    Newest,
}

impl From<StrategyBody> for Strategy {
    fn from(strategy: StrategyBody) -> Self {
        match strategy {
            StrategyBody::Survivor => Self::Survivor,
            StrategyBody::MostComplete => Self::MostComplete,
            StrategyBody::Newest => Self::Newest,
        }
    }
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DuplicatesQuery {
    /// `customers`, `contacts` or `deals`.
    #[serde(default)]
    #[param(inline)]
    kind: Kinds,
    /// The least score, 0.8 where absent.
    #[param(minimum = 0.5, maximum = 1.0)]
    min_score: Option<f64>,
    /// Clusters of a page, 20 where absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Clusters before the page.
    #[serde(default)]
    #[param(maximum = 1_000_000)]
    skip: u32,
}

/// A record of a cluster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicateRecordBody {
    id: i64,
    name: String,
    /// To be handed back with a merge.
    version: i64,
    /// When its latest change was written.
    #[schema(format = DateTime)]
    changed_at: Option<String>,
    /// The currency of its amounts, and the digits after the point.
    currency: Option<String>,
    decimals: Option<u32>,
    /// Its fields that have a value.
    fields: Vec<FieldBody>,
}

impl From<RecordSeen> for DuplicateRecordBody {
    fn from(seen: RecordSeen) -> Self {
        let RecordSeen { id, name, version, changed_at, fields } = seen;
        let told = fields.iter().find(|field| field.ty == "currency").and_then(|field| field.value.as_str());
        let currency = told.and_then(|word| Currency::parse(word).ok());
        let fields = fields.into_iter().map(FieldBody::from).collect();
        Self {
            id,
            name,
            version,
            changed_at: changed_at.map(|at| at.to_string()),
            currency: currency.map(|currency| currency.to_string()),
            decimals: currency.map(Currency::decimals),
            fields,
        }
    }
}

/// Something that agrees.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceBody {
    /// `tax_number`, `name`, `phone`, `email`, `site`, `parent`, `amount` or `day`.
    why: &'static str,
    /// 1 where it is the same, less where it is only alike.
    likeness: f64,
}

/// Two records that are likely one, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PairBody {
    a: i64,
    b: i64,
    /// How sure it is, 0 to 1.
    score: f64,
    /// What agrees, the weightiest first.
    agrees: Vec<EvidenceBody>,
    /// What both have and differs, by the same words.
    differs: Vec<&'static str>,
}

impl From<PairSeen> for PairBody {
    fn from(pair: PairSeen) -> Self {
        let evidence =
            |found: app::duplicates::Evidence| EvidenceBody { why: found.why.as_str(), likeness: found.likeness };
        Self {
            a: pair.a,
            b: pair.b,
            score: pair.score,
            agrees: pair.agrees.into_iter().map(evidence).collect(),
            differs: pair.differs.into_iter().map(app::duplicates::Why::as_str).collect(),
        }
    }
}

/// Records that are likely one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterBody {
    /// The score of the weakest pair that holds it together.
    score: f64,
    /// The record that is proposed to stay.
    survivor: i64,
    records: Vec<DuplicateRecordBody>,
    pairs: Vec<PairBody>,
}

impl From<ClusterSeen> for ClusterBody {
    fn from(cluster: ClusterSeen) -> Self {
        Self {
            score: cluster.score,
            survivor: cluster.survivor,
            records: cluster.records.into_iter().map(DuplicateRecordBody::from).collect(),
            pairs: cluster.pairs.into_iter().map(PairBody::from).collect(),
        }
    }
}

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicatesBody {
    kind: &'static str,
    min_score: f64,
    /// How many records were compared.
    compared: usize,
    /// How many clusters there are on all pages.
    clusters: usize,
    /// How many records would go if all were merged.
    superfluous: usize,
    /// The surest first.
    rows: Vec<ClusterBody>,
}

impl DuplicatesBody {
    fn of(found: DuplicatesFound, min_score: f64) -> Self {
        Self {
            kind: word(found.kind),
            min_score,
            compared: found.compared,
            clusters: found.clusters,
            superfluous: found.superfluous,
            rows: found.page.into_iter().map(ClusterBody::from).collect(),
        }
    }
}

/// Records that are likely one, in clusters.
#[utoipa::path(get, path = "/api/v1/duplicates", tag = "duplicates", params(DuplicatesQuery), responses(
    (status = 200, description = "A page of the clusters", body = DuplicatesBody),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 422, description = "The score is none", body = Problem),
))]
pub(crate) async fn find(
    Asker(loudou): Asker,
    Query(own): Query<DuplicatesQuery>,
) -> Result<Json<DuplicatesBody>, Problem> {
    let min_score = own.min_score.unwrap_or(MIN_SCORE);
    let limit = bounded("limit", own.limit.unwrap_or(20), 100)? as usize;
    let skip = up_to("skip", own.skip, 1_000_000)?;
    let found = loudou.duplicates(&DuplicatesAsk { kind: own.kind.into(), min_score, limit, skip }).await?;
    Ok(Json(DuplicatesBody::of(found, min_score)))
}

/// Records that are not one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApartBody {
    kind: Kinds,
    /// Two or more: no pair of them is proposed again.
    records: Vec<i64>,
}

/// Remembers that records are not one.
#[utoipa::path(post, path = "/api/v1/duplicates/apart", tag = "duplicates", request_body = ApartBody, responses(
    (status = 204, description = "It is remembered"),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 404, description = "One of them is not there", body = Problem),
    (status = 422, description = "Fewer than two records, or too many", body = Problem),
))]
pub(crate) async fn apart(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Body(body): Body<ApartBody>,
) -> Result<StatusCode, Problem> {
    let kind = body.kind.into();
    loudou.keep_apart(kind, &body.records).await?;
    let records: Vec<String> = body.records.iter().map(i64::to_string).collect();
    let detail = json!({"kind": word(kind), "records": body.records});
    state.access.log(&signed.caller, Action::KeptApart, &records.join(" "), detail, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A record, as the asker has seen it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PickedBody {
    id: i64,
    /// The version that was read: a change meanwhile is told then.
    version: Option<i64>,
}

impl From<PickedBody> for Picked {
    fn from(PickedBody { id, version }: PickedBody) -> Self {
        Self { id, version }
    }
}

/// What to merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMergeBody {
    kind: Kinds,
    /// The record that stays.
    survivor: PickedBody,
    /// The records that go.
    records: Vec<PickedBody>,
    #[serde(default)]
    strategy: StrategyBody,
    /// For single fields, by name, the record whose value stands.
    #[serde(default)]
    fields: BTreeMap<String, i64>,
}

/// What was merged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergedBody {
    survivor: i64,
    /// One a record that went, in the order of the question; each is undone by this number.
    merges: Vec<i64>,
}

/// Merges records into one of them.
#[utoipa::path(post, path = "/api/v1/merges", tag = "duplicates", request_body = NewMergeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition harmless")), responses(
        (status = 201, description = "They are merged", body = MergedBody),
        (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
        (status = 404, description = "One of them is not there", body = Problem),
        (status = 409, description = "The key was used for another request", body = Problem),
        (status = 412, description = "One of them was changed meanwhile", body = Problem),
        (status = 422, description = "A record is named twice, or a field is none", body = Problem),
    ))]
pub(crate) async fn merge(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    key: Key,
    Body(body): Body<NewMergeBody>,
) -> Result<Response, Problem> {
    let request = format!("{body:?}");
    let (given, caller) = (state.clone(), signed.caller.clone());
    let write = async move {
        let ask = MergeAsk {
            kind: body.kind.into(),
            survivor: body.survivor.into(),
            merged: body.records.into_iter().map(Picked::from).collect(),
            strategy: body.strategy.into(),
            fields: body.fields,
        };
        let merged = loudou.merge(&ask).await?;
        let detail = json!({"kind": word(ask.kind), "merges": merged.merges});
        if let Err(error) =
            given.access.log(&caller, Action::Merged, &merged.survivor.to_string(), detail, given.now()).await
        {
            tracing::warn!(%error, survivor = merged.survivor, "a merge is not in the access log");
        }
        Ok(MergedBody { survivor: merged.survivor, merges: merged.merges })
    };
    key.once(&state, &signed.caller, &request, StatusCode::CREATED, write, async |made| made).await
}

/// A record by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedBody {
    id: i64,
    name: String,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergeBody {
    id: i64,
    /// `customers`, `contacts` or `deals`.
    kind: &'static str,
    /// The record that went.
    record: NamedBody,
    /// The record that stayed.
    into: NamedBody,
    #[schema(format = DateTime)]
    at: String,
    /// Who did it; null where it was a command of the machine.
    actor: Option<String>,
    /// The first of the merges that were made at once with it; its own id where it was made alone.
    batch: i64,
    /// When it was taken back.
    #[schema(format = DateTime)]
    undone_at: Option<String>,
}

impl From<MergeSeen> for MergeBody {
    fn from(seen: MergeSeen) -> Self {
        let named = |(id, name)| NamedBody { id, name };
        Self {
            id: seen.id,
            kind: word(seen.kind),
            record: named(seen.record),
            into: named(seen.into),
            at: seen.at.to_string(),
            actor: seen.actor,
            batch: seen.batch,
            undone_at: seen.undone_at.map(|at| at.to_string()),
        }
    }
}

/// Parameters of the list of merges.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MergesQuery {
    /// Only merges before this one.
    pub(super) before: Option<i64>,
    /// Merges of a page, 50 where absent.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
}

/// The merges so far, the latest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "duplicates", params(MergesQuery), responses(
    (status = 200, description = "A page of the merges", body = Vec<MergeBody>),
    (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
    (status = 422, description = "The limit is none", body = Problem),
))]
pub(crate) async fn merges(
    Asker(loudou): Asker,
    Query(own): Query<MergesQuery>,
) -> Result<Json<Vec<MergeBody>>, Problem> {
    let limit = bounded("limit", own.limit.unwrap_or(50), 500)?;
    Ok(Json(loudou.merges(own.before, limit).await?.into_iter().map(MergeBody::from).collect()))
}

/// A change of the survivor since the merge; it stays.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SurvivorEditBody {
    #[schema(format = DateTime)]
    at: String,
    actor: Option<String>,
    /// The fields changed.
    fields: Vec<Both>,
}

impl From<SurvivorEdit> for SurvivorEditBody {
    fn from(edit: SurvivorEdit) -> Self {
        let fields = edit.fields.into_iter().map(|(zh, en)| Both { zh, en }).collect();
        Self { at: edit.at.to_string(), actor: edit.actor, fields }
    }
}

/// A merge that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnmergedBody {
    merge: MergeBody,
    /// What people changed of the survivor since.
    edits: Vec<SurvivorEditBody>,
}

/// Takes a merge back: the record is there again, with all that referred to it.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "duplicates",
    params(("id" = i64, Path, description = "The merge")), responses(
        (status = 200, description = "It is taken back", body = UnmergedBody),
        (status = 403, description = "It takes the right to import, and to see everything", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It was taken back before", body = Problem),
    ))]
pub(crate) async fn undo(
    Given(state): Given<State>,
    signed: Signed,
    Asker(loudou): Asker,
    Path(id): Path<i64>,
) -> Result<Json<UnmergedBody>, Problem> {
    let Unmerged { merge, edits } = loudou.undo_merge(id).await?;
    let detail = json!({"kind": word(merge.kind), "record": merge.record.0, "into": merge.into.0});
    if let Err(error) =
        state.access.log(&signed.caller, Action::MergeUndone, &id.to_string(), detail, state.now()).await
    {
        tracing::warn!(%error, id, "the undo of a merge is not in the access log");
    }
    Ok(Json(UnmergedBody { merge: merge.into(), edits: edits.into_iter().map(SurvivorEditBody::from).collect() }))
}
