//! A real Chromium, told what to do by its debugging protocol through two pipes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Names under which a Chromium may be found on `PATH`.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Says that it gives up; no test passes by it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser with one window, ended when it goes out of scope.
pub struct Browser {
    _child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    events: VecDeque<Value>,
    /// Errors of the console, of scripts and of the network since the last look.
    errors: Vec<String>,
    profile: PathBuf,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The child is killed with it; what is left in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Chromium refuses to run as root within its sandbox.
fn sandbox() -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    root.then_some("--no-sandbox")
}

impl Browser {
    /// Starts a browser with an empty profile.
    pub async fn start() -> Self {
        let name = NAMES
            .into_iter()
            .find(|name| std::process::Command::new(name).arg("--version").output().is_ok())
            .expect("Chromium is missing: install the package chromium");
        let profile = std::env::temp_dir().join(format!("orrery-browser-{}", uuid::Uuid::new_v4()));
        // The protocol is spoken over descriptors 3 and 4; a shell gives it the pipes of 0 and 1 there.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", name])
            .args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"])
            .args(sandbox())
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Chromium starts");
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self {
            _child: child,
            to,
            from,
            session: None,
            last: 0,
            events: VecDeque::new(),
            errors: Vec::new(),
            profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach).await;
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        // A window that nobody sees has the keyboard all the same.
        browser.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
        browser
    }

    async fn read(&mut self) -> Value {
        let mut message = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.from.read_until(0, &mut message)).await;
        assert!(read.expect("Chromium answers").unwrap() > 0, "Chromium has ended");
        message.pop();
        serde_json::from_slice(&message).unwrap()
    }

    /// One command; its result. What happens meanwhile is kept.
    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).await.unwrap();
        loop {
            let mut answer = self.read().await;
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
            self.keep(answer);
        }
    }

    fn keep(&mut self, event: Value) {
        let parameters = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.errors.push(parameters["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled"
                if matches!(parameters["type"].as_str(), Some("error" | "warning" | "assert")) =>
            {
                self.errors.push(parameters["args"].to_string());
            }
            "Log.entryAdded"
                if matches!(parameters["entry"]["level"].as_str(), Some("error" | "warning")) =>
            {
                self.errors.push(parameters["entry"].to_string());
            }
            _ => {}
        }
        self.events.push_back(event);
    }

    /// Waits for an event that has not been waited for yet.
    async fn event(&mut self, method: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|event| event["method"] == method) {
                return self.events.remove(at).unwrap();
            }
            let event = self.read().await;
            self.keep(event);
        }
    }

    /// A window of this size, and what the system's colours are.
    pub async fn look(&mut self, width: u32, height: u32, dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let colours = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        self.call("Emulation.setEmulatedMedia", json!({ "features": [colours] })).await;
    }

    /// Goes to an address and waits until it has loaded.
    pub async fn go(&mut self, address: &str) {
        self.events.clear();
        let gone = self.call("Page.navigate", json!({ "url": address })).await;
        assert!(gone["errorText"].is_null(), "{address}: {gone}");
        self.event("Page.loadEventFired").await;
    }

    /// Does something in the page that leads to another, and waits until that has loaded.
    pub async fn go_by(&mut self, script: &str) {
        self.events.clear();
        self.value(script).await;
        self.event("Page.loadEventFired").await;
    }

    /// The value of an expression in the page.
    pub async fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", parameters).await;
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// Presses a key, such as `Tab`, `Enter` or a space, and lets it go.
    pub async fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            other => panic!("nobody says how {other} is pressed"),
        };
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [down, "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Presses Enter where that leads to another page, and waits until that has loaded.
    pub async fn enter(&mut self) {
        self.events.clear();
        self.press("Enter").await;
        self.event("Page.loadEventFired").await;
    }

    /// Addresses of the window and of every frame in it, in whatever process they are.
    pub async fn frames(&mut self) -> String {
        let own = self.call("Page.getFrameTree", json!({})).await;
        let others = self.call("Target.getTargets", json!({})).await;
        format!("{own} {others}")
    }

    /// What went wrong since the last look.
    pub fn errors(&mut self) -> Vec<String> {
        std::mem::take(&mut self.errors)
    }

    /// A picture of the window.
    pub async fn picture(&mut self, file: &Path) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        let mut decode = Command::new("base64")
            .arg("--decode")
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(file).unwrap())
            .spawn()
            .unwrap();
        decode.stdin.take().unwrap().write_all(shot["data"].as_str().unwrap().as_bytes()).await.unwrap();
        assert!(decode.wait().await.unwrap().success());
    }
}
