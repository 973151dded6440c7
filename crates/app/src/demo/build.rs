//! The demonstration company as an extract: keys, then dimensions, targets, deals with their changes,
//! activities and expenses.

use std::collections::BTreeMap;

use domain::field::{FieldId, Value, ids};
use domain::journal::Facts;
use domain::process::Process;
use domain::{Calendar, Currency, Day, Instant, Kind, Outcome, StageId};
use ingest::{Assertion, Counts, Extract};

use super::company::{Channel, Company, Industry, Product, Region};
use super::history::{Deal, Event, OPEN_STAGES};
use super::{CAMPAIGNS, SOURCE};

/// Minutes after midnight at which a working day begins.
const MORNING_MINUTES: i64 = 9 * 60;

pub(super) struct Builder<'a> {
    calendar: &'a Calendar,
    keys: BTreeMap<Kind, Vec<String>>,
    assertions: Vec<Assertion>,
    source_seq: i64,
}

pub(super) fn extract(
    process: &Process,
    calendar: &Calendar,
    company: &Company,
    deals: &[Deal],
    from: Day,
    until: Day,
) -> Extract {
    let mut builder = Builder { calendar, keys: BTreeMap::new(), assertions: Vec::new(), source_seq: 0 };
    builder.dimensions(company, from);
    builder.targets(company, deals, from, until);
    for (number, deal) in deals.iter().enumerate() {
        let opportunity = builder.deal(process, company, number, deal);
        builder.chain(number, opportunity, deal, from, until);
    }
    let mut counts = Counts { changes: builder.assertions.len() as u64, ..Counts::default() };
    for (kind, keys) in &builder.keys {
        counts.records.insert(*kind, keys.len() as u64);
    }
    Extract {
        source: SOURCE.to_owned(),
        keys: builder.keys,
        assertions: builder.assertions,
        issues: Vec::new(),
        counts,
        own: Vec::new(),
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[allow(clippy::cast_possible_wrap, reason = "local indexes are small")]
pub(super) const fn reference(local: usize) -> Value {
    Value::Ref(local as i64)
}

impl Builder<'_> {
    /// A new record; returns its local index.
    pub(super) fn key(&mut self, kind: Kind, key: String) -> usize {
        let keys = self.keys.entry(kind).or_default();
        keys.push(key);
        keys.len() - 1
    }

    pub(super) fn assert(&mut self, kind: Kind, local: usize, at: Instant, facts: Facts) {
        self.source_seq += 1;
        let local = u32::try_from(local).expect("a demonstration company has fewer than 2^32 records");
        let source_seq = self.source_seq;
        self.assertions.push(Assertion { kind, local, effective_at: at, known_at: Some(at), source_seq, facts });
    }

    /// The `nth` moment of a working day: half an hour apart, before midnight.
    pub(super) fn moment(&self, day: Day, nth: usize) -> Instant {
        let minutes = MORNING_MINUTES + i64::try_from(nth % 28).unwrap_or(0) * 30;
        Instant(self.calendar.start_of(day).0 + minutes * 60_000_000)
    }

    fn named(&mut self, kind: Kind, key: &str, field: FieldId, at: Instant, facts: Facts) -> usize {
        let local = self.key(kind, key.to_owned());
        self.assert(kind, local, at, facts.with(field, text(key)));
        local
    }

    fn dimensions(&mut self, company: &Company, from: Day) {
        let at = self.calendar.start_of(from);
        for region in Region::ALL {
            self.named(Kind::Region, region.name(), ids::REGION_NAME, at, Facts::default());
        }
        for industry in Industry::ALL {
            self.named(Kind::Industry, industry.name(), ids::INDUSTRY_NAME, at, Facts::default());
        }
        for channel in Channel::ALL {
            let trusted = Facts::default().with(ids::CHANNEL_TRUSTED, Value::Bool(*channel == Channel::Referral));
            self.named(Kind::Channel, channel.name(), ids::CHANNEL_NAME, at, trusted);
        }
        for campaign in CAMPAIGNS {
            self.named(Kind::Campaign, campaign, ids::CAMPAIGN_NAME, at, Facts::default());
        }
        for product in Product::ALL {
            self.named(Kind::Product, product.name(), ids::PRODUCT_NAME, at, Facts::default());
        }
        let all = self.named(Kind::Team, "销售部 Sales", ids::TEAM_NAME, at, Facts::default());
        for region in Region::ALL {
            let parent = Facts::default().with(ids::TEAM_PARENT, reference(all));
            self.named(Kind::Team, &format!("{} team", region.name()), ids::TEAM_NAME, at, parent);
        }
        for person in &company.people {
            let role = if person.is_manager { "manager" } else { "rep" };
            let team = 1 + Region::ALL.iter().position(|region| *region == person.region).unwrap_or(0);
            let facts = Facts::default().with(ids::PERSON_TEAM, reference(team)).with(ids::PERSON_ROLE, text(role));
            self.named(Kind::Person, &person.name, ids::PERSON_NAME, at, facts);
        }
        for account in &company.accounts {
            let facts = Facts::default()
                .with(ids::ACCOUNT_REGION, reference(account.region as usize))
                .with(ids::ACCOUNT_INDUSTRY, reference(account.industry as usize));
            let local = self.named(Kind::Account, &account.name, ids::ACCOUNT_NAME, at, facts);
            let contact = self.key(Kind::Contact, format!("{} / {}", account.name, account.contact));
            let facts = Facts::default()
                .with(ids::CONTACT_NAME, text(&account.contact))
                .with(ids::CONTACT_ACCOUNT, reference(local));
            self.assert(Kind::Contact, contact, at, facts);
        }
    }

    /// A target a quarter, for the whole and by region, team and seller: 8 % above the mean quarter.
    fn targets(&mut self, company: &Company, deals: &[Deal], from: Day, until: Day) {
        let quarters = f64::from(until.since(from)) / 91.3;
        let mut won_by_region = vec![0_i64; Region::ALL.len()];
        for deal in deals {
            let won = deal.events.iter().any(|(_, event)| matches!(event, Event::Outcome(Outcome::Won, _)));
            let amount = deal.events.iter().rev().find_map(|(_, event)| match event {
                Event::Amount(minor) => Some(*minor),
                _ => None,
            });
            if won {
                won_by_region[company.people[deal.owner].region as usize] += amount.unwrap_or(0);
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "far below 2^53")]
        let target = |minor: i64| (minor as f64 / quarters * 1.08 / 1_000_000.0).round() as i64 * 1_000_000;
        let mut quarter = self.calendar.period_start(domain::calendar::Grain::Quarter, from);
        while quarter <= until {
            let end = quarter.month_start_plus(3).plus(-1);
            self.target(quarter, end, "all", target(won_by_region.iter().sum()), None);
            for (place, region) in Region::ALL.iter().enumerate() {
                let share = target(won_by_region[place]);
                self.target(quarter, end, region.name(), share, Some((ids::TARGET_REGION, reference(place))));
                let team = format!("{} team", region.name());
                self.target(quarter, end, &team, share, Some((ids::TARGET_TEAM, reference(place + 1))));
                let sellers = company.sellers(*region);
                for seller in &sellers {
                    let name = &company.people[*seller].name;
                    let each = share / i64::try_from(sellers.len()).unwrap_or(1);
                    self.target(quarter, end, name, each, Some((ids::TARGET_PERSON, reference(*seller))));
                }
            }
            quarter = quarter.month_start_plus(3);
        }
    }

    fn target(&mut self, from: Day, to: Day, whose: &str, amount_minor: i64, member: Option<(FieldId, Value)>) {
        let local = self.key(Kind::Target, format!("{from} {whose}"));
        let mut facts = Facts::default()
            .with(ids::TARGET_FROM, Value::Int(i64::from(from.0)))
            .with(ids::TARGET_TO, Value::Int(i64::from(to.0)))
            .with(ids::TARGET_AMOUNT, Value::Int(amount_minor))
            .with(ids::TARGET_CURRENCY, Value::Int(i64::from(Currency::CNY.code())));
        if let Some((field, value)) = member {
            facts.put(field, value);
        }
        self.assert(Kind::Target, local, self.calendar.start_of(from), facts);
    }

    fn deal(&mut self, process: &Process, company: &Company, number: usize, deal: &Deal) -> usize {
        let local = self.key(Kind::Opportunity, format!("D{:05}", number + 1));
        let account = &company.accounts[deal.account];
        let mut opening = Facts::default()
            .outcome(Outcome::Open)
            .owner(i64::try_from(deal.first_owner).ok())
            .currency(Some(Currency::CNY))
            .with(ids::OPPORTUNITY_NAME, text(&format!("{} · {}", account.name, deal.product.name())))
            .with(ids::OPPORTUNITY_ACCOUNT, reference(deal.account))
            .with(ids::OPPORTUNITY_CONTACT, reference(deal.account))
            .with(ids::OPPORTUNITY_PRODUCT, reference(deal.product as usize))
            .with(ids::OPPORTUNITY_REGION, reference(account.region as usize))
            .with(ids::OPPORTUNITY_INDUSTRY, reference(account.industry as usize))
            .with(ids::OPPORTUNITY_CHANNEL, reference(deal.channel as usize))
            .with(ids::OPPORTUNITY_SOURCE_CHANNEL, text(deal.channel.name()))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(i64::from(process.id.map_or(0, |id| id.0))));
        if let Some(campaign) = deal.campaign {
            opening.put(ids::OPPORTUNITY_CAMPAIGN, reference(campaign));
        }
        let mut opening = Some(opening);
        let (mut nth, mut today) = (0, deal.created);
        for (day, event) in &deal.events {
            nth = if *day == today { nth + 1 } else { 0 };
            today = *day;
            let at = self.moment(*day, nth);
            let facts = opening.take().unwrap_or_default();
            self.event(process, local, deal, at, event, facts);
        }
        local
    }

    fn event(&mut self, process: &Process, local: usize, deal: &Deal, at: Instant, event: &Event, facts: Facts) {
        let stage = |place: usize| stage_id(process, place);
        let facts = match event {
            Event::Stage(place) => facts.stage(stage(*place)),
            Event::Resumed(place) => facts.stage(stage(*place)).outcome(Outcome::Open),
            Event::Outcome(outcome, reason) => {
                let facts = match reason {
                    Some(reason) => facts.with(ids::OPPORTUNITY_REASON, text(reason)),
                    None => facts,
                };
                match outcome {
                    Outcome::Won => facts.outcome(Outcome::Won).stage(stage(OPEN_STAGES)),
                    other => facts.outcome(*other),
                }
            }
            Event::Amount(minor) => {
                facts.amount_minor(Some(*minor)).with(ids::OPPORTUNITY_AMOUNT_SOURCE, text("customer"))
            }
            Event::ExpectedClose(on) => facts.expected_close_on(Some(*on)),
            Event::Owner(place) => facts.owner(i64::try_from(*place).ok()),
            Event::Visit(kind) => return self.activity(local, deal, at, kind),
            Event::Expense(minor) => return self.expense(local, deal, at, *minor),
        };
        self.assert(Kind::Opportunity, local, at, facts);
    }

    fn activity(&mut self, opportunity: usize, deal: &Deal, at: Instant, kind: &str) {
        let number = self.keys.get(&Kind::Activity).map_or(0, Vec::len) + 1;
        let local = self.key(Kind::Activity, format!("A{number:06}"));
        let facts = Facts::default()
            .with(ids::ACTIVITY_OPPORTUNITY, reference(opportunity))
            .with(ids::ACTIVITY_ACCOUNT, reference(deal.account))
            .with(ids::ACTIVITY_CONTACT, reference(deal.account))
            .with(ids::ACTIVITY_PERSON, reference(deal.owner))
            .with(ids::ACTIVITY_TYPE, text(kind))
            .with(ids::ACTIVITY_AT, Value::Int(at.0))
            .with(ids::ACTIVITY_DONE, Value::Bool(true));
        self.assert(Kind::Activity, local, at, facts);
    }

    fn expense(&mut self, opportunity: usize, deal: &Deal, at: Instant, amount_minor: i64) {
        let number = self.keys.get(&Kind::Expense).map_or(0, Vec::len) + 1;
        let local = self.key(Kind::Expense, format!("E{number:05}"));
        let facts = Facts::default()
            .with(ids::EXPENSE_OPPORTUNITY, reference(opportunity))
            .with(ids::EXPENSE_ACCOUNT, reference(deal.account))
            .with(ids::EXPENSE_PERSON, reference(deal.owner))
            .with(ids::EXPENSE_TYPE, text("poc"))
            .with(ids::EXPENSE_AMOUNT, Value::Int(amount_minor))
            .with(ids::EXPENSE_CURRENCY, Value::Int(i64::from(Currency::CNY.code())))
            .with(ids::EXPENSE_ON, Value::Int(i64::from(self.calendar.day(at).0)));
        self.assert(Kind::Expense, local, at, facts);
    }
}

/// The stage at a place of the process's path; unknown past its end.
fn stage_id(process: &Process, place: usize) -> StageId {
    process.path().nth(place).map_or(StageId::UNKNOWN, |stage| stage.id)
}
