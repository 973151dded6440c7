//! The customer funnel: distinct customers by step, how many went on, how long it took, and what it was worth.
//!
//! Two readings of one count. *Reached by a day*: every customer known by then. *A cohort*: those who became potential
//! in a period, followed to the day; who is not there yet is pending, not lost. Cells are whole numbers; shares, curves
//! and medians are the reader's.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::chain::LeadStatus;
use domain::id::Kind;
use domain::{Currency, Day, Rates, RecordId, Scope};

use super::Moment;
use super::customers::{Customer, CustomerBy, CustomerFaces, Customers, GroupKey, STEPS, Step, read};
use crate::deals::Named;
use crate::question::AskError;
use crate::warehouse::Warehouse;

/// What is asked of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomersAsk {
    /// Who asks.
    pub scope: Scope,
    /// Whose customers are seen without a deal in scope; absent: everybody's.
    pub keepers: Option<HashSet<RecordId>>,
    /// Nothing is seen after the end of this day.
    pub as_of: Day,
    /// As it was known at the end of this day; absent: as it is known now.
    pub known_at: Option<Day>,
    /// Only customers who became potential from this day on.
    pub from: Option<Day>,
    /// Only customers who became potential up to this day.
    pub to: Option<Day>,
    /// What tells groups apart.
    pub by: Option<CustomerBy>,
    /// The currency to answer in; absent: the one that is booked, else the organisation's.
    pub currency: Option<Currency>,
}

/// Customers of one step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepCells {
    /// Customers who are here: each once.
    pub customers: u64,
    /// Of those at the step before, who are here too.
    pub from_before: u64,
    /// Who are here without ever having been at the step before.
    pub skipped: u64,
    /// Who are at the step before, not here, and may still come.
    pub pending: u64,
    /// Who are at the step before, not here, and were taken out.
    pub ended: u64,
    /// Of those from the step before, who were here on an earlier day than there: their days are not counted.
    pub out_of_order: u64,
    /// Days from the step before: how many customers came after so many days (true), or have been there for so many
    /// without coming (false).
    pub days: BTreeMap<(u32, bool), u64>,
    /// The same from the first step.
    pub days_from_first: BTreeMap<(u32, bool), u64>,
}

/// Leads by how they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeadCounts {
    /// By [`LeadStatus::ALL`].
    pub by_status: [u64; 4],
    /// Those that became business before their first contact: the dates contradict each other.
    pub before_first_contact: u64,
    /// Days from first contact to business (true), or without it so far (false).
    pub days: BTreeMap<(u32, bool), u64>,
}

/// An amount of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Minor units.
    pub minor: i128,
    /// How many records it is of; 0: no amount is known.
    pub records: u64,
}

/// One group, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelGroup {
    /// What the group is known by.
    pub key: GroupKey,
    /// Its name; absent where none is recorded.
    pub name: Option<Named>,
    /// The steps, in order.
    pub steps: [StepCells; STEPS],
    /// What deals, contracts, orders and payments come to, by [`Measure::ALL`].
    pub amounts: [Amount; 4],
    /// Its leads.
    pub leads: LeadCounts,
}

/// The funnel.
#[derive(Debug)]
pub struct CustomerFunnel {
    /// Everybody.
    pub total: FunnelGroup,
    /// The groups, most potential customers first.
    pub groups: Vec<FunnelGroup>,
    /// Amounts that several customers share, of different groups perhaps: in the total alone.
    pub shared: [Amount; 4],
    /// The currency of the amounts; absent where they do not add up, or there are none.
    pub currency: Option<Currency>,
    /// Why amounts do not add up.
    pub no_amount: Option<AskError>,
    /// Deals, contracts, orders and payments in sight that belong to no customer: they are in no step.
    pub of_nobody: [u64; 4],
    /// The journal up to here was read.
    pub seq: i64,
}

/// Which customers of a step are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Who are here.
    Here,
    /// Who are here and at the step before.
    FromBefore,
    /// Who are here without the step before.
    Skipped,
    /// Who are at the step before and may still come.
    Pending,
    /// Who are at the step before and were taken out.
    Ended,
}

impl Which {
    /// Every choice with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("here", Self::Here),
        ("from_before", Self::FromBefore),
        ("skipped", Self::Skipped),
        ("pending", Self::Pending),
        ("ended", Self::Ended),
    ];
}

/// Which customers to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepList {
    /// The step.
    pub step: Step,
    /// Which of its customers.
    pub which: Which,
    /// Only those of this group.
    pub group: Option<GroupKey>,
}

/// How a customer stands to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// At neither.
    No,
    /// See [`Which`].
    Is(Which),
}

impl Customer {
    fn in_cohort(&self, ask: &CustomersAsk) -> bool {
        self.since[Step::Potential as usize]
            .is_some_and(|first| ask.from.is_none_or(|from| from <= first) && ask.to.is_none_or(|to| first <= to))
    }

