//! The inside of [`super::Composer`].

use std::{
    cell::{Cell, RefCell},
    sync::LazyLock,
};

use adw::{prelude::*, subclass::prelude::*};
use glib::{Properties, clone, subclass::Signal};

use super::recall::Recall;
use crate::{accessible, focus};

/// The signal behind [`super::Composer::connect_send`].
pub(super) const SEND: &str = "send";

/// The signal behind [`super::Composer::connect_leave`].
pub(super) const LEAVE: &str = "leave";

/// The signal behind [`super::Composer::connect_typed`].
pub(super) const TYPED: &str = "typed";

/// How tall the field grows before it scrolls, in lines of text.
const LINES_SHOWN: i32 = 6;

/// The white space above and below the text that scrolls with it, in pixels.
const MARGIN: i32 = 5;

#[derive(Default, gtk::CompositeTemplate, Properties)]
#[template(file = "../composer.ui")]
#[properties(wrapper_type = super::Composer)]
pub struct Composer {
    #[template_child]
    pub(super) scroller: TemplateChild<gtk::ScrolledWindow>,
    #[template_child]
    pub(super) view: TemplateChild<gtk::TextView>,
    #[template_child]
    pub(super) placeholder_label: TemplateChild<gtk::Label>,
    #[template_child]
    pub(super) emoji_button: TemplateChild<gtk::MenuButton>,
    #[template_child]
    pub(super) send_button: TemplateChild<gtk::Button>,

    /// What stands in the field while nothing is written.
    #[property(get, set = Self::set_placeholder, explicit_notify)]
    placeholder: RefCell<String>,
    /// Whether a message can be sent now. It can be written all the same.
    #[property(get, set = Self::set_can_send, explicit_notify)]
    can_send: Cell<bool>,

    /// What was sent, for ↑.
    pub(super) recall: RefCell<Recall>,
    /// What the input method has not finished yet is there.
    pub(super) is_composing: Cell<bool>,
    /// Text that comes now was asked about, or is our own.
    pub(super) lets_all_in: Cell<bool>,
}

#[glib::object_subclass]
impl ObjectSubclass for Composer {
    const NAME: &'static str = "HallwayComposer";
    type Type = super::Composer;
    type ParentType = adw::Bin;

    fn new() -> Self {
        Self {
            can_send: Cell::new(true),
            ..Self::default()
        }
    }

    fn class_init(klass: &mut Self::Class) {
        klass.bind_template();
        klass.bind_template_callbacks();
    }

    fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
        obj.init_template();
    }
}

#[glib::derived_properties]
impl ObjectImpl for Composer {
    fn constructed(&self) {
        self.parent_constructed();
        self.view.set_top_margin(MARGIN);
        self.view.set_bottom_margin(MARGIN);
        self.watch_text();
        self.watch_keys();
        self.watch_pastes();
        self.offer_emoji();
        self.update();
    }

    fn signals() -> &'static [Signal] {
        static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
            vec![
                Signal::builder(SEND)
                    .param_types([String::static_type()])
                    .return_type::<bool>()
                    .build(),
                Signal::builder(LEAVE).build(),
                Signal::builder(TYPED).build(),
            ]
        });
        &SIGNALS
    }
}

impl WidgetImpl for Composer {
    fn map(&self) {
        self.update_height();
        self.parent_map();
    }

    fn grab_focus(&self) -> bool {
        self.view.grab_focus()
    }

    fn focus(&self, direction: gtk::DirectionType) -> bool {
        let stops: [&gtk::Widget; 3] = [
            self.view.upcast_ref(),
            self.emoji_button.upcast_ref(),
            self.send_button.upcast_ref(),
        ];
        focus::tab_through(&stops, direction).unwrap_or_else(|| self.parent_focus(direction))
    }
}

impl BinImpl for Composer {}

#[gtk::template_callbacks]
impl Composer {
    #[template_callback]
    fn on_send_clicked(&self) {
        self.send();
        self.view.grab_focus();
    }

    pub(super) fn text(&self) -> String {
        let buffer = self.view.buffer();
        let (start, end) = buffer.bounds();
        buffer.text(&start, &end, false).to_string()
    }

    pub(super) fn set_text(&self, text: &str) {
        self.lets_all_in.set(true);
        self.view.buffer().set_text(&without_nul(text));
        self.lets_all_in.set(false);
    }

