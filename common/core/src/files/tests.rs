use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;

fn folder() -> (TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("a/b")).unwrap();
    (place, folder)
}

fn lock(folder: &Folder) -> Lock<'_> {
    folder.lock("lock", Duration::from_secs(3)).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(&folder.path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_closed_to_others_in_a_folder_that_is() {
    let (_place, folder) = folder();
    lock(&folder).replace("x", b"1").unwrap();
    assert_eq!(
        (mode(&folder.path), mode(&folder.path("x"))),
        (0o700, 0o600)
    );
    assert_eq!(mode(&folder.path("lock")), 0o600);
    assert_eq!(names(&folder), ["lock", "x"]);
}

#[test]
fn permissions_that_are_too_wide_are_mended() {
    let (_place, folder) = folder();
    lock(&folder).replace("x", b"1").unwrap();
    set_mode(&folder.path, 0o755);
    set_mode(&folder.path("x"), 0o664);
    let folder = Folder::open(&folder.path).unwrap();
    assert_eq!(folder.read("x", 1), Ok(Found::Bytes(b"1".to_vec())));
    assert_eq!(
        (mode(&folder.path), mode(&folder.path("x"))),
        (0o700, 0o600)
    );
}

#[test]
fn what_is_there_is_replaced_only_where_that_is_meant() {
    let (_place, folder) = folder();
    let lock = lock(&folder);
    lock.make("x", b"1").unwrap();
    let path = folder.path("x");
    let source = Errno::EXIST;
    assert_eq!(lock.make("x", b"2"), Err(Error::System { path, source }));
    assert_eq!(folder.read("x", 9), Ok(Found::Bytes(b"1".to_vec())));
    lock.replace("x", b"3").unwrap();
    assert_eq!(folder.read("x", 9), Ok(Found::Bytes(b"3".to_vec())));
    assert_eq!(names(&folder), ["lock", "x"]);
}

#[test]
fn what_a_killed_program_left_is_not_in_the_way() {
    let (_place, folder) = folder();
    fs::write(folder.path("x.new"), b"hal").unwrap();
    set_mode(&folder.path("x.new"), 0o644);
    lock(&folder).replace("x", b"whole").unwrap();
    assert_eq!(folder.read("x", 9), Ok(Found::Bytes(b"whole".to_vec())));
    assert_eq!(mode(&folder.path("x")), 0o600);
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let (_place, folder) = folder();
    assert_eq!(folder.read("x", 3), Ok(Found::Nothing));
    lock(&folder).replace("x", b"abc").unwrap();
    assert_eq!(folder.read("x", 3), Ok(Found::Bytes(b"abc".to_vec())));
    assert_eq!(folder.read("x", 2), Ok(Found::TooLong));
}

#[test]
fn what_is_no_file_is_neither_read_nor_waited_for() {
    let (_place, folder) = folder();
    fs::create_dir(folder.path("folder")).unwrap();
    fs::write(folder.path("file"), b"").unwrap();
    symlink(folder.path("file"), folder.path("link")).unwrap();
    rustix::fs::mknodat(
        &folder.descriptor,
        "pipe",
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
    for name in ["folder", "link", "pipe"] {
        let path = folder.path(name);
        assert_eq!(folder.read(name, 9), Err(Error::NotAFile { path }));
    }
    assert!(matches!(
        Folder::open(&folder.path("file")),
        Err(Error::System { .. })
    ));
}

#[test]
fn damaged_files_are_set_aside_one_beside_the_other() {
    let (_place, folder) = folder();
    let lock = lock(&folder);
    for number in 1..=SET_ASIDE {
        let bytes = number.to_string();
        lock.make("x", bytes.as_bytes()).unwrap();
        let aside = lock.set_aside("x").unwrap();
        assert_eq!(aside, folder.path(&format!("x.damaged-{number}")));
        assert_eq!(fs::read_to_string(aside).unwrap(), bytes);
        assert_eq!(folder.read("x", 9), Ok(Found::Nothing));
    }
    lock.make("x", b"kept").unwrap();
    let path = folder.path("x");
    assert_eq!(lock.set_aside("x"), Err(Error::TooManyDamaged { path }));
    assert_eq!(folder.read("x", 9), Ok(Found::Bytes(b"kept".to_vec())));
}

#[test]
fn one_at_a_time_holds_the_lock_and_waiting_ends() {
    let (_place, folder) = folder();
    let held = lock(&folder);
    let path = folder.path("lock");
    assert_eq!(
        folder.lock("lock", Duration::from_millis(30)).err(),
        Some(Error::Busy { path })
    );
    drop(held);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let _held = lock(&folder);
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(5));
                inside.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    assert_eq!(most.into_inner(), 1);
}

#[test]
fn a_full_or_closed_folder_leaves_what_was_there() {
    let (_place, folder) = folder();
    let lock = lock(&folder);
    lock.replace("x", b"1").unwrap();
    // Stands in the way of the file beside, and cannot be removed as one.
    fs::create_dir(folder.path("x.new")).unwrap();
    assert!(matches!(lock.replace("x", b"2"), Err(Error::System { .. })));
    assert_eq!(folder.read("x", 9), Ok(Found::Bytes(b"1".to_vec())));
}

#[test]
fn who_is_at_work_knows_whether_others_are() {
    let (_place, folder) = folder();
    let attend = || lock(&folder).attend("work").unwrap();
    let (first, is_alone) = attend();
    assert!(is_alone);
    let (second, is_alone) = attend();
    assert!(!is_alone);
    drop(first);
    assert!(!attend().1);
    drop(second);
    assert!(attend().1);
}
