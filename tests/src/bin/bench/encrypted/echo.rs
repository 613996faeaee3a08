//! Lines that come back, over TLS and plain: the engine alone, with nothing above it.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hallway_core::identity::Identity;
use hallway_core::net::{Connection, Encryption, ListenAddress, Listener, Reactor, tls};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::people::World;
use crate::effort::Effort;
use crate::servers::Server;
use crate::table::Table;

/// Who send.
const CLIENTS: usize = 20;

/// The lines that each has under way, and the name of the figures.
pub(super) const WINDOWS: [(&str, usize); 2] = [("echo", 1), ("echo_pipelined", 20)];

/// A line, with its ending: as long as those of the other parts.
const LINE: &[u8; 64] = b"A line of sixty-four bytes with its ending, as all of them are.\n";

/// Bytes of the longest line that is taken.
const LONGEST: usize = 1024;

/// In turn over TLS and plain.
///
/// # Errors
/// A server does not start, or a line is lost.
pub(super) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let time = match effort {
        Effort::Full => Duration::from_millis(500),
        Effort::Short => Duration::from_millis(100),
    };
    for (name, window) in WINDOWS {
        let (mut encrypted, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.rounds() {
            let over_tls = echo("tls", window, time)?;
            let in_clear = echo("plain", window, time)?;
            encrypted.push(over_tls);
            plain.push(in_clear);
            ratios.push(over_tls / in_clear);
        }
        table.push_median(format!("{name}_tls_cpu_us"), encrypted);
        table.push_median(format!("{name}_plain_cpu_us"), plain);
        table.push_median(format!("{name}_ratio"), ratios);
    }
    Ok(())
}

/// Microseconds of the server's time for a line.
fn echo(way: &str, window: usize, time: Duration) -> Result<f64> {
    let server = Server::of_this_program(&["echo", way])?;
    World::with(server.address(), |world| {
        let client = (way == "tls").then(tls::Client::lines).transpose()?;
        let came = Rc::new(Cell::new(0_u64));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let connection = world.connect(client.clone());
                let came = Rc::clone(&came);
                connection.connect_lines_received(move |connection, lines| {
                    for line in lines.iter() {
                        if line.bytes[..] == LINE[..LINE.len() - 1] {
                            came.set(came.get() + 1);
                        }
                        // One that is gone is found out below.
                        let _ = connection.write(LINE);
                    }
                });
                connection
            })
            .collect();
        let is_there = |connection: &Connection| connection.is_connected();
        world.until("everybody", || clients.iter().all(is_there))?;
        for client in &clients {
            for _ in 0..window {
                client.write(LINE)?;
            }
        }
        world.run_for(time / 4)?;
        let (before, count) = (server.cpu()?, came.get());
        world.run_for(time)?;
        let (after, count) = (server.cpu()?, came.get() - count);
        ensure!(clients.iter().all(is_there), "a connection was lost");
        ensure!(count > 0, "nothing came back");
        let count = u32::try_from(count)?;
        Ok(after.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(count))
    })
}

/// The server of it.
///
/// # Errors
/// The system refuses a socket.
pub(crate) fn run(way: &str) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let reactor = Reactor::new(glib::Priority::DEFAULT)?;
    let listener = Listener::new(&reactor);
    listener.set_longest_line(LONGEST);
    if way == "tls" {
        listener.set_identity(&Identity::make()?)?;
        listener.set_lines_over_tls(true);
        listener.set_encryption(Encryption::Only);
    }
    listener.connect_new_connection(|_, connection| {
        connection.connect_lines_received(|connection, lines| {
            for line in lines.iter() {
                let whole = [&line.bytes[..], b"\n"].concat();
                // What is written in one turn goes out together, encrypted or not. Who does not read
                // is closed by the engine.
                let _ = connection.write(&whole);
            }
        });
    });
    listener.listen(ListenAddress::ThisComputer, 0)?;
    let address = listener.local().context("it listens")?;
    println!("Listening on 127.0.0.1:{}", address.port());
    std::io::stdout().flush()?;
    glib::MainLoop::new(None, false).run();
    Ok(())
}
