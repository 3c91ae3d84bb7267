"""Calls served classifiers; see bench/serving-predict."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

ARGUMENTS = sys.argv[1:]
HERE = pathlib.Path(__file__).resolve().parent.parent
DATA = os.environ.get("DATA", "../shared/data")
sys.argv = ["compare", "target/test-classes:target/classes:" + pathlib.Path("target/bench.classpath").read_text().strip(), DATA, "1"]
sys.path.insert(0, str(HERE / "bench"))
import compare  # noqa: E402

WORK = pathlib.Path(tempfile.mkdtemp(prefix="serving"))
SECONDS = float(os.environ.get("SECONDS_EACH", "6"))
WARM_SECONDS = 90  # on two cores, the JVM compiles the code of a server beside its first calls, for more than a minute

TORCH = """
import sys, time, torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
torch.set_num_threads(2)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
exact = AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval()
models = {"fp32": exact, "bf16": AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval().to(torch.bfloat16)}
texts = sorted(open(sys.argv[2]).read().split("\\n"), key=lambda text: len(tokenizer(text)["input_ids"]))
batches = [tokenizer(texts[i:i + 64], padding=True, return_tensors="pt") for i in range(0, len(texts), 64)]
with torch.inference_mode():
    print("ready", flush=True)
    for line in sys.stdin:
        model = models[line.strip()]
        model(**batches[0])
        begun = time.perf_counter()
        for batch in batches:
            model(**batch).logits.softmax(-1)
        print(len(texts) / (time.perf_counter() - begun), flush=True)
"""


def texts():
    rows = [row["text"] for row in compare.rows_of("rt_polarity")]
    return [rows[i * len(rows) // 1000] for i in range(1000)]


def classifier():
    """Returns the directory of a classifier whose head was trained for one epoch."""
    if "MODEL" in os.environ:
        return pathlib.Path(os.environ["MODEL"])
    base = compare.model()
    rows, labels = compare.data("rt_polarity")
    work = compare.work_directory(base, rows, labels, {"type": "head"})
    if compare.trainer(work, subprocess.DEVNULL, None).wait():
        raise SystemExit("the trainer failed")
    return work / "model"


class Server:
    """A server of a checkout, with an empty data directory."""

    def __init__(self, checkout, port, *options):
        self.port = port
        self.data = WORK / ("data-%d" % port)
        self.log = WORK / ("server-%d.log" % port)
        environment = dict(os.environ, ANNEAL_DATA=str(self.data), DJL_CACHE_DIR=os.environ.get("DJL_CACHE_DIR", os.path.expanduser("~/.djl.ai")))
        command = [str(pathlib.Path(checkout) / "anneal"), "serve", "--port", str(port), "--roles", "api,inference", "--anneal.limits.requests-per-second=0", *options]
        self.process = subprocess.Popen(command, stdout=self.log.open("w"), stderr=subprocess.STDOUT, env=environment)

    def started(self):
        while self.process.poll() is None:
            try:
                urllib.request.urlopen("http://127.0.0.1:%d/actuator/health" % self.port, timeout=10)
                self.key = (self.data / "admin.key").read_text().strip()
                return self
            except OSError:
                time.sleep(0.2)
        raise SystemExit(self.log.read_text()[-2000:])

    def send(self, method, path, body=None, kind="application/json", project=None):
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": kind}
        if project:
            headers["Anneal-Project"] = project
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError("%d %s" % (error.code, error.read().decode()[:300])) from None

    def upload(self, directory, name, project=None):
        archive = WORK / (name + ".zip")
        with zipfile.ZipFile(archive, "w") as file:
            for each in pathlib.Path(directory).iterdir():
                file.write(each, each.name)
        head = '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="m.zip"\r\nContent-Type: application/zip\r\n\r\n' % name
        body = head.encode() + archive.read_bytes() + b"\r\n--b--\r\n"
        archive.unlink()
        return self.send("POST", "/api/v1/models", body, "multipart/form-data; boundary=b", project)["id"]

    def request(self, model, inputs):
        body = json.dumps({"inputs": inputs}).encode()
        head = "POST /api/v1/models/%s/predict HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (model, self.key, len(body))
        return head.encode() + body

    def predict(self, model, inputs):
        return self.send("POST", "/api/v1/models/%s/predict" % model, json.dumps({"inputs": inputs}).encode())["predictions"]

    def hosts(self):
        """Returns the processes that serve models, by model."""
        found = dict(re.findall(r"started the host of (\S+), process (\d+)", self.log.read_text()))
        return {model: int(pid) for model, pid in found.items() if pathlib.Path("/proc", pid).exists()}

    def await_spare(self):
        """Waits for a process that has loaded libtorch and has no model."""
        while True:
            found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", "dev.anneal.host.ModelHost"], capture_output=True, text=True).stdout
            spares = set(map(int, found.split())) - set(self.hosts().values())
            if any("libtokenizers" in pathlib.Path("/proc/%d/maps" % pid).read_text() for pid in spares):
                return
            time.sleep(0.2)

    def memory(self):
        return sum(int(pathlib.Path("/proc/%d/status" % pid).read_text().split("VmRSS:")[1].split()[0]) for pid in [self.process.pid, *self.hosts().values()]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


async def answer(reader):
    """Reads one response and returns its status."""
    return (await read(reader))[0]


async def read(reader):
    """Reads one response and returns its status, and whether the server closes the connection after it."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"content-length:" in lower:
        await reader.readexactly(int(lower.split(b"content-length:")[1].split(b"\r\n")[0]))
    else:
        while True:
            size = int(await reader.readline(), 16)
            await reader.readexactly(size + 2)
            if size == 0:
                break
    return int(head.split(b" ", 2)[1]), b"connection: close" in lower


