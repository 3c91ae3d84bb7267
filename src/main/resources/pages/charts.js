// Draws the curves of jobs. The server sends thinned points; new events follow by the event stream, which resumes where it ended.
(() => {
  "use strict";

  const MOST_POINTS = 3000; // then the page asks the server for thinned points again
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLORS = ["--first", "--second", "--third", "--check", "--good", "--quiet"];
  const DASHES = [[], [6, 4], [1, 4], [10, 3, 2, 3]];

  const number = value => value === null || value === undefined ? "–"
    : Math.abs(value) >= 1e5 || value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : String(+value.toPrecision(4));

  function series(label, index) {
    return {
      label,
      stroke: () => style(COLORS[index % COLORS.length]),
      dash: DASHES[index % DASHES.length],
      width: 2,
      points: { show: (plot, i) => plot.data[i].filter(value => value !== null).length <= 30 },
      spanGaps: true,
      value: (plot, value) => number(value),
    };
  }

  function axis(label) {
    return {
      label,
      labelSize: 18,
      labelFont: "12px system-ui",
      font: "12px system-ui",
      stroke: () => style("--quiet"),
      grid: { stroke: () => style("--rule"), width: 1 },
      ticks: { stroke: () => style("--rule"), width: 1 },
      size: label === "step" ? 34 : 62,
      values: (plot, ticks) => ticks.map(tick => label !== "step" ? number(tick) : Number.isInteger(tick) ? String(tick) : ""),
    };
  }

  /** Creates a chart in a place whose size the page gives. */
  function chart(place, names, unit) {
    const size = () => ({ width: Math.max(260, place.clientWidth), height: 240 });
    const plot = new uPlot({
      ...size(),
      scales: { x: { time: false } },
      series: [{ label: "step" }, ...names.map(series)],
      axes: [axis("step"), axis(unit)],
      cursor: { sync: { key: "steps" }, drag: { x: true, y: false } },
      legend: { live: true },
    }, [[], ...names.map(() => [])], place);
    new ResizeObserver(() => plot.setSize(size())).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false, true));
    return plot;
  }

  /** Joins lines of points by their steps, in order. */
  function joined(lines) {
    const steps = [...new Set(lines.flatMap(line => [...line.keys()]))].sort((a, b) => a - b);
    return [steps, ...lines.map(line => steps.map(step => line.has(step) ? line.get(step) : null))];
  }

  window.annealCharts = { chart, joined, number, MOST_POINTS };

  const NO_SCORES = ["epoch", "step", "train_loss", "validation_loss", "learning_rate", "examples_per_second",
    "evaluated_per_second", "seconds"];

  function start(root) {
    const api = "/ui/api/v1/jobs/" + encodeURIComponent(root.dataset.job);
    const state = document.getElementById("connection");
    const log = document.getElementById("log");
    const table = document.getElementById("curve-table");
    let steps = new Map();
    let epochs = new Map();
    let last = 0;
    let source = null;
    let wait = 1000;
    let ended = root.dataset.ended === "true";
    let waiting = false;
    let plots = {};
    let due = false;

    function place(name) {
      return document.getElementById("chart-" + name);
    }

    function column(points, field) {
      return new Map([...points].map(([step, point]) => [step, point[field] ?? null]));
    }

    function draw() {
      due = false;
      const scores = [...new Set([...epochs.values()].flatMap(epoch => Object.keys(epoch)
        .filter(name => !NO_SCORES.includes(name) && typeof epoch[name] === "number")))];
      if (plots.scores && plots.names !== scores.join()) {
        plots.scores.destroy();
        plots.scores = null;
      }
      plots.names = scores.join();
      plots.loss ||= chart(place("loss"), ["training loss", "validation loss"], "loss");
      plots.rate ||= chart(place("rate"), ["learning rate"], "learning rate");
      plots.speed ||= chart(place("speed"), ["examples per second"], "examples/s");
      place("scores").closest("figure").hidden = scores.length === 0;
      if (scores.length > 0) {
        plots.scores ||= chart(place("scores"), scores.map(name => name.replaceAll("_", " ")), "metric");
        plots.scores.setData(joined(scores.map(name => column(epochs, name))));
      }
      const line = steps.size > 0 ? steps : epochs;
      plots.loss.setData(joined([column(line, "train_loss"), column(epochs, "validation_loss")]));
      plots.rate.setData(joined([column(line, "learning_rate")]));
      plots.speed.setData(joined([column(line, "examples_per_second")]));
      words(line);
    }

    /** The last values in words, for those who do not see the charts. */
    function words(line) {
      const point = [...line.values()].reduce((a, b) => !a || b.step >= a.step ? b : a, null);
      if (point) {
        table.textContent = "Step " + point.step + ": training loss " + number(point.train_loss) + ", learning rate "
          + number(point.learning_rate) + ", " + number(point.examples_per_second) + " examples per second.";
      }
    }

    function drawSoon() {
      if (!due) {
        due = true;
        // A hidden page draws when it is seen again.
        document.hidden ? document.addEventListener("visibilitychange", draw, { once: true }) : setTimeout(draw, 250);
      }
    }

    function addLine(event) {
      const data = event.data;
      const text = event.type === "status"
        ? "status: " + data.status + (data.error ? ": " + data.error.message : "")
        : (data.level === "warn" ? "warning: " : "") + data.message;
      const line = document.createElement("li");
      const time = document.createElement("time");
      time.dateTime = event.created_at;
      time.textContent = new Date(event.created_at).toLocaleTimeString();
      const message = document.createElement("bdi");
      message.textContent = text;
      line.append(time, " ", message);
      const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
      log.append(line);
      while (log.childElementCount > 500) {
        log.firstElementChild.remove();
      }
      if (isAtEnd) {
        log.scrollTop = log.scrollHeight;
      }
    }

    function take(event) {
      if (event.id <= last) {
        return;
      }
      last = event.id;
      const data = event.data;
      if (event.type === "step" && !data.phase) {
        steps.set(data.step, data);
        if (steps.size > MOST_POINTS) {
          load();
          return;
        }
      } else if (["epoch", "validation"].includes(event.type)) {
        epochs.set(data.step, data);
      } else if (event.type === "status") {
        ended = ["succeeded", "failed", "cancelled"].includes(data.status);
        addLine(event);
        window.htmx?.trigger("#now", "changed");
      } else if (event.type === "log") {
        addLine(event);
      }
      drawSoon();
    }

    async function get(path) {
      const answer = await anneal.call("GET", path, null, null, true);
      if (answer.status === 401) {
        anneal.signIn();
      }
      if (answer.status !== 200) {
        throw new Error(anneal.words(answer.body, answer.status));
      }
      return answer.body;
    }

    /** Loads all again. A page that nobody sees asks for nothing, so it waits until it is seen. */
    function loadWhenSeen() {
      if (!document.hidden) {
        load();
      } else if (!waiting) {
        waiting = true;
        document.addEventListener("visibilitychange", () => {
          waiting = false;
          load();
        }, { once: true });
      }
    }

    /** Loads the thinned points, then follows the events after them. */
    async function load() {
      source?.close();
      source = null;
      try {
        const [history, job] = await Promise.all([get(api + "/history?points=1000"), get(api)]);
        steps = new Map(history.steps.map(point => [point.step, point]));
        epochs = new Map(job.metrics.map(epoch => [epoch.step, epoch]));
        last = history.last_event;
        ended = ["succeeded", "failed", "cancelled"].includes(job.status);
        log.replaceChildren();
        history.log.forEach(addLine);
        draw();
        wait = 1000;
        follow();
      } catch (e) {
        state.textContent = "Not connected: " + e.message + " The page tries again.";
        setTimeout(loadWhenSeen, wait);
        wait = Math.min(30000, 2 * wait);
      }
    }

    function follow() {
      if (ended) {
        state.textContent = "The job has ended.";
        return;
      }
      state.textContent = "Connected. Waiting for the next event.";
      source = new EventSource(api + "/events?after=" + last);
      source.addEventListener("open", () => {
        state.textContent = "Live.";
        wait = 1000;
      });
      for (const type of ["step", "epoch", "validation", "status", "log", "checkpoint"]) {
        source.addEventListener(type, message => take(JSON.parse(message.data)));
      }
      source.addEventListener("error", () => {
        source?.close();
        source = null;
        if (ended) {
          state.textContent = "The job has ended.";
          return;
        }
        // The browser would repeat the request with the same 'after'. This one continues after the last event, or loads all again.
        state.textContent = "Connection lost. The job may still be running.";
        setTimeout(loadWhenSeen, wait + Math.random() * 500);
        wait = Math.min(30000, 2 * wait);
      });
    }

    load();
    // A computer that slept has a stream that looks open.
    let seen = Date.now();
    setInterval(() => {
      if (Date.now() - seen > 20000 && !ended) {
        loadWhenSeen();
      }
      seen = Date.now();
    }, 5000);
  }

  const root = document.getElementById("curves");
  if (root) {
    start(root);
  }
})();
