//! Windows to be measured; `./dev bench` starts them.
//!
//! - `stage empty` opens a window of libadwaita with nothing in it, and stays;
//! - `stage page` opens one with a picture, a title, a sentence and a button, and stays;
//! - `stage lines COUNT` shows a conversation of so many lines, goes through it as a person would,
//!   and prints what that took: a name and a number on each line.

mod film;
mod lines;

use std::cell::RefCell;
use std::process::ExitCode;

use adw::prelude::*;
use hallway_widgets::frames;

/// The size at which the windows of the programs open.
const WIDTH: i32 = 980;
const HEIGHT: i32 = 680;

const ID: &str = "chat.hallway.Stage";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let application = adw::Application::builder().application_id(ID).build();
    match words[..] {
        ["empty"] => {
            frames::record(&application);
            application.connect_activate(|application| window(application).present());
        }
        ["page"] => {
            frames::record(&application);
            application.connect_activate(|application| {
                let window = window(application);
                window.set_content(Some(&page()));
                window.present();
            });
        }
        ["lines", count] => match count.parse() {
            Ok(count) => show_lines(&application, count),
            Err(_) => return usage(),
        },
        _ => return usage(),
    }
    let code = application.run_with_args::<&str>(&[]);
    ExitCode::from(code.get())
}

fn usage() -> ExitCode {
    eprintln!("Usage: stage empty | stage page | stage lines COUNT");
    ExitCode::FAILURE
}

fn window(application: &adw::Application) -> adw::ApplicationWindow {
    adw::ApplicationWindow::builder()
        .application(application)
        .default_width(WIDTH)
        .default_height(HEIGHT)
        .build()
}

/// The least that a program can begin with.
fn page() -> gtk::Box {
    let start = gtk::Button::builder()
        .label("Get Started")
        .halign(gtk::Align::Center)
        .css_classes(["pill", "suggested-action"])
        .build();
    let status = adw::StatusPage::builder()
        .icon_name("network-workgroup-symbolic")
        .title("Welcome")
        .description("Here you open a room for the people in the same house or office.")
        .child(&start)
        .vexpand(true)
        .build();
    let menu = gtk::MenuButton::builder()
        .icon_name("open-menu-symbolic")
        .build();
    let header = adw::HeaderBar::new();
    header.pack_end(&menu);
    let page = gtk::Box::new(gtk::Orientation::Vertical, 0);
    page.append(&header);
    page.append(&status);
    page
}

fn show_lines(application: &adw::Application, count: u32) {
    application.connect_startup(|_| hallway_widgets::init());
    let stage = RefCell::new(None);
    application.connect_activate(move |application| {
        let shown = lines::Lines::open(&window(application), count);
        let application = application.clone();
        let going = glib::spawn_future_local(async move {
            if let Err(error) = shown.go_through().await {
                // Whoever measures reads it.
                println!("failed {error}");
            }
            application.quit();
        });
        stage.replace(Some(going));
    });
}
