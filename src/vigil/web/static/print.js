// A button for what every browser can do anyway.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
