//! Parts under each other, as wide as is comfortable to read.
//!
//! A `GtkBox` of GTK 4.8 tries dozens of sizes in every box around a text to find the best one,
//! which takes seconds where boxes stand in boxes and the text is long.

use gtk::prelude::*;

/// The widest that lines are read with comfort, in pixels.
const COMFORTABLE: i32 = 736;

mod imp {
    use gtk::{prelude::*, subclass::prelude::*};

    use super::{COMFORTABLE, parts};

    #[derive(Debug, Default)]
    pub struct Column;

    #[glib::object_subclass]
    impl ObjectSubclass for Column {
        const NAME: &'static str = "HallwayConversationColumn";
        type Type = super::Column;
        type ParentType = gtk::LayoutManager;
    }

    impl ObjectImpl for Column {}

    impl LayoutManagerImpl for Column {
        fn request_mode(&self, _: &gtk::Widget) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::HeightForWidth
        }

        fn measure(
            &self,
            widget: &gtk::Widget,
            orientation: gtk::Orientation,
            for_size: i32,
        ) -> (i32, i32, i32, i32) {
            let (minimum, natural) = if orientation == gtk::Orientation::Horizontal {
                parts(widget)
                    .map(|part| part.measure(orientation, -1))
                    .fold((0, 0), |(least, best), (minimum, natural, _, _)| {
                        (least.max(minimum), best.max(natural))
                    })
            } else {
                let width = for_size.min(COMFORTABLE);
                let height = parts(widget)
                    .map(|part| part.measure(orientation, width).1)
                    .sum();
                (height, height)
            };
            (minimum, natural, -1, -1)
        }

        fn allocate(&self, widget: &gtk::Widget, width: i32, _: i32, _: i32) {
            let wide = width.min(COMFORTABLE);
            let x = (width - wide) / 2;
            let mut y = 0;
            for part in parts(widget) {
                let (_, height, _, _) = part.measure(gtk::Orientation::Vertical, wide);
                part.size_allocate(&gtk::Allocation::new(x, y, wide, height), -1);
                y += height;
            }
        }
    }
}

glib::wrapper! {
    /// Lays children out under each other; where there is more room than is comfortable, in the
    /// middle of it.
    pub struct Column(ObjectSubclass<imp::Column>)
        @extends gtk::LayoutManager;
}

/// The children that are shown.
pub(super) fn parts(widget: &gtk::Widget) -> impl Iterator<Item = gtk::Widget> + use<> {
    std::iter::successors(widget.first_child(), WidgetExt::next_sibling)
        .filter(WidgetExt::should_layout)
}
