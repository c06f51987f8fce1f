//! What a file consists of.

use stdx::UnixMs;
use value::Value;

use super::ModuleId;
use crate::DecodeError;
use crate::functions::PreGaLibrary;

/// One record of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A fact about the writer: `redis-ver`, `ctime`, `aof-base`.
    Aux {
        name: Vec<u8>,
        value: Vec<u8>,
    },
    /// The source of a function library.
    Function(Vec<u8>),
    FunctionPreGa(PreGaLibrary),
    /// The keys of this database follow.
    SelectDb(u64),
    /// How many keys the database has, and how many of them have a deadline.
    ResizeDb {
        keys: u64,
        volatile_keys: u64,
    },
    /// Slot, keys in it, and those of them that have a deadline.
    SlotInfo {
        slot: u64,
        keys: u64,
        volatile_keys: u64,
    },
    /// What a module keeps beside its keys; skipped.
    ModuleAux(ModuleId),
    /// Field names that hashes share, so many: the reader remembers them and puts them into the hashes.
    HashTemplate {
        id: u64,
        fields: usize,
    },
    /// Valkey's note of slots that were being imported: the name of the work, and the slots.
    SlotImport {
        job: Vec<u8>,
        slots: Vec<u8>,
    },
    Key(Box<KeyRecord>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// Where in the file the record begins: its deadline, or its type byte.
    pub offset: u64,
    /// Bytes of the record in the file.
    pub encoded_bytes: u64,
    /// The type byte.
    pub code: u8,
    pub key: Vec<u8>,
    pub value: Result<Value, ValueError>,
    pub deadline: Option<UnixMs>,
    /// Seconds since its last use.
    pub idle_s: Option<u64>,
    /// The LFU counter.
    pub frequency: Option<u8>,
    /// Pieces of metadata that modules gave the key (Redis from 8.6 on): they are passed over, and nothing here keeps them. With
    /// [`crate::RestoreOptions::refuse_metadata`] the value is an error.
    pub metadata: u64,
}

/// Why a value is missing from its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It belongs to a module.
    Module(ModuleId),
    /// It is damaged; `offset` counts from the beginning of the file.
    Damaged { offset: u64, error: DecodeError },
}
