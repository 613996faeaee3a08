//! The one system call that has no safe binding: how much of what was sent is not acknowledged.

#![allow(unsafe_code)]

use std::os::fd::AsFd;

use rustix::ioctl;

/// `SIOCOUTQ`, which Linux defines as `TIOCOUTQ` (`linux/sockios.h`, `asm-generic/ioctls.h`).
const SIOCOUTQ: ioctl::Opcode = 0x5411;

/// Bytes handed to the kernel that the peer's TCP has not acknowledged; a FIN on its way counts
/// as one (tcp(7), `SIOCOUTQ`).
///
/// # Errors
/// Not a TCP socket, or a listening one.
pub(crate) fn unacknowledged(socket: impl AsFd) -> rustix::io::Result<usize> {
    // SAFETY: for a TCP socket this request takes a pointer to an int and writes the count
    // there (tcp(7)), which is what `Getter<_, i32>` passes and reads; other kinds of
    // descriptors answer with an error or, a terminal, with an int as well.
    let bytes = unsafe {
        let request = ioctl::Getter::<SIOCOUTQ, i32>::new();
        ioctl::ioctl(socket, request)?
    };
    Ok(usize::try_from(bytes).unwrap_or(0))
}
