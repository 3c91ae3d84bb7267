// Shows what the API makes of the request while the form is filled in.
(() => {
  "use strict";

  const form = document.querySelector("form[data-call]");
  if (!form) {
    return;
  }
  const place = document.getElementById("estimate");
  let asked = 0;
  let timer = null;

  function at(object, path) {
    return path.split(".").reduce((value, name) => value === null || value === undefined ? undefined : value[name], object);
  }

  function bytes(number) {
    return number < 950e6 ? (number / 1e6).toFixed(0) + " MB" : (number / 1e9).toFixed(1) + " GB";
  }

  function duration(seconds) {
    return seconds < 60 ? Math.round(seconds) + " s" : seconds < 3600 ? Math.round(seconds / 60) + " min"
      : Math.floor(seconds / 3600) + " h " + Math.round(seconds % 3600 / 60) + " min";
  }

  function show(estimate) {
    const rows = [
      ["Task", estimate.task],
      ["Rows", estimate.train_rows.toLocaleString() + " for training, " + estimate.validation_rows.toLocaleString()
        + " for validation, " + estimate.test_rows.toLocaleString() + " for test"],
      ["Steps", estimate.steps.toLocaleString() + " in " + estimate.epochs + " epochs"],
      ["Trained weights", estimate.trained_parameters.toLocaleString() + " of " + estimate.parameters.toLocaleString()],
      ["Memory", bytes(estimate.memory_bytes)],
      ["Time", estimate.seconds === null ? "unknown: no similar job has succeeded yet" : duration(estimate.seconds)],
    ];
    const list = document.createElement("dl");
    list.className = "facts";
    for (const [name, value] of rows) {
      const pair = document.createElement("div");
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      pair.append(term, text);
      list.append(pair);
    }
    place.replaceChildren(list);
    for (const output of form.querySelectorAll("[data-resolved]")) {
      const field = form.querySelector("[data-field=\"" + output.dataset.resolved + "\"]");
      const value = at(estimate, output.dataset.resolved);
      output.textContent = field.value === "" && value !== undefined && value !== null ? "Here: " + value + "." : "";
    }
  }

  function say(text) {
    const words = document.createElement("p");
    words.className = "fault";
    words.textContent = text;
    place.replaceChildren(words);
  }

  async function update() {
    const turn = ++asked;
    let request;
    try {
      request = anneal.json(form);
    } catch (e) {
      say(e.message);
      return;
    }
    const json = JSON.stringify(request, null, 2);
    document.getElementById("json").textContent = json;
    document.getElementById("curl").textContent = "curl " + window.location.origin + "/api/v1/jobs \\\n"
      + "  -H \"Authorization: Bearer $ANNEAL_KEY\" -H \"Content-Type: application/json\" \\\n  -d '"
      + json.replaceAll("'", "'\\''") + "'";
    try {
      const answer = await anneal.call("POST", "/ui/api/v1/jobs/estimate", JSON.stringify(request));
      if (turn !== asked) {
        return;
      }
      if (answer.status === 401) {
        anneal.signIn();
      } else if (answer.status !== 200) {
        say(anneal.words(answer.body, answer.status));
      } else {
        show(answer.body);
      }
    } catch (e) {
      say(e.message);
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, 500);
  });
  update();
})();
