//! Commands as bytes: what a client sends, and what the AOF and the replication stream hold.

/// Appends one command in its wire form, `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`, to `out`.
///
/// ```
/// let mut out = Vec::new();
/// resp::write_command(&mut out, ["GET", "k"]);
/// assert_eq!(out, b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
/// ```
pub fn write_command<I>(out: &mut Vec<u8>, args: I)
where
    I: IntoIterator<Item: AsRef<[u8]>, IntoIter: ExactSizeIterator>,
{
    let args = args.into_iter();
    header(out, b'*', args.len());
    for arg in args {
        let arg = arg.as_ref();
        header(out, b'$', arg.len());
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
}

/// One command in its wire form.
///
/// ```
/// assert_eq!(resp::encode_command(["PING"]), b"*1\r\n$4\r\nPING\r\n");
/// ```
#[must_use]
pub fn encode_command<I>(args: I) -> Vec<u8>
where
    I: IntoIterator<Item: AsRef<[u8]>, IntoIter: ExactSizeIterator>,
{
    let mut out = Vec::new();
    write_command(&mut out, args);
    out
}

fn header(out: &mut Vec<u8>, kind: u8, len: usize) {
    out.push(kind);
    out.extend_from_slice(itoa::Buffer::new().format(len).as_bytes());
    out.extend_from_slice(b"\r\n");
}
