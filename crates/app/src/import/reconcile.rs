//! What of an import is new: drafts that say what the journal already holds are dropped, so that importing
//! the same file twice changes nothing, and next month's file adds only what moved.

use domain::RecordId;
use domain::field::{FieldId, FieldType, builtin};
use domain::journal::{self, Cut, Entry, Facts, Hot, HotSet, Op, Withdrawn};
use store::Draft;

/// Which of a record's `drafts` (all of one record, in source order) say something new, given the entries
/// the record already has.
///
/// A draft is old where an entry that stands asserts the same at the same instant; each entry makes one draft
/// old, since a source may say a thing twice in one day. Its place in the source does not count: next month's
/// export may list its rows in another order. A draft from a source that keeps no history (`is_snapshot`) is old also where the record already stood
/// like that at the draft's instant: an unchanged export is no news.
pub(crate) fn news(existing: &[Entry], withdrawn: &Withdrawn, drafts: &[(&Draft, bool)]) -> Vec<bool> {
    let standing: Vec<&Entry> = existing
        .iter()
        .filter(|entry| !withdrawn.covers(entry.import, entry.seq, Cut::Everything) && !is_retracted(entry, existing))
        .collect();
    let mut unmatched = standing;
    let is_erased = is_erased(existing);
    drafts
        .iter()
        .map(|(draft, is_snapshot)| {
            let same =
                |entry: &&Entry| entry.effective_at == draft.effective_at && is_same(&entry.op, &draft.op, is_erased);
            if let Some(at) = unmatched.iter().position(same) {
                unmatched.swap_remove(at);
                return false;
            }
            !(*is_snapshot && stood_like_that(existing, withdrawn, draft))
        })
        .collect()
}

/// Whether the personal text of a record was erased.
fn is_erased(existing: &[Entry]) -> bool {
    existing.iter().any(|entry| entry.op == Op::Erase)
}

/// Takes personal text out of the drafts at `places`, all of one record, if its text was erased: it must not come
/// back. Comes before [`news`].
pub(crate) fn leave_erased(existing: &[Entry], drafts: &mut [Draft], places: &[usize]) {
    if !is_erased(existing) {
        return;
    }
    for place in places {
        if let Op::Assert(facts) = &mut drafts[*place].op {
            facts.rest.retain(|(field, _)| !is_personal(*field));
        }
    }
}

fn is_retracted(entry: &Entry, among: &[Entry]) -> bool {
    among.iter().any(|other| matches!(other.op, Op::RetractEntry { seq } if seq == entry.seq))
}

/// Whether a draft says what an entry says, without its personal text if the record's was erased.
fn is_same(entry: &Op, draft: &Op, is_erased: bool) -> bool {
    match (entry, draft) {
        (Op::Assert(entry), Op::Assert(draft)) if is_erased => {
            let kept = entry.rest.iter().filter(|(field, _)| !is_personal(*field));
            (entry.set, entry.hot) == (draft.set, draft.hot) && kept.eq(&draft.rest)
        }
        _ => entry == draft,
    }
}

fn is_personal(field: FieldId) -> bool {
    builtin(field).is_some_and(|def| def.ty == FieldType::Personal)
}

fn stood_like_that(existing: &[Entry], withdrawn: &Withdrawn, draft: &Draft) -> bool {
    let Op::Assert(facts) = &draft.op else { return false };
    let until =
        |entry: &&Entry| !matches!(entry.op, Op::Assert(_) | Op::Delete) || entry.effective_at <= draft.effective_at;
    let before: Vec<Entry> = existing.iter().filter(until).cloned().collect();
    let timeline = journal::fold(&before, withdrawn, Cut::Everything);
    let Some(state) = timeline.current() else { return false };
    let rest_holds = facts.rest.iter().all(|(field, value)| timeline.rest.get(field) == Some(value));
    rest_holds
        && hot_holds(facts, &state.hot)
        && !is_first_mention(facts, &timeline.rest.keys().copied().collect::<Vec<_>>())
}

fn hot_holds(facts: &Facts, state: &Hot) -> bool {
    let mut after = *state;
    facts.apply(&mut after);
    after == *state
}

/// A draft that sets nothing but fields never heard of before is news even where all are empty.
fn is_first_mention(facts: &Facts, known: &[FieldId]) -> bool {
    facts.set == HotSet::default()
        && !facts.rest.is_empty()
        && facts.rest.iter().all(|(field, _)| !known.contains(field))
}

