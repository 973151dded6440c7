//! The tables of current records seen from outside: how full their fields are, and where references lead.
//!
//! One statement a table counts its rows, its fields and its references together, so that a table is walked through
//! once however many fields it has. A reference is *loose* where it leads to no current record (deleted, merged or
//! withdrawn), or to one of which nothing is known but the key that an import named. Must not know scopes: whoever
//! asks sees everything.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::field::{self, FIRST_CUSTOM, FieldDef, FieldId, FieldType, Value, ids};
use domain::journal::Op;
use domain::{CustomField, Kind, RecordId};
use sea_orm::Value as Sql;

use crate::bulk::{id_list, id_runs};
use crate::codec;
use crate::engine::{row, rows};
use crate::registry::int;
use crate::{Store, StoreError};

/// Rows whose custom fields are read at a time.
const PAGE: i64 = 20_000;
/// A table whose ids span more than this is counted in two parts at once.
const LARGE: i64 = 100_000;

/// What one table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCount {
    /// The kind of its records.
    pub kind: Kind,
    /// Its records.
    pub rows: u64,
    /// Of these, the ones of which nothing is known but the key that an import named.
    pub bare: u64,
    /// How many have a value, by field: built-in ones, then custom ones.
    pub filled: Vec<(FieldId, u64)>,
    /// Where its references lead, by field.
    pub joins: Vec<JoinCount>,
}

/// Where a reference leads. The four numbers add up to the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCount {
    /// The field that refers.
    pub field: FieldId,
    /// The kind of record that it refers to.
    pub to: Kind,
    /// To a record that stands and is described.
    pub matched: u64,
    /// Nowhere: the field is empty.
    pub empty: u64,
    /// To a record that is only a key.
    pub bare: u64,
    /// To a record that does not stand.
    pub gone: u64,
}

/// Why a key is loose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Only its key is known.
    Bare,
    /// It was deleted.
    Deleted,
    /// It was merged into another.
    Merged {
        /// The other.
        into: RecordId,
    },
    /// What told of it was withdrawn, or nothing ever did.
    Withdrawn,
}

/// A key that references lead to and that nothing describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseKey {
    /// The record.
    pub id: RecordId,
    /// How many rows refer to it.
    pub rows: u64,
    /// Why it is loose.
    pub why: Why,
    /// The name it has or had.
    pub name: Option<String>,
}

/// How the model finds a field's values.
fn expression(def: &FieldDef) -> String {
    // An unknown stage is written as 0.
    if def.id == ids::OPPORTUNITY_STAGE {
        format!("NULLIF(t.\"{}\", 0)", def.name)
    } else {
        format!("t.\"{}\"", def.name)
    }
}

fn references(kind: Kind) -> Vec<(&'static FieldDef, Kind)> {
    let to = |def: &'static FieldDef| if let FieldType::Ref(to) = def.ty { Some((def, to)) } else { None };
    field::of(kind).filter_map(to).collect()
}

/// The ids of the records of a kind of which only a key is known: nothing but a name, which is the key. Kinds without a
/// name come by their own rows.
fn bare_sql(kind: Kind) -> String {
    let Some(name) = field::named(kind, "name").filter(|_| kind != Kind::Opportunity) else {
        return format!("SELECT b.id FROM {} b WHERE 1 = 0", kind.table());
    };
    let others = field::of(kind).filter(|def| def.id != name.id);
    let nothing: String = others.map(|def| format!(" AND b.\"{}\" IS NULL", def.name)).collect();
    let (vault, written) = match name.ty {
        FieldType::Personal => (" JOIN vault v ON v.id = b.\"name\"", "v.value"),
        _ => ("", "b.\"name\""),
    };
    format!(
        "SELECT b.id FROM {} b{vault} WHERE b.rest IS NULL{nothing} AND EXISTS (SELECT 1 FROM sources s \
         JOIN external_ids x ON x.source = s.id AND x.kind = {} AND x.external_id = {written} WHERE x.record = b.id)",
        kind.table(),
        kind.code()
    )
}

/// Names for the sets of bare keys that a statement asks about.
fn with_bare(kinds: impl Iterator<Item = Kind>) -> String {
    let mut kinds: Vec<Kind> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    let sets = kinds.iter().map(|kind| format!("bare_{}(id) AS ({})", kind.code(), bare_sql(*kind)));
    let sets: Vec<String> = sets.collect();
    if sets.is_empty() { String::new() } else { format!("WITH {} ", sets.join(", ")) }
}

