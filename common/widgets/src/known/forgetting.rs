//! How somebody is forgotten: on a thread, since the disk is waited for.

use std::rc::Rc;
use std::sync::Arc;

use hallway_core::text::visible_str;
use hallway_core::trust::{Error, Pins, Role};
use hallway_core::wire::Fingerprint;
use hallway_words::gettext_f;

use super::Forget;

/// Has somebody forgotten by `forget`, which waits for the disk and gives who is known then.
pub fn forgetting(
    forget: impl Fn(Role, &Fingerprint) -> Result<Arc<Pins>, Error> + Clone + Send + 'static,
) -> Forget {
    Rc::new(move |role, id| {
        let forget = forget.clone();
        Box::pin(async move {
            let done = gio::spawn_blocking(move || forget(role, &id)).await;
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .map_err(|error| trouble(&error))
        })
    })
}

/// Why those who are known cannot be listed, or one of them not forgotten.
pub fn trouble(error: &Error) -> String {
    gettext_f(
        "The list of those who are known cannot be used: {why}. Check the disk, then try again.",
        &[("why", &visible_str(&error.to_string()))],
    )
}
