//! Answers as tables for people: aligned numbers, money in one unit, bars where they help.

use app::answer::{Answer, Cell, Column, Terms, Unit};
use comfy_table::{Attribute, Cell as Shown, CellAlignment, ContentArrangement, LineStyle, Table, presets};
use domain::Currency;

use crate::args::Lang;

const BAR_WIDTH: usize = 16;

/// The unit that the money of an answer is shown in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    divisor: f64,
    name: &'static str,
}

/// The answer as text: title, terms in one line, table, notes.
pub(crate) fn table(answer: &Answer, lang: Lang, width: Option<u16>) -> String {
    let mut table = Table::new();
    let lined = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
    table.load_style(lined).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    let scale = scale(answer, lang);
    let heads = answer.columns.iter().map(|column| head(column, scale, answer.currency, lang));
    table.set_header(heads);
    for row in &answer.rows {
        table.add_row(row.iter().enumerate().map(|(at, cell)| {
            let column = &answer.columns[at];
            let text = show(cell, column, scale, answer.currency, lang);
            let text = if column.bar { with_bar(answer, at, cell, &text) } else { text };
            let align = if column.unit == Unit::Text { CellAlignment::Left } else { CellAlignment::Right };
            Shown::new(text).set_alignment(align)
        }));
    }
    let mut out = format!("{}\n{}\n", pick(lang, answer.title.zh, answer.title.en), terms_line(answer, lang));
    if answer.rows.is_empty() {
        out.push_str(pick(lang, "没有内容。\n", "Nothing to show.\n"));
    } else {
        out.push_str(&table.to_string());
        out.push('\n');
    }
    for (zh, en) in &answer.notes {
        out.push_str(&format!("· {}\n", pick(lang, zh, en)));
    }
    out
}

/// One of two texts by language.
pub(crate) const fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn terms_line(answer: &Answer, lang: Lang) -> String {
    let stated = answer
        .terms
        .iter()
        .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    let shown = stated.map(|(key, value)| {
        let name = Terms::label(key).map_or(key, |label| pick(lang, label.zh, label.en));
        let zh = answer.terms.zh(key).filter(|_| lang == Lang::Zh);
        let text = match value {
            _ if zh.is_some() => zh.unwrap_or_default().to_owned(),
            serde_json::Value::String(text) if key != "amount_minor" => text.clone(),
            serde_json::Value::Array(list) => {
                let words: Vec<_> = list.iter().filter_map(serde_json::Value::as_str).collect();
                words.join(", ")
            }
            other => {
                let digits = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                let money = answer.currency.filter(|_| key == "amount_minor").zip(digits.parse().ok());
                grouped(&money.map_or(digits, |(currency, minor)| currency.format_minor(minor)))
            }
        };
        format!("{name}: {text}")
    });
    shown.collect::<Vec<_>>().join(" · ")
}

fn head(column: &Column, scale: Option<Scale>, currency: Option<Currency>, lang: Lang) -> Shown {
    let label = pick(lang, &column.label.zh, &column.label.en);
    // Columns of people's own tables are called what they are called there.
    let name = if label.is_empty() { &column.key } else { label };
    let text = match (column.unit, scale, currency) {
        (Unit::AmountMinor, Some(scale), Some(currency)) => format!("{name} ({}{currency})", scale.name),
        (Unit::Days, ..) => format!("{name} ({})", pick(lang, "天", "days")),
        _ => printable(name),
    };
    let align = if column.unit == Unit::Text { CellAlignment::Left } else { CellAlignment::Right };
    Shown::new(text).set_alignment(align).add_attribute(Attribute::Bold)
}

/// The largest amount of an answer decides the unit of all, so that they can be compared.
fn scale(answer: &Answer, lang: Lang) -> Option<Scale> {
    let of_money = |at: &usize| answer.columns[*at].unit == Unit::AmountMinor;
    let columns: Vec<usize> = (0..answer.columns.len()).filter(of_money).collect();
    if columns.is_empty() {
        return None;
    }
    let minor = 10_f64.powi(answer.currency.map_or(2, Currency::decimals).cast_signed());
    let amounts = answer.rows.iter().flat_map(|row| columns.iter().filter_map(|at| number(&row[*at])));
    let largest = amounts.fold(0.0, |most: f64, value| most.max(value.abs())) / minor;
    let (divisor, name) = match lang {
        Lang::Zh if largest >= 1e9 => (1e8, "亿 "),
        Lang::Zh if largest >= 1e5 => (1e4, "万 "),
        Lang::En if largest >= 1e9 => (1e9, "B "),
        Lang::En if largest >= 1e7 => (1e6, "M "),
        Lang::En if largest >= 1e5 => (1e3, "K "),
        _ => (1.0, ""),
    };
    Some(Scale { divisor: divisor * minor, name })
}

