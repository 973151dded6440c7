//! Deals and customers as rules see them: each value by its name, worked out when a rule asks for it.

use domain::field::{FieldId, Value, ids};
use domain::process::{ExprValue, Process, Stage};
use domain::quality::Sight;
use domain::{Currency, Day, Outcome};
use journey::{Journey, NO_AMOUNT, NO_CURRENCY, NO_DAY, NO_PROBABILITY, NONE};

use super::alike::{ALIKE, OPEN_TWINS};
use super::judge::{Bench, Reachable, Whole};
use super::past::Told;

/// A deal at the day of the bench.
pub(super) struct DealSight<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) whole: &'a Whole,
    pub(super) journey: Journey<'a>,
    /// Its entry that holds.
    pub(super) place: usize,
    pub(super) process: Option<&'a Process>,
    /// Its stage with the process version that has it.
    pub(super) stage: Option<(&'a Process, &'a Stage)>,
    pub(super) told: Told<'a>,
}

fn text(text: &str) -> Option<ExprValue> {
    (!text.trim().is_empty()).then(|| ExprValue::Text(text.to_owned()))
}

fn day(day: i32) -> Option<ExprValue> {
    (day != NO_DAY).then_some(ExprValue::Day(Day(day)))
}

fn told(told: &Told<'_>, field: FieldId) -> Option<ExprValue> {
    match told.get(field)? {
        Value::Text(value) => text(value),
        Value::Int(value) | Value::Ref(value) => Some(ExprValue::Number(*value)),
        Value::Bool(flag) => Some(ExprValue::Flag(*flag)),
        Value::Json(_) | Value::Null => None,
    }
}

impl DealSight<'_> {
    fn amount(&self) -> i64 {
        self.journey.journeys.entries.amount_minor[self.place]
    }

    fn standard_days(&self) -> Option<i64> {
        self.stage.and_then(|(_, stage)| stage.stay_days).map(i64::from)
    }

    fn days_in_stage(&self) -> Option<i64> {
        self.journey.stay_since(self.place).map(|since| i64::from(self.bench.day.since(Day(since))))
    }

    /// Values that journeys carry, and what is made of them.
    fn of_journey(&self, name: &str) -> Option<Option<ExprValue>> {
        let entries = &self.journey.journeys.entries;
        let code = |code: u32| (code != NONE).then_some(ExprValue::Number(i64::from(code)));
        Some(match name {
            "process" => self.process.and_then(|process| text(&process.key)),
            "stage" => self.stage.and_then(|(_, stage)| text(&stage.key)),
            "outcome" => Outcome::from_code(entries.state[self.place]).and_then(|outcome| text(outcome.as_str())),
            "amount_minor" => (self.amount() != NO_AMOUNT).then(|| ExprValue::Number(self.amount())),
            "currency" => Some(entries.currency[self.place])
                .filter(|code| *code != NO_CURRENCY)
                .and_then(Currency::from_code)
                .and_then(|currency| text(&currency.to_string())),
            "owner" => code(entries.owner[self.place]),
            "team" => code(entries.team[self.place]),
            "created_on" => self.journey.days().first().and_then(|first| day(*first)),
            "expected_close_on" => day(entries.expected_close[self.place]),
            "probability_ppm" => Some(entries.probability_ppm[self.place])
                .filter(|ppm| *ppm != NO_PROBABILITY)
                .map(|ppm| ExprValue::Number(i64::from(ppm))),
            "days_in_stage" => self.days_in_stage().map(ExprValue::Number),
            "standard_days" => self.standard_days().map(ExprValue::Number),
            "stay_percent" => {
                let standard = self.standard_days().filter(|days| *days > 0);
                self.days_in_stage().zip(standard).map(|(days, standard)| ExprValue::Number(days * 100 / standard))
            }
            _ => return None,
        })
    }
}

impl Sight for DealSight<'_> {
    fn value(&self, name: &str) -> Option<ExprValue> {
        if let Some(value) = self.of_journey(name) {
            return value;
        }
        let entries = &self.journey.journeys.entries;
        match name {
            "account" => told(&self.told, ids::OPPORTUNITY_ACCOUNT),
            "product" => told(&self.told, ids::OPPORTUNITY_PRODUCT),
            "region" => told(&self.told, ids::OPPORTUNITY_REGION),
            "industry" => told(&self.told, ids::OPPORTUNITY_INDUSTRY),
            "channel" => told(&self.told, ids::OPPORTUNITY_CHANNEL),
            "reason" => told(&self.told, ids::OPPORTUNITY_REASON),
            "next_step_on" => {
                self.told.int(ids::OPPORTUNITY_NEXT_STEP_ON).and_then(|on| i32::try_from(on).ok()).and_then(day)
            }
            "historical_ppm" => {
                let stage = self.stage.map(|(_, stage)| stage.id)?;
                self.whole.historical.get(&stage).copied().map(ExprValue::Number)
            }
            "silent_days" => {
                let done = self.whole.done_on.get(&self.journey.deal()).copied();
                let last = done.map_or(entries.day[self.place], |done| done.max(entries.day[self.place]));
                Some(ExprValue::Number(i64::from(self.bench.day.since(Day(last)))))
            }
            OPEN_TWINS => {
                let currency = entries.currency[self.place];
                let twins = self.whole.twins.of_deal(&self.whole.led, &self.told, self.amount(), currency);
                twins.map(|(_, others)| ExprValue::Number(others))
            }
            "exits_passed" => Some(ExprValue::Number(self.whole.evidence.passed(self.journey, self.place))),
            "exits_unmet" => Some(ExprValue::Number(self.whole.evidence.unmet(
                self.bench,
                self.journey,
                self.place,
                self.process,
                &self.told,
            ))),
            _ => None,
        }
    }
}

/// A customer.
pub(super) struct CustomerSight<'a> {
    pub(super) told: Told<'a>,
    pub(super) tax_number_sound: Option<bool>,
    pub(super) contacts: Reachable,
    pub(super) open_deals: i64,
    /// How many others are alike; unknown where nothing of it can be.
    pub(super) alike: Option<i64>,
}

impl Sight for CustomerSight<'_> {
    fn value(&self, name: &str) -> Option<ExprValue> {
        match name {
            "name" => told(&self.told, ids::ACCOUNT_NAME),
            "industry" => told(&self.told, ids::ACCOUNT_INDUSTRY),
            "region" => told(&self.told, ids::ACCOUNT_REGION),
            "owner" => told(&self.told, ids::ACCOUNT_OWNER),
            "country" => told(&self.told, ids::ACCOUNT_COUNTRY),
            "grade" => told(&self.told, ids::ACCOUNT_GRADE),
            "tax_number" => told(&self.told, ids::ACCOUNT_TAX_NUMBER),
            "tax_number_sound" => self.tax_number_sound.map(ExprValue::Flag),
            "phone_sound" => self.told.flag(ids::ACCOUNT_PHONE).map(ExprValue::Flag),
            "contacts_reachable" => Some(ExprValue::Number(self.contacts.all)),
            "contacts_unsound" => Some(ExprValue::Number(self.contacts.unsound)),
            "open_deals" => Some(ExprValue::Number(self.open_deals)),
            ALIKE => self.alike.map(ExprValue::Number),
            _ => None,
        }
    }
}
