//! What the help says of the programs is what the programs say.

use std::fs;

use hallway_tests::desktop::source;

/// Languages of the help, and the translations of the programs' sentences.
const LANGUAGES: [(&str, Option<&str>); 3] = [
    ("en", None),
    ("de", Some("po/de.po")),
    ("zh_CN", Some("po/zh_CN.po")),
];

/// Where the sentences for failures stand.
const SENTENCES: &str = "common/words/src/errors.rs";

/// Sentences of other parts that people ask about.
const OTHERS: [&str; 4] = [
    "This server is full. Try again later.",
    "There are too many connections from your address. Close one first.",
    "The host keeps your address out.",
    "The server ended the conversation",
];

fn read(file: &str) -> String {
    fs::read_to_string(source().join(file)).expect("it is in the tree")
}

/// What happened, without what to do about it, and without what is different each time.
fn happened(sentence: &str) -> Vec<String> {
    let end = sentence.find(['.', '。']).unwrap_or(sentence.len());
    let mut parts = Vec::new();
    let mut rest = &sentence[..end];
    while let Some((before, after)) = rest.split_once('{') {
        parts.push(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    parts.push(rest);
    // An end such as “: {why}” is no part of a heading.
    let trim = |part: &str| part.trim_matches([':', '：', ' ']).replace('’', "'");
    parts.into_iter().map(trim).collect()
}

/// Whether a text has all of these in it, one after the other.
fn has(text: &str, parts: &[String]) -> bool {
    let text = text.replace('’', "'");
    let mut rest = &*text;
    parts.iter().all(|part| {
        rest.find(part.as_str()).is_some_and(|at| {
            rest = &rest[at + part.len()..];
            true
        })
    })
}

/// The sentences for failures in English.
fn english() -> Vec<String> {
    let code = read(SENTENCES);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = code.split("gettext").skip(1);
    let texts = calls.filter_map(|call| {
        let (_, text) = call.split_once('(')?;
        let text = text.trim_start().strip_prefix('"')?;
        text.split_once('"').map(|(text, _)| text.to_owned())
    });
    // What stands in a sentence begins with a small letter.
    texts
        .filter(|text| !text.starts_with(char::is_lowercase))
        .chain(OTHERS.map(str::to_owned))
        .collect()
}

/// What a sentence is called in a translation.
fn translated(po: &str, english: &str) -> String {
    let id = format!("\nmsgid \"{english}\"\nmsgstr \"");
    let (_, after) = po
        .split_once(&id)
        .unwrap_or_else(|| panic!("“{english}” is not translated"));
    let (text, _) = after.split_once("\"\n").expect("a string ends");
    text.to_owned()
}

#[test]
fn every_failure_has_its_place_in_the_help() {
    let english = english();
    assert!(english.len() > 20, "{english:#?}");
    for (language, translation) in LANGUAGES {
        let page = read(&format!("docs/help/{language}/troubleshooting.md"));
        let headings: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("### "))
            .collect();
        let po = translation.map(read);
        for sentence in &english {
            let sentence = po
                .as_ref()
                .map_or_else(|| sentence.clone(), |po| translated(po, sentence));
            let parts = happened(&sentence);
            assert!(
                headings.iter().any(|heading| has(heading, &parts)),
                "{language}: no heading for “{sentence}”"
            );
        }
        assert!(headings.len() >= english.len() - 1, "{language}");
    }
}
