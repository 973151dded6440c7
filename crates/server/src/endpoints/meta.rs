//! What frames every page.

use app::meta::{Meta, ProcessSeen};
use axum::Json;
use domain::process::{Stage, StageKind, StageRole};
use serde::Serialize;
use utoipa::ToSchema;

use super::opportunity::FieldChoiceBody;
use crate::asker::Asker;
use crate::body::Both;
use crate::problem::Problem;

/// What frames every page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaBody {
    organisation: OrganisationBody,
    /// Today in the organisation's zone.
    #[schema(format = Date)]
    today: String,
    /// The journal up to here is in the numbers.
    seq: i64,
    /// Deals in sight.
    deals: u64,
    /// The processes, those with the most deals first.
    processes: Vec<ProcessBody>,
    /// What can be grouped and filtered by.
    dimensions: Vec<DimensionBody>,
}

/// Whose data it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationBody {
    name: String,
    /// The zone of its business days.
    zone: String,
    /// The currency it reports in.
    currency: String,
    /// Decimals of that currency.
    decimals: u32,
    /// The month its fiscal year begins in, 1 to 12.
    fiscal_start_month: u32,
}

/// A process and what is seen of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProcessBody {
    key: String,
    name: Both,
    version: u32,
    /// Deals in sight.
    deals: u64,
    /// The first day on which something happened to one of them.
    #[schema(format = Date)]
    first_day: Option<String>,
    /// The last such day: what an export told ends here.
    #[schema(format = Date)]
    last_day: Option<String>,
    /// Whether stages are known that deals went through; without them nothing is known of conversions and stays.
    has_stage_history: bool,
    /// Typical days from the first stage to the win.
    cycle_days: Option<u32>,
    stages: Vec<StageBody>,
}

/// A stage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StageBody {
    key: String,
    name: Both,
    order: i32,
    /// `open`, `won`, `lost`, `cancelled`, `parked` or `post`.
    kind: &'static str,
    /// `none`, `intent` or `commit`.
    role: &'static str,
    /// From the intent stage on.
    high: bool,
    probability_ppm: Option<i32>,
    standard_stay_days: Option<u32>,
}

/// A dimension.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DimensionBody {
    key: String,
    label: Both,
    /// The values that have names, where they are the organisation's own: shown instead of the keys.
    choices: Vec<FieldChoiceBody>,
    /// Whether targets are set for its members, so that gauges can go by it.
    has_targets: bool,
}

/// The organisation, the processes in sight with their stages, and what can be grouped by.
#[utoipa::path(get, path = "/api/v1/meta", tag = "analyses", responses(
    (status = 200, description = "What frames every page", body = MetaBody),
))]
pub(crate) async fn meta(Asker(loudou): Asker) -> Result<Json<MetaBody>, Problem> {
    Ok(Json(loudou.meta().await?.into()))
}

impl From<Meta> for MetaBody {
    fn from(meta: Meta) -> Self {
        let Meta { organisation, today, seq, deals, processes, dimensions } = meta;
        Self {
            organisation: OrganisationBody {
                name: organisation.name,
                zone: organisation.zone.name().to_owned(),
                currency: organisation.currency.to_string(),
                decimals: organisation.currency.decimals(),
                fiscal_start_month: organisation.fiscal_start_month,
            },
            today: today.to_string(),
            seq,
            deals,
            processes: processes.into_iter().map(ProcessBody::from).collect(),
            dimensions: dimensions
                .into_iter()
                .map(|seen| DimensionBody {
                    key: seen.key,
                    label: seen.label.into(),
                    choices: seen.choices.into_iter().map(FieldChoiceBody::from).collect(),
                    has_targets: seen.has_targets,
                })
                .collect(),
        }
    }
}

impl From<ProcessSeen> for ProcessBody {
    fn from(seen: ProcessSeen) -> Self {
        let ProcessSeen { process, deals, days, has_stage_history } = seen;
        let stages = process.stages.iter().map(|stage| StageBody::of(stage, process.is_high(stage.id))).collect();
        Self {
            key: process.key,
            name: Both::new(process.name.zh, process.name.en),
            version: process.version,
            deals,
            first_day: days.map(|(first, _)| first.to_string()),
            last_day: days.map(|(_, last)| last.to_string()),
            has_stage_history,
            cycle_days: process.cycle_days,
            stages,
        }
    }
}

impl StageBody {
    pub(crate) fn of(stage: &Stage, high: bool) -> Self {
        Self {
            key: stage.key.clone(),
            name: Both::new(stage.name.zh.clone(), stage.name.en.clone()),
            order: stage.order,
            kind: match stage.kind {
                StageKind::Open => "open",
                StageKind::Won => "won",
                StageKind::Lost => "lost",
                StageKind::Cancelled => "cancelled",
                StageKind::Parked => "parked",
                StageKind::Post => "post",
            },
            role: match stage.role {
                StageRole::None => "none",
                StageRole::Intent => "intent",
                StageRole::Commit => "commit",
            },
            high,
            probability_ppm: stage.probability_ppm,
            standard_stay_days: stage.stay_days,
        }
    }
}
