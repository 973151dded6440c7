//! Connections: where rows are pulled from, and what pulls have come to.
//!
//! A connection is configuration. What a person changes about it raises `journal_head.config`; where a pull stands
//! (mark, lease, runs) does not, since nothing that follows the database depends on it. Of its secret only the
//! ciphertext arrives here, and leaves by [`Store::connection_secrets`] alone.

use domain::Instant;
use sea_orm::{QueryResult, Value as Sql};

use crate::engine::{execute, row, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError, Writer};

/// Runs of a connection that are remembered.
const RUNS: i64 = 500;

/// A connection as it is stored, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: i64,
    /// What people call it, and all that they may change.
    pub draft: ConnectionDraft,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Up to where everything was brought in, as the caller writes it.
    pub mark: String,
    /// When it runs by itself next.
    pub next_at: Option<Instant>,
    /// Until when somebody is at it.
    pub lease_until: Option<Instant>,
    /// Raised by every change that a person makes.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// What a person says of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionDraft {
    /// Its name.
    pub name: String,
    /// The name without regard to case and width.
    pub name_key: String,
    /// Where the rows are, as text.
    pub definition: String,
    /// How they are read: the text of a profile.
    pub recipe: Option<String>,
    /// The columns that the recipe was made for, as the caller writes them.
    pub column_names: Option<String>,
    /// When it runs by itself, as text.
    pub schedule: Option<String>,
    /// Whether the rest goes in where rows are rejected.
    pub skip_rejected: bool,
}

/// A pull, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: i64,
    /// How it began.
    pub draft: RunDraft,
    /// When it began.
    pub begun_at: Instant,
    /// How it ended; absent while it runs, and where its process was killed.
    pub end: Option<(Instant, RunEnd)>,
}

/// A pull that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDraft {
    /// The connection.
    pub connection: i64,
    /// What it is for, in the caller's word.
    pub cause: String,
    /// Who wants it.
    pub actor: String,
}

/// How a pull ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The caller's word for it.
    pub state: String,
    /// Rows that came.
    pub rows: Option<i64>,
    /// Bytes that came.
    pub bytes: Option<i64>,
    /// Anything else, as the caller writes it.
    pub detail: String,
}

const COLUMNS: &str = "id, name, name_key, definition, recipe, column_names, schedule, skip_rejected, \
                       secret IS NOT NULL, mark, next_at, lease_until, version, created_at";
const RUN_COLUMNS: &str = "id, connection, cause, actor, begun_at, ended_at, state, row_count, byte_count, detail";

impl Connection {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let instant =
            |at| -> Result<Option<Instant>, StoreError> { Ok(row.try_get_by_index::<Option<i64>>(at)?.map(Instant)) };
        Ok(Self {
            id: row.try_get_by_index(0)?,
            draft: ConnectionDraft {
                name: row.try_get_by_index(1)?,
                name_key: row.try_get_by_index(2)?,
                definition: row.try_get_by_index(3)?,
                recipe: row.try_get_by_index(4)?,
                column_names: row.try_get_by_index(5)?,
                schedule: row.try_get_by_index(6)?,
                skip_rejected: row.try_get_by_index(7)?,
            },
            has_secret: row.try_get_by_index(8)?,
            mark: row.try_get_by_index(9)?,
            next_at: instant(10)?,
            lease_until: instant(11)?,
            version: row.try_get_by_index(12)?,
            created_at: Instant(row.try_get_by_index(13)?),
        })
    }
}

impl Run {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let ended_at: Option<i64> = row.try_get_by_index(5)?;
        let end = RunEnd {
            state: row.try_get_by_index(6)?,
            rows: row.try_get_by_index(7)?,
            bytes: row.try_get_by_index(8)?,
            detail: row.try_get_by_index(9)?,
        };
        Ok(Self {
            id: row.try_get_by_index(0)?,
            draft: RunDraft {
                connection: row.try_get_by_index(1)?,
                cause: row.try_get_by_index(2)?,
                actor: row.try_get_by_index(3)?,
            },
            begun_at: Instant(row.try_get_by_index(4)?),
            end: ended_at.map(|at| (Instant(at), end)),
        })
    }
}

fn maybe_text(value: Option<&String>) -> Sql {
    Sql::String(value.cloned())
}

fn maybe_int(value: Option<i64>) -> Sql {
    Sql::BigInt(value)
}

