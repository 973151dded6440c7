//! Conditions and calculations that people write: parsed, once they are known to be neither too deep nor of chance.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr, Volatility};
use domain::words::Text2;
use engine::{MAX_OPERATORS, operators_of};

use crate::plan::{Planned, told};

/// An expression over the columns of a frame.
pub(crate) fn parsed(frame: &DataFrame, sql: &str) -> Planned<Expr> {
    let found = operators_of(sql);
    if found > MAX_OPERATORS {
        return Err(Text2::new(
            format!("表达式有 {found} 个运算符，最多 {MAX_OPERATORS} 个；多个取值请写成 column in ('a', 'b')"),
            format!(
                "the expression has {found} operators, at most {MAX_OPERATORS} are taken; write several values as column in ('a', 'b')"
            ),
        ));
    }
    let expr = frame.parse_sql_expr(sql).map_err(told)?;
    if let Some(function) = of_chance(&expr) {
        return Err(Text2::new(
            format!("函数 {function} 每次结果不同：同样的步骤须得出同样的表"),
            format!(
                "the function `{function}` gives something else each time: the same steps have to make the same table"
            ),
        ));
    }
    Ok(expr)
}

/// A function in an expression whose result does not follow from its arguments.
fn of_chance(expr: &Expr) -> Option<String> {
    let mut found = None;
    let walked = expr.apply(|part| {
        if let Expr::ScalarFunction(call) = part
            && call.func.signature().volatility != Volatility::Immutable
        {
            found = Some(call.func.name().to_owned());
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    walked.ok().and(found)
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::SessionContext;

    use super::*;

    #[tokio::test]
    async fn what_is_too_deep_or_of_chance_is_refused() {
        let frame = SessionContext::new().sql("select 1 as a").await.expect("a frame");
        for (sql, refused) in [
            (format!("a{}", " + 1".repeat(300)), None),
            (format!("a in (1{})", ", 2".repeat(5_000)), None),
            (format!("a{}", " + 1".repeat(20_000)), Some("20000 operators")),
            ("a + random()".to_owned(), Some("`random`")),
            ("case when a > 0 then now() end".to_owned(), Some("`now`")),
            ("current_date".to_owned(), Some("`current_date`")),
            ("uuid()".to_owned(), Some("`uuid`")),
        ] {
            let told = parsed(&frame, &sql).err().map(|told| told.en).unwrap_or_default();
            match refused {
                None => assert_eq!(told, "", "{}", &sql[..8]),
                Some(words) => assert!(told.contains(words), "{}: {told}", &sql[..sql.len().min(20)]),
            }
        }
    }
}
