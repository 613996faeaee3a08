//! Proxies from Debian: microsocks (SOCKS5) and tinyproxy (HTTP CONNECT).

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hallway_core::net::Connector;
use hallway_core::net::connector::Proxy;

use super::localhost;

/// A proxy that runs while this is held.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
    config: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
        if let Some(config) = &self.config {
            fs::remove_file(config).expect("our own file");
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Socks,
    Http,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Socks, Kind::Http];
pub(crate) const USER: &str = "ana";

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Socks => "microsocks",
            Self::Http => "tinyproxy",
        }
    }

    /// The password, and how a URI has it. The settings of tinyproxy take letters and digits.
    pub(crate) fn password(self) -> (&'static str, &'static str) {
        match self {
            Self::Socks => ("p@ss:w/rd", "p%40ss%3Aw%2Frd"),
            Self::Http => ("passw0rd", "passw0rd"),
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Socks => "socks5",
            Self::Http => "http",
        }
    }

    /// Starts the proxy, or says that it is not here; CI has it.
    pub(crate) fn start(self, login: bool) -> Option<Running> {
        let port = free_port();
        let mut command = Command::new(self.program());
        let config = match self {
            Self::Socks => {
                command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
                if login {
                    command.args(["-u", USER, "-P", self.password().0]);
                }
                None
            }
            Self::Http => {
                let file = std::env::temp_dir().join(format!(
                    "hallway-tinyproxy-{}-{port}.conf",
                    std::process::id()
                ));
                let login = if login {
                    format!("BasicAuth {USER} {}\n", self.password().0)
                } else {
                    String::new()
                };
                fs::write(&file, format!("Port {port}\nListen 127.0.0.1\n{login}"))
                    .expect("a temporary file");
                command.arg("-d").arg("-c").arg(&file);
                Some(file)
            }
        };
        let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
        match silent.spawn() {
            Ok(child) => {
                let running = Running {
                    child,
                    port,
                    config,
                };
                running.wait();
                Some(running)
            }
            Err(error) => {
                let name = self.program();
                assert!(std::env::var_os("CI").is_none(), "{name}: {error}");
                eprintln!("skipped: {name}: {error}");
                None
            }
        }
    }
}

impl Running {
    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(localhost(self.port)).is_err() {
            assert!(Instant::now() < end, "the proxy does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn connector(&self, kind: Kind, credentials: &str) -> Connector {
        let uri = format!("{}://{credentials}127.0.0.1:{}", kind.scheme(), self.port);
        through(uri)
    }

    pub(crate) fn shown(&self, kind: Kind) -> String {
        format!("{}://127.0.0.1:{}", kind.scheme(), self.port)
    }
}

pub(crate) fn through(uri: String) -> Connector {
    let mut connector = Connector::default();
    connector.proxy = Proxy::Manual(uri);
    connector
}

pub(crate) fn free_port() -> u16 {
    let socket = TcpListener::bind(localhost(0)).unwrap();
    socket.local_addr().unwrap().port()
}
