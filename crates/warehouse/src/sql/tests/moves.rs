//! Kinds and steps of moves, as a table: the stages a deal goes through, and what each entry was.

use super::fixture::{ask, shown, snapshot};

/// A journey (after its date, an entry a day), then what `transitions` says of it: kind and steps.
const TABLE: &str = "
    lead                         | new -
    talk                         | direct -
    ?                            | new -
    done won                     | won -
    lead ; talk                  | new - ; forward 10
    lead ; offer                 | new - ; skip 25
    offer ; lead                 | direct - ; back -25
    lead ; lead                  | new - ; same 0
    lead ; =5                    | new -
    lead ; done won              | new - ; won 30
    lead ; won                   | new - ; won -
    offer ; gone lost            | direct - ; lost 15
    lead ; lost ; gone           | new - ; lost - ; - 40
    lead ; cancelled             | new - ; cancelled -
    lead ; parked ; talk open    | new - ; parked - ; resumed 10
    lead ; lost ; open           | new - ; lost - ; reopened -
    lead ; done won ; again      | new - ; won 30 ; forward 5
    lead ; parked ; lost         | new - ; parked - ; lost -
    lead ; deleted               | new -
    lead ; deleted ; talk open   | new - ; reopened 10
    ? ; talk                     | new - ; - -
    talk ; ?                     | direct - ; - -
    ? ; ?                        | new -
    ? ; done won                 | new - ; won -
";

#[tokio::test]
async fn every_entry_is_the_move_that_people_would_name() {
    for line in TABLE.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (entries, expected) = line.split_once('|').unwrap();
        let dated = |(entry, n): (&str, usize)| format!("2026-01-{n:02} {}", entry.trim());
        let entries: Vec<String> = entries.split(';').zip(1..).map(dated).collect();
        let deals = snapshot(&format!("1 large: {}", entries.join(" ; ")));
        let answer = ask(&deals, "SELECT kind, steps FROM transitions ORDER BY at").await.unwrap();
        let found: Vec<String> = shown(&answer).lines().skip(1).map(|row| row.replace(" | ", " ")).collect();
        let expected: Vec<&str> = expected.split(';').map(str::trim).collect();
        assert_eq!(found, expected, "{line}");
    }
}
