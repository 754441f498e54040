// Messages on their way: kept until the server has them, sent one after another, in order, each as often as it takes.
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

  next() {
    return recall().queue.find((message) => !message.refused);
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
    for (let message = this.next(); message; message = this.next()) {
      this.state(message.id, "sending");
      try {
        await this.deliver(message);
      } catch (error) {
        const wait = this.failed(message, error);
        if (wait !== null) return wait;
      }
    }
    return null;
  }

  async deliver(message) {
    const token = await session();
    const body = { ...message, after: this.last() };
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
    for (const one of recall().queue) if (!one.refused) this.state(one.id, "failed", error);
    this.failures += 1;
    return backoff(this.failures, error.wait);
  }
}
