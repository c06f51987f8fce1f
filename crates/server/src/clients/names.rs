//! CLIENT SETNAME, GETNAME, SETINFO: what a connection calls itself.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use crate::{ServerCommand, ServerContext};

pub(super) const CLIENT_SETNAME: ServerCommand = ServerCommand::new("setname", client_setname)
    .since("2.6.9")
    .arity(3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&CLIENT_SETNAME_DOCS);

pub(super) const CLIENT_GETNAME: ServerCommand = ServerCommand::new("getname", client_getname)
    .since("2.6.9")
    .arity(2)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_GETNAME_DOCS);

pub(super) const CLIENT_SETINFO: ServerCommand = ServerCommand::new("setinfo", client_setinfo)
    .since("7.2.0")
    .arity(4)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&CLIENT_SETINFO_DOCS);

const BAD_NAME: CommandError =
    CommandError::other("ERR Client names cannot contain spaces, newlines or special characters.");

fn client_setname(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    check_name(name)?;
    cx.client.info.names.lock().name = name.to_vec();
    reply.ok();
    Ok(Flow::Done)
}

fn client_getname(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let names = cx.client.info.names.lock();
    if names.name.is_empty() {
        reply.null();
    } else {
        reply.bulk(&names.name);
    }
    Ok(Flow::Done)
}

fn client_setinfo(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let option = args.bytes()?;
    let value = args.bytes()?;
    let mut names = cx.client.info.names.lock();
    let (field, name) = if option.eq_ignore_ascii_case(b"lib-name") {
        (&mut names.lib_name, "lib-name")
    } else if option.eq_ignore_ascii_case(b"lib-ver") {
        (&mut names.lib_ver, "lib-ver")
    } else {
        let option = String::from_utf8_lossy(option);
        return Err(CommandError::Other(format!("ERR Unrecognized option '{option}'").into()));
    };
    if !is_printable(value) {
        let text = format!("ERR {name} cannot contain spaces, newlines or special characters.");
        return Err(CommandError::Other(text.into()));
    }
    *field = value.to_vec();
    reply.ok();
    Ok(Flow::Done)
}

/// Refuses a name that would break a line of CLIENT LIST.
pub(crate) fn check_name(name: &[u8]) -> Result<(), CommandError> {
    if is_printable(name) { Ok(()) } else { Err(BAD_NAME) }
}

/// Printable ASCII without spaces.
fn is_printable(text: &[u8]) -> bool {
    text.iter().all(|byte| (b'!'..=b'~').contains(byte))
}

const CLIENT_SETNAME_DOCS: Docs =
    Docs::new("Names the connection.", Group::Connection, "O(1)").arguments(&[Arg::string("connection-name")]);

const CLIENT_GETNAME_DOCS: Docs = Docs::new("Tells the connection's name.", Group::Connection, "O(1)");

const CLIENT_SETINFO_DOCS: Docs =
    Docs::new("Tells the server which library the client uses.", Group::Connection, "O(1)").arguments(&[Arg::one_of(
        "attr",
        &[Arg::string("libname").token("LIB-NAME"), Arg::string("libver").token("LIB-VER")],
    )]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_connection_names_itself() {
        check(
            r"
            > CLIENT GETNAME                 => (nil)
            > CLIENT SETNAME 'a b'           => (error) ERR Client names cannot contain spaces, newlines or special characters.
            > CLIENT SETNAME worker:1        => OK
            > CLIENT GETNAME                 => 'worker:1'
            > CLIENT SETNAME ''              => OK
            > CLIENT GETNAME                 => (nil)
        ",
        );
        check(
            r"
            @since 7.2
            > CLIENT SETINFO lib-name 'a b'  => (error) ERR lib-name cannot contain spaces, newlines or special characters.
            > CLIENT SETINFO foo bar         => (error) 'ERR Unrecognized option \'foo\''
            > CLIENT SETINFO LIB-NAME redis-py   => OK
            > CLIENT SETINFO lib-ver 1.2     => OK
            > CLIENT INFO                    => ~'* lib-name=redis-py lib-ver=1.2*'
            > RESET                          => RESET
            > CLIENT GETNAME                 => (nil)
        ",
        );
    }
}
