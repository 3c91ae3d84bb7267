// The rows that bench/report-page trains on, and its checks of the pages.
import { readFileSync, writeFileSync, createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';

const [, , command, ...args] = process.argv;

function rows([data, out]) {
  writeFileSync(`${out}/hatecheck.csv`, readFileSync(`${data}/hatecheck/test_suite_cases.csv`, 'utf8').split('\n').filter(
    (line, i) => i === 0 || i % 2 === 0).join('\n'));
  const sentences = readFileSync(`${data}/wnut17/wnut17train.conll`, 'utf8').split(/\n\s*\n/);
  writeFileSync(`${out}/wnut17.conll`, sentences.slice(0, 1200).join('\n\n') + '\n');
  const grades = ['awful', 'poor', 'fair', 'good', 'superb'];
  const things = ['The film', 'The soup', 'The hotel', 'This book', 'The service'];
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const ratings = ['text,score'];
  for (let i = 0; i < 600; i++) {
    const first = Math.floor(random() * 5), second = Math.floor(random() * 5);
    const score = 1 + (first * 2 + second) / 3 + (random() - 0.5);
    ratings.push(`"${things[i % 5]} was ${grades[first]}, and the rest of it was ${grades[second]}, as visitor ${i} says.",${score.toFixed(2)}`);
  }
  writeFileSync(`${out}/ratings.csv`, ratings.join('\n') + '\n');
  const answers = createWriteStream(`${out}/answers.jsonl`);
  for (let i = 0; i < 160; i++) {
    answers.write(JSON.stringify({ prompt: `What comes after ${i % 40}? `, completion: `${(i % 40) + 1} comes then.` }) + '\n');
  }
  answers.end();
}

async function check([out, url, keyFile, ...names]) {
  const require = createRequire(import.meta.url);
  const puppeteer = require('puppeteer-core');
  const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  const key = readFileSync(keyFile, 'utf8').trim();
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  let problems = 0;
  const problem = (text) => { problems++; console.log(`PROBLEM ${text}`); };
  for (const name of names) {
    const served = await browser.newPage();
    served.on('console', (message) => problem(`${name}: console ${message.type()}: ${message.text()}`));
    served.on('pageerror', (error) => problem(`${name}: ${error.message}`));
    served.on('requestfailed', (request) => problem(`${name}: ${request.url()} failed`));
    let requests = 0;
    served.on('request', () => requests++);
    await served.setExtraHTTPHeaders({ Authorization: `Bearer ${key}` });
    const answer = await served.goto(`${url}/api/v1/jobs/${name}/report.html`, { waitUntil: 'load' });
    if (answer.status() !== 200 || requests !== 1) problem(`${name}: status ${answer.status()}, ${requests} requests`);
    if ((await served.evaluate(() => getComputedStyle(document.body).maxWidth)) === 'none') problem(`${name}: no style`);
    await served.close();

    for (const scheme of ['light', 'dark']) {
      for (const width of [1100, 360]) {
        const page = await browser.newPage();
        page.on('console', (message) => problem(`${name}, saved: console ${message.type()}: ${message.text()}`));
        page.on('request', (request) => request.url().startsWith('file:') || problem(`${name}: loads ${request.url()}`));
        await page.setBypassCSP(true); // for axe, which is a script
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.setViewport({ width, height: 900 });
        await page.goto(`file://${out}/${name}.html`, { waitUntil: 'load' });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) problem(`${name} at ${width}: the page is ${wide} wide`);
        await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png`, fullPage: true });
        await page.evaluate(axe);
        await page.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = true; }));
        const found = await page.evaluate(() => axe.run());
        for (const violation of found.violations) {
          const text = `${name} ${scheme} ${width}: ${violation.impact} ${violation.id}: ${violation.nodes.length} × `
            + violation.nodes[0].html.slice(0, 160);
          if (['serious', 'critical'].includes(violation.impact)) problem(text); else console.log(`note ${text}`);
        }
        console.log(`${name} ${scheme} ${width}: ${found.passes.length} rules passed, ${found.violations.length} violations, `
          + `${found.incomplete.map((each) => each.id).join(' ') || 'none'} undecided`);
        await page.close();
      }
    }
    const printed = await browser.newPage();
    await printed.goto(`file://${out}/${name}.html`);
    await printed.pdf({ path: `${out}/${name}.pdf`, format: 'A4' });
    await printed.close();
  }
  await browser.close();
  console.log(`${problems} problems`);
  process.exit(problems ? 1 : 0);
}

await (command === 'rows' ? rows(args) : check(args));
