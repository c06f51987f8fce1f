//! Commands by which a connection introduces itself: PING, ECHO, AUTH, HELLO, SELECT, RESET, QUIT.

mod auth;
mod hello;
mod ping;
mod select;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] =
    &[&ping::PING, &ping::ECHO, &auth::AUTH, &hello::HELLO, &select::SELECT, &select::RESET, &select::QUIT];
