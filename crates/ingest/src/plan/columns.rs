//! The columns that a table is read for, its own and those of joined tables.

use crate::profile::spec::{JoinSpec, TableSpec};
use crate::table::Wanted;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnRef {
    /// In this column of the batch.
    Own(usize),
    /// In a column of the joined row.
    Joined {
        /// Which of [`Columns::joins`].
        join: usize,
        /// Which of [`JoinPlan::wanted`].
        column: usize,
    },
}

/// A joined table and what is read of it.
#[derive(Debug, Clone)]
pub(crate) struct JoinPlan {
    /// How its columns are called.
    pub(crate) alias: String,
    /// The table in the profile.
    pub(crate) table: String,
    /// The column of this table that holds the key.
    pub(crate) column: ColumnRef,
    /// What is read of the other table; the first is its key.
    pub(crate) wanted: Vec<Wanted>,
}

/// The columns of one table that its plans read.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    specs: &'a [JoinSpec],
    /// Columns of the table itself.
    pub(crate) wanted: Vec<Wanted>,
    /// The joins that are used, each after those it needs.
    pub(crate) joins: Vec<JoinPlan>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(table: &'a TableSpec) -> Self {
        Self { specs: &table.joins, wanted: Vec::new(), joins: Vec::new() }
    }

    /// The place of a column that is called so, own or `alias.Column`.
    pub(crate) fn place(&mut self, name: &str, optional: bool) -> ColumnRef {
        let joined = name.split_once('.').and_then(|(alias, column)| {
            let at = self.specs.iter().position(|join| join.alias == alias)?;
            Some((at, column))
        });
        let Some((spec, column)) = joined else {
            return ColumnRef::Own(place_in(&mut self.wanted, name, optional));
        };
        let join = self.join(spec);
        ColumnRef::Joined { join, column: place_in(&mut self.joins[join].wanted, column, optional) }
    }

    fn join(&mut self, spec: usize) -> usize {
        let specs = self.specs;
        let JoinSpec { alias, table, column, key } = &specs[spec];
        if let Some(known) = self.joins.iter().position(|join| join.alias == *alias) {
            return known;
        }
        // A join can only stand on those before it, so this ends.
        let through = column.split_once('.').and_then(|(alias, rest)| {
            let at = specs[..spec].iter().position(|join| join.alias == alias)?;
            Some((at, rest))
        });
        let column = match through {
            Some((at, rest)) => {
                let join = self.join(at);
                ColumnRef::Joined { join, column: place_in(&mut self.joins[join].wanted, rest, false) }
            }
            None => ColumnRef::Own(place_in(&mut self.wanted, column, false)),
        };
        let wanted = vec![Wanted { name: key.clone(), optional: false }];
        self.joins.push(JoinPlan { alias: alias.clone(), table: table.clone(), column, wanted });
        self.joins.len() - 1
    }
}

fn place_in(wanted: &mut Vec<Wanted>, name: &str, optional: bool) -> usize {
    if let Some(at) = wanted.iter().position(|column| column.name == name) {
        wanted[at].optional &= optional;
        return at;
    }
    wanted.push(Wanted { name: name.to_owned(), optional });
    wanted.len() - 1
}
