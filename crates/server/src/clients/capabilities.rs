//! CLIENT CAPA and IMPORT-SOURCE, Valkey's: what a connection can do and what it is here for.
//!
//! `redirect` says that the client understands `-REDIRECT`, which a replica sends instead of an answer; a primary only remembers it. An
//! import source is a tool that copies a live data set; it may call itself so while `import-mode` is on.

use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};

use crate::{ServerCommand, ServerContext};

pub(super) const CLIENT_CAPA: ServerCommand = ServerCommand::new("capa", client_capa)
    .since("8.0.0")
    .arity(-3)
    .noscript()
    .loading()
    .stale()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Connection])
    .docs(&CLIENT_CAPA_DOCS);

pub(super) const CLIENT_IMPORT_SOURCE: ServerCommand = ServerCommand::new("import-source", client_import_source)
    .since("8.1.0")
    .arity(3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_IMPORT_SOURCE_DOCS);

const NOT_IMPORTING: CommandError = CommandError::other("ERR Server is not in import mode");

/// Capabilities that nobody knows are no error: a newer client may have more of them.
fn client_capa(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.rest().any(|word| word.eq_ignore_ascii_case(b"redirect")) {
        cx.client.info.redirects.store(true, Relaxed);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn client_import_source(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let off = args.accept("OFF");
    if !off && !cx.node.live().settings.clients.import_mode {
        return Err(NOT_IMPORTING);
    }
    if !off && !args.accept("ON") {
        return Err(CommandError::Syntax);
    }
    cx.client.info.imports.store(!off, Relaxed);
    reply.ok();
    Ok(Flow::Done)
}

const CLIENT_CAPA_DOCS: Docs = Docs::new("Tells the server what the client can do.", Group::Connection, "O(1)")
    .arguments(&[Arg::string("capability").multiple()]);

const CLIENT_IMPORT_SOURCE_DOCS: Docs =
    Docs::new("Tells the server that the client copies a data set to it, or no longer.", Group::Connection, "O(1)")
        .arguments(&[Arg::one_of("enabled", &[Arg::pure_token("on", "ON"), Arg::pure_token("off", "OFF")])]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn capabilities_are_remembered_and_unknown_ones_pass() {
        check(
            r"
            @only valkey ochre
            > CLIENT CAPA                  => (error) 'ERR wrong number of arguments for \'client|capa\' command'
            > CLIENT CAPA foo              => OK
            > CLIENT LIST CAPA r           => (verbatim txt) ''
            > CLIENT CAPA foo REDIRECT     => OK
            > CLIENT LIST CAPA r           => ~'*capa=r*'
        ",
        );
    }

    #[test]
    fn a_source_may_import_while_the_server_lets_it() {
        check(
            r"
            @only valkey ochre
            > CLIENT IMPORT-SOURCE ON      => (error) ERR Server is not in import mode
            > CLIENT IMPORT-SOURCE x       => (error) ERR Server is not in import mode
            > CLIENT IMPORT-SOURCE off     => OK
            @config import-mode yes
            > CLIENT IMPORT-SOURCE x       => (error) ERR syntax error
            > CLIENT IMPORT-SOURCE on      => OK
            > CLIENT INFO                  => ~'* flags=I *'
            > CLIENT IMPORT-SOURCE OFF     => OK
            > CLIENT INFO                  => ~'* flags=N *'
        ",
        );
    }

    #[test]
    fn what_is_imported_outlives_its_deadline_for_its_source() {
        check(
            r"
            @only valkey ochre
            @skip-lens restore what is over is not dumped
            @config import-mode yes
            A> CLIENT IMPORT-SOURCE on     => OK
            A> SET k 1 PX 1                => OK
            @now +20ms
            B> GET k                       => (nil)
            A> GET k                       => '1'
            A> INCR k                      => 2
            A> PERSIST k                   => 1
            B> GET k                       => '2'
        ",
        );
    }

    /// Looking for the key that should have been removed found it again, without end.
    #[test]
    fn what_is_imported_can_be_added_to_past_its_deadline() {
        check(
            r"
            @only valkey ochre
            @skip-lens restore what is over is not dumped
            @config import-mode yes
            A> CLIENT IMPORT-SOURCE on     => OK
            A> RPUSH l a                   => 1
            A> PEXPIRE l 1                 => 1
            @now +20ms
            A> RPUSH l b                   => 2
            A> PERSIST l                   => 1
            B> LRANGE l 0 -1               => ['a', 'b']
        ",
        );
    }
}
