//! Sources as the API tells and takes them. Definitions have the shape of their files (docs/sources.md).

use std::collections::BTreeMap;

use app::sources::{Definition, RunSeen, SourceSeen, Told};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Both;
use crate::problem::{Code, Problem};

/// Where the rows of a source are: one of `files`, `sql` and `http`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceDefinition {
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FilesSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<SqlSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<HttpSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incremental: Option<IncrementalSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<SourceLimits>,
}

/// Files in the folder that the server names for sources.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilesSource {
    /// A file or a folder.
    path: String,
    /// Which files of the folder: `*` stands for any letters, `?` for one; all of them where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<String>,
    /// Whether all new files are one import; else each is one, the oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<bool>,
}

/// The database behind a query.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SqlEngine {
    Postgres,
    Mysql,
    Sqlite,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SqlTls {
    Verify,
    Require,
    Off,
}

/// A query on another database.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SqlSource {
    engine: SqlEngine,
    /// The server.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// Its port; the usual one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 65_535_u64)]
    port: Option<u16>,
    /// The database on it; of SQLite the file.
    database: String,
    /// Who signs in; the password is set apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<SqlTls>,
    /// One `SELECT`; `:since` and `:after` are where the last pull ended.
    query: String,
    /// What the table is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
}

/// JSON over HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpSource {
    /// The address of the list.
    url: String,
    /// Where in an answer the list of rows is: `data.items`; empty: the answer is the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    /// Parameters of the address; `:since` and `:after` are where the last pull ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<BTreeMap<String, String>>,
    /// Further headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    /// The header that holds the token; `Authorization` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_header: Option<String>,
    /// What stands before the token in it; `Bearer ` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_prefix: Option<String>,
    /// Lets a token go over a connection that is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paging: Option<HttpPaging>,
    /// The columns there may be; found in the rows where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<String>>,
    /// What the table is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
}

/// How further pages are asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HttpPagingBy {
    None,
    Page,
    Offset,
    Cursor,
    Next,
    Link,
}

/// Paging.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpPaging {
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<HttpPagingBy>,
    /// The parameter that holds the page, the offset or the cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    /// The number of the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    /// The parameter that holds how many rows a page has.
    #[serde(skip_serializing_if = "Option::is_none")]
    size_param: Option<String>,
    /// How many rows a page has.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Where in an answer the cursor or the next address is: `meta.next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// Pages at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u64>,
}

/// What sort of value a column holds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkKind {
    Time,
    Number,
    Text,
}

/// How new rows are told from those that came before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncrementalSource {
    /// The column whose value is a row's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_type: Option<MarkKind>,
    /// The column that tells when a row was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_type: Option<MarkKind>,
    /// How far before the last time the next pull begins, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<u64>,
}

/// Bounds of one pull.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
}

/// A source; its secret is never told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceBody {
    id: i64,
    name: String,
    /// `files`, `sql` or `http`.
    kind: &'static str,
    /// What people know the place by.
    place: String,
    definition: SourceDefinition,
    /// Whether a password or token belongs to it.
    takes_secret: bool,
    /// Whether that is set.
    has_secret: bool,
    /// The name of the profile that reads its rows, once one is kept.
    profile: Option<String>,
    /// The columns that the profile was made for.
    columns: Vec<String>,
    /// When it runs by itself: `every 15 minutes`, `hourly`, `daily 06:30`, `weekly Mon 06:30`.
    schedule: Option<String>,
    /// Whether the rest goes in where rows are rejected.
    skip_rejected: bool,
    /// When it runs by itself next; absent until a profile is kept.
    #[schema(format = DateTime)]
    next_at: Option<String>,
    /// Whether it runs now.
    is_running: bool,
    /// The latest time of change, or the highest key, that was brought in, as the source wrote it.
    came_to: Option<String>,
    version: i64,
    last_run: Option<SourceRunBody>,
}

