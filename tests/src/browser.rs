//! A headless Chromium, driven over the DevTools protocol: what the browser's tests stand on.
//!
//! The protocol comes over Chromium's debugging pipe (file descriptors 3 and 4, messages ended by a
//! zero byte), so that no port is opened and nothing but the standard library and `serde_json` is
//! needed. <https://chromedevtools.github.io/devtools-protocol/> describes the commands.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub use bookbinder::browser::find;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a command may take before the browser counts as hung. Generous: a test machine can be
/// busy, and nothing is judged by it.
const PATIENCE: Duration = Duration::from_secs(900);

/// What runs in every page before its own scripts.
const CHECKS: &str = include_str!("checks.js");

/// A running Chromium; it ends with the last of its tabs.
#[derive(Debug)]
pub struct Browser {
    process: Mutex<Child>,
    pipe: Mutex<ChildStdin>,
    next: AtomicU64,
    waiting: Arc<Mutex<Waiting>>,
    profile: TempDir,
}

/// Who waits for what the browser says.
#[derive(Debug, Default)]
struct Waiting {
    replies: HashMap<u64, Sender<Value>>,
    events: HashMap<String, Sender<Value>>,
}

impl Browser {
    /// Starts the program with an empty profile. No name resolves but the loopback's, so that no
    /// page can ask anything of the network.
    pub fn start(program: &Path) -> Arc<Browser> {
        let profile = tempfile::tempdir().unwrap();
        let words = File::create(profile.path().join("stderr.txt")).unwrap();
        // The shell hands our two pipes on as descriptors 3 and 4.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-default-apps", "--mute-audio"])
            .args(["--disable-background-timer-throttling", "--disable-renderer-backgrounding"])
            .args(["--disable-backgrounding-occluded-windows", "--hide-scrollbars"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().join("data").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(words)
            .spawn()
            .unwrap();
        let pipe = process.stdin.take().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let heard = Arc::clone(&waiting);
        std::thread::spawn(move || listen(said, &heard));
        Arc::new(Browser {
            process: Mutex::new(process),
            pipe: Mutex::new(pipe),
            next: AtomicU64::new(1),
            waiting,
            profile,
        })
    }

    /// Runs a command, of a tab where a session is named, and gives its result.
    fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = channel();
        self.waiting.lock().unwrap().replies.insert(id, sender);
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let sent = self.pipe.lock().unwrap().write_all(&bytes);
        let reply = sent.ok().and_then(|()| receiver.recv_timeout(PATIENCE).ok());
        let Some(mut reply) = reply else {
            let words = fs::read_to_string(self.profile.path().join("stderr.txt"));
            let words = words.unwrap_or_default();
            let last = words.lines().rev().take(5).collect::<Vec<_>>().join(" | ");
            panic!("Chromium does not answer {method}; its last words: {last}");
        };
        assert!(reply["error"].is_null(), "{method}: {}", reply["error"]["message"]);
        reply["result"].take()
    }

    /// A new tab, in a window and with a storage of its own.
    pub fn tab(self: &Arc<Self>) -> Tab {
        let context = self.call(None, "Target.createBrowserContext", json!({}));
        let context = text(&context["browserContextId"]);
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = self.call(None, "Target.createTarget", target);
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = text(&self.call(None, "Target.attachToTarget", attach)["sessionId"]);
        let (sender, events) = channel();
        self.waiting.lock().unwrap().events.insert(session.clone(), sender);
        let browser = Arc::clone(self);
        let tab = Tab { browser, context, session, events, seen: RefCell::default() };
        for domain in ["Page", "Runtime", "Network", "Log", "DOM", "CSS"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        tab.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        tab.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CHECKS }));
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap();
        // Asked to close, Chromium ends its children too; a kill is for when it does not listen.
        let close = b"{\"id\":0,\"method\":\"Browser.close\"}\0";
        let asked = self.pipe.lock().unwrap().write_all(close).is_ok();
        let start = Instant::now();
        while asked && start.elapsed() < Duration::from_secs(10) {
            if process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(process.kill());
        drop(process.wait());
    }
}

