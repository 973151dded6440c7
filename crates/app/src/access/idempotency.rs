//! A request that may come twice and must be carried out once.
//!
//! The key is reserved before the work and keeps the answer after it. Where the work was cut off in between,
//! nobody knows how far it came: the key then answers nothing, and is not given out again for a day.

use domain::Instant;
use store::access::Reserved;

use super::secret::hash;
use super::{Access, Caller};
use crate::{AppError, Result};

/// How long a key is kept.
const KEPT_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Characters of a key at most.
const LONGEST: usize = 200;

/// What is known of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It is new: carry it out, then [`Access::keep_answer`] or [`Access::release_key`].
    New,
    /// It was carried out, and answered so.
    Answered {
        /// The answer's status.
        status: u16,
        /// The answer's body.
        body: String,
    },
    /// It was begun, and there is no answer (yet).
    Begun,
    /// The key was used for another request.
    Other,
}

impl Access {
    /// Reserves a caller's key for a request, which is recognised by all that `request` holds of it.
    ///
    /// # Errors
    /// The key is none; or the database's own.
    pub async fn once(&self, by: &Caller, key: &str, request: &str, now: Instant) -> Result<Once> {
        let length = key.chars().count();
        if length == 0 || length > LONGEST || !key.chars().all(|character| character.is_ascii_graphic()) {
            return Err(AppError::input((
                format!("键须为 1 到 {LONGEST} 个可见 ASCII 字符"),
                format!("a key has 1 to {LONGEST} visible ASCII characters"),
            ))
            .hint(("可用新的 UUID", "a fresh UUID makes a good one")));
        }
        let mut writer = self.store.begin().await?;
        let forget_before = Instant(now.0 - KEPT_MICROS);
        let reserved = writer.reserve_key(by.user, key, &hash(request), now, forget_before).await?;
        writer.commit().await?;
        Ok(match reserved {
            Reserved::Now => Once::New,
            Reserved::Answered { status, body } => Once::Answered { status, body },
            Reserved::Begun => Once::Begun,
            Reserved::Other => Once::Other,
        })
    }

    /// Keeps the answer to a request that was carried out, however long another writer takes.
    ///
    /// # Errors
    /// The database's own.
    pub async fn keep_answer(&self, by: &Caller, key: &str, status: u16, body: &str) -> Result<()> {
        let mut writer = self.store.with_turn(None).begin().await?;
        writer.keep_answer(by.user, key, status, body).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Gives back the key of a request that was refused and has changed nothing, however long another writer takes.
    ///
    /// # Errors
    /// The database's own.
    pub async fn release_key(&self, by: &Caller, key: &str) -> Result<()> {
        let mut writer = self.store.with_turn(None).begin().await?;
        writer.release_key(by.user, key).await?;
        writer.commit().await?;
        Ok(())
    }
}