/// References of custom fields, by field and record.
type CustomRefs = BTreeMap<FieldId, HashMap<RecordId, u64>>;

impl Store {
    /// Counts the rows of a kind, its fields and its references. `custom` are all custom fields.
    ///
    /// # Errors
    /// The database's own.
    pub async fn count_table(&self, kind: Kind, custom: &[CustomField]) -> Result<TableCount, StoreError> {
        let (fields, refs) = (field::of(kind).collect::<Vec<_>>(), references(kind));
        let counts = fields.iter().map(|def| format!("COUNT({})", expression(def)));
        let joins = refs.iter().enumerate().flat_map(|(at, (def, to))| {
            let key = format!("t.\"{}\"", def.name);
            let one = |condition: String| format!("SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)");
            let gone = one(format!("{key} IS NOT NULL AND r{at}.id IS NULL"));
            [gone, one(format!("{key} IN (SELECT id FROM bare_{})", to.code()))]
        });
        let columns: Vec<String> = counts.chain(joins).collect();
        let from: String = refs
            .iter()
            .enumerate()
            .map(|(at, (def, to))| format!(" LEFT JOIN {} r{at} ON r{at}.id = t.\"{}\"", to.table(), def.name))
            .collect();
        let sql = format!(
            "{}SELECT COUNT(*), (SELECT COUNT(*) FROM bare_{}), {} FROM {} t{from} WHERE t.id BETWEEN ? AND ?",
            with_bare(refs.iter().map(|(_, to)| *to).chain([kind])),
            kind.code(),
            columns.join(", "),
            kind.table()
        );
        let parts = self.parts(kind).await?;
        let parts = parts.iter().map(|part| self.numbers(&sql, *part, columns.len() + 2));
        let mut numbers = Vec::new();
        for part in futures::future::try_join_all(parts).await? {
            match numbers.as_mut_slice() {
                [] => numbers = part,
                // Each part tells the bare records of the whole table.
                all => (0..).zip(all).filter(|(at, _)| *at != 1).for_each(|(at, sum)| *sum += part[at]),
            }
        }
        let number = |at: usize| numbers[at];
        let (rows, bare) = (number(0), number(1));
        let mut table = TableCount { kind, rows, bare, filled: Vec::new(), joins: Vec::new() };
        for (at, def) in fields.iter().enumerate() {
            table.filled.push((def.id, number(2 + at)));
        }
        for (at, (def, to)) in refs.iter().enumerate() {
            let place = 2 + fields.len() + at * 2;
            let (gone, bare) = (number(place), number(place + 1));
            let filled = table.filled.iter().find(|(id, _)| *id == def.id).map_or(0, |(_, filled)| *filled);
            let matched = filled.saturating_sub(gone + bare);
            table.joins.push(JoinCount {
                field: def.id,
                to: *to,
                matched,
                empty: rows.saturating_sub(filled),
                bare,
                gone,
            });
        }
        self.count_custom(&mut table, custom).await?;
        Ok(table)
    }

