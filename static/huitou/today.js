// The advisor's day: keys, the next card, the undo's seconds. Every act works without this as a form.
const wide = window.matchMedia("(min-width: 900px)");
const touch = window.matchMedia("(hover: none)");
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// -- the list ------------------------------------------------------------------------------------

const rows = () => all("#queue .t-row:not(.t-done)").filter((row) => row.checkVisibility());
const opened = () => one("#pane [data-customer]")?.dataset.customer;
const idOf = (row) => row.id.slice(row.id.lastIndexOf("-") + 1);

// The next (or previous) customer to call from the opened one, in the order on the screen.
function neighbour(step, calls) {
  const list = rows().filter((row) => idOf(row) === opened() || !calls || !("quiet" in row.dataset));
  if (!list.length) return null;
  const here = list.findIndex((row) => idOf(row) === opened());
  if (here < 0) return list[0];
  const next = list[(here + step + list.length) % list.length];
  return idOf(next) === opened() ? null : next;
}

function markOpened() {
  const id = opened();
  for (const link of all("#queue .h-row")) {
    const isOpen = id && idOf(link.parentElement) === id;
    if (isOpen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isOpen && wide.matches) link.scrollIntoView({ block: "nearest" });
  }
}

// Lines that came with an answer: done ones leave the list for the done, others take their place.
function takeUpdates() {
  for (const line of all("#updates > .t-row")) {
    line.remove();
    const id = idOf(line);
    const known = document.getElementById(`row-${id}`);
    document.getElementById(`done-${id}`)?.remove();
    if (line.classList.contains("t-done")) {
      known?.remove();
      one("#rows-done").prepend(line);
    } else if (known) known.replaceWith(line);
    else one("#rows-value").append(line);
  }
}

function countGroups() {
  for (const group of all("#queue .t-group")) {
    // Of what does not fit today only the first are on the page.
    one(".t-n", group).textContent = all(".t-row", group).length + Number(group.dataset.more || 0);
  }
}

// -- an outcome on its way -----------------------------------------------------------------------

let submitter = null;
let isSaving = false;

document.addEventListener("submit", (event) => (submitter = event.submitter), true);

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "outcome") return;
  // Buttons beside the form (the free times) are not known to htmx.
  if (submitter?.name) event.detail.parameters.set(submitter.name, submitter.value);
  const next = neighbour(1, true);
  event.detail.parameters.set("next", next ? idOf(next) : "");
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "outcome") return;
  isSaving = true;
  for (const fault of all("#outcome [data-fault]")) fault.hidden = true;
});

// The form itself is gone by then.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.elt.id === "outcome") isSaving = false;
});

// The second click of a double click, or a key struck twice, is not meant for the card that came
// with the first.
const TWICE = 400;
let struck = "";
let cameBy = "";
let cameAt = -Infinity;

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt.id !== "outcome") return;
  cameBy = struck;
  cameAt = performance.now();
});

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("button, summary, a");
    if (event.detail < 2 || !button?.matches("#outcome *, [form=outcome]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// The card asked for last is the one to show, in whatever order the answers come.
let askedLast = null;
const isCard = ({ requestConfig, target }) => requestConfig.verb === "get" && target.id === "pane";

document.addEventListener("htmx:beforeSend", (event) => {
  if (isCard(event.detail)) askedLast = event.detail.xhr;
});

// What was refused, or done by somebody else, is shown like any other answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (isCard(event.detail) && xhr !== askedLast) {
    event.detail.shouldSwap = false;
    event.detail.isError = false;
    return;
  }
  if ([409, 422].includes(xhr.status) && requestConfig.elt.matches("#outcome, .t-undo")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  // A card that has left the list meanwhile says so.
  if (xhr.status === 404 && isCard(event.detail)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// The form keeps its key: the next try records nothing twice.
function notSaved(event, kind) {
  if (event.detail.elt.id !== "outcome") return;
  const fault = one(`#outcome [data-fault=${kind}]`);
  if (fault) fault.hidden = false;
}
document.addEventListener("htmx:sendError", (event) => notSaved(event, "offline"));
document.addEventListener("htmx:timeout", (event) => notSaved(event, "offline"));
document.addEventListener("htmx:responseError", (event) => notSaved(event, "server"));

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "pane") return;
  const address = event.detail.pathInfo.requestPath;
  one("#pane-name")?.focus({ preventScroll: true });
  if (wide.matches) one("#pane").scrollTop = 0;
  else if (address.startsWith("/today/")) window.scrollTo(0, 0);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "pane") {
    takeUpdates();
    markOpened();
    countGroups();
  }
  if (event.detail.target.id === "slots" || event.detail.elt?.id === "slots") pickSlots();
  if (event.detail.target.id === "outcome" || event.detail.elt?.id === "outcome") {
    one("#outcome [aria-invalid]")?.focus();
  }
  tellSwitches();
  tick();
});

// Dialled on a phone as soon as the number is there.
document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.target.id.startsWith("phone-") || !touch.matches) return;
  const link = one(`#${event.detail.target.id} a[href^="tel:"]`);
  if (link) window.location.href = link.href;
});

