//! What a source is, as a readable file: everything but its secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Rows of one pull, where nothing else is said.
const ROWS: u64 = 5_000_000;
/// Bytes of one pull.
const BYTES: u64 = 2 << 30;
/// Seconds of one pull.
const SECONDS: u64 = 3600;
/// The longest text of a definition, in bytes.
const LONGEST: usize = 64 << 10;

/// A source: one of `files`, `sql` and `http`, and what holds for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Files of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesDefinition>,
    /// A query on another database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<SqlDefinition>,
    /// JSON over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpDefinition>,
    /// How new rows are told from those that came before; without it everything comes each time.
    #[serde(default)]
    pub incremental: Incremental,
    /// Bounds of one pull.
    #[serde(default)]
    pub limits: Limits,
}

/// Files of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesDefinition {
    /// A file, or a folder; on a server inside of the folder that `--source-dir` names.
    pub path: String,
    /// Which files of the folder: `*` stands for any letters, `?` for one.
    #[serde(default = "any_name")]
    pub names: String,
    /// Whether all new files are one import (several tables that belong together); else each is one, the oldest first.
    #[serde(default)]
    pub together: bool,
}

/// The database behind a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// A file of SQLite.
    Sqlite,
}

/// How a connection to a database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Encrypted, and the server proves its name by a certificate that the system trusts.
    #[default]
    Verify,
    /// Encrypted; whoever answers is believed.
    Require,
    /// Readable by whoever is in between: for the own machine.
    Off,
}

/// A query on another database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlDefinition {
    /// Which database.
    pub engine: Engine,
    /// The server; with a leading `/` the folder of PostgreSQL's or the file of MySQL's socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its port; the usual one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The database on it; of SQLite the file.
    pub database: String,
    /// Who signs in; the password is the source's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// One `SELECT`. `:since` is the time of the last pull, `:after` the last key; they are bound, never pasted in.
    pub query: String,
    /// What the table is called.
    #[serde(default = "table_name")]
    pub table: String,
}

/// JSON over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpDefinition {
    /// The address of the list.
    pub url: String,
    /// Where in an answer the list of rows is: `data.items`; empty: the answer is the list.
    #[serde(default)]
    pub list: String,
    /// Parameters of the address. `:since` and `:after` stand for the marks, and a parameter that is one is left out at
    /// the first pull.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Further headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The header that holds the token.
    #[serde(default = "token_header")]
    pub token_header: String,
    /// What stands before the token in it.
    #[serde(default = "token_prefix")]
    pub token_prefix: String,
    /// Lets a token go over a connection that is not encrypted: for the own machine and network.
    #[serde(default)]
    pub plain: bool,
    /// How further pages are asked for.
    #[serde(default)]
    pub paging: PagingDefinition,
    /// The columns there may be, where rows leave out what they have no value for; found in the rows where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What the table is called.
    #[serde(default = "table_name")]
    pub table: String,
}

/// How further pages are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PagingBy {
    /// There is one page.
    #[default]
    None,
    /// By its number.
    Page,
    /// By how many rows come before it.
    Offset,
    /// By a mark that each page tells for the next.
    Cursor,
    /// By an address that each page tells.
    Next,
    /// By the `Link` header.
    Link,
}

/// Paging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagingDefinition {
    /// How.
    #[serde(default)]
    pub by: PagingBy,
    /// The parameter that holds the page, the offset or the cursor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub param: String,
    /// The number of the first page.
    #[serde(default = "one")]
    pub first: u64,
    /// The parameter that holds how many rows a page has.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub size_param: String,
    /// How many rows a page has.
    #[serde(default = "hundred")]
    pub size: u64,
    /// Where in an answer the cursor or the next address is: `meta.next`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// Pages at most.
    #[serde(default = "most_pages")]
    pub most: u64,
}

/// What sort of value marks grow by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkType {
    /// A time.
    #[default]
    Time,
    /// A number.
    Number,
    /// A text that sorts byte by byte.
    Text,
}

/// How new rows are told from those that came before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incremental {
    /// The column whose value is a row's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What sort of value it is; matters where `:after` is used.
    #[serde(default = "number")]
    pub key_type: MarkType,
    /// The column that tells when a row was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// What sort of value it is.
    #[serde(default)]
    pub updated_type: MarkType,
    /// How far before the last time the next pull begins, for rows that were committed late. Seconds; of a number its
    /// unit.
    #[serde(default = "overlap")]
    pub overlap: u64,
}

/// Bounds of one pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Rows.
    #[serde(default = "rows")]
    pub rows: u64,
    /// Bytes.
    #[serde(default = "bytes")]
    pub bytes: u64,
    /// Seconds.
    #[serde(default = "seconds")]
    pub seconds: u64,
}

