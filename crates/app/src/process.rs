//! Sales processes: those of the database and the ready-made ones.

use std::path::Path;

use domain::Instant;
use domain::process::{self, Process};
use serde_json::{Value, json};

use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::{AppError, Loudou, Place, Result};

/// The processes of the database (where there is one) and the ready-made ones not in it.
///
/// # Errors
/// The database cannot be read.
pub async fn list(place: &Place, now: Instant) -> Result<Answer> {
    let columns = vec![
        Column::new("process", "流程", "process", Unit::Text),
        Column::new("version", "版本", "version", Unit::Count),
        Column::new("stages", "阶段数", "stages", Unit::Count),
        Column::new("cycle_days", "典型周期", "cycle", Unit::Days),
        Column::new("origin", "来源", "origin", Unit::Text),
    ];
    let mut answer = Answer::new("销售流程", "Sales processes", Terms::default(), columns);
    let own = known(place, now).await?;
    let ready = ready_made()?;
    let unused = ready.iter().filter(|ready| own.iter().all(|own| own.key != ready.key));
    let rows = own.iter().map(|process| (process, ("本库", "this database", "database")));
    for (process, (zh, en, key)) in rows.chain(unused.map(|process| (process, ("现成", "ready-made", "ready-made"))))
    {
        answer.push(vec![
            Cell::Name {
                zh: format!("{} {}", process.key, process.name.zh),
                en: format!("{} {}", process.key, process.name.en),
                key: process.key.clone(),
            },
            Cell::Int(i64::from(process.version)),
            Cell::Int(i64::try_from(process.stages.len()).unwrap_or(i64::MAX)),
            process.cycle_days.map_or(Cell::Undefined(why::NOT_SET), |days| Cell::Int(i64::from(days))),
            Cell::Name { zh: zh.into(), en: en.into(), key: key.into() },
        ]);
    }
    Ok(answer)
}

/// The latest version of the process with this key in the database, or the ready-made one.
///
/// # Errors
/// There is none.
pub async fn find(place: &Place, key: &str, now: Instant) -> Result<Process> {
    let own = known(place, now).await?;
    let ready = ready_made()?;
    let latest = own.iter().filter(|process| process.key == key).max_by_key(|process| process.version);
    let found = latest.or_else(|| ready.iter().find(|process| process.key == key));
    found.cloned().ok_or_else(|| {
        let mut keys: Vec<_> = own.iter().chain(&ready).map(|process| process.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        AppError::input((format!("没有流程“{key}”"), format!("there is no process `{key}`")))
            .hint((format!("现有：{}", keys.join("、")), format!("there are: {}", keys.join(", "))))
    })
}

/// Reads a ready-made process by its key, or a file.
///
/// # Errors
/// Neither exists, or the file breaks a rule; each breach says where and what to do.
pub fn read(key_or_file: &str) -> Result<Process> {
    let path = Path::new(key_or_file);
    if !path.is_file() || ready_made()?.iter().any(|process| process.key == key_or_file) {
        return ready(key_or_file);
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| AppError::input(format!("{}: {error}", path.display())))?;
    process::load(&text).map_err(|issues| breaches(&path.display().to_string(), &issues))
}

/// The ready-made process with this key.
pub(crate) fn ready(key: &str) -> Result<Process> {
    ready_made()?.into_iter().find(|process| process.key == key).ok_or_else(|| {
        let keys: Vec<_> = process::ready_made().iter().map(|ready| ready.key).collect();
        AppError::input((
            format!("没有现成流程“{key}”，也没有这个名称的文件"),
            format!("there is no ready-made process `{key}`, and no file of that name"),
        ))
        .hint((format!("现成流程有：{}", keys.join("、")), format!("ready-made are: {}", keys.join(", "))))
    })
}

/// Every breach of a process file as one error.
pub(crate) fn breaches(origin: &str, issues: &[process::ProcessIssue]) -> AppError {
    let zh = format!("{origin} 不是可用的流程");
    let error = AppError::input((zh, format!("{origin} is not a process that can be used")));
    issues.iter().fold(error, |error, issue| error.and(format!("{origin}: {issue}")))
}

/// A process as JSON, in the shape of its file, with its ids.
///
/// # Errors
/// Never for a loaded process.
pub fn to_json(process: &Process) -> Result<Value> {
    let mut row = serde_json::to_value(process).map_err(|error| AppError::system(error.to_string()))?;
    row["process_id"] = json!(process.id.map(|id| id.0));
    Ok(json!({"terms": {}, "rows": [row]}))
}

async fn known(place: &Place, now: Instant) -> Result<Vec<Process>> {
    match Loudou::find(place, now).await? {
        Some(loudou) => loudou.processes().await,
        None => Ok(Vec::new()),
    }
}

pub(crate) fn ready_made() -> Result<Vec<Process>> {
    process::load_ready_made().map_err(|issues| breaches("a ready-made process", &issues))
}

impl Loudou {
    /// Every version of every process of the database.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn processes(&self) -> Result<Vec<Process>> {
        Ok(self.store.processes().await?)
    }

    /// Adds a process, or a new version of one whose content changed. Tells whether anything was added.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn add_process(&self, process: &Process) -> Result<(Process, bool)> {
        let before = self.store.processes().await?.len();
        let added = self.store.add_process(process, self.now).await?;
        Ok((added, self.store.processes().await?.len() > before))
    }
}
