//! Sources: where rows come from beside files that people send. What they are, who may change them, their secrets; pulls
//! that become uploads for the import studio; runs that pull and import by themselves, once or on a schedule.
//!
//! Whoever may import lists sources, looks at their first rows, pulls, runs, and says when they run by themselves.
//! Addresses and secrets take an administrator: an address decides what this server visits and where a secret is sent,
//! so whoever could change it could have the secret. A changed address drops the secret for the same reason.

mod due;
mod key;
mod lease;
mod pull;
mod run;
mod schedule;
mod secrets;
mod seen;

use std::sync::Arc;
use std::time::Duration;

use connect::{Patience, Reach};
use domain::Instant;
use domain::people::May;
use store::{ConnectionDraft, Run};
use tokio::sync::Semaphore;

pub use connect::{Authorities, Definition, Failure, FailureKind, Folders, Mark, Secret};
pub(crate) use pull::settle;
pub use pull::{FirstRows, PulledUpload};
pub use run::{By, Cause, Ran};
pub use schedule::Schedule;
pub use secrets::secrets_of;
pub use seen::{RunSeen, SourceSeen, Told};

use crate::access::{Random, name};
use crate::import::Recipe;
use crate::step::cancelled;
use crate::{AppError, Loudou, Result};
use key::KeyPlace;
use seen::Known;

/// Sources of one organisation at most.
const MOST: usize = 500;
/// Runs that are told of one source.
const RUNS_TOLD: u32 = 100;
/// Sources that are looked at, at once; others wait.
const LOOKS: usize = 2;

/// How sources are reached from this machine.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Which files may be read.
    pub folders: Folders,
    /// Whose certificates are believed beside those that the system believes.
    pub authorities: Authorities,
    /// The key of secrets, where it is not the file of the data directory.
    pub key: Option<String>,
    /// The key before it, while keys are changed.
    pub key_before: Option<String>,
    /// Numbers that nobody can guess.
    pub random: Random,
}

/// The door to sources. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sources {
    reach: Arc<Reach>,
    patience: Patience,
    keys: Arc<KeyPlace>,
    random: Random,
    looks: Arc<Semaphore>,
    renew_every: Duration,
}

/// A source to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// Its name.
    pub name: String,
    /// Where its rows are.
    pub definition: Definition,
    /// When it runs by itself.
    pub schedule: Option<String>,
    /// Whether the rest goes in where rows are rejected.
    pub skip_rejected: bool,
}

/// What changes about a source; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceChange {
    /// Its name.
    pub name: Option<String>,
    /// Where its rows are.
    pub definition: Option<Definition>,
    /// When it runs by itself; nothing inside: never.
    pub schedule: Option<Option<String>>,
    /// Whether the rest goes in where rows are rejected.
    pub skip_rejected: Option<bool>,
    /// How its rows are read.
    pub recipe: Option<RecipeChoice>,
}

/// How the rows of a source are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipeChoice {
    /// As in this import.
    Import(i64),
    /// By the text of a profile.
    Text(String),
    /// By a profile's file or name; for whoever has the machine.
    Named(String),
    /// By nothing any more: it runs no longer by itself.
    Nothing,
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        if failure.kind == FailureKind::Cancelled {
            return cancelled();
        }
        let words = (failure.zh, failure.en);
        let error = if failure.kind == FailureKind::System { Self::system(words) } else { Self::input(words) };
        match failure.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// Whoever may import, or administer.
fn require_sight(loudou: &Loudou) -> Result<()> {
    if loudou.who.may.contains(&May::Administer) { Ok(()) } else { loudou.who.require(May::Import) }
}

/// What a change of the definition takes.
fn require_change(loudou: &Loudou, before: Option<&Definition>, after: &Definition) -> Result<()> {
    let target = before.and_then(Definition::target);
    if after.target() == target {
        return require_sight(loudou);
    }
    loudou.who.require(May::Administer).map_err(|error| {
        error.hint((
            "来源的地址由管理员设置：密码或令牌只发往该地址。请联系管理员",
            "an administrator sets the address of a source, since its password or token is sent there: ask one",
        ))
    })
}

impl Sources {
    /// The door to the sources of opened data.
    ///
    /// # Errors
    /// A key is too short.
    pub fn of(loudou: &Loudou, setup: Setup) -> Result<Self> {
        let Setup { folders, authorities, key, key_before, random } = setup;
        let keys = KeyPlace::new(&loudou.place.dir, key.as_deref(), key_before.as_deref(), random.clone())?;
        Ok(Self::with(Reach { folders, authorities }, keys, random))
    }

