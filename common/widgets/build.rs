//! Packs the style and the icons of both windows into the crate.

fn main() {
    glib_build_tools::compile_resources(
        &["../../data"],
        "../../data/hallway.gresource.xml",
        "hallway.gresource",
    );
}
