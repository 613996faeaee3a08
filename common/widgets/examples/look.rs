//! x
use adw::prelude::*;
use hallway_widgets::{bar::Tone, *};
fn main() {
    if !program::has_display() { println!("no display"); return; }
    let app = adw::Application::builder().application_id("x.y.Look").flags(gio::ApplicationFlags::NON_UNIQUE).build();
    app.connect_startup(|_| { init(); if std::env::var("DARK").is_ok() { adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceDark) } });
    app.connect_activate(|app| {
        let width: i32 = std::env::var("W").ok().and_then(|w| w.parse().ok()).unwrap_or(700);
        let w = adw::ApplicationWindow::builder().application(app).default_width(width).default_height(640).build();
        let b = gtk::Box::new(gtk::Orientation::Vertical, 0); w.set_size_request(if width<400 {width} else {-1}, -1);
        b.append(&adw::HeaderBar::new());
        let bars: Vec<Bar> = (0..4).map(|_| Bar::new()).collect();
        for x in &bars { b.append(x); }
        bars[0].show(Tone::Failure, "The connection was lost. Trying again in 4 s.", &[("Reconnect _Now", "win.a"), ("_Cancel", "win.b")]);
        bars[1].show(Tone::Info, "The server ended the conversation.", &[("_Reconnect", "win.a")]);
        bars[2].show(Tone::Failure, "Nothing is listening on port 4255 at 192.168.1.20. Is the server started there, and is the port right?", &[("_Reconnect", "win.a")]);
        bars[3].show(Tone::Info, "Looking up third-floor.local…", &[]);
        let h = gtk::Box::builder().spacing(12).vexpand(true).halign(gtk::Align::Center).build();
        for n in ["hallway-send-symbolic", "hallway-server-symbolic", "hallway-everyone-symbolic"] {
            let small = gtk::Image::from_icon_name(n); h.append(&small);
            let big = gtk::Image::from_icon_name(n); big.set_pixel_size(96); if width > 400 { h.append(&big); }
        }
        b.append(&h);
        for t in ["", "Hello 你好 🙂", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight"] {
            let c = Composer::new(); c.set_placeholder("Message Third floor"); c.set_text(t); c.connect_send(|_, t| { println!("SENT {t:?}"); t != "refuse" }); b.append(&c);
        }
        let a = gio::SimpleActionGroup::new();
        for n in ["a", "b"] { a.add_action(&gio::SimpleAction::new(n, None)); }
        w.insert_action_group("win", Some(&a));
        w.set_content(Some(&b));
        w.present();
        if std::env::var("ASK").is_ok() {
            let w2 = w.clone();
            glib::spawn_future_local(async move {
                let r = dialogs::ask_text(&w2, "Rename Ana?", "Everyone sees the new name. <b>x</b>", "Name", "Ana", "_Rename", |t| if t.len() < 5 {Err("A name has five letters at least.".into())} else {Ok(())}).await;
                println!("{r:?}");
            });
        }
        if std::env::var("ABOUT").is_ok() { program::about(&w, "Hallway", "hallway-server-symbolic", "Messages for the people down the hall"); }
    });
    app.run_with_args::<&str>(&[]);
}
