// Keeps what is typed into a form as it is typed, and when the page is left; before it is sent, finds out whether Vigil
// is there to take it, so that nothing typed is lost to a page that does not come.
//
// <form data-draft="place" data-night="key"> with an element data-draft-said (templates/draft/said.html) in it, and
// data-most on a field that has a longest length, in letters.
const EVERY_MS = 3000;
const KEEPALIVE_BYTES = 60_000; // browsers send no more after a page is left: 64 KiB (Fetch, HTTP-network-or-cache fetch)

function watch(form) {
  const said = form.querySelector("[data-draft-said]");
  const limited = [...form.querySelectorAll("[data-most]")];
  let last = asSent(), going = false, pending = Promise.resolve();

  function asSent() {
    const fields = {};
    for (const [name, value] of new FormData(form)) (fields[name] ??= []).push(value);
    const texts = [...form.querySelectorAll("textarea, input[type='text']")];
    const empty = texts.every((text) => !text.value.trim()) && !form.querySelector(":checked:not(option)");
    const night = form.dataset.night ? Number(form.dataset.night) : null;
    return JSON.stringify({ place: form.dataset.draft, night, fields: empty ? {} : fields });
  }

  function say(words) {
    if (said.textContent !== words) said.textContent = words;
  }

  function tooLong() {
    for (const field of limited) {
      const most = Number(field.dataset.most);
      if (field.value.length <= most) continue; // letters are never more than units of UTF-16
      const letters = [...field.value].length;
      const number = new Intl.NumberFormat(document.documentElement.lang);
      if (letters > most) {
        return said.dataset.long.replace("{n}", number.format(letters)).replace("{most}", number.format(most));
      }
    }
    return "";
  }

  // Whether there is any sense in sending the form itself: false where nobody is there to take it.
  async function send(text, keepalive = false) {
    const long = tooLong();
    if (long) { say(long); return false; }
    try {
      const answer = await fetch("/draft", { method: "POST", headers: { "content-type": "application/json" }, body: text, keepalive });
      if (answer.ok) { last = text; say(said.dataset.kept); return true; }
      if (answer.status === 401) { say(said.dataset.closed); return false; }
      say((await answer.json()).said);
      return true;
    } catch {
      say(said.dataset.away);
      return false;
    }
  }

  function keep(always = false) {
    pending = pending.then(() => {
      const text = asSent();
      return always || text !== last ? send(text) : true;
    });
    return pending;
  }

  function leaving() {
    const text = asSent();
    if (!going && text !== last) send(text, new Blob([text]).size < KEEPALIVE_BYTES);
  }

  form.addEventListener("submit", async (event) => {
    if (going) return;
    event.preventDefault();
    if (!await keep(true)) return;
    going = true;
    form.requestSubmit(event.submitter);
  });
  setInterval(() => { if (!going) keep(); }, EVERY_MS);
  addEventListener("pagehide", leaving);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leaving(); });
  addEventListener("pageshow", (event) => { if (event.persisted) going = false; });
}

document.querySelectorAll("form[data-draft]").forEach(watch);
