//! Exchange rates: into the home currency, from a file of dates, and what there is.

use std::path::Path;

use domain::people::May;
use domain::{Currency, Day, Rates};
use store::Rate;

use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{AppError, Loudou, Result, Words};

/// Rows of a file at most: a hundred currencies over sixty years of days.
const MOST_ROWS: usize = 2_000_000;

/// What is known of a currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurrencyRates {
    /// The currency.
    pub currency: Currency,
    /// How many rates there are.
    pub rates: usize,
    /// The first day that has one: amounts of earlier days do not convert.
    pub first: Day,
    /// The day of the last one, which holds from there on.
    pub last: Day,
    /// What one unit of it is in the home currency since then.
    pub rate: f64,
}

impl Loudou {
    /// Adds the rates of a CSV file, as [`Loudou::add_rates`] does.
    ///
    /// # Errors
    /// The file cannot be read, a row is wrong (the first is named, and nothing is changed).
    pub async fn set_rates(&self, file: &Path) -> Result<usize> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            AppError::input(format!("{}: {error}", file.display()))
                .hint(("请给出 UTF-8 的 CSV 文件", "give a CSV file in UTF-8"))
        })?;
        self.add_rates(&text, &file.display().to_string()).await
    }

    /// Adds the rates of a text in CSV with the columns `date`, `currency`, `rate`: what one unit of the currency is
    /// in the home currency from that day on. A rate of a day that is there already is replaced. Returns how many
    /// rates were read; `name` is what the text is called where a row is wrong.
    ///
    /// # Errors
    /// A row is wrong (the first is named, and nothing is changed), or the role may not set rates.
    pub async fn add_rates(&self, text: &str, name: &str) -> Result<usize> {
        self.who.require(May::Configure)?;
        let into = self.home_currency().await?;
        let rates = read(text, into).map_err(|(line, what)| {
            let zh = what.zh.as_ref().unwrap_or(&what.en);
            AppError::input((format!("{name} 第 {line} 行：{zh}"), format!("{name}, line {line}: {}", what.en))).hint((
                "第一行为 date,currency,rate，之后每行如 2026-11-02,EUR,7.81；没有改动任何汇率",
                "the first line is `date,currency,rate`, then rows such as 2026-11-02,EUR,7.81; nothing was changed",
            ))
        })?;
        let mut writer = self.store.begin().await?;
        writer.set_rates(into, &rates).await?;
        writer.commit().await?;
        Ok(rates.len())
    }

    /// The home currency, and what is known of each other one, by its code.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn known_rates(&self) -> Result<(Currency, Vec<CurrencyRates>)> {
        self.who.require(May::Analyse)?;
        let into = self.home_currency().await?;
        let mut known: Vec<CurrencyRates> = Vec::new();
        for (currency, day, numerator) in self.store.rates(into).await?.iter() {
            let rate = Rates::units(numerator, currency, into);
            match known.last_mut().filter(|last| last.currency == currency) {
                Some(last) => *last = CurrencyRates { rates: last.rates + 1, last: day, rate, ..*last },
                None => known.push(CurrencyRates { currency, rates: 1, first: day, last: day, rate }),
            }
        }
        Ok((into, known))
    }

    /// The rates that are there, by currency and date.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn rates(&self) -> Result<Answer> {
        let into = self.home_currency().await?;
        let columns = vec![
            Column::new("currency", "币种", "currency", Unit::Text),
            Column::new("date", "自", "from", Unit::Date),
            Column::new("rate", "汇率", "rate", Unit::Number),
        ];
        let terms = Terms::default().with_words(
            "rate",
            &format!("一单位外币合 {into}"),
            format!("units of {into} for one of the currency"),
        );
        let mut answer = Answer::new("汇率", "Exchange rates", terms, columns);
        for (from, day, numerator) in self.store.rates(into).await?.iter() {
            let rate = Rates::units(numerator, from, into);
            answer.push(vec![Cell::Text(from.to_string()), Cell::Date(day), Cell::Float(rate)]);
        }
        if answer.rows.is_empty() {
            answer.note(
                "还没有汇率：用 `loudou rates set 文件.csv` 或在设置页添加。",
                "There is no rate yet: add some with `loudou rates set FILE.csv`, or in the settings.",
            );
        }
        Ok(answer)
    }

    async fn home_currency(&self) -> Result<Currency> {
        let organisation = self.store.organisation().await?;
        organisation.map(|organisation| organisation.currency).ok_or_else(|| {
            AppError::input(("还没有组织", "there is no organisation yet"))
                .hint(("请先运行 `loudou init --home-currency CODE`", "begin with `loudou init --home-currency CODE`"))
        })
    }
}

