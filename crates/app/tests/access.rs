//! Who comes in, as whom and for how long; on a clock that stands where it is set.

use std::collections::BTreeSet;

use app::access::{
    Access, Action, Caller, FirstRun, Named, NewTeam, NewToken, NewUser, Once, OwnPassword, Random, SignIn, SignedIn,
    TeamChange, UserChange, Visitor,
};
use app::{AppError, Ask, Fault, Loudou, Organisation, Place};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op, SYSTEM_ACTOR};
use domain::people::{May, Role};
use domain::{Instant, Kind, RecordId, Scope};
use store::{Draft, Store};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;
const PASSWORD: &str = "correct horse battery";

fn now() -> Instant {
    Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"))
}

fn after(micros: i64) -> Instant {
    Instant(now().0 + micros)
}

struct House {
    access: Access,
    loudou: Loudou,
    store: Store,
    place: Place,
    _dir: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), now()).await.expect("it is made");
        let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
        let access = Access::of(&loudou, Random::seeded([3; 32])).expect("a door");
        Self { access, loudou, store, place, _dir: dir }
    }

    async fn user(&self, name: &str, roles: &[Role], team: Option<&str>) -> i64 {
        let new = NewUser { team: team.map(Named::parse), ..user(name, roles) };
        self.access.add_user(&Caller::machine(), new, now()).await.expect("a user").0.user.id
    }

    async fn team(&self, name: &str, parent: Option<RecordId>) -> RecordId {
        let new = NewTeam { name: name.into(), parent };
        self.access.add_team(&Caller::machine(), new, now()).await.expect("a team").id
    }

    async fn enter(&self, name: &str) -> SignedIn {
        self.enter_at(name, PASSWORD, now()).await
    }

    async fn enter_at(&self, name: &str, password: &str, at: Instant) -> SignedIn {
        match self.access.sign_in(name, password, &visitor(), None, at).await.expect("an answer") {
            SignIn::Welcome(signed_in) => *signed_in,
            other => panic!("{name} is turned away: {other:?}"),
        }
    }

    async fn person(&self, name: &str) -> RecordId {
        let mut writer = self.store.begin().await.expect("a writer");
        let record = writer.allocate(1);
        let facts = Facts::default().with(ids::PERSON_NAME, Value::Text(name.into()));
        let draft = Draft {
            kind: Kind::Person,
            record,
            effective_at: now(),
            known_at: now(),
            source_seq: 0,
            import: None,
            actor: SYSTEM_ACTOR,
            op: Op::Assert(facts),
        };
        writer.append(vec![draft], now()).await.expect("it fits");
        writer.commit().await.expect("it is written");
        record
    }

    async fn is_in(&self, token: &str, at: Instant) -> bool {
        self.access.session(token, "", at).await.expect("a look").is_some()
    }
}

fn visitor() -> Visitor {
    Visitor { address: "192.0.2.1".into(), agent: "Firefox\u{1b}[31m".into() }
}

fn user(name: &str, roles: &[Role]) -> NewUser {
    let roles = roles.iter().copied().collect();
    NewUser { name: name.into(), roles, password: Some(PASSWORD.into()), person: None, team: None }
}

fn fault<T: std::fmt::Debug>(result: Result<T, AppError>) -> (Fault, String) {
    let error = result.expect_err("a refusal");
    (error.fault, error.to_string())
}

