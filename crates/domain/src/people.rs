//! Our own organisation: people, their roles, and teams as a tree.
//!
//! What a role may see or do is said here once, so that the command line, the server and jobs ask
//! the same table. This module must not know how people sign in, nor how a team is stored.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::RecordId;

/// What a person does in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sells: works own deals.
    Rep,
    /// Leads a team and every team below it.
    Manager,
    /// Imports, cleans, defines stages, targets and rules, analyses.
    Operations,
    /// Looks at forecast, attainment and trend.
    Executive,
    /// Runs channels and campaigns.
    Marketing,
    /// Builds proposals and proofs for the deals it is asked to serve.
    Presales,
    /// Keeps customers after the sale.
    CustomerSuccess,
    /// Delivers and answers requests.
    Service,
    /// Follows contracts, invoices and payments.
    Finance,
    /// Keeps users, security and backups; sees no business.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::Rep,
        Self::Manager,
        Self::Operations,
        Self::Executive,
        Self::Marketing,
        Self::Presales,
        Self::CustomerSuccess,
        Self::Service,
        Self::Finance,
        Self::Administrator,
    ];

    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Manager => "manager",
            Self::Operations => "operations",
            Self::Executive => "executive",
            Self::Marketing => "marketing",
            Self::Presales => "presales",
            Self::CustomerSuccess => "customer_success",
            Self::Service => "service",
            Self::Finance => "finance",
            Self::Administrator => "administrator",
        }
    }

    /// The role written as `word` (see [`Role::as_str`]).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// May let a deal through a gate that does not hold, with a reason.
    #[must_use]
    pub const fn may_override_gate(self) -> bool {
        matches!(self, Self::Manager)
    }

    /// What somebody of this role may do, on what they may see.
    #[must_use]
    pub const fn may(self) -> &'static [May] {
        match self {
            Self::Rep => &[May::Analyse, May::EditDeals, May::EditCustomers],
            Self::Manager => &[May::Analyse, May::EditDeals, May::EditCustomers, May::EditTargets],
            Self::Operations => &[
                May::Analyse,
                May::EditDeals,
                May::EditCustomers,
                May::EditTargets,
                May::Import,
                May::Sql,
                May::Configure,
            ],
            Self::Executive => &[May::Analyse, May::Sql],
            Self::Marketing | Self::Presales | Self::CustomerSuccess | Self::Service | Self::Finance => &[May::Analyse],
            Self::Administrator => &[May::Administer],
        }
    }
}

/// Something that takes a role. What is seen while doing it is said by [`crate::Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum May {
    /// Read deals, customers and analyses, and take them away as files.
    Analyse,
    /// Make and change deals.
    EditDeals,
    /// Make and change customers.
    EditCustomers,
    /// Set targets.
    EditTargets,
    /// Bring data in, and take imports back.
    Import,
    /// Ask in SQL.
    Sql,
    /// Change the organisation, processes and rates.
    Configure,
    /// Keep users, teams and security.
    Administer,
}

impl May {
    /// Everything that takes a role.
    pub const ALL: [Self; 8] = [
        Self::Analyse,
        Self::EditDeals,
        Self::EditCustomers,
        Self::EditTargets,
        Self::Import,
        Self::Sql,
        Self::Configure,
        Self::Administer,
    ];

    /// The word used in JSON and for tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Analyse => "analyse",
            Self::EditDeals => "edit_deals",
            Self::EditCustomers => "edit_customers",
            Self::EditTargets => "edit_targets",
            Self::Import => "import",
            Self::Sql => "sql",
            Self::Configure => "configure",
            Self::Administer => "administer",
        }
    }

    /// What is written as `word` (see [`May::as_str`]).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|may| may.as_str() == word)
    }

    /// The roles that may.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| role.may().contains(&self))
    }
}

