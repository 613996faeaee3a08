//! How the values of the protocol are in the database: numbers as integers, bytes as they are,
//! words as text. What is not a value of its kind was not written here, and is damage.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::wire::event::Kind;
use crate::wire::values::Label;
use crate::wire::{At, Between, Cid, Conv, Epoch, Fingerprint, Hash, N, Pos, Seq, Text};

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                // The highest is far below what an integer holds.
                Ok(self.get().cast_signed().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let number = value.as_i64()?;
                u64::try_from(number)
                    .ok()
                    .and_then(|number| number.try_into().ok())
                    .ok_or(FromSqlError::OutOfRange(number))
            }
        }
    )*};
}

macro_rules! bytes {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_bytes().as_slice().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(Self::from_bytes)
            }
        }
    )*};
}

macro_rules! words {
    ($($type:ty),*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(FromSqlError::other)
            }
        }
    )*};
}

numbers!(At, N, Pos, Seq);
bytes!(Cid, Epoch, Fingerprint, Hash);
words!(Between, Conv, Kind, Label);

impl ToSql for Text {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_ref().into())
    }
}

impl FromSql for Text {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use rusqlite::Connection;

    use super::*;
    use crate::history::Error;

    fn again<T: ToSql + FromSql + PartialEq + Debug>(value: &T) {
        let connection = Connection::open_in_memory().expect("memory");
        let read: T = connection
            .query_row("SELECT ?1", [value], |row| row.get(0))
            .expect("it is as it was written");
        assert_eq!(&read, value);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for number in [0, 1, Pos::MAX.get()] {
            again(&Pos::try_from(number).expect("it is exact"));
        }
        let id = |byte| Fingerprint::from_bytes([byte; 32]);
        again(&id(7));
        again(&Cid::from_bytes([7; 16]));
        again(&Between::Room);
        again(&Between::two(id(2), id(1)));
        again(&Conv::With(id(1)));
        for word in ["text", "mark", "some-other"] {
            again(&word.parse::<Kind>().expect("a word"));
        }
        again(&"Ana 走".parse::<Label>().expect("a label"));
        again(&"a\n\u{1b}走".parse::<Text>().expect("a text"));
    }

    fn is_damage<T: FromSql>(connection: &Connection, value: &str) -> bool {
        let sql = format!("SELECT {value}");
        let read = connection.query_row(&sql, [], |row| row.get::<_, T>(0));
        read.is_err_and(|error| matches!(error.into(), Error::Damaged { .. }))
    }

    #[test]
    fn what_is_no_value_is_damage() {
        let connection = Connection::open_in_memory().expect("memory");
        for number in [
            "-1",
            "9007199254740992",
            "9223372036854775807",
            "'1'",
            "NULL",
        ] {
            assert!(is_damage::<Pos>(&connection, number), "{number}");
        }
        for bytes in ["x'00'", "zeroblob(33)", "'text'", "7"] {
            assert!(is_damage::<Hash>(&connection, bytes), "{bytes}");
        }
        for word in ["''", "'UPPER'", "7", "x'ff'"] {
            assert!(is_damage::<Kind>(&connection, word), "{word}");
            assert!(is_damage::<Between>(&connection, word), "{word}");
        }
        assert!(is_damage::<Text>(&connection, "char(0)"));
    }
}
