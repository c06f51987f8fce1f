//! A subject whose every answer was written down beforehand: what the harness makes of replies is tested without a server.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;

use resp::{Batch, Limits, RequestParser};

use crate::subject::{ConnId, Received, Subject, Wait};

/// A way to be wrong that only one lens sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A command that arrives in pieces is refused.
    Pieces,
    /// Of several commands in one arrival only the first is answered.
    SecondOfMany,
}

/// The replies to one command.
#[derive(Clone, Debug, Default)]
struct Answer {
    resp2: String,
    resp3: String,
    /// What another connection gets, and which: they count from 0 in the order they are opened.
    elsewhere: Option<(u64, String)>,
    hangs_up: bool,
}

#[derive(Default)]
struct Conn {
    input: Vec<u8>,
    parser: RequestParser,
    arrivals: usize,
    resp3: bool,
    output: Vec<u8>,
    closed: bool,
}

/// What happened to a fake, readable after the harness is done with it.
pub(crate) type Log = Rc<RefCell<Vec<String>>>;

/// Answers known commands as told and all others with an error.
pub(crate) struct Fake {
    answers: BTreeMap<String, Answer>,
    conns: Vec<Conn>,
    fault: Fault,
    /// Opens at this time, in milliseconds, and what connection 0 then gets.
    later: Option<(u64, String)>,
    now_ms: u64,
    twin: Option<Box<Fake>>,
    /// What leaves for replicas, by the times it is asked.
    leaving: VecDeque<Vec<Vec<Vec<u8>>>>,
    pub(crate) log: Log,
}

impl Fake {
    /// `answers`: a command, words separated by spaces, and its reply without the last line end.
    pub(crate) fn new(answers: &[(&str, &str)]) -> Self {
        let mut fake = Self {
            answers: BTreeMap::new(),
            conns: Vec::new(),
            fault: Fault::None,
            later: None,
            now_ms: 0,
            twin: None,
            leaving: VecDeque::new(),
            log: Log::default(),
        };
        for (command, reply) in answers {
            fake = fake.with(command, reply, reply);
        }
        fake.with("HELLO 3", "%0", "%0").with("HELLO 2", "*0", "*0").with("KEYS *", "*0", "*0")
    }

    /// A command that RESP2 and RESP3 answer differently.
    pub(crate) fn with(mut self, command: &str, resp2: &str, resp3: &str) -> Self {
        let line = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\r\n") };
        let answer = Answer { resp2: line(resp2), resp3: line(resp3), ..Answer::default() };
        self.answers.entry(command.to_owned()).or_insert(answer);
        self
    }

    /// Another reply to a command that has one.
    pub(crate) fn replacing(mut self, command: &str, reply: &str) -> Self {
        self.answers.remove(command);
        self.with(command, reply, reply)
    }

    /// `command` also sends `reply` to connection `conn`.
    pub(crate) fn also(mut self, command: &str, conn: u64, reply: &str) -> Self {
        self.answers.entry(command.to_owned()).or_default().elsewhere = Some((conn, format!("{reply}\r\n")));
        self
    }

    /// The server hangs up after `command`.
    pub(crate) fn hanging_up_after(mut self, command: &str) -> Self {
        self.answers.entry(command.to_owned()).or_default().hangs_up = true;
        self
    }

