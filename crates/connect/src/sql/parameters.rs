//! `:since` and `:after` in a query become parameters of the database; what stands in texts, names and comments is left
//! alone. A query is one statement: what would end it or close the brackets around it is refused here, before any
//! database sees it.

use crate::definition::{Engine, Incremental, MarkType};
use crate::failure::Failure;
use crate::mark::Mark;
use crate::sql::beginning;

/// A value to be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) ty: MarkType,
    /// As the source writes it; absent at the first pull.
    pub(crate) value: Option<String>,
}

impl Parameter {
    /// The value, or where all values begin.
    pub(crate) fn text(&self) -> &str {
        self.value.as_deref().unwrap_or(beginning(self.ty))
    }
}

/// A query with its parameters in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Parameter>,
}

pub(crate) fn prepare(query: &str, engine: Engine, how: &Incremental, mark: &Mark) -> Result<Prepared, Failure> {
    let mut out = Prepared { sql: String::with_capacity(query.len() + 64), parameters: Vec::new() };
    let mut depth = 0_i32;
    let mut rest = query.trim();
    // One sign at the end is how people end a query.
    rest = rest.strip_suffix(';').unwrap_or(rest).trim_end();
    while let Some(first) = rest.chars().next() {
        let skipped = skipped(rest, engine)?;
        if skipped > 0 {
            out.sql.push_str(&rest[..skipped]);
            rest = &rest[skipped..];
            continue;
        }
        if let Some(name) = parameter(rest, &out.sql) {
            let parameter = match name {
                ":since" if how.updated.is_some() => Parameter { ty: how.updated_type, value: mark.since(how)? },
                ":after" if how.key.is_some() => Parameter { ty: how.key_type, value: mark.key.clone() },
                _ => return Err(unknown(name)),
            };
            out.parameters.push(parameter);
            let number = out.parameters.len();
            let ty = out.parameters[number - 1].ty;
            out.sql.push_str(&written(engine, ty, number));
            rest = &rest[name.len()..];
            continue;
        }
        match first {
            ';' => return Err(several()),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return Err(several());
        }
        out.sql.push(first);
        rest = &rest[first.len_utf8()..];
    }
    if depth != 0 {
        return Err(Failure::definition("查询中的括号不成对", "the brackets of the query are not even"));
    }
    Ok(out)
}

/// How a parameter is written, so that the database takes the text for what it is.
fn written(engine: Engine, ty: MarkType, number: usize) -> String {
    match (engine, ty) {
        (Engine::Postgres, MarkType::Time) => format!("CAST(${number}::text AS timestamptz)"),
        (Engine::Postgres, MarkType::Number) => format!("CAST(${number}::text AS numeric)"),
        (Engine::Postgres, MarkType::Text) => format!("${number}::text"),
        (Engine::Mysql | Engine::Sqlite, _) => "?".to_owned(),
    }
}

/// How many bytes at the beginning are a text, a quoted name or a comment.
fn skipped(rest: &str, engine: Engine) -> Result<usize, Failure> {
    let quoted = |quote: char, escapes: bool| -> Result<usize, Failure> {
        let mut signs = rest.char_indices().skip(1).peekable();
        while let Some((at, sign)) = signs.next() {
            if escapes && sign == '\\' {
                signs.next();
            } else if sign == quote {
                // Twice, it stands for itself.
                if signs.peek().is_some_and(|(_, next)| *next == quote) {
                    signs.next();
                } else {
                    return Ok(at + sign.len_utf8());
                }
            }
        }
        Err(Failure::definition("查询中有一处引号没有结束", "a quotation in the query does not end"))
    };
    let is_mysql = engine == Engine::Mysql;
    let mut signs = rest.chars();
    match (signs.next(), signs.next()) {
        (Some(quote @ ('\'' | '"')), _) => quoted(quote, is_mysql),
        (Some('`'), _) => quoted('`', false),
        (Some('['), _) if engine == Engine::Sqlite => quoted(']', false),
        (Some('E' | 'e'), Some('\'')) if engine == Engine::Postgres => {
            Err(Failure::definition("查询中请勿使用 E'…' 文本", "texts written as E'…' are not taken in a query"))
        }
        // MySQL takes two of them for a comment where white space or nothing follows, else for two signs.
        (Some('-'), Some('-'))
            if !is_mysql || signs.next().is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control()) =>
        {
            Ok(rest.find('\n').map_or(rest.len(), |at| at + 1))
        }
        (Some('#'), _) if is_mysql => Ok(rest.find('\n').map_or(rest.len(), |at| at + 1)),
        (Some('/'), Some('*')) => block_comment(rest, engine),
        (Some('$'), _) if engine == Engine::Postgres => dollar_quoted(rest),
        _ => Ok(0),
    }
}

fn block_comment(rest: &str, engine: Engine) -> Result<usize, Failure> {
    let endless = || Failure::definition("查询中有一处注释没有结束", "a comment in the query does not end");
    // MySQL runs what stands in comments of this form.
    if engine == Engine::Mysql && (rest.starts_with("/*!") || rest.starts_with("/*M!")) {
        return Err(Failure::definition(
            "查询中请勿使用 /*! … */",
            "comments written as /*! … */ are not taken in a query",
        ));
    }
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        match bytes.get(at..at + 2) {
            None => return Err(endless()),
            Some(b"*/") => {
                depth -= 1;
                at += 2;
            }
            // Only PostgreSQL puts comments into comments.
            Some(b"/*") if engine == Engine::Postgres => {
                depth += 1;
                at += 2;
            }
            Some(_) => at += 1,
        }
    }
    Ok(at)
}

