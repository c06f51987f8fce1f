//! What several clients on four threads may see of each other: transactions are whole, WATCH catches every change, a publisher's
//! messages keep their order.

use crate::server::Server;

const THREADS: &[&str] = &["--threads", "4", "--save", ""];

/// Money moves between accounts of different stripes; whoever looks in one transaction always counts the same sum.
#[test]
fn nobody_sees_half_a_transaction() {
    let server = Server::start(THREADS);
    server.connect().ask("MSET account:0 1000 account:1 1000 account:2 1000");
    std::thread::scope(|scope| {
        for mover in 0..4_usize {
            let server = &server;
            scope.spawn(move || {
                let mut client = server.connect();
                for round in 0..300 {
                    let (from, to) = ((mover + round) % 3, (mover + round + 1) % 3);
                    assert_eq!(client.ask("MULTI"), "OK");
                    client.ask(&format!("DECRBY account:{from} 7"));
                    client.ask(&format!("INCRBY account:{to} 7"));
                    assert!(client.ask("EXEC").starts_with('['));
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let mut client = server.connect();
                for _ in 0..300 {
                    client.ask("MULTI");
                    (0..3).for_each(|account| assert_eq!(client.ask(&format!("GET account:{account}")), "QUEUED"));
                    let sum: i64 = numbers(&client.ask("EXEC")).sum();
                    assert_eq!(sum, 3000);
                }
            });
        }
    });
}

/// A counter that is read, watched and written back loses nothing, although every client tries at once.
#[test]
fn watch_catches_every_change_of_other_threads() {
    let server = Server::start(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut client = server.connect();
                let mut done = 0;
                while done < 150 {
                    assert_eq!(client.ask("WATCH counter"), "OK");
                    let now = client.ask("GET counter").parse::<i64>().unwrap_or(0);
                    client.ask("MULTI");
                    client.ask(&format!("SET counter {}", now + 1));
                    done += usize::from(client.ask("EXEC") == "[OK]");
                }
            });
        }
    });
    assert_eq!(server.connect().ask("GET counter"), "900");
}

/// Each subscriber hears all that each publisher said, in its order.
#[test]
fn the_messages_of_a_publisher_come_in_their_order() {
    const PUBLISHERS: usize = 4;
    const MESSAGES: usize = 500;
    let server = Server::start(THREADS);
    let mut subscribers: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for (index, client) in subscribers.iter_mut().enumerate() {
        client.ask(if index % 2 == 0 { "SUBSCRIBE news" } else { "PSUBSCRIBE n*" });
    }
    std::thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            let server = &server;
            scope.spawn(move || {
                let mut client = server.connect();
                for message in 0..MESSAGES {
                    assert_eq!(client.ask(&format!("PUBLISH news {publisher}-{message}")), "4");
                }
            });
        }
        for client in &mut subscribers {
            scope.spawn(move || {
                let mut next = [0; PUBLISHERS];
                for _ in 0..PUBLISHERS * MESSAGES {
                    let heard = client.reply();
                    let text = heard.trim_end_matches(']').rsplit(", ").next().unwrap_or_default().trim_matches('\'');
                    let (publisher, message) = text.split_once('-').unwrap_or_else(|| panic!("{heard}"));
                    let publisher: usize = publisher.parse().unwrap();
                    assert_eq!(message.parse(), Ok(next[publisher]), "{heard}");
                    next[publisher] += 1;
                }
            });
        }
    });
}

/// The numbers in the text of an array.
fn numbers(reply: &str) -> impl Iterator<Item = i64> {
    reply.trim_matches(['[', ']']).split(", ").map(|number| number.trim_matches('\'').parse().unwrap())
}
