//! A link between two computers that loses, delays, doubles and reorders packets: a tunnel whose
//! datagrams pass through us. (The kernel's own, netem, is not in every kernel.)

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hallway_tests::network::{Cable, Computer};
use hallway_tests::program::Program;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{foreign_with, skip};

use crate::random::Random;

/// Bytes of the longest packet, and more.
const PACKET: usize = 4096;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_millis(1);

/// What happens to packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Of a thousand.
    pub(crate) lost: u64,
    /// Of a thousand.
    pub(crate) doubled: u64,
    /// Each is late by at most that much, and so may overtake others.
    pub(crate) late: Duration,
}

/// What happened to packets until now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) arrived: u64,
    pub(crate) lost: u64,
    pub(crate) overtaken: u64,
}

/// The tunnel. It goes with this.
#[derive(Debug)]
pub(crate) struct Tunnel {
    passed: Arc<Mutex<Passed>>,
    is_over: Arc<AtomicBool>,
    relay: Option<JoinHandle<()>>,
    /// Held so long.
    ends: [Program; 2],
}

impl Tunnel {
    /// The address of the near computer in it.
    pub(crate) const NEAR: &str = "10.43.0.1";

    /// Between the two computers of a cable. None where none can be made.
    pub(crate) fn start(cable: &Cable, weather: Weather, random: Random) -> Option<Self> {
        let bind = || UdpSocket::bind((Cable::NEAR, 0)).expect("an address of this computer");
        let sockets = cable.near.run(|| [bind(), bind()]);
        let ends = [
            end(&cable.near, 1, Cable::NEAR, &sockets[0])?,
            end(&cable.far, 2, Cable::FAR, &sockets[1])?,
        ];
        let (passed, is_over) = (Arc::default(), Arc::default());
        let relay = Relay {
            peers: [at(Cable::NEAR), at(Cable::FAR)],
            sockets,
            weather,
            random,
            passed: Arc::clone(&passed),
        };
        let over = Arc::clone(&is_over);
        let mut tunnel = Self {
            passed,
            is_over,
            relay: Some(thread::spawn(move || relay.run(&over))),
            ends,
        };
        for (computer, end) in [(&cable.near, 0), (&cable.far, 1)] {
            if !is_up(computer, &mut tunnel.ends[end]) {
                return None;
            }
        }
        Some(tunnel)
    }

    pub(crate) fn passed(&self) -> Passed {
        *self.passed.lock().expect("no holder of the lock panics")
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(relay) = self.relay.take() {
            // If it panicked nothing passed, which the test has noticed.
            let _ = relay.join();
        }
    }
}

/// Where the end of the tunnel on the computer with this address sends from.
fn at(address: &str) -> SocketAddr {
    let address = address.parse().expect("it is an address");
    SocketAddr::new(address, 7100)
}

/// One end: a network interface whose packets go to `relay` as datagrams.
fn end(computer: &Computer, number: u8, own: &str, relay: &UdpSocket) -> Option<Program> {
    let relay = relay.local_addr().expect("it is bound");
    let interface = format!("TUN:10.43.0.{number}/24,tun-name=tun0,iff-up");
    let datagrams = format!("UDP4:{relay},bind={}", at(own));
    let socat = foreign_with("socat", [&interface, &datagrams])?;
    Some(computer.run(|| Program::spawn(socat)))
}

/// Waits until the interface is there.
fn is_up(computer: &Computer, end: &mut Program) -> bool {
    let is_up = until(PATIENCE, "a tunnel", || {
        let found = computer.run(|| {
            let bound = UdpSocket::bind((Tunnel::NEAR, 0)).is_ok();
            bound || UdpSocket::bind(("10.43.0.2", 0)).is_ok()
        });
        if found {
            return Some(true);
        }
        end.ended().map(|_| false)
    });
    if !is_up {
        skip(&format!("no tunnels here: {:?}", end.err().all()));
    }
    is_up
}

/// What carries datagrams from one end to the other.
struct Relay {
    sockets: [UdpSocket; 2],
    peers: [SocketAddr; 2],
    weather: Weather,
    random: Random,
    passed: Arc<Mutex<Passed>>,
}

impl Relay {
    fn run(mut self, is_over: &AtomicBool) {
        let mut waiting = BinaryHeap::new();
        let mut number = 0;
        let mut newest = [0; 2];
        for socket in &self.sockets {
            socket.set_nonblocking(true).expect("a socket can be");
        }
        let mut packet = [0; PACKET];
        while !is_over.load(Ordering::Relaxed) {
            for side in [0, 1] {
                while let Ok(length) = self.sockets[side].recv(&mut packet) {
                    number += 1;
                    for due in self.fates() {
                        let packet = packet[..length].to_vec();
                        waiting.push(Reverse((due, number, 1 - side, packet)));
                    }
                }
            }
            while let Some(Reverse((due, ..))) = waiting.peek() {
                if *due > Instant::now() {
                    break;
                }
                if let Some(Reverse((_, number, side, packet))) = waiting.pop() {
                    // Lost, should the end not be there yet.
                    let _ = self.sockets[side].send_to(&packet, self.peers[side]);
                    let mut passed = self.passed.lock().expect("no holder of the lock panics");
                    passed.arrived += 1;
                    passed.overtaken += u64::from(number < newest[side]);
                    newest[side] = newest[side].max(number);
                }
            }
            thread::sleep(LOOK);
        }
    }

    /// When a packet arrives: never, once, or twice.
    fn fates(&mut self) -> Vec<Instant> {
        let chance = self.random.below(1000);
        let copies = if chance < self.weather.lost {
            let mut passed = self.passed.lock().expect("no holder of the lock panics");
            passed.lost += 1;
            0
        } else if chance < self.weather.lost + self.weather.doubled {
            2
        } else {
            1
        };
        let late = u64::try_from(self.weather.late.as_millis()).unwrap_or(u64::MAX);
        let due = |_| Instant::now() + self.random.up_to(late);
        (0..copies).map(due).collect()
    }
}
