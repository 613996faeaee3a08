//! Messages that are on the disk when they are acknowledged, and what a connection takes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::people::{Person, World};
use crate::effort::Effort;
use crate::servers::{self, Server};
use crate::table::Table;

/// People who come at once, before the next ones do: no more may be there without a hello.
const AT_ONCE: usize = 16;

/// Who talk at the same time.
const CROWD: usize = 100;

/// Connections whose memory is measured.
const CONNECTIONS: usize = 400;

/// The real server, for encrypted people.
///
/// # Errors
/// It does not start.
pub(super) fn server(data: &Path) -> Result<Server> {
    let data = data.join("data");
    Server::of_ours(&[
        "--encryption".as_ref(),
        "when-both-can".as_ref(),
        "--max-rate".as_ref(),
        "0".as_ref(),
        "--data".as_ref(),
        data.as_ref(),
    ])
}

/// Measures it.
///
/// # Errors
/// A message is refused, or a connection lost.
pub(super) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let (time, connections) = match effort {
        Effort::Full => (Duration::from_secs(5), CONNECTIONS),
        Effort::Short => (Duration::from_millis(500), AT_ONCE),
    };
    for count in [1, CROWD] {
        let (rate, median, tail) = talk(count, time)?;
        table.push(format!("acknowledged_per_second_of_{count}"), rate);
        table.push(format!("send_to_delivered_p50_ms_of_{count}"), median);
        table.push(format!("send_to_delivered_p99_ms_of_{count}"), tail);
    }
    table.push("tls_connection_kib", memory(connections)?);
    Ok(())
}

/// So many people in a room.
fn gather(world: &World, count: usize) -> Result<Vec<Person>> {
    let mut people: Vec<Person> = Vec::new();
    while people.len() < count {
        let first = people.len();
        for number in first..count.min(first + AT_ONCE) {
            people.push(Person::new(world, &format!("Guest {number}"))?);
        }
        world.until("a welcome", || {
            people[first..].iter().all(Person::is_welcome)
        })?;
    }
    Ok(people)
}

/// Messages a second, and milliseconds from sending to acknowledgement: median and 99th percentile.
fn talk(count: usize, time: Duration) -> Result<(f64, f64, f64)> {
    let folder = servers::folder()?;
    let server = server(folder.path())?;
    World::with(server.address(), |world| {
        let people = gather(world, count)?;
        for person in &people {
            person.talk()?;
        }
        world.run_for(time / 4)?;
        for person in &people {
            person.acknowledged()?;
        }
        let begun = Instant::now();
        world.run_for(time)?;
        let elapsed = begun.elapsed().as_secs_f64();
        let mut times = Vec::new();
        for person in &people {
            person.stop();
            times.extend(person.acknowledged()?);
        }
        times.sort();
        let rate = f64::from(u32::try_from(times.len())?) / elapsed;
        let at = |part: usize| {
            let index = (times.len() * part / 100).min(times.len().saturating_sub(1));
            let time = times.get(index).copied().unwrap_or_default();
            time.as_secs_f64() * 1e3
        };
        Ok((rate, at(50), at(99)))
    })
}

/// KiB that the server takes for a connection of somebody who is here.
fn memory(count: usize) -> Result<f64> {
    let folder = servers::folder()?;
    let server = server(folder.path())?;
    World::with(server.address(), |world| {
        // What is only made for the first ones.
        let first = gather(world, AT_ONCE)?;
        world.run_for(Duration::from_millis(200))?;
        let before = server.memory()?;
        let people: Vec<_> = (0..count.div_ceil(AT_ONCE))
            .map(|group| gather_more(world, group))
            .collect::<Result<_>>()?;
        world.run_for(Duration::from_secs(1))?;
        let grown = server.memory()? - before;
        let count: usize = people.iter().map(Vec::len).sum();
        drop(first);
        Ok(grown / f64::from(u32::try_from(count)?))
    })
}

fn gather_more(world: &World, group: usize) -> Result<Vec<Person>> {
    let people: Vec<_> = (0..AT_ONCE)
        .map(|number| Person::new(world, &format!("Friend {group} {number}")))
        .collect::<Result<_>>()?;
    world.until("a welcome", || people.iter().all(Person::is_welcome))?;
    Ok(people)
}
