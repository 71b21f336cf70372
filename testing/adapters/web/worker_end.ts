/**
 * A page whose worker holds a secret, and ends as the page is told: `terminate`, by the page at
 * once; `close`, by the worker itself; `purge and close`, by the worker after it destroyed what it
 * holds.
 */
import { offHeapBytes } from "../../../adapters/web/mod.ts";
import { browser } from "./browser_globals.ts";
import { HELD_LENGTHS } from "./held_lengths.ts";
import { blockingLines, conversationNumber } from "./page_lines.ts";
import { trustedUrl } from "./trusted_url.ts";

// Memory of the page beside the worker's, as in any page that does something: where a whole run of
// the allocator falls free at once, Chromium gives it back, and what a worker leaves cannot be seen.
const neighbours = HELD_LENGTHS.map((byteLength) => [1, 2, 3].map(() => offHeapBytes(byteLength)));
Object.assign(globalThis, { neighbours });

const lines = blockingLines(conversationNumber());
const url = trustedUrl("testing/adapters/web/held_in_worker.ts");
const worker = new browser.Worker(url, { type: "module" });

worker.onmessage = ({ data }) => {
  lines.write(JSON.stringify(data));
  if (data !== "held") return;
  const how = lines.read();
  if (how === "terminate") {
    worker.terminate();
    lines.write(JSON.stringify("ended"));
  } else {
    worker.postMessage(how);
  }
};
worker.onerror = ({ message }) => lines.write(JSON.stringify({ error: `worker: ${message}` }));