    pub(crate) fn faulty(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    pub(crate) fn with_twin(mut self, twin: Self) -> Self {
        self.twin = Some(Box::new(twin));
        self
    }

    /// The commands, words separated by spaces, that are said to leave for replicas when it is asked next but for what was said before.
    pub(crate) fn leaving(mut self, commands: &[&str]) -> Self {
        let words = |command: &&str| command.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        self.leaving.push_back(commands.iter().map(words).collect());
        self
    }

    /// At `ms` connection 0 gets `reply`.
    pub(crate) fn at(mut self, ms: u64, reply: &str) -> Self {
        self.later = Some((ms, format!("{reply}\r\n")));
        self
    }

    fn run(&mut self, conn: usize) {
        let mut batch = Batch::new(64);
        let limits = Limits::default();
        let state = &mut self.conns[conn];
        let Ok(progress) = state.parser.parse(&state.input, &mut batch, &limits) else {
            state.output.extend_from_slice(b"-ERR Protocol error: x\r\n");
            state.closed = true;
            return;
        };
        let commands: Vec<(bool, String)> = batch
            .iter(&state.input)
            .map(|argv| {
                let words: Vec<String> = argv.iter().map(|word| word.escape_ascii().to_string()).collect();
                // Of a script it knows only that it calls its words.
                let is_script = words[0] == "EVAL";
                (is_script, words.get(if is_script { 3 } else { 0 }..).unwrap_or_default().join(" "))
            })
            .collect();
        state.input.drain(..progress.consumed);
        for (index, (is_script, command)) in commands.iter().enumerate() {
            let pieces = std::mem::take(&mut self.conns[conn].arrivals);
            self.log.borrow_mut().push(command.clone());
            match self.fault {
                Fault::Pieces if pieces > 1 => self.conns[conn].output.extend_from_slice(b"-ERR in pieces\r\n"),
                Fault::SecondOfMany if index > 0 => self.conns[conn].output.extend_from_slice(b"-ERR busy\r\n"),
                Fault::None | Fault::Pieces | Fault::SecondOfMany => match command.strip_prefix("COMMAND INFO ") {
                    Some(names) => self.describe(conn, names),
                    None => self.answer(conn, command),
                },
            }
            let state = &mut self.conns[conn];
            if *is_script && state.output.is_empty() {
                // In a script nothing waits.
                state.output.extend_from_slice(if state.resp3 { b"_\r\n" } else { b"$-1\r\n" });
            }
        }
    }

    /// COMMAND INFO: every command takes any words, and may wait.
    fn describe(&mut self, conn: usize, names: &str) {
        let output = &mut self.conns[conn].output;
        output.extend_from_slice(format!("*{}\r\n", names.split(' ').count()).as_bytes());
        for name in names.split(' ') {
            output.extend_from_slice(format!("*3\r\n+{name}\r\n:-1\r\n*1\r\n+blocking\r\n").as_bytes());
        }
    }

    fn answer(&mut self, conn: usize, command: &str) {
        let unknown =
            Answer { resp2: "-ERR unknown\r\n".to_owned(), resp3: "-ERR unknown\r\n".to_owned(), ..Answer::default() };
        let answer = self.answers.get(command).unwrap_or(&unknown).clone();
        let state = &mut self.conns[conn];
        match command {
            "HELLO 3" => state.resp3 = true,
            "HELLO 2" => state.resp3 = false,
            _ => {}
        }
        let reply = if state.resp3 { &answer.resp3 } else { &answer.resp2 };
        state.output.extend_from_slice(reply.as_bytes());
        state.closed |= answer.hangs_up;
        if let Some((other, reply)) = answer.elsewhere
            && let Some(other) = self.conns.get_mut(usize::try_from(other).unwrap())
        {
            other.output.extend_from_slice(reply.as_bytes());
        }
    }

    fn state(&mut self, conn: ConnId) -> &mut Conn {
        &mut self.conns[usize::try_from(conn.0).unwrap()]
    }
}

impl Subject for Fake {
    fn connect(&mut self) -> io::Result<ConnId> {
        self.conns.push(Conn::default());
        Ok(ConnId(self.conns.len() as u64 - 1))
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) -> io::Result<()> {
        let state = self.state(conn);
        state.input.extend_from_slice(bytes);
        state.arrivals += 1;
        self.run(usize::try_from(conn.0).unwrap());
        Ok(())
    }

    fn receive(&mut self, conn: ConnId, _wait: Wait) -> io::Result<Received> {
        let state = self.state(conn);
        let bytes = std::mem::take(&mut state.output);
        Ok(Received { closed: state.closed && bytes.is_empty(), bytes })
    }

    fn advance_clock(&mut self, ms: u64) -> bool {
        self.now_ms += ms;
        let due = self.later.take_if(|(at, _)| *at <= self.now_ms);
        if let Some((_, reply)) = due {
            self.conns[0].output.extend_from_slice(reply.as_bytes());
        }
        true
    }

    fn listen(&mut self) -> io::Result<bool> {
        Ok(!self.leaving.is_empty())
    }

    fn take_stream(&mut self) -> io::Result<Vec<Vec<Vec<u8>>>> {
        Ok(self.leaving.pop_front().unwrap_or_default())
    }

    fn twin(&mut self) -> Option<&mut dyn Subject> {
        self.twin.as_mut().map(|twin| &mut **twin as &mut dyn Subject)
    }

    fn close(&mut self, conn: ConnId) {
        self.log.borrow_mut().push(format!("close {}", conn.0));
    }

    fn reset(&mut self) -> io::Result<()> {
        self.conns.clear();
        self.now_ms = 0;
        Ok(())
    }
}
