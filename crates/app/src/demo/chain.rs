//! The chain of the demonstration company: a lead before each deal, more leads that are open or taken out, and for each
//! win a contract, an order, an invoice, and payments that come in time, late, in part, or not yet.
//!
//! What happens follows from the deal's number and draws no dice, so that the deals are the same with it and without.

use domain::field::{FieldId, Value, ids};
use domain::journal::Facts;
use domain::{Currency, Day, Kind, Outcome};

use super::build::{Builder, reference, text};
use super::history::{Deal, Event};

/// Days from signing to the order, to the invoice, and from there to its due day.
const ORDER_AFTER: i32 = 3;
const INVOICE_AFTER: i32 = 14;
const DUE_AFTER: i32 = 30;

/// Facts of a record that has a customer, a deal, and an amount.
fn worth(fields: [FieldId; 4], deal: &Deal, opportunity: usize, minor: i64) -> Facts {
    let [account, of_deal, amount, currency] = fields;
    Facts::default()
        .with(account, reference(deal.account))
        .with(of_deal, reference(opportunity))
        .with(amount, Value::Int(minor))
        .with(currency, Value::Int(i64::from(Currency::CNY.code())))
}

fn day(day: Day) -> Value {
    Value::Int(i64::from(day.0))
}

impl Builder<'_> {
    /// What lies before and after a deal, up to the last day of the history.
    pub(super) fn chain(&mut self, number: usize, opportunity: usize, deal: &Deal, from: Day, until: Day) {
        let spread = i32::try_from(number % 97).unwrap_or(0);
        self.leads(number, opportunity, deal, from, until);
        let won = deal.events.iter().find(|(_, event)| matches!(event, Event::Outcome(Outcome::Won, _)));
        let Some((signed, _)) = won else { return };
        let amount = deal.events.iter().rev().find_map(|(_, event)| match event {
            Event::Amount(minor) => Some(*minor),
            _ => None,
        });
        let Some(minor) = amount else { return };
        let contract = self.key(Kind::Contract, format!("C{:05}", number + 1));
        let facts = worth(
            [ids::CONTRACT_ACCOUNT, ids::CONTRACT_OPPORTUNITY, ids::CONTRACT_AMOUNT, ids::CONTRACT_CURRENCY],
            deal,
            opportunity,
            minor,
        );
        let facts = facts.with(ids::CONTRACT_NUMBER, text(&format!("HT-{:05}", number + 1)));
        self.dated(Kind::Contract, contract, *signed, facts.with(ids::CONTRACT_SIGNED_ON, day(*signed)));
        let ordered = signed.plus(ORDER_AFTER);
        if ordered > until {
            return;
        }
        let order = self.key(Kind::Order, format!("O{:05}", number + 1));
        let facts = worth(
            [ids::ORDER_ACCOUNT, ids::ORDER_OPPORTUNITY, ids::ORDER_AMOUNT, ids::ORDER_CURRENCY],
            deal,
            opportunity,
            minor,
        );
        let facts = facts
            .with(ids::ORDER_NUMBER, text(&format!("DD-{:05}", number + 1)))
            .with(ids::ORDER_CONTRACT, reference(contract))
            .with(ids::ORDER_PROMISED_ON, day(ordered.plus(20 + spread % 30)));
        self.dated(Kind::Order, order, ordered, facts.with(ids::ORDER_ORDERED_ON, day(ordered)));
        let issued = signed.plus(INVOICE_AFTER);
        if issued > until {
            return;
        }
        let invoice = self.key(Kind::Invoice, format!("I{:05}", number + 1));
        let due = issued.plus(DUE_AFTER);
        let facts = worth(
            [ids::INVOICE_ACCOUNT, ids::INVOICE_OPPORTUNITY, ids::INVOICE_AMOUNT, ids::INVOICE_CURRENCY],
            deal,
            opportunity,
            minor,
        );
        let facts = facts
            .with(ids::INVOICE_NUMBER, text(&format!("FP-{:05}", number + 1)))
            .with(ids::INVOICE_ORDER, reference(order))
            .with(ids::INVOICE_CONTRACT, reference(contract))
            .with(ids::INVOICE_DUE_ON, day(due));
        self.dated(Kind::Invoice, invoice, issued, facts.with(ids::INVOICE_ISSUED_ON, day(issued)));
        self.payments(number, (opportunity, invoice), deal, (minor, due), until);
    }

    /// Of twelve customers one pays nothing, two pay half, the others all of it: from two weeks early to a month late.
    fn payments(
        &mut self,
        number: usize,
        (opportunity, invoice): (usize, usize),
        deal: &Deal,
        (minor, due): (i64, Day),
        until: Day,
    ) {
        let spread = i32::try_from(number % 97).unwrap_or(0);
        let parts: &[(i64, i32)] = match number % 12 {
            5 => &[],
            3 | 9 => &[(minor / 2, 0)],
            7 => &[(minor / 3, -10), (minor - minor / 3, 20)],
            _ => &[(minor, 0)],
        };
        for (part, (paid, after)) in parts.iter().enumerate() {
            let on = due.plus(spread % 45 - 15 + after);
            if on <= until {
                let key = self.key(Kind::Payment, format!("P{:05}-{part}", number + 1));
                let facts = worth(
                    [ids::PAYMENT_ACCOUNT, ids::PAYMENT_OPPORTUNITY, ids::PAYMENT_AMOUNT, ids::PAYMENT_CURRENCY],
                    deal,
                    opportunity,
                    *paid,
                );
                let facts = facts
                    .with(ids::PAYMENT_INVOICE, reference(invoice))
                    .with(ids::PAYMENT_METHOD, text("转账 transfer"));
                self.dated(Kind::Payment, key, on, facts.with(ids::PAYMENT_PAID_ON, day(on)));
            }
        }
    }

    /// The lead that the deal came of, and of every second deal one more that has led to nothing so far.
    fn leads(&mut self, number: usize, opportunity: usize, deal: &Deal, from: Day, until: Day) {
        let spread = i32::try_from(number % 23).unwrap_or(0);
        let contact = Day(deal.created.0 - spread).max(from);
        let came = |facts: Facts| {
            let facts = facts.with(ids::LEAD_CHANNEL, reference(deal.channel as usize));
            deal.campaign.into_iter().fold(facts, |facts, campaign| facts.with(ids::LEAD_CAMPAIGN, reference(campaign)))
        };
        let lead = self.key(Kind::Lead, format!("L{:05}", number + 1));
        let first = came(Facts::default())
            .with(ids::LEAD_ACCOUNT, reference(deal.account))
            .with(ids::LEAD_OWNER, reference(deal.first_owner))
            .with(ids::LEAD_FIRST_CONTACT_ON, day(contact));
        self.dated(Kind::Lead, lead, contact, first);
        let closed = Facts::default()
            .with(ids::LEAD_OPPORTUNITY, reference(opportunity))
            .with(ids::LEAD_CLOSED_ON, day(deal.created));
        self.dated(Kind::Lead, lead, deal.created, closed);
        if !number.is_multiple_of(2) {
            return;
        }
        let lead = self.key(Kind::Lead, format!("N{:05}", number + 1));
        let facts = came(Facts::default())
            .with(ids::LEAD_COMPANY, text(&format!("线索 Lead {:05}", number + 1)))
            .with(ids::LEAD_OWNER, reference(deal.first_owner))
            .with(ids::LEAD_FIRST_CONTACT_ON, day(contact));
        self.dated(Kind::Lead, lead, contact, facts);
        let ended = contact.plus(10 + spread);
        if number.is_multiple_of(6) && ended <= until {
            let facts = Facts::default()
                .with(ids::LEAD_STATUS, text("disqualified"))
                .with(ids::LEAD_REASON, text("无预算 no budget"))
                .with(ids::LEAD_CLOSED_ON, day(ended));
            self.dated(Kind::Lead, lead, ended, facts);
        }
    }

    fn dated(&mut self, kind: Kind, local: usize, on: Day, facts: Facts) {
        let at = self.moment(on, 0);
        self.assert(kind, local, at, facts);
    }
}