const fn rows() -> u64 {
    ROWS
}
const fn bytes() -> u64 {
    BYTES
}
const fn seconds() -> u64 {
    SECONDS
}
const fn one() -> u64 {
    1
}
const fn hundred() -> u64 {
    100
}
const fn most_pages() -> u64 {
    10_000
}
const fn overlap() -> u64 {
    300
}
const fn number() -> MarkType {
    MarkType::Number
}
fn any_name() -> String {
    "*".to_owned()
}
fn table_name() -> String {
    "rows".to_owned()
}
fn token_header() -> String {
    "Authorization".to_owned()
}
fn token_prefix() -> String {
    "Bearer ".to_owned()
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: ROWS, bytes: BYTES, seconds: SECONDS }
    }
}

impl Default for Incremental {
    fn default() -> Self {
        Self { key: None, key_type: number(), updated: None, updated_type: MarkType::Time, overlap: overlap() }
    }
}

impl Default for PagingDefinition {
    fn default() -> Self {
        Self {
            by: PagingBy::None,
            param: String::new(),
            first: one(),
            size_param: String::new(),
            size: hundred(),
            at: String::new(),
            most: most_pages(),
        }
    }
}

pub(crate) fn none_given() -> Failure {
    Failure::definition("来源须是 [files]、[sql]、[http] 之一", "a source is one of [files], [sql] and [http]")
        .hint("写法见 docs/sources.md", "docs/sources.md tells how they are written")
}

