// The conversation as it changes: server-sent events over fetch, which can carry the token in a header.

const MILLISECONDS_OF_SILENCE = 40_000;

class EventReader {
  // `last` tells the newest line that is known, `on(name, data)` takes the events, `lost(error)` hears of failures.
  constructor({ last, on, lost }) {
    Object.assign(this, { last, on, lost });
    this.control = null;
  }

  start() {
    if (this.control) return;
    this.control = new AbortController();
    this.run(this.control.signal);
  }

  stop() {
    this.control?.abort();
    this.control = null;
  }

  async run(signal) {
    let failures = 0;
    while (!signal.aborted) {
      let wait = 0;
      try {
        await this.read(signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        wait = error.wait;
        this.lost(error);
      }
      if (!signal.aborted) await pause(backoff(failures, wait));
    }
  }

  async read(signal, onEvent) {
    const control = new AbortController();
    const stop = () => control.abort();
    signal.addEventListener("abort", stop);
    // A connection that was cut without a word says nothing for longer than the server is ever silent.
    let timer = setTimeout(stop, MILLISECONDS_OF_SILENCE);
    try {
      const { token } = recall();
      const response = await request("GET", `/events?after=${this.last()}`, { token, signal: control.signal });
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return;
        clearTimeout(timer);
        timer = setTimeout(stop, MILLISECONDS_OF_SILENCE);
        onEvent();
        const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
        rest = parts.pop();
        for (const part of parts) this.tell(part);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  tell(part) {
    const fields = Object.fromEntries(part.split("\n").map((line) => line.split(/: (.*)/s, 2)));
    if (fields.event) this.on(fields.event, JSON.parse(fields.data));
  }
}
