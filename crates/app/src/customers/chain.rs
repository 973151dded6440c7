//! What belongs to one customer along the chain: its leads, contracts, orders, invoices, payments and service requests.
//!
//! A record is the customer's where it names it, or where the deal, contract, order or invoice it came from is the
//! customer's and it names nobody else. Whoever sees the customer sees all of it. What is open of an invoice is its
//! amount less the payments that name it, whoever pays; a payment in another currency leaves it unknown.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::chain::{self, LeadFacts, lead_status};
use domain::field::{FieldId, Value, ids};
use domain::people::May;
use domain::{Currency, Day, Kind, RecordId};
use store::Record;

use crate::records::{Member, TimelineItem, TimelineKind};
use crate::{Ask, Loudou, Result};

/// Records of a kind that a page tells at most, the newest first.
const MOST: usize = 200;

/// The kinds of a customer's page, in the order of the chain.
const KINDS: [Kind; 6] = [Kind::Lead, Kind::Contract, Kind::Order, Kind::Invoice, Kind::Payment, Kind::ServiceRequest];

/// One record of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainRecord {
    /// What it is.
    pub kind: Kind,
    /// Its record.
    pub id: RecordId,
    /// Its number; of a lead the company or person, of a service request the subject.
    pub title: Option<String>,
    /// Its day.
    pub on: Option<Day>,
    /// When it is due, promised, or ended.
    pub until: Option<Day>,
    /// Its status in the source's words; of a lead the status that it has.
    pub status: Option<String>,
    /// A payment's method, a service request's type, a lead's channel.
    pub note: Option<String>,
    /// Its amount in minor units; of an order without one what its lines for this customer come to.
    pub amount_minor: Option<i64>,
    /// The currency of the amount.
    pub currency: Option<Currency>,
    /// Invoices: what is still to be paid; absent where that is not known.
    pub open_minor: Option<i128>,
    /// Invoices: the due day has passed, and something is still to be paid.
    pub is_overdue: bool,
    /// The deal it belongs to, where that is in scope.
    pub opportunity: Option<Member>,
}

/// What the invoices of one currency come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoiceSums {
    /// The currency.
    pub currency: Currency,
    /// Invoices of which something is still to be paid, and how much.
    pub open: (u64, i128),
    /// Of those, the ones whose due day has passed.
    pub overdue: (u64, i128),
}

/// What belongs to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerChain {
    /// How many records there are of each kind, along the chain.
    pub counts: Vec<(Kind, u64)>,
    /// The newest of each kind.
    pub records: Vec<ChainRecord>,
    /// Open and overdue invoices by currency.
    pub invoices: Vec<InvoiceSums>,
}

/// The records of one customer by kind, with what their lines come to.
pub(super) struct Gathered {
    by_kind: BTreeMap<Kind, Vec<Record>>,
    /// By order: what the lines for this customer come to.
    lines: HashMap<RecordId, (i64, Option<i64>)>,
    /// Payments on the customer's invoices, others' among them: a parent pays, or a financier.
    paid: Vec<Record>,
}

impl Gathered {
    /// Records that are told one by one, without what only all of a customer's tell.
    pub(super) fn alone(by_kind: BTreeMap<Kind, Vec<Record>>) -> Self {
        Self { by_kind, lines: HashMap::new(), paid: Vec::new() }
    }
}

impl Loudou {
    /// What belongs to a customer in sight, as of a day and as known at one.
    ///
    /// # Errors
    /// There is no such customer in sight, or the data cannot be read.
    pub async fn customer_chain(&self, id: RecordId, ask: &Ask) -> Result<CustomerChain> {
        self.who.require(May::Analyse)?;
        self.seen_customer(id).await?;
        let as_of = ask.as_of.unwrap_or_else(|| self.today());
        let moment = self.moment(ask.as_of, ask.known_at);
        let gathered = self.gather(id, moment).await?;
        let mut records = self.told_chain(&gathered, as_of).await?;
        records.retain(|record| record.on.is_none_or(|on| on <= as_of));
        let invoices = sums(&records);
        let counts = KINDS.map(|kind| {
            let count = records.iter().filter(|record| record.kind == kind).count();
            (kind, count as u64)
        });
        records.sort_by_key(|record| (record.kind, std::cmp::Reverse((record.on, record.id))));
        let mut left: HashMap<Kind, usize> = HashMap::new();
        records.retain(|record| {
            let taken = left.entry(record.kind).or_default();
            *taken += 1;
            *taken <= MOST
        });
        Ok(CustomerChain { counts: counts.to_vec(), records, invoices })
    }

