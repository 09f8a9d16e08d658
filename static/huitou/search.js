// Arrow keys go from the search field through the customers found, Enter opens one.
const foundLinks = () => [...document.querySelectorAll("#found th[scope=row] a")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = document.getElementById("q");
  const all = foundLinks();
  const here = all.indexOf(document.activeElement);
  if (here < 0 && document.activeElement !== field) return;
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  if (next >= all.length) return;
  event.preventDefault();
  (all[next] || field).focus();
});
