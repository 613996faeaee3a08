//! `hallway send --plain`, the program itself, against servers of the standard library.

mod arriving;
mod ending;
mod world;
