//! The password of the room, in a file.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use hallway_core::wire::{Password, limits};

use crate::words::keeping as words;

/// What everybody may do with a password's file: nothing.
const OTHERS: u32 = 0o007;

/// The password in a file: its first line. A pipe will do as well.
///
/// # Errors
/// A sentence for people.
pub(crate) fn read(path: &Path) -> Result<Password, String> {
    text(path)?.parse().map_err(|_| words::bad_password(path))
}

/// It as text, where it is to be shown to the host.
///
/// # Errors
/// A sentence for people.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| words::no_password(path, &error.to_string());
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.mode() & OTHERS != 0 {
        return Err(words::open_password(path));
    }
    let mut text = String::new();
    // What is longer with its ending is no password.
    let longest = limits::PASSWORD as u64 + 2;
    file.take(longest)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let line = text.lines().next().unwrap_or_default();
    let checked: Result<Password, _> = line.parse();
    checked.map_err(|_| words::bad_password(path))?;
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_a_file_that_is_not_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let write = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            read(&path)
        };
        let right = Ok("open sesame".parse().unwrap());
        assert_eq!(write("open sesame\n", 0o600), right);
        assert_eq!(write("open sesame\r\nmore", 0o640), right);
        assert!(write("open sesame\n", 0o604).is_err());
        assert!(write("\n", 0o600).is_err());
        assert!(write(&"x".repeat(limits::PASSWORD), 0o600).is_ok());
        assert!(write(&"x".repeat(limits::PASSWORD + 1), 0o600).is_err());
        assert!(read(&folder.path().join("nothing")).is_err());
    }
}