#[tokio::test]
async fn the_first_run_makes_the_administrator_once() {
    let house = House::new().await;
    let access = &house.access;
    assert!(access.welcome().await.expect("a welcome").first_run);
    let old = access.first_run_code(now()).await.expect("a look").expect("a code");
    let code = access.first_run_code(now()).await.expect("a look").expect("another");
    let first = |code: &str, password: &str| FirstRun {
        code: code.into(),
        name: "王伟".into(),
        password: password.into(),
        organisation: Some(Organisation { name: "华东".into(), ..Organisation::default() }),
        language: Some("zh".into()),
    };
    let wrong = access.first_run(first("guess", PASSWORD), &visitor(), now()).await;
    assert_eq!(fault(wrong).0, Fault::NotFound);
    let weak = access.first_run(first(&code, "1234567890"), &visitor(), now()).await;
    assert_eq!(fault(weak).0, Fault::Input);
    let late = access.first_run(first(&code, PASSWORD), &visitor(), after(DAY)).await;
    assert_eq!(fault(late).0, Fault::NotFound);
    assert!(access.welcome().await.expect("a welcome").first_run, "nothing was made");

    let signed_in = access.first_run(first(&code, PASSWORD), &visitor(), now()).await.expect("the first user");
    let who = &signed_in.caller.who;
    assert_eq!(who.roles, [Role::Administrator, Role::Operations].into());
    assert_eq!(who.scope, Scope::All, "the widest of both roles");
    assert!(who.may.contains(&May::Administer) && who.may.contains(&May::Import));
    assert!(house.is_in(&signed_in.token, now()).await);
    let welcome = access.welcome().await.expect("a welcome");
    assert!(!welcome.first_run);
    assert_eq!((welcome.organisation.as_deref(), welcome.language.as_deref()), (Some("华东"), Some("zh")));
    for used in [&code, &old] {
        assert_eq!(fault(access.first_run(first(used, PASSWORD), &visitor(), now()).await).0, Fault::NotFound);
    }
    assert_eq!(access.first_run_code(now()).await.expect("a look"), None);
}

#[tokio::test]
async fn a_name_is_one_in_every_spelling_and_a_wrong_password_is_none() {
    let house = House::new().await;
    house.user("Ada Lovelace", &[Role::Rep], None).await;
    for name in ["Ada Lovelace", " ada  lovelace", "ＡＤＡ ＬＯＶＥＬＡＣＥ"] {
        house.enter(name).await;
    }
    for (name, password) in
        [("Ada Lovelace", "correct horse batterY"), ("Nobody", PASSWORD), ("", ""), ("a\0b", PASSWORD)]
    {
        let answer = house.access.sign_in(name, password, &Visitor::default(), None, now()).await.expect("an answer");
        assert_eq!(answer, SignIn::Wrong, "{name:?}");
    }
    let taken = house.access.add_user(&Caller::machine(), user("ADA lovelace", &[Role::Rep]), now()).await;
    let (of, message) = fault(taken);
    assert!(of == Fault::Conflict && message.contains("Ada Lovelace"), "{message}");
}

#[tokio::test]
async fn wrong_attempts_close_the_door_for_the_account_and_for_the_address() {
    let house = House::new().await;
    house.user("ada", &[Role::Rep], None).await;
    let attempt = async |name: &str, password: &str, address: &str, at| {
        let visitor = Visitor { address: address.into(), agent: String::new() };
        house.access.sign_in(name, password, &visitor, None, at).await.expect("an answer")
    };
    // A right one in between begins the account's count anew.
    for _ in 0..4 {
        assert_eq!(attempt("ada", "wrong wrong", "192.0.2.1", now()).await, SignIn::Wrong);
    }
    assert!(matches!(attempt("ada", PASSWORD, "192.0.2.1", now()).await, SignIn::Welcome(_)));
    for number in 0..5 {
        let address = format!("198.51.100.{number}");
        assert_eq!(attempt("ADA", "wrong wrong", &address, now()).await, SignIn::Wrong);
    }
    // From anywhere, also with the right password, until the time is over.
    let closed = SignIn::TooMany { retry_after_seconds: 30 };
    assert_eq!(attempt("ada", PASSWORD, "203.0.113.9", now()).await, closed);
    assert!(matches!(attempt("ada", PASSWORD, "203.0.113.9", after(MINUTE)).await, SignIn::Welcome(_)));

    // An address that tries many names is closed for all of them, and for nobody else.
    for number in 0..30 {
        let answer = attempt(&format!("name {number}"), "wrong wrong", "2001:db8::1", now()).await;
        assert_eq!(answer, SignIn::Wrong, "{number}");
    }
    assert!(matches!(attempt("ada", PASSWORD, "2001:db8::2", now()).await, SignIn::TooMany { .. }));
    assert!(matches!(attempt("ada", PASSWORD, "2001:db8:0:1::2", now()).await, SignIn::Welcome(_)));
}

