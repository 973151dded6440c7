//! What contradicts itself in a definition is told before anything is visited. Secrets have no place in one: what looks
//! like one is refused.

use crate::definition::{Definition, Engine, HttpDefinition, PagingBy, SqlDefinition, none_given};
use crate::failure::Failure;

impl Definition {
    /// Looks for contradictions.
    ///
    /// # Errors
    /// The first one.
    pub fn check(&self) -> Result<(), Failure> {
        let given = [self.files.is_some(), self.sql.is_some(), self.http.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err(none_given());
        }
        let wrong = |zh: &str, en: &str| Err(Failure::definition(zh, en));
        let limits = &self.limits;
        if [limits.rows, limits.bytes, limits.seconds].contains(&0)
            || limits.seconds > 24 * 3600
            || limits.bytes > 8 << 30
        {
            return wrong(
                "limits 须大于零；seconds 至多 86400，bytes 至多 8 GiB",
                "limits are above zero; seconds 86400 at most, bytes 8 GiB at most",
            );
        }
        if let Some(sql) = &self.sql {
            sql.check()?;
        }
        if let Some(http) = &self.http {
            http.check()?;
        }
        Ok(())
    }
}

/// Whether a name is good for a file.
fn check_table(name: &str) -> Result<(), Failure> {
    let fits = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    if fits {
        return Ok(());
    }
    Err(Failure::definition(
        format!("表名“{name}”须由字母、数字、- 和 _ 组成，至多 60 字节"),
        format!("the table's name `{name}` is made of letters, digits, - and _, 60 bytes at most"),
    ))
}

impl SqlDefinition {
    fn check(&self) -> Result<(), Failure> {
        check_table(&self.table)?;
        let wrong = |zh: &str, en: &str| Err(Failure::definition(zh, en));
        if self.query.trim().is_empty() {
            return wrong("sql.query 没有内容", "sql.query is empty");
        }
        if self.database.trim().is_empty() {
            return wrong("sql.database 没有内容", "sql.database is empty");
        }
        let is_file = self.engine == Engine::Sqlite;
        if is_file && (self.host.is_some() || self.port.is_some() || self.user.is_some()) {
            return wrong("SQLite 是一个文件：没有 host、port、user", "SQLite is a file: it has no host, port or user");
        }
        if !is_file && self.host.as_deref().is_none_or(|host| host.trim().is_empty()) {
            return wrong("sql.host 没有内容：请写服务器的地址", "sql.host is empty: give the server's address");
        }
        if !is_file && self.user.as_deref().is_none_or(|user| user.trim().is_empty()) {
            return wrong(
                "sql.user 没有内容：请用只有读取权限的账号",
                "sql.user is empty: take an account that may only read",
            );
        }
        if self.host.as_deref().is_some_and(|host| host.contains('@') || host.contains("://")) {
            return wrong(
                "sql.host 只写服务器的名称或地址；密码另行设置",
                "sql.host is the server's name or address alone; the password is set apart",
            );
        }
        Ok(())
    }
}

impl HttpDefinition {
    fn check(&self) -> Result<(), Failure> {
        check_table(&self.table)?;
        let wrong = |zh: String, en: String| Err(Failure::definition(zh, en));
        let url = match url::Url::parse(&self.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
            _ => {
                return wrong(
                    "http.url 须是 http:// 或 https:// 开头的完整地址".to_owned(),
                    "http.url is a whole address that begins with http:// or https://".to_owned(),
                );
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            return wrong(
                "http.url 不能含用户名或密码：请把令牌设为此来源的密钥".to_owned(),
                "http.url holds no user or password: set the token as the source's secret".to_owned(),
            );
        }
        let is_header =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        for name in self.headers.keys().chain([&self.token_header]) {
            if !is_header(name) {
                return wrong(format!("“{name}”不是请求头的名称"), format!("`{name}` is no name of a header"));
            }
            if ["host", "content-length", "transfer-encoding", "connection"]
                .contains(&name.to_ascii_lowercase().as_str())
            {
                return wrong(
                    format!("请求头 {name} 由程序填写"),
                    format!("the header {name} is filled in by the program"),
                );
            }
        }
        let is_secret = |name: &&String| {
            name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case(&self.token_header)
        };
        if let Some(name) = self.headers.keys().find(is_secret) {
            return wrong(
                format!("请求头 {name} 请勿写在定义里：请把令牌设为此来源的密钥"),
                format!("the header {name} does not belong into the definition: set the token as the source's secret"),
            );
        }
        let told = url.query_pairs().map(|(name, _)| name.into_owned()).chain(self.params.keys().cloned());
        if let Some(name) = told.chain(self.headers.keys().cloned()).find(|name| names_a_secret(name)) {
            return wrong(
                format!("“{name}”看来是令牌或密码：请勿写在定义里，应设为此来源的密钥（token_header 写明请求头）"),
                format!(
                    "`{name}` looks like a token or password, which does not belong into the definition: set it as the \
                     source's secret, and name its header in token_header"
                ),
            );
        }
        let paging = &self.paging;
        let needs_param = matches!(paging.by, PagingBy::Page | PagingBy::Offset | PagingBy::Cursor);
        if needs_param && paging.param.is_empty() {
            return wrong(
                "paging.param 没有内容：请写页码、偏移或游标的参数名".to_owned(),
                "paging.param is empty: name the parameter of the page, offset or cursor".to_owned(),
            );
        }
        if matches!(paging.by, PagingBy::Cursor | PagingBy::Next) && paging.at.is_empty() {
            return wrong(
                "paging.at 没有内容：请写回答中游标或下一页地址的位置，如 meta.next".to_owned(),
                "paging.at is empty: say where in an answer the cursor or the next address is, such as meta.next"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// Whether what is called so is for the eyes of one server alone.
fn names_a_secret(name: &str) -> bool {
    const PARTS: [&str; 6] = ["token", "secret", "password", "passwd", "apikey", "accesskey"];
    let plain: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    PARTS.iter().any(|part| plain.contains(part)) || ["auth", "authorization", "cookie"].contains(&plain.as_str())
}
