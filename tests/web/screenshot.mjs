// A picture of the page for somebody who has rated three movies: SERVE RUN MODULES SHOT as in
// page.test.mjs.
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";

const {SERVE, RUN, MODULES, SHOT} = process.env;
const {chromium} = createRequire(join(resolve(MODULES), "x.js"))("playwright-core");
const scratch = mkdtempSync(join(tmpdir(), "marquee-shot-"));
const server = spawn(SERVE, ["--run", RUN, "--database", join(scratch, "events.db"), "--port", "0",
                             "--access-log", "none"], {stdio: ["ignore", "ignore", "pipe"]});
const address = await new Promise((found) => {
  let text = "";
  server.stderr.on("data", (data) => {
    text += data;
    const at = /listening on (\S+)/.exec(text);
    if (at) found(at[1]);
  });
});
const user = 1234567890;
const post = (movieId, value) => fetch(`${address}/api/feedback`, {
  method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({userId: user, movieId, type: "rating", value})});
const popular = (await (await fetch(`${address}/api/popular?n=20`)).json()).movies;
for (const [place, value] of [[2, 5], [7, 4], [11, 4.5]]) await post(popular[place].movieId, value);

const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
                                       args: ["--no-sandbox", "--disable-gpu"]});
const page = await browser.newPage({viewport: {width: 1280, height: 720}});
await page.goto(address);
await page.fill("#user", String(user));
await page.getByRole("button", {name: "Open"}).click();
await page.waitForFunction(() => document.querySelectorAll("#rated > li").length === 3);
await page.fill("#q", popular[5].title.slice(0, 5).toLowerCase());
await page.waitForFunction(() => document.querySelectorAll("#hits > li").length > 0);
await page.getByRole("button", {name: "Why"}).first().click();
await page.waitForTimeout(600);
await page.screenshot({path: SHOT});
await browser.close();
server.kill("SIGTERM");
rmSync(scratch, {recursive: true});
