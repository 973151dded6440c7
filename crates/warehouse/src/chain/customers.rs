//! Customers one by one: when each became potential, had a deal, a contract or an order, a payment.
//!
//! Every customer is one, however many records tell of it: merged ones are one, a lead that became a customer is that
//! customer, a lead that did not is one of its own. A step counts from the day of the first record that puts the
//! customer there. Everything is read as of one day: what came later is not seen, what was void then does not count.

use std::collections::{HashMap, HashSet};

use domain::chain::{LeadFacts, LeadStatus, is_ours, is_void, lead_status};
use domain::field::{FieldId, ids};
use domain::id::Kind;
use domain::{Day, Outcome, RecordId, Scope};
use journey::{NO_AMOUNT, STATE_DELETED};

use super::records::{Page, Place, Records};
use super::sight::{Of, Sight};
use super::{Moment, funnel::CustomersAsk};
use crate::codes::ById;
use crate::labels::Dimension;

/// How many steps there are.
pub(crate) const STEPS: usize = 4;

/// A step of the customer funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The customer is known of.
    Potential = 0,
    /// It has had a deal.
    Opportunity = 1,
    /// It has had a contract or an order.
    Contracted = 2,
    /// It has paid.
    Paying = 3,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; STEPS] = [Self::Potential, Self::Opportunity, Self::Contracted, Self::Paying];
}

/// What customers are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerBy {
    /// The channel of its first lead, else of its first deal.
    Channel,
    /// The campaign of its first lead, else of its first deal.
    Campaign,
    /// Its region.
    Region,
    /// Its trade.
    Industry,
    /// Who keeps it.
    Owner,
    /// Its grade.
    Grade,
}

impl CustomerBy {
    /// Every way with its word.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("channel", Self::Channel),
        ("campaign", Self::Campaign),
        ("region", Self::Region),
        ("industry", Self::Industry),
        ("owner", Self::Owner),
        ("grade", Self::Grade),
    ];

    /// The dimension whose records are the groups; absent for texts.
    #[must_use]
    pub const fn dimension(self) -> Option<Dimension> {
        Some(match self {
            Self::Channel => Dimension::Channel,
            Self::Campaign => Dimension::Campaign,
            Self::Region => Dimension::Region,
            Self::Industry => Dimension::Industry,
            Self::Owner => Dimension::Owner,
            Self::Grade => return None,
        })
    }
}

/// What a customer's group is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupKey {
    /// None is recorded.
    None,
    /// A record of the dimension.
    Record(RecordId),
    /// A text.
    Text(String),
}

/// What amounts are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Deals that are won.
    Won = 0,
    /// Contracts in force.
    Contracted = 1,
    /// Orders in force.
    Ordered = 2,
    /// Payments.
    Paid = 3,
}

impl Measure {
    /// Every measure, in order.
    pub const ALL: [Self; 4] = [Self::Won, Self::Contracted, Self::Ordered, Self::Paid];
}

/// One amount: of a customer, or of several at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money {
    /// The customer's place; absent where several share it.
    pub(crate) customer: Option<u32>,
    pub(crate) measure: Measure,
    pub(crate) minor: i64,
    pub(crate) currency: u16,
    pub(crate) day: Day,
}

/// A customer as of the day.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: RecordId,
    /// It is a lead that no customer came of yet.
    pub(crate) is_lead: bool,
    /// It is a lead that was taken out.
    pub(crate) ended: bool,
    /// The first day of each step; absent where it is not there.
    pub(crate) since: [Option<Day>; STEPS],
    /// The day its record tells, where nothing else tells an earlier one.
    told: Option<Day>,
    /// Its group: what its own record tells, else its first lead, else its first deal.
    pub(crate) group: GroupKey,
    of_lead: Option<(Day, RecordId, GroupKey)>,
    of_deal: Option<(Day, RecordId, GroupKey)>,
}

/// A lead as of the day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lead {
    pub(crate) customer: u32,
    pub(crate) status: LeadStatus,
    pub(crate) first_contact: Day,
    /// When it became business, where it did.
    pub(crate) converted: Option<Day>,
    pub(crate) before_first_contact: bool,
}

