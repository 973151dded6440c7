//! What records are called, for fields that refer to them by a name or number instead of the source's key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::Kind;
use domain::field::Value;
use domain::journal::Facts;

use crate::plan::title;
use crate::profile::Profile;

/// The record that a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called<T> {
    /// None is called so.
    None,
    /// Just one.
    One(T),
    /// Several: which one is meant nobody can say.
    Several,
}

/// Local indices by name, of the kinds that some field refers to.
#[derive(Debug, Default)]
pub(crate) struct Names {
    kinds: BTreeSet<Kind>,
    locals: BTreeMap<Kind, HashMap<Box<str>, Called<u32>>>,
}

impl Names {
    pub(crate) fn wanted_by(profile: &Profile) -> Self {
        Self { kinds: profile.refers_to(), locals: BTreeMap::new() }
    }

    /// Whether any field refers to records of this kind.
    pub(crate) fn wants(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    pub(crate) fn add(&mut self, kind: Kind, name: &str, local: u32) {
        let name = name.trim();
        if name.is_empty() || !self.wants(kind) {
            return;
        }
        self.locals
            .entry(kind)
            .or_default()
            .entry(name.into())
            .and_modify(|known| {
                if *known != Called::One(local) {
                    *known = Called::Several;
                }
            })
            .or_insert(Called::One(local));
    }

    /// Adds what a record's facts say that it is called.
    pub(crate) fn add_from(&mut self, kind: Kind, facts: &Facts, local: u32) {
        let Some(def) = title(kind).filter(|_| self.wants(kind)) else { return };
        if let Some((_, Value::Text(name))) = facts.rest.iter().find(|(field, _)| *field == def.id) {
            self.add(kind, name, local);
        }
    }

    pub(crate) fn get(&self, kind: Kind, name: &str) -> Called<u32> {
        self.locals.get(&kind).and_then(|names| names.get(name)).copied().unwrap_or(Called::None)
    }
}
