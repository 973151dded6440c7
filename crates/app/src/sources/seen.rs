//! Sources and their runs as people see them, and as they are read from the store.

use connect::{Definition, Mark};
use domain::Instant;
use serde::{Deserialize, Serialize};
use store::{Connection, Run};

use crate::import::Recipe;
use crate::{AppError, Result};

/// A source as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSeen {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where its rows are.
    pub definition: Definition,
    /// Whether a password or token belongs to it.
    pub takes_secret: bool,
    /// Whether that is set.
    pub has_secret: bool,
    /// The profile that reads its rows, once one is kept.
    pub recipe: Option<String>,
    /// The columns that the profile was made for.
    pub columns: Vec<String>,
    /// When it runs by itself.
    pub schedule: Option<String>,
    /// Whether the rest goes in where rows are rejected.
    pub skip_rejected: bool,
    /// When it runs by itself next.
    pub next_at: Option<Instant>,
    /// Whether somebody is at it.
    pub is_running: bool,
    /// The latest time of change that was brought in, as the source wrote it; else the highest key.
    pub came_to: Option<String>,
    /// The version that a change is made on.
    pub version: i64,
    /// Its latest run.
    pub last_run: Option<RunSeen>,
}

/// A pull or run as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSeen {
    /// Its id.
    pub id: i64,
    /// `schedule`, `person` or `studio`.
    pub cause: String,
    /// Who wanted it.
    pub actor: String,
    /// When it began.
    pub begun_at: Instant,
    /// When it ended; absent while it runs.
    pub ended_at: Option<Instant>,
    /// `running`, `done`, `nothing`, `pulled`, `rejected`, `columns`, `failed` or `cancelled`.
    pub state: String,
    /// Rows that came.
    pub rows: Option<i64>,
    /// Bytes that came.
    pub bytes: Option<i64>,
    /// The import that they became.
    pub import: Option<i64>,
    /// What happened, and what to do.
    pub told: Told,
}

/// What is kept of a run in words, with the columns that came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// What happened, in Chinese and in English.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What to do, in Chinese.
    pub hint_zh: String,
    /// The same in English.
    pub hint_en: String,
    /// The columns that came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

impl Told {
    pub(super) fn of(error: &AppError) -> Self {
        let zh = error.messages_zh.first().cloned().flatten();
        let en = error.messages.join("\n");
        Self {
            zh: zh.unwrap_or_else(|| en.clone()),
            en,
            hint_zh: error.hint_zh.clone().or_else(|| error.hint.clone()).unwrap_or_default(),
            hint_en: error.hint.clone().unwrap_or_default(),
            columns: Vec::new(),
        }
    }
}

impl From<Run> for RunSeen {
    fn from(run: Run) -> Self {
        let (ended_at, end) = run.end.map_or((None, None), |(at, end)| (Some(at), Some(end)));
        Self {
            id: run.id,
            cause: run.draft.cause,
            actor: run.draft.actor,
            begun_at: run.begun_at,
            ended_at,
            state: end.as_ref().map_or_else(|| "running".to_owned(), |end| end.state.clone()),
            rows: end.as_ref().and_then(|end| end.rows),
            bytes: end.as_ref().and_then(|end| end.bytes),
            import: end.as_ref().and_then(|end| end.import),
            told: end.and_then(|end| serde_json::from_str(&end.detail).ok()).unwrap_or_default(),
        }
    }
}

/// A stored source, read.
pub(super) struct Known {
    pub(super) stored: Connection,
    pub(super) definition: Definition,
    pub(super) mark: Mark,
}

impl Known {
    pub(super) fn of(stored: Connection) -> Result<Self> {
        let damaged = |what: &str| AppError::system(format!("{what} of source {} cannot be read", stored.id));
        let definition = Definition::parse(&stored.draft.definition).map_err(|_| damaged("the definition"))?;
        let mark = serde_json::from_str(&stored.mark).map_err(|_| damaged("the mark"))?;
        Ok(Self { stored, definition, mark })
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.stored.draft.column_names.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    pub(super) fn recipe(&self, own: &[domain::CustomField]) -> Result<Option<Recipe>> {
        let text = self.stored.draft.recipe.clone();
        text.map(|text| Recipe::kept(text, None, &self.stored.draft.name, own)).transpose()
    }

    pub(super) fn seen(self, last_run: Option<RunSeen>, now: Instant) -> SourceSeen {
        let columns = self.columns();
        let Connection { id, draft, has_secret, next_at, lease_until, version, .. } = self.stored;
        SourceSeen {
            id,
            name: draft.name,
            takes_secret: self.definition.target().is_some(),
            definition: self.definition,
            has_secret,
            recipe: draft.recipe.as_deref().and_then(crate::import::name_in),
            columns,
            schedule: draft.schedule,
            skip_rejected: draft.skip_rejected,
            next_at,
            is_running: lease_until.is_some_and(|until| until > now),
            came_to: self.mark.updated.or(self.mark.key),
            version,
            last_run,
        }
    }
}
