// What the visitor sees around the conversation: the button that opens it, and the dialog. No behaviour of its own.

function drawShell(parts) {
  const badge = make("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  const launcher = button(null,
    { class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false", click: parts.open },
    icon("chat"), badge);
  const log = make("div",
    { class: "log", role: "log", "aria-live": "polite", "aria-label": say("conversation"), tabindex: "0" },
    drawWelcome(parts.choose));
  const status = make("div", { class: "status", role: "status" });
  const heading = make("h2", { id: "title", tabindex: "-1" }, say("title"));
  const dialog = make("div",
    { class: "dialog", role: "dialog", "aria-labelledby": "title", hidden: true, tabindex: "-1" },
    make("div", { class: "top" },
      make("div", { class: "name" }, heading, make("p", {}, say("subtitle"))),
      parts.menu,
      button(null, { class: "tool", "aria-label": say("close"), title: say("close"), click: parts.close }, icon("close"))),
    parts.standing, parts.question, log, status, parts.composer);
  const outside = make("div", { class: "unseen", role: "status" });
  const root = make("div",
    { class: `root ${options.position} ${options.theme}`, dir: say("direction"), lang: language },
    launcher, dialog, outside);
  return { root, launcher, badge, dialog, heading, log, status, outside };
}

function drawWelcome(choose) {
  // The page's own questions are in the page's language; in another one, those of the interface.
  const asked = options.questions.length > 0 && language !== wanted ? say("questions").split("|") : options.questions;
  const questions = asked.map((text) =>
    make("li", {}, button(null, { class: "choice", dir: "auto", click: () => choose(text) }, linked(text, /(CAR-T)/))),
  );
  return make("div", { class: "welcome" },
    make("div", { class: "notice" },
      make("p", {}, say("notice")), make("p", {}, make("strong", {}, say("inEmergency"))), make("p", {}, say("privacy"))),
    make("h3", {}, say("welcome")),
    questions.length > 0 && make("ul", { class: "choices" }, questions));
}

const DOTS = () => make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));

// Black or white, whichever is read better on a colour that the page chose.
function readableOn(color, root) {
  const probe = make("span", { class: "unseen" });
  probe.style.color = color;
  root.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  probe.remove();
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