/// A pull or run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceRunBody {
    id: i64,
    /// `schedule`, `person` or `studio`.
    cause: String,
    /// Who wanted it.
    actor: String,
    #[schema(format = DateTime)]
    begun_at: String,
    /// Absent while it runs, and where its process was killed.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// `running`, `done`, `nothing`, `pulled`, `rejected`, `columns`, `failed` or `cancelled`.
    state: String,
    rows: Option<i64>,
    bytes: Option<i64>,
    /// The imports that the rows became; none where everything was known.
    imports: Vec<i64>,
    /// What happened; empty where there is nothing to say.
    message: Both,
    /// What to do about it.
    hint: Both,
}

impl SourceDefinition {
    /// The definition that was sent.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn read(&self) -> Result<Definition, Problem> {
        let read = serde_json::to_value(self).and_then(serde_json::from_value);
        read.map_err(|error| {
            let message = (format!("来源的定义有误：{error}"), format!("the definition of the source: {error}"));
            Problem::new(Code::BadInput, message.clone()).at("/definition", message)
        })
    }

    fn of(definition: &Definition) -> Self {
        // Both have one shape: a test holds them together.
        serde_json::to_value(definition).and_then(serde_json::from_value).unwrap_or_default()
    }
}

impl From<SourceSeen> for SourceBody {
    fn from(seen: SourceSeen) -> Self {
        Self {
            id: seen.id,
            kind: seen.definition.kind(),
            place: seen.definition.place(),
            definition: SourceDefinition::of(&seen.definition),
            name: seen.name,
            takes_secret: seen.takes_secret,
            has_secret: seen.has_secret,
            profile: seen.recipe,
            columns: seen.columns,
            schedule: seen.schedule,
            skip_rejected: seen.skip_rejected,
            next_at: seen.next_at.map(|at| at.to_string()),
            is_running: seen.is_running,
            came_to: seen.came_to,
            version: seen.version,
            last_run: seen.last_run.map(SourceRunBody::from),
        }
    }
}

impl From<RunSeen> for SourceRunBody {
    fn from(run: RunSeen) -> Self {
        let Told { zh, en, hint_zh, hint_en, .. } = run.told;
        Self {
            id: run.id,
            cause: run.cause,
            actor: run.actor,
            begun_at: run.begun_at.to_string(),
            ended_at: run.ended_at.map(|at| at.to_string()),
            state: run.state,
            rows: run.rows,
            bytes: run.bytes,
            imports: run.imports,
            message: Both::new(zh, en),
            hint: Both::new(hint_zh, hint_en),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_goes_over_the_wire_as_it_is_in_its_file() {
        for text in [
            "[files]\npath = \"inbox\"\nnames = \"*.csv\"\ntogether = true\n[limits]\nrows = 5\nbytes = 6\nseconds = 7\n",
            "[sql]\nengine = \"mysql\"\nhost = \"h\"\nport = 7\ndatabase = \"d\"\nuser = \"u\"\ntls = \"require\"\nquery = \"q\"\ntable = \"t\"\n\
             [incremental]\nkey = \"k\"\nkey_type = \"text\"\nupdated = \"u\"\nupdated_type = \"number\"\noverlap = 9\n",
            "[http]\nurl = \"https://a/b\"\nlist = \"l\"\ntoken_header = \"X\"\ntoken_prefix = \"\"\nplain = true\ncolumns = [\"c\"]\ntable = \"t\"\n\
             [http.params]\na = \"b\"\n[http.headers]\nc = \"d\"\n\
             [http.paging]\nby = \"cursor\"\nparam = \"p\"\nfirst = 0\nsize_param = \"s\"\nsize = 3\nat = \"n\"\nmost = 4\n",
        ] {
            let definition = Definition::parse(text).expect("it is right");
            let body = SourceDefinition::of(&definition);
            assert_eq!(body.read().map_err(|problem| problem.title), Ok(definition), "{body:?}");
        }
    }
}
