// Shows the statistics of a dataset, which the server may take a while to count.
(() => {
  "use strict";

  function table(caption, columns, rows) {
    const place = document.createElement("div");
    place.className = "scroll";
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", caption);
    const element = document.createElement("table");
    element.createCaption().textContent = caption;
    const head = element.createTHead().insertRow();
    columns.forEach((name, i) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      cell.className = i > 0 ? "number" : "";
      head.append(cell);
    });
    const body = element.createTBody();
    for (const values of rows) {
      const row = body.insertRow();
      values.forEach((value, i) => {
        const cell = document.createElement(i === 0 ? "th" : "td");
        if (i === 0) {
          cell.scope = "row";
        } else {
          cell.className = "number";
        }
        if (value instanceof Element) {
          cell.append(value);
        } else {
          const text = document.createElement("bdi");
          text.textContent = typeof value === "number" ? value.toLocaleString() : value;
          cell.append(text);
        }
        row.append(cell);
      });
    }
    place.append(element);
    return place;
  }

  function bar(share) {
    const meter = document.createElement("meter");
    meter.max = 1;
    meter.value = share;
    meter.setAttribute("aria-hidden", "true");
    return meter;
  }

  function show(place, statistics) {
    const parts = [place.querySelector("h2")];
    const lengths = statistics.text_length;
    const most = Math.max(1, ...lengths.histogram.map(bin => bin.count));
    if (statistics.labels.length > 0) {
      parts.push(table("Labels by split", ["Label", "Training", "Validation", "Test"],
        statistics.labels.slice(0, 50).map(label => [label.name, label.train, label.validation, label.test])));
    }
    const words = document.createElement("p");
    words.textContent = "Texts have " + lengths.min.toLocaleString() + " to " + lengths.max.toLocaleString()
      + " characters; half of them have at most " + lengths.p50.toLocaleString() + ", and 95 % at most "
      + lengths.p95.toLocaleString() + ".";
    parts.push(words);
    if (lengths.histogram.length > 0) {
      parts.push(table("Lengths of the texts in characters", ["Characters", "Rows", "Compared with the most"],
        lengths.histogram.map(bin => [bin.from.toLocaleString() + " to " + bin.to.toLocaleString(), bin.count, bar(bin.count / most)])));
    }
    place.replaceChildren(...parts);
  }

  async function load(place) {
    if (!place || place.dataset.loaded) {
      return;
    }
    place.dataset.loaded = "true";
    const note = place.querySelector("[role=status]");
    try {
      const answer = await anneal.call("GET", place.dataset.path, null, null, true);
      if (answer.status === 200) {
        show(place, answer.body);
      } else {
        note.textContent = anneal.words(answer.body, answer.status);
      }
    } catch (e) {
      note.textContent = e.message;
    }
  }

  document.addEventListener("htmx:load", () => load(document.getElementById("statistics")));
  load(document.getElementById("statistics"));
})();
