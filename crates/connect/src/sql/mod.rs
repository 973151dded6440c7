//! One `SELECT` on another database, read row by row.
//!
//! The query is text that a person wrote, so it is kept small on all sides: it is a part of a larger `SELECT`, which
//! leaves no room for a second statement or for one that writes; it runs in a session that may only read; marks are
//! bound as parameters; and the server is told how long it may take. Every value becomes the text that keeps all of its
//! digits.

mod mysql;
mod parameters;
mod postgres;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;

use crate::definition::{Engine, Incremental, Limits, MarkType, SqlDefinition};
use crate::failure::Failure;
use crate::guard::guarded;
use crate::mark::Mark;
use crate::reach::{Reach, unreachable};
use crate::secret::{Secret, clean};
use crate::{Ask, Follow, Pulled, Source};
use parameters::Prepared;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(20);

pub(crate) struct Sql {
    of: SqlDefinition,
    how: Incremental,
    limits: Limits,
    secret: Option<Secret>,
    reach: Reach,
}

impl Sql {
    pub(crate) const fn new(
        of: SqlDefinition,
        how: Incremental,
        limits: Limits,
        secret: Option<Secret>,
        reach: Reach,
    ) -> Self {
        Self { of, how, limits, secret, reach }
    }

    fn password(&self) -> &str {
        self.secret.as_ref().map(Secret::expose).unwrap_or_default()
    }

    fn host(&self) -> &str {
        self.of.host.as_deref().unwrap_or_default()
    }

    /// Looks at where the server is. A socket is a file of the machine.
    async fn check_host(&self, port: u16) -> Result<(), Failure> {
        let host = self.host();
        if host.starts_with('/') {
            return self.reach.path(host).map(drop);
        }
        // The driver resolves the name once more. What answers there has to speak the database's protocol, which no
        // metadata service does, and the name is the one that a certificate proves.
        self.reach.addresses(host, port).await.map(drop)
    }

    /// Waits for a connection.
    async fn connected<T>(&self, connecting: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failure> {
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(connected) => connected.map_err(|error| self.not_connected(&error)),
            Err(_) => Err(unreachable(self.host(), "nothing answers")),
        }
    }

    fn not_connected(&self, error: &sqlx::Error) -> Failure {
        let said = error.to_string();
        let place = if self.host().is_empty() { self.of.database.as_str() } else { self.host() };
        let failure = Failure::source(
            format!("无法连接数据库“{place}”：{said}"),
            format!("the database `{place}` cannot be connected: {said}"),
        );
        match error {
            sqlx::Error::Tls(_) => failure.hint(
                "请让服务器启用 TLS 并使用受信任的证书；或在定义中写 tls = \"require\"（不核对名称），本机可写 \"off\"",
                "let the server offer TLS with a trusted certificate; or write tls = \"require\" (its name is not proved), on the own machine \"off\"",
            ),
            sqlx::Error::Database(_) => failure.hint(
                "请核对用户、密码和数据库的名称",
                "look at the user, the password and the database's name; the password is set by `source secret set`",
            ),
            _ => failure.hint("请核对地址和端口，以及防火墙", "look at the address, the port and the firewall"),
        }
    }

    /// What the database said of the query.
    fn failed(&self, error: &sqlx::Error) -> Failure {
        let said = error.to_string();
        Failure::source(format!("数据库拒绝了查询：{said}"), format!("the database refused the query: {said}")).hint(
            "请核对查询，并确认账号可以读取这些表",
            "look at the query, and whether the account may read these tables",
        )
    }

    /// The query as a part of another one, with its parameters in order.
    fn prepared(&self, mark: &Mark) -> Result<Prepared, Failure> {
        parameters::prepare(&self.of.query, self.of.engine, &self.how, mark)
    }
}

#[async_trait]
impl Source for Sql {
    async fn pull(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        let pulled = guarded(&self.limits, follow, async {
            match self.of.engine {
                Engine::Postgres => self.pull_postgres(ask, follow).await,
                Engine::Mysql => self.pull_mysql(ask, follow).await,
                Engine::Sqlite => self.pull_sqlite(ask, follow).await,
            }
        });
        pulled.await.map_err(|failure| failure.map(|text| clean(text, self.secret.as_ref())))
    }
}

/// Where a mark begins before there is one.
pub(crate) const fn beginning(ty: MarkType) -> &'static str {
    match ty {
        MarkType::Time => "0001-01-01T00:00:00Z",
        MarkType::Number => "-9223372036854775808",
        MarkType::Text => "",
    }
}
