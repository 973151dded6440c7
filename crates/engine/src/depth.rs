//! How deep what is asked in SQL may go: before it is parsed, since what is parsed must be dropped as well.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Operators of a query or a condition at most. A chain of operators becomes a tree as deep as the chain is long, and
/// what walks or drops that tree needs stack for every step; lists are flat and may be long.
pub const MAX_OPERATORS: usize = 300;

/// Operators among tokens.
#[must_use]
pub fn operators(tokens: &[Token]) -> usize {
    tokens.iter().filter(|token| nests(token)).count()
}

/// Operators of a text; none where it is no SQL at all, which the parser refuses.
#[must_use]
pub fn operators_of(sql: &str) -> usize {
    Tokenizer::new(&GenericDialect {}, sql).tokenize().map_or(0, |tokens| operators(&tokens))
}

/// Whether the token may make the tree of a query one deeper without an opening bracket, of which the parser
/// itself counts the depth.
fn nests(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::UNION
                | Keyword::INTERSECT
                | Keyword::EXCEPT
                | Keyword::JOIN
        ),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::Comma
        | Token::LParen
        | Token::RParen
        | Token::Period
        | Token::SemiColon
        | Token::Whitespace(_)
        | Token::EOF => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_deep_and_lists_are_not() {
        let chain = |terms: usize| format!("amount > 1{}", " - 1".repeat(terms));
        for (condition, expected) in [
            (chain(MAX_OPERATORS - 1), false),
            (chain(MAX_OPERATORS), true),
            (format!("a = 1{}", " or a = 2".repeat(200)), true),
            (format!("a{}", " is not null".repeat(200)), true),
            (format!("a{}", "::int".repeat(400)), true),
            (format!("a in (1{})", ", 2".repeat(5_000)), false),
            (format!("a = '{}'", "-".repeat(5_000)), false),
            (format!("a = 1 --'\n{}", "+ 1 ".repeat(400)), true),
        ] {
            assert_eq!(operators_of(&condition) > MAX_OPERATORS, expected, "{}", &condition[..40]);
        }
    }
}
