//! `loudou user`: add, list, change, disable, password.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal};

use app::access::{Access, Caller, Named, NewUser, Random, UserChange, UserSeen};
use app::answer::{Answer, Cell, Column, Terms, Unit};
use app::{AppError, Result};
use domain::people::Role;
use serde_json::{Value, json};

use super::open;
use crate::args::{PasswordArgs, UserAddArgs, UserChangeArgs, UserCommand};
use crate::context::Context;

pub(crate) async fn run(context: &Context, command: UserCommand) -> Result<()> {
    let access = door(context).await?;
    match command {
        UserCommand::Add(args) => add(context, &access, args).await,
        UserCommand::List => list(context, &access).await,
        UserCommand::Change(args) => change(context, &access, args).await,
        UserCommand::Disable { name } => {
            let change = UserChange { active: Some(false), ..UserChange::default() };
            apply(context, &access, &name, change).await
        }
        UserCommand::Password(args) => password(context, &access, args).await,
    }
}

/// The door to this run's data.
pub(crate) async fn door(context: &Context) -> Result<Access> {
    Access::of(&open(context).await?, Random::seeded(context.random()?))
}

async fn add(context: &Context, access: &Access, args: UserAddArgs) -> Result<()> {
    let machine = Caller::machine();
    let password = if args.link { None } else { Some(read_password(context)?) };
    let new = NewUser {
        name: args.name,
        roles: roles(&args.role)?,
        password: password.clone(),
        person: args.person.as_deref().map(Named::parse),
        team: args.team.as_deref().map(Named::parse),
    };
    let (seen, code) = access.add_user(&machine, new, context.now()).await?;
    if let Some(password) = password.filter(|_| args.demo) {
        access.show_to_everybody(&machine, &seen.user.name, &password).await?;
    }
    tell(context, context.pick("已添加", "Added"), &seen, code.as_deref())
}

async fn change(context: &Context, access: &Access, args: UserChangeArgs) -> Result<()> {
    let roles = if args.role.is_empty() { None } else { Some(roles(&args.role)?) };
    let team = if args.no_team { Some(None) } else { args.team.as_deref().map(|team| Some(Named::parse(team))) };
    let active = args.enable.then_some(true);
    if roles.is_none() && team.is_none() && active.is_none() {
        return Err(AppError::input(("没有要改的内容", "nothing is to be changed"))
            .hint(("请给出 --role、--team、--no-team 或 --enable", "give --role, --team, --no-team or --enable")));
    }
    apply(context, access, &args.name, UserChange { roles, active, team }).await
}

async fn apply(context: &Context, access: &Access, name: &str, change: UserChange) -> Result<()> {
    let machine = Caller::machine();
    let user = access.user_named(&machine, name).await?.user;
    let seen = access.change_user(&machine, user.id, user.version, change, context.now()).await?;
    tell(context, context.pick("已修改", "Changed"), &seen, None)
}

async fn password(context: &Context, access: &Access, args: PasswordArgs) -> Result<()> {
    let machine = Caller::machine();
    let seen = access.user_named(&machine, &args.name).await?;
    if args.link {
        let code = access.password_link(&machine, seen.user.id, context.now()).await?;
        return tell(context, context.pick("链接", "Link for"), &seen, Some(&code));
    }
    access.set_password(&machine, seen.user.id, &read_password(context)?, context.now()).await?;
    tell(context, context.pick("已设密码", "Password set of"), &seen, None)
}

async fn list(context: &Context, access: &Access) -> Result<()> {
    let columns = vec![
        Column::new("id", "编号", "id", Unit::Count),
        Column::new("name", "用户", "user", Unit::Text),
        Column::new("roles", "角色", "roles", Unit::Text),
        Column::new("team", "团队", "team", Unit::Text),
        Column::new("person", "人员", "person", Unit::Text),
        Column::new("active", "状态", "state", Unit::Text),
        Column::new("last_sign_in_at", "上次登录", "last sign-in", Unit::Text),
    ];
    let mut answer = Answer::new("用户", "Users", Terms::default(), columns);
    for seen in access.users(&Caller::machine()).await? {
        let (zh, en) = if seen.user.active { ("可登录", "active") } else { ("已停用", "disabled") };
        answer.push(vec![
            Cell::Int(seen.user.id),
            Cell::Text(seen.user.name.clone()),
            Cell::Text(role_words(&seen)),
            Cell::Text(seen.team.map(|(_, name)| name).unwrap_or_default()),
            Cell::Text(seen.person_name.unwrap_or_default()),
            Cell::Name { zh: zh.into(), en: en.into(), key: en.into() },
            Cell::Text(seen.user.last_sign_in_at.map(|at| at.to_string()).unwrap_or_default()),
        ]);
    }
    context.show(&answer)
}

fn role_words(seen: &UserSeen) -> String {
    seen.user.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
}

fn tell(context: &Context, verb: &str, seen: &UserSeen, code: Option<&str>) -> Result<()> {
    let link = code.map(|code| format!("/set-password#code={code}"));
    if context.common.json {
        let row: Value = json!({
            "id": seen.user.id,
            "name": seen.user.name,
            "roles": seen.user.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
            "team": seen.team.as_ref().map(|(_, name)| name),
            "active": seen.user.active,
            "link": link,
        });
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    let mut out = format!("{verb} {} ({})\n", seen.user.name, role_words(seen));
    if let Some(link) = link {
        let what = context.pick("设密码的链接，一周内可用一次：", "The link to set the password, once, within a week:");
        out.push_str(&format!("{what}\n{link}\n"));
    }
    context.print(&out)
}

fn roles(words: &[String]) -> Result<BTreeSet<Role>> {
    let role = |word: &String| {
        Role::parse(word).ok_or_else(|| {
            let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
            AppError::input((format!("没有角色“{word}”"), format!("there is no role `{word}`")))
                .hint((format!("角色有：{}", all.join("、")), format!("roles are {}", all.join(", "))))
        })
    };
    words.iter().map(role).collect()
}

/// A password: asked twice at a terminal, else the first line of standard input.
fn read_password(context: &Context) -> Result<String> {
    let failed = |error: std::io::Error| AppError::system(format!("the password could not be read: {error}"));
    if std::io::stdin().is_terminal() {
        let ask = |zh, en| rpassword::prompt_password(context.pick(zh, en)).map_err(failed);
        let (first, second) = (ask("密码：", "Password: ")?, ask("再次输入：", "Again: ")?);
        if first != second {
            return Err(AppError::input(("两次输入的密码不同", "the two passwords differ"))
                .hint(("请重新运行", "run it again")));
        }
        return Ok(first);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(AppError::input(("标准输入里没有密码", "there is no password on standard input")).hint((
            "请从管道传入一行、在终端里运行，或用 --link 生成链接",
            "pipe it in as one line, run it at a terminal, or make a link by --link",
        )));
    }
    Ok(password.to_owned())
}
