// Messages on their way: kept until the server has stored them, sent one after another, in order, each as often as it
// takes. One that was read but not stored does not hold up the next: it may be an emergency.
// The server reads a message once, however often it is sent: its id makes it the same.

const REFUSALS = [400, 413, 422];

class Queue {
  // `state(id, state)` shows how far a message is, `sent(answer)` takes what came back, `last` as for EventReader.
  constructor({ state, sent, last, expired }) {
    Object.assign(this, { state, sent, last, expired });
    this.running = false;
    this.failures = 0;
  }

  add(text) {
    const message = { id: newId(), text };
    remember({ queue: [...recall().queue, message] });
    return message;
  }

  remove(id) {
    remember({ queue: recall().queue.filter((message) => message.id !== id) });
  }

  next(tried = new Set()) {
    return recall().queue.find((message) => !message.refused && !tried.has(message.id));
  }

  async run() {
    if (this.running) return hurry();
    this.running = true;
    while (this.next()) {
      const wait = await exclusively("queue", () => this.drain());
      if (wait !== null) await pause(wait);
    }
    this.running = false;
  }

  // Sends what there is; how long to wait if something failed, else null.
  async drain() {
    const tried = new Set();
    let wait = null;
    for (let message = this.next(); message; message = this.next(tried)) {
      this.state(message.id, "sending");
      try {
        await this.deliver(message);
        // What could not be stored before probably can now, and comes first.
        tried.clear();
      } catch (error) {
        wait = this.failed(message, error);
        if (error.notStored) tried.add(message.id);
        else if (wait !== null) return wait;
      }
    }
    return tried.size ? wait : null;
  }

  async deliver(message) {
    const token = await session();
    const body = { ...message, after: this.last(), language: LANGUAGES.includes(wanted) ? wanted : "" };
    const answer = await ask("POST", "/messages", { token, body });
    this.failures = 0;
    this.renewed = false;
    this.remove(message.id);
    this.state(message.id, "sent");
    // Another tab may have ended the conversation meanwhile.
    if (recall().token) this.sent(answer);
  }

  failed(message, error) {
    if (error.status === 401 && !this.renewed) {
      this.renewed = true;
      this.expired();
      return null;
    }
    if (REFUSALS.includes(error.status)) {
      remember({ queue: recall().queue.map((one) => (one.id === message.id ? { ...one, refused: true } : one)) });
      this.state(message.id, "refused");
      return null;
    }
    const failed = error.notStored ? [message] : recall().queue.filter((one) => !one.refused);
    for (const one of failed) this.state(one.id, "failed", error);
    this.failures += 1;
    return backoff(this.failures, error.wait);
  }
}
