//! The handle on one database.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use domain::field::{FieldId, FieldType};
use domain::{Calendar, CustomField, Kind};
use sea_orm::DatabaseConnection;

use crate::engine::{Connections, TURN, row, sqlite_path};
use crate::{Engine, Organisation, StoreError, custom, migrate, registry};

pub(crate) const DATABASE_ID: &str = "database_id";
pub(crate) const LINEAGE_ID: &str = "lineage_id";
pub(crate) const ORGANISATION: &str = "organisation";

/// Types of the custom fields, by id.
pub(crate) type CustomTypes = HashMap<FieldId, (Kind, FieldType)>;

/// One database; clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
    pub(crate) turn: Duration,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) connections: Connections,
    custom: RwLock<Arc<CustomTypes>>,
}

/// What a look at the journal's numbers found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCheck {
    /// The head.
    pub head: i64,
    /// Entries there are; equal to the head in a sound journal.
    pub entries: i64,
    /// The last entry's number; equal to the head in a sound journal.
    pub last: i64,
    /// What the engine says about its own file; empty where it is sound, or has no such check.
    pub engine_findings: Vec<String>,
}

impl JournalCheck {
    /// Nothing is missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.head == self.entries && self.head == self.last && self.engine_findings.is_empty()
    }
}

impl Store {
    /// Opens `sqlite:///path/to/file.db` (made if it does not exist) or `postgres://…`, and brings its format
    /// up to date. `fresh_id` becomes the id of a database that is new: it should be random.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::NewerVersion`], or the database's own.
    pub async fn open(url: &str, fresh_id: u128) -> Result<Self, StoreError> {
        Self::with(Connections::open(url).await?, fresh_id).await
    }

    /// Opens the database at `url` if there is one. Where there is none, nothing is made.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn find(url: &str, fresh_id: u128) -> Result<Option<Self>, StoreError> {
        if sqlite_path(url).is_some_and(|file| !file.is_file()) {
            return Ok(None);
        }
        let connections = Connections::open(url).await?;
        if migrate::format(&connections).await? == 0 {
            connections.close().await?;
            return Ok(None);
        }
        Self::with(connections, fresh_id).await.map(Some)
    }

    async fn with(connections: Connections, fresh_id: u128) -> Result<Self, StoreError> {
        migrate::migrate(&connections, &format!("{fresh_id:032x}")).await?;
        let store = Self { inner: Arc::new(Inner { connections, custom: RwLock::default() }), turn: TURN };
        store.reload_custom_fields().await?;
        Ok(store)
    }

    /// The same database for writers that wait no longer than `turn` for another one; absent: longer than any import
    /// takes.
    #[must_use]
    pub fn with_turn(&self, turn: Option<Duration>) -> Self {
        Self { inner: Arc::clone(&self.inner), turn: turn.unwrap_or(TURN) }
    }

    /// Which engine serves the database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.connections.engine
    }

    pub(crate) fn readers(&self) -> &DatabaseConnection {
        &self.inner.connections.readers
    }

    /// Closes the connections; of all clones.
    ///
    /// # Errors
    /// The database's own.
    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.connections.close().await
    }

    /// Tells this database from every other, and from itself before a restore.
    ///
    /// # Errors
    /// The database's own.
    pub async fn database_id(&self) -> Result<String, StoreError> {
        self.required_setting(DATABASE_ID).await
    }

    pub(crate) async fn required_setting(&self, key: &'static str) -> Result<String, StoreError> {
        self.setting(key).await?.ok_or_else(|| StoreError::damaged("the settings", format!("no {key}")))
    }

    /// A setting by key.
    ///
    /// # Errors
    /// The database's own.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        registry::get_setting(self.readers(), self.engine(), key).await
    }

    /// Sets a setting. Keys with a dot are free for callers.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut writer = self.begin().await?;
        writer.set_setting(key, value).await?;
        writer.commit().await.map(|_| ())
    }

    /// The organisation, once it was told.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn organisation(&self) -> Result<Option<Organisation>, StoreError> {
        registry::organisation(self.readers(), self.engine()).await
    }

    /// Sets the organisation. Another zone gives every deal's business days anew.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_organisation(&self, organisation: &Organisation) -> Result<(), StoreError> {
        let mut writer = self.begin().await?;
        writer.set_organisation(organisation).await?;
        writer.commit().await.map(|_| ())
    }

    /// The organisation's calendar; in UTC, with the calendar year, before one was told.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn calendar(&self) -> Result<Calendar, StoreError> {
        Ok(registry::calendar(self.organisation().await?.as_ref()))
    }

    /// Holds the journal's numbers to each other, and lets the engine look at its file.
    ///
    /// # Errors
    /// The database's own.
    pub async fn check(&self) -> Result<JournalCheck, StoreError> {
        let sql = "SELECT h.seq, (SELECT COUNT(*) FROM journal), (SELECT MAX(seq) FROM journal) \
                   FROM journal_head h WHERE h.id = 1";
        let found = row(self.readers(), self.engine(), sql, Vec::new())
            .await?
            .ok_or_else(|| StoreError::damaged("the head of the journal", "it is missing"))?;
        let mut engine_findings = Vec::new();
        if self.engine() == Engine::Sqlite {
            for row in crate::engine::rows(self.readers(), self.engine(), "PRAGMA quick_check", Vec::new()).await? {
                let finding: String = row.try_get_by_index(0)?;
                if finding != "ok" {
                    engine_findings.push(finding);
                }
            }
        }
        Ok(JournalCheck {
            head: found.try_get_by_index(0)?,
            entries: found.try_get_by_index(1)?,
            last: found.try_get_by_index::<Option<i64>>(2)?.unwrap_or(0),
            engine_findings,
        })
    }

    /// Types of the custom fields as last read.
    pub(crate) fn custom_types(&self) -> Arc<CustomTypes> {
        match self.inner.custom.read() {
            Ok(types) => Arc::clone(&types),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    /// Reads the custom fields anew.
    pub(crate) async fn reload_custom_fields(&self) -> Result<(), StoreError> {
        let fields = custom::custom_fields(self.readers(), self.engine()).await?;
        self.remember_custom_fields(&fields);
        Ok(())
    }

    pub(crate) fn remember_custom_fields(&self, fields: &[CustomField]) {
        let types = Arc::new(fields.iter().map(|field| (field.id, (field.kind, field.ty))).collect());
        match self.inner.custom.write() {
            Ok(mut slot) => *slot = types,
            Err(poisoned) => *poisoned.into_inner() = types,
        }
    }
}
