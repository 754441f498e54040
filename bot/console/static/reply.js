// Turns a reply of the bot into elements. Text is only ever set as text: nothing that the bot says becomes markup.

const SOURCE_LINE = /(^|\n)\s*Source: [^\n]*\s*$/;
const URGENT = ["emergency", "crisis"];
const LINKS = /(CAR-T|https?:\/\/[^\s<>"']*[\w/])/;
const LINKS_AND_NUMBERS = /(CAR-T|https?:\/\/[^\s<>"']*[\w/]|\b(?:112|911|120|988)\b)/;

export function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

// Of the parts that carry data-<name>, keeps those for `value`.
export function restrict(element, name, value) {
  for (const part of element.querySelectorAll(`[data-${name}]`)) {
    if (part.dataset[name] !== value) part.remove();
  }
}

export function renderReply(reply) {
  const { kind, sources = [], title } = reply.metadata ?? {};
  const element = copyOf("reply-template");
  restrict(element, "kind", kind);
  element.classList.toggle("urgent", URGENT.includes(kind));
  const said = reply.text ?? "";
  const text = sources.length ? said.replace(SOURCE_LINE, "") : said;
  element.querySelector(".text").append(...blocks(text, title, URGENT.includes(kind) ? LINKS_AND_NUMBERS : LINKS));
  fill(element, ".sources", sources.map(sourceItem));
  fill(element, ".next", (reply.buttons ?? []).map(choiceItem));
  return element;
}

function fill(element, part, items) {
  const box = element.querySelector(part);
  if (items.length) box.querySelector("ul").append(...items);
  else box.remove();
}

function blocks(text, title, links) {
  const groups = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    const tag = line.startsWith("- ") ? "ul" : "p";
    if (!line) groups.push(null);
    else if (groups.at(-1)?.tag === tag) groups.at(-1).lines.push(line);
    else groups.push({ tag, lines: [line] });
  }
  const shown = groups.filter(Boolean);
  return shown.map((group, index) => block(group, index === 0 && group.lines[0] === title, links));
}

function block({ tag, lines }, isTitle, links) {
  const element = document.createElement(tag);
  if (isTitle) element.className = "title";
  for (const [index, line] of lines.entries()) {
    if (tag === "ul") element.append(item(linked(line.slice(2), links)));
    else element.append(...(index ? [document.createElement("br")] : []), ...linked(line, links));
  }
  return element;
}

// Text with its addresses and numbers as links, and "CAR-T" never broken at its hyphen.
export function linked(text, links = /(CAR-T)/) {
  return text.split(links).map((part, index) => (index % 2 ? special(part) : part));
}

function special(part) {
  if (part !== "CAR-T") return link(part);
  const element = document.createElement("span");
  element.className = "whole";
  element.textContent = part;
  return element;
}

function link(target) {
  const element = document.createElement("a");
  const isPage = target.startsWith("http");
  element.href = isPage ? target : `tel:${target}`;
  if (isPage) Object.assign(element, { target: "_blank", rel: "noopener noreferrer" });
  element.textContent = target;
  return element;
}

function item(children) {
  const element = document.createElement("li");
  element.append(...children);
  return element;
}

function sourceItem(source) {
  const document_ = document.createElement("cite");
  document_.textContent = source.document;
  return item([document_, `, “${source.section}”`]);
}

function choiceItem({ title, payload }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "choice";
  button.append(...linked(title));
  button.dataset.payload = payload;
  return item([button]);
}
