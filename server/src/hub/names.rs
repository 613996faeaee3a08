//! Which names are taken; pure.

use std::collections::HashSet;

use hallway_core::text::Name;

use super::notices::NameRefused;

/// Both keys of a name.
pub(super) type Skeletons = [String; 2];

/// Both keys of every name that is taken, by plain and by encrypted people.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// Takes a name for somebody, who gives up `own` for it. On a refusal they keep it.
    pub(super) fn claim(
        &mut self,
        name: &Name,
        own: Option<&Skeletons>,
        host: Option<&Name>,
    ) -> Result<Skeletons, NameRefused> {
        let host = host.map(Name::skeletons);
        let wanted = name.skeletons();
        let is_taken = wanted.iter().any(|skeleton| {
            let of_host = host.as_ref().is_some_and(|host| host.contains(skeleton));
            let of_own = own.is_some_and(|own| own.contains(skeleton));
            of_host || (self.0.contains(skeleton) && !of_own)
        });
        if is_taken {
            return Err(NameRefused::Taken);
        }
        self.give_up(own);
        self.0.extend(wanted.clone());
        Ok(wanted)
    }

    /// Whoever had this name has it no more.
    pub(super) fn give_up(&mut self, own: Option<&Skeletons>) {
        for skeleton in own.into_iter().flatten() {
            self.0.remove(skeleton);
        }
    }
}
