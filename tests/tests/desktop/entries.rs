//! What the overview has of us.

use hallway_tests::desktop::shell::Region;
use hallway_tests::desktop::{Desktop, Look};

use crate::{CLIENT, SERVER, picture};

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn both_are_in_the_overview_with_their_icons() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    for (id, name) in [(CLIENT, "Hallway"), (SERVER, "Hallway Server")] {
        let entry = shell.entry(id);
        assert_eq!(entry.name, name);
        assert_eq!(entry.windows, 0);
        let icon = format!("{id}.svg");
        assert!(entry.icon.ends_with(&icon), "{}", entry.icon);
    }
    shell.show_overview(true);
    let applications = shell.find(Region::Dash, "Show Applications");
    shell.click_on(&applications);
    shell.find(Region::Apps, "Hallway");
    shell.find(Region::Apps, "Hallway Server");
    picture(&desktop, "applications");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn both_are_found_by_their_name_and_by_what_they_are_for() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    shell.show_overview(true);
    for words in ["hallway", "chat", "lan"] {
        shell.type_text(words);
        shell.find(Region::Search, "Hallway");
        shell.find(Region::Search, "Hallway Server");
        picture(&desktop, &format!("search-{words}"));
        shell.press("Escape");
        shell.is_empty(Region::Search);
    }
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn their_menus_offer_what_people_do_first() {
    let pinned = format!("['{CLIENT}.desktop', '{SERVER}.desktop']");
    let look = Look::default().set("org/gnome/shell", "favorite-apps", &pinned);
    let desktop = Desktop::in_gnome_shell(&look);
    let shell = desktop.shell();
    shell.show_overview(true);
    for (name, offers) in [
        ("Hallway", ["New Window", "New Connection"].as_slice()),
        ("Hallway Server", &["Start Listening"]),
    ] {
        let entry = shell.find(Region::Dash, name);
        shell.click(entry.place.middle(), 3);
        for offer in offers {
            shell.find(Region::Everything, offer);
        }
        picture(&desktop, &format!("menu-{}", name.replace(' ', "-")));
        shell.press("Escape");
    }
}
