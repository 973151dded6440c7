use super::*;

/// The facts every case is worked out on; anything else is not filled.
fn field(name: &str) -> Option<ExprValue> {
    let day = |text: &str| ExprValue::Day(Day::parse(text).unwrap());
    Some(match name {
        "amount_minor" => ExprValue::Number(5_000),
        "blocking_obstacles" => ExprValue::Number(0),
        "need_clarity" => ExprValue::Number(3),
        "signed_with" => ExprValue::Text("us".to_owned()),
        "expected_close_on" => day("2026-02-28"),
        "signed_on" => day("2025-12-31"),
        "approved" => ExprValue::Flag(true),
        _ => return None,
    })
}

/// Condition → what it comes to on 31 January 2026.
const CASES: &str = "
amount_minor > 0 and expected_close_on <= today + 12 months   => holds
signed_with = 'us'                                            => holds
signed_with != 'us'                                           => fails
signed_with in ('them', 'us')                                 => holds
signed_with not in ('them', 'us')                             => fails
blocking_obstacles = 0                                        => holds
need_clarity >= 3                                             => holds
need_clarity > 3                                              => fails
need_clarity - 1 = 2                                          => holds
-1 < need_clarity                                             => holds
expected_close_on = today + 1 month                           => holds
expected_close_on <= today + 27 days                          => fails
expected_close_on <= today + 4 weeks                          => holds
expected_close_on - today = 28                                => holds
signed_on = today - 1 month                                   => holds
signed_on > today - 1 year                                    => holds
approved                                                      => holds
not approved                                                  => fails
not (approved and need_clarity < 3)                           => holds
false or amount_minor = 5000                                  => holds
true and false or true                                        => holds
true or true and false                                        => holds
need = 'x'                                                    => unknown: need
not (need = 'x')                                              => unknown: need
need = 'x' and amount_minor = 0                               => fails
amount_minor = 0 and need = 'x'                               => fails
need = 'x' or approved                                        => holds
need = 'x' or quote_no = 'y' or amount_minor = 0              => unknown: need, quote_no
decision_on < invited_on                                      => unknown: decision_on, invited_on
signed_with in (need, 'us')                                   => holds
signed_with in (need, 'them')                                 => unknown: need
signed_with > need                                            => unknown: need
signed_with                                                   => fault: a condition must come to true or false, not to a text
approved = need_clarity                                       => fault: true or false = a number makes no sense
signed_with < need_clarity                                    => fault: a text < a number makes no sense
need_clarity + 3 days = today                                 => fault: a number + a span of time makes no sense
expected_close_on < today + 9000000000 months                 => fault: a number or date left its range
";

#[test]
fn conditions_come_to_what_they_say() {
    let today = Day::from_ymd(2026, 1, 31).unwrap();
    for line in CASES.lines().filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once("=> ").unwrap();
        let expr = Expr::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        let got = match expr.evaluate(&field, today) {
            Ok(Verdict::Holds) => "holds".to_owned(),
            Ok(Verdict::Fails) => "fails".to_owned(),
            Ok(Verdict::Unknown { missing }) => format!("unknown: {}", missing.join(", ")),
            Err(fault) => format!("fault: {fault}"),
        };
        assert_eq!(got, expected, "{source}");
        assert_eq!(Expr::parse(expr.as_str()).unwrap(), expr, "reads back: {source}");
    }
}

/// Text → why it is no condition.
const REFUSED: &str = "
                          => column 1: expected a field, a number, a text or `today`, found the end
amount_minor >            => column 15: expected a field, a number, a text or `today`, found the end
amount_minor              => fine
amount_minor 5            => column 14: expected `and`, `or` or the end, found the number 5
amount_minor > 0 and      => column 21: expected a field, a number, a text or `today`, found the end
(amount_minor > 0         => column 18: expected `)`, found the end
amount_minor > 0)         => column 17: expected `and`, `or` or the end, found `)`
signed_with = 'us         => column 15: the text that begins here has no closing quote
a = 99999999999999999999  => column 5: 99999999999999999999 is too large
a = $1                    => column 5: '$' means nothing in a condition
a == 1                    => column 4: expected a field, a number, a text or `today`, found `=`
A = 1                     => column 1: 'A' means nothing in a condition
a in 'x'                  => column 6: expected `(`, found the text 'x'
a in ('x' 'y')            => column 11: expected `,` or `)`, found the text 'y'
a not 'x'                 => column 7: expected `in`, found the text 'x'
5                         => column 2: expected a comparison such as `=` or `<`, found the end
expected_close_on = 'us'  => column 19: a date = a text makes no sense
amount_minor <= today     => column 14: a number <= a date makes no sense
'a' < 'b'                 => column 5: a text < a text makes no sense
today + today = a         => column 7: a date + a date makes no sense
3 days = a                => column 8: a span of time = a span of time makes no sense
today + 3 days + 1 = a    => column 16: a date + a number makes no sense
a in (1, b_on, 'x')       => fine
b_on in (1)               => column 6: a date = a number makes no sense
";

#[test]
fn what_is_no_condition_says_where_and_why() {
    for line in REFUSED.lines().filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once("=> ").unwrap();
        let got = Expr::parse(source.trim_end()).map_or_else(|error| error.to_string(), |_| "fine".to_owned());
        assert_eq!(got, expected, "{source}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    for source in [
        format!("{}a{}", "(".repeat(900), ")".repeat(900)),
        format!("{}a", "not ".repeat(400)),
        format!("a = 1{}", " + 1".repeat(400)),
        format!("a = '{}'", "x".repeat(3_000)),
    ] {
        assert_eq!(Expr::parse(&source), Err(ExprError::TooDeep), "{}…", &source[..20]);
    }
}

#[test]
fn the_fields_of_a_condition() {
    let expr = Expr::parse("a = 1 and not (b < c - 1 or d in (e, 'x')) and f").unwrap();
    assert_eq!(expr.fields().into_iter().collect::<String>(), "abcdef");
}

/// Every filling of three flags, against a table of Kleene's logic written out: true is 2, unknown
/// 1, false 0; `and` is the least, `or` the greatest, `not` turns it round.
#[test]
fn three_valued_logic_agrees_with_its_arithmetic() {
    type Oracle = fn([u8; 3]) -> u8;
    let cases: [(&str, Oracle); 6] = [
        ("a and b and c", |[a, b, c]| a.min(b).min(c)),
        ("a or b or c", |[a, b, c]| a.max(b).max(c)),
        ("a and b or c", |[a, b, c]| a.min(b).max(c)),
        ("a and (b or c)", |[a, b, c]| a.min(b.max(c))),
        ("not (a and not b) or c", |[a, b, c]| (2 - a.min(2 - b)).max(c)),
        ("not a and not not b or not c", |[a, b, c]| (2 - a).min(b).max(2 - c)),
    ];
    for (source, oracle) in cases {
        let expr = Expr::parse(source).unwrap();
        for code in 0..27_u8 {
            let flags = [code % 3, code / 3 % 3, code / 9];
            let field = |name: &str| {
                let at = usize::from(name.as_bytes()[0] - b'a');
                (flags[at] != 1).then_some(ExprValue::Flag(flags[at] == 2))
            };
            let got = match expr.evaluate(&field, Day(0)).unwrap() {
                Verdict::Holds => 2,
                Verdict::Fails => 0,
                Verdict::Unknown { missing } => {
                    assert!(missing.iter().all(|name| field(name).is_none()), "{source} {flags:?}");
                    assert!(!missing.is_empty());
                    1
                }
            };
            assert_eq!(got, oracle(flags), "{source} {flags:?}");
        }
    }
}
