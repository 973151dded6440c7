//! Who may see which deals, computed once from role, person and team.
//!
//! The store and the warehouse turn a [`Scope`] into a predicate, nothing else filters by user.
//! A record out of scope answers like one that does not exist. This module must not know how a
//! predicate is written, nor what kinds of records a screen shows.
//!
//! Ownership is what it is now: a deal handed over leaves the old owner's scope with its whole past.
//!
//! A deal in the public pool has no owner, often a team. It is visible to [`Scope::All`], and to a
//! scope of teams when its team is among them; a scope of one person never holds it. Claiming from
//! the pool is a use case of its own and needs no wider scope.

use std::collections::BTreeSet;

use crate::id::RecordId;
use crate::people::{Role, TeamTree};

/// The deals somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every deal.
    All,
    /// The deals of these teams, and those the person owns wherever they lie.
    Teams {
        /// The teams, those below included.
        teams: BTreeSet<RecordId>,
        /// The person whose own deals are visible too.
        person: Option<RecordId>,
    },
    /// The deals of one person.
    Person(RecordId),
    /// The deals that both show: a part chosen by somebody who may not see all of it.
    Both(Box<Scope>, Box<Scope>),
    /// No deal.
    Nothing,
}

impl Scope {
    /// What somebody with this role, in this team, may see.
    ///
    /// A manager sees the team and all below it, and without a (known) team only own deals.
    /// Operations and executives see everything; so do marketing, whose channels must be followed
    /// to the money, and finance, who follow every contract. Pre-sales, customer success and
    /// service see the deals that are theirs. An administrator keeps the system and sees no deal.
    #[must_use]
    pub fn for_user(role: Role, person: RecordId, team: Option<RecordId>, tree: &TeamTree) -> Self {
        match role {
            Role::Operations | Role::Executive | Role::Marketing | Role::Finance => Self::All,
            Role::Manager => {
                let teams = team.map(|team| tree.with_descendants(team)).unwrap_or_default();
                if teams.is_empty() { Self::Person(person) } else { Self::Teams { teams, person: Some(person) } }
            }
            Role::Rep | Role::Presales | Role::CustomerSuccess | Role::Service => Self::Person(person),
            Role::Administrator => Self::Nothing,
        }
    }

    /// What somebody with several roles may see: as much as the widest of them shows. Of one person in one team
    /// any two roles' scopes lie one in the other.
    #[must_use]
    pub fn for_roles(
        roles: impl IntoIterator<Item = Role>,
        person: RecordId,
        team: Option<RecordId>,
        tree: &TeamTree,
    ) -> Self {
        roles
            .into_iter()
            .map(|role| Self::for_user(role, person, team, tree))
            .fold(Self::Nothing, |widest, scope| if scope.includes(&widest) { scope } else { widest })
    }

    /// The scope of one team and all below it, without a person: for questions put to a team.
    /// [`Scope::Nothing`] when there is no such team.
    #[must_use]
    pub fn for_team(team: RecordId, tree: &TeamTree) -> Self {
        let teams = tree.with_descendants(team);
        if teams.is_empty() { Self::Nothing } else { Self::Teams { teams, person: None } }
    }

