//! Servers as a Rust engineer writes them: a task for each connection, a channel for each one's
//! lines, after tokio's own examples `echo.rs` and `chat.rs`.
//!
//! They run on one thread, as all servers here do.

mod chunks;
mod lines;

use std::collections::HashMap;
use std::future::Future;
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::peers::Role;

/// As the real server has it, so that a crowd that comes at once does not make the difference.
const BACKLOG: u32 = 4096;

/// Serves until it is killed, or whoever started it has ended.
///
/// # Errors
/// There is no such kind of server, or the system refuses something.
pub(crate) fn run(kind: &str, role: Role) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        match (kind, role) {
            ("lines", Role::Echo) => serve::<(), _>(|socket, _| lines::echo(socket)).await,
            ("lines", Role::Relay) => serve(lines::relay).await,
            ("chunks", Role::Echo) => serve::<(), _>(|socket, _| chunks::echo(socket)).await,
            ("chunks", Role::Relay) => serve(chunks::relay).await,
            _ => anyhow::bail!("tokio is measured with lines and with chunks, not with {kind}"),
        }
    })
}

/// Takes connections, each to be served by a task of its own.
async fn serve<T, Served>(each: impl Fn(TcpStream, Room<T>) -> Served) -> Result<()>
where
    T: Clone + Send + 'static,
    Served: Future<Output = Result<()>> + Send + 'static,
{
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    println!("Listening on {}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let room = Room::default();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let served = each(socket, room.clone());
        tokio::spawn(async move {
            // What one client did wrong is no matter of the others.
            let _ = served.await;
        });
    }
}

/// Everyone who is connected, each with the channel of what it is to be told.
#[derive(Debug)]
struct Room<T>(Arc<Mutex<Members<T>>>);

#[derive(Debug)]
struct Members<T> {
    next: u64,
    channels: HashMap<u64, UnboundedSender<T>>,
}

/// A member of the room, until it is dropped.
#[derive(Debug)]
struct Member<T> {
    room: Room<T>,
    number: u64,
}

impl<T> Default for Room<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Members {
            next: 0,
            channels: HashMap::new(),
        })))
    }
}

impl<T> Clone for Room<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Room<T> {
    fn with<R>(&self, work: impl FnOnce(&mut Members<T>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn join(&self) -> (Member<T>, UnboundedReceiver<T>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let number = self.with(|members| {
            let number = members.next;
            members.next += 1;
            members.channels.insert(number, sender);
            number
        });
        let room = self.clone();
        (Member { room, number }, receiver)
    }
}

impl<T: Clone> Member<T> {
    /// Gives it to all others.
    fn tell(&self, what: &T) {
        self.room.with(|members| {
            for (number, channel) in &members.channels {
                if *number != self.number {
                    // Who has just gone is told nothing.
                    let _ = channel.send(what.clone());
                }
            }
        });
    }
}

impl<T> Drop for Member<T> {
    fn drop(&mut self) {
        self.room
            .with(|members| members.channels.remove(&self.number));
    }
}
