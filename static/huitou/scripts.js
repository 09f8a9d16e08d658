// A fact of the palette goes to where the cursor stood; without this file it is typed.
document.addEventListener("click", (event) => {
  const fact = event.target.closest("[data-h-fact]");
  if (!fact) return;
  const text = document.getElementById("id_text");
  const word = `{${fact.dataset.hFact}}`;
  text.focus();
  text.setRangeText(word, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
