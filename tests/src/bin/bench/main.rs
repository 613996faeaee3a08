//! `bench`: how fast the real server is, beside what the machine allows and what people use for
//! this today, in the same run.
//!
//! ```text
//! main → parts, scale (what is measured) → measure → load, churn (one thread of clients)
//!           │                                │        → client, ledger, line
//!           │                                └→ servers → peers → bare, with_tokio, Qt, ncat
//!           ├→ encrypted (handshakes, messages on the disk)
//!           ├→ history (a million lines that are kept)
//!           ├→ window (frames, clicks and floods of the real windows)
//!           └→ measured, figures, histogram, goals, section → report (Markdown and JSON)
//! ```
//!
//! - [`parts`] lists the parts, [`measure`] measures one case of them on one server;
//! - [`load`] sends lines, [`ledger`] checks each that comes back; [`churn`] comes and goes;
//! - [`peers`] are the programs that are compared, [`servers`] starts one and reads what the
//!   kernel counted for it;
//! - [`bare`] is the limit: an epoll loop that does nothing but the work; [`with_tokio`] is what a
//!   Rust engineer would write;
//! - [`encrypted`] is what `hallway/1` costs;
//! - [`history`] is what a large history answers, and how soon;
//! - [`window`] is what a person feels of the windows under load;
//! - [`scale`] gives the points of `docs/scale.md`;
//! - [`goals`] are what is to be reached, [`table`] and [`report`] make tables of it all.
//!
//! Clocks on a busy machine lie by a factor of two or three; processor time per line does not.
//! So that is the first figure, each part is measured in turn on every server, several times,
//! and the median is shown with the extremes.

mod bare;
mod churn;
mod client;
mod effort;
mod encrypted;
mod figures;
mod goals;
mod histogram;
mod history;
mod ledger;
mod line;
mod load;
mod machine;
mod measure;
mod measured;
mod parts;
mod peers;
mod report;
mod scale;
mod section;
mod servers;
mod table;
mod trouble;
mod window;
mod with_tokio;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use hallway_tests::world;

use effort::Effort;
use parts::{Case, PARTS, Part, Work};
use peers::{Peer, Role};
use report::Report;
use trouble::Trouble;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let role = |word: &str| Role::parse(word).with_context(|| format!("no such role: {word}"));
    match words[..] {
        // How this program starts itself as a server to be compared with.
        ["loop", word] => bare::run(role(word)?)?,
        ["handshakes"] => encrypted::run_handshakes()?,
        ["echo", way] => encrypted::run_echo(way)?,
        ["tokio", kind, word] => with_tokio::run(kind, role(word)?)?,
        ["--help" | "-h"] => help(),
        ["--short", ref names @ ..] => return bench(Effort::Short, names),
        ref names => return bench(Effort::Full, names),
    }
    Ok(ExitCode::SUCCESS)
}

fn help() {
    println!(
        "Usage: bench [--short] [PART]…\n\nMeasures hallway-server beside a bare epoll loop and \
         the servers that people write.\n--short only shows that everything runs and no line is \
         lost.\n\nParts:\n"
    );
    for part in PARTS {
        let about = part.about;
        let extra = if part.is_extra { "; by name only" } else { "" };
        println!("  {:<16} {about}{extra}", part.name);
    }
}

/// Measures the parts that were named, or all of them.
fn bench(effort: Effort, names: &[&str]) -> Result<ExitCode> {
    let parts = chosen(names)?;
    let peers = Peer::present()?;
    // Thousands of sockets are open at once, here and in the servers, which inherit the limit.
    let descriptors = world::many_descriptors();
    if cfg!(debug_assertions) {
        eprintln!("bench: this is not a release build; its figures mean little.");
    }
    let (command, name) = names_of(effort, names);
    let mut report = Report::new(effort, command, peers.clone());
    for part in parts {
        match part.work {
            Work::Cases(cases) if part.descriptors() <= descriptors => {
                compare(cases, effort, &peers, &mut report);
            }
            Work::Cases(_) => {
                let (name, needed) = (part.name, part.descriptors());
                world::skip(&format!(
                    "{name} needs {needed} descriptors, there are {descriptors}"
                ));
            }
            Work::Own(measure) => {
                eprintln!("{}…", part.name);
                report.add_section(part.name, measure(effort));
            }
        }
    }
    println!("{}", report.markdown());
    report.save(&name)?;
    eprintln!("bench: {} s", report.age().as_secs());
    Ok(if report.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The command that measures this, and the name of the files that tell of it.
fn names_of(effort: Effort, names: &[&str]) -> (String, String) {
    let mut command = vec!["./dev bench"];
    let mut name = vec![];
    if effort == Effort::Short {
        command.push("--short");
        name.push("short");
    }
    command.extend(names);
    name.extend(names);
    if name.is_empty() {
        name.push("all");
    }
    (command.join(" "), name.join("+"))
}

/// Measures cases on each server in turn.
fn compare(cases: &'static [Case], effort: Effort, peers: &[Peer], report: &mut Report) {
    for case in cases {
        report.begin(case.name);
    }
    for round in 1..=effort.rounds() {
        for Case { name, kind } in cases {
            let takes_part = |peer: &Peer| {
                peer.can(kind.role()) && round <= effort.rounds_of(*peer, kind.is_long())
            };
            for &peer in peers.iter().filter(|peer| takes_part(peer)) {
                let result = kind.measure(peer, effort);
                let outcome = match &result {
                    Ok(sample) => sample.to_string(),
                    Err(error) if peer.must_not_fail() => format!(" FAILED: {error:#}"),
                    Err(error) => format!(" {}: {error:#}", Trouble::word(error)),
                };
                let (seconds, rounds) = (report.age().as_secs(), effort.rounds());
                let peer_name = peer.name();
                eprintln!("{seconds:>3} s {round}/{rounds} {name:<18} {peer_name:<15}{outcome}");
                report.add(name, peer, result);
            }
        }
    }
}

fn chosen(names: &[&str]) -> Result<Vec<&'static Part>> {
    for name in names {
        ensure!(!name.starts_with('-'), "there is no option {name}");
        if !PARTS.iter().any(|part| part.name == *name) {
            let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
            bail!("no part is called {name}; there are: {}", known.join(", "));
        }
    }
    let is_chosen = |part: &&Part| {
        if names.is_empty() {
            !part.is_extra
        } else {
            names.contains(&part.name)
        }
    };
    Ok(PARTS.iter().filter(is_chosen).collect())
}
