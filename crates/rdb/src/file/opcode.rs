//! The bytes that tell what a record is, beside the codes of value types.

pub(super) const HASH_TEMPLATE: u8 = 242;
/// Metadata of the key that follows for Redis, a slot being imported for Valkey.
pub(crate) const KEY_META: u8 = 243;
pub(super) const SLOT_INFO: u8 = 244;
pub(super) use crate::functions::{LIBRARY, LIBRARY_PRE_GA};
pub(super) const MODULE_AUX: u8 = 247;
pub(super) const IDLE: u8 = 248;
pub(super) const FREQ: u8 = 249;
pub(super) const AUX: u8 = 250;
pub(super) const RESIZE_DB: u8 = 251;
pub(super) const EXPIRE_MS: u8 = 252;
pub(super) const EXPIRE_S: u8 = 253;
pub(super) const SELECT_DB: u8 = 254;
pub(super) const END: u8 = 255;