    fn with(reach: Reach, keys: KeyPlace, random: Random) -> Self {
        Self {
            reach: Arc::new(reach),
            patience: Patience::default(),
            keys: Arc::new(keys),
            random,
            looks: Arc::new(Semaphore::new(LOOKS)),
            renew_every: lease::RENEW,
        }
    }

    /// The same where nothing was said: no files, and the key in the data directory.
    pub(crate) fn plain(loudou: &Loudou, random: Random) -> Self {
        let keys = KeyPlace::in_file(&loudou.place.dir, random.clone());
        Self::with(Reach { folders: Folders::None, authorities: Authorities::default() }, keys, random)
    }

    /// The sources, by name.
    ///
    /// # Errors
    /// The asker may neither import nor administer, or the data cannot be read.
    pub async fn list(&self, loudou: &Loudou) -> Result<Vec<SourceSeen>> {
        require_sight(loudou)?;
        let mut runs: std::collections::HashMap<i64, Run> =
            loudou.store.latest_runs().await?.into_iter().map(|run| (run.draft.connection, run)).collect();
        let mut seen = Vec::new();
        for stored in loudou.store.connections().await? {
            let last = runs.remove(&stored.id);
            seen.push(Known::of(stored)?.seen(last, loudou.now));
        }
        seen.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(seen)
    }

    /// A source.
    ///
    /// # Errors
    /// There is none, and as [`Sources::list`].
    pub async fn show(&self, loudou: &Loudou, id: i64) -> Result<SourceSeen> {
        require_sight(loudou)?;
        let last = loudou.store.connection_runs(id, 1).await?.pop();
        Ok(Known::of(loudou.store.connection(id).await?)?.seen(last, loudou.now))
    }

    /// The source of a name, or of a number.
    ///
    /// # Errors
    /// There is none, and as [`Sources::list`].
    pub async fn named(&self, loudou: &Loudou, told: &str) -> Result<SourceSeen> {
        let all = self.list(loudou).await?;
        let number = told.strip_prefix('#').and_then(|number| number.parse::<i64>().ok());
        let names: Vec<&str> = all.iter().map(|seen| seen.name.as_str()).collect();
        let hint = (format!("来源有：{}", names.join("、")), format!("sources are: {}", names.join(", ")));
        let is_it = |seen: &SourceSeen| Some(seen.id) == number || seen.name == told;
        let found = all.iter().find(|seen| is_it(seen)).cloned();
        found.ok_or_else(|| {
            AppError::not_found((format!("没有来源“{told}”"), format!("there is no source `{told}`"))).hint(hint)
        })
    }

    /// The latest pulls and runs of a source, the latest first.
    ///
    /// # Errors
    /// There is no such source, and as [`Sources::list`].
    pub async fn history(&self, loudou: &Loudou, id: i64) -> Result<Vec<RunSeen>> {
        require_sight(loudou)?;
        let is_held = Known::of(loudou.store.connection(id).await?)?.is_held(loudou.now);
        let runs = loudou.store.connection_runs(id, RUNS_TOLD).await?;
        Ok(runs.into_iter().map(|run| RunSeen::of(run, is_held)).collect())
    }

    /// Makes a source.
    ///
    /// # Errors
    /// The asker may not (an address takes an administrator), or something of it is wrong.
    pub async fn add(&self, loudou: &Loudou, new: NewSource) -> Result<SourceSeen> {
        require_sight(loudou)?;
        new.definition.check()?;
        require_change(loudou, None, &new.definition)?;
        if loudou.store.connections().await?.len() >= MOST {
            return Err(AppError::input((format!("最多 {MOST} 个来源"), format!("there are {MOST} sources at most"))));
        }
        let (name, name_key) = name::check(&new.name)?;
        let schedule = new.schedule.as_deref().map(Schedule::parse).transpose()?;
        let draft = ConnectionDraft {
            name,
            name_key,
            definition: new.definition.to_toml()?,
            recipe: None,
            column_names: None,
            schedule: schedule.map(|schedule| schedule.to_string()),
            skip_rejected: new.skip_rejected,
        };
        let mut writer = loudou.store.begin().await?;
        // Without a recipe nothing runs by itself.
        let id = writer.add_connection(&draft, &mark_text(&Mark::default())?, None, loudou.now).await?;
        writer.commit().await?;
        self.show(loudou, id).await
    }

