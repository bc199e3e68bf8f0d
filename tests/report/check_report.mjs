// SPDX-License-Identifier: GPL-3.0-or-later
// The report as a reader's browser shows it.
//
// usage: node check_report.mjs CHROMIUM REPORT.html DIR
//
// REPORT.html is that of tests/report/full.yaml, or of contracts.yaml, which has each figure once a contract. Fails on a console message, a request, a figure without drawn data, title or
// axis units, text that became markup, poor contrast in the light or dark theme, and a page that does not print.
// DIR takes REPORT-light.png, REPORT-dark.png and REPORT.pdf to be looked at.

import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [executablePath, report, folder] = process.argv.slice(2);
const stem = path.basename(report, ".html");
const url = pathToFileURL(path.resolve(report)).href;
const NAME = `<script>alert(1)</script> \`id\` 'q' "d" & \\x1b[31m $(id) @a`;
const ONE = { // id: what its axes have to say
  "cost-and-promise": [/probability .*\(%\)/, /cost \(USD\/month\)/],
  "monthly-downtime": [/downtime in a month \(s, min, h, d; logarithmic\)/, /share of months .*\(%/],
  "phases": [/mean downtime in a month \((s|min|h|d)\)/],
  "causes": [/share of the downtime \(%\)/],
  "credits": [/credits paid in a term \(USD\)/, /share of terms .*\(%/],
  "bad-month": [/day of .* \(d\)/, /(s|min|h|d) from shortly before|\((s|min|h|d)\)/],
};

const TOGETHER = { "portfolio-credits": [/credits of all contracts in a term \(USD\)/, /share of terms .*\(%/] };

const problems = [];
let nChecks = 0;
const check = (holds, what) => { nChecks++; if (!holds) problems.push(what); };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ offline: true, viewport: { width: 1000, height: 1400 } });
const page = await context.newPage();
const requests = [];
page.on("console", (message) => problems.push(`console: ${message.text()}`));
page.on("pageerror", (error) => problems.push(`error: ${error}`));
page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
page.on("request", (request) => requests.push(request.url()));
await page.goto(url);

check(requests.length === 1 && requests[0] === url, `requests: ${requests.join(" ")}`);
check((await page.title()).startsWith(NAME), `the title is ${await page.title()}`);
check((await page.locator(".kicker").first().textContent()) === NAME, "the scenario's name is not shown as it is written");
check((await page.locator("script, img, link, iframe, object, [onerror], [onload]").count()) === 0, "markup from a text");
const contracts = await page.locator("article").evaluateAll((list) => list.map((article) => article.id));
const FIGURES = contracts.length === 0 ? ONE : { ...TOGETHER, ...Object.fromEntries(contracts.flatMap((id) =>
  Object.entries(ONE).map(([name, axes]) => [id.replace(/contract$/, name), axes]))) };
const ids = await page.locator("[id]").evaluateAll((list) => list.map((element) => element.id));
check(new Set(ids).size === ids.length, "an id twice");
check((await page.locator(".headline").count()) === contracts.length + 1, "not a headline each");
for (const link of await page.locator("a").evaluateAll((list) => list.map((a) => a.getAttribute("href"))))
  check(ids.includes(link.slice(1)), `a link to nowhere: ${link}`);
const levels = await page.locator("h1, h2, h3").evaluateAll((list) => list.map((h) => Number(h.tagName[1])));
check(levels.every((level, i) => i === 0 || level <= levels[i - 1] + 1), `headings skip a level: ${levels}`);
check((await page.locator("h1").count()) === 1, "not one headline");
check((await page.locator("th:not([scope])").count()) === 0, "a table's head without scope");
check((await page.locator("figure svg[role=img]:not([aria-label])").count()) === 0, "a figure that cannot be read aloud");

for (const [id, axes] of Object.entries(FIGURES)) {
  const found = await page.evaluate((id) => {
    const figure = document.getElementById(id);
    if (figure === null) return null;
    const svg = figure.querySelector("svg[role=img]");
    const box = svg.getBoundingClientRect();
    const data = [...svg.querySelectorAll("path, polygon, use")].filter((mark) => {
      const colour = mark.closest("[stroke^='var(--s'], [stroke^='var(--t'], [fill^='var(--'], [color^='var(--']");
      const own = mark.getBoundingClientRect();
      return colour !== null && own.width + own.height > 0;
    });
    const outside = [...svg.querySelectorAll("text")].filter((text) => {
      const own = text.getBoundingClientRect();
      return own.width > 0 && (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 ||
        own.bottom > box.bottom + 1);
    }).map((text) => text.textContent);
    const texts = [...svg.querySelectorAll("text")].map((text) => text.textContent);
    return { title: figure.querySelector("figcaption").textContent.trim(), n: data.length, texts, outside };
  }, id);
  check(found !== null, `${id}: no such figure`);
  if (found === null) continue;
  check(found.title.split(/\s+/).length >= 5, `${id}: the title states no finding: ${found.title}`);
  check(found.n > 0, `${id}: no data is drawn`);
  check(found.outside.length === 0, `${id}: text beyond the drawing: ${found.outside.join(" | ")}`);
  for (const axis of axes) check(found.texts.some((text) => axis.test(text)), `${id}: no axis says ${axis}`);
}

// The least contrast between a text and what is behind it (WCAG 2: 4.5 for text).
const leastContrast = () => page.evaluate(() => {
  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e !== null; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  let least = { ratio: 99, text: "" };
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim() !== "");
    if (own.length === 0 || element.getBoundingClientRect().width === 0) continue;
    const style = getComputedStyle(element);
    const a = luminance(rgb(element.closest("svg") ? style.fill : style.color)), b = luminance(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least.ratio) least = { ratio, text: own[0].textContent.trim() };
  }
  return { ...least, dark: luminance(behind(document.body)) < 0.2 };
});

for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  const { ratio, text, dark } = await leastContrast();
  check(dark === (colorScheme === "dark"), `${colorScheme}: the page does not follow`);
  check(ratio >= 4.5, `${colorScheme}: contrast ${ratio.toFixed(2)} of "${text}"`);
  await page.screenshot({ path: path.join(folder, `${stem}-${colorScheme}.png`), fullPage: true });
}
await page.emulateMedia({ colorScheme: "dark", media: "print" });
check(!(await leastContrast()).dark, "paper is dark");
for (const width of [390, 820]) { // a telephone, a tablet: nothing but the boxes that scroll is wider
  await page.emulateMedia({ media: "screen", colorScheme: "light" });
  await page.setViewportSize({ width, height: 900 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= width, `the page is ${wide} wide at ${width}`);
}
await page.pdf({ path: path.join(folder, `${stem}.pdf`), preferCSSPageSize: true });
const pdf = readFileSync(path.join(folder, `${stem}.pdf`));
check(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 20000, "it does not print");
check(requests.length === 1, `requests: ${requests.join(" ")}`);
await browser.close();

for (const problem of problems) console.log(problem);
console.log(`report in a browser: ${nChecks - problems.length} passed, ${problems.length} failed`);
process.exit(problems.length > 0 ? 1 : 0);