/// Consecutive places of `drafts` by record: `(record, places)`.
pub(crate) fn by_record(drafts: &[Draft]) -> std::collections::HashMap<RecordId, Vec<usize>> {
    let mut places = std::collections::HashMap::<RecordId, Vec<usize>>::new();
    for (place, draft) in drafts.iter().enumerate() {
        places.entry(draft.record).or_default().push(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use domain::field::{Value, ids};
    use domain::journal::SYSTEM_ACTOR;
    use domain::{Instant, Kind, StageId};

    use super::*;

    fn draft(at: i64, facts: Facts) -> Draft {
        Draft {
            kind: Kind::Opportunity,
            record: 1,
            effective_at: Instant(at),
            known_at: Instant(at),
            source_seq: 0,
            import: Some(1),
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        }
    }

    fn entry(seq: i64, draft: Draft) -> Entry {
        let Draft { kind, record, effective_at, known_at, source_seq, import, actor, op } = draft;
        Entry { seq, kind, record, effective_at, known_at, recorded_at: known_at, source_seq, import, actor, op }
    }

    #[test]
    fn the_same_rows_are_no_news_and_moved_ones_are() {
        let stage = |id| Facts::default().stage(StageId(id));
        let existing = [entry(1, draft(10, stage(1).amount_minor(Some(5)))), entry(2, draft(20, stage(2)))];
        let cases = [
            ("the same change again", draft(20, stage(2)), false, false),
            ("the same stage on another day, from a change log", draft(30, stage(2)), false, true),
            ("an unchanged export", draft(30, stage(2).amount_minor(Some(5))), true, false),
            ("an export with another amount", draft(30, stage(2).amount_minor(Some(6))), true, true),
            ("an export from before the move", draft(15, stage(1)), true, false),
        ];
        for (what, draft, is_snapshot, expected) in cases {
            assert_eq!(news(&existing, &Withdrawn::default(), &[(&draft, is_snapshot)]), [expected], "{what}");
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter_and_a_second_mention_counts() {
        let stay = |source_seq| Draft { source_seq, ..draft(10, Facts::default().stage(StageId(1))) };
        let existing = [entry(1, stay(4))];
        let drafts = [stay(9), stay(2)];
        assert_eq!(news(&existing, &Withdrawn::default(), &[(&drafts[0], false), (&drafts[1], false)]), [false, true]);
    }

    #[test]
    fn erased_text_is_no_news() {
        let person = |name: Value, role: &str| {
            let role = Value::Text(role.into());
            draft(10, Facts::default().with(ids::PERSON_NAME, name).with(ids::PERSON_ROLE, role))
        };
        let named = || Value::Text("Ann".into());
        // The store gives erased text back as empty.
        let mut erased = entry(2, draft(50, Facts::default()));
        erased.op = Op::Erase;
        let existing = [entry(1, person(Value::Null, "rep")), erased];
        let later = Draft { effective_at: Instant(60), ..person(named(), "rep") };
        let cases = [
            ("the same row again", person(named(), "rep"), false, false),
            ("the same row, from an export", person(named(), "rep"), true, false),
            ("the next export, unchanged", later, true, false),
            ("another role", person(named(), "manager"), true, true),
        ];
        for (what, draft, is_snapshot, expected) in cases {
            let mut drafts = [draft];
            leave_erased(&existing, &mut drafts, &[0]);
            assert_eq!(news(&existing, &Withdrawn::default(), &[(&drafts[0], is_snapshot)]), [expected], "{what}");
        }
        let again = person(named(), "rep");
        let unerased = &existing[..1];
        assert_eq!(
            news(unerased, &Withdrawn::default(), &[(&again, true)]),
            [true],
            "an empty name that was not erased"
        );
    }

    #[test]
    fn erased_text_stays_out_of_a_row_that_is_news() {
        let with_name = Facts::default().with(ids::PERSON_NAME, Value::Text("Ann".into()));
        let role = (ids::PERSON_ROLE, Value::Text("manager".into()));
        let said = draft(10, with_name.with(role.0, role.1.clone()));
        let mut erased = entry(2, draft(50, Facts::default()));
        let mut kept = [said.clone()];
        leave_erased(&[erased.clone()], &mut kept, &[0]);
        assert_eq!(kept[0], said, "nothing was erased");
        erased.op = Op::Erase;
        leave_erased(&[erased], &mut kept, &[0]);
        assert_eq!(kept[0].op, Op::Assert(Facts::default().with(role.0, role.1)));
    }

    #[test]
    fn after_an_undo_everything_is_news_again() {
        let existing = [entry(1, draft(10, Facts::default().stage(StageId(1))))];
        let mut withdrawn = Withdrawn::default();
        let mut undo = entry(2, draft(90, Facts::default()));
        undo.op = Op::RetractImport { import: 1 };
        withdrawn.note(&undo);
        let again = draft(10, Facts::default().stage(StageId(1)));
        assert_eq!(news(&existing, &withdrawn, &[(&again, true)]), [true]);
    }
}
