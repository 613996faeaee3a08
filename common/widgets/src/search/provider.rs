//! The search provider's interface on the session bus.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use gio::prelude::*;
use gio::{DBusConnection, DBusInterfaceInfo, RegistrationId};
use glib::variant::Variant;
use gtk::prelude::*;

use super::Terms;

/// `org.gnome.Shell.SearchProvider2` as gnome-shell declares it.
const INTERFACE: &str = include_str!("provider.xml");
const INTERFACE_NAME: &str = "org.gnome.Shell.SearchProvider2";

/// Results whose words are remembered until they are asked for: some searches' worth.
const REMEMBERED: usize = 256;

/// Milliseconds that a program stays which was only started to be searched: somebody is typing,
/// and asks again with every letter.
const LINGER: u32 = 10_000;

/// What the search shows of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What [`Searched::open`] gets.
    pub id: String,
    /// A name, as plain text.
    pub name: String,
    /// A line about it, as plain text.
    pub description: String,
    /// The name of an icon.
    pub icon: &'static str,
}

/// A program that can be searched.
pub trait Searched: IsA<gtk::Application> {
    /// What has all the terms, the best first: a handful, and in a few milliseconds.
    fn found(&self, terms: &Terms) -> Vec<Found>;

    /// Somebody chose a result. `time` is that of the click, as windows take it.
    fn open(&self, id: &str, terms: &Terms, time: u32);

    /// Somebody wants to go on searching in the program.
    fn search(&self, words: &str, time: u32);
}

/// The interface, until [`withdraw`](Self::withdraw).
#[derive(Debug)]
pub struct Provider {
    bus: DBusConnection,
    registration: RegistrationId,
}

impl Provider {
    /// Answers searches at `path`. Call it while the application registers itself.
    ///
    /// # Errors
    /// Something else is at this path.
    pub fn export<A: Searched>(
        application: &A,
        bus: &DBusConnection,
        path: &str,
    ) -> Result<Self, glib::Error> {
        let node = gio::DBusNodeInfo::for_xml(INTERFACE)?;
        let interface = node.lookup_interface(INTERFACE_NAME);
        let interface: DBusInterfaceInfo = interface.ok_or_else(|| {
            glib::Error::new(gio::IOErrorEnum::NotFound, "the interface is not declared")
        })?;
        let program: &gtk::Application = application.upcast_ref();
        // Whoever closes the last window has ended the program.
        program.connect_window_added(|program, _| program.set_inactivity_timeout(0));
        let answering = Rc::new(Answering {
            application: application.downgrade(),
            remembered: RefCell::default(),
        });
        let registration = bus
            .register_object(path, &interface)
            .method_call(move |_, _, _, _, method, arguments, invocation| {
                let answer = answering.answer(method, &arguments);
                invocation.return_result(answer.map(Some));
            })
            .build()?;
        Ok(Self {
            bus: bus.clone(),
            registration,
        })
    }

    /// Answers no more.
    pub fn withdraw(self) {
        if let Err(error) = self.bus.unregister_object(self.registration) {
            tracing::warn!(%error, "the search provider");
        }
    }
}

struct Answering<A: ObjectType> {
    application: glib::WeakRef<A>,
    /// The newest last.
    remembered: RefCell<VecDeque<Found>>,
}

impl<A: Searched> Answering<A> {
    fn answer(&self, method: &str, arguments: &Variant) -> Result<Variant, glib::Error> {
        let application = self.application.upgrade().ok_or_else(|| {
            glib::Error::new(gio::DBusError::UnknownObject, "the program is ending")
        })?;
        let program: &gtk::Application = application.upcast_ref();
        if program.windows().is_empty() {
            // It was started to be searched, and ends soon after.
            program.set_inactivity_timeout(LINGER);
        }
        let _busy = program.hold();
        let answer = self.answer_for(&application, method, arguments);
        answer.ok_or_else(|| glib::Error::new(gio::DBusError::InvalidArgs, method))
    }

    fn answer_for(&self, application: &A, method: &str, arguments: &Variant) -> Option<Variant> {
        match method {
            "GetInitialResultSet" => {
                let (terms,): (Vec<String>,) = arguments.get()?;
                Some(self.find(application, &terms))
            }
            "GetSubsearchResultSet" => {
                let (_, terms): (Vec<String>, Vec<String>) = arguments.get()?;
                Some(self.find(application, &terms))
            }
            "GetResultMetas" => {
                let (ids,): (Vec<String>,) = arguments.get()?;
                Some(self.describe(&ids))
            }
            "ActivateResult" => {
                let (id, terms, time): (String, Vec<String>, u32) = arguments.get()?;
                application.open(&id, &Terms::new(terms), time);
                Some(().to_variant())
            }
            "LaunchSearch" => {
                let (terms, time): (Vec<String>, u32) = arguments.get()?;
                application.search(&Terms::new(terms).row(), time);
                Some(().to_variant())
            }
            _ => None,
        }
    }

    fn find(&self, application: &A, terms: &[String]) -> Variant {
        let found = application.found(&Terms::new(terms));
        let ids: Vec<_> = found.iter().map(|found| found.id.clone()).collect();
        let mut remembered = self.remembered.borrow_mut();
        remembered.retain(|known| !ids.contains(&known.id));
        remembered.extend(found);
        let too_many = remembered.len().saturating_sub(REMEMBERED);
        remembered.drain(..too_many);
        (ids,).to_variant()
    }

    fn describe(&self, ids: &[String]) -> Variant {
        let remembered = self.remembered.borrow();
        let ids = ids.iter().take(REMEMBERED);
        let found = ids.filter_map(|id| remembered.iter().find(|found| found.id == *id));
        let metas: Vec<_> = found.map(meta).collect();
        let metas = Variant::array_from_iter_with_type(glib::VariantTy::VARDICT, metas);
        Variant::tuple_from_iter([metas])
    }
}

fn meta(found: &Found) -> Variant {
    let meta = glib::VariantDict::new(None);
    meta.insert("id", &found.id);
    meta.insert("name", &found.name);
    meta.insert("description", &found.description);
    meta.insert("gicon", found.icon);
    meta.end()
}
