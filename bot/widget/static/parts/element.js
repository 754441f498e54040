// <car-t-assistant>: joins the parts, opens and closes, and shows how things stand.

const FOCUSABLE = "a[href], button:not([disabled]), textarea, input, summary, [tabindex='0']";
const NARROW = "(max-width: 30em), (max-height: 30em)";

class CarTAssistantElement extends Talk {
  connectedCallback() {
    if (this.shell) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    this.begin();
    this.draw();
    this.listen();
    this.queue.run();
    for (const { id } of recall().queue) this.expectWithin(id);
    if (wasOpen() ?? (options.open && !matchMedia(NARROW).matches)) this.open({ focus: false });
    this.attend();
  }

  // Draws everything, in the language of the moment; what was there is there again.
  draw() {
    const draft = this.composer?.field.value ?? "";
    const wasShown = this.isOpen;
    this.composer = new Composer({ send: (text) => this.send(text), typing: () => this.tellTyping() });
    this.standing = new Standing((number) => this.rate(number));
    this.question = new EraseQuestion({ erase: () => this.erase(), done: () => this.composer.field.focus() });
    this.menu = new Menu({ download: () => this.download(), erase: () => this.question.open() });
    this.shell = drawShell({
      open: () => this.open(),
      close: () => this.close(),
      choose: (text) => this.send(text),
      menu: this.menu.element,
      standing: this.standing.element,
      question: this.question.element,
      composer: this.composer.element,
    });
    this.lines = new Lines(this.shell.log, {
      choose: (text) => this.send(text),
      rate: (...opinion) => this.opine(...opinion),
      retry: () => hurry(),
      edit: (id) => this.edit(id),
    });
    for (const message of recall().queue) this.lines.addPending(message);
    this.shadowRoot.replaceChildren(this.shell.root);
    if (options.color) {
      this.style.setProperty("--cart-accent", options.color);
      this.style.setProperty("--cart-on-accent", readableOn(options.color, this.shell.root));
    }
    this.stated = "";
    this.composer.field.value = draft;
    this.shell.dialog.addEventListener("keydown", (event) => this.key(event));
    this.stay();
    this.quiet(Boolean(recall().token));
    this.label();
    if (wasShown) this.open({ focus: false });
  }

  // In other words: the conversation is read again.
  redraw() {
    this.reader.stop();
    this.told = {};
    this.draw();
    this.attend();
  }

  listen() {
    addEventListener("online", () => this.connection());
    addEventListener("offline", () => this.connection());
    document.addEventListener("visibilitychange", () => this.attend());
    addEventListener("storage", (event) => event.key === KEY && this.shared(event));
    visualViewport?.addEventListener("resize", () => this.fit());
    visualViewport?.addEventListener("scroll", () => this.fit());
  }

  // ------------------------------------------------------------------------------------------ open and close

  get isOpen() {
    return Boolean(this.shell && !this.shell.dialog.hidden);
  }

  open({ focus = true } = {}) {
    if (!this.isOpen) {
      const { activeElement } = document;
      this.opener = activeElement && activeElement !== document.body && activeElement !== this ? activeElement : null;
      this.shell.dialog.hidden = false;
      this.shell.launcher.hidden = true;
      this.shell.launcher.setAttribute("aria-expanded", "true");
      rememberOpen(true);
      this.fit();
      this.seen();
      this.attend();
      this.shell.log.scrollTop = this.lines.shown.size ? this.shell.log.scrollHeight : 0;
      announce("open");
    }
    // On a phone the field would bring up the keyboard at once, over the words.
    if (focus) (matchMedia(NARROW).matches ? this.shell.heading : this.composer.field).focus();
  }

  close() {
    if (!this.isOpen) return;
    const focused = this.shadowRoot.activeElement;
    this.shell.dialog.hidden = true;
    this.shell.launcher.hidden = false;
    this.shell.launcher.setAttribute("aria-expanded", "false");
    rememberOpen(false);
    if (focused) (this.opener?.isConnected ? this.opener : this.shell.launcher).focus();
    this.attend();
    announce("close");
  }

