//! MySQL and MariaDB. Values come as the protocol's own types; decimals are texts there already.

use futures::TryStreamExt;
use sqlx::mysql::types::MySqlTime;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::types::chrono::{NaiveDate, NaiveDateTime};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef};

use super::Sql;
use super::sqlite::hex;
use crate::definition::{MarkType, Tls};
use crate::failure::Failure;
use crate::table::Table;
use crate::time::Time;
use crate::{Ask, Follow, Pulled};

const PORT: u16 = 3306;

impl Sql {
    pub(super) async fn pull_mysql(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let prepared = self.prepared(&ask.since)?;
        let mut connection = self.connect_mysql().await?;
        let seconds = self.limits.seconds;
        // One of the two is known to each of the families; both have the program's own limit above them.
        for sql in [
            format!("SET SESSION max_execution_time = {}", seconds.saturating_mul(1000)),
            format!("SET SESSION max_statement_time = {seconds}"),
        ] {
            let _ = connection.execute(AssertSqlSafe(sql)).await;
        }
        // Texts end where the look at the query took them to end.
        let escapes = "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')";
        for sql in [escapes, "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"] {
            connection.execute(sql).await.map_err(|error| self.failed(&error))?;
        }
        let sql = format!("SELECT * FROM (\n{}\n) AS loudou_rows", prepared.sql);
        let statement = (&mut connection).prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
        let statement = statement.map_err(|error| self.failed(&error))?;
        let columns: Vec<String> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        drop(statement);
        let mut table = Table::begin(ask, &self.of.table, columns, &self.how, &self.limits, follow)?;
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for parameter in &prepared.parameters {
            let text = parameter.text();
            query = match (parameter.ty, text.parse::<i64>()) {
                (MarkType::Time, _) => query.bind(time(text)),
                (MarkType::Number, Ok(whole)) => query.bind(whole),
                (MarkType::Number | MarkType::Text, _) => query.bind(text.to_owned()),
            };
        }
        {
            let mut rows = query.fetch(&mut connection);
            while let Some(row) = rows.try_next().await.map_err(|error| self.failed(&error))? {
                let cells: Result<Vec<_>, _> = (0..row.len()).map(|at| cell(&row, at)).collect();
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

    async fn connect_mysql(&self) -> Result<MySqlConnection, Failure> {
        let (of, host) = (&self.of, self.host());
        let port = of.port.unwrap_or(PORT);
        let is_socket = host.starts_with('/');
        let mode = match of.tls {
            _ if is_socket => MySqlSslMode::Disabled,
            Tls::Verify => MySqlSslMode::VerifyIdentity,
            Tls::Require => MySqlSslMode::Required,
            Tls::Off => MySqlSslMode::Disabled,
        };
        let mut options = MySqlConnectOptions::new()
            .port(port)
            .database(&of.database)
            .username(of.user.as_deref().unwrap_or_default())
            .password(self.password())
            .ssl_mode(mode)
            .statement_cache_capacity(0)
            .disable_statement_logging();
        if let Some(pem) = self.reach.authorities.pem() {
            options = options.ssl_ca_from_pem(pem);
        }
        self.connected_to(port, |host| {
            let options = if is_socket { options.clone().socket(host) } else { options.clone().host(host) };
            async move { options.connect().await }
        })
        .await
    }
}

/// The earliest time that MySQL keeps where there is no mark.
fn time(text: &str) -> NaiveDateTime {
    let first = NaiveDate::from_ymd_opt(1000, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).unwrap_or_default();
    Time::read(text).and_then(Time::naive).unwrap_or(first).max(first)
}

fn cell(row: &MySqlRow, at: usize) -> Result<Option<String>, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    let ty = value.type_info().name().to_owned();
    Ok(Some(match ty.as_str() {
        "FLOAT" => row.try_get_unchecked::<f32, _>(at)?.to_string(),
        "DOUBLE" => row.try_get_unchecked::<f64, _>(at)?.to_string(),
        "DATE" => row.try_get_unchecked::<NaiveDate, _>(at)?.to_string(),
        "DATETIME" => written(row.try_get_unchecked(at)?),
        // The session's zone is UTC.
        "TIMESTAMP" => format!("{}+00:00", written(row.try_get_unchecked(at)?)),
        "TIME" => row.try_get_unchecked::<MySqlTime, _>(at)?.to_string(),
        "BIT" | "YEAR" => row.try_get_unchecked::<u64, _>(at)?.to_string(),
        "BOOLEAN" => row.try_get_unchecked::<i64, _>(at)?.to_string(),
        ty if ty.ends_with("UNSIGNED") => row.try_get_unchecked::<u64, _>(at)?.to_string(),
        ty if ty.ends_with("INT") => row.try_get_unchecked::<i64, _>(at)?.to_string(),
        // Decimals, texts and JSON are texts; the rest are bytes that may be one.
        _ => {
            let bytes = row.try_get_unchecked::<Vec<u8>, _>(at)?;
            String::from_utf8(bytes).unwrap_or_else(|error| hex(error.as_bytes()))
        }
    }))
}

fn written(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}
