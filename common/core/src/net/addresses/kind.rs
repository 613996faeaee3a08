use std::{fs, io::Read, path::Path};

/// What people would call an interface, in the order in which a list shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A cable, also as a member of a bond, a VLAN or a bridge with hardware in it.
    Wired,
    /// A wireless LAN.
    WiFi,
    /// A mobile phone network.
    Mobile,
    /// A network of which nothing better is known, for example Bluetooth or a dial-up line.
    Other,
    /// A tunnel to somewhere else.
    Vpn,
    /// A network that exists only inside this computer, for containers and virtual machines.
    ContainerBridge,
    /// Loopback: reaches this computer only.
    ThisComputer,
}

/// Most bytes read of one small file in sysfs, which never hands out more than a page.
const MAX_FILE: u64 = 4096;

/// Most members of a bridge that are asked for hardware; a bridge of real cables has a handful.
const MAX_MEMBERS: usize = 256;

// Hardware types as in `linux/if_arp.h`, which sysfs shows in `type`.
const ETHERNET: u32 = 1;
const INFINIBAND: u32 = 32;
const LOOPBACK: u32 = 772;
/// IPv4 in IPv4, IPv6 in IPv6, IPv6 in IPv4, GRE over either; TUN devices say 65534, "none".
const TUNNELS: [u32; 6] = [768, 769, 776, 778, 823, 65534];

/// Beginnings of names, the last hint, where the system says nothing better (a sandbox may hide sysfs).
const NAMES: [(Kind, &[&str]); 5] = [
    (
        Kind::ContainerBridge,
        &[
            "veth", "docker", "br-", "virbr", "lxc", "lxdbr", "incusbr", "podman", "cni", "cali",
            "flannel", "vboxnet", "vmnet", "waydroid",
        ],
    ),
    (
        Kind::Vpn,
        &["tun", "tap", "wg", "tailscale", "zt", "ipsec", "vpn"],
    ),
    (Kind::WiFi, &["wl"]),
    (Kind::Mobile, &["ww", "rmnet"]),
    (Kind::Wired, &["en", "eth", "bond", "br"]),
];

/// What the kernel tells about an interface.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each a file of sysfs; any mixture may be met"
)]
#[derive(Debug, Default)]
pub(super) struct Facts {
    name: String,
    loopback: bool,
    /// `ARPHRD_…`, 0 where unknown.
    link_type: u32,
    /// `DEVTYPE` of uevent, empty where there is none.
    device_type: String,
    wireless: bool,
    /// Made by a program through `/dev/net/tun`.
    tun: bool,
    bridge: bool,
    /// A device behind it, or behind a member of a bridge.
    hardware: bool,
}

impl Facts {
    /// Reads what `root`, normally `/sys/class/net`, tells about the interface; what is missing there
    /// stays unknown.
    pub(super) fn read(root: &Path, name: &str, loopback: bool) -> Self {
        let mut facts = Self {
            name: name.to_owned(),
            loopback,
            ..Self::default()
        };
        // The kernel allows no such names; a path must not leave `root` all the same.
        if name.is_empty() || name == "." || name == ".." || name.contains('/') {
            return facts;
        }
        let folder = root.join(name);
        let there = |entry: &str| folder.join(entry).exists();
        facts.link_type = read_small(&folder.join("type")).trim().parse().unwrap_or(0);
        facts.device_type = read_small(&folder.join("uevent"))
            .lines()
            .find_map(|line| line.strip_prefix("DEVTYPE=").map(String::from))
            .unwrap_or_default();
        facts.wireless = there("wireless") || there("phy80211");
        facts.tun = there("tun_flags");
        facts.bridge = there("bridge");
        facts.hardware =
            there("device") || facts.bridge && has_hardware(&folder.join("brif"), root);
        facts
    }

    /// Decides by the strongest fact; pure.
    pub(super) fn kind(&self) -> Kind {
        if self.loopback || self.link_type == LOOPBACK {
            return Kind::ThisComputer;
        }
        if self.bridge && self.hardware {
            return Kind::Wired;
        }
        if self.bridge {
            return Kind::ContainerBridge;
        }
        if self.wireless {
            return Kind::WiFi;
        }
        match self.device_type.as_str() {
            "wlan" => return Kind::WiFi,
            "wwan" => return Kind::Mobile,
            "wireguard" => return Kind::Vpn,
            "bond" | "team" | "vlan" | "macvlan" | "dsa" => return Kind::Wired,
            "bridge" | "vxlan" | "geneve" => return Kind::ContainerBridge,
            "bluetooth" | "ppp" => return Kind::Other,
            _ => {}
        }
        if self.tun || TUNNELS.contains(&self.link_type) {
            return Kind::Vpn;
        }
        if self.hardware && matches!(self.link_type, ETHERNET | INFINIBAND) {
            return Kind::Wired;
        }
        NAMES
            .iter()
            .find(|(_, names)| names.iter().any(|begin| self.name.starts_with(begin)))
            .map_or(Kind::Other, |(kind, _)| *kind)
    }
}

