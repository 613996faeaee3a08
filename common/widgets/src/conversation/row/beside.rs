//! Parts beside each other, of which one takes what room the others leave.

use std::cell::Cell;

use gtk::prelude::*;
use gtk::subclass::prelude::*;

use super::column::parts;

/// Pixels between two parts.
const GAP: i32 = 8;

mod imp {
    use super::{Cell, parts, width_of};
    use super::{GAP, is_flexible};
    use gtk::prelude::*;
    use gtk::subclass::prelude::*;

    #[derive(Debug, Default)]
    pub struct Beside {
        /// The parts stand at the end of the line, not at its start.
        pub(super) is_at_end: Cell<bool>,
        /// The flexible part is made as narrow as it can be without growing taller.
        pub(super) hugs: Cell<bool>,
        /// The flexible part is never wider than it wants to be.
        pub(super) is_modest: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Beside {
        const NAME: &'static str = "HallwayConversationBeside";
        type Type = super::Beside;
        type ParentType = gtk::LayoutManager;
    }

    impl ObjectImpl for Beside {}

    impl LayoutManagerImpl for Beside {
        fn request_mode(&self, _: &gtk::Widget) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::HeightForWidth
        }

        fn measure(
            &self,
            widget: &gtk::Widget,
            orientation: gtk::Orientation,
            for_size: i32,
        ) -> (i32, i32, i32, i32) {
            if orientation == gtk::Orientation::Horizontal {
                let (mut minimum, mut natural) = (0, 0);
                for (count, part) in parts(widget).enumerate() {
                    let gap = if count == 0 { 0 } else { GAP };
                    let (least, best, _, _) = part.measure(orientation, -1);
                    minimum += gap + if is_flexible(&part) { least } else { best };
                    natural += gap + best;
                }
                return (minimum, natural, -1, -1);
            }
            let available = if for_size < 0 { i32::MAX } else { for_size };
            let height = self
                .widths(widget, available)
                .into_iter()
                .map(|(part, width)| part.measure(orientation, width).1)
                .max();
            let height = height.unwrap_or(0);
            (height, height, -1, -1)
        }

        fn allocate(&self, widget: &gtk::Widget, available: i32, height: i32, _: i32) {
            let mut widths = self.widths(widget, available);
            if self.hugs.get() {
                for (part, width) in &mut widths {
                    // A line that is whole is as narrow as it can be.
                    if is_flexible(part) && *width < width_of(part).1 {
                        *width = narrowest(part, *width);
                    }
                }
            }
            let gaps = GAP * i32::try_from(widths.len().saturating_sub(1)).unwrap_or(0);
            let used = gaps + widths.iter().map(|(_, width)| width).sum::<i32>();
            let mut x = if self.is_at_end.get() {
                available - used
            } else {
                0
            };
            for (part, width) in widths {
                let left = match widget.direction() {
                    gtk::TextDirection::Rtl => available - x - width,
                    _ => x,
                };
                part.size_allocate(&gtk::Allocation::new(left, 0, width, height), -1);
                x += width + GAP;
            }
        }
    }

    impl Beside {
        /// How wide each part is.
        fn widths(&self, widget: &gtk::Widget, available: i32) -> Vec<(gtk::Widget, i32)> {
            let mut widths: Vec<_> = parts(widget)
                .map(|part| {
                    let width = width_of(&part).1;
                    (part, width)
                })
                .collect();
            let others: i32 = widths
                .iter()
                .map(|(part, width)| GAP + if is_flexible(part) { 0 } else { *width })
                .sum();
            for (part, width) in &mut widths {
                if is_flexible(part) && available < i32::MAX {
                    let rest = (available - others + GAP).max(width_of(part).0);
                    *width = if self.is_modest.get() {
                        rest.min(*width)
                    } else {
                        rest
                    };
                }
            }
            widths
        }
    }

    /// The smallest width, up to `width`, in which a part is as tall as in that.
    fn narrowest(part: &gtk::Widget, width: i32) -> i32 {
        let height = |width| part.measure(gtk::Orientation::Vertical, width).1;
        let (mut least, mut enough) = (width_of(part).0, width);
        let tall = height(width);
        while least < enough {
            let middle = least + (enough - least) / 2;
            if height(middle) > tall {
                least = middle + 1;
            } else {
                enough = middle;
            }
        }
        enough
    }
}

glib::wrapper! {
    /// Lays children out beside each other. The one that expands has what room the others leave.
    pub struct Beside(ObjectSubclass<imp::Beside>)
        @extends gtk::LayoutManager;
}

impl Beside {
    /// How the parts stand: at which side, and whether they are as narrow as can be.
    pub(super) fn set(&self, is_at_end: bool, hugs: bool) {
        let imp = self.imp();
        let before = (imp.is_at_end.replace(is_at_end), imp.hugs.replace(hugs));
        if before != (is_at_end, hugs) || !imp.is_modest.replace(true) {
            self.layout_changed();
        }
    }
}

fn is_flexible(part: &gtk::Widget) -> bool {
    part.compute_expand(gtk::Orientation::Horizontal)
}

/// The least width of a part, and the one it wants.
fn width_of(part: &gtk::Widget) -> (i32, i32) {
    let (minimum, natural, _, _) = part.measure(gtk::Orientation::Horizontal, -1);
    (minimum, natural)
}