    /// The chain of a customer as items of its timeline.
    pub(crate) async fn chain_items(
        &self,
        id: RecordId,
        moment: crate::records::Moment,
        as_of: Day,
    ) -> Result<Vec<TimelineItem>> {
        let gathered = self.gather(id, moment).await?;
        let versions: HashMap<RecordId, i64> =
            gathered.by_kind.values().flatten().map(|record| (record.id, record.version)).collect();
        let records = self.told_chain(&gathered, as_of).await?;
        let item = |record: ChainRecord| {
            let at = self.calendar.start_of(record.on?);
            moment.reaches(at).then(|| TimelineItem {
                seq: versions.get(&record.id).copied().unwrap_or(0),
                at,
                known_at: at,
                recorded_at: at,
                actor: None,
                import: None,
                kind: TimelineKind::Chain,
                withdrawn: false,
                changes: Vec::new(),
                activity: None,
                chain: Some(record),
            })
        };
        Ok(records.into_iter().filter_map(item).collect())
    }

    async fn gather(&self, id: RecordId, moment: crate::records::Moment) -> Result<Gathered> {
        let mut found: BTreeMap<Kind, Vec<Record>> = BTreeMap::new();
        let ids_of = |records: Option<&Vec<Record>>| {
            records.map(|records| records.iter().map(|record| record.id).collect()).unwrap_or_default()
        };
        let deals: Vec<RecordId> =
            self.store.referring(ids::OPPORTUNITY_ACCOUNT, &[id]).await?.iter().map(|deal| deal.id).collect();
        let lines = self.store.referring(ids::ORDER_LINE_ACCOUNT, &[id]).await?;
        let lines = self.as_told(lines, moment).await?;
        let mut paid = Vec::new();
        let line_orders: Vec<RecordId> = lines.iter().filter_map(|line| line.int(ids::ORDER_LINE_ORDER)).collect();
        for kind in KINDS {
            let mut links: Vec<(FieldId, Vec<RecordId>)> = Vec::new();
            links.extend(chain::account_field(kind).map(|field| (field, vec![id])));
            links.extend(chain::opportunity_field(kind).map(|field| (field, deals.clone())));
            for field in chain::parent_fields(kind) {
                let parent = domain::field::builtin(*field).map(|def| def.ty);
                if let Some(domain::field::FieldType::Ref(parent)) = parent {
                    links.push((*field, ids_of(found.get(&parent))));
                }
            }
            let mut records: BTreeMap<RecordId, Record> = BTreeMap::new();
            for (field, of) in links.iter().filter(|(_, of)| !of.is_empty()) {
                records.extend(self.store.referring(*field, of).await?.into_iter().map(|record| (record.id, record)));
            }
            if kind == Kind::Order {
                let by_lines = self.store.records(kind, &line_orders).await?;
                records.extend(by_lines.into_iter().map(|record| (record.id, record)));
            }
            let own = chain::account_field(kind);
            let is_others = |record: &Record| own.and_then(|own| record.int(own)).is_some_and(|other| other != id);
            let mut told = self.as_told(records.into_values().collect(), moment).await?;
            if kind == Kind::Payment {
                paid.extend(told.iter().filter(|payment| payment.int(ids::PAYMENT_INVOICE).is_some()).cloned());
            }
            told.retain(|record| !is_others(record));
            found.insert(kind, told);
        }
        Ok(Gathered { by_kind: found, lines: line_sums(&lines), paid })
    }

