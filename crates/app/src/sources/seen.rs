//! Sources and their runs as people see them, and as they are read from the store.

use connect::{Ahead, Definition, Mark};
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
    /// When it ended; absent while it runs, and where its process was killed.
    pub ended_at: Option<Instant>,
    /// `running`, `done`, `nothing`, `pulled`, `rejected`, `columns`, `failed` or `cancelled`.
    pub state: String,
    /// Rows that came.
    pub rows: Option<i64>,
    /// Bytes that came.
    pub bytes: Option<i64>,
    /// The imports that they became.
    pub imports: Vec<i64>,
    /// What happened, and what to do.
    pub told: Told,
}

/// What is kept of a run in words, with the columns that came and what they became.
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
    /// The imports that they became.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<i64>,
}

impl Told {
    pub(super) fn of(error: &AppError) -> Self {
        let zh = error.messages.iter().enumerate().map(|(at, en)| {
            let zh = error.messages_zh.get(at).and_then(Option::as_deref);
            zh.unwrap_or(en)
        });
        Self {
            zh: zh.collect::<Vec<_>>().join("\n"),
            en: error.messages.join("\n"),
            hint_zh: error.hint_zh.clone().or_else(|| error.hint.clone()).unwrap_or_default(),
            hint_en: error.hint.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What is told of a run whose process was killed.
    pub(super) fn broken_off() -> Self {
        Self {
            zh: "进程在运行中途结束".to_owned(),
            en: "the process ended in the middle of it".to_owned(),
            hint_zh: "未完成的部分没有改动任何数据，下次运行会再取".to_owned(),
            hint_en: "what was not finished has changed nothing, and comes again with the next run".to_owned(),
            ..Self::default()
        }
    }

    /// Says more, in a line of its own.
    pub(super) fn also(&mut self, zh: String, en: String) {
        for (told, more) in [(&mut self.zh, zh), (&mut self.en, en)] {
            if !told.is_empty() {
                told.push('\n');
            }
            told.push_str(&more);
        }
    }

    /// Says that rows carry a time that is still to come.
    pub(super) fn tell_ahead(&mut self, ahead: Option<&Ahead>) {
        let Some(Ahead { rows, such }) = ahead else { return };
        self.also(
            format!("{rows} 行的更新时间在将来（如 {such}）：这些行已取到，但不作为下次取数的起点；请在来源中改正"),
            format!(
                "{rows} rows carry a time of change that is still to come (such as {such}): they came, and the next pull \
                 does not begin there; mend them in the source"
            ),
        );
    }
}

impl RunSeen {
    /// A run, and whether somebody is at its source now: one that has not ended was killed otherwise.
    pub(super) fn of(run: Run, is_held: bool) -> Self {
        let (ended_at, end) = run.end.map_or((None, None), |(at, end)| (Some(at), Some(end)));
        let going = || if is_held { ("running", Told::default()) } else { ("failed", Told::broken_off()) };
        let (state, told) = match &end {
            Some(end) => (end.state.as_str(), serde_json::from_str(&end.detail).unwrap_or_default()),
            None => going(),
        };
        Self {
            id: run.id,
            cause: run.draft.cause,
            actor: run.draft.actor,
            begun_at: run.begun_at,
            ended_at,
            state: state.to_owned(),
            rows: end.as_ref().and_then(|end| end.rows),
            bytes: end.as_ref().and_then(|end| end.bytes),
            imports: told.imports.clone(),
            told,
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

    /// Whether somebody is at it.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.stored.lease_until.is_some_and(|until| until > now)
    }

    pub(super) fn seen(self, last_run: Option<Run>, now: Instant) -> SourceSeen {
        let (columns, is_held) = (self.columns(), self.is_held(now));
        let Connection { id, draft, has_secret, next_at, version, .. } = self.stored;
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
            is_running: is_held,
            came_to: self.mark.updated.or(self.mark.key),
            version,
            last_run: last_run.map(|run| RunSeen::of(run, is_held)),
        }
    }
}
