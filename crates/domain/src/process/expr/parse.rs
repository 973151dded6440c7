//! Text → condition: a tokenizer and a recursive descent, one function a line of the grammar.

use super::{Expr, ExprError, ExprValue, Node, Op, Term, Unit, ValueKind};

/// Longer conditions are refused: nobody could read them, and depth bounds recursion.
const MAX_LENGTH: usize = 2_000;
const MAX_DEPTH: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(i64),
    Text(String),
    Word(String),
    Compare(Op),
    Plus,
    Minus,
    Open,
    Close,
    Comma,
    End,
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("the text '{text}'"),
            Self::Word(word) => format!("`{word}`"),
            Self::Compare(op) => format!("`{}`", op.as_str()),
            Self::Plus => "`+`".to_owned(),
            Self::Minus => "`-`".to_owned(),
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Reads a whole condition.
pub(super) fn condition(source: &str) -> Result<Node, ExprError> {
    if source.len() > MAX_LENGTH {
        return Err(ExprError::TooDeep);
    }
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0 };
    let node = parser.any()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.expected("`and`, `or` or the end")),
    }
}

fn tokens(source: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    let characters: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        if character.is_whitespace() {
            at += 1;
            continue;
        }
        let column = at + 1;
        let (token, length) = token(&characters[at..], column)?;
        found.push((column, token));
        at += length;
    }
    found.push((characters.len() + 1, Token::End));
    Ok(found)
}

