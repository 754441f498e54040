// The words of the interface: in the language of the page, and then in that of the conversation. English is here at
// once; the others are fetched when they are needed.

const wanted = options.language.toLowerCase().split("-")[0];
let words = ENGLISH;
let language = "en";

function say(key, values = {}) {
  const text = key === "title" && options.title ? options.title : (words[key] ?? ENGLISH[key]);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Whether the words are others now.
async function loadWords(code = recall().language ?? wanted) {
  if (code === language || !LANGUAGES.includes(code)) return false;
  try {
    words = code === "en" ? ENGLISH : await fetchWords(code);
    language = code;
    return true;
  } catch {
    return false;
  }
}

async function fetchWords(code) {
  const response = await fetch(`${HOST}/widget/languages/${code}.json`, { credentials: "omit" });
  if (!response.ok) throw new Error("no words");
  return response.json();
}
