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

use crate::definition::{Engine, Incremental, Limits, MarkType, SqlDefinition, Tls};
use crate::failure::Failure;
use crate::guard::guarded;
use crate::mark::Mark;
use crate::reach::{Reach, bare, unreachable};
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

    /// What the driver is to connect to, one after the other: a socket, which is a file of the machine; or the very
    /// addresses that were looked at. Where the server proves its name by a certificate it is the name: the driver
    /// resolves that once more, and whatever else answers under it then cannot prove it.
    async fn hosts(&self, port: u16) -> Result<Vec<String>, Failure> {
        let host = self.host();
        if host.starts_with('/') {
            return self.reach.path(host).map(|_| vec![host.to_owned()]);
        }
        let addresses = self.reach.addresses(host, port).await?;
        if self.of.tls == Tls::Verify {
            return Ok(vec![bare(host).to_owned()]);
        }
        Ok(addresses.iter().map(|address| address.ip().to_string()).collect())
    }

    /// Connects to a server: to the first of its addresses that answers.
    async fn connected_to<T, F>(&self, port: u16, connect: impl Fn(&str) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let mut last = unreachable(self.host(), "the name has no address");
        for host in self.hosts(port).await? {
            match tokio::time::timeout(CONNECT, connect(&host)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) if !matches!(error, sqlx::Error::Io(_)) => return Err(self.not_connected(&error)),
                Ok(Err(error)) => last = self.not_connected(&error),
                Err(_) => last = unreachable(self.host(), "nothing answers"),
            }
        }
        Err(last)
    }

    fn not_connected(&self, error: &sqlx::Error) -> Failure {
        let said = error.to_string();
        let place = if self.host().is_empty() { self.of.database.as_str() } else { self.host() };
        let failure = Failure::source(
            format!("无法连接数据库“{place}”：{said}"),
            format!("the database `{place}` cannot be connected: {said}"),
        );
        match error {
            _ if is_of_encryption(error) => failure.hint(
                "请让服务器启用 TLS 并使用受信任的证书（公司自己的签发机构请写在 LOUDOU_SOURCE_CA）；或在定义中写 tls = \"require\"（不核对名称），本机可写 \"off\"",
                "let the server offer TLS with a trusted certificate (the company's own authority is named in LOUDOU_SOURCE_CA); or write tls = \"require\" (its name is not proved), on the own machine \"off\"",
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

/// Whether an error is one of the encryption: a certificate that is not believed comes as one of the connection.
fn is_of_encryption(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => matches!(error.get_ref(), Some(inner) if inner.is::<tokio_rustls::rustls::Error>()),
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authorities, Definition, Folders};

    #[tokio::test]
    async fn the_driver_gets_the_very_addresses_that_were_looked_at_or_a_name_to_be_proved() {
        let hosts = async |host: &str, tls: &str| {
            let text = format!(
                "[sql]\nengine = \"postgres\"\nhost = \"{host}\"\nuser = \"u\"\ndatabase = \"d\"\ntls = \"{tls}\"\nquery = \"select 1\"\n"
            );
            let definition = Definition::parse(&text).expect("it is right");
            let reach = Reach { folders: Folders::None, authorities: Authorities::default() };
            let sql = definition.sql.expect("a query");
            Sql::new(sql, definition.incremental, definition.limits, None, reach).hosts(5432).await
        };
        for tls in ["off", "require"] {
            let found = hosts("localhost", tls).await.expect("it is known");
            assert!(
                found.iter().all(|host| host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())),
                "{found:?}"
            );
        }
        assert_eq!(hosts("localhost", "verify").await, Ok(vec!["localhost".to_owned()]));
        assert_eq!(hosts("[::1]", "verify").await, Ok(vec!["::1".to_owned()]));
        assert!(hosts("169.254.169.254", "verify").await.is_err());
    }
}
