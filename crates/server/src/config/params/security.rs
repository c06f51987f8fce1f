//! Who may connect and what is off by default. Users and rules live with ACL.

use crate::config::param::{I64_MAX, Param, at};
use crate::config::settings::{Allow, PubsubDefault};

const NO_MODULES: &str = "modules cannot be loaded";

pub(super) const TABLE: &[Param] = &[
    Param::text("requirepass", "", at!(security.requirepass)).sensitive(),
    Param::bool("protected-mode", "yes", at!(security.protected_mode)),
    Param::choice("enable-debug-command", "no", Allow::NAMES, at!(security.enable_debug_command)).immutable(),
    Param::choice("enable-protected-configs", "no", Allow::NAMES, at!(security.enable_protected_configs)).immutable(),
    Param::choice("enable-module-command", "no", Allow::NAMES, None).immutable().unused(NO_MODULES),
    Param::text("aclfile", "", at!(security.aclfile)).immutable(),
    Param::int("acllog-max-len", "128", 0, I64_MAX, at!(security.acllog_max_len)),
    Param::choice("acl-pubsub-default", "resetchannels", PubsubDefault::NAMES, at!(security.acl_pubsub_default)),
];
