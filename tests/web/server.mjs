// A server of one's own for a test of the page: SERVE the program, RUN the folder of a run, MODULES
// where playwright-core is installed.
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";

const {SERVE, RUN, MODULES} = process.env;
export const modules = createRequire(join(resolve(MODULES), "x.js"));

// Gives the address of a server with an empty database, and a function that ends it.
export async function serve() {
  const scratch = mkdtempSync(join(tmpdir(), "marquee-web-"));
  const server = spawn(SERVE, ["--run", RUN, "--database", join(scratch, "events.db"), "--port", "0",
                               "--access-log", "none"], {stdio: ["ignore", "ignore", "pipe"]});
  const ended = new Promise((resume) => server.once("exit", resume));
  const address = await new Promise((found, failed) => {
    let text = "";
    server.stderr.on("data", (data) => {
      text += data;
      const at = /listening on (\S+)/.exec(text);
      if (at) found(at[1]);
    });
    ended.then(() => failed(new Error("the server does not start: " + text)));
  });
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(scratch, {recursive: true});
  };
  return {address, stop};
}

export function launch() {
  const {chromium} = modules("playwright-core");
  return chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
                          args: ["--no-sandbox", "--disable-gpu"]});
}

// Tells the server that a user has rated some popular movies; gives the popular ones.
export async function rate(address, user) {
  const popular = (await (await fetch(`${address}/api/popular?n=20`)).json()).movies;
  for (const [place, value] of [[2, 5], [7, 4], [11, 4.5]]) {
    await fetch(`${address}/api/feedback`, {
      method: "POST", headers: {"Content-Type": "application/json"},
      body: JSON.stringify({userId: user, movieId: popular[place].movieId, type: "rating", value})});
  }
  return popular;
}

export async function openUser(page, user) {
  await page.fill("#user", String(user));
  await page.getByRole("button", {name: "Open"}).click();
  await page.waitForFunction(() => document.querySelectorAll("#rated > li").length > 0);
  await page.waitForFunction(() => document.querySelectorAll("#list > li").length > 0);
}
