/** A page that starts the program that its address names in a dedicated module worker. */
import { browser } from "./browser_globals.ts";
import { blockingLines, conversationNumber } from "./page_lines.ts";
import { trustedUrl } from "./trusted_url.ts";

const script = new URLSearchParams(browser.location.search).get("script") ?? "";
const worker = new browser.Worker(trustedUrl(script), { type: "module" });
worker.onerror = ({ message }) => {
  blockingLines(conversationNumber()).write(JSON.stringify({ error: `worker: ${message}` }));
};