// -- choices -------------------------------------------------------------------------------------

const slots = () => one("#slots");
const panel = () => one("details.t-act[open]") || one("#slots.is-picking");

function pickSlots() {
  const box = slots();
  if (!box) return;
  closePanel();
  box.classList.add("is-picking");
  one("[data-close]", box).hidden = false;
  const first = one(".t-picks [data-choice]", box) || one("input, a", box);
  first?.focus();
  if (wide.matches) box.scrollIntoView({ block: "nearest" });
}

function closePanel() {
  for (const open of all("details.t-act[open]")) open.open = false;
  const box = one("#slots.is-picking");
  if (box) closeSlots(box);
}

function closeSlots(box) {
  box.classList.remove("is-picking");
  one("[data-close]", box).hidden = true;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens-slots]");
  if (opener) {
    event.preventDefault();
    pickSlots();
  } else if (event.target.closest("[data-close]")) closePanel();
  else if (event.target.closest("[data-opens-keys]")) one("#keys").showModal();
  else if (panel() && !event.target.closest("details.t-act, #slots, #outcome-note")) closePanel();
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.t-act") || !event.target.open) return;
    const box = one("#slots.is-picking");
    if (box) closeSlots(box);
    one(".t-panel [data-choice], .t-panel input", event.target)?.focus({ preventScroll: true });
  },
  true,
);

// -- keys ----------------------------------------------------------------------------------------

// The keys that are off, and whether all are ("huitou.keys", of every page): kept by the browser.
const STORE = "huitou.today.keys.off";
const off = new Set();
try {
  for (const key of JSON.parse(localStorage.getItem(STORE) || "[]")) off.add(key);
  if (localStorage.getItem("huitou.keys") === "off") off.add("all");
} catch {
  // Without storage all keys are on.
}

function keepKeys() {
  try {
    localStorage.setItem(STORE, JSON.stringify([...off].filter((key) => key !== "all")));
    localStorage.setItem("huitou.keys", off.has("all") ? "off" : "on");
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

function tellSwitches() {
  for (const box of all("[data-switch]")) box.checked = !off.has(box.dataset.switch);
  const master = one("[data-keys-all]");
  if (master) master.checked = !off.has("all");
  for (const button of all("[data-key]")) {
    button.classList.toggle("t-key-off", off.has("all") || off.has(button.dataset.key));
  }
}

document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-switch], [data-keys-all]");
  if (!box) return;
  const key = box.dataset.switch || "all";
  if (box.checked) off.delete(key);
  else off.add(key);
  keepKeys();
  tellSwitches();
});

const isTyping = (target) =>
  target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");

function open(row) {
  if (row) one(".h-row", row).click();
}

function press(key) {
  if (key === "j") return open(neighbour(1, false));
  if (key === "k") return open(neighbour(-1, false));
  if (key === "?") return one("#keys")?.showModal();
  const target = all(`[data-key="${key}"]`).find((element) => element.checkVisibility());
  if (!target) return false;
  if (target.matches("textarea")) target.focus();
  else target.click();
  return true;
}

function inFields(event) {
  const { target, key } = event;
  if (key === "Escape" && !target.closest("dialog")) return target.blur();
  if (key !== "Enter" || event.isComposing || event.shiftKey) return undefined;
  if (target.id === "outcome-note") {
    event.preventDefault();
    return target.blur();
  }
  const fields = target.closest("[data-enter]");
  if (fields) {
    event.preventDefault();
    one("button", fields).click();
  }
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !one("#keys")) return;
  if (isTyping(event.target)) {
    inFields(event);
    return;
  }
  if (event.key === "Escape") {
    closePanel();
    return;
  }
  const key = event.key.toLowerCase();
  if (isSaving || off.has("all") || off.has(key) || key.length > 1) return;
  if (key === cameBy && performance.now() - cameAt < TWICE) return;
  struck = key;
  cameBy = "";
  const choice = panel() && one(`[data-choice="${key}"]`, panel());
  if (choice) choice.click();
  else if (press(key) === false) return;
  event.preventDefault();
});

// -- the undo's seconds --------------------------------------------------------------------------

function tick() {
  const now = performance.now();
  for (const form of all(".t-undo")) {
    form.until ??= now + Number(form.dataset.seconds) * 1000;
    const left = Math.ceil((form.until - now) / 1000);
    const shown = one("[data-left]", form);
    if (left > 0) shown.textContent = `${left} ${shown.dataset.unit}`;
    else if (form.closest(".t-toast")) form.closest(".t-toast").remove();
    else form.remove();
  }
  for (const toast of all(".t-toast:not(:has(.t-undo))")) {
    toast.until ??= now + 6000;
    if (now > toast.until) toast.remove();
  }
}
setInterval(tick, 500);

// -- the beginning -------------------------------------------------------------------------------

function begin() {
  tellSwitches();
  tick();
  const pane = one("#pane[data-first]");
  if (pane && wide.matches) {
    window.htmx.ajax("GET", pane.dataset.first, { target: "#pane", swap: "innerHTML" });
  }
}
begin();
