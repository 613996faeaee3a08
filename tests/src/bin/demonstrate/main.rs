//! `./dev run` where there is no display: both windows and `nc` talk to each other on a virtual one.
//!
//! The argument is the folder for the pictures and the transcript. With `--installed` after it the
//! programs are those that are installed, started as the menu starts them, and then over D-Bus.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::installed::Starter;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{HOST, conversation, is_connected, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::program::Program;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign_with, free_port, listening};

/// Which programs talk.
#[derive(Clone, Copy)]
enum Programs {
    /// Those of this build.
    Built,
    /// Those that are installed.
    Installed(Starter),
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().ok_or("Give a folder for the pictures.")?;
    let folder = PathBuf::from(folder);
    let is_installed = arguments.any(|word| word == "--installed");
    fs::create_dir_all(&folder)?;
    let look = Look {
        is_still: true,
        is_installed,
        // Only the first start says a word of welcome.
        remembers: is_installed,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return Ok(ExitCode::FAILURE);
    };
    let all: &[Programs] = if is_installed {
        &[
            Programs::Installed(Starter::Menu),
            Programs::Installed(Starter::Bus),
        ]
    } else {
        &[Programs::Built]
    };
    for &programs in all {
        demonstrate(&desktop, programs, &folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn demonstrate(desktop: &Desktop, programs: Programs, folder: &Path) -> Result<(), Box<dyn Error>> {
    let port = free_port();
    let server = open_room(desktop, programs, port);
    let client = join(desktop, programs, port);
    let port = port.to_string();
    let nc = foreign_with("nc", ["127.0.0.1", &port]).ok_or("There is no nc.")?;
    step(&format!("nc 127.0.0.1 {port}"));
    let mut nc = Program::spawn(nc);
    talk(&server, &client, &mut nc);
    for (app, name) in [(&server, "server"), (&client, "client")] {
        let window = app.first_window();
        desktop.screen().activate(&window);
        let place = desktop
            .screen()
            .place_of(&window)
            .ok_or("The window is gone.")?;
        let file = folder.join(name).with_extension("png");
        desktop.screen().still_picture_of(place, &file);
    }
    let transcript = transcript(&server, &client, &nc);
    let file = folder.join("conversation.txt");
    fs::write(&file, &transcript)?;
    print!("\n{transcript}");
    close(&client);
    close(&server);
    tell_where(folder, &file);
    Ok(())
}

fn step(text: &str) {
    println!("  {text}");
}

fn open_room(desktop: &Desktop, programs: Programs, port: u16) -> App<'_> {
    let name = "hallway-server";
    step(&format!("{name}: Start Listening"));
    let server = match programs {
        Programs::Built => desktop.start(name, &["--address", "127.0.0.1", "--name", HOST]),
        Programs::Installed(starter) => launch(desktop, name, "chat.hallway.Server", starter),
    };
    if matches!(programs, Programs::Installed(Starter::Menu)) {
        server.click(Kind::Button, "Get Started");
    }
    server.find(Kind::Number, "Port").set_number(port.into());
    server.click(Kind::Button, "Start Listening");
    listening(port);
    server
}

fn join(desktop: &Desktop, programs: Programs, port: u16) -> App<'_> {
    let name = "hallway";
    step(&format!("{name}: Connect to Address…"));
    let client = match programs {
        Programs::Built => desktop.start(name, &[]),
        Programs::Installed(starter) => launch(desktop, name, "chat.hallway.Client", starter),
    };
    client.click(Kind::Button, "Connect to Address…");
    let address = format!("127.0.0.1:{port}");
    client.find(Kind::Text, "Address").set_text(&address);
    client.click(Kind::Button, "Connect");
    client.until("a connection", || is_connected(&client).then_some(()));
    client
}

fn launch<'a>(desktop: &'a Desktop, name: &str, id: &str, starter: Starter) -> App<'a> {
    let by = match starter {
        Starter::Menu => "the menu",
        Starter::Bus => "D-Bus",
    };
    step(&format!("{by} starts {name}"));
    let app = desktop.launch(id, starter);
    let app = app.expect("gio and gdbus come with GLib");
    let program = fs::read_link(format!("/proc/{}/exe", app.pid()));
    let program = program.expect("a program that shows a window is running");
    assert_eq!(program, Path::new("/usr/bin").join(name));
    app
}

fn talk(server: &App<'_>, client: &App<'_>, nc: &mut Program) {
    let mut nc_types = |text: &str| {
        step(&format!("nc: {text}"));
        nc.type_line(text);
    };
    nc_types("/name Nell");
    nc_types("Is anybody down the hall?");
    let types = |app: &App<'_>, who: &str, text: &str| {
        step(&format!("{who}: {text}"));
        say(app, text);
    };
    client.reads("Is anybody down the hall?");
    types(client, "hallway", "你好，打印机在三楼吗？🙂");
    server.reads("你好，打印机在三楼吗？🙂");
    types(
        server,
        "hallway-server",
        "Welcome, both of you. 在三楼走廊右手边 👍",
    );
    client.reads("Welcome, both of you.");
    let welcome = |line: &str| line.starts_with("Welcome, both of you.");
    nc.out().find(PATIENCE, "the host's welcome in nc", welcome);
}

fn transcript(server: &App<'_>, client: &App<'_>, nc: &Program) -> String {
    let mut text = String::new();
    for (who, lines) in [
        ("What the server window shows", conversation(server)),
        ("What the client window shows", conversation(client)),
        ("What nc received", nc.out().all()),
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{who}\n\n{}\n", lines.join("\n"));
    }
    text
}

fn close(app: &App<'_>) {
    app.close();
    let code = app.end();
    // How it ended, only its parent is told.
    assert!(
        matches!(code, Some(0) | None),
        "a window that is closed ends its program well, not with {code:?}"
    );
}

fn tell_where(folder: &Path, transcript: &Path) {
    println!(
        "The pictures are in {}/*.png, the conversation in {}.",
        folder.display(),
        transcript.display()
    );
}