async def clients(server, model, inputs, count, seconds):
    """Returns the seconds of each call of so many clients that call one after the other."""
    ends, took = time.perf_counter() + seconds, []

    async def client(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 24)
        turn = number
        while time.perf_counter() < ends:
            begun = time.perf_counter()
            writer.write(server.request(model, [inputs[turn * 37 % len(inputs)]]))
            status, closes = await read(reader)
            if status != 200:
                raise RuntimeError("status %d" % status)
            took.append(time.perf_counter() - begun)
            turn += count
            if closes:  # Tomcat does so after 100 requests by default
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 24)
        writer.close()

    await asyncio.gather(*(client(i) for i in range(count)))
    return took


def measure(server, model, inputs):
    found = {}
    for count in (1, 16, 64):
        begun = time.perf_counter()
        took = asyncio.run(clients(server, model, inputs, count, SECONDS))
        found["%d clients, calls/s" % count] = len(took) / (time.perf_counter() - begun)
        found["%d clients, p50 ms" % count] = 1000 * statistics.median(took)
    begun = time.perf_counter()
    assert len(server.predict(model, inputs)) == len(inputs)
    found["1,000 texts, texts/s"] = len(inputs) / (time.perf_counter() - begun)
    return found


def predict(other, python, rounds):
    inputs, directory = texts(), classifier()
    (WORK / "texts").write_text("\n".join(inputs))
    servers = {"this": Server(os.environ.get("THIS", HERE), 18431), "other": Server(other, 18432)}
    models = {name: server.started().upload(directory, "movies") for name, server in servers.items()}
    torch = subprocess.Popen([python, "-c", TORCH, str(directory), str(WORK / "texts")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, OMP_WAIT_POLICY="PASSIVE"))
    torch.stdout.readline()
    for name, server in servers.items():
        server.predict(models[name], inputs)
        for count in (16, 1):
            asyncio.run(clients(server, models[name], inputs, count, WARM_SECONDS / 2))
    found = {}
    for turn in range(rounds):
        for name, server in servers.items():
            for what, value in measure(server, models[name], inputs).items():
                found.setdefault(what, {}).setdefault(name, []).append(value)
        for precision in ("fp32", "bf16"):
            torch.stdin.write(precision + "\n")
            torch.stdin.flush()
            found.setdefault("1,000 texts, texts/s", {}).setdefault("torch " + precision, []).append(float(torch.stdout.readline()))
        compare.note("round", turn, {what: {name: round(values[-1], 1) for name, values in by.items()} for what, by in found.items()})
    torch.stdin.close()
    for server in servers.values():
        server.stop()
    print("| median of %d rounds | this commit | the other | ratio | torch fp32, bf16 |\n|---|---|---|---|---|" % rounds)
    for what, by in found.items():
        middle = {name: statistics.median(values) for name, values in by.items()}
        torches = ", ".join("%.0f (%.2f×)" % (middle[name], middle["this"] / middle[name]) for name in ("torch fp32", "torch bf16") if name in middle)
        print("| %s | %.1f | %.1f | %.2f | %s |" % (what, middle["this"], middle["other"], middle["this"] / middle["other"], torches))


