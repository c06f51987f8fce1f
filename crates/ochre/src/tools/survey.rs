//! The first of two readings: what must be known before the first byte of a new file can be written.
//!
//! `portable` writes the lowest stamp that holds every value, and the stamp stands in front of all values. Instead of keeping the values the
//! input is read twice. The counts of keys, which the readers of a file take for the size of their tables, come along.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rdb::{FileErrorKind, Record};

use super::filter::Filter;
use super::input::Input;

/// What a file will hold.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The lowest Redis stamp that holds every value.
    pub(super) least_stamp: u16,
    /// Keys and those of them with a deadline, by database.
    dbs: BTreeMap<u64, (u64, u64)>,
}

impl Survey {
    /// Reads what passes the filter, up to the end or to where nothing more can be read: the second reading will tell of that.
    /// `resumes`: whether that one goes on behind damage.
    pub(super) fn of(input: &mut Input, filter: &Filter, resumes: bool) -> Result<Self> {
        let mut survey = Self::default();
        let mut records = input.records()?;
        loop {
            match records.next() {
                Ok(Some((db, Record::Key(record)))) if filter.admits(db, &record) => {
                    let Ok(value) = &record.value else { continue };
                    survey.least_stamp = survey.least_stamp.max(rdb::least_stamp(value.as_ref()));
                    let (keys, volatile_keys) = survey.dbs.entry(db).or_default();
                    *keys += 1;
                    *volatile_keys += u64::from(record.deadline.is_some());
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(survey),
                Err(error) if matches!(error.kind, FileErrorKind::Io(_)) => {
                    return Err(error).with_context(|| input.name.clone());
                }
                Err(error) => {
                    if !resumes
                        || matches!(error.kind, FileErrorKind::ChecksumDiffers)
                        || records.file.resync()?.is_none()
                    {
                        return Ok(survey);
                    }
                }
            }
        }
    }

    /// Keys of a database, and those of them with a deadline.
    pub(super) fn db(&self, db: u64) -> Option<(u64, u64)> {
        self.dbs.get(&db).copied()
    }
}
