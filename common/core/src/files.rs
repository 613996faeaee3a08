//! Files that are nobody else's: a key, pins, a history.
//!
//! They stand in a folder of mode 0700 and have mode 0600. A file is there whole or not at all,
//! whenever the power goes: it is written beside its place, brought to the disk, and moved there.
//! Who writes holds a lock, so that two programs do not undo each other's work. A file that
//! cannot be read is set aside and never overwritten.
//!
//! All of it waits for the disk.

use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat, fchmod, flock, fstat,
    fsync, linkat, open, openat, renameat, renameat_with, unlinkat,
};
use rustix::io::Errno;

/// What everybody but the owner may do: nothing.
const OTHERS: u32 = 0o077;

/// How often it is looked whether another program is done.
const LOCK_LOOK: Duration = Duration::from_millis(10);

/// Damaged files kept of each kind: whoever has that many has another trouble.
const SET_ASIDE: u32 = 100;

/// What is wrong with a file or a folder of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused something.
    #[error("{}: {source}", .path.display())]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: Errno,
    },
    /// It belongs to another user.
    #[error("{}: belongs to another user", .path.display())]
    NotOurs {
        /// The file or folder.
        path: PathBuf,
    },
    /// It is a folder, a link, a pipe, a device.
    #[error("{}: not a file", .path.display())]
    NotAFile {
        /// What it should be the path of.
        path: PathBuf,
    },
    /// Others may read it or write to it, and that could not be changed.
    #[error("{}: open to others (mode {mode:o})", .path.display())]
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another program is at work on it and does not come to an end.
    #[error("{}: in use by another program", .path.display())]
    Busy {
        /// The lock's file.
        path: PathBuf,
    },
    /// There are too many damaged ones of it already.
    #[error("{}: too many damaged ones beside it", .path.display())]
    TooManyDamaged {
        /// The file.
        path: PathBuf,
    },
}

/// What was read of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// All of it.
    Bytes(Vec<u8>),
    /// It has more bytes than such a file may have.
    TooLong,
}

/// A folder that nobody else may look into.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    descriptor: OwnedFd,
}

impl Folder {
    /// Opens it, and makes it where it is not there. Permissions that are too wide are mended.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let folder = Self::open_as_it_is(path)?;
        keep_private(path, &folder.descriptor, Mode::RWXU)?;
        Ok(folder)
    }

    /// Opens it, and makes it where it is not there; one that is there keeps its permissions, as
    /// somebody's choice. The files in it are private all the same.
    pub(crate) fn open_as_it_is(path: &Path) -> Result<Self, Error> {
        let refused = |source| Error::System {
            path: path.to_owned(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
            .create(path)
            .map_err(|error| refused(errno(&error)))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = open(path, flags, Mode::empty()).map_err(refused)?;
        Ok(Self {
            path: path.to_owned(),
            descriptor,
        })
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file of at most `longest` bytes. Permissions that are too wide are mended.
    pub(crate) fn read(&self, name: &str, longest: usize) -> Result<Found, Error> {
        let path = self.path(name);
        // Whoever opens a pipe without it waits for somebody at its other end.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let descriptor = match openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => descriptor,
            Err(Errno::NOENT) => return Ok(Found::Nothing),
            Err(Errno::LOOP | Errno::NXIO) => return Err(Error::NotAFile { path }),
            Err(source) => return Err(Error::System { path, source }),
        };
        let stat = keep_private(&path, &descriptor, Mode::RUSR | Mode::WUSR)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Error::NotAFile { path });
        }
        read_all(File::from(descriptor), longest).map_err(|source| Error::System { path, source })
    }

    /// Opens a file that others write in place, and makes it where it is not there. Permissions
    /// that are too wide are mended.
    pub(crate) fn open_file(&self, name: &str) -> Result<File, Error> {
        let path = self.path(name);
        // Not the file that a link names: what is set aside would be the link.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let descriptor = match openat(&self.descriptor, name, flags | OFlags::NONBLOCK, mode) {
            Ok(descriptor) => descriptor,
            Err(Errno::LOOP | Errno::NXIO | Errno::ISDIR) => return Err(Error::NotAFile { path }),
            Err(source) => return Err(Error::System { path, source }),
        };
        let stat = keep_private(&path, &descriptor, mode)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Error::NotAFile { path });
        }
        Ok(File::from(descriptor))
    }

    /// Waits until no other program holds the lock of this name, at most for as long as given.
    pub(crate) fn lock(&self, name: &str, wait: Duration) -> Result<Lock<'_>, Error> {
        let path = self.path(name);
        let refused = |source| Error::System {
            path: path.clone(),
            source,
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let file =
            openat(&self.descriptor, name, flags | OFlags::NONBLOCK, mode).map_err(refused)?;
        let end = Instant::now() + wait;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if Instant::now() < end => thread::sleep(LOCK_LOOK),
                Err(Errno::WOULDBLOCK) => return Err(Error::Busy { path }),
                Err(Errno::INTR) => {}
                Err(source) => return Err(refused(source)),
            }
        }
        Ok(Lock {
            folder: self,
            _file: file,
        })
    }
}

