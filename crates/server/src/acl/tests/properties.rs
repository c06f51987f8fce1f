//! Any rules are applied or refused, and a user that is written down and read back decides the same.

use arbtest::arbitrary::{self, Unstructured};
use arbtest::arbtest;
use resp::ArgvBuf;

use crate::acl::check::check;
use crate::acl::file::rewritten;
use crate::acl::rule::{MAX_RULES, join_selectors};
use crate::acl::user::User;
use crate::table::CommandTable;

/// Something like a rule.
fn any_rule(u: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Vec<u8>> {
    const WORDS: [&str; 26] = [
        "on",
        "off",
        "nopass",
        "resetpass",
        ">a",
        ">b",
        "<a",
        "allkeys",
        "resetkeys",
        "~*",
        "~a*",
        "%R~b",
        "%W~b",
        "%RW~?",
        "allchannels",
        "resetchannels",
        "&a*",
        "&b",
        "+@all",
        "-@all",
        "+select|0",
        "+select|1",
        "alldbs",
        "resetdbs",
        "db=0,2",
        "reset",
    ];
    let table = CommandTable::get();
    Ok(match u.int_in_range(0..=6)? {
        0..=1 => u.choose(&WORDS)?.as_bytes().to_vec(),
        2..=3 => {
            let sign = u.choose(b"+-")?;
            let entry = u.choose(table.entries())?;
            [&[*sign], entry.full_name.as_bytes()].concat()
        }
        4 => {
            let sign = u.choose(b"+-")?;
            [&[*sign, b'@'], u.choose(command_api::Acl::ALL)?.name().as_bytes()].concat()
        }
        5 if depth == 0 => {
            let mut rule = b"(".to_vec();
            for _ in 0..u.int_in_range(0..=4)? {
                rule.extend(any_rule(u, 1)?);
                rule.push(b' ');
            }
            rule.push(b')');
            rule
        }
        _ => u.arbitrary()?,
    })
}

fn any_user(u: &mut Unstructured<'_>) -> arbitrary::Result<User> {
    let mut user = User::new(1, b"u", u.arbitrary()?);
    for _ in 0..u.int_in_range(0..=12)? {
        let before = user.clone();
        if user.apply(&any_rule(u, 0)?).is_err() {
            assert_eq!(user, before, "a refused rule changes nothing");
        }
    }
    Ok(user)
}

fn read_back(user: &User) -> User {
    let line = user.describe();
    let words = line.split(|byte| *byte == b' ').skip(2);
    let rules = join_selectors(words).unwrap();
    let mut again = User::new(1, b"u", false);
    again.apply_all(&rules).unwrap_or_else(|(rule, error)| panic!("{}: {error}", rule.escape_ascii()));
    again
}

#[test]
fn a_user_that_is_written_down_reads_back_the_same() {
    arbtest(|u| {
        let user = any_user(u)?;
        let again = read_back(&user);
        assert_eq!(again.describe(), user.describe());
        assert_eq!(again.is_unrestricted(), user.is_unrestricted());
        let mut positions = Vec::new();
        for entry in CommandTable::get().entries() {
            let mut words: Vec<&[u8]> = entry.full_name.split('|').map(str::as_bytes).collect();
            for _ in 0..u.int_in_range(0..=4)? {
                words.push(u.choose(&[&b"a"[..], b"b", b"ab", b"0", b"1", b"get", b"store", b"db", b""])?);
            }
            let argv = ArgvBuf::new(words.iter().copied());
            for db in 0..3 {
                let first = check(&user, entry, argv.as_argv(), db, &mut positions);
                let second = check(&again, entry, argv.as_argv(), db, &mut positions);
                assert_eq!(first, second, "{} {words:?}", entry.full_name);
            }
        }
        Ok(())
    })
    .budget_ms(2_000);
}

#[test]
fn any_bytes_are_a_file_of_users_or_are_not() {
    arbtest(|u| {
        let mut text: Vec<u8> = Vec::new();
        for _ in 0..u.int_in_range(0..=5)? {
            if u.ratio(4, 5)? {
                text.extend_from_slice(b"user ");
            }
            for _ in 0..u.int_in_range(0..=5)? {
                text.extend(any_rule(u, 0)?);
                text.push(b' ');
            }
            text.push(b'\n');
        }
        if let Some(written) = rewritten(&text) {
            assert_eq!(rewritten(&written), Some(written));
        }
        Ok(())
    });
}

#[test]
fn a_user_who_may_do_everything_is_known_as_such() {
    let mut user = User::new(1, b"u", false);
    for (rule, unrestricted) in [
        ("+@all", false),
        ("~*", false),
        ("&*", true),
        ("-get", false),
        ("+@read", true),
        ("db=0", false),
        ("alldbs", true),
        ("(+get)", true),
        ("resetkeys", false),
        ("%R~*", false),
        ("%RW~*", true),
        ("off", true),
        ("reset", false),
    ] {
        user.apply(rule.as_bytes()).unwrap();
        assert_eq!(user.is_unrestricted(), unrestricted, "{rule}");
    }
}

#[test]
fn a_user_has_only_so_many_rules_of_a_kind() {
    let kinds: [fn(usize) -> String; 5] = [
        |n| format!("~{n}"),
        |n| format!("&{n}"),
        |n| format!("+select|{n}"),
        |_| "(+get)".to_owned(),
        |n| format!("#{n:064x}"),
    ];
    for kind in kinds {
        let mut user = User::new(1, b"u", false);
        let refused = (0..=MAX_RULES).find(|n| user.apply(kind(*n).as_bytes()).is_err());
        assert_eq!(refused, Some(MAX_RULES), "{}", kind(1));
    }
}
