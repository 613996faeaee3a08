//! Packs the style and the icons of both windows into the crate, and the pages of the help.

fn main() {
    glib_build_tools::compile_resources(
        &["../../data"],
        "../../data/hallway.gresource.xml",
        "hallway.gresource",
    );
    glib_build_tools::compile_resources(
        &["../../docs/help"],
        "../../docs/help/help.gresource.xml",
        "help.gresource",
    );
}
