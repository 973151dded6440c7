//! Customers with known corruptions: who is whom is known, because the duplicates are made.
//!
//! Half are Chinese, half western. A fifth of the records are corrupted copies of others; beside them lie neighbours
//! that only look alike: one ideograph or letter of the name other, another trade, another place, a number, a branch, a
//! sister with the same domain or the same switchboard.

use std::collections::HashSet;

use matching::{Keys, credit_code_holds};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A customer, and the number of the real organisation behind it.
pub(crate) struct Labelled {
    pub(crate) keys: Keys,
    pub(crate) entity: usize,
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u64() % bound as u64).expect("it is below")
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
    fn digits(&mut self, many: usize) -> String {
        (0..many).map(|_| char::from(b'0' + u8::try_from(self.below(10)).expect("a digit"))).collect()
    }
}

const BRAND: &str = "华信兴达恒力鑫源盛泰安康佳美瑞丰通海天宏德诚嘉宇博创联合金龙凯旺富强新锦隆顺永星辉光明远航晨曦蓝翔云峰雅颂乐园尚品优\
创汇智慧灵动飞跃腾骏朗逸翰林格致思维启航睿捷奥维拓普迈科森科杰比特赛尔诺亚";
const HOMOPHONES: &[(char, char)] = &[
    ('华', '桦'),
    ('信', '芯'),
    ('兴', '星'),
    ('达', '答'),
    ('恒', '衡'),
    ('力', '立'),
    ('鑫', '欣'),
    ('源', '元'),
    ('盛', '胜'),
    ('泰', '态'),
    ('佳', '嘉'),
    ('瑞', '睿'),
    ('丰', '峰'),
    ('宏', '弘'),
    ('诚', '成'),
    ('宇', '羽'),
    ('博', '伯'),
    ('联', '连'),
    ('金', '今'),
    ('富', '福'),
    ('强', '墙'),
    ('新', '欣'),
    ('锦', '紧'),
    ('隆', '龙'),
    ('永', '勇'),
    ('辉', '晖'),
    ('明', '名'),
    ('远', '院'),
    ('智', '志'),
    ('慧', '惠'),
    ('飞', '非'),
    ('腾', '藤'),
    ('科', '可'),
    ('技', '计'),
    ('易', '义'),
    ('贸', '茂'),
];
const PLACES: &[&str] = &[
    "上海", "北京", "深圳", "广州", "杭州", "苏州", "成都", "武汉", "南京", "天津", "江苏", "浙江", "山东", "青岛", "",
];
const TRADES: &[&str] = &[
    "科技",
    "贸易",
    "信息技术",
    "电子商务",
    "网络科技",
    "生物科技",
    "机械",
    "化工",
    "建筑工程",
    "物流",
    "食品",
    "医药",
    "环保",
    "新材料",
    "自动化",
    "电子",
    "实业",
    "文化传媒",
    "能源",
    "装饰",
    "智能科技",
    "汽车服务",
    "供应链管理",
    "教育咨询",
    "",
];
const FORMS: &[&str] = &["有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司", "集团有限公司"];
const SYLLABLES: &[&str] = &[
    "ar", "bel", "cor", "dan", "el", "far", "gen", "hal", "in", "jor", "kel", "lum", "mar", "nor", "ol", "pen", "quin",
    "ros", "sol", "tar", "ul", "ver", "wil", "xan", "yor", "zen", "bra", "cla", "dro", "fle", "gra", "sta", "tri",
    "vo", "mi", "ca",
];
const ENDS: &[&str] = &[
    "a", "co", "dyne", "ex", "ford", "ica", "is", "ix", "land", "man", "on", "or", "son", "tek", "ton", "us", "well",
    "y",
];
const KINDS: &[&str] = &[
    "Technologies",
    "Trading",
    "International",
    "Systems",
    "Logistics",
    "Engineering",
    "Foods",
    "Medical",
    "Energy",
    "Consulting",
    "Manufacturing",
    "Software",
    "Solutions",
    "Industries",
    "Electronics",
    "Services",
    "Pharmaceuticals",
    "Design",
];
const WESTERN: &[&str] = &["Inc.", "Ltd", "LLC", "GmbH", "Co., Ltd.", "Corp.", "S.A.", "Limited", "plc", "B.V."];
const SHORT: &[(&str, &str)] = &[
    ("International", "Intl"),
    ("Technologies", "Tech"),
    ("Manufacturing", "Mfg."),
    ("Engineering", "Eng."),
    ("Systems", "Sys"),
    ("Industries", "Ind."),
    ("Services", "Svcs"),
    ("Pharmaceuticals", "Pharma"),
];

