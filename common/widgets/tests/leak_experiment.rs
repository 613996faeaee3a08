use adw::prelude::*;
fn turn(ms: u64) { let u = std::time::Instant::now() + std::time::Duration::from_millis(ms); while std::time::Instant::now() < u { if !glib::MainContext::default().iteration(false) { std::thread::sleep(std::time::Duration::from_millis(2)); } } }
fn first<W: IsA<gtk::Widget>>(w: &gtk::Widget) -> Option<W> { if let Ok(x) = w.clone().downcast::<W>() { return Some(x); } let mut c = w.first_child(); while let Some(x) = c { if let Some(f) = first(&x) { return Some(f); } c = x.next_sibling(); } None }
#[test] fn x() {
    adw::init().unwrap(); hallway_widgets::init();
    for kind in ["plain", "grab", "popup", "popup+grab", "own func", "text", "key"] {
        let bin = hallway_widgets::Composer::new(); let w = bin.downgrade();
        let b: gtk::MenuButton = first(bin.upcast_ref()).unwrap();
        let win = gtk::Window::new(); win.set_child(Some(&bin)); win.present(); turn(300);
        if kind.contains("grab") { bin.grab(); }
        if kind.contains("own") { b.set_create_popup_func(|b| if b.popover().is_none() { b.set_popover(Some(&gtk::EmojiChooser::new())) }) }
        if kind.contains("text") { bin.set_text("hello"); bin.set_placeholder("x"); }
        if kind.contains("popup") || kind.contains("own") { b.popup(); turn(500); b.popdown(); turn(800); }
        let pw = b.popover().map(|p| p.downgrade());
        let bw = b.downgrade();
        drop((bin, b)); win.set_child(gtk::Widget::NONE); win.destroy(); drop(win); turn(500);
        eprintln!("EXP {kind}: bin {:?} button {:?} pop {:?}", w.upgrade().map(|x| x.ref_count()), bw.upgrade().map(|x| x.ref_count()), pw.and_then(|p| p.upgrade()).map(|x| x.ref_count()));
    }
}
