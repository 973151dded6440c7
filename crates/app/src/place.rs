//! Where the data lies, and whose it is.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use domain::Currency;
use store::Store;

use crate::{AppError, Result};

/// Where records and the warehouse's checkpoint lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The data directory.
    pub dir: PathBuf,
    /// A database elsewhere, instead of the embedded one.
    pub database_url: Option<String>,
    /// A number nobody else has drawn: the identity of a database that is made here.
    pub fresh_id: u128,
}

impl Place {
    /// The embedded database's file.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.dir.join("loudou.db")
    }

    /// Where the warehouse keeps its checkpoint.
    #[must_use]
    pub fn checkpoint_dir(&self) -> PathBuf {
        self.dir.join("warehouse")
    }

    /// Where uploads wait to be imported.
    #[must_use]
    pub fn uploads_dir(&self) -> PathBuf {
        self.dir.join("uploads")
    }

    /// Where files lie while they are written or read: of jobs, and of lists that are taken away.
    #[must_use]
    pub fn scratch_dir(&self) -> PathBuf {
        self.dir.join("scratch")
    }

    /// Where the report, profile and rejected rows of a database's import are kept. A data directory may have served
    /// several databases, each with an import of this number.
    #[must_use]
    pub fn import_dir(&self, database_id: &str, import: i64) -> PathBuf {
        self.dir.join("imports").join(database_id).join(import.to_string())
    }

    /// The database's address.
    ///
    /// # Errors
    /// The directory's path is not UTF-8.
    pub fn url(&self) -> Result<String> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => sqlite_url(&self.database_file()),
        }
    }

    /// What messages call it. The address of a database may hold a password, so it is not told.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.database_url {
            Some(_) => "the database of --database-url".to_owned(),
            None => self.dir.display().to_string(),
        }
    }

    /// Opens the database if there is one; where there is none, nothing is made.
    pub(crate) async fn find_store(&self) -> Result<Option<Store>> {
        Ok(Store::find(&self.url()?, self.fresh_id).await?)
    }

    /// Makes the data directory.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_dir(&self) -> Result<()> {
        std::fs::create_dir_all(&self.dir).map_err(|error| {
            AppError::input((
                format!("无法建立数据目录 {}：{error}", self.dir.display()),
                format!("the data directory {} cannot be made: {error}", self.dir.display()),
            ))
            .hint(("请用 --data 指定别的目录，或修正它的权限", "name another one by --data, or mend its rights"))
        })
    }
}

fn sqlite_url(file: &Path) -> Result<String> {
    let file = std::path::absolute(file).map_err(|error| AppError::system(format!("{}: {error}", file.display())))?;
    let Some(path) = file.to_str() else {
        return Err(AppError::input((
            format!("路径 {} 不是 UTF-8", file.display()),
            format!("the path {} is not UTF-8", file.display()),
        ))
        .hint(("请把数据移到别的路径", "move the data to another path")));
    };
    Ok(format!("sqlite://{path}"))
}

/// Who the data belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// The zone of its business dates.
    pub zone: Tz,
    /// The currency it reports in.
    pub currency: Currency,
    /// The month its fiscal year begins in, 1 to 12.
    pub fiscal_start_month: u32,
}

impl Default for Organisation {
    fn default() -> Self {
        Self { name: "Loudou".to_owned(), zone: Tz::Asia__Shanghai, currency: Currency::CNY, fiscal_start_month: 1 }
    }
}

impl Organisation {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// The zone or the currency is unknown, or the month is not one.
    pub fn parse(name: &str, zone: &str, currency: &str, fiscal_start_month: u32) -> Result<Self> {
        let zone = zone.parse().map_err(|_| {
            AppError::input((format!("“{zone}”不是时区"), format!("`{zone}` is no time zone")))
                .hint(("名称形如 Asia/Shanghai、Europe/Berlin", "names look like Asia/Shanghai or Europe/Berlin"))
        })?;
        let currency = Currency::parse(currency).map_err(|error| AppError::input(error.to_string()))?;
        if !(1..=12).contains(&fiscal_start_month) {
            return Err(AppError::input((
                format!("{fiscal_start_month} 不是月份"),
                format!("{fiscal_start_month} is no month"),
            ))
            .hint(("月份为 1 到 12", "months are 1 to 12")));
        }
        Ok(Self { name: name.to_owned(), zone, currency, fiscal_start_month })
    }

    pub(crate) fn stored(&self) -> store::Organisation {
        store::Organisation {
            name: self.name.clone(),
            zone: self.zone,
            fiscal_start_month: self.fiscal_start_month,
            currency: self.currency,
        }
    }
}

impl From<store::Organisation> for Organisation {
    fn from(stored: store::Organisation) -> Self {
        let store::Organisation { name, zone, fiscal_start_month, currency } = stored;
        Self { name, zone, currency, fiscal_start_month }
    }
}
