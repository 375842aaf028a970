// Drives a real browser against a real server: node page.test.mjs, with
//   SERVE    the program            RUN      the folder of a run
//   MODULES  where playwright-core is installed      SHOTS  a folder for screenshots (optional)
// Prints TAP.
import {spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, openSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";

const {SERVE, RUN, MODULES, SHOTS} = process.env;
const {chromium} = createRequire(join(resolve(MODULES), "x.js"))("playwright-core");
const scratch = mkdtempSync(join(tmpdir(), "marquee-web-"));
const errors = [];
let count = 0, failed = 0, server, browser;

function ok(good, name, detail = "") {
  count++;
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
  if (!good && detail !== "") console.log(`# ${detail}`);
}
const is = (found, wanted, name) => ok(found === wanted, name, `found ${found}, expected ${wanted}`);

// Starts the server and waits until it listens; returns where.
async function start(port = 0) {
  const log = join(scratch, `log-${Date.now()}`);
  server = spawn(SERVE, ["--run", RUN, "--database", join(scratch, "events.db"), "--port", port,
                         "--access-log", "none"], {stdio: ["ignore", "ignore", openSync(log, "w")]});
  for (let i = 0; i < 400; i++) {
    const at = /listening on (\S+)/.exec(readFileSync(log, "utf8"));
    if (at) return at[1];
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error("the server does not start: " + readFileSync(log, "utf8"));
}

const stop = (signal) => new Promise((resume) => {
  server.once("exit", resume);
  server.kill(signal);
});

async function shot(page, name) {
  if (SHOTS) await page.screenshot({path: join(SHOTS, `${name}.png`)});
}

const titles = (page) => page.$$eval("#list .title", (all) => all.map((one) => one.textContent));
const listed = (page) => page.waitForFunction(() => document.querySelectorAll("#list > li").length > 0);

// Waits until the list is another one than `before`.
async function changed(page, before) {
  const text = before.join("|");
  return page.waitForFunction((old) => {
    const now = Array.from(document.querySelectorAll("#list .title"), (one) => one.textContent).join("|");
    return now !== "" && now !== old;
  }, text, {timeout: 5000}).then(() => true, () => false);
}

async function searchFor(page, text) {
  await page.fill("#q", text);
  await page.waitForFunction(() => document.querySelectorAll("#hits > li").length > 0);
  await page.waitForTimeout(250);
}

async function newcomer(page, address) {
  await page.goto(address);
  await listed(page);
  await shot(page, "newcomer");
  is(await page.textContent("#list-title"), "To begin with", "a newcomer sees a first list");
  const popular = await page.evaluate(async () => (await (await fetch("/api/popular?n=30")).json()).movies);
  const picks = [1, 4, 9, 14, 22].map((i) => popular[i]);
  for (const [i, movie] of picks.entries()) {
    await searchFor(page, movie.title.slice(0, Math.max(4, movie.title.length - 2)).toLowerCase());
    const before = await titles(page);
    const hit = page.locator(`#hits [data-movie="${movie.movieId}"]`);
    if (await hit.count() === 0) await searchFor(page, `${movie.title} ${movie.year}`);
    await hit.getByRole("button", {name: i % 2 ? "4 stars" : "5 stars"}).click();
    ok(await changed(page, before), `the list changes after rating ${i + 1}`);
  }
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 5);
  is(await page.textContent("#list-title"), "For you", "the list is the newcomer's own");
  return picks;
}

async function explained(page) {
  const first = page.locator("#list > li").first();
  await first.getByRole("button", {name: "Why"}).click();
  ok(await first.locator(".why").isVisible(), "an explanation opens");
  const parts = await first.locator(".parts td:last-child").allTextContents();
  const numbers = parts.map((text) => Number(text.replace("\u2212", "-")));
  const score = numbers.pop(), sum = numbers.reduce((a, b) => a + b, 0);
  ok(Math.abs(score - sum) < 0.08, "its parts sum to the score", `${sum} and ${score}`);
  await shot(page, "explained");
  is(await first.getByRole("button", {name: "Why"}).getAttribute("aria-expanded"), "true", "and says so");
}

async function filtered(page) {
  const before = await titles(page);
  await page.selectOption("#for", "next");
  ok(await changed(page, before), "what comes next is another list");
  const next = await titles(page);
  await page.selectOption("#for", "like");
  ok(await changed(page, next), "what will be liked comes back");
  const genre = await page.$eval("#genre option:nth-child(2)", (option) => option.value);
  await page.selectOption("#genre", genre);
  await changed(page, before);
  const kinds = await page.$$eval("#list .kinds", (all) => all.map((one) => one.textContent));
  ok(kinds.length > 0 && kinds.every((text) => text.includes(genre)), "the genre filter holds");
  await page.fill("#from", "1990");
  await page.fill("#to", "1999");
  await page.dispatchEvent("#to", "change");
  await page.waitForFunction(() => Array.from(document.querySelectorAll("#list .year"),
    (one) => Number(one.textContent)).every((year) => year >= 1990 && year <= 1999));
  ok(true, "the filter of years holds");
  await page.selectOption("#genre", "");
  await page.fill("#from", "");
  await page.fill("#to", "");
  await page.dispatchEvent("#to", "change");
  await page.waitForTimeout(300);
}

async function keyboard(page) {
  const before = await titles(page);
  await page.focus("#list > li:nth-child(2) a");
  await page.keyboard.press("4");
  ok(await changed(page, before), "a key on a card rates it");
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 6);
  ok(await page.evaluate(() => document.activeElement.closest("#list > li") !== null), "the focus stays in the list");
  const next = await titles(page);
  await page.keyboard.press("x");
  ok(await changed(page, next), "x hides a movie");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  is(await page.evaluate(() => document.activeElement.id), "q", "/ goes to the search");
}

