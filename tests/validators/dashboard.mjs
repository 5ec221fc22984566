// Looks at the dashboard with a real browser: dashboard.mjs CASE. Exit code 0 and silence, or 1 and what is wrong. setup.sh installs
// what this calls. From the environment: PLUMB_VALIDATORS (where that is), PLUMB_CHROMIUM (the browser), PLUMB_URL, PLUMB_TOKEN.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { PLUMB_VALIDATORS, PLUMB_CHROMIUM, PLUMB_URL, PLUMB_TOKEN } = process.env;
const require = createRequire(`${PLUMB_VALIDATORS}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Longer than anything here takes.
const PATIENCE = 60_000;

const browser = await chromium.launch({ executablePath: PLUMB_CHROMIUM, args: ["--no-sandbox"] });

// A page on which nothing went wrong: no script failed, nothing was refused by the content security policy, nothing came from elsewhere.
async function open(options = {}) {
  const context = await browser.newContext({ baseURL: PLUMB_URL, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.wrong.push(message.text()));
  page.on("dialog", (dialog) => page.wrong.push(`a dialog: ${dialog.message()}`) && dialog.dismiss());
  page.on("request", (request) => request.url().startsWith(PLUMB_URL) || page.wrong.push(`asked for ${request.url()}`));
  return page;
}

async function signedIn(options) {
  const page = await open(options);
  await page.goto("/");
  assert.match(page.url(), /\/sign-in/);
  await page.getByLabel("Token").fill(PLUMB_TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  return page;
}

async function close(page) {
  assert.deepEqual(page.wrong, []);
  await page.context().close();
}

// Every page there is, by a name.
async function* pages(page) {
  for (const path of ["/", "/scans", "/drifts", "/targets", "/schedules", "/schedules/new", "/notifications", "/notifications/new", "/mutes", "/plugins"]) {
    await page.goto(path);
    yield path;
  }
  await page.goto("/scans?status=completed");
  await page.locator("tbody th a").first().click();
  const scan = page.url();
  yield "a scan";
  await page.goto(`${scan}/findings`);
  yield "findings";
  await page.locator("tbody th a").first().click();
  yield "a finding";
  await page.goto(scan);
  await page.locator("a[href*='/frameworks/']").first().click();
  yield "controls";
  await page.goto("/drifts");
  await page.locator("tbody th a").first().click();
  yield "a drift";
  await page.goto("/schedules");
  await page.locator("tbody th a").first().click();
  yield "a schedule";
  await page.getByRole("link", { name: "Change" }).click();
  yield "a schedule that is changed";
  await page.goto("/schedules/new");
  await page.getByLabel("Cron expression").fill("30 2 * * *");
  await page.getByRole("button", { name: "Show the next five times" }).click();
  yield "the next times of a schedule";
  await page.getByLabel("Cron expression").fill("0 0 31 2 *");
  await page.getByRole("button", { name: "Show the next five times" }).click();
  yield "what is wrong with a schedule";
  const refused = await page.goto("/scans/999999");
  assert.equal(refused.status(), 404);
  page.wrong.splice(0);
  yield "a problem";
}

const cases = {
  // Sign in, scan, look, mute, move a drift, sign out.
  async walk() {
    const page = await signedIn();
    await page.getByRole("link", { name: "Targets" }).click();
    await page.getByRole("button", { name: /Scan now/ }).first().click();
    await page.waitForURL(/\/scans\/\d+$/);
    // The page loads itself anew when the scan has ended.
    await page.getByRole("heading", { name: "Begin here" }).waitFor();
    await page.locator(".findings th a").first().click();
    await page.getByRole("heading", { name: "How to mend it" }).waitFor();
    await page.getByLabel("Reason").fill("it is a sample");
    await page.getByLabel("Who answers for it").fill("ada");
    await page.getByRole("button", { name: "Mute" }).click();
    await page.getByRole("status").filter({ hasText: "Muted." }).waitFor();
    await page.getByRole("link", { name: "Drift" }).click();
    await page.locator("tbody th a").first().click();
    await page.getByRole("button", { name: "Investigate" }).click();
    await page.getByRole("status").filter({ hasText: "investigating" }).waitFor();
    await page.getByRole("button", { name: "Make this the baseline" }).click();
    await page.getByRole("status").filter({ hasText: "baseline" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Resolve" }).count(), 0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto("/scans");
    assert.match(page.url(), /\/sign-in/);
    await close(page);
  },

  // A scan that takes a while: its progress moves without loading, then it is cancelled.
  async progress() {
    const page = await signedIn();
    await page.goto("/targets");
    await page.getByRole("button", { name: /Scan now/ }).first().click();
    await page.waitForURL(/\/scans\/\d+$/);
    await page.evaluate(() => (window.same = true));
    await page.waitForFunction(() => document.querySelector("progress").value > 0 && document.querySelector("[data-violations]").textContent !== "–", undefined, { timeout: PATIENCE });
    assert.equal(await page.evaluate(() => window.same), true, "the page was loaded anew");
    await page.locator("[data-state] .state.running").waitFor();
    await page.getByRole("button", { name: "Cancel scan" }).click();
    await page.getByRole("status").filter({ hasText: "cancelled" }).waitFor();
    await page.locator(".state.cancelled").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Cancel scan" }).count(), 0);
    await close(page);
  },

  // A schedule is looked at before it is made, made, run, switched and deleted; a message is sent again; a mute is taken away. All of
  // it without scripts.
  async schedules() {
    const page = await signedIn({ javaScriptEnabled: false });
    const notice = (text) => page.getByRole("status").filter({ hasText: text }).waitFor();
    await page.getByRole("link", { name: "Schedules" }).click();
    await page.getByRole("link", { name: "New schedule" }).click();
    const cron = page.getByLabel("Cron expression");
    const preview = page.getByRole("button", { name: "Show the next five times" });
    await cron.fill("0 0 31 2 *");
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await preview.click();
    assert.equal(await cron.getAttribute("aria-invalid"), "true");
    assert.match(await page.locator("#cron-wrong").innerText(), /never fires/);
    assert.equal(await page.locator(".preview").count(), 0);
    await cron.fill("30 2 * * *");
    await preview.click();
    assert.equal(await page.locator(".preview li").count(), 5);
    assert.match(await page.locator(".preview li").first().innerText(), /02:30 CES?T/);
    await page.getByLabel("Name, also of its scans").fill("made in a browser");
    await page.getByLabel("Environment").fill("production");
    // No provider is chosen yet. What is typed stays.
    await page.getByRole("button", { name: "Make the schedule" }).click();
    await page.getByText("At least one cloud provider").waitFor();
    assert.equal(await cron.inputValue(), "30 2 * * *");
    await page.getByLabel("aws", { exact: true }).check();
    await page.getByLabel("its webhook is called").check();
    await page.getByRole("button", { name: "Make the schedule" }).click();
    await notice("shown this once: whsec_");
    assert.match(page.url(), /\/schedules\/\d+$/);
    const schedule = page.url();
    assert.equal(await page.locator(".times li").count(), 5);
    // What is changed is held to the same rules; what was not changed stays.
    await page.getByRole("link", { name: "Change" }).click();
    assert.equal(await page.getByLabel("Name, also of its scans").inputValue(), "made in a browser");
    assert.ok(await page.getByLabel("its webhook is called").isChecked());
    await cron.fill("0 0 31 2 *");
    await page.getByRole("button", { name: "Save the changes" }).click();
    assert.equal(await cron.getAttribute("aria-invalid"), "true");
    await page.getByText("Nothing was changed").waitFor();
    await cron.fill("45 3 * * *");
    await preview.click();
    assert.match(await page.locator(".preview li").first().innerText(), /03:45 CES?T/);
    await page.getByLabel("Name, also of its scans").fill("changed in a browser");
    await page.getByRole("button", { name: "Save the changes" }).click();
    await notice("The changes are saved.");
    assert.equal(page.url(), schedule);
    await page.getByRole("heading", { name: "changed in a browser" }).waitFor();
    assert.match(await page.locator(".times li").first().innerText(), /03:45 CES?T/);
    await page.getByRole("button", { name: "New secret" }).waitFor();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.waitForURL(/\/scans\/\d+$/);
    await page.goto(schedule);
    assert.ok(!(await page.content()).includes("whsec_"), "the secret is shown again");
    assert.equal(await page.locator("section[aria-labelledby=past] tbody tr").count(), 1);
    await page.getByRole("button", { name: "Disable" }).click();
    await notice("Disabled.");
    await page.getByRole("button", { name: "Enable" }).click();
    await notice("Enabled.");
    await page.getByText("Delete this schedule").click();
    await page.getByRole("button", { name: "Delete the schedule" }).click();
    await notice("The schedule is deleted.");
    assert.equal((await page.goto(schedule)).status(), 404);
    page.wrong.splice(0);
    // A channel is made, its secret shown once, and deleted.
    await page.goto("/notifications");
    await page.getByRole("link", { name: "New channel" }).click();
    const make = page.getByRole("button", { name: "Make the channel" });
    const channel = (name) => page.getByRole("article").filter({ hasText: name });
    await page.getByLabel("Name", { exact: true }).fill("made in a browser");
    await page.getByLabel("Webhook", { exact: true }).check();
    await page.getByLabel("URL, of a webhook").fill("http://127.0.0.1/hook?token=x");
    await page.getByLabel("The score lower than before").fill("much");
    await page.getByLabel("drift is detected").check();
    await make.click();
    assert.match(await page.locator("#url-wrong").innerText(), /operator/);
    assert.match(await page.locator("#score_fall-wrong").innerText(), /points/);
    assert.ok(await page.getByLabel("Webhook", { exact: true }).isChecked());
    assert.ok(await page.getByLabel("drift is detected").isChecked());
    await page.getByLabel("URL, of a webhook").fill("");
    await page.getByLabel("The score lower than before").fill("2,5");
    await page.getByLabel("Name of the operator's secret").fill("nobody-keeps-it");
    await make.click();
    assert.match(await page.locator("#url_secret-wrong").innerText(), /keeps no secret/);
    await page.getByLabel("Name of the operator's secret").fill("");
    await page.getByLabel("URL, of a webhook").fill("https://hooks.example.com/plumb");
    await page.getByLabel("With violations or drift").selectOption("high");
    await make.click();
    await notice("shown this once: whsec_");
    assert.match(await channel("made in a browser").innerText(), /drift is detected, with high or worse, the score lower by 2.5/);
    await page.goto("/notifications");
    assert.ok(!(await page.content()).includes("whsec_"), "the secret is shown again");
    await page.getByRole("link", { name: "New channel" }).click();
    await page.getByLabel("Name", { exact: true }).fill("made in a browser");
    await page.getByLabel("Addresses, of mail").fill("ops@example.com\n\n  ada@example.com ");
    await make.click();
    assert.equal(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
    await page.getByLabel("Name", { exact: true }).fill("people");
    await make.click();
    await notice("The channel people is made.");
    assert.equal(await channel("people").locator("li").count(), 3);
    for (const name of ["made in a browser", "people"]) {
      await channel(name).getByText("Delete", { exact: false }).first().click();
      await channel(name).getByRole("button", { name: /Delete the channel/ }).click();
      await notice("The channel is deleted.");
      assert.equal(await channel(name).count(), 0);
    }
    // The forms that came back.
    assert.equal(page.wrong.splice(0).length, 3);
    await page.goto("/notifications?status=dead");
    await page.getByText("the channel is disabled").first().waitFor();
    await page.getByRole("button", { name: /Send again/ }).first().click();
    await notice("on its way again");
    await page.getByRole("link", { name: "Mutes" }).click();
    await page.getByRole("button", { name: /Unmute/ }).click();
    await notice("Unmuted.");
    await page.getByText("Nothing is muted").waitFor();
    await close(page);
  },

  // Without scripts everything but what moves by itself is there.
  async plain() {
    const page = await signedIn({ javaScriptEnabled: false });
    for await (const _ of pages(page)) {
      assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    }
    await page.goto("/drifts");
    await page.locator("tbody th a").first().click();
    await page.getByRole("button", { name: "Investigate" }).click();
    await page.getByRole("status").filter({ hasText: "investigating" }).waitFor();
    await close(page);
  },

  // Names are text, whatever is in them.
  async hostile() {
    const page = await signedIn();
    let seen = "";
    for await (const name of pages(page)) {
      assert.equal(await page.locator("main :is(script, img, iframe, b)").count(), 0, name);
      assert.equal(await page.evaluate(() => window.hostile), undefined, name);
      seen += await page.locator("main").innerText();
    }
    for (const text of ["<script>window.hostile=1</script>", "<img src=x onerror=window.hostile=2>", "\\u{1b}[31m", "\\u{202e}", "=cmd|' /C calc'!A0"]) {
      assert.ok(seen.includes(text), `${text} is not to be seen`);
    }
    assert.ok(!/[\u001b\u202e]/.test(seen), "something hidden is on a page");
    await close(page);
  },

  // No page has what axe knows to be wrong, light or dark, wide or narrow; no narrow page scrolls sideways.
  async accessible() {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        // What axe does is not the page's doing, so the policy does not hold for it.
        const page = await signedIn({ colorScheme, viewport: { width, height: 844 }, bypassCSP: true });
        const look = async (name) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => axe.run());
          const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ").slice(0, 300)}`);
          assert.deepEqual(told, [], `${name} ${colorScheme} ${width}`);
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          assert.ok(!sideways, `${name} is wider than ${width} pixels`);
        };
        for await (const name of pages(page)) await look(name);
        await page.context().clearCookies();
        await page.goto("/sign-in");
        await look("sign in");
        await close(page);
      }
    }
  },

  // Who has only keys gets everywhere.
  async keys() {
    const page = await open();
    await page.goto("/sign-in");
    // The field has the focus already.
    await page.keyboard.type(PLUMB_TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.goto("/scans");
    const reached = new Set();
    for (let count = 0; count < 30; count += 1) {
      await page.keyboard.press("Tab");
      const [text, outlined, beyond] = await page.evaluate(() => {
        const element = document.activeElement;
        return [element.textContent.trim(), getComputedStyle(element).outlineStyle !== "none", element === document.body];
      });
      // Behind the last element the focus is the browser's.
      assert.ok(outlined || beyond, `${text} does not show that it has the focus`);
      reached.add(text);
    }
    for (const text of ["Overview", "Scans", "Drift", "Targets", "Schedules", "Notifications", "Mutes", "Plugins", "Sign out"]) assert.ok(reached.has(text), `${text} is not reached`);
    await close(page);
  },
};

try {
  await cases[process.argv[2]]();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
