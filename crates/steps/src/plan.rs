//! Steps to a plan of the engine: each makes another data frame of the one before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Column, JoinType, SchemaError};
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::functions_aggregate::min_max::min_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_nested::make_array::make_array;
use datafusion::functions_window::row_number::row_number;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Expr, ExprFunctionExt, SortExpr, lit};
use datafusion::scalar::ScalarValue;
use domain::words::Text2;
use ingest::DateForms;

use crate::action::{Action, Keep, Kind, Take, Type};
use crate::by_row::ByRow;
use crate::error::StepsError;
use crate::expression::parsed;
use crate::file::Step;
use crate::input::ROW;
use crate::numbers::{Book, Reading};
use crate::room::{Room, StepRoom};
use crate::texts::{Change, Pattern, merged};

/// What a step is planned with.
pub(crate) struct Planner<'a> {
    /// Other tables, by name.
    pub(crate) tables: &'a BTreeMap<String, DataFrame>,
    /// The same, as far as they may be put below another.
    pub(crate) below: &'a BTreeMap<String, DataFrame>,
    pub(crate) book: &'a Book,
    pub(crate) room: &'a Room,
}

/// Why a step does not fit: what, and what to do.
pub(crate) type Planned<T> = Result<T, Text2>;

impl Planner<'_> {
    /// The table after a step; `at` is the step's place, from 0 on.
    pub(crate) fn apply(&self, frame: DataFrame, at: usize, step: &Step) -> Result<DataFrame, StepsError> {
        let room = self.room.of_step(at + 1, step.action.word(), step.name.as_deref());
        self.plan(frame, at + 1, &step.action, &room).map_err(|message| refused(at, step, message))
    }

    /// Why a step that was planned cannot be taken.
    pub(crate) fn unfit(&self, at: usize, step: &Step, error: StepsError) -> StepsError {
        match error {
            StepsError::Engine(message) => refused(at, step, Text2::new(format!("表达式或列有误：{message}"), message)),
            StepsError::TooLarge(message) => refused(at, step, message),
            other => other,
        }
    }

    fn plan(&self, frame: DataFrame, step: usize, action: &Action, room: &StepRoom) -> Planned<DataFrame> {
        let table = Shape::of(&frame);
        let by_row = || ByRow { frame: &frame, has_row: table.has_row, room, book: self.book };
        match action {
            Action::Choose { columns } => {
                table.have(columns)?;
                let chosen: Vec<Expr> = table.with_row(columns.iter().map(col));
                select(frame, chosen)
            }
            Action::Drop { columns } => {
                table.have(columns)?;
                let stays = table.names.iter().filter(|name| !columns.contains(name));
                select(frame, table.with_row(stays.map(col)))
            }
            Action::Rename { columns } => {
                table.have(columns.keys())?;
                let new = |name: &String| columns.get(name).unwrap_or(name).clone();
                distinct(table.names.iter().map(new))?;
                let all = table.names.iter().map(|name| col(name).alias(new(name)));
                select(frame, table.with_row(all))
            }
            Action::Trim { columns } => table.change(frame, columns.as_deref(), room, &|| Change::Trim),
            Action::Width { columns } => table.change(frame, columns.as_deref(), room, &|| Change::Width),
            Action::Lookalikes { columns } => table.change(frame, columns.as_deref(), room, &|| Change::Lookalikes),
            Action::Case { columns, to } => table.change(frame, Some(columns), room, &|| Change::Case(*to)),
            Action::Replace { columns, from, to, regex } => {
                if from.is_empty() {
                    return Err(Text2::new(
                        "`from` 为空：请写明要替换的内容",
                        "`from` is empty: say what is to be replaced",
                    ));
                }
                let change = if *regex {
                    let pattern =
                        Pattern::new(from).map_err(|error| Text2::new(format!("正则表达式有误：{error}"), error))?;
                    Change::Regex { pattern, to: to.clone() }
                } else {
                    Change::Replace { from: from.clone(), to: to.clone() }
                };
                table.change(frame, columns.as_deref(), room, &|| change.clone())
            }
            Action::Split { column, by, into } => {
                table.have([column])?;
                if by.is_empty() || into.is_empty() {
                    return Err(Text2::new(
                        "`by` 是分隔符，`into` 是新列的名称",
                        "`by` is the sign to part at, and `into` names the new columns",
                    ));
                }
                let part = |(at, name): (usize, &String)| {
                    let change = Change::Part { by: by.clone(), at, of: into.len() };
                    (name.clone(), change.call(col(column), room))
                };
                table.with(frame, &into.iter().enumerate().map(part).collect::<Vec<_>>())
            }
            Action::Merge { columns, by, into } => {
                table.have(columns)?;
                let parts = columns.iter().map(col).collect();
                table.with(frame, &[(into.clone(), merged(parts, by, room))])
            }
            Action::Map { column, values, otherwise } => {
                let values =
                    values.iter().map(|(from, to)| (from.trim().to_owned(), to.clone())).collect::<BTreeMap<_, _>>();
                let change = Change::Map { values: values.into_iter().collect(), otherwise: otherwise.clone() };
                table.change(frame, Some(std::slice::from_ref(column)), room, &|| change.clone())
            }
            Action::Fill { columns, with } => {
                table.texts(columns)?;
                room.literal(with)?;
                let filled = |name: &String| (name.clone(), Change::Fill(with.clone()).call(col(name), room));
                let filled: Vec<(String, Expr)> = columns.iter().map(filled).collect();
                table.with(frame, &filled)
            }
            Action::Filter { condition } => {
                let condition = parsed(&frame, condition).and_then(|expr| by_row().condition(expr))?;
                // Beside the rows first: the engine would work out conditions of several steps at once, for rows that the
                // first of them takes out.
                let beside = table.names.iter().map(col).chain([condition.alias(HOLDS)]);
                let told_of = select(frame.clone(), table.with_row(beside))?;
                select(told_of.filter(col(HOLDS)).map_err(told)?, table.with_row(table.names.iter().map(col)))
            }
            Action::Derive { into, expr } => {
                let expr = parsed(&frame, expr).and_then(|expr| by_row().column(expr, into))?;
                table.with(frame.clone(), &[(into.clone(), expr)])
            }
            Action::Type { columns, dates, decimal_comma } => {
                self.typed(frame, &table, room, columns, dates, *decimal_comma)
            }
            Action::Sort { by } => {
                let keys = by.iter().map(|key| key.strip_prefix('-').unwrap_or(key).to_owned());
                table.have(&keys.collect::<Vec<_>>())?;
                let order = by.iter().map(|key| match key.strip_prefix('-') {
                    Some(name) => col(name).sort(false, false),
                    None => col(key).sort(true, false),
                });
                table.in_order(frame, order.chain(table.order()).collect())
            }
            Action::Group { by, take } => {
                table.have(by)?;
                distinct(by.iter().chain(take.keys()).cloned())?;
                let taken = |(name, sql): (&String, &String)| {
                    let expr = parsed(&frame, sql).and_then(|expr| by_row().taken(expr, name));
                    expr.map(|expr| (name.clone(), expr))
                };
                let taken: Vec<(String, Expr)> = take.iter().map(taken).collect::<Planned<_>>()?;
                by_keys(aggregated(frame.clone(), by, taken)?, by)
            }
            Action::Unpivot { columns, names, values } => table.unpivoted(frame, columns, names, values),
            Action::Pivot { names, values, columns, take } => table.pivoted(frame, names, values, columns, *take),
            Action::Join { with, on, kind } => self.joined(frame, &table, with, on, *kind),
            Action::Append { with } => table.appended(frame, of(self.below, with)?, step),
            Action::Dedupe { by, keep } => {
                let by = if by.is_empty() { table.names.clone() } else { by.clone() };
                table.have(&by)?;
                table.deduped(frame, &by, *keep)
            }
        }
    }

    fn typed(
        &self,
        frame: DataFrame,
        table: &Shape,
        room: &StepRoom,
        columns: &BTreeMap<String, Type>,
        dates: &[String],
        decimal_comma: bool,
    ) -> Planned<DataFrame> {
        table.texts(columns.keys())?;
        let dates = if dates.is_empty() { vec!["iso".to_owned()] } else { dates.to_vec() };
        let forms = DateForms::new(&dates).map_err(|form| {
            Text2::new(
                format!("“{form}”不是日期写法：请用 `iso`、`month`、`quarter`、`excel` 或 %d/%m/%Y 这样的符号"),
                format!(
                    "`{form}` is no writing of dates: use `iso`, `month`, `quarter`, `excel` or signs such as %d/%m/%Y"
                ),
            )
        })?;
        let read = |(column, ty): (&String, &Type)| {
            let reading = Reading {
                step: room.step(),
                column: column.clone(),
                ty: *ty,
                dates: dates.clone(),
                forms: forms.clone(),
                decimal_comma,
                book: self.book.clone(),
                share: room.share(),
            };
            (column.clone(), reading.call(col(column), table.has_row.then(|| col(ROW))))
        };
        table.with(frame, &columns.iter().map(read).collect::<Vec<_>>())
    }

    fn joined(
        &self,
        frame: DataFrame,
        table: &Shape,
        with: &str,
        on: &BTreeMap<String, String>,
        kind: Kind,
    ) -> Planned<DataFrame> {
        let other = of(self.tables, with)?;
        let theirs = Shape::of(&other);
        table.have(on.keys())?;
        theirs.have(on.values()).map_err(|message| {
            Text2::new(format!("在“{with}”中：{}", message.zh), format!("in `{with}`: {}", message.en))
        })?;
        if on.is_empty() {
            return Err(Text2::new("`on` 说明哪些列须相等", "`on` says which columns have to be equal"));
        }
        // The other's keys go by names of their own, and its other columns by its own where they are new.
        let hidden = |name: &str| format!("\u{1}{with}.{name}");
        let taken: Vec<(&String, String)> = theirs
            .names
            .iter()
            .filter(|name| !on.values().any(|key| key == *name))
            .map(|name| (name, if table.names.contains(name) { format!("{with}.{name}") } else { name.clone() }))
            .collect();
        let keys: BTreeSet<&String> = on.values().collect();
        let renamed = keys
            .iter()
            .map(|key| col(key).alias(hidden(key)))
            .chain(taken.iter().map(|(name, alias)| col(name).alias(alias)));
        let other = select(other, renamed.collect())?;
        // The other table is what is held in memory; this one, which may be large, goes by it in its order.
        let join = match kind {
            Kind::Left => JoinType::Right,
            Kind::Inner => JoinType::Inner,
            Kind::Anti => JoinType::RightAnti,
        };
        let equal = on.iter().map(|(own, key)| col(hidden(key)).eq(col(own)));
        let joined = other.join_on(frame, join, equal).map_err(told)?;
        let aliases = taken.iter().map(|(_, alias)| col(alias)).filter(|_| kind != Kind::Anti);
        let all = table.names.iter().map(col).chain(aliases);
        let joined = select(joined, table.with_row(all))?;
        // A join keeps no order.
        table.sorted(joined)
    }
}

