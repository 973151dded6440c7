//! What may run: one query, small enough, over our tables, that writes nothing.
//!
//! Everything is decided on the parsed text, before the engine plans anything, by a list of what is allowed.
//! This module must not know who asks: scope is no matter of syntax.

use std::ops::ControlFlow;

use datafusion::common::TableReference;
use datafusion::execution::context::SessionState;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{self, Query, Select, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use engine::{MAX_OPERATORS, operators};

use super::error::{SqlError, nearest};

/// Functions that may stand in FROM: they count, and read nothing.
const TABLE_FUNCTIONS: [&str; 2] = ["generate_series", "range"];

/// The one query in `sql`.
///
/// # Errors
/// [`SqlError`] for anything else.
pub(super) fn admit(sql: &str, max_tokens: usize) -> Result<Statement, SqlError> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize().map_err(|error| SqlError::Syntax(error.to_string()))?;
    let found = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count();
    if found > max_tokens {
        return Err(SqlError::TooLarge { what: "words and signs", found, limit: max_tokens });
    }
    let found = operators(&tokens);
    if found > MAX_OPERATORS {
        return Err(SqlError::TooLarge { what: "operators", found, limit: MAX_OPERATORS });
    }
    let mut statements = DFParser::parse_sql_with_dialect(sql, &dialect).map_err(|error| SqlError::of(&error, 0))?;
    let statement = match (statements.pop_front(), statements.len()) {
        (Some(statement), 0) => statement,
        (None, _) => return Err(SqlError::NotOne { found: 0 }),
        (Some(_), more) => return Err(SqlError::NotOne { found: more + 1 }),
    };
    let Statement::Statement(inner) = &statement else { return Err(refused(&statement)) };
    let ast::Statement::Query(query) = &**inner else { return Err(refused(&statement)) };
    match query.visit(&mut Clauses) {
        ControlFlow::Continue(()) => Ok(statement),
        ControlFlow::Break(what) => Err(SqlError::ReadOnly { what }),
    }
}

/// Refuses tables that are not ours: files, URLs, the engine's own schemas.
///
/// # Errors
/// [`SqlError::UnknownTable`].
pub(super) fn known_tables(statement: &Statement, state: &SessionState, tables: &[&str]) -> Result<(), SqlError> {
    let references = state.resolve_table_references(statement).map_err(|error| SqlError::of(&error, 0))?;
    for reference in references {
        let known = match &reference {
            TableReference::Bare { table } => tables.contains(&&**table) || TABLE_FUNCTIONS.contains(&&**table),
            _ => false,
        };
        if !known {
            let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
            let nearest = nearest(reference.table(), &tables);
            return Err(SqlError::UnknownTable { name: reference.to_string(), nearest, tables });
        }
    }
    Ok(())
}

/// The first words of a statement, enough to know it again.
fn refused(statement: &Statement) -> SqlError {
    let text = statement.to_string();
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    SqlError::ReadOnly { what: words.join(" ") }
}

/// Finds clauses that are more than a query.
struct Clauses;

impl Visitor for Clauses {
    type Break = String;

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<String> {
        let text = statement.to_string();
        ControlFlow::Break(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if !query.locks.is_empty() {
            return ControlFlow::Break("a lock (FOR UPDATE, FOR SHARE)".to_owned());
        }
        if query.settings.is_some() || query.format_clause.is_some() || query.for_clause.is_some() {
            return ControlFlow::Break("a clause beyond a query (SETTINGS, FORMAT, FOR XML, FOR JSON)".to_owned());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        if select.into.is_some() { ControlFlow::Break("SELECT INTO".to_owned()) } else { ControlFlow::Continue(()) }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<String> {
        let function = match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => name.to_string(),
            TableFactor::TableFunction { expr, .. } => expr.to_string(),
            _ => return ControlFlow::Continue(()),
        };
        if TABLE_FUNCTIONS.contains(&function.to_lowercase().as_str()) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(format!("the table function `{function}`"))
    }
}
