// What the page asks for: the data- attributes of the script element.

const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
const HOST = SCRIPT.src.replace(/\/widget\.js.*$/, "");

function readOptions(data) {
  return {
    language: data.language || document.documentElement.lang || navigator.language || "en",
    position: ["left", "right"].includes(data.position) ? data.position : atEndOfLines(),
    theme: ["light", "dark"].includes(data.theme) ? data.theme : "auto",
    title: data.title,
    open: data.open === "true" || data.open === "",
    color: data.color && CSS.supports("color", data.color) ? data.color : null,
    questions: (data.questions ?? "").split("|").map((one) => one.trim()).filter(Boolean),
  };
}

function atEndOfLines() {
  return getComputedStyle(document.documentElement).direction === "rtl" ? "left" : "right";
}

const options = readOptions(SCRIPT.dataset);