/// Another table by its name.
fn of(tables: &BTreeMap<String, DataFrame>, name: &str) -> Planned<DataFrame> {
    tables.get(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = tables.keys().map(String::as_str).collect();
        if known.is_empty() {
            Text2::new(
                format!("没有表“{name}”：没有给出其他表"),
                format!("there is no table `{name}`: no other tables were given"),
            )
        } else {
            Text2::new(
                format!("没有表“{name}”；有：{}", known.join("、")),
                format!("there is no table `{name}`; there are {}", known.join(", ")),
            )
        }
    })
}

fn refused(at: usize, step: &Step, message: Text2) -> StepsError {
    StepsError::Step { step: at + 1, action: step.action.word(), name: step.name.clone(), message }
}

/// The rows of one file below those of another of the same table; a column that one lacks is empty there.
pub(crate) fn below(upper: DataFrame, lower: DataFrame) -> Result<DataFrame, StepsError> {
    Shape::of(&upper).appended(upper, lower, 0).map_err(|message| StepsError::Engine(message.en))
}

/// The columns of a table.
struct Shape {
    names: Vec<String>,
    texts: BTreeSet<String>,
    types: BTreeMap<String, DataType>,
    /// Whether rows still have their numbers in the file.
    has_row: bool,
    /// Whether rows were put in an order of their own.
    has_order: bool,
    /// Whether rows were numbered as `group` made them.
    has_group: bool,
}

