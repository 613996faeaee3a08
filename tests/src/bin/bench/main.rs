//! `bench`: how fast the real server is, beside what the machine allows, in the same run.
//!
//! ```text
//! main → parts (what is measured) → load, churn (one thread of clients) → client, ledger, line
//!           │                    → servers (what is measured against what) → bare
//!           └→ figures, histogram → report (Markdown and JSON)
//! ```
//!
//! - [`parts`] lists the parts and runs one against one server;
//! - [`load`] sends lines, [`ledger`] checks each that comes back; [`churn`] comes and goes;
//! - [`servers`] starts a server and reads what the kernel counted for it;
//! - [`bare`] is the server to be compared with: an epoll loop that does nothing but the work;
//! - [`report`] makes tables of it.
//!
//! Clocks on a busy machine lie by a factor of two or three; processor time per line does not.
//! So that is the first figure, each part is measured in turn on every server, several times,
//! and the median is shown with the extremes.

mod bare;
mod churn;
mod client;
mod effort;
mod figures;
mod histogram;
mod ledger;
mod line;
mod load;
mod parts;
mod report;
mod section;
mod servers;
mod window;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use effort::Effort;
use parts::{Case, PARTS, Part, Work};
use report::Report;
use servers::{Peer, Role};

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
    match words[..] {
        // How this program starts itself as the server to be compared with.
        ["loop", role] => {
            let role = Role::parse(role).with_context(|| format!("no such role: {role}"))?;
            bare::run(role)?;
        }
        ["--help" | "-h"] => help(),
        _ => return bench(&words),
    }
    Ok(ExitCode::SUCCESS)
}

fn help() {
    println!("Usage: bench [PART]…\n\nMeasures hallway-server beside a bare epoll loop. Parts:\n");
    for part in &PARTS {
        println!("  {:<16} {}", part.name, part.about);
    }
}

/// Measures the parts that were named, or all of them.
fn bench(names: &[&str]) -> Result<ExitCode> {
    let parts = chosen(names)?;
    for peer in Peer::ALL {
        peer.find()?;
    }
    raise_descriptor_limit()?;
    if cfg!(debug_assertions) {
        eprintln!("bench: this is not a release build; its figures mean little.");
    }
    let effort = Effort::Full;
    let mut report = Report::new(effort);
    for part in parts {
        match part.work {
            Work::Cases(cases) => compare(cases, effort, &mut report),
            Work::Own(measure) => report.add_section(part.name, measure(effort)),
        }
    }
    println!("{}", report.markdown());
    let name = if names.is_empty() {
        "all".to_owned()
    } else {
        names.join("+")
    };
    report.save(&name)?;
    Ok(if report.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Measures cases on each server in turn.
fn compare(cases: &'static [Case], effort: Effort, report: &mut Report) {
    for case in cases {
        report.begin(case.name);
    }
    for round in 1..=effort.rounds() {
        for case in cases {
            for peer in Peer::ALL {
                let result = case.measure(peer, effort);
                progress(case.name, peer, round, result.as_ref());
                report.add(case.name, peer, result);
            }
        }
    }
}

fn chosen(names: &[&str]) -> Result<Vec<&'static Part>> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == *name) {
            let known = PARTS.each_ref().map(|part| part.name).join(", ");
            bail!("no part is called {name}; there are: {known}");
        }
    }
    let is_chosen = |part: &&Part| names.is_empty() || names.contains(&part.name);
    Ok(PARTS.iter().filter(is_chosen).collect())
}

fn progress(
    case: &str,
    peer: Peer,
    round: usize,
    result: Result<&figures::Sample, &anyhow::Error>,
) {
    let outcome = match result {
        Ok(sample) => sample.to_string(),
        Err(error) => format!("FAILED: {error:#}"),
    };
    eprintln!("{round} {case:<18} {:<15} {outcome}", peer.name());
}

/// Thousands of sockets are open at once, here and in the servers, which inherit the limit.
fn raise_descriptor_limit() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).context("the limit of descriptors could not be raised")
}
