// What is said, and when to listen. The element (element.js) shows it.

const SECONDS_BETWEEN_TYPING = 3;
const SECONDS_HIDDEN = 30;
// Then a visitor hears at least that the message is not stored yet, and what not to wait for.
const SECONDS_OF_SILENCE = 4;

class Talk extends HTMLElement {
  begin() {
    const last = () => this.lines.last;
    this.typed = 0;
    this.sending = new Set();
    this.told = {};
    this.queue = new Queue({
      last,
      state: (id, state, error) => this.progress(id, state, error),
      sent: (answer) => this.take(answer.lines),
      expired: () => this.expire(),
    });
    this.reader = new EventReader({ last, on: (name, data) => this.hear(name, data), lost: (error) => this.lost(error) });
  }

  // ------------------------------------------------------------------------------------------ what is said

  send(text) {
    const message = this.queue.add(text);
    this.lines.addPending(message);
    this.composer.expect(null);
    this.scroll(true);
    this.connection();
    this.queue.run().then(() => this.attend());
    this.expectWithin(message.id);
  }

  progress(id, state, error) {
    this.atEnd(() => this.lines.state(id, state));
    if (state === "sending") this.sending.add(id);
    else this.sending.delete(id);
    // Trying again is no news.
    const told = [say("failed"), say("tooMany")].includes(this.problem);
    if (state === "failed") this.problem = say(error.status === 429 ? "tooMany" : "failed");
    else if (state === "refused") this.problem = say("refused");
    else if (state === "sent" || !told) this.problem = null;
    if (error?.notStored) this.answer(id, error.replies);
    this.status();
  }

  expectWithin(id) {
    setTimeout(() => this.late(id), SECONDS_OF_SILENCE * 1000);
  }

  // The message is still under way: it goes on, and meanwhile the visitor knows.
  late(id) {
    if (!recall().queue.some((message) => message.id === id && !message.refused)) return;
    this.atEnd(() => this.lines.state(id, "failed"));
    this.problem ??= say("failed");
    this.status();
  }

  // What the assistant says to a message that could not be stored; the stored answer will replace it.
  answer(id, replies) {
    const first = this.lines.addUnstored(id, replies);
    if (first) this.scrollTo(first);
  }

  edit(id) {
    const message = recall().queue.find((one) => one.id === id);
    this.queue.remove(id);
    this.lines.removePending(id);
    this.composer.field.value = [message?.text, this.composer.field.value].filter(Boolean).join("\n");
    this.composer.field.focus();
    this.problem = null;
    this.status();
  }

  take(lines) {
    const fresh = lines.filter((line) => this.lines.add(line));
    if (!fresh.length) return;
    this.composer.expect(this.lines.newest?.metadata.ask ?? null);
    this.acknowledge(fresh);
    this.seen();
    this.scroll(false, fresh.find((line) => line.speaker !== "visitor"));
    for (const line of fresh) announce("message", line);
    this.attend();
    this.follow(fresh);
  }

  // The interface speaks the language that the conversation is in.
  follow(lines) {
    const spoken = lines.filter((line) => line.speaker === "bot" && line.metadata.language).at(-1);
    const resolved = lines.filter((line) => line.metadata.kind === "handoff_resolved").at(-1);
    if (resolved) this.ratings = (resolved.buttons ?? []).map(({ title, payload }) => payload ?? title);
    if (!spoken || spoken.metadata.language === recall().language) return;
    remember({ language: spoken.metadata.language });
    loadWords().then((changed) => changed && this.redraw());
  }

  hear(name, data) {
    this.offline = false;
    if (name === "line") this.take([data]);
    else if (name === "token") remember({ token: data.token });
    else if (name === "typing") this.told.typing = data.staff;
    else if (name === "standing") this.stand(data);
    this.status();
  }