    /// How it stands to a step, seen from the one before.
    fn stands(&self, step: usize) -> Reached {
        let before = step.checked_sub(1).map(|before| self.since[before].is_some());
        match (before, self.since[step].is_some()) {
            (None | Some(false), false) => Reached::No,
            (None, true) => Reached::Is(Which::Here),
            (Some(true), true) => Reached::Is(Which::FromBefore),
            (Some(false), true) => Reached::Is(Which::Skipped),
            (Some(true), false) if self.ended => Reached::Is(Which::Ended),
            (Some(true), false) => Reached::Is(Which::Pending),
        }
    }
}

fn days_between(from: Day, to: Day) -> Option<u32> {
    u32::try_from(to.0 - from.0).ok()
}

impl StepCells {
    fn add(&mut self, one: &Customer, step: usize, as_of: Day) {
        match one.stands(step) {
            Reached::No => {}
            Reached::Is(Which::Here) => self.customers += 1,
            Reached::Is(Which::FromBefore) => {
                self.customers += 1;
                self.from_before += 1;
            }
            Reached::Is(Which::Skipped) => {
                self.customers += 1;
                self.skipped += 1;
            }
            Reached::Is(Which::Pending) => self.pending += 1,
            Reached::Is(Which::Ended) => self.ended += 1,
        }
        if step == 0 {
            return;
        }
        let spell = |from: Option<Day>| {
            let from = from?;
            Some((days_between(from, one.since[step].unwrap_or(as_of)), one.since[step].is_some()))
        };
        match spell(one.since[step - 1]) {
            Some((Some(days), came)) => *self.days.entry((days, came)).or_default() += 1,
            Some((None, _)) => self.out_of_order += 1,
            None => {}
        }
        if let Some((Some(days), came)) = spell(one.since[0]) {
            *self.days_from_first.entry((days, came)).or_default() += 1;
        }
    }
}

impl FunnelGroup {
    fn new(key: GroupKey) -> Self {
        Self { key, name: None, steps: Default::default(), amounts: Default::default(), leads: LeadCounts::default() }
    }

    fn add(&mut self, one: &Customer, as_of: Day) {
        for (at, step) in self.steps.iter_mut().enumerate() {
            step.add(one, at, as_of);
        }
    }
}

impl LeadCounts {
    fn add(&mut self, lead: &super::customers::Lead, as_of: Day) {
        let at = LeadStatus::ALL.iter().position(|status| *status == lead.status).unwrap_or(0);
        self.by_status[at] += 1;
        self.before_first_contact += u64::from(lead.before_first_contact);
        let until = lead.converted.unwrap_or(as_of).max(lead.first_contact);
        if let Some(days) = days_between(lead.first_contact, until) {
            *self.days.entry((days, lead.converted.is_some())).or_default() += 1;
        }
    }
}

impl Warehouse {
    /// Counts customers by step.
    ///
    /// # Errors
    /// The database failed.
    pub async fn customer_funnel(&self, ask: CustomersAsk) -> Result<CustomerFunnel, AskError> {
        let moment = self.moment(ask.known_at).await?;
        self.on_threads(move || funnel(&moment, &ask)).await
    }

    /// The customers behind a number of the funnel: by the day they came to the step (of those who are not there, to
    /// the one before), then by record.
    ///
    /// # Errors
    /// As [`Warehouse::customer_funnel`].
    pub async fn customers_at(&self, ask: CustomersAsk, list: StepList) -> Result<CustomerFaces, AskError> {
        let moment = self.moment(ask.known_at).await?;
        self.on_threads(move || listed(&moment, &ask, &list)).await
    }
}

pub(super) fn listed(moment: &Moment, ask: &CustomersAsk, list: &StepList) -> CustomerFaces {
    let step = list.step as usize;
    let is_meant = |one: &Customer| match (one.stands(step), list.which) {
        (Reached::Is(Which::FromBefore | Which::Skipped), Which::Here) => true,
        (Reached::Is(which), wanted) => which == wanted,
        (Reached::No, _) => false,
    };
    let in_group = |one: &Customer| list.group.as_ref().is_none_or(|group| one.group == *group);
    let customers = read(moment, ask);
    let mut found: Vec<&Customer> =
        customers.all.iter().filter(|one| one.in_cohort(ask) && in_group(one) && is_meant(one)).collect();
    let day = |one: &Customer| one.since[step].or(one.since[step.saturating_sub(1)]);
    found.sort_by_key(|one| (std::cmp::Reverse(day(one)), one.id));
    found.into_iter().map(|one| (one.id, one.is_lead, one.since)).collect()
}

