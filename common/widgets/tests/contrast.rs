//! Whatever is read stands out from what is behind it (WCAG 2.1, 1.4.3): measured in what is painted,
//! light and dark, and once more in high contrast.
//!
//! GTK stays on the thread that initialised it, so there is one test, which starts itself again for
//! high contrast.

use std::collections::HashMap;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use adw::prelude::*;
use gtk::gsk;
use hallway_widgets::bar::{self, Bar};
use hallway_widgets::conversation::{Content, ConversationView, Delivery, History, Speaker, Tone};
use hallway_widgets::{Composer, program};

/// What text must have at least, and what is to be expected where high contrast is asked for.
const NEEDED: f64 = 4.5;

/// Times the usual size of text: thin strokes are never painted in the full colour.
const LARGER: i32 = 4;

/// Bytes of a pixel, as they are downloaded (blue first).
const PIXEL: usize = 4;

const HIGH: &str = "ADW_DEBUG_HIGH_CONTRAST";

#[test]
fn whatever_is_read_stands_out() {
    if !program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        println!("skipped: there is no display");
        return;
    }
    adw::init().expect("there is a display");
    hallway_widgets::init();
    let settings = gtk::Settings::default().expect("there is a display");
    settings.set_gtk_enable_animations(false);
    settings.set_gtk_xft_dpi(LARGER * 96 * 1024);
    for scheme in [adw::ColorScheme::ForceLight, adw::ColorScheme::ForceDark] {
        adw::StyleManager::default().set_color_scheme(scheme);
        let mut weak = Vec::new();
        for page in [talk(), things()] {
            let (count, found) = measured(&page);
            assert!(count > 8, "only {count} texts were found");
            weak.extend(found);
        }
        assert!(weak.is_empty(), "{scheme:?}: {weak:#?}");
    }
    if std::env::var_os(HIGH).is_none() {
        let program = std::env::current_exe().expect("this program runs");
        let again = Command::new(program).env(HIGH, "1").status();
        assert!(again.expect("it can be started").success(), "high contrast");
    }
}

/// A conversation in which everything has happened.
fn talk() -> gtk::Widget {
    let history = History::new(100);
    let view = history.view();
    let ours = |text: &str, to: Option<&str>, delivery| Content::Ours {
        text: text.into(),
        to: to.map(Into::into),
        delivery,
    };
    let speaker = Rc::new(Speaker {
        key: 1,
        label: "Ana".into(),
    });
    let lines = [
        Content::Event {
            text: "Quiet".into(),
            tone: Tone::Quiet,
        },
        Content::Event {
            text: "Failure".into(),
            tone: Tone::Failure,
        },
        Content::Theirs {
            speaker,
            text: "http://theirs.example".into(),
            is_cut: true,
        },
        ours("http://ours.example", None, Delivery::Queued),
        ours("Sent", Some("Ben"), Delivery::Sent),
        ours("Perhaps", None, Delivery::PerhapsNotReceived),
        ours("Discarded", None, Delivery::Discarded),
        ours(
            "Partly",
            None,
            Delivery::Partly {
                received: 2,
                missing: "Cem".into(),
            },
        ),
    ];
    for (count, content) in lines.into_iter().enumerate() {
        let at = SystemTime::now() - Duration::from_secs(600 * (10 - count as u64));
        history.push_at(at, content, &[&view]);
    }
    let shown: ConversationView = glib::Object::new();
    shown.set_view(Some(&view));
    shown.upcast()
}

/// What else has colours of ours, with the classes that the windows give it.
fn things() -> gtk::Widget {
    let things = gtk::Box::new(gtk::Orientation::Vertical, 6);
    // A button that can be used.
    let actions = gio::SimpleActionGroup::new();
    actions.add_action(&gio::SimpleAction::new("act", None));
    things.insert_action_group("test", Some(&actions));
    for tone in [bar::Tone::Info, bar::Tone::Failure] {
        let bar = Bar::new();
        bar.show(tone, "Sentence", &[("Button", "test.act")]);
        things.append(&bar);
    }
    let composer = Composer::new();
    composer.set_placeholder("Placeholder");
    things.append(&composer);
    for classes in [
        &["hallway-person", "dim-label"][..],
        &["hallway-gone", "hallway-person-label"],
        &["hallway-badge"],
        &["hallway-reach", "subtitle"],
        &["hallway-command", "monospace"],
        &["state-line", "caption"],
        &["error"],
        &["heading", "dim-label"],
    ] {
        let label = gtk::Label::new(Some(&classes.join(" ")));
        let (outer, inner) = classes.split_at(classes.len() - 1);
        label.add_css_class(inner[0]);
        let holder = gtk::Box::new(gtk::Orientation::Vertical, 0);
        for class in outer {
            holder.add_css_class(class);
        }
        holder.append(&label);
        things.append(&holder);
    }
    let news = gtk::Button::with_label("news");
    news.set_css_classes(&["pill", "suggested-action", "news"]);
    things.append(&news);
    things.upcast()
}

