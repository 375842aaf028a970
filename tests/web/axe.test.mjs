// The page's main states before axe-core, in the light and in the dark, wide and narrow: no serious
// finding. SERVE RUN MODULES as in server.mjs; SHOTS a folder for screenshots (optional). Prints TAP; without
// axe-core it skips.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {launch, modules, openUser, rate, serve} from "./server.mjs";

let axe;
try {
  axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
  modules.resolve("playwright-core");
} catch {
  console.log("ok 1 - axe # SKIP axe-core or playwright-core could not be installed\n1..1");
  process.exit(0);
}

let count = 0, failed = 0;
const serious = ["serious", "critical"];
const views = [["", 1280, "light"], [" in the dark", 1280, "dark"],
               [" at 390 pixels", 390, "light"], [" at 390 pixels in the dark", 390, "dark"]];

// Runs axe on what the page shows now, in every view.
async function inspect(page, state) {
  for (const [name, width, colorScheme] of views) {
    await page.setViewportSize({width, height: 900});
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await page.waitForTimeout(300);
    if (process.env.SHOTS) {
      const file = `axe-${state}${name}.png`.replaceAll(" ", "-");
      await page.screenshot({path: join(process.env.SHOTS, file), fullPage: true});
    }
    const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"]}));
    const bad = violations.filter((one) => serious.includes(one.impact));
    count++;
    if (bad.length > 0) failed++;
    console.log(`${bad.length > 0 ? "not ok" : "ok"} ${count} - ${state}${name}`);
    for (const one of violations) {
      console.log(`# ${one.impact} ${one.id}: ${one.help}`);
      for (const node of one.nodes.slice(0, 3)) console.log(`#   ${node.target}: ${node.any[0]?.message ?? ""}`);
    }
  }
  await page.setViewportSize({width: 1280, height: 900});
}

const {address, stop} = await serve();
const popular = await rate(address, 1234567890);
const browser = await launch();
const page = await browser.newPage();
await page.goto(address);
await page.evaluate(axe);
await page.waitForFunction(() => document.querySelectorAll("#list > li").length > 0);
await inspect(page, "list");
await openUser(page, 1234567890);
await page.fill("#q", popular[5].title.slice(0, 5).toLowerCase());
await page.waitForFunction(() => document.querySelectorAll("#hits > li").length > 0);
await page.getByRole("button", {name: "Why"}).first().click();
await inspect(page, "ratings");
await page.goto(`${address}/#/movie/${popular[2].movieId}`);
await page.waitForSelector("#movie .columns");
await inspect(page, "movie");
await browser.close();
await stop();
console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