/// A text without what a terminal would take for a command: it may come from anybody's file.
pub(crate) fn printable(text: &str) -> String {
    let is_command = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().flat_map(|c| if is_command(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

fn show(cell: &Cell, column: &Column, scale: Option<Scale>, currency: Option<Currency>, lang: Lang) -> String {
    match cell {
        Cell::Text(text) => printable(text),
        Cell::Name { zh, en, .. } => printable(pick(lang, zh, en)),
        Cell::Int(value) => grouped(&value.to_string()),
        Cell::Minor(value) => match scale {
            Some(scale) => {
                #[allow(clippy::cast_precision_loss, reason = "two decimals of the shown unit")]
                let shown = *value as f64 / scale.divisor;
                grouped(&format!("{shown:.2}"))
            }
            None => currency.map_or_else(|| value.to_string(), |currency| currency.format_minor(*value)),
        },
        Cell::Float(value) => match column.unit {
            Unit::Share => format!("{:.1} %", value * 100.0),
            Unit::Days => format!("{value:.1}"),
            Unit::AmountMinor => {
                scale.map_or_else(|| format!("{value:.0}"), |scale| grouped(&format!("{:.2}", value / scale.divisor)))
            }
            _ => format!("{value:.4}"),
        },
        Cell::Date(day) => date(*day, lang),
        Cell::Undefined(_) => "–".to_owned(),
    }
}

fn date(day: domain::Day, lang: Lang) -> String {
    match (lang, day.to_date()) {
        (Lang::En, Some(date)) => date.format("%-d %b %Y").to_string(),
        (Lang::Zh, Some(date)) => date.format("%Y年%-m月%-d日").to_string(),
        _ => day.to_string(),
    }
}

fn number(cell: &Cell) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "only compared for a bar's length")]
    match cell {
        Cell::Int(value) => Some(*value as f64),
        Cell::Minor(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        _ => None,
    }
}

fn with_bar(answer: &Answer, at: usize, cell: &Cell, text: &str) -> String {
    let most = answer.rows.iter().filter_map(|row| number(&row[at])).fold(0.0, f64::max);
    let eighths = match number(cell) {
        Some(value) if most > 0.0 && value > 0.0 => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 8 × BAR_WIDTH")]
            let eighths = (value / most * (BAR_WIDTH * 8) as f64).round() as usize;
            eighths.max(1)
        }
        _ => 0,
    };
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]);
    let pad = BAR_WIDTH - bar.chars().count();
    format!("{text} {bar}{}", " ".repeat(pad))
}

/// Thousands apart by commas.
pub(crate) fn grouped(digits: &str) -> String {
    let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    format!("{sign}{out}{fraction}")
}

#[cfg(test)]
mod tests {
    use app::answer::why;

    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (digits, shown) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.50", "-1,234,567.50")] {
            assert_eq!(grouped(digits), shown);
        }
    }

    fn answer() -> Answer {
        let columns = vec![
            Column::new("stage", "阶段", "stage", Unit::Text),
            Column::new("amount_minor", "金额", "amount", Unit::AmountMinor).with_bar(),
            Column::new("rate", "转化率", "conversion", Unit::Share),
        ];
        let mut answer = Answer::new("漏斗", "Funnel", Terms::default().with("as_of", "2026-11-22"), columns);
        answer.currency = Some(Currency::CNY);
        let lead = Cell::Name { zh: "线索".into(), en: "Lead".into(), key: "lead".into() };
        answer.push(vec![lead, Cell::Minor(1_234_500_000), Cell::Float(0.4286)]);
        answer.push(vec![Cell::Text("B".into()), Cell::Minor(617_250_000), Cell::Undefined(why::NOBODY_ENTERED)]);
        answer
    }

    #[test]
    fn what_a_terminal_would_take_for_a_command_is_shown_as_text() {
        assert_eq!(printable("\u{1b}[2J甲\u{7}\u{9b}1m\tx"), "\\u{1b}[2J甲\\u{7}\\u{9b}1m\tx");
    }

    #[test]
    fn amounts_share_one_unit_named_in_the_head_of_their_column() {
        let zh = table(&answer(), Lang::Zh, None);
        assert!(
            zh.contains("金额 (万 CNY)") && zh.contains("1,234.50 ████████████████") && zh.contains("线索"),
            "{zh}"
        );
        let en = table(&answer(), Lang::En, None);
        assert!(en.contains("amount (M CNY)") && en.contains("12.35") && en.contains("42.9 %"), "{en}");
        assert!(en.contains('–') && !en.contains("NaN"), "{en}");
    }

    #[test]
    fn an_empty_answer_says_so() {
        let mut empty = answer();
        empty.rows.clear();
        assert!(table(&empty, Lang::En, None).contains("Nothing to show."));
    }
}
