/** Serves the suite from a service worker, which has no blocking requests and no dynamic import. */
import { FROM_INSIDE } from "../../../conformance/cases/mod.ts";
import { runConformance } from "../../../conformance/run_conformance.ts";
import { TargetSession } from "../../../conformance/target/session.ts";
import { browser } from "./browser_globals.ts";
import { subject } from "./subject.ts";

const number = Number(new URLSearchParams(browser.location.search).get("lines"));

/** Its thread goes on between the steps: nothing here waits for a line inside a scope. */
const session = new TargetSession(subject, {
  read(): never {
    throw new Error("Cannot read a line inside a scope: a service worker cannot block");
  },
  write: () => undefined,
});

async function serve(): Promise<void> {
  for (let line = await ask("tell"); line !== ""; line = await ask("tell")) {
    const answer =
      line === "inside" ? await runConformance(subject, FROM_INSIDE) : await session.answer(line);
    await ask("hear", JSON.stringify(answer));
  }
}

async function ask(verb: "tell" | "hear", body: string = ""): Promise<string> {
  const response = await fetch(`/lines/${number}/${verb}`, { method: "POST", body });
  return response.text();
}

browser.addEventListener("message", (event) => event.waitUntil(serve()));