    /// Ranges of ids that are counted beside each other: one of a small table, two of a large one.
    async fn parts(&self, kind: Kind) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = format!("SELECT MIN(id), MAX(id) FROM {}", kind.table());
        let found = row(self.readers(), self.engine(), &sql, Vec::new()).await?;
        let bound = |at: usize| -> Result<i64, StoreError> {
            let bound: Option<Option<i64>> = found.as_ref().map(|row| row.try_get_by_index(at)).transpose()?;
            Ok(bound.flatten().unwrap_or(0))
        };
        let (first, last) = (bound(0)?, bound(1)?);
        if last - first < LARGE {
            return Ok(vec![(first, last)]);
        }
        let middle = first + (last - first) / 2;
        Ok(vec![(first, middle), (middle + 1, last)])
    }

    /// The row of numbers that a count gives over a range of ids; what adds nothing up is nothing.
    async fn numbers(&self, sql: &str, (first, last): (i64, i64), columns: usize) -> Result<Vec<u64>, StoreError> {
        let found = row(self.readers(), self.engine(), sql, vec![int(first), int(last)]).await?;
        let found = found.ok_or_else(|| StoreError::damaged("a count", sql))?;
        let number = |at: usize| -> Result<u64, StoreError> {
            let number: Option<i64> = found.try_get_by_index(at)?;
            Ok(number.map_or(0, i64::unsigned_abs))
        };
        (0..columns).map(number).collect()
    }

    async fn count_custom(&self, table: &mut TableCount, custom: &[CustomField]) -> Result<(), StoreError> {
        let own: Vec<&CustomField> = custom.iter().filter(|field| field.kind == table.kind).collect();
        if own.is_empty() {
            return Ok(());
        }
        let (mut filled, mut refs) = (BTreeMap::<FieldId, u64>::new(), CustomRefs::new());
        self.each_custom(table.kind, |_, values| {
            for (id, value) in values {
                *filled.entry(id).or_default() += 1;
                if let Value::Ref(record) = value {
                    *refs.entry(id).or_default().entry(record).or_default() += 1;
                }
            }
            true
        })
        .await?;
        for field in own {
            let filled = filled.get(&field.id).copied().unwrap_or(0);
            table.filled.push((field.id, filled));
            if let FieldType::Ref(to) = field.ty {
                let keys = refs.remove(&field.id).unwrap_or_default();
                let loose = self.loose_among(to, &keys).await?;
                let sum =
                    |wanted: bool| loose.iter().filter(|(_, bare, _)| *bare == wanted).map(|(.., rows)| rows).sum();
                let (bare, gone): (u64, u64) = (sum(true), sum(false));
                // The table and its own fields are read one after the other.
                let (empty, matched) = (table.rows.saturating_sub(filled), filled.saturating_sub(bare + gone));
                table.joins.push(JoinCount { field: field.id, to, matched, empty, bare, gone });
            }
        }
        Ok(())
    }

    /// Hands over the custom fields of every record of a kind that has any, until `take` has enough.
    async fn each_custom(
        &self,
        kind: Kind,
        mut take: impl FnMut(RecordId, Vec<(FieldId, Value)>) -> bool,
    ) -> Result<(), StoreError> {
        let sql =
            format!("SELECT id, rest FROM {} WHERE rest IS NOT NULL AND id > ? ORDER BY id LIMIT {PAGE}", kind.table());
        let mut after = 0;
        loop {
            let page = rows(self.readers(), self.engine(), &sql, vec![int(after)]).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.try_get_by_index(0)?;
            for row in &page {
                let rest: String = row.try_get_by_index(1)?;
                let values = codec::decode_rest(&rest)?;
                let values = values.into_iter().filter(|(id, value)| id.0 >= FIRST_CUSTOM && *value != Value::Null);
                if !take(row.try_get_by_index(0)?, values.collect()) {
                    return Ok(());
                }
            }
        }
    }

    /// Which of these keys are loose: the key, whether it is bare (else gone), and its rows.
    async fn loose_among(
        &self,
        to: Kind,
        keys: &HashMap<RecordId, u64>,
    ) -> Result<Vec<(RecordId, bool, u64)>, StoreError> {
        let all: Vec<RecordId> = keys.keys().copied().collect();
        let (mut standing, mut bare) = (HashSet::new(), HashSet::new());
        for run in id_runs(&all) {
            let list = id_list(&run);
            let sql = format!("SELECT id FROM {} WHERE id IN {list}", to.table());
            for row in rows(self.readers(), self.engine(), &sql, run.clone()).await? {
                standing.insert(row.try_get_by_index::<i64>(0)?);
            }
            let sql = format!("{} AND b.id IN {list}", bare_sql(to));
            for row in rows(self.readers(), self.engine(), &sql, run).await? {
                bare.insert(row.try_get_by_index::<i64>(0)?);
            }
        }
        let loose = keys.iter().filter(|(id, _)| bare.contains(id) || !standing.contains(id));
        Ok(loose.map(|(id, rows)| (*id, bare.contains(id), *rows)).collect())
    }

    /// The loose keys of a reference, those with the most rows first.
    ///
    /// # Errors
    /// The database's own.
    pub async fn loose_keys(&self, from: Reference, limit: usize) -> Result<Vec<LooseKey>, StoreError> {
        let to = from.to;
        let mut keys: Vec<(RecordId, u64, bool)> = Vec::new();
        if let Some(def) = field::builtin(from.field) {
            let sql = format!(
                "{}SELECT t.\"{name}\", COUNT(*), CASE WHEN r.id IS NULL THEN 0 ELSE 1 END FROM {} t \
                 LEFT JOIN {} r ON r.id = t.\"{name}\" WHERE t.\"{name}\" IS NOT NULL \
                 AND (r.id IS NULL OR r.id IN (SELECT id FROM bare_{})) GROUP BY 1, 3 ORDER BY 2 DESC, 1 LIMIT {limit}",
                with_bare([to].into_iter()),
                from.kind.table(),
                to.table(),
                to.code(),
                name = def.name,
            );
            for row in rows(self.readers(), self.engine(), &sql, Vec::new()).await? {
                let count: i64 = row.try_get_by_index(1)?;
                let is_bare = i64::from(row.try_get_by_index::<i32>(2)?) == 1;
                keys.push((row.try_get_by_index(0)?, count.unsigned_abs(), is_bare));
            }
        } else {
            let mut refs: HashMap<RecordId, u64> = HashMap::new();
            self.each_custom(from.kind, |_, values| {
                for (id, value) in values {
                    if let (true, Value::Ref(record)) = (id == from.field, value) {
                        *refs.entry(record).or_default() += 1;
                    }
                }
                true
            })
            .await?;
            keys.extend(self.loose_among(to, &refs).await?.into_iter().map(|(id, bare, rows)| (id, rows, bare)));
            keys.sort_by_key(|(id, rows, _)| (std::cmp::Reverse(*rows), *id));
            keys.truncate(limit);
        }
        self.explained(to, keys).await
    }

    /// Says of loose keys why they are, and what they were called.
    async fn explained(&self, to: Kind, keys: Vec<(RecordId, u64, bool)>) -> Result<Vec<LooseKey>, StoreError> {
        let all: Vec<RecordId> = keys.iter().map(|(id, ..)| *id).collect();
        let name_field = field::named(to, "name").map(|def| def.id);
        let mut told: HashMap<RecordId, (Why, Option<String>)> = HashMap::new();
        for entry in self.entries_of(&all).await? {
            let (why, name) = told.entry(entry.record).or_insert((Why::Withdrawn, None));
            match entry.op {
                Op::Merge { into } => *why = Why::Merged { into },
                Op::Delete => *why = Why::Deleted,
                Op::Assert(facts) => {
                    let written = facts.rest.into_iter().find(|(id, _)| Some(*id) == name_field);
                    if let Some((_, Value::Text(text))) = written {
                        *name = Some(text.into());
                    }
                }
                _ => {}
            }
        }
        let key = |(id, rows, is_bare)| {
            let (why, name) = told.remove(&id).unwrap_or((Why::Withdrawn, None));
            LooseKey { id, rows, why: if is_bare { Why::Bare } else { why }, name }
        };
        Ok(keys.into_iter().map(key).collect())
    }

    /// The records that refer to `key` by a field (nowhere: none), the newest first, and how many there are.
    ///
    /// # Errors
    /// The database's own.
    pub async fn rows_behind(
        &self,
        from: Reference,
        key: Option<RecordId>,
        limit: usize,
    ) -> Result<(Vec<RecordId>, u64), StoreError> {
        let refers = match field::builtin(from.field) {
            Some(def) => format!("\"{}\"", def.name),
            None => self.engine().own_reference("rest", from.field),
        };
        let condition = if key.is_some() { "= ?" } else { "IS NULL" };
        let values: Vec<Sql> = key.map(int).into_iter().collect();
        let of = format!("FROM {} WHERE {refers} {condition}", from.kind.table());
        let sql = format!("SELECT COUNT(*) {of}");
        let count = row(self.readers(), self.engine(), &sql, values.clone()).await?;
        let count: i64 = count.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
        let sql = format!("SELECT id {of} ORDER BY id DESC LIMIT {limit}");
        let found = rows(self.readers(), self.engine(), &sql, values).await?;
        let found: Result<Vec<RecordId>, _> = found.iter().map(|row| row.try_get_by_index(0)).collect();
        Ok((found?, count.unsigned_abs()))
    }
}

/// A field that refers to records of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The kind that carries it.
    pub kind: Kind,
    /// The field.
    pub field: FieldId,
    /// The kind that it leads to.
    pub to: Kind,
}