    /// Records as a page tells them.
    pub(super) async fn told_chain(&self, gathered: &Gathered, as_of: Day) -> Result<Vec<ChainRecord>> {
        let all =
            || gathered.by_kind.iter().flat_map(|(kind, records)| records.iter().map(move |record| (*kind, record)));
        let deals: HashSet<RecordId> =
            all().filter_map(|(kind, record)| record.int(chain::opportunity_field(kind)?)).collect();
        let deals = self.store.records(Kind::Opportunity, &deals.into_iter().collect::<Vec<_>>()).await?;
        let deals: HashMap<RecordId, Member> = deals
            .into_iter()
            .filter(|deal| self.who.scope.allows(deal.hot.owner, deal.hot.team))
            .map(|deal| {
                let name = deal.text(ids::OPPORTUNITY_NAME).map_or_else(|| format!("#{}", deal.id), str::to_owned);
                (deal.id, Member { id: deal.id, name })
            })
            .collect();
        let channels: HashSet<(Kind, RecordId)> =
            all().filter_map(|(_, record)| Some((Kind::Channel, record.int(ids::LEAD_CHANNEL)?))).collect();
        let trusted =
            self.store.records(Kind::Channel, &channels.iter().map(|(_, id)| *id).collect::<Vec<_>>()).await?;
        let trusted: HashSet<RecordId> = trusted
            .iter()
            .filter(|channel| channel.get(ids::CHANNEL_TRUSTED) == Some(&Value::Bool(true)))
            .map(|channel| channel.id)
            .collect();
        let names = self.names(channels).await?;
        let paid = paid_by_invoice(gathered, as_of);
        let tell = |(kind, record): (Kind, &Record)| {
            let mut told = plain(kind, record);
            told.opportunity = chain::opportunity_field(kind)
                .and_then(|field| record.int(field))
                .and_then(|deal| deals.get(&deal).cloned());
            match kind {
                Kind::Lead => {
                    told.status = Some(status_of(record, as_of, &trusted).to_owned());
                    told.note = record.int(ids::LEAD_CHANNEL).map(|channel| names.of(Kind::Channel, channel));
                }
                Kind::Order if told.amount_minor.is_none() => {
                    if let Some((minor, currency)) = gathered.lines.get(&record.id) {
                        told.amount_minor = Some(*minor);
                        told.currency = currency.and_then(currency_of);
                    }
                }
                Kind::Invoice => {
                    let paid = paid.get(&record.id).copied().unwrap_or(Some(0));
                    told.open_minor = chain::open_minor(told.amount_minor, told.status.as_deref(), paid);
                    let is_due = told.until.is_some_and(|due| due < as_of);
                    told.is_overdue = is_due && told.open_minor.is_some_and(|open| open > 0);
                }
                _ => {}
            }
            told
        };
        let mut told: Vec<ChainRecord> = all().map(tell).collect();
        self.date(&mut told).await?;
        Ok(told)
    }

    /// What has no day of its own goes by the first day that is told of it.
    async fn date(&self, records: &mut [ChainRecord]) -> Result<()> {
        let undated: Vec<RecordId> =
            records.iter().filter(|record| record.on.is_none()).map(|record| record.id).collect();
        let mut first: HashMap<RecordId, domain::Instant> = HashMap::new();
        for entry in self.store.entries_of(&undated).await? {
            let known = first.entry(entry.record).or_insert(entry.effective_at);
            *known = entry.effective_at.min(*known);
        }
        for record in records.iter_mut().filter(|record| record.on.is_none()) {
            record.on = first.get(&record.id).map(|at| self.calendar.day(*at));
        }
        Ok(())
    }
}

/// What the fields of a kind tell, without what takes other records.
fn plain(kind: Kind, record: &Record) -> ChainRecord {
    let named = |name: &str| domain::field::named(kind, name).map(|def| def.id);
    let text = |name: &str| named(name).and_then(|field| record.text(field)).map(str::to_owned);
    let day = |field: FieldId| record.int(field).and_then(|day| i32::try_from(day).ok()).map(Day);
    let (title, until, note) = match kind {
        Kind::Lead => (text("company").or_else(|| text("name")), Some(ids::LEAD_CLOSED_ON), None),
        Kind::Contract => (text("number"), Some(ids::CONTRACT_ENDS_ON), text("signed_with")),
        Kind::Order => (text("number"), Some(ids::ORDER_PROMISED_ON), None),
        Kind::Invoice => (text("number"), Some(ids::INVOICE_DUE_ON), None),
        Kind::Payment => (text("number"), None, text("method")),
        _ => (text("subject").or_else(|| text("number")), Some(ids::SERVICE_REQUEST_CLOSED_ON), text("type")),
    };
    let amount_minor = named("amount_minor").and_then(|field| record.int(field));
    let until = until.and_then(day);
    ChainRecord {
        kind,
        id: record.id,
        title,
        on: chain::day_field(kind).and_then(day),
        until,
        status: text("status"),
        note,
        amount_minor,
        currency: named("currency").and_then(|field| record.int(field)).and_then(currency_of),
        open_minor: None,
        is_overdue: false,
        opportunity: None,
    }
}

