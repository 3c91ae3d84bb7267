// Draws the curves of several jobs on one chart each.
(() => {
  "use strict";

  const root = document.getElementById("compared");
  if (!root) {
    return;
  }
  const { chart, joined } = annealCharts;
  const api = "/ui/api/v1/jobs/";
  const status = root.querySelector("[role=status]");
  const OTHERS = ["epoch", "step", "train_loss", "learning_rate", "examples_per_second", "evaluated_per_second", "seconds"];

  async function get(path) {
    const answer = await anneal.call("GET", path, null);
    if (answer.status === 401) {
      anneal.signIn();
    }
    if (answer.status !== 200) {
      throw new Error(anneal.words(answer.body, answer.status));
    }
    return answer.body;
  }

  function draw(title, names, lines) {
    const figure = document.createElement("figure");
    figure.className = "chart";
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    const place = document.createElement("div");
    figure.append(caption, place);
    root.querySelector(".charts").append(figure);
    chart(place, names, title).setData(joined(lines));
  }

  async function load() {
    const ids = root.dataset.ids.split(",");
    const comparison = await get(api + "compare?ids=" + encodeURIComponent(ids.join(",")));
    const names = comparison.jobs.map(job => job.name);
    const histories = await Promise.all(ids.map(id => get(api + encodeURIComponent(id) + "/history?points=300")));
    draw("training loss", names, histories.map(history => new Map(history.steps.map(point => [point.step, point.train_loss]))));
    const fields = [...new Set(comparison.jobs.flatMap(job => job.metrics.flatMap(epoch => Object.keys(epoch)
      .filter(name => !OTHERS.includes(name) && typeof epoch[name] === "number"))))];
    for (const field of fields) {
      draw(field.replaceAll("_", " "), names,
        comparison.jobs.map(job => new Map(job.metrics.map(epoch => [epoch.step, epoch[field] ?? null]))));
    }
  }

  load().catch(e => { status.textContent = e.message; });
})();
