//! Stages and processes by id, as columns and moves look them up.
//!
//! Stage ids say nothing by their value; their order, kind and position do. This module must not know any
//! deal.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray, StringViewArray, StringViewBuilder, UInt32Array};
use arrow::error::ArrowError;
use domain::process::{ForecastCategory, Level, Process, Stage, StageKind, StageRole};

/// What a move needs to know about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rung {
    /// The process version it belongs to, by position in the catalogue.
    pub(super) process: usize,
    /// Its order in the source.
    pub(super) order: i32,
    /// Its position on the way of the sale; absent for lost, cancelled and parked ends.
    pub(super) step: Option<usize>,
}

/// Every stage of every process version.
#[derive(Debug)]
pub(super) struct Catalogue {
    rungs: Vec<Option<Rung>>,
    stage_keys: Arc<StringViewArray>,
    process_keys: Arc<StringViewArray>,
}

impl Catalogue {
    pub(super) fn new(processes: &[Process]) -> Self {
        let mut rungs: Vec<Option<Rung>> = Vec::new();
        let mut stages: Vec<Option<&str>> = Vec::new();
        let mut keys: Vec<Option<&str>> = Vec::new();
        for (at, process) in processes.iter().enumerate() {
            if let Some(id) = process.id {
                put(&mut keys, id.0, &process.key);
            }
            let mut steps = 0_usize..;
            for stage in &process.stages {
                let step = if stage.kind.is_on_path() { steps.next() } else { None };
                put(&mut rungs, stage.id.0, Rung { process: at, order: stage.order, step });
                put(&mut stages, stage.id.0, &stage.key);
            }
        }
        Self { rungs, stage_keys: views(&stages), process_keys: views(&keys) }
    }

    /// The stage with this id; absent for the unknown stage and ids of no process.
    pub(super) fn rung(&self, stage: u32) -> Option<Rung> {
        self.rungs.get(stage as usize).copied().flatten()
    }

    /// Keys by stage id.
    pub(super) const fn stage_keys(&self) -> &Arc<StringViewArray> {
        &self.stage_keys
    }

    /// Keys by process id.
    pub(super) const fn process_keys(&self) -> &Arc<StringViewArray> {
        &self.process_keys
    }
}

/// Sets `list[id]`; id 0 is the unknown one and stays absent.
fn put<T: Clone>(list: &mut Vec<Option<T>>, id: u32, value: T) {
    let at = id as usize;
    if at >= list.len() {
        list.resize(at + 1, None);
    }
    if id != 0 {
        list[at] = Some(value);
    }
}

fn views(texts: &[Option<&str>]) -> Arc<StringViewArray> {
    let mut views = StringViewBuilder::new();
    if texts.is_empty() {
        views.append_null();
    }
    for text in texts {
        views.append_option(*text);
    }
    Arc::new(views.finish())
}

/// The `processes` table: one row a version.
pub(super) fn processes(processes: &[Process]) -> Result<RecordBatch, ArrowError> {
    let text =
        |of: fn(&Process) -> Option<&str>| -> ArrayRef { Arc::new(processes.iter().map(of).collect::<StringArray>()) };
    RecordBatch::try_from_iter_with_nullable([
        (
            "process_id",
            Arc::new(processes.iter().map(|of| of.id.map(|id| id.0)).collect::<UInt32Array>()) as ArrayRef,
            true,
        ),
        ("process", text(|of| Some(&of.key)), false),
        ("version", Arc::new(processes.iter().map(|of| Some(of.version)).collect::<UInt32Array>()), false),
        ("name_zh", text(|of| Some(&of.name.zh)), false),
        ("name_en", text(|of| Some(&of.name.en)), false),
        ("cycle_days", Arc::new(processes.iter().map(|of| of.cycle_days).collect::<UInt32Array>()), true),
    ])
}

/// The `stages` table: one row a stage of a version, by process and order.
pub(super) fn stages(processes: &[Process]) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&Process, &Stage)> =
        processes.iter().flat_map(|process| process.stages.iter().map(move |stage| (process, stage))).collect();
    let text = |of: fn(&Process, &Stage) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|(process, stage)| of(process, stage)).collect::<StringArray>())
    };
    let whole = |of: fn(&Process, &Stage) -> Option<u32>| -> ArrayRef {
        Arc::new(rows.iter().map(|(process, stage)| of(process, stage)).collect::<UInt32Array>())
    };
    let signed = |of: fn(&Stage) -> Option<i32>| -> ArrayRef {
        Arc::new(rows.iter().map(|(_, stage)| of(stage)).collect::<Int32Array>())
    };
    RecordBatch::try_from_iter_with_nullable([
        ("process", text(|process, _| Some(process.key.clone())), false),
        ("version", whole(|process, _| Some(process.version)), false),
        ("stage_id", whole(|_, stage| Some(stage.id.0)), false),
        ("stage", text(|_, stage| Some(stage.key.clone())), false),
        ("stage_order", signed(|stage| Some(stage.order)), false),
        ("name_zh", text(|_, stage| Some(stage.name.zh.clone())), false),
        ("name_en", text(|_, stage| Some(stage.name.en.clone())), false),
        ("kind", text(|_, stage| Some(stage.kind.as_str().to_owned())), false),
        ("level", text(|_, stage| level(stage).map(str::to_owned)), true),
        ("role", text(|_, stage| role(stage.role).map(str::to_owned)), true),
        ("probability_ppm", signed(|stage| stage.probability_ppm), true),
        ("stay_days", whole(|_, stage| stage.stay_days), true),
        ("forecast_category", text(|_, stage| stage.forecast.map(|of| forecast(of).to_owned())), true),
    ])
}

/// Early and late are told apart among open stages only.
fn level(stage: &Stage) -> Option<&'static str> {
    (stage.kind == StageKind::Open).then_some(match stage.level {
        Level::Low => "low",
        Level::High => "high",
    })
}

const fn role(role: StageRole) -> Option<&'static str> {
    match role {
        StageRole::None => None,
        StageRole::Intent => Some("intent"),
        StageRole::Commit => Some("commit"),
    }
}

const fn forecast(category: ForecastCategory) -> &'static str {
    match category {
        ForecastCategory::Omitted => "omitted",
        ForecastCategory::Pipeline => "pipeline",
        ForecastCategory::BestCase => "best_case",
        ForecastCategory::Commit => "commit",
        ForecastCategory::Closed => "closed",
    }
}
