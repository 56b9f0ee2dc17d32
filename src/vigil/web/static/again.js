// Shows the page anew once what it waits for is over: <p data-again="address">, whose answer is {"over": true}.
// It stops asking after a while; the link on the page does the same for as long as somebody wishes.
const EVERY_MS = 1000, LONGEST_MS = 90_000; // longer than finding a wearable and waiting for a heart rate takes
const until = Date.now() + LONGEST_MS;

async function look(address) {
  const answer = await fetch(address).catch(() => null); // out of reach: look again
  const now = answer?.ok ? await answer.json() : null;
  if (now?.over) { location.reload(); return; }
  if (Date.now() < until) setTimeout(look, EVERY_MS, address);
}

for (const waiting of document.querySelectorAll("[data-again]")) setTimeout(look, EVERY_MS, waiting.dataset.again);
