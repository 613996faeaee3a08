//! How the parts of a bar stand together: icon and sentence, and the buttons beside them or, where
//! that leaves the sentence too little room, under them.

use gtk::prelude::*;

/// Pixels between the parts.
const GAP: i32 = 12;

/// Pixels that a sentence has to itself at least, when it needs them, beside the buttons.
const COMFORTABLE: i32 = 240;

mod imp {
    use gtk::{prelude::*, subclass::prelude::*};

    use super::Parts;

    #[derive(Debug, Default)]
    pub struct Layout;

    #[glib::object_subclass]
    impl ObjectSubclass for Layout {
        const NAME: &'static str = "HallwayBarLayout";
        type Type = super::Layout;
        type ParentType = gtk::LayoutManager;
    }

    impl ObjectImpl for Layout {}

    impl LayoutManagerImpl for Layout {
        fn request_mode(&self, _: &gtk::Widget) -> gtk::SizeRequestMode {
            gtk::SizeRequestMode::HeightForWidth
        }

        fn measure(
            &self,
            widget: &gtk::Widget,
            orientation: gtk::Orientation,
            for_size: i32,
        ) -> (i32, i32, i32, i32) {
            let Some(parts) = Parts::of(widget) else {
                return (0, 0, -1, -1);
            };
            if orientation == gtk::Orientation::Horizontal {
                let (minimum, natural) = parts.widths();
                return (minimum, natural, -1, -1);
            }
            let (_, natural) = parts.widths();
            let width = if for_size < 0 { natural } else { for_size };
            let height = parts.height(width);
            (height, height, -1, -1)
        }

        fn allocate(&self, widget: &gtk::Widget, width: i32, height: i32, _: i32) {
            if let Some(parts) = Parts::of(widget) {
                parts.allocate(width, height, widget.direction());
            }
        }
    }
}

glib::wrapper! {
    /// Lays out the three children of a bar: icon, sentence, buttons.
    pub struct Layout(ObjectSubclass<imp::Layout>)
        @extends gtk::LayoutManager;
}

/// The children, in order.
struct Parts {
    icon: gtk::Widget,
    label: gtk::Widget,
    buttons: Option<gtk::Widget>,
}

impl Parts {
    fn of(widget: &gtk::Widget) -> Option<Self> {
        let icon = widget.first_child()?;
        let label = icon.next_sibling()?;
        let buttons = label.next_sibling().filter(gtk::Widget::should_layout);
        Some(Self {
            icon,
            label,
            buttons,
        })
    }

    /// Minimum and natural width of everything.
    fn widths(&self) -> (i32, i32) {
        let (icon, _) = width(&self.icon);
        let (label_minimum, label) = width(&self.label);
        let (buttons_minimum, buttons) = self.buttons.as_ref().map_or((0, 0), width);
        let beside = if buttons == 0 { 0 } else { GAP + buttons };
        let minimum = (icon + GAP + label_minimum).max(buttons_minimum);
        (minimum, (icon + GAP + label + beside).max(minimum))
    }

    /// The width of the sentence, and whether the buttons stand beside it.
    fn sentence(&self, available: i32) -> (i32, bool) {
        let (icon, _) = width(&self.icon);
        let alone = available - icon - GAP;
        let Some(buttons) = &self.buttons else {
            return (alone, true);
        };
        let beside = alone - GAP - width(buttons).1;
        let (minimum, natural) = width(&self.label);
        if beside >= natural.min(COMFORTABLE).max(minimum) {
            (beside, true)
        } else {
            (alone, false)
        }
    }

    fn height(&self, available: i32) -> i32 {
        let (sentence, is_beside) = self.sentence(available);
        let text = height(&self.icon, -1).max(height(&self.label, sentence));
        let buttons = self
            .buttons
            .as_ref()
            .map_or(0, |buttons| height(buttons, -1));
        if is_beside {
            text.max(buttons)
        } else {
            text + GAP / 2 + buttons
        }
    }

    fn allocate(&self, available: i32, total: i32, direction: gtk::TextDirection) {
        let place = |child: &gtk::Widget, x: i32, y: i32, width: i32, height: i32| {
            let x = match direction {
                gtk::TextDirection::Rtl => available - x - width,
                _ => x,
            };
            child.size_allocate(&gtk::Allocation::new(x, y, width, height), -1);
        };
        let (icon, _) = width(&self.icon);
        let (sentence, is_beside) = self.sentence(available);
        let (buttons_width, buttons_height) = self.buttons.as_ref().map_or((0, 0), |buttons| {
            (width(buttons).1.min(available), height(buttons, -1))
        });
        let text = if is_beside {
            total
        } else {
            total - GAP / 2 - buttons_height
        };
        place(&self.icon, 0, 0, icon, text);
        place(&self.label, icon + GAP, 0, sentence, text);
        if let Some(buttons) = &self.buttons {
            let y = if is_beside {
                (total - buttons_height) / 2
            } else {
                total - buttons_height
            };
            place(
                buttons,
                available - buttons_width,
                y,
                buttons_width,
                buttons_height,
            );
        }
    }
}

fn width(widget: &gtk::Widget) -> (i32, i32) {
    let (minimum, natural, _, _) = widget.measure(gtk::Orientation::Horizontal, -1);
    (minimum, natural)
}

fn height(widget: &gtk::Widget, width: i32) -> i32 {
    widget.measure(gtk::Orientation::Vertical, width).1
}
