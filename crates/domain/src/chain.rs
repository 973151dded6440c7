//! The chain beside deals: leads before them, contracts, orders, invoices and payments after them.
//!
//! What a word in a status means, and from which day a record counts. Sources write statuses in their own words:
//! those below are understood in both languages, any other word leaves the record in force. This module must not
//! know where records are kept, nor who may see them.

use crate::field::{FieldId, ids};
use crate::id::Kind;

/// The day from which a record of this kind counts; absent where it has none of its own.
#[must_use]
pub const fn day_field(kind: Kind) -> Option<FieldId> {
    Some(match kind {
        Kind::Lead => ids::LEAD_FIRST_CONTACT_ON,
        Kind::Contract => ids::CONTRACT_SIGNED_ON,
        Kind::Order => ids::ORDER_ORDERED_ON,
        Kind::Invoice => ids::INVOICE_ISSUED_ON,
        Kind::Payment => ids::PAYMENT_PAID_ON,
        Kind::ServiceRequest => ids::SERVICE_REQUEST_OPENED_ON,
        Kind::Expense => ids::EXPENSE_ON,
        _ => return None,
    })
}

/// The field that names the customer of a record of this kind.
#[must_use]
pub const fn account_field(kind: Kind) -> Option<FieldId> {
    Some(match kind {
        Kind::Lead => ids::LEAD_ACCOUNT,
        Kind::Contract => ids::CONTRACT_ACCOUNT,
        Kind::Order => ids::ORDER_ACCOUNT,
        Kind::OrderLine => ids::ORDER_LINE_ACCOUNT,
        Kind::Invoice => ids::INVOICE_ACCOUNT,
        Kind::Payment => ids::PAYMENT_ACCOUNT,
        Kind::ServiceRequest => ids::SERVICE_REQUEST_ACCOUNT,
        Kind::Expense => ids::EXPENSE_ACCOUNT,
        _ => return None,
    })
}

/// The field that names the deal of a record of this kind.
#[must_use]
pub const fn opportunity_field(kind: Kind) -> Option<FieldId> {
    Some(match kind {
        Kind::Lead => ids::LEAD_OPPORTUNITY,
        Kind::Contract => ids::CONTRACT_OPPORTUNITY,
        Kind::Order => ids::ORDER_OPPORTUNITY,
        Kind::Invoice => ids::INVOICE_OPPORTUNITY,
        Kind::Payment => ids::PAYMENT_OPPORTUNITY,
        Kind::ServiceRequest => ids::SERVICE_REQUEST_OPPORTUNITY,
        Kind::Expense => ids::EXPENSE_OPPORTUNITY,
        _ => return None,
    })
}

/// The field that names somebody of ours who is answerable for a record of this kind.
#[must_use]
pub const fn person_field(kind: Kind) -> Option<FieldId> {
    Some(match kind {
        Kind::Lead => ids::LEAD_OWNER,
        Kind::ServiceRequest => ids::SERVICE_REQUEST_PERSON,
        Kind::Expense => ids::EXPENSE_PERSON,
        _ => return None,
    })
}

/// Records of the chain that a record of this kind belongs to, the nearest first: whoever sees one of them sees it, and
/// it is of their customer where it names none.
#[must_use]
pub const fn parent_fields(kind: Kind) -> &'static [FieldId] {
    match kind {
        Kind::Order => &[ids::ORDER_CONTRACT],
        Kind::OrderLine => &[ids::ORDER_LINE_ORDER],
        Kind::Invoice => &[ids::INVOICE_ORDER, ids::INVOICE_CONTRACT],
        Kind::Payment => &[ids::PAYMENT_INVOICE, ids::PAYMENT_ORDER, ids::PAYMENT_CONTRACT],
        Kind::ServiceRequest => &[ids::SERVICE_REQUEST_ORDER],
        _ => &[],
    }
}

