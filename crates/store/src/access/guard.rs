//! Links that work once, and how often somebody was wrong.

use domain::Instant;

use crate::engine::{execute, row};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Makes the first user.
    FirstRun,
    /// Sets a user's password.
    SetPassword,
}

impl Purpose {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstRun => "first_run",
            Self::SetPassword => "set_password",
        }
    }
}

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The hash of its code.
    pub hash: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The user; 0 where it makes the first one.
    pub user: i64,
    /// When it ends.
    pub expires_at: Instant,
}

/// Wrong sign-ins in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    /// How many.
    pub failures: i64,
    /// When the last one was.
    pub last_at: Instant,
    /// Until when the next one is not looked at.
    pub closed_until: Instant,
}

const ATTEMPTS: &str = "SELECT failures, last_at, closed_until FROM attempts WHERE subject = ?";

fn read_attempts(row: &sea_orm::QueryResult) -> Result<Attempts, StoreError> {
    Ok(Attempts {
        failures: row.try_get_by_index(0)?,
        last_at: Instant(row.try_get_by_index(1)?),
        closed_until: Instant(row.try_get_by_index(2)?),
    })
}

impl Store {
    /// How often an account or an address was wrong in a row.
    ///
    /// # Errors
    /// The database's own.
    pub async fn attempts(&self, subject: &str) -> Result<Attempts, StoreError> {
        let found = row(self.readers(), self.engine(), ATTEMPTS, vec![text(subject)]).await?;
        found.map_or(Ok(Attempts::default()), |row| read_attempts(&row))
    }

    /// Whom a link is for, if it is good.
    ///
    /// # Errors
    /// The database's own.
    pub async fn link_user(&self, hash: &str, purpose: Purpose, now: Instant) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT user_id FROM one_time_links WHERE link_hash = ? AND purpose = ? AND expires_at > ?";
        let values = vec![text(hash), text(purpose.as_str()), int(now.0)];
        let found = row(self.readers(), self.engine(), sql, values).await?;
        Ok(found.map(|row| row.try_get_by_index(0)).transpose()?)
    }
}

impl Writer {
    /// How often an account or an address was wrong in a row.
    ///
    /// # Errors
    /// The database's own.
    pub async fn attempts(&mut self, subject: &str) -> Result<Attempts, StoreError> {
        let found = row(&self.tx, self.engine, ATTEMPTS, vec![text(subject)]).await?;
        found.map_or(Ok(Attempts::default()), |row| read_attempts(&row))
    }

    /// Sets how often an account or an address was wrong; without a failure it is forgotten.
    ///
    /// # Errors
    /// The database's own.
    pub async fn set_attempts(&mut self, subject: &str, attempts: &Attempts) -> Result<(), StoreError> {
        if attempts.failures <= 0 {
            execute(&self.tx, self.engine, "DELETE FROM attempts WHERE subject = ?", vec![text(subject)]).await?;
            return Ok(());
        }
        let sql = "INSERT INTO attempts (subject, failures, last_at, closed_until) VALUES (?,?,?,?) \
                   ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, \
                   closed_until = excluded.closed_until";
        let values = vec![text(subject), int(attempts.failures), int(attempts.last_at.0), int(attempts.closed_until.0)];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }

    /// Forgets whoever was wrong last before `before`.
    ///
    /// # Errors
    /// The database's own.
    pub async fn forget_attempts(&mut self, before: Instant) -> Result<(), StoreError> {
        execute(&self.tx, self.engine, "DELETE FROM attempts WHERE last_at < ?", vec![int(before.0)]).await?;
        Ok(())
    }

    /// Makes a link, and forgets those that have ended.
    ///
    /// # Errors
    /// The database's own.
    pub async fn add_link(&mut self, link: &Link, now: Instant) -> Result<(), StoreError> {
        execute(&self.tx, self.engine, "DELETE FROM one_time_links WHERE expires_at <= ?", vec![int(now.0)]).await?;
        let sql = "INSERT INTO one_time_links (link_hash, purpose, user_id, expires_at) VALUES (?,?,?,?)";
        let values = vec![text(&link.hash), text(link.purpose.as_str()), int(link.user), int(link.expires_at.0)];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }

    /// Uses a link up, with every other of its purpose and user. Returns the user if it was good.
    ///
    /// # Errors
    /// The database's own.
    pub async fn take_link(&mut self, hash: &str, purpose: Purpose, now: Instant) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT user_id FROM one_time_links WHERE link_hash = ? AND purpose = ? AND expires_at > ?";
        let values = vec![text(hash), text(purpose.as_str()), int(now.0)];
        let Some(found) = row(&self.tx, self.engine, sql, values).await? else { return Ok(None) };
        let user: i64 = found.try_get_by_index(0)?;
        self.drop_links(purpose, user).await?;
        Ok(Some(user))
    }

    /// Makes every link of a purpose and a user useless.
    ///
    /// # Errors
    /// The database's own.
    pub async fn drop_links(&mut self, purpose: Purpose, user: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM one_time_links WHERE purpose = ? AND user_id = ?";
        execute(&self.tx, self.engine, sql, vec![text(purpose.as_str()), int(user)]).await?;
        Ok(())
    }
}
