// The button that prints: without this script there is none, and the browser's own does the same.

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());
