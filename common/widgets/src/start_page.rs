//! What a window begins with: a picture, a title, a sentence and a button.

mod imp {
    use std::cell::RefCell;

    use adw::{prelude::*, subclass::prelude::*};

    #[derive(Default, gtk::CompositeTemplate, glib::Properties)]
    #[template(file = "start_page.ui")]
    #[properties(wrapper_type = super::StartPage)]
    pub struct StartPage {
        /// The picture.
        #[property(get, set)]
        icon_name: RefCell<String>,
        /// In a few words, which are plain text.
        #[property(get, set)]
        title: RefCell<String>,
        /// A few sentences, which are plain text.
        #[property(get, set)]
        description: RefCell<String>,
        /// What to do first.
        #[property(get, set, nullable)]
        button: RefCell<Option<gtk::Widget>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for StartPage {
        const NAME: &'static str = "HallwayStartPage";
        type Type = super::StartPage;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            // It looks like one.
            klass.set_css_name("statuspage");
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    #[glib::derived_properties]
    impl ObjectImpl for StartPage {}
    impl WidgetImpl for StartPage {}
    impl BinImpl for StartPage {}
}

glib::wrapper! {
    /// An [`adw::StatusPage`] that is there sooner. What is aligned there is asked how narrow it could
    /// be at its height whenever it gets its place, for which GTK lays out each of its texts at a dozen
    /// widths; here a box has its middle in the middle and nothing is aligned.
    pub struct StartPage(ObjectSubclass<imp::StartPage>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}