/// The beginning of a file, empty where it cannot be read.
fn read_small(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(path)
        && file.take(MAX_FILE).read_to_end(&mut bytes).is_err()
    {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn has_hardware(members: &Path, root: &Path) -> bool {
    fs::read_dir(members).is_ok_and(|members| {
        members
            .take(MAX_MEMBERS)
            .flatten()
            .any(|member| root.join(member.file_name()).join("device").exists())
    })
}

#[cfg(test)]
mod tests {
    use std::{env, path::PathBuf, process};

    use super::*;

    /// A made-up `/sys/class/net`, gone when dropped.
    struct Tree(PathBuf);

    impl Tree {
        fn new(test: &str) -> Self {
            let root = env::temp_dir().join(format!("hallway-{test}-{}", process::id()));
            fs::create_dir_all(&root).expect("the temporary folder is writable");
            Self(root)
        }

        /// An entry ending in `/` is a folder; others are files with what follows `=`.
        fn interface(&self, name: &str, entries: &[&str]) -> Kind {
            let folder = self.0.join(name);
            fs::create_dir_all(&folder).expect("the temporary folder is writable");
            for entry in entries {
                match entry.split_once('=') {
                    Some((file, text)) => fs::write(folder.join(file), text),
                    None => fs::create_dir_all(folder.join(entry)),
                }
                .expect("the temporary folder is writable");
            }
            Facts::read(&self.0, name, false).kind()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn sysfs_tells_what_an_interface_is() {
        let tree = Tree::new("kinds");
        for (kind, name, entries) in [
            (Kind::ThisComputer, "lo", &["type=772\n"][..]),
            (
                Kind::Wired,
                "enp3s0",
                &["type=1\n", "uevent=INTERFACE=enp3s0\n", "device/"],
            ),
            (Kind::Wired, "lan", &["type=1\n", "device/"]),
            (Kind::Wired, "ib0", &["type=32\n", "device/"]),
            (
                Kind::Wired,
                "eth0.10",
                &["type=1\n", "uevent=DEVTYPE=vlan\nIFINDEX=9\n"],
            ),
            (
                Kind::WiFi,
                "wlp2s0",
                &["type=1\n", "uevent=DEVTYPE=wlan\n", "device/"],
            ),
            (Kind::WiFi, "air", &["type=1\n", "wireless/", "device/"]),
            (Kind::WiFi, "air2", &["type=1\n", "phy80211/", "device/"]),
            (
                Kind::Mobile,
                "wwan0",
                &["type=519\n", "uevent=DEVTYPE=wwan\n", "device/"],
            ),
            (
                Kind::Mobile,
                "usbmodem",
                &["type=1\n", "uevent=DEVTYPE=wwan\n", "device/"],
            ),
            (
                Kind::Other,
                "bnep0",
                &["type=1\n", "uevent=DEVTYPE=bluetooth\n", "device/"],
            ),
            (Kind::Other, "ppp0", &["type=512\n", "uevent=DEVTYPE=ppp\n"]),
            (Kind::Other, "strange", &["type=1\n"]),
            (
                Kind::Vpn,
                "office",
                &["type=65534\n", "uevent=DEVTYPE=wireguard\n"],
            ),
            (Kind::Vpn, "work", &["type=1\n", "tun_flags=0x1002\n"]),
            (Kind::Vpn, "sit1", &["type=776\n"]),
            (
                Kind::ContainerBridge,
                "docker0",
                &["type=1\n", "bridge/", "brif/veth1/"],
            ),
            (Kind::ContainerBridge, "veth1", &["type=1\n"]),
            (
                Kind::ContainerBridge,
                "flannel.1",
                &["type=1\n", "uevent=DEVTYPE=vxlan\n"],
            ),
            (Kind::Wired, "br0", &["type=1\n", "bridge/", "brif/enp3s0/"]),
        ] {
            assert_eq!(tree.interface(name, entries), kind, "{name}");
        }
    }

    #[test]
    fn names_are_the_last_hint() {
        let nowhere = Path::new("/nonexistent");
        for (kind, name) in [
            (Kind::Wired, "eth0"),
            (Kind::Wired, "enp0s31f6"),
            (Kind::Wired, "br0"),
            (Kind::WiFi, "wlan0"),
            (Kind::Mobile, "wwp0s20u4"),
            (Kind::Vpn, "wg0"),
            (Kind::Vpn, "tun0"),
            (Kind::ContainerBridge, "br-0a1b2c3d"),
            (Kind::ContainerBridge, "virbr0"),
            (Kind::Other, "dummy0"),
            (Kind::Other, "../../etc"),
            (Kind::Other, ""),
        ] {
            assert_eq!(Facts::read(nowhere, name, false).kind(), kind, "{name}");
        }
        assert_eq!(
            Facts::read(nowhere, "eth0", true).kind(),
            Kind::ThisComputer
        );
    }

    #[test]
    fn files_that_are_no_files_tell_nothing() {
        let tree = Tree::new("odd-files");
        assert_eq!(tree.interface("eth7", &["type/", "uevent/"]), Kind::Wired);
        assert_eq!(
            tree.interface("odd", &["type=many\n", "uevent=\u{1b}\n"]),
            Kind::Other
        );
    }
}