impl Shape {
    fn of(frame: &DataFrame) -> Self {
        let fields = frame.schema().fields();
        let names = fields.iter().map(|field| field.name().clone()).filter(|name| !is_hidden(name)).collect();
        let has = |name: &str| fields.iter().any(|field| field.name() == name);
        let is_text = |ty: &DataType| Values::of(ty) == Values::Text;
        Self {
            names,
            texts: fields.iter().filter(|field| is_text(field.data_type())).map(|field| field.name().clone()).collect(),
            types: fields.iter().map(|field| (field.name().clone(), field.data_type().clone())).collect(),
            has_row: has(ROW),
            has_order: has(ORDER),
            has_group: has(GROUPED),
        }
    }

    /// Refuses columns that the table does not have.
    fn have<'n>(&self, wanted: impl IntoIterator<Item = &'n String>) -> Planned<()> {
        for name in wanted {
            if !self.names.contains(name) {
                let near = self.names.iter().map(|known| (strsim::jaro_winkler(known, name), known));
                let near = near.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
                let near = near.map(|(_, known)| known);
                let zh = near.map_or_else(|| "。".to_owned(), |known| format!("，是指“{known}”吗？"));
                let en = near.map_or_else(|| ".".to_owned(), |known| format!("; did you mean `{known}`?"));
                return Err(Text2::new(
                    format!("没有列“{name}”{zh}现有列：{}", self.names.join("、")),
                    format!("there is no column `{name}`{en} Columns are: {}", self.names.join(", ")),
                ));
            }
        }
        Ok(())
    }

    /// Refuses columns that are no texts.
    fn texts<'n>(&self, wanted: impl IntoIterator<Item = &'n String> + Clone) -> Planned<()> {
        self.have(wanted.clone())?;
        match wanted.into_iter().find(|name| !self.texts.contains(*name)) {
            None => Ok(()),
            Some(name) => Err(Text2::new(
                format!("“{name}”已是数值而非文本：请把这一步放到 `type` 之前"),
                format!("`{name}` holds values and no texts any more: put this step before `type`"),
            )),
        }
    }

    /// The columns, and what goes along with each row unseen.
    fn with_row(&self, columns: impl IntoIterator<Item = Expr>) -> Vec<Expr> {
        columns.into_iter().chain(self.hidden().map(col)).collect()
    }

    fn hidden(&self) -> impl Iterator<Item = &'static str> + use<> {
        let own = self.has_row.then_some(ROW).into_iter().chain(self.has_order.then_some(ORDER));
        own.chain(self.has_group.then_some(GROUPED))
    }

    /// The order that rows stand in.
    fn order(&self) -> Option<SortExpr> {
        let grouped = self.has_group.then_some(GROUPED);
        self.ordered_by().or(grouped).map(|name| col(name).sort(true, true))
    }

    /// What tells the order that people gave to rows: none did where `group` made them.
    fn ordered_by(&self) -> Option<&'static str> {
        if self.has_order { Some(ORDER) } else { self.has_row.then_some(ROW) }
    }

    /// Rows in the order that they stand in.
    fn sorted(&self, frame: DataFrame) -> Planned<DataFrame> {
        match self.order() {
            Some(order) => frame.sort(vec![order]).map_err(told),
            None => Ok(frame),
        }
    }

    /// Rows put in another order, which later steps keep to.
    fn in_order(&self, frame: DataFrame, order: Vec<SortExpr>) -> Planned<DataFrame> {
        numbered(frame, order, self.names.iter().map(col).chain(self.has_row.then(|| col(ROW))), ORDER)
    }

    /// Changes texts where they stand; all of them where no columns are named.
    fn change(
        &self,
        frame: DataFrame,
        columns: Option<&[String]>,
        room: &StepRoom,
        change: &dyn Fn() -> Change,
    ) -> Planned<DataFrame> {
        let meant: Vec<String> = match columns {
            Some(columns) => {
                self.texts(columns)?;
                columns.to_vec()
            }
            None => self.names.iter().filter(|name| self.texts.contains(*name)).cloned().collect(),
        };
        let changed = meant.into_iter().map(|name| (name.clone(), change().call(col(&name), room)));
        self.with(frame, &changed.collect::<Vec<_>>())
    }

    /// Columns put in the place of those of their name, or behind the others.
    fn with(&self, frame: DataFrame, columns: &[(String, Expr)]) -> Planned<DataFrame> {
        distinct(columns.iter().map(|(name, _)| name.clone()))?;
        let new: BTreeMap<&str, &Expr> = columns.iter().map(|(name, expr)| (name.as_str(), expr)).collect();
        let stands = self.names.iter().map(|name| match new.get(name.as_str()) {
            Some(expr) => (*expr).clone().alias(name),
            None => col(name),
        });
        let added = columns.iter().filter(|(name, _)| !self.names.contains(name));
        let all = stands.chain(added.map(|(name, expr)| expr.clone().alias(name)));
        select(frame, self.with_row(all))
    }

    /// The rows of another table below those of this one.
    fn appended(&self, frame: DataFrame, other: DataFrame, step: usize) -> Planned<DataFrame> {
        let theirs = Self::of(&other);
        let new = theirs.names.iter().filter(|name| !self.names.contains(name));
        let names: Vec<String> = self.names.iter().chain(new).cloned().collect();
        let has_row = self.has_row && theirs.has_row;
        // Rows of the other table are numbered behind all of this one, whatever was put below it before.
        let behind = lit(OTHERS * u64::try_from(step).unwrap_or(0));
        let kinds = |name: &String| self.types.get(name).map(Values::of).zip(theirs.types.get(name).map(Values::of));
        if let Some(name) = names.iter().find(|name| kinds(name).is_some_and(|(ours, theirs)| ours != theirs)) {
            return Err(Text2::new(
                format!("“{name}”在两个表里不是同一类值：请先用 `type` 把两边读成同一类"),
                format!(
                    "`{name}` holds another kind of values in the other table: read both as one kind by `type` first"
                ),
            ));
        }
        let upper = self.widened(frame, &names, &theirs, has_row.then(|| col(ROW)), 0)?;
        let lower = theirs.widened(other, &names, self, has_row.then(|| col(ROW) + behind), 1)?;
        let whole = upper.union(lower).map_err(told)?;
        let place = [PLACE, SORTED].map(|name| col(name).sort(true, true));
        let within = if self.ordered_by().is_some() && theirs.ordered_by().is_some() {
            Vec::new()
        } else {
            names.iter().map(|name| col(name).sort(true, true)).collect()
        };
        let order: Vec<SortExpr> = place.into_iter().chain(within).collect();
        let shape = Self { has_row, ..Self::named(names) };
        // Where both stand as in their files, the numbers of rows tell the order.
        if has_row && !self.has_order && !theirs.has_order {
            let whole = whole.sort(order).map_err(told)?;
            return select(whole, shape.with_row(shape.names.iter().map(col)));
        }
        shape.in_order(whole, order)
    }

    /// The table with these columns, in their order; one that it lacks holds nothing.
    fn widened(
        &self,
        frame: DataFrame,
        names: &[String],
        other: &Self,
        row: Option<Expr>,
        place: i64,
    ) -> Planned<DataFrame> {
        let nothing = |name: &String| {
            let kind = other.types.get(name).unwrap_or(&DataType::Utf8);
            ScalarValue::try_new_null(kind).map(|nothing| lit(nothing).alias(name)).map_err(told)
        };
        let column = |name: &String| if self.names.contains(name) { Ok(col(name)) } else { nothing(name) };
        let columns: Vec<Expr> = names.iter().map(column).collect::<Planned<_>>()?;
        let row = row.map(|row| row.alias(ROW));
        let sorted = self.ordered_by().map_or_else(|| lit(0_u64), col).alias(SORTED);
        select(frame, columns.into_iter().chain(row).chain([lit(place).alias(PLACE), sorted]).collect())
    }

    fn unpivoted(&self, frame: DataFrame, columns: &[String], name: &String, value: &String) -> Planned<DataFrame> {
        self.have(columns)?;
        let stays: Vec<&String> = self.names.iter().filter(|one| !columns.contains(one)).collect();
        distinct(stays.iter().copied().chain([name, value]).cloned())?;
        let kinds: BTreeSet<String> =
            columns.iter().filter_map(|column| self.types.get(column)).map(ToString::to_string).collect();
        if columns.is_empty() || kinds.len() > 1 {
            return Err(Text2::new("请选择存放同类值的列", "name columns that hold the same kind of values"));
        }
        // All columns of a row are taken apart at once: the rows are read, and what is wrong with them told, one time.
        let said = make_array(columns.iter().map(|column| lit(column.as_str())).collect()).alias(name);
        let values = make_array(columns.iter().map(col).collect()).alias(value);
        let lists = select(frame, self.with_row(stays.iter().map(col).chain([said, values])))?;
        let rows = lists.unnest_columns(&[&quoted(name), &quoted(value)]).map_err(told)?;
        let rows = rows.filter(col(value).is_not_null()).map_err(told)?;
        let all: Vec<Expr> = stays.iter().map(col).chain([col(name), col(value)]).collect();
        select(rows, self.with_row(all))
    }

    /// The values of one column as columns of their own: a row for each combination of the others.
    fn pivoted(
        &self,
        frame: DataFrame,
        names: &String,
        values: &String,
        columns: &[String],
        take: Take,
    ) -> Planned<DataFrame> {
        self.have([names, values])?;
        let keys: Vec<String> = self.names.iter().filter(|name| *name != names && *name != values).cloned().collect();
        distinct(keys.iter().chain(columns).cloned())?;
        if columns.is_empty() {
            return Err(Text2::new(
                format!("`columns` 列出“{names}”中要成为列的值"),
                format!("`columns` lists the values of `{names}` that become columns"),
            ));
        }
        let udaf = match take {
            Take::First => first_value_udaf(),
            Take::Sum => sum_udaf(),
            Take::Count => count_udaf(),
        };
        // What comes first is told by the row; a sum has no order.
        let order = || if take == Take::First { self.order().into_iter().collect() } else { Vec::new() };
        let cell = |name: &String| {
            let only = (col(names).eq(lit(name.as_str()))).and(col(values).is_not_null());
            let call = AggregateFunction::new_udf(
                Arc::clone(&udaf),
                vec![col(values)],
                false,
                Some(Box::new(only)),
                order(),
                None,
            );
            (name.clone(), Expr::AggregateFunction(call))
        };
        let least = self.hidden().filter(|name| *name != GROUPED).map(|name| {
            let call = AggregateFunction::new_udf(min_udaf(), vec![col(name)], false, None, Vec::new(), None);
            (name.to_owned(), Expr::AggregateFunction(call))
        });
        let made = aggregated(frame, &keys, columns.iter().map(cell).chain(least).collect())?;
        let Some(ordered_by) = self.ordered_by() else {
            let shown = keys.iter().chain(columns).map(col).collect();
            return by_keys(select(made, shown)?, &keys);
        };
        let order = std::iter::once(col(ordered_by).sort(true, true));
        let order = order.chain(keys.iter().map(|key| col(key).sort(true, false))).collect();
        let made = made.sort(order).map_err(told)?;
        select(made, self.with_row(keys.iter().chain(columns).map(col)))
    }

    fn deduped(&self, frame: DataFrame, by: &[String], keep: Keep) -> Planned<DataFrame> {
        let Some(ordered_by) = self.ordered_by() else {
            return Err(Text2::new(
                "`group` 之后的行没有顺序：请先用 `sort` 排序，或把这一步放到 `group` 之前",
                "rows have no order after `group`: `sort` them first, or put this step before it",
            ));
        };
        let order = vec![col(ordered_by).sort(keep == Keep::First, true)];
        let first = |name: &str| {
            let params =
                AggregateFunction::new_udf(first_value_udaf(), vec![col(name)], false, None, order.clone(), None);
            (name.to_owned(), Expr::AggregateFunction(params))
        };
        let others = self.names.iter().filter(|name| !by.contains(name)).map(|name| first(name));
        let kept = aggregated(frame, by, others.chain(self.hidden().map(first)).collect())?;
        select(self.sorted(kept)?, self.with_row(self.names.iter().map(col)))
    }

    /// A table of which only the columns' names matter.
    const fn named(names: Vec<String>) -> Self {
        Self {
            names,
            texts: BTreeSet::new(),
            types: BTreeMap::new(),
            has_row: false,
            has_order: false,
            has_group: false,
        }
    }
}

