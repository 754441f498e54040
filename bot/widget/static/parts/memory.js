// What outlives a reload and is shared by the tabs of this website: the token, unsent messages, and what was seen.
// Without storage everything works; it only does not outlive the page.

const KEY = `car-t-assistant ${HOST}`;
const FRESH = { token: null, queue: [], seen: 0, acknowledged: 0, handoff: false, dismissed: false, language: null };
let unstored = null;

function recall() {
  if (unstored) return unstored;
  try {
    return { ...FRESH, ...JSON.parse(localStorage.getItem(KEY)) };
  } catch {
    return { ...FRESH };
  }
}

function remember(changes) {
  const memory = { ...recall(), ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
    unstored = null;
  } catch {
    unstored = memory;
  }
}

function forget() {
  unstored = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was no storage.
  }
}

// Whether the chat was open, for the next page of the same visit.
function wasOpen() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function rememberOpen(open) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(open));
  } catch {
    // There is no storage.
  }
}

// One tab at a time. Without locks (an old browser) two tabs may both send a message: its id makes it one.
function exclusively(name, work) {
  return navigator.locks ? navigator.locks.request(`${KEY} ${name}`, work) : work();
}
