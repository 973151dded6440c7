//! A record's keys in their normal forms, made once.

use super::{Keys, Subject};
use crate::address::{Email, email, site};
use crate::number::{TaxNumber, tax_number};
use crate::organisation::{Organisation, organisation};
use crate::person::{Person, person};
use crate::phone::{Phone, phones};
use crate::text::{folded, marks_of};

/// Names of one record beyond which the rest is not compared.
const MOST_NAMES: usize = 8;

/// The name of a deal: letters with what tells deals apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Title {
    pub(super) squash: String,
    pub(super) marks: String,
}

#[derive(Debug, Clone)]
pub(super) enum Names {
    Organisations(Vec<Organisation>),
    People(Vec<Person>),
    Titles(Vec<Title>),
}

#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) id: i64,
    pub(super) names: Names,
    pub(super) phones: Vec<Phone>,
    pub(super) emails: Vec<Email>,
    /// The domain told, else those of the addresses.
    pub(super) sites: Vec<String>,
    pub(super) tax_number: Option<TaxNumber>,
    pub(super) parent: Option<i64>,
    pub(super) amount: Option<(i64, u16)>,
    pub(super) day: Option<i32>,
    order: String,
}

impl Prepared {
    pub(super) fn of(subject: Subject, keys: &Keys) -> Self {
        let names = names(subject, &keys.names);
        let mut phones: Vec<Phone> = keys.phones.iter().flat_map(|text| phones(text)).collect();
        phones.sort_unstable();
        phones.dedup();
        let mut emails: Vec<Email> = keys.emails.iter().filter_map(|text| email(text)).collect();
        emails.sort_unstable();
        emails.dedup();
        let told = keys.site.as_deref().and_then(site);
        let mut sites: Vec<String> = match told {
            Some(told) => vec![told],
            None => emails.iter().filter_map(|email| email.domain.clone()).collect(),
        };
        sites.sort_unstable();
        sites.dedup();
        Self {
            id: keys.id,
            order: names.order(),
            names,
            phones,
            emails,
            sites,
            tax_number: keys.tax_number.as_deref().and_then(tax_number),
            parent: keys.parent,
            amount: keys.amount,
            day: keys.day,
        }
    }

    /// By name, then by id.
    pub(super) fn order(&self) -> (&str, i64) {
        (&self.order, self.id)
    }
}

fn names(subject: Subject, names: &[String]) -> Names {
    let names = names.iter().take(MOST_NAMES);
    match subject {
        Subject::Organisation => {
            Names::Organisations(names.map(|name| organisation(name)).filter(|name| !name.parts.is_empty()).collect())
        }
        Subject::Person => {
            Names::People(names.map(|name| person(name)).filter(|name| !name.parts.is_empty()).collect())
        }
        Subject::Deal => Names::Titles(names.map(|name| title(name)).filter(|name| !name.squash.is_empty()).collect()),
    }
}

fn title(name: &str) -> Title {
    let mut squash = folded(name);
    let marks = marks_of(&squash);
    squash.retain(char::is_alphanumeric);
    Title { squash, marks }
}

impl Names {
    fn order(&self) -> String {
        let first = match self {
            Self::Organisations(names) => names.first().map(Organisation::whole),
            Self::People(names) => names.first().map(Person::key),
            Self::Titles(names) => names.first().map(|title| title.squash.clone()),
        };
        first.unwrap_or_default()
    }
}