    /// Changes a source; `version` is the one that was read. Under another definition everything is pulled once more.
    ///
    /// # Errors
    /// The asker may not (another address takes an administrator), the source was changed meanwhile, or something is
    /// wrong.
    pub async fn change(&self, loudou: &Loudou, id: i64, version: i64, change: SourceChange) -> Result<SourceSeen> {
        require_sight(loudou)?;
        let known = Known::of(loudou.store.connection(id).await?)?;
        let mut draft = known.stored.draft.clone();
        let (mut drops_secret, mut begins_anew) = (false, false);
        if let Some(definition) = &change.definition {
            definition.check()?;
            require_change(loudou, Some(&known.definition), definition)?;
            drops_secret = definition.target() != known.definition.target();
            begins_anew = !definition.keeps_mark_of(&known.definition);
            draft.definition = definition.to_toml()?;
        }
        if let Some(told) = &change.name {
            (draft.name, draft.name_key) = name::check(told)?;
        }
        if let Some(schedule) = &change.schedule {
            draft.schedule = schedule.as_deref().map(Schedule::parse).transpose()?.map(|schedule| schedule.to_string());
        }
        draft.skip_rejected = change.skip_rejected.unwrap_or(draft.skip_rejected);
        if let Some(choice) = change.recipe {
            (draft.recipe, draft.column_names) = self.recipe_of(loudou, id, &draft.name, choice).await?;
        }
        let keeps_time = draft.schedule == known.stored.draft.schedule && draft.recipe.is_some();
        let next_at = match known.stored.next_at.filter(|_| keeps_time) {
            Some(at) => Some(at),
            None => next_time(&draft, loudou)?,
        };
        let mut writer = loudou.store.begin().await?;
        writer.change_connection(id, version, &draft, next_at).await?;
        if drops_secret {
            writer.set_connection_secret(id, None).await?;
        }
        if begins_anew {
            // What the former one has left out may be among what this one tells.
            writer.set_mark(id, &mark_text(&Mark::default())?).await?;
        }
        writer.commit().await?;
        self.show(loudou, id).await
    }

    /// The text of the recipe that was chosen, and the columns that it is for.
    async fn recipe_of(
        &self,
        loudou: &Loudou,
        id: i64,
        name: &str,
        choice: RecipeChoice,
    ) -> Result<(Option<String>, Option<String>)> {
        loudou.who.require(May::Import)?;
        let fields = loudou.own_fields().await?;
        let kept = |text: String| Recipe::kept(text, None, name, &fields);
        match choice {
            RecipeChoice::Nothing => Ok((None, None)),
            RecipeChoice::Text(text) => Ok((Some(kept(text)?.text().to_owned()), None)),
            RecipeChoice::Named(named) => Ok((Some(Recipe::named(&named, &fields)?.text().to_owned()), None)),
            RecipeChoice::Import(import) => {
                let text = loudou.import_profile(import).await?;
                let text = crate::import::of_each_day(&text);
                kept(text.clone())?;
                let runs = loudou.store.connection_runs(id, RUNS_TOLD).await?;
                let own = runs.into_iter().map(|run| RunSeen::of(run, false)).find(|run| run.imports.contains(&import));
                let own = own.ok_or_else(|| {
                    AppError::input((
                        format!("导入 {import} 不是由此来源取得的"),
                        format!("import {import} did not come from this source"),
                    ))
                    .hint(("请先从此来源取数并导入", "pull from this source and import that first"))
                })?;
                Ok((Some(text), Some(serde_json::Value::from(own.told.columns).to_string())))
            }
        }
    }

    /// Removes a source with its secret and its history. What it brought in stays.
    ///
    /// # Errors
    /// The asker may not (one with an address takes an administrator), or the source was changed meanwhile.
    pub async fn remove(&self, loudou: &Loudou, id: i64, version: i64) -> Result<()> {
        require_sight(loudou)?;
        let known = Known::of(loudou.store.connection(id).await?)?;
        if known.definition.target().is_some() {
            loudou.who.require(May::Administer)?;
        }
        let mut writer = loudou.store.begin().await?;
        writer.remove_connection(id, version).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Forgets what was brought in: the next pull begins at the beginning. Nothing is doubled by it, since an import
    /// knows its deals.
    ///
    /// # Errors
    /// The asker may not import, or there is no such source.
    pub async fn start_over(&self, loudou: &Loudou, id: i64) -> Result<SourceSeen> {
        loudou.who.require(May::Import)?;
        let mut writer = loudou.store.begin().await?;
        writer.set_mark(id, &mark_text(&Mark::default())?).await?;
        writer.commit().await?;
        self.show(loudou, id).await
    }
}

/// When a source runs by itself next: it needs a recipe for that.
fn next_time(draft: &ConnectionDraft, loudou: &Loudou) -> Result<Option<Instant>> {
    let Some(schedule) = draft.schedule.as_deref().filter(|_| draft.recipe.is_some()) else { return Ok(None) };
    Ok(Some(Schedule::parse(schedule)?.after(loudou.now, loudou.calendar.zone)))
}

fn mark_text(mark: &Mark) -> Result<String> {
    serde_json::to_string(mark).map_err(|error| AppError::system(error.to_string()))
}
