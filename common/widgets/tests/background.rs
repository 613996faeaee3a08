//! Leave to go on without a window, asked of a portal that is none.
//!
//! In a session of its own, and without a display.

use std::cell::{Cell, RefCell};
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gio::prelude::*;
use hallway_widgets::Background;
use hallway_widgets::background::Status;

/// Set for the copy of this test that has a session bus for itself.
const INSIDE: &str = "HALLWAY_TEST_SESSION";

const TEST: &str = "a_portal_is_asked_and_told";

/// Far more than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(20);

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

const INTERFACE: &str = r#"<node><interface name="org.freedesktop.portal.Background">
    <method name="RequestBackground">
        <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
    </method>
    <method name="SetStatus"><arg type="a{sv}" direction="in"/></method>
    <property name="version" type="u" access="read"/>
</interface></node>"#;

/// A bus that starts no program: the portal of the system would answer otherwise.
const NO_SERVICES: &str = r#"<busconfig>
    <type>session</type>
    <listen>unix:tmpdir=/tmp</listen>
    <policy context="default">
        <allow send_destination="*" eavesdrop="true"/>
        <allow eavesdrop="true"/>
        <allow own="*"/>
    </policy>
</busconfig>"#;

/// The system outside of a sandbox.
#[derive(Default)]
struct Portal {
    leave: Cell<bool>,
    reasons: RefCell<Vec<String>>,
    statuses: RefCell<Vec<String>>,
}

impl Portal {
    fn start(bus: &gio::DBusConnection) -> Rc<Self> {
        let portal = Rc::new(Self::default());
        let node = gio::DBusNodeInfo::for_xml(INTERFACE).expect("it is well-formed");
        let interface = node.lookup_interface("org.freedesktop.portal.Background");
        let answering = Rc::clone(&portal);
        bus.register_object(PATH, &interface.expect("declared above"))
            .method_call(move |bus, sender, _, _, method, arguments, invocation| {
                let answer = answering.answer(&bus, sender.unwrap_or(""), method, &arguments);
                invocation.return_result(Ok(answer));
            })
            .property(|_, _, _, _, _| 2_u32.to_variant())
            .build()
            .expect("nothing else is there");
        let arguments = (NAME, 0_u32).to_variant();
        call(bus, "RequestName", &arguments);
        portal
    }

    fn answer(
        &self,
        bus: &gio::DBusConnection,
        sender: &str,
        method: &str,
        arguments: &glib::Variant,
    ) -> Option<glib::Variant> {
        let options =
            glib::VariantDict::new(Some(&arguments.child_value(arguments.n_children() - 1)));
        let text = |key| options.lookup::<String>(key).ok().flatten();
        if method == "SetStatus" {
            self.statuses.borrow_mut().extend(text("message"));
            return None;
        }
        self.reasons.borrow_mut().extend(text("reason"));
        let token = text("handle_token").expect("programs of today have one");
        let sender = sender.trim_start_matches(':').replace('.', "_");
        let path = format!("{PATH}/request/{sender}/{token}");
        let results = glib::VariantDict::new(None);
        results.insert("background", self.leave.get());
        let response = glib::Variant::tuple_from_iter([0_u32.to_variant(), results.end()]);
        bus.emit_signal(
            None,
            &path,
            "org.freedesktop.portal.Request",
            "Response",
            Some(&response),
        )
        .expect("the bus is there");
        let path = glib::variant::ObjectPath::try_from(path).expect("a path");
        Some((path,).to_variant())
    }
}

fn call(bus: &gio::DBusConnection, method: &str, arguments: &glib::Variant) {
    bus.call_sync(
        Some("org.freedesktop.DBus"),
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus",
        method,
        Some(arguments),
        None,
        gio::DBusCallFlags::NONE,
        -1,
        gio::Cancellable::NONE,
    )
    .expect("the bus answers");
}

#[track_caller]
fn until(condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "it does not happen");
        glib::MainContext::default().iteration(false);
    }
}

fn asked(background: &Background) -> bool {
    let background = background.clone();
    let context = glib::MainContext::default();
    context.block_on(async move { background.may_go_on("Because.").await })
}

#[test]
fn a_portal_is_asked_and_told() {
    if env::var_os(INSIDE).is_some() {
        return inside();
    }
    let copy = env::current_exe().expect("a test has an executable");
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-services.conf");
    fs::write(&config, NO_SERVICES).expect("the folder for tests can be written");
    let status = Command::new("dbus-run-session")
        .arg("--config-file")
        .arg(config)
        .arg("--")
        .arg(copy)
        .args(["--exact", TEST, "--nocapture"])
        .env(INSIDE, "")
        .status();
    match status {
        Ok(status) => assert!(status.success()),
        Err(error) => eprintln!("skipped: no dbus-run-session ({error})"),
    }
}

fn inside() {
    let address = env::var("DBUS_SESSION_BUS_ADDRESS").expect("it is a session");
    let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
        | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    let none = gio::Cancellable::NONE;
    let outside = gio::DBusConnection::for_address_sync(&address, flags, None, none);
    let outside = outside.expect("there is a bus");
    let id = Some("chat.hallway.Test");
    let application = gio::Application::new(id, gio::ApplicationFlags::empty());
    application
        .register(none)
        .expect("nobody else has the name");
    let bus = application.dbus_connection();
    let background = || Background::with_portal(&application, bus.clone());

    assert!(asked(&background()), "without a portal nobody says no");
    assert!(asked(&Background::with_portal(&application, None)));

    let portal = Portal::start(&outside);
    assert!(!asked(&background()));
    portal.leave.set(true);
    let allowed = background();
    assert!(asked(&allowed) && asked(&allowed));
    assert_eq!(*portal.reasons.borrow(), ["Because."; 2], "once is enough");

    let status = |body: &str| Status {
        title: "Going on".to_owned(),
        body: body.to_owned(),
    };
    let statuses = || portal.statuses.borrow().clone();
    let long = "三楼".repeat(40);
    allowed.tell(Some(status(&long)));
    until(|| statuses().len() == 1);
    let told = statuses().remove(0);
    assert!(told.len() <= 96 && told.ends_with('…'), "{told}");
    // Changes come together, and the last of them counts.
    let start = Instant::now();
    for count in 0..100 {
        allowed.tell(Some(status(&count.to_string())));
    }
    until(|| statuses().len() == 2);
    assert_eq!(statuses()[1], "99");
    assert!(start.elapsed() > Duration::from_secs(3));
    allowed.tell(None);
    until(|| statuses().len() == 3);
    assert_eq!(statuses()[2], "");
}
