// Keeps what is typed until it is sent, in this browser. Without storage everything works; it only does not outlive a
// reload.

export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, text) {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // Full or switched off.
  }
}

export function keysOf(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

// The field has its draft again, and keeps it.
export function keepDraft(field, key) {
  field.value ||= read(key) ?? "";
  field.addEventListener("input", () => write(key, field.value));
}

// Empties a field that has been sent, unless it says something else by now.
export function sent(field, text) {
  if (field.value !== text) return;
  field.value = "";
  field.dispatchEvent(new Event("input"));
}
