//! A mapping proposed for the files of an upload, with reasons.

use std::collections::BTreeMap;

use app::import::{self as import, ProposalAsk};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping;
use super::uploads::{FileBody, both};
use crate::asker::Asker;
use crate::body::Both;
use crate::problem::Problem;
use crate::query::{Body, Path};

/// Which tables are meant, and what is done to them first.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuggestBody {
    /// The file of the table that comes first; the likeliest to hold deals where absent.
    file: Option<String>,
    /// The sheet of a workbook; the first that holds a table where absent.
    sheet: Option<String>,
    /// The row of the headings; found where absent.
    #[schema(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    header_row: Option<u32>,
    /// What is done to that file first: the proposal is for the table after it.
    #[serde(default)]
    #[schema(value_type = Vec<mapping::Step>, max_items = 200)]
    steps: Vec<app::steps::RawStep>,
    /// That table holds deals, whatever it seems to hold.
    #[serde(default)]
    is_deals: bool,
    /// Further tables that are looked at after their steps, or below other headings.
    #[serde(default)]
    #[schema(value_type = Vec<mapping::TableChoice>, max_items = 100)]
    others: Vec<import::TableChoice>,
    /// Further tables, by the names under which steps bring them in.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, mapping::TableChoice>)]
    tables: BTreeMap<String, import::TableChoice>,
    /// An import of before whose mapping is taken up for these files; then nothing else is needed.
    saved: Option<i64>,
}

/// A proposed mapping.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestedBody {
    #[schema(value_type = mapping::Mapping)]
    mapping: import::Mapping,
    /// The table of deals as it was looked at, if there is one.
    file: Option<FileBody>,
    /// Why each column of the table of deals is where it is.
    suggestions: Vec<SuggestionBody>,
    /// Every table that was looked at, and what it may hold.
    tables: Vec<TableFoundBody>,
    /// The kinds of records to choose from; `opportunity` stands for deals.
    kinds: Vec<RecordKindBody>,
    /// The names of the sources that were imported before, the latest first: records under one of them can be referred to.
    sources: Vec<String>,
    /// Why the process is the one it is.
    process_why: Both,
    /// What to look at before going on.
    notes: Vec<Both>,
    /// Bundled profiles that the files fit, the best first; a score of 1 reads them as they are.
    profile_matches: Vec<MatchBody>,
    /// Imports of before whose profile reads these files as they are, the latest first.
    saved_matches: Vec<SavedBody>,
}

/// A table and what it may hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableFoundBody {
    file: FileBody,
    /// The kinds, the likeliest first.
    kinds: Vec<KindFoundBody>,
}

/// What a table may hold, and how it would come in as that.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindFoundBody {
    kind: &'static str,
    /// From 0 to 1; what is below a third is no more than a possibility.
    score: f64,
    why: Both,
    /// What the mapping would say; of deals it is asked for with `is_deals`.
    #[schema(value_type = Option<mapping::MappedRecords>)]
    records: Option<import::MappedRecords>,
    /// Why each column is where it is.
    suggestions: Vec<SuggestionBody>,
    /// What to look at before going on.
    notes: Vec<Both>,
}

/// A kind of records to choose for a table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordKindBody {
    kind: &'static str,
    label: Both,
    /// Its fields; `id` stands for the key.
    fields: Vec<MappingFieldBody>,
}

/// An import of before that read files with the same columns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedBody {
    /// The import: what `saved` of an import or preview takes.
    import: i64,
    /// The name of its profile.
    profile: String,
    /// What its files were called.
    files: Vec<String>,
    /// When it was.
    #[schema(format = DateTime)]
    at: String,
    /// Those of its files that none of these is like: what they told stays as it is.
    missing: Vec<String>,
}

/// A field that a column may be put to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MappingFieldBody {
    name: String,
    label: Both,
    /// `key`, `text`, `number`, `amount`, `date`, `share`, `yes_no`, `currency`, `stage`, `outcome` or `reference`; of the
    /// organisation's own fields also `choice`.
    #[serde(rename = "type")]
    kind: String,
    required: bool,
}

/// Why a column is put to a field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionBody {
    column: String,
    field: String,
    /// From 0 to 1.
    score: f64,
    why: Both,
}

/// How well a bundled profile fits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchBody {
    name: &'static str,
    /// From 0 to 1.
    score: f64,
}

impl From<import::Suggestion> for SuggestionBody {
    fn from(found: import::Suggestion) -> Self {
        Self { column: found.column, field: found.field, score: found.score, why: both(found.why) }
    }
}

impl From<import::KindFound> for KindFoundBody {
    fn from(found: import::KindFound) -> Self {
        Self {
            kind: found.kind.as_str(),
            score: found.score,
            why: both(found.why),
            records: found.records,
            suggestions: found.columns.into_iter().map(SuggestionBody::from).collect(),
            notes: found.notes.into_iter().map(both).collect(),
        }
    }
}

impl From<import::RecordKind> for RecordKindBody {
    fn from(kind: import::RecordKind) -> Self {
        let field = |field: import::KindField| MappingFieldBody {
            name: field.name,
            label: both(field.label),
            kind: field.values,
            required: field.is_required,
        };
        Self { kind: kind.kind.as_str(), label: both(kind.label), fields: kind.fields.into_iter().map(field).collect() }
    }
}

/// Proposes a mapping for the files of an upload.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/suggest", tag = "imports", request_body = SuggestBody,
    params(("id" = i64, Path, description = "The upload")), responses(
        (status = 200, description = "A mapping with its reasons", body = SuggestedBody),
        (status = 403, description = "It takes the right to import, and a page of this server", body = Problem),
        (status = 404, description = "The asker has no such upload", body = Problem),
        (status = 413, description = "The body is too large, or what a workbook unpacks to", body = Problem),
        (status = 422, description = "The upload has no such file, or it is no table that can be read", body = Problem),
    ))]
pub(crate) async fn suggest(
    Asker(loudou): Asker,
    Path(id): Path<i64>,
    Body(body): Body<SuggestBody>,
) -> Result<Json<SuggestedBody>, Problem> {
    let SuggestBody { file, sheet, header_row, steps, is_deals, others, tables, saved } = body;
    let ask = ProposalAsk { file, sheet, header_row, steps, is_deals, others, tables, saved };
    let proposal = loudou.propose_mapping(id, &ask).await.map_err(Problem::of_input)?;
    let deals = proposal.deals().cloned();
    let import::Proposal { suggestions, looks, kinds, sources, fits, saved } = proposal;
    let saved = saved.into_iter().map(|fit| SavedBody {
        import: fit.import,
        profile: fit.profile,
        files: fit.files,
        at: fit.at.to_string(),
        missing: fit.missing,
    });
    let tables = looks.into_iter().zip(suggestions.tables).map(|(look, found)| TableFoundBody {
        file: look.into(),
        kinds: found.kinds.into_iter().map(KindFoundBody::from).collect(),
    });
    Ok(Json(SuggestedBody {
        mapping: suggestions.mapping,
        file: deals.map(FileBody::from),
        suggestions: suggestions.columns.into_iter().map(SuggestionBody::from).collect(),
        tables: tables.collect(),
        kinds: kinds.into_iter().map(RecordKindBody::from).collect(),
        sources,
        process_why: both(suggestions.process),
        notes: suggestions.notes.into_iter().map(both).collect(),
        profile_matches: fits.into_iter().map(|fit| MatchBody { name: fit.name, score: fit.score }).collect(),
        saved_matches: saved.collect(),
    }))
}