impl Definition {
    /// Reads the text of a definition.
    ///
    /// # Errors
    /// It is no TOML, names what there is not, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if text.len() > LONGEST {
            let most = LONGEST >> 10;
            return Err(Failure::definition(
                format!("来源的定义最长 {most} KiB"),
                format!("a definition has {most} KiB at most"),
            ));
        }
        let definition: Self = toml::from_str(text).map_err(|error| {
            let said = error.to_string();
            let said = said.trim();
            Failure::definition(format!("来源的定义无法读取：{said}"), format!("the definition cannot be read: {said}"))
                .hint("写法见 docs/sources.md", "docs/sources.md tells how it is written")
        })?;
        definition.check()?;
        Ok(definition)
    }

    /// The definition as a text that [`Definition::parse`] reads.
    ///
    /// # Errors
    /// It cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, Failure> {
        toml::to_string_pretty(self).map_err(|error| {
            Failure::definition(
                format!("来源的定义无法写出：{error}"),
                format!("the definition cannot be written: {error}"),
            )
        })
    }

    /// Whether a mark of another definition holds for this one: all but the bounds of a pull is alike. A mark of files
    /// names each of them, and holds wherever they are looked for.
    #[must_use]
    pub fn keeps_mark_of(&self, other: &Self) -> bool {
        if self.files.is_some() && other.files.is_some() {
            return true;
        }
        let other = Self { limits: self.limits.clone(), ..other.clone() };
        *self == other
    }

    /// `files`, `sql` or `http`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match (&self.files, &self.sql) {
            (Some(_), _) => "files",
            (_, Some(_)) => "sql",
            _ => "http",
        }
    }

    /// The place that a secret is for, and nowhere else: whoever changes it has to give the secret anew. Nothing for
    /// sources that take none.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        if let Some(sql) = self.sql.as_ref().filter(|sql| sql.engine != Engine::Sqlite) {
            let SqlDefinition { engine, host, port, database, user, tls, .. } = sql;
            return Some(format!("{engine:?} {host:?} {port:?} {database:?} {user:?} {tls:?}"));
        }
        let http = self.http.as_ref()?;
        let origin = url::Url::parse(&http.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        Some(format!("{origin} {} {:?} {}", http.token_header, http.token_prefix, http.plain))
    }

    /// What people know the place by: a server, an address, a path.
    #[must_use]
    pub fn place(&self) -> String {
        if let Some(files) = &self.files {
            return files.path.clone();
        }
        if let Some(sql) = &self.sql {
            return match &sql.host {
                Some(host) => format!("{}/{}", host, sql.database),
                None => sql.database.clone(),
            };
        }
        self.http.as_ref().map(|http| http.url.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str =
        "[sql]\nengine = \"postgres\"\nhost = \"db\"\ndatabase = \"crm\"\nuser = \"reader\"\nquery = \"select 1\"\n";

    #[test]
    fn what_is_written_is_read_and_written_again() {
        let http = "[http]\nurl = \"https://api.example/v1/deals\"\nlist = \"data\"\n[http.params]\nsince = \":since\"\n\
                    [http.paging]\nby = \"cursor\"\nparam = \"cursor\"\nat = \"next\"\n[incremental]\nkey = \"id\"\n";
        for text in [SQL, http, "[files]\npath = \"inbox\"\nnames = \"*.csv\"\n"] {
            let read = Definition::parse(text).expect("it is right");
            let again = Definition::parse(&read.to_toml().expect("it is TOML")).expect("it is right");
            assert_eq!(read, again);
        }
    }

    #[test]
    fn contradictions_are_told_before_anything_is_visited() {
        for (text, part) in [
            ("", "one of [files], [sql] and [http]"),
            ("[files]\npath=\"a\"\n[http]\nurl=\"http://x\"\n", "one of"),
            ("[files]\npath=\"a\"\npassword=\"x\"\n", "password"),
            ("[sql]\nengine=\"oracle\"\ndatabase=\"x\"\nquery=\"x\"\n", "oracle"),
            ("[sql]\nengine=\"mysql\"\ndatabase=\"x\"\nquery=\"x\"\n", "sql.host is empty"),
            (
                "[sql]\nengine=\"mysql\"\nhost=\"u:p@h\"\nuser=\"u\"\ndatabase=\"x\"\nquery=\"x\"\n",
                "sql.host is the server's name",
            ),
            ("[sql]\nengine=\"sqlite\"\nhost=\"h\"\ndatabase=\"x\"\nquery=\"x\"\n", "SQLite is a file"),
            ("[http]\nurl=\"ftp://x\"\n", "http:// or https://"),
            ("[http]\nurl=\"https://u:p@x\"\n", "no user or password"),
            ("[http]\nurl=\"https://x\"\n[http.headers]\nauthorization=\"Bearer x\"\n", "as the source's secret"),
            ("[http]\nurl=\"https://x/?api_key=1\"\n", "`api_key` looks like a token"),
            ("[http]\nurl=\"https://x\"\n[http.params]\naccess_token=\"1\"\n", "`access_token` looks like a token"),
            ("[http]\nurl=\"https://x\"\n[http.headers]\nX-Api-Key=\"1\"\n", "`X-Api-Key` looks like a token"),
            ("[http]\nurl=\"https://x\"\n[http.headers]\nHost=\"y\"\n", "filled in"),
            ("[http]\nurl=\"https://x\"\n[http.paging]\nby=\"page\"\n", "paging.param"),
            ("[http]\nurl=\"https://x\"\n[http.paging]\nby=\"next\"\n", "paging.at"),
            ("[http]\nurl=\"https://x\"\ntable=\"../x\"\n", "the table's name"),
            ("[files]\npath=\"a\"\n[limits]\nrows=0\n", "limits"),
        ] {
            let error = Definition::parse(text).expect_err(text);
            assert!(error.en.contains(part), "{text}: {}", error.en);
            assert!(!error.zh.is_empty());
        }
    }

    #[test]
    fn a_mark_holds_for_the_rows_that_it_was_made_with() {
        let of = |text: &str| Definition::parse(text).expect("it is right");
        let keeps = |after: &str, before: &str| of(after).keeps_mark_of(&of(before));
        assert!(keeps(SQL, &format!("{SQL}[limits]\nrows = 5\n")));
        assert!(!keeps(SQL, &SQL.replace("select 1", "select 2")));
        assert!(!keeps(SQL, &format!("{SQL}[incremental]\nkey = \"id\"\n")));
        assert!(keeps("[files]\npath = \"a\"\n", "[files]\npath = \"b\"\nnames = \"*.csv\"\n"));
        assert!(!keeps("[files]\npath = \"a\"\n", SQL));
    }

    #[test]
    fn a_secret_is_for_one_place() {
        let of = |text: &str| Definition::parse(text).expect("it is right").target();
        let sql = of(SQL).expect("it takes a password");
        assert_eq!(of(&SQL.replace("select 1", "select 2")), Some(sql.clone()), "the query may change");
        for (from, to) in [("\"db\"", "\"evil\""), ("reader", "root"), ("\"crm\"", "\"x\""), ("postgres", "mysql")] {
            assert_ne!(of(&SQL.replace(from, to)), Some(sql.clone()), "{to}");
        }
        let http = |url: &str| of(&format!("[http]\nurl = \"{url}\"\n"));
        assert_eq!(http("https://a.example/x"), http("https://a.example/y?z=1"));
        assert_ne!(http("https://a.example/x"), http("http://a.example/x"));
        assert_ne!(http("https://a.example/x"), http("https://a.example:8443/x"));
        assert_eq!(of("[files]\npath = \"a\"\n"), None);
    }
}
