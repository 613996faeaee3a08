//! Which line was sent when, and who has it; pure.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::histogram::Histogram;
use crate::line;
use crate::peers::Role;

/// A line under way.
#[derive(Clone, Copy, Debug)]
struct UnderWay {
    sent: Instant,
    /// How many do not have it yet.
    missing: usize,
}

#[derive(Debug)]
struct Sender {
    sent: u32,
    /// Lines that all have.
    done: u32,
    /// By the number of the line, over and over.
    window: Vec<UnderWay>,
    is_ready: bool,
}

/// All lines of all senders. The senders are the last ones of the clients.
#[derive(Debug)]
pub(crate) struct Ledger {
    role: Role,
    clients: usize,
    window: u32,
    senders: Vec<Sender>,
    /// The number of the next line, for every client from every sender.
    expected: Vec<u32>,
    /// Senders with a line that all have since the last look.
    ready: Vec<usize>,
    /// Lines that were received.
    pub(crate) deliveries: u32,
    /// From sending a line until all have it.
    pub(crate) times: Histogram,
}

impl Ledger {
    /// Nobody has sent anything yet. A sender has `window` lines under way at most.
    pub(crate) fn new(role: Role, clients: usize, senders: usize, window: u32) -> Self {
        let nothing = UnderWay {
            sent: Instant::now(),
            missing: 0,
        };
        let sender = || Sender {
            sent: 0,
            done: 0,
            window: vec![nothing; window as usize],
            is_ready: false,
        };
        Self {
            role,
            clients,
            window,
            senders: (0..senders).map(|_| sender()).collect(),
            expected: vec![0; clients * senders],
            ready: Vec::new(),
            deliveries: 0,
            times: Histogram::default(),
        }
    }

    /// The client that a sender is.
    pub(crate) fn client(&self, sender: usize) -> usize {
        self.clients - self.senders.len() + sender
    }

    /// Whether all have everything.
    pub(crate) fn is_quiet(&self) -> bool {
        self.senders.iter().all(|sender| sender.done == sender.sent)
    }

    /// Lines that were sent in all.
    pub(crate) fn sent(&self) -> u64 {
        self.senders
            .iter()
            .map(|sender| u64::from(sender.sent))
            .sum()
    }

    /// How many get each line.
    pub(crate) fn audience(&self) -> usize {
        match self.role {
            Role::Echo => 1,
            Role::Relay => self.clients - 1,
        }
    }

    /// Appends the lines that a sender may send now, `most` at most.
    pub(crate) fn write(&mut self, sender: usize, most: u32, now: Instant, bytes: &mut Vec<u8>) {
        let missing = self.audience();
        let state = &mut self.senders[sender];
        let free = self.window - (state.sent - state.done);
        for _ in 0..free.min(most) {
            line::push(bytes, sender, state.sent);
            let place = (state.sent % self.window) as usize;
            state.window[place] = UnderWay { sent: now, missing };
            state.sent += 1;
        }
    }

    /// Notes that a client got a line.
    ///
    /// # Errors
    /// It is not the one that is due.
    pub(crate) fn receive(&mut self, client: usize, text: &[u8], now: Instant) -> Result<()> {
        let (sender, number) = line::parse(text)?;
        let is_own = self.client(sender) == client;
        let place = client * self.senders.len() + sender;
        let state = self
            .senders
            .get_mut(sender)
            .filter(|_| is_own == (self.role == Role::Echo))
            .with_context(|| format!("client {client} got a line of {sender}, not meant for it"))?;
        let expected = &mut self.expected[place];
        ensure!(
            *expected == number && number < state.sent,
            "client {client} got line {number} instead of {expected} of {} from sender {sender}",
            state.sent
        );
        *expected += 1;
        self.deliveries += 1;
        let line = &mut state.window[(number % self.window) as usize];
        line.missing -= 1;
        if line.missing == 0 {
            self.times.add(now.duration_since(line.sent));
            state.done += 1;
            if !std::mem::replace(&mut state.is_ready, true) {
                self.ready.push(sender);
            }
        }
        Ok(())
    }

    /// Takes a sender that may send more since it was taken last.
    pub(crate) fn take_ready(&mut self) -> Option<usize> {
        let sender = self.ready.pop()?;
        self.senders[sender].is_ready = false;
        Some(sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that a sender may send now.
    fn lines(ledger: &mut Ledger, sender: usize) -> Vec<Vec<u8>> {
        let mut bytes = Vec::new();
        ledger.write(sender, u32::MAX, Instant::now(), &mut bytes);
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| line[..line.len() - 1].to_vec()).collect()
    }

    #[test]
    fn the_window_opens_when_all_have_the_line() {
        let mut ledger = Ledger::new(Role::Relay, 3, 1, 2);
        let sent = lines(&mut ledger, 0);
        assert_eq!(sent.len(), 2);
        assert_eq!(lines(&mut ledger, 0).len(), 0);
        let now = Instant::now();
        ledger.receive(0, &sent[0], now).unwrap();
        assert_eq!(ledger.take_ready(), None);
        ledger.receive(1, &sent[0], now).unwrap();
        assert_eq!(ledger.take_ready(), Some(0));
        assert_eq!(lines(&mut ledger, 0).len(), 1);
        assert_eq!((ledger.sent(), ledger.deliveries), (3, 2));
        assert!(!ledger.is_quiet());
    }

    #[test]
    fn lost_doubled_and_misled_lines_are_errors() {
        let now = Instant::now();
        let mut ledger = Ledger::new(Role::Relay, 3, 1, 2);
        let sent = lines(&mut ledger, 0);
        assert!(
            ledger.receive(0, &sent[1], now).is_err(),
            "the first is lost"
        );
        ledger.receive(0, &sent[0], now).unwrap();
        assert!(ledger.receive(0, &sent[0], now).is_err(), "it came twice");
        assert!(
            ledger.receive(2, &sent[0], now).is_err(),
            "its sender gets it"
        );
        let mut ledger = Ledger::new(Role::Echo, 2, 2, 1);
        let sent = lines(&mut ledger, 1);
        assert!(
            ledger.receive(0, &sent[0], now).is_err(),
            "another one gets it"
        );
        ledger.receive(1, &sent[0], now).unwrap();
        assert!(ledger.is_quiet());
    }
}
