// A button for what the browser's own command does; without a script it stays hidden.
"use strict";

const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