/// Hands each message of the browser to whoever waits for it, until the pipe closes.
fn listen(mut said: impl BufRead, waiting: &Mutex<Waiting>) {
    let mut bytes = Vec::new();
    while said.read_until(0, &mut bytes).is_ok_and(|length| length > 0) {
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        bytes.clear();
        let mut waiting = waiting.lock().unwrap();
        // Nobody listens any more where a test has failed: that is no second fault.
        if let Some(id) = message["id"].as_u64() {
            if let Some(sender) = waiting.replies.remove(&id) {
                drop(sender.send(message));
            }
        } else if let Some(sender) =
            message["sessionId"].as_str().and_then(|session| waiting.events.get(session))
        {
            drop(sender.send(message));
        }
    }
    // What still waits learns that nothing will come.
    *waiting.lock().unwrap() = Waiting::default();
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What a tab has seen since it last opened a page.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The addresses that were asked for, `data:` apart.
    pub requests: BTreeSet<String>,
    /// Requests that failed, and why.
    pub failed: Vec<String>,
    /// Errors on the console, and exceptions that nothing caught.
    pub errors: Vec<String>,
}

/// A tab of the browser.
#[derive(Debug)]
pub struct Tab {
    browser: Arc<Browser>,
    context: String,
    session: String,
    events: Receiver<Value>,
    seen: RefCell<Seen>,
}

impl Drop for Tab {
    fn drop(&mut self) {
        // In a failing test the browser may be gone already.
        if !std::thread::panicking() {
            let context = json!({ "browserContextId": self.context });
            self.browser.call(None, "Target.disposeBrowserContext", context);
        }
    }
}

