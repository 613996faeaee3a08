//! A guest of the server who says anything: see `hallway_server::fuzzing`.

pub(crate) fn guest(data: &[u8]) {
    hallway_server::fuzzing::guest(data);
}
