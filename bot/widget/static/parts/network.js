// Requests to the chat's API, and waiting between them.

const SECONDS_TO_ANSWER = 40;
const LONGEST_WAIT = 8_000;

class Refused extends Error {
  // `content` is the answer's JSON: `replies` in it were given although the message could not be stored.
  constructor(response, content) {
    super("refused");
    this.status = response.status;
    this.wait = Number(response.headers.get("Retry-After")) * 1000 || 0;
    this.notStored = content.code === "not_stored";
    this.replies = content.replies ?? [];
  }
}

async function request(method, path, { body, token, signal } = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  const text = body && JSON.stringify(body);
  const response = await fetch(`${HOST}/chat${path}`, { method, headers, body: text, signal, credentials: "omit" });
  if (!response.ok) throw new Refused(response, await response.json().catch(() => ({})));
  return response;
}

async function ask(method, path, details = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), SECONDS_TO_ANSWER * 1000);
  try {
    const response = await request(method, path, { ...details, signal: control.signal });
    return await (path.startsWith("/download") ? response.blob() : response.json());
  } finally {
    clearTimeout(timer);
  }
}

// The visitor's token; the first message of a conversation gets one.
async function session() {
  return exclusively("session", async () => {
    if (!recall().token) remember({ token: (await ask("POST", "/session")).token });
    return recall().token;
  });
}

function backoff(failures, atLeast = 0) {
  const longest = Math.min(LONGEST_WAIT, 500 * 2 ** failures);
  return Math.max(atLeast, longest / 2 + (Math.random() * longest) / 2);
}

// Waits that end early when there is reason to try again at once.
const waits = new Set();

function pause(milliseconds) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      waits.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    waits.add(wake);
  });
}

function hurry() {
  for (const wake of [...waits]) wake();
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