impl Tab {
    /// Runs a command of the protocol in this tab.
    pub fn call(&self, method: &str, parameters: Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters)
    }

    /// Opens an address and waits until it is loaded, its fonts too, and has been drawn.
    pub fn open(&self, address: &str) {
        self.seen();
        *self.seen.borrow_mut() = Seen::default();
        let went = self.call("Page.navigate", json!({ "url": address }));
        let wrong = text(&went["errorText"]);
        assert!(wrong.is_empty() || wrong.contains("ABORTED"), "{address}: {wrong}");
        // Without a loader it was a jump within the page.
        if !went["loaderId"].is_null() {
            self.await_load();
        }
        self.settle();
    }

    /// Waits for the next load event.
    pub fn await_load(&self) {
        let start = Instant::now();
        loop {
            match self.events.recv_timeout(PATIENCE.saturating_sub(start.elapsed())) {
                Ok(event) if event["method"] == "Page.loadEventFired" => return,
                Ok(event) => self.take(&event),
                Err(RecvTimeoutError::Timeout) => panic!("a page does not finish loading"),
                Err(RecvTimeoutError::Disconnected) => panic!("Chromium has gone"),
            }
        }
    }

    /// Waits until the fonts are there and two frames have been drawn. What was changed before may ask for a font only when
    /// it is drawn, so two frames come first, too.
    pub fn settle(&self) {
        self.evaluate(
            "(async () => { const frame = () => new Promise(requestAnimationFrame); await frame(); await frame(); \
             await document.fonts.ready; await frame(); await frame(); })()",
        );
    }

    /// What was asked for and what went wrong since the page was opened.
    pub fn seen(&self) -> Seen {
        while let Ok(event) = self.events.try_recv() {
            self.take(&event);
        }
        self.seen.borrow().clone()
    }

    fn take(&self, event: &Value) {
        let mut seen = self.seen.borrow_mut();
        let what = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let address = text(&what["request"]["url"]);
                if !address.starts_with("data:") {
                    seen.requests.insert(address);
                }
            }
            "Network.responseReceived" if what["response"]["status"].as_u64() >= Some(400) => {
                let response = &what["response"];
                seen.failed.push(format!("{} {}", response["status"], text(&response["url"])));
            }
            "Network.loadingFailed" if what["canceled"] != true => {
                seen.failed.push(format!("{} ({})", text(&what["errorText"]), text(&what["type"])));
            }
            "Runtime.exceptionThrown" => {
                let details = &what["exceptionDetails"];
                let thrown = details["exception"]["description"].as_str();
                let thrown = thrown.or(details["text"].as_str()).unwrap_or_default();
                seen.errors.push(format!("uncaught: {}", thrown.lines().next().unwrap_or("")));
            }
            "Runtime.consoleAPICalled" if what["type"] == "error" => {
                seen.errors.push(format!("console.error: {}", what["args"][0]["value"]));
            }
            "Log.entryAdded" if what["entry"]["level"] == "error" => {
                let entry = &what["entry"];
                seen.errors.push(format!("{} {}", text(&entry["text"]), text(&entry["url"])));
            }
            _ => {}
        }
    }

    /// The value of an expression in the page; a promise is waited for.
    pub fn evaluate(&self, expression: &str) -> Value {
        let mut result = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        );
        let wrong = &result["exceptionDetails"];
        let head: String = expression.chars().take(120).collect();
        assert!(wrong.is_null(), "{head}…: {}", text(&wrong["exception"]["description"]));
        result["result"]["value"].take()
    }

    /// Whether an expression is true in the page.
    pub fn holds(&self, expression: &str) -> bool {
        self.evaluate(&format!("!!({expression})")) == true
    }

    /// Waits until an expression is true in the page; gives whether it became so.
    pub fn becomes(&self, expression: &str) -> bool {
        // Counted in tries, not in time, so that a busy machine is waited for.
        for _ in 0..2000 {
            if self.holds(expression) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        false
    }

    /// Sets the size of the window in CSS pixels.
    pub fn size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Emulates a medium (`print`, or none) and what a reader prefers.
    pub fn media(&self, media: &str, prefers: &[(&str, &str)]) {
        let features: Vec<_> =
            prefers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
    }

    /// Chooses a theme, as a click in mdBook's menu does.
    pub fn theme(&self, theme: &str) {
        let chosen = format!(
            "(() => {{ const b = document.getElementById('mdbook-theme-{theme}'); if (b) b.click(); \
             return document.documentElement.classList.contains('{theme}'); }})()"
        );
        assert!(self.holds(&chosen), "the menu of themes has no {theme}");
    }

    /// Presses and releases a key, by its name in the DOM (`Tab`, `Enter`, `Escape`, `a`).
    pub fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Escape" => ("Escape", 27, ""),
            " " => ("Space", 32, " "),
            "ArrowDown" => ("ArrowDown", 40, ""),
            "ArrowLeft" => ("ArrowLeft", 37, ""),
            "ArrowRight" => ("ArrowRight", 39, ""),
            letter => ("", u32::from(letter.to_uppercase().as_bytes()[0]), letter),
        };
        let mut event = json!({ "type": "keyDown", "key": key, "code": code,
            "windowsVirtualKeyCode": number, "text": text });
        if text.is_empty() {
            event["type"] = json!("rawKeyDown");
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = json!("keyUp");
        event["text"] = json!("");
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Types a text where the focus is.
    pub fn insert(&self, typed: &str) {
        self.call("Input.insertText", json!({ "text": typed }));
    }

    /// Clicks with the pointer in the middle of the first element that a selector finds.
    pub fn click(&self, selector: &str) {
        let middle = self.evaluate(&format!("book.middle({})", json!(selector)));
        assert!(middle.is_array(), "nothing to click at {selector}");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": middle[0], "y": middle[1], "button": "left",
                "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// The fonts that really drew a text, of an element that holds no other: names, those of the page apart from those of
    /// the system.
    pub fn fonts(&self, selector: &str) -> Vec<(String, bool)> {
        let document = self.call("DOM.getDocument", json!({ "depth": 0 }));
        let node = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let node = self.call("DOM.querySelector", node);
        if node["nodeId"] == 0 {
            return Vec::new();
        }
        let fonts = self.call("CSS.getPlatformFontsForNode", json!({ "nodeId": node["nodeId"] }));
        let fonts = fonts["fonts"].as_array().cloned().unwrap_or_default();
        fonts.iter().map(|f| (text(&f["familyName"]), f["isCustomFont"] == true)).collect()
    }

    /// Takes a picture of the window.
    pub fn screenshot(&self, path: &Path) {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, STANDARD.decode(text(&picture["data"])).unwrap()).unwrap();
    }
}
