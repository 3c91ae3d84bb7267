// Sends the forms of a page to the API, and shows what the API says. Pages work without it, except for changes.
(() => {
  "use strict";

  const notice = () => document.getElementById("notice");
  const token = () => document.querySelector("meta[name=form-token]")?.content;

  function say(text) {
    const place = notice();
    place.replaceChildren();
    if (text) {
      const words = document.createElement("p");
      words.className = "fault";
      words.textContent = text;
      place.append(words);
      place.scrollIntoView({ block: "nearest" });
    }
  }

  /** The words of a problem, with one line for each invalid field or line. */
  function words(problem, status) {
    if (!problem || !problem.detail) {
      return "The server answered " + status + ".";
    }
    const errors = (problem.errors || []).slice(0, 10).map(error => "• " + error.message);
    return [problem.detail].concat(errors.length > 1 ? errors : []).join("\n");
  }

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (e) {
      return null;
    }
  }

  /**
   * Calls the API. Resolves to the status, the body and the path of what was created. A call that the page makes by itself does not
   * keep the session alive.
   */
  function call(method, path, body, onProgress, isByItself) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, path);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Anneal-Form", token() || "");
      if (isByItself) {
        request.setRequestHeader("Anneal-Poll", "true");
      }
      if (typeof body === "string") {
        request.setRequestHeader("Content-Type", "application/json");
      }
      if (onProgress) {
        request.upload.addEventListener("progress", event => onProgress(event.loaded / event.total));
      }
      request.addEventListener("load", () => resolve({
        status: request.status,
        body: parsed(request.responseText),
        location: request.getResponseHeader("Location"),
      }));
      request.addEventListener("error", () => reject(new Error("The server is unavailable.")));
      request.send(body);
    });
  }

  function signIn() {
    window.location.href = "/ui/sign-in?then=" + encodeURIComponent(window.location.pathname + window.location.search);
  }

  /** Returns the JSON of a form: the text of all other fields, and over it each field with a value. */
  function json(form) {
    const rest = form.querySelector("[data-rest]")?.value.trim();
    let body;
    try {
      body = rest ? JSON.parse(rest) : {};
    } catch (e) {
      throw new Error("The other fields are not valid JSON: " + e.message);
    }
    for (const field of form.querySelectorAll("[data-field]")) {
      if (field.value.trim() === "") {
        continue;
      }
      const names = field.dataset.field.split(".");
      const last = names.pop();
      const place = names.reduce((object, name) => object[name] ??= {}, body);
      const text = field.value.trim();
      place[last] = field.inputMode === "decimal" && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    }
    return body;
  }

  async function submit(form, button) {
    if (form.dataset.question && !window.confirm(form.dataset.question)) {
      return;
    }
    const file = form.querySelector("input[type=file]");
    const bar = form.querySelector("progress.upload");
    let body = null;
    if (file) {
      body = new FormData(form);
      body.delete("_form");
      [...body.entries()].forEach(([name, value]) => value === "" && body.delete(name));
    }
    if (form.querySelector("[data-field], [data-rest]")) {
      try {
        body = JSON.stringify(json(form));
      } catch (e) {
        say(e.message);
        return;
      }
    }
    say("");
    button.disabled = true;
    if (bar) {
      bar.hidden = false;
    }
    try {
      const answer = await call(form.dataset.call, form.getAttribute("action"), body, bar && (part => { bar.value = 100 * part; }));
      if (answer.status === 401) {
        signIn();
      } else if (answer.status === 422 && answer.body && answer.body.dataset) {
        window.location.href = "/ui/datasets/" + encodeURIComponent(answer.body.dataset); // it lists all bad rows
        return;
      } else if (answer.status >= 400) {
        say(words(answer.body, answer.status));
      } else if (answer.body && answer.body.secret) {
        say("The secret is shown only once: " + answer.body.secret, "secret");
        form.reset();
      } else {
        window.location.href = form.dataset.then || answer.location.replace(/^.*\/api\/v1\//, "/ui/");
        return;
      }
    } catch (e) {
      say(e.message + " Try again.");
    }
    button.disabled = false;
    if (bar) {
      bar.hidden = true;
    }
  }

  document.addEventListener("submit", event => {
    if (event.target.matches("form[data-call]")) {
      event.preventDefault();
      submit(event.target, event.submitter || event.target.querySelector("button"));
    }
  });

  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, event => {
      const place = event.target instanceof Element && event.target.closest("[data-drop]");
      if (!place) {
        return;
      }
      event.preventDefault();
      place.classList.toggle("over", type === "dragover");
      if (type === "drop" && event.dataTransfer.files.length > 0) {
        place.querySelector("input[type=file]").files = event.dataTransfer.files;
      }
    });
  }

  // A page that nobody sees asks for nothing.
  document.addEventListener("htmx:beforeRequest", event => {
    if (document.hidden) {
      event.preventDefault();
    }
  });
  let lost = false;
  document.addEventListener("htmx:sendError", () => {
    lost = true;
    say("The server is unavailable. This page continues when the server answers again.");
  });
  document.addEventListener("htmx:afterRequest", event => {
    if (lost && event.detail.successful) {
      lost = false;
      say("");
    }
  });

  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  /** Shows times in the zone of the browser; the tooltip keeps UTC. */
  function showTimes(place) {
    for (const time of place.querySelectorAll("time:not([title])")) {
      time.title = time.textContent;
      time.textContent = local.format(new Date(time.dateTime));
    }
  }
  document.addEventListener("htmx:load", event => showTimes(event.detail.elt.parentElement || document));
  showTimes(document);

  window.anneal = { call, json, say, words, signIn };
})();