/// The token that `rest` begins with, and how many characters it takes.
fn token(rest: &[char], column: usize) -> Result<(Token, usize), ExprError> {
    let while_true = |test: fn(char) -> bool| rest.iter().take_while(|&&c| test(c)).count();
    let pair = |second: char| rest.get(1) == Some(&second);
    Ok(match rest[0] {
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        ',' => (Token::Comma, 1),
        '+' => (Token::Plus, 1),
        '-' => (Token::Minus, 1),
        '=' => (Token::Compare(Op::Eq), 1),
        '!' if pair('=') => (Token::Compare(Op::Ne), 2),
        '<' if pair('=') => (Token::Compare(Op::Le), 2),
        '<' => (Token::Compare(Op::Lt), 1),
        '>' if pair('=') => (Token::Compare(Op::Ge), 2),
        '>' => (Token::Compare(Op::Gt), 1),
        '\'' => {
            let length = rest[1..].iter().position(|&c| c == '\'').ok_or(ExprError::OpenText { column })?;
            (Token::Text(rest[1..=length].iter().collect()), length + 2)
        }
        c if c.is_ascii_digit() => {
            let length = while_true(|c| c.is_ascii_digit());
            let digits: String = rest[..length].iter().collect();
            match digits.parse() {
                Ok(number) => (Token::Number(number), length),
                Err(_) => return Err(ExprError::TooLarge { column, digits }),
            }
        }
        c if c.is_ascii_lowercase() => {
            let length = while_true(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            (Token::Word(rest[..length].iter().collect()), length)
        }
        character => return Err(ExprError::Strange { column, character }),
    })
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(column, _)| *column)
    }

    fn expected(&self, expected: &'static str) -> ExprError {
        ExprError::Expected { column: self.column(), expected, found: self.peek().describe() }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found == word);
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Node, ExprError> {
        let mut nodes = vec![self.all()?];
        while self.take_word("or") {
            nodes.push(self.all()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self) -> Result<Node, ExprError> {
        let mut nodes = vec![self.one()?];
        while self.take_word("and") {
            nodes.push(self.one()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn one(&mut self) -> Result<Node, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExprError::TooDeep);
        }
        let node = if self.take_word("not") {
            Node::Not(Box::new(self.one()?))
        } else if self.take(&Token::Open) {
            let inner = self.any()?;
            if !self.take(&Token::Close) {
                return Err(self.expected("`)`"));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, ExprError> {
        let left = self.sum()?;
        let column = self.column();
        if let Token::Compare(op) = *self.peek() {
            self.at += 1;
            let right = self.sum()?;
            check(column, &left, op, &right)?;
            return Ok(Node::Compare(left, op, right));
        }
        if self.take_word("not") {
            if !self.take_word("in") {
                return Err(self.expected("`in`"));
            }
            return Ok(Node::Not(Box::new(self.list(column, left)?)));
        }
        if self.take_word("in") {
            return self.list(column, left);
        }
        match left {
            Term::Field(_) => Ok(Node::Holds(left)),
            Term::Value(ExprValue::Flag(_)) => Ok(Node::Holds(left)),
            _ => Err(self.expected("a comparison such as `=` or `<`")),
        }
    }

    /// The part of `x in ('a', 'b')` after `in`.
    fn list(&mut self, column: usize, left: Term) -> Result<Node, ExprError> {
        if !self.take(&Token::Open) {
            return Err(self.expected("`(`"));
        }
        let mut items = Vec::new();
        loop {
            let item = self.sum()?;
            check(column, &left, Op::Eq, &item)?;
            items.push(item);
            if self.take(&Token::Close) {
                return Ok(Node::In(left, items));
            }
            if !self.take(&Token::Comma) {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    fn sum(&mut self) -> Result<Term, ExprError> {
        let mut left = self.term()?;
        let mut length = 0;
        loop {
            let column = self.column();
            let minus = match self.peek() {
                Token::Plus => false,
                Token::Minus => true,
                _ => return Ok(left),
            };
            length += 1;
            if length > MAX_DEPTH {
                return Err(ExprError::TooDeep);
            }
            self.at += 1;
            let right = self.term()?;
            left = if minus {
                Term::Minus(Box::new(left), Box::new(right))
            } else {
                Term::Plus(Box::new(left), Box::new(right))
            };
            kind(&left, column)?;
        }
    }

    fn term(&mut self) -> Result<Term, ExprError> {
        let term = match self.peek().clone() {
            Token::Number(number) => {
                self.at += 1;
                return Ok(self.unit().map_or(Term::Value(ExprValue::Number(number)), |unit| Term::Span(number, unit)));
            }
            Token::Minus => {
                self.at += 1;
                let Token::Number(number) = *self.peek() else {
                    return Err(self.expected("a number"));
                };
                Term::Value(ExprValue::Number(-number))
            }
            Token::Text(text) => Term::Value(ExprValue::Text(text)),
            Token::Word(word) => match word.as_str() {
                "true" => Term::Value(ExprValue::Flag(true)),
                "false" => Term::Value(ExprValue::Flag(false)),
                "today" => Term::Today,
                "and" | "or" | "not" | "in" => {
                    return Err(self.expected("a field, a number, a text or `today`"));
                }
                _ => Term::Field(word),
            },
            _ => return Err(self.expected("a field, a number, a text or `today`")),
        };
        self.at += 1;
        Ok(term)
    }

    fn unit(&mut self) -> Option<Unit> {
        let Token::Word(word) = self.peek() else { return None };
        let unit = match word.as_str() {
            "day" | "days" => Unit::Days,
            "week" | "weeks" => Unit::Weeks,
            "month" | "months" => Unit::Months,
            "year" | "years" => Unit::Years,
            _ => return None,
        };
        self.at += 1;
        Some(unit)
    }
}

/// The kind of a term, as far as its text tells; `None` for a field whose name tells nothing.
fn kind(term: &Term, column: usize) -> Result<Option<ValueKind>, ExprError> {
    let (left, right, operator) = match term {
        Term::Value(value) => return Ok(Some(value.kind())),
        Term::Span(..) => return Ok(Some(ValueKind::Span)),
        Term::Today => return Ok(Some(ValueKind::Date)),
        Term::Field(name) => return Ok(kind_of_name(name)),
        Term::Plus(left, right) => (left, right, "+"),
        Term::Minus(left, right) => (left, right, "-"),
    };
    let (left, right) = (kind(left, column)?, kind(right, column)?);
    match (left, right) {
        (Some(ValueKind::Number) | None, Some(ValueKind::Number)) => Ok(Some(ValueKind::Number)),
        (Some(ValueKind::Date) | None, Some(ValueKind::Span)) => Ok(Some(ValueKind::Date)),
        (Some(ValueKind::Date), Some(ValueKind::Date)) if operator == "-" => Ok(Some(ValueKind::Number)),
        (None, None) | (Some(ValueKind::Number), None) => Ok(left),
        (None, Some(ValueKind::Date)) | (Some(ValueKind::Date), None) if operator == "-" => Ok(Some(ValueKind::Number)),
        (left, right) => Err(ExprError::Mismatch {
            column,
            left: left.or(right).unwrap_or(ValueKind::Number),
            operator,
            right: right.or(left).unwrap_or(ValueKind::Number),
        }),
    }
}

/// Units stand last in names, so a name tells its kind.
pub(in crate::process) fn kind_of_name(name: &str) -> Option<ValueKind> {
    if name.ends_with("_on") {
        Some(ValueKind::Date)
    } else if ["_minor", "_days", "_count", "_ppm"].iter().any(|unit| name.ends_with(unit)) {
        Some(ValueKind::Number)
    } else {
        None
    }
}

fn check(column: usize, left: &Term, op: Op, right: &Term) -> Result<(), ExprError> {
    let (left, right) = (kind(left, column)?, kind(right, column)?);
    let same = left.is_none() || right.is_none() || left == right;
    if same && [left, right].into_iter().flatten().all(|kind| op.suits(kind)) {
        return Ok(());
    }
    Err(ExprError::Mismatch {
        column,
        left: left.or(right).unwrap_or(ValueKind::Number),
        operator: op.as_str(),
        right: right.or(left).unwrap_or(ValueKind::Number),
    })
}

impl std::str::FromStr for Expr {
    type Err = ExprError;

    fn from_str(source: &str) -> Result<Self, ExprError> {
        Self::parse(source)
    }
}
