// The words of the interface. English is here at once; the others are fetched when they are needed.

const wanted = options.language.toLowerCase().split("-")[0];
let words = ENGLISH;
let language = "en";

function say(key, values = {}) {
  const text = key === "title" && options.title ? options.title : (words[key] ?? ENGLISH[key]);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

async function loadWords() {
  if (wanted === "en" || !LANGUAGES.includes(wanted)) return false;
  try {
    const response = await fetch(`${HOST}/widget/languages/${wanted}.json`, { credentials: "omit" });
    if (!response.ok) return false;
    words = await response.json();
    language = wanted;
    return true;
  } catch {
    return false;
  }
}
