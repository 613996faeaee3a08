//! What is shown where an unknown server is in the place of a known one.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::trust::Pin;
use hallway_core::wire::Fingerprint;
use hallway_words::gettext_f;

use super::words::encrypted::short_fingerprint;

mod imp {
    use adw::subclass::prelude::*;
    use gtk::glib;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "blocked.ui")]
    pub struct Blocked {
        #[template_child]
        pub(super) page: TemplateChild<adw::StatusPage>,
        #[template_child]
        pub(super) before: TemplateChild<adw::ActionRow>,
        #[template_child]
        pub(super) here: TemplateChild<adw::ActionRow>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Blocked {
        const NAME: &'static str = "HallwayBlocked";
        type Type = super::Blocked;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for Blocked {}
    impl WidgetImpl for Blocked {}
    impl BinImpl for Blocked {}
}

glib::wrapper! {
    /// Explains that nothing was said to a server that is not the one that was met, and offers to
    /// take it for a new one.
    pub struct Blocked(ObjectSubclass<imp::Blocked>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Blocked {
    /// Says who was met at the address, and who is there.
    pub(super) fn explain(&self, before: &Pin, here: &Fingerprint) {
        let imp = self.imp();
        let text = gettext_f(
            "At this address you met {name} before. Now another server is there, which Hallway does not know. Nothing was said to it. Somebody may be posing as {name}, or the server was set up anew: ask whoever opened the room.",
            &[("name", before.name.as_ref())],
        );
        // It is markup there.
        imp.page
            .set_description(Some(&glib::markup_escape_text(&text)));
        imp.before.set_subtitle(&short_fingerprint(&before.id));
        imp.here.set_subtitle(&short_fingerprint(here));
    }
}