def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def faults():
    inputs, directory = texts(), classifier()
    server = Server(os.environ.get("THIS", HERE), 18433, "--anneal.inference.max-models=2").started()
    try:
        model = server.upload(directory, "movies")
        server.send("POST", "/api/v1/projects", b'{"id": "other"}')
        server.predict(model, inputs[:8])
        waiting(server, model, inputs)
        killed(server, model, directory, inputs)
        turns(server, directory, inputs)
    finally:
        server.stop()
    if missed:
        raise SystemExit("MISSED: " + "; ".join(missed))


def waiting(server, model, inputs):
    """300 clients wait for their predictions; another project calls, and so does health."""

    async def run():
        many = asyncio.create_task(clients(server, model, inputs, 300, 4))
        await asyncio.sleep(2)
        loop = asyncio.get_running_loop()
        health = await loop.run_in_executor(None, timed, lambda: urllib.request.urlopen("http://127.0.0.1:%d/actuator/health" % server.port).read())
        call = lambda: server.send("POST", "/api/v1/models/%s/predict" % model, json.dumps({"inputs": ["good"]}).encode(), project="other")
        other = await loop.run_in_executor(None, timed, call)
        await many
        return health, other

    health, other = asyncio.run(run())
    print("300 waiting predicts: health after %.2f s, another project after %.2f s" % (health, other))
    within("health", health, 1)
    within("another project", other, 2)


def killed(server, model, directory, inputs):
    """
    The host of a model is killed amid 64 calls, while a client calls another model without a break: once when a spare host waits, as a
    few seconds after each start, and then that of the other model before the next spare host is started.
    """
    bystander = server.upload(directory, "bystander")
    server.predict(bystander, inputs[:8])
    server.await_spare()
    for what, victim, other in (("with a spare host", model, bystander), ("without one", bystander, model)):
        statuses, others, seconds = asyncio.run(kill(server, victim, other, inputs))
        print("a host was killed amid 64 calls, %s: %s; another model meanwhile: %s; it served again after %.2f s" % (what, counts(statuses), counts(others), seconds))
        within("the host " + what, seconds, 3)
        if set(others) != {200}:
            missed.append("calls of another model failed")


async def kill(server, model, bystander, inputs):
    """Returns how often each call was answered, and after how many seconds the model served again."""

    async def call(i, of=model, copies=40):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 24)
        writer.write(server.request(of, [inputs[i]] * copies))
        status = await answer(reader)
        writer.close()
        return status

    async def beside():
        statuses = []
        while not done:
            statuses.append(await call(0, bystander, 1))
        return statuses

    done = []
    others = asyncio.create_task(beside())
    calls = [asyncio.create_task(call(i)) for i in range(64)]
    await asyncio.sleep(0.5)
    os.kill(server.hosts()[model], signal.SIGKILL)
    begun = time.perf_counter()
    statuses = await asyncio.gather(*calls)
    again = 0
    while again != 200:
        again = await call(0)
    seconds = time.perf_counter() - begun
    done.append(True)
    return statuses, await others, seconds


def counts(statuses):
    return {status: statuses.count(status) for status in sorted(set(statuses))}


missed = []


def within(what, seconds, bound):
    if seconds > bound:
        missed.append("%s took %.2f s, more than %d s" % (what, seconds, bound))


def turns(server, directory, inputs):
    """20 models, of which two have a place at a time, are called in turn."""
    models = [server.upload(directory, "m%d" % i) for i in range(20)]
    for model in models[:2]:
        server.predict(model, inputs)
    before = server.memory()
    for model in models:
        server.predict(model, inputs)
    after = server.memory()
    print("20 models in turn: server and two hosts %.0f MB before, %.0f MB after (%+.1f %%)" % (before, after, 100 * (after / before - 1)))
    if after > 1.1 * before:
        missed.append("memory grew by more than 10 %")


if __name__ == "__main__":
    try:
        if ARGUMENTS[0] == "compare":
            predict(ARGUMENTS[1], ARGUMENTS[2], int(ARGUMENTS[3]) if len(ARGUMENTS) > 3 else 3)
        elif ARGUMENTS[0] == "faults":
            faults()
        else:
            raise SystemExit("bench/serving-predict: there is no part " + ARGUMENTS[0])
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
