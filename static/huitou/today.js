// The opened card is marked in the list; on a phone the card is the screen, so it starts at its top.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "pane") return;
  const path = event.detail.pathInfo.requestPath;
  for (const row of document.querySelectorAll(".h-row")) {
    if (row.getAttribute("href") === path) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  document.getElementById("pane-name").focus({ preventScroll: true });
  if (window.matchMedia("(max-width: 899.98px)").matches) window.scrollTo(0, 0);
});
