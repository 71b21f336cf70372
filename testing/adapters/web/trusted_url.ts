import { browser, type TrustedUrl } from "./browser_globals.ts";

const policy = browser.trustedTypes.createPolicy("lethe-test", { createScriptURL: (url) => url });

/** The address of a worker's program, with the query of this page, as the policy wants it. */
export function trustedUrl(script: string): TrustedUrl {
  return policy.createScriptURL(`/${script}${browser.location.search}`);
}
