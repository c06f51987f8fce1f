//! This process: its pid file, its place in the background, its randomness.

use std::io::{self, Read as _};
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::{files, sys};

/// Goes to the background. Call it before any thread is started.
///
/// # Errors
/// When the operating system refuses.
pub fn daemonize() -> io::Result<()> {
    sys::daemonize()
}

/// Writes this process's id to `path`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_pid_file(path: &Path) -> io::Result<()> {
    files::write_bytes(path, format!("{}\n", std::process::id()).as_bytes())
}

/// Random bytes from the operating system.
///
/// # Errors
/// When there is no source of entropy.
pub fn entropy<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::from)?;
    Ok(bytes)
}

/// Tells systemd that the server is ready (`READY=1` to the socket that `NOTIFY_SOCKET` names, sd_notify(3)). Without
/// such a socket there is nobody to tell, and nothing is done: `false`.
///
/// # Errors
/// When the socket does not take the message.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn notify_systemd() -> io::Result<bool> {
    let Ok(name) = std::env::var("NOTIFY_SOCKET") else { return Ok(false) };
    notify(&name)?;
    Ok(true)
}

/// A name that starts with `@` is in Linux's abstract space.
fn notify(name: &str) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    let ready = b"READY=1\n";
    let sent = match name.strip_prefix('@') {
        #[cfg(target_os = "linux")]
        Some(abstract_name) => {
            use std::os::linux::net::SocketAddrExt as _;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(abstract_name)?;
            socket.send_to_addr(ready, &address)?
        }
        _ => socket.send_to(ready, name)?,
    };
    if sent == ready.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Everything on standard input.
///
/// # Errors
/// When it cannot be read.
pub fn stdin_bytes() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_hears_that_the_server_is_ready() {
        let path = std::env::temp_dir().join(format!("ochre-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        notify(path.to_str().unwrap()).unwrap();
        let mut message = [0; 32];
        let len = socket.recv(&mut message).unwrap();
        files::remove(&path).unwrap();
        assert_eq!(&message[..len], b"READY=1\n");
    }
}
