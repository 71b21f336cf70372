/** A page that registers the service worker and wakes it. */
import { browser } from "./browser_globals.ts";
import { trustedUrl } from "./trusted_url.ts";

const url = trustedUrl("testing/adapters/web/service_worker.ts");
const { serviceWorker } = browser.navigator;
await serviceWorker.register(url, { type: "module", scope: "/" });
const { active } = await serviceWorker.ready;
active.postMessage({});
