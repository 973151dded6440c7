//! Which columns of two tables hold the same keys.

use std::collections::HashSet;

use super::content::Content;
use super::{Table, words};
use crate::look::Look;
use crate::value::key::Key;

/// Part of the different values of one column that the other has at the least.
const ENOUGH: f64 = 0.5;
/// Proposals at most.
const MOST: usize = 5;

/// Two columns that may join two tables.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinKey {
    /// The column of the table that is joined to.
    pub left: String,
    /// The column of the other.
    pub right: String,
    /// Different values of `left`, of the rows looked at.
    pub values: usize,
    /// Those of them that `right` has too.
    pub matched: usize,
    /// Whether no value of `right` stands on two of its rows.
    pub is_unique: bool,
}

/// Proposes by which columns `right` may be joined to `left`, the likeliest first: those whose values are found there,
/// called alike, and a key there.
#[must_use]
pub fn join_keys(left: &Look, right: &Look) -> Vec<JoinKey> {
    let (left, right) = (Table::of(left), Table::of(right));
    let mut found: Vec<(f64, JoinKey)> = Vec::new();
    let of_right: Vec<(&Content<'_>, HashSet<Key<'_>>)> =
        usable(&right).map(|content| (content, keys(content))).collect();
    for content in usable(&left) {
        let own = keys(content);
        for (other, theirs) in &of_right {
            let matched = own.intersection(theirs).count();
            let share = share(matched, own.len());
            let is_alike = is_alike(&content.column.name, &other.column.name);
            // Numbers from 1 on are in many a column: then the heading decides, and so it does of a few words.
            let is_telling = !content.is_number() && content.values.len() > 3;
            if share < ENOUGH || !(is_alike || is_telling) {
                continue;
            }
            let is_unique = other.is_unique();
            let score = share + f64::from(u8::from(is_alike)) * 0.3 + f64::from(u8::from(is_unique)) * 0.5;
            let (left, right) = (content.column.name.clone(), other.column.name.clone());
            found.push((score, JoinKey { left, right, values: own.len(), matched, is_unique }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(MOST).map(|(_, key)| key).collect()
}

fn usable<'t, 'a>(table: &'t Table<'a>) -> impl Iterator<Item = &'t Content<'a>> {
    table.contents.iter().filter(|content| content.filled > 0 && !content.is_date())
}

fn keys<'a>(content: &Content<'a>) -> HashSet<Key<'a>> {
    content.values.iter().filter_map(|(value, _)| Key::of_text(value)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand values at most")]
fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

/// Whether one heading is the other, or ends as it does: `account.id` and `id`, 客户编号 and 编号.
fn is_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words::folded(one), words::folded(other));
    !one.is_empty() && !other.is_empty() && (one.ends_with(&other) || other.ends_with(&one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    fn look(folder: &std::path::Path, name: &str, text: &str) -> Look {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        crate::look(&path, name, None, None, &Options::default()).expect("a table")
    }

    #[test]
    fn keys_are_found_by_values_headings_and_by_being_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let deals =
            look(folder.path(), "deals.csv", "编号,客户,数量\n1,C-001,3\n2,C-002,1\n3,C-001,2\n4,C-009,2\n5,C-004,1\n");
        let customers = look(
            folder.path(),
            "customers.csv",
            "序号,客户代码,推荐人\n1,C-001,C-002\n2,C-002,C-001\n3,C-003,C-001\n4,C-004,C-009\n",
        );
        let found = join_keys(&deals, &customers);
        let told: Vec<_> = found
            .iter()
            .map(|key| (key.left.as_str(), key.right.as_str(), key.matched, key.values, key.is_unique))
            .collect();
        // Small numbers stand in every table and say nothing where the headings differ.
        assert_eq!(told, [("客户", "客户代码", 3, 4, true), ("客户", "推荐人", 3, 4, false)]);
    }

    #[test]
    fn numbers_are_keys_where_the_headings_are_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let deals = look(folder.path(), "a.csv", "id,account_id\n1,2\n2,1\n3,2\n");
        let accounts = look(folder.path(), "b.csv", "account_id,size\n1,1\n2,2\n");
        let found = join_keys(&deals, &accounts);
        assert_eq!((found[0].left.as_str(), found[0].right.as_str()), ("account_id", "account_id"));
        assert!(found.iter().all(|key| key.right != "size"), "{found:?}");
    }

    #[test]
    fn tables_without_a_common_key_have_no_proposal() {
        let folder = tempfile::tempdir().expect("a folder");
        let one = look(folder.path(), "a.csv", "name,city\nAcme,Bonn\nGlobex,Köln\n");
        let other = look(folder.path(), "b.csv", "product,price\nPump,10\nValve,20\n");
        assert_eq!(join_keys(&one, &other), []);
    }
}
