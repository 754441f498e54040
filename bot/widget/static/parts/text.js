// The text of a reply as elements: paragraphs, lists, and links where a number can be called or a page opened.

// The last line of an answer, in any language; the page shows the sources by themselves.
const SOURCE_LINE = /(^|\n)[^\n]*\s*$/;
const URGENT = ["emergency", "crisis"];
const LINKS = /(CAR-T|https?:\/\/[^\s<>"']*[\w/]|\(\d{3}\) \d{3}-\d{4})/;
const LINKS_AND_NUMBERS =
  /(CAR-T|https?:\/\/[^\s<>"']*[\w/]|\(\d{3}\) \d{3}-\d{4}|\b(?:116 123|12356|112|911|999|120|988)\b|\b[a-z-]+\.(?:com|org|net)\b)/;

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
  const element = make(tag, { class: isTitle ? "title" : null });
  for (const [index, line] of lines.entries()) {
    if (tag === "ul") element.append(make("li", {}, linked(line.slice(2), links)));
    else element.append(...(index ? [make("br")] : []), ...linked(line, links));
  }
  return element;
}

function linked(text, links = LINKS) {
  return text.split(links).map((part, index) => (index % 2 ? special(part) : part));
}

function special(part) {
  // "CAR-T" is never broken at its hyphen.
  if (part === "CAR-T") return make("span", { class: "whole" }, part);
  if (/^[\d(]/.test(part)) return make("a", { href: `tel:${part.replace(/[^\d+]/g, "")}` }, part);
  const href = part.startsWith("http") ? part : `https://${part}`;
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, part);
}
