//! Conditions that say of dimensions what their values are, and nothing else.
//!
//! Must not know what is done with it, nor which names are dimensions.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use engine::{MAX_OPERATORS, operators_of};

use crate::Only;

/// The values that a condition allows, where it is made of `column = 'value'` and `column in ('value', …)` joined by
/// `and`; absent where it says anything else.
#[must_use]
pub fn pinned(condition: &str) -> Option<Vec<Only>> {
    if operators_of(condition) > MAX_OPERATORS {
        return None;
    }
    let expr = Parser::new(&GenericDialect {}).try_with_sql(condition).ok()?.parse_expr().ok()?;
    let mut all = Vec::new();
    read(&expr, &mut all).then_some(all)
}

fn read(expr: &Expr, into: &mut Vec<Only>) -> bool {
    let (column, values) = match expr {
        Expr::Nested(inner) => return read(inner, into),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => return read(left, into) && read(right, into),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => (column(left), text(right).map(|one| vec![one])),
        Expr::InList { expr, list, negated: false } => (column(expr), list.iter().map(text).collect()),
        _ => return false,
    };
    let (Some(dimension), Some(values)) = (column, values) else { return false };
    into.push(Only { dimension, values: values.into_iter().map(Some).collect() });
    true
}

fn column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) if name.quote_style.is_some() => Some(name.value.clone()),
        Expr::Identifier(name) => Some(name.value.to_lowercase()),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(found) => match &found.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::pinned;

    fn check(condition: &str, expected: Option<&[(&str, &[&str])]>) {
        let found = pinned(condition).map(|all| {
            let plain = |only: crate::Only| (only.dimension, only.values.into_iter().flatten().collect::<Vec<_>>());
            all.into_iter().map(plain).collect::<Vec<_>>()
        });
        let expected = expected.map(|all| {
            let plain = |(name, values): &(&str, &[&str])| {
                ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
            };
            all.iter().map(plain).collect::<Vec<_>>()
        });
        assert_eq!(found, expected, "{condition}");
    }

    #[test]
    fn only_conditions_on_values_pin_them() {
        check("region = 'North'", Some(&[("region", &["North"])]));
        check(
            "Region in ('North', 'it''s') AND (team = 'A')",
            Some(&[("region", &["North", "it's"]), ("team", &["A"])]),
        );
        for other in [
            "region <> 'North'",
            "region not in ('North')",
            "region = 'North' or team = 'A'",
            "region = 'North' and amount > 5",
            "region is null",
            "amount = 5",
            "lower(region) = 'north'",
            "region = team",
            "region =",
        ] {
            check(other, None);
        }
    }
}
