// The conversation on the page: every line once, in the order of the transcript, unsent messages at the end.

class Lines {
  // `choose(text)` sends a button's words; `rate(id, helpful, comment)` stores an opinion; `retry` and `edit(message)`
  // are for a message that was not sent.
  constructor(log, actions) {
    this.log = log;
    this.actions = actions;
    this.clear();
  }

  clear() {
    this.shown = new Map();
    this.pending = new Map();
    this.unstored = new Map();
    this.last = 0;
    this.newest = null;
    for (const element of this.log.querySelectorAll(".line")) element.remove();
  }

  // Adds a line of the transcript; false when it was there already.
  add(line) {
    if (this.shown.has(line.id)) return false;
    const element = this.pending.get(line.message_id) ?? this.draw(line);
    this.pending.delete(line.message_id);
    this.removeUnstored(line.message_id);
    if (element.classList.contains("asked")) this.mark(element, "sent");
    element.dataset.id = line.id;
    this.shown.set(line.id, element);
    this.place(element, line.id);
    if (line.id > this.last) [this.last, this.newest] = [line.id, line];
    return true;
  }

  // An element that is in its place already is left alone: a screen reader would read it again.
  place(element, id) {
    let before = null;
    for (const other of [...this.log.querySelectorAll(".line")].reverse()) {
      if (other === element) continue;
      if (other.dataset.id && Number(other.dataset.id) < id) break;
      before = other;
    }
    const settled = element.isConnected && (element.nextElementSibling ?? null) === before;
    if (!settled) this.log.insertBefore(element, before);
  }

  addPending(message) {
    if (this.pending.has(message.id)) return;
    const element = this.draw({ speaker: "visitor", text: message.text });
    this.pending.set(message.id, element);
    this.log.append(element);
    this.newest = null;
    if (message.refused) this.state(message.id, "refused");
  }

  removePending(id) {
    this.pending.get(id)?.remove();
    this.pending.delete(id);
    this.removeUnstored(id);
  }

  // Shows what was said to a message that could not be stored, below it, until the transcript has both. The first
  // element; null when it is shown already: a screen reader would read it again.
  addUnstored(id, replies) {
    const element = this.pending.get(id);
    const said = JSON.stringify(replies);
    if (!element || this.unstored.get(id)?.said === said) return null;
    this.removeUnstored(id);
    const elements = replies.map((reply) => this.drawUnstored(reply));
    element.after(...elements);
    this.unstored.set(id, { said, elements });
    return elements[0] ?? null;
  }

  removeUnstored(id) {
    for (const element of this.unstored.get(id)?.elements ?? []) element.remove();
    this.unstored.delete(id);
  }

  state(id, state) {
    const element = this.pending.get(id);
    if (element) this.mark(element, state, id);
  }

  mark(element, state, id) {
    const { state: before } = element.dataset;
    // Trying again is no news: until it is stored, it is not.
    if (before === state || (before === "failed" && state === "sending")) return;
    element.dataset.state = state;
    // Only the newest message says that it was sent.
    if (state === "sent") {
      this.sent?.querySelector(".state").replaceChildren();
      this.sent = element;
    }
    const again = state === "failed" && button(say("retry"), { class: "quiet", click: this.actions.retry });
    const edit = state === "refused" && button(say("edit"), { class: "quiet", click: () => this.actions.edit(id) });
    const urgent = state === "failed" && make("strong", {}, say("inEmergency"));
    element.querySelector(".state").replaceChildren(...[say(state), urgent, again, edit].filter(Boolean));
  }

  draw(line) {
    return line.speaker === "visitor" ? this.drawAsked(line) : this.drawReply(line);
  }

  drawAsked({ text }) {
    const words = make("p", { dir: "auto" }, linked(text || "…", /(CAR-T)/));
    const state = make("div", { class: "state", "aria-live": "off" });
    return make("div", { class: "line asked" }, unseen(`${say("you")}: `), words, state);
  }

