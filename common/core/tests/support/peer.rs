//! Plain sockets at the other end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, listen, socket_with,
    sockopt,
};

/// A peer that never blocks the loop: everything it does is asked for again and again.
pub(crate) struct Peer {
    stream: TcpStream,
    pub(crate) got: Vec<u8>,
    /// How its stream ended: `Ok` at end of stream.
    pub(crate) end: Option<Result<(), ErrorKind>>,
}

impl Peer {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, None)
    }

    /// Connects with a receive buffer of so many bytes, which bounds its window from the start.
    pub(crate) fn connect_with(address: SocketAddr, buffer: Option<usize>) -> Self {
        let socket = new_socket(address, SocketFlags::CLOEXEC);
        if let Some(bytes) = buffer {
            sockopt::set_socket_recv_buffer_size(&socket, bytes).expect("a buffer size");
        }
        // The kernel of a listening socket answers by itself.
        connect(&socket, &address).expect("somebody listens");
        Self::new(socket.into())
    }

    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).expect("a socket");
        Self {
            stream,
            got: Vec::new(),
            end: None,
        }
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.stream.local_addr().expect("a connected socket")
    }

    /// Sends what fits at once into the kernel.
    #[track_caller]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("room in the kernel");
    }

    /// Sends as much as the kernel takes now.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> usize {
        match self.stream.write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => panic!("the peer cannot send: {error}"),
        }
    }

    /// Takes what has arrived, at most so many bytes.
    pub(crate) fn take(&mut self, most: usize) -> usize {
        if self.end.is_some() {
            return 0;
        }
        let before = self.got.len();
        let mut limited = Read::by_ref(&mut self.stream).take(most as u64);
        match limited.read_to_end(&mut self.got) {
            Ok(_) if limited.limit() > 0 => self.end = Some(Ok(())),
            Err(error) if error.kind() != ErrorKind::WouldBlock => {
                self.end = Some(Err(error.kind()));
            }
            _ => {}
        }
        self.got.len() - before
    }

    /// Takes what has arrived and says whether the stream is over.
    pub(crate) fn is_over(&mut self) -> bool {
        self.take(usize::MAX);
        self.end.is_some()
    }

    /// Takes what has arrived and compares all of it.
    pub(crate) fn has(&mut self, bytes: &[u8]) -> bool {
        self.take(usize::MAX);
        self.got == bytes
    }

    /// Says that nothing more comes.
    pub(crate) fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).expect("a socket");
    }

    /// Breaks the connection off with RST.
    pub(crate) fn reset(self) {
        sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO)).expect("a socket");
    }

    /// The socket itself, blocking, for a thread.
    pub(crate) fn into_blocking(self) -> TcpStream {
        self.stream.set_nonblocking(false).expect("a socket");
        self.stream
    }
}

fn new_socket(address: SocketAddr, flags: SocketFlags) -> OwnedFd {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    socket_with(family, SocketType::STREAM, flags, None).expect("a socket")
}

/// Begins to connect and does not wait.
pub(crate) fn begin_connecting(address: SocketAddr) -> TcpStream {
    let socket = new_socket(address, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK);
    if let Err(error) = connect(&socket, &address) {
        assert_eq!(error, rustix::io::Errno::INPROGRESS);
    }
    socket.into()
}

/// Whether a socket of [`begin_connecting`] is connected by now.
pub(crate) fn is_connected(stream: &TcpStream) -> bool {
    stream.peer_addr().is_ok()
}

/// An address that answers nothing: a listening socket whose queue is full drops what comes.
pub(crate) struct Swallower {
    pub(crate) address: SocketAddr,
    _socket: OwnedFd,
    _fillers: Vec<TcpStream>,
}

impl Swallower {
    pub(crate) fn new() -> Self {
        Self::at(super::localhost(0))
    }

    pub(crate) fn at(address: SocketAddr) -> Self {
        let socket = new_socket(address, SocketFlags::CLOEXEC);
        bind(&socket, &address).expect("a free port");
        listen(&socket, 0).expect("a bound socket");
        let address: SocketAddr = getsockname(&socket)
            .and_then(SocketAddr::try_from)
            .expect("an IPv4 address");
        let fillers = (0..3).map(|_| begin_connecting(address)).collect();
        Self {
            address,
            _socket: socket,
            _fillers: fillers,
        }
    }
}

/// A blocking reader that takes everything, a piece at a time with a rest after each.
pub(crate) fn read_slowly(
    mut stream: TcpStream,
    piece: usize,
    rest: Duration,
) -> std::thread::JoinHandle<io::Result<Vec<u8>>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        let mut buffer = vec![0; piece];
        loop {
            match stream.read(&mut buffer)? {
                0 => return Ok(all),
                count => all.extend_from_slice(&buffer[..count]),
            }
            // The pace of this reader is what is tested; nothing is waited for.
            std::thread::sleep(rest);
        }
    })
}