    /// The part of `self` that is also in `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.includes(&other) {
            other
        } else if other.includes(&self) {
            self
        } else {
            Self::Both(Box::new(self), Box::new(other))
        }
    }

    /// Whether it is certain, whatever the deals, that `self` shows everything that `other` does.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (_, Self::Nothing) => true,
            (_, Self::Both(a, b)) => self.includes(a) || self.includes(b),
            (Self::Both(a, b), _) => a.includes(other) && b.includes(other),
            (Self::Teams { teams, person }, Self::Teams { teams: inner, person: owner }) => {
                inner.is_subset(teams) && (owner.is_none() || owner == person)
            }
            (Self::Teams { person, .. }, Self::Person(owner)) => *person == Some(*owner),
            (Self::Person(person), Self::Person(owner)) => person == owner,
            _ => false,
        }
    }

    /// Whether a deal of this owner and team is visible.
    #[must_use]
    pub fn allows(&self, owner: Option<RecordId>, team: Option<RecordId>) -> bool {
        match self {
            Self::All => true,
            Self::Teams { teams, person } => {
                team.is_some_and(|team| teams.contains(&team)) || (owner.is_some() && owner == *person)
            }
            Self::Person(person) => owner == Some(*person),
            Self::Both(a, b) => a.allows(owner, team) && b.allows(owner, team),
            Self::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Team;

    fn tree() -> TeamTree {
        let team = |id, parent| Team { id, name: format!("T{id}"), parent };
        TeamTree::new([team(10, None), team(11, Some(10)), team(12, Some(11)), team(13, Some(10))]).unwrap()
    }

    /// Who (role, person, team) sees which of six deals, `+` visible and `.` not. The deals:
    /// owner 1 team 12; owner 2 team 11; owner 3 team 13; owner 1 without a team;
    /// pool of team 12; pool of nobody.
    const TABLE: &str = "
        rep              1 12   + . . + . .
        rep              9 12   . . . . . .
        manager          2 11   + + . . + .
        manager          3 13   . . + . . .
        manager          4 10   + + + . + .
        manager          1 13   + . + + . .
        manager          2 -    . + . . . .
        manager          2 99   . + . . . .
        operations       7 -    + + + + + +
        executive        7 13   + + + + + +
        marketing        7 -    + + + + + +
        finance          7 -    + + + + + +
        presales         3 11   . . + . . .
        customer_success 3 11   . . + . . .
        service          2 12   . + . . . .
        administrator    1 10   . . . . . .
    ";

    #[test]
    fn who_sees_what() {
        let deals = [
            (Some(1), Some(12)),
            (Some(2), Some(11)),
            (Some(3), Some(13)),
            (Some(1), None),
            (None, Some(12)),
            (None, None),
        ];
        let mut roles = BTreeSet::new();
        for line in TABLE.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let role = Role::parse(words[0]).unwrap();
            roles.insert(role);
            let scope = Scope::for_user(role, words[1].parse().unwrap(), words[2].parse().ok(), &tree());
            let seen: Vec<&str> =
                deals.iter().map(|&(owner, team)| if scope.allows(owner, team) { "+" } else { "." }).collect();
            assert_eq!(seen, words[3..], "{line}");
        }
        assert_eq!(roles.len(), Role::ALL.len(), "every role has a line");
    }

    #[test]
    fn several_roles_see_what_each_of_them_sees() {
        for team in [None, Some(11), Some(99)] {
            let of = |role| Scope::for_user(role, 2, team, &tree());
            for a in Role::ALL {
                for b in Role::ALL {
                    let both = Scope::for_roles([a, b], 2, team, &tree());
                    assert!(both.includes(&of(a)) && both.includes(&of(b)), "{a:?} and {b:?} in {team:?}");
                    assert!(both == of(a) || both == of(b), "{a:?} and {b:?} in {team:?}: more than either");
                }
            }
        }
        assert_eq!(Scope::for_roles([], 2, Some(11), &tree()), Scope::Nothing);
    }

    #[test]
    fn a_team_without_a_person() {
        let scope = Scope::for_team(11, &tree());
        assert!(scope.allows(None, Some(12)));
        assert!(!scope.allows(Some(1), None), "nobody's own deals come along");
        assert!(!scope.allows(None, None));
        assert_eq!(Scope::for_team(99, &tree()), Scope::Nothing);
    }

    #[test]
    fn a_part_is_never_more_than_either_and_never_less_than_both() {
        let teams = |teams: &[RecordId], person| Scope::Teams { teams: teams.iter().copied().collect(), person };
        let scopes = [
            Scope::All,
            Scope::Nothing,
            Scope::Person(1),
            Scope::Person(2),
            teams(&[10, 11], Some(1)),
            teams(&[11], None),
            teams(&[11, 13], Some(2)),
        ];
        let owners = [None, Some(1), Some(2), Some(3)];
        let deals: Vec<_> =
            owners.iter().flat_map(|owner| [None, Some(10), Some(11), Some(13)].map(|team| (*owner, team))).collect();
        for a in &scopes {
            for b in &scopes {
                let both = a.clone().and(b.clone());
                for &(owner, team) in &deals {
                    let expected = a.allows(owner, team) && b.allows(owner, team);
                    assert_eq!(both.allows(owner, team), expected, "{a:?} and {b:?}: {owner:?} {team:?}");
                    assert!(!a.includes(b) || !b.allows(owner, team) || a.allows(owner, team), "{a:?} includes {b:?}");
                }
            }
        }
        assert_eq!(Scope::Person(1).and(teams(&[10], Some(1))), Scope::Person(1), "the smaller one, not a pair");
    }
}