/// Days of one record of which the second cannot lie before the first.
pub const DAYS_IN_ORDER: [(FieldId, FieldId); 7] = [
    (ids::LEAD_FIRST_CONTACT_ON, ids::LEAD_VERIFIED_ON),
    (ids::LEAD_FIRST_CONTACT_ON, ids::LEAD_CLOSED_ON),
    (ids::CONTRACT_BEGINS_ON, ids::CONTRACT_ENDS_ON),
    (ids::ORDER_ORDERED_ON, ids::ORDER_PROMISED_ON),
    (ids::ORDER_ORDERED_ON, ids::ORDER_DELIVERED_ON),
    (ids::INVOICE_ISSUED_ON, ids::INVOICE_DUE_ON),
    (ids::SERVICE_REQUEST_OPENED_ON, ids::SERVICE_REQUEST_CLOSED_ON),
];

/// How a lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeadStatus {
    /// A signal, nothing more: still to be decided.
    Open,
    /// The person and the matter exist: a prospect. Still to be decided.
    Verified,
    /// It became business.
    Converted,
    /// It was taken out, as a normal end.
    Disqualified,
}

impl LeadStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::Verified, Self::Converted, Self::Disqualified];

    /// The word used in files, SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Verified => "verified",
            Self::Converted => "converted",
            Self::Disqualified => "disqualified",
        }
    }

    /// What a source's word means, where it is one of those in use.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "open" | "new" | "contacted" | "working" | "新建" | "未处理" | "未验证" | "跟进中" => Self::Open,
            "verified" | "qualified" | "prospect" | "mql" | "sql" | "已验证" | "潜在机会" => Self::Verified,
            "converted" | "won" | "closed - converted" | "已转化" | "已转换" | "转商机" => Self::Converted,
            "disqualified"
            | "unqualified"
            | "dead"
            | "junk"
            | "closed - not converted"
            | "无效"
            | "已关闭"
            | "排除" => Self::Disqualified,
            _ => return None,
        })
    }

    /// Still to be decided: nothing is known against it.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::Verified)
    }
}

/// What is known of a lead at a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct LeadFacts<'a> {
    /// The source's own word.
    pub status: Option<&'a str>,
    /// It names a deal.
    pub has_deal: bool,
    /// The day of its verification has come.
    pub is_verified: bool,
    /// The day of its end has come, or no day of an end is told.
    pub may_have_ended: bool,
    /// A reason for its end is told.
    pub has_reason: bool,
    /// It came by a channel whose leads are trusted.
    pub is_trusted: bool,
}

/// How a lead stands: by the source's word, else by what else is known of it. A lead of a trusted channel is
/// verified by that.
#[must_use]
pub fn lead_status(facts: LeadFacts<'_>) -> LeadStatus {
    let told = facts.status.and_then(LeadStatus::parse);
    if facts.may_have_ended {
        match told {
            Some(LeadStatus::Converted | LeadStatus::Disqualified) => return told.unwrap_or(LeadStatus::Open),
            _ if facts.has_deal => return LeadStatus::Converted,
            None if facts.has_reason => return LeadStatus::Disqualified,
            _ => {}
        }
    }
    if told == Some(LeadStatus::Verified) || facts.is_verified || facts.is_trusted {
        return LeadStatus::Verified;
    }
    LeadStatus::Open
}

/// Words of a status under which a contract, an order, an invoice or a payment is not in force.
const VOID: [&str; 20] = [
    "draft",
    "planned",
    "pending approval",
    "cancelled",
    "canceled",
    "void",
    "voided",
    "rejected",
    "withdrawn",
    "failed",
    "草稿",
    "审批中",
    "待审批",
    "取消",
    "已取消",
    "作废",
    "已作废",
    "驳回",
    "已驳回",
    "失败",
];

/// Whether a record with this status is not in force: not yet, or no more.
#[must_use]
pub fn is_void(status: Option<&str>) -> bool {
    status.is_some_and(|status| {
        let status = status.trim().to_lowercase();
        VOID.contains(&status.as_str())
    })
}

/// Words of `signed_with` that mean somebody else than us. A customer may sign, and not with us.
const OTHERS: [&str; 6] = ["competitor", "other", "nobody", "竞争对手", "他方", "无"];

/// Whether a contract was signed with us, and is in force.
#[must_use]
pub fn is_ours(status: Option<&str>, signed_with: Option<&str>) -> bool {
    let elsewhere = |with: &str| OTHERS.contains(&with.trim().to_lowercase().as_str());
    !is_void(status) && !signed_with.is_some_and(elsewhere)
}

