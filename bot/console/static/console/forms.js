// Forms with data-async are sent without leaving the page; without a script they work as forms do.

import { sent } from "./drafts.js";
import { tell } from "./desk.js";
import { refresh } from "./live.js";
import { change, parsed } from "./server.js";

const busy = new WeakSet();

export function sendForms() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-async]")) return;
    event.preventDefault();
    if (!busy.has(event.target)) send(event.target);
  });
}

async function send(form) {
  busy.add(form);
  tell("");
  const drafts = [...form.querySelectorAll("textarea")].map((field) => [field, field.value]);
  try {
    await done(form, await change(form.action, new FormData(form)));
    for (const [field, text] of drafts) sent(field, text);
  } catch (error) {
    tell(error.message);
    // What was refused has probably changed: show how it is now.
    if (error.status) await refresh().catch(() => {});
  } finally {
    busy.delete(form);
    keepFocus();
  }
}

async function done(form, response) {
  const there = new URL(response.url);
  const page = await parsed(response);
  if (form.dataset.into) return show(page, form.dataset.into);
  if (there.pathname !== location.pathname) return location.assign(there);
  document.getElementById("flashes").replaceWith(page.getElementById("flashes"));
  form.closest("details")?.removeAttribute("open");
  return refresh();
}

function show(page, id) {
  const part = page.getElementById(id);
  document.getElementById(id).replaceWith(part);
  part.querySelector("[tabindex]")?.focus();
}

// The button that was pressed may be gone: the next thing to do gets the focus.
function keepFocus() {
  const lost = document.activeElement === document.body || !document.activeElement?.checkVisibility();
  if (!lost) return;
  const reply = document.getElementById("reply");
  if (reply?.checkVisibility()) reply.focus();
  else document.getElementById("main").focus();
}
