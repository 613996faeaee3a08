//! What one server carries on a network of 1 Gbit/s, on paper: from the laws that were fitted.

use std::fmt::Write;

use super::fit::Fit;
use crate::figures::Short;
use crate::line;

/// Bytes a second of 1 Gbit/s.
const NETWORK: f64 = 125e6;

/// Bytes that a packet takes beside what it carries: 38 of Ethernet (preamble, header, checksum,
/// gap), 20 of IPv4, 32 of TCP with time stamps.
const PACKET: f64 = 90.0;

/// Bytes that a full packet carries.
const FULL: f64 = 1448.0;

/// Bytes that stand before a line: `127.0.0.1:40000: `.
const NAME: f64 = 17.0;

/// A room and who talks in it.
struct Room {
    words: &'static str,
    people: f64,
    talkers: f64,
    /// Seconds between two lines of each who talks.
    pause: f64,
}

const ROOMS: [Room; 7] = [
    all("30, a class", 30.0, 5.0),
    all("200, a school", 200.0, 10.0),
    all("1,000", 1000.0, 30.0),
    all("1,000", 1000.0, 10.0),
    all("2,000", 2000.0, 10.0),
    all("3,800", 3800.0, 10.0),
    Room {
        words: "10,000, one of them talks",
        people: 10_000.0,
        talkers: 1.0,
        pause: 0.1,
    },
];

const fn all(words: &'static str, people: f64, pause: f64) -> Room {
    Room {
        words,
        people,
        talkers: people,
        pause,
    }
}

/// Tables from the laws of receivers: of lines one by one, and of lines in batches.
pub(super) fn markdown(single: Fit, batched: Fit) -> String {
    let (in_packets, in_full) = (bytes_alone(), bytes_in_full());
    let mut text = format!(
        "### On paper: 1 Gbit/s\n\n| lines | of one processor: deliveries a second, thousands | bytes on \
         the wire | of 1 Gbit/s: deliveries a second, thousands |\n|---|---:|---:|---:|\n\
         | one by one, each in a packet of its own | {} | {} | {} |\n\
         | in batches, in full packets | {} | {} | {} |\n\n",
        Short(1e3 / single.slope),
        Short(in_packets),
        Short(NETWORK / in_packets / 1e3),
        Short(1e3 / batched.slope),
        Short(in_full),
        Short(NETWORK / in_full / 1e3),
    );
    text.push_str(
        "| people | each says a line every | deliveries a second | processor: one by one | in batches \
         | 1 Gbit/s: one by one | in batches |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for room in &ROOMS {
        let (lines, receivers) = (room.talkers / room.pause, room.people - 1.0);
        let of_processor = |law: Fit| lines * (law.at_zero + law.slope * receivers) / 1e6;
        let of_network = |bytes: f64| lines * receivers * bytes / NETWORK;
        let _ = writeln!(
            text,
            "| {} | {} s | {:.0} | {} | {} | {} | {} |",
            room.words,
            room.pause,
            lines * receivers,
            Percent(of_processor(single)),
            Percent(of_processor(batched)),
            Percent(of_network(in_packets)),
            Percent(of_network(in_full)),
        );
    }
    text
}

/// Bytes that a line takes on the wire in a packet of its own.
fn bytes_alone() -> f64 {
    said() + PACKET
}

/// The same in full packets.
fn bytes_in_full() -> f64 {
    said() * (FULL + PACKET) / FULL
}

/// Bytes of a line with the name before it.
fn said() -> f64 {
    crate::measure::float(line::LENGTH) + NAME
}

/// A share, and that it is more than there is.
struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            share if share > 1.0 => write!(f, "too much (×{})", Short(share)),
            share if share < 0.1 => write!(f, "{:.2} %", share * 100.0),
            share => write!(f, "{:.0} %", share * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_on_the_wire_are_those_of_the_layers() {
        // 64 and the name; 38, 20 and 32 around them.
        assert!((bytes_alone() - 171.0).abs() < 1e-9);
        assert!((bytes_in_full() - 86.03).abs() < 0.01);
    }

    #[test]
    fn a_room_takes_the_share_that_its_deliveries_take() {
        let law = |slope| Fit {
            at_zero: 0.0,
            slope,
            off: 0.0,
        };
        let text = markdown(law(2.0), law(0.05));
        // 1,000 people, a line every 10 s: 99,900 deliveries, of 500,000 that one processor does.
        let row = "| 1,000 | 10 s | 99900 | 20 % | 0.50 % | 14 % | 6.88 % |";
        assert!(text.contains(row), "{text}");
        assert!(
            text.contains("| 10 s | 1443620 | too much (×2.89) |"),
            "{text}"
        );
    }
}