  stand(standing) {
    const changed = JSON.stringify(standing) !== JSON.stringify(this.told.standing);
    const handoff = ["waiting", "active"].includes(standing.state);
    this.told.standing = standing;
    remember({ handoff, dismissed: recall().dismissed && !handoff });
    this.standing.show({ ...standing, rated: standing.rated || recall().dismissed });
    // It follows the lines that were there at first: from now on lines are new, and read out.
    if (this.isQuiet) setTimeout(() => this.quiet(false), 100);
    if (changed) announce("standing", standing);
  }

  acknowledge(lines) {
    const replies = lines.map((line) => line.reply_id).filter((id) => id > recall().acknowledged);
    if (!replies.length) return;
    const { token } = recall();
    ask("POST", "/received", { token, body: { replies } }).then(
      () => remember({ acknowledged: Math.max(recall().acknowledged, ...replies) }),
      () => pause(backoff(4)).then(() => recall().token === token && this.acknowledge(lines)),
    );
  }

  rate(number) {
    // In the words of the reply that asked for it.
    if (number) this.send(this.ratings?.find((words) => words.includes(String(number))) ?? `Rating: ${number}`);
    else remember({ dismissed: true });
    this.composer.field.focus();
  }

  opine(event, helpful, comment) {
    const body = { event, helpful, ...(comment ? { comment } : {}) };
    const store = () => ask("POST", "/feedback", { token: recall().token, body });
    store().catch(() => pause(backoff(3)).then(store)).catch(() => {});
  }

  tellTyping() {
    const { state } = this.told.standing ?? {};
    const now = Date.now();
    if (!["waiting", "active"].includes(state) || now - this.typed < SECONDS_BETWEEN_TYPING * 1000) return;
    this.typed = now;
    ask("POST", "/typing", { token: recall().token }).catch(() => {});
  }

  // ------------------------------------------------------------------------------------------ connection

  // Listens while somebody looks, and while staff may answer.
  attend() {
    clearTimeout(this.leaving);
    const { token, handoff } = recall();
    if (!token || !(this.isOpen || handoff)) return this.reader.stop();
    if (document.hidden && !handoff) this.leaving = setTimeout(() => this.reader.stop(), SECONDS_HIDDEN * 1000);
    else this.reader.start();
  }

  connection() {
    if (navigator.onLine) hurry();
    this.status();
  }

  lost(error) {
    if (error.status === 401) return this.expire();
    this.offline = true;
    this.status();
  }

  // The token is no longer good: the next message begins a new conversation, unsent messages stay.
  expire() {
    if (!recall().token) return;
    remember({ ...FRESH, queue: recall().queue });
    this.reset();
    this.problem = say("expired");
    this.status();
  }

  // Another tab has ended or begun a conversation.
  shared(event) {
    const before = JSON.parse(event.oldValue)?.token;
    const { token } = recall();
    if (before && before !== token && !sameConversation(before, token)) this.reset();
    this.attend();
  }

  reset() {
    this.reader.stop();
    this.told = {};
    this.lines.clear();
    for (const message of recall().queue) this.lines.addPending(message);
    this.standing.show({ state: null });
    this.composer.expect(null);
    this.quiet(false);
    this.label();
  }

  async erase() {
    try {
      await exclusively("queue", async () => {
        const { token } = recall();
        if (token) await ask("DELETE", "/session", { token }).catch(unlessExpired);
        forget();
      });
    } catch {
      return false;
    }
    this.reset();
    this.problem = say("erased");
    this.status();
    return true;
  }

  async download() {
    const { token } = recall();
    if (!token) return;
    try {
      const file = URL.createObjectURL(await ask("GET", `/download?language=${language}`, { token }));
      make("a", { href: file, download: "chat.txt" }).click();
      setTimeout(() => URL.revokeObjectURL(file), 60_000);
    } catch {
      this.problem = say("downloadFailed");
      this.status();
    }
  }
}

function sameConversation(one, other) {
  return Boolean(one && other) && subject(one) === subject(other);
}

function subject(token) {
  try {
    return JSON.parse(atob(token.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))).sub;
  } catch {
    return token;
  }
}

function unlessExpired(error) {
  if (error.status !== 401) throw error;
}