  drawReply(line, stored = true) {
    const { kind, sources = [], pages = [], title } = line.metadata ?? {};
    const urgent = URGENT.includes(kind);
    // True: one line says whom to call; false: the reply's own words do.
    const calls = urgent || line.metadata?.cannot_wait !== undefined;
    const text = sources.length ? line.text.replace(SOURCE_LINE, "") : line.text;
    const staff = line.speaker === "staff";
    const who = staff ? (line.staff ?? say("staff")) : say("assistant");
    return make(
      "div",
      { class: `line reply ${line.speaker}${urgent ? " urgent" : ""}` },
      urgent && make("p", { class: "banner" }, say(kind)),
      staff ? make("p", { class: "who" }, who, unseen(":")) : unseen(`${who}: `),
      make("div", { class: "text", dir: "auto" }, blocks(text, title, calls ? LINKS_AND_NUMBERS : LINKS)),
      pages.map((page) => this.drawPage(page)),
      sources.length > 0 && this.drawSources(sources),
      line.buttons?.length > 0 && this.drawButtons(line.buttons, kind),
      stored && kind === "answer" && this.drawOpinion(line),
    );
  }

  // Nobody can judge it yet: it has no place in the transcript.
  drawUnstored(reply) {
    const element = this.drawReply({ ...reply, speaker: "bot" }, false);
    element.classList.add("unstored");
    element.append(make("p", { class: "state" }, say("notStored")));
    return element;
  }

  // A page of the guide, which the website serves beside the widget.
  drawPage({ path, title }) {
    const attributes = { href: HOST + path, target: "_blank", rel: "noopener noreferrer" };
    const words = make("a", attributes, linked(title, /(CAR-T)/), unseen(` (${say("newTab")})`));
    return make("p", { class: "page", dir: "auto" }, icon("page"), words);
  }

  drawSources(sources) {
    // The documents are English; beside a name stands what it means.
    const gloss = (words) => words && make("span", { dir: "auto" }, ` (${words})`);
    const items = sources.map((source) =>
      make("li", { dir: "auto" },
        make("cite", { lang: "en" }, source.document), gloss(source.document_gloss),
        ", ", make("span", { lang: "en" }, `“${source.section}”`), gloss(source.section_gloss)),
    );
    return make("details", { class: "sources" }, make("summary", {}, say("sources")), make("ul", {}, items));
  }

  drawButtons(buttons, kind) {
    const items = buttons.map(({ title, payload }) => {
      const click = () => this.actions.choose(payload ?? title);
      return make("li", {}, button(null, { class: "choice", dir: "auto", click }, linked(title, /(CAR-T)/)));
    });
    const heading = kind === "answer" && make("p", {}, say("related"));
    return make("div", { class: "next" }, heading, make("ul", { class: "choices" }, items));
  }

  drawOpinion(line) {
    const thanks = make("p", { class: "thanks", role: "status" });
    const form = make("div", { class: "why" });
    const thumbs = ["yes", "no"].map((name) =>
      button(null, { class: "thumb", "aria-pressed": String(line.helpful === (name === "yes")), title: say(name) },
        icon(name === "yes" ? "up" : "down"), unseen(say(name))),
    );
    const press = (helpful) => {
      thumbs.forEach((one, index) => one.setAttribute("aria-pressed", String((index === 0) === helpful)));
      thanks.textContent = say("thanks");
      this.actions.rate(line.id, helpful);
      form.replaceChildren(...this.drawWhy(line, helpful, form, thanks));
    };
    thumbs.forEach((one, index) => one.addEventListener("click", () => press(index === 0)));
    const group = make("div", { role: "group", "aria-label": say("helpful") }, make("span", {}, say("helpful")), thumbs);
    return make("div", { class: "opinion", "aria-live": "off" }, group, thanks, form);
  }

  drawWhy(line, helpful, form, thanks) {
    const field = make("input", { type: "text", maxlength: "1000", autocomplete: "off", id: `why-${line.id}` });
    const send = () => {
      if (field.value.trim()) this.actions.rate(line.id, helpful, field.value.trim());
      form.replaceChildren();
      thanks.tabIndex = -1;
      thanks.focus();
    };
    field.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && send());
    const label = make("label", { for: field.id }, say("comment"));
    return [label, field, button(say("commentSend"), { class: "quiet", click: send })];
  }
}
