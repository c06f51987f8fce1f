//! What `ochre inspect --json` prints: a line for each record, told apart by its field `record`.

use std::io::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::output::Output;
use super::text::Bytes;

/// A record as a line of JSON.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    File {
        name: &'a str,
        kind: &'a str,
        vendor: String,
        stamp: u16,
        bytes: Option<u64>,
    },
    Aux {
        name: Bytes<'a>,
        value: Bytes<'a>,
    },
    Function {
        /// As the first line of the source has it.
        name: Option<Bytes<'a>>,
        source: Bytes<'a>,
        /// Written by a release candidate of Redis 7.0; the source is what it is changed to.
        pre_release: bool,
    },
    Slot {
        slot: u64,
        keys: u64,
        volatile_keys: u64,
    },
    ModuleAux {
        module: String,
    },
    SlotImport {
        job: Bytes<'a>,
        slots: Bytes<'a>,
    },
    Key(KeyLine<'a>),
    Prefix {
        prefix: Option<Bytes<'a>>,
        others: bool,
        keys: u64,
        memory_bytes: u64,
        file_bytes: u64,
    },
    Largest(KeyLine<'a>),
    Fault {
        error: String,
        offset: u64,
    },
    End {
        keys: u64,
        volatile_keys: u64,
        damaged: u64,
        memory_bytes: u64,
        whole: bool,
    },
}

impl<'a> Line<'a> {
    pub(super) fn function(source: &'a [u8], pre_release: bool) -> Self {
        let name = rdb::functions::library_name(source).map(Bytes);
        Self::Function { name, source: Bytes(source), pre_release }
    }
}

#[derive(Serialize)]
pub(super) struct KeyLine<'a> {
    pub(super) db: u64,
    pub(super) key: Bytes<'a>,
    #[serde(rename = "type")]
    pub(super) type_name: &'static str,
    pub(super) rdb_type: u8,
    #[serde(flatten)]
    pub(super) facts: Facts,
}

/// What is told of a key beside its name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(default)]
pub(super) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) elements: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_bytes: Option<u64>,
    pub(super) file_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deadline_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) idle_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frequency: Option<u8>,
    /// Pieces of metadata of modules.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) metadata: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) module: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Prints a line.
pub(super) fn json(line: &Line<'_>, out: &mut Output) -> Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}
