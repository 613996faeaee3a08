//! What the first frame needs and another processor can do meanwhile.
//!
//! Symbolic icons are pictures in SVG. Up to GTK 4.18 the first one has gdk-pixbuf find and load the
//! module for them, which takes a tenth of the time until the first frame; the second one finds it
//! there. The first text has fontconfig read its settings and the list of fonts, which takes another
//! tenth. Neither needs anything of GTK: a picture with a text is loaded while GTK is started.

use std::thread;

use gtk::gdk_pixbuf::Pixbuf;
use gtk::prelude::*;
use gtk::{gio, glib};

/// From this minor version of GTK on icons are drawn without gdk-pixbuf.
const READS_ITSELF: u32 = 20;

/// The least that is a picture with a text.
const PICTURE: &[u8] =
    b"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'><text y='9'>H</text></svg>";

/// Has icons and texts come sooner. Call it first of all.
pub fn warm_up() {
    if gtk::minor_version() >= READS_ITSELF {
        return;
    }
    let warming = thread::Builder::new().name("warming".to_owned());
    // Nobody waits for it: without it the first frame takes longer, and that is all.
    if let Err(error) = warming.spawn(load_picture) {
        tracing::debug!(%error, "no thread to warm up with");
    }
}

fn load_picture() {
    let stream = gio::MemoryInputStream::from_bytes(&glib::Bytes::from_static(PICTURE));
    let size = 16;
    if let Err(error) =
        Pixbuf::from_stream_at_scale(&stream, size, size, true, gio::Cancellable::NONE)
    {
        tracing::debug!(%error, "there are no pictures in SVG here");
    }
    let _ = stream.close(gio::Cancellable::NONE);
}