/// A real organisation.
#[derive(Clone)]
struct Company {
    zh: bool,
    place: String,
    brand: String,
    trade: String,
    form: String,
    tail: String,
    phone: String,
    domain: String,
    mailbox: String,
    tax: String,
}

impl Company {
    fn name(&self) -> String {
        if self.zh {
            format!("{}{}{}{}{}", self.place, self.brand, self.trade, self.form, self.tail)
        } else {
            let parts = [&self.brand, &self.trade, &self.tail, &self.form];
            parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
        }
    }
    /// What makes it this one and no other to a reader of its name.
    fn core(&self) -> String {
        format!("{}|{}|{}|{}", self.place, self.brand, self.trade, self.tail)
    }
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn company(dice: &mut Dice, number: usize) -> Company {
    let zh = dice.chance(50);
    let letters: Vec<char> = BRAND.chars().collect();
    let (place, brand, trade, form);
    if zh {
        let many = [2, 2, 3, 3, 3, 4][dice.below(6)];
        brand = (0..many).map(|_| dice.pick(&letters)).collect();
        (place, trade, form) = (dice.pick(PLACES), dice.pick(TRADES), dice.pick(FORMS));
    } else {
        let word = |dice: &mut Dice| {
            let many = 1 + dice.below(2);
            capital(&((0..many).map(|_| dice.pick(SYLLABLES)).collect::<String>() + dice.pick(ENDS)))
        };
        brand = if dice.chance(35) { format!("{} {}", word(dice), word(dice)) } else { word(dice) };
        (place, trade, form) = ("", if dice.chance(80) { dice.pick(KINDS) } else { "" }, dice.pick(WESTERN));
    }
    let mut made = Company {
        zh,
        place: place.to_owned(),
        brand,
        trade: trade.to_owned(),
        form: form.to_owned(),
        tail: String::new(),
        phone: String::new(),
        domain: String::new(),
        mailbox: String::new(),
        tax: String::new(),
    };
    contacts(dice, number, &mut made);
    made
}

fn contacts(dice: &mut Dice, number: usize, made: &mut Company) {
    made.phone = match (made.zh, dice.chance(50)) {
        (true, true) => format!("1{}{}", dice.pick(&["38", "39", "58", "86", "77"]), dice.digits(8)),
        (true, false) => format!("0{}{}{}", dice.pick(&["21", "10", "755", "571"]), 2 + dice.below(7), dice.digits(7)),
        (false, _) => format!("+{}{}{}", dice.pick(&["1", "44", "49", "33"]), 2 + dice.below(7), dice.digits(9)),
    };
    made.domain = format!("{}{number}.{}", dice.pick(SYLLABLES), if made.zh { "cn" } else { "com" });
    made.mailbox = format!("{}.{}", dice.pick(SYLLABLES), dice.pick(SYLLABLES));
    made.tax = if made.zh { credit_code(dice) } else { format!("DE{}", dice.digits(9)) };
}

/// A credit code whose check character holds, found by trying all thirty-one.
fn credit_code(dice: &mut Dice) -> String {
    let front = format!("91{}MA{}X", dice.digits(6), dice.digits(6));
    let letters = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let whole = letters.chars().map(|last| format!("{front}{last}")).find(|code| credit_code_holds(code));
    whole.expect("one of all check characters holds")
}

/// Another organisation that looks like this one.
fn neighbour(dice: &mut Dice, number: usize, of: &Company) -> Company {
    let letters: Vec<char> = BRAND.chars().collect();
    let mut near = of.clone();
    contacts(dice, number, &mut near);
    match (of.zh, dice.below(6)) {
        (true, 0) => {
            let mut brand: Vec<char> = of.brand.chars().collect();
            let at = dice.below(brand.len());
            brand[at] = dice.pick(&letters);
            near.brand = brand.into_iter().collect();
        }
        (true, 1) if !of.place.is_empty() => near.place = dice.pick(&PLACES[..10]).to_owned(),
        (true, 1..=3) => near.trade = dice.pick(TRADES).to_owned(),
        (true, 4) => near.tail = format!("{}分公司", dice.pick(&PLACES[..10])),
        (false, 0) => near.brand = format!("{}{}", capital(dice.pick(SYLLABLES)), &of.brand[2..].to_lowercase()),
        (false, 1..=3) => near.trade = dice.pick(KINDS).to_owned(),
        (false, 4) => near.tail = dice.pick(&["2", "North", "II", "Holding West"]).to_owned(),
        _ => near.brand = format!("{}{}", of.brand, if of.zh { "达" } else { " Nova" }),
    }
    // A sister of the same group: one domain, or one switchboard.
    match dice.below(10) {
        0 | 1 => near.domain.clone_from(&of.domain),
        2 => near.phone.clone_from(&of.phone),
        _ => {}
    }
    near
}

fn keys(dice: &mut Dice, of: &Company, name: String) -> Keys {
    let mut keys = Keys { names: vec![name], ..Keys::default() };
    if dice.chance(80) {
        keys.phones.push(of.phone.clone());
    }
    if dice.chance(60) {
        let own = dice.chance(70);
        let host = if own { of.domain.as_str() } else { dice.pick(&["qq.com", "163.com", "gmail.com"]) };
        keys.emails.push(format!("{}@{host}", of.mailbox));
    }
    keys.site = dice.chance(50).then(|| of.domain.clone());
    keys.tax_number = dice.chance(35).then(|| of.tax.clone());
    keys
}

fn slip(dice: &mut Dice, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let places: Vec<usize> = (1..letters.len()).filter(|at| letters[*at].is_alphabetic()).collect();
    if places.len() < 3 {
        return word.to_owned();
    }
    let at = dice.pick(&places);
    match dice.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = dice.pick(&['a', 'e', 'i', 'o', 'r', 's', 't', 'n']),
    }
    letters.into_iter().collect()
}