/// How many texts there are in a page, and which of them are hard to read.
fn measured(page: &gtk::Widget) -> (usize, Vec<String>) {
    let window = gtk::Window::builder()
        .child(page)
        .default_width(1400)
        .default_height(4000)
        .build();
    window.present();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) || !window.is_mapped() {
        glib::MainContext::default().iteration(false);
        std::thread::sleep(Duration::from_millis(1));
    }
    // Nobody looks at this screen, so no window is in front.
    window.unset_state_flags(gtk::StateFlags::BACKDROP);
    let picture = Picture::of(&window);
    let labels = labels(page);
    let weak = labels.iter().filter_map(|label| {
        let ratio = picture.contrast(label, &window)?;
        let text = label.text();
        println!("{ratio:5.2} {text}");
        (ratio < NEEDED).then(|| format!("{ratio:.2}: {text} {:?}", label.css_classes()))
    });
    let weak = weak.collect();
    window.destroy();
    (labels.len(), weak)
}

fn labels(widget: &gtk::Widget) -> Vec<gtk::Label> {
    let mut found = Vec::new();
    let mut child = widget.first_child();
    while let Some(next) = child {
        found.extend(labels(&next));
        child = next.next_sibling();
        if let Ok(label) = next.downcast::<gtk::Label>()
            && label.is_mapped()
            && !label.text().is_empty()
        {
            found.push(label);
        }
    }
    found
}

/// A colour, as the screen has it.
type Colour = [u8; 3];

struct Picture {
    bytes: Vec<u8>,
    width: usize,
    height: usize,
}

impl Picture {
    fn of(window: &gtk::Window) -> Self {
        let (width, height) = (window.width(), window.height());
        let paintable = gtk::WidgetPaintable::new(Some(window));
        let snapshot = gtk::Snapshot::new();
        paintable.snapshot(&snapshot, f64::from(width), f64::from(height));
        let node = snapshot.to_node().expect("a window is painted");
        let renderer = gsk::CairoRenderer::new();
        renderer
            .realize(window.surface().as_ref())
            .expect("there is a surface");
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let place = gtk::graphene::Rect::new(0.0, 0.0, width as f32, height as f32);
        let texture = renderer.render_texture(&node, Some(&place));
        let (width, height) = (side(texture.width()), side(texture.height()));
        let mut bytes = vec![0; width * height * PIXEL];
        texture.download(&mut bytes, width * PIXEL);
        renderer.unrealize();
        Self {
            bytes,
            width,
            height,
        }
    }

    /// The contrast of a text: of the colour that is there most to the one that differs most.
    fn contrast(&self, label: &gtk::Label, window: &gtk::Window) -> Option<f64> {
        let bounds = label.compute_bounds(window)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "pixels of a window"
        )]
        let edge = |at: f32, most: usize| (at.max(0.0) as usize).min(most);
        let (left, right) = (
            edge(bounds.x(), self.width),
            edge(bounds.x() + bounds.width(), self.width),
        );
        let (top, bottom) = (
            edge(bounds.y(), self.height),
            edge(bounds.y() + bounds.height(), self.height),
        );
        let mut counts: HashMap<Colour, usize> = HashMap::new();
        for y in top..bottom {
            for x in left..right {
                let at = (y * self.width + x) * PIXEL;
                let pixel = &self.bytes[at..at + PIXEL];
                *counts.entry([pixel[2], pixel[1], pixel[0]]).or_default() += 1;
            }
        }
        let (behind, _) = counts.iter().max_by_key(|(_, count)| **count)?;
        // A single pixel may be a mistake of rounding where two edges meet.
        let strokes = counts.iter().filter(|(_, count)| **count > 4);
        strokes
            .map(|(colour, _)| ratio(*colour, *behind))
            .max_by(f64::total_cmp)
    }
}

fn side(length: i32) -> usize {
    usize::try_from(length).expect("a picture has a size")
}

/// The ratio of WCAG 2.1.
fn ratio(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance([red, green, blue]: Colour) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
