//! Exchange rates: into the home currency, from a file of dates, and what there is.

use std::path::Path;

use domain::{Currency, Day, Rates};
use store::Rate;

use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{AppError, Loudou, Result};

/// Rows of a file at most: a hundred currencies over sixty years of days.
const MOST_ROWS: usize = 2_000_000;

impl Loudou {
    /// Adds the rates of a CSV file with the columns `date`, `currency`, `rate`: what one unit of the currency is
    /// in the home currency from that day on. A rate of a day that is there already is replaced. Returns how many
    /// rates were read.
    ///
    /// # Errors
    /// The file cannot be read, a row is wrong (the first is named, and nothing is changed).
    pub async fn set_rates(&self, file: &Path) -> Result<usize> {
        let into = self.home_currency().await?;
        let text = std::fs::read_to_string(file).map_err(|error| {
            AppError::input(format!("{}: {error}", file.display())).hint("give a CSV file in UTF-8")
        })?;
        let rates = read(&text, into).map_err(|(line, what)| {
            AppError::input(format!("{}, line {line}: {what}", file.display())).hint(
                "the file has a header `date,currency,rate` and rows such as 2026-11-02,EUR,7.81; nothing was changed",
            )
        })?;
        let mut writer = self.store.begin().await?;
        writer.set_rates(into, &rates).await?;
        writer.commit().await?;
        Ok(rates.len())
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
                "还没有汇率：用 `loudou rates set 文件.csv` 添加。",
                "There is no rate yet: add some with `loudou rates set FILE.csv`.",
            );
        }
        Ok(answer)
    }

    async fn home_currency(&self) -> Result<Currency> {
        let organisation = self.store.organisation().await?;
        organisation.map(|organisation| organisation.currency).ok_or_else(|| {
            AppError::input("there is no organisation yet").hint("begin with `loudou init --home-currency CODE`")
        })
    }
}

/// Reads the file. An error is the line (from 1) and what is wrong there.
fn read(text: &str, into: Currency) -> std::result::Result<Vec<Rate>, (usize, String)> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let header: Vec<String> =
        lines.next().map(|(_, line)| cells(line).map(str::to_lowercase).collect()).unwrap_or_default();
    let place = |name: &str| {
        let found = header.iter().position(|head| head == name);
        found.ok_or_else(|| (1, format!("there is no column `{name}`")))
    };
    let (date, currency, rate) = (place("date")?, place("currency")?, place("rate")?);
    let mut rates = Vec::new();
    for (line, row) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row: Vec<&str> = cells(row).collect();
        let cell = |at: usize| row.get(at).copied().unwrap_or_default();
        let wrong = |what: String| (line, what);
        let day =
            Day::parse(cell(date)).ok_or_else(|| wrong(format!("`{}` is no date such as 2026-11-02", cell(date))))?;
        let from = Currency::parse(cell(currency)).map_err(|error| wrong(error.to_string()))?;
        if from == into {
            return Err(wrong(format!("{into} is the home currency: it needs no rate")));
        }
        let numerator = Rates::numerator(cell(rate), from, into).map_err(|error| wrong(error.to_string()))?;
        if rates.len() == MOST_ROWS {
            return Err(wrong(format!("there are more than {MOST_ROWS} rates")));
        }
        rates.push(Rate { from, day, numerator });
    }
    if rates.is_empty() { Err((1, "there is no rate in it".to_owned())) } else { Ok(rates) }
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
        for (text, line, part) in [
            ("", 1, "no column `date`"),
            ("date,rate\n", 1, "no column `currency`"),
            ("date,currency,rate\n", 1, "no rate"),
            ("date,currency,rate\n2026-02-30,EUR,1\n", 2, "2026-02-30"),
            ("date,currency,rate\n2026-02-03,EUR,1\n2026-02-03,euro,1\n", 3, "euro"),
            ("date,currency,rate\n2026-02-03,CNY,1\n", 2, "home currency"),
            ("date,currency,rate\n2026-02-03,EUR,seven\n", 2, "seven"),
            ("date,currency,rate\n2026-02-03,EUR,0\n", 2, "0"),
            ("date,currency,rate\n2026-02-03,EUR,-1\n", 2, "-1"),
        ] {
            let (found, what) = read(text).expect_err(text);
            assert!(found == line && what.contains(part), "{text:?}: line {found}: {what}");
        }
    }
}
