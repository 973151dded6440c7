//! Answers to requests that must not be carried out twice.

use domain::Instant;

use crate::engine::{execute, row};
use crate::registry::{int, text};
use crate::{StoreError, Writer};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// It is the caller's from now on.
    Now,
    /// The request was answered before.
    Answered {
        /// The answer's status.
        status: u16,
        /// The answer's body.
        body: String,
    },
    /// The request was begun before, and has no answer (yet).
    Begun,
    /// Another request has the key.
    Other,
}

impl Writer {
    /// Reserves a user's key for the request of this hash. Keys from before `forget_before` are forgotten.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn reserve_key(
        &mut self,
        user: i64,
        key: &str,
        request_hash: &str,
        now: Instant,
        forget_before: Instant,
    ) -> Result<Reserved, StoreError> {
        let forget = "DELETE FROM idempotency WHERE created_at < ?";
        execute(&self.tx, self.engine, forget, vec![int(forget_before.0)]).await?;
        let sql = "SELECT request_hash, status, body FROM idempotency WHERE user_id = ? AND key = ?";
        let Some(found) = row(&self.tx, self.engine, sql, vec![int(user), text(key)]).await? else {
            let sql = "INSERT INTO idempotency (user_id, key, request_hash, created_at) VALUES (?,?,?,?)";
            let values = vec![int(user), text(key), text(request_hash), int(now.0)];
            execute(&self.tx, self.engine, sql, values).await?;
            return Ok(Reserved::Now);
        };
        if found.try_get_by_index::<String>(0)? != request_hash {
            return Ok(Reserved::Other);
        }
        let (status, body): (Option<i64>, Option<String>) = (found.try_get_by_index(1)?, found.try_get_by_index(2)?);
        let Some(status) = status else { return Ok(Reserved::Begun) };
        let status = u16::try_from(status).map_err(|_| StoreError::damaged("a kept answer", status.to_string()))?;
        Ok(Reserved::Answered { status, body: body.unwrap_or_default() })
    }

    /// Keeps the answer to the request that has a user's key.
    ///
    /// # Errors
    /// The database's own.
    pub async fn keep_answer(&mut self, user: i64, key: &str, status: u16, body: &str) -> Result<(), StoreError> {
        let sql = "UPDATE idempotency SET status = ?, body = ? WHERE user_id = ? AND key = ?";
        let values = vec![int(i64::from(status)), text(body), int(user), text(key)];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }

    /// Gives a user's key back: its request has changed nothing.
    ///
    /// # Errors
    /// The database's own.
    pub async fn release_key(&mut self, user: i64, key: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM idempotency WHERE user_id = ? AND key = ?";
        execute(&self.tx, self.engine, sql, vec![int(user), text(key)]).await?;
        Ok(())
    }
}
