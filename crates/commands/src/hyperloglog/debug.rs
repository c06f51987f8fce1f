//! PFDEBUG and PFSELFTEST, for those who look inside.

use std::fmt::Write as _;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use keyspace::{Key, Ttl};
use value::StringRef;
use value::hyperloglog::{REGISTERS, Registers, Run, Sketch, SketchRef};

use super::bytes::{bytes_of, refuse};

pub(super) const PFDEBUG: Command = Command::new("pfdebug", pfdebug)
    .since("2.8.9")
    .arity(3)
    .write()
    .deny_oom()
    .admin()
    .acl(&[Acl::HyperLogLog])
    .keys(&[KeySpec::index(2).rw().access()])
    .docs(&PFDEBUG_DOCS);

pub(super) const PFSELFTEST: Command = Command::new("pfselftest", pfselftest)
    .since("2.8.9")
    .arity(1)
    .admin()
    .acl(&[Acl::HyperLogLog])
    .docs(&PFSELFTEST_DOCS);

const NO_KEY: CommandError = CommandError::other("ERR The specified key does not exist");
const NOT_SPARSE: CommandError = CommandError::other("ERR HLL encoding is not sparse");
const NOT_A_SWITCH: CommandError = CommandError::other("ERR Argument must be ON or OFF");

fn pfdebug(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let word = args.bytes()?;
    if word.eq_ignore_ascii_case(b"simd") {
        return simd(args, reply);
    }
    let key = args.key()?;
    args.finish()?;

    let string = cx.db.string_for_update(key)?.ok_or(NO_KEY)?;
    let bytes = bytes_of(string);
    let sketch = SketchRef::new(&bytes).map_err(refuse)?;
    match word.to_ascii_lowercase().as_slice() {
        b"getreg" => {
            let mut registers = Registers::new();
            sketch.merge_into(&mut registers);
            densify(cx, key)?;
            reply.array(REGISTERS);
            registers.values().iter().for_each(|value| reply.int(i64::from(*value)));
        }
        b"decode" => reply.bulk(decoded(sketch.runs().ok_or(NOT_SPARSE)?).as_bytes()),
        b"encoding" => reply.status(if sketch.is_dense() { "dense" } else { "sparse" }),
        b"todense" => {
            let converted = densify(cx, key)?;
            reply.int(i64::from(converted));
        }
        _ => {
            let word = String::from_utf8_lossy(word);
            return Err(CommandError::Other(format!("ERR Unknown PFDEBUG subcommand '{word}'").into()));
        }
    }
    Ok(Flow::Done)
}

/// There is one code path here; the switch is taken for those who flip it.
fn simd(args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let answer = if args.accept("ON") {
        "enabled"
    } else if args.accept("OFF") {
        "disabled"
    } else {
        return Err(NOT_A_SWITCH);
    };
    reply.status(answer);
    Ok(Flow::Done)
}

fn densify(cx: &mut Context<'_>, key: Key<'_>) -> Result<bool, CommandError> {
    let bytes = cx.db.string_for_update(key)?.map(bytes_of).unwrap_or_default();
    let mut sketch = Sketch::from_bytes(&bytes).map_err(refuse)?;
    let converted = sketch.make_dense();
    if converted {
        cx.db.rewrite_string(key, StringRef::Raw(sketch.as_bytes()), Ttl::Keep);
    }
    Ok(converted)
}

fn decoded(runs: impl Iterator<Item = Run>) -> String {
    let mut text = String::new();
    for run in runs {
        let space = if text.is_empty() { "" } else { " " };
        let written = match run {
            Run::Zeros(len) => write!(text, "{space}z:{len}"),
            Run::ManyZeros(len) => write!(text, "{space}Z:{len}"),
            Run::Values { value, len } => write!(text, "{space}v:{value},{len}"),
        };
        debug_assert!(written.is_ok(), "a string takes anything");
    }
    text
}

/// Lets sketches in both encodings see elements by chance and holds them against open registers and the true count.
fn pfselftest(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;

    let seed = cx.rng.u64(..);
    let (mut sparse, mut dense, mut open) = (Sketch::new(), Sketch::new(), Registers::new());
    dense.make_dense();
    let mut checkpoint = 1_u64;
    for seen in 1..=100_000_u64 {
        let element = (seed ^ seen).to_le_bytes();
        if seen <= 1000 {
            sparse.add(&element, usize::MAX);
        }
        dense.add(&element, 0);
        open.add(&element);
        if seen == checkpoint {
            checkpoint *= 10;
            let count = dense.as_ref().estimate();
            // Seven standard errors of 0.81 %, and the small counts' granularity.
            let allowed = seen * 6 / 100 + 1;
            if count != open.estimate() || (seen <= 1000 && sparse.as_ref().estimate() != count) {
                return Err(CommandError::other("TESTFAILED encodings disagree"));
            }
            if count.abs_diff(seen) > allowed {
                return Err(CommandError::Other(
                    format!("TESTFAILED Too big error. card:{seen} abserr:{}", count.abs_diff(seen)).into(),
                ));
            }
        }
    }
    reply.ok();
    Ok(Flow::Done)
}

const PFDEBUG_DOCS: Docs =
    Docs::new("Shows or changes how a HyperLogLog is stored.", Group::HyperLogLog, "O(1), O(N) for N registers")
        .system_command()
        .arguments(&[Arg::string("subcommand"), Arg::key("key", 0)]);

const PFSELFTEST_DOCS: Docs =
    Docs::new("Tests the implementation of HyperLogLog with elements by chance.", Group::HyperLogLog, "O(1)")
        .system_command();
