// What needs staff: in the title, as a notification and in words; and times as the reader's clock has them.

const SECONDS_BETWEEN_TICKS = 10;
const TIME = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

const title = document.title;
let known = null;

setInterval(tick, SECONDS_BETWEEN_TICKS * 1000);

// Looks at what the page says; tells what is new since the last look.
export function attend() {
  const desk = document.getElementById("desk");
  if (!desk) return;
  const now = { waiting: ids(desk.dataset.waiting), alerts: ids(desk.dataset.alerts) };
  const count = now.waiting.length + now.alerts.length + Number(desk.dataset.unread);
  document.title = count ? `(${count}) ${title}` : title;
  const waiting = now.waiting.filter((id) => known && !known.waiting.includes(id));
  const alerts = now.alerts.filter((id) => known && !known.alerts.includes(id));
  known = now;
  for (const id of waiting) notify("A visitor is waiting", `waiting-${id}`);
  for (const id of alerts) notify("A visitor may be in an emergency", `alert-${id}`);
  const news = [...times(alerts.length, "new alert"), ...times(waiting.length, "new request")];
  if (news.length) announce(`${news.join(", ")}.`);
}

// Says something to screen readers, when they have finished what they are saying.
export function announce(text) {
  document.getElementById("announcement").textContent = text;
}

// Shows what went wrong, or nothing any more.
export function tell(problem) {
  const box = document.getElementById("problem");
  box.textContent = problem;
  box.classList.toggle("problem", Boolean(problem));
}

// Offers notifications where the browser has them and nobody has decided yet.
export function offerNotifications(button) {
  const show = () => {
    button.hidden = !("Notification" in window) || Notification.permission !== "default";
  };
  button.addEventListener("click", async () => {
    const permission = await Notification.requestPermission();
    show();
    announce(permission === "granted" ? "Notifications are on." : "Notifications are off.");
  });
  show();
}

// Each time by the reader's clock; hovering shows UTC.
export function localise() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const words = TIME.format(new Date(time.dateTime));
    if (time.textContent === words) continue;
    time.title = time.textContent;
    time.textContent = words;
  }
  tick();
}

function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = duration((Date.now() - new Date(element.dataset.since)) / 1000);
  }
}

// As the server words it (bot/console/pages.py).
function duration(length) {
  const seconds = Math.max(0, Math.floor(length));
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
  if (!minutes) return `${seconds} s`;
  if (!hours) return `${minutes} min`;
  if (!days) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

function notify(text, tag) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  // Several tabs say the same: one tag is shown once.
  const notification = new Notification(text, { tag, body: "Open the staff console." });
  notification.addEventListener("click", () => window.focus());
}

function times(count, what) {
  return count ? [`${count} ${what}${count === 1 ? "" : "s"}`] : [];
}

function ids(text) {
  return text.split(" ").filter(Boolean);
}
