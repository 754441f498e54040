// Keeps a page as fresh as the server's: a stream says that something has changed, the page is read anew, and what
// differs is put in place. Only elements with data-live follow; focus, scroll and what is being typed stay.

import { attend, localise, tell } from "./desk.js";
import { freshPage } from "./server.js";
import { Idiomorph } from "./vendor/idiomorph.js";

const MILLISECONDS_OF_SILENCE = 40000;
const MILLISECONDS_TO_RECONNECT = 2000;
const MILLISECONDS_UNNOTICED = 1500;
const MILLISECONDS_BETWEEN_ELSEWHERE = 1000;

const AWAY = "The database does not answer. What you see may be old; it goes on by itself. What you type is kept.";

const connection = document.getElementById("connection");
const served = new Map();
const page = { before() {}, after() {}, there() {}, conversation: "", pauses: false };
let source = null;
let silence = 0;
let notice = 0;
let elsewhere = 0;
let running = null;
let again = false;
let release = null;

// Begins. before() and after() are called around each change of the page, there() whenever the server is heard.
// A page that pauses is silent while it is hidden, unless it is the only one that listens: browsers open only six
// connections to a server, and somebody with ten conversations has as many tabs.
export function follow(options = {}) {
  Object.assign(page, options);
  after();
  connect();
  document.addEventListener("visibilitychange", pauseOrGoOn);
  window.addEventListener("online", reconnect);
}

// Reads the page anew; asked again while it does, it does so once more.
export function refresh() {
  again = true;
  running ??= repeat().finally(() => {
    running = null;
  });
  return running;
}

async function repeat() {
  while (again) {
    again = false;
    apply(await freshPage());
  }
}

function apply(fresh) {
  page.before();
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(part.id);
    if (!shown || served.get(part.id) === part.outerHTML) continue;
    served.set(part.id, part.outerHTML);
    Idiomorph.morph(shown, part, { callbacks: { beforeNodeMorphed: changes, beforeAttributeUpdated: follows } });
  }
  after();
}

function after() {
  localise();
  attend();
  page.after();
}

// Left alone: what staff may be filling in, and times that read by the reader's clock already (a change inside the
// transcript would be read out).
function changes(shown, fresh) {
  const kept = shown.id && shown.id === fresh.id && shown.hasAttribute("data-keep");
  const sameTime = shown.localName === "time" && fresh.localName === "time" && shown.dateTime === fresh.dateTime;
  return !kept && !sameTime;
}

function follows(attribute, shown) {
  return !(attribute === "open" && shown.localName === "details");
}

function connect() {
  disconnect();
  source = new EventSource(`/console/live?conversation=${encodeURIComponent(page.conversation)}`);
  source.addEventListener("open", opened);
  source.addEventListener("alive", heard);
  source.addEventListener("away", () => {
    heard();
    connection.textContent = AWAY;
  });
  source.addEventListener("changed", (event) => {
    heard();
    if (event.data === "here") refreshQuietly();
    else elsewhere ||= setTimeout(refreshElsewhere, MILLISECONDS_BETWEEN_ELSEWHERE);
  });
  source.addEventListener("error", lost);
}

function disconnect() {
  clearTimeout(silence);
  source?.close();
  source = null;
}

function reconnect() {
  if (source) connect();
}

function opened() {
  clearTimeout(notice);
  notice = 0;
  connection.textContent = "";
  heard();
  refreshQuietly();
}

function heard() {
  clearTimeout(silence);
  silence = setTimeout(reconnect, MILLISECONDS_OF_SILENCE);
  page.there();
}

function lost() {
  notice ||= setTimeout(() => {
    if (connection.textContent === AWAY) return;
    connection.textContent = "Reconnecting to the server… What you type is kept.";
  }, MILLISECONDS_UNNOTICED);
  clearTimeout(silence);
  silence = setTimeout(reconnect, MILLISECONDS_TO_RECONNECT);
  // Refused rather than lost: reading the page tells whether the session is over.
  if (source?.readyState === EventSource.CLOSED) refreshQuietly();
}

function refreshElsewhere() {
  elsewhere = 0;
  refreshQuietly();
}

function refreshQuietly() {
  const said = (error) => {
    if (error.status) tell(error.message);
    if (error.unavailable) connection.textContent = AWAY;
  };
  refresh().then(() => {
    if (connection.textContent === AWAY) connection.textContent = "";
  }, said);
}

function pauseOrGoOn() {
  if (!page.pauses) return;
  if (!document.hidden) {
    release?.();
    release = null;
    if (!source) connect();
    else page.after();
  } else if (navigator.locks) {
    navigator.locks.request("console-listens", { ifAvailable: true }, (lock) => {
      if (lock && document.hidden) return new Promise((done) => (release = done));
      if (document.hidden) disconnect();
      return undefined;
    });
  } else {
    disconnect();
  }
}
