//! What we say.

use std::rc::Rc;

use hallway_core::wire::{Conv, Text};
use hallway_widgets::conversation::{Content, Delivery, LineId};

use super::{Encrypted, Talk, shown};
use crate::window::words::encrypted as words;

impl Talk {
    /// Says a text: all of its lines are one message.
    pub(in crate::window::talk) fn say_encrypted(
        &self,
        encrypted: &Encrypted,
        text: &str,
    ) -> Result<(), String> {
        let most = self.session().longest_text();
        if text.len() > most {
            return Err(words::too_long(text.len(), most));
        }
        let (conv, text) = (encrypted.current(), Text::fitting(text));
        let said = self.session().say(conv, text.clone());
        let cid = said.map_err(words::not_said)?;
        let shown: Rc<str> = shown(text.as_ref()).into();
        let content = Content::Ours {
            text: Rc::clone(&shown),
            to: None,
            delivery: Delivery::Queued,
        };
        let line = self.record().push(content, &[&self.view_of(&conv)]);
        encrypted.ours.borrow_mut().said(cid, conv, shown, line);
        Ok(())
    }

    /// Says again what was refused.
    pub(in crate::window::talk) fn say_again(&self, encrypted: &Encrypted, line: LineId) {
        let refused = encrypted.ours.borrow_mut().again(line);
        let Some((conv, text)) = refused else {
            return;
        };
        match self.session().say(conv, Text::fitting(&text)) {
            Ok(cid) => {
                encrypted.ours.borrow_mut().said(cid, conv, text, line);
                self.set_delivery(line, Delivery::Queued);
            }
            Err(error) => {
                let why = words::not_said(error).into();
                let can_retry = false;
                self.set_delivery(line, Delivery::Refused { why, can_retry });
            }
        }
    }

    /// Somebody here is writing in the conversation that is looked at.
    pub(in crate::window) fn typing(&self) {
        if let Some(encrypted) = self.encrypted() {
            let to: Conv = encrypted.current();
            self.session().typing(to);
        }
    }
}
