//! The handle that every use case starts from: the store, the warehouse when it is first asked, the time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::{Calendar, Day, Instant};
use store::{Mark, Store, StoreError, TableCount};
use tokio::sync::{Mutex, OnceCell, Semaphore};
use warehouse::{AskError, Opened, Warehouse, WarehouseError};

use crate::duplicates::Remembered;
use crate::{AppError, Fault, Organisation, Place, Result, Who, Words, words};

/// Entries that a checkpoint may lag behind before a start renews it.
const CHECKPOINT_AFTER: i64 = 20_000;

/// How many may look at what steps do at one time.
const CLEANING_AT_ONCE: usize = 2;

/// What the tables of the model held, and where the journal was then.
type Counted = (Mark, Arc<Vec<TableCount>>);

/// One organisation's data, opened, at one moment, as one person sees it. Cheap to clone; clones share the store
/// and the warehouse.
#[derive(Debug, Clone)]
pub struct Loudou {
    pub(crate) store: Store,
    pub(crate) place: Arc<Place>,
    pub(crate) now: Instant,
    pub(crate) who: Arc<Who>,
    pub(crate) calendar: Calendar,
    warehouse: Arc<OnceCell<Warehouse>>,
    pub(crate) quality: Arc<crate::quality::Kept>,
    /// What the last look for duplicates found.
    pub(crate) duplicates: Arc<Mutex<Option<Arc<Remembered>>>>,
    /// What the tables of the model held when they were last counted.
    pub(crate) counts: Arc<Mutex<Option<Counted>>>,
    /// Turns of whoever looks at what steps do.
    pub(crate) cleaning: Arc<Semaphore>,
}

impl Loudou {
    /// Opens data that exists.
    ///
    /// # Errors
    /// There is none yet, or it cannot be opened.
    pub async fn open(place: &Place, now: Instant) -> Result<Self> {
        match Self::find(place, now).await? {
            Some(loudou) => Ok(loudou),
            None => Err(AppError::input((format!("{} 里没有数据", place.name()), format!("there is no data in {}", place.name())))
                .hint(("请先运行 `loudou import run PROFILE FOLDER`、`loudou demo` 或 `loudou init`，或用 --data 指定位置", "begin with `loudou import run PROFILE FOLDER`, `loudou demo` or `loudou init`, or name the place by --data"))),
        }
    }

    /// Opens data if there is any: a database without an organisation is none yet.
    pub(crate) async fn find(place: &Place, now: Instant) -> Result<Option<Self>> {
        let Some(store) = place.find_store().await? else { return Ok(None) };
        let there = store.organisation().await?.is_some();
        Ok(if there { Some(Self::with_store(store, place, now).await?) } else { None })
    }

    /// Opens data, making an empty database for `organisation` where there is none.
    ///
    /// # Errors
    /// It can be neither opened nor made.
    pub async fn open_or_create(place: &Place, organisation: &Organisation, now: Instant) -> Result<Self> {
        match Self::find(place, now).await? {
            Some(loudou) => Ok(loudou),
            None => Self::create(place, organisation, now).await,
        }
    }

    /// Makes an empty database for an organisation.
    ///
    /// # Errors
    /// There is one already, or it cannot be made.
    pub async fn init(place: &Place, organisation: &Organisation, now: Instant) -> Result<Self> {
        if Self::find(place, now).await?.is_some() {
            return Err(AppError::input(format!("there is data in {} already", place.name()))
                .hint("name another directory by --data"));
        }
        Self::create(place, organisation, now).await
    }

    async fn create(place: &Place, organisation: &Organisation, now: Instant) -> Result<Self> {
        place.make_dir()?;
        let store = Store::open(&place.url()?, place.fresh_id).await?;
        store.set_organisation(&organisation.stored()).await?;
        Self::with_store(store, place, now).await
    }

    async fn with_store(store: Store, place: &Place, now: Instant) -> Result<Self> {
        let calendar = store.calendar().await?;
        Ok(Self {
            store,
            place: Arc::new(place.clone()),
            now,
            who: Arc::new(Who::system()),
            calendar,
            warehouse: Arc::default(),
            quality: Arc::default(),
            duplicates: Arc::default(),
            counts: Arc::default(),
            cleaning: Arc::new(Semaphore::new(CLEANING_AT_ONCE)),
        })
    }

