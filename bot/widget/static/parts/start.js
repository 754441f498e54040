// The page's side: window.CarTAssistant, and the element at the end of the page.

const listeners = new Map();

function announce(name, detail) {
  for (const listener of listeners.get(name) ?? []) {
    try {
      listener(detail);
    } catch (error) {
      // The page's own mistake: it must not stop the chat.
      console.error(error);
    }
  }
}

function begin() {
  customElements.define("car-t-assistant", CarTAssistantElement);
  const element = document.querySelector("car-t-assistant") ?? document.body.appendChild(make("car-t-assistant"));
  window.CarTAssistant = Object.freeze({
    open: () => element.open(),
    close: () => element.close(),
    send(text) {
      if (typeof text !== "string" || !text.trim()) throw new TypeError("CarTAssistant.send needs a text.");
      element.send(text.trim());
    },
    // Calls the listener for each event until the function that it returns is called.
    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      return () => listeners.get(name).delete(listener);
    },
  });
  document.dispatchEvent(new CustomEvent("car-t-assistant-ready"));
  loadWords().then((loaded) => loaded && element.redraw());
}

// The line may be on a page twice.
if (!customElements.get("car-t-assistant")) {
  if (document.body && document.readyState !== "loading") begin();
  else addEventListener("DOMContentLoaded", begin);
}
