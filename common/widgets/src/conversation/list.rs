//! The widget that shows a view.

mod announcing;
mod filling;
mod scrolling;
mod searching;
mod tail;
mod walking;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Timer;

use super::content::LineId;
use super::view::View;
use crate::Composer;

/// Emitted with the number of a message that should be sent again.
const RETRY: &str = "retry";

/// Emitted with the number of a message that should be given up.
const DISCARD: &str = "discard";

/// Asks whether somebody takes care of a link.
type Follow = Rc<dyn Fn(&ConversationView, &str) -> bool>;

mod imp {
    use std::sync::LazyLock;

    use glib::subclass::Signal;
    use gtk::CompositeTemplate;

    use super::announcing::Announcer;
    use super::filling::Filling;
    use super::scrolling::Scrolling;
    use super::searching::Searching;
    use super::tail::Tail;
    use super::{Cell, Composer, DISCARD, Follow, OnceCell, RETRY, RefCell, Timer, View};
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    #[derive(Default, CompositeTemplate, glib::Properties)]
    #[template(file = "list.ui")]
    #[properties(wrapper_type = super::ConversationView)]
    pub struct ConversationView {
        #[template_child]
        pub(in super::super) search_bar: TemplateChild<gtk::SearchBar>,
        #[template_child]
        pub(in super::super) search_entry: TemplateChild<gtk::SearchEntry>,
        #[template_child]
        pub(in super::super) search_count: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) stack: TemplateChild<gtk::Stack>,
        #[template_child]
        pub(super) empty: TemplateChild<adw::StatusPage>,
        #[template_child]
        pub(super) filled: TemplateChild<gtk::Overlay>,
        #[template_child]
        pub(in super::super) scroller: TemplateChild<gtk::ScrolledWindow>,
        #[template_child]
        pub(in super::super) list: TemplateChild<gtk::ListView>,
        #[template_child]
        pub(in super::super) news: TemplateChild<gtk::Button>,
        pub(super) view: RefCell<Option<(View, [glib::SignalHandlerId; 2])>>,
        pub(super) model: OnceCell<gtk::NoSelection>,
        pub(super) filling: Filling,
        pub(in super::super) scrolling: Scrolling,
        pub(super) tail: Tail,
        pub(in super::super) searching: Searching,
        pub(super) follow: RefCell<Option<Follow>>,
        /// Where a person writes.
        pub(super) composer: glib::WeakRef<Composer>,
        pub(super) announcer: RefCell<Announcer>,
        pub(super) announcing: RefCell<Option<Timer>>,
        /// Whether the bar for finding words is open.
        #[property(get, set = Self::set_search_mode, explicit_notify)]
        search_mode: Cell<bool>,
        /// What stands where there is no line yet; nothing is shown without it.
        #[property(get = Self::empty_title, set = Self::set_empty_title)]
        empty_title: std::marker::PhantomData<String>,
        /// The sentence below it.
        #[property(get = Self::empty_description, set = Self::set_empty_description)]
        empty_description: std::marker::PhantomData<Option<String>>,
        /// The picture above it.
        #[property(get = Self::empty_icon, set = Self::set_empty_icon)]
        empty_icon_name: std::marker::PhantomData<Option<String>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ConversationView {
        const NAME: &'static str = "HallwayConversationView";
        type Type = super::ConversationView;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            let number = Some(glib::VariantTy::UINT64);
            klass.install_action("conversation.retry", number, |view, _, id| {
                view.emit(RETRY, id);
            });
            klass.install_action("conversation.discard", number, |view, _, id| {
                view.emit(DISCARD, id);
            });
            klass.install_action(
                "conversation.follow",
                Some(glib::VariantTy::STRING),
                |view, _, link| {
                    if let Some(link) = link.and_then(glib::Variant::str) {
                        view.follow(link);
                    }
                },
            );
            klass.install_action("conversation.to-end", None, |view, _, _| {
                view.scroll_to_end();
            });
            klass.install_action("conversation.find-earlier", None, |view, _, _| {
                view.find_next(false);
            });
            klass.install_action("conversation.find-later", None, |view, _, _| {
                view.find_next(true);
            });
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    #[glib::derived_properties]
    impl ObjectImpl for ConversationView {
        fn signals() -> &'static [Signal] {
            static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
                [RETRY, DISCARD]
                    .map(|name| {
                        Signal::builder(name)
                            .param_types([u64::static_type()])
                            .build()
                    })
                    .into()
            });
            &SIGNALS
        }

        fn constructed(&self) {
            self.parent_constructed();
            let view = self.obj();
            view.set_up_rows();
            view.set_up_scrolling();
            view.set_up_searching();
            view.set_up_walking();
            self.show_page();
        }

        fn dispose(&self) {
            self.obj().set_view(None);
            self.searching.stop();
            self.filling.stop();
            self.scrolling.stop();
            self.announcing.take();
        }
    }

    impl WidgetImpl for ConversationView {
        fn realize(&self) {
            self.parent_realize();
            self.obj().follow_layout();
        }

        fn unrealize(&self) {
            self.filling.stop();
            self.parent_unrealize();
        }

        fn focus(&self, direction: gtk::DirectionType) -> bool {
            match direction {
                gtk::DirectionType::TabForward | gtk::DirectionType::TabBackward => {
                    self.obj().tab(direction)
                }
                _ => self.parent_focus(direction),
            }
        }
    }

    impl BinImpl for ConversationView {}

    impl ConversationView {
        fn set_search_mode(&self, on: bool) {
            if self.search_mode.replace(on) == on {
                return;
            }
            self.search_bar.set_search_mode(on);
            self.obj().search_mode_changed(on);
            self.obj().notify_search_mode();
        }

        fn empty_title(&self) -> String {
            self.empty.title().into()
        }

        fn set_empty_title(&self, title: &str) {
            self.empty.set_title(title);
            self.show_page();
        }

        fn empty_description(&self) -> Option<String> {
            self.empty.description().map(Into::into)
        }

        fn set_empty_description(&self, description: Option<&str>) {
            // Unlike the title, this is markup there.
            let escaped = description.map(glib::markup_escape_text);
            self.empty.set_description(escaped.as_deref());
        }

        fn empty_icon(&self) -> Option<String> {
            self.empty.icon_name().map(Into::into)
        }

        fn set_empty_icon(&self, name: Option<&str>) {
            self.empty.set_icon_name(name);
        }

        /// What the list shows: nothing in it can be selected as a whole.
        pub(super) fn model(&self) -> &gtk::NoSelection {
            self.model
                .get_or_init(|| gtk::NoSelection::new(None::<gio::ListModel>))
        }

        pub(super) fn show_page(&self) {
            let is_empty = self.model().n_items() == 0 && !self.empty.title().is_empty();
            let page: &gtk::Widget = if is_empty {
                self.empty.upcast_ref()
            } else {
                self.filled.upcast_ref()
            };
            self.stack.set_visible_child(page);
        }
    }
}