  key(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (this.question.isOpen) this.question.close();
      else if (this.menu.isOpen) this.menu.choose(() => {});
      else this.close();
    }
    if (event.key !== "Tab") return;
    const inside = this.question.isOpen ? this.question.element : this.shell.dialog;
    const stops = [...inside.querySelectorAll(FOCUSABLE)].filter(isShown);
    const at = stops.indexOf(this.shadowRoot.activeElement);
    const leaves = event.shiftKey ? at <= 0 : at === stops.length - 1;
    if (!leaves) return;
    event.preventDefault();
    stops.at(event.shiftKey ? -1 : 0).focus();
  }

  // On a phone the dialog is what the keyboard leaves of the screen.
  fit() {
    if (!visualViewport) return;
    const full = matchMedia(NARROW).matches;
    this.shell.dialog.toggleAttribute("data-full", full);
    if (full) this.shell.dialog.setAttribute("aria-modal", "true");
    else this.shell.dialog.removeAttribute("aria-modal");
    this.shell.dialog.style.setProperty("--visible-height", `${visualViewport.height}px`);
    this.shell.dialog.style.setProperty("--visible-top", `${visualViewport.offsetTop}px`);
  }

  // ------------------------------------------------------------------------------------------ what is shown

  status() {
    const { typing, standing } = this.told;
    let text = this.problem;
    let busy = false;
    if (!navigator.onLine) text = say("offline");
    else if (!text && this.offline) text = say("reconnecting");
    else if (!text && typing) [text, busy] = [say("staffTyping", { name: standing?.staff ?? say("staff") }), true];
    else if (!text && this.sending.size && standing?.state !== "active") [text, busy] = [say("thinking"), true];
    if ((text ?? "") === this.stated) return;
    this.stated = text ?? "";
    // The message itself shows that it was not stored: here it is for screen readers.
    this.shell.status.classList.toggle("unseen", text === say("failed") || text === say("refused"));
    const urgent = text === say("failed") && ` ${say("inEmergency")}`;
    this.shell.status.replaceChildren(...(text ? [busy ? DOTS() : "", text, urgent || ""] : []));
  }

  quiet(quiet) {
    this.isQuiet = quiet;
    this.shell.log.setAttribute("aria-live", quiet ? "off" : "polite");
  }

  seen() {
    if (this.isOpen && this.lines.last > recall().seen) remember({ seen: this.lines.last });
    this.label();
  }

  label() {
    const { seen } = recall();
    const unread = [...this.lines.shown].filter(([id, one]) => id > seen && one.classList.contains("reply")).length;
    const news = unread ? say("unread", { count: unread }) : "";
    const name = `${say("open")}: ${say("title")}`;
    this.shell.badge.hidden = !unread;
    this.shell.badge.textContent = String(unread);
    this.shell.launcher.setAttribute("aria-label", news ? `${name}. ${news}` : name);
    this.shell.launcher.title = say("open");
    if (this.shell.outside.textContent !== news) this.shell.outside.textContent = news;
  }

  // When the room for the conversation changes, its end stays where it was.
  stay() {
    const { log } = this.shell;
    let height = 0;
    new ResizeObserver(() => {
      const fromEnd = log.scrollHeight - log.scrollTop - height;
      if (height && fromEnd < 24 && this.lines.shown.size) log.scrollTop = log.scrollHeight;
      height = log.clientHeight;
    }).observe(log);
  }

  // What grows at the end of the conversation stays in sight.
  atEnd(change) {
    const { log } = this.shell;
    const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    change();
    if (wasAtEnd) log.scrollTop = log.scrollHeight;
  }

  // To the end; or, for a reply, so that it is read from its beginning.
  scroll(toEnd, line) {
    const { log } = this.shell;
    const element = line && this.lines.shown.get(line.id);
    if (this.isQuiet || toEnd) log.scrollTop = log.scrollHeight;
    else if (element) this.scrollTo(element);
  }

  scrollTo(element) {
    const { log } = this.shell;
    log.scrollTop = element.offsetTop - log.offsetTop - 12;
  }
}