/// Everything read.
#[derive(Debug, Default)]
pub(crate) struct Customers {
    pub(crate) all: Vec<Customer>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) money: Vec<Money>,
    /// Records in sight that belong to no customer, by kind.
    pub(crate) of_nobody: HashMap<Kind, u64>,
    places: ById<u32>,
}

/// Reads kind by kind, customers first.
struct Reader<'a> {
    sight: Sight<'a>,
    ask: &'a CustomersAsk,
    out: Customers,
}

/// A customer as a list shows it: its record, whether it is still a lead, and the first day of each step.
pub type CustomerFaces = Vec<(RecordId, bool, [Option<Day>; STEPS])>;

pub(crate) fn read(moment: &Moment, ask: &CustomersAsk) -> Customers {
    let sight = Sight::new(moment, &ask.scope, ask.keepers.as_ref(), Some(ask.as_of));
    let mut reader = Reader { sight, ask, out: Customers::default() };
    reader.accounts();
    reader.deals();
    reader.leads();
    reader.contracts();
    reader.orders();
    reader.payments();
    reader.settle();
    reader.out
}

impl Reader<'_> {
    /// The place of a customer that exists and is seen.
    fn place(&self, id: RecordId) -> Option<u32> {
        self.out.places.get(&id).copied()
    }

    fn push(&mut self, id: RecordId, is_lead: bool, told: Option<Day>, group: GroupKey) -> u32 {
        let place = u32::try_from(self.out.all.len()).unwrap_or(u32::MAX);
        self.out.places.insert(id, place);
        let (since, ended, of_lead, of_deal) = ([None; STEPS], false, None, None);
        self.out.all.push(Customer { id, is_lead, ended, since, told, group, of_lead, of_deal });
        place
    }

    fn reach(&mut self, place: u32, step: Step, day: Day) {
        let since = &mut self.out.all[place as usize].since[step as usize];
        *since = Some(since.map_or(day, |known| known.min(day)));
    }

    /// Customers by their records. One that is told of by an import that dates none of its customers has no day of its
    /// own: it begins with what happened first.
    fn accounts(&mut self) {
        let chain = self.sight.chain;
        let accounts = chain.of(Kind::Account);
        let mut earliest: ById<Day> = ById::default();
        for (page, at) in accounts.iter().filter(|(page, at)| page.import[*at] != 0) {
            if let Some(day) = page.first_day(at) {
                let known = earliest.entry(page.import[at]).or_insert(day);
                *known = day.min(*known);
            }
        }
        let group = Group::of(accounts, self.ask.by, [ids::ACCOUNT_REGION, ids::ACCOUNT_INDUSTRY, ids::ACCOUNT_OWNER]);
        let grade = accounts.place(ids::ACCOUNT_GRADE);
        for (page, at) in accounts.iter() {
            let Some(first) = page.first_day(at) else { continue };
            let id = page.ids[at];
            if !self.sight.sees_customer(id) {
                continue;
            }
            let row = page.row_at(at, self.ask.as_of);
            if row.is_none() && first <= self.ask.as_of {
                // It was deleted by then.
                continue;
            }
            let key = row.map_or(GroupKey::None, |row| match self.ask.by {
                Some(CustomerBy::Grade) => {
                    page.text(grade, row).map_or(GroupKey::None, |text| GroupKey::Text(text.into()))
                }
                _ => group.key(page, row),
            });
            let dated = earliest.get(&page.import[at]) != Some(&first);
            let place = self.push(id, false, row.map(|_| first), key);
            if dated && row.is_some() {
                self.reach(place, Step::Potential, first);
            }
        }
    }

    fn deals(&mut self) {
        let as_of = self.ask.as_of;
        let codes = self.sight.snapshot.scope(&self.ask.scope);
        let members = self.sight.snapshot.labels.members(Dimension::Account);
        let places: Vec<Option<u32>> = std::iter::once(None)
            .chain(members.iter().map(|(_, member)| self.place(self.sight.survivor(member.id))))
            .collect();
        let by = match self.ask.by {
            Some(by @ (CustomerBy::Channel | CustomerBy::Campaign)) => by.dimension(),
            _ => None,
        };
        let snapshot = self.sight.snapshot;
        for partition in &snapshot.partitions {
            let flags = partition.in_scope(&codes);
            let journeys = &partition.journeys;
            for journey in journeys.iter() {
                let Some(place) = journey.at(as_of) else { continue };
                let state = journeys.entries.state[place];
                if state == STATE_DELETED || flags.as_ref().is_some_and(|flags| !flags[journey.index]) {
                    continue;
                }
                let code = journeys.account[journey.index];
                let Some(customer) = places.get(code as usize).copied().flatten() else {
                    *self.out.of_nobody.entry(Kind::Opportunity).or_default() += 1;
                    continue;
                };
                let begin = Day(journey.days()[0]);
                self.reach(customer, Step::Opportunity, begin);
                let minor = journeys.entries.amount_minor[place];
                if state == Outcome::Won as u8 && minor != NO_AMOUNT {
                    let day = Day(journeys.entries.day[journey.run_start(place)]);
                    let currency = journeys.entries.currency[place];
                    self.out.money.push(Money {
                        customer: Some(customer),
                        measure: Measure::Won,
                        minor,
                        currency,
                        day,
                    });
                }
                if let Some(dimension) = by {
                    let code = match dimension {
                        Dimension::Channel => journeys.channel[journey.index],
                        _ => journeys.campaign[journey.index],
                    };
                    let member = snapshot.labels.members(dimension).get(code);
                    let key = member.map_or(GroupKey::None, |member| GroupKey::Record(member.id));
                    earlier(&mut self.out.all[customer as usize].of_deal, (begin, journey.deal(), key));
                }
            }
        }
    }

    /// Leads: with their customer where there is one, else as customers to come.
    fn leads(&mut self) {
        let (chain, as_of) = (self.sight.chain, self.ask.as_of);
        let leads = chain.of(Kind::Lead);
        let place = |field| leads.place(field);
        let (status, owner, deal) = (place(ids::LEAD_STATUS), place(ids::LEAD_OWNER), place(ids::LEAD_OPPORTUNITY));
        let (contact_on, verified_on) = (place(ids::LEAD_FIRST_CONTACT_ON), place(ids::LEAD_VERIFIED_ON));
        let (closed_on, reason, channel) =
            (place(ids::LEAD_CLOSED_ON), place(ids::LEAD_REASON), place(ids::LEAD_CHANNEL));
        let group = Group::of(leads, self.ask.by, [ids::LEAD_REGION, ids::LEAD_INDUSTRY, ids::LEAD_OWNER]);
        let trusted = trusted(chain.of(Kind::Channel), as_of);
        for (page, at) in leads.iter() {
            let Some(row) = page.row_at(at, as_of) else { continue };
            let day = |place| page.int(place, row).and_then(|day| i32::try_from(day).ok()).map(Day);
            let first = page.first_day(at).unwrap_or(as_of);
            let first_contact = day(contact_on).unwrap_or(first);
            if first_contact > as_of {
                continue;
            }
            let of = self.sight.of(Kind::Lead, page, at, row);
            let known = of.as_slice().first().and_then(|customer| self.place(*customer));
            let customer = match known {
                Some(customer) => customer,
                None if self.sight.sees_person(page.int(owner, row)) => {
                    self.push(page.ids[at], true, None, GroupKey::None)
                }
                None => continue,
            };
            let deal = page.int(deal, row);
            let deal_began = deal.and_then(|deal| self.sight.deal(deal)).map(|deal| deal.begin);
            let ended_on = day(closed_on).or(deal_began);
            let facts = LeadFacts {
                status: page.text(status, row),
                has_deal: deal.is_some(),
                is_verified: day(verified_on).is_some_and(|on| on <= as_of),
                may_have_ended: ended_on.is_none_or(|on| on <= as_of),
                has_reason: page.text(reason, row).is_some(),
                is_trusted: page.int(channel, row).is_some_and(|channel| trusted.contains(&channel)),
            };
            let status = lead_status(facts);
            let converted = ended_on.filter(|_| status == LeadStatus::Converted);
            let before_first_contact = converted.is_some_and(|on| on < first_contact);
            self.out.leads.push(Lead { customer, status, first_contact, converted, before_first_contact });
            self.reach(customer, Step::Potential, first_contact);
            let one = &mut self.out.all[customer as usize];
            one.ended |= one.is_lead && status == LeadStatus::Disqualified;
            earlier(&mut one.of_lead, (first_contact, page.ids[at], group.key(page, row)));
        }
    }

    fn contracts(&mut self) {
        let chain = self.sight.chain;
        let contracts = chain.of(Kind::Contract);
        let (status, with) = (contracts.place(ids::CONTRACT_STATUS), contracts.place(ids::CONTRACT_SIGNED_WITH));
        let fields = (ids::CONTRACT_SIGNED_ON, ids::CONTRACT_AMOUNT, ids::CONTRACT_CURRENCY);
        let counts = |page: &Page, row| is_ours(page.text(status, row), page.text(with, row));
        self.dated(Kind::Contract, fields, counts, |reader, of, on, money| {
            reader.at(of, Step::Contracted, on, Kind::Contract);
            reader.pay(of, Measure::Contracted, on, money);
        });
    }

    /// Orders, and their lines: an order that tells no amount is worth what its lines are.
    fn orders(&mut self) {
        let chain = self.sight.chain;
        let orders = chain.of(Kind::Order);
        let status = orders.place(ids::ORDER_STATUS);
        let fields = (ids::ORDER_ORDERED_ON, ids::ORDER_AMOUNT, ids::ORDER_CURRENCY);
        let mut by_lines: ById<Day> = ById::default();
        let counts = |page: &Page, row| !is_void(page.text(status, row));
        self.each_dated(Kind::Order, fields, counts, |reader, of, on, money, id| {
            reader.at(of, Step::Contracted, on, Kind::Order);
            if money.minor.is_none() {
                by_lines.insert(id, on);
            }
            reader.pay(of, Measure::Ordered, on, money);
        });
        if by_lines.is_empty() {
            return;
        }
        let lines = chain.of(Kind::OrderLine);
        let place = |field| lines.place(field);
        let (order, amount) = (place(ids::ORDER_LINE_ORDER), place(ids::ORDER_LINE_AMOUNT));
        let currency = place(ids::ORDER_LINE_CURRENCY);
        for (page, at) in lines.iter() {
            let Some(row) = page.row_at(at, self.ask.as_of) else { continue };
            let Some(on) = page.int(order, row).and_then(|order| by_lines.get(&order)).copied() else { continue };
            let money = money(page, row, amount, currency);
            let of = self.sight.of(Kind::OrderLine, page, at, row);
            self.pay(&of, Measure::Ordered, on, money);
        }
    }

    fn payments(&mut self) {
        let fields = (ids::PAYMENT_PAID_ON, ids::PAYMENT_AMOUNT, ids::PAYMENT_CURRENCY);
        self.dated(
            Kind::Payment,
            fields,
            |_, _| true,
            |reader, of, on, money| {
                // What flows back makes nobody a paying customer; it lessens what was paid.
                if money.minor.is_none_or(|minor| minor > 0) {
                    reader.at(of, Step::Paying, on, Kind::Payment);
                }
                reader.pay(of, Measure::Paid, on, money);
            },
        );
    }

    fn dated(
        &mut self,
        kind: Kind,
        fields: DatedFields,
        counts: impl Fn(&Page, usize) -> bool,
        mut each: impl FnMut(&mut Self, &Of, Day, Worth),
    ) {
        self.each_dated(kind, fields, counts, |reader, of, on, money, _| each(reader, of, on, money));
    }

    /// Every record of a kind that counts by the day: its customers, its day, its amount and its id.
    fn each_dated(
        &mut self,
        kind: Kind,
        (on, amount, currency): DatedFields,
        counts: impl Fn(&Page, usize) -> bool,
        mut each: impl FnMut(&mut Self, &Of, Day, Worth, RecordId),
    ) {
        let chain = self.sight.chain;
        let records = chain.of(kind);
        let (on, amount, currency) = (records.place(on), records.place(amount), records.place(currency));
        for (page, at) in records.iter() {
            let Some(row) = page.row_at(at, self.ask.as_of).filter(|row| counts(page, *row)) else { continue };
            let told = page.int(on, row).and_then(|day| i32::try_from(day).ok()).map(Day);
            let day = told.or_else(|| page.first_day(at)).unwrap_or_else(|| page.day(row));
            if day > self.ask.as_of {
                continue;
            }
            let of = self.sight.of(kind, page, at, row);
            let money = money(page, row, amount, currency);
            each(self, &of, day, money, page.ids[at]);
        }
    }

    fn at(&mut self, of: &Of, step: Step, day: Day, kind: Kind) {
        if *of == Of::Nobody && self.ask.scope == Scope::All {
            *self.out.of_nobody.entry(kind).or_default() += 1;
        }
        for customer in of.as_slice() {
            if let Some(place) = self.place(*customer) {
                self.reach(place, step, day);
            }
        }
    }

    fn pay(&mut self, of: &Of, measure: Measure, day: Day, money: Worth) {
        let Worth { minor: Some(minor), currency: Some(currency) } = money else { return };
        let places: Vec<u32> = of.as_slice().iter().filter_map(|customer| self.place(*customer)).collect();
        let customer = match (of, places.as_slice()) {
            (Of::One(_), [one]) => Some(*one),
            // Of an amount that several share nobody knows whose part is how large.
            (Of::Several(all), seen) if seen.len() == all.len() => None,
            _ => return,
        };
        self.out.money.push(Money { customer, measure, minor, currency, day });
    }

    /// Every customer is potential from its first day on; one that nothing tells of by the day is none yet.
    fn settle(&mut self) {
        let mut known = vec![true; self.out.all.len()];
        for (known, one) in known.iter_mut().zip(&mut self.out.all) {
            let first = one.since.iter().flatten().min().copied().or(one.told);
            one.since[Step::Potential as usize] = first;
            *known = first.is_some();
            let of_others = [one.of_lead.take(), one.of_deal.take()].into_iter().flatten().map(|(.., key)| key);
            if one.group == GroupKey::None {
                one.group = of_others.into_iter().find(|key| *key != GroupKey::None).unwrap_or(GroupKey::None);
            }
        }
        if known.iter().all(|known| *known) {
            return;
        }
        // Nothing else refers to a customer of whom nothing is told.
        let mut moved = vec![u32::MAX; known.len()];
        let mut next = 0;
        for (place, known) in known.iter().enumerate() {
            if *known {
                moved[place] = next;
                next += 1;
            }
        }
        let mut flags = known.into_iter();
        self.out.all.retain(|_| flags.next().unwrap_or(false));
        for lead in &mut self.out.leads {
            lead.customer = moved[lead.customer as usize];
        }
        for money in &mut self.out.money {
            money.customer = money.customer.map(|place| moved[place as usize]);
        }
    }
}

