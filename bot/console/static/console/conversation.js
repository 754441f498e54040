// One conversation.

import { keepDraft } from "./drafts.js";
import { sendForms } from "./forms.js";
import { announce, tell } from "./desk.js";
import { follow, refresh } from "./live.js";
import { UnsentReplies } from "./unsent_replies.js";
import { change } from "./server.js";

const MILLISECONDS_BETWEEN_SIGNS = 3000;
const NEAR_THE_END = 60;

const { handoff, staff, conversation } = document.getElementById("conversation").dataset;
const here = `/console/handoffs/${handoff}`;
const place = `console:${staff}:${handoff}`;
const form = document.getElementById("reply-form");
const field = document.getElementById("reply");
const transcript = document.getElementById("transcript");
const newer = document.getElementById("newer");
const canned = document.getElementById("canned");
const unsent = new UnsentReplies(`${here}/replies`, `${place}:unsent:`, edit);

let wasAtEnd = true;
let entries = transcript.querySelectorAll(".entry").length;
let failures = transcript.querySelectorAll(".not-delivered").length;
let seen = 0;
let signed = 0;

for (const area of document.querySelectorAll("textarea[data-draft]")) keepDraft(area, `${place}:${area.dataset.draft}`);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || !mayWrite()) return;
  unsent.add(text);
  field.value = "";
  field.dispatchEvent(new Event("input"));
  field.focus();
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

field.addEventListener("input", () => {
  if (!field.value || !mayWrite() || Date.now() - signed < MILLISECONDS_BETWEEN_SIGNS) return;
  signed = Date.now();
  change(`${here}/typing`, {}).catch(() => {});
});

newer.addEventListener("click", () => {
  toEnd();
  transcript.focus();
});

transcript.addEventListener("scroll", () => {
  if (isAtEnd()) newer.hidden = true;
});

if (canned) {
  canned.parentElement.hidden = false;
  document.getElementById("insert").addEventListener("click", insert);
}

async function insert() {
  if (!canned.value) return canned.focus();
  try {
    const response = await change(`${here}/canned`, { canned: canned.value }, "application/json");
    field.setRangeText((await response.json()).text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
    field.focus();
  } catch (error) {
    tell(error.message);
  }
}

function edit(text) {
  field.value = [field.value, text].filter(Boolean).join("\n\n");
  field.dispatchEvent(new Event("input"));
  showForm();
  field.focus();
}

function mayWrite() {
  return document.getElementById("may-write").dataset.mayWrite === "yes";
}

// Somebody who no longer owns the conversation cannot send, but still sees what was being written.
function showForm() {
  form.hidden = !mayWrite() && !field.value;
  form.querySelector("[type=submit]").disabled = !mayWrite();
}

function isAtEnd() {
  return transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < NEAR_THE_END;
}

function toEnd() {
  transcript.scrollTop = transcript.scrollHeight;
  newer.hidden = true;
}

function before() {
  wasAtEnd = isAtEnd();
}

function after() {
  showForm();
  unsent.settle();
  const [entriesNow, failuresNow] = [".entry", ".not-delivered"].map((kind) => transcript.querySelectorAll(kind).length);
  if (wasAtEnd) toEnd();
  else if (entriesNow > entries) newer.hidden = false;
  if (failuresNow > failures) announce("A reply was not delivered. You can try again.");
  [entries, failures] = [entriesNow, failuresNow];
  markSeen();
}

function markSeen() {
  const last = Number(transcript.dataset.last);
  if (document.hidden || !mayWrite() || last <= seen) return;
  seen = last;
  change(`${here}/seen`, { line: String(last) })
    .then(refresh)
    .catch(() => {
      seen = 0;
    });
}

sendForms();
follow({ conversation, before, after, there: () => unsent.goOn(), pauses: true });
