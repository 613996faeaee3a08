//! The kernel's announcements of links and addresses, `rtnetlink(7)`: only *that* something changed.

use std::os::fd::{AsFd, OwnedFd};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink::SocketAddrNetlink, recv,
        socket_with,
    },
};

// Groups as in `linux/rtnetlink.h`.
const RTMGRP_LINK: u32 = 0x1;
const RTMGRP_IPV4_IFADDR: u32 = 0x10;
const RTMGRP_IPV6_IFADDR: u32 = 0x100;

/// Messages taken per turn of the loop, so that a storm of them leaves room for others; the rest makes
/// the descriptor readable again.
const MAX_MESSAGES: usize = 64;

/// Bytes taken of each message; the kernel discards the rest, which nobody reads.
const MESSAGE_START: usize = 64;

/// Opens a non-blocking socket that hears of every change to links and addresses.
pub(super) fn open() -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    // `None` is NETLINK_ROUTE.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    Ok(socket)
}

/// Takes what has arrived and tells whether there was anything; an error means that the socket is of no
/// further use.
pub(super) fn drain(socket: impl AsFd) -> Result<bool, Errno> {
    let mut start = [0; MESSAGE_START];
    let mut heard = false;
    for _ in 0..MAX_MESSAGES {
        match recv(&socket, &mut start[..], RecvFlags::DONTWAIT) {
            // Empty: `rtnetlink` never ends a stream, and no message is shorter than its header.
            Ok((_, 0)) => return Err(Errno::CONNRESET),
            // An overrun: messages were lost, so something changed.
            Ok(_) | Err(Errno::NOBUFS) => heard = true,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_no_change_and_never_waits() {
        match open() {
            Ok(socket) => {
                // Another program may change the network just now.
                while drain(&socket).expect("the socket works") {}
                assert_eq!(drain(&socket), Ok(false));
            }
            Err(error) => eprintln!("skipped: no netlink here ({error})"),
        }
    }

    #[test]
    fn a_descriptor_that_is_no_socket_is_given_up() {
        let file = std::fs::File::open("/dev/null").expect("there is /dev/null");
        assert_eq!(drain(&file), Err(Errno::NOTSOCK));
    }
}