/// The right to write in a folder, until it is dropped or the program ends.
#[derive(Debug)]
pub(crate) struct Lock<'a> {
    folder: &'a Folder,
    _file: OwnedFd,
}

/// The sign that a program is at work in a folder, until it is dropped or the program ends.
#[derive(Debug)]
pub(crate) struct Attendance(#[expect(dead_code, reason = "held for its lock")] OwnedFd);

impl Lock<'_> {
    /// Counts among those at work under this name. Second, whether nobody else does at present: nobody
    /// begins to while the lock is held.
    pub(crate) fn attend(&self, name: &str) -> Result<(Attendance, bool), Error> {
        let file = self.folder.open_file(name)?;
        let path = self.folder.path(name);
        let refused = |source| Error::System {
            path: path.clone(),
            source,
        };
        let is_alone = match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => true,
            Err(Errno::WOULDBLOCK) => false,
            Err(source) => return Err(refused(source)),
        };
        // Nobody holds it in any other way for longer than this takes.
        flock(&file, FlockOperation::NonBlockingLockShared).map_err(refused)?;
        Ok((Attendance(file.into()), is_alone))
    }

    /// Puts a file in place of the one that is there, if one is.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let folder = &self.folder.descriptor;
        self.put(name, bytes, |new| renameat(folder, new, folder, name))
    }

    /// Puts a file where none is. An error where one is.
    pub(crate) fn make(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.put(name, bytes, |new| self.move_to_nothing(new, name))
    }

    /// Moves a damaged file out of the way, and tells where to.
    pub(crate) fn set_aside(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.path(name);
        for number in 1..=SET_ASIDE {
            let aside = format!("{name}.damaged-{number}");
            match self.move_to_nothing(name, &aside) {
                Ok(()) => {
                    self.sync(&path)?;
                    return Ok(self.folder.path(&aside));
                }
                Err(Errno::EXIST) => {}
                Err(source) => return Err(Error::System { path, source }),
            }
        }
        Err(Error::TooManyDamaged { path })
    }

    fn put(
        &self,
        name: &str,
        bytes: &[u8],
        publish: impl FnOnce(&str) -> Result<(), Errno>,
    ) -> Result<(), Error> {
        let path = self.folder.path(name);
        // One name for all: what a killed program left there goes, and nothing heaps up.
        let new = format!("{name}.new");
        let written = self.write(&new, bytes).and_then(|()| publish(&new));
        if let Err(source) = written {
            // It may not be there at all.
            let _ = unlinkat(&self.folder.descriptor, &*new, AtFlags::empty());
            return Err(Error::System { path, source });
        }
        self.sync(&path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Errno> {
        let folder = &self.folder.descriptor;
        match unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(openat(folder, name, flags | OFlags::NOFOLLOW, mode)?);
        // A umask may have taken our own rights away.
        fchmod(&file, mode)?;
        file.write_all(bytes).map_err(|error| errno(&error))?;
        fsync(&file)
    }

    /// Moves a file to where none is.
    fn move_to_nothing(&self, from: &str, to: &str) -> Result<(), Errno> {
        let folder = &self.folder.descriptor;
        match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
            // Not every file system can do that at once.
            Err(Errno::INVAL | Errno::NOSYS) => {
                linkat(folder, from, folder, to, AtFlags::empty())?;
                unlinkat(folder, from, AtFlags::empty())
            }
            done => done,
        }
    }

    fn sync(&self, path: &Path) -> Result<(), Error> {
        fsync(&self.folder.descriptor).map_err(|source| Error::System {
            path: path.to_owned(),
            source,
        })
    }
}

/// Reads a file of the user's own, wherever it is: it is not ours to mend.
pub(crate) fn read_of_user(path: &Path, longest: usize) -> Result<(Found, Stat), Error> {
    let refused = |source| Error::System {
        path: path.to_owned(),
        source,
    };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let descriptor = open(path, flags, Mode::empty()).map_err(refused)?;
    let stat = fstat(&descriptor).map_err(refused)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Error::NotAFile {
            path: path.to_owned(),
        });
    }
    let found = read_all(File::from(descriptor), longest).map_err(refused)?;
    Ok((found, stat))
}

fn read_all(file: File, longest: usize) -> Result<Found, Errno> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| errno(&error))?;
    if bytes.len() > longest {
        return Ok(Found::TooLong);
    }
    Ok(Found::Bytes(bytes))
}

/// Sees to it that this is ours and closed to others.
fn keep_private(path: &Path, descriptor: &OwnedFd, mode: Mode) -> Result<Stat, Error> {
    let path = || path.to_owned();
    let stat = fstat(descriptor).map_err(|source| Error::System {
        path: path(),
        source,
    })?;
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(Error::NotOurs { path: path() });
    }
    if stat.st_mode & OTHERS != 0 {
        let is_mended = fchmod(descriptor, mode).is_ok()
            && fstat(descriptor).is_ok_and(|stat| stat.st_mode & OTHERS == 0);
        if !is_mended {
            let mode = stat.st_mode & 0o7777;
            return Err(Error::OpenToOthers { path: path(), mode });
        }
    }
    Ok(stat)
}

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests;
