//! The file of the steps.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::action::Action;
use crate::error::StepsError;

/// A step: what it does, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// For people.
    pub name: Option<String>,
    /// The change.
    pub action: Action,
}

/// Steps, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps(pub Vec<Step>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(default)]
    steps: Vec<Table>,
}

#[derive(Serialize)]
struct Written {
    steps: Vec<Table>,
}

impl Steps {
    /// Reads a file: `[[steps]]`, each with `do`, what that asks for, and a `name` where it helps.
    ///
    /// # Errors
    /// [`StepsError::File`], by line or by step.
    pub fn parse(text: &str) -> Result<Self, StepsError> {
        let wrong = |place: String, message: &str| StepsError::File { place, message: message.trim().to_owned() };
        let shape: Shape = toml::from_str(text).map_err(|error| {
            let before =
                error.span().and_then(|span| text.get(..span.start)).map_or(0, |part| part.matches('\n').count());
            wrong(format!("line {}", before + 1), error.message())
        })?;
        Self::of(shape.steps)
    }

    /// Steps as another file holds them: a table each, with `do` and what that asks for.
    ///
    /// # Errors
    /// [`StepsError::File`], by step.
    pub fn of(tables: Vec<Table>) -> Result<Self, StepsError> {
        let wrong = |place: String, message: &str| StepsError::File { place, message: message.trim().to_owned() };
        let step = |(at, mut table): (usize, Table)| {
            let name = match table.remove("name") {
                None => None,
                Some(Value::String(name)) => Some(name),
                Some(_) => return Err(wrong(format!("step {}", at + 1), "`name` is a text")),
            };
            let action = table
                .try_into()
                .map_err(|error: toml::de::Error| wrong(format!("step {}", at + 1), error.message()))?;
            Ok(Step { name, action })
        };
        tables.into_iter().enumerate().map(step).collect::<Result<_, _>>().map(Self)
    }

    /// The other tables that steps bring in.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match &step.action {
            Action::Join { with, .. } | Action::Append { with } => Some(with.as_str()),
            _ => None,
        })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`StepsError::File`]: a value that TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, StepsError> {
        let wrong =
            |error: toml::ser::Error| StepsError::File { place: "the steps".to_owned(), message: error.to_string() };
        let mut steps = Vec::with_capacity(self.0.len());
        for Step { name, action } in &self.0 {
            let mut table = Table::new();
            if let Some(name) = name {
                table.insert("name".to_owned(), Value::String(name.clone()));
            }
            table.extend(Table::try_from(action).map_err(wrong)?);
            steps.push(table);
        }
        toml::to_string(&Written { steps }).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_the_same_when_it_is_written_again() {
        let text = "[[steps]]\nname = \"totals out\"\ndo = \"filter\"\nwhere = \"\\\"Region\\\" <> 'Total'\"\n\n\
                    [[steps]]\ndo = \"type\"\ndates = [\"%d/%m/%Y\"]\n[steps.columns]\nAmount = \"number\"\n\n\
                    [[steps]]\ndo = \"dedupe\"\nby = [\"Id\"]\nkeep = \"last\"\n";
        let steps = Steps::parse(text).expect("it is sound");
        assert_eq!(steps.0.iter().map(|step| step.action.word()).collect::<Vec<_>>(), ["filter", "type", "dedupe"]);
        let again = steps.to_toml().expect("it is written");
        assert_eq!(Steps::parse(&again).expect("it is sound"), steps, "{again}");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        for (text, expected) in [
            ("[[steps]]\ndo = \"dance\"\n", "step 1: unknown variant `dance`"),
            ("[[steps]]\ndo = \"trim\"\n[[steps]]\ndo = \"drop\"\n", "step 2: missing field `columns`"),
            ("[[steps]]\ndo = \"trim\"\ncolour = 1\n", "step 1: unknown field `colour`"),
            ("[[steps]]\ndo = \"trim\"\nname = 1\n", "step 1: `name` is a text"),
            ("[[steps]\n", "line 1:"),
            ("[[step]]\n", "line 1: unknown field `step`"),
        ] {
            let error = Steps::parse(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
