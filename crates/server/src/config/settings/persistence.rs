//! Where the data is kept, when it is saved, and in which dialect.

use std::path::PathBuf;

/// Files and save points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Persistence {
    /// The working directory.
    pub dir: PathBuf,
    /// The RDB file in `dir`.
    pub dbfilename: String,
    pub save: Vec<SavePoint>,
    pub appendonly: bool,
    pub rdb_compression: bool,
    pub rdb_checksum: bool,
    /// A file with damaged values is loaded without them.
    pub rdb_quarantines_damage: bool,
}

/// Save once `changes` were made and `seconds` have passed since the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    pub seconds: u64,
    pub changes: u64,
}

/// In which server's form data leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialects {
    /// What DUMP and MIGRATE write; one of the names of `dump-dialect`, `portable` by default.
    pub dump: &'static str,
    /// What RDB files and full syncs are written in.
    pub rdb: &'static str,
    /// Whether clients may RESTORE a payload whose checksum is zero, as Redis 8.4 and later allow.
    pub restore_omitted_checksum: bool,
    /// A key that modules noted something of is refused: by RESTORE, and in files.
    pub refuse_key_metadata: bool,
    /// What a dialect has no place for in full is not written, even if those are times and counters alone.
    pub refuse_loss: bool,
}
