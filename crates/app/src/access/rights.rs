//! From a user to what they may do and see at this moment.

use std::collections::BTreeSet;

use domain::field::ids;
use domain::people::{May, Role, Team, TeamTree};
use domain::{Kind, RecordId, Scope};
use store::Store;
use store::access::Account;

use super::{Access, Caller};
use crate::{Result, Who};

/// A part of what somebody may see, to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeChoice {
    /// As it is asked for: empty for all of it, `me`, `team:#12`.
    pub value: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// What it is called in English.
    pub en: String,
}

/// What these roles may together.
pub(super) fn may_of(roles: &BTreeSet<Role>) -> BTreeSet<May> {
    roles.iter().flat_map(|role| role.may()).copied().collect()
}

/// Who an account is now, narrowed to what a token may. Only a manager's scope asks how the teams lie.
pub(super) async fn who(store: &Store, account: &Account, narrowed: Option<&BTreeSet<May>>) -> Result<Who> {
    let user = &account.user;
    let needs_tree = account.team.is_some() && user.roles.contains(&Role::Manager);
    let tree = if needs_tree { tree(store.team_parents().await?) } else { TeamTree::default() };
    let mut may = may_of(&user.roles);
    may.retain(|may| narrowed.is_none_or(|narrowed| narrowed.contains(may)));
    Ok(Who {
        name: user.name.clone(),
        actor: user.person,
        scope: Scope::for_roles(user.roles.iter().copied(), user.person, account.team, &tree),
        roles: user.roles.clone(),
        may,
    })
}

/// The teams as a tree. A team above that is gone counts as none; teams in a circle show nothing to anybody,
/// since nobody can say who leads whom there.
fn tree(parents: Vec<(RecordId, Option<RecordId>)>) -> TeamTree {
    let there: BTreeSet<RecordId> = parents.iter().map(|(team, _)| *team).collect();
    let team = |(id, parent): (RecordId, Option<RecordId>)| Team {
        id,
        name: String::new(),
        parent: parent.filter(|parent| there.contains(parent)),
    };
    TeamTree::new(parents.into_iter().map(team)).unwrap_or_else(|error| {
        tracing::warn!(%error, "managers see their own deals only until the teams are a tree again");
        TeamTree::default()
    })
}

impl Access {
    /// The parts of what somebody may see that can be chosen, the whole first.
    ///
    /// # Errors
    /// The database's own.
    pub async fn scope_choices(&self, caller: &Caller) -> Result<Vec<ScopeChoice>> {
        let choice =
            |value: &str, zh: &str, en: &str| ScopeChoice { value: value.into(), zh: zh.into(), en: en.into() };
        let scope = &caller.who.scope;
        let mine = Scope::Person(caller.who.actor);
        if *scope == Scope::Nothing {
            return Ok(Vec::new());
        }
        if *scope == mine {
            return Ok(vec![choice("", "我的商机", "My deals")]);
        }
        let whole =
            if *scope == Scope::All { ("全部", "Everything") } else { ("我可见的全部", "All I may see") };
        let mut out = vec![choice("", whole.0, whole.1)];
        if scope.includes(&mine) {
            out.push(choice("me", "我的商机", "My deals"));
        }
        let tree = tree(self.store.team_parents().await?);
        let mut teams = Vec::new();
        for team in self.store.all_records(Kind::Team).await? {
            let below = Scope::for_team(team.id, &tree);
            if below != Scope::Nothing && scope.includes(&below) {
                teams.push((team.text(ids::TEAM_NAME).unwrap_or_default().to_owned(), team.id));
            }
        }
        teams.sort_unstable();
        out.extend(teams.into_iter().map(|(name, id)| choice(&format!("team:#{id}"), &name, &name)));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teams_that_are_no_tree_widen_nothing() {
        let lost = tree(vec![(1, Some(9)), (2, Some(1))]);
        assert_eq!(lost.with_descendants(1), [1, 2].into(), "a team above that is gone is none");
        let circle = tree(vec![(1, Some(2)), (2, Some(1)), (3, None)]);
        assert!(circle.with_descendants(1).is_empty());
        let scope = Scope::for_user(Role::Manager, 7, Some(1), &circle);
        assert_eq!(scope, Scope::Person(7));
    }
}
