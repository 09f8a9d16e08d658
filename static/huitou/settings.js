// Marks what differs from the value in force while it is typed; the page works without it.
const same = (one, other) => one !== "" && Number(one) === Number(other);

function mark(row) {
  const input = row.querySelector("input, select");
  const back = row.querySelector(".h-set-back");
  if (!input || !back) return;
  row.classList.toggle("is-changed", !same(input.value, back.dataset.hNow));
  back.hidden = same(input.value, back.dataset.hValue);
}

document.addEventListener("input", (event) => {
  const row = event.target.closest(".h-set-row");
  if (row) mark(row);
});

document.addEventListener("click", (event) => {
  const back = event.target.closest(".h-set-row .h-set-back");
  if (!back) return;
  event.preventDefault();
  const row = back.closest(".h-set-row");
  const input = row.querySelector("input, select");
  input.value = back.dataset.hValue;
  mark(row);
  input.focus();
});

for (const row of document.querySelectorAll(".h-set-row")) mark(row);
