// A picture of the page for somebody who has rated three movies: SHOT is the file; SERVE RUN MODULES as
// in server.mjs.
import {launch, openUser, rate, serve} from "./server.mjs";

const {address, stop} = await serve();
const user = 1234567890;
const popular = await rate(address, user);
const browser = await launch();
const page = await browser.newPage({viewport: {width: 1280, height: 720}});
await page.goto(address);
await openUser(page, user);
await page.fill("#q", popular[5].title.slice(0, 5).toLowerCase());
await page.waitForFunction(() => document.querySelectorAll("#hits > li").length > 0);
await page.getByRole("button", {name: "Why"}).first().click();
await page.waitForTimeout(600);
await page.screenshot({path: process.env.SHOT});
await browser.close();
await stop();