/// Reads the text. An error is the line (from 1) and what is wrong there.
fn read(text: &str, into: Currency) -> std::result::Result<Vec<Rate>, (usize, Words)> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines()).peekable();
    // Without a heading line the cells stand in the usual order.
    let begins =
        lines.peek().is_some_and(|(_, line)| cells(line).next().is_some_and(|cell| Day::parse(cell).is_some()));
    let header: Vec<String> = match begins {
        true => ["date", "currency", "rate"].map(str::to_owned).to_vec(),
        false => lines.next().map(|(_, line)| cells(line).map(str::to_lowercase).collect()).unwrap_or_default(),
    };
    let place = |name: &str| {
        let found = header.iter().position(|head| head == name);
        found.ok_or_else(|| (1, (format!("缺少列“{name}”"), format!("there is no column `{name}`")).into()))
    };
    let (date, currency, rate) = (place("date")?, place("currency")?, place("rate")?);
    let mut rates = Vec::new();
    for (line, row) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row: Vec<&str> = cells(row).collect();
        let cell = |at: usize| row.get(at).copied().unwrap_or_default();
        let wrong = |zh: String, en: String| (line, Words::from((zh, en)));
        // A decimal comma would part a rate in two.
        if row.len() > header.len() {
            let (cells, heads) = (row.len(), header.len());
            return Err(wrong(
                format!("有 {cells} 格，表头只有 {heads} 格；小数请用点：7.81"),
                format!("there are {cells} cells under {heads} headings; write decimals with a point: 7.81"),
            ));
        }
        let day = Day::parse(cell(date)).ok_or_else(|| {
            let day = cell(date);
            wrong(
                format!("“{day}”不是有效日期，请写成 2026-11-02 这样"),
                format!("`{day}` is no date such as 2026-11-02"),
            )
        })?;
        let from = Currency::parse(cell(currency))
            .map_err(|error| wrong(format!("“{}”不是币种代码，请写成 EUR 这样", cell(currency)), error.to_string()))?;
        if from == into {
            let en = format!("{into} is the home currency: it needs no rate");
            return Err(wrong(format!("{into} 是本位币，无需汇率"), en));
        }
        let numerator = Rates::numerator(cell(rate), from, into)
            .map_err(|error| wrong(format!("“{}”不是汇率，请写成 7.81 这样的正数", cell(rate)), error.to_string()))?;
        if rates.len() == MOST_ROWS {
            return Err(wrong(format!("汇率超过 {MOST_ROWS} 行"), format!("there are more than {MOST_ROWS} rates")));
        }
        rates.push(Rate { from, day, numerator });
    }
    let none = || (1, ("其中没有汇率", "there is no rate in it").into());
    if rates.is_empty() { Err(none()) } else { Ok(rates) }
}

/// The cells of a line: none of dates, codes and numbers holds a comma or a quote of its own.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_or_its_first_wrong_line_is_named() {
        let cny = Currency::CNY;
        let read = |text: &str| read(text, cny);
        let rates = read("\u{feff}Date,Currency,Rate\n2026-11-02,EUR,7.81\n\n2026-11-03,JPY,0.0475\n").expect("rates");
        assert_eq!(rates.iter().map(|rate| rate.numerator).collect::<Vec<_>>(), [7_810_000_000, 4_750_000_000]);
        assert_eq!(read("2026-11-02,EUR,7.81").expect("no heading is needed").len(), 1);
        for (text, line, part) in [
            ("2026-11-02,EUR,7.81\n2026-11-03,EUR,x\n", 2, "x"),
            ("", 1, "no column `date`"),
            ("date,rate\n", 1, "no column `currency`"),
            ("date,currency,rate\n", 1, "no rate"),
            ("date,currency,rate\n2026-02-30,EUR,1\n", 2, "2026-02-30"),
            ("date,currency,rate\n2026-02-03,EUR,1\n2026-02-03,euro,1\n", 3, "euro"),
            ("date,currency,rate\n2026-02-03,CNY,1\n", 2, "home currency"),
            ("date,currency,rate\n2026-02-03,EUR,seven\n", 2, "seven"),
            ("date,currency,rate\n2026-02-03,EUR,0\n", 2, "0"),
            ("date;currency;rate\n2026-02-03;EUR;7,81\n", 2, "4 cells under 3 headings"),
            ("date,currency,rate\n2026-02-03,EUR,\"7,81\"\n", 2, "4 cells under 3 headings"),
            ("date,currency,rate\n2026-02-03,EUR,-1\n", 2, "-1"),
        ] {
            let (found, what) = read(text).expect_err(text);
            assert!(found == line && what.en.contains(part), "{text:?}: line {found}: {what:?}");
            assert!(what.zh.is_some_and(|zh| !zh.is_ascii()), "{text:?}");
        }
    }
}