/// Somebody of our own organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The record's id.
    pub id: RecordId,
    /// The name shown.
    pub name: String,
    /// What the person does.
    pub role: Role,
    /// The team the person belongs to now.
    pub team: Option<RecordId>,
    /// Still with the organisation.
    pub active: bool,
}

/// A group of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The record's id.
    pub id: RecordId,
    /// The name shown.
    pub name: String,
    /// The team above, `None` at the top.
    pub parent: Option<RecordId>,
}

/// Why a set of teams is no tree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TeamTreeError {
    /// Two teams have one id.
    #[error("two teams have the id {id}: {first:?} and {second:?}")]
    SameId {
        /// The id.
        id: RecordId,
        /// The name of the first one.
        first: String,
        /// The name of the second one.
        second: String,
    },
    /// A team names a parent that is not there.
    #[error("team {name:?} ({id}) lies under team {parent}, which does not exist")]
    NoParent {
        /// The team.
        id: RecordId,
        /// Its name.
        name: String,
        /// The parent it names.
        parent: RecordId,
    },
    /// Following the parents comes back to where it began.
    #[error("teams lie under each other in a circle: {ids:?}")]
    Circle {
        /// The teams of the circle, each one below the next.
        ids: Vec<RecordId>,
    },
}

/// All teams, checked to be a tree (or several, side by side).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamTree {
    teams: BTreeMap<RecordId, Team>,
    children: BTreeMap<RecordId, Vec<RecordId>>,
}

impl TeamTree {
    /// Checks the teams and arranges them.
    ///
    /// # Errors
    /// The first thing that keeps them from being a tree: an id used twice, a parent that does
    /// not exist, or a circle.
    pub fn new(teams: impl IntoIterator<Item = Team>) -> Result<Self, TeamTreeError> {
        let mut by_id: BTreeMap<RecordId, Team> = BTreeMap::new();
        for team in teams {
            if let Some(first) = by_id.get(&team.id) {
                return Err(TeamTreeError::SameId { id: team.id, first: first.name.clone(), second: team.name });
            }
            by_id.insert(team.id, team);
        }
        let mut children: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for team in by_id.values() {
            let Some(parent) = team.parent else { continue };
            if !by_id.contains_key(&parent) {
                return Err(TeamTreeError::NoParent { id: team.id, name: team.name.clone(), parent });
            }
            children.entry(parent).or_default().push(team.id);
        }
        let tree = Self { teams: by_id, children };
        tree.refuse_circles()?;
        Ok(tree)
    }

    /// Teams that hang together in a circle are reached from no root; one of them is walked
    /// upwards to name the circle.
    fn refuse_circles(&self) -> Result<(), TeamTreeError> {
        let mut reached = BTreeSet::new();
        for root in self.teams.values().filter(|team| team.parent.is_none()) {
            reached.append(&mut self.with_descendants(root.id));
        }
        let Some(&lost) = self.teams.keys().find(|id| !reached.contains(id)) else {
            return Ok(());
        };
        let mut path = vec![lost];
        let mut at = lost;
        while let Some(parent) = self.teams.get(&at).and_then(|team| team.parent) {
            if let Some(begin) = path.iter().position(|&id| id == parent) {
                path.drain(..begin);
                break;
            }
            path.push(parent);
            at = parent;
        }
        Err(TeamTreeError::Circle { ids: path })
    }

    /// The team with this id.
    #[must_use]
    pub fn get(&self, team: RecordId) -> Option<&Team> {
        self.teams.get(&team)
    }

