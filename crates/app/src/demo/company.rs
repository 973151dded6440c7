//! Who works in the demonstration company and what it sells to whom. All of it is made up.

use super::dice::Dice;

macro_rules! members {
    ($(#[$doc:meta])* $name:ident { $($member:ident $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each member carries its name in both languages")]
        pub enum $name { $($member),* }

        impl $name {
            /// Every member.
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// Its name in both languages.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$member => $text),* }
            }
        }
    };
}

members! {
    /// Sales regions, each worked by one team.
    Region { East "华东 East", North "华北 North", South "华南 South", Central "华中 Central", Southwest "西南 Southwest", Northeast "东北 Northeast" }
}
members! {
    /// Trades of customers.
    Industry { Machinery "机械制造 Machinery", Medicine "医药 Medicine", Retail "零售 Retail", Energy "能源 Energy", Software "软件 Software", Logistics "物流 Logistics" }
}
members! {
    /// Ways by which leads come.
    Channel { Referral "老客户推荐 Referral", Web "官网 Website", Show "展会 Trade show", Call "电话开发 Cold call", Partner "渠道伙伴 Partner", Ads "线上投放 Online ads" }
}
members! {
    /// What is sold.
    Product { Line "产线监控 Line Monitor", Twin "数字孪生 Digital Twin", Quality "质量追溯 Quality Trace", Energy "能耗管理 Energy Manager", Store "仓储调度 Warehouse Control", Service "运维服务 Care Service" }
}

impl Product {
    /// Median deal, in yuan.
    pub(crate) const fn median_yuan(self) -> f64 {
        match self {
            Self::Line => 320_000.0,
            Self::Twin => 680_000.0,
            Self::Quality => 240_000.0,
            Self::Energy => 180_000.0,
            Self::Store => 410_000.0,
            Self::Service => 90_000.0,
        }
    }
}

impl Channel {
    /// Share of leads.
    pub(crate) const WEIGHTS: [f64; 6] = [0.14, 0.24, 0.16, 0.22, 0.12, 0.12];
}

/// Sellers a region.
pub(crate) const SELLERS_A_REGION: usize = 4;
/// Customers a region.
pub(crate) const ACCOUNTS_A_REGION: usize = 60;

const FAMILY: [&str; 30] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧",
];
const GIVEN: [&str; 30] = [
    "磊", "静", "敏", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "秀兰", "霞", "平", "刚", "桂英", "子涵", "雨桐",
    "浩然", "欣怡", "思远", "佳宁", "文博", "晓东", "丽华", "建国", "海燕", "志强", "梦瑶", "一鸣",
];
const CITY: [[&str; 4]; 6] = [
    ["上海", "杭州", "南京", "苏州"],
    ["北京", "天津", "石家庄", "太原"],
    ["广州", "深圳", "佛山", "厦门"],
    ["武汉", "长沙", "郑州", "南昌"],
    ["成都", "重庆", "昆明", "贵阳"],
    ["沈阳", "大连", "长春", "哈尔滨"],
];
const STEM: [&str; 24] = [
    "远航", "恒信", "金石", "明德", "瑞丰", "天成", "海川", "北辰", "华联", "东方", "新锐", "启明", "汇通", "博远",
    "安达", "长青", "星河", "盛业", "同创", "卓越", "宏图", "永安", "嘉禾", "锐思",
];
const STEM_EN: [&str; 16] = [
    "Harbor",
    "Summit",
    "Riverside",
    "Northstar",
    "Evergreen",
    "Bluestone",
    "Lakeside",
    "Granite",
    "Silverline",
    "Oakfield",
    "Pioneer",
    "Meridian",
    "Redwood",
    "Clearwater",
    "Highland",
    "Sunrise",
];

impl Industry {
    const fn trade(self) -> (&'static str, &'static str) {
        match self {
            Self::Machinery => ("精密机械", "Machinery"),
            Self::Medicine => ("制药", "Pharma"),
            Self::Retail => ("百货", "Retail"),
            Self::Energy => ("新能源", "Energy"),
            Self::Software => ("软件", "Software"),
            Self::Logistics => ("物流", "Logistics"),
        }
    }
}

/// A customer.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) region: Region,
    pub(crate) industry: Industry,
    pub(crate) contact: String,
}

/// A seller or a manager.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) region: Region,
    pub(crate) is_manager: bool,
}

/// The people and customers of a seed.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) people: Vec<Person>,
    pub(crate) accounts: Vec<Account>,
}

impl Company {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 1);
        let mut people: Vec<Person> = Vec::new();
        for region in Region::ALL {
            for place in 0..=SELLERS_A_REGION {
                let name = unused(|| person_name(&mut dice), |name| people.iter().any(|person| person.name == *name));
                people.push(Person { name, region: *region, is_manager: place == 0 });
            }
        }
        let mut accounts: Vec<Account> = Vec::new();
        for (at, region) in Region::ALL.iter().enumerate() {
            for _ in 0..ACCOUNTS_A_REGION {
                let industry = *dice.pick(Industry::ALL);
                let taken = |name: &String| accounts.iter().any(|account: &Account| account.name == *name);
                let name = unused(|| account_name(&mut dice, at, industry), taken);
                let contact = person_name(&mut dice);
                accounts.push(Account { name, region: *region, industry, contact });
            }
        }
        Self { people, accounts }
    }

    /// Places of the sellers of a region among the people.
    pub(crate) fn sellers(&self, region: Region) -> Vec<usize> {
        let of_region = |person: &Person| person.region == region && !person.is_manager;
        self.people.iter().enumerate().filter(|(_, person)| of_region(person)).map(|(place, _)| place).collect()
    }

    /// The seller whom [`super::Cause::Star`] favours.
    pub(crate) fn star(&self) -> usize {
        self.sellers(Region::South)[0]
    }
}

/// The first draw that is not taken yet; numbered where a hundred draws were.
fn unused(mut draw: impl FnMut() -> String, taken: impl Fn(&String) -> bool) -> String {
    let mut last = draw();
    for _ in 0..100 {
        if !taken(&last) {
            return last;
        }
        last = draw();
    }
    (2..).map(|number| format!("{last} {number}")).find(|name| !taken(name)).unwrap_or(last)
}

fn person_name(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&FAMILY), dice.pick(&GIVEN))
}

fn account_name(dice: &mut Dice, region: usize, industry: Industry) -> String {
    let (zh, en) = industry.trade();
    if dice.chance(0.2) {
        return format!("{} {en} Ltd", dice.pick(&STEM_EN));
    }
    format!("{}{}{zh}有限公司", dice.pick(&CITY[region]), dice.pick(&STEM))
}
