//! The servers that were talked to, the newest first.

use gio::prelude::*;

use crate::session::Target;

/// Servers remembered: what a person may still look through.
const MOST: usize = 20;

const KEY: &str = "recent-servers";

/// The servers in the settings. Clones are the same ones.
#[derive(Clone, Debug)]
pub(super) struct Recent(gio::Settings);

impl Recent {
    pub(super) fn new(settings: &gio::Settings) -> Self {
        Self(settings.clone())
    }

    pub(super) fn all(&self) -> Vec<Target> {
        read(self.0.strv(KEY).iter().map(glib::GStringPtr::as_str))
    }

    pub(super) fn contains(&self, target: &Target) -> bool {
        self.all().contains(target)
    }

    /// This one was talked to just now.
    pub(super) fn add(&self, target: &Target) {
        let mut all = self.all();
        if all.first() != Some(target) {
            promote(&mut all, target);
            self.write(&all);
        }
    }

    pub(super) fn forget(&self, target: &Target) {
        let mut all = self.all();
        all.retain(|other| other != target);
        self.write(&all);
    }

    /// Tells of changes, by whichever window.
    pub(super) fn connect_changed(&self, handler: impl Fn() + 'static) -> glib::SignalHandlerId {
        self.0.connect_changed(Some(KEY), move |_, _| handler())
    }

    pub(super) fn disconnect(&self, handler: glib::SignalHandlerId) {
        self.0.disconnect(handler);
    }

    fn write(&self, all: &[Target]) {
        let texts: Vec<_> = all.iter().map(ToString::to_string).collect();
        if let Err(error) = self.0.set_strv(KEY, texts) {
            tracing::warn!(%error, "the recent servers are not written");
        }
    }
}

/// What settings hold may be anything: what is no server's address is passed over.
fn read<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Target> {
    let mut all = Vec::new();
    for text in texts {
        if let Ok(target) = text.parse()
            && !all.contains(&target)
            && all.len() < MOST
        {
            all.push(target);
        }
    }
    all
}

fn promote(all: &mut Vec<Target>, target: &Target) {
    all.retain(|other| other != target);
    all.insert(0, target.clone());
    all.truncate(MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Vec<Target> {
        read(texts.iter().copied())
    }

    #[test]
    fn what_settings_hold_is_not_believed() {
        let read = targets(&["lab", "http://x", "", "lab:4255", "::1", "lab:80"]);
        let texts: Vec<_> = read.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["lab:4255", "[::1]:4255", "lab:80"]);
    }

    #[test]
    fn the_newest_is_first_and_the_oldest_goes() {
        let mut all = Vec::new();
        for port in 1..=30 {
            promote(&mut all, &format!("lab:{port}").parse().unwrap());
        }
        assert_eq!(all.len(), MOST);
        assert_eq!(all[0].port(), 30);
        promote(&mut all, &"lab:20".parse().unwrap());
        let ports: Vec<_> = all.iter().map(Target::port).collect();
        assert_eq!(&ports[..4], [20, 30, 29, 28]);
        assert_eq!((ports.len(), ports[MOST - 1]), (MOST, 11));
    }
}
