//! What is read first: the word of welcome of both programs, and the help.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;

use crate::server::two_windows;
use crate::stage::Stage;

/// Pages of the help, by what their pictures are called.
const PAGES: [&str; 7] = [
    "first-conversation",
    "joining",
    "service",
    "firewall",
    "troubleshooting",
    "notifications",
    "keyboard",
];

pub(crate) fn show(stage: &Stage) {
    let client = stage.desktop.start("hallway", &[]);
    stage.fit(&client);
    client.find(Kind::Button, "Connect to Address…");
    stage.shoot(&client, "client-welcome");
    let server = stage.desktop.start("hallway-server", &[]);
    stage.fit(&server);
    server.find(Kind::Button, "Get Started");
    stage.shoot(&server, "server-welcome");
    help(stage, &server);
}

fn help(stage: &Stage, server: &App<'_>) {
    let screen = stage.desktop.screen();
    server.press("F1");
    two_windows(server);
    let mut windows = screen.windows_of(server.pid()).into_iter();
    let help = windows.next_back().expect("there are two");
    stage.fit_window(&help);
    screen.activate(&help);
    if stage.is_narrow() {
        stage.shoot_window(&help, "help");
    }
    for name in PAGES {
        if stage.is_narrow() {
            screen.press("Return");
        }
        stage.shoot_window(&help, &format!("help-{name}"));
        if stage.is_narrow() {
            screen.press("alt+Left");
        }
        screen.press("Down");
    }
}
