//! A desktop in one look, where pictures are taken.

use std::path::PathBuf;

use hallway_tests::desktop::app::{App, pictures};
use hallway_tests::desktop::screen::Place;
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::wait::{PATIENCE, until};

/// What is seen around a window: where popovers reach beyond it.
const AROUND: i32 = 16;

/// The border of a window, which is not part of the size that it is asked to have.
pub(crate) const BORDER: i32 = 10;

pub(crate) struct Stage {
    pub(crate) desktop: Desktop,
    look: &'static str,
    size: Option<(i32, i32)>,
    wanted: String,
}

impl Stage {
    pub(crate) fn set(
        look: &'static str,
        how: &Look,
        size: Option<(i32, i32)>,
        wanted: &str,
    ) -> Option<Self> {
        Some(Self {
            desktop: Desktop::with(how)?,
            look,
            size,
            wanted: wanted.to_owned(),
        })
    }

    /// Whether windows have room for one side only.
    pub(crate) fn is_narrow(&self) -> bool {
        self.size.is_some()
    }

    /// Gives a window the size that it has in this look.
    pub(crate) fn fit(&self, app: &App<'_>) {
        if self.size.is_some() {
            self.fit_window(&app.first_window());
        }
    }

    /// [`Stage::fit`] for any window.
    pub(crate) fn fit_window(&self, window: &str) {
        let Some((width, height)) = self.size else {
            return;
        };
        let screen = self.desktop.screen();
        until(PATIENCE, "a window of that size", || {
            // Once it is folded it can be narrower than it said before.
            screen.resize(window, width + BORDER, height + BORDER);
            let place = screen.place_of(window)?;
            (place.width == width + BORDER).then_some(())
        });
    }

    /// Takes a picture of the windows of a program.
    pub(crate) fn shoot(&self, app: &App<'_>, name: &str) {
        self.shoot_windows(&app.x_windows(), name);
    }

    /// Takes a picture of one window.
    pub(crate) fn shoot_window(&self, window: &str, name: &str) {
        self.shoot_windows(&[window.to_owned()], name);
    }

    fn shoot_windows(&self, windows: &[String], name: &str) {
        let name = format!("{name}-{}", self.look);
        if !name.contains(&self.wanted) {
            return;
        }
        let screen = self.desktop.screen();
        let places = windows.iter().filter_map(|window| screen.place_of(window));
        let place = places.reduce(together).expect("a program with a window");
        let file: PathBuf = pictures().join(&name).with_extension("png");
        screen.still_picture_of(around(place), &file);
        println!("{}", file.display());
    }
}

/// The least that has both in it.
pub(crate) fn together(one: Place, other: Place) -> Place {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    Place {
        x,
        y,
        width: (one.x + one.width).max(other.x + other.width) - x,
        height: (one.y + one.height).max(other.y + other.height) - y,
    }
}

/// A window without its border.
pub(crate) fn inside(place: Place) -> Place {
    Place {
        x: place.x + BORDER / 2,
        y: place.y + BORDER / 2,
        width: place.width - BORDER,
        height: place.height - BORDER,
    }
}

fn around(place: Place) -> Place {
    let (x, y) = ((place.x - AROUND).max(0), (place.y - AROUND).max(0));
    Place {
        x,
        y,
        width: place.x + place.width + AROUND - x,
        height: place.y + place.height + AROUND - y,
    }
}
