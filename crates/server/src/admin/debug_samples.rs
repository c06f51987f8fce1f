//! DEBUG PROTOCOL and ERROR: answers of every shape, for client libraries to try their parsers on.

use command_api::{Args, CommandError, CommandResult, Flow, Reply};

use crate::ServerContext;

const BAD_TYPE: CommandError = CommandError::other(
    "ERR Wrong protocol type name. Please use one of the following: \
     string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
);

const NO_PUSH: CommandError = CommandError::other("ERR RESP2 is not supported by this command");

/// The samples are those of Redis, since tests of clients compare them.
pub(super) fn protocol(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    match args.bytes()?.to_ascii_lowercase().as_slice() {
        b"string" => reply.bulk(b"Hello World"),
        b"integer" => reply.int(12345),
        b"double" => reply.double_text(b"3.141"),
        b"bignum" => reply.big_number("1234567999999999999999999999999999999"),
        b"null" => reply.null(),
        b"array" => {
            reply.array(3);
            (0..3).for_each(|int| reply.int(int));
        }
        b"set" => {
            reply.set(3);
            (0..3).for_each(|int| reply.int(int));
        }
        b"map" => {
            reply.map(3);
            for int in 0..3 {
                reply.int(int);
                reply.bool(int == 1);
            }
        }
        b"attrib" => {
            if reply.attribute(1) {
                reply.bulk(b"key-popularity");
                reply.array(2);
                reply.bulk(b"key:123");
                reply.int(90);
            }
            reply.bulk(b"Some real reply following the attribute");
        }
        b"push" if cx.client.protocol == resp::Protocol::Resp2 => return Err(NO_PUSH),
        b"push" => {
            reply.bulk(b"Some real reply following the push reply");
            reply.push(2);
            reply.bulk(b"server-cpu-usage");
            reply.int(42);
        }
        b"verbatim" => reply.verbatim(b"txt", b"This is a verbatim\nstring"),
        b"true" => reply.bool(true),
        b"false" => reply.bool(false),
        _ => return Err(BAD_TYPE),
    }
    Ok(Flow::Done)
}

/// The text is the client's own, so it may claim to be any error; a line end in it would break the protocol.
pub(super) fn error(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    let text = String::from_utf8_lossy(args.bytes()?).replace(['\r', '\n'], " ");
    Err(CommandError::Other(text.into()))
}

#[cfg(test)]
mod tests {
    use testkit::{Subject as _, Wait};

    use crate::testing::{MemoryServer, in_memory};

    #[test]
    fn samples_are_those_of_redis() {
        let ask = |hello: &str, kind: &str| {
            let mut server = MemoryServer::new(1);
            let conn = server.connect().unwrap();
            server.send(conn, format!("HELLO {hello}\r\n").as_bytes()).unwrap();
            server.receive(conn, Wait::Reply).unwrap();
            server.send(conn, format!("DEBUG PROTOCOL {kind}\r\n").as_bytes()).unwrap();
            String::from_utf8(server.receive(conn, Wait::Reply).unwrap().bytes).unwrap()
        };
        // As redis-server 8.0.6 answers.
        for (kind, resp2, resp3) in [
            ("string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"),
            ("integer", ":12345\r\n", ":12345\r\n"),
            ("double", "$5\r\n3.141\r\n", ",3.141\r\n"),
            (
                "bignum",
                "$37\r\n1234567999999999999999999999999999999\r\n",
                "(1234567999999999999999999999999999999\r\n",
            ),
            ("null", "$-1\r\n", "_\r\n"),
            ("set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"),
            ("map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
            (
                "attrib",
                "$39\r\nSome real reply following the attribute\r\n",
                "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n\
                 $39\r\nSome real reply following the attribute\r\n",
            ),
            ("verbatim", "$25\r\nThis is a verbatim\nstring\r\n", "=29\r\ntxt:This is a verbatim\nstring\r\n"),
            ("true", ":1\r\n", "#t\r\n"),
            ("false", ":0\r\n", "#f\r\n"),
        ] {
            assert_eq!((ask("2", kind), ask("3", kind)), (resp2.into(), resp3.into()), "{kind}");
        }
        assert_eq!(ask("2", "push"), "-ERR RESP2 is not supported by this command\r\n");
    }

    #[test]
    fn an_error_says_what_it_is_told_to() {
        in_memory(
            r"
            > DEBUG ERROR 'LOADING fake message'   => (error) LOADING fake message
            > DEBUG ERROR OOM                      => (error) OOM
            > DEBUG PROTOCOL foo                   => (error) ERR Wrong protocol type name. ...
            > DEBUG nosuch                         => (error) 'ERR unknown subcommand or wrong number of arguments for \'nosuch\'. Try DEBUG HELP.'
            > DEBUG SLEEP                          => (error) 'ERR unknown subcommand or wrong number of arguments for \'SLEEP\'. Try DEBUG HELP.'
            > DEBUG LOG hello                      => OK
            > DEBUG DICT-RESIZING 0                => OK
        ",
        );
    }

    #[test]
    fn populate_makes_strings_of_the_size_asked_for_and_leaves_others_alone() {
        in_memory(
            r"
            > SET key:1 mine               => OK
            > DEBUG POPULATE 3             => OK
            > MGET key:0 key:1 key:2 key:3 => ['value:0', 'mine', 'value:2', (nil)]
            > DEBUG POPULATE 2 kk 10       => OK
            > GET kk:1                     => 'value:1\x00\x00\x00'
            > DEBUG POPULATE 1 short 3     => OK
            > GET short:0                  => 'val'
            > DEBUG POPULATE x             => (error) ERR value is out of range, must be positive
            > DEBUG POPULATE 1 a -1        => (error) ERR value is out of range, must be positive
            > DEBUG POPULATE 1 a 99999999999 => (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > DEBUG RELOAD FOO             => (error) ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.
        ",
        );
    }
}