/// Counts on the current thread pool.
pub(crate) fn funnel(moment: &Moment, ask: &CustomersAsk) -> CustomerFunnel {
    let customers = read(moment, ask);
    let mut total = FunnelGroup::new(GroupKey::None);
    let mut groups: Vec<FunnelGroup> = Vec::new();
    let mut places: HashMap<&GroupKey, usize> = HashMap::new();
    // The group of each customer; none for those outside of the cohort.
    let mut group_of: Vec<Option<usize>> = vec![None; customers.all.len()];
    for (at, one) in customers.all.iter().enumerate().filter(|(_, one)| one.in_cohort(ask)) {
        total.add(one, ask.as_of);
        let place = *places.entry(&one.group).or_insert_with(|| {
            groups.push(FunnelGroup::new(one.group.clone()));
            groups.len() - 1
        });
        groups[place].add(one, ask.as_of);
        group_of[at] = Some(place);
    }
    for lead in &customers.leads {
        if let Some(place) = group_of[lead.customer as usize] {
            total.leads.add(lead, ask.as_of);
            groups[place].leads.add(lead, ask.as_of);
        }
    }
    let (currency, rates, no_amount) = decide(moment, ask, &customers);
    let mut shared: [Amount; 4] = Default::default();
    if no_amount.is_none() {
        for money in &customers.money {
            let place = match money.customer {
                Some(customer) => match group_of[customer as usize] {
                    Some(place) => Some(place),
                    None => continue,
                },
                // Whose cohort a shared amount is of is not told either.
                None if ask.from.is_some() || ask.to.is_some() => continue,
                None => None,
            };
            let minor = match (rates, Currency::from_code(money.currency)) {
                (Some(rates), Some(from)) => rates.convert(money.minor, from, money.day).unwrap_or(0),
                _ => money.minor,
            };
            let into = place.map_or(&mut shared, |place| &mut groups[place].amounts);
            for amounts in [into, &mut total.amounts] {
                let amount = &mut amounts[money.measure as usize];
                amount.minor += i128::from(minor);
                amount.records += 1;
            }
        }
    }
    if ask.by.is_none() {
        groups.clear();
    }
    name(moment, ask.by, &mut groups);
    groups.sort_by(|a, b| {
        let size = |group: &FunnelGroup| std::cmp::Reverse(group.steps[0].customers);
        (size(a), &a.key).cmp(&(size(b), &b.key))
    });
    let of_nobody = [Kind::Opportunity, Kind::Contract, Kind::Order, Kind::Payment]
        .map(|kind| customers.of_nobody.get(&kind).copied().unwrap_or(0));
    CustomerFunnel { total, groups, shared, currency, no_amount, of_nobody, seq: moment.snapshot.seq }
}

/// The currency that amounts add up in, and the rates that take them there.
fn decide<'a>(
    moment: &'a Moment,
    ask: &CustomersAsk,
    customers: &Customers,
) -> (Option<Currency>, Option<&'a Rates>, Option<AskError>) {
    let mut found: BTreeMap<u16, (Day, i64)> = BTreeMap::new();
    for money in &customers.money {
        let known = found.entry(money.currency).or_insert((money.day, 0));
        *known = (known.0.min(money.day), known.1.max(money.minor.saturating_abs()));
    }
    let currencies: Vec<Currency> = found.keys().filter_map(|code| Currency::from_code(*code)).collect();
    let wanted = ask.currency;
    match currencies.as_slice() {
        [] => return (wanted, None, None),
        [one] if wanted.is_none_or(|wanted| wanted == *one) => return (Some(*one), None, None),
        _ => {}
    }
    let refused = |reason: String| {
        let currencies = currencies.iter().map(ToString::to_string).collect();
        (None, None, Some(AskError::MixedCurrencies { currencies, reason }))
    };
    let Some(rates) = moment.snapshot.rates.as_deref() else {
        return refused("there are no exchange rates".to_owned());
    };
    let into = rates.into_currency();
    if let Some(wanted) = wanted.filter(|wanted| *wanted != into) {
        return refused(format!("exchange rates lead into {into}, not into {wanted}"));
    }
    for (code, (first, largest)) in &found {
        if let Some(from) = Currency::from_code(*code)
            && let Err(error) = rates.convert_from_on(*largest, from, *first)
        {
            return (None, None, Some(error.into()));
        }
    }
    (Some(rates.into_currency()), Some(rates), None)
}

/// Puts names on groups of records.
fn name(moment: &Moment, by: Option<CustomerBy>, groups: &mut [FunnelGroup]) {
    let Some(dimension) = by.and_then(CustomerBy::dimension) else {
        for group in groups {
            if let GroupKey::Text(text) = &group.key {
                group.name = Some(Named { id: 0, name: text.clone() });
            }
        }
        return;
    };
    let members = moment.snapshot.labels.members(dimension);
    let wanted: HashSet<RecordId> = groups
        .iter()
        .filter_map(|group| match group.key {
            GroupKey::Record(id) => Some(id),
            _ => None,
        })
        .collect();
    let names: HashMap<RecordId, String> = members
        .iter()
        .filter(|(_, member)| wanted.contains(&member.id))
        .filter_map(|(code, member)| Some((member.id, members.label(code)?)))
        .collect();
    for group in groups {
        if let GroupKey::Record(id) = group.key {
            group.name = Some(Named { id, name: names.get(&id).cloned().unwrap_or_else(|| format!("#{id}")) });
        }
    }
}
