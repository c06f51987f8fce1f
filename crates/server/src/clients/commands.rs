//! CLIENT: the container of its subcommands, and HELP.

use command_api::{Acl, Args, CommandResult, Docs, Flow, Group, Reply};

use crate::clients::{capabilities, kill, list, manners, names, pausing, unblock};
use crate::help::help;
use crate::tracking;
use crate::{ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&CLIENT];

const CLIENT: ServerCommand = ServerCommand::container(
    "client",
    &[
        &list::CLIENT_ID,
        &list::CLIENT_INFO,
        &list::CLIENT_LIST,
        &names::CLIENT_SETNAME,
        &names::CLIENT_GETNAME,
        &names::CLIENT_SETINFO,
        &kill::CLIENT_KILL,
        &manners::CLIENT_REPLY,
        &manners::CLIENT_NO_EVICT,
        &manners::CLIENT_NO_TOUCH,
        &capabilities::CLIENT_CAPA,
        &capabilities::CLIENT_IMPORT_SOURCE,
        &pausing::CLIENT_PAUSE,
        &pausing::CLIENT_UNPAUSE,
        &unblock::CLIENT_UNBLOCK,
        &tracking::CLIENT_TRACKING,
        &tracking::CLIENT_CACHING,
        &tracking::CLIENT_GETREDIR,
        &tracking::CLIENT_TRACKINGINFO,
        &CLIENT_HELP,
    ],
)
.since("2.4.0")
.arity(-2)
.docs(&CLIENT_DOCS);

const CLIENT_HELP: ServerCommand = ServerCommand::new("help", client_help)
    .since("5.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_HELP_DOCS);

fn client_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "CLIENT",
        &[
            ("CACHING (YES|NO)", "Make the next command an exception to OPTIN or OPTOUT."),
            ("CAPA <capability> [...]", "Tell what this client can do: REDIRECT."),
            ("GETNAME", "Tell the name of this connection."),
            ("GETREDIR", "Tell the id of the connection that is told of changed keys instead, or 0, or -1."),
            ("ID", "Tell the id of this connection."),
            ("IMPORT-SOURCE (ON|OFF)", "Say that this connection copies a data set to a server in import mode."),
            ("INFO", "Describe this connection."),
            ("KILL <ip:port>", "Close the connection from <ip:port>."),
            (
                "KILL <option> <value> [<option> <value> [...]]",
                "Close the connections that fit all options: ADDR <ip:port>, LADDR <ip:port>, TYPE <type>, USER <name>,\n\
                 SKIPME (YES|NO), ID <id> [<id> ...], MAXAGE <seconds>, IDLE <seconds>, FLAGS <letters>, NAME <name>,\n\
                 LIB-NAME <name>, LIB-VER <version>, DB <number>, CAPA r, IP <ip>; all but SKIPME, MAXAGE and IDLE also\n\
                 with NOT- in front.",
            ),
            ("LIST [options ...]", "Describe connections, all or those that fit the options of KILL."),
            ("NO-EVICT (ON|OFF)", "Protect this connection from eviction."),
            ("NO-TOUCH (ON|OFF)", "Read keys without using them."),
            ("PAUSE <timeout> [WRITE|ALL]", "Let all, or only write, commands wait for <timeout> milliseconds."),
            ("REPLY (ON|OFF|SKIP)", "Choose whether this connection is answered."),
            ("SETINFO <option> <value>", "Tell the client library: LIB-NAME <name>, LIB-VER <version>."),
            ("SETNAME <name>", "Name this connection."),
            (
                "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
                "Tell this connection when keys that it has read change.",
            ),
            ("TRACKINGINFO", "Describe this connection's tracking."),
            ("UNBLOCK <id> [TIMEOUT|ERROR]", "End the waiting of a connection for a key."),
            ("UNPAUSE", "Let commands go on after PAUSE."),
        ],
    );
    Ok(Flow::Done)
}

const CLIENT_DOCS: Docs = Docs::new("Groups the commands on connections.", Group::Connection, "Depends on subcommand.");

const CLIENT_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Connection, "O(1)");
