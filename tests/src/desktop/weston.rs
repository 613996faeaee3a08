//! Weston on a screen that nobody sees. Nobody types there, and the mouse stands still: windows are
//! used through AT-SPI.

use std::fs;
use std::path::{Path, PathBuf};

use super::hands::Hands;
use super::screen::Place;
use super::wayland::{MISSING, SOCKET, value_of};
use super::{run, settle};
use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::foreign_with;

/// Larger than both windows of ours are at first.
const WIDTH: &str = "--width=1280";
const HEIGHT: &str = "--height=800";

/// A weston, and the pictures that it takes.
#[derive(Debug)]
pub(super) struct Weston {
    variables: Vec<(String, String)>,
    folder: PathBuf,
    _program: Program,
}

impl Weston {
    #[track_caller]
    pub(super) fn new(variables: &[(String, String)], folder: &Path) -> Self {
        let arguments = [
            "--backend=headless-backend.so",
            "--use-pixman",
            "--no-config",
            "--idle-time=0",
            // Lets weston-screenshooter in.
            "--debug",
            WIDTH,
            HEIGHT,
        ];
        let socket = format!("--socket={SOCKET}");
        let mut command = foreign_with("weston", arguments).expect(MISSING);
        settle(command.arg(socket), variables);
        let mut program = Program::spawn(command);
        let path = Path::new(value_of(variables, "XDG_RUNTIME_DIR")).join(SOCKET);
        until(PATIENCE, "weston", || {
            let ended = program.ended();
            assert!(ended.is_none(), "weston ends: {:#?}", program.err().all());
            path.exists().then_some(())
        });
        Self {
            variables: variables.to_owned(),
            folder: folder.to_owned(),
            _program: program,
        }
    }
}

impl Hands for Weston {
    fn windows_of(&self, _: u32) -> Vec<String> {
        Vec::new()
    }

    fn title_of(&self, _: &str) -> String {
        String::new()
    }

    fn place_of(&self, _: &str) -> Option<Place> {
        None
    }

    fn activate(&self, _: &str) {
        panic!("weston lets nobody choose the window in front");
    }

    fn press(&self, keys: &str) {
        panic!("weston has no keyboard to press {keys} on");
    }

    fn click(&self, place: (i32, i32), _: u8) {
        panic!("weston has no mouse to click at {place:?} with");
    }

    fn picture(&self, file: &Path) {
        let folder = self.folder.join("picture");
        fs::create_dir_all(&folder).expect("a folder of the test's own can be written");
        let mut command =
            foreign_with("weston-screenshooter", [""; 0]).expect("it comes with weston");
        settle(command.current_dir(&folder), &self.variables);
        run(&mut command);
        // It is called by the time.
        let pictures = fs::read_dir(&folder).expect("it was made before");
        let taken = pictures.flatten().next().expect("weston takes pictures");
        fs::copy(taken.path(), file).expect("pictures go where the build goes");
        fs::remove_dir_all(&folder).expect("what was made can be removed");
    }
}