    /// The same data at another moment, as `who` sees it: what a process that stays takes for each call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn session(&self, who: Arc<Who>, now: Instant) -> Result<Self> {
        let calendar = self.store.calendar().await?;
        Ok(Self { now, who, calendar, ..self.clone() })
    }

    /// The same data for writers that wait no longer than `turn` for another one, and are told [`Fault::Busy`] then;
    /// absent: as long as an import takes.
    #[must_use]
    pub fn with_turn(mut self, turn: Option<Duration>) -> Self {
        self.store = self.store.with_turn(turn);
        self
    }

    /// Who asks.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// Today in the organisation's zone.
    #[must_use]
    pub fn today(&self) -> Day {
        self.calendar.day(self.now)
    }

    /// The organisation's calendar.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The warehouse, opened at the first call and up to date with every committed write at each.
    pub(crate) async fn warehouse(&self) -> Result<&Warehouse> {
        let open = || async {
            let (warehouse, opened) = Warehouse::open(self.store.clone(), self.place.checkpoint_dir()).await?;
            let behind = match opened {
                Opened::Checkpoint { seq } => warehouse.snapshot().seq - seq,
                Opened::Rebuilt { .. } => i64::MAX,
            };
            // Answers do not depend on the checkpoint: where it cannot be written, the next start takes longer.
            if behind > CHECKPOINT_AFTER
                && let Err(error) = warehouse.checkpoint().await
            {
                tracing::warn!(%error, "the warehouse's checkpoint is not written");
            }
            Ok::<_, AppError>(warehouse)
        };
        let warehouse = self.warehouse.get_or_try_init(open).await?;
        warehouse.refresh().await?;
        Ok(warehouse)
    }

    /// The same data for several questions whose answers have to agree: what is written meanwhile is in none of them.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn held(&self) -> Result<Self> {
        let warehouse = self.warehouse().await?.held();
        Ok(Self { warehouse: Arc::new(OnceCell::new_with(Some(warehouse))), ..self.clone() })
    }

    /// Copies everything into one file. Returns its size in bytes.
    ///
    /// # Errors
    /// The file cannot be written, or the database not be read.
    pub async fn backup(&self, file: &Path) -> Result<u64> {
        if std::fs::metadata(file).is_ok_and(|there| there.is_dir() || there.len() > 0) {
            return Err(AppError::input(format!("{} is there already", file.display()))
                .hint("name a file that is not there yet: a backup replaces nothing"));
        }
        self.store.backup(file).await?;
        let length =
            std::fs::metadata(file).map_err(|error| AppError::system(format!("{}: {error}", file.display())))?;
        Ok(length.len())
    }

    /// Puts a backup into a place without data. Returns the number of journal entries.
    ///
    /// # Errors
    /// The file is no backup, or the place has data.
    pub async fn restore(place: &Place, file: &Path) -> Result<i64> {
        if !file.is_file() {
            return Err(AppError::input(format!("there is no file {}", file.display())));
        }
        store::check_backup(file).await?;
        let there = place.find_store().await?;
        if let Some(there) = there
            && there.head().await? > 0
        {
            return Err(AppError::input(format!(
                "there is data in {} already: a restore would replace it",
                place.name()
            ))
            .hint("restore into an empty directory or database"));
        }
        place.make_dir()?;
        let restored = store::restore(file, &place.url()?, place.fresh_id).await?;
        Ok(restored.head)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let message = Words { en: error.to_string(), zh: words::of_store(&error) };
        match error {
            StoreError::NoImport(_)
            | StoreError::NoMerge(_)
            | StoreError::NoRecord { .. }
            | StoreError::NoUser(_)
            | StoreError::NoField(_)
            | StoreError::NoConnection(_) => Self::not_found(message),
            StoreError::Conflict { .. } | StoreError::UserChanged { .. } | StoreError::ConnectionChanged { .. } => {
                Self::of(Fault::Changed, message)
            }
            StoreError::AlreadyUndone(_)
            | StoreError::AlreadyUnmerged(_)
            | StoreError::SurvivorGone { .. }
            | StoreError::NameTaken(_)
            | StoreError::ConnectionTaken(_) => Self::of(Fault::Conflict, message),
            StoreError::Busy { .. } => Self::of(Fault::Busy, message)
                .hint(("没有任何更改：请稍后重试", "nothing was changed: try again in a moment")),
            StoreError::Address(_)
            | StoreError::NewerVersion { .. }
            | StoreError::MergeIntoItself { .. }
            | StoreError::Misfit { .. }
            | StoreError::ZeroCharacter { .. }
            | StoreError::HotOutsideDeals { .. }
            | StoreError::FieldExists { .. }
            | StoreError::NotABackup { .. } => Self::input(message),
            _ => Self::system(message),
        }
    }
}

impl From<WarehouseError> for AppError {
    fn from(error: WarehouseError) -> Self {
        match error {
            WarehouseError::Store(error) => error.into(),
            other => Self::system(other.to_string()),
        }
    }
}

impl From<AskError> for AppError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Store(error) => error.into(),
            AskError::Engine(_) | AskError::Closing => Self::system(error.to_string()),
            other => Self::input(words::told(&other)),
        }
    }
}
