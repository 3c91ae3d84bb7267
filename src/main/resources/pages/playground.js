// Calls models and shows their answers: scores, entities marked in the text, or generated text as it arrives.
(() => {
  "use strict";

  const form = document.querySelector("form[data-try]");
  if (!form) {
    return;
  }
  const field = id => document.getElementById(id);
  let stop = null;

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) {
      made.textContent = text;
    }
    if (className) {
      made.className = className;
    }
    return made;
  }

  function scores(values) {
    const list = element("dl", undefined, "scores");
    for (const [label, score] of Object.entries(values).slice(0, 50)) {
      const pair = element("div");
      const name = element("dt");
      name.append(element("bdi", label));
      const meter = element("meter");
      meter.max = 1;
      meter.value = score;
      meter.setAttribute("aria-hidden", "true");
      const value = element("dd");
      value.append(meter, " " + (100 * score).toFixed(1) + " %");
      pair.append(name, value);
      list.append(pair);
    }
    return list;
  }

  /** The text with its entities marked. Their positions count code points. */
  function marked(text, entities) {
    const characters = Array.from(text);
    const words = element("p", undefined, "marked");
    let at = 0;
    for (const entity of entities) {
      words.append(characters.slice(at, entity.start).join(""));
      const mark = element("mark");
      mark.append(characters.slice(entity.start, entity.end).join(""), " ", element("small", entity.label));
      mark.title = entity.label + ", " + (100 * entity.score).toFixed(1) + " %";
      words.append(mark);
      at = entity.end;
    }
    words.append(characters.slice(at).join(""));
    return words;
  }

  function show(place, prediction, text) {
    if (prediction.entities) {
      place.append(marked(text, prediction.entities));
      if (prediction.entities.length === 0) {
        place.append(element("p", "The model finds no entity.", "note"));
      }
    } else if (prediction.value !== undefined) {
      place.append(element("p", String(prediction.value), "large"));
    } else {
      place.append(element("p", prediction.label !== undefined ? prediction.label : prediction.labels.join(", ") || "no label", "large"));
      place.append(scores(prediction.scores));
    }
    if (prediction.truncated) {
      place.append(element("p", "The text is too long: " + prediction.tokens_left_out + " tokens were left out.", "note"));
    }
  }

  async function answer(place, model, operation, text, signal) {
    const body = operation === "predict" ? { inputs: [text] }
      : { prompt: text, stream: true, max_new_tokens: Number(field("tokens").value), temperature: Number(field("temperature").value) };
    const response = await fetch("/ui/api/v1/models/" + encodeURIComponent(model) + "/" + operation, {
      method: "POST",
      signal,
      headers: {
        "Content-Type": "application/json",
        "Accept": operation === "predict" ? "application/json" : "text/event-stream",
        "Anneal-Form": document.querySelector("meta[name=form-token]").content,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      throw new Error(anneal.words(problem, response.status));
    }
    if (operation === "predict") {
      show(place, (await response.json()).predictions[0], text);
      return;
    }
    const words = place.appendChild(element("p", "", "marked"));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const type = /^event: ?(.*)$/m.exec(event)?.[1];
        const data = JSON.parse([...event.matchAll(/^data: ?(.*)$/gm)].map(line => line[1]).join("\n") || "{}");
        if (type === "token") {
          words.textContent += data.text;
        } else if (type === "error") {
          throw new Error(data.detail);
        } else if (type === "done") {
          place.append(element("p", data.usage ? data.usage.completion_tokens + " tokens, ended by " + data.finish_reason + "." : "", "note"));
        }
      }
    }
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    stop?.abort();
    stop = new AbortController();
    const answers = field("answers");
    answers.replaceChildren();
    for (const select of [field("first"), field("second")]) {
      const option = select.selectedOptions[0];
      if (!option.value) {
        continue;
      }
      const place = answers.appendChild(element("section", undefined, "card"));
      const title = place.appendChild(element("h2"));
      title.append(element("bdi", option.textContent));
      const status = place.appendChild(element("p", "The model answers. The first call loads it.", "note"));
      answer(place, option.value, option.dataset.operation, field("words").value, stop.signal)
        .catch(e => e.name !== "AbortError" && place.append(element("p", e.message, "fault")))
        .finally(() => status.remove());
    }
  });
})();
