//! BITFIELD, BITFIELD_RO: integers of any width inside a string, several operations in one command.
//!
//! All operations are parsed before the first is done. A call that only reads makes no key and counts as a read; one that
//! writes first makes the string as long as its furthest write needs, even where that write then fails by OVERFLOW FAIL: Redis
//! keeps the longer string without telling anybody, here it counts as a change, so that replicas and the AOF have it too.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeyFlags, KeySpec, Reply,
};
use keyspace::Key;
use resp::Argv;
use smallvec::SmallVec;
use stdx::num::IntText;

use super::integer::{FieldType, Overflow};
use super::offset;

pub(super) const BITFIELD: Command = Command::new("bitfield", bitfield)
    .since("3.2.0")
    .arity(-2)
    .write()
    .deny_oom()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1)
        .rw()
        .access()
        .update()
        .variable_flags()
        .notes("This command allows both access and modification of the key")])
    .key_use(key_use_of_bitfield)
    .docs(&BITFIELD_DOCS);

pub(super) const BITFIELD_RO: Command = Command::new("bitfield_ro", bitfield_ro)
    .since("6.0.0")
    .arity(-2)
    .readonly()
    .fast()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&BITFIELD_RO_DOCS);

/// One that only gets changes nothing.
fn key_use_of_bitfield(argv: Argv<'_>) -> KeyFlags {
    let mut at = 2;
    while let Some(word) = argv.get(at) {
        at += match word {
            _ if word.eq_ignore_ascii_case(b"get") => 3,
            _ if word.eq_ignore_ascii_case(b"overflow") => 2,
            _ => return KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::UPDATE),
        };
    }
    KeyFlags::RO.union(KeyFlags::ACCESS)
}

fn bitfield(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let operations = parse(cx, args)?;
    let written_bits = operations.iter().filter_map(Operation::written_up_to).max();

    let results = match written_bits {
        Some(bits) => write(cx, key, &operations, bits)?,
        None => read(cx, key, &operations)?,
    };
    answer(reply, &results);
    Ok(Flow::Done)
}

fn bitfield_ro(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let operations = parse(cx, args)?;
    if operations.iter().any(|operation| operation.written_up_to().is_some()) {
        return Err(CommandError::other("ERR BITFIELD_RO only supports the GET subcommand"));
    }

    let results = read(cx, key, &operations)?;
    answer(reply, &results);
    Ok(Flow::Done)
}

/// One integer inside a string.
#[derive(Clone, Copy, Debug)]
struct Field {
    field_type: FieldType,
    /// Of its first bit.
    offset: u64,
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Get(Field),
    Set { field: Field, number: i64, overflow: Overflow },
    IncrBy { field: Field, increment: i64, overflow: Overflow },
}

/// Most calls have few operations; these are kept without an allocation, as are their results.
const INLINE: usize = 4;

/// `None` is the answer to what OVERFLOW FAIL kept from being done.
type Results = SmallVec<[Option<i64>; INLINE]>;

