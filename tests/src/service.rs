//! What a service manager does for a service: sockets that are open already, and an ear for news.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::wait::{PATIENCE, SILENCE};

/// More than any news may have.
const LONGEST: usize = 4096;

/// The ear of a service manager: `NOTIFY_SOCKET` (`sd_notify`(3)).
#[derive(Debug)]
pub struct Manager {
    socket: UnixDatagram,
    name: String,
    /// The folder of a socket that has a path.
    folder: Option<PathBuf>,
}

/// News that came in one piece: values by their names.
pub type News = BTreeMap<String, String>;

impl Manager {
    /// One whose socket has a path, as that of a person's manager.
    #[track_caller]
    pub fn with_path() -> Self {
        let folder = env::temp_dir().join(unique());
        fs::create_dir(&folder).expect("the folder is new");
        let path = folder.join("notify");
        Self {
            socket: UnixDatagram::bind(&path).expect("a socket can be bound to a new path"),
            name: path.to_string_lossy().into_owned(),
            folder: Some(folder),
        }
    }

    /// One whose socket has a name that is no path, as containers have it.
    #[track_caller]
    pub fn with_abstract_name() -> Self {
        let name = unique();
        let address = SocketAddr::from_abstract_name(&name).expect("a short name");
        Self {
            socket: UnixDatagram::bind_addr(&address).expect("the name is new"),
            name: format!("@{name}"),
            folder: None,
        }
    }

    /// What `NOTIFY_SOCKET` is for whom it listens to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets a program know where to bring its news.
    pub fn listens_to(&self, command: &mut Command) {
        command.env("NOTIFY_SOCKET", &self.name);
    }

    /// The next news, if there are any in this time.
    #[track_caller]
    pub fn next(&self, patience: Duration) -> Option<News> {
        self.socket
            .set_read_timeout(Some(patience.max(Duration::from_millis(1))))
            .expect("the time-out is not zero");
        let mut bytes = [0; LONGEST];
        let count = self.socket.recv(&mut bytes).ok()?;
        let text = str::from_utf8(&bytes[..count]).expect("news are UTF-8");
        let pairs = text.lines().map(|line| {
            let (name, value) = line.split_once('=').expect("news are NAME=VALUE");
            (name.to_owned(), value.to_owned())
        });
        Some(pairs.collect())
    }

    /// Waits for news that are `wanted`; others before them are left behind.
    #[track_caller]
    pub fn hears(&self, what: &str, mut wanted: impl FnMut(&News) -> bool) -> News {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(news) = self.next(left) else {
                panic!("no news of {what}; heard: {heard:?}");
            };
            if wanted(&news) {
                return news;
            }
            heard.push(news);
        }
    }

    /// Waits until the service is ready.
    #[track_caller]
    pub fn hears_ready(&self) -> News {
        self.hears("readiness", |news| {
            news.get("READY").is_some_and(|value| value == "1")
        })
    }

    /// Waits for a status that has these words.
    #[track_caller]
    pub fn hears_status(&self, words: &str) -> News {
        self.hears(&format!("“{words}”"), |news| {
            news.get("STATUS")
                .is_some_and(|value| value.contains(words))
        })
    }

    /// No news for a while.
    #[track_caller]
    pub fn hears_nothing(&self) {
        assert_eq!(self.next(SILENCE), None);
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// A name that no other test has.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("hallway-service-{}-{number}", process::id())
}
