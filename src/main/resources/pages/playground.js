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

  async function call(model, operation, body, signal) {
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
    return response;
  }

  async function predict(place, model, text, signal) {
    const response = await call(model, "predict", { inputs: [text] }, signal);
    show(place, (await response.json()).predictions[0], text);
  }

  /** Shows generated text as it arrives, and resolves to all of it. */
  async function generate(place, model, asked, signal) {
    const body = { ...asked, stream: true, max_new_tokens: Number(field("tokens").value), temperature: Number(field("temperature").value) };
    const response = await call(model, "generate", body, signal);
    const words = place.appendChild(element("p", "", "marked"));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        throw new Error("The connection ended before the answer did. Ask again.");
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
          return words.textContent;
        }
      }
    }
  }

  /** What is shown of each chosen model, by its field. An answer that fails or is stopped does not become part of the conversation. */
  const talks = new Map();
  let wasChat = false;

  async function chat(talk, text, signal) {
    const messages = [...talk.messages, { role: "user", content: text }];
    const content = await generate(talk.place, talk.model, { messages }, signal);
    talk.messages = [...messages, { role: "assistant", content }];
  }

  function begin(selects) {
    talks.clear();
    field("answers").replaceChildren();
    for (const select of selects) {
      const place = field("answers").appendChild(element("section", undefined, "card"));
      place.appendChild(element("h2")).append(element("bdi", select.selectedOptions[0].textContent));
      talks.set(select, { model: select.value, operation: select.selectedOptions[0].dataset.operation, place, messages: [] });
    }
  }

  async function ask(talk, isChat, text, signal) {
    if (isChat) {
      const said = talk.place.appendChild(element("p", undefined, "said"));
      said.append(element("strong", "You: "), element("bdi", text));
    }
    const status = talk.place.appendChild(element("p", "The model answers. The first call loads it.", "note"));
    try {
      if (talk.operation === "predict") {
        await predict(talk.place, talk.model, text, signal);
      } else {
        await (isChat ? chat(talk, text, signal) : generate(talk.place, talk.model, { prompt: text }, signal));
      }
    } catch (e) {
      if (e.name !== "AbortError") {
        talk.place.append(element("p", e.message, "fault"));
      }
    }
    status.remove();
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    stop?.abort();
    stop = new AbortController();
    const text = field("words").value;
    const selects = [field("first"), field("second")].filter(select => select.value);
    const isChat = field("mode").value === "chat"
      && selects.some(select => select.selectedOptions[0].dataset.operation === "generate");
    const isSame = talks.size === selects.length && selects.every(select => talks.get(select)?.model === select.value);
    if (!isChat || !wasChat || !isSame) {
      begin(selects);
    }
    wasChat = isChat;
    talks.forEach(talk => ask(talk, isChat, text, stop.signal));
    if (isChat) {
      field("words").value = "";
    }
  });

  field("again").addEventListener("click", () => {
    stop?.abort();
    begin([]);
    field("words").focus();
  });
})();
