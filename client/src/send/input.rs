//! The standard input, whatever it is: a file, a pipe, a terminal.
//!
//! It is read on a thread: a file cannot be waited for, and a terminal that is shared with other
//! programs must not be made non-blocking.

use std::io;
use std::thread;

use async_channel::{Receiver, Sender};
use hallway_core::net::limits;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Chunks that wait to be sent; reading waits for room.
const CHUNKS: usize = 2;

/// Reads until the end, an error (which comes last), or until nobody listens.
///
/// # Errors
/// The system gives no thread.
pub(super) fn start() -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = async_channel::bounded(CHUNKS);
    let thread = thread::Builder::new().name("standard input".to_owned());
    // It may be amid a read that never returns: the end of the program is the end of it.
    thread.spawn(move || read_all(&sender))?;
    Ok(receiver)
}

fn read_all(sender: &Sender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; limits::READ];
    loop {
        let chunk = match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
            Ok(0) => return,
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(Errno::INTR) => continue,
            // Somebody else made it non-blocking.
            Err(Errno::AGAIN) => match wait() {
                Ok(()) => continue,
                Err(error) => Err(error),
            },
            Err(error) => Err(error.into()),
        };
        let last = chunk.is_err();
        if sender.send_blocking(chunk).is_err() || last {
            return;
        }
    }
}

fn wait() -> io::Result<()> {
    let stdin = rustix::stdio::stdin();
    match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
