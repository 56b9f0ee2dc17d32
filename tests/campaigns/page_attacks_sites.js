// A hostile page: everything that one site can try on another in a browser. Says what it could read.
async function attack(target, reads, posts, patience) {
  const read = [];
  let tried = 0;
  const late = (ms) => new Promise((done) => setTimeout(() => done("late"), ms));
  const within = (promise) => Promise.race([promise, late(patience)]);
  const threes = (all) => Array.from({ length: Math.ceil(all.length / 3) }, (_, n) => all.slice(3 * n, 3 * n + 3));
  const got = (how, path, what) => { if (what !== undefined && what !== null && String(what).length) read.push(`${how} ${path}: ${String(what).slice(0, 40)}`); };

  async function fetched(path, options, how) {
    tried += 1;
    try {
      const answer = await within(fetch(target + path, options));
      if (answer !== "late" && answer.type !== "opaque" && answer.type !== "opaqueredirect") got(how, path, answer.status + " " + (await answer.text()));
    } catch (error) { /* as it should be */ }
  }
  function loaded(tag, attributes, how, path) {
    tried += 1;
    return within(new Promise((done) => {
      const made = document.createElement(tag);
      made.onload = () => { // a frame or an embed says so of a refusal as well
        if (tag === "iframe" || tag === "object") { try { got(how, path, made.contentDocument && made.contentDocument.body.innerText); } catch (error) { /* good */ } }
        else if (tag !== "embed" && (tag !== "link" || made.rel === "stylesheet")) got(how, path, "loaded " + (made.naturalWidth || ""));
        done();
      };
      made.onloadedmetadata = () => { got(how, path, "media"); done(); };
      made.onerror = () => done();
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      document.body.append(made);
    }));
  }
  function listened(path) {
    tried += 1;
    return within(new Promise((done) => {
      const source = new EventSource(target + path, { withCredentials: true });
      const end = () => { source.close(); done(); };
      source.onopen = () => { got("EventSource", path, "open"); end(); };
      source.onerror = end;
    }));
  }
  function socket(path) {
    tried += 1;
    return within(new Promise((done) => {
      const one = new WebSocket(target.replace("http", "ws") + path);
      one.onopen = () => { got("WebSocket", path, "open"); one.close(); done(); };
      one.onerror = () => done();
    }));
  }
  function asked(path) {
    tried += 1;
    return within(new Promise((done) => {
      const one = new XMLHttpRequest();
      one.open("GET", target + path);
      one.withCredentials = true;
      one.onload = () => { got("XHR", path, one.responseText); done(); };
      one.onerror = () => done();
      one.send();
    }));
  }
  async function posted(path) {
    const types = ["application/x-www-form-urlencoded", "text/plain", "application/json", "multipart/form-data"];
    const body = "light=day&word=bad_dream&door=others&value=x&name=x&title=x&body=x&place=x&for=hour&really=yes";
    const all = [];
    for (const type of types) {
      for (const mode of ["cors", "no-cors"]) {
        for (const credentials of ["include", "omit"]) {
          all.push(fetched(path, { method: "POST", mode, credentials, body, headers: { "content-type": type }, referrerPolicy: "no-referrer" }, `POST ${mode} ${type}`));
        }
      }
      tried += 1;
      navigator.sendBeacon(target + path, new Blob([body], { type: type === "application/json" ? "text/plain" : type }));
    }
    for (const method of ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]) all.push(fetched(path, { method, credentials: "include" }, method));
    await Promise.all(all);
  }
  function formed(path, enctype, policy) {
    tried += 1;
    const frame = document.createElement("iframe");
    frame.name = "f" + tried;
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: target + path, enctype, target: frame.name });
    form.setAttribute("referrerpolicy", policy);
    for (const name of ["light", "word", "door", "value", "name", "title", "body", "place", "for", "token"]) {
      const field = document.createElement("input");
      Object.assign(field, { name, value: name === "light" ? "day" : name === "door" ? "others" : "bad_dream" });
      form.append(field);
    }
    document.body.append(form);
    form.submit();
    return within(new Promise((done) => { frame.onload = () => {
      try { got("form", path, frame.contentDocument && frame.contentDocument.body.innerText); } catch (error) { /* good */ }
      done();
    }; }));
  }

  for (const some of threes(posts)) {
    await Promise.all(some.map(posted));
    await Promise.all(some.flatMap((path) => ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"].flatMap(
      (type) => ["no-referrer", "unsafe-url"].map((policy) => formed(path, type, policy)))));
    document.body.replaceChildren();
  }
  for (const some of threes(reads)) {
    await Promise.all(some.map(wanted));
    document.body.replaceChildren();
  }
  async function wanted(path) {
    const to = target + path;
    const all = [];
    for (const mode of ["cors", "no-cors"]) for (const credentials of ["include", "omit"]) all.push(fetched(path, { mode, credentials }, `GET ${mode}`));
    all.push(fetched(path, { mode: "cors", credentials: "include", redirect: "manual" }, "GET manual"), asked(path), listened(path), socket(path));
    all.push(loaded("img", { src: to }, "img", path), loaded("script", { src: to }, "script", path), loaded("iframe", { src: to }, "iframe", path));
    all.push(loaded("link", { rel: "stylesheet", href: to }, "stylesheet", path), loaded("object", { data: to }, "object", path), loaded("embed", { src: to }, "embed", path));
    all.push(loaded("script", { src: to, type: "module" }, "module", path), loaded("video", { src: to }, "video", path), loaded("script", { src: to, crossorigin: "use-credentials" }, "script cors", path));
    all.push(loaded("iframe", { src: to, sandbox: "allow-scripts allow-forms" }, "sandbox", path), loaded("iframe", { srcdoc: `<iframe src="${to}"></iframe>` }, "nested", path));
    for (const rel of ["prefetch", "preload", "modulepreload", "prerender", "manifest", "dns-prefetch"]) all.push(loaded("link", { rel, href: to, as: "fetch" }, rel, path));
    all.push(within(import(to).then(() => got("import", path, "loaded"), () => 0)));
    try { new Worker(to); got("worker", path, "made"); } catch (error) { /* good */ }
    await Promise.all(all);
  }
  return { tried, read };
}

// A page that was opened by hand is not to be looked into either.
async function open_and_look(target, path) {
  const read = [];
  const opened = window.open(target + path);
  if (!opened) return read;
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((done) => setTimeout(done, 100));
    try { if (opened.location.href !== "about:blank") read.push("its address"); } catch (error) { /* good */ }
    try { if (opened.document.body.innerText) read.push("its text"); } catch (error) { /* good */ }
    try { if (opened.length) read.push("its frames"); } catch (error) { /* good */ }
  }
  opened.close();
  return [...new Set(read)];
}
