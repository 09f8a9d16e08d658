// Copies what a script says, to paste it into WeChat; without this file there is no button.
function select(source) {
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
  } catch {
    // No clipboard without TLS: what is selected can still be copied.
    select(source);
    if (!document.execCommand("copy")) return false;
  }
  return true;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-h-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.hCopy);
  if (source && (await copy(source))) button.textContent = button.dataset.hCopied;
});
