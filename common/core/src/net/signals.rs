//! Signals declared once: the name, a typed `connect_…` and an `emit_…` that costs next to
//! nothing where nobody listens.

use std::sync::OnceLock;

use glib::signal::signal_has_handler_pending;
use glib::subclass::SignalId;

/// Declares the signals of a `GObject` and the static list `SIGNALS` for its class.
macro_rules! signals {
    ($object:ty: $(
        $(#[$doc:meta])* signal $name:expr, $connect:ident, $emit:ident $(, $argument:ty)?;
    )*) => {
        pub(super) static SIGNALS: std::sync::LazyLock<Vec<glib::subclass::Signal>> =
            std::sync::LazyLock::new(|| vec![$(
                glib::subclass::Signal::builder($name)
                    $(.param_types([<$argument as glib::prelude::StaticType>::static_type()]))?
                    .build(),
            )*]);

        impl $object {
            $(
                $(#[$doc])*
                pub fn $connect(
                    &self,
                    handler: impl Fn(&Self $(, $argument)?) + 'static,
                ) -> glib::SignalHandlerId {
                    use glib::prelude::*;
                    self.connect_local($name, false, move |values| {
                        let emitter = values[0].get().expect("the first value is the emitter");
                        handler(
                            &emitter
                            $(, values[1].get::<$argument>().expect("the type declared above"))?
                        );
                        None
                    })
                }

                pub(in crate::net) fn $emit(&self $(, argument: &$argument)?) {
                    use glib::prelude::*;
                    static ID: std::sync::OnceLock<glib::subclass::SignalId> =
                        std::sync::OnceLock::new();
                    if let Some(id) = $crate::net::signals::wanted(self, $name, &ID) {
                        self.emit::<()>(
                            id,
                            &[$($crate::net::signals::as_value::<$argument>(argument))?],
                        );
                    }
                }
            )*
        }
    };
}

pub(crate) use signals;

/// The number of the signal `name` of `object`, if anybody is connected to it.
pub(crate) fn wanted<T: glib::object::ObjectType>(
    object: &T,
    name: &str,
    id: &OnceLock<SignalId>,
) -> Option<SignalId> {
    let id = *id
        .get_or_init(|| SignalId::lookup(name, T::static_type()).expect("a signal of this class"));
    signal_has_handler_pending(object, id, None, true).then_some(id)
}

/// An argument as the emission takes it.
pub(crate) fn as_value<T: glib::prelude::ToValue>(value: &T) -> &dyn glib::prelude::ToValue {
    value
}
