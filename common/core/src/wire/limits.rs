//! Every cap on a frame, with its unit and why it is that much.

/// Bytes of the longest frame, its LF not counted. It holds the longest [`TEXT`] in the longest way
/// to write it in JSON, six bytes for one, more than twice.
pub const FRAME: usize = 256 * 1024;

/// Bytes of UTF-8 of the longest text of a message: more than a page is a file.
pub const TEXT: usize = 16 * 1024;

/// The highest number in a frame: 2⁵³ − 1, up to which every reader of JSON is exact (RFC 8259, 6).
pub const NUMBER: u64 = (1 << 53) - 1;

/// People in one frame. With the longest names they take a third of [`FRAME`].
pub const PEOPLE: usize = 200;

/// Events that a client may ask for at once; fewer come where they would not fit into [`FRAME`].
pub const HISTORY: usize = 200;

/// Conversations of one device whose numbers are told in a welcome; with the longest numbers they
/// take two thirds of [`FRAME`]. A server begins no more than that with one identity.
pub const CONVERSATIONS: usize = 2000;

/// Capabilities in one frame: a dozen are thinkable.
pub const CAPS: usize = 32;

/// Bytes of one word: a kind of frame, a capability, an error code.
pub const WORD: usize = 32;

/// Bytes of the longest password of a room: a sentence of a dozen words in any script.
pub const PASSWORD: usize = 256;

/// Bytes of a name as it comes from a client, before what cannot be seen is taken out of it.
pub const RAW_NAME: usize = 4 * crate::text::name::MAX_BYTES;

/// Bytes of what somebody is shown as: a name, or the longest address with its scope and port.
pub const LABEL: usize = crate::text::name::MAX_BYTES;

/// Bytes of the reason why something is no frame, which quotes what a peer sent.
pub(crate) const REASON: usize = 200;

/// Messages in a second that are taken from one person over time, where nothing else is set: more
/// than people type.
pub const RATE: u32 = 10;

/// Messages that are taken at once: an outbox that was written without a connection.
pub const BURST: u32 = 30;