fn currency_of(code: i64) -> Option<Currency> {
    u16::try_from(code).ok().and_then(Currency::from_code)
}

fn status_of(lead: &Record, as_of: Day, trusted: &HashSet<RecordId>) -> &'static str {
    let reached = |field| lead.int(field).is_some_and(|day| day <= i64::from(as_of.0));
    let facts = LeadFacts {
        status: lead.text(ids::LEAD_STATUS),
        has_deal: lead.int(ids::LEAD_OPPORTUNITY).is_some(),
        is_verified: reached(ids::LEAD_VERIFIED_ON),
        may_have_ended: lead.int(ids::LEAD_CLOSED_ON).is_none() || reached(ids::LEAD_CLOSED_ON),
        has_reason: lead.text(ids::LEAD_REASON).is_some(),
        is_trusted: lead.int(ids::LEAD_CHANNEL).is_some_and(|channel| trusted.contains(&channel)),
    };
    lead_status(facts).as_str()
}

/// By order: what lines come to, where all are of one currency.
fn line_sums(lines: &[Record]) -> HashMap<RecordId, (i64, Option<i64>)> {
    let mut sums: HashMap<RecordId, (i64, Option<i64>)> = HashMap::new();
    let mut mixed: HashSet<RecordId> = HashSet::new();
    for line in lines {
        let (Some(order), Some(minor)) = (line.int(ids::ORDER_LINE_ORDER), line.int(ids::ORDER_LINE_AMOUNT)) else {
            continue;
        };
        let currency = line.int(ids::ORDER_LINE_CURRENCY);
        let sum = sums.entry(order).or_insert((0, currency));
        if sum.1 != currency {
            mixed.insert(order);
        }
        sum.0 = sum.0.saturating_add(minor);
    }
    sums.retain(|order, _| !mixed.contains(order));
    sums
}

/// What was paid by a day on each invoice that payments name; unknown where a payment tells no amount in the invoice's
/// own currency.
fn paid_by_invoice(gathered: &Gathered, as_of: Day) -> HashMap<RecordId, Option<i128>> {
    let invoices = gathered.by_kind.get(&Kind::Invoice).into_iter().flatten();
    let currencies: HashMap<RecordId, Option<i64>> =
        invoices.map(|invoice| (invoice.id, invoice.int(ids::INVOICE_CURRENCY))).collect();
    let mut paid: HashMap<RecordId, Option<i128>> = HashMap::new();
    for payment in &gathered.paid {
        let reached = payment.int(ids::PAYMENT_PAID_ON).is_none_or(|on| on <= i64::from(as_of.0));
        let Some(invoice) = payment.int(ids::PAYMENT_INVOICE).filter(|_| reached) else { continue };
        let is_its = currencies.get(&invoice) == Some(&payment.int(ids::PAYMENT_CURRENCY));
        let minor = payment.int(ids::PAYMENT_AMOUNT).filter(|_| is_its);
        let sum = paid.entry(invoice).or_insert(Some(0));
        *sum = sum.zip(minor).map(|(sum, minor)| sum + i128::from(minor));
    }
    paid
}

/// Open and overdue invoices by currency.
fn sums(records: &[ChainRecord]) -> Vec<InvoiceSums> {
    let mut by_currency: BTreeMap<u16, InvoiceSums> = BTreeMap::new();
    for invoice in records.iter().filter(|record| record.kind == Kind::Invoice) {
        let (Some(currency), Some(open)) = (invoice.currency, invoice.open_minor.filter(|open| *open > 0)) else {
            continue;
        };
        let sums =
            by_currency.entry(currency.code()).or_insert(InvoiceSums { currency, open: (0, 0), overdue: (0, 0) });
        sums.open = (sums.open.0 + 1, sums.open.1 + open);
        if invoice.is_overdue {
            sums.overdue = (sums.overdue.0 + 1, sums.overdue.1 + open);
        }
    }
    by_currency.into_values().collect()
}
