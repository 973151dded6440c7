//! PostgreSQL: every value is made a text by the server, which keeps the digits of its numbers, and writes times as
//! ISO 8601.

use futures::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo};

use super::Sql;
use crate::definition::Tls;
use crate::failure::Failure;
use crate::table::Table;
use crate::{Ask, Follow, Pulled};

const PORT: u16 = 5432;

impl Sql {
    pub(super) async fn pull_postgres(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let prepared = self.prepared(&ask.since)?;
        let mut connection = self.connect_postgres().await?;
        let seconds = self.limits.seconds;
        let settings = format!("SET statement_timeout = {}", seconds.saturating_mul(1000));
        for sql in [settings, "BEGIN TRANSACTION READ ONLY".to_owned()] {
            connection.execute(AssertSqlSafe(sql)).await.map_err(|error| self.failed(&error))?;
        }
        let inner = format!("SELECT * FROM (\n{}\n) AS loudou_rows", prepared.sql);
        let statement = (&mut connection).prepare(AssertSqlSafe(inner).into_sql_str()).await;
        let statement = statement.map_err(|error| self.failed(&error))?;
        let columns: Vec<String> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let texts: Vec<String> =
            statement.columns().iter().map(|column| as_text(column.name(), column.type_info().name())).collect();
        drop(statement);
        let mut table = Table::begin(ask, &self.of.table, columns.clone(), &self.how, &self.limits, follow)?;
        let sql = format!("SELECT {} FROM (\n{}\n) AS loudou_rows", texts.join(", "), prepared.sql);
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for parameter in &prepared.parameters {
            query = query.bind(parameter.text().to_owned());
        }
        {
            let mut rows = query.fetch(&mut connection);
            while let Some(row) = rows.try_next().await.map_err(|error| self.failed(&error))? {
                let cells: Result<Vec<Option<String>>, _> = (0..columns.len()).map(|at| row.try_get(at)).collect();
                if !table.row(&cells.map_err(|error| self.failed(&error))?)? {
                    break;
                }
            }
        }
        // Nothing was written, so the connection just ends. To take leave of an encrypted one would be to wait for an
        // answer that no server gives.
        drop(connection);
        table.finish()
    }

    async fn connect_postgres(&self) -> Result<PgConnection, Failure> {
        let (of, host) = (&self.of, self.host());
        let port = of.port.unwrap_or(PORT);
        let is_socket = host.starts_with('/');
        let mode = match of.tls {
            _ if is_socket => PgSslMode::Disable,
            Tls::Verify => PgSslMode::VerifyFull,
            Tls::Require => PgSslMode::Require,
            Tls::Off => PgSslMode::Disable,
        };
        let mut options = PgConnectOptions::new_without_pgpass()
            .port(port)
            .database(&of.database)
            .username(of.user.as_deref().unwrap_or_default())
            .password(self.password())
            .ssl_mode(mode)
            .statement_cache_capacity(0)
            .application_name("loudou")
            .options([
                ("timezone", "UTC"),
                ("datestyle", "ISO"),
                ("default_transaction_read_only", "on"),
                ("standard_conforming_strings", "on"),
            ])
            .disable_statement_logging();
        if let Some(pem) = self.reach.authorities.pem() {
            options = options.ssl_root_cert_from_pem(pem);
        }
        self.connected_to(port, |host| {
            let options = if is_socket { options.clone().socket(host) } else { options.clone().host(host) };
            async move { options.connect().await }
        })
        .await
    }
}

/// A column as text.
fn as_text(name: &str, ty: &str) -> String {
    let name = format!("loudou_rows.\"{}\"", name.replace('"', "\"\""));
    match ty {
        // The server's own ISO 8601, with the offset where there is one.
        "TIMESTAMP" | "TIMESTAMPTZ" | "DATE" => format!("(to_json({name}) #>> '{{}}')"),
        _ => format!("{name}::text"),
    }
}