/// Rows of other tables have numbers from here on: none of the file.
pub(crate) const OTHERS: u64 = 1 << 40;
/// The order of the rows, where they were put in one that is not their file's.
pub(crate) const ORDER: &str = "\u{1}order";
/// The order in which `group` made rows.
pub(crate) const GROUPED: &str = "\u{1}grouped";
/// An order, while it is being made of another one.
const NEXT_ORDER: &str = "\u{1}next";
/// Whether a row is held by a condition, for a moment.
const HOLDS: &str = "\u{1}holds";
/// The order of appended tables, and that of the rows in each, for a moment.
const PLACE: &str = "\u{1}place";
const SORTED: &str = "\u{1}sorted";

/// Rows in an order, numbered in it by a column of this name beside those that stay.
fn numbered(
    frame: DataFrame,
    order: Vec<SortExpr>,
    stays: impl Iterator<Item = Expr>,
    name: &str,
) -> Planned<DataFrame> {
    let number = row_number().order_by(order).build().map_err(told)?.alias(NEXT_ORDER);
    let numbered = frame.window(vec![number]).map_err(told)?;
    let numbered = select(numbered, stays.chain([col(NEXT_ORDER).alias(name)]).collect())?;
    numbered.sort(vec![col(name).sort(true, true)]).map_err(told)
}