/// `$tag$ … $tag$`; nothing where the sign is something else.
fn dollar_quoted(rest: &str) -> Result<usize, Failure> {
    let Some(end) = rest[1..].find('$') else { return Ok(0) };
    let tag = &rest[..end + 2];
    let inside = &tag[1..tag.len() - 1];
    if !inside.chars().all(|c| c.is_alphanumeric() || c == '_') || inside.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(0);
    }
    match rest[tag.len()..].find(tag) {
        Some(close) => Ok(tag.len() * 2 + close),
        None => Err(Failure::definition("查询中有一处 $ 引号没有结束", "a $ quotation in the query does not end")),
    }
}

/// The name of a parameter at the beginning; `::` is a cast.
fn parameter<'a>(rest: &'a str, before: &str) -> Option<&'a str> {
    let name = rest.strip_prefix(':')?;
    if before.ends_with(':') || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    Some(&rest[..=end])
}

fn several() -> Failure {
    Failure::definition("查询须是一条 SELECT 语句", "a query is one SELECT statement").hint(
        "请去掉分号及其后的内容，并核对括号",
        "take away the semicolon with what follows, and look at the brackets",
    )
}

fn unknown(name: &str) -> Failure {
    let (zh, en) = match name {
        ":since" => (
            "查询中有 :since，但没有写 incremental.updated",
            "the query has :since, and incremental.updated is not given",
        ),
        ":after" => {
            ("查询中有 :after，但没有写 incremental.key", "the query has :after, and incremental.key is not given")
        }
        _ => {
            return Failure::definition(format!("没有参数 {name}"), format!("there is no parameter {name}"))
                .hint("参数只有 :since 和 :after", "parameters are :since and :after");
        }
    };
    Failure::definition(zh, en).hint("请写出用来识别新行的列", "name the column by which new rows are told")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how() -> Incremental {
        Incremental { key: Some("id".into()), updated: Some("at".into()), overlap: 0, ..Incremental::default() }
    }

    fn sql(query: &str, engine: Engine) -> Result<Prepared, String> {
        prepare(query, engine, &how(), &Mark::default()).map_err(|failure| failure.en)
    }

    #[test]
    fn marks_are_bound_and_what_looks_like_one_is_left_alone() {
        let query =
            "SELECT ':since', \"a:since\", x::text -- :since\n FROM t /* :since */ WHERE at >= :since AND id > :after;";
        let found = sql(query, Engine::Postgres).expect("it is one statement");
        assert!(
            found.sql.ends_with("WHERE at >= CAST($1::text AS timestamptz) AND id > CAST($2::text AS numeric)"),
            "{}",
            found.sql
        );
        assert!(found.sql.starts_with("SELECT ':since', \"a:since\", x::text -- :since\n FROM t /* :since */"));
        assert_eq!(
            found.parameters.iter().map(Parameter::text).collect::<Vec<_>>(),
            ["0001-01-01T00:00:00Z", "-9223372036854775808"]
        );
        assert_eq!(sql("select 5--1, :since", Engine::Mysql).expect("one").sql, "select 5--1, ?");
        assert_eq!(sql("select :since, :since", Engine::Mysql).expect("one").sql, "select ?, ?");
        let mark = Mark { updated: Some("2026-01-01T00:00:00Z".into()), key: Some("7".into()), ..Mark::default() };
        let found = prepare("select :after, :since", Engine::Sqlite, &how(), &mark).expect("one");
        assert_eq!(found.parameters.iter().map(Parameter::text).collect::<Vec<_>>(), ["7", "2026-01-01T00:00:00Z"]);
    }

    #[test]
    fn a_second_statement_is_refused_wherever_it_hides() {
        use Engine::{Mysql, Postgres, Sqlite};
        for (query, engine) in [
            ("select 1; drop table t", Sqlite),
            ("select 1) q; attach 'x' as y; select * from (select 1", Sqlite),
            ("select 1) union (select 2", Postgres),
            ("select '\\'; drop table t; --'", Postgres),
            ("select 1 /* /* */ ; drop table t */", Mysql),
            ("select 1 /*! ; drop table t */", Mysql),
            ("select 5--1) as q union select * from (select 2", Mysql),
            ("select 5---1; drop table t", Mysql),
            ("select [a'b]; drop table t --']", Sqlite),
            ("select $a$ $b$; drop table t", Postgres),
            ("select E'\\'; x'", Postgres),
            ("select 'open", Sqlite),
            ("select (1", Sqlite),
            ("select /* open", Postgres),
        ] {
            assert!(sql(query, engine).is_err(), "{query}");
        }
        for (query, engine) in [
            ("select ';)' ", Sqlite),
            ("select '\\'; x' as a", Mysql),
            ("select $a$ ; ) $a$", Postgres),
            ("with a as (select 1) select * from a ; ", Postgres),
            ("select '中;文' as 名称", Mysql),
            ("select 1 -- ;)", Mysql),
            ("select 1 --\t;)\n + 1 --", Mysql),
            ("select 5--1 --;)", Postgres),
        ] {
            assert!(sql(query, engine).is_ok(), "{query}");
        }
        assert!(sql("select :name", Sqlite).is_err_and(|said| said.contains(":name")));
        let none = prepare("select :since", Engine::Sqlite, &Incremental::default(), &Mark::default());
        assert!(none.is_err_and(|failure| failure.en.contains("incremental.updated")));
    }
}
