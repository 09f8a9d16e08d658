// Small courtesies of the frame; every page works without them.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.h-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.h-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A filter is applied as it is chosen; the button remains for those without scripts.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-h-auto]");
  if (!form) return;
  // Figures are parted by one thing at a time: what is chosen last.
  if (event.target.matches("[data-h-one]") && event.target.value) {
    for (const other of form.querySelectorAll("[data-h-one]")) {
      if (other !== event.target) other.value = "";
    }
  }
  form.requestSubmit();
});

// "/" goes to the search for a customer; single keys are switched off in the day's list of keys.
function areKeysOff() {
  try {
    return localStorage.getItem("huitou.keys") === "off";
  } catch {
    return false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  const field = document.getElementById("q");
  const link = document.querySelector('.h-nav a[href$="/customers/"]');
  if (areKeysOff() || (!field && !link)) return;
  event.preventDefault();
  if (field) field.select();
  else link.click();
});
