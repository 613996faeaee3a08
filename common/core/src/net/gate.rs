//! How many handshakes are reckoned at once.
//!
//! A handshake costs its server a signature. A place at the gate is taken when that is due and left
//! when the handshake is over, or after [`limits::HANDSHAKE_TURN`]: a peer that lets us wait costs
//! nothing meanwhile. So the gate bounds how many are begun at a time; how many are open is bounded by
//! the connections, and how long by [`limits::HANDSHAKE`].

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

use super::address::place;
use super::limits;
use super::reactor::{Handler, Reactor};
use super::timer::Timer;

/// Somebody at the gate.
struct Guest {
    number: u64,
    /// Where from; this computer's own are not counted.
    place: Option<IpAddr>,
}

/// The gate of one listener.
#[derive(Default)]
pub(crate) struct Gate {
    last: Cell<u64>,
    inside: RefCell<Vec<(Guest, Instant)>>,
    /// Behind each other, but nobody waits for others of an address that is not its own.
    waiting: RefCell<VecDeque<(Guest, Rc<dyn Handler>)>>,
    timer: RefCell<Option<Timer>>,
}

/// A place at the gate, or in the queue before it, until this is dropped.
pub(crate) struct Pass {
    gate: Rc<Gate>,
    reactor: Reactor,
    number: u64,
}

impl Gate {
    /// Asks for a place. Where there is none yet, `handler` is [resumed](Handler::resume) as soon
    /// as there is. The queue is as long as there are connections.
    pub(crate) fn ask(
        self: &Rc<Self>,
        reactor: &Reactor,
        peer: SocketAddr,
        handler: Rc<dyn Handler>,
    ) -> Pass {
        let number = self.last.get() + 1;
        self.last.set(number);
        let place = Some(place(peer)).filter(|place| !place.is_loopback());
        let guest = Guest { number, place };
        self.make_room(Instant::now());
        // Who waits already comes first; who goes on waiting does so for others of its own address.
        self.admit(reactor);
        if self.has_room_for(guest.place) {
            self.inside.borrow_mut().push((guest, Instant::now()));
        } else {
            self.waiting.borrow_mut().push_back((guest, handler));
            self.look_again(reactor);
        }
        Pass {
            gate: Rc::clone(self),
            reactor: reactor.clone(),
            number,
        }
    }

    fn has_room_for(&self, place: Option<IpAddr>) -> bool {
        let inside = self.inside.borrow();
        let of_place = |(guest, _): &&(Guest, Instant)| guest.place == place;
        inside.len() < limits::HANDSHAKES
            && (place.is_none()
                || inside.iter().filter(of_place).count() < limits::HANDSHAKES_PER_ADDRESS)
    }

    /// Those whose turn is over give their place up, if anybody waits for one.
    fn make_room(&self, now: Instant) {
        let is_in_turn = |since: Instant| now.duration_since(since) < limits::HANDSHAKE_TURN;
        self.inside
            .borrow_mut()
            .retain(|(_, since)| is_in_turn(*since));
    }

    /// Lets in whoever may come in.
    fn admit(self: &Rc<Self>, reactor: &Reactor) {
        loop {
            let next = {
                let waiting = self.waiting.borrow();
                waiting
                    .iter()
                    .position(|(guest, _)| self.has_room_for(guest.place))
            };
            let next = next.and_then(|next| self.waiting.borrow_mut().remove(next));
            let Some((guest, handler)) = next else { break };
            self.inside.borrow_mut().push((guest, Instant::now()));
            reactor.put_off(handler);
        }
        if self.waiting.borrow().is_empty() {
            self.timer.take();
        } else {
            self.look_again(reactor);
        }
    }

    /// Looks again when turns are over.
    fn look_again(self: &Rc<Self>, reactor: &Reactor) {
        if self.timer.borrow().is_some() {
            return;
        }
        let gate = Rc::downgrade(self);
        let again = reactor.clone();
        let timer = Timer::once(limits::HANDSHAKE_TURN, reactor.priority(), move || {
            if let Some(gate) = gate.upgrade() {
                gate.timer.take();
                gate.make_room(Instant::now());
                gate.admit(&again);
            }
        });
        self.timer.replace(Some(timer));
    }
}

impl Pass {
    /// Whether it is, or was, let in.
    pub(crate) fn is_inside(&self) -> bool {
        let waiting = self.gate.waiting.borrow();
        !waiting.iter().any(|(guest, _)| guest.number == self.number)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let number = self.number;
        self.gate
            .inside
            .borrow_mut()
            .retain(|(guest, _)| guest.number != number);
        let left = {
            let mut waiting = self.gate.waiting.borrow_mut();
            let at = waiting.iter().position(|(guest, _)| guest.number == number);
            at.and_then(|at| waiting.remove(at))
        };
        drop(left);
        self.gate.admit(&self.reactor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Handler for Nobody {
        fn ready(&self, _events: super::super::reactor::Events) {}
    }

    fn with_gate(test: impl FnOnce(&Rc<Gate>, &dyn Fn(&str) -> Pass)) {
        let context = glib::MainContext::new();
        context
            .with_thread_default(|| {
                let reactor = Reactor::new(glib::Priority::DEFAULT).unwrap();
                let gate = Rc::<Gate>::default();
                let ask = |peer: &str| gate.ask(&reactor, peer.parse().unwrap(), Rc::new(Nobody));
                test(&gate, &ask);
            })
            .unwrap();
    }

    #[test]
    fn two_of_an_address_and_six_in_all_come_in() {
        with_gate(|gate, ask| {
            let of_one: Vec<_> = (0..5).map(|_| ask("192.0.2.1:1")).collect();
            let inside = |passes: &[Pass]| passes.iter().filter(|p| p.is_inside()).count();
            assert_eq!(inside(&of_one), 2);
            let of_a_network = [
                ask("[2001:db8::1]:1"),
                ask("[2001:db8::2]:1"),
                ask("[2001:db8::3]:1"),
            ];
            assert_eq!(inside(&of_a_network), 2);
            let own: Vec<_> = (0..5).map(|_| ask("127.0.0.1:1")).collect();
            assert_eq!(inside(&own), 2);
            drop(of_one);
            assert_eq!(inside(&own), 4);
            drop((of_a_network, own));
            assert!(gate.inside.borrow().is_empty() && gate.waiting.borrow().is_empty());
            assert!(gate.timer.borrow().is_none());
        });
    }

    #[test]
    fn who_lets_us_wait_loses_its_place() {
        with_gate(|gate, ask| {
            let _stalled: Vec<_> = (0..6).map(|_| ask("127.0.0.1:1")).collect();
            let next = ask("127.0.0.1:1");
            assert!(!next.is_inside());
            gate.make_room(Instant::now() + limits::HANDSHAKE_TURN);
            gate.admit(&next.reactor);
            assert!(next.is_inside());
        });
    }
}