glib::wrapper! {
    /// Shows a [`View`]: rows are made as they are scrolled into view, the end is followed while
    /// the reader is there, and words can be found. `retry` and `discard` are emitted for messages
    /// that may not have arrived.
    pub struct ConversationView(ObjectSubclass<imp::ConversationView>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Default for ConversationView {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl ConversationView {
    /// Shows these lines from now on, the newest first of all.
    pub fn set_view(&self, view: Option<&View>) {
        let imp = self.imp();
        if let Some((old, handlers)) = imp.view.take() {
            for handler in handlers {
                old.disconnect(handler);
            }
        }
        self.set_search_mode(false);
        imp.model().set_model(view);
        imp.tail.forget();
        imp.scrolling.lines_are_others();
        if let Some(view) = view {
            let weak = self.downgrade();
            let pushed = view.connect_pushed(move |_, new| {
                if let Some(this) = weak.upgrade() {
                    this.lines_pushed(new);
                    this.announce(new);
                    this.search_on();
                }
            });
            let weak = self.downgrade();
            let changed = view.connect_items_changed(move |_, _, _, _| {
                if let Some(this) = weak.upgrade() {
                    this.imp().show_page();
                }
            });
            imp.view.replace(Some((view.clone(), [pushed, changed])));
        }
        imp.show_page();
        self.scroll_to_end();
    }

    /// What is shown.
    pub fn view(&self) -> Option<View> {
        let view = self.imp().view.borrow();
        view.as_ref().map(|(view, _)| view.clone())
    }

    /// A message that may not have arrived should be sent again.
    pub fn connect_retry(
        &self,
        handler: impl Fn(&Self, LineId) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_about_line(RETRY, handler)
    }

    /// A message that may not have arrived is given up.
    pub fn connect_discard(
        &self,
        handler: impl Fn(&Self, LineId) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_about_line(DISCARD, handler)
    }

    /// Asks `handler` first when a link is followed; it says whether it took care. Links of the
    /// web are opened as the system does it otherwise.
    pub fn connect_link(&self, handler: impl Fn(&Self, &str) -> bool + 'static) {
        self.imp().follow.replace(Some(Rc::new(handler)));
    }

    fn connect_about_line(
        &self,
        signal: &str,
        handler: impl Fn(&Self, LineId) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            signal,
            false,
            glib::closure_local!(move |view: Self, id: u64| handler(&view, LineId(id))),
        )
    }

    fn emit(&self, signal: &str, id: Option<&glib::Variant>) {
        if let Some(id) = id.and_then(glib::Variant::get::<u64>) {
            self.emit_by_name::<()>(signal, &[&id]);
        }
    }

    fn follow(&self, link: &str) {
        if !super::text::is_followed(link) {
            return;
        }
        let handler = self.imp().follow.borrow().clone();
        if handler.is_some_and(|handler| handler(self, link)) {
            return;
        }
        let window = self.root().and_downcast::<gtk::Window>();
        gtk::show_uri(window.as_ref(), link, gtk::gdk::CURRENT_TIME);
    }

    /// Brings a row into view.
    fn scroll_to(&self, position: u32) {
        // Refused only by a GTK that has no such action; then nothing moves.
        let _ = self
            .imp()
            .list
            .activate_action("list.scroll-to-item", Some(&position.to_variant()));
    }
}
