//! A peer that is a socket and nothing more.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, ipproto, sockopt};

use crate::wait::{PATIENCE, SILENCE};

/// Looks like an address, of a network that there is only in documents (RFC 5737).
const NOT_A_NAME: &str = "192.0.2.99";

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Properly, with a FIN.
    Fin,
    /// With an RST.
    Reset,
}

/// A connection to a server.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Peer {
    /// Connects.
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address)
            .unwrap_or_else(|error| panic!("{address} cannot be connected to: {error}"))
    }

    /// Connects, if that can be done.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn try_connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect_timeout(&address, PATIENCE).map(Self::over)
    }

    /// Connects with a receive buffer of about this many bytes, so that what it does not read
    /// stays at the sender.
    #[track_caller]
    pub fn connect_with_buffer(address: SocketAddr, bytes: usize) -> Self {
        let family = if address.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let socket = rustix::net::socket(family, SocketType::STREAM, Some(ipproto::TCP))
            .expect("a socket can be made");
        sockopt::set_socket_recv_buffer_size(&socket, bytes).expect("the buffer's size can be set");
        rustix::net::connect(&socket, &address)
            .unwrap_or_else(|error| panic!("{address} cannot be connected to: {error}"));
        Self::over(TcpStream::from(socket))
    }

    fn over(stream: TcpStream) -> Self {
        stream
            .set_nodelay(true)
            .expect("a TCP socket has this option");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("the time-out is not zero");
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Its own address: what it is called until it has a name.
    pub fn address(&self) -> SocketAddr {
        self.stream
            .local_addr()
            .expect("a connected socket has an address")
    }

    /// The stream itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends these bytes.
    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream
            .write_all(bytes)
            .unwrap_or_else(|error| panic!("the server does not take what is sent: {error}"));
    }

    /// Sends these bytes, or as many as the other side wants.
    pub fn try_send(&mut self, bytes: &[u8]) {
        // A peer whose connection was closed meanwhile has nobody to send to.
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a line.
    #[track_caller]
    pub fn line(&mut self, text: &str) {
        self.send(format!("{text}\n").as_bytes());
    }

    /// Says that nothing more will be sent.
    pub fn half_close(&self) {
        self.stream
            .shutdown(Shutdown::Write)
            .expect("a connected socket can be shut down");
    }

    /// Breaks the connection off with an RST.
    pub fn reset(self) {
        sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO))
            .expect("a TCP socket has this option");
    }

    /// The next line, without its LF.
    #[track_caller]
    pub fn next_line(&mut self) -> String {
        let line = self.next_bytes();
        String::from_utf8_lossy(&line).into_owned()
    }

    /// The next line as it came, without its LF.
    #[track_caller]
    pub fn next_bytes(&mut self) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        let mut searched = 0;
        loop {
            if let Some(at) = self.read[searched..].iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.read.drain(..=searched + at).collect();
                line.pop();
                return line;
            }
            searched = self.read.len();
            match self.fill(deadline) {
                Ok(0) => panic!("end of stream instead of a line; left: {}", self.left()),
                Ok(_) => {}
                Err(error) => panic!("no line: {error}; left: {}", self.left()),
            }
        }
    }

    /// The next bytes, as many as asked for.
    #[track_caller]
    pub fn exactly(&mut self, count: usize) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        while self.read.len() < count {
            match self.fill(deadline) {
                Ok(0) => panic!("end of stream before {count} bytes; left: {}", self.left()),
                Ok(_) => {}
                Err(error) => panic!("no {count} bytes: {error}; left: {}", self.left()),
            }
        }
        self.read.drain(..count).collect()
    }

    /// The next line must be this one.
    #[track_caller]
    pub fn hears(&mut self, line: &str) {
        assert_eq!(self.next_line(), line);
    }

    /// The next line must be an answer of the server; gives it.
    #[track_caller]
    pub fn answer(&mut self) -> String {
        let line = self.next_line();
        assert!(line.starts_with("* "), "not an answer: {line}");
        line
    }

    /// Sends a command; gives all lines of the answer.
    #[track_caller]
    pub fn ask(&mut self, command: &str) -> String {
        self.line(command);
        // What is not a name is refused with a line that names it: there the answer has ended.
        self.line(&format!("/name {NOT_A_NAME}"));
        let mut lines = Vec::new();
        loop {
            let line = self.answer();
            if line.contains(NOT_A_NAME) {
                return lines.join("\n");
            }
            lines.push(line);
        }
    }

    /// Nothing must come for a while.
    #[track_caller]
    pub fn hears_nothing(&mut self) {
        assert!(self.read.is_empty(), "not silent: {}", self.left());
        match self.fill(Instant::now() + SILENCE) {
            Err(error) if is_timeout(&error) => {}
            Ok(0) => panic!("end of stream instead of silence"),
            Ok(_) => panic!("not silent: {}", self.left()),
            Err(error) => panic!("no silence: {error}"),
        }
    }

    /// Everything until the end, which must come, and how it came; then closes too.
    #[track_caller]
    pub fn rest(&mut self) -> (String, End) {
        self.rest_within(PATIENCE)
    }

    /// [`Peer::rest`] with a deadline of one's own.
    #[track_caller]
    pub fn rest_within(&mut self, patience: Duration) -> (String, End) {
        let deadline = Instant::now() + patience;
        let end = loop {
            match self.fill(deadline) {
                Ok(0) => break End::Fin,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
                Err(error) => panic!("no end within {patience:?}: {error}; read: {}", self.left()),
            }
        };
        // As any program does that has read the end. After a reset there is nothing to close.
        let _ = self.stream.shutdown(Shutdown::Write);
        (self.left(), end)
    }

    /// Reads what has come, at most this much; zero at the end of the stream.
    #[track_caller]
    pub fn read_some(&mut self, most: usize) -> Vec<u8> {
        if self.read.is_empty() {
            self.fill_at_most(Instant::now() + PATIENCE, most)
                .unwrap_or_else(|error| panic!("nothing comes: {error}"));
        }
        let count = most.min(self.read.len());
        self.read.drain(..count).collect()
    }

    fn left(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    fn fill(&mut self, deadline: Instant) -> io::Result<usize> {
        self.fill_at_most(deadline, 64 * 1024)
    }

    fn fill_at_most(&mut self, deadline: Instant, most: usize) -> io::Result<usize> {
        let left = deadline.saturating_duration_since(Instant::now());
        // Zero would mean forever.
        self.stream
            .set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let mut buffer = vec![0; most];
        let count = self.stream.read(&mut buffer)?;
        self.read.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
