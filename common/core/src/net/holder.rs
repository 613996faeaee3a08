//! Who holds a TCP port, for "address in use".

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
};

mod table;

use self::table::{Conflict, Row};

/// Most bytes read of each table of sockets: about 7,000 rows of 150 bytes. Listening sockets come first.
const MAX_TABLE: u64 = 1024 * 1024;

/// Most processes looked at, those with small numbers first; a desktop has some hundreds.
const MAX_PROCESSES: usize = 8192;

/// Most descriptors looked at over all processes. Each costs about a microsecond, and an answer that
/// comes later than a tenth of a second is not worth a window that stands still.
const MAX_DESCRIPTORS: usize = 65_536;

/// Most characters kept of a program's name; a row in a window shows fewer.
const MAX_NAME: usize = 64;

/// Most bytes read of `comm`, which the kernel cuts at 15.
const MAX_COMM: u64 = 64;

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The name of its program, made of printable characters only; empty where the system does not tell.
    pub program: String,
}

/// Finds the process whose listening socket stands in the way of listening on `address`, as far as the
/// system tells: without privileges that is this person's own processes.
///
/// It reads `/proc`, which takes some milliseconds: call it after a failure, not on every try.
pub fn holder(address: SocketAddr) -> Option<Holder> {
    if address.port() == 0 {
        return None;
    }
    let inodes = conflicting(address, Path::new("/proc/net"));
    if inodes.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, entry.path()))
    });
    let mut budget = MAX_DESCRIPTORS;
    for (pid, process) in processes.take(MAX_PROCESSES) {
        if holds(&process, &inodes, &mut budget) {
            let program = program(&process);
            return Some(Holder { pid, program });
        }
    }
    None
}

/// The inodes of the sockets in the way; those that only may be, where no other is.
fn conflicting(address: SocketAddr, tables: &Path) -> Vec<u64> {
    let (mut certain, mut possible) = (Vec::new(), Vec::new());
    for name in ["tcp", "tcp6"] {
        let Ok(file) = File::open(tables.join(name)) else {
            continue;
        };
        // The first row that does not listen ends the part of interest (Linux, proc_net_tcp.rst).
        let rows = BufReader::new(file.take(MAX_TABLE))
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| Row::parse(&line))
            .take_while(|row| row.listening);
        for row in rows.filter(|row| row.inode != 0) {
            match table::conflict(row.local, address) {
                Some(Conflict::Certain) => certain.push(row.inode),
                Some(Conflict::Possible) => possible.push(row.inode),
                None => {}
            }
        }
    }
    if certain.is_empty() {
        possible
    } else {
        certain
    }
}

/// Whether the process has one of the sockets open; takes the descriptors it looks at from `budget`.
fn holds(process: &Path, inodes: &[u64], budget: &mut usize) -> bool {
    // Fails for processes of others, and for those that have just ended.
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    for descriptor in descriptors.flatten() {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        let inode = fs::read_link(descriptor.path())
            .ok()
            .and_then(|target| table::socket_inode(target.to_str()?));
        if inode.is_some_and(|inode| inodes.contains(&inode)) {
            return true;
        }
    }
    false
}

/// The name of the executable, or what the process calls itself where that cannot be read.
fn program(process: &Path) -> String {
    let executable = fs::read_link(process.join("exe"))
        .ok()
        .and_then(|path| Some(printable(&path.file_name()?.to_string_lossy())))
        .unwrap_or_default();
    if executable.is_empty() {
        printable(&comm(process).unwrap_or_default())
    } else {
        executable
    }
}

fn comm(process: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(process.join("comm"))?
        .take(MAX_COMM)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Keeps letters, digits and what a keyboard prints, since a program chooses its name freely.
fn printable(name: &str) -> String {
    // The kernel's mark of an executable that was replaced while running, as every update does.
    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
    let kept: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_ascii_graphic() || *c == ' ')
        .take(MAX_NAME)
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv4Addr, Ipv6Addr, TcpListener},
        process,
    };

    use super::*;

    fn own_program() -> String {
        let path = std::env::current_exe().expect("the test has an executable");
        let name = path.file_name().expect("an executable has a name");
        printable(&name.to_string_lossy())
    }

    #[test]
    fn finds_its_own_listener() {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let own = Some(Holder {
            pid: process::id(),
            program: own_program(),
        });
        assert_eq!(holder(address), own);
        assert_eq!(holder((Ipv4Addr::UNSPECIFIED, address.port()).into()), own);
        assert_eq!(holder((Ipv6Addr::UNSPECIFIED, address.port()).into()), own);
        drop(listener);
        assert_eq!(holder(address), None);
    }

    #[test]
    fn finds_its_own_dual_stack_listener() {
        let Ok(listener) = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)) else {
            eprintln!("skipped: no IPv6 here");
            return;
        };
        let port = listener
            .local_addr()
            .expect("a listener has an address")
            .port();
        let found = |address: SocketAddr| holder(address).map(|holder| holder.pid);
        assert_eq!(
            found((Ipv6Addr::LOCALHOST, port).into()),
            Some(process::id())
        );
        assert_eq!(
            found((Ipv4Addr::LOCALHOST, port).into()),
            Some(process::id())
        );
    }

    #[test]
    fn port_zero_is_held_by_nobody() {
        assert_eq!(holder((Ipv4Addr::LOCALHOST, 0).into()), None);
    }

    #[test]
    fn descriptors_looked_at_are_bounded() {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let inodes = conflicting(address, Path::new("/proc/net"));
        let mut budget = 1;
        assert!(!holds(Path::new("/proc/self"), &inodes, &mut budget));
        assert_eq!(budget, 0);
    }

    #[test]
    fn names_of_programs_are_made_printable() {
        assert_eq!(printable("gnome-user-share (deleted)"), "gnome-user-share");
        assert_eq!(printable("\u{1b}[31mred\n"), "[31mred");
        assert_eq!(printable("走廊\u{202e}exe"), "走廊exe");
        assert_eq!(printable("\n"), "");
        assert_eq!(printable(&"x".repeat(1000)).len(), MAX_NAME);
    }
}