fn chinese_slip(dice: &mut Dice, name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let fit: Vec<(usize, char)> = (0..letters.len())
        .filter_map(|at| HOMOPHONES.iter().find(|(one, _)| *one == letters[at]).map(|(_, other)| (at, *other)))
        .collect();
    let mut out = letters;
    match fit.is_empty() {
        false => {
            let (at, other) = dice.pick(&fit);
            out[at] = other;
        }
        true => {
            let at = 1 + dice.below(out.len() - 1);
            out.remove(at);
        }
    }
    out.into_iter().collect()
}

/// The name of a company as somebody else typed it: one to three things are done to it.
fn corrupted_name(dice: &mut Dice, of: &Company) -> String {
    let mut of = of.clone();
    let mut name = None;
    for _ in 0..=dice.below(3) {
        match (of.zh, dice.below(8)) {
            (true, 0 | 1) => of.form = String::new(),
            (true, 2) => of.form = dice.pick(FORMS).to_owned(),
            (true, 3) if !of.place.is_empty() => {
                name = Some(format!("{}{}（{}）{}{}", of.brand, of.trade, of.place, of.form, of.tail));
            }
            (true, 4) => of.place = String::new(),
            (true, 5) => of.trade = chinese_slip(dice, &format!("{}{}", std::mem::take(&mut of.brand), of.trade)),
            (true, 6) => of.form = of.form.chars().map(|letter| format!("{letter} ")).collect(),
            (false, 0 | 1) => of.form = String::new(),
            (false, 2) => of.form = dice.pick(WESTERN).to_owned(),
            (false, 3) => {
                let mut words: Vec<&str> = of.brand.split(' ').chain([of.trade.as_str()]).collect();
                let by = words.len() / 2;
                words.rotate_left(by);
                of.trade = words.join(" ").trim().to_owned();
                of.brand = String::new();
            }
            (false, 4) => {
                if let Some((_, short)) = SHORT.iter().find(|(long, _)| *long == of.trade) {
                    of.trade = (*short).to_owned();
                }
            }
            (false, 5) => of.brand = slip(dice, &of.brand),
            (false, 6) => of.trade = slip(dice, &of.trade),
            _ => {
                let plain = name.take().unwrap_or_else(|| of.name());
                name = Some(match dice.below(3) {
                    0 => plain.to_uppercase(),
                    1 => plain.chars().map(wide).collect(),
                    _ => plain.replace(' ', "  ").replace(['.', ','], "") + " ",
                });
            }
        }
    }
    let name = name.unwrap_or_else(|| of.name());
    if name.chars().filter(|letter| letter.is_alphanumeric()).count() < 2 {
        format!("{}{}", of.brand, of.form)
    } else {
        name
    }
}