/// Rows in the order of their keys, of which no two agree, and numbered in it: what is equal later stays so.
fn by_keys(frame: DataFrame, keys: &[String]) -> Planned<DataFrame> {
    let names = Shape::of(&frame).names;
    let order = keys.iter().map(|key| col(key).sort(true, false)).collect();
    numbered(frame, order, names.iter().map(col), GROUPED)
}

/// What may stand in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Text,
    Number,
    Time,
    Flag,
    Other,
}

impl Values {
    fn of(ty: &DataType) -> Self {
        match ty {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            ty if ty.is_numeric() => Self::Number,
            ty if ty.is_temporal() => Self::Time,
            DataType::Boolean => Self::Flag,
            _ => Self::Other,
        }
    }
}

/// One row for each of the keys, with what is taken of theirs. While it is taken it has names of its own: the engine
/// confuses what is called like a column that it is made of, once that is taken of again.
fn aggregated(frame: DataFrame, keys: &[String], taken: Vec<(String, Expr)>) -> Planned<DataFrame> {
    let own = |at: usize| format!("\u{1}taken{at}");
    let (names, taken): (Vec<String>, Vec<Expr>) = taken.into_iter().unzip();
    let named = taken.into_iter().enumerate().map(|(at, expr)| expr.alias(own(at))).collect();
    let made = frame.aggregate(keys.iter().map(col).collect(), named).map_err(told)?;
    let meant = names.iter().enumerate().map(|(at, name)| col(own(at)).alias(name));
    select(made, keys.iter().map(col).chain(meant).collect())
}

