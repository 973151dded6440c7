//! What steps do to a table of an upload, step by step.

use std::collections::BTreeMap;

use app::import::{CleaningAsk, CleaningPreview, TableChoice};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping;
use super::uploads::both;
use crate::asker::Asker;
use crate::body::Both;
use crate::problem::Problem;
use crate::query::{Body, Path};

/// A table of an upload, and what is to be done to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CleaningBody {
    /// Where it is, with the steps.
    #[schema(value_type = mapping::TableChoice)]
    table: TableChoice,
    /// Further tables, by the names under which steps bring them in.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, mapping::TableChoice>)]
    tables: BTreeMap<String, TableChoice>,
}

/// What steps do to the first rows of a table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CleanedBody {
    /// The table as it comes in, and after each step up to the first that is none. One that does not fit leaves it as it
    /// was.
    tables: Vec<CleanedTableBody>,
    /// The steps that do not fit the table that comes to them, or are none, in their order.
    failed: Vec<FailedStepBody>,
    /// Values that could not be read, the first thousand.
    issues: Vec<StepIssueBody>,
    /// Rows of the file that were looked at, at most.
    looked_at: usize,
    /// The steps up to there as a file that can be kept and run.
    text: String,
}

/// A table after some steps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CleanedTableBody {
    columns: Vec<String>,
    /// The first rows; null where a cell is empty.
    rows: Vec<Vec<Option<String>>>,
    /// Rows of those looked at.
    row_count: u64,
}

/// A step that does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailedStepBody {
    /// Its place, from 1 on.
    step: usize,
    problem: Problem,
}

/// A value that a step could not read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepIssueBody {
    step: usize,
    /// The row in the file, where it still is one of it.
    row: Option<u64>,
    column: String,
    value: String,
    message: Both,
}

impl From<CleaningPreview> for CleanedBody {
    fn from(preview: CleaningPreview) -> Self {
        let table = |table: app::steps::StepsTable| CleanedTableBody {
            columns: table.columns,
            rows: table.rows,
            row_count: table.row_count,
        };
        let issue = |issue: app::steps::StepIssue| StepIssueBody {
            step: issue.step,
            row: issue.row,
            column: issue.column,
            value: issue.value,
            message: both(issue.message),
        };
        let failed = |(step, error)| FailedStepBody { step, problem: Problem::of_input(error) };
        Self {
            tables: preview.tables.into_iter().map(table).collect(),
            failed: preview.failed.into_iter().map(failed).collect(),
            issues: preview.issues.into_iter().map(issue).collect(),
            looked_at: preview.looked_at,
            text: preview.text,
        }
    }
}

/// Shows what steps do to the first rows of a table of an upload; nothing is changed. A step that does not fit is told,
/// and the others are shown without it.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/steps", tag = "imports", request_body = CleaningBody,
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "The table after each step", body = CleanedBody),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 413, description = "The body is too large, or what a workbook unpacks to", body = Problem),
        (status = 422, description = "The upload has no such file, or it is no table that can be read", body = Problem),
    ))]
pub(crate) async fn clean(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<CleaningBody>,
) -> Result<Json<CleanedBody>, Problem> {
    let ask = CleaningAsk { table: body.table, tables: body.tables };
    Ok(Json(loudou.preview_cleaning(id, &ask).await.map_err(Problem::of_input)?.into()))
}

/// A column of a table of an upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpellingsAskBody {
    /// Where the table is, with the steps before.
    #[schema(value_type = mapping::TableChoice)]
    table: TableChoice,
    /// Further tables, by the names under which steps bring them in.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, mapping::TableChoice>)]
    tables: BTreeMap<String, TableChoice>,
    /// The column, as it is called after the steps.
    column: String,
}

/// Spellings in a column that are likely one value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpellingsBody {
    /// What is proposed, the commonest first, at most five hundred.
    clusters: Vec<SpellingBody>,
    /// Different values of the column.
    distinct: usize,
    /// Whether there are more different values than were looked at.
    is_cut: bool,
}

/// Values that are likely one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpellingBody {
    /// The spelling to keep.
    survivor: String,
    /// Rows that have it.
    count: u64,
    /// The other spellings, the commonest first.
    members: Vec<SpellingMemberBody>,
}

/// Another spelling of a value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpellingMemberBody {
    value: String,
    count: u64,
    /// From 0 to 1.
    similarity: f64,
    /// `spaces`, `case`, `width`, `punctuation`, `legal_form`, `word_order` or `misspelling`.
    reason: &'static str,
}

/// Clusters in one answer.
const MOST_CLUSTERS: usize = 500;

/// Proposes which values of a column are spellings of one. What is confirmed becomes a step `map`.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/spellings", tag = "imports", request_body = SpellingsAskBody,
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "What is proposed", body = SpellingsBody),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 413, description = "The body is too large, or what a workbook unpacks to", body = Problem),
        (status = 422, description = "There is no such file or column, or a step does not fit", body = Problem),
    ))]
pub(crate) async fn spellings(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<SpellingsAskBody>,
) -> Result<Json<SpellingsBody>, Problem> {
    let ask = CleaningAsk { table: body.table, tables: body.tables };
    let found = loudou.spellings(id, &ask, &body.column).await.map_err(Problem::of_input)?;
    let clusters = found.clusters.into_iter().take(MOST_CLUSTERS).map(|cluster| SpellingBody {
        survivor: cluster.survivor,
        count: cluster.count,
        members: cluster
            .members
            .into_iter()
            .map(|member| SpellingMemberBody {
                value: member.value,
                count: member.count,
                similarity: member.similarity,
                reason: member.reason.as_str(),
            })
            .collect(),
    });
    Ok(Json(SpellingsBody { clusters: clusters.collect(), distinct: found.distinct, is_cut: found.is_cut }))
}

/// A table of an upload, and another that is to be joined to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinKeysAskBody {
    /// Where the table is, with the steps before the join.
    #[schema(value_type = mapping::TableChoice)]
    table: TableChoice,
    /// Further tables, by the names under which steps bring them in.
    #[schema(value_type = BTreeMap<String, mapping::TableChoice>)]
    tables: BTreeMap<String, TableChoice>,
    /// The one of them that is to be joined.
    with: String,
}

/// Two columns that may join two tables.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JoinKeyBody {
    /// The column of the table.
    left: String,
    /// The column of the other.
    right: String,
    /// Different values of `left` in the rows looked at.
    values: usize,
    /// Those of them that `right` has too.
    matched: usize,
    /// Whether no value of `right` stands on two of its rows.
    is_unique: bool,
}

/// Proposes by which columns another table may be joined, the likeliest first, five at most.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/join-keys", tag = "imports", request_body = JoinKeysAskBody,
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "What is proposed", body = Vec<JoinKeyBody>),
        (status = 403, description = "It takes the right to import", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 413, description = "The body is too large, or what a workbook unpacks to", body = Problem),
        (status = 422, description = "There is no such file or table, or a step does not fit", body = Problem),
    ))]
pub(crate) async fn join_keys(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<JoinKeysAskBody>,
) -> Result<Json<Vec<JoinKeyBody>>, Problem> {
    let ask = CleaningAsk { table: body.table, tables: body.tables };
    let found = loudou.join_keys(id, &ask, &body.with).await.map_err(Problem::of_input)?;
    let told = found.into_iter().map(|key| JoinKeyBody {
        left: key.left,
        right: key.right,
        values: key.values,
        matched: key.matched,
        is_unique: key.is_unique,
    });
    Ok(Json(told.collect()))
}