/// Words of a status under which an invoice is settled, whatever payments are known.
const SETTLED: [&str; 7] = ["paid", "settled", "closed", "written off", "已付", "已回款", "已结清"];

/// What is still to be paid of an invoice, in minor units: its amount less what was paid on it, never below nothing.
/// Nothing where it is void, settled by its status, or a credit note. Absent where its amount is unknown, or what was
/// paid on it is.
#[must_use]
pub fn open_minor(amount_minor: Option<i64>, status: Option<&str>, paid_minor: Option<i128>) -> Option<i128> {
    let settled = status.is_some_and(|status| SETTLED.contains(&status.trim().to_lowercase().as_str()));
    if settled || is_void(status) {
        return Some(0);
    }
    match i128::from(amount_minor?) {
        ..=0 => Some(0),
        amount => Some((amount - paid_minor?).max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::builtin;

    #[test]
    fn fields_of_the_chain_are_what_they_are_called() {
        for kind in Kind::CHAIN {
            let name = |id: Option<FieldId>| id.and_then(builtin).map(|def| (def.kind, def.name));
            assert_eq!(name(account_field(kind)), Some((kind, "account")), "{kind:?}");
            for field in [day_field(kind), opportunity_field(kind), person_field(kind)].into_iter().flatten() {
                assert_eq!(builtin(field).map(|def| def.kind), Some(kind), "{kind:?}");
            }
            assert!(parent_fields(kind).iter().all(|id| builtin(*id).is_some_and(|def| def.kind == kind)), "{kind:?}");
        }
        for (before, after) in DAYS_IN_ORDER {
            assert_eq!(builtin(before).map(|def| def.kind), builtin(after).map(|def| def.kind));
        }
    }

    #[test]
    fn how_a_lead_stands() {
        use LeadStatus::{Converted, Disqualified, Open, Verified};
        let lead = LeadFacts { may_have_ended: true, ..LeadFacts::default() };
        for (facts, expected) in [
            (lead, Open),
            (LeadFacts { has_deal: true, ..lead }, Converted),
            (LeadFacts { has_deal: true, may_have_ended: false, ..lead }, Open),
            (LeadFacts { has_deal: true, may_have_ended: false, is_verified: true, ..lead }, Verified),
            (LeadFacts { has_reason: true, ..lead }, Disqualified),
            (LeadFacts { has_reason: true, status: Some("open"), ..lead }, Open),
            (LeadFacts { is_trusted: true, ..lead }, Verified),
            (LeadFacts { is_trusted: true, status: Some("new"), ..lead }, Verified),
            (LeadFacts { status: Some(" Qualified "), ..lead }, Verified),
            (LeadFacts { status: Some("无效"), is_trusted: true, ..lead }, Disqualified),
            (LeadFacts { status: Some("nobody knows this word"), ..lead }, Open),
        ] {
            assert_eq!(lead_status(facts), expected, "{facts:?}");
        }
        assert!(LeadStatus::ALL.iter().all(|status| LeadStatus::parse(status.as_str()) == Some(*status)));
    }

    #[test]
    fn what_is_void_does_not_count_and_what_was_signed_elsewhere_neither() {
        assert!(is_void(Some("Cancelled")) && is_void(Some(" 作废 ")) && !is_void(Some("delivered")) && !is_void(None));
        assert!(
            is_ours(None, None) && is_ours(Some("signed"), Some("us")) && !is_ours(Some("signed"), Some("Competitor"))
        );
        assert!(!is_ours(Some("draft"), None));
    }

    #[test]
    fn what_is_open_of_an_invoice() {
        for (amount, status, paid, open) in [
            (Some(100), None, Some(40), Some(60)),
            (Some(100), None, Some(140), Some(0)),
            (Some(100), None, None, None),
            (Some(100), Some("Paid"), None, Some(0)),
            (Some(100), Some("void"), Some(0), Some(0)),
            (Some(-100), None, Some(0), Some(0)),
            (None, None, Some(40), None),
        ] {
            assert_eq!(open_minor(amount, status, paid), open, "{amount:?} {status:?} {paid:?}");
        }
    }
}
