// Put into every page by `cargo book serve`, and into none that `cargo book` writes. Asks the server
// for news of this page: reloads it, exchanges its style sheets, or shows what stops the book from
// binding.
(() => {
  "use strict";
  const { server, version: loaded } = document.currentScript.dataset;
  const kept = "serve-place:" + location.pathname;

  // The place in the page and the open folds survive a reload.
  const folds = () => [...document.querySelectorAll("main details")];
  const leave = () => {
    const open = folds().flatMap((fold, i) => (fold.open ? [i] : []));
    sessionStorage.setItem(kept, JSON.stringify({ x: scrollX, y: scrollY, open }));
    location.reload();
  };
  const arrive = () => {
    const place = JSON.parse(sessionStorage.getItem(kept) || "null");
    sessionStorage.removeItem(kept);
    if (!place) return;
    folds().forEach((fold, i) => (fold.open = place.open.includes(i)));
    const scroll = () => scrollTo({ left: place.x, top: place.y, behavior: "instant" });
    scroll();
    addEventListener("load", scroll, { once: true });
  };

  const exchangeStyles = (version) => {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const address = new URL(old.href);
      if (address.origin !== location.origin) continue;
      address.searchParams.set("v", version);
      const fresh = old.cloneNode();
      fresh.href = address.href;
      fresh.addEventListener("load", () => old.remove(), { once: true });
      old.after(fresh);
    }
  };

  // The faults, in a room of their own, so that no style of the book reaches them. The region is
  // there from the start: a screen reader announces what is put into it later.
  const host = document.createElement("div");
  const room = host.attachShadow({ mode: "open" });
  room.innerHTML = `<style>
    :host { all: initial; }
    section { position: fixed; inset: auto 0 0 0; z-index: 2147483647; box-sizing: border-box; max-height: 60vh;
      overflow: auto; padding: 1rem 1.25rem; background: #fffaf5; color: #1c1917; border-top: 4px solid #b42318;
      font: 16px/1.5 system-ui, sans-serif; box-shadow: 0 -4px 24px rgb(0 0 0 / 35%); }
    section[hidden] { display: none; }
    header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; }
    h2 { margin: 0 0 .5rem; font-size: 1.125rem; }
    ol { margin: 0; padding: 0; list-style: none; }
    li { padding: .5rem 0; border-top: 1px solid #e7ded5; overflow-wrap: anywhere; }
    code { display: block; color: #9a1b10; font: 14px/1.5 ui-monospace, monospace; }
    button { font: inherit; padding: .25rem .75rem; color: inherit; background: #fff; border: 1px solid #78716c; border-radius: 4px;
      cursor: pointer; }
    :focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px; }
    p { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483647; margin: 0; padding: .5rem .9rem; background: #1c1917;
      color: #fff; font: 15px/1.4 system-ui, sans-serif; border-radius: 6px; }
    p:empty { display: none; }
    @media print { section, p { display: none; } }
  </style><div role="alert"></div><p role="status"></p>`;
  const alertRegion = room.querySelector("[role=alert]");
  const status = room.querySelector("[role=status]");
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  let shown = "[]";
  const show = (faults) => {
    const text = JSON.stringify(faults);
    if (text === shown) return;
    shown = text;
    alertRegion.replaceChildren();
    if (faults.length === 0) return;
    const section = document.createElement("section");
    section.tabIndex = 0;
    section.lang = "en";
    section.setAttribute("aria-label", "What stops the book from binding");
    const header = document.createElement("header");
    const many = faults.length === 1 ? "One fault stops" : faults.length + " faults stop";
    const hide = element("button", "Hide");
    hide.type = "button";
    const close = () => (section.hidden = true);
    hide.addEventListener("click", close);
    section.addEventListener("keydown", (event) => event.key === "Escape" && close());
    header.append(element("h2", many + " the book from binding; the page below is the last good one"), hide);
    const list = document.createElement("ol");
    for (const { file, line, message } of faults) {
      const item = document.createElement("li");
      if (file) item.append(element("code", line ? file + ":" + line : file));
      item.append(message);
      list.append(item);
    }
    section.append(header, list);
    alertRegion.append(section);
  };

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  // A page in the background keeps no connection: a browser has six for one server.
  const visible = () =>
    document.hidden
      ? new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }))
      : null;

  const follow = async () => {
    let answered = "";
    let away = false;
    for (;;) {
      await visible();
      try {
        const query = new URLSearchParams({ server, page: decodeURI(location.pathname), loaded, answered });
        const response = await fetch("/.serve/news?" + query);
        const news = await response.json();
        away = false;
        answered = news.version;
        if (news.action === "reload") return leave();
        if (news.action === "style") exchangeStyles(news.version);
        status.textContent = news.notice;
        show(news.faults);
      } catch {
        // The server compiles itself anew, or was stopped.
        if (away) status.textContent = "`cargo book serve` does not answer; it is compiling, or was stopped.";
        away = true;
        await pause(500);
      }
    }
  };

  document.body.append(host);
  arrive();
  follow();
})();
