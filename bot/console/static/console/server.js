// Talks to the server: one way to ask, one to change, and three ways in which it can fail.

const MILLISECONDS_TO_ANSWER = 15000;
const SIGN_IN = "/console/sign-in";

// The server has said no; the message says why, to staff.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Nobody knows whether the request arrived: it can be made again. `unavailable`: the server says so itself.
export class Unreachable extends Error {
  constructor(message, unavailable = false) {
    super(message);
    this.unavailable = unavailable;
  }
}

export async function get(path) {
  return call(path, {});
}

// Posts fields. A page that has become old (somebody signed in again in another tab) gets a new token once.
export async function change(path, fields, accept = "text/html") {
  const request = () =>
    call(path, {
      method: "POST",
      headers: { Accept: accept, "X-CSRF-Token": meta(document).content },
      body: new URLSearchParams(fields),
    });
  try {
    return await request();
  } catch (error) {
    if (error.status !== 403) throw error;
    await freshPage();
    return request();
  }
}

// This page as the server has it now.
export async function freshPage() {
  const page = await parsed(await get(location.pathname + location.search));
  meta(document).content = meta(page).content;
  return page;
}

export async function parsed(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function meta(page) {
  return page.querySelector('meta[name="csrf-token"]');
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(MILLISECONDS_TO_ANSWER) });
  } catch {
    throw new Unreachable("Could not reach the server. Nothing is lost: please try again.");
  }
  if (response.ok) return response;
  if (response.status === 401) signIn();
  const message = await saidBy(response);
  if (response.status === 401 || response.status >= 500) throw new Unreachable(message, response.status === 503);
  throw new Refused(response.status, message);
}

async function saidBy(response) {
  try {
    return (await response.json()).error;
  } catch {
    return "Something went wrong on the server. Nothing is lost: please try again.";
  }
}

function signIn() {
  location.assign(`${SIGN_IN}?next=${encodeURIComponent(location.pathname + location.search)}`);
}