/// Whether a column is one of ours, which nobody sees.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with('\u{1}')
}

/// A name as expressions have it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column by its name, whatever stands in it.
fn col(name: impl AsRef<str>) -> Expr {
    Expr::Column(Column::from_name(name.as_ref()))
}

fn select(frame: DataFrame, columns: Vec<Expr>) -> Planned<DataFrame> {
    frame.select(columns).map_err(told)
}

fn distinct(names: impl Iterator<Item = String>) -> Planned<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            return Err(Text2::new("有一列没有名称", "a column has no name"));
        }
        if is_hidden(&name) {
            return Err(Text2::new("列名不能以控制字符开头", "a column's name cannot begin with a control character"));
        }
        if !seen.insert(name.clone()) {
            return Err(Text2::new(format!("会有两列都叫“{name}”"), format!("two columns would be called `{name}`")));
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
pub(crate) fn told(error: DataFusionError) -> Text2 {
    if let DataFusionError::External(inner) = error.find_root()
        && let Some(StepsError::Step { message, .. }) = inner.downcast_ref()
    {
        return message.clone();
    }
    if let DataFusionError::SchemaError(found, _) = error.find_root()
        && let SchemaError::FieldNotFound { field, valid_fields } = &**found
    {
        // Names of our own are nobody's columns.
        let known: Vec<&str> =
            valid_fields.iter().map(|column| column.name.as_str()).filter(|name| !is_hidden(name)).collect();
        let name = &field.name;
        return Text2::new(
            format!("没有列“{name}”。现有列：{}", known.join("、")),
            format!("there is no column `{name}`. Columns are: {}", known.join(", ")),
        );
    }
    let text = error.strip_backtrace().replace('\u{1}', "");
    Text2::new(format!("表达式或列有误：{text}"), text)
}