fn wide(letter: char) -> char {
    match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        other => other,
    }
}

fn corrupted(dice: &mut Dice, of: &Company) -> Keys {
    let name = corrupted_name(dice, of);
    let mut keys = keys(dice, of, name);
    for phone in &mut keys.phones {
        let digits = phone.trim_start_matches('+').to_owned();
        let (front, back) = digits.split_at(digits.len() - 4);
        *phone = match dice.below(5) {
            0 if of.zh => format!("+86 {} {back}", front.trim_start_matches('0')),
            0 | 1 => format!("{front}-{back}"),
            2 => format!("{front} {back} 转 {}", dice.digits(3)),
            3 => dice.digits(11),
            _ => phone.clone(),
        };
    }
    keys.site = keys.site.map(|site| if dice.chance(50) { format!("https://www.{site}/") } else { site });
    keys.tax_number = keys.tax_number.map(|tax| match dice.below(5) {
        0 => tax.to_lowercase(),
        1 => format!("{} {}", &tax[..6], &tax[6..]),
        _ => tax,
    });
    keys
}

/// `count` customers in a shuffled order, a fifth of them corrupted copies.
pub(crate) fn customers(count: usize, seed: u64) -> Vec<Labelled> {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let mut companies: Vec<Company> = Vec::new();
    let mut known = HashSet::new();
    while companies.len() < count * 4 / 5 {
        let number = companies.len();
        let near = number > 0 && dice.chance(15);
        let made = if near {
            let of = companies[dice.below(number)].clone();
            neighbour(&mut dice, number, &of)
        } else {
            company(&mut dice, number)
        };
        // Two of one name, place and trade are nobody's to tell apart; they would be errors in the labels.
        if known.insert(made.core()) {
            companies.push(made);
        }
    }
    let mut out: Vec<Labelled> = Vec::with_capacity(count);
    for (entity, made) in companies.iter().enumerate() {
        out.push(Labelled { keys: keys(&mut dice, made, made.name()), entity });
    }
    while out.len() < count {
        let entity = dice.below(companies.len());
        out.push(Labelled { keys: corrupted(&mut dice, &companies[entity]), entity });
    }
    for at in (1..out.len()).rev() {
        let other = dice.below(at + 1);
        out.swap(at, other);
    }
    for (id, customer) in (1..).zip(&mut out) {
        customer.keys.id = id;
    }
    out
}

/// How many pairs were found, are there, and are both.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quality {
    pub found: u64,
    pub there: u64,
    pub right: u64,
}

impl Quality {
    pub(crate) fn precision(self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }
    pub(crate) fn recall(self) -> f64 {
        self.right as f64 / self.there.max(1) as f64
    }
}

/// Holds clusters against the labels, pair by pair.
pub(crate) fn quality(customers: &[Labelled], clusters: &[matching::Cluster]) -> Quality {
    let pairs = |many: u64| many * many.saturating_sub(1) / 2;
    let entity = |id: i64| customers[usize::try_from(id - 1).expect("an id")].entity;
    let mut there = std::collections::HashMap::new();
    for customer in customers {
        *there.entry(customer.entity).or_insert(0_u64) += 1;
    }
    let mut out = Quality { there: there.values().map(|many| pairs(*many)).sum(), ..Quality::default() };
    for cluster in clusters {
        out.found += pairs(cluster.records.len() as u64);
        let mut within = std::collections::HashMap::new();
        for id in &cluster.records {
            *within.entry(entity(*id)).or_insert(0_u64) += 1;
        }
        out.right += within.values().map(|many| pairs(*many)).sum::<u64>();
    }
    out
}
