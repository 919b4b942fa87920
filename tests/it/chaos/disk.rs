//! A small file system under MongoDB's data that can be made full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Size while there is room.
const ROOMY: &str = "4g";

/// Bytes that are left when the disk is "full".
const SPARE: u64 = 256 * 1024;

/// A mounted file system; unmounted at the end.
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts one; `None` where that is not permitted.
    pub fn mount(path: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={ROOMY}"), "orrery-chaos"])
            .arg(path)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self { path: path.to_owned() })
    }

    /// Takes away all room but a little.
    pub fn fill(&self) {
        // What the server writes between the look and the change may leave less room than there must be: then once more.
        let filled = (0..100).any(|_| self.resize(&(self.used() + SPARE).to_string()));
        assert!(filled, "the file system can be made small");
    }

    /// Gives the room back.
    pub fn empty(&self) {
        assert!(self.resize(ROOMY), "the file system can be made large");
    }

    fn used(&self) -> u64 {
        let output = Command::new("df").args(["--output=used", "-B1"]).arg(&self.path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().nth(1).and_then(|line| line.trim().parse().ok()).expect("df tells what is used")
    }

    fn resize(&self, size: &str) -> bool {
        let done =
            Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(&self.path).output();
        done.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may still be ending.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
