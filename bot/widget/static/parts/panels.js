// What stands above the conversation: how it stands with the staff, the menu, and the question before deleting.

class Standing {
  // `rate(number)` takes the visitor's rating.
  constructor(rate) {
    this.rate = rate;
    this.element = make("div", { class: "standing", hidden: true });
    this.state = null;
  }

  show({ state, staff, rated }) {
    const changed = state !== this.state;
    this.state = state;
    const name = staff ?? say("staff");
    const ended = state === "resolved" && !rated;
    if (state === "resolved" && !changed && !rated) return;
    this.element.className = `standing ${state}`;
    this.element.hidden = !(state === "waiting" || state === "active" || ended);
    if (this.element.hidden) this.element.replaceChildren();
    else this.element.replaceChildren(make("p", {}, say(state, { name })), ...(ended ? [this.rating()] : []));
  }

  rating() {
    const choose = (number) => {
      this.element.hidden = true;
      this.rate(number);
    };
    const numbers = [1, 2, 3, 4, 5].map((number) =>
      button(null, { class: "number", "aria-label": say("rating", { count: number }), click: () => choose(number) },
        String(number)),
    );
    const later = button(say("notNow"), { class: "quiet", click: () => choose(null) });
    return make("div", { class: "rating", role: "group", "aria-label": say("rate") },
      make("span", {}, say("rate")), make("div", { class: "numbers" }, numbers), later);
  }
}

class Menu {
  constructor({ download, erase }) {
    this.list = make("div", { class: "menu", id: "menu", hidden: true },
      button(say("download"), { click: () => this.choose(download) }),
      button(say("erase"), { click: () => this.choose(erase) }));
    this.toggle = button(null,
      { class: "tool", "aria-expanded": "false", "aria-controls": "menu", "aria-label": say("more"), title: say("more"),
        click: () => this.show(this.list.hidden) },
      icon("more"));
    this.element = make("div", { class: "more" }, this.toggle, this.list);
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.element.contains(event.relatedTarget)) this.show(false);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  show(open) {
    this.list.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    if (open) this.list.firstElementChild.focus();
  }

  choose(action) {
    this.show(false);
    this.toggle.focus();
    action();
  }
}

class EraseQuestion {
  // `erase()` resolves to whether it worked; `done()` is called when the question goes.
  constructor({ erase, done }) {
    Object.assign(this, { erase, done });
    this.problem = make("p", { class: "problem", role: "alert" });
    this.no = button(say("eraseNo"), { class: "quiet", click: () => this.close() });
    this.yes = button(say("eraseYes"), { class: "danger", click: () => this.confirm() });
    this.element = make("div",
      { class: "question", role: "alertdialog", "aria-describedby": "erase-question", "aria-label": say("erase"), hidden: true },
      make("p", { id: "erase-question" }, say("eraseQuestion")), this.problem,
      make("div", { class: "row" }, this.no, this.yes));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.problem.textContent = "";
    this.element.hidden = false;
    this.no.focus();
  }

  close() {
    this.element.hidden = true;
    this.done();
  }

  async confirm() {
    this.yes.disabled = true;
    const erased = await this.erase();
    this.yes.disabled = false;
    if (erased) this.close();
    else this.problem.textContent = say("eraseFailed");
  }
}
