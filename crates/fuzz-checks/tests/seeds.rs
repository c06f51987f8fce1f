//! Every seed and every former crash in `fuzz/seeds/TARGET` is put to its check.

#![expect(clippy::disallowed_methods, reason = "seeds are files; the ban keeps the server deterministic")]

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_checks::TARGETS;

fn fuzz_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn hold(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let seeds = files(&fuzz_dir().join("seeds").join(target));
    assert!(!seeds.is_empty(), "{target} has no seeds");
    for seed in seeds {
        let bytes = fs::read(&seed).unwrap();
        let held = std::panic::catch_unwind(|| check(&bytes));
        assert!(held.is_ok(), "{} does not hold (see above)", seed.display());
    }
}

#[test]
fn every_check_has_a_target_seeds_and_a_test() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert!(names.is_sorted());
    let stems = |folder: &str| -> Vec<String> {
        let files = files(&fuzz_dir().join(folder));
        files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(stems("fuzz_targets"), names);
    assert_eq!(stems("seeds"), names);
    let this_file = include_str!("seeds.rs");
    for name in names {
        assert!(this_file.contains(&format!("hold(\"{name}\")")), "{name}");
    }
}

#[test]
fn acl_rules_holds_for_its_seeds() {
    hold("acl_rules");
}

#[test]
fn cjson_holds_for_its_seeds() {
    hold("cjson");
}

#[test]
fn cmsgpack_holds_for_its_seeds() {
    hold("cmsgpack");
}

#[test]
fn function_load_holds_for_its_seeds() {
    hold("function_load");
}

#[test]
fn function_payload_holds_for_its_seeds() {
    hold("function_payload");
}

#[test]
fn function_restore_holds_for_its_seeds() {
    hold("function_restore");
}

#[test]
fn pack_listpack_holds_for_its_seeds() {
    hold("pack_listpack");
}

#[test]
fn rdb_file_holds_for_its_seeds() {
    hold("rdb_file");
}

#[test]
fn resp_reply_holds_for_its_seeds() {
    hold("resp_reply");
}

#[test]
fn resp_request_holds_for_its_seeds() {
    hold("resp_request");
}

#[test]
fn restore_payload_holds_for_its_seeds() {
    hold("restore_payload");
}

#[test]
fn struct_format_holds_for_its_seeds() {
    hold("struct_format");
}
