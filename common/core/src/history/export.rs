//! A conversation as a file for others: text for people, JSON for programs.

use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::Serialize;

use super::client::State;
use super::error::Error;
use super::kept::{self, KeptLine};
use super::limits;
use super::store::Store;
use crate::text::visible_str;
use crate::wire::event::Kind;
use crate::wire::{At, Fingerprint, Seq};

/// What the file is to be.
#[derive(Clone, Debug)]
pub enum Format {
    /// A line for each, with the time by this clock, name and text. Later lines of a text are
    /// indented; what cannot be seen is made visible.
    Text(glib::TimeZone),
    /// An array of objects, one a line: `at` (milliseconds since 1970), `time` (ISO 8601), `name`,
    /// `kind`, `text`, and where it applies `seq`, `sender`, `outgoing`, `state`, `lost`.
    Json,
}

/// A line as JSON has it.
#[derive(Serialize)]
struct JsonLine<'a> {
    at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    name: &'a str,
    kind: &'a Kind,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<Fingerprint>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outgoing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lost: bool,
}

/// Writes a conversation as it is now, line by line, and returns how many lines that were.
///
/// `progress` is told how many lines of how many are written, now and then; after a `Break` the
/// rest is left out. This takes as long as the disk needs: it is for a thread of its own, on a
/// connection of its own ([`Store::beside`]), so that neither writers nor readers wait.
///
/// # Errors
/// [`Error::Cancelled`] after a `Break`, and the disk's.
pub fn export<S: Store>(
    store: &S,
    conversation: i64,
    format: &Format,
    out: &mut dyn Write,
    mut progress: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<u64, Error> {
    // One transaction sees one state.
    let transaction = store.connection().unchecked_transaction()?;
    let total: u64 = transaction.query_row(
        "SELECT count(*) FROM line WHERE conversation = ?1",
        [conversation],
        |row| row.get(0),
    )?;
    let mut statement = transaction.prepare_cached(&format!(
        "{} WHERE conversation = ?1 ORDER BY id",
        kept::select::<S>()
    ))?;
    let mut rows = statement.query([conversation])?;
    let mut done = 0;
    if matches!(format, Format::Json) {
        out.write_all(b"[")?;
    }
    while let Some(row) = rows.next()? {
        if done % limits::EXPORT_STEP == 0 && progress(done, total).is_break() {
            return Err(Error::Cancelled);
        }
        let line = kept::line(row)?;
        match format {
            Format::Text(zone) => write_text(&line, zone, out)?,
            Format::Json => {
                out.write_all(if done == 0 { b"\n" } else { b",\n" })?;
                write_json(&line, out)?;
            }
        }
        done += 1;
    }
    if matches!(format, Format::Json) {
        out.write_all(b"\n]\n")?;
    }
    out.flush()?;
    // It is whole: there is nothing left to break off.
    let _ = progress(done, total);
    Ok(done)
}

fn write_text(line: &KeptLine, zone: &glib::TimeZone, out: &mut dyn Write) -> io::Result<()> {
    let time = time(line.at)
        .and_then(|time| time.to_timezone(zone).ok())
        .and_then(|time| time.format("%Y-%m-%d %H:%M:%S").ok());
    let time = time.map_or_else(|| line.at.to_string(), Into::into);
    write!(out, "{time} {}:", visible_str(line.from.name.as_ref()))?;
    for (number, text) in line.text.split('\n').enumerate() {
        let space = if number == 0 { " " } else { "    " };
        writeln!(out, "{space}{}", visible_str(text))?;
    }
    Ok(())
}

fn write_json(line: &KeptLine, out: &mut dyn Write) -> Result<(), Error> {
    let json = JsonLine {
        at: line.at,
        time: time(line.at).and_then(|time| Some(time.format_iso8601().ok()?.into())),
        name: line.from.name.as_ref(),
        kind: &line.kind,
        text: &line.text,
        seq: line.seq,
        sender: line.from.id,
        outgoing: line.is_outgoing,
        state: match line.state {
            State::Received => None,
            State::Queued => Some("queued"),
            State::Sent => Some("sent"),
            State::Perhaps => Some("perhaps not received"),
            State::Failed => Some("failed"),
        },
        lost: line.is_lost,
    };
    serde_json::to_writer(out, &json).map_err(|error| io::Error::from(error).into())
}

/// The moment, to the millisecond, if the calendar has it.
fn time(at: At) -> Option<glib::DateTime> {
    let milliseconds = at.get().cast_signed();
    let whole = glib::DateTime::from_unix_utc(milliseconds / 1_000).ok()?;
    whole
        .add(glib::TimeSpan::from_milliseconds(milliseconds % 1_000))
        .ok()
}

#[cfg(test)]
mod tests;
