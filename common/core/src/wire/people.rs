//! Who is here.

use serde::{Deserialize, Serialize};

use super::limits;
use super::list::{at_most, some_at_most};
use super::values::{Fingerprint, Label};

/// Somebody, as a server tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Their identity. Absent: they speak plain text, and the name is all there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Fingerprint>,
    /// What they are called.
    pub name: Label,
}

/// Somebody who is called something else now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Renamed {
    /// Their identity, as in [`Person`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Fingerprint>,
    /// What they were called.
    pub was: Label,
    /// What they are called.
    pub name: Label,
}

/// Who is here, or what became different since. Each list has at most [`limits::PEOPLE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub enum People {
    /// Everyone; what was known before is not so any more.
    Here {
        /// As many as one frame tells.
        list: Vec<Person>,
        /// How many more there are.
        more: u32,
    },
    /// What became different.
    Changes {
        /// Who came.
        joined: Vec<Person>,
        /// Who went.
        left: Vec<Person>,
        /// Who is called something else.
        renamed: Vec<Renamed>,
    },
}

impl People {
    /// Whether every list is as long as a frame may have it.
    pub(super) fn fits(&self) -> bool {
        match self {
            Self::Here { list, .. } => list.len() <= limits::PEOPLE,
            Self::Changes {
                joined,
                left,
                renamed,
            } => [joined.len(), left.len(), renamed.len()]
                .iter()
                .all(|&length| length <= limits::PEOPLE),
        }
    }
}

/// Both kinds in one: a list tells which it is.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    #[serde(
        default,
        deserialize_with = "some_at_most::<{ limits::PEOPLE }, _, _>",
        skip_serializing_if = "Option::is_none"
    )]
    list: Option<Vec<Person>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    more: u32,
    #[serde(
        default,
        deserialize_with = "at_most::<{ limits::PEOPLE }, _, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
    joined: Vec<Person>,
    #[serde(
        default,
        deserialize_with = "at_most::<{ limits::PEOPLE }, _, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
    left: Vec<Person>,
    #[serde(
        default,
        deserialize_with = "at_most::<{ limits::PEOPLE }, _, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
    renamed: Vec<Renamed>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<Fields> for People {
    fn from(fields: Fields) -> Self {
        match fields.list {
            Some(list) => Self::Here {
                list,
                more: fields.more,
            },
            None => Self::Changes {
                joined: fields.joined,
                left: fields.left,
                renamed: fields.renamed,
            },
        }
    }
}

impl From<People> for Fields {
    fn from(people: People) -> Self {
        let (list, more, joined, left, renamed) = match people {
            People::Here { list, more } => (Some(list), more, vec![], vec![], vec![]),
            People::Changes {
                joined,
                left,
                renamed,
            } => (None, 0, joined, left, renamed),
        };
        Self {
            list,
            more,
            joined,
            left,
            renamed,
        }
    }
}