impl Store {
    /// The connections, by id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM connections ORDER BY id");
        rows(self.readers(), self.engine(), &sql, Vec::new()).await?.iter().map(Connection::read).collect()
    }

    /// A connection.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`], or the database's own.
    pub async fn connection(&self, id: i64) -> Result<Connection, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM connections WHERE id = ?");
        let found = row(self.readers(), self.engine(), &sql, vec![int(id)]).await?;
        found.map_or(Err(StoreError::NoConnection(id)), |row| Connection::read(&row))
    }

    /// The ciphertexts of the connections that have a secret, by id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn connection_secrets(&self) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "SELECT id, secret FROM connections WHERE secret IS NOT NULL ORDER BY id";
        let found = rows(self.readers(), self.engine(), sql, Vec::new()).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    /// The connections whose time has come and that nobody is at, by id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn due_connections(&self, now: Instant) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id FROM connections WHERE schedule IS NOT NULL AND next_at <= ? \
                   AND (lease_until IS NULL OR lease_until <= ?) ORDER BY next_at, id";
        let found = rows(self.readers(), self.engine(), sql, vec![int(now.0), int(now.0)]).await?;
        found.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Holds a lease for longer. Tells whether it is still one's own.
    ///
    /// It waits for no [`Writer`] of another table, so that a lease is renewed while a long import is written; on SQLite,
    /// where nobody else can write meanwhile, nobody can take the lease either, and it is renewed behind the import.
    ///
    /// # Errors
    /// The database's own.
    pub async fn renew_lease(&self, id: i64, lease: &str, until: Instant) -> Result<bool, StoreError> {
        let sql = "UPDATE connections SET lease_until = ? WHERE id = ? AND lease = ?";
        let values = vec![int(until.0), int(id), text(lease)];
        Ok(execute(self.inner.connections.writing(), self.engine(), sql, values).await? > 0)
    }

    /// The runs of a connection, the latest first.
    ///
    /// # Errors
    /// The database's own.
    pub async fn connection_runs(&self, connection: i64, most: u32) -> Result<Vec<Run>, StoreError> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM connection_runs WHERE connection = ? ORDER BY id DESC LIMIT ?");
        let values = vec![int(connection), int(i64::from(most))];
        rows(self.readers(), self.engine(), &sql, values).await?.iter().map(Run::read).collect()
    }

    /// The latest run of each connection that has one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn latest_runs(&self) -> Result<Vec<Run>, StoreError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM connection_runs WHERE id IN \
             (SELECT MAX(id) FROM connection_runs GROUP BY connection) ORDER BY connection"
        );
        rows(self.readers(), self.engine(), &sql, Vec::new()).await?.iter().map(Run::read).collect()
    }
}

impl Writer {
    /// Makes a connection. Returns its id.
    ///
    /// # Errors
    /// [`StoreError::ConnectionTaken`], or the database's own.
    pub async fn add_connection(
        &mut self,
        draft: &ConnectionDraft,
        mark: &str,
        next_at: Option<Instant>,
        now: Instant,
    ) -> Result<i64, StoreError> {
        self.require_free_name(draft, 0).await?;
        let id = self.next_access();
        let sql = "INSERT INTO connections (id, name, name_key, definition, recipe, column_names, schedule, \
                   skip_rejected, mark, next_at, version, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,1,?)";
        let values = vec![
            int(id),
            text(&draft.name),
            text(&draft.name_key),
            text(&draft.definition),
            maybe_text(draft.recipe.as_ref()),
            maybe_text(draft.column_names.as_ref()),
            maybe_text(draft.schedule.as_ref()),
            Sql::Bool(Some(draft.skip_rejected)),
            text(mark),
            maybe_int(next_at.map(|at| at.0)),
            int(now.0),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        self.head.config += 1;
        Ok(id)
    }

    /// Changes what a person says of a connection; `expected` is the version that they have read. Returns the new one.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`], [`StoreError::ConnectionChanged`], [`StoreError::ConnectionTaken`], or the
    /// database's own.
    pub async fn change_connection(
        &mut self,
        id: i64,
        expected: i64,
        draft: &ConnectionDraft,
        next_at: Option<Instant>,
    ) -> Result<i64, StoreError> {
        self.require_version(id, expected).await?;
        self.require_free_name(draft, id).await?;
        let sql = "UPDATE connections SET name = ?, name_key = ?, definition = ?, recipe = ?, column_names = ?, \
                   schedule = ?, skip_rejected = ?, next_at = ?, version = version + 1 WHERE id = ?";
        let values = vec![
            text(&draft.name),
            text(&draft.name_key),
            text(&draft.definition),
            maybe_text(draft.recipe.as_ref()),
            maybe_text(draft.column_names.as_ref()),
            maybe_text(draft.schedule.as_ref()),
            Sql::Bool(Some(draft.skip_rejected)),
            maybe_int(next_at.map(|at| at.0)),
            int(id),
        ];
        execute(&self.tx, self.engine, sql, values).await?;
        self.head.config += 1;
        Ok(expected + 1)
    }

    /// Removes a connection with its runs.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`], [`StoreError::ConnectionChanged`], or the database's own.
    pub async fn remove_connection(&mut self, id: i64, expected: i64) -> Result<(), StoreError> {
        self.require_version(id, expected).await?;
        for sql in ["DELETE FROM connection_runs WHERE connection = ?", "DELETE FROM connections WHERE id = ?"] {
            execute(&self.tx, self.engine, sql, vec![int(id)]).await?;
        }
        self.head.config += 1;
        Ok(())
    }

    /// Replaces the ciphertext of a connection's secret, or takes it away.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`], or the database's own.
    pub async fn set_connection_secret(&mut self, id: i64, secret: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE connections SET secret = ? WHERE id = ?";
        let values = vec![Sql::String(secret.map(str::to_owned)), int(id)];
        if execute(&self.tx, self.engine, sql, values).await? == 0 {
            return Err(StoreError::NoConnection(id));
        }
        self.head.config += 1;
        Ok(())
    }

    /// Takes a connection for one's own until a time: nobody else may be at it. Tells whether it worked.
    ///
    /// # Errors
    /// The database's own.
    pub async fn lease_connection(
        &mut self,
        id: i64,
        lease: &str,
        now: Instant,
        until: Instant,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE connections SET lease = ?, lease_until = ? \
                   WHERE id = ? AND (lease_until IS NULL OR lease_until <= ? OR lease = ?)";
        let values = vec![text(lease), int(until.0), int(id), int(now.0), text(lease)];
        Ok(execute(&self.tx, self.engine, sql, values).await? > 0)
    }

    /// Lets a connection go, and says when it runs by itself next. Somebody else's lease stays.
    ///
    /// # Errors
    /// The database's own.
    pub async fn release_connection(
        &mut self,
        id: i64,
        lease: &str,
        next_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE connections SET lease = NULL, lease_until = NULL, next_at = ? WHERE id = ? AND lease = ?";
        execute(&self.tx, self.engine, sql, vec![maybe_int(next_at.map(|at| at.0)), int(id), text(lease)]).await?;
        Ok(())
    }

    /// Moves the mark of a connection from one place to another, for what was pulled by a definition. Tells whether the
    /// mark was there, and the definition is that one still.
    ///
    /// # Errors
    /// The database's own.
    pub async fn move_mark(&mut self, id: i64, definition: &str, from: &str, to: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE connections SET mark = ? WHERE id = ? AND definition = ? AND mark = ?";
        Ok(execute(&self.tx, self.engine, sql, vec![text(to), int(id), text(definition), text(from)]).await? > 0)
    }

    /// Puts the mark of a connection somewhere, wherever it was.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`], or the database's own.
    pub async fn set_mark(&mut self, id: i64, to: &str) -> Result<(), StoreError> {
        let sql = "UPDATE connections SET mark = ? WHERE id = ?";
        if execute(&self.tx, self.engine, sql, vec![text(to), int(id)]).await? == 0 {
            return Err(StoreError::NoConnection(id));
        }
        Ok(())
    }

    /// Writes down that a pull begins; the oldest of very many is forgotten. Returns its id.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin_run(&mut self, draft: &RunDraft, now: Instant) -> Result<i64, StoreError> {
        let id = self.next_access();
        let forget = "DELETE FROM connection_runs WHERE connection = ? AND id <= \
                      (SELECT id FROM connection_runs WHERE connection = ? ORDER BY id DESC LIMIT 1 OFFSET ?)";
        let values = vec![int(draft.connection), int(draft.connection), int(RUNS - 1)];
        execute(&self.tx, self.engine, forget, values).await?;
        let sql = "INSERT INTO connection_runs (id, connection, cause, actor, begun_at, state, detail) \
                   VALUES (?,?,?,?,?,'running','')";
        let values = vec![int(id), int(draft.connection), text(&draft.cause), text(&draft.actor), int(now.0)];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(id)
    }