async function moviePage(page, movie) {
  await page.goto(`${new URL(page.url()).origin}/#/movie/${movie.movieId}`);
  await page.waitForSelector("#movie .columns");
  is(await page.textContent("#movie .title"), movie.title, "a movie has a page");
  is(await page.locator("#movie .columns section").count(), 3, "with three lists of neighbours");
  ok((await page.textContent("#movie .facts")).includes("You gave it"), "that knows one's rating");
  await shot(page, "movie");
  const link = page.locator("#movie .columns .name a").first();
  const title = await link.textContent();
  await link.click();
  await page.waitForFunction((wanted) => document.querySelector("#movie .title")?.textContent === wanted, title);
  ok(true, "neighbours lead on");
  await page.goBack();
  await page.getByRole("link", {name: "Back to the list"}).click();
  await page.waitForSelector("#home", {state: "visible"});
  ok(true, "and back to the list");
}

// What assistive technology is told: names for everything that can be operated, one first heading,
// labels, no repeated ids; and nothing wider than the window.
async function accessible(page, name) {
  const faults = await page.evaluate(() => {
    const bad = [];
    const seen = new Set();
    for (const element of document.querySelectorAll("[id]")) {
      if (seen.has(element.id)) bad.push(`id ${element.id} twice`);
      seen.add(element.id);
    }
    for (const field of document.querySelectorAll("input, select")) {
      if (field.labels.length === 0 && !field.ariaLabel) bad.push(`no label: ${field.id}`);
    }
    for (const element of document.querySelectorAll("button, a")) {
      if (!(element.ariaLabel || element.textContent).trim()) bad.push(`no name: ${element.outerHTML}`);
    }
    for (const list of document.querySelectorAll("ul, ol")) {
      if (Array.from(list.children).some((child) => child.tagName !== "LI")) bad.push("not an item of a list");
    }
    if (document.querySelectorAll("h1").length !== 1) bad.push("not one h1");
    if (document.documentElement.lang !== "en") bad.push("no language");
    if (document.documentElement.scrollWidth > innerWidth) bad.push(`wider than ${innerWidth}`);
    return bad;
  });
  is(faults.join("; "), "", name);
}

// Contrast of text against what is behind it, by WCAG's formula, where colours are plain.
async function contrast(page, name) {
  const faults = await page.evaluate(() => {
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const channel = (c) => (c /= 255, c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (style.backgroundImage !== "none") return null;
        const colour = parse(style.backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    const bad = new Set();
    for (const element of document.querySelectorAll("body *")) {
      const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || element.getClientRects().length === 0) continue;
      const back = behind(element);
      if (!back) continue;
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(back)].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) bad.add(`${element.tagName} ${element.className}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
    }
    return Array.from(bad);
  });
  is(faults.join("; "), "", name);
}

async function run() {
  const address = await start();
  browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
                                   args: ["--no-sandbox", "--disable-gpu"]});
  const context = await browser.newContext({viewport: {width: 1280, height: 900}});
  const page = await context.newPage();
  const hosts = new Set();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("404")) errors.push(message.text());
  });
  page.on("request", (request) => hosts.add(new URL(request.url()).host));

  const picks = await newcomer(page, address);
  await explained(page);
  await filtered(page);
  await keyboard(page);
  await moviePage(page, picks[0]);
  await accessible(page, "names, labels and headings are there");
  await contrast(page, "text stands out in the light");

  const rated = await page.$$eval("#rated > li", (all) => all.map((one) => one.dataset.movie).join());
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 6);
  is(await page.$$eval("#rated > li", (all) => all.map((one) => one.dataset.movie).join()), rated,
     "after reloading the ratings are there");

  await searchFor(page, picks[2].title);
  const before = await titles(page);
  await page.locator(`#hits [data-movie="${picks[2].movieId}"]`).getByRole("button", {name: "1 star", exact: true}).click();
  await changed(page, before);
  await stop("SIGKILL");
  await start(new URL(address).port);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 6);
  const stars = await page.locator(`#rated [data-movie="${picks[2].movieId}"] [aria-pressed=true]`).count();
  is(stars, 1, "after kill -9 of the server the last rating is there");

  await page.getByRole("button", {name: "Be someone new"}).click();
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 0);
  ok(true, "one can be somebody new");
  await page.fill("#user", "42");
  await page.getByRole("button", {name: "Open"}).click();
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length > 6);
  await listed(page);
  ok(true, "or a user of the data set");
  await shot(page, "user");

  await page.setViewportSize({width: 390, height: 844});
  await page.waitForTimeout(200);
  await accessible(page, "it fits 390 pixels");
  await shot(page, "narrow");
  await page.locator("#list > li").first().scrollIntoViewIfNeeded();
  await shot(page, "narrow-cards");
  await page.emulateMedia({colorScheme: "dark"});
  await page.setViewportSize({width: 1280, height: 900});
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(200);
  await contrast(page, "text stands out in the dark");
  await shot(page, "dark");

  is(Array.from(hosts).join(), new URL(address).host, "nothing is asked of anybody else");
  is(errors.join("; "), "", "the browser reports no error");
}

try {
  await run();
} catch (error) {
  ok(false, "the test runs to its end", String(error.stack).replaceAll("\n", "\n# "));
}
await browser?.close();
if (server && server.exitCode === null && server.signalCode === null) await stop("SIGTERM");
rmSync(scratch, {recursive: true});
console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