    /// Every team, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Team> {
        self.teams.values()
    }

    /// The teams directly below, by id.
    #[must_use]
    pub fn children(&self, team: RecordId) -> &[RecordId] {
        self.children.get(&team).map_or(&[], Vec::as_slice)
    }

    /// The team and every team below it; empty when there is no such team.
    #[must_use]
    pub fn with_descendants(&self, team: RecordId) -> BTreeSet<RecordId> {
        let mut found = BTreeSet::new();
        let mut open = if self.teams.contains_key(&team) { vec![team] } else { Vec::new() };
        while let Some(next) = open.pop() {
            // A team seen before is not entered again, so that a circle ends too.
            if found.insert(next) {
                open.extend_from_slice(self.children(next));
            }
        }
        found
    }

    /// The team and every team above it, from below; empty when there is no such team.
    #[must_use]
    pub fn with_ancestors(&self, team: RecordId) -> Vec<RecordId> {
        let mut path = Vec::new();
        let mut at = self.teams.get(&team);
        while let Some(here) = at {
            path.push(here.id);
            at = here.parent.and_then(|parent| self.teams.get(&parent));
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"1 2<1 3<1"`: team 1 at the top, 2 and 3 below it.
    fn teams(text: &str) -> Vec<Team> {
        text.split_whitespace()
            .map(|word| {
                let (id, parent) = word.split_once('<').map_or((word, None), |(a, b)| (a, Some(b)));
                Team {
                    id: id.parse().unwrap(),
                    name: format!("T{id}"),
                    parent: parent.map(|parent| parent.parse().unwrap()),
                }
            })
            .collect()
    }

    #[test]
    fn descendants_and_ancestors() {
        let tree = TeamTree::new(teams("1 2<1 3<1 4<2 5<4 6 7<6")).unwrap();
        for (team, below, above) in [
            (1, vec![1, 2, 3, 4, 5], vec![1]),
            (2, vec![2, 4, 5], vec![2, 1]),
            (5, vec![5], vec![5, 4, 2, 1]),
            (6, vec![6, 7], vec![6]),
            (9, vec![], vec![]),
        ] {
            assert_eq!(tree.with_descendants(team), below.into_iter().collect(), "below {team}");
            assert_eq!(tree.with_ancestors(team), above, "above {team}");
        }
        assert_eq!(tree.children(1), [2, 3]);
        assert_eq!(tree.iter().count(), 7);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let refused = |text: &str| TeamTree::new(teams(text)).unwrap_err();
        assert!(matches!(refused("1 1<1"), TeamTreeError::SameId { id: 1, .. }));
        assert!(matches!(refused("1 2<9"), TeamTreeError::NoParent { id: 2, parent: 9, .. }));
        assert_eq!(refused("1<1"), TeamTreeError::Circle { ids: vec![1] });
        // Team 2 hangs below the circle and is no part of it.
        assert_eq!(refused("1 2<3 3<4 4<5 5<3"), TeamTreeError::Circle { ids: vec![3, 4, 5] });
    }

    #[test]
    fn a_deep_tree_does_not_exhaust_the_stack() {
        let deep = (1..=100_000).map(|id| Team { id, name: String::new(), parent: (id > 1).then_some(id - 1) });
        assert_eq!(TeamTree::new(deep).unwrap().with_descendants(1).len(), 100_000);
    }

    #[test]
    fn roles_have_one_word_each() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert_eq!(Role::parse("boss"), None);
    }

    #[test]
    fn whatever_takes_a_role_has_one_and_one_word() {
        for may in May::ALL {
            assert_eq!(May::parse(may.as_str()), Some(may));
            assert_eq!(serde_json::to_value(may).unwrap(), may.as_str());
            assert!(may.roles().next().is_some(), "{may:?} is nobody's");
        }
    }

    /// Rows are roles, columns what they may: the table that a company's security officer asks for.
    #[test]
    fn who_may_what() {
        let table: Vec<String> = Role::ALL
            .into_iter()
            .map(|role| {
                let marks = May::ALL.map(|may| if role.may().contains(&may) { "+" } else { "." });
                format!("{} {}", marks.join(""), role.as_str())
            })
            .collect();
        let expected = [
            "+++..... rep",
            "++++.... manager",
            "+++++++. operations",
            "+....+.. executive",
            "+....... marketing",
            "+....... presales",
            "+....... customer_success",
            "+....... service",
            "+....... finance",
            ".......+ administrator",
        ];
        assert_eq!(table, expected);
    }
}