#[tokio::test]
async fn a_session_slides_and_ends() {
    let house = House::new().await;
    house.user("ada", &[Role::Rep], None).await;
    let SignedIn { token, caller } = house.enter("ada").await;
    assert!(!caller.is_note_due(after(4 * MINUTE)) && caller.is_note_due(after(5 * MINUTE)));
    assert!(house.is_in(&token, after(14 * DAY - 1)).await);
    assert!(!house.is_in(&token, after(14 * DAY)).await, "not used for a fortnight");

    // Used every ten days it lasts for ninety, whatever happens; also after the program starts again.
    let mut at = 0;
    while at + 10 * DAY < 90 * DAY {
        at += 10 * DAY;
        let caller = house.access.session(&token, "", after(at)).await.expect("a look").expect("a session");
        house.access.note_use(&caller, after(at)).await.expect("a note");
    }
    let again = Loudou::open(&house.place, after(at)).await.expect("it opens");
    let again = Access::of(&again, Random::seeded([4; 32])).expect("a door");
    assert!(again.session(&token, "", after(90 * DAY - 1)).await.expect("a look").is_some());
    assert!(again.session(&token, "", after(90 * DAY)).await.expect("a look").is_none());

    let listed = house.access.sessions(&caller, now()).await.expect("sessions");
    assert_eq!((listed.len(), listed[0].agent.as_str()), (1, "Firefox[31m"));
    house.access.sign_out(&caller, now()).await.expect("signed out");
    assert!(!house.is_in(&token, now()).await);
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_the_browser_had_and_others_end_on_demand() {
    let house = House::new().await;
    house.user("ada", &[Role::Rep], None).await;
    let other = house.user("bob", &[Role::Rep], None).await;
    let first = house.enter("ada").await;
    let second = house.access.sign_in("ada", PASSWORD, &visitor(), Some(&first.token), now()).await;
    let SignIn::Welcome(second) = second.expect("an answer") else { panic!("turned away") };
    assert_ne!(first.token, second.token);
    assert!(!house.is_in(&first.token, now()).await && house.is_in(&second.token, now()).await);

    let (third, bob) = (house.enter("ada").await, house.enter("bob").await);
    let of = |signed_in: &SignedIn| signed_in.caller.session().expect("a session").id;
    let foreign = house.access.end_session(&bob.caller, of(&third), now()).await;
    assert_eq!(fault(foreign).0, Fault::NotFound);
    house.access.end_session(&second.caller, of(&third), now()).await.expect("it ends");
    assert!(!house.is_in(&third.token, now()).await && house.is_in(&second.token, now()).await);
    house.enter("ada").await;
    house.access.sign_out_everywhere(&second.caller, now()).await.expect("they end");
    assert!(!house.is_in(&second.token, now()).await && house.is_in(&bob.token, now()).await);
    assert_eq!(house.access.end_sessions_of(&Caller::machine(), other, now()).await.expect("they end"), 1);
    assert!(!house.is_in(&bob.token, now()).await);
}

#[tokio::test]
async fn changed_rights_act_at_once_and_renew_the_token() {
    let house = House::new().await;
    house.user("root", &[Role::Administrator], None).await;
    let (machine, id) = (Caller::machine(), house.user("ada", &[Role::Rep], None).await);
    let SignedIn { token, caller } = house.enter("ada").await;
    assert!(caller.who.require(May::Import).is_err());
    assert_eq!(house.access.renewed(&caller, &token, now()).await.expect("a look"), None);

    let seen = house.access.user(&machine, id).await.expect("a user");
    let change = UserChange { roles: Some([Role::Operations].into()), ..UserChange::default() };
    let changed = house.access.change_user(&machine, id, seen.user.version, change.clone(), now()).await;
    let changed = changed.expect("a change");
    let stale = house.access.change_user(&machine, id, seen.user.version, change, now()).await;
    assert_eq!(fault(stale).0, Fault::Changed);
    let caller = house.access.session(&token, "", now()).await.expect("a look").expect("the session goes on");
    assert!(caller.who.require(May::Import).is_ok());
    assert_eq!(caller.who.scope, Scope::All);
    let fresh = house.access.renewed(&caller, &token, now()).await.expect("a look").expect("another token");
    assert!(house.is_in(&fresh, now()).await && house.is_in(&token, after(MINUTE - 1)).await);
    assert!(!house.is_in(&token, after(MINUTE)).await);

    let change = UserChange { active: Some(false), ..UserChange::default() };
    house.access.change_user(&machine, id, changed.user.version, change, now()).await.expect("a change");
    assert!(!house.is_in(&fresh, now()).await);
    let turned_away = house.access.sign_in("ada", PASSWORD, &visitor(), None, now()).await.expect("an answer");
    assert_eq!(turned_away, SignIn::Wrong);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = House::new().await;
    let id = house.user("root", &[Role::Administrator, Role::Operations], None).await;
    let root = house.enter("root").await.caller;
    for change in [
        UserChange { active: Some(false), ..UserChange::default() },
        UserChange { roles: Some([Role::Operations].into()), ..UserChange::default() },
    ] {
        let (of, message) = fault(house.access.change_user(&root, id, 1, change, now()).await);
        assert!(of == Fault::Conflict && message.contains("last active administrator"), "{message}");
    }
    let none = UserChange { roles: Some(BTreeSet::new()), ..UserChange::default() };
    assert_eq!(fault(house.access.change_user(&root, id, 1, none, now()).await).0, Fault::Input);
    house.user("second", &[Role::Administrator], None).await;
    let change = UserChange { roles: Some([Role::Operations].into()), ..UserChange::default() };
    house.access.change_user(&root, id, 1, change, now()).await.expect("there is another one");
}

#[tokio::test]
async fn a_user_is_the_only_person_of_the_name_or_a_new_one() {
    let house = House::new().await;
    let (ada, _, _) = (house.person("ada").await, house.person("bob").await, house.person("bob").await);
    let id = house.user("ada", &[Role::Rep], None).await;
    let seen = house.access.user(&Caller::machine(), id).await.expect("a user");
    assert_eq!((seen.user.person, seen.person_name.as_deref()), (ada, Some("ada")));
    let id = house.user("bob", &[Role::Rep], None).await;
    let third = house.access.user(&Caller::machine(), id).await.expect("a user").user.person;
    assert_eq!(house.store.all_records(Kind::Person).await.expect("people").len(), 4, "neither of the two bobs");
    let by_id = NewUser { person: Some(Named::Id(third)), ..user("robert", &[Role::Rep]) };
    let taken = house.access.add_user(&Caller::machine(), by_id, now()).await;
    assert_eq!(fault(taken).0, Fault::Conflict);
    let none = NewUser { person: Some(Named::Id(9999)), ..user("robert", &[Role::Rep]) };
    assert_eq!(fault(house.access.add_user(&Caller::machine(), none, now()).await).0, Fault::Input);
    // The journal names the person as the actor of what the user does.
    let caller = house.enter("ada").await.caller;
    assert_eq!(caller.who.actor, ada);
}

#[tokio::test]
async fn a_manager_sees_the_teams_below_and_asks_for_parts_of_them() {
    let house = House::new().await;
    let east = house.team("East", None).await;
    let coast = house.team("Coast", Some(east)).await;
    house.team("West", None).await;
    house.user("mia", &[Role::Manager, Role::Rep], Some("East")).await;
    house.user("rob", &[Role::Rep], Some(&format!("#{coast}"))).await;
    let mia = house.enter("mia").await.caller;
    let teams = [east, coast].into();
    assert_eq!(mia.who.scope, Scope::Teams { teams, person: Some(mia.who.actor) });
    let choices = |caller: Caller| {
        let access = house.access.clone();
        async move {
            let choices = access.scope_choices(&caller).await.expect("choices");
            choices.into_iter().map(|choice| (choice.value, choice.en)).collect::<Vec<_>>()
        }
    };
    let team = |id: RecordId, name: &str| (format!("team:#{id}"), name.to_owned());
    let pair = |value: &str, name: &str| (value.to_owned(), name.to_owned());
    let expected = [pair("", "All I may see"), pair("me", "My deals"), team(coast, "Coast"), team(east, "East")];
    assert_eq!(choices(mia.clone()).await, expected);
    // Each of them can be asked for, and what is not among them cannot.
    let session = house.loudou.session(mia.who.clone(), now()).await.expect("a session");
    for (value, _) in choices(mia).await {
        session
            .funnel(&Ask { scope: value.clone(), ..Ask::default() })
            .await
            .unwrap_or_else(|e| panic!("{value}: {e}"));
    }
    assert!(session.funnel(&Ask { scope: "team:West".into(), ..Ask::default() }).await.is_err());
    let rob = house.enter("rob").await.caller;
    assert_eq!((rob.team, choices(rob.clone()).await), (Some(coast), vec![pair("", "My deals")]));
    assert_eq!(choices(Caller::machine()).await.len(), 5);
    house.user("root", &[Role::Administrator], None).await;
    assert_eq!(choices(house.enter("root").await.caller).await, []);
}

#[tokio::test]
async fn teams_stay_a_tree_and_are_told_apart() {
    let house = House::new().await;
    let (access, by) = (&house.access, &Caller::machine());
    let east = house.team("East", None).await;
    let coast = house.team("Coast", Some(east)).await;
    let version = async |id| {
        let teams = access.teams(by).await.expect("teams");
        teams.iter().find(|team| team.id == id).expect("the team").version
    };
    let change = |parent| TeamChange { name: None, parent: Some(parent) };
    let circle = access.change_team(by, east, version(east).await, change(Some(coast)), now()).await;
    assert!(fault(circle).1.contains("circle"));
    let nowhere = access.change_team(by, east, version(east).await, change(Some(999)), now()).await;
    assert_eq!(fault(nowhere).0, Fault::Input);
    let stale = access.change_team(by, coast, version(coast).await - 1, change(None), now()).await;
    assert_eq!(fault(stale).0, Fault::Changed);
    let twin = access.add_team(by, NewTeam { name: "East".into(), parent: None }, now()).await;
    assert_eq!(fault(twin).0, Fault::Conflict);
    let nameless = access.add_team(by, NewTeam { name: " ".into(), parent: None }, now()).await;
    assert_eq!(fault(nameless).0, Fault::Input);

    house.user("rob", &[Role::Rep], Some("Coast")).await;
    let (_, message) = fault(access.delete_team(by, coast, version(coast).await, now()).await);
    assert!(message.contains("1 people"), "{message}");
    assert_eq!(fault(access.delete_team(by, east, version(east).await, now()).await).0, Fault::Conflict);
    let named = TeamChange { name: Some("Shore".into()), parent: None };
    let shore = access.change_team(by, coast, version(coast).await, named, now()).await.expect("another name");
    assert_eq!((shore.name.as_str(), shore.parent, shore.people), ("Shore", Some(east), 1));
    let west = house.team("West", None).await;
    access.delete_team(by, west, version(west).await, now()).await.expect("it is empty");
    assert_eq!(access.teams(by).await.expect("teams").len(), 2);
    assert_eq!(fault(access.delete_team(by, west, 1, now()).await).0, Fault::NotFound);
}

#[tokio::test]
async fn a_token_has_its_users_rights_of_the_moment_or_a_part_of_them() {
    let house = House::new().await;
    house.user("root", &[Role::Administrator], None).await;
    let id = house.user("ada", &[Role::Operations], None).await;
    let (access, machine, ada) = (&house.access, Caller::machine(), house.enter("ada").await.caller);
    let new = |may: Option<&[May]>| NewToken {
        user: id,
        name: "nightly".into(),
        may: may.map(|may| may.iter().copied().collect()),
        days: 30,
    };
    let (seen, whole) = access.new_token(&machine, new(None), now()).await.expect("a token");
    let (_, part) = access.new_token(&ada, new(Some(&[May::Analyse])), now()).await.expect("a token");
    assert!(whole.starts_with("ldt_") && seen.user_name == "ada");
    let bearer = async |token: &str, at| access.bearer(token, "", at).await.expect("a look");
    let of_part = bearer(&part, now()).await.expect("it is good");
    assert_eq!(of_part.who.may, [May::Analyse].into());
    assert!(bearer(&whole, now()).await.expect("it is good").who.may.contains(&May::Sql));
    assert!(bearer("ldt_guess", now()).await.is_none() && bearer(&part, after(30 * DAY)).await.is_none());
    // A token is no session, and no session is a token; a token makes none, and sets no password.
    assert!(!house.is_in(&part, now()).await);
    assert!(bearer(&house.enter("ada").await.token, now()).await.is_none());
    assert_eq!(fault(access.new_token(&of_part, new(None), now()).await).0, Fault::NotAllowed);
    let own = access.change_own_password(&of_part, &part, PASSWORD, "another battery", now()).await;
    assert_eq!(fault(own).0, Fault::NotAllowed);
    let too_much = access.new_token(&ada, new(Some(&[May::Administer])), now()).await;
    assert_eq!(fault(too_much).0, Fault::Input);
    let others = NewToken { user: id + 1, ..new(None) };
    assert_eq!(fault(access.new_token(&ada, others, now()).await).0, Fault::NotAllowed);

    let change = UserChange { roles: Some([Role::Rep].into()), ..UserChange::default() };
    access.change_user(&machine, id, 1, change, now()).await.expect("a change");
    assert!(!bearer(&whole, now()).await.expect("it is good").who.may.contains(&May::Sql));
    access.note_use(&of_part, now()).await.expect("a note");
    assert_eq!(fault(access.tokens(&ada, true).await).0, Fault::NotAllowed);
    let listed = access.tokens(&ada, false).await.expect("tokens");
    assert_eq!(listed.iter().filter(|seen| seen.token.last_used_at.is_some()).count(), 1);
    let root = house.enter("root").await.caller;
    let bob = house.user("bob", &[Role::Rep], None).await;
    let bob = (bob, house.enter("bob").await.caller).1;
    assert_eq!(fault(access.revoke_token(&bob, seen.token.id, now()).await).0, Fault::NotFound);
    access.revoke_token(&root, seen.token.id, now()).await.expect("it goes");
    assert!(bearer(&whole, now()).await.is_none());
}

#[tokio::test]
async fn passwords_are_set_by_their_user_by_a_link_or_by_an_administrator() {
    let house = House::new().await;
    let (access, machine) = (&house.access, Caller::machine());
    let new = NewUser { password: None, ..user("ada", &[Role::Rep]) };
    let (seen, code) = access.add_user(&machine, new, now()).await.expect("a user");
    let code = code.expect("a link");
    assert!(!seen.user.has_password);
    let turned_away = access.sign_in("ada", PASSWORD, &visitor(), None, now()).await.expect("an answer");
    assert_eq!(turned_away, SignIn::Wrong);
    assert_eq!(fault(access.use_password_link(&code, "short", &visitor(), now()).await).0, Fault::Input);
    let late = access.use_password_link(&code, PASSWORD, &visitor(), after(7 * DAY)).await;
    assert_eq!(fault(late).0, Fault::NotFound);
    let first = access.use_password_link(&code, PASSWORD, &visitor(), now()).await.expect("it works once");
    let again = access.use_password_link(&code, PASSWORD, &visitor(), now()).await;
    assert_eq!(fault(again).0, Fault::NotFound);

    let second = house.enter("ada").await;
    let own = async |current: &str, new: &str| {
        access.change_own_password(&second.caller, &second.token, current, new, now()).await
    };
    assert_eq!(own("wrong wrong", "another battery").await.expect("an answer"), OwnPassword::Wrong);
    assert_eq!(fault(own(PASSWORD, "Ada").await).0, Fault::Input);
    let OwnPassword::Changed { token } = own(PASSWORD, "another battery").await.expect("an answer") else {
        panic!("not changed")
    };
    assert!(house.is_in(&token, now()).await);
    assert!(!house.is_in(&second.token, now()).await, "the session has another token");
    assert!(!house.is_in(&first.token, now()).await, "the others have ended");

    access.set_password(&machine, seen.user.id, "a third battery", now()).await.expect("it is set");
    assert!(!house.is_in(&token, now()).await);
    house.enter_at("ada", "a third battery", now()).await;
    let code = access.password_link(&machine, seen.user.id, now()).await.expect("a link");
    access.set_password(&machine, seen.user.id, PASSWORD, now()).await.expect("it is set");
    let useless = access.use_password_link(&code, PASSWORD, &visitor(), now()).await;
    assert_eq!(fault(useless).0, Fault::NotFound);
}

#[tokio::test]
async fn every_administration_takes_the_right_and_is_logged() {
    let house = House::new().await;
    let root = house.user("root", &[Role::Administrator], None).await;
    house.user("ops", &[Role::Operations], None).await;
    let (access, ops) = (&house.access, house.enter("ops").await.caller);
    let refused = [
        fault(access.users(&ops).await).0,
        fault(access.user(&ops, root).await).0,
        fault(access.user_named(&ops, "root").await).0,
        fault(access.add_user(&ops, user("x", &[Role::Rep]), now()).await).0,
        fault(access.change_user(&ops, root, 1, UserChange::default(), now()).await).0,
        fault(access.set_password(&ops, root, PASSWORD, now()).await).0,
        fault(access.password_link(&ops, root, now()).await).0,
        fault(access.end_sessions_of(&ops, root, now()).await).0,
        fault(access.teams(&ops).await).0,
        fault(access.add_team(&ops, NewTeam { name: "T".into(), parent: None }, now()).await).0,
        fault(access.change_team(&ops, 1, 1, TeamChange::default(), now()).await).0,
        fault(access.delete_team(&ops, 1, 1, now()).await).0,
        fault(access.access_log(&ops, None).await).0,
        fault(access.show_to_everybody(&ops, "ops", PASSWORD).await).0,
    ];
    assert!(refused.iter().all(|of| *of == Fault::NotAllowed), "{refused:?}");

    let admin = house.enter("root").await.caller;
    access.sign_in("root", "wrong wrong", &visitor(), None, now()).await.expect("an answer");
    access.log(&admin, Action::Exported, "funnel.csv", serde_json::json!({"rows": 3}), now()).await.expect("a line");
    let page = access.access_log(&admin, None).await.expect("the log");
    let lines: Vec<_> =
        page.rows.iter().map(|row| (row.action.as_str(), row.user.as_ref().map(|(_, n)| n.as_str()))).collect();
    let expected = [
        ("exported", Some("root")),
        ("sign_in_failed", None),
        ("signed_in", Some("root")),
        ("signed_in", Some("ops")),
        ("user_added", None),
        ("user_added", None),
    ];
    assert_eq!((lines.as_slice(), page.next), (&expected[..], None));
    assert_eq!((page.rows[1].subject.as_str(), page.rows[1].address.as_str()), ("root", "192.0.2.1"));
    let older = access.access_log(&admin, Some(page.rows[3].seq)).await.expect("the log");
    assert_eq!(older.rows.len(), 2);
}

#[tokio::test]
async fn a_sign_in_may_be_shown_to_everybody_until_its_password_changes() {
    let house = House::new().await;
    let (access, machine, id) = (&house.access, Caller::machine(), house.user("demo", &[Role::Executive], None).await);
    assert_eq!(fault(access.show_to_everybody(&machine, "demo", "wrong wrong").await).0, Fault::Input);
    access.show_to_everybody(&machine, "Demo", PASSWORD).await.expect("it is shown");
    let demo = access.welcome().await.expect("a welcome").demo.expect("a sign-in");
    assert_eq!((demo.user, demo.name.as_str(), demo.password.as_str()), (id, "demo", PASSWORD));
    access.set_password(&machine, id, "another battery", now()).await.expect("it is set");
    assert_eq!(access.welcome().await.expect("a welcome").demo, None);
}

#[tokio::test]
async fn a_request_with_a_key_is_carried_out_once() {
    let house = House::new().await;
    house.user("ada", &[Role::Rep], None).await;
    house.user("bob", &[Role::Rep], None).await;
    let (access, ada, bob) = (&house.access, house.enter("ada").await.caller, house.enter("bob").await.caller);
    let once = async |by: &Caller, request: &str, at| access.once(by, "k-1", request, at).await.expect("a look");
    assert_eq!(once(&ada, "POST /x {1}", now()).await, Once::New);
    assert_eq!(once(&ada, "POST /x {1}", now()).await, Once::Begun);
    assert_eq!(once(&ada, "POST /x {2}", now()).await, Once::Other);
    assert_eq!(once(&bob, "POST /x {2}", now()).await, Once::New, "keys are each user's own");
    access.keep_answer(&ada, "k-1", 201, "{}").await.expect("it is kept");
    let answered = Once::Answered { status: 201, body: "{}".into() };
    assert_eq!(once(&ada, "POST /x {1}", after(DAY)).await, answered);
    assert_eq!(once(&ada, "POST /x {2}", after(DAY + 1)).await, Once::New, "a day later it is free");
    access.release_key(&bob, "k-1").await.expect("it is given back");
    assert_eq!(once(&bob, "POST /x {1}", now()).await, Once::New);
    for wrong in ["", "a b", "é", &"x".repeat(201)] {
        assert_eq!(fault(access.once(&ada, wrong, "", now()).await).0, Fault::Input, "{wrong}");
    }
}
