//! The access log: who came in, who was turned away, who changed whose rights.

use domain::Instant;

use crate::engine::{execute, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// A line to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDraft {
    /// Who did it; 0 where nobody was signed in, or the command line did it.
    pub user: i64,
    /// What was done, as a word.
    pub action: &'static str,
    /// To whom or what.
    pub subject: String,
    /// From which network address; empty for the command line.
    pub address: String,
    /// Anything else, as JSON.
    pub detail: serde_json::Value,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its number, ascending.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who did it; 0 where nobody was signed in, or the command line did it.
    pub user: i64,
    /// What was done, as a word.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// From which network address; empty for the command line.
    pub address: String,
    /// Anything else, as JSON.
    pub detail: serde_json::Value,
}

impl Store {
    /// At most `limit` lines before the number `before`, the latest first.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn access_log(&self, before: i64, limit: u32) -> Result<Vec<LogLine>, StoreError> {
        let sql = "SELECT seq, at, user_id, action, subject, address, detail FROM access_log WHERE seq < ? \
                   ORDER BY seq DESC LIMIT ?";
        let found = rows(self.readers(), self.engine(), sql, vec![int(before), int(i64::from(limit))]).await?;
        found
            .iter()
            .map(|row| {
                let detail: String = row.try_get_by_index(6)?;
                Ok(LogLine {
                    seq: row.try_get_by_index(0)?,
                    at: Instant(row.try_get_by_index(1)?),
                    user: row.try_get_by_index(2)?,
                    action: row.try_get_by_index(3)?,
                    subject: row.try_get_by_index(4)?,
                    address: row.try_get_by_index(5)?,
                    detail: serde_json::from_str(&detail)
                        .map_err(|error| StoreError::damaged("the access log", error.to_string()))?,
                })
            })
            .collect()
    }
}

impl Writer {
    /// Writes a line.
    ///
    /// # Errors
    /// The database's own.
    pub async fn log_access(&mut self, draft: LogDraft, now: Instant) -> Result<(), StoreError> {
        let seq = self.next_access();
        let sql = "INSERT INTO access_log (seq, at, user_id, action, subject, address, detail) VALUES (?,?,?,?,?,?,?)";
        let values = vec![
            int(seq),
            int(now.0),
            int(draft.user),
            text(draft.action),
            text(draft.subject),
            text(draft.address),
            text(draft.detail.to_string()),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }
}
