// The field to write in. What the assistant has just asked for decides its label, keyboard and check; whatever the
// check says, the visitor may send: a question in the middle of an enrollment is fine.

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const ASKS = {
  name: { label: "askName", autocomplete: "name" },
  patient: { label: "askPatient" },
  email: { label: "askEmail", type: "email", autocomplete: "email", placeholder: "hintEmail", check: checkEmail },
  phone: { label: "askPhone", type: "tel", autocomplete: "tel", placeholder: "hintPhone", check: checkPhone },
  contact: { label: "askContact", inputmode: "email", autocomplete: "email", check: (text) => checkEmail(text) ?? checkPhone(text) },
  country: { label: "askCountry", autocomplete: "country-name" },
  condition: { label: "askCondition", long: true },
  note: { label: "askNote", long: true },
};
const ANYTHING = { label: "message", long: true };

// The name of what is wrong with a text that is meant to be an address; null if nothing is, or if it is something else.
function checkEmail(text) {
  const meant = !/\s/.test(text) && /[@.]/.test(text) && !/[?!.]$/.test(text) && !/^[\d\s+().-]+$/.test(text);
  return meant && !EMAIL.test(text) ? "badEmail" : null;
}

function checkPhone(text) {
  const digits = text.replace(/\D/g, "").length;
  return /^[\d\s+().-]+$/.test(text) && (digits < 7 || digits > 15) ? "badPhone" : null;
}

class Composer {
  // `send(text)` takes what was written, `typing()` hears of it while it is written.
  constructor({ send, typing }) {
    Object.assign(this, { send, typing });
    this.label = make("label", { for: "message" });
    this.place = make("div", { class: "place" });
    this.error = make("div", { class: "error", id: "error", role: "alert" });
    this.element = make(
      "form",
      { class: "composer", novalidate: true, submit: (event) => this.submit(event) },
      this.label,
      make("div", { class: "field" }, this.place,
        make("button", { class: "send", type: "submit" }, icon("send"), make("span", {}, say("send")))),
      this.error,
    );
    this.expect(null);
  }

  expect(name) {
    const ask = ASKS[name] ?? ANYTHING;
    if (ask === this.ask) return;
    this.ask = ask;
    const before = this.field;
    this.field = this.make(ask);
    this.field.value = before?.value ?? "";
    const focused = before && before.getRootNode().activeElement === before;
    this.label.textContent = say(ask.label);
    this.place.replaceChildren(this.field);
    if (focused) this.field.focus();
    this.complain(null);
  }

  make({ long, type = "text", inputmode, autocomplete = "off", placeholder }) {
    const common = {
      id: "message",
      autocomplete,
      enterkeyhint: "send",
      dir: "auto",
      placeholder: placeholder && say(placeholder),
      input: () => this.typing(),
      keydown: (event) => this.key(event),
    };
    if (long) return make("textarea", { ...common, rows: "1" });
    return make("input", { ...common, type, inputmode: inputmode ?? (type === "text" ? null : type) });
  }

  key(event) {
    // While an input method composes (Chinese, for one), Enter picks a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    const problem = this.ask.check?.(text);
    if (problem && text !== this.doubted) this.complain(problem, text);
    else this.finish(text);
    this.field.focus();
  }

  finish(text) {
    this.field.value = "";
    this.complain(null);
    if (text) this.send(text);
  }

  complain(problem, text = null) {
    this.doubted = text;
    this.field.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) this.field.setAttribute("aria-describedby", "error");
    else this.field.removeAttribute("aria-describedby");
    const anyway = () => {
      this.finish(this.field.value.trim());
      this.field.focus();
    };
    this.error.replaceChildren(
      ...(problem ? [make("p", {}, say(problem)), button(say("sendAnyway"), { class: "quiet", click: anyway })] : []),
    );
  }
}
