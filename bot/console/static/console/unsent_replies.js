// Replies on their way to the server: one after another, in order, each with an id of its own so that it counts once
// however often it is sent, and kept in this browser until the page shows that the server has it.

import { keysOf, read, write } from "./drafts.js";
import { refresh } from "./live.js";
import { change, Refused } from "./server.js";

const list = document.getElementById("unsent");
const template = document.getElementById("unsent-template");

export class UnsentReplies {
  // path: where replies are posted; prefix: of their keys in storage; edit(text): puts one back into the field.
  constructor(path, prefix, edit) {
    this.path = path;
    this.prefix = prefix;
    this.edit = edit;
    this.working = false;
    this.entries = keysOf(prefix)
      .map((key) => ({ ...JSON.parse(read(key)), state: "kept" }))
      .sort((one, other) => one.at - other.at);
    window.addEventListener("storage", (event) => this.#changedElsewhere(event));
    this.#show();
  }

  add(text) {
    const entry = { id: randomId(), text, at: Date.now() };
    write(this.prefix + entry.id, JSON.stringify(entry));
    this.entries.push({ ...entry, state: "sending" });
    this.#work();
  }

  // The server is there again: what failed on this page is sent again. What an earlier page left is for staff to decide.
  goOn() {
    if (!this.entries.some(({ state }) => state === "unreachable")) return;
    for (const entry of this.entries) if (entry.state === "unreachable") entry.state = "sending";
    this.#work();
  }

  // What the transcript shows has arrived.
  settle() {
    const arrived = this.entries.filter(({ id }) => document.querySelector(`[data-request="${id}"]`));
    arrived.forEach((entry) => this.#remove(entry));
  }

  async #work() {
    this.#show();
    if (this.working) return;
    this.working = true;
    for (let entry = this.#next(); entry; entry = this.#next()) await this.#send(entry);
    this.working = false;
  }

  #next() {
    const first = this.entries.find(({ state }) => state === "sending" || state === "unreachable");
    return first?.state === "sending" ? first : undefined;
  }

  async #send(entry) {
    try {
      await change(this.path, { text: entry.text, request_id: entry.id }, "application/json");
      await refresh().catch(() => {});
      this.#remove(entry);
    } catch (error) {
      entry.state = error instanceof Refused ? "refused" : "unreachable";
      entry.reason = error.message;
      this.#show();
    }
  }

  #retry(entry) {
    for (const one of this.entries) if (one === entry || one.state === "unreachable") one.state = "sending";
    this.#work();
  }

  #takeBack(entry) {
    this.#remove(entry);
    this.edit(entry.text);
  }

  #remove(entry) {
    write(this.prefix + entry.id, "");
    this.entries = this.entries.filter((one) => one !== entry);
    this.#show();
  }

  #changedElsewhere({ key, newValue }) {
    const gone = newValue === null && this.entries.find(({ id }) => key === this.prefix + id);
    if (gone) this.#remove(gone);
  }

  #show() {
    list.replaceChildren(...this.entries.map((entry) => this.#element(entry)));
  }

  #shown({ state }) {
    return state === "sending" && this.entries.some((one) => one.state === "unreachable") ? "next" : state;
  }

  #element(entry) {
    const element = template.content.cloneNode(true).firstElementChild;
    element.querySelector(".text").textContent = entry.text;
    const state = this.#shown(entry);
    for (const words of element.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
    element.querySelector(".reason").textContent = state === "refused" ? entry.reason : "";
    element.querySelector(".row").hidden = state === "sending";
    element.querySelector("[data-do=retry]").addEventListener("click", () => this.#retry(entry));
    element.querySelector("[data-do=edit]").addEventListener("click", () => this.#takeBack(entry));
    return element;
  }
}

// crypto.randomUUID is only there over https.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