fn parse(cx: &Context<'_>, args: &mut Args<'_>) -> Result<SmallVec<[Operation; INLINE]>, CommandError> {
    let mut operations = SmallVec::new();
    let mut overflow = Overflow::Wrap;
    while !args.is_empty() {
        if args.accept("get") {
            operations.push(Operation::Get(Field::parse(cx, args, 2)?));
        } else if args.accept("set") {
            let field = Field::parse(cx, args, 3)?;
            operations.push(Operation::Set { field, number: args.int()?, overflow });
        } else if args.accept("incrby") {
            let field = Field::parse(cx, args, 3)?;
            operations.push(Operation::IncrBy { field, increment: args.int()?, overflow });
        } else if args.accept("overflow") {
            overflow = parse_overflow(args.bytes()?)?;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    Ok(operations)
}

fn parse_overflow(word: &[u8]) -> Result<Overflow, CommandError> {
    if word.eq_ignore_ascii_case(b"wrap") {
        Ok(Overflow::Wrap)
    } else if word.eq_ignore_ascii_case(b"sat") {
        Ok(Overflow::Saturate)
    } else if word.eq_ignore_ascii_case(b"fail") {
        Ok(Overflow::Fail)
    } else {
        Err(CommandError::other("ERR Invalid OVERFLOW type specified"))
    }
}

impl Field {
    /// `encoding offset`, the first of the `needed` arguments that the operation has: a missing one is told before a wrong one.
    fn parse(cx: &Context<'_>, args: &mut Args<'_>, needed: usize) -> Result<Self, CommandError> {
        if args.remaining() < needed {
            return Err(CommandError::Syntax);
        }
        let field_type = FieldType::parse(args.bytes()?)?;
        let offset = offset::parse_of_field(args.bytes()?, field_type.bits(), cx)?;
        Ok(Self { field_type, offset })
    }

    fn read(self, bytes: &[u8]) -> i64 {
        self.field_type.read(bytes, self.offset)
    }
}

impl Operation {
    /// The first bit behind the field that is written, if one is.
    fn written_up_to(&self) -> Option<u64> {
        match self {
            Self::Get(_) => None,
            Self::Set { field, .. } | Self::IncrBy { field, .. } => {
                Some(field.offset.saturating_add(u64::from(field.field_type.bits())))
            }
        }
    }

    /// What the operation makes of the field's number, with what it answers; `None` where it fails.
    fn outcome(&self, number: i64) -> Option<(i64, i64)> {
        match *self {
            Self::Get(_) => Some((number, number)),
            Self::Set { field, number: new, overflow } => Some((field.field_type.fit(new, overflow)?, number)),
            Self::IncrBy { field, increment, overflow } => {
                let sum = field.field_type.add(number, increment, overflow)?;
                Some((sum, sum))
            }
        }
    }

    const fn field(&self) -> Field {
        match self {
            Self::Get(field) | Self::Set { field, .. } | Self::IncrBy { field, .. } => *field,
        }
    }
}

fn read(cx: &Context<'_>, key: Key<'_>, operations: &[Operation]) -> Result<Results, CommandError> {
    let mut scratch = IntText::new();
    let bytes = cx.db.string(key)?.map_or(&[][..], |string| string.bytes(&mut scratch));
    Ok(operations.iter().map(|operation| Some(operation.field().read(bytes))).collect())
}

/// Does the operations on a string that has at least `bits` bits.
fn write(cx: &mut Context<'_>, key: Key<'_>, operations: &[Operation], bits: u64) -> Result<Results, CommandError> {
    let len = offset::byte_index(bits.saturating_add(7))?;
    let (results, count) = cx.db.edit_string_counted(key, len, |bytes, grown| {
        let mut count: u64 = 0;
        let results = operations
            .iter()
            .map(|operation| {
                let field = operation.field();
                let number = field.read(bytes);
                let (new, answer) = operation.outcome(number)?;
                if new != number {
                    field.field_type.write(bytes, field.offset, new);
                }
                let writes = operation.written_up_to().is_some();
                count += u64::from(writes && (grown || new != number));
                Some(answer)
            })
            .collect::<Results>();
        (count, (results, count))
    })?;
    if count > 0 {
        cx.notify(Event::String, "setbit", key);
    }
    Ok(results)
}

fn answer(reply: &mut Reply<'_>, results: &[Option<i64>]) {
    reply.array(results.len());
    for result in results {
        match result {
            Some(number) => reply.int(*number),
            None => reply.null(),
        }
    }
}

const GET_ARGUMENTS: &[Arg] = &[Arg::string("encoding"), Arg::integer("offset")];

const BITFIELD_DOCS: Docs = Docs::new(
    "Reads, sets and increments integers of any width inside a string.",
    Group::Bitmap,
    "O(1) for each operation",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of(
        "operation",
        &[
            Arg::block("get-block", GET_ARGUMENTS).token("GET"),
            Arg::block(
                "write",
                &[
                    Arg::one_of(
                        "overflow-block",
                        &[
                            Arg::pure_token("wrap", "WRAP"),
                            Arg::pure_token("sat", "SAT"),
                            Arg::pure_token("fail", "FAIL"),
                        ],
                    )
                    .token("OVERFLOW")
                    .optional(),
                    Arg::one_of(
                        "write-operation",
                        &[
                            Arg::block(
                                "set-block",
                                &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("value")],
                            )
                            .token("SET"),
                            Arg::block(
                                "incrby-block",
                                &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("increment")],
                            )
                            .token("INCRBY"),
                        ],
                    ),
                ],
            ),
        ],
    )
    .optional()
    .multiple(),
]);

const BITFIELD_RO_DOCS: Docs =
    Docs::new("Reads integers of any width inside a string.", Group::Bitmap, "O(1) for each operation").arguments(&[
        Arg::key("key", 0),
        Arg::block("get-block", GET_ARGUMENTS).token("GET").optional().multiple().multiple_token(),
    ]);
