//! How many descriptors this process may open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::limits;

/// Raises the soft limit on descriptors to the hard one, once at start. Returns the limit that
/// is then in force.
pub fn raise_limit() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        let raised = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit on open files stays as it is");
        }
    }
    limit()
}

/// The limit in force.
fn limit() -> usize {
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(limits::NONE, |limit| {
        usize::try_from(limit).unwrap_or(limits::NONE)
    })
}

/// How many connections fit beside what is open now and what is kept free.
pub(crate) fn room_for_connections() -> usize {
    // One descriptor of the count is the folder being read; it only makes us more careful.
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    limit()
        .saturating_sub(open)
        .saturating_sub(limits::DESCRIPTORS_RESERVED)
        .max(1)
}