    /// Writes down that the pulls of a connection that never ended are over: whoever was at them is gone.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end_broken_runs(&mut self, connection: i64, end: &RunEnd, now: Instant) -> Result<(), StoreError> {
        let sql = "SELECT id FROM connection_runs WHERE connection = ? AND ended_at IS NULL";
        for broken in rows(&self.tx, self.engine, sql, vec![int(connection)]).await? {
            self.end_run(broken.try_get_by_index(0)?, end, now).await?;
        }
        Ok(())
    }

    /// Writes down how a pull ended. One that has ended is left as it is.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end_run(&mut self, id: i64, end: &RunEnd, now: Instant) -> Result<(), StoreError> {
        let sql = "UPDATE connection_runs SET ended_at = ?, state = ?, row_count = ?, byte_count = ?, \
                   detail = ? WHERE id = ? AND ended_at IS NULL";
        let values =
            vec![int(now.0), text(&end.state), maybe_int(end.rows), maybe_int(end.bytes), text(&end.detail), int(id)];
        execute(&self.tx, self.engine, sql, values).await?;
        Ok(())
    }

    async fn require_version(&self, id: i64, expected: i64) -> Result<(), StoreError> {
        let found = row(&self.tx, self.engine, "SELECT version FROM connections WHERE id = ?", vec![int(id)]).await?;
        let found: i64 = found.ok_or(StoreError::NoConnection(id))?.try_get_by_index(0)?;
        if found == expected { Ok(()) } else { Err(StoreError::ConnectionChanged { connection: id, expected, found }) }
    }

    async fn require_free_name(&self, draft: &ConnectionDraft, own: i64) -> Result<(), StoreError> {
        let sql = "SELECT id FROM connections WHERE name_key = ? AND id <> ?";
        match row(&self.tx, self.engine, sql, vec![text(&draft.name_key), int(own)]).await? {
            Some(_) => Err(StoreError::ConnectionTaken(draft.name.clone())),
            None => Ok(()),
        }
    }
}
