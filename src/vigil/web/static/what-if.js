// Says how far it is while nights are lived through once more, and shows the answer when it is there.
const EVERY_MS = 1500;
const far = document.getElementById("far");
const done = document.getElementById("done");

async function look() {
  const answer = await fetch("/night/what-if/far").catch(() => null); // out of reach: look again
  if (answer?.ok) {
    const now = await answer.json();
    if (now.over) { location.reload(); return; }
    if (far.textContent !== now.words) far.textContent = now.words;
    done.value = now.done;
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