    /// Writes `text` where the cursor is, in the place of what is selected.
    pub(super) fn insert(&self, text: &str) {
        self.lets_all_in.set(true);
        let buffer = self.view.buffer();
        buffer.begin_user_action();
        buffer.delete_selection(true, true);
        buffer.insert_interactive_at_cursor(&without_nul(text), true);
        buffer.end_user_action();
        self.lets_all_in.set(false);
        self.scroll_to_cursor();
    }

    /// Shows the cursor, once the field has grown to what is written now: before that there would
    /// seem to be too little room, and the text would stay scrolled although all of it fits.
    pub(super) fn scroll_to_cursor(&self) {
        let view = self.view.get();
        glib::idle_add_local_full(
            glib::Priority::DEFAULT_IDLE,
            clone!(
                #[weak]
                view,
                #[upgrade_or]
                glib::ControlFlow::Break,
                move || {
                    view.scroll_mark_onscreen(&view.buffer().get_insert());
                    glib::ControlFlow::Break
                }
            ),
        );
    }

    /// Hands the text over, if there is any and it can be sent.
    pub(super) fn send(&self) {
        if !self.is_ready() {
            return;
        }
        let text = self.text();
        let text = text.trim_end();
        if self.obj().emit_send(text) {
            self.recall.borrow_mut().push(text);
            self.set_text("");
        }
    }

    fn set_placeholder(&self, placeholder: &str) {
        if *self.placeholder.borrow() == placeholder {
            return;
        }
        self.placeholder.replace(placeholder.to_owned());
        self.placeholder_label.set_text(placeholder);
        accessible::set_description(&*self.view, placeholder);
        self.obj().notify_placeholder();
    }

    fn set_can_send(&self, can_send: bool) {
        if self.can_send.replace(can_send) == can_send {
            return;
        }
        self.update();
        self.obj().notify_can_send();
    }

    fn watch_text(&self) {
        let composer = self.obj();
        self.view.buffer().connect_changed(clone!(
            #[weak]
            composer,
            move |_| {
                let imp = composer.imp();
                imp.update();
                if !imp.lets_all_in.get() && !imp.is_blank() {
                    composer.emit_typed();
                }
            }
        ));
        self.view.connect_preedit_changed(clone!(
            #[weak]
            composer,
            move |_, preedit| {
                let composer = composer.imp();
                composer.is_composing.set(!preedit.is_empty());
                composer.update();
            }
        ));
    }

    /// The chooser has some thousands of children and is made when first asked for.
    fn offer_emoji(&self) {
        let composer = self.obj();
        self.emoji_button.set_create_popup_func(clone!(
            #[weak]
            composer,
            move |button| {
                if button.popover().is_some() {
                    return;
                }
                let chooser = gtk::EmojiChooser::new();
                chooser.connect_emoji_picked(clone!(
                    #[weak]
                    composer,
                    move |_, emoji| composer.imp().insert(emoji)
                ));
                chooser.connect_closed(clone!(
                    #[weak]
                    composer,
                    move |_| composer.grab()
                ));
                button.set_popover(Some(&chooser));
            }
        ));
    }

    /// Whether there is something to send, and it can be.
    fn is_ready(&self) -> bool {
        self.can_send.get() && !self.is_blank()
    }

    /// Whether there is nothing but white space. Looks no further than the first letter.
    fn is_blank(&self) -> bool {
        let mut at = self.view.buffer().start_iter();
        while at.char().is_whitespace() {
            if !at.forward_char() {
                return true;
            }
        }
        at.is_end()
    }

    fn update(&self) {
        let is_empty = self.view.buffer().char_count() == 0 && !self.is_composing.get();
        self.placeholder_label.set_visible(is_empty);
        self.send_button.set_sensitive(self.is_ready());
        self.update_height();
    }

    /// Follows the size of the letters, which a person can change at any time.
    fn update_height(&self) {
        let metrics = self.view.pango_context().metrics(None, None);
        let line = gtk::pango::units_to_double(metrics.height()).ceil();
        #[allow(clippy::cast_possible_truncation)] // A line is not that tall.
        let text = line as i32 * LINES_SHOWN;
        self.scroller.set_max_content_height(text + 2 * MARGIN);
    }
}

/// A text buffer refuses a text with NUL in it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}