type DatedFields = (FieldId, FieldId, FieldId);

/// What a record is worth: an amount counts with its currency alone.
#[derive(Debug, Clone, Copy)]
struct Worth {
    minor: Option<i64>,
    currency: Option<u16>,
}

fn money(page: &Page, row: usize, amount: Place, currency: Place) -> Worth {
    let currency = page.int(currency, row).and_then(|code| u16::try_from(code).ok());
    Worth { minor: page.int(amount, row), currency }
}

/// Keeps what came first.
fn earlier(known: &mut Option<(Day, RecordId, GroupKey)>, came: (Day, RecordId, GroupKey)) {
    if known.as_ref().is_none_or(|known| (came.0, came.1) < (known.0, known.1)) {
        *known = Some(came);
    }
}

/// Channels whose leads are trusted.
fn trusted(channels: &Records, as_of: Day) -> HashSet<RecordId> {
    let flag = channels.place(ids::CHANNEL_TRUSTED);
    let is_trusted = |page: &Page, at| page.row_at(at, as_of).is_some_and(|row| page.flag(flag, row) == Some(true));
    channels.iter().filter(|(page, at)| is_trusted(page, *at)).map(|(page, at)| page.ids[at]).collect()
}

/// Where the group of a record lies.
struct Group(Option<Place>);

impl Group {
    fn of(records: &Records, by: Option<CustomerBy>, [region, industry, owner]: [FieldId; 3]) -> Self {
        let lead = records.kind == Kind::Lead;
        let field = match by {
            Some(CustomerBy::Region) => region,
            Some(CustomerBy::Industry) => industry,
            Some(CustomerBy::Owner) => owner,
            Some(CustomerBy::Channel) if lead => ids::LEAD_CHANNEL,
            Some(CustomerBy::Campaign) if lead => ids::LEAD_CAMPAIGN,
            _ => return Self(None),
        };
        Self(Some(records.place(field)))
    }

    fn key(&self, page: &Page, row: usize) -> GroupKey {
        let id = self.0.and_then(|place| page.int(place, row));
        id.map_or(GroupKey::None, GroupKey::Record)
    }
}
