//! What the sandboxes let through, and what they do not.

use std::fs;
use std::path::Path;

use hallway_tests::desktop::Desktop;

use crate::inside::{BOTH, flatpak, shell};

/// All that both manifests ask for. Names of services would stand in sections of their own.
const PERMISSIONS: &str = "\
[Context]
shared=network;ipc;
sockets=x11;wayland;fallback-x11;
devices=dri;";

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn nothing_is_permitted_beyond_what_is_needed() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for id in BOTH {
        let told = flatpak(&desktop, &["info", "--user", "--show-permissions", id]);
        assert_eq!(told.trim(), PERMISSIONS, "{id}");
    }
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn the_home_cannot_be_seen() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let home = desktop.home().join("home");
    fs::write(home.join("letter.txt"), "Dear Nell").expect("it is ours");
    let look = format!("cat '{}/letter.txt' 2>&1; ls -A '{0}'", home.display());
    for id in BOTH {
        // The look itself finds what is there to be found.
        let seen = shell(&desktop, &["--filesystem=home"], id, &look);
        assert!(seen.contains("Dear Nell"), "{id}: {seen}");
        let seen = shell(&desktop, &[], id, &look);
        assert!(!seen.contains("Dear Nell"), "{id}: {seen}");
        // Only the application's own folder is there.
        assert_eq!(seen.lines().last(), Some(".var"), "{id}: {seen}");
        assert_eq!(shell(&desktop, &[], id, "ls ~/.var/app").trim(), id);
    }
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn other_programs_cannot_be_spoken_to() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let ask = "gdbus call --session --dest org.freedesktop.DBus --object-path / \
               --method org.freedesktop.DBus.NameHasOwner org.a11y.Bus";
    for id in BOTH {
        // The accessibility bus runs, since the desktop has asked for it.
        let told = shell(&desktop, &["--talk-name=org.a11y.Bus"], id, ask);
        assert_eq!(told, "(true,)", "{id}");
        assert_eq!(shell(&desktop, &[], id, ask), "(false,)", "{id}");
    }
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn each_exports_its_own_files_only() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for id in BOTH {
        let place = flatpak(&desktop, &["info", "--user", "--show-location", id]);
        let exported = files(&Path::new(place.trim()).join("export"));
        assert!(
            exported.iter().all(|file| file.contains(id)),
            "{exported:#?}"
        );
        for file in [
            format!("share/applications/{id}.desktop"),
            format!("share/dbus-1/services/{id}.service"),
            format!("share/gnome-shell/search-providers/{id}.search-provider.ini"),
            format!("share/icons/hicolor/scalable/apps/{id}.svg"),
            format!("share/icons/hicolor/symbolic/apps/{id}-symbolic.svg"),
        ] {
            assert!(exported.contains(&file), "{file} of {exported:#?}");
        }
        // flatpak-builder 1.2 gives it the name of old, share/appdata/….
        let is_metainfo =
            |file: &String| file.ends_with("metainfo.xml") || file.ends_with("appdata.xml");
        assert!(exported.iter().any(is_metainfo), "{exported:#?}");
    }
}

/// The files in a folder, as they are called from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("an installed application exports something") {
            let path = entry.expect("it stays installed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it was found in there");
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    found
}
