// The visitor's chat. A turn is one message with its replies; turns are sent one after another, in order, and kept in
// sessionStorage, so that neither a reload nor a failure loses what was typed. All words are in the page's templates.

import { copyOf, linked, renderReply, restrict } from "./reply.js";

const STORE = "car-t-chat";
const TURNS_KEPT = 200;
const MILLISECONDS_TO_ANSWER = 40000;
const REFUSED = [400, 413, 422];

const log = document.getElementById("log");
const status = document.getElementById("status");
const form = document.getElementById("composer");
const field = document.getElementById("question");
const restart = document.getElementById("restart");

const state = load();
const elements = new Map();
let working = false;

function load() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORE));
    if (Array.isArray(kept?.turns)) return kept;
  } catch {
    // Storage is switched off, or holds something else: start afresh.
  }
  return { token: null, turns: [] };
}

function save() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ ...state, turns: state.turns.slice(-TURNS_KEPT) }));
  } catch {
    // Without storage the chat works; it only does not outlive a reload.
  }
}

async function call(path, body, headers = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    credentials: "omit",
    signal: AbortSignal.timeout(MILLISECONDS_TO_ANSWER),
  });
  if (!response.ok) throw Object.assign(new Error("refused"), { status: response.status });
  return response.json();
}

async function post(text, mayRenew = true) {
  state.token ??= (await call("/chat/session", {})).token;
  try {
    return await call("/chat/messages", { text }, { Authorization: `Bearer ${state.token}` });
  } catch (error) {
    if (error.status !== 401 || !mayRenew) throw error;
    state.token = null;
    return post(text, false);
  }
}

function reasonOf(error) {
  if (REFUSED.includes(error.status)) return "refused";
  return error.status || error.name === "TimeoutError" ? "unavailable" : "offline";
}

async function work() {
  if (working) return;
  working = true;
  for (let turn = next(); turn?.state === "waiting"; turn = next()) await deliver(turn);
  working = false;
  status.replaceChildren();
}

function next() {
  return state.turns.find((turn) => turn.state === "waiting" || turn.state === "failed");
}

async function deliver(turn) {
  if (!status.hasChildNodes()) status.append(copyOf("waiting-template"));
  elements.get(turn).scrollIntoView({ block: "start" });
  try {
    turn.replies = await post(turn.payload);
    turn.state = "answered";
  } catch (error) {
    turn.reason = reasonOf(error);
    turn.state = turn.reason === "refused" ? "refused" : "failed";
  }
  if (next()?.state !== "waiting") status.replaceChildren();
  save();
  draw(turn);
  elements.get(turn)?.scrollIntoView({ block: "start" });
}

function ask(text, payload = text) {
  const turn = { text, payload, state: "waiting", replies: [] };
  state.turns.push(turn);
  add(turn);
  retry();
}

function retry() {
  for (const turn of state.turns.filter((one) => one.state === "failed")) {
    turn.state = "waiting";
    draw(turn);
  }
  save();
  work();
}

function edit(turn) {
  state.turns.splice(state.turns.indexOf(turn), 1);
  elements.get(turn).remove();
  elements.delete(turn);
  save();
  field.value = [turn.text, field.value].filter(Boolean).join("\n");
  field.focus();
}

function add(turn) {
  const element = copyOf("turn-template");
  element.querySelector(".asked p").append(...linked(turn.text));
  elements.set(turn, element);
  log.append(element);
  restart.hidden = false;
  draw(turn);
}

function draw(turn) {
  const element = elements.get(turn);
  element.querySelector(".answers").replaceChildren(...turn.replies.map(renderReply));
  element.querySelector(".problem").replaceChildren(...problemOf(turn));
}

function problemOf(turn) {
  if (turn.state !== "failed" && turn.state !== "refused") return [];
  const problem = copyOf("problem-template");
  restrict(problem, "reason", turn.reason);
  restrict(problem, "action", turn.state === "failed" ? "retry" : "edit");
  const button = problem.querySelector("button");
  button.addEventListener("click", () => {
    field.focus();
    if (turn.state === "failed") retry();
    else edit(turn);
  });
  return [problem];
}

function restore() {
  log.setAttribute("aria-busy", "true");
  for (const turn of state.turns) {
    if (turn.state === "waiting") Object.assign(turn, { state: "failed", reason: "interrupted" });
    add(turn);
  }
  log.removeAttribute("aria-busy");
  elements.get(state.turns.at(-1))?.scrollIntoView({ block: "start" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text) ask(text);
  field.value = "";
  field.focus();
});

field.addEventListener("keydown", (event) => {
  // While an input method composes (Chinese, for one), Enter picks a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const choice = event.target.closest(".choice");
  if (choice) ask(choice.textContent, choice.dataset.payload);
});

restart.addEventListener("click", () => {
  if (!window.confirm(document.getElementById("leave-template").content.textContent)) return;
  sessionStorage.removeItem(STORE);
  location.reload();
});

window.addEventListener("online", retry);

restore();
