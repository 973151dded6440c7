//! What is not a record and has no history: settings, processes.

use chrono_tz::Tz;
use domain::process::Process;
use domain::{Calendar, Currency, Instant, ProcessId, StageId};
use sea_orm::{ConnectionTrait, QueryResult, Value as Sql};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, execute, row, rows};
use crate::store::ORGANISATION;
use crate::{Store, StoreError, Writer};

/// Who the database belongs to, and how it counts days and money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// The zone that turns instants into business days.
    pub zone: Tz,
    /// The month that its fiscal year begins in, 1 to 12.
    pub fiscal_start_month: u32,
    /// The currency it reports in.
    pub currency: Currency,
}

pub(crate) fn text(value: impl Into<String>) -> Sql {
    Sql::String(Some(value.into()))
}

pub(crate) fn int(value: i64) -> Sql {
    Sql::BigInt(Some(value))
}

pub(crate) async fn get_setting(
    on: &impl ConnectionTrait,
    engine: Engine,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let found = row(on, engine, "SELECT value FROM settings WHERE key = ?", vec![text(key)]).await?;
    Ok(found.map(|row| row.try_get_by_index(0)).transpose()?)
}

pub(crate) async fn put_setting(
    on: &impl ConnectionTrait,
    engine: Engine,
    key: &str,
    value: &str,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    execute(on, engine, sql, vec![text(key), text(value)]).await?;
    Ok(())
}

pub(crate) async fn organisation(
    on: &impl ConnectionTrait,
    engine: Engine,
) -> Result<Option<Organisation>, StoreError> {
    let Some(json) = get_setting(on, engine, ORGANISATION).await? else { return Ok(None) };
    serde_json::from_str(&json).map(Some).map_err(|error| StoreError::damaged("the organisation", error.to_string()))
}

pub(crate) fn calendar(organisation: Option<&Organisation>) -> Calendar {
    organisation.map_or(Calendar::new(Tz::UTC), |organisation| Calendar {
        zone: organisation.zone,
        fiscal_start_month: organisation.fiscal_start_month,
    })
}

const PROCESS_COLUMNS: &str = "id, version, first_stage, content";

fn read_process(row: &QueryResult) -> Result<Process, StoreError> {
    let content: String = row.try_get_by_index(3)?;
    let damaged = |detail: String| StoreError::damaged("a sales process", detail);
    let number = |at| -> Result<u32, StoreError> {
        let value: i64 = row.try_get_by_index(at)?;
        u32::try_from(value).map_err(|_| damaged(value.to_string()))
    };
    let process: Process = serde_json::from_str(&content).map_err(|error| damaged(error.to_string()))?;
    let mut process = process.with_ids(ProcessId(number(0)?), StageId(number(2)?));
    process.version = number(1)?;
    Ok(process)
}

/// A process without what the store gives it, to be compared and kept.
fn content_of(process: &Process) -> Result<String, StoreError> {
    let mut plain = process.clone();
    plain.id = None;
    plain.version = 1;
    for stage in &mut plain.stages {
        stage.id = StageId::UNKNOWN;
    }
    serde_json::to_string(&plain).map_err(|error| StoreError::damaged("a sales process", error.to_string()))
}

impl Store {
    /// Adds a process. The first of a key becomes version 1; the same content again gives back the version
    /// that has it; other content becomes the next version. Process and stages get ids that no other has.
    ///
    /// # Errors
    /// The database's own.
    pub async fn add_process(&self, process: &Process, at: Instant) -> Result<Process, StoreError> {
        let mut writer = self.begin().await?;
        let added = writer.add_process(process, at).await?;
        writer.commit().await?;
        Ok(added)
    }

    /// Every version of every process, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn processes(&self) -> Result<Vec<Process>, StoreError> {
        let sql = format!("SELECT {PROCESS_COLUMNS} FROM processes ORDER BY id");
        rows(self.readers(), self.engine(), &sql, Vec::new()).await?.iter().map(read_process).collect()
    }
}

impl Writer {
    /// Adds a process, as [`Store::add_process`] does.
    ///
    /// # Errors
    /// The database's own.
    pub async fn add_process(&mut self, process: &Process, at: Instant) -> Result<Process, StoreError> {
        let content = content_of(process)?;
        let sql = format!("SELECT {PROCESS_COLUMNS} FROM processes WHERE key = ? ORDER BY version");
        let versions = rows(&self.tx, self.engine, &sql, vec![text(&process.key)]).await?;
        let mut version = 0;
        for row in &versions {
            let stored = read_process(row)?;
            if content_of(&stored)? == content {
                return Ok(stored);
            }
            version = version.max(stored.version);
        }
        let too_many = || StoreError::damaged("the ids of processes", self.head.process.to_string());
        let stages = i64::try_from(process.stages.len()).map_err(|_| too_many())?;
        let (id, first_stage) = (self.head.process + 1, self.head.stage + 1);
        let mut added = process.clone().with_ids(
            ProcessId(u32::try_from(id).map_err(|_| too_many())?),
            StageId(u32::try_from(first_stage).map_err(|_| too_many())?),
        );
        added.version = version + 1;
        let sql = "INSERT INTO processes (id, key, version, first_stage, content, added_at) VALUES (?,?,?,?,?,?)";
        let values = vec![
            int(id),
            text(&process.key),
            int(i64::from(added.version)),
            int(first_stage),
            text(content),
            int(at.0),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        self.head.process = id;
        self.head.stage += stages;
        self.head.config += 1;
        Ok(added)
    }

    /// Sets a setting, as [`Store::set_setting`] does.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_setting(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        put_setting(&self.tx, self.engine, key, value).await
    }

    /// Sets a setting that answers rest on: whoever follows the database notices.
    ///
    /// # Errors
    /// The database's own.
    pub async fn configure(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        put_setting(&self.tx, self.engine, key, value).await?;
        self.head.config += 1;
        Ok(())
    }

    /// Sets the organisation. Another zone gives every deal's business days anew.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_organisation(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        let json = serde_json::to_string(organisation)
            .map_err(|error| StoreError::damaged("the organisation", error.to_string()))?;
        put_setting(&self.tx, self.engine, ORGANISATION, &json).await?;
        self.head.config += 1;
        let before = std::mem::replace(&mut self.calendar, calendar(Some(organisation)));
        if before.zone != self.calendar.zone {
            self.redate().await?;
        }
        Ok(())
    }
}
