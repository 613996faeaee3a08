//! Encrypted people: `hallway/1` from the hello to the end.

mod comparing;
mod delivering;
mod guest;
mod hall;
mod letting_in;
mod limits;
mod meeting;
mod resuming;
mod seen;
mod storm;
mod telling;
